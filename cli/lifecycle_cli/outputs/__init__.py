"""The forms of a report: a module each, whose `written(report)` gives the text."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..checking import Report

LEVELS: Final = ("error", "warning", "info")  # of findings, the worst first
OUTPUTS: Final = ("text", "json", "sarif", "github", "junit")


def takes_colour() -> bool:
    """Whether standard output is a terminal whose user wants colour."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def written(output: str, report: Report, *, is_terminal: bool, shows_exempted: bool) -> str:
    """A report in a form; imported when it is asked for, which keeps a small check quick."""
    module = importlib.import_module(f".{output}", __name__)
    text: str = module.written(report, is_terminal=is_terminal, shows_exempted=shows_exempted)
    return text
