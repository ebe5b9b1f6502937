"""Whoever makes a workload, the policies see it: what Pulumi renders registers its children, and they are judged.

What is rendered in the provider needs a cluster, in a preview, too.
"""

from pathlib import Path

import pytest

from sandbox.node import Node
from tests.cluster.test_stack import RUN
from tests.engine.checkout import Checkout, Said, ended
from tests.engine.test_policies import NOT_SEEN, TCP_SAID, violations

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: nginx, lifecycle: {preStop: {tcpSocket: {port: 80}}}}
"""
FILES = {
    "deployment.yaml": DEPLOYMENT,
    "chart/Chart.yaml": "{apiVersion: v2, name: web, version: 1.0.0}",
    "chart/templates/deployment.yaml": DEPLOYMENT,
    "kustomization/deployment.yaml": DEPLOYMENT,
    "kustomization/kustomization.yaml": "resources: [deployment.yaml]",
}
CONTAINER = '{"name": "web", "image": "nginx", "lifecycle": {"preStop": {"tcpSocket": {"port": 80}}}}'
SPEC = f'{{"template": {{"spec": {{"containers": [{CONTAINER}]}}}}}}'
DEPLOYED = "kubernetes:apps/v1:Deployment: "
PROGRAMS = {
    "Chart v3": (
        "from pulumi_kubernetes.helm.v3 import Chart, LocalChartOpts; Chart('web', LocalChartOpts('chart'))",
        f"{DEPLOYED}web",
    ),
    "Chart v4": ("from pulumi_kubernetes.helm.v4 import Chart; Chart('app', chart='./chart')", f"{DEPLOYED}app:"),
    "ConfigFile v1": (
        "from pulumi_kubernetes.yaml import ConfigFile; ConfigFile('app', file='deployment.yaml')",
        f"{DEPLOYED}web",
    ),
    "ConfigFile v2": (
        "from pulumi_kubernetes.yaml.v2 import ConfigFile; ConfigFile('app', file='deployment.yaml')",
        f"{DEPLOYED}app:",
    ),
    "ConfigGroup v2": (
        "from pulumi_kubernetes.yaml.v2 import ConfigGroup; ConfigGroup('app', files=['deployment.yaml'])",
        f"{DEPLOYED}app:",
    ),
    "kustomize v1": (
        "from pulumi_kubernetes.kustomize import Directory; Directory('app', directory='kustomization')",
        f"{DEPLOYED}web",
    ),
    "kustomize v2": (
        "from pulumi_kubernetes.kustomize.v2 import Directory; Directory('app', directory='./kustomization')",
        f"{DEPLOYED}app:",
    ),
    "Patch": (
        "from pulumi_kubernetes.apps.v1 import DeploymentPatch\n"
        f"DeploymentPatch('app', metadata={{'name': 'web'}}, spec={SPEC})",
        "kubernetes:apps/v1:DeploymentPatch: app",
    ),
    "CustomResource": (
        "from pulumi_kubernetes.apiextensions import CustomResource\n"
        f"CustomResource('app', api_version='argoproj.io/v1alpha1', kind='Rollout', spec={SPEC})",
        "kubernetes:argoproj.io/v1alpha1:Rollout: app",
    ),
}


@pytest.fixture
def project(tmp_path: Path) -> Checkout:
    """A checkout with another program and the files that it names; the pack has no configuration."""
    made = Checkout(tmp_path)
    for name, text in FILES.items():
        (made.root / name).parent.mkdir(parents=True, exist_ok=True)
        (made.root / name).write_text(text)
    (made.root / "policies/demo.json").write_text("{}")
    return made


def preview(project: Checkout, program: str, node: Node) -> Said:
    (project.root / "__main__.py").write_text(program)
    return ended(project.start("-c", RUN, str(project.bin / "pulumi"), str(node.kubeconfig), "preview"))


@pytest.mark.parametrize("source", PROGRAMS)
def test_a_hook_that_cannot_run(source: str, project: Checkout, node: Node) -> None:
    program, resource = PROGRAMS[source]
    said = preview(project, program, node)
    assert said.status == 1, said
    assert [each for each in violations(said) if each[0] == "mandatory"] == [("mandatory", "hooks-effective")]
    assert f"hooks-effective  ({resource}" in said.out
    assert said.lacks(f"spec.template.{TCP_SAID}") == []


def test_a_release_is_named_as_not_seen(project: Checkout, node: Node) -> None:
    """Its objects are made in the cluster: the one source that cannot be judged before."""
    said = preview(project, "from pulumi_kubernetes.helm.v3 import Release; Release('app', chart='./chart')", node)
    assert said.status == 0, said
    assert violations(said) == [("advisory", "exemptions")]
    assert said.lacks(f"app: {NOT_SEEN}") == []
