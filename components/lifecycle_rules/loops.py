"""How often a loop runs at least, where its text says so: `for` over words, and loops that only count.

Reads the nodes of tree-sitter's grammar of bash. What is not literal counts as often as it is sure to: never, for
`for x in $names`. Whether something in the body ends the loop early is not asked here, but in duration.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Node

MOST: Final = 10**9  # passes; more are not counted
_BEFORE: Final = 20  # statements between a counter's first value and its loop


class Passes(NamedTuple):
    """The least number of passes; it differs where only some shells read a header so, `{1..9}` or `[[ $i -lt 9 ]]`."""

    anywhere: int
    """In whatever shell, if it takes the script."""
    in_bash: int
    """In bash and in zsh."""


class Counted(NamedTuple):
    """A loop that counts: the passes, and the statement of its body that does it."""

    passes: Passes
    step: Node
    program: str
    """What of the step may fail where it does its work: `let` and `expr` do when the result is 0; else empty."""


_NONE: Final = Passes(0, 0)
_ONE: Final = Passes(1, 1)
_NUMBER: Final = r"-?(?:0|[1-9]\d{0,17})"
_QUOTED_NUMBER: Final = rf"[\"']?({_NUMBER})[\"']?"
_REFERENCE: Final = r"\"?\$(?:(\w+)|\{(\w+)\})\"?"

_SEQ: Final = re.compile(rf"(?:\$\(|`)\s*(?:/usr/bin/)?seq(?:\s+-w)?((?:\s+[\"']?{_NUMBER}[\"']?){{1,3}})\s*[)`]", re.A)
_RANGE: Final = re.compile(
    rf"\{{(?:({_NUMBER}|0\d{{1,17}})\.\.(-?\d{{1,18}})|([a-z])\.\.([a-z]))(?:\.\.({_NUMBER}))?\}}", re.A
)
_GLOB: Final = re.compile(r"[*?\[]")
_STAYS: Final = frozenset({"ansi_c_string", "number", "raw_string", "string", "word"})
_SURELY_THERE: Final = re.compile(r"[\w./:{},%+@=-]*\w[\w./:{},%+@=-]*")  # `{,}` is nothing in bash


def of_for(node: Node) -> Passes:
    """Of `for x in WORDS`; none for `for x`, which takes the script's arguments."""
    script = _whole(node)
    found = [_word(each, script) for each in node.children_by_field_name("value")]
    return Passes(min(sum(each.anywhere for each in found), MOST), min(sum(each.in_bash for each in found), MOST))


def _word(node: Node, script: str) -> Passes:
    """How many words a word becomes at least: an unquoted `$x` may be empty, a glob without a match stays one."""
    text, kind = text_of(node), node.type
    is_glob = "nullglob" in script and _GLOB.search(text)
    if kind == "command_substitution":
        found = _SEQ.fullmatch(text)
        count = _seq(found[1]) if found else 0
        return Passes(min(count, 1), min(count, 1)) if "IFS" in script else Passes(count, count)
    if kind in ("brace_expression", "concatenation"):
        braces = _RANGE.fullmatch(text)
        if braces:
            return Passes(1, _range(braces))
    if "@" in text and kind != "raw_string":  # `"$@"` may be nothing
        return _NONE
    if kind == "concatenation" and "{" in text:
        return _ONE if _SURELY_THERE.fullmatch(text) and not is_glob else _NONE
    parts = node.named_children if kind == "concatenation" else [node]
    is_there = any(each.type in _STAYS for each in parts)
    return _ONE if is_there and not is_glob else _NONE


def _seq(text: str) -> int:
    *start, last = [int(each.strip("\"'")) for each in text.split()]
    first, step = (*start, 1, 1)[:2]
    return _count(first, step, last)


def _range(found: re.Match[str]) -> int:
    first, last = (int(found[1]), int(found[2])) if found[1] else (ord(found[3]), ord(found[4]))
    return _count(0, abs(int(found[5] or 1)) or 1, abs(last - first))


