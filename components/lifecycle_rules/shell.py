"""Reads shell text: what a hook's command starts, in which order and under which conditions.

Parsed by tree-sitter's grammar of bash, which also reads what sh and ash run, into a tree of our own that has
only what the rules ask for. What it cannot parse, and text longer than any hook, is not judged.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from . import loops
from .loops import Passes, text_of

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

SHELLS: Final = frozenset({"ash", "bash", "dash", "ksh", "sh", "zsh"})
ONE_WORD: Final = re.compile(r"[\w./-]+")  # as a script: a program that is given nothing
MAX_SCRIPT_BYTES: Final = 8192  # the parser takes a quarter of a second at most for so much
_MAX_DEPTH: Final = 60
_CARRIAGE_RETURN: Final = "\u240d"  # stands for one, which shells take for a letter, and the parser for a space
_LONG_WITH_VALUE: Final = frozenset({"--init-file", "--rcfile"})  # of a shell
# They run the command behind them, and behind words of their own: the options that take the next word as value.
PREFIXES: Final[Mapping[str, frozenset[str]]] = {
    "command": frozenset(),
    "env": frozenset({"u", "C", "--chdir", "--unset"}),
    "exec": frozenset({"a"}),
    "nohup": frozenset(),
    "setsid": frozenset(),
    "time": frozenset({"f", "o", "--format", "--output"}),
    "timeout": frozenset({"k", "s", "--kill-after", "--signal"}),
}
_ENDS: Final = frozenset({"exec", "exit", "return"})
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED_IN_QUOTES: Final = re.compile(r"\\([$`\"\\\n])")

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
    FOR = "its one part again and again, as often at least as `passes` says: for, and a while that only counts"
    NOT = "its success is its failure"
    OUTPUT_ELSEWHERE = "standard output is redirected"
    ALL_ELSEWHERE = "standard output and standard error are redirected"
    FUNCTION = "its name, and what runs where it is called"
    MAYBE = "some of them, once, more than once or never: if, case, select, and what is not read"


class Command(NamedTuple):
    """A simple command: its words, and the variables that it is given."""

    words: tuple[Word, ...]
    assigned: tuple[tuple[str, Word], ...] = ()

    @property
    def program(self) -> str:
        """The name of what is started, without its folder; empty where it is not known."""
        return name_of(self.words[0]) if self.words else ""

    @property
    def ends(self) -> bool:
        """Whether its shell does not go on behind it; `exec > file` only redirects."""
        return self.program in _ENDS and (self.program != "exec" or len(self.words) > 1)


class Group(NamedTuple):
    kind: Kind
    parts: tuple[Command | Group, ...]
    passes: Passes = Passes(0, 0)
    """Of Kind.FOR: how often it runs at least, where nothing in it ends it."""


Statement = Command | Group
NOTHING: Final = Group(Kind.MAYBE, ())


class Step(NamedTuple):
    """A simple command in its place in a script; prefixes such as `timeout 5` and `exec` are taken off."""

    words: tuple[Word, ...]
    sure: bool
    """Whether it runs, and nothing is made of its failure: it stands not beside `||`, not behind a test or an `exit`,
    and in no condition, loop or function."""
    last: bool
    """Whether the script fails with it, where it is sure; with `set -e` each one does that."""
    printed: bool
    """Whether its standard output is that of the script, or its standard error."""
    assigned: tuple[tuple[str, Word], ...] = ()
    """The variables that it is given, by `env` too."""

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
    has_script, values = False, 0
    for index, word in enumerate(command[1:], 1):
        if values:  # of `-o pipefail`
            values -= 1
        elif word in ("-", "--"):
            return index + 1 if has_script and len(command) > index + 1 else None
        elif not isinstance(word, str) or not word.startswith(("-", "+")):
            return index if has_script else None
        else:
            has_script = has_script or has_letter(word, "c")
            is_long = word.startswith("--")
            values = int(word in _LONG_WITH_VALUE) if is_long else word.count("o") + word.count("O")
    return None


def has_letter(word: Word, letter: str) -> bool:
    """Whether it is a word of short options, as `-eu`, with this one among them."""
    return word is not None and word.startswith("-") and letter in word and word[1:].isalpha()


def has_errexit(options: Sequence[object], statement: Statement) -> bool:
    """Whether a script stops where a command fails: by an option of its shell, or by a `set` in it."""
    sets = (each.words[1:] for each in commands(statement) if each.program == "set")
    return any(
        word == "errexit" or (isinstance(word, str) and has_letter(word, "e"))
        for words in (options, *sets)
        for word in words
    )


def parse(script: str) -> Statement | None:
    """The script's statements; None where it cannot be judged."""
    if len(script) > MAX_SCRIPT_BYTES:
        return None
    text = script.replace("\r", _CARRIAGE_RETURN).encode(errors="replace")
    if len(text) > MAX_SCRIPT_BYTES:
        return None
    tree = _parser().parse(text).root_node
    return None if tree.has_error else _statement(tree, _MAX_DEPTH)


