"""E2E_KUBECONFIG: what it may name, and what is said of what it may not; and the workflow that uses it."""

import http.server
import json
import os
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import elsewhere
import pytest
import yaml
from elsewhere import CONTAINER, KUBECONFIG, PID

from lifecycle_rules.versions import LATEST

ROOT = Path(__file__).resolve().parents[2]
READY = {"type": "Ready", "status": "True"}
INFO = {"kubeletVersion": "v1.36.4", "containerRuntimeVersion": "containerd://2.3.4"}


def node(*conditions: dict[str, str]) -> dict[str, Any]:
    return {"status": {"conditions": list(conditions), "nodeInfo": INFO}}


class Server:
    """An API server that knows the nodes alone."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = [node(READY)]
        self.page = ""
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                nodes = {"kind": "NodeList", "apiVersion": "v1", "items": outer.nodes}
                body = (outer.page or json.dumps(nodes)).encode()
                self.send_response(200 if self.path.startswith("/api/v1/nodes?") else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture
def kubeconfig(server: Server, tmp_path: Path) -> Path:
    """Of a user with two clusters, the first of which is another one."""
    return written(tmp_path / "config", server.url)


def written(path: Path, url: str) -> Path:
    clusters = [{"name": "a", "cluster": {"server": "http://127.0.0.1:9"}}, {"name": "b", "cluster": {"server": url}}]
    contexts = [{"name": each, "context": {"cluster": each, "user": "me"}} for each in "ab"]
    users = [{"name": "me", "user": {"token": "hunter2"}}]
    config = {"apiVersion": "v1", "kind": "Config", "clusters": clusters, "contexts": contexts, "users": users}
    path.write_text(yaml.safe_dump({**config, "current-context": "b"}))
    return path


def found(tmp_path: Path, **env: str) -> elsewhere.Elsewhere:
    state = tmp_path / "state"
    state.mkdir(exist_ok=True)
    made = elsewhere.find(env, state)
    assert made
    return made


def refused(tmp_path: Path, **env: str) -> str:
    with pytest.raises(pytest.UsageError) as caught:
        found(tmp_path, **env)
    return str(caught.value)


def test_without_it_the_tests_make_the_sandbox(tmp_path: Path) -> None:
    assert elsewhere.find({}, tmp_path) is None
    assert elsewhere.find({KUBECONFIG: "", CONTAINER: "", PID: ""}, tmp_path) is None


def test_the_current_context_is_what_counts(kubeconfig: Path, server: Server, tmp_path: Path) -> None:
    """Its copy is JSON with one cluster, and no one else's to read."""
    made = found(tmp_path, E2E_KUBECONFIG=str(kubeconfig))
    config = json.loads(made.kubeconfig.read_text())
    assert [each["cluster"]["server"] for each in config["clusters"]] == [server.url]
    assert config["users"][0]["user"] == {"token": "hunter2"}
    assert stat.S_IMODE(made.kubeconfig.stat().st_mode) == 0o600
    assert made.about == (
        f"{server.url}, Kubernetes v1.36.4, containerd://2.3.4; the node itself is out of reach without "
        "E2E_NODE_CONTAINER"
    )


