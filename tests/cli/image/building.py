"""Images for tests, made in memory: layers of members, and what registries, layouts and `docker save` make of them."""

import gzip
import hashlib
import io
import json
import sys
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

OCI: Final = "application/vnd.oci.image"
DOCKER: Final = "application/vnd.docker"
CONTENT: Final = b"#!/bin/sh\n"


def member(name: str, kind: bytes = tarfile.REGTYPE, mode: int = 0o755, link: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.mode, found.linkname = kind, mode, link
    return found


def file(name: str, mode: int = 0o755) -> tarfile.TarInfo:
    return member(name, mode=mode)


def folder(name: str) -> tarfile.TarInfo:
    return member(name, tarfile.DIRTYPE)


def symlink(name: str, link: str) -> tarfile.TarInfo:
    return member(name, tarfile.SYMTYPE, 0o777, link)


def hard_link(name: str, link: str) -> tarfile.TarInfo:
    return member(name, tarfile.LNKTYPE, 0o755, link)


def layer(*members: tarfile.TarInfo, form: int = tarfile.GNU_FORMAT, content: bytes = CONTENT) -> bytes:
    """A tar archive of these; each regular file has the same content."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as tar:
        for each in members:
            each.size = len(content) if each.isreg() else 0
            tar.addfile(each, io.BytesIO(content) if each.isreg() else None)
    return made.getvalue()


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def as_json(found: object) -> bytes:
    return json.dumps(found).encode()


@dataclass(frozen=True)
class Packing:
    name: str
    media_type: str
    pack: Callable[[bytes], bytes]


PLAIN: Final = Packing("plain", f"{OCI}.layer.v1.tar", bytes)
GZIP: Final = Packing("gzip", f"{OCI}.layer.v1.tar+gzip", lambda content: gzip.compress(content, mtime=0))
ZSTD: Final = Packing("zstd", f"{OCI}.layer.v1.tar+zstd", zstd.compress)


@dataclass
class Image:
    """Layers from the lowest up, as tar archives."""

    layers: Sequence[bytes]
    packing: Packing = GZIP
    runs: dict[str, Any] = field(default_factory=dict)
    platform: str = "linux/amd64"

    def __post_init__(self) -> None:
        system, processor, *_ = self.platform.split("/")
        self.packed = [self.packing.pack(each) for each in self.layers]
        self.config = as_json(
            {
                "os": system,
                "architecture": processor,
                "config": self.runs,
                "rootfs": {"type": "layers", "diff_ids": [digest(each) for each in self.layers]},
            }
        )
        self.manifest = as_json(
            {
                "schemaVersion": 2,
                "mediaType": f"{OCI}.manifest.v1+json",
                "config": descriptor(self.config, f"{OCI}.config.v1+json"),
                "layers": [descriptor(each, self.packing.media_type) for each in self.packed],
            }
        )

    @property
    def blobs(self) -> dict[str, bytes]:
        """By digest, everything that a registry or a layout has of it."""
        return {digest(each): each for each in (self.manifest, self.config, *self.packed)}

    @property
    def in_index(self) -> dict[str, Any]:
        system, processor, *variant = self.platform.split("/")
        on = {"os": system, "architecture": processor, **({"variant": variant[0]} if variant else {})}
        return {**descriptor(self.manifest, f"{OCI}.manifest.v1+json"), "platform": on}


def descriptor(content: bytes, media_type: str) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest(content), "size": len(content)}


def index(*images: Image, also: Sequence[dict[str, Any]] = ()) -> bytes:
    found = [*(each.in_index for each in images), *also]
    return as_json({"schemaVersion": 2, "mediaType": f"{OCI}.index.v1+json", "manifests": found})


def layout(*images: Image, manifests: Sequence[dict[str, Any]] | None = None) -> dict[str, bytes]:
    """The files of an OCI image layout."""
    files = {"oci-layout": as_json({"imageLayoutVersion": "1.0.0"})}
    for each in images:
        files.update((f"blobs/{key.replace(':', '/')}", content) for key, content in each.blobs.items())
    if manifests is None:
        manifests = [descriptor(each.manifest, f"{OCI}.manifest.v1+json") for each in images]
    return {**files, "index.json": as_json({"schemaVersion": 2, "manifests": manifests})}


def saved(image: Image, *names: str) -> dict[str, bytes]:
    """The files of the archive that Docker before 25 and podman write."""
    config = f"{digest(image.config).partition(':')[2]}.json"
    layers = {f"{digest(each).partition(':')[2]}/layer.tar": each for each in image.packed}
    manifest = [{"Config": config, "RepoTags": list(names), "Layers": list(layers)}]
    return {**layers, config: image.config, "manifest.json": as_json(manifest)}


def write_folder(files: dict[str, bytes], root: Path) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def archive(files: dict[str, bytes], *links: tarfile.TarInfo) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, content in files.items():
            found = tarfile.TarInfo(name)
            found.size = len(content)
            tar.addfile(found, io.BytesIO(content))
        for each in links:
            tar.addfile(each)
    return made.getvalue()
