"""docs/trace.md, its pictures and its schema are what the command says now."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from tests.cli.trace.page import PAGE, PICTURES, page, pictures


def test_the_page() -> None:
    assert PAGE.read_text() == page(PAGE.read_text()), "docs/trace.md is out of date: `make docs` writes it"


@pytest.mark.parametrize("name", [each.name for each in pictures()])
def test_a_picture(name: str) -> None:
    text = pictures()[PICTURES / name]
    assert (PICTURES / name).read_text() == text, f"{name} is out of date: `make docs` writes it"
    root = ElementTree.fromstring(text)
    assert [each.tag.rpartition("}")[2] for each in root][:2] == ["title", "desc"]


def test_each_picture_of_the_page_is_there() -> None:
    for each in re.findall(r"\]\((pictures/[^)]*)\)", PAGE.read_text()):
        assert (PAGE.parent / each).exists(), each
