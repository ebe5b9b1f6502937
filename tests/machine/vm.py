"""A machine of Debian 13 as people have them: systemd, cgroup version 2, modules that load on demand, its own Python.

It is emulated where the processor cannot virtualise, about ten times slower. Inside there is no network: what is
fetched (packages, the environment, the node's root filesystem) is fetched before it boots, in its own system.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sandbox import cache, parts
from sandbox.progress import step

ROOT: Final = Path(__file__).parents[2]
SUITE: Final = "trixie"
HOME: Final = "root/lifecycle-demo"  # of the clone, inside
CACHE: Final = "root/.cache/lifecycle-sandbox"
PACKAGES: Final = (
    "systemd,systemd-sysv,udev,dbus,python3,python3-venv,make,git,iproute2,iptables,kmod,procps,ca-certificates,"
    "linux-image-amd64"
)
# Of 2008: emulated, the wider registers of later ones are slower than what programs do without them.
CPU: Final = "Nehalem"
SECONDS: Final = 2700
BOOT_SECONDS: Final = 180
BEGIN: Final = "The machine is up."  # the guest's first line
# Program: the Debian package that brings it.
PROGRAMS: Final = {
    "qemu-system-x86_64": "qemu-system-x86",
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "unshare": "util-linux",
}
# How this machine reaches its registries, where its environment says it.
REGISTRIES: Final = (
    *("PIP_CERT", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL", "PIP_TRUSTED_HOST"),
    *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
)
UNIT: Final = """\
[Unit]
After=multi-user.target
[Service]
Type=oneshot
TimeoutStartSec=infinity
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
WorkingDirectory=/root/lifecycle-demo
Environment=HOME=/root
ExecStart=/root/lifecycle-demo/.venv/bin/python -m tests.machine.guest
ExecStopPost=/usr/bin/systemctl poweroff --force --force
"""
# What is not in the cache yet is made in the machine's own system: of its release, by its own packages.
FILL: Final = """
from sandbox import cache, parts
for each in (parts.kubernetes, parts.pulumi, parts.provider, parts.pause, parts.node):
    print(cache.ensure(each()).name)
