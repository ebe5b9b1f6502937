"""The sandbox on the real machine: what it leaves, what it survives, and that it keeps to itself."""

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox import cache, layout, machine, parts
from sandbox.node import MARK, Node
from tests.looks import cgroups, files, ip_links, ip_routes, iptables, mounts, sysctls

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
SECONDS = 60
OTHERS_KUBECONFIG = "apiVersion: v1\nkind: Config\ncurrent-context: production\n"

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for namespaces, mounts and cgroups"),
]


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


class Checkout:
    """A copy of `sandbox/` in a folder, and with a home, of its own: it shares nothing with others but the cache."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a checkout, of many"  # signs that a shell, or a mount option, would take for its own
        self.home = folder / "home"
        shutil.copytree(ROOT / "sandbox", self.root / "sandbox", ignore=shutil.ignore_patterns("__pycache__"))
        (self.home / ".kube").mkdir(parents=True)
        (self.home / ".kube" / "config").write_text(OTHERS_KUBECONFIG)
        self.node = Node(self.root)
        self.env = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "HOME": str(self.home),
            "LIFECYCLE_SANDBOX_CACHE": str(cache.root()),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": str(self.home),
        }

    def start(self, *args: str, before: tuple[str, ...] = (), **env: str) -> "subprocess.Popen[str]":
        """`python -m sandbox …` under way, in a session of its own; `before` is a program that starts it."""
        return subprocess.Popen(
            [*before, sys.executable, "-m", "sandbox", *args],
            cwd=self.root,
            env={**self.env, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *args: str, before: tuple[str, ...] = (), **env: str) -> Said:
        process = self.start(*args, before=before, **env)
        out, err = process.communicate(timeout=600)
        return Said(process.returncode, out, err)

    def up(self, *args: str) -> str:
        """Brings the node up; the API server's address."""
        said = self.run("up", *args)
        assert said.status == 0, said
        found = re.search(r"^node: Ready after [\d.]+ s \((https://127\.0\.0\.1:\d+)\)$", said.out, re.M)
        assert found, said
        return found[1]

    def down(self) -> None:
        said = self.run("down")
        assert said.status == 0, said

    def kubectl(self, *args: str) -> str:
        said = self.run("kubectl", *args)
        assert said.status == 0, said
        return said.out

    def process(self, name: str) -> int:
        """The process of the node that runs this program; `init` is its PID 1."""
        if name == "init":
            found = self.node.init()
            assert found
            return found
        return next(pid for pid in self.node.processes() if comm(pid) == name[:15])

    def cgroups(self) -> list[Path]:
        """The node's cgroups, in any hierarchy."""
        return [each for each in cgroups() if self.node.cgroup_root in str(each)]

    def gone(self) -> bool:
        """Nothing of the node is left in the kernel."""
        return not self.node.processes() and not self.cgroups()


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """The cache is filled: the times below are of a warm one."""
    for each in (parts.kubernetes, parts.pause, parts.node):
        cache.ensure(each())


def new_checkout() -> Iterator[Checkout]:
    # Not tmp_path: another user has to reach it too.
    folder = Path(tempfile.mkdtemp(prefix="sandbox-test-"))
    folder.chmod(0o755)
    checkout = Checkout(folder)
    yield checkout
    checkout.run("down")
    assert checkout.gone()
    shutil.rmtree(folder)


checkout = pytest.fixture(new_checkout)
other = pytest.fixture(new_checkout)
standing_checkout = pytest.fixture(new_checkout, scope="module")


@pytest.fixture(scope="module")
def standing(standing_checkout: Checkout) -> Checkout:
    """A node that is up, for tests that leave it as it is."""
    standing_checkout.up()
    return standing_checkout


# What a machine shows of itself


