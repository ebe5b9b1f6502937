"""What the sandbox switches on in the kernel, and that it takes it back; tests/machine has it on a real machine."""

import errno
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sandbox import machine
from sandbox.errors import SandboxError
from sandbox.machine import Module

OWN = "/lifecycle-sandbox-0"


class Machine:
    """A cgroup hierarchy and modules, in files: what is written to a control file is noted, or refused."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = folder / "cgroup"
        self.written: list[tuple[str, str]] = []
        self.refuses: dict[str, int] = {}
        self.loadable: dict[str, bool] = {}
        self.ran: list[list[str]] = []
        self.root.mkdir()
        monkeypatch.setattr(machine, "CGROUPS", self.root)
        monkeypatch.setattr(machine, "RECORD", folder / "record.json")
        monkeypatch.setattr(machine, "MODULES", ())
        monkeypatch.setattr(machine, "BRIDGE_SWITCHES", (folder / "iptables",))
        monkeypatch.setattr(machine, "UNUSED_SECONDS", 0.0)
        monkeypatch.setattr(subprocess, "run", self.run)
        monkeypatch.setattr(shutil, "which", lambda program, path: program)
        self.plain_write = Path.write_text
        monkeypatch.setattr(Path, "write_text", lambda path, text: self.write(path, text))
        mkdir = Path.mkdir
        monkeypatch.setattr(Path, "mkdir", lambda path, **options: self.made(path, mkdir(path, **options)))

    def version_2(self, available: str, enabled: str) -> None:
        self.plain_write(self.root / "cgroup.controllers", available)
        self.plain_write(self.root / "cgroup.subtree_control", enabled)

    def made(self, path: Path, _: None) -> None:
        """A new cgroup has the controllers that are enabled above it."""
        if path.parent == self.root and (self.root / "cgroup.subtree_control").exists():
            self.plain_write(path / "cgroup.controllers", "")
            self.plain_write(path / "cgroup.subtree_control", "")

    def write(self, path: Path, text: str) -> int:
        if path.name != "cgroup.subtree_control":
            return self.plain_write(path, text)
        sign, name = text[0], text[1:]
        if text in self.refuses:
            raise OSError(self.refuses[text], os.strerror(self.refuses[text]))
        self.written.append((str(path.parent.relative_to(self.root)), text))
        words = set(path.read_text().split())
        words = words | {name} if sign == "+" else words - {name}
        self.plain_write(path, " ".join(sorted(words)))
        if path.parent == self.root:
            for each in self.root.glob("*/cgroup.controllers"):
                self.plain_write(each, " ".join(sorted(words)))
        return len(text)

    def modules(self, *names: str, is_needed: bool = True) -> None:
        machine.MODULES += tuple(  # type: ignore[misc]
            Module(each, lambda each=each: self.loadable.get(each, False), "the test", is_needed)  # type: ignore[misc]
            for each in names
        )

    def run(self, command: Sequence[str], **_: Any) -> "subprocess.CompletedProcess[str]":
        program, module = Path(command[0]).name, command[1]
        self.ran.append([program, module])
        if program == "modprobe" and module in self.loadable:
            self.loadable[module] = True
            return subprocess.CompletedProcess(command, 0, "", "")
        if program == "rmmod" and self.loadable.get(module) and module != "in-use":
            self.loadable[module] = False
            return subprocess.CompletedProcess(command, 0, "", "")
        return subprocess.CompletedProcess(command, 1, "", f"{program}: FATAL: Module {module} not found\n")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def enabled(here: Machine, below: str = ".") -> str:
    return (here.root / below / "cgroup.subtree_control").read_text()


def test_controllers_that_were_off(here: Machine) -> None:
    """As on Debian 13: what the kubelet asks for is enabled down to below the node's cgroup, and then taken back."""
    here.version_2("cpuset cpu io memory hugetlb pids rdma misc", "memory pids")
    machine.switch_on(OWN)
    assert enabled(here) == "cpu cpuset hugetlb memory pids"
    assert enabled(here, OWN[1:]) == "cpu cpuset hugetlb memory pids"
    (here.root / OWN[1:] / "cgroup.controllers").unlink()
    (here.root / OWN[1:] / "cgroup.subtree_control").unlink()
    (here.root / OWN[1:]).rmdir()
    machine.switch_off()
    assert enabled(here) == "memory pids"
    assert not machine.RECORD.exists()


def test_controllers_that_were_on_stay_on(here: Machine) -> None:
    """And what the container runtime enables by itself, below the root too, goes with the node."""
    here.version_2("cpuset cpu io memory pids", "cpuset cpu memory pids")
    machine.switch_on(OWN)
    for each in (here.root / OWN[1:]).iterdir():
        each.unlink()
    (here.root / OWN[1:]).rmdir()
    (here.root / "cgroup.subtree_control").write_text("+io")
    machine.switch_off()
    assert enabled(here) == "cpu cpuset memory pids"
    assert not machine.RECORD.exists()


def test_the_last_node_takes_back(here: Machine) -> None:
    """A node that ends leaves on what another one of the machine needs."""
    here.version_2("cpu memory", "memory")
    machine.switch_on(OWN)
    machine.switch_on("/lifecycle-sandbox-1")
    for left, expected in (("lifecycle-sandbox-1", "cpu memory"), (OWN[1:], "memory")):
        for file in ("cgroup.controllers", "cgroup.subtree_control"):
            (here.root / left / file).unlink()
        (here.root / left).rmdir()
        machine.switch_off()
        assert enabled(here) == expected


