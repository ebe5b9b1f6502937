"""docs/exercise.md: its commands are run in their order on a node of their own, and say what stands there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.engine.checkout import Checkout, Said

PAGE: Final = (Path(__file__).parents[2] / "docs" / "exercise.md").read_text()
SANDBOX: Final = ".venv/bin/python -m sandbox "
MAKE: Final = {"make demo": "demo", "make down": "down"}  # a checkout of a test's own has no Makefile
REST: Final = "…"  # lines that are left out, or the rest of one
FAILS: Final = ("preview examples/no-pre-stop",)


def steps() -> Iterator[tuple[str, list[str]]]:
    """Each command of the page, with the lines shown below it."""
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *shown = step.splitlines()
            yield command, shown


def plain(line: str) -> str:
    """Figures and gaps differ from run to run."""
    return re.sub(r"\d+(\.\d+)*(m?s\b)?", "0", " ".join(line.split()))


def missing(shown: list[str], said: Said) -> list[str]:
    """The lines that the command did not say, or not in this order."""
    lines = iter([plain(line) for line in said.out.splitlines()])
    wanted = [line for line in shown if line != REST]
    return [line for line in wanted if not any(_fits(line, other) for other in lines)]


def _fits(shown: str, line: str) -> bool:
    wanted = plain(shown.removesuffix(REST))
    return line.startswith(wanted) if shown.endswith(REST) else line == wanted


@pytest.mark.sandbox
def test_the_exercise(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    try:
        for command, shown in steps():
            words = MAKE.get(command) or command.removeprefix(SANDBOX)
            assert words != command, f"{command}: not a command of this test"
            said = checkout.sandbox(*shlex.split(words))
            is_refused = words in FAILS or any(" errored" in line for line in shown)
            assert (said.status != 0) == is_refused, (command, said)
            assert missing(shown, said) == [], (command, said)
    finally:
        assert checkout.sandbox("down").status == 0
