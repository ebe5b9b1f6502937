"""Reads shell text: what a hook's command starts, in which order and under which conditions.

Parsed by tree-sitter's grammar of bash, which also reads what sh and ash run, into a tree of our own that has
only what the rules ask for. What it cannot parse, and text longer than any hook, is not judged.
"""

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Final, NamedTuple, Union

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

SHELLS: Final = frozenset({"ash", "bash", "dash", "ksh", "sh", "zsh"})
MAX_SCRIPT_BYTES: Final = 16_384
_MAX_DEPTH: Final = 60
_COMMAND_OPTION: Final = re.compile(r"-[a-z]*c[a-z]*")
_OPTION_WITH_VALUE: Final = re.compile(r"[-+][a-z]*o")
# They run the command behind them; `timeout` and `env` after words of their own.
_PREFIXES: Final = frozenset({"command", "env", "exec", "nohup", "setsid", "time", "timeout"})
_ASKS: Final = (("-v",), ("-V",))  # `command -v curl` only asks whether there is one
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")

Word = str | None  # None: not known before the command runs


class Kind(Enum):
    """How the parts of a group run."""

    SEQUENCE = "one after the other"
    AND = "the second if the first succeeds"
    OR = "the second if the first fails"
    PIPELINE = "side by side, each one's output the next one's input"
    BACKGROUND = "not waited for"
    WHILE = "condition and body, again and again while the condition succeeds"
    UNTIL = "condition and body, again and again until the condition succeeds"
    NOT = "its success is its failure"
    OUTPUT_ELSEWHERE = "standard output is redirected"
    ALL_ELSEWHERE = "standard output and standard error are redirected"
    FUNCTION = "its name, and what runs where it is called"
    MAYBE = "some of them, once, more than once or never: if, case, for, and what is not read"


class Command(NamedTuple):
    """A simple command: its words, and the variables that it is given."""

    words: tuple[Word, ...]
    assigned: tuple[tuple[str, Word], ...] = ()

    @property
    def program(self) -> str:
        """The name of what is started, without its folder; empty where it is not known."""
        return name_of(self.words[0]) if self.words else ""


class Group(NamedTuple):
    kind: Kind
    parts: tuple[Union[Command, "Group"], ...]


Statement = Command | Group
NOTHING: Final = Group(Kind.MAYBE, ())


class Step(NamedTuple):
    """A simple command in its place in a script; prefixes such as `timeout 5` and `exec` are taken off."""

    words: tuple[Word, ...]
    sure: bool
    """Whether it runs, and nothing is made of its failure: it stands not beside `||`, not behind a test, and in no
    condition, loop or function."""
    last: bool
    """Whether the script fails with it, where it is sure; with `set -e` each one does that."""
    printed: bool
    """Whether its standard output is that of the script."""

    @property
    def program(self) -> str:
        return name_of(self.words[0]) if self.words else ""


def name_of(word: object) -> str:
    """`sleep` of `/bin/sleep`; empty for what is no text."""
    return word.rpartition("/")[2] if isinstance(word, str) else ""


def read(command: Sequence[object]) -> Statement:
    """What an exec handler's command does: the script of `sh -c`, or the one command itself."""
    index = script_index(command)
    if index is None:
        return Command(tuple(each if isinstance(each, str) else None for each in command))
    script = command[index]
    return (parse(script) if isinstance(script, str) else None) or NOTHING


def script_index(command: Sequence[object]) -> int | None:
    """Where the script stands in `sh -c SCRIPT`: the first word that is no option; None where no shell is called so."""
    if not command or name_of(command[0]) not in SHELLS:
        return None
    has_script = is_value = False
    for index, word in enumerate(command[1:], 1):
        if is_value:  # of `-o pipefail`
            is_value = False
        elif word == "--":
            return index + 1 if has_script and len(command) > index + 1 else None
        elif not isinstance(word, str) or not word.startswith(("-", "+")):
            return index if has_script else None
        else:
            has_script = has_script or bool(_COMMAND_OPTION.fullmatch(word))
            is_value = bool(_OPTION_WITH_VALUE.fullmatch(word))
    return None


def parse(script: str) -> Statement | None:
    """The script's statements; None where it cannot be judged."""
    if len(script) > MAX_SCRIPT_BYTES:
        return None
    text = script.encode(errors="replace")
    if len(text) > MAX_SCRIPT_BYTES:
        return None
    tree = _parser().parse(text).root_node
    return None if tree.has_error else _statement(tree, _MAX_DEPTH)


