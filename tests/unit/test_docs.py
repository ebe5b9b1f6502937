"""The pages that are made from the code."""

from pathlib import Path

from proofs.page import page

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_of_the_rules_is_what_the_code_says() -> None:
    assert (DOCS / "rules.md").read_text() == page(), "docs/rules.md is out of date: `make docs` writes it"
