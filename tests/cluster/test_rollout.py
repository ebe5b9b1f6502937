"""What a rollout costs its clients, with and without a preStop that outlasts the news of the Pod's end."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cluster import Cluster, until

from lifecycle_demo import hooks

LOAD = Path(__file__).with_name("load.py")
ROLLOUTS = 3
SLEEP = hooks.sleep(3)


def test_a_sleeping_pre_stop_saves_requests_in_a_rollout(
    cluster: Cluster, capsys: pytest.CaptureFixture[str], record_property: Callable[[str, object], None]
) -> None:
    """Without a hook nginx closes its port before kube-proxy has taken the Pod out of the Service.

    Source: kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle, Pod termination.
    """
    # A node port each: where a request has timed out, conntrack leads its source port to the same gone Pod
    # for 120 s more, and the next rollout through that node port would pay for this one's.
    ports = {"without": serve(cluster, "without"), "with": serve(cluster, "with", {"preStop": SLEEP})}
    ends = {name: Counter[str]() for name in ports}
    rollouts = 0
    while rollouts < ROLLOUTS and not lost(ends["without"]):
        rollouts += 1
        for name, port in ports.items():
            ends[name] += roll(cluster, name, port)

    for name, ended in ends.items():
        record_property(f"{name} preStop", dict(ended))
        with capsys.disabled():
            print(f"\n{rollouts} rollouts {name} preStop: {ended.total()} requests, {lost(ended)} lost {dict(ended)}")
    assert lost(ends["without"]) > lost(ends["with"])
    assert ends["with"]["refused"] == 0  # nobody was sent to a Pod that had closed its port


def serve(cluster: Cluster, name: str, lifecycle: dict[str, Any] | None = None) -> int:
    """Two nginx behind a Service; its port on the node's loopback."""
    labels = {"app": name}
    probe = {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 1}
    container = {"name": "c", "image": "nginx", "readinessProbe": probe, "lifecycle": lifecycle or {}}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    cluster.apply(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name},
            "spec": {"replicas": 2, "selector": {"matchLabels": labels}, "template": template},
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name},
            "spec": {"type": "NodePort", "selector": labels, "ports": [{"port": 80}]},
        },
    )
    cluster.kubectl("rollout", "status", f"deployment/{name}", "--timeout=60s")
    return int(cluster.core.read_namespaced_service(name, cluster.namespace).spec.ports[0].node_port)


def roll(cluster: Cluster, name: str, port: int) -> Counter[str]:
    """Rolls the Deployment under load; how the requests ended."""
    network = ["nsenter", "--target", str(cluster.node.init()), "--net"]
    command = [*network, sys.executable, str(LOAD), str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as load:
        time.sleep(1)
        before = pods(cluster, name)
        cluster.kubectl("rollout", "restart", f"deployment/{name}")
        cluster.kubectl("rollout", "status", f"deployment/{name}", "--timeout=60s")
        until(lambda: not before & pods(cluster, name), f"the old Pods of {name} are gone")
        assert load.poll() is None, "the load ended before the rollout"
        printed, _ = load.communicate()
    return Counter(json.loads(printed))


def pods(cluster: Cluster, name: str) -> set[str]:
    found = cluster.core.list_namespaced_pod(cluster.namespace, label_selector=f"app={name}").items
    return {each.metadata.name for each in found}


def lost(ends: Counter[str]) -> int:
    return ends.total() - ends["ok"]