def _count(first: int, step: int, last: int) -> int:
    """The numbers from the first to the last, as `seq` counts them."""
    return min(max((last - first) // step + 1, 0), MOST) if step else 0


_HEADER: Final = re.compile(r"for\s*\(\(([^;()]*);([^;()]*);([^;()]*)\)\)")
_START: Final = re.compile(rf"(\w+)\s*=\s*{_QUOTED_NUMBER}", re.A)


def is_endless(node: Node) -> bool:
    """`for ((;;))`."""
    found = _HEADER.match(text_of(node))
    return found is not None and not any(part.strip() for part in found.groups())


def of_c_style(node: Node) -> Passes:
    """Of `for ((i = 0; i < 9; i++))`; a shell that does not read it fails."""
    text, body = text_of(node), node.child_by_field_name("body")
    found = _HEADER.match(text)
    if not found or not body:
        return _NONE
    start, step = _START.fullmatch(found[1].strip()), _STEP.fullmatch(_postfix(found[3].strip()))
    limit = _limit(found[2].strip(), _IN_ARITHMETIC)
    if not start or not step or not limit or not start[1] == step["name"] == limit.name:
        return _NONE
    if _mentions(limit.name, text[found.end() :]):
        return _NONE
    count = _passes(int(start[2]), limit, _by(step))
    return Passes(count, count)


def counted(node: Node) -> Counted | None:
    """A `while` or `until` whose body counts up or down to a number, with the first value right before it."""
    body = node.child_by_field_name("body")
    conditions = [each for each in node.children_by_field_name("condition") if each.is_named]
    found = _condition(text_of(conditions[0])) if len(conditions) == 1 and body else None
    if not found or not body:
        return None
    limit, is_of_bash = found
    if node.children[0].type == "until":
        limit = limit._replace(operator=_OPPOSITES[limit.operator])
    steps = [(each, found) for each in body.named_children for found in [_step(text_of(each))] if found]
    if len(steps) != 1 or steps[0][1].name != limit.name:
        return None
    (step, by), start = steps[0], _first_value(node, limit.name)
    around = (node.text or b"")[body.start_byte - node.start_byte :]
    cut = slice(step.start_byte - body.start_byte, step.end_byte - body.start_byte)
    left = around[: cut.start] + around[cut.stop :]
    if start is None or _mentions(limit.name, left.decode(errors="replace")):
        return None
    count = _passes(start, limit, by.by)
    return Counted(Passes(0 if is_of_bash else count, count), step, by.program)


class _Limit(NamedTuple):
    name: str
    operator: str
    number: int


class _By(NamedTuple):
    name: str
    by: int
    program: str


_OPPOSITES: Final[Mapping[str, str]] = {"lt": "ge", "ge": "lt", "gt": "le", "le": "gt", "eq": "ne", "ne": "eq"}
_MIRRORED: Final[Mapping[str, str]] = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}
_SYMBOLS: Final[Mapping[str, str]] = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "!=": "ne", "==": "eq"}
# `[ $i -lt 9 ]`, and `((i < 9))`: the name's two spellings and the number, on whichever side they stand.
_IN_TEST: Final = re.compile(
    rf"(?:{_REFERENCE}|{_QUOTED_NUMBER})\s+-(lt|le|gt|ge|ne|eq)\s+(?:{_REFERENCE}|{_QUOTED_NUMBER})", re.A
)
_IN_ARITHMETIC: Final = re.compile(
    rf"(?:\$?([A-Za-z_]\w*)|\$\{{(\w+)\}}|({_NUMBER}))\s*(<=?|>=?|!=|==)\s*"
    rf"(?:\$?([A-Za-z_]\w*)|\$\{{(\w+)\}}|({_NUMBER}))",
    re.A,
)
_CONDITIONS: Final = (
    (re.compile(r"\[\[\s(.*)\s\]\]", re.S), _IN_TEST, True),
    (re.compile(r"\[\s(.*)\s\]", re.S), _IN_TEST, False),
    (re.compile(r"test\s(.*)", re.S), _IN_TEST, False),
    (re.compile(r"\(\((.*)\)\)", re.S), _IN_ARITHMETIC, True),
)


def _condition(text: str) -> tuple[_Limit, bool] | None:
    """The limit, and whether only bash and zsh know this kind of test."""
    for around, comparison, is_of_bash in _CONDITIONS:
        found = around.fullmatch(text)
        if found:
            limit = _limit(found[1].strip(), comparison)
            return (limit, is_of_bash) if limit else None
    return None


def _limit(text: str, comparison: re.Pattern[str]) -> _Limit | None:
    found = comparison.fullmatch(text)
    if not found:
        return None
    left, right = found[1] or found[2], found[5] or found[6]
    operator = _SYMBOLS.get(found[4], found[4])
    if left and found[7]:
        return _Limit(left, operator, int(found[7]))
    return _Limit(right, _MIRRORED[operator], int(found[3])) if right and found[3] else None


