"""What a rollout costs its clients."""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from cluster import Cluster, until

from sandbox.rollout import inside

from .proof import Spec

LOAD = Path(__file__).with_name("load.py")
ROLLOUTS = 3
BAR = 1 / 200  # without a hook it was 1 in 50 to 1 in 10 on two cores, with one 1 in 1,000 at most
ALONE = threading.Lock()  # two loads at once would leave kube-proxy no time on two cores


def rollout(cluster: Cluster, name: str, spec: Spec) -> str:
    """Whether more than 1 request in 200 is refused while the Deployment rolls, up to three times."""
    port = serve(cluster, name, spec)
    with ALONE:
        refused = any(roll(cluster, name, port) > BAR for _ in range(ROLLOUTS))
    return "more than 1 request in 200 was refused" if refused else "of 200 requests hardly one was refused"


def serve(cluster: Cluster, name: str, spec: Spec) -> int:
    """Two Pods behind a Service; its port on the node's loopback.

    A node port for each: conntrack leads a source port that comes again within 120 s to the same Pod, which may be
    gone. ROLLOUTS of them take fewer connections than there are source ports.
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


def roll(cluster: Cluster, name: str, port: int) -> float:
    """Rolls the Deployment under load; the share of the requests that was refused."""
    command = [*inside(cluster.node), sys.executable, str(LOAD), str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as load:
        time.sleep(1)
        before = pods(cluster, name)
        cluster.kubectl("rollout", "restart", f"deployment/{name}")
        cluster.kubectl("rollout", "status", f"deployment/{name}", "--timeout=60s")
        until(lambda: not before & pods(cluster, name), f"the old Pods of {name} are gone")
        assert load.poll() is None, "the load ended before the rollout"
        printed, _ = load.communicate()
    ends = Counter[str](json.loads(printed))
    return ends["refused"] / ends.total()


def pods(cluster: Cluster, name: str) -> set[str]:
    found = cluster.core.list_namespaced_pod(cluster.namespace, label_selector=f"app={name}").items
    return {each.metadata.name for each in found}
