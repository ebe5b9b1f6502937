"""How long a Service is without an answer while `pulumi up` replaces its Pod; `pytest -s` prints the seconds."""

import subprocess
import sys
from pathlib import Path

import pytest
from cluster import Cluster

from sandbox.rollout import inside
from tests.cluster.test_stack import Stack, counts
from tests.engine.checkout import Checkout

PROBE = Path(__file__).with_name("probe.py")
PROGRAM = """
from lifecycle_demo import LifecycleDemo, hooks
LifecycleDemo(
    "web",
    {
        "image": "nginx",
        "namespace": %(namespace)r,
        "env": {"NUMBER": "%(number)s"},
        "labels": {"app": "web"},
        "generate_name": %(generate_name)s,
        "pre_stop": hooks.%(pre_stop)s,
        "container": {"readiness_probe": {"http_get": {"path": "/", "port": 80}, "period_seconds": 1}},
    },
)
"""
CHANGES = 3
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {"type": "NodePort", "selector": {"app": "web"}, "ports": [{"port": 80}]},
}


@pytest.mark.parametrize(
    ("pre_stop", "generate_name", "least", "most"),
    [
        ("nginx_graceful()", False, 0.5, 15),
        ("drain_delay(5)", False, 0.5, 15),
        ("nginx_graceful()", True, 0, 3),  # it takes no new connections, and kube-proxy may still send it some
        ("drain_delay(5)", True, 0, 1.5),  # 0.1 to 0.2 s where the cores are idle
    ],
)
def test_how_long_nobody_answers(
    pre_stop: str, generate_name: bool, least: float, most: float, cluster: Cluster, tmp_path: Path
) -> None:
    stack = Stack(Checkout(tmp_path), cluster)
    cluster.apply(SERVICE)
    port = cluster.core.read_namespaced_service("web", cluster.namespace).spec.ports[0].node_port
    network = inside(cluster.node)
    for number in range(1 + CHANGES):
        values = {"namespace": cluster.namespace, "number": number, "generate_name": generate_name}
        (stack.checkout.root / "__main__.py").write_text(PROGRAM % {**values, "pre_stop": pre_stop})
        if not number:
            stack.up()
            continue
        with subprocess.Popen(
            [*network, sys.executable, str(PROBE), str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as probe:
            said = stack.up()
            printed, _ = probe.communicate()
        assert counts(said)[0] == "+-1 replaced", said
        gap = float(printed)
        print(f"{pre_stop}, {'generated' if generate_name else 'fixed'} name: {gap:.2f} s")
        assert least <= gap <= most
