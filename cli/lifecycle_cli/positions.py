"""Where the fields of a document stand in its text.

Most documents are in block style, and their fields are found by their indentation; what that does not find for certain
is looked up in the parser's own nodes, which take ten times as long to make.
"""

import bisect
import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import yaml

from kubernetes_lifecycle.documents import DocumentError, compose
from lifecycle_rules.model import steps


class Place(NamedTuple):
    """Of a field: its key or, in a list, its item."""

    line: int
    """From 1, within the document."""
    column: int
    """From 1."""
    width: int
    """Characters of what stands there in this line."""
    source: str
    """The line's text."""


def places(text: str, value: Any, paths: Iterable[str]) -> dict[str, Place]:
    """The place of each path; where there is no such field, that of the deepest one around it."""
    found: dict[str, Place] = {}
    text = text.removeprefix("\ufeff")  # which neither an editor nor the parser counts
    lines = _Lines(text)
    block = _Block(text, lines)
    root: yaml.Node | None = None
    for path in dict.fromkeys(paths):
        way = _existing(value, list(steps(path)))
        place = block.find(way, value)
        if place is None:
            if root is None:
                try:
                    root = compose(text)
                except DocumentError:  # JSON that is no YAML
                    root = None
            place = _in_nodes(root, way, lines) if root is not None else Place(1, 1, 1, text.partition("\n")[0])
        found[path] = place
    return found


def _existing(value: Any, way: list[Any]) -> list[Any]:
    """The part of a way that leads to something in the document."""
    for index, step in enumerate(way):
        if (isinstance(value, dict) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and step < len(value)
        ):
            value = value[step]
        else:
            return way[:index]
    return way


_LINE_END: Final = re.compile(r"\r\n?|\n")
_BLANK: Final = re.compile(r"[ ]*(?:#.*)?\n")
_MARKER: Final = re.compile(r"\n(?:[ ]*(?:#.*)?\n)*---[ \t]*(?:#.*)?\n")

_LEFT_OUT: Final = re.compile(r"\A\s*%|[\r\x85\u2028\u2029]|(?<![^\s-])\?\s")  # directives, other line ends, `? `

_Region = tuple[int, int, int]
"""Of a field: where it stands, where the lines of its value begin, and where they end."""