def test_a_test_that_needs_the_node_is_skipped_and_says_so(kubeconfig: Path, tmp_path: Path) -> None:
    with pytest.raises(pytest.skip.Exception) as caught:
        found(tmp_path, E2E_KUBECONFIG=str(kubeconfig)).init()
    assert caught.value.msg == (
        "needs the node's folders, its network or the sandbox's images. Set E2E_NODE_CONTAINER to the node's "
        "container, or E2E_NODE_PID to a process of the node."
    )


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({PID: "7"}, "E2E_NODE_PID=7: E2E_KUBECONFIG is not set. Set it too, or unset E2E_NODE_PID."),
        (
            {CONTAINER: "kind"},
            "E2E_NODE_CONTAINER=kind: E2E_KUBECONFIG is not set. Set it too, or unset E2E_NODE_CONTAINER.",
        ),
        (
            {KUBECONFIG: "/x", CONTAINER: "kind", PID: "7"},
            "E2E_NODE_CONTAINER=kind and E2E_NODE_PID=7: both name the node. Unset one of them.",
        ),
        (
            {KUBECONFIG: "/none"},
            "E2E_KUBECONFIG=/none: No such file or directory. Name a kubeconfig's file; `kind get kubeconfig` "
            "prints one.",
        ),
        (
            {KUBECONFIG: "/"},
            "E2E_KUBECONFIG=/: Is a directory. Name a kubeconfig's file; `kind get kubeconfig` prints one.",
        ),
        (
            {KUBECONFIG: "/dev/null"},
            "E2E_KUBECONFIG=/dev/null cannot be used. Name a kubeconfig with a current context. kubectl says: "
            "current-context must exist in order to minify",
        ),
    ],
)
def test_a_setting_that_is_wrong_by_itself(env: dict[str, str], said: str, tmp_path: Path) -> None:
    assert refused(tmp_path, **env) == said


def test_a_cluster_that_does_not_answer(tmp_path: Path) -> None:
    path = written(tmp_path / "config", "http://127.0.0.1:1")
    assert refused(tmp_path, E2E_KUBECONFIG=str(path)) == (
        f"E2E_KUBECONFIG={path}: http://127.0.0.1:1 cannot be used. Start the cluster, or unset E2E_KUBECONFIG. "
        "kubectl says: The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?"
    )


@pytest.mark.parametrize("page", ["<html>", "[]", "{}"])
def test_another_server(page: str, kubeconfig: Path, server: Server, tmp_path: Path) -> None:
    server.page = page
    assert refused(tmp_path, E2E_KUBECONFIG=str(kubeconfig)) == (
        f"E2E_KUBECONFIG={kubeconfig}: {server.url} answers, but is not a Kubernetes API server. Name another."
    )


def test_a_context_without_a_cluster(tmp_path: Path) -> None:
    path = written(tmp_path / "config", "http://127.0.0.1:1")
    config = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump({**config, "contexts": [{"name": "b", "context": {"user": "me"}}]}))
    assert refused(tmp_path, E2E_KUBECONFIG=str(path)) == (
        f"E2E_KUBECONFIG={path} cannot be used: the cluster of its current context is not in it. Name another."
    )


def test_no_kubectl(kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/none/python")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused(tmp_path, E2E_KUBECONFIG=str(kubeconfig)).startswith(
        f"E2E_KUBECONFIG={kubeconfig}: kubectl: not found beside this Python or on PATH. "
    )


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        (
            [node(READY), node(READY)],
            " has 2 nodes, and the tests look into one. Make a cluster of a single node: `kind create cluster` does.",
        ),
        ([], " has 0 nodes, and the tests look into one. Make a cluster of a single node: `kind create cluster` does."),
        (
            [node({**READY, "status": "False", "message": "cni plugin not initialized"})],
            ": the node is not Ready: cni plugin not initialized. Wait for it: `kubectl wait --for=condition=Ready "
            "node --all`.",
        ),
        (
            [node({"type": "DiskPressure", "status": "False"})],
            ": the node is not Ready: the kubelet has not said how it is. Wait for it: `kubectl wait "
            "--for=condition=Ready node --all`.",
        ),
    ],
)
def test_a_cluster_of_another_kind(
    nodes: list[dict[str, Any]], said: str, kubeconfig: Path, server: Server, tmp_path: Path
) -> None:
    server.nodes = nodes
    assert refused(tmp_path, E2E_KUBECONFIG=str(kubeconfig)) == f"E2E_KUBECONFIG={kubeconfig}: {server.url}{said}"


