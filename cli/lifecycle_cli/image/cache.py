"""What was read of images, kept by digest: what was read once is not read again, and a tag costs one request.

Files of JSON in `lifecycle/images` of `$XDG_CACHE_HOME` (or ~/.cache), a few dozen kilobytes each, for the user alone.
What is damaged or of another version is read anew, and a cache that cannot be written is none.
"""

import contextlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from .contents import Contents
from .manifests import Platform

_VERSION: Final = 1  # of the form below
_TEXTS: Final = ("reference", "digest", "platform", "user", "working_dir", "stop_signal")
_LISTS: Final = ("names", "path", "entrypoint", "command")


def load(digest: str, platform: Platform) -> Contents | None:
    """What was kept of the manifest or index with this digest, for this platform."""
    try:
        return _decoded(json.loads(_file(digest, platform).read_bytes()))
    except (OSError, ValueError, RecursionError, RuntimeError):
        return None


def store(digest: str, platform: Platform, contents: Contents) -> None:
    with contextlib.suppress(OSError, RuntimeError):
        file = _file(digest, platform)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".", dir=file.parent)
        try:
            with os.fdopen(handle, "w") as new:
                json.dump(_encoded(contents), new, separators=(",", ":"))
            os.replace(name, file)
        except BaseException:
            os.unlink(name)
            raise


def _file(digest: str, platform: Platform) -> Path:
    users = Path(os.environ.get("XDG_CACHE_HOME", ""))  # to be ignored where it is relative, says XDG
    folder = (users if users.is_absolute() else Path.home() / ".cache") / "lifecycle" / "images"
    asked = "" if platform.asked else "-or-other"
    return folder / f"{digest}-{platform}{asked}.json".replace(":", "-").replace("/", "-")


def _encoded(contents: Contents) -> Mapping[str, Any]:
    return {
        "version": _VERSION,
        **{key: getattr(contents, key) for key in (*_TEXTS, *_LISTS)},
        "executables": {folder: sorted(names) for folder, names in contents.executables.items()},
        "links": contents.links,
    }


def _decoded(found: Any) -> Contents | None:
    """None for what this version would not have written."""
    if not isinstance(found, dict) or found.get("version") != _VERSION:
        return None
    executables, links = found.get("executables"), found.get("links")
    if not isinstance(executables, dict) or not isinstance(links, dict):
        return None
    texts = {key: found.get(key) for key in _TEXTS}
    lists = {key: found.get(key) for key in _LISTS}
    if not all(map(_is_texts, [[*texts.values()], *lists.values(), [*links.values()], *executables.values()])):
        return None
    fields: dict[str, Any] = {**texts, **{key: tuple(found[key]) for key in _LISTS}}
    return Contents(
        **fields,
        executables={folder: frozenset(names) for folder, names in executables.items()},
        links=links,
    )


def _is_texts(found: object) -> bool:
    return isinstance(found, list) and all(isinstance(each, str) for each in found)
