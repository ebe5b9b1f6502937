"""From a reference to its layers: indexes, manifests and configs, as Docker and OCI write them."""

import platform as machine
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol, TypeVar

from .contents import DEFAULT_PATH, Contents, programs_in
from .errors import Fault, document, line
from .files import Layer
from .layers import TRY_AGAIN, stacked
from .streams import digest_of
from .work import Work

INDEXES: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
MANIFESTS: Final = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
MAX_DOCUMENT: Final = 4 << 20  # bytes of a manifest or a config; what registries take
_MAX_NESTED: Final = 4  # indexes in indexes
_DIGEST: Final = re.compile(r"(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})")
_HOW: Final = "Build or push the image again"
_PROCESSORS: Final = {
    "x86_64": "amd64",
    "amd64": "amd64",
    "aarch64": "arm64",
    "arm64": "arm64",
    "i686": "386",
    "armv7l": "arm/v7",
}
_VARIANTS: Final = {"arm64": "v8", "arm": "v7"}  # where none is named
_Layer = TypeVar("_Layer")


@dataclass(frozen=True)
class Platform:
    """An operating system and a processor: `linux/amd64`, `linux/arm/v7`."""

    system: str
    processor: str
    variant: str = ""
    asked: bool = field(default=True, compare=False)
    """Whether it was asked for: otherwise another one will do, for images rarely differ in their programs."""

    def __str__(self) -> str:
        return "/".join(each for each in (self.system, self.processor, self.variant) if each)

    @classmethod
    def parse(cls, text: str) -> "Platform | None":
        found = re.fullmatch(r"([a-z0-9]+)/([a-z0-9_]+)(?:/([a-z0-9]+))?", text, re.ASCII)
        return cls(found[1], found[2], found[3] or "") if found else None

    @classmethod
    def own(cls) -> "Platform":
        """Linux on this machine's processor."""
        processor, _, variant = _PROCESSORS.get(machine.machine().lower(), machine.machine().lower()).partition("/")
        return cls("linux", processor, variant, asked=False)

    def suits(self, other: "Platform") -> bool:
        """Whether the other one is what was asked for."""
        return (self.system, self.processor, self._variant) == (other.system, other.processor, other._variant)

    @property
    def _variant(self) -> str:
        return self.variant or _VARIANTS.get(self.processor, "")


@dataclass(frozen=True)
class Descriptor:
    """What a document says of another: its digest and size, and for a manifest in an index its platform."""

    digest: str
    size: int
    media_type: str = ""
    platform: Platform | None = None

    @property
    def algorithm(self) -> str:
        return self.digest.partition(":")[0]


@dataclass(frozen=True)
class Wanted:
    """What was asked for, and what it may cost."""

    reference: str
    """As the user wrote it."""
    names: tuple[str, ...]
    """The references that the image has."""
    platform: Platform
    work: Work


class Source(Protocol):
    """Where an image's parts come from."""

    def has(self, descriptor: Descriptor) -> bool:
        """Whether it may have it: an archive need not have all that an index names."""

    def expect(self, size: int) -> None:
        """So many bytes of layers will be read."""

    def document(self, descriptor: Descriptor, what: str) -> bytes:
        """A manifest or a config, checked by its digest."""

    def layer(self, descriptor: Descriptor, diff_id: str, what: str) -> Layer:
        """A layer, checked by its digest and by that of the archive in it."""


def image(source: Source, found: dict[str, Any], digest: str, wanted: Wanted) -> Contents:
    """The contents of an image, from the manifest or index that its reference names, and its digest. Raises Fault."""
    for _ in range(_MAX_NESTED):
        if not is_index(found):
            break
        chosen = choose(found, wanted.platform, source.has)
        digest, found = chosen.digest, document(source.document(chosen, "its manifest"), "its manifest")
    if "layers" not in found:
        raise Fault(*_no_manifest(found))
    layers = descriptors(found["layers"])
    if any(each.media_type.endswith("+encrypted") for each in layers):
        raise Fault("its layers are encrypted", "Name the image that it was made from")
    source.expect(sum(each.size for each in layers))
    config_at = descriptor(found.get("config"))
    config = document(source.document(config_at, "its config"), "its config")
    return contents(config, layers, source.layer, digest, wanted, config_at.media_type)


def contents(
    config: Mapping[str, Any],
    layers: Sequence[_Layer],
    read: Callable[[_Layer, str, str], Layer],
    digest: str,
    wanted: Wanted,
    media_type: str = "",
) -> Contents:
    """What the config says, and the programs of the layers. Raises Fault.

    `read` gets what names a layer, its diff_id, and what messages call it.
    """
    diff_ids = _diff_ids(config, media_type)
    if len(diff_ids) != len(layers):
        raise Fault(f"its manifest has {len(layers)} layers and its config {len(diff_ids)}", _HOW)
    _check_platform(config, wanted.platform)
    pairs = zip(layers, diff_ids, strict=True)
    named = ((f"layer {index} of {len(layers)}", *each) for index, each in enumerate(pairs, 1))
    root = stacked((what, read(each, diff_id, what)) for what, each, diff_id in named)
    runs = config.get("config")
    runs = runs if isinstance(runs, dict) else {}
    env = dict(each.partition("=")[::2] for each in texts(runs.get("Env")))
    executables, links = programs_in(root, wanted.work)
    return Contents(
        reference=wanted.reference,
        names=wanted.names,
        digest=digest,
        platform=str(_platform(config)),
        path=tuple(each for each in (env.get("PATH") or DEFAULT_PATH).split(":") if each),
        entrypoint=texts(runs.get("Entrypoint")),
        command=texts(runs.get("Cmd")),
        user=_text(runs.get("User")),
        working_dir=_text(runs.get("WorkingDir")) or "/",
        stop_signal=_text(runs.get("StopSignal")) or "SIGTERM",
        executables=executables,
        links=links,
    )


