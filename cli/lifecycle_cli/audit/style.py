"""Colour on a terminal, and none elsewhere."""

from __future__ import annotations

import shutil
import sys
import textwrap
from dataclasses import dataclass
from typing import Final

from ..outputs import takes_colour
from ..outputs.text import printable

# Of the sixteen that every terminal has in its own theme, so that they can be read on light and on dark.
_CODES: Final = {
    "error": "31;1",
    "warning": "33;1",
    "info": "36",
    "bold": "1",
    "dim": "2",
    "hook": "34;1",
    "left": "32",
}
_WIDEST: Final = 160  # columns of text that a person still reads


@dataclass(frozen=True)
class Style:
    """How output looks."""

    is_coloured: bool
    width: int
    """Columns of the terminal; 0 where there is none, and nothing has to fit."""
    is_plain: bool = False
    """Whether only ASCII can be written."""

    @classmethod
    def of_output(cls) -> Style:
        """That of standard output."""
        is_terminal = sys.stdout.isatty()
        encoding = (sys.stdout.encoding or "").lower().replace("-", "")
        return cls(
            takes_colour(), shutil.get_terminal_size().columns if is_terminal else 0, not encoding.startswith("utf")
        )

    @property
    def reading_width(self) -> int:
        """The columns of a paragraph."""
        return min(self.width, _WIDEST) or 100

    def wrapped(self, text: str) -> list[str]:
        """The lines of a paragraph; one where nothing has to fit."""
        return textwrap.wrap(text, self.width, break_on_hyphens=False) if self.width else [text]

    def __call__(self, text: str, name: str) -> str:
        """The text in a colour; of an empty name as it is."""
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.is_coloured and name and text else text


__all__ = ["Style", "printable"]