def steps(statement: Statement, *, as_written: bool = False) -> Iterator[Step]:
    """The simple commands of a statement in their order, those of an inner `sh -c` too.

    As written, a step has its prefixes, and an inner `sh -c` is a step before those of its script.
    """
    found: list[Step] = []
    _collect(found, statement, (True, True, True, ()), _MAX_DEPTH, as_written)
    return iter(found)


_Here = tuple[bool, bool, bool, tuple[tuple[str, Word], ...]]
"""What holds of the steps in a statement: `sure`, `last`, `printed` and `assigned` of Step."""


def _collect(found: list[Step], statement: Statement, here: _Here, depth: int, as_written: bool) -> None:
    if depth == 0:
        return
    sure, last, printed, assigned = here
    if isinstance(statement, Command):
        words, prefixes = unwrapped(statement.words)
        if prefixes or statement.assigned:
            given = tuple(each for prefix in prefixes if name_of(prefix[0]) == "env" for each in _pairs(prefix[1:]))
            assigned = (*assigned, *statement.assigned, *given)
        is_shell = script_index(words) is not None
        if as_written or not is_shell:
            found.append(Step(statement.words if as_written else words, sure, last, printed, assigned))
        if is_shell:
            _collect(found, read(words), (sure, last, printed, assigned), depth - 1, as_written)
        return
    kind, end = statement.kind, len(statement.parts) - 1
    sure = sure and kind in _SURE
    printed = printed and kind not in _PRINTS_ELSEWHERE
    for place, part in enumerate(_run(statement)):
        is_last = place == end
        is_printed = printed and (is_last or kind is not Kind.PIPELINE)
        below = sure, last and (is_last or kind is Kind.AND), is_printed, assigned
        _collect(found, part, below, depth - 1, as_written)
        if sure and not is_last:
            sure = not (kind is Kind.AND and _tests(part)) and not any(map(_ends, commands(part)))


_ends: Final = operator.attrgetter("ends")


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


class Unwrapped(NamedTuple):
    """The command that `exec`, `timeout 5`, `env A=b` and the like run, and these, each with its own words."""

    words: tuple[Word, ...]
    prefixes: tuple[tuple[Word, ...], ...]


def unwrapped(words: Sequence[Word]) -> Unwrapped:
    """The command without its prefixes; `command -v` only asks for one, and is itself the command."""
    if not words or name_of(words[0]) not in PREFIXES:  # as most
        return Unwrapped(tuple(words), ())
    prefixes: list[tuple[Word, ...]] = []
    start = 0
    while start < len(words) and name_of(words[start]) in PREFIXES:
        program, with_value = name_of(words[start]), PREFIXES[name_of(words[start])]
        end = _behind_options(words, start + 1, with_value)
        if program == "command" and any(has_letter(word, letter) for word in words[start + 1 : end] for letter in "vV"):
            break
        if program == "timeout":
            end += 1
        prefixes.append(tuple(words[start:end]))
        start = end
    return Unwrapped(tuple(words[start:]), tuple(prefixes))


def _behind_options(words: Sequence[Word], index: int, with_value: Collection[str]) -> int:
    while index < len(words):
        word = words[index]
        if word is None or not (word.startswith("-") or _ASSIGNMENT.match(word)):
            break
        index += 1
        if word == "--":
            break
        option = word if word.startswith("--") else word[-1] if word.startswith("-") else ""
        index += option in with_value
    return index


def _pairs(words: Sequence[Word]) -> Iterator[tuple[str, Word]]:
    """The variables in words such as `A=b`."""
    for word in words:
        if word and _ASSIGNMENT.match(word):
            name, _, value = word.partition("=")
            yield name, value


@functools.cache
def _parser() -> Parser:
    # a tenth of what a small check takes, where there is a script
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


def _statement(node: Node, depth: int) -> Statement:
    make = _MAKERS.get(node.type)
    return make(node, depth - 1) if make and depth else NOTHING


