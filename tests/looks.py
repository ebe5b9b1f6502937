"""What a machine shows of itself, to compare before a sandbox and after it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from sandbox import machine, parts

SYSCTLS = (
    "kernel/keys/root_maxbytes",
    "kernel/keys/root_maxkeys",
    "kernel/panic",
    "kernel/panic_on_oops",
    "net/netfilter/nf_conntrack_max",
    "vm/overcommit_memory",
)


def cgroups() -> set[Path]:
    return {Path(folder) for folder, _, _ in os.walk("/sys/fs/cgroup")}


def iptables() -> list[str]:
    """The rules of the machine's own network: by its own iptables-save, or else by the one in the node's packages."""
    command = ["iptables-save"] if shutil.which("iptables-save") else ["chroot", parts.node().folder / "root"]
    if len(command) > 1:
        command.append("/usr/sbin/iptables-save")
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [re.sub(r"\[\d+:\d+\]", "", line) for line in said.splitlines() if not line.startswith("#")]


def ip_links() -> list[str]:
    said = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
    return said.splitlines()


def ip_routes() -> str:
    return Path("/proc/net/route").read_text()


def mounts() -> list[str]:
    return sorted(Path("/proc/self/mountinfo").read_text().splitlines())


def sysctls() -> dict[str, str]:
    files = [Path("/proc/sys") / each for each in SYSCTLS]
    return {str(each): each.read_text() for each in files if each.exists()}


def files() -> set[str]:
    """The names of all files where a node's programs would put theirs."""
    found = set()
    for base in ("/dev", "/etc", "/opt", "/run", "/usr/libexec", "/var/lib", "/var/log", "/var/run"):
        for folder, folders, names in os.walk(base):
            found |= {os.path.join(folder, each) for each in [*folders, *names]}
    return {each for each in found if not each.startswith(("/dev/pts/", "/var/lib/apt/lists/"))}


def controllers() -> str:
    """The controllers of cgroup version 2 that are enabled below the root."""
    file = machine.CGROUPS / "cgroup.subtree_control"
    return " ".join(sorted(file.read_text().split())) if file.exists() else ""


def modules() -> set[str]:
    """Of the kernel modules that a sandbox loads itself those that are there."""
    loaded = {line.split()[0] for line in Path("/proc/modules").read_text().splitlines()}
    return loaded & {each.name for each in machine.MODULES}
