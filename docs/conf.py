"""The site that `make site` builds. GitHub shows the same pages as they are; here is what a site alone needs."""

import os
import re
from pathlib import Path
from typing import Any, Final

DOCS: Final = Path(__file__).parent
ROOT: Final = DOCS.parent

project = "lifecycle-demo"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["requirements*", "_static"]
myst_heading_anchors = 4  # by the same names as GitHub gives them
html_theme = "furo"
html_title = "lifecycle-demo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False

# GitHub's own variables name the repository. Elsewhere, what leaves docs/ is text: a browser follows no link to a file.
REPOSITORY: Final = os.environ.get("GITHUB_REPOSITORY")
SERVER: Final = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
html_theme_options = {
    "source_repository": f"{SERVER}/{REPOSITORY}/",
    "source_branch": "main",
    "source_directory": "docs/",
} if REPOSITORY else {}  # fmt: skip

# Pages that join their group as soon as they exist, also before index.md links to them. Any other page that index.md
# does not link to ends the build.
LATER: Final = {
    "The project": ("adding-a-rule", "security"),
}

_LINK: Final = re.compile(r"\[(?P<text>[^][]*)\]\((?P<path>[^)#\s:]+)(?P<anchor>#[^)\s]*)?\)")
_GROUP: Final = re.compile(r"^## (?P<caption>.+)\n(?P<entries>(?:(?!^## ).*\n?)*)", re.MULTILINE)


def _outward(page: str, text: str) -> str:
    """The text with its links that leave docs/ as addresses: README, programs, tests."""
    folder = (DOCS / page).parent

    def link(found: re.Match[str]) -> str:
        target = (folder / found["path"]).resolve()
        if target.is_relative_to(DOCS):
            return found[0]
        if not REPOSITORY:
            return found["text"]
        return f"[{found['text']}]({SERVER}/{REPOSITORY}/blob/main/{target.relative_to(ROOT)}{found['anchor'] or ''})"

    return _LINK.sub(link, text)


def _navigation(text: str) -> str:
    """A table of contents for each heading of index.md, of the pages that are linked to below it."""
    groups = {
        group["caption"]: [link["path"].removesuffix(".md") for link in _LINK.finditer(group["entries"])]
        for group in _GROUP.finditer(text)
    }
    for caption, pages in LATER.items():
        groups[caption] += [page for page in pages if (DOCS / f"{page}.md").exists() and page not in groups[caption]]
    trees = (
        "\n".join(["```{toctree}", ":hidden:", f":caption: '{caption}'", "", *pages, "```", ""])
        for caption, pages in groups.items()
    )
    return "\n".join([text, *trees])


def _read(app: Any, page: str, source: list[str]) -> None:
    text = _navigation(source[0]) if page == "index" else source[0]
    source[0] = _outward(page, text)


def setup(app: Any) -> None:
    app.connect("source-read", _read)
