"""The places that are found by indentation are those of the parser's own nodes, on every path of every document."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from yamls import documents, manifests

from kubernetes_lifecycle.documents import DocumentError, compose
from lifecycle_cli import positions
from lifecycle_cli.positions import Place, places
from lifecycle_cli.reading import parsed
from tests.generated import examples

Way = list[str | int]
LISTS = """\
# above
"spec":
    containers:
    - name: a # behind
      command: ["x",
      "name: y"]
      # between
      args:
      - |
        name: not here
      - "a
        lifecycle: nor here"
    -   name: b
        lifecycle:

          # why

          preStop: {sleep: {seconds: 5}}
    -
      name: c
      'quoted': 1
"""


def ways(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[Way]:
    yield list(at)
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from ways(each, (*at, key))


def compared(text: str) -> tuple[int, int]:
    """How many paths there are, and how many of them are found by indentation."""
    value = parsed(text)
    text = text.removeprefix("\ufeff")
    root = compose(text)
    lines = positions._Lines(text)
    block = positions._Block(text, lines)
    paths = found = 0
    for way in ways(value) if root else ():
        paths += 1
        place = block.find(way, value)
        if place is None:
            continue
        found += 1
        expected = positions._in_nodes(root, way, lines)
        is_dash = (
            bool(way) and isinstance(way[-1], int) and place.source[place.column - 1 : place.column] == "-"
        )  # of an item below it
        assert is_dash or place[:2] == expected[:2], (text, way)
        assert place.width >= 1
    return paths, found


def test_on_the_good_manifests() -> None:
    paths, found = map(sum, zip(*map(compared, manifests()), strict=True))
    assert paths > 5000
    assert found > 0.7 * paths  # the others are in flow style


def test_on_generated_ones() -> None:
    """What is doubled after a text with lines that are indented less is found where it stands first."""
    readable = found = 0
    for text in documents(7, examples(30_000)):
        try:
            value = parsed(text)
        except DocumentError:
            continue
        if isinstance(value, dict | list) and not re.search(r"[\"'\[{][^\n]*\n[^\n]*[\"'\]}]", text):
            readable += 1
            found += compared(text)[1]
    assert readable > examples(30_000) / 20
    assert found > 5 * readable


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("", (2, 1, 7)),
        ("spec.containers", (3, 5, 11)),
        ("spec.containers[0]", (4, 7, 16)),
        ("spec.containers[0].name", (4, 7, 16)),
        ("spec.containers[0].command[1]", (6, 7, 9)),
        ("spec.containers[0].args[0]", (9, 9, 1)),
        ("spec.containers[1].name", (13, 9, 7)),
        ("spec.containers[1].lifecycle", (14, 9, 10)),
        ("spec.containers[1].lifecycle.preStop", (18, 11, 30)),
        ("spec.containers[1].lifecycle.preStop.sleep", (18, 21, 19)),
        ("spec.containers[1].lifecycle.postStart", (14, 9, 10)),
        ("spec.containers[2].name", (20, 7, 7)),
        ("spec.containers[2].quoted", (21, 7, 11)),
        ("spec.containers[9].name", (3, 5, 11)),
        ("metadata.name", (2, 1, 7)),
    ],
)
def test_places(path: str, place: tuple[int, int, int]) -> None:
    for text in (LISTS, LISTS.replace("\n", "\r\n"), f"---\t# c\n{LISTS}"):
        more = text.startswith("---")
        found = places(text, parsed(text), [path])[path]
        assert found[:2] == (place[0] + more, place[1]), text
        assert text != LISTS or found.width == place[2]  # a comment behind may count
        assert found.source == text.splitlines()[found.line - 1]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("%YAML 1.1\n---\na: b\n", Place(3, 1, 4, "a: b")),
        ("b: 1\ra: 2\r", Place(2, 1, 4, "a: 2")),
        ('b: "x\u2028y"\na: 2\n', Place(2, 1, 4, "a: 2")),
        ('{"b": 1,\n "a": {}}', Place(2, 2, 7, ' "a": {}}')),
        ("a: 1\na: 2\n", Place(2, 1, 4, "a: 2")),
        ("\ufeffa: 1\n", Place(1, 1, 4, "a: 1")),
        ('\ufeff{"a": 1}\n', Place(1, 2, 6, '{"a": 1}')),
    ],
)
def test_lines_are_those_of_an_editor(text: str, place: Place) -> None:
    assert places(text, parsed(text), ["a"])["a"] == place


def test_the_text_of_a_line_is_shared() -> None:
    """A file of JSON may be one line, and have thousands of findings."""
    text = '{"items": [' + ", ".join(["{}"] * 50) + "]}\n"
    found = places(text, parsed(text), [f"items[{index}]" for index in range(50)])
    assert len({id(each.source) for each in found.values()}) == 1
