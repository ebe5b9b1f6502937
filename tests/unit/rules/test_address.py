"""Where the documentation is to be found."""

import pytest

from lifecycle_rules import address


def test_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "REPOSITORY", "https://example.com/it")
    assert address.page("docs/rules.md") == "https://example.com/it/blob/HEAD/docs/rules.md"
    assert address.page("docs/rules.md", "sleep-zero") == "https://example.com/it/blob/HEAD/docs/rules.md#sleep-zero"


def test_no_page_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "REPOSITORY", "")
    assert address.page("docs/rules.md") is None
