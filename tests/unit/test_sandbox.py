"""The sandbox without its node: the cache, the checks, the certificates, and what the commands say."""

import base64
import errno
import ipaddress
import json
import os
import platform
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from sandbox import __main__ as commands
from sandbox import cache, certificates, checks, layout, machine, parts
from sandbox import node as nodes
from sandbox.cache import Entry
from sandbox.certificates import Authority, Identity
from sandbox.errors import SandboxError
from sandbox.node import Node

ROOT = Path(__file__).resolve().parents[2]
UNREACHABLE = """\
If a download failed: Go modules come from GOPROXY (see `go env GOPROXY`), Debian packages by the \
machine's own apt sources (see `apt-get update`); a first build needs both."""
NO_NODE = "The node is not up. Start it with `python -m sandbox up`.\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache and a checkout of the test's own."""
    monkeypatch.setenv("LIFECYCLE_SANDBOX_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(commands, "ROOT", tmp_path / "checkout")
    (tmp_path / "checkout").mkdir()
    return tmp_path


def entry(build: Callable[[Path], None] | None = None, needs_bytes: int = 0) -> Entry:
    return Entry("fake", "1", b"made from this", build or (lambda folder: fill(folder)), needs_bytes)


def fill(folder: Path, text: str = "built") -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "file").write_text(text)
    (folder / "sub" / "link").symlink_to("file")