def comm(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


@dataclass(frozen=True)
class Process:
    """A process as /proc has it; `born` tells it from another that gets its number later."""

    pid: int
    born: str
    parent: int
    mentions: str

    @property
    def key(self) -> tuple[int, str]:
        return self.pid, self.born


def process_table() -> dict[int, Process]:
    """All processes but the kernel's own and those that are on their way out."""
    table = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                state, parent, *rest = (folder / "stat").read_text().rpartition(")")[2].split()
                texts = [(folder / each).read_bytes() for each in ("cmdline", "environ", "cgroup")]
            except OSError:
                continue
            if state != "Z" and texts[0]:
                mentions = b"\n".join(texts).decode(errors="replace")
                table[int(folder.name)] = Process(int(folder.name), rest[17], int(parent), mentions)
    return table


def strays(before: dict[int, Process], checkout: Checkout) -> list[Process]:
    """New processes that name the checkout, or that no process of before has started and no other sandbox has."""
    now = process_table()
    old = {each.key for each in before.values()}

    def of_others(process: Process) -> bool:
        while process.pid != 1:
            if process.key in old or process.pid == os.getpid() or f"{MARK}=" in process.mentions:
                return True
            if process.parent not in now:
                return False
            process = now[process.parent]
        return False

    names = (str(checkout.root), checkout.node.cgroup_root)
    new = [each for each in now.values() if each.key not in old]
    return [each for each in new if any(name in each.mentions for name in names) or not of_others(each)]


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    """Paths, sizes and times of change below a folder."""
    found = {}
    for each in folder.rglob("*"):
        status = each.lstat()
        found[str(each.relative_to(folder))] = (status.st_size, status.st_mtime_ns)
    return found


def other_cgroups(checkout: Checkout) -> set[Path]:
    """All cgroups but those of sandboxes that are not this test's."""
    return {each for each in cgroups() if "/lifecycle-sandbox-" not in str(each)} | set(checkout.cgroups())


LOOKS: dict[str, Callable[[Checkout], object]] = {
    "mount": lambda _: mounts(),
    "ip link": lambda _: ip_links(),
    "ip route": lambda _: ip_routes(),
    "iptables-save": lambda _: iptables(),
    "sysctl": lambda _: sysctls(),
    "cgroups": other_cgroups,
    "files": lambda _: files(),
    "home": lambda checkout: tree(checkout.home),
    "checkout": lambda checkout: sorted(each.name for each in checkout.root.iterdir()),
}


def until(look: Callable[[], object], what: str, seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline, f"{what}: not after {seconds} s"
        time.sleep(0.02)


# What is left


def test_down_leaves_nothing(checkout: Checkout) -> None:
    """`ps`, `mount`, `ip link`, `iptables-save`, cgroups, sysctls and files are as they were before the first `up`."""
    before, processes = {name: look(checkout) for name, look in LOOKS.items()}, process_table()
    checkout.up()
    checkout.kubectl("run", "web", "--image=nginx", "--port=80")
    checkout.kubectl("wait", "pod/web", "--for=condition=Ready", "--timeout=60s")
    checkout.kubectl("expose", "pod/web")  # kube-proxy writes rules for it
    assert strays(processes, checkout), "a running node is seen by this test"
    assert checkout.cgroups()
    during = {name: look(checkout) for name, look in LOOKS.items()}
    outside = {"mount", "ip link", "ip route", "iptables-save", "sysctl", "files", "home"}
    assert {name: during[name] for name in outside} == {name: before[name] for name in outside}
    said = checkout.run("down")
    assert (said.status, said.out, said.err) == (0, "node: down\n", "")
    assert strays(processes, checkout) == []
    for name, look in LOOKS.items():
        assert look(checkout) == before[name], name
    assert not checkout.node.state.exists()
    assert cache.damage(parts.node().folder) is None


# What it survives

KILLED = "it was killed, or the machine was restarted"


@pytest.mark.parametrize(
    ("victim", "why", "healer"),
    [
        ("init", KILLED, "up"),
        ("unshare", KILLED, "down"),
        ("kubelet", "kubelet was killed by signal 9", "down"),
        ("kube-apiserver", "kube-apiserver was killed by signal 9", "up"),
        ("containerd", "containerd was killed by signal 9", "down"),
    ],
)
def test_a_killed_part(victim: str, why: str, healer: str, checkout: Checkout) -> None:
    """SIGKILL to any one ends them all; `status` says which it was, and the next `up` or `down` heals it."""
    checkout.up()
    checkout.kubectl("run", "web", "--image=nginx")
    checkout.kubectl("wait", "pod/web", "--for=condition=Ready", "--timeout=60s")
    shims = [each for each in process_table().values() if checkout.node.cgroup_root in each.mentions]
    assert shims, "the Pod's processes are seen by this test"
    os.kill(checkout.process(victim), signal.SIGKILL)
    until(lambda: not checkout.node.processes(), "the other parts end")
    said = checkout.run("status")
    assert (said.status, said.err) == (1, "")
    assert said.out == f"down: the node ended: {why} (logs in {checkout.node.logs})\n"
    if healer == "up":
        checkout.up()
        assert "localhost" in checkout.kubectl("get", "nodes")
    checkout.down()
    assert checkout.gone()
    assert not checkout.node.state.exists()


MOMENTS: dict[str, Callable[[Checkout], object]] = {
    "the first entry of the cache": lambda checkout: checkout.node.state.exists(),
    "the certificates": lambda checkout: (checkout.node.state / "config" / "ca.crt").exists(),
    "the namespaces": lambda checkout: checkout.node.processes(),
    "PID 1": lambda checkout: checkout.node.init(),
    "the API server": lambda checkout: (checkout.node.logs / "kube-apiserver.log").exists(),
    "the kubelet": lambda checkout: (checkout.node.logs / "kubelet.log").exists(),
    "the kubelet's cgroups": lambda checkout: any(each.name == "kubepods" for each in checkout.cgroups()),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_interrupted_up(moment: str, checkout: Checkout) -> None:
    """Ctrl-C at any step: it ends by the signal (130 to a shell), says one word, and nothing runs on."""
    process = checkout.start("up")
    until(lambda: MOMENTS[moment](checkout), moment)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (-signal.SIGINT, "interrupted\n")
    assert checkout.gone()


@pytest.mark.parametrize("healer", ["up", "down"])
def test_a_killed_up(healer: str, checkout: Checkout) -> None:
    """What `up` has started lives on when it is killed: the next `up` waits for it, the next `down` ends it."""
    process = checkout.start("up")
    until(lambda: (checkout.node.logs / "kube-apiserver.log").exists(), "the API server starts")
    process.kill()
    process.communicate()
    assert checkout.node.processes()
    if healer == "up":
        said = checkout.run("up")
        assert said.status == 0, said
        assert "localhost   Ready" in checkout.kubectl("get", "nodes", "--no-headers")
    said = checkout.run("down")
    assert (said.status, said.out) == (0, "node: down\n")
    assert checkout.gone()
    assert not checkout.node.state.exists()


def leave_behind(checkout: Checkout) -> None:
    """What another boot leaves: files. And cgroups, as a kill leaves them, with some below."""
    for each in ("config", "logs", "root"):
        (checkout.node.state / each).mkdir(parents=True)
    old = layout.kubeconfig("https://127.0.0.1:1", "b2xk", "b2xk", "b2xk")
    checkout.node.kubeconfig.write_text(json.dumps(old))
    (checkout.node.state / "config" / "ca.crt").write_text("old")
    (checkout.node.state / "lock").touch()
    for each in machine.hierarchies():
        (each / checkout.node.cgroup_root[1:] / "kubepods" / "besteffort" / "pod1").mkdir(parents=True)


@pytest.mark.parametrize("word", ["kubelet ended with status 1", ""])
def test_after_a_restart_of_the_machine(word: str, checkout: Checkout) -> None:
    """What is left of a node that no longer runs is no node, and hinders none."""
    leave_behind(checkout)
    if word:
        (checkout.node.logs / "ended").write_text(f"{word}\n")
    said = checkout.run("status")
    assert (said.status, said.out) == (
        1,
        f"down: the node ended: {word or KILLED} (logs in {checkout.node.logs})\n",
    )
    if word:
        address = checkout.up()
        assert address != "https://127.0.0.1:1"
        said = checkout.run("status")
        assert (said.status, said.out) == (0, f"up: {address}, kubeconfig {checkout.node.kubeconfig}\n")
        checkout.down()
    else:
        said = checkout.run("down")
        assert (said.status, said.out) == (0, "node: not running; nothing is left\n")
    assert checkout.gone()
    assert not checkout.node.state.exists()


# That it keeps to itself


def test_two_side_by_side(standing: Checkout, other: Checkout) -> None:
    """Two checkouts have two nodes, each with certificates of its own, and `down` ends one of them."""
    assert other.up() != standing.run("status").out.split()[1].rstrip(",")
    standing.kubectl("create", "configmap", "mine")
    assert "mine" not in other.kubectl("get", "configmaps", "-o", "name")
    for each in ("ca.crt", "admin.key", "service-account.key"):
        one, two = (checkout.node.state / "config" / each for checkout in (standing, other))
        assert one.read_bytes() != two.read_bytes()
    crossed = json.loads(other.node.kubeconfig.read_text())
    crossed["clusters"] = json.loads(standing.node.kubeconfig.read_text())["clusters"]
    config = other.home / "crossed"
    config.write_text(json.dumps(crossed))
    said = other.run("kubectl", "--kubeconfig", str(config), "get", "nodes")
    assert said.status == 1 and "must be logged in" in said.err, "one node's admin is nobody on the other"
    other.down()
    assert "configmap/mine" in standing.kubectl("get", "configmaps", "-o", "name")


def test_what_a_node_has_mounted_is_in_use(standing: Checkout) -> None:
    """So a newer entry of the cache does not replace it, and `clean` keeps it."""
    assert standing.node.init()
    assert [cache._in_use(each().folder) for each in (parts.kubernetes, parts.node)] == [True, True]
    assert not cache._in_use(parts.pause().folder), "what went into the images is not needed any more"


def test_two_ups_at_once(checkout: Checkout) -> None:
    """Of two commands on one sandbox the second waits, and finds the node up."""
    first, second = checkout.start("up"), checkout.start("up")
    said = sorted(process.communicate()[0].splitlines()[-1] for process in (first, second))
    assert (first.returncode, second.returncode) == (0, 0)
    assert said[0].startswith("node: Ready after ")
    assert said[1].startswith("node: already up (https://127.0.0.1:")


def test_a_second_up(standing: Checkout) -> None:
    """It says where the node is, and leaves it as it is."""
    init, config = standing.node.init(), standing.node.kubeconfig.read_bytes()
    said = standing.run("up")
    address = json.loads(config)["clusters"][0]["cluster"]["server"]
    assert (said.status, said.out) == (0, f"node: already up ({address})\n")
    assert (standing.node.init(), standing.node.kubeconfig.read_bytes()) == (init, config)


def test_files_are_its_owners_alone(standing: Checkout) -> None:
    """The folder is 0700, all that holds a key 0600."""
    state = standing.node.state
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    keys = [standing.node.kubeconfig, *(state / "config").iterdir()]
    assert {"kubeconfig", "admin.key", "kubelet.key", "service-account.key"} <= {each.name for each in keys}
    assert {each.name: oct(stat.S_IMODE(each.stat().st_mode)) for each in keys} == {each.name: "0o600" for each in keys}


def test_the_users_own_configuration(standing: Checkout) -> None:
    """The user's kubeconfig is neither read nor written, their environment does not reach the node."""
    standing.kubectl("get", "nodes")
    assert tree(standing.home).keys() == {".kube", ".kube/config"}
    assert (standing.home / ".kube" / "config").read_text() == OTHERS_KUBECONFIG
    assert standing.kubectl("config", "current-context") == "lifecycle-sandbox\n"
    environ = Path(f"/proc/{standing.node.init()}/environ").read_bytes().split(b"\0")
    assert {each.partition(b"=")[0] for each in environ} <= {
        b"PATH",
        MARK.encode(),
        b"PWD",
        b"OLDPWD",
        b"_",
        b"SHLVL",
        b"",
    }


def test_it_listens_on_loopback_only(standing: Checkout) -> None:
    """One port of the machine, and a stranger is not let in."""
    port = int(json.loads(standing.node.kubeconfig.read_text())["clusters"][0]["cluster"]["server"].rpartition(":")[2])
    lines = [
        line.split() for file in ("tcp", "tcp6") for line in Path(f"/proc/net/{file}").read_text().splitlines()[1:]
    ]
    listening = [line[1] for line in lines if line[3] == "0A" and line[1].endswith(f":{port:04X}")]
    assert listening == [f"0100007F:{port:04X}"]
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
        plain.sendall(b"GET /api HTTP/1.0\r\n\r\n")
        assert b"200 OK" not in plain.recv(1000)


NODES_PORTS = {"API server": 6443, "kubelet": 10250, "etcd": 2379, "etcd's peers": 2380, "registry": 5000}
# Inside of the node's network namespace: what each says to a stranger, and what one of the machine's addresses does.
KNOCK = """
import json, socket, ssl, sys, urllib.error, urllib.request
trusting = ssl.create_default_context()
trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
def said(url):
    try:
        return urllib.request.urlopen(url, timeout=5, context=trusting).status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        return str(getattr(error, "reason", error))
print(json.dumps([said(url) for url in sys.argv[1:]]))
"""


def knock(*urls: str, node: int = 0) -> list[object]:
    """What each address answers without credentials; from inside of a node's network namespace, where one is given."""
    entered = ["nsenter", "-t", str(node), "-n"] if node else []
    done = subprocess.run([*entered, sys.executable, "-c", KNOCK, *urls], capture_output=True, text=True, check=True)
    answers: list[object] = json.loads(done.stdout)
    return answers


def own_addresses() -> list[str]:
    """The machine's IPv4 addresses but for those of its loopback's own network."""
    said = subprocess.run(["ip", "-json", "-4", "address"], capture_output=True, text=True, check=True).stdout
    found = [each["local"] for link in json.loads(said) for each in link["addr_info"]]
    return [each for each in found if not each.startswith("127.")]


def api_port(checkout: Checkout) -> int:
    config = json.loads(checkout.node.kubeconfig.read_text())
    return int(config["clusters"][0]["cluster"]["server"].rpartition(":")[2])


def test_a_stranger_is_refused(standing: Checkout) -> None:
    """Without credentials the API server tells its version and its health, as Kubernetes has it, and nothing else."""
    server = f"https://127.0.0.1:{api_port(standing)}"
    refused = ("api", "apis", "api/v1/secrets", "api/v1/namespaces/default/pods", "metrics", "logs/", "openapi/v2")
    assert knock(*(f"{server}/{each}" for each in refused)) == [403] * len(refused)
    assert knock(*(f"{server}/{each}" for each in ("version", "healthz", "livez", "readyz"))) == [200] * 4


def test_it_is_reached_from_this_machine_alone(standing: Checkout) -> None:
    """At its one port; no other address of the machine has it, and no port of a part is the machine's."""
    port = api_port(standing)
    for address in [*own_addresses(), "127.0.0.2", "[::1]"]:
        for each in (port, *NODES_PORTS.values()):
            (answer,) = knock(f"https://{address}:{each}/")
            assert isinstance(answer, str), (address, each, answer)
    for each in NODES_PORTS.values():
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", each), timeout=5)


def test_what_is_open_inside_of_the_node(standing: Checkout) -> None:
    """SECURITY.md says so: on the node's loopback the kubelet refuses a stranger; etcd and the registry do not."""
    init = standing.process("init")
    kubelet = [f"https://127.0.0.1:10250/{each}" for each in ("pods", "metrics", "configz", "run/default/x/c")]
    assert knock(*kubelet, node=init) == [401] * len(kubelet)
    assert knock("https://192.0.2.2:6443/api/v1/secrets", node=init) == [403]
    assert knock("http://127.0.0.1:2379/version", "http://127.0.0.1:5000/v2/", node=init) == [200, 200]
    for port in (10250, 2379, 2380, 5000):  # Pods reach the node's address, not its loopback
        (answer,) = knock(f"http://192.0.2.2:{port}/", node=init)
        assert answer == "[Errno 111] Connection refused"
    for address in own_addresses():  # of the machine: there is no way out
        (answer,) = knock(f"https://{address}:{api_port(standing)}/", node=init)
        assert isinstance(answer, str), answer


def test_no_key_is_in_a_process_list_or_in_a_log(standing: Checkout) -> None:
    """Nor a token, nor a passphrase: command lines name files."""
    keys = [each.read_text().splitlines()[1] for each in (standing.node.state / "config").glob("*.key")]
    assert len(keys) >= 7
    seen = [Path(f"/proc/{pid}/cmdline").read_bytes().decode() for pid in standing.node.processes()]
    assert len(seen) >= len(layout.spec("")["parts"])
    assert [each for each in seen if re.search(r"token|password|passphrase", each, re.I)] == []
    logs = {each.name: each.read_text(errors="replace") for each in standing.node.logs.glob("*.log")}
    assert len(logs) > len(layout.spec("")["parts"])
    for text in (*seen, *logs.values()):
        assert "eyJhbGciOi" not in text  # how the token of a ServiceAccount begins
        assert not any(key in text for key in keys)


def test_sysctls_are_the_machines_own(checkout: Checkout) -> None:
    """What a kubelet and a kube-proxy set for a whole machine stays as it was, while the node has what it wants."""
    before = sysctls()
    checkout.up()
    assert sysctls() == before
    entered = ["nsenter", "-t", str(checkout.node.init()), "-m", "-p", "cat", "/proc/sys/vm/overcommit_memory"]
    assert subprocess.run(entered, capture_output=True, text=True, check=True).stdout == "1\n"


# Bad input


def test_a_port_in_use(checkout: Checkout) -> None:
    """The port is named, and what to do; nothing was started."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = checkout.run("up", "--port", str(port))
    assert (said.status, said.out) == (1, "")
    assert said.err == (
        f"127.0.0.1:{port}: Address already in use. Give another --port, or leave it out to use a free one.\n"
    )
    assert checkout.gone()
    assert os.listdir(checkout.node.state) == ["lock"]


def test_a_port_of_ones_choice(checkout: Checkout) -> None:
    """`--port` is the API server's, and free again after `down`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert checkout.up("--port", str(port)) == f"https://127.0.0.1:{port}"
    assert checkout.kubectl("-n", "default", "get", "pods", "-o", "name") == ""
    checkout.down()
    socket.create_server(("127.0.0.1", port)).close()


@pytest.fixture(scope="module")
def as_nobody() -> tuple[str, ...]:
    """A prefix that runs a command as a user of no rights."""
    prefix = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    tried = [*prefix, sys.executable, "-c", "import cryptography"]
    if subprocess.run(tried, cwd="/", capture_output=True, check=False).returncode:
        pytest.skip("needs a Python environment that other users can read")
    return prefix


def test_no_root(checkout: Checkout, as_nobody: tuple[str, ...]) -> None:
    """Status 3, what is missing, how to go on without; and not a file is made."""
    said = checkout.run("up", before=as_nobody)
    assert (said.status, said.out) == (3, "")
    assert said.err == (
        "The sandbox cannot run on this machine:\n"
        "  - namespaces, mounts and cgroups need root: run it with sudo\n"
        "With a cluster of your own (kind, minikube, or any kubeconfig) the program runs without the sandbox:\n"
        "    pulumi stack init dev && pulumi up --policy-pack policies --policy-pack-config policies/demo.json\n"
    )
    assert not checkout.node.state.exists()


@pytest.mark.parametrize("command", ["status", "down", "logs", "kubectl"])
def test_another_users_node(command: str, standing: Checkout, as_nobody: tuple[str, ...]) -> None:
    """A node that root has started is not called down by who cannot see it."""
    said = standing.run(command, before=as_nobody)
    assert (said.status, said.out) == (1, "")
    assert said.err == f"{standing.node.state}: it belongs to another user. Run this as that user, or with sudo.\n"
    assert standing.node.init()


def in_small_cache(folder: Path, options: str) -> tuple[str, ...]:
    """A prefix that runs a command with a tmpfs of these options on `folder`, in a mount namespace of its own."""
    return ("unshare", "--mount", "sh", "-c", f'mount -t tmpfs -o {options} cache "{folder}" && exec "$@"', "sh")


def test_a_disk_too_small(checkout: Checkout) -> None:
    """The cache's disk is looked at before anything is built."""
    said = checkout.run(
        "up", before=in_small_cache(checkout.home, "size=64m"), LIFECYCLE_SANDBOX_CACHE=str(checkout.home)
    )
    name = parts.kubernetes().title
    assert (said.status, said.out.splitlines()[1]) == (1, f"  {name}: {cache._about(parts.kubernetes().estimate)}")
    assert said.err == (
        f"{checkout.home}: {name} needs 8192 MiB, 64 are free. "
        "Free some space there, or set LIFECYCLE_SANDBOX_CACHE to a folder on another disk.\n"
    )


FILL = """
import sys
from pathlib import Path
from sandbox import cache
from sandbox.errors import SandboxError
def build(folder: Path) -> None:
    {build}
try:
    cache.ensure(cache.Entry("fake", "1", b"", build, 0))
except SandboxError as error:
    print(error)
    print(sorted(each.name for each in cache.root().iterdir() if each.is_dir()))
"""


@pytest.mark.parametrize(
    ("build", "options", "expected"),
    [
        (
            '(folder / "file").write_bytes(bytes(2 << 20))',
            "size=1m",
            "{0}: no space left on device while fake-1 was built.",
        ),
        ('cache.run(["cp", "/proc/self/exe", "/proc/kallsyms", folder])', "size=64k", "cp: no space left on device."),
        ("pass", "nr_inodes=2", "{0}: no space left on device while fake-1 was built."),
    ],
    ids=["a file", "a command", "no inode"],
)
def test_a_disk_that_fills_up(build: str, options: str, expected: str, checkout: Checkout) -> None:
    """A full disk is named, whoever met it, and no half entry is left."""
    command = [*in_small_cache(checkout.home, options), sys.executable, "-c", FILL.format(build=build)]
    env = {**checkout.env, "LIFECYCLE_SANDBOX_CACHE": str(checkout.home)}
    done = subprocess.run(command, cwd=checkout.root, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    hint = "Free some space there, or set LIFECYCLE_SANDBOX_CACHE to a folder on another disk."
    said = [line for line in done.stdout.splitlines() if not line.startswith("fake-1: stopped after")]
    assert said[0].startswith(expected.format(checkout.home))
    assert said[-2].endswith(hint)
    assert said[-1] == "[]"


def test_a_cache_that_cannot_be_written(checkout: Checkout) -> None:
    """The message says what to set."""
    before = in_small_cache(checkout.home, "ro")
    said = checkout.run("up", before=before, LIFECYCLE_SANDBOX_CACHE=str(checkout.home))
    assert (said.status, said.out.splitlines()[1]) == (
        1,
        f"  {parts.kubernetes().title}: {cache._about(parts.kubernetes().estimate)}",
    )
    assert said.err == (
        f"{checkout.home}: Read-only file system. Set LIFECYCLE_SANDBOX_CACHE to a folder that you can write to.\n"
    )


def test_no_packages_in_reach(checkout: Checkout) -> None:
    """Where apt gets nothing, its own words are shown and where to look."""
    (checkout.home / "sources").write_text("deb [trusted=yes] http://127.0.0.1:1/ none main\n")
    (checkout.home / "apt.conf").write_text(
        f'Dir::Etc::sourcelist "{checkout.home}/sources";\nDir::Etc::sourceparts "/dev/null";\n'
    )
    script = """
from pathlib import Path
from sandbox import cache, parts
from sandbox.errors import SandboxError
try:
    parts._Packages(Path("work").absolute())
except SandboxError as error:
    print(error)
"""
    env = {**checkout.env, "APT_CONFIG": str(checkout.home / "apt.conf")}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=checkout.root, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    first, said, last = done.stdout.splitlines()
    assert first == "apt-get ended with status 100:"
    assert said.startswith("  E: ") and "mmdebstrap" in said  # in other words where the machine has it installed
    assert last.startswith("If a download failed: Go modules come from GOPROXY (see `go env GOPROXY`)")
