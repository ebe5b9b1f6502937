"""The programs in examples/ under mocks, and the languages that need parts of their own as far as they can be read."""

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml

from lifecycle_demo import LifecycleDemo
from lifecycle_rules import Finding, check
from sandbox.rollout import WAYS
from tests.unit.recording import Recorder, run
from tests.unit.test_plugin import PROVIDER, mapped

EXAMPLES = Path(__file__).parents[2] / "examples"
DOCS = Path(__file__).parents[2] / "docs"
STOP = "gosu postgres pg_ctl stop -m fast -w -t 50"


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


def test_inputs_of_each_form() -> None:
    pods = {
        inputs["metadata"]["name"]: inputs
        for kind, inputs in ran("inputs").registered
        if kind == "kubernetes:core/v1:Pod"
    }
    containers = {name: pod["spec"]["containers"][0] for name, pod in pods.items()}
    assert containers["web"]["lifecycle"] == containers["api"]["lifecycle"] == {"preStop": {"sleep": {"seconds": 10}}}
    assert containers["web"]["readinessProbe"] == containers["api"]["readinessProbe"]
    assert containers["worker"]["lifecycle"] == {"preStop": {"sleep": {"seconds": 15}}}
    assert pods["worker"]["metadata"]["labels"] == {"app.kubernetes.io/part-of": "shop"}
    assert "1b47061264138c4ac30d75fd1eb44270" in str(containers["worker"]["env"])  # a secret


EXEMPT = {  # they have the annotation, and say why
    "workloads": {"prestop-in-job"},
    "rollout": {"serve-no-delay"},
}


@pytest.mark.parametrize("name", sorted(each.parent.name for each in EXAMPLES.glob("*/__main__.py")))
def test_an_example_breaks_no_rule_not_even_of_practice(name: str) -> None:
    if (EXAMPLES / name / "PulumiPolicy.yaml").exists() or name == "python-package-add":  # it has no program of ours
        return
    found = {each.rule.id for each in findings(ran(name))}
    assert found == EXEMPT.get(name, set())


def test_the_program_and_what_the_docs_show_break_none_either() -> None:
    program = run(lambda: runpy.run_path(str(EXAMPLES.parent / "__main__.py")) and None)
    assert findings(program) == []
    pages = [EXAMPLES.parent / "README.md", DOCS / "component.md"]
    for page in pages:
        for block in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL):
            assert [each.message for each in findings(run(lambda block=block: exec(block, {})))] == []  # type: ignore[misc]


def test_the_examples_of_other_languages_break_none_either() -> None:
    inputs = yaml.safe_load((EXAMPLES / "yaml" / "Pulumi.yaml").read_text())["resources"]["web"]["properties"]
    assert findings(run(lambda: LifecycleDemo("web", mapped(inputs)) and None)) == []


def findings(recorder: Recorder) -> list[Finding]:
    return [
        found
        for kind, inputs in recorder.registered
        if kind.startswith("kubernetes:")
        for found in check(kind.rpartition(":")[2], inputs)
    ]


@pytest.mark.parametrize(
    ("kind", "name", "pre_stop", "grace"),
    [
        ("apps/v1:Deployment", "api", {"sleep": {"seconds": 5}}, 30),
        (
            "apps/v1:StatefulSet",
            "db",
            {"exec": {"command": ["/bin/sh", "-c", "gosu postgres pg_ctl stop -m fast -w -t 50"]}},
            60,
        ),
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


def test_rollout_has_a_deployment_of_each_way_to_stop() -> None:
    recorder = ran("rollout")
    pre_stops = {
        inputs["metadata"]["name"]: inputs["spec"]["template"]["spec"]["containers"][0]
        .get("lifecycle", {})
        .get("preStop")
        for kind, inputs in recorder.registered
        if kind == "kubernetes:apps/v1:Deployment"
    }
    assert sorted(pre_stops) == sorted(WAYS)  # the engine hears of them in any order
    assert (pre_stops["without-hook"], pre_stops["drain-delay"]) == (None, {"sleep": {"seconds": 5}})
    assert pre_stops["nginx-graceful"]["exec"]["command"][2].startswith("sleep 5; old=$(cat /proc/1/task/1/children);")


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
    tested = {"inputs", "no-pre-stop", "own-image", "python-package-add", "rollout", "typescript", "workloads", "yaml"}
    assert {each.name for each in EXAMPLES.iterdir() if (each / "Pulumi.yaml").is_file()} == tested