_BY: Final = r"[1-9]\d{0,17}"
_STEP: Final = re.compile(
    r"(?P<name>[A-Za-z_]\w*)\s*(?:(?P<twice>\+\+|--)"
    rf"|(?P<op>[+-])=\s*(?P<by>{_BY})"
    rf"|=\s*\$?\{{?(?P=name)\}}?\s*(?P<sign>[+-])\s*(?P<plus>{_BY})"
    rf"|=\s*(?P<first>{_BY})\s*\+\s*\$?\{{?(?P=name)\}}?)",
    re.A,
)
# Each way to write a step, brought into the form of _STEP, and what of it may fail.
_STEPS: Final = (
    (re.compile(r"(\w+)=\"?\$\(\((.*)\)\)\"?", re.A), r"\1=\2", ""),
    (re.compile(r":\s+\"?\$\(\((.*)\)\)\"?"), r"\1", ""),
    (re.compile(r"\(\((.*)\)\)"), r"\1", "let"),
    (re.compile(r"let\s+([\"'])(.*)\1"), r"\2", "let"),
    (re.compile(r"let\s+([^\s\"']+)"), r"\1", "let"),
    (
        re.compile(rf"(\w+)=(?:\$\(|`)\s*expr\s+\"?\$\{{?\1\}}?\"?\s+([+-])\s+[\"']?({_BY})[\"']?\s*[)`]", re.A),
        r"\1=\1\2\3",
        "expr",
    ),
)


def _step(text: str) -> _By | None:
    for written, form, program in _STEPS:
        found = written.fullmatch(text)
        step = _STEP.fullmatch(_postfix(found.expand(form).strip())) if found else None
        if step:
            return _By(step["name"], _by(step), program)
    return None


def _postfix(text: str) -> str:
    return text[2:] + text[:2] if text.startswith(("++", "--")) else text


def _by(step: re.Match[str]) -> int:
    sign = step["twice"] or step["op"] or step["sign"] or "+"
    number = int(step["by"] or step["plus"] or step["first"] or 1)
    return -number if sign.startswith("-") else number


def _passes(start: int, limit: _Limit, by: int) -> int:
    """How often the body runs; 0 too where the counter goes the other way."""
    if limit.operator in ("lt", "le") and by > 0:
        return _count(start, by, limit.number - (limit.operator == "lt"))
    if limit.operator in ("gt", "ge") and by < 0:
        return _count(start, by, limit.number + (limit.operator == "gt"))
    if limit.operator == "ne" and (limit.number - start) % by == 0:
        return min(max((limit.number - start) // by, 0), MOST)
    return 0


def _mentions(name: str, text: str) -> bool:
    """Whether a text does more with a variable than to read it as `$i`: it may change it, then."""
    return re.search(rf"(?<![\w$])(?<!\$\{{){name}(?!\w)", text) is not None


_HARMLESS: Final = re.compile(r"(?:echo|printf|date|sleep|true|:)(?:\s|$)")


def _first_value(node: Node, name: str) -> int | None:
    """What a variable was set to right before a loop, with nothing in between that could change it."""
    parent = node.parent
    here = parent if parent and parent.type == "redirected_statement" else node
    for each in _before(here):
        if each.type == "comment":
            continue
        text = text_of(each)
        start = _START.fullmatch(text) if each.type == "variable_assignment" else None
        if start and start[1] == name:
            return int(start[2])
        is_other = each.type == "variable_assignment" or (each.type == "command" and _HARMLESS.match(text))
        if not is_other or _mentions(name, text):
            return None
    return None


def _before(node: Node) -> Iterator[Node]:
    for _ in range(_BEFORE):
        previous = node.prev_sibling
        while previous and not previous.is_named and previous.type != "&":
            previous = previous.prev_sibling
        if not previous or not previous.is_named:  # `i=0 &` sets it in a shell of its own
            return
        yield previous
        node = previous


def _whole(node: Node) -> str:
    parent: Node | None = node
    while parent:
        node, parent = parent, parent.parent
    return text_of(node)


def text_of(node: Node) -> str:
    """The text that a node was read from."""
    return (node.text or b"").decode(errors="replace")
