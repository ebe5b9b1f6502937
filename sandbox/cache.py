"""Builds that a machine needs once: entries in a folder outside the checkout, keyed by what they are made from.

An entry appears by one rename, complete or not at all. Its manifest shows damage, and a damaged entry is built again.
Two commands that want the same entry wait for each other.
"""

import errno
import hashlib
import json
import os
import platform
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sandbox.errors import SandboxError
from sandbox.locking import hold
from sandbox.progress import say, step

MANIFEST: Final = "MANIFEST"
UNFINISHED: Final = f".{MANIFEST}"
NO_SPACE: Final = "no space left on device"
HOW_NO_SPACE: Final = "Free some space there, or set LIFECYCLE_SANDBOX_CACHE to a folder on another disk."


@dataclass(frozen=True)
class Entry:
    """`build(folder)` fills an empty folder; `made_from` and the processor are all that decides what it puts there.

    It takes about `seconds`, of which `work` are divided among the processors.
    """

    name: str
    version: str
    made_from: bytes
    build: Callable[[Path], None]
    needs_bytes: int
    programs: tuple[str, ...] = ()  # what `build` runs, and not every machine has
    seconds: float = 0
    work: float = 0

    @property
    def title(self) -> str:
        return f"{self.name}-{self.version}" if self.version else self.name

    @property
    def folder(self) -> Path:
        key = hashlib.sha256(self.made_from + platform.machine().encode()).hexdigest()[:12]
        return root() / f"{self.title}-{key}"

    @property
    def is_there(self) -> bool:
        """Also False where another user's cache cannot be looked into."""
        return os.path.exists(self.folder)

    @property
    def estimate(self) -> float:
        """Seconds on this machine, as far as that can be told of a processor by counting it."""
        return self.seconds + self.work / (os.cpu_count() or 1)


def root() -> Path:
    """`$LIFECYCLE_SANDBOX_CACHE`, or `lifecycle-sandbox` in `$XDG_CACHE_HOME`, or in ~/.cache."""
    if given := os.environ.get("LIFECYCLE_SANDBOX_CACHE"):
        return Path(given).absolute()
    users = Path(os.environ.get("XDG_CACHE_HOME", ""))  # which is to be ignored where it is relative, says XDG
    return (users if users.is_absolute() else Path.home() / ".cache") / "lifecycle-sandbox"


def ensure(entry: Entry) -> Path:
    """The entry's folder, built if need be. Raises SandboxError for a full disk and a failed build."""
    folder = entry.folder
    with _locked(entry):
        if folder.exists():
            fault = damage(folder)
            if not fault:
                say(f"{entry.title}: in the cache")
                return folder
            say(f"{entry.title}: {folder} is damaged ({fault}); building it anew")
            shutil.rmtree(folder)
        _clear_leftovers(folder)
        free = shutil.disk_usage(folder.parent).free
        if free < entry.needs_bytes:
            raise SandboxError(
                f"{folder.parent}: {entry.title} needs {_mib(entry.needs_bytes)} MiB, {_mib(free)} are free. "
                f"{HOW_NO_SPACE}"
            )
        try:
            _make(entry, folder)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise SandboxError(
                    f"{folder.parent}: {NO_SPACE} while {entry.title} was built. {HOW_NO_SPACE}"
                ) from None
            raise
    return folder


def _make(entry: Entry, folder: Path) -> None:
    making = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        with step(entry.title):
            entry.build(making)
            _write_manifest(making, _seen(making))
            making.chmod(0o755)
        making.rename(folder)
        for each in _older(entry):
            _remove(each)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def announce(entries: Sequence[Entry]) -> None:
    """Says what is to be built of these, in this order, and about how long it takes; nothing where all is there."""
    missing = [each for each in entries if not each.is_there]
    if not missing:
        return
    cores = os.cpu_count() or 1
    say(f"To build, once ({_about(sum(each.estimate for each in missing))} on {cores} cores):")
    for each in missing:
        say(f"  {each.title}: {_about(each.estimate)}")


def _about(seconds: float) -> str:
    return f"about {round(seconds / 60)} min" if seconds >= 90 else f"about {max(round(seconds, -1), 10):.0f} s"


def clean() -> tuple[int, list[str]]:
    """Empties the cache, but for what a running node has mounted: the bytes that were freed, and the names kept."""
    kept: list[str] = []
    freed = 0
    if not root().exists():
        return 0, kept
    for each in sorted(root().iterdir()):
        if _in_use(each):
            kept.append(each.name)
        else:
            freed += _size(each)
            _remove(each)
    if not kept:
        root().rmdir()
    return freed, kept


