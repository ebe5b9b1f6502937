"""How long a hook's command takes, read from its text; never guessed.

Shell text is parsed by tree-sitter's grammar of bash, which also reads what sh and ash run. What it cannot
parse, and text longer than any hook, is not judged.
"""

import functools
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

SHELLS: Final = frozenset({"ash", "bash", "dash", "ksh", "sh", "zsh"})
MAX_SCRIPT_BYTES: Final = 16_384
_MAX_DEPTH: Final = 60
_UNIT_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)([smhd]?)")
_COMMAND_OPTION: Final = re.compile(r"-[a-z]*c")
_ENDS: Final = frozenset({"exit", "exec", "return", "break", "continue", "kill"})  # what is behind them may not run
_PREFIXES: Final = frozenset({"command", "exec", "nohup", "time"})  # they run the command behind them

Word = str | None  # None: not known before the command runs


def command_seconds(command: Sequence[object]) -> float:
    """The seconds that an exec handler's command takes at least, where its commands succeed; 0 where none are known."""
    words = [each if isinstance(each, str) else None for each in command]
    index = script_index(words)
    if index is None:
        return _words_seconds(words)
    script = words[index]
    return script_seconds(script) if script is not None else 0


def script_index(command: Sequence[object]) -> int | None:
    """Where the script stands in `sh -c SCRIPT`; None where no shell is called so."""
    if not command or not isinstance(command[0], str) or command[0].rpartition("/")[2] not in SHELLS:
        return None
    for index, word in enumerate(command[1:], 1):
        if not isinstance(word, str) or not word.startswith("-"):
            return None
        if _COMMAND_OPTION.fullmatch(word):
            return index + 1 if len(command) > index + 1 else None
    return None


def script_seconds(script: str) -> float:
    """As `command_seconds`, of a script."""
    text = script.encode(errors="replace")
    if len(text) > MAX_SCRIPT_BYTES:
        return 0
    tree = _parser().parse(text).root_node
    return 0 if tree.has_error else _seconds(tree, _MAX_DEPTH)


@functools.cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_bash.language()))


def _seconds(node: Node, depth: int) -> float:
    judge = _JUDGES.get(node.type)
    return judge(node, depth - 1) if judge and depth else 0


def _sequence(node: Node, depth: int) -> float:
    """Statements one after the other; one before a `&` is not waited for, one that may end the script ends the sum."""
    total = 0.0
    for child in node.children:
        after = child.next_sibling
        if not child.is_named or (after is not None and after.type == "&"):
            continue
        total += _seconds(child, depth)
        if any(name in _ENDS for name in _programs(child, depth)):
            break
    return total


def _list(node: Node, depth: int) -> float:
    """`a && b` takes both; of `a || b` only the first is sure."""
    left, operator, right = node.children[0], node.children[1].type, node.children[-1]
    return _seconds(left, depth) + (_seconds(right, depth) if operator == "&&" else 0)


def _pipeline(node: Node, depth: int) -> float:
    return max((_seconds(child, depth) for child in node.named_children), default=0)


def _body(node: Node, depth: int) -> float:
    body = node.child_by_field_name("body")
    return _seconds(body, depth) if body else 0


def _command(node: Node, depth: int) -> float:
    name = node.child_by_field_name("name")
    if name is None:
        return 0
    return _words_seconds([_word(name), *(_word(each) for each in node.children_by_field_name("argument"))])


def _words_seconds(words: Sequence[Word]) -> float:
    if not words or words[0] is None:
        return 0
    program, rest = words[0].rpartition("/")[2], words[1:]
    if program == "sleep":
        return sum(_duration(word) for word in rest)
    if program in _PREFIXES:
        return _words_seconds(rest)
    if program == "timeout" and len(rest) > 1:
        return min(_duration(rest[0]), command_seconds(rest[1:]))
    return 0


def _duration(word: Word) -> float:
    if word in ("inf", "infinity"):
        return math.inf
    found = _DURATION.fullmatch(word) if word else None
    return float(found[1]) * _UNIT_SECONDS[found[2]] if found else 0


def _word(node: Node) -> Word:
    """The text of a word that is known as it stands; None for one with an expansion in it."""
    text = (node.text or b"").decode(errors="replace")
    if node.type == "command_name":
        return _word(node.named_children[0]) if node.named_child_count == 1 else None
    if node.type in ("word", "number"):
        return text if "\\" not in text else None
    if node.type == "raw_string":
        return text[1:-1]
    if node.type == "string" and all(child.type == "string_content" for child in node.named_children):
        return text[1:-1]
    return None


def _programs(node: Node, depth: int) -> Iterator[str]:
    """The names of all programs that the node may start."""
    if node.type == "command_name":
        yield (node.text or b"").decode(errors="replace")
    elif depth:
        for child in node.named_children:
            yield from _programs(child, depth - 1)


_JUDGES: Final[Mapping[str, Callable[[Node, int], float]]] = {
    "program": _sequence,
    "compound_statement": _sequence,
    "subshell": _sequence,
    "list": _list,
    "pipeline": _pipeline,
    "redirected_statement": _body,
    "command": _command,
}
