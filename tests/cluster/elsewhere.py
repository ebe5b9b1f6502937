"""The cluster of E2E_KUBECONFIG, in place of the sandbox: one of one node, which the tests may look into.

| variable | what |
|---|---|
| E2E_KUBECONFIG | a kubeconfig; its current context leads to the cluster, as an administrator |
| E2E_NODE_CONTAINER | the Docker container that is the cluster's node, as kind makes one |
| E2E_NODE_PID | or any process of the node, as this machine numbers it |

Without the second or third the tests see the API alone, and those that need more are skipped.
"""

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import images
import pytest

from sandbox import cache, parts
from sandbox import node as nodes
from sandbox.certificates import private_file
from sandbox.errors import SandboxError

KUBECONFIG: Final = "E2E_KUBECONFIG"
CONTAINER: Final = "E2E_NODE_CONTAINER"
PID: Final = "E2E_NODE_PID"
NO_NODE: Final = (
    f"needs the node's folders, its network or the sandbox's images. Set {CONTAINER} to the node's container, "
    f"or {PID} to a process of the node."
)
OF_THE_SANDBOX: Final = f"about the sandbox itself: the test starts its own nodes. Unset {KUBECONFIG} to run it."


@dataclass(frozen=True)
class Elsewhere:
    """What the tests use of a node, as `sandbox.node.Node` has it."""

    kubeconfig: Path
    state: Path
    """A folder of the tests' own."""
    pid: int | None = None
    about: str = ""

    def init(self) -> int:
        """A process of the node; skips the test where none was named."""
        if self.pid is None:
            pytest.skip(NO_NODE)
        return self.pid

    @contextlib.contextmanager
    def with_images(self) -> Iterator["Elsewhere"]:
        """The node pulls the sandbox's images, where it can be looked into and has no registry of its own."""
        if self.pid is None:
            yield self
            return
        with images.served(self, cache.ensure(parts.node()) / "images"):
            yield self

    def kubectl(self, *args: str) -> str:
        """What kubectl prints. Raises pytest.UsageError with its last words where it fails."""
        done = subprocess.run(nodes.kubectl(self, args), capture_output=True, text=True, check=False)
        if done.returncode:
            raise pytest.UsageError(_last_words(done))
        return done.stdout


def find(env: Mapping[str, str], state: Path) -> Elsewhere | None:
    """The cluster that the environment names, which answers; None where it names none.

    Raises pytest.UsageError where what it names cannot be used.
    """
    path, container, pid = (env.get(each, "") for each in (KUBECONFIG, CONTAINER, PID))
    if not path:
        for name, value in ((CONTAINER, container), (PID, pid)):
            if value:
                raise pytest.UsageError(f"{name}={value}: {KUBECONFIG} is not set. Set it too, or unset {name}.")
        return None
    if container and pid:
        raise pytest.UsageError(f"{CONTAINER}={container} and {PID}={pid}: both name the node. Unset one of them.")
    process = _of_container(container) if container else _of_pid(pid)
    try:
        made = Elsewhere(_own_copy(path, state), state, process)
        return replace(made, about=_look_at(path, made))
    except SandboxError as error:  # no kubectl
        raise pytest.UsageError(f"{KUBECONFIG}={path}: {error}") from None


def _own_copy(path: str, state: Path) -> Path:
    """The current context alone, with the files that it names, as JSON: so does the sandbox write its own."""
    wrong = f"{KUBECONFIG}={path}"
    try:
        Path(path).read_bytes()
    except OSError as error:
        raise pytest.UsageError(
            f"{wrong}: {error.strerror}. Name a kubeconfig's file; `kind get kubeconfig` prints one."
        ) from None
    try:
        text = Elsewhere(Path(path), state).kubectl("config", "view", "--minify", "--flatten", "--output=json")
    except pytest.UsageError as error:
        raise pytest.UsageError(
            f"{wrong} cannot be used. Name a kubeconfig with a current context. kubectl says: {error}"
        ) from None
    if not json.loads(text).get("clusters"):
        raise pytest.UsageError(
            f"{wrong} cannot be used: the cluster of its current context is not in it. Name another."
        )
    copy = state / "kubeconfig"
    private_file(copy, text.encode())
    return copy