@pytest.mark.parametrize(
    ("pid", "said"),
    [
        ("x", "not a process number. Give one that `ps` shows here and that belongs to the node."),
        ("0", "not a process number. Give one that `ps` shows here and that belongs to the node."),
        ("-1", "not a process number. Give one that `ps` shows here and that belongs to the node."),
        ("²", "not a process number. Give one that `ps` shows here and that belongs to the node."),
        (
            "4194305",
            "this machine has no process 4194305. The node must run on this machine, not in Docker's virtual machine.",
        ),
    ],
)
def test_a_process_that_is_none_of_a_node(pid: str, said: str, kubeconfig: Path, tmp_path: Path) -> None:
    assert refused(tmp_path, E2E_KUBECONFIG=str(kubeconfig), E2E_NODE_PID=pid) == f"E2E_NODE_PID={pid}: {said}"


def test_a_process_in_the_machines_own_network(kubeconfig: Path, tmp_path: Path) -> None:
    pid = os.getpid()
    assert refused(tmp_path, E2E_KUBECONFIG=str(kubeconfig), E2E_NODE_PID=str(pid)) == (
        f"E2E_NODE_PID={pid}: process {pid} is in this machine's own network, so it does not belong to a node. The "
        "tests write into the node's folders: give a process of a node that can be thrown away."
    )


def test_a_node_that_only_root_may_enter(kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(process: str) -> os.stat_result:
        raise PermissionError(process)

    monkeypatch.setattr(os.path, "samestat", lambda one, other: False)
    assert found(tmp_path, E2E_KUBECONFIG=str(kubeconfig), E2E_NODE_PID=str(os.getpid())).init() == os.getpid()
    monkeypatch.setattr(elsewhere, "_network", denied)
    assert refused(tmp_path, E2E_KUBECONFIG=str(kubeconfig), E2E_NODE_PID="1") == (
        "E2E_NODE_PID=1: only root may look into the node. Run this by `sudo --preserve-env=PATH,E2E_KUBECONFIG,…`."
    )


def docker(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "docker"
    program.write_text(f'#!/bin/sh\nwords="$*"\n{script}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_the_container_of_a_node(kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = {KUBECONFIG: str(kubeconfig), CONTAINER: "kind-control-plane"}
    asked = "inspect --type=container --format={{.State.Pid}} kind-control-plane"
    docker(tmp_path, f'test "$words" = "{asked}" && echo {os.getpid()}', monkeypatch)
    assert refused(tmp_path, **env).startswith(
        f"E2E_NODE_CONTAINER=kind-control-plane: process {os.getpid()} is in this machine's own network"
    )
    monkeypatch.setattr(os.path, "samestat", lambda one, other: False)
    made = found(tmp_path, **env)
    assert made.init() == os.getpid()
    assert made.about.endswith(f"; process {os.getpid()} is the node's")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 0", ": the container is not running. Start it: docker start web"),
        (
            "echo error: no such object: web >&2; exit 1",
            " cannot be looked at. `docker ps` lists the containers; kind's is kind-control-plane. docker says: no "
            "such object: web",
        ),
    ],
)
def test_a_container_that_is_no_node(
    script: str, said: str, kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker(tmp_path, script, monkeypatch)
    assert refused(tmp_path, E2E_KUBECONFIG=str(kubeconfig), E2E_NODE_CONTAINER="web") == (
        f"E2E_NODE_CONTAINER=web{said}"
    )


def test_no_docker(kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused(tmp_path, E2E_KUBECONFIG=str(kubeconfig), E2E_NODE_CONTAINER="web") == (
        "E2E_NODE_CONTAINER=web: docker is not on PATH. Install it, or give E2E_NODE_PID instead."
    )


def test_the_workflow_has_the_three_newest_minors() -> None:
    """The first is that of which the rules were proven; each image is pinned by its digest."""
    job = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text())["jobs"]["kind"]
    images = job["strategy"]["matrix"]["node"]
    assert all(each.count("@sha256:") == 1 and len(each.partition("@sha256:")[2]) == 64 for each in images)
    newest = int(LATEST.partition(".")[2])
    assert [each.split(".")[:2] for each in images] == [["v1", str(newest - older)] for older in range(3)]
    assert {KUBECONFIG, CONTAINER} <= set(job["env"])
    assert job["steps"][-1]["run"] == f"sudo --preserve-env=PATH,{','.join(sorted(job['env']))} make test-cluster"
