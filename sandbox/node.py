"""The node from outside: up, down, and whether it runs.

A node is all processes whose environment names this checkout's state folder, and one cgroup root
named after it. Both are read from the kernel, not from a file that could be lost: so `up` and `down`
find and clear whatever an interrupted or killed run, or a reboot, has left.
"""

import base64
import hashlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from sandbox import cache, checks, layout, machine, parts
from sandbox.certificates import Authority, private_file, private_folder, service_account_key
from sandbox.errors import SandboxError
from sandbox.locking import hold
from sandbox.progress import say, step

MARK: Final = "LIFECYCLE_SANDBOX_STATE"
READY_SECONDS: Final = 180  # 8 as a rule; an emulated machine takes a minute
ANSWER_SECONDS: Final = 2
POLL_SECONDS: Final = 0.1
GUEST: Final = Path(__file__).parent / "guest"


@dataclass(frozen=True)
class Node:
    """The sandbox of one checkout; `root` is the checkout."""

    root: Path

    @property
    def state(self) -> Path:
        return self.root / ".sandbox"

    @property
    def kubeconfig(self) -> Path:
        return self.state / "kubeconfig"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def cgroup_root(self) -> str:
        return f"/{machine.PREFIX}{hashlib.sha256(bytes(self.state)).hexdigest()[:8]}"

    def processes(self) -> list[int]:
        """The node's processes, PID 1's parent first. Those inside containers are not among them, and end with it."""
        mark = f"{MARK}={self.state}".encode()
        found = []
        for each in Path("/proc").iterdir():
            if each.name.isdigit():
                with suppress(OSError):
                    if mark in (each / "environ").read_bytes().split(b"\0"):
                        found.append(int(each.name))
        return sorted(found)

    def init(self) -> int | None:
        """PID 1 of the node, as the machine numbers it; None where the node does not run."""
        for pid in self.processes():
            with suppress(OSError, StopIteration):
                lines = Path(f"/proc/{pid}/status").read_text().splitlines()
                numbers = next(line for line in lines if line.startswith("NSpid:")).split()[1:]
                if len(numbers) > 1 and numbers[-1] == "1":
                    return pid
        return None

    def ended(self) -> str | None:
        """Why the node ended, where it did so by itself."""
        with suppress(OSError):
            return (self.logs / "ended").read_text().strip()
        return None


def up(node: Node, port: int = 0, also: Sequence[cache.Entry] = ()) -> None:
    """Brings the node up, Ready, with an API server on 127.0.0.1:`port` (0: a free one).

    What is to be built later, `also`, is looked at and announced together with what the node does.
    """
    wanted = [parts.kubernetes(), parts.pause(), parts.node()]
    checks.require([*wanted, *also])
    cache.announce([*wanted, *also])
    with _alone(node):
        if node.init() and node.kubeconfig.exists():
            _wait_ready(node)  # the `up` that started it may have been killed before
            say(f"node: already up ({server(node)})")
            return
        clear(node)
        with _listen(port) as listener:
            try:
                machine.switch_on(node.cgroup_root)  # before minutes are spent on building
                entries = [cache.ensure(each) for each in wanted]
                started = time.monotonic()
                with step("node: up and Ready"):
                    _start(node, entries, listener)
                    listener.close()  # the node has it now: where that ends, a client is refused, not left waiting
                    _wait_ready(node)
            except BaseException:
                _stop(node)
                raise
        say(f"node: Ready after {time.monotonic() - started:.1f} s ({server(node)})")


def down(node: Node) -> None:
    """Ends the node and removes its state; also what is left of one that was killed, or of another boot."""
    with _alone(node):
        found = bool(node.processes())
        clear(node)
        shutil.rmtree(node.state, ignore_errors=True)
        for config in (node.root, *node.root.glob("examples/*")):
            (config / "Pulumi.sandbox.yaml").unlink(missing_ok=True)
    say("node: down" if found else "node: not running; nothing is left")


