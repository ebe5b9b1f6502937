"""What the node needs of a machine, looked at before anything is built; what is missing is named with what to do."""

import os
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from sandbox import machine
from sandbox.cache import Entry
from sandbox.errors import cannot_run_here
from sandbox.parts import release

# Program: the Debian package that brings it. The first are for the node, and any Debian has them; the others build.
NODE_PROGRAMS: Final = {"mount": "mount", "pivot_root": "util-linux", "unshare": "util-linux"}
BUILD_PROGRAMS: Final = {"apt-get": "apt", "dpkg-deb": "dpkg", "go": "golang-go", "perl": "perl"}


# Where the project's own checks have run `make demo`, as README says it.
CHECKED: Final = "Debian 12 and 13, x86_64, cgroup v1 and v2, Python 3.10 to 3.13"


def here() -> str:
    """This machine in one line, beside those where the sandbox is known to run."""
    about = release()
    cgroup = "v2" if machine.hierarchies() == [machine.CGROUPS] else "v1"
    what = (about.get("PRETTY_NAME", about["ID"]), platform.machine(), f"cgroup {cgroup}")
    return f"machine: {', '.join(what)}, Python {platform.python_version()} (checked: {CHECKED})"


def _linux() -> str | None:
    return None if platform.system() == "Linux" else f"it runs {platform.system()}; the node needs a Linux kernel"


def _root() -> str | None:
    return None if os.geteuid() == 0 else "namespaces, mounts and cgroups need root: run it with sudo"


def _debian() -> str | None:
    if release()["ID"] in ("debian", "ubuntu"):
        return None
    return "it is neither Debian nor Ubuntu, whose packages make up the node"


def _programs(to_build: Sequence[Entry]) -> str | None:
    wanted = NODE_PROGRAMS | {name: BUILD_PROGRAMS[name] for each in to_build for name in each.programs}
    missing = sorted({package for program, package in wanted.items() if not machine.which(program)})
    return f"programs are missing: apt-get install {' '.join(missing)}" if missing else None


def _cgroups() -> str | None:
    if machine.hierarchies():
        return None
    return "no cgroup hierarchy with a memory controller is mounted under /sys/fs/cgroup: mount cgroup2 there"


def _namespaces() -> str | None:
    missing = [each for each in ("net", "mnt", "pid", "ipc", "uts") if not Path(f"/proc/self/ns/{each}").exists()]
    return f"the kernel lacks the namespaces {', '.join(missing)}" if missing else None


CHECKS: Final[tuple[Callable[[], str | None], ...]] = (_debian, _root, _namespaces, _cgroups)


def require(entries: Sequence[Entry] = ()) -> None:
    """Raises SandboxError, status 3, that names all that can be seen to be missing: for the node, and to build what
    of the entries is not in the cache."""
    if fault := _linux():
        raise cannot_run_here([fault])
    faults = [check() for check in CHECKS]
    faults.append(_programs([each for each in entries if not each.is_there]))
    if found := [each for each in faults if each]:
        raise cannot_run_here(found)
