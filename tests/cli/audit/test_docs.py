"""docs/audit.md shows what its commands print."""

from pathlib import Path

from tests.cli.audit.page import PAGE, page


def test_the_page(tmp_path: Path) -> None:
    assert PAGE.read_text() == page(PAGE.read_text(), tmp_path), "docs/audit.md is out of date: `make docs` writes it"
