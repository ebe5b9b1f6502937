"""Documents of files and streams, one at a time, in bounded memory.

A document that YAML 1.1 and 1.2 read alike goes through a parser of YAML 1.2 that is ten times faster; all others, and
all that it refuses, through the one that reads as Kubernetes does (kubernetes_lifecycle.documents).
"""

import os
import re
import stat
import sys
from collections.abc import Iterator
from typing import Any, Final, NamedTuple, TextIO

from kubernetes_lifecycle.documents import Chunk, DocumentError, chunks, load, may_be_deep_in_blocks

STDIN: Final = "-"


class Document(NamedTuple):
    """One document of a source."""

    source: str
    """The file as the caller named it; `-` is standard input."""
    line: int
    """Where it begins in the source, from 1."""
    text: str
    value: Any
    """As JSON has it; None of an empty one."""


class Unreadable(NamedTuple):
    """Something that could not be read, or is not a document, and its place."""

    source: str
    problem: str
    line: int = 0
    """0 of the source as a whole."""
    column: int = 0
    is_template: bool = False


def chunks_of(source: str) -> Iterator[Chunk | Unreadable]:
    """The texts of the documents in a file or in standard input; what cannot be read takes its place among them."""
    try:
        if source == STDIN:
            if sys.stdin is None:
                yield Unreadable(source, "standard input is closed")
                return
            sys.stdin.reconfigure(encoding="utf-8-sig", newline="")  # type: ignore[union-attr]
            yield from chunks(_pieces(sys.stdin))
            return
        mode = os.stat(source).st_mode
        if not stat.S_ISREG(mode):
            kind = "an unreadable folder" if stat.S_ISDIR(mode) else "not a regular file"
            yield Unreadable(source, f"it is {kind}")
            return
        with open(source, encoding="utf-8-sig", newline="") as file:
            yield from chunks(_pieces(file))
    except FileNotFoundError:
        yield Unreadable(source, "no such file or folder")
    except OSError as error:
        yield Unreadable(source, (error.strerror or str(error)).lower())
    except DocumentError as error:
        yield Unreadable(source, error.problem, error.line)
    except UnicodeDecodeError as error:
        yield Unreadable(source, f"it is not UTF-8 text: byte {error.object[error.start]:#04x}")


def read(source: str, chunk: Chunk) -> Document | Unreadable:
    """One of them."""
    try:
        return Document(source, chunk.line, chunk.text, parsed(chunk.text))
    except DocumentError as error:
        is_template = has_actions(chunk.text)
        problem = f"it is a template; {RENDER}" if is_template else error.problem
        return Unreadable(source, problem, chunk.line + error.line - 1, error.column, is_template)


def has_actions(text: str) -> bool:
    """Whether it may be a template, of Helm or Jinja."""
    return _TEMPLATE.search(text) is not None


RENDER: Final = "render it first, e.g. helm template CHART | lifecycle check -"
_TEMPLATE: Final = re.compile(r"\{\{|\{%")  # actions of Go's templates, and of Jinja's


_PIECE: Final = 1 << 20


def _pieces(file: TextIO) -> Iterator[str]:
    """The text of a file. Raises DocumentError at the first character that no text has."""
    line = 1
    while piece := file.read(_PIECE):
        if "\0" in piece:
            line += piece.count("\n", 0, piece.index("\0"))
            raise DocumentError("it is not text: it has a NUL character", line)
        line += piece.count("\n")
        yield piece


def parsed(text: str) -> Any:
    """The value of one document. Raises DocumentError."""
    if not _is_read_differently(text):
        try:
            value = _fast(text)
        except Exception:  # whatever it does not like: the other parser decides, and says where
            return load(text)
        if isinstance(value, dict):
            return value
    return load(text)


def _fast(text: str) -> Any:
    import yaml_rs  # takes no time where a file is JSON

    return yaml_rs.loads(text, parse_datetime=False)


# What YAML 1.1, as Kubernetes reads it, and YAML 1.2 may take for different values. Too much of it costs time alone.
_BOOLEANS: Final = ("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF")
_OTHERS: Final = ("true", "True", "TRUE", "false", "False", "FALSE", "null", "Null", "NULL", "~")  # as keys
_WORDS: Final = frozenset((*_BOOLEANS, *(f"{each}:" for each in (*_BOOLEANS, *_OTHERS))))
_BEHIND: Final = r"(?= *(?:[#\n]|:[ \n]))"
_A_WORD: Final = re.compile(
    rf"[-:\n] *(?:(?:{'|'.join(_BOOLEANS)}){_BEHIND}|(?:{'|'.join((*_BOOLEANS, *_OTHERS))})(?= *:[ \n]))"
)
_NUMBER: Final = (
    r"[-+]?(?:0[0-9_xXoObB][0-9a-fA-F_]*|\.[0-9a-zA-Z]\w*|[0-9.]*_[0-9_.]*|[0-9._]+[eE][-+0-9_]+|[0-9]{16,})|_[0-9]\w*"
    r"|[-+]?[0-9]+\.0*"
)
_NUMBER_AS_KEY: Final = r"[-+]?[.0-9][0-9.eE_xX+-]{0,40}"  # no key that is a number is longer
_A_NUMBER: Final = re.compile(rf"[-:\n] *(?=[-+.0-9_])(?:(?:{_NUMBER}){_BEHIND}|(?:{_NUMBER_AS_KEY})(?= *:[ \n]))")
_MAY_BE_A_NUMBER: Final = re.compile(rf"(?:{_NUMBER})(?:[:#].*)?|(?:{_NUMBER_AS_KEY}):")
_BEGINS_A_NUMBER: Final = frozenset("-+.0123456789_")
_MARK: Final = re.compile(r"[&*!%\[{]")  # of anchors, aliases, tags, directives, flow style
_EMPTY: Final = re.compile(r"(?:\[\]|\{\}) *(?:#.*)?\n")  # in flow style, and read alike
_BLOCK: Final = re.compile(r"[|>][-+0-9]* *(?:#.*)?\n")
_EMPTY_BLOCK: Final = re.compile(r"[|>][-+0-9]* *(?:#.*)?\s*(?:\n *#.*\s*)*\Z")


def _is_read_differently(text: str) -> bool:
    """Whether it may be; what is in flow style, or marked in any way, is not looked at more closely."""
    if not text.replace("\n", "").isprintable() or "<<" in text or "? " in text or "?\n" in text:
        return True
    if may_be_deep_in_blocks(text) or _EMPTY_BLOCK.search(text, len(text) - 200):
        return True
    if not text.endswith("\n") and _BLOCK.search(text):  # whose last line has no end then, either
        return True
    text = f"\n{text}\n"
    if any(_marks_a_value(text, found.start()) for found in _MARK.finditer(text)):
        return True
    words = set(text.split())
    if ":" in words or (not _WORDS.isdisjoint(words) and _A_WORD.search(text)):
        return True
    numbers = (each for each in words if each[0] in _BEGINS_A_NUMBER and _MAY_BE_A_NUMBER.fullmatch(each))
    return any(numbers) and _A_NUMBER.search(text) is not None


def _marks_a_value(text: str, at: int) -> bool:
    """Whether a value, a key or an item may begin there; but for an empty collection."""
    before = at - 1
    while text[before] == " ":
        before -= 1
    return text[before] in "-:\n" and not _EMPTY.match(text, at)
