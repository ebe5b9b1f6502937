"""What the node needs switched on in the machine's kernel: modules, and on cgroup version 2 the controllers.

What was off is noted in a file that goes with a reboot, as the switches do. The last node of the machine
to end switches off what was switched on for nodes alone, and what nothing else has come to use.
"""

import fcntl
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.errors import cannot_run_here

CGROUPS: Final = Path("/sys/fs/cgroup")
RECORD: Final = Path("/run/lifecycle-sandbox.json")
PREFIX: Final = "lifecycle-sandbox-"  # of the cgroup of each node
UNUSED_SECONDS: Final = 2.0  # the mounts of a node that has ended go a moment after its processes

# The kubelet asks for each of these that the kernel has (pkg/kubelet/cm/cgroup_v2_manager_linux.go, 1.37).
KUBELET_CONTROLLERS: Final = ("cpu", "cpuset", "hugetlb", "memory", "pids")
NEEDED_CONTROLLERS: Final = ("cpu", "memory")  # without these runc cannot start a container


@dataclass(frozen=True)
class Module:
    """A kernel module, how one sees that it (or a kernel with it built in) is there, and who wants it."""

    name: str
    is_there: Callable[[], bool]
    wanted_by: str
    is_needed: bool = True


def _has_overlay() -> bool:
    return "\toverlay\n" in Path("/proc/filesystems").read_text()


# The kernel loads by itself what the node asks for by name: bridges, veth pairs, the tables and matches of iptables.
MODULES: Final = (
    Module("overlay", _has_overlay, "the node's root filesystem and containerd"),
    Module("nf_conntrack", Path("/proc/sys/net/netfilter/nf_conntrack_max").exists, "kube-proxy"),
    # Nobody asks for it by name. Without it a Pod gets no answer from a Service whose Pods are on the same node.
    Module("br_netfilter", Path("/proc/sys/net/bridge").exists, "Services that a Pod calls", is_needed=False),
)
BRIDGE_SWITCHES: Final = tuple(
    Path(f"/proc/sys/net/bridge/bridge-nf-call-{each}") for each in ("iptables", "ip6tables", "arptables")
)


def which(program: str) -> str | None:
    """Where a program of the system is; the folders of root's own need not be on the caller's PATH."""
    return shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))


def hierarchies() -> list[Path]:
    """The mount points of the cgroup hierarchies, of either version, in which a node gets a cgroup of its own."""
    if (CGROUPS / "cgroup.controllers").exists():
        return [CGROUPS]
    seen: dict[Path, None] = {}
    for each in sorted(CGROUPS.glob("*/cgroup.procs")):
        seen[each.parent.resolve()] = None  # cpu and cpuacct are links to one hierarchy
    return list(seen) if (CGROUPS / "memory" / "cgroup.procs").exists() else []


def switch_on(cgroup: str) -> None:
    """Makes a node's cgroup, and switches on what it needs. Raises SandboxError, status 3, that names what cannot be.

    From then on the other nodes of the machine see this one, and leave on what it needs.
    """
    with _alone():
        for hierarchy in hierarchies():
            _make_cgroup(hierarchy, hierarchy / cgroup.lstrip("/"))
        before = _enabled()
        modules, missing = _load_modules()
        if hierarchies() == [CGROUPS]:
            missing += _enable_controllers(cgroup)
        _note(modules, before)
    if missing:
        raise cannot_run_here(missing)


def switch_off() -> None:
    """Switches off what was switched on for nodes, unless another node runs or something else has come to use it."""
    if not RECORD.exists():
        return
    with _alone():
        if not RECORD.exists() or any(list(each.glob(f"{PREFIX}*")) for each in hierarchies()):
            return
        noted = json.loads(RECORD.read_text())
        for controller in _enabled() - {*noted["controllers"]}:  # the container runtime enables some, too
            with suppress(OSError):  # in use below another cgroup
                (CGROUPS / "cgroup.subtree_control").write_text(f"-{controller}")
        for module in reversed(noted["modules"]):
            _unload(module)
        RECORD.unlink()


