"""Reads images from this machine's files: what `docker save` and its like write, and OCI image layouts."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Final

from lifecycle_rules.images import parse_reference

from . import layers
from .contents import Contents
from .errors import Damage, Fault, document, line, parsed
from .files import Layer, clean
from .manifests import (
    MAX_DOCUMENT,
    Descriptor,
    Source,
    Wanted,
    contents,
    descriptors,
    image,
    texts,
    verified,
)
from .progress import Progress
from .streams import PIECE, Stream, digest_of, unpacked
from .tar import Kind, Tar
from .work import Work

_MAX_DOCUMENTS: Final = 64 << 20  # bytes of all manifests and configs in an archive
_MAX_LINKS: Final = 40
_OF_MEMBER: Final = 500  # in units of Work, for what is kept of it
_NAMES: Final = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
_SAVE: Final = "Write it with `docker save NAME` or `skopeo copy`"
_ONE: Final = "Save one by itself"


def from_folder(folder: Path, wanted: Wanted, progress: Progress) -> Contents:
    """An image layout. Raises Fault, and OSError where a file cannot be read."""
    try:
        index = _beginning(folder / "index.json")
    except (FileNotFoundError, NotADirectoryError):
        raise Fault("the folder is not an image layout: it has no index.json", _SAVE) from None
    return _from_layout(_LayoutFolder(folder, wanted.work, progress), index, wanted)


def from_file(file: BinaryIO, wanted: Wanted, progress: Progress) -> Contents:
    """An archive, packed or not, read once from its beginning to its end. Raises Fault, and OSError."""
    archive = _Archive(wanted.work)
    try:
        archive.read(unpacked(_pieces(file, progress), wanted.work))
    except Damage as damage:
        raise Fault(f"it is not an image archive, or it is damaged: {damage.what}", _SAVE) from None
    saved, index = archive.documents.get("manifest.json"), archive.documents.get("index.json")
    if saved is None and index is None:
        raise Fault("it has neither manifest.json nor index.json, so it is not an image archive", _SAVE)
    entries = _saved(saved) if saved is not None else []
    wanted = replace(wanted, names=tuple(each for entry in entries for each in texts(entry.get("RepoTags"))))
    return _from_layout(archive, index, wanted) if index is not None else _from_saved(archive, entries, wanted)


def _from_layout(source: Source, index: bytes, wanted: Wanted) -> Contents:
    found: Any = document(index, "index.json").get("manifests")
    by_digest = {each.digest: each for each in descriptors(found)}
    names = tuple(dict.fromkeys([*wanted.names, *_names(found)]))
    if len(by_digest) > 1 and any(each.platform is None for each in by_digest.values()):
        raise _several(len(by_digest), names)
    once = {each["digest"]: each for each in reversed(found)}  # it stands there once for each of its names
    return image(source, {"manifests": [*once.values()]}, "", replace(wanted, names=names))


def _from_saved(archive: "_Archive", entries: list[dict[str, Any]], wanted: Wanted) -> Contents:
    if len(entries) != 1:
        raise _several(len(entries), wanted.names)
    (entry,) = entries
    config_name, names = entry.get("Config"), texts(entry.get("Layers"))
    if not isinstance(config_name, str):
        raise Fault("its manifest.json names no config", _SAVE)
    content = archive.documents.get(archive.where(config_name))
    if content is None:
        raise Fault(f"it has no {line(config_name)}, which its manifest.json names", _SAVE)
    named = re.search(r"(?:^|/)([0-9a-f]{64})(?:\.json)?$", config_name)
    digest = f"sha256:{named[1]}" if named else digest_of(content)
    config = document(verified(content, Descriptor(digest, len(content)), "its config"), "its config")

    def layer(name: str, diff_id: str, what: str) -> Layer:
        return archive.found(name, diff_id.partition(":")[0], what).checked(what, diff_id=diff_id)

    return contents(config, names, layer, digest, wanted)


class _LayoutFolder:
    def __init__(self, folder: Path, work: Work, progress: Progress) -> None:
        self._folder = folder
        self._work = work
        self._progress = progress

    def has(self, descriptor: Descriptor) -> bool:
        return self._blob(descriptor).is_file()

    def expect(self, size: int) -> None:
        self._progress.expect(size)

    def document(self, descriptor: Descriptor, what: str) -> bytes:
        try:
            return verified(_beginning(self._blob(descriptor)), descriptor, what)
        except FileNotFoundError:
            raise _missing(descriptor, what) from None

    def layer(self, descriptor: Descriptor, diff_id: str, what: str) -> Layer:
        try:
            with self._blob(descriptor).open("rb") as file:
                found = layers.read(_pieces(file, self._progress), self._work, descriptor.algorithm)
        except FileNotFoundError:
            raise _missing(descriptor, what) from None
        return found.checked(what, digest=descriptor.digest, size=descriptor.size, diff_id=diff_id)

    def _blob(self, descriptor: Descriptor) -> Path:
        return self._folder / "blobs" / descriptor.algorithm / descriptor.digest.partition(":")[2]


class _Archive:
    """What a tar archive has, read as it passes.

    Which of its files are layers is known only at its end, so each is read as one.
    """

    def __init__(self, work: Work) -> None:
        self.documents: dict[str, bytes] = {}
        self._layers: dict[str, layers.Read] = {}
        self._links: dict[str, str] = {}
        self._work = work

    def read(self, pieces: Iterator[bytes]) -> None:
        tar = Tar(Stream(pieces))
        size = 0
        for member in tar:
            name = "/".join(clean(member.name))
            if member.kind is Kind.SYMLINK:
                self._links[name] = "/".join(clean(f"{name.rpartition('/')[0]}/{member.link}"))
            elif member.kind is Kind.HARD_LINK:
                self._links[name] = "/".join(clean(member.link))
            elif member.kind is Kind.FILE:
                self._work.named(_OF_MEMBER + len(name))
                content = tar.pieces()
                head = next(content, b"")
                if member.size <= MAX_DOCUMENT and head.lstrip()[:1] in (b"{", b"["):
                    self.documents[name] = head + b"".join(content)
                    size += member.size
                    if size > _MAX_DOCUMENTS:
                        raise Fault("it has more manifests and configs than any image", _SAVE)
                else:
                    algorithm = "sha512" if name.startswith("blobs/sha512/") else "sha256"
                    self._layers[name] = layers.read(_again(head, content), self._work, algorithm)

    def has(self, descriptor: Descriptor) -> bool:
        return self._path(descriptor) in self.documents

    def expect(self, size: int) -> None:
        """They are read by now."""

    def document(self, descriptor: Descriptor, what: str) -> bytes:
        found = self.documents.get(self._path(descriptor))
        if found is None:
            raise _missing(descriptor, what)
        return verified(found, descriptor, what)

    def layer(self, descriptor: Descriptor, diff_id: str, what: str) -> Layer:
        found = self.found(self._path(descriptor), descriptor.algorithm, what)
        return found.checked(what, digest=descriptor.digest, size=descriptor.size, diff_id=diff_id)

    def found(self, name: str, algorithm: str, what: str) -> layers.Read:
        name = self.where(name)
        if name in self.documents:
            return layers.read([self.documents[name]], self._work, algorithm)
        if name not in self._layers:
            raise Fault(f"{what} is not in the archive", _SAVE)
        return self._layers[name]

    def where(self, name: str) -> str:
        """The file that a name in the archive stands for: older ones link to layers that images share."""
        name = "/".join(clean(name))
        for _ in range(_MAX_LINKS):
            if name not in self._links:
                break
            name = self._links[name]
        return name

    def _path(self, descriptor: Descriptor) -> str:
        return f"blobs/{descriptor.digest.replace(':', '/')}"


def _saved(content: bytes) -> list[dict[str, Any]]:
    found = parsed(content, "its manifest.json")
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Fault("its manifest.json names no images", _SAVE)
    return found


def _names(found: object) -> Iterator[str]:
    """The references that the manifests of a layout carry; of a bare tag it is not known which image it is of."""
    for each in found if isinstance(found, list) else ():
        notes = each.get("annotations") if isinstance(each, dict) else None
        names = [notes.get(key) for key in _NAMES] if isinstance(notes, dict) else []
        whole = [each for each in names if isinstance(each, str) and re.search("[/:]", each) and parse_reference(each)]
        yield from whole[:1]


def _several(count: int, names: tuple[str, ...]) -> Fault:
    known = f": {', '.join(line(each) for each in names[:8])}" if names else ""
    return Fault(f"it holds {count} images{known}" if count else "it holds no image", _ONE if count else _SAVE)


def _missing(descriptor: Descriptor, what: str) -> Fault:
    return Fault(f"it lacks {what}, {descriptor.digest}", f"Save it again, with all of its layers. {_SAVE}")


def _beginning(file: Path) -> bytes:
    with file.open("rb") as content:
        return content.read(MAX_DOCUMENT + 1)


def _pieces(file: BinaryIO, progress: Progress) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        progress(len(piece))
        yield piece


def _again(head: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from pieces
