"""What the policies' remediation makes: the API server takes it, and `pulumi up` applies it and then leaves it be."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from cluster import Cluster
from workloads import COLLECTIONS

from tests.cluster.test_stack import Stack, counts
from tests.engine.checkout import Checkout

MUTATED = Path(__file__).parents[1] / "policies" / "remediation" / "mutated"


@pytest.mark.parametrize("name", sorted(each.stem for each in MUTATED.glob("*.yaml")))
def test_the_api_server_takes_it(name: str, cluster: Cluster) -> None:
    body: Any = yaml.safe_load((MUTATED / f"{name}.yaml").read_text())
    collection = COLLECTIONS[body["kind"]]
    version = collection.partition("/namespaces")[0].removeprefix("apis/").removeprefix("api/")
    body = {"apiVersion": version, **body, "metadata": {"name": "x"}}
    client = cluster.api
    answer = client.rest_client.pool_manager.request(
        "POST",
        f"{client.configuration.host}/{collection.format(cluster.namespace)}?dryRun=All&fieldValidation=Strict",
        body=json.dumps(body),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status == 201, answer.data


PROGRAM = """
import os
import pulumi_kubernetes as k8s
hook = {"exec": {"command": ["/bin/sh", "-c", "sleep 31"]}}
web = {"name": "web", "image": "nginx", "lifecycle": {"pre_stop": hook}}
k8s.core.v1.Pod("web", metadata={"name": "web", "namespace": os.environ["NAMESPACE"]}, spec={"containers": [web]})
"""
CONFIG = {"grace-budget": "remediate", "shutdown-practice": "remediate", "post-start-required": "disabled"}


def test_hook_and_grace_period_are_one_change(tmp_path: Path, cluster: Cluster) -> None:
    stack = Stack(Checkout(tmp_path), cluster)
    stack.checkout.env.update(NAMESPACE=cluster.namespace)
    (stack.checkout.root / "__main__.py").write_text(PROGRAM)
    (stack.checkout.root / "policies/demo.json").write_text(json.dumps(CONFIG))
    said = stack.up()
    assert counts(said) == ["+ 2 created"]
    assert "[remediate]" in said.out
    (pod,) = stack.pods()
    assert pod.spec.termination_grace_period_seconds == 51
    assert pod.spec.containers[0].lifecycle.pre_stop.sleep.seconds == 31
    assert pod.spec.containers[0].lifecycle.pre_stop._exec is None
    (inputs,) = [each["inputs"] for each in stack.exported()["resources"] if each["type"] == "kubernetes:core/v1:Pod"]
    assert inputs["spec"]["terminationGracePeriodSeconds"] == 51
    assert inputs["spec"]["containers"][0]["lifecycle"] == {"preStop": {"sleep": {"seconds": 31}}}
    assert counts(stack.up()) == ["2 unchanged"]
