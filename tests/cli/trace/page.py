"""docs/trace.md and its pictures as they must be: the commands print what they print now, of the recordings.

`python -m tests.cli.trace.page` writes both; `make docs` runs it.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from commands import ROOT, lifecycle

from lifecycle_cli.trace.svg import svg
from tests.cli.trace.recorded import FOLDER, NAMES, life

PAGE = ROOT / "docs" / "trace.md"
PICTURES = ROOT / "docs" / "pictures"
_BLOCK = re.compile(r"^```console\n\$ (lifecycle [^\n]*)\n.*?^```$", re.MULTILINE | re.DOTALL)
_SHOWN = 46  # lines of an output that is longer are left out


def page(text: str) -> str:
    def run(block: re.Match[str]) -> str:
        _, *args = shlex.split(block[1])
        lines = [each.rstrip() for each in lifecycle(*args, cwd=FOLDER).out.splitlines()]
        if len(lines) > _SHOWN:
            lines = [*lines[: _SHOWN - 1], "…"]
        return "\n".join(["```console", f"$ {block[1]}", *lines, "```"])

    return _BLOCK.sub(run, text)


def pictures() -> dict[Path, str]:
    return {PICTURES / f"trace-{name}.svg": svg([life(name)]) for name in NAMES}


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    for file, text in pictures().items():
        file.write_text(text)
    PAGE.write_text(page(PAGE.read_text()))


if __name__ == "__main__":
    main()
