"""What the node needs of a machine, looked at before anything is built; what is missing is named with what to do."""

import os
import platform
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sandbox.errors import CANNOT_RUN_HERE, SandboxError

OWN_CLUSTER: Final = """\
With a cluster of your own (kind, minikube, or any kubeconfig) the program runs without the sandbox:
    pulumi stack init dev && pulumi up --policy-pack policies --policy-pack-config policies/demo.json"""

# Program: the Debian package that brings it. All but go and perl are part of any Debian.
PROGRAMS: Final = {
    "apt-get": "apt",
    "dpkg-deb": "dpkg",
    "go": "golang-go",
    "mount": "mount",
    "perl": "perl",
    "pivot_root": "util-linux",
    "python3": "python3",
    "unshare": "util-linux",
}


def _linux() -> str | None:
    return None if platform.system() == "Linux" else f"it runs {platform.system()}; a Linux kernel is needed"


def _root() -> str | None:
    return None if os.geteuid() == 0 else "it needs root, for namespaces, mounts and cgroups: run it with sudo"


def _debian() -> str | None:
    try:
        text = Path("/etc/os-release").read_text()
    except OSError:
        text = ""
    ids = {line.partition("=")[2].strip('"') for line in text.splitlines() if line.startswith("ID=")}
    if ids & {"debian", "ubuntu"}:
        return None
    return "it is neither Debian nor Ubuntu; the node is made of their packages"


def _programs() -> str | None:
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    missing = sorted({package for program, package in PROGRAMS.items() if not shutil.which(program, path=path)})
    return f"programs are missing: apt-get install {' '.join(missing)}" if missing else None


def _cgroups() -> str | None:
    if cgroup_hierarchies():
        return None
    return "no cgroup hierarchy with a memory controller is mounted under /sys/fs/cgroup: mount cgroup2 there"


def _overlay() -> str | None:
    if "\toverlay\n" in Path("/proc/filesystems").read_text():
        return None
    return "the kernel has no overlay filesystem: modprobe overlay"


def _namespaces() -> str | None:
    missing = [each for each in ("net", "mnt", "pid", "ipc", "uts") if not Path(f"/proc/self/ns/{each}").exists()]
    return f"the kernel lacks the namespaces {', '.join(missing)}" if missing else None


# In this order: what the later ones look at is there only where the earlier ones hold.
CHECKS: Final[tuple[Callable[[], str | None], ...]] = (
    _linux,
    _debian,
    _root,
    _programs,
    _namespaces,
    _cgroups,
    _overlay,
)


def cgroup_hierarchies() -> list[Path]:
    """The mount points of the cgroup hierarchies, of either version, in which the node gets a root of its own."""
    base = Path("/sys/fs/cgroup")
    if (base / "cgroup.controllers").exists():
        return [base]
    seen: dict[Path, None] = {}
    for each in sorted(base.glob("*/cgroup.procs")):
        seen[each.parent.resolve()] = None  # cpu and cpuacct are links to one hierarchy
    return list(seen) if (base / "memory" / "cgroup.procs").exists() else []


def require() -> None:
    """Raises SandboxError, status 3, that names all that can be seen to be missing."""
    faults: list[str] = []
    for check in CHECKS:
        if fault := check():
            faults.append(fault)
        if fault and check is _linux:
            break
    if faults:
        lines = "".join(f"\n  - {each}" for each in faults)
        raise SandboxError(f"The sandbox cannot run on this machine:{lines}\n{OWN_CLUSTER}", CANNOT_RUN_HERE)