def until(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def visible(folder: Path) -> list[str]:
    """The names in the cache, but for the locks, which stay."""
    return sorted(each.name for each in folder.iterdir() if not each.name.endswith(".lock"))


# The cache


def test_an_entry_is_built_once(capsys: pytest.CaptureFixture[str]) -> None:
    """The second command finds the first one's work, and says so."""
    built = []
    made = entry(lambda folder: built.append(folder))
    assert cache.ensure(made) == cache.ensure(made) == made.folder
    assert len(built) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("fake-1: ") and first.endswith(" s")
    assert second == "fake-1: in the cache"


def test_an_entry_is_keyed_by_what_it_is_made_from() -> None:
    """A changed pin is another folder, and takes the place of the old one once it is complete; other names stay."""
    first = cache.ensure(entry())
    bystander = cache.ensure(replace(entry(), name="fakes"))

    def fails(folder: Path) -> None:
        raise SandboxError("no")

    with pytest.raises(SandboxError):
        cache.ensure(replace(entry(fails), made_from=b"made from that"))
    assert first.exists()
    second = cache.ensure(replace(entry(), version="2", made_from=b"made from that"))
    assert visible(cache.root()) == sorted([second.name, bystander.name])


def test_what_a_running_node_uses_is_kept(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """By a newer entry and by `clean`, which says so."""
    used = cache.ensure(entry())
    in_use = cache._in_use
    assert not in_use(used)
    monkeypatch.setattr(cache, "_in_use", lambda folder: folder == used)
    cache.ensure(replace(entry(), made_from=b"made from that"))
    assert used.exists()
    capsys.readouterr()
    assert commands.main(["clean"]) == 0
    freed, kept = capsys.readouterr().out.splitlines()
    assert freed.startswith(f"{cache.root()}: 0 MB freed")
    assert kept == f"kept, because a running node uses it: {used.name}"
    assert visible(cache.root()) == [used.name]


def test_clean_empties_the_cache(capsys: pytest.CaptureFixture[str]) -> None:
    """It says how much that was; a hard link counts once. Where there is nothing it says that."""

    def fill(folder: Path) -> None:
        (folder / "file").write_bytes(os.urandom(2_000_000))
        (folder / "again").hardlink_to(folder / "file")

    cache.ensure(entry(fill))
    capsys.readouterr()
    for freed in ("2 MB freed", "0 MB freed"):
        assert commands.main(["clean"]) == 0
        assert capsys.readouterr().out == f"{cache.root()}: {freed}\n"
    assert not cache.root().exists()


def test_what_is_to_be_built_is_said_first(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What, in which order, and about how long that takes on so many cores; nothing where all is there."""
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    small = replace(entry(), name="small", seconds=34)
    large = replace(entry(), name="large", version="v2", work=1000)
    cache.announce([large, entry(), small])
    assert capsys.readouterr().out == (
        "To build, once (about 5 min on 4 cores):\n"
        "  large-v2: about 4 min\n  fake-1: about 10 s\n  small-1: about 30 s\n"
    )
    cache.ensure(large)
    capsys.readouterr()
    cache.announce([large])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LIFECYCLE_SANDBOX_CACHE": "/a"}, "/a"),
        ({"XDG_CACHE_HOME": "/b"}, "/b/lifecycle-sandbox"),
        ({"XDG_CACHE_HOME": "", "HOME": "/c"}, "/c/.cache/lifecycle-sandbox"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/c"}, "/c/.cache/lifecycle-sandbox"),
    ],
)
def test_where_the_cache_is(variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project's own variable, then XDG's, then the user's cache folder."""
    monkeypatch.delenv("LIFECYCLE_SANDBOX_CACHE")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache.root() == Path(expected)


def grow(folder: Path) -> None:
    (folder / "sub" / "file").write_text("longer than it was")


def alter(folder: Path) -> None:
    (folder / "sub" / "file").write_text("BUILT")
    os.utime(folder / "sub" / "file", (1, 1))


def make_it_run(folder: Path) -> None:
    (folder / "sub" / "file").chmod(0o755)


def relink(folder: Path) -> None:
    (folder / "sub" / "link").unlink()
    (folder / "sub" / "link").symlink_to("elsewhere")


def replace_by_a_link(folder: Path) -> None:
    (folder / "sub" / "file").unlink()
    (folder / "sub" / "file").symlink_to("link")


def lose(folder: Path) -> None:
    (folder / "sub" / "file").unlink()


def add(folder: Path) -> None:
    (folder / "alien").symlink_to("nowhere")


def lose_manifest(folder: Path) -> None:
    (folder / "MANIFEST").unlink()


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (grow, "sub/file is not as it was built"),
        (alter, "sub/file is not as it was built"),
        (make_it_run, "sub/file is not as it was built"),
        (relink, "sub/link is not as it was built"),
        (replace_by_a_link, "sub/file is not as it was built"),
        (lose, "sub/file is not as it was built"),
        (add, "alien is not as it was built"),
        (lose_manifest, "MANIFEST is missing"),
    ],
)
def test_a_damaged_entry_is_built_anew(
    harm: Callable[[Path], None], fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was lost, added or changed is noticed, named and mended."""
    folder = cache.ensure(entry())
    harm(folder)
    capsys.readouterr()
    cache.ensure(entry())
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"fake-1: {folder} is damaged ({fault}); building it anew"
    assert second.startswith("fake-1: ")
    assert cache.damage(folder) is None
    assert (folder / "sub" / "file").read_text() == "built"


@pytest.mark.parametrize(
    "copied",
    [
        'mkdir "$2" && tar -C "$1" -cf - . | tar -C "$2" -xf -',
        'cp -r "$1" "$2"',
        'cp -a "$1" "$2" && find "$2" -exec touch -h -d @1 {} +',
    ],
    ids=["an archive", "a copy", "other times"],
)
def test_a_copied_entry_is_the_entry(copied: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Archives keep whole seconds, copies no times at all: what counts is what is in the files."""
    folder, moved = cache.ensure(entry()), home / "moved"
    os.utime(folder / "sub" / "file", ns=(1, 1_700_000_000_123_456_789))
    subprocess.run(["sh", "-c", copied, "sh", folder, moved], check=True)
    shutil.rmtree(folder)
    moved.rename(folder)
    capsys.readouterr()
    cache.ensure(entry())
    assert capsys.readouterr().out == "fake-1: in the cache\n"


def test_a_copied_entry_is_read_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The times of the copy are noted; only a cache that cannot be written is read each time."""
    folder = cache.ensure(entry())
    os.utime(folder / "sub" / "file", (1, 1))
    read: list[Path] = []
    digest = cache.digest
    monkeypatch.setattr(cache, "digest", lambda file: read.append(file) or digest(file))
    assert cache.damage(folder) is None
    assert read.count(folder / "sub" / "file") == 2  # compared, and noted
    assert cache.damage(folder) is None
    assert len(read) == 2


def test_an_entry_of_another_processor_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    here = entry().folder
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert entry().folder != here


def test_an_entry_of_another_release_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made of the distribution's packages goes by its release; what is built from Go modules does not."""
    folders = {}
    for name in ("bookworm", "trixie"):
        about = {"ID": "debian", "VERSION_CODENAME": name}
        monkeypatch.setattr(platform, "freedesktop_os_release", lambda about=about: about)
        folders[name] = [each().folder for each in (parts.kubernetes, parts.provider, parts.pause, parts.node)]
    same = [one == other for one, other in zip(*folders.values(), strict=True)]
    assert same == [True, True, True, False]


def test_two_builders_wait_for_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    """Two commands that want the same entry at once build it once."""
    started, go_on = threading.Event(), threading.Event()
    built = []

    def slow(folder: Path) -> None:
        built.append(folder)
        started.set()
        assert go_on.wait(10)

    first, second = (threading.Thread(target=cache.ensure, args=(entry(slow),)) for _ in range(2))
    first.start()
    assert started.wait(10)
    second.start()
    time.sleep(0.1)
    assert second.is_alive()
    go_on.set()
    first.join(10)
    second.join(10)
    assert len(built) == 1
    said = capsys.readouterr().out
    assert "fake-1: waiting for another command that builds it: 0." in said
    assert said.endswith("fake-1: in the cache\n")


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), SandboxError("no"), OSError(errno.EIO, "I/O error")])
def test_a_failed_build_leaves_nothing(fault: BaseException) -> None:
    """There is no half entry: the next command builds from the start."""

    def fails(folder: Path) -> None:
        fill(folder, "half")
        raise fault

    with pytest.raises(type(fault)):
        cache.ensure(entry(fails))
    assert visible(cache.root()) == []
    assert (cache.ensure(entry()) / "sub" / "file").read_text() == "built"


