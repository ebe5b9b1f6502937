"""What the policy `safe-replacement` warns of, on the real engine and a real node; and what it advises works."""

from pathlib import Path

import pytest
from cluster import Cluster

from tests.cluster.test_stack import Stack, counts
from tests.engine.checkout import Checkout

PROGRAM = """
import os
import pulumi
import pulumi_kubernetes as k8s
hook = {"exec": {"command": ["/bin/sh", "-c", "sleep %(sleeps)s"]}}
web = {"name": "web", "image": "nginx", "env": [{"name": "N", "value": "%(number)s"}], "lifecycle": {"pre_stop": hook}}
spec = {"containers": [web], "termination_grace_period_seconds": 30}
metadata = {"name": "web", "namespace": os.environ["NAMESPACE"], "annotations": %(annotations)s}
timeouts = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(delete="%(timeout)s"))
if "%(kind)s" == "Pod":
    k8s.core.v1.Pod("web", metadata=metadata, spec=spec, opts=timeouts)
else:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": spec}
    selector = {"match_labels": {"app": "web"}}
    k8s.apps.v1.Deployment("web", metadata=metadata, spec={"selector": selector, "template": template}, opts=timeouts)
"""
VALUES = {"sleeps": 8, "number": 0, "annotations": {}, "timeout": "60s", "kind": "Pod"}


class Program:
    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self.stack = Stack(Checkout(folder), cluster)
        self.stack.checkout.env.update(NAMESPACE=cluster.namespace)
        (self.stack.checkout.root / "policies/demo.json").write_text('{"post-start-required": "disabled"}')

    def write(self, **values: object) -> Stack:
        (self.stack.checkout.root / "__main__.py").write_text(PROGRAM % {**VALUES, **values})
        return self.stack


@pytest.fixture
def program(tmp_path: Path, cluster: Cluster) -> Program:
    return Program(tmp_path, cluster)


@pytest.mark.parametrize("kind", ["Pod", "Deployment"])
def test_a_delete_timeout_shorter_than_the_hook(kind: str, program: Program) -> None:
    """`pulumi destroy` fails while the preStop runs, of a workload too: the deletion is in the foreground."""
    stack = program.write(kind=kind, timeout="3s")
    said = stack.up()
    path = f"{'' if kind == 'Pod' else 'spec.template.'}spec.terminationGracePeriodSeconds"
    assert f"{path}: 30 s, but customTimeouts.delete is 3 s [delete-timeout]. " in said.out
    assert stack.run("destroy").status != 0
    program.write(kind=kind)
    assert "[delete-timeout]" not in stack.up().out
    assert stack.run("destroy").status == 0


def test_a_named_pod_that_is_not_awaited(program: Program) -> None:
    """Its successor is applied to the old one, which is still there; awaited, it is not."""
    stack = program.write(annotations={"pulumi.com/skipAwait": "true"})
    assert (
        "Pod 'web' has a fixed name, and Pulumi does not wait for its deletion [skip-await-named]. " in stack.up().out
    )
    failed = program.write(annotations={"pulumi.com/skipAwait": "true"}, number=1).run("up")
    assert failed.status != 0
    assert "Server-Side Apply field conflict detected" in failed.out


def test_a_named_pod_that_is_awaited(program: Program) -> None:
    program.write().up()
    said = program.write(number=1).up()
    assert "+-1 replaced" in counts(said)
    assert "[skip-await-named]" not in said.out