class _Block:
    """Finds fields in block style. It gives up, rather than guess, at all that is written otherwise."""

    def __init__(self, text: str, lines: "_Lines") -> None:
        self._lines = lines
        # each line has its end before it, which is what is searched for
        self._text = f"\n{text}" if text.endswith("\n") else f"\n{text}\n"
        marker = _MARKER.match(self._text)
        self._items: dict[int, list[int]] = {}  # of a list that begins somewhere: its items
        self._known: dict[tuple[str | int, ...], _Region | None] = {
            (): None if _LEFT_OUT.search(text) else (0, marker.end() if marker else 1, len(self._text))
        }

    def find(self, way: Sequence[str | int], value: Any) -> Place | None:
        region = self._region(tuple(way), value)
        at = self._first(region[1], region[2]) if region and not way else region[0] if region else None
        if at is None:
            return None
        return self._lines.place(at - 1, self._text.index("\n", at) - 1)

    def _begin(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _first(self, start: int, end: int) -> int | None:
        """Where the first content stands, behind its indentation; None where there is none."""
        while start < end and (blank := _BLANK.match(self._text, start)):
            start = blank.end()
        while start < end and self._text[start] == " ":
            start += 1
        return start if start < end else None

    def _region(self, way: tuple[str | int, ...], value: Any) -> _Region | None:
        if way not in self._known:
            outer = self._region(way[:-1], value)
            first = self._first(outer[1], outer[2]) if outer else None
            around = value
            for step in way[:-1]:
                around = around[step]
            found = None
            if outer and first is not None:
                inside = self._key if isinstance(way[-1], str) else self._item
                found = inside(way[-1], around, first, outer[2])
            self._known[way] = found
        return self._known[way]

    def _key(self, key: Any, around: Any, first: int, end: int) -> _Region | None:
        indent = first - self._begin(first)
        found: set[int] = set()
        for name in (f"{key}:", f'"{key}":', f"'{key}':"):
            if self._text.startswith(name, first):  # it may stand behind the dash of an item
                found.add(first)
            found.update(each + 1 + indent for each in self._all(f"\n{' ' * indent}{name}", first - 1, end))
        found = {each for each in found if self._text[self._text.index(":", each + len(key)) + 1] in " \n"}
        if (
            len(found) != 1 or not key or not isinstance(around, dict)
        ):  # in a text of several lines it may stand as well
            return None
        (at,) = found
        line_end = self._text.index("\n", at)
        rest = self._text[self._text.index(":", at + len(key)) + 1 : line_end].strip()
        stop = self._end(line_end, end, indent, is_list=isinstance(around[key], list))
        return at, line_end + 1 if not rest or rest.startswith("#") else stop, stop

    def _dashes(self, first: int, end: int) -> list[int]:
        """Where the items of a list begin."""
        if first in self._items:
            return self._items[first]
        begin = self._begin(first)
        dashes = [first] if self._text[first] == "-" else []
        dashes += [
            each + 1 + first - begin
            for each in self._all(f"\n{' ' * (first - begin)}-", first, end)
            if self._text[each + 2 + first - begin] in " \n"
        ]
        self._items[first] = dashes
        return dashes

    def _item(self, index: Any, around: Any, first: int, end: int) -> _Region | None:
        dashes = self._dashes(first, end)
        if not isinstance(around, list) or len(dashes) != len(around):
            return None
        at = dashes[index]
        stop = self._begin(dashes[index + 1]) if index + 1 < len(dashes) else end
        inside = self._first(at + 1, stop)
        if inside is None:
            return at, stop, stop
        return (inside, inside, stop) if self._begin(inside) == self._begin(at) else (at, self._begin(inside), stop)

    def _all(self, what: str, start: int, end: int) -> Iterator[int]:
        start = self._text.find(what, max(start, 0), end)
        while start != -1:
            yield start
            start = self._text.find(what, start + 1, end)

    def _end(self, start: int, end: int, indent: int, *, is_list: bool) -> int:
        """Where the lines end that are indented deeper; the items of a list may be indented as its key is."""
        found = _outdented(indent, is_list).search(self._text, start, end)
        return found.start() + 1 if found else end


@functools.lru_cache(maxsize=128)
def _outdented(indent: int, is_list: bool) -> re.Pattern[str]:
    item = rf"(?!{' ' * indent}-[ \n])" if is_list else ""
    return re.compile(rf"\n{item} {{0,{indent}}}(?=[^ \n#])")


class _Lines:
    """A text's lines as editors count them, which is by fewer characters than the parser does."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._last = 0, ""

    @functools.cached_property
    def _begins(self) -> list[int]:
        return [0, *(found.end() for found in _LINE_END.finditer(self._text))]

    def _line(self, number: int) -> str:
        """Its text, which the findings of a line share: it may be a whole file of JSON."""
        if self._last[0] != number:
            stop = self._begins[number] if number < len(self._begins) else len(self._text)
            self._last = number, self._text[self._begins[number - 1] : stop].rstrip("\r\n")
        return self._last[1]

    def place(self, start: int, end: int) -> Place:
        """Of what stands from one character to another, as far as it stands in the first one's line."""
        number = bisect.bisect_right(self._begins, start)
        begin = self._begins[number - 1]
        line = self._line(number)
        width = len(self._text[start : min(end, begin + len(line))].rstrip())
        return Place(number, start - begin + 1, max(width, 1), line)


def _in_nodes(root: yaml.Node, way: Sequence[str | int], lines: _Lines) -> Place:
    node, mark, end = root, root.start_mark, root.end_mark
    for step in way:
        if isinstance(node, yaml.MappingNode):
            pairs = [pair for pair in node.value if pair[0].value == str(step)]
            if not pairs:  # merged into it by `<<`
                break
            key, node = pairs[-1]
            mark, end = key.start_mark, node.end_mark
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            mark, end = node.start_mark, node.end_mark
    return lines.place(mark.index, end.index)