def _older(entry: Entry) -> Iterator[Path]:
    """What was made for the same from other pins, and no node has mounted."""
    for each in root().glob(f"{entry.name}-*"):
        if each.is_dir() and each != entry.folder and not _in_use(each):
            yield each


def _in_use(folder: Path) -> bool:
    """Whether a node of any checkout has it mounted; a name with its digest is that of no other folder."""
    for each in Path("/proc").glob("[0-9]*/mountinfo"):
        with suppress(OSError):
            if folder.name in each.read_text():
                return True
    return False


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _size(path: Path) -> int:
    """Bytes on the disk, as `du` counts them."""
    found = [path, *(Path(folder) / each for folder, folders, files in os.walk(path) for each in [*folders, *files])]
    return sum({(status := each.lstat()).st_ino: status.st_blocks * 512 for each in found}.values())


def damage(folder: Path) -> str | None:
    """The first way in which the folder differs from its manifest, in words; None where it does not.

    A file of the same size whose time of change is another is read: archives and copies change the time alone.
    """
    try:
        made = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError):
        return f"{MANIFEST} is missing"
    seen = _seen(folder)
    for path in sorted(made.keys() | seen.keys()):
        if not _is_same(folder / path, made.get(path), seen.get(path)):
            return f"{path} is not as it was built"
    if any(made[path].get("changed") != each.get("changed") for path, each in seen.items()):
        with suppress(OSError):  # so that the next command need not read them again, where the cache can be written
            _write_manifest(folder, seen)
    return None


def digest(file: Path) -> str:
    """SHA-256 of what is in the file, in hexadecimal."""
    found = hashlib.sha256()
    with file.open("rb") as content:
        while block := content.read(1 << 20):
            found.update(block)
    return found.hexdigest()


def run(command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """A build step's command and what it says; on failure its last lines and what to look at go into a SandboxError.

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
        return output
    said = "\n".join(f"  {line}" for line in output.strip().splitlines()[-12:])
    name = Path(command[0]).name
    if NO_SPACE in output.lower():
        raise SandboxError(f"{name}: {NO_SPACE}.\n{said}\n{HOW_NO_SPACE}")
    raise SandboxError(
        f"{name} ended with status {process.returncode}:\n{said}\n"
        "If a download failed: Go modules come from GOPROXY (see `go env GOPROXY`), Debian packages by the "
        "machine's own apt sources (see `apt-get update`); a first build needs both."
    )


def _seen(folder: Path) -> dict[str, dict[str, Any]]:
    """By path, what can be told of each file without reading it. Times are in whole seconds, which archives keep."""
    found: dict[str, dict[str, Any]] = {}
    for directory, folders, files in os.walk(folder):
        for name in [*files, *(each for each in folders if os.path.islink(os.path.join(directory, each)))]:
            path = os.path.join(directory, name)
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode):
                about: dict[str, Any] = {"target": os.readlink(path)}
            elif stat.S_ISREG(status.st_mode):
                runs = bool(status.st_mode & stat.S_IXUSR)
                about = {"size": status.st_size, "runs": runs, "changed": int(status.st_mtime)}
            else:
                about = {"special": stat.S_IFMT(status.st_mode), "device": status.st_rdev}
            found[os.path.relpath(path, folder)] = about
    return {path: about for path, about in found.items() if path not in (MANIFEST, UNFINISHED)}


def _is_same(file: Path, made: dict[str, Any] | None, seen: dict[str, Any] | None) -> bool:
    if made is None or seen is None:
        return False
    known = {"digest": made["digest"]} if "digest" in made else {}
    full = {**seen, **known}
    return made == full or ({**made, "changed": 0} == {**full, "changed": 0} and made["digest"] == digest(file))


def _write_manifest(folder: Path, seen: dict[str, dict[str, Any]]) -> None:
    full = {path: {**each, "digest": digest(folder / path)} if "size" in each else each for path, each in seen.items()}
    new = folder / UNFINISHED
    new.write_text(json.dumps(full))
    new.replace(folder / MANIFEST)


@contextmanager
def _locked(entry: Entry) -> Iterator[None]:
    folder = entry.folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = (folder.parent / f".{folder.name}.lock").open("w")
    except OSError as error:
        raise SandboxError(
            f"{folder.parent}: {error.strerror}. Set LIFECYCLE_SANDBOX_CACHE to a folder that you can write to."
        ) from None
    with lock:
        hold(lock, f"{entry.title}: waiting for another command that builds it")
        yield


def _clear_leftovers(folder: Path) -> None:
    for left in folder.parent.glob(f".{folder.name}.*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)


def _mib(size: int) -> int:
    return size >> 20