def clear(node: Node) -> None:
    """Removes all that a node has in the kernel, and the files it alone reads. The caches, the stack's state stay."""
    _stop(node)
    for each in ("config", "logs", "root"):
        shutil.rmtree(node.state / each, ignore_errors=True)
    node.kubeconfig.unlink(missing_ok=True)


def kubectl(node: Node, args: Sequence[str]) -> list[str]:
    """The command line of kubectl against the node; it writes nothing into the user's home."""
    program = shutil.which("kubectl", path=str(Path(sys.executable).parent)) or shutil.which("kubectl")
    if not program:
        raise SandboxError("kubectl: not found beside this Python or on PATH. `make demo` installs it into .venv.")
    return [program, "--kubeconfig", str(node.kubeconfig), "--cache-dir", str(node.state / "kubectl"), *args]


def server(node: Node) -> str:
    """The API server's address, as the kubeconfig has it."""
    config = json.loads(node.kubeconfig.read_text())
    return str(config["clusters"][0]["cluster"]["server"])


def _start(node: Node, entries: list[Path], listener: socket.socket) -> None:
    kubernetes, _, made = entries
    _write_config(node, listener.getsockname()[1])
    command: list[str | Path] = ["unshare", "--net", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child"]
    command += ["/bin/sh", GUEST / "enter.sh", node.state, made / "root", kubernetes, made / "images", GUEST]
    with (node.logs / "init.log").open("ab") as log:
        subprocess.Popen(
            [*command, str(listener.fileno())],
            # nothing of the caller's environment: no proxy, no kubeconfig, no secret of theirs gets in
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", MARK: str(node.state)},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[listener.fileno()],
            start_new_session=True,  # a Ctrl-C in the terminal is for the command, not for the node
        )


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise SandboxError(
            f"127.0.0.1:{port}: {error.strerror}. Give another --port, or leave it out to use a free one."
        ) from None
    listener.listen(128)
    return listener


def _write_config(node: Node, port: int) -> None:
    for each in ("config", "logs", "root"):
        private_folder(node.state / each)
    config = node.state / "config"
    authority = Authority(config)
    for file, identity in layout.IDENTITIES.items():
        authority.issue(file, identity)
    service_account_key(config)
    for name in layout.INNER_KUBECONFIGS:
        _private_json(config / f"{name}.kubeconfig", layout.inner_kubeconfig(name))
    _private_json(config / "node.json", layout.spec(node.cgroup_root))

    def packed(name: str) -> str:
        return base64.b64encode((config / name).read_bytes()).decode()

    outer = layout.kubeconfig(f"https://127.0.0.1:{port}", packed("ca.crt"), packed("admin.crt"), packed("admin.key"))
    _private_json(node.kubeconfig, outer)


def _private_json(path: Path, content: object) -> None:
    private_file(path, json.dumps(content, indent=1).encode())


def _wait_ready(node: Node) -> None:
    """Until the node is Ready and Pods are admitted: the default ServiceAccount comes a moment after the server."""
    from kubernetes import client, config  # half a second to import: only a command that starts a node pays it

    core = client.CoreV1Api(config.new_client_from_config(str(node.kubeconfig)))  # type: ignore[no-untyped-call]

    def not_ready() -> str:
        """What is still missing; nothing where all is there."""
        nodes = core.list_node(_request_timeout=ANSWER_SECONDS).items
        if not nodes:
            return "the kubelet has not registered the node"
        conditions = [each for item in nodes if item.status for each in item.status.conditions or []]
        if waits := [
            each.message or each.reason for each in conditions if each.type == "Ready" and each.status != "True"
        ]:
            return str(waits[0])
        if not conditions:
            return "the kubelet has not reported the node's state"
        if taints := [each.key for item in nodes if item.spec for each in item.spec.taints or []]:
            return f"the node is tainted: {', '.join(taints)}"
        core.read_namespaced_service_account("default", "default", _request_timeout=ANSWER_SECONDS)
        core.read_namespaced_config_map("kube-root-ca.crt", "default", _request_timeout=ANSWER_SECONDS)
        return ""

    last = "the API server was not asked yet"
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if not (last := not_ready()):
                return
        except Exception as error:  # whatever a server says that is still starting
            last = _words(error)
            if isinstance(_cause(error), ssl.SSLCertVerificationError):  # no waiting mends that
                raise SandboxError(f"{server(node)}: {last}.\n{_tail(node, 'kube-apiserver')}") from None
        if why := node.ended():
            raise SandboxError(f"{node.logs}: the node ended: {why}.\n{_tail(node, why.split()[0])}")
        if not node.processes():
            raise SandboxError(f"{node.logs / 'init.log'}: the node did not start.\n{_tail(node, 'init')}")
        time.sleep(POLL_SECONDS)
    raise SandboxError(f"{node.logs}: not Ready after {READY_SECONDS} s: {last}.\n{_tail(node, 'kubelet')}")


def _cause(error: BaseException) -> BaseException:
    """What lies at the bottom of a client's error: `reason` is urllib3's own, the others are Python's."""
    inner = getattr(error, "reason", None)
    for each in (inner, error.__cause__, error.__context__, *error.args[:1]):
        if isinstance(each, BaseException) and each is not error:
            return _cause(each)
    return error


def _words(error: BaseException) -> str:
    """Why the API server gave no answer of use, in one line."""
    from kubernetes.client.exceptions import ApiException

    cause = _cause(error)
    if isinstance(cause, ssl.SSLError):
        return f"TLS: {getattr(cause, 'verify_message', '') or cause.reason or cause}"
    if isinstance(cause, ConnectionRefusedError):
        return "connection refused"
    if isinstance(cause, TimeoutError):
        return f"no answer within {ANSWER_SECONDS} s"
    if isinstance(cause, ApiException):
        return f"the API server answers {cause.status} {cause.reason}"
    return f"{type(cause).__name__}: {cause}"


def _tail(node: Node, part: str) -> str:
    with suppress(OSError):
        lines = (node.logs / f"{part}.log").read_text(errors="replace").splitlines()[-5:]
        return "\n".join(f"  {part}: {line}" for line in lines)
    return ""


def _stop(node: Node) -> None:
    """Kills the node's processes, removes its cgroups, switches off what was on for it. Returns when all are gone."""
    seen: set[int] = set()

    def gone() -> bool:
        found = node.processes()  # anew each time: one may have been forked while its parent was killed
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        seen.update(found)
        # A dying process has no environment any more; and PID 1 is gone only when all in its namespace are.
        return not found and not any(_alive(pid) for pid in seen)

    _until(gone, 20, "processes of the node are still there")
    for hierarchy in _cgroups(node):
        _until(lambda each=hierarchy: _remove_cgroup(each), 20, f"{hierarchy} cannot be removed")  # type: ignore[misc]
    machine.switch_off()


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _cgroups(node: Node) -> Iterator[Path]:
    if sys.platform == "linux":
        for hierarchy in machine.hierarchies():
            path = hierarchy / node.cgroup_root.lstrip("/")
            if path.exists():
                yield path


def _remove_cgroup(folder: Path) -> bool:
    """Removes a cgroup and those below it; False while a process in one is still on its way out."""
    try:
        for directory, _, _ in os.walk(folder, topdown=False):
            os.rmdir(directory)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _until(done: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise SandboxError(
                f"{what} after {seconds:.0f} s. Try again. If it happens again, see `ps` and /proc/*/stack."
            )
        time.sleep(0.02)


@contextmanager
def _alone(node: Node) -> Iterator[None]:
    """One command at a time changes the node of a checkout."""
    while not (lock := _lock(node)):
        pass
    with lock:
        yield


def _lock(node: Node) -> IO[str] | None:
    """The lock, held; None where a `down` that was waited for has removed it with all else."""
    private_folder(node.state)
    path = node.state / "lock"
    with ExitStack() as stack, suppress(FileNotFoundError):
        lock = stack.enter_context(path.open("w"))
        hold(lock, "node: waiting for another command on this sandbox")
        if os.path.samestat(os.fstat(lock.fileno()), path.stat()):
            stack.pop_all()
            return lock
    return None
