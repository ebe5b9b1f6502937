"""The links of README and of all pages, as GitHub resolves them: each file and each heading is there."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("benchmarks/*.md"), *ROOT.glob("docs/**/*.md")])
FENCE = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]+))?\)|(?:src|srcset|href)=\"(?![a-z]+:)([^\"#]*)()\"")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


@cache
def text(page: Path) -> str:
    """Without its code."""
    return FENCE.sub("", page.read_text())


@cache
def anchors(page: Path) -> frozenset[str]:
    """What GitHub names the headings: the second of a name gets -1."""
    return frozenset(_names(text(page)))


def _names(page: str) -> Iterator[str]:
    seen = Counter[str]()
    for heading in HEADING.findall(page):
        words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        yield f"{name}-{seen[name]}" if seen[name] else name
        seen[name] += 1


def wrong(page: Path) -> Iterator[str]:
    for found in LINK.finditer(text(page)):
        target = (page.parent / (found[1] or found[3] or page.name)).resolve()
        if not target.exists():
            yield f"{found[0]}: there is no such file"
        elif not target.is_relative_to(ROOT):
            yield f"{found[0]}: leaves the repository"
        elif found[2] and target.suffix == ".md" and found[2] not in anchors(target):
            yield f"{found[0]}: no heading of this name"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_local_link_leads_somewhere(page: Path) -> None:
    assert list(wrong(page)) == []


def test_it_sees_what_leads_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    page = tmp_path / "a.md"
    page.write_text(
        "# One `two`, three!\n## One\n## One\n```sh\n](code)\n```\n[well](#one-two-three) [well](a.md#one-1)\n"
        '[a](b.md) [b](#four) [c](/) <img src="d.svg"> [e](https://example.com/f)\n'
    )
    assert list(wrong(page)) == [
        "](b.md): there is no such file",
        "](#four): no heading of this name",
        "](/): leaves the repository",
        'src="d.svg": there is no such file',
    ]
