"""One layer, read once as it comes: what it brings, and the digests of what was read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from .errors import Damage, Fault
from .files import Folder, Layer
from .streams import Counted, Stream, unpacked
from .tar import Tar
from .work import Work

TRY_AGAIN: Final = "It changed in transit or in storage: try again. If that does not help, push or save the image again"


@dataclass(frozen=True)
class Read:
    """A layer as it was read, before it is known whether it is the one that was asked for."""

    layer: Layer
    size: int
    """Packed, in bytes."""
    digest: str
    """Packed."""
    diff_id: str
    """The digest of the tar archive in it."""
    damage: Damage | None
    """Why the rest of it could not be read."""

    def checked(self, what: str, *, digest: str = "", size: int | None = None, diff_id: str = "") -> Layer:
        """Raises Fault where it is not the one that was asked for: that goes before what follows from it."""
        if size is not None and self.size != size:
            is_short = self.size < size
            raise Fault(
                f"{what} ends after {self.size:,} of {size:,} bytes"
                if is_short
                else f"{what} is longer than {size:,} bytes",
                TRY_AGAIN,
            )
        if digest and self.digest != digest:
            raise Fault(f"{what} has the wrong digest: {self.digest} instead of {digest}", TRY_AGAIN)
        if self.damage:
            raise self.damage.of(what)
        if diff_id and self.diff_id != diff_id:
            raise Fault(
                f"{what} unpacks to the wrong digest: {self.diff_id} instead of {diff_id}, which its config names",
                TRY_AGAIN,
            )
        return self.layer


def read(pieces: Iterable[bytes], work: Work, algorithm: str = "sha256") -> Read:
    """Reads to the end also what is damaged, for its digest says whether it was damaged on the way."""
    packed = Counted(pieces, algorithm)
    layer = Layer(work)
    try:
        plain = Counted(unpacked(packed, work))
        for member in Tar(Stream(plain)):
            layer.add(member)
        plain.finish()
    except Damage as damage:
        packed.finish()
        return Read(layer, packed.size, packed.digest, "", damage)
    return Read(layer, packed.size, packed.digest, plain.digest, None)


def stacked(layers: Iterable[tuple[str, Layer]]) -> Folder:
    """The file system that layers make, each with its name in messages, from the lowest up. Raises Fault."""
    root = Folder()
    for what, layer in layers:
        try:
            layer.put_on(root)
        except Damage as damage:
            raise damage.of(what) from None
    return root