"""


def lacks() -> str | None:
    """What it takes and this machine has not, in words."""
    if platform.machine() != "x86_64":
        return f"needs an x86_64 processor; this one is {platform.machine()}, for which the machine is not written yet"
    if os.geteuid() != 0:
        return "needs root, to make a root filesystem"
    if missing := sorted({package for program, package in PROGRAMS.items() if not shutil.which(program)}):
        return f"needs programs: apt-get install {' '.join(missing)}"
    return None


@contextmanager
def disk() -> Iterator[Path]:
    """A folder with `disk`, `vmlinuz` and `initrd` of the machine, gone afterwards."""
    for each in (parts.kubernetes, parts.pulumi, parts.provider, parts.pause):  # for which it would need Go
        cache.ensure(each())
    with tempfile.TemporaryDirectory(prefix="lifecycle-machine.", dir="/var/tmp") as folder:
        work = Path(folder)
        with step("machine: its system"):
            _system(work / "root")
        with step("machine: a clone, its environment and what of the tool cache is its own"):
            _clone(work / "root" / HOME)
            made = _inside(work / "root", cache.root())
        with step("machine: its disk"):
            _image(work, [cache.root() / each for each in made])
        yield work


def boot(work: Path) -> str:
    """Boots it, shows what its guest prints, and returns that when it has powered off."""
    flags = Path("/proc/cpuinfo").read_text().split()
    virtualizes = {"vmx", "svm"} & set(flags) and os.access("/dev/kvm", os.R_OK | os.W_OK)
    said = ""
    for accelerator in ("kvm", "tcg,thread=multi") if virtualizes else ("tcg,thread=multi",):
        print(f"machine: booting it, by {accelerator.partition(',')[0]}", flush=True)
        said = _booted(work, accelerator)
        if BEGIN in said:  # within another machine the first may not work, which only a try tells
            break
    return said


def _booted(work: Path, accelerator: str) -> str:
    console = "root=/dev/vda rw console=ttyS0 quiet loglevel=3 systemd.show_status=0 panic=-1"
    command = ["timeout", "--kill-after", "5", str(SECONDS), "qemu-system-x86_64", "-M", "q35", "-accel", accelerator]
    command += [
        "-cpu",
        "max,arch-capabilities=off",
        "-smp",
        "2",
        "-m",
        "6G",
        "-nographic",
        "-no-reboot",
        "-nic",
        "none",
    ]
    command += ["-kernel", str(work / "vmlinuz"), "-initrd", str(work / "initrd"), "-append", console]
    command += ["-drive", f"file={work / 'disk'},if=virtio,format=raw,cache=unsafe"]
    said: list[str] = []
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None
        never_began = threading.Timer(BOOT_SECONDS, process.terminate)
        never_began.start()
        for line in process.stdout:
            said.append(line.replace("\r", ""))
            if BEGIN in line:
                never_began.cancel()
            if not line.startswith("RESULT "):
                print(f"  | {said[-1].rstrip()}", flush=True)
        never_began.cancel()
    return "".join(said)


def _system(root: Path) -> None:
    """The root filesystem, from the machine's own mirror where it runs Debian, else from mmdebstrap's default."""
    command = ["mmdebstrap", "--quiet", "--variant=minbase", '--aptopt=APT::Install-Recommends "false"']
    command += [f"--include={PACKAGES}", SUITE, str(root)]
    if parts.release()["ID"] == "debian":
        line = f"deb [trusted=$(TRUSTED)] $(REPO_URI) {SUITE} $(COMPONENT)"
        found = _said("apt-get", "indextargets", "--format", line, "Created-By: Packages", "Origin: Debian")
        source = next(each for each in found.splitlines() if each.endswith(" main"))
        command.append(source.replace("[trusted=$(TRUSTED)] ", ""))  # where the machine's own says nothing of it
    cache.run(command)
    (root / "etc/fstab").write_text("/dev/vda / ext4 defaults 0 1\n")
    (root / "etc/hostname").write_text("machine\n")
    units = root / "etc/systemd/system"
    (units / "guest.service").write_text(UNIT)
    (units / "multi-user.target.wants").mkdir(exist_ok=True)
    (units / "multi-user.target.wants/guest.service").symlink_to("../guest.service")
    for terminal in ("getty@tty1", "serial-getty@ttyS0"):  # nobody logs in, and a login's own files would be found
        (units / f"{terminal}.service").symlink_to("/dev/null")


def _clone(target: Path) -> None:
    """A clean clone of what is committed."""
    cache.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT.as_uri(), target])


def _inside(root: Path, tools: Path) -> list[str]:
    """Runs the clone's own first steps in the system, with a network; the names of the entries that it needs."""
    (root / CACHE).mkdir(parents=True)
    for each in ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt"):
        if Path(each).exists():  # how this machine reaches its registries
            shutil.copy(each, f"{root}{each}")
    script = f"""
set -e
for each in dev proc sys; do mount --rbind /$each "$1/$each"; mount --make-rslave "$1/$each"; done
mount --bind "$2" "$1/{CACHE}"
exec chroot "$1" /bin/sh -ec 'cd /{HOME}; make .venv/.stamp >&2; exec .venv/bin/python -c "$1"' sh "$3"
"""
    env = {name: os.environ[name] for name in REGISTRIES if name in os.environ}
    env |= {"HOME": "/root", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    said = _said("unshare", "--mount", "sh", "-c", script, "sh", str(root), str(tools), FILL, env=env)
    return [line for line in said.splitlines() if (tools / line).is_dir() and line]


def _image(work: Path, entries: Sequence[Path]) -> None:
    root = work / "root"
    for name in ("vmlinuz", "initrd"):
        (file,) = root.glob(f"boot/{name}*")
        shutil.copy(file, work / name)
    used = sum(int(_said("du", "-sk", str(each)).split()[0]) for each in (root, *entries))
    script = f"""
set -e
root=$1 disk=$2; shift 2
for each; do mkdir "$root/{CACHE}/${{each##*/}}"; mount --bind "$each" "$root/{CACHE}/${{each##*/}}"; done
mke2fs -q -t ext4 -d "$root" "$disk"
"""
    with (work / "disk").open("wb") as file:
        file.truncate((used << 10) * 5 // 4 + (6 << 30))
    cache.run(["unshare", "--mount", "sh", "-c", script, "sh", root, work / "disk", *entries])
    shutil.rmtree(root)


def _said(*command: str, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, env=env, stdin=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(f"{command[0]} ended with status {done.returncode}")
    return done.stdout
