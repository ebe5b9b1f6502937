"""Where the project is to be found: the one place that says so, for the pack, the command and the packages."""

from typing import Final

REPOSITORY: Final = ""
"""The repository's address, `https://github.com/OWNER/lifecycle-demo`; empty as long as there is none.

Once it is set, tests ask for it in what cannot read it: the `urls` of each pyproject.toml, and
template/requirements.txt.
"""


def page(path: str, anchor: str = "") -> str | None:
    """The address of a file of the repository, `docs/rules.md`, and of a heading in it; None where there is none."""
    return f"{REPOSITORY}/blob/HEAD/{path}{anchor and '#'}{anchor}" if REPOSITORY else None
