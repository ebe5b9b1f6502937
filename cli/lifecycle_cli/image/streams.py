"""Bytes as they come: packed and unpacked in pieces of at most a megabyte, never held as a whole."""

import hashlib
import sys
import zlib
from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from .errors import Damage
from .work import Work

PIECE: Final = 1 << 16  # bytes that are read at once
_UNPACKED: Final = 1 << 20  # bytes that are unpacked at once
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPED: Final = b"\x2a\x4d\x18"  # behind a byte 50 to 5f: a frame that carries no data
_BUILD_AGAIN: Final = "Build the image again, or ask its publisher to do so"


class Counted:
    """Passes pieces on, and knows the size and the digest of all that went through."""

    def __init__(self, pieces: Iterable[bytes], algorithm: str = "sha256") -> None:
        self.size = 0
        self._pieces = iter(pieces)
        self._algorithm = algorithm
        self._hash = hashlib.new(algorithm)

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.size += len(piece)
            self._hash.update(piece)
            yield piece

    @property
    def digest(self) -> str:
        return f"{self._algorithm}:{self._hash.hexdigest()}"

    def finish(self) -> None:
        """Reads what is left, for the digest is that of the whole."""
        for _ in self:
            pass


def digest_of(content: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


class Stream:
    """Reads and skips any number of bytes of what comes in pieces."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._piece = b""
        self._at = 0

    def read(self, size: int) -> bytes:
        """So many bytes, or fewer at the end."""
        end = self._at + size
        if end <= len(self._piece):
            found = self._piece[self._at : end]
            self._at = end
            return found
        parts = []
        while size and self._fill():
            part = self._piece[self._at : self._at + size]
            self._at += len(part)
            size -= len(part)
            parts.append(part)
        return b"".join(parts)

    def skip(self, size: int) -> bool:
        """Whether there were so many bytes."""
        while size and self._fill():
            step = min(size, len(self._piece) - self._at)
            self._at += step
            size -= step
        return not size

    def pieces(self, size: int) -> Iterator[bytes]:
        """So many bytes, or fewer at the end, as they come."""
        while size and self._fill():
            piece = self._piece[self._at : self._at + size]
            self._at += len(piece)
            size -= len(piece)
            yield piece

    def _fill(self) -> bool:
        while self._at >= len(self._piece):
            piece = next(self._pieces, None)
            if piece is None:
                return False
            self._piece, self._at = piece, 0
        return True


def unpacked(pieces: Iterable[bytes], work: Work) -> Iterator[bytes]:
    """By what the bytes are, not by what a media type says they are: gzip, zstd, or not packed at all.

    Raises Damage for what is damaged, and Fault for what unpacks to more than any image.
    """
    pieces = iter(pieces)
    head = b""
    while len(head) < 4 and (piece := next(pieces, None)) is not None:
        head += piece
    whole = _again(head, pieces)
    if head.startswith(_GZIP):
        return _counted(_frames(whole, _Gzip, "gzip"), work)
    if head.startswith(_ZSTD) or (head[1:4] == _ZSTD_SKIPPED and 0x50 <= head[0] <= 0x5F):
        return _counted(_frames(whole, _Zstd, "zstd"), work)
    return _counted(whole, work)


def _again(head: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from pieces


def _counted(pieces: Iterable[bytes], work: Work) -> Iterator[bytes]:
    for piece in pieces:
        work.unpacked(len(piece))
        yield piece


class _Frame(Protocol):
    """One gzip member or one zstd frame: a layer may have many, one behind the other."""

    def feed(self, packed: bytes) -> bytes: ...

    @property
    def hungry(self) -> bool:
        """Whether it has given all that it can make of what it was fed."""

    @property
    def ended(self) -> bool: ...

    @property
    def rest(self) -> bytes:
        """What was fed behind its end."""


class _Gzip:
    PADDING: Final = b"\0"  # that may stand behind it

    def __init__(self) -> None:
        self._unpacker = zlib.decompressobj(wbits=31)

    def feed(self, packed: bytes) -> bytes:
        try:
            return self._unpacker.decompress(self._unpacker.unconsumed_tail + packed, _UNPACKED)
        except zlib.error as error:
            raise Damage(f"a layer is damaged: {error}", _BUILD_AGAIN) from None

    @property
    def hungry(self) -> bool:
        return not self._unpacker.unconsumed_tail

    @property
    def ended(self) -> bool:
        return self._unpacker.eof

    @property
    def rest(self) -> bytes:
        return self._unpacker.unused_data


class _Zstd:
    PADDING: Final = b""

    def __init__(self) -> None:
        # Imported here, for most images have no such layer, and most commands read no image.
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
        self._error = zstd.ZstdError
        self._unpacker = zstd.ZstdDecompressor()

    def feed(self, packed: bytes) -> bytes:
        try:
            found: bytes = self._unpacker.decompress(packed, _UNPACKED)
        except self._error as error:
            raise Damage(f"a layer is damaged: {error}", _BUILD_AGAIN) from None
        return found

    @property
    def hungry(self) -> bool:
        return bool(self._unpacker.needs_input)

    @property
    def ended(self) -> bool:
        return bool(self._unpacker.eof)

    @property
    def rest(self) -> bytes:
        return bytes(self._unpacker.unused_data)


def _frames(pieces: Iterable[bytes], kind: type[_Gzip] | type[_Zstd], name: str) -> Iterator[bytes]:
    frame: _Frame | None = None
    for piece in pieces:
        while piece or (frame and not frame.hungry):
            if frame is None:
                piece = piece.lstrip(kind.PADDING)
                if not piece:
                    break
                frame = kind()
            found = frame.feed(piece)
            piece = b""
            if found:
                yield found
            if frame.ended:
                piece, frame = frame.rest, None
    if frame:
        raise Damage(f"a layer ends in the middle of its {name} data", _BUILD_AGAIN)
