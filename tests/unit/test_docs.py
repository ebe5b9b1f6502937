"""The pages that are made from the code."""

from collections.abc import Callable
from pathlib import Path

import configuration
import pytest
import reported
from proofs import page as rules

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize(
    ("name", "page"),
    [("rules.md", rules.page), ("configuration.md", configuration.page), ("reports.md", reported.page)],
)
def test_the_page_is_what_the_code_says(name: str, page: Callable[[], str]) -> None:
    assert (DOCS / name).read_text() == page(), f"docs/{name} is out of date: `make docs` writes it"