def _sequence(node: Node, depth: int, read: Mapping[int, Statement] = {}) -> Statement:
    parts = _parts(node, depth, read)
    return parts[0] if len(parts) == 1 else Group(Kind.SEQUENCE, parts)


def _parts(node: Node, depth: int, read: Mapping[int, Statement] = {}) -> tuple[Statement, ...]:
    """The statements in a node; those that are read already by their ids."""
    parts: list[Statement] = []
    for child in node.children:
        kind = child.type
        if kind == "&" and parts:
            parts[-1] = Group(Kind.BACKGROUND, (parts[-1],))
        elif child.is_named and kind != "comment":
            parts.append((read and read.get(child.id)) or _statement(child, depth))
    return tuple(parts)


def _list(node: Node, depth: int) -> Statement:
    left, operator, right = node.children[0], node.children[1].type, node.children[-1]
    kind = Kind.AND if operator == "&&" else Kind.OR
    return Group(kind, (_statement(left, depth), _statement(right, depth)))


def _all_of(kind: Kind, node: Node, depth: int) -> Statement:
    return Group(kind, _parts(node, depth))


def _function(node: Node, depth: int) -> Statement:
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    parts = (Command((text_of(name) if name else None,)), _statement(body, depth) if body else NOTHING)
    return Group(Kind.FUNCTION, parts)


def _loop(node: Node, depth: int) -> Statement:
    counted = loops.counted(node)
    body = node.child_by_field_name("body")
    if counted and body and depth:
        step = Command((counted.program,) if counted.program else ())
        return Group(Kind.FOR, (_sequence(body, depth - 1, {counted.step.id: step}),), counted.passes)
    kind = Kind.UNTIL if node.children[0].type == "until" else Kind.WHILE
    *tested, last = _parts(node, depth)
    return Group(kind, (tested[0] if len(tested) == 1 else Group(Kind.SEQUENCE, tuple(tested)), last))


def _for(node: Node, depth: int) -> Statement:
    """`for x in a b`; the menu of `select` is left by an answer."""
    if node.children[0].type != "for":
        return Group(Kind.MAYBE, _parts(node, depth))
    return _times(node, depth, loops.of_for(node))


def _c_style(node: Node, depth: int) -> Statement:
    loop = _times(node, depth, loops.of_c_style(node))
    return Group(Kind.WHILE, (Command(("true",)), *loop.parts)) if loops.is_endless(node) else loop


def _times(node: Node, depth: int, passes: Passes) -> Group:
    body = node.child_by_field_name("body")
    return Group(Kind.FOR, (_statement(body, depth) if body else NOTHING,), passes)


def _redirected(node: Node, depth: int) -> Statement:
    body: Node | None = None
    heredoc: Node | None = None
    redirects: list[Node] = []
    for child in node.children:
        kind = child.type
        if kind.endswith("_redirect"):
            redirects.append(child)
            heredoc = heredoc or (child if kind == "heredoc_redirect" else None)
        else:
            body = body or child
    if heredoc:  # what is behind `<<E` in its line stands in the grammar's node of it
        redirects += heredoc.children_by_field_name("redirect")
    statement = _sent(body, _statement(body, depth), redirects) if body else _send(NOTHING, redirects)
    if not heredoc:
        return statement
    for child in heredoc.named_children:
        if child.type == "pipeline":
            statement = Group(Kind.PIPELINE, (statement, *_parts(child, depth)))
    right = heredoc.child_by_field_name("right")
    if not right:
        return statement
    is_and = any(child.type == "&&" for child in heredoc.children)
    return Group(Kind.AND if is_and else Kind.OR, (statement, _statement(right, depth)))


def _sent(node: Node, statement: Statement, redirects: Sequence[Node]) -> Statement:
    """With its redirections: those behind `a && b`, `a | b` and `! a` are the last command's."""
    if node.type in _OPEN and isinstance(statement, Group) and statement.parts:
        *before, last = statement.parts
        return Group(statement.kind, (*before, _sent(node.children[-1], last, redirects)))
    return _send(statement, redirects)


_OPEN: Final = frozenset({"list", "negated_command", "pipeline"})


def _send(statement: Statement, redirects: Sequence[Node]) -> Statement:
    if not redirects:
        return statement
    is_own = {"1": True, "2": True}  # whether a stream is one of the script's own
    for each in redirects:
        words = _redirect(each, is_own) if each.type == "file_redirect" else ()
        if isinstance(statement, Command):
            statement = statement._replace(words=(*statement.words, *map(_word, words)))
    if is_own["1"]:
        return statement
    return Group(Kind.OUTPUT_ELSEWHERE if is_own["2"] else Kind.ALL_ELSEWHERE, (statement,))