def _make_cgroup(hierarchy: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for file in ("cpuset.cpus", "cpuset.mems"):  # version 1 leaves them empty, and then nothing may run there
        if hierarchy != CGROUPS and (hierarchy / file).exists() and not (folder / file).read_text().strip():
            (folder / file).write_text((hierarchy / file).read_text())


def _load_modules() -> tuple[list[str], list[str]]:
    """The modules that were loaded, and in words what is missing and could not be."""
    loaded, missing = [], []
    for module in MODULES:
        if module.is_there():
            continue
        why = _modprobe(module.name)
        if module.is_there():
            loaded.append(module.name)
            if (
                module.name == "br_netfilter"
            ):  # the machine's own bridges stay as they were; the node has its own switch
                for each in BRIDGE_SWITCHES:
                    each.write_text("0")
        elif module.is_needed:
            missing.append(f"the kernel has no {module.name}, for {module.wanted_by}: {why}")
    return loaded, missing


def _modprobe(module: str) -> str:
    """Tries to load a module; what stands in the way, and what to do."""
    program = which("modprobe")
    if not program:
        return f"apt-get install kmod, for modprobe {module}; in a container load it on the host"
    done = subprocess.run([program, module], capture_output=True, text=True, check=False)
    said = done.stderr.strip().replace("\n", "; ") or "it loaded, but does not show up"
    return f"modprobe {module} says {said!r}. Boot a kernel that has it; in a container load it on the host"


def _unload(module: str) -> None:
    program = which("rmmod")
    deadline = time.monotonic() + UNUSED_SECONDS
    while program and subprocess.run([program, module], capture_output=True, check=False).returncode:
        if time.monotonic() > deadline:
            return
        time.sleep(0.1)


def _enable_controllers(cgroup: str) -> list[str]:
    """Enables the controllers that the kubelet asks for; in words what is missing and could not be."""
    available = _words(CGROUPS / "cgroup.controllers")
    missing = [
        f"cgroup controller {each} is not available in {CGROUPS}: boot without cgroup_disable={each}; "
        "in a container let its runtime delegate it"
        for each in NEEDED_CONTROLLERS
        if each not in available
    ]
    for each in KUBELET_CONTROLLERS:
        if each not in available or each in _enabled():
            continue
        try:
            (CGROUPS / "cgroup.subtree_control").write_text(f"+{each}")
        except OSError as error:
            missing.append(
                f"cgroup controller {each} cannot be enabled below {CGROUPS}: {error.strerror}. "
                "In a container start it with a delegated cgroup whose processes lie in a cgroup below it"
            )
    # Below the node's own cgroup, too: nobody above, systemd included, can switch off a controller in use there.
    own = CGROUPS / cgroup.lstrip("/")
    for each in _words(own / "cgroup.controllers") & {*KUBELET_CONTROLLERS}:
        (own / "cgroup.subtree_control").write_text(f"+{each}")
    return missing


def _enabled() -> set[str]:
    """The controllers that are enabled below the root; none on version 1."""
    file = CGROUPS / "cgroup.subtree_control"
    return _words(file) if file.exists() else set()


def _words(file: Path) -> set[str]:
    return set(file.read_text().split())


def _note(modules: list[str], controllers: set[str]) -> None:
    """The modules that were loaded for nodes, and the controllers that were on before the first of them."""
    if RECORD.exists():
        noted = json.loads(RECORD.read_text())
        noted["modules"] += modules
    else:
        noted = {"modules": modules, "controllers": sorted(controllers)}
    RECORD.write_text(json.dumps(noted))


@contextmanager
def _alone() -> Iterator[None]:
    """One command of this machine at a time, whichever checkout it is of."""
    folder = os.open(CGROUPS, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
