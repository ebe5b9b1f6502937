"""A line on the terminal for what takes long."""

import sys
import time
from typing import Final, TextIO

QUIET_SECONDS: Final = 2.0
_EVERY_SECONDS: Final = 0.2


class Line:
    """Writes to standard error, if that is a terminal, after QUIET_SECONDS, and not too often."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._is_live = bool(self._stream) and self._stream.isatty()  # it may be closed
        self._next = time.monotonic() + QUIET_SECONDS
        self._shown = ""

    def tell(self, text: str) -> None:
        """Shows how far it is."""
        if self._is_live and (now := time.monotonic()) >= self._next:
            self._next = now + _EVERY_SECONDS
            self._show(text)

    def done(self) -> None:
        """Takes the line away."""
        if self._shown:
            self._show("")

    def _show(self, text: str) -> None:
        print("\r" + text.ljust(len(self._shown)), end="" if text else "\r", file=self._stream, flush=True)
        self._shown = text