def test_what_a_killed_build_left_is_cleared() -> None:
    """SIGKILL leaves a temporary folder; it is no entry, and the next build removes it."""
    script = """
import os, signal
from sandbox import cache
def build(folder):
    (folder / "half").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
cache.ensure(cache.Entry("fake", "1", b"made from this", build, 0))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = visible(cache.root())
    assert left.startswith(f".{entry().folder.name}.")
    cache.ensure(entry())
    assert visible(cache.root()) == [entry().folder.name]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL], ids=["SIGINT", "SIGKILL"])
def test_a_build_ends_with_the_command_that_wants_it(sent: signal.Signals, home: Path) -> None:
    """No compiler works on for nobody; it gets the time to clear what it has made."""
    if sent == signal.SIGKILL and not shutil.which("setpriv"):
        pytest.skip("needs setpriv")
    script = f"""
from sandbox import cache
work = "trap 'touch {home}/cleared; exit' TERM; touch {home}/started; for i in $(seq 100); do sleep 0.05; done"
cache.run(["sh", "-c", work])
"""
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stderr=subprocess.DEVNULL) as command:
        until(lambda: (home / "started").exists())
        command.send_signal(sent)
    until(lambda: (home / "cleared").exists())


def test_a_disk_too_small(capsys: pytest.CaptureFixture[str]) -> None:
    """What is needed is compared with what is free before anything is built."""
    needs = shutil.disk_usage("/").total * 1000
    with pytest.raises(SandboxError) as caught:
        cache.ensure(entry(needs_bytes=needs))
    before, _, after = str(caught.value).partition(", ")
    assert before == f"{cache.root()}: fake-1 needs {needs >> 20} MiB"
    number, _, rest = after.partition(" ")
    assert int(number) > 0
    assert rest == ("are free. Free some space there, or set LIFECYCLE_SANDBOX_CACHE to a folder on another disk.")
    assert visible(cache.root()) == []


def test_a_disk_that_fills_up() -> None:
    """A full disk in the middle of a build is named as such, whoever met it."""

    def fails(folder: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(SandboxError) as caught:
        cache.ensure(entry(fails))
    assert str(caught.value) == (
        f"{cache.root()}: no space left on device while fake-1 was built. "
        "Free some space there, or set LIFECYCLE_SANDBOX_CACHE to a folder on another disk."
    )
    with pytest.raises(SandboxError) as caught:
        cache.run(["sh", "-c", "echo one; echo 'write: No space left on device' >&2; exit 2"])
    assert str(caught.value) == (
        "sh: no space left on device.\n  one\n  write: No space left on device\n"
        "Free some space there, or set LIFECYCLE_SANDBOX_CACHE to a folder on another disk."
    )


def test_a_cache_that_cannot_be_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to set."""
    (home / "file").touch()
    monkeypatch.setenv("LIFECYCLE_SANDBOX_CACHE", str(home / "file" / "cache"))
    with pytest.raises(SandboxError) as caught:
        cache.ensure(entry())
    assert str(caught.value) == (
        f"{home}/file/cache: Not a directory. Set LIFECYCLE_SANDBOX_CACHE to a folder that you can write to."
    )


