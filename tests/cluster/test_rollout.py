"""`lifecycle rollout` and `lifecycle verify` on the node: a rollout of each way to stop, and what is said of it.

Short, and without a bar of time: what is lost without a hook differs from run to run. `make rollout` is the experiment.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cluster import Cluster

from lifecycle_demo import hooks
from sandbox import node as nodes
from sandbox.rollout import inner_kubeconfig, inside

PROGRAM = [sys.executable, "-m", "lifecycle_cli"]
ROOT = Path(__file__).resolve().parents[2]
CONFIG = "server { listen 80; keepalive_time 2s; location / { return 200; } }"
LOAD = ("--rate", "100", "--duration", "60", "--calm", "1", "--settle", "2")


@pytest.fixture
def folder(cluster: Cluster) -> Iterator[Path]:
    """A folder with a kubeconfig of the node's inside, of this test alone."""
    made = cluster.node.state / f"rollout-{cluster.namespace}"
    made.mkdir(mode=0o700)
    inner_kubeconfig(cluster.node, made)
    yield made
    shutil.rmtree(made)


def serve(cluster: Cluster, lifecycle: dict[str, Any] | None) -> str:
    """Two Pods behind a Service; its address."""
    labels = {"app": "web"}
    container = {
        "name": "web",
        "image": "nginx",
        "ports": [{"containerPort": 80}],
        "readinessProbe": {"httpGet": {"port": 80}, "periodSeconds": 1},
        "volumeMounts": [{"name": "config", "mountPath": "/etc/nginx/conf.d"}],
        **({"lifecycle": lifecycle} if lifecycle else {}),
    }
    spec = {"containers": [container], "volumes": [{"name": "config", "configMap": {"name": "web"}}]}
    deployment = {
        "replicas": 2,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": spec},
    }
    named = {"metadata": {"name": "web"}}
    cluster.apply(
        {"apiVersion": "v1", "kind": "ConfigMap", "data": {"default.conf": CONFIG}, **named},
        {"apiVersion": "apps/v1", "kind": "Deployment", "spec": deployment, **named},
        {"apiVersion": "v1", "kind": "Service", "spec": {"selector": labels, "ports": [{"port": 80}]}, **named},
    )
    cluster.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    return str(cluster.core.read_namespaced_service("web", cluster.namespace).spec.cluster_ip)


