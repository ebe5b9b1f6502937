"""A line on the terminal for what takes long: how much of how much has been read."""

import sys
import time
from typing import Final, TextIO

QUIET_SECONDS: Final = 2.0
_EVERY_SECONDS: Final = 0.2


class Progress:
    """Told of each piece that is read; writes to standard error, if that is a terminal, after QUIET_SECONDS."""

    def __init__(self, what: str, stream: TextIO | None = None) -> None:
        self._what = what
        self._stream = stream or sys.stderr
        self._is_live = bool(self._stream) and self._stream.isatty()  # it may be closed
        self._next = time.monotonic() + QUIET_SECONDS
        self._read = 0
        self._shown = ""
        self._total = 0

    def __call__(self, size: int) -> None:
        self._read += size
        if self._is_live and (now := time.monotonic()) >= self._next:
            self._next = now + _EVERY_SECONDS
            of = f" of {self._total / 1e6:,.0f}" if self._total >= self._read else ""
            self._show(f"{self._what}: {self._read / 1e6:,.0f}{of} MB")

    def expect(self, size: int) -> None:
        """How many bytes there will be."""
        self._total = size

    def done(self) -> None:
        """Takes the line away."""
        if self._shown:
            self._show("")

    def _show(self, text: str) -> None:
        print("\r" + text.ljust(len(self._shown)), end="" if text else "\r", file=self._stream, flush=True)
        self._shown = text
