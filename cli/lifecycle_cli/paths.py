"""Which files a command reads: those named, and of folders the manifests that git does not ignore."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from .reading import STDIN

SUFFIXES: Final = (".yaml", ".yml", ".json")


class Named(NamedTuple):
    """A file to read."""

    path: str
    is_named: bool
    """Whether the caller named it itself, and not a folder that has it."""


def files(paths: list[str]) -> Iterator[Named]:
    """Each file once, in the order of the paths, those of a folder by name."""
    seen: set[tuple[int, int] | str] = set()
    for path in paths:
        found = _of_folder(path) if path != STDIN and os.path.isdir(path) else iter([path])
        for each in found:
            key = _identity(each)
            if key not in seen:
                seen.add(key)
                yield Named(each, each == path)


def _identity(path: str) -> tuple[int, int] | str:
    try:
        status = os.stat(path)
    except OSError:
        return path
    return status.st_dev, status.st_ino


def _of_folder(folder: str) -> Iterator[str]:
    """Manifests, and folders that cannot be read, which are so reported."""
    tracked = _by_git(folder)
    found = _walked(folder) if tracked is None else tracked
    for each in found:
        if each.endswith((*SUFFIXES, os.sep)):
            is_here = folder.rstrip(os.sep) == "."
            yield each.removeprefix(f".{os.sep}") if is_here else each


def _by_git(folder: str) -> list[str] | None:
    """What git would track; None where the folder is in no repository, or there is no git."""
    import shutil  # which a file alone does not need
    import subprocess

    program = shutil.which("git")
    if program is None:
        return None
    command = [program, *_NO_PROGRAM, "-C", folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    command.append("--deduplicate")
    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"})
    if done.returncode != 0:
        return None
    names = sorted(os.fsdecode(each) for each in done.stdout.split(b"\0") if each)
    found = [path for each in names if os.path.lexists(path := os.path.join(folder, each)) and not os.path.isdir(path)]
    unreadable = _UNREADABLE.findall(os.fsdecode(done.stderr))
    return [*found, *(os.path.join(folder, each, "") for each in unreadable)]


# A repository's own configuration can name programs that git runs: to watch its files, and to fetch what it lacks.
_NO_PROGRAM: Final = ("-c", "core.fsmonitor=false", "-c", "protocol.allow=never")
_UNREADABLE: Final = re.compile(r"^warning: could not open directory '(.+)/': ", re.MULTILINE)


def _walked(folder: str) -> Iterator[str]:
    """All files below, but for those of hidden folders; a folder that cannot be read is given as a path of its own."""
    unreadable: list[str] = []
    for here, folders, names in os.walk(folder, onerror=lambda error: unreadable.append(str(error.filename))):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        yield from (os.path.join(here, each) for each in sorted(names))
    yield from (f"{each}{os.sep}" for each in unreadable)


def relative(path: str, to: Path) -> str:
    """As it is written in a report or a baseline: with `/`, and relative where it can be."""
    return path if path == STDIN else Path(os.path.relpath(path, to)).as_posix()
