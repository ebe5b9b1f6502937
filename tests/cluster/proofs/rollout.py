"""What a rollout costs its clients."""

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from cluster import Cluster, until

from .proof import Spec

LOAD = Path(__file__).with_name("load.py")
ROLLOUTS = 3


def rollout(cluster: Cluster, name: str, spec: Spec) -> str:
    """Whether requests are refused while the Deployment rolls, up to three times."""
    port = serve(cluster, name, spec)
    refused = any(roll(cluster, name, port)["refused"] for _ in range(ROLLOUTS))
    return "requests were refused" if refused else "no request was refused"


def serve(cluster: Cluster, name: str, spec: Spec) -> int:
    """Two Pods behind a Service; its port on the node's loopback.

    A node port for each: where a request has timed out, conntrack leads its source port to the same gone Pod for
    120 s more, and the next rollout through that node port would pay for this one's.
    """
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": spec}
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