def test_a_failed_command_shows_its_last_lines() -> None:
    """The last twelve lines of either stream, and where downloads come from."""
    with pytest.raises(SandboxError) as caught:
        cache.run(["sh", "-c", "seq 20; exit 7"])
    assert str(caught.value) == "\n".join(
        ["sh ended with status 7:", *(f"  {each}" for each in range(9, 21)), UNREACHABLE]
    )


@pytest.mark.skipif(not shutil.which("go"), reason="needs go on PATH")
def test_no_network_in_a_go_build(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that cannot be had ends the build with go's own words and where to look."""
    monkeypatch.setenv("GOPROXY", "off")
    monkeypatch.setenv("GOTOOLCHAIN", "local")
    for each in ("GOMODCACHE", "GOCACHE"):
        monkeypatch.setenv(each, str(home / each))
    with pytest.raises(SandboxError) as caught:
        cache.ensure(replace(parts.pulumi(), needs_bytes=0))
    said = str(caught.value).splitlines()
    assert said[0] == "go ended with status 1:"
    assert "\n".join(said[-1:]) == UNREACHABLE
    assert any("GOPROXY=off" in line or "GOTOOLCHAIN=local" in line for line in said[1:-1]), said
    assert visible(cache.root()) == []


def test_no_go(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Debian package that brings it is named."""
    monkeypatch.setenv("PATH", str(home))
    with pytest.raises(SandboxError) as caught:
        parts.pulumi().build(home)
    assert str(caught.value) == ("go: not on PATH. Install Go 1.21 or later (Debian: golang-go); it fetches the rest.")


# What the machine must have


OWN_CLUSTER = """\
With a cluster of your own (kind, minikube, or any kubeconfig) the program runs without the sandbox:
    pulumi stack init dev && pulumi up --policy-pack policies --policy-pack-config policies/demo.json"""


def refusal(monkeypatch: pytest.MonkeyPatch, *names: str, entries: Sequence[Entry] = ()) -> str:
    """What the checks of these names, and that of the entries' programs, have to say, as lines below the heading."""
    monkeypatch.setattr(checks, "CHECKS", tuple(each for each in checks.CHECKS if each.__name__ in names))
    with pytest.raises(SandboxError) as caught:
        checks.require(entries)
    assert caught.value.status == 3
    heading, _, rest = str(caught.value).partition("\n")
    assert heading == "The sandbox cannot run on this machine:"
    assert rest.endswith(f"\n{OWN_CLUSTER}")
    return rest.removesuffix(f"\n{OWN_CLUSTER}")


def test_no_root(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The command says so, with what to do, by a status of its own."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lacking())
    text = "  - namespaces, mounts and cgroups need root: run it with sudo"
    assert refusal(monkeypatch, "_root") == text
    assert commands.main(["up"]) == 3
    assert capsys.readouterr().err == f"The sandbox cannot run on this machine:\n{text}\n{OWN_CLUSTER}\n"


def test_not_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    """On another system nothing else is looked at: the rest is of Linux."""
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    text = refusal(monkeypatch, *(each.__name__ for each in checks.CHECKS))
    assert text == "  - it runs Darwin; the node needs a Linux kernel"


@pytest.mark.parametrize(
    ("about", "runs"),
    [
        ({"ID": "fedora", "ID_LIKE": "debian"}, False),
        ({"ID": "linux"}, False),
        (None, False),
        ({"ID": "debian"}, True),
        ({"ID": "ubuntu", "VERSION_CODENAME": "noble"}, True),
    ],
)
def test_not_debian(about: dict[str, str] | None, runs: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian and Ubuntu will do; a machine that says nothing of itself is neither."""

    def os_release() -> dict[str, str]:
        if about is None:
            raise OSError
        return about

    monkeypatch.setattr(platform, "freedesktop_os_release", os_release)
    if runs:
        assert checks._debian() is None
    else:
        expected = "  - it is neither Debian nor Ubuntu, whose packages make up the node"
        assert refusal(monkeypatch, "_debian") == expected


@pytest.mark.parametrize(("file", "version"), [("cgroup.controllers", "v2"), ("memory/cgroup.procs", "v1")])
def test_what_machine_this_is(file: str, version: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, which a report of somebody else's machine can begin with; README says the same of those checked."""
    (home / file).parent.mkdir(exist_ok=True)
    (home / file).touch()
    monkeypatch.setattr(machine, "CGROUPS", home)
    monkeypatch.setattr(
        platform, "freedesktop_os_release", lambda: {"ID": "ubuntu", "PRETTY_NAME": "Ubuntu 24.04.3 LTS"}
    )
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    monkeypatch.setattr(platform, "python_version", lambda: "3.14.1")
    assert checks.here() == (
        f"machine: Ubuntu 24.04.3 LTS, aarch64, cgroup {version}, Python 3.14.1 "
        "(checked: Debian 12 and 13, x86_64, cgroup v1 and v2, Python 3.10 to 3.13)"
    )
    assert checks.CHECKED in " ".join((ROOT / "README.md").read_text().split())


def lacking(*programs: str) -> Callable[..., str | None]:
    return lambda program, path=None: None if program in programs else program


def test_missing_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each package is named once, in one line to copy."""
    everything = [parts.kubernetes(), parts.node(), parts.pulumi()]
    monkeypatch.setattr(shutil, "which", lacking("go", "unshare"))
    assert refusal(monkeypatch, entries=everything) == "  - programs are missing: apt-get install golang-go util-linux"
    monkeypatch.setattr(shutil, "which", lacking("apt-get", "dpkg-deb", "go", "mount", "perl", "pivot_root", "unshare"))
    expected = "apt dpkg golang-go mount perl util-linux"
    assert refusal(monkeypatch, entries=everything) == f"  - programs are missing: apt-get install {expected}"


def test_what_builds_is_asked_for_only_where_something_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """All in the cache: no Go, no apt."""
    monkeypatch.setattr(checks, "CHECKS", ())
    monkeypatch.setattr(shutil, "which", lacking("go", "apt-get"))
    for each in (parts.kubernetes(), parts.node()):
        each.folder.mkdir(parents=True)
    checks.require([parts.kubernetes(), parts.node()])
    said = refusal(monkeypatch, entries=[parts.kubernetes(), parts.node(), parts.pulumi()])
    assert said == "  - programs are missing: apt-get install golang-go"


def test_missing_kernel_parts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is missing is said at once, in the order of the checks."""
    paths = {f"/proc/self/ns/{each}": home for each in ("net", "mnt", "pid", "ipc", "uts")}
    paths["/proc/self/ns/net"] = paths["/proc/self/ns/pid"] = home / "none"
    monkeypatch.setattr(checks, "Path", lambda path: paths[path])
    monkeypatch.setattr(machine, "CGROUPS", home)
    assert refusal(monkeypatch, "_namespaces", "_cgroups").splitlines() == [
        "  - the kernel lacks the namespaces net, pid",
        "  - no cgroup hierarchy with a memory controller is mounted under /sys/fs/cgroup: mount cgroup2 there",
    ]


# Certificates and files


def test_certificates(home: Path) -> None:
    """Signed by the authority, for the names given, for a month at most; no file is for other users."""
    old = os.umask(0)
    try:
        authority = Authority(home)
        authority.issue("server", Identity("one", "group", names=("localhost",), addresses=("127.0.0.1",)))
        certificates.service_account_key(home)
    finally:
        os.umask(old)
    ca, server = (x509.load_pem_x509_certificate((home / f"{each}.crt").read_bytes()) for each in ("ca", "server"))
    server.verify_directly_issued_by(ca)
    assert server.subject.rfc4514_string() == "O=group,CN=one"
    alternatives = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [each.value for each in alternatives] == ["localhost", ipaddress.ip_address("127.0.0.1")]
    assert (server.not_valid_after_utc - server.not_valid_before_utc).days <= 30
    keys = sorted(each for each in home.iterdir() if each.is_file())
    assert [each.name for each in keys] == ["ca.crt", "server.crt", "server.key", "service-account.key"]
    assert {stat.S_IMODE(each.stat().st_mode) for each in keys} == {0o600}


@pytest.mark.parametrize("name", sorted(layout.IDENTITIES))
def test_certificates_stand_up_to_the_strictest_verification(name: str, home: Path) -> None:
    """As RFC 5280 wants them: what Python 3.13 asks for by default, asked for by any Python, of both ends."""
    authority = Authority(home)
    authority.issue("server", Identity("one", names=("localhost",)))
    authority.issue("client", layout.IDENTITIES[name])
    ends = []
    for file, purpose in (("server", ssl.Purpose.CLIENT_AUTH), ("client", ssl.Purpose.SERVER_AUTH)):
        context = ssl.create_default_context(purpose, cafile=str(home / "ca.crt"))
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(home / f"{file}.crt", home / f"{file}.key")
        ends.append(context)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = ends[0].wrap_bio(to_server, to_client, server_side=True)
    client = ends[1].wrap_bio(to_client, to_server, server_hostname="localhost")
    for _ in range(4):  # each end in turn, until both are content
        for end in (client, server):
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()
    assert server.getpeercert() and client.getpeercert()


def test_a_private_file_takes_no_one_elses_place(home: Path) -> None:
    """A link that lies in wait is replaced, not written through."""
    (home / "victim").write_text("theirs")
    (home / "key").symlink_to(home / "victim")
    certificates.private_file(home / "key", b"ours")
    assert (home / "victim").read_text() == "theirs"
    assert not (home / "key").is_symlink() and (home / "key").read_bytes() == b"ours"


def test_each_program_gets_its_own_kubeconfig() -> None:
    """Paths stay paths, contents go into the -data fields; no token, no password."""
    inner = layout.inner_kubeconfig("kubelet")
    assert inner["users"][0]["user"] == {
        "client-certificate": "/etc/sandbox/kubelet.crt",
        "client-key": "/etc/sandbox/kubelet.key",
    }
    text = base64.b64encode(b"pem").decode()
    outer = layout.kubeconfig("https://127.0.0.1:1", text, text, text)
    assert outer["clusters"][0]["cluster"] == {"server": "https://127.0.0.1:1", "certificate-authority-data": text}
    assert outer["users"][0]["user"] == {"client-certificate-data": text, "client-key-data": text}


def test_what_the_node_is_told_is_data() -> None:
    """Every command line is plain words, and all listen on the node's loopback or its own network only."""
    spec = json.loads(json.dumps(layout.spec("/lifecycle-sandbox-1")))
    assert [part["name"] for part in spec["parts"] if part.get("listens")] == ["forward"]
    names = [part["name"] for part in spec["parts"]]
    assert len(names) == len(set(names)) == 9
    assert json.loads(spec["files"]["/etc/kubernetes/kubelet.json"])["cgroupRoot"] == "/lifecycle-sandbox-1"
    assert all(word.isprintable() and " " not in word for part in spec["parts"] for word in part["argv"])


# The commands without a node


def test_two_checkouts_are_two_nodes() -> None:
    """The cgroup root goes by the path."""
    one, other = Node(Path("/one")), Node(Path("/other"))
    assert one.cgroup_root != other.cgroup_root == Node(Path("/other")).cgroup_root


def test_status_when_down(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 1, and why it ended, as far as that can be known."""
    assert commands.main(["status"]) == 1
    assert capsys.readouterr().out == "down\n"
    logs = home / "checkout" / ".sandbox" / "logs"
    logs.mkdir(parents=True)
    (logs.parent / "kubeconfig").write_text("{}")
    assert commands.main(["status"]) == 1
    killed = "it was killed, or the machine was restarted"
    assert capsys.readouterr().out == f"down: the node ended: {killed} (logs in {logs})\n"
    (logs / "ended").write_text("kubelet was killed by signal 9\n")
    assert commands.main(["status"]) == 1
    assert capsys.readouterr().out == f"down: the node ended: kubelet was killed by signal 9 (logs in {logs})\n"


@pytest.mark.parametrize("args", [["get", "pods"], ["-n", "default", "get", "pods"], ["--help"], []])
def test_kubectl_when_down(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever kubectl is asked, the answer is how to start the node."""
    assert commands.main(["kubectl", *args]) == 1
    assert capsys.readouterr().err == NO_NODE


def test_logs(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A list, a log, or which logs there are."""
    logs = home / "checkout" / ".sandbox" / "logs"
    assert commands.main(["logs"]) == 1
    assert capsys.readouterr().err == f"{logs}: no logs. Start the node with `python -m sandbox up`.\n"
    logs.mkdir(parents=True)
    for each in ("kubelet", "etcd"):
        (logs / f"{each}.log").write_bytes(each.encode() + b" \xff")
    assert commands.main(["logs"]) == 0
    assert capsys.readouterr().out == "etcd\nkubelet\n"
    assert commands.main(["logs", "etcd"]) == 0
    assert capsys.readouterr().out == "etcd \N{REPLACEMENT CHARACTER}\n"
    for each in ("nosuchpart", "../kubelet", ""):
        assert commands.main(["logs", each]) == 1
        assert capsys.readouterr().err == f"{each}: no such part. Choose from: etcd, kubelet.\n"


@pytest.mark.parametrize("port", ["-1", "65536", "70000", "http"])
def test_a_port_that_is_none(port: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The command line is refused, with status 2, before anything is done."""
    monkeypatch.setattr(nodes, "up", lambda node, port: pytest.fail("it was tried"))
    with pytest.raises(SystemExit) as caught:
        commands.main(["up", "--port", port])
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert said.endswith(f"error: argument --port: {port}: not a port; give a number from 0 to 65535\n")


def test_a_port_in_use(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The port is named, and what to do, before minutes are spent on building."""
    monkeypatch.setattr(checks, "CHECKS", ())
    monkeypatch.setattr(shutil, "which", lacking())
    monkeypatch.setattr(cache, "ensure", lambda entry: pytest.fail("it was built"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SandboxError) as caught:
            nodes.up(Node(home / "checkout"), port)
    expected = f"127.0.0.1:{port}: Address already in use. Give another --port, or leave it out to use a free one."
    assert str(caught.value) == expected


def test_a_checkout_that_cannot_be_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A colon in its path would split KUBECONFIG in two: it is refused, not half done."""
    monkeypatch.setattr(commands, "ROOT", Path("/one:two"))
    assert commands.main(["status"]) == 1
    assert capsys.readouterr().err == (
        "/one:two: PATH and KUBECONFIG cannot name a folder with ':' in its name. Move the checkout.\n"
    )


@pytest.mark.parametrize("command", ["status", "kubectl", "logs", "down"])
def test_another_users_node(
    command: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be seen from here is not called down."""
    state = home / "checkout" / ".sandbox"
    state.mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: mode == os.F_OK)
    assert commands.main([command]) == 1
    assert capsys.readouterr().err == f"{state}: it belongs to another user. Run this as that user, or with sudo.\n"


def test_down_with_nothing_up(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It succeeds, any number of times, and leaves no folder of its own."""
    for _ in range(2):
        assert commands.main(["down"]) == 0
        assert capsys.readouterr().out == "node: not running; nothing is left\n"
        assert list((home / "checkout").iterdir()) == []


def test_down_removes_the_state_while_it_is_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that waited for `down` starts from nothing, and what it writes stays."""
    node = Node(home / "checkout")
    clearing, go_on = threading.Event(), threading.Event()

    def slow(node: Node) -> None:
        clearing.set()
        assert go_on.wait(10)

    def next_command() -> None:
        with nodes._alone(node):
            (node.state / "kept").touch()
            time.sleep(0.2)

    monkeypatch.setattr(nodes, "clear", slow)
    first, second = threading.Thread(target=nodes.down, args=(node,)), threading.Thread(target=next_command)
    first.start()
    assert clearing.wait(10)
    second.start()
    time.sleep(0.1)
    assert second.is_alive()
    go_on.set()
    first.join(10)
    second.join(10)
    assert (node.state / "kept").exists()


def test_an_interrupt_is_no_stack_trace(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends a command as a shell expects it."""

    def interrupted(node: Node, port: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(nodes, "up", interrupted)
    assert commands.main(["up"]) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_a_reader_that_has_seen_enough(home: Path) -> None:
    """`logs PART | head` is no error to complain of."""
    logs = home / ".sandbox" / "logs"
    logs.mkdir(parents=True)
    (logs / "etcd.log").write_text("line\n" * 100_000)
    shutil.copytree(ROOT / "sandbox", home / "sandbox", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "sandbox", "logs", "etcd"]
    with subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as logs_command:
        assert logs_command.stdout and logs_command.stderr
        assert logs_command.stdout.readline() == "line\n"
        logs_command.stdout.close()
        assert logs_command.stderr.read() == ""
    assert logs_command.returncode == 141
