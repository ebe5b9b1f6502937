"""An image from wherever it is: an archive, a layout, or a registry."""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

from lifecycle_rules.images import Reference, parse_reference

from . import archives, cache
from .contents import Contents
from .errors import Fault, document
from .manifests import Platform, image
from .progress import Progress
from .registry import Registry
from .work import Work

STDIN: Final = "-"
_PATHS: Final = ("/", "./", "../", "~")
_ARCHIVES: Final = ("/", ".tar", ".tar.gz", ".tgz", ".tar.zst", ".oci")


def is_path(text: str) -> bool:
    """Whether it names a file or folder, by its looks alone: its beginning, or the ending of an archive."""
    return text in (STDIN, ".", "..") or text.startswith(_PATHS) or text.endswith(_ARCHIVES)


def read(reference_or_path: str, platform: Platform | None = None) -> Contents:
    """What is in an image: of a registry, or in an archive (`-` is standard input) or a layout; `is_path` says which.

    Without a platform it is the one for Linux on this machine's processor, or else for another. Shows its progress
    on a terminal. Raises ImageError.
    """
    with _about(reference_or_path, "reading") as progress:
        platform = platform or Platform.own()
        if is_path(reference_or_path):
            return _local(reference_or_path, platform, progress)
        reference = _reference(reference_or_path)
        work = Work()
        registry = Registry(reference, work, progress)
        return _remote(registry, reference.digest or reference.tag, reference_or_path, platform, work, progress)


def inspected(reference: str, platform: Platform | None = None) -> Contents:
    """The same of a registry alone, kept by digest in the user's cache. Raises ImageError.

    A digest that was read before needs no network; a tag is looked up each time, for it may have moved.
    """
    with _about(reference, "reading") as progress:
        platform = platform or Platform.own()
        named = _reference(reference)
        work = Work()
        registry = Registry(named, work, progress)
        digest = named.digest or registry.head(named.tag) or registry.manifest(named.tag)[1]
        known = cache.load(digest, platform)
        if known:
            return replace(known, reference=reference, names=(reference,))
        found = _remote(registry, digest, reference, platform, work, progress)
        cache.store(digest, platform, found)
        return found


@contextlib.contextmanager
def _about(image: str, doing: str) -> Iterator[Progress]:
    progress = Progress(f"{doing} {image}")
    try:
        yield progress
    except Fault as fault:
        raise fault.about(image) from None
    except OSError as error:
        raise Fault(f"it cannot be read: {error.strerror or error}", "Check the path and its permissions").about(
            image
        ) from None
    finally:
        progress.done()


def _reference(text: str) -> Reference:
    found = parse_reference(text)
    if not found:
        here = (
            f"For the file of that name write ./{text}"
            if os.path.exists(text)
            else "An image is named as in a Pod, nginx:1.27"
        )
        raise Fault("it is no image reference, nor does it look like the path of an archive", here)
    return found


def _remote(
    registry: Registry, which: str, reference: str, platform: Platform, work: Work, progress: Progress
) -> Contents:
    content, digest = registry.manifest(which)
    return image(
        registry,
        document(content, "its manifest"),
        digest,
        platform,
        work,
        reference=reference,
        names=(reference,),
        announce=progress.expect,
    )


def _local(text: str, platform: Platform, progress: Progress) -> Contents:
    work = Work()
    if text == STDIN:
        return archives.from_file(sys.stdin.buffer, platform, work, progress, text)
    path = Path(os.path.expanduser(text))
    if path.is_dir():
        return archives.from_folder(path, platform, work, progress)
    with path.open("rb") as file:
        progress.expect(_size(file))
        return archives.from_file(file, platform, work, progress, text)


def _size(file: BinaryIO) -> int:
    """In bytes; 0 for a pipe."""
    return os.fstat(file.fileno()).st_size
