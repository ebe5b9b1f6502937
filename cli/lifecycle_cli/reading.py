"""Documents of files and streams, one at a time, in bounded memory.

A document that YAML 1.1 and 1.2 read alike goes through a parser of YAML 1.2 that is ten times faster; all others, and
all that it refuses, through the one that reads as Kubernetes does (kubernetes_lifecycle.documents).
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from kubernetes_lifecycle.documents import TOO_DEEP, Chunk, DocumentError, chunks, load

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
    """What could not be read or is no document, and where."""

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
            sys.stdin.reconfigure(encoding="utf-8-sig", newline="")  # type: ignore[union-attr]
            yield from chunks(_pieces(sys.stdin))
            return
        path = Path(source)
        if not path.is_file():
            kind = "a folder that cannot be read" if path.is_dir() else "no regular file"
            yield Unreadable(source, f"it is {kind}" if path.exists() else "no such file or folder")
            return
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from chunks(_pieces(file))
    except OSError as error:
        yield Unreadable(source, (error.strerror or str(error)).lower())
    except DocumentError as error:
        yield Unreadable(source, error.problem, error.line)
    except UnicodeDecodeError as error:
        yield Unreadable(source, f"it is no text in UTF-8: byte {error.object[error.start]:#04x}")


def read(source: str, chunk: Chunk) -> Document | Unreadable:
    """One of them."""
    try:
        return Document(source, chunk.line, chunk.text, parsed(chunk.text))
    except DocumentError as error:
        is_template = bool(_TEMPLATE.search(chunk.text))
        problem = f"it is a template; {RENDER}" if is_template else error.problem
        return Unreadable(source, problem, chunk.line + error.line - 1, error.column, is_template)


RENDER: Final = "render it first, e.g. helm template CHART | lifecycle check -"
_TEMPLATE: Final = re.compile(r"\{\{|\{%")  # actions of Go's templates, and of Jinja's


_PIECE: Final = 1 << 20


def _pieces(file: TextIO) -> Iterator[str]:
    """The text of a file. Raises DocumentError at the first character that no text has."""
    line = 1
    while piece := file.read(_PIECE):
        if "\0" in piece:
            line += piece.count("\n", 0, piece.index("\0"))
            raise DocumentError("it is no text: it has a NUL character", line)
        line += piece.count("\n")
        yield piece


def parsed(text: str) -> Any:
    """The value of one document. Raises DocumentError."""
    if text.count("{") + text.count("[") < _FEW and not _is_read_differently(text):
        try:
            value = _fast(text)
        except Exception:  # whatever it does not like: the other parser decides, and says where
            return load(text)
        if isinstance(value, dict):
            return value
    try:
        return load(text)
    except RecursionError:
        raise DocumentError(TOO_DEEP) from None


def _fast(text: str) -> Any:
    import yaml_rs  # takes no time where a file is JSON

    return yaml_rs.loads(text, parse_datetime=False)


_FEW: Final = 10_000
# What YAML 1.1, as Kubernetes reads it, and YAML 1.2 may take for different values. Too much of it costs time alone.
_BOOLEANS: Final = ("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF")
_OTHERS: Final = ("true", "True", "TRUE", "false", "False", "FALSE", "null", "Null", "NULL", "~")  # as keys
_WORDS: Final = frozenset((*_BOOLEANS, *(f"{each}:" for each in (*_BOOLEANS, *_OTHERS))))
_BOOLEAN: Final = "|".join(_BOOLEANS)
_KEY: Final = "|".join((*_BOOLEANS, *_OTHERS))
_NUMBER: Final = (
    r"[-+]?(?:0[0-9_xXoObB][0-9a-fA-F_]*|\.[0-9a-zA-Z]\w*|[0-9.]*_[0-9_.]*|[0-9.]+[eE][-+]?[0-9]+|[0-9]{16,})|_[0-9]\w*"
)
_NUMBER_AS_KEY: Final = r"[-+.0-9][0-9.eE_xX+-]*"
_BEHIND: Final = r"(?= *(?:[,\]}#\n]|:[ \n]))"
_A_NUMBER: Final = re.compile(
    rf"[-:,\[{{?\n] *(?=[-+.0-9_])(?:(?:{_NUMBER}){_BEHIND}|(?:{_NUMBER_AS_KEY})(?= *:[ \n]))"
)
_A_WORD: Final = re.compile(rf"[-:,\[{{?\n] *(?:(?:{_BOOLEAN}){_BEHIND}|(?:{_KEY})(?= *:[ \n]))")
_A_WORD_IN_FLOW: Final = re.compile(rf"[,\[{{] *(?:(?:{_BOOLEAN}){_BEHIND}|(?:{_KEY})(?= *:[ \n]))")
_MARKED: Final = re.compile(r"[-:,\[{?\n] *[&*!%]")  # anchors, aliases, tags, directives
_COLLECTION_AS_KEY: Final = re.compile(r"[{,] *[{\[]|[}\]] *:")


def _is_read_differently(text: str) -> bool:
    if not text.replace("\n", "").isprintable() or "<<" in text or "? " in text or "?\n" in text:
        return True
    text = f"\n{text}\n"
    if any(each in text for each in "&*!%") and _MARKED.search(text):
        return True
    if ("{" in text or "[" in text) and _COLLECTION_AS_KEY.search(text):
        return True
    words = _A_WORD if not _WORDS.isdisjoint(text.split()) else _A_WORD_IN_FLOW
    return bool(words.search(text) or _A_NUMBER.search(text))