def is_index(found: Mapping[str, Any]) -> bool:
    return "manifests" in found and "layers" not in found


def choose(index: Mapping[str, Any], platform: Platform, has: Callable[[Descriptor], bool]) -> Descriptor:
    """The manifest for a platform. Raises Fault where there is none, with those that there are."""
    there = [each for each in descriptors(index["manifests"]) if not _is_note(each) and has(each)]
    named = [each for each in there if each.platform]
    found = next((each for each in named if each.platform and platform.suits(each.platform)), None)
    if found is None and not platform.asked:
        linux = [each for each in named if each.platform and each.platform.system == "linux"]
        amd64 = [each for each in linux if each.platform and each.platform.processor == "amd64"]
        found = next(iter([*amd64, *linux]), None)
    if found is None and len(there) == 1 and not named:
        found = there[0]  # its config names the platform
    if found is None:
        known = ", ".join(sorted({str(each.platform) for each in named})) or "none by name"
        raise Fault(f"it has no manifest for {platform}, only for {line(known)}", "Choose one of these with --platform")
    return found


def descriptors(found: object) -> list[Descriptor]:
    if not isinstance(found, list):
        raise Fault("its manifest is malformed", _HOW)
    return [descriptor(each) for each in found]


def descriptor(found: object) -> Descriptor:
    """Raises Fault for what names no digest, or one that cannot be checked."""
    found = found if isinstance(found, dict) else {}
    digest, size = found.get("digest"), found.get("size")
    if not isinstance(digest, str) or not isinstance(size, int) or size < 0:
        raise Fault("its manifest is malformed", _HOW)
    if not is_digest(digest):
        raise Fault(f"its manifest names {line(digest)}, which is not a sha256 or sha512 digest", _HOW)
    on = found.get("platform")
    return Descriptor(digest, size, _text(found.get("mediaType")), _platform(on) if isinstance(on, dict) else None)


def is_digest(text: str) -> bool:
    return bool(_DIGEST.fullmatch(text))


def _diff_ids(config: Mapping[str, Any], media_type: str = "") -> tuple[str, ...]:
    """The digests of the layers' archives. Raises Fault if the config is not a container image's."""
    rootfs = config.get("rootfs")
    found = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    if not isinstance(found, list) or not all(isinstance(each, str) and is_digest(each) for each in found):
        kind = f" but {line(media_type)}" if media_type and ".image.config." not in media_type else ""
        raise Fault(
            f"it is not a container image{kind}: its config names no layers", "Name the image that the Pod runs"
        )
    return tuple(found)


def _check_platform(config: Mapping[str, Any], platform: Platform) -> None:
    on = _platform(config)
    if on.system != "linux":
        raise Fault(f"it is for {line(str(on))}, and only images for Linux can be read", "Name one for Linux")
    named = replace(on, variant=on.variant or platform.variant)  # which older builders left out
    if platform.asked and on.processor and not platform.suits(named):
        raise Fault(f"it is for {line(str(on))}, not for {platform}", "Leave --platform out, or name another image")


def _is_note(each: Descriptor) -> bool:
    """Whether it is an attestation, which stands beside the manifests."""
    return each.platform is not None and each.platform.system == "unknown"


def _no_manifest(found: Mapping[str, Any]) -> tuple[str, str]:
    if found.get("schemaVersion") == 1:
        return "its manifest is of the old schema 1", "Pull it and push it again with a current Docker"
    return "its manifest names no layers", _HOW


def _platform(found: Mapping[str, Any]) -> Platform:
    return Platform(_text(found.get("os")) or "linux", _text(found.get("architecture")), _text(found.get("variant")))


def _text(found: object) -> str:
    return found if isinstance(found, str) else ""


def texts(found: object) -> tuple[str, ...]:
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()


def verified(content: bytes, descriptor: Descriptor, what: str) -> bytes:
    """A document, read up to a byte more than MAX_DOCUMENT. Raises Fault where it is not the one described."""
    if len(content) > MAX_DOCUMENT:
        raise Fault(f"{what} has more than {MAX_DOCUMENT:,} bytes", _HOW)
    if len(content) < descriptor.size:
        raise Fault(f"{what} ends after {len(content):,} of {descriptor.size:,} bytes", TRY_AGAIN)
    digest = digest_of(content, descriptor.algorithm)
    if digest != descriptor.digest:
        raise Fault(f"{what} has the wrong digest: {digest} instead of {descriptor.digest}", TRY_AGAIN)
    return content