def steps(statement: Statement) -> Iterator[Step]:
    """The simple commands of a statement in their order, those of an inner `sh -c` too."""
    return _steps(statement, Step((), sure=True, last=True, printed=True), _MAX_DEPTH)


def _steps(statement: Statement, here: Step, depth: int) -> Iterator[Step]:
    if depth == 0:
        return
    if isinstance(statement, Command):
        words = unwrapped(statement.words)
        if script_index(words) is None:
            yield here._replace(words=words)
        else:
            yield from _steps(read(words), here, depth - 1)
        return
    kind, end = statement.kind, len(statement.parts) - 1
    for place, part in enumerate(_run(statement)):
        is_last = place == end
        step = Step(
            (),
            sure=here.sure and kind in _SURE and not (kind is Kind.AND and place and _tests(statement.parts[0])),
            last=here.last and (is_last or kind is Kind.AND),
            printed=here.printed and kind not in _PRINTS_ELSEWHERE and (is_last or kind is not Kind.PIPELINE),
        )
        yield from _steps(part, step, depth - 1)


def _tests(statement: Statement) -> bool:
    """Whether it is a question, as `[ -e file ]` is, and no deed."""
    if isinstance(statement, Command):
        return statement.program in ("[", "test")
    return statement.kind in (Kind.MAYBE, Kind.NOT) or any(_tests(part) for part in statement.parts)


ELSEWHERE: Final = frozenset({Kind.OUTPUT_ELSEWHERE, Kind.ALL_ELSEWHERE})
_PRINTS_ELSEWHERE: Final = ELSEWHERE | {Kind.FUNCTION}
_SURE: Final = ELSEWHERE | {Kind.SEQUENCE, Kind.AND}


def commands(statement: Statement) -> Iterator[Command]:
    """All simple commands of a statement as they stand: `exec sleep 5` is an `exec`."""
    if isinstance(statement, Command):
        yield statement
        return
    for part in _run(statement):
        yield from commands(part)


def _run(group: Group) -> Sequence[Statement]:
    """What of a group runs, if it does."""
    return group.parts[1:] if group.kind is Kind.FUNCTION else group.parts


def functions(statement: Statement) -> Iterator[str]:
    """The names of the functions that are defined in a statement."""
    if isinstance(statement, Group):
        if statement.kind is Kind.FUNCTION and isinstance(statement.parts[0], Command):
            yield statement.parts[0].program
        for part in _run(statement):
            yield from functions(part)


def groups(statement: Statement, depth: int = _MAX_DEPTH) -> Iterator[Group]:
    """All groups of a statement, the statement itself included; not those of functions and of an inner `sh -c`."""
    if isinstance(statement, Group) and depth and statement.kind is not Kind.FUNCTION:
        yield statement
        for part in statement.parts:
            yield from groups(part, depth - 1)


