"""The headers of a tar archive as it streams past: ustar, GNU and pax, with the bounds that Go's reader has.

The standard library's tarfile keeps all members, reads an extended header of any size into memory, and differs
between the Pythons that are supported in what it takes for an archive.
"""

from collections.abc import Iterator
from enum import Enum
from typing import Final, NamedTuple

from .errors import Damage
from .streams import Stream

_BLOCK: Final = 512
_MAX_HEADER: Final = 1 << 20  # bytes of an extended header
_END: Final = bytes(_BLOCK)
_HOW: Final = "Build the image again, or ask its publisher to do so"


class Kind(Enum):
    FILE = "a regular file"
    HARD_LINK = "another name of a file"
    SYMLINK = "a symbolic link"
    FOLDER = "a folder"
    SPECIAL = "a device or a pipe"
    OTHER = "what no runtime unpacks"


_KINDS: Final = {
    b"\0": Kind.FILE,
    b"0": Kind.FILE,
    b"1": Kind.HARD_LINK,
    b"2": Kind.SYMLINK,
    b"3": Kind.SPECIAL,
    b"4": Kind.SPECIAL,
    b"5": Kind.FOLDER,
    b"6": Kind.SPECIAL,
    b"7": Kind.FILE,
    b"S": Kind.FILE,
}
_HEADER_ONLY: Final = frozenset({b"1", b"2", b"3", b"4", b"5", b"6"})  # whatever size they name
_PAX: Final = b"x"
_PAX_OF_ALL: Final = b"g"
_GNU_NAME: Final = b"L"
_GNU_LINK: Final = b"K"
_GNU_SPARSE: Final = b"S"


class Member(NamedTuple):
    name: str
    kind: Kind
    mode: int
    """Permission bits."""
    link: str
    size: int
    """Bytes of what follows it in the archive."""


class Tar:
    """Iterates over the members; `read` and `pieces` give what is in the current one, before the next is asked for.

    Raises Damage where it is not a tar archive, or a damaged one.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._left = 0  # bytes of the current member that are not read yet
        self._padding = 0

    def __iter__(self) -> Iterator[Member]:
        name = link = ""
        pax: dict[str, str] = {}
        while (header := self._next()) is not None:
            kind, size = header[156:157], _number(header[124:136], "size")
            size = _whole(pax.get("size", ""), size)
            if size < 0:
                raise _damaged("a size below zero")
            if kind == _GNU_SPARSE:
                self._skip_sparse_map(header)
            if kind in _HEADER_ONLY:
                size = 0
            self._left, self._padding = size, -size % _BLOCK
            if kind == _PAX:
                pax = _pax(self._extended())
            elif kind == _GNU_NAME:
                name = _text(self._extended())
            elif kind == _GNU_LINK:
                link = _text(self._extended())
            elif kind != _PAX_OF_ALL:  # which runtimes pass over, too
                yield _member(
                    header,
                    pax.get("GNU.sparse.name") or pax.get("path") or name,
                    pax.get("linkpath") or link,
                    size,
                )
                name = link = ""
                pax = {}

    def read(self) -> bytes:
        return b"".join(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        for piece in self._stream.pieces(self._left):
            self._left -= len(piece)
            yield piece
        if self._left:
            raise _damaged("it ends in the middle of a file")

    def _next(self) -> bytes | None:
        if not self._stream.skip(self._left + self._padding):
            raise _damaged("it ends in the middle of a file")
        self._left = self._padding = 0
        header = self._stream.read(_BLOCK)
        if not header or header == _END:
            return None
        if len(header) < _BLOCK:
            raise _damaged("it ends in the middle of a header")
        written = _number(header[148:156], "checksum")
        if written != sum(header) - sum(header[148:156]) + 8 * ord(" "):
            raise _damaged("a header's checksum is wrong")
        return header

    def _extended(self) -> bytes:
        if self._left > _MAX_HEADER:
            raise _damaged(f"an extended header of {self._left} bytes")
        return self.read()

    def _skip_sparse_map(self, header: bytes) -> None:
        more = header[482]
        while more:
            block = self._stream.read(_BLOCK)
            if len(block) < _BLOCK:
                raise _damaged("it ends in the middle of a header")
            more = block[504]


def _member(header: bytes, name: str, link: str, size: int) -> Member:
    kind = header[156:157]
    name = name or _name(header)
    if kind == b"\0" and name.endswith("/"):
        kind = b"5"  # as archives before ustar mark a folder
    link = link or _text(header[157:257])
    if "\0" in name or "\0" in link:
        raise _damaged("a name with a NUL in it")
    return Member(name, _KINDS.get(kind, Kind.OTHER), _number(header[100:108], "mode") & 0o7777, link, size)


def _name(header: bytes) -> str:
    name = _text(header[:100])
    if header[257:263] != b"ustar\0":
        return name  # GNU has times where ustar has the prefix
    is_star = header[508:512] == b"tar\0"
    prefix = _text(header[345 : 476 if is_star else 500])
    return f"{prefix}/{name}" if prefix else name


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _number(field: bytes, what: str) -> int:
    if field[0] & 0x80:  # GNU's way to write numbers that need more digits: big-endian, the sign in the second bit
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big") - (
            1 << (8 * len(field) - 1) if field[0] & 0x40 else 0
        )
    digits = field.strip(b" \0").partition(b"\0")[0].rstrip()
    if digits.strip(b"01234567"):
        raise _damaged(f"a {what} that is not a number")
    return int(digits, 8) if digits else 0


def _whole(text: str, otherwise: int) -> int:
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise _damaged("a size that is not a number")
    return int(text)


def _pax(records: bytes) -> dict[str, str]:
    """Of the records `LENGTH KEY=VALUE\\n` those that name what is kept of a member."""
    found = {}
    at = 0
    while at < len(records) and records[at]:
        space = records.find(b" ", at, at + 20)
        length = records[at:space] if space > 0 else b""
        end = at + int(length) if length.isdigit() else 0
        if end <= space or end > len(records) or records[end - 1 : end] != b"\n":
            raise _damaged("an invalid extended header")
        key, equals, value = records[space + 1 : end - 1].partition(b"=")
        if not equals:
            raise _damaged("an invalid extended header")
        if key in (b"path", b"linkpath", b"size", b"GNU.sparse.name"):
            found[key.decode()] = value.decode("utf-8", "surrogateescape")
        at = end
    return found


def _damaged(what: str) -> Damage:
    return Damage(f"a tar archive in it is damaged: {what}", _HOW)
