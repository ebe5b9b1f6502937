"""What is built once for a machine: entries in a folder outside the checkout, keyed by what they are made from.

An entry appears by one rename, complete or not at all, and carries a manifest, so that a damaged one
is noticed and made anew. Two commands that want the same entry wait for each other.
"""

import errno
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.errors import SandboxError
from sandbox.locking import hold
from sandbox.progress import say, step

MANIFEST: Final = "MANIFEST"
NO_SPACE: Final = "no space left on device"
HOW_NO_SPACE: Final = "Free some space there, or let LIFECYCLE_SANDBOX_CACHE name a folder on another disk."


@dataclass(frozen=True)
class Entry:
    """`build(folder)` fills an empty folder; `made_from` is all that decides what it puts there."""

    name: str
    made_from: bytes
    build: Callable[[Path], None]
    needs_bytes: int

    @property
    def folder(self) -> Path:
        return root() / f"{self.name}-{hashlib.sha256(self.made_from).hexdigest()[:12]}"


def root() -> Path:
    """`$LIFECYCLE_SANDBOX_CACHE`, or `lifecycle-sandbox` in the user's cache folder (XDG)."""
    if given := os.environ.get("LIFECYCLE_SANDBOX_CACHE"):
        return Path(given).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lifecycle-sandbox"


def ensure(entry: Entry) -> Path:
    """The entry's folder, built if need be. Raises SandboxError for a full disk and a failed build."""
    folder = entry.folder
    with _locked(entry):
        if folder.exists():
            fault = damage(folder)
            if not fault:
                say(f"{entry.name}: in the cache")
                return folder
            say(f"{entry.name}: {folder} is damaged ({fault}); building it anew")
            shutil.rmtree(folder)
        _clear_leftovers(folder)
        free = shutil.disk_usage(folder.parent).free
        if free < entry.needs_bytes:
            raise SandboxError(
                f"{folder.parent}: {entry.name} needs {_mib(entry.needs_bytes)} MiB, {_mib(free)} are free. "
                f"{HOW_NO_SPACE}"
            )
        try:
            _make(entry, folder)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise SandboxError(f"{folder.parent}: {NO_SPACE} while {entry.name} was made. {HOW_NO_SPACE}") from None
            raise
    return folder


def _make(entry: Entry, folder: Path) -> None:
    making = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        with step(entry.name):
            entry.build(making)
            (making / MANIFEST).write_text(_manifest(making))
            making.chmod(0o755)
        making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def damage(folder: Path) -> str | None:
    """The first way in which the folder differs from its manifest, in words; None where it does not."""
    try:
        expected = (folder / MANIFEST).read_text().splitlines()
    except OSError:
        return f"{MANIFEST} is missing"
    found = _manifest(folder).splitlines()
    if expected == found:
        return None
    odd = sorted(set(expected) ^ set(found), key=lambda line: line.rpartition("\t")[2])
    path = odd[0].rpartition("\t")[2] if odd else MANIFEST
    return f"{path} is not as it was built"


def run(command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> None:
    """A build step's command; on failure its last lines and what to look at go into a SandboxError.

    It ends with this process, however that ends: by SIGTERM, so that it clears what it has made.
    """
    bound = ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []
    with subprocess.Popen(
        [*bound, *command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        try:
            output, _ = process.communicate()
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.returncode == 0:
        return
    said = "\n".join(f"  {line}" for line in output.strip().splitlines()[-12:])
    name = Path(command[0]).name
    if NO_SPACE in output.lower():
        raise SandboxError(f"{name}: {NO_SPACE}.\n{said}\n{HOW_NO_SPACE}")
    raise SandboxError(
        f"{name} ended with status {process.returncode}:\n{said}\n"
        "Where it could not download: Go modules come by GOPROXY (see `go env GOPROXY`), Debian packages by the "
        "machine's own apt sources (see `apt-get update`); both must be in reach for a first build."
    )


def _manifest(folder: Path) -> str:
    """A line for each file: size, time of change and path. Cheap to make, and no damage of chance keeps all three."""
    lines = []
    for directory, folders, files in os.walk(folder):
        for name in [*files, *(each for each in folders if os.path.islink(os.path.join(directory, each)))]:
            path = os.path.join(directory, name)
            relative = os.path.relpath(path, folder)
            if relative == MANIFEST:
                continue
            stat = os.lstat(path)
            lines.append(f"{stat.st_size}\t{stat.st_mtime_ns}\t{relative}")
    return "".join(f"{line}\n" for line in sorted(lines))


@contextmanager
def _locked(entry: Entry) -> Iterator[None]:
    folder = entry.folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = (folder.parent / f".{folder.name}.lock").open("w")
    except OSError as error:
        raise SandboxError(
            f"{folder.parent}: {error.strerror}. Let LIFECYCLE_SANDBOX_CACHE name a folder that can be written."
        ) from None
    with lock:
        hold(lock, f"{entry.name}: waiting for another command that builds it")
        yield


def _clear_leftovers(folder: Path) -> None:
    for left in folder.parent.glob(f".{folder.name}.*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)


def _mib(size: int) -> int:
    return size >> 20
