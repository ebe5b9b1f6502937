"""An image from wherever it is: an archive, a layout, or a registry."""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from lifecycle_rules.images import Reference, parse_reference

from . import archives, cache
from .contents import Contents
from .errors import Fault, document
from .manifests import Platform, Wanted, image
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
    with _reading(reference_or_path, platform) as (wanted, progress):
        if is_path(reference_or_path):
            return _local(reference_or_path, wanted, progress)
        reference = _reference(reference_or_path)
        registry = Registry(reference, wanted.work, progress)
        return _remote(registry, reference.digest or reference.tag, wanted)


def inspected(reference: str, platform: Platform | None = None) -> Contents:
    """The same of a registry alone, kept by digest in the user's cache. Raises ImageError.

    A digest that was read before needs no network; a tag is looked up each time, for it may have moved.
    """
    with _reading(reference, platform) as (wanted, progress):
        named = _reference(reference)
        registry = Registry(named, wanted.work, progress)
        digest = named.digest or registry.head(named.tag) or registry.manifest(named.tag)[1]
        known = cache.load(digest, wanted.platform)
        if known:
            return replace(known, reference=reference, names=wanted.names)
        found = _remote(registry, digest, wanted)
        cache.store(digest, wanted.platform, found)
        return found


@contextlib.contextmanager
def _reading(image: str, platform: Platform | None) -> Iterator[tuple[Wanted, Progress]]:
    progress = Progress(f"reading {image}")
    try:
        yield Wanted(image, (image,), platform or Platform.own(), Work()), progress
    except Fault as fault:
        raise fault.about(image) from None
    except OSError as error:
        what = f"it cannot be read: {error.strerror or error}"
        raise Fault(what, "Check the path and its permissions").about(image) from None
    finally:
        progress.done()


def _reference(text: str) -> Reference:
    found = parse_reference(text)
    if not found:
        here = (
            f"To read a file of that name, write ./{text}"
            if os.path.exists(text)
            else "Name an image as in a Pod, e.g. nginx:1.27"
        )
        raise Fault("it is neither an image reference nor the path of an archive", here)
    return found


def _remote(registry: Registry, which: str, wanted: Wanted) -> Contents:
    content, digest = registry.manifest(which)
    return image(registry, document(content, "its manifest"), digest, wanted)


def _local(text: str, wanted: Wanted, progress: Progress) -> Contents:
    wanted = replace(wanted, names=())
    if text == STDIN:
        return archives.from_file(sys.stdin.buffer, wanted, progress)
    path = Path(os.path.expanduser(text))
    if path.is_dir():
        return archives.from_folder(path, wanted, progress)
    with path.open("rb") as file:
        progress.expect(os.fstat(file.fileno()).st_size)
        return archives.from_file(file, wanted, progress)