def test_a_controller_that_something_else_has_come_to_use(here: Machine) -> None:
    """The kernel refuses to take it back: it stays, and the others go."""
    here.version_2("cpu cpuset memory", "memory")
    machine.switch_on(OWN)
    for file in ("cgroup.controllers", "cgroup.subtree_control"):
        (here.root / OWN[1:] / file).unlink()
    (here.root / OWN[1:]).rmdir()
    here.refuses["-cpu"] = errno.EBUSY
    machine.switch_off()
    assert enabled(here) == "cpu memory"
    assert not machine.RECORD.exists()


def said(caught: "pytest.ExceptionInfo[SandboxError]") -> list[str]:
    assert caught.value.status == 3
    return [line for line in str(caught.value).splitlines() if line.startswith("  - ")]


def test_a_container_without_delegation(here: Machine) -> None:
    """Each controller that cannot be had is named, with what to do."""
    here.version_2("cpu cpuset memory", "")
    here.refuses |= {"+cpuset": errno.EBUSY, "+memory": errno.EBUSY}
    with pytest.raises(SandboxError) as caught:
        machine.switch_on(OWN)
    assert said(caught) == [
        f"  - cgroup controller {each} cannot be enabled below {here.root}: Device or resource busy. "
        "In a container start it with a delegated cgroup whose processes lie in a cgroup below it"
        for each in ("cpuset", "memory")
    ]
    assert enabled(here) == "cpu"
    assert json.loads(machine.RECORD.read_text())["controllers"] == [], "so that it can be taken back"


def test_a_kernel_without_a_controller(here: Machine) -> None:
    """What no container can do without is named; of the rest the kubelet asks for what there is."""
    here.version_2("cpu pids", "cpu pids")
    with pytest.raises(SandboxError) as caught:
        machine.switch_on(OWN)
    assert said(caught) == [
        f"  - cgroup controller memory is not available in {here.root}: boot without cgroup_disable=memory; "
        "in a container let its runtime delegate it"
    ]


@pytest.mark.parametrize(
    ("files", "links", "expected"),
    [
        (["cgroup.controllers"], {}, ["."]),
        (["memory/cgroup.procs", "cpu,cpuacct/cgroup.procs"], {"cpu": "cpu,cpuacct"}, ["cpu,cpuacct", "memory"]),
        (["memory/cgroup.procs", "unified/cgroup.procs"], {}, ["memory", "unified"]),
        (["cpu/cgroup.procs"], {}, []),
    ],
    ids=["version 2", "version 1", "both", "no memory controller"],
)
def test_hierarchies(files: list[str], links: dict[str, str], expected: list[str], here: Machine) -> None:
    """Each hierarchy once, though it has several names."""
    for each in files:
        (here.root / each).parent.mkdir(parents=True, exist_ok=True)
        (here.root / each).touch()
    for name, target in links.items():
        (here.root / name).symlink_to(target)
    assert machine.hierarchies() == [here.root / each for each in expected]


def test_version_1_has_processors_for_the_node(here: Machine) -> None:
    """There a new cgroup has none of its own, and nothing may run in it."""
    for each in ("memory", "cpuset", f"cpuset{OWN}"):
        (here.root / each).mkdir()
        (here.root / each / "cgroup.procs").touch()
    for file, text in (("cpuset.cpus", "0-1\n"), ("cpuset.mems", "0\n")):
        (here.root / "cpuset" / file).write_text(text)
        (here.root / f"cpuset{OWN}" / file).write_text("\n")
    machine.switch_on(OWN)
    assert (here.root / f"cpuset{OWN}" / "cpuset.cpus").read_text() == "0-1\n"
    assert (here.root / f"cpuset{OWN}" / "cpuset.mems").read_text() == "0\n"


def test_modules(here: Machine) -> None:
    """What is not there is loaded, what was loaded is taken back, but for what has come to be used."""
    here.loadable = {"there": True, "overlay": False, "in-use": False}
    here.modules("there", "overlay", "in-use")
    machine.switch_on(OWN)
    assert here.ran == [["modprobe", "overlay"], ["modprobe", "in-use"]]
    machine.switch_off()
    assert here.loadable == {"there": True, "overlay": False, "in-use": True}
    assert not machine.RECORD.exists()


def test_a_module_that_there_is_not(here: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named with modprobe's own words and what to do; one that is merely wanted does not stop a node."""
    here.modules("overlay")
    here.modules("wanted", is_needed=False)
    with pytest.raises(SandboxError) as caught:
        machine.switch_on(OWN)
    assert said(caught) == [
        "  - the kernel has no overlay, for the test: modprobe overlay says "
        "'modprobe: FATAL: Module overlay not found'. Boot a kernel that has it; in a container load it on the host"
    ]
    monkeypatch.setattr(shutil, "which", lambda program, path: None)
    with pytest.raises(SandboxError) as caught:
        machine.switch_on(OWN)
    assert said(caught) == [
        "  - the kernel has no overlay, for the test: apt-get install kmod, for modprobe overlay; "
        "in a container load it on the host"
    ]


def test_the_machines_own_bridges_stay_as_they_were(here: Machine) -> None:
    """br_netfilter sends what crosses any bridge through iptables: the machine's own do not learn of it."""
    here.loadable = {"br_netfilter": False}
    here.modules("br_netfilter")
    machine.BRIDGE_SWITCHES[0].write_text("1")
    machine.switch_on(OWN)
    assert machine.BRIDGE_SWITCHES[0].read_text() == "0"