def rolled(cluster: Cluster, folder: Path, address: str, *args: str) -> tuple[int, dict[str, Any], str]:
    """Inside the node's network: exit status, report, and what it said."""
    where = ["--kubeconfig", str(folder / "kubeconfig"), "-n", cluster.namespace, "--url", f"http://{address}/"]
    done = subprocess.run(
        [*inside(cluster.node), *PROGRAM, "rollout", "deploy/web", *where, *LOAD, "-o", "json", *args],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


def test_without_a_hook_requests_are_lost_and_the_report_says_whose_they_were(cluster: Cluster, folder: Path) -> None:
    address = serve(cluster, None)
    status, report, said = rolled(cluster, folder, address, "--yes", "--svg", str(folder / "a.svg"))
    assert status == 1, said
    assert report["total"]["lost"] == len(report["losses"]) > 0
    old = [each for each in report["pods"] if each["isOld"]]
    assert sum(each["lost"] for each in old) == len(report["losses"])
    assert {each["kind"] for each in report["losses"]} <= {"refused", "reset", "closed", "timed out"}
    assert "serve-no-delay" in report["savings"][0]["rules"]
    for each in old:
        order = [each["marks"][mark] for mark in ("deletion asked", "endpoint not ready", "ended", "gone")]
        assert order == sorted(order)
    assert "<svg" in (folder / "a.svg").read_text()


@pytest.mark.parametrize("hook", [hooks.drain_delay(), hooks.nginx_graceful(drain_seconds=5)], ids=["drain", "nginx"])
def test_with_a_hook_none_is_lost(cluster: Cluster, folder: Path, hook: Any) -> None:
    address = serve(cluster, {"preStop": hook})
    _, report, said = rolled(cluster, folder, address, "--yes")
    assert report["losses"] == [], said
    assert report["done"] and not report["problems"]
    assert [each["isOld"] for each in report["pods"]] == [True, True, False, False]


def test_another_restarts_and_the_command_only_watches(cluster: Cluster, folder: Path) -> None:
    address = serve(cluster, {"preStop": hooks.drain_delay()})
    restart = ["rollout", "restart", "deployment/web", "--namespace", cluster.namespace]
    kubectl = nodes.kubectl(cluster.node, restart)
    with subprocess.Popen(["sh", "-c", 'sleep 6; exec "$@"', "sh", *kubectl], cwd=ROOT, stdout=subprocess.PIPE):
        _, report, said = rolled(cluster, folder, address, "--watch-only")
    assert "somebody else has started a rollout" in said
    assert report["done"] and report["losses"] == []


def test_nothing_is_restarted_where_nobody_answers_before(cluster: Cluster, folder: Path) -> None:
    serve(cluster, None)
    before = cluster.kubectl("get", "deployment", "web", "-o", "jsonpath={.metadata.generation}")
    status, report, said = rolled(cluster, folder, "127.0.0.1:9", "--yes")
    assert status == 2
    assert said.splitlines()[-1].endswith("failed (refused ECONNREFUSED) before the restart; nothing was restarted")
    assert report["restarted"] is None
    assert cluster.kubectl("get", "deployment", "web", "-o", "jsonpath={.metadata.generation}") == before
    status, _, said = rolled(cluster, folder, "127.0.0.1:9")
    assert (status, said) == (
        2,
        "lifecycle rollout: nothing was restarted or sent; --yes restarts without asking\n",
    )


def test_a_user_without_rights_gets_the_rule_to_add(cluster: Cluster, folder: Path) -> None:
    cluster.kubectl("create", "serviceaccount", "poor")
    config = json.loads((folder / "kubeconfig").read_text())
    config["users"][0]["user"] = {"token": cluster.kubectl("create", "token", "poor").strip()}
    (folder / "kubeconfig").write_text(json.dumps(config))
    status, _, said = rolled(cluster, folder, "127.0.0.1:9", "--yes")
    assert status == 2
    assert said == (
        f"lifecycle rollout: may not get deployments in namespace {cluster.namespace}: add this rule to a Role: "
        '{apiGroups: ["apps"], resources: ["deployments"], verbs: ["get"]}\n'
    )


MESSAGE = "Hello from the postStart handler"


def verified(cluster: Cluster, *args: str) -> tuple[int, str]:
    """Exit status, and all that it said."""
    where = ["--kubeconfig", str(cluster.node.kubeconfig), "-n", cluster.namespace]
    command = [*PROGRAM, "verify", *args, *where]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def test_the_pages_own_check(cluster: Cluster) -> None:
    cluster.run("page", {"lifecycle": {"postStart": hooks.page_post_start()}}, ready=False)
    file = ("--expect-file", "/usr/share/message")
    up = f"Pod {cluster.namespace}/page: Running and Ready (1 container)\n"
    assert verified(cluster, "page", *file, "--expect-text", MESSAGE) == (0, f"{up}/usr/share/message: {MESSAGE}")
    assert verified(cluster, "page", *file, "--expect-text", "no") == (
        1,
        f"{up}/usr/share/message: expected 'no', and it holds:\n    {MESSAGE}",
    )
    assert verified(cluster, "page", "--expect-file", "/none") == (1, f"{up}/none: No such file or directory")
    assert verified(cluster, "none") == (2, 'lifecycle verify: pods "none" not found')
    status, said = verified(cluster, "page", "--expect-file", "/dev/zero", "--expect-text", "x")
    assert status == 1 and said.endswith("… (only its first MiB was read)")


def test_a_container_without_cat_and_one_whose_post_start_fails(cluster: Cluster) -> None:
    cluster.run("bare", {"image": "registry.k8s.io/pause:sandbox"})
    cluster.run("bad", {"lifecycle": {"postStart": hooks.shell("exit 3")}}, ready=False)
    status, said = verified(cluster, "bare", "--expect-file", "/etc/hosts")
    assert status == 2
    assert said.endswith("container c has no cat, so its files cannot be read from outside. Leave out --expect-file.")
    status, said = verified(cluster, "bad", "--timeout", "3")
    assert status == 1
    assert said.startswith(
        f"Pod {cluster.namespace}/bad: phase Running, not Running and Ready after 3 s\n    container c "
    )