def unwrapped(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words of the command that `exec`, `timeout 5`, `env A=b` and the like run."""
    while words and name_of(words[0]) in _PREFIXES and tuple(words[1:2]) not in _ASKS:
        program, words = name_of(words[0]), words[1:]
        while words and words[0] is not None and (words[0].startswith("-") or _ASSIGNMENT.match(words[0])):
            words = words[1:]
        if program == "timeout":
            words = words[1:]
    return tuple(words)


@functools.cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_bash.language()))


def _statement(node: Node, depth: int) -> Statement:
    make = _MAKERS.get(node.type)
    return make(node, depth - 1) if make and depth else NOTHING


def _sequence(node: Node, depth: int) -> Statement:
    parts = _parts(node, depth)
    return parts[0] if len(parts) == 1 else Group(Kind.SEQUENCE, parts)


def _parts(node: Node, depth: int) -> tuple[Statement, ...]:
    parts: list[Statement] = []
    for child in node.children:
        if child.type == "&" and parts:
            parts[-1] = Group(Kind.BACKGROUND, (parts[-1],))
        elif child.is_named and child.type != "comment":
            parts.append(_statement(child, depth))
    return tuple(parts)


def _list(node: Node, depth: int) -> Statement:
    left, operator, right = node.children[0], node.children[1].type, node.children[-1]
    kind = Kind.AND if operator == "&&" else Kind.OR
    return Group(kind, (_statement(left, depth), _statement(right, depth)))


def _all_of(kind: Kind) -> Callable[[Node, int], Statement]:
    return lambda node, depth: Group(kind, _parts(node, depth))


def _function(node: Node, depth: int) -> Statement:
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    parts = (Command((_text(name) if name else None,)), _statement(body, depth) if body else NOTHING)
    return Group(Kind.FUNCTION, parts)


def _loop(node: Node, depth: int) -> Statement:
    kind = Kind.UNTIL if node.children[0].type == "until" else Kind.WHILE
    *condition, body = node.named_children
    tested = [_statement(each, depth) for each in condition]
    return Group(
        kind, (tested[0] if len(tested) == 1 else Group(Kind.SEQUENCE, tuple(tested)), _statement(body, depth))
    )


def _redirected(node: Node, depth: int) -> Statement:
    body = node.child_by_field_name("body")
    statement = _statement(body, depth) if body else NOTHING
    elsewhere = {stream for each in node.children_by_field_name("redirect") for stream in _streams(each)}
    if "1" not in elsewhere:
        return statement
    return Group(Kind.ALL_ELSEWHERE if "2" in elsewhere else Kind.OUTPUT_ELSEWHERE, (statement,))


def _streams(redirect: Node) -> str:
    """The streams that a redirection takes elsewhere: 1, 2, or both."""
    if redirect.type != "file_redirect":
        return ""
    operator = next((child.type for child in redirect.children if ">" in child.type), "")
    descriptor, target = redirect.child_by_field_name("descriptor"), redirect.child_by_field_name("destination")
    if operator.startswith("&"):
        return "12"
    if descriptor:
        return _text(descriptor)
    is_kept = not operator or (operator == ">&" and target and _text(target) in ("1", "2"))
    return "" if is_kept else "1"


def _command(node: Node, depth: int) -> Statement:
    name = node.child_by_field_name("name")
    words = [_word(each) for each in ([name] if name else []) + node.children_by_field_name("argument")]
    return Command(tuple(words), _assigned(node))


def _assigned(node: Node) -> tuple[tuple[str, Word], ...]:
    """The variables that a command is given: `A=b cmd`, `export A=b`."""
    found = [node] if node.type == "variable_assignment" else node.named_children
    pairs = []
    for each in found:
        if each.type == "variable_assignment":
            name, value = each.child_by_field_name("name"), each.child_by_field_name("value")
            pairs.append((_text(name) if name else "", _word(value) if value else ""))
    return tuple(pairs)


def _word(node: Node) -> Word:
    """The text of a word that is known as it stands; None for one with an expansion in it."""
    if node.type == "command_name":
        return _word(node.named_children[0]) if node.named_child_count == 1 else None
    text = _text(node)
    if node.type in ("word", "number"):
        return text if "\\" not in text else None
    if node.type == "raw_string":
        return text[1:-1]
    if node.type == "string" and all(child.type == "string_content" for child in node.named_children):
        return text[1:-1]
    if node.type == "concatenation":
        parts = [_word(child) for child in node.named_children]
        known = [each for each in parts if each is not None]
        return "".join(known) if len(known) == len(parts) else None
    return None


def _text(node: Node) -> str:
    return (node.text or b"").decode(errors="replace")


_MAKERS: Final[Mapping[str, Callable[[Node, int], Statement]]] = {
    "program": _sequence,
    "compound_statement": _sequence,
    "subshell": _sequence,
    "do_group": _sequence,
    "list": _list,
    "pipeline": _all_of(Kind.PIPELINE),
    "negated_command": _all_of(Kind.NOT),
    "redirected_statement": _redirected,
    "while_statement": _loop,
    "command": _command,
    "declaration_command": lambda node, depth: Command((), _assigned(node)),
    "variable_assignment": lambda node, depth: Command((), _assigned(node)),
    "if_statement": _all_of(Kind.MAYBE),
    "elif_clause": _all_of(Kind.MAYBE),
    "else_clause": _all_of(Kind.MAYBE),
    "case_statement": _all_of(Kind.MAYBE),
    "case_item": _all_of(Kind.MAYBE),
    "for_statement": _all_of(Kind.MAYBE),
    "function_definition": _function,
}
