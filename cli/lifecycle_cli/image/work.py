"""Limits what one image may cost, so that no image takes more than its share of time and memory."""

from typing import Final

from .errors import Fault

MAX_UNPACKED: Final = 100 << 30  # bytes of all layers
_UNITS: Final = 200_000_000
_OF_NAME: Final = 32
_OF_STEP: Final = 4
_HOW: Final = "Ask its publisher what it contains"


class Work:
    """Counts what one image takes. Raises Fault beyond the bounds."""

    def __init__(self) -> None:
        self._units = _UNITS
        self._bytes = MAX_UNPACKED

    def named(self, characters: int) -> None:
        """A name or a path was kept."""
        self._does(_OF_NAME + characters)

    def followed(self, parts: int) -> None:
        """A link was followed, to a target of so many parts."""
        self._does(_OF_STEP * (1 + parts))

    def unpacked(self, size: int) -> None:
        self._bytes -= size
        if self._bytes < 0:
            raise Fault(f"its layers unpack to more than {MAX_UNPACKED >> 30} GiB", _HOW)

    def _does(self, units: int) -> None:
        self._units -= units
        if self._units < 0:
            raise Fault("it has more files and links than any real image", _HOW)
