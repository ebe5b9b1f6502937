"""How much of how much has been read, on the terminal."""

from typing import TextIO

from ..progress import Line


class Progress:
    """Told of each piece that is read."""

    def __init__(self, what: str, stream: TextIO | None = None) -> None:
        self._what = what
        self._line = Line(stream)
        self._read = 0
        self._total = 0

    def __call__(self, size: int) -> None:
        self._read += size
        of = f" of {self._total / 1e6:,.0f}" if self._total >= self._read else ""
        self._line.tell(f"{self._what}: {self._read / 1e6:,.0f}{of} MB")

    def expect(self, size: int) -> None:
        """How many bytes there will be."""
        self._total = size

    def done(self) -> None:
        """Takes the line away."""
        self._line.done()
