"""The programs in examples/ under mocks, and the languages that need parts of their own as far as they can be read."""

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.recording import Recorder, run
from tests.unit.test_plugin import PROVIDER, mapped

EXAMPLES = Path(__file__).parents[2] / "examples"
DOCS = Path(__file__).parents[2] / "docs"


def ran(name: str) -> Recorder:
    return run(lambda: runpy.run_path(str(EXAMPLES / name / "__main__.py")) and None)


def test_own_image() -> None:
    spec = ran("own-image").inputs("kubernetes:core/v1:Pod")["spec"]
    (web,), (proxy,) = spec["containers"], spec["initContainers"]
    assert web["lifecycle"] == {
        "postStart": {"exec": {"command": ["/bin/sh", "-c", "echo ready > /tmp/started"]}},
        "preStop": {"sleep": {"seconds": 10}},
    }
    *shell, drain = proxy["lifecycle"]["preStop"]["exec"]["command"]
    assert (shell, "POST /drain_listeners?graceful HTTP/1.1" in drain) == (["bash", "-c"], True)
    assert proxy["restartPolicy"] == "Always"
    assert (spec["terminationGracePeriodSeconds"], spec["nodeSelector"]) == (40, {"kubernetes.io/arch": "amd64"})
    assert web["readinessProbe"] == {"httpGet": {"path": "/ready", "port": "http"}}


@pytest.mark.parametrize(
    ("kind", "name", "pre_stop", "grace"),
    [
        ("apps/v1:Deployment", "api", {"sleep": {"seconds": 5}}, 30),
        ("apps/v1:StatefulSet", "db", {"exec": {"command": ["/bin/sh", "-c", "pg_ctl stop -m fast -w -t 50"]}}, 60),
        ("apps/v1:DaemonSet", "agent", {"exec": {"command": ["/agent", "flush"]}}, 30),
        ("batch/v1:Job", "migrate", {"exec": {"command": ["/api", "checkpoint"]}}, 30),
    ],
)
def test_workloads(kind: str, name: str, pre_stop: Any, grace: int) -> None:
    spec = ran("workloads").inputs(f"kubernetes:{kind}")["spec"]
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    assert container["name"] == f"{name}-container"
    assert container["lifecycle"]["preStop"] == pre_stop
    assert pod["terminationGracePeriodSeconds"] == grace
    if "selector" in spec:
        assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"] == {"app": name}
    else:
        assert pod["restartPolicy"] == "Never"


def test_the_inputs_of_yaml_are_those_of_the_schema() -> None:
    program = yaml.safe_load((EXAMPLES / "yaml" / "Pulumi.yaml").read_text())
    inputs = program["resources"]["web"]["properties"]
    assert sorted(mapped(inputs)) == ["image", "pod_spec", "ports", "pre_stop"]
    schema = json.loads(PROVIDER.schema)["resources"]["lifecycle:index:LifecycleDemo"]
    assert set(inputs) <= set(schema["inputProperties"])
    assert re.findall(r"\$\{web\.(\w+)\}", str(program["outputs"])) == ["verifyCommand"]
    assert "verifyCommand" in schema["properties"]


@pytest.mark.parametrize(
    ("name", "entry"), [("typescript", "index.ts"), ("python-package-add", "__main__.py"), ("yaml", "Pulumi.yaml")]
)
def test_the_page_of_other_languages_shows_the_examples(name: str, entry: str) -> None:
    page = (DOCS / "other-languages.md").read_text()
    assert f"\n{(EXAMPLES / name / entry).read_text()}```" in page


def test_each_example_is_tested() -> None:
    tested = {"no-pre-stop", "own-image", "python-package-add", "typescript", "workloads", "yaml"}
    assert {each.name for each in EXAMPLES.iterdir() if (each / "Pulumi.yaml").is_file()} == tested
