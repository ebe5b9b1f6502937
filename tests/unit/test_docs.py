"""The pages that are made from the code."""

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import configuration
import pytest
import reported
from proofs import page as rules

from tests.unit import reference

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PYPROJECT = (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("rules.md", rules.page),
        ("configuration.md", configuration.page),
        ("reports.md", reported.page),
        ("reference.md", reference.page),
    ],
)
def test_the_page_is_what_the_code_says(name: str, page: Callable[[], str]) -> None:
    assert (DOCS / name).read_text() == page(), f"docs/{name} is out of date: `make docs` writes it"


@pytest.mark.parametrize("page", ["behaviour.md", "exercise.md", "start.md"])
def test_the_tests_that_a_page_names_are_there(page: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)`:\s+`(test_\w+)`", (DOCS / page).read_text())
    assert named
    assert [each for each in named if f"\ndef {each[1]}(" not in (ROOT / each[0]).read_text()] == []


def test_the_architecture_has_the_import_contracts() -> None:
    page = (DOCS / "architecture.md").read_text()
    contracts = re.findall(r'^\[\[tool\.importlinter\.contracts\]\]\nname = "(.+)"$', PYPROJECT, re.MULTILINE)
    assert contracts
    assert re.findall(r"^\| ([A-Z][^|]+?) \| [A-Z]", page, re.MULTILINE) == contracts


@pytest.mark.parametrize("picture", sorted(DOCS.glob("pictures/*.svg")), ids=lambda picture: picture.name)
def test_a_picture_has_both_themes_and_needs_nothing_else(picture: Path) -> None:
    text = picture.read_text()
    assert "prefers-color-scheme: dark" in text
    assert [each for each in ("href", "url(", "@import", "<script", "<image") if each in text] == []
    tree = ElementTree.fromstring(text)
    assert tree.find("{http://www.w3.org/2000/svg}title") is not None and tree.get("viewBox")