def _redirect(redirect: Node, is_own: dict[str, bool]) -> Sequence[Node]:
    """Notes which streams a redirection takes elsewhere; the words behind it: of `sleep > file 5` the 5."""
    operator, descriptor = "", ""
    targets: list[Node] = []
    for child in redirect.children:
        kind = child.type
        if kind == "file_descriptor":
            descriptor = text_of(child)
        elif child.is_named:
            targets.append(child)
        elif ">" in kind:
            operator = kind
    to = text_of(targets[0]) if targets else ""
    is_file = operator == ">&" and targets and targets[0].type == "word" and not to.isdigit()
    if operator.startswith("&") or (is_file and not descriptor):
        is_own["1"] = is_own["2"] = False
    elif operator:
        is_own[descriptor or "1"] = operator == ">&" and is_own.get(to, False)
    return targets[1:]


def _command(node: Node, depth: int) -> Statement:
    words: list[Word] = []
    assigned: list[tuple[str, Word]] = []
    redirects: list[Node] = []
    for child in node.children:  # once, for each search by field goes through all of them
        kind = child.type
        if kind == "variable_assignment":
            assigned.append(_pair(child))
        elif kind.endswith("_redirect"):
            redirects.append(child)
        elif kind not in _NO_WORDS:
            words.append(_word(child))
    return _send(Command(tuple(words), tuple(assigned)), redirects)


_NO_WORDS: Final = frozenset({"comment", "subshell"})


def _variables(node: Node, depth: int) -> Statement:
    """`A=b C=d`, `export A=b`, and `export 'A=b'`."""
    pairs: list[tuple[str, Word]] = []
    for each in node.named_children:
        if each.type == "variable_assignment":
            pairs.append(_pair(each))
        elif node.type == "declaration_command":
            pairs += _pairs([_word(each)])
    return Command((), tuple(pairs))


def _pair(assignment: Node) -> tuple[str, Word]:
    name, value = assignment.child_by_field_name("name"), assignment.child_by_field_name("value")
    return text_of(name) if name else "", _word(value) if value else ""


def _word(node: Node) -> Word:
    """The text of a word that is known as it stands; None for one with an expansion in it."""
    read = _READERS.get(node.type)
    return read(node) if read else None


def _name(node: Node) -> Word:
    child = node.named_child(0) if node.named_child_count == 1 else None
    return _word(child) if child else None


def _plain(node: Node) -> Word:
    text = text_of(node)
    return _ESCAPED.sub(_unescaped, text) if "\\" in text else text


def _quoted(node: Node) -> Word:
    if any(child.type != "string_content" for child in node.named_children):
        return None
    return _ESCAPED_IN_QUOTES.sub(_unescaped, text_of(node)[1:-1])


def _joined(node: Node) -> Word:
    parts = [_word(child) for child in node.named_children]
    known = [each for each in parts if each is not None]
    return "".join(known) if len(known) == len(parts) else None


_READERS: Final[Mapping[str, Callable[[Node], Word]]] = {
    "command_name": _name,
    "concatenation": _joined,
    "number": _plain,
    "raw_string": lambda node: text_of(node)[1:-1],
    "string": _quoted,
    "word": _plain,
}


def _unescaped(found: re.Match[str]) -> str:
    return found[1].replace("\n", "")


_MAKERS: Final[Mapping[str, Callable[[Node, int], Statement]]] = {
    "program": _sequence,
    "compound_statement": _sequence,
    "subshell": _sequence,
    "do_group": _sequence,
    "list": _list,
    "pipeline": functools.partial(_all_of, Kind.PIPELINE),
    "negated_command": functools.partial(_all_of, Kind.NOT),
    "redirected_statement": _redirected,
    "while_statement": _loop,
    "command": _command,
    "declaration_command": _variables,
    "variable_assignment": lambda node, depth: Command((), (_pair(node),)),
    "variable_assignments": _variables,
    "if_statement": functools.partial(_all_of, Kind.MAYBE),
    "elif_clause": functools.partial(_all_of, Kind.MAYBE),
    "else_clause": functools.partial(_all_of, Kind.MAYBE),
    "case_statement": functools.partial(_all_of, Kind.MAYBE),
    "case_item": functools.partial(_all_of, Kind.MAYBE),
    "for_statement": _for,
    "c_style_for_statement": _c_style,
    "function_definition": _function,
}