def _look_at(path: str, made: Elsewhere) -> str:
    """What the cluster is, in a line."""
    server = nodes.server(made)
    wrong = f"{KUBECONFIG}={path}: {server}"
    try:
        found = json.loads(made.kubectl("get", "--request-timeout=10s", "--raw=/api/v1/nodes"))["items"]
    except pytest.UsageError as error:
        raise pytest.UsageError(
            f"{wrong} cannot be used. Start the cluster, or unset {KUBECONFIG}. kubectl says: {error}"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise pytest.UsageError(f"{wrong} answers, but is not a Kubernetes API server. Name another.") from None
    if len(found) != 1:
        raise pytest.UsageError(
            f"{wrong} has {len(found)} nodes, and the tests look into one. Make a cluster of a single node: "
            "`kind create cluster` does."
        )
    if why := _not_ready(found[0]["status"]):
        raise pytest.UsageError(
            f"{wrong}: the node is not Ready: {why}. Wait for it: `kubectl wait --for=condition=Ready node --all`."
        )
    info = found[0]["status"]["nodeInfo"]
    inside = f"process {made.pid} is the node's" if made.pid else f"the node itself is out of reach without {CONTAINER}"
    return f"{server}, Kubernetes {info['kubeletVersion']}, {info['containerRuntimeVersion']}; {inside}"


def _not_ready(status: dict[str, Any]) -> str:
    """Why the node is not Ready; nothing where it is."""
    ready = [each for each in status.get("conditions", ()) if each["type"] == "Ready"]
    if not ready:
        return "the kubelet has not said how it is"
    return "" if ready[0]["status"] == "True" else str(ready[0].get("message") or ready[0].get("reason") or "unknown")


def _last_words(done: "subprocess.CompletedProcess[str]") -> str:
    return done.stderr.strip().rpartition("\n")[2].removeprefix("error: ")


def _of_container(name: str) -> int | None:
    wrong = f"{CONTAINER}={name}"
    if not shutil.which("docker"):
        raise pytest.UsageError(f"{wrong}: docker is not on PATH. Install it, or give {PID} instead.")
    command = ["docker", "inspect", "--type=container", "--format={{.State.Pid}}", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise pytest.UsageError(
            f"{wrong} cannot be looked at. `docker ps` lists the containers; kind's is kind-control-plane. "
            f"docker says: {_last_words(done)}"
        )
    if done.stdout.strip() == "0":
        raise pytest.UsageError(f"{wrong}: the container is not running. Start it: docker start {name}")
    return _checked(int(done.stdout), wrong)


def _of_pid(text: str) -> int | None:
    if not text:
        return None
    wrong = f"{PID}={text}"
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise pytest.UsageError(
            f"{wrong}: not a process number. Give one that `ps` shows here and that belongs to the node."
        )
    return _checked(int(text), wrong)


def _network(process: str) -> os.stat_result:
    return os.stat(f"/proc/{process}/ns/net")


def _checked(pid: int, wrong: str) -> int:
    """The process, which is in a network of its own and may be entered."""
    try:
        is_ours = os.path.samestat(_network(str(pid)), _network("self"))
    except PermissionError:
        raise pytest.UsageError(
            f"{wrong}: only root may look into the node. Run this by `sudo --preserve-env=PATH,{KUBECONFIG},…`."
        ) from None
    except OSError:
        raise pytest.UsageError(
            f"{wrong}: this machine has no process {pid}. The node must run on this machine, not in "
            "Docker's virtual machine."
        ) from None
    if is_ours:
        raise pytest.UsageError(
            f"{wrong}: process {pid} is in this machine's own network, so it does not belong to a node. The tests "
            "write into the node's folders: give a process of a node that can be thrown away."
        )
    return pid
