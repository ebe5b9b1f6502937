"""docs/policies.md: each example says what stands there, each configuration is right, and its Python runs."""

import json
import re
from pathlib import Path
from typing import Any

import configuration
import pytest
import yaml
from pods import POD, TOKENS, pod

from kubernetes_lifecycle.pack import POLICIES, build_policies
from kubernetes_lifecycle.pack.testing import Pack, Resource
from kubernetes_lifecycle.profiles import PROFILES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/policies.md").read_text()
ASKED = {"post-start-required": "advisory"}  # which is off by default
SECTIONS = dict(re.findall(r"^## `([a-z-]+)`\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_each_policy_has_a_section() -> None:
    assert list(SECTIONS) == [each.name for each in POLICIES]
    for each in POLICIES:
        level = {"disabled": "Off unless a configuration gives it a level,"}.get(each.level.value)
        assert SECTIONS[each.name].strip().startswith(level or f"{each.level.value.capitalize()}. ")


@pytest.mark.parametrize("policy", SECTIONS)
def test_the_example(policy: str) -> None:
    example, *_ = blocks(SECTIONS[policy], "yaml")
    (expected,) = blocks(SECTIONS[policy], "text")
    assert said(policy, yaml.safe_load(example)) == expected.splitlines()


@pytest.mark.parametrize("policy", [each for each in SECTIONS if each != "exemptions"])
def test_the_example_mended_and_exempt(policy: str) -> None:
    """Exempt as it is, with each finding told of."""
    example, mended = (yaml.safe_load(each) for each in blocks(SECTIONS[policy], "yaml"))
    assert said(policy, mended) == []
    (line,) = re.findall(r'^Or exempt: `kubernetes-lifecycle/ignore: "(.+)"`$', SECTIONS[policy], re.MULTILINE)
    findings = said(policy, example)
    example.setdefault("metadata", {}).setdefault("annotations", {})["kubernetes-lifecycle/ignore"] = line
    assert said(policy, example) == []
    told = [each for each in said("exemptions", example) if each.endswith(f": {line.partition('=')[2]}")]
    for each in findings:
        path = each.partition(": ")[0]
        assert [one for one in told if one.startswith(f"{path}: [") and " is exempt by the annotation of" in one]


def said(policy: str, example: Any) -> list[str]:
    properties = {key: value for key, value in example.items() if key != "kind"}
    resource = Resource(TOKENS[example["kind"]], properties)
    pack = Pack(build_policies(), ASKED)
    found = pack.answer(resource).violations + pack.analyze_stack(resource)
    return [each.message for each in found if each.policy == policy]


@pytest.mark.parametrize("config", blocks(PAGE + configuration.page(), "json"))
def test_the_configuration(config: str) -> None:
    Pack(build_policies(), json.loads(config))


@pytest.mark.parametrize("profile", ["advisory", "default", "strict", "demo"])
def test_the_profiles(profile: str) -> None:
    config = json.loads((ROOT / f"policies/{profile}.json").read_text())
    Pack(build_policies(), config)
    if profile != "demo":
        assert config == PROFILES[profile]
    if profile == "default":
        assert config == {each.name: each.level.value for each in POLICIES}


def test_the_pack_of_ones_own() -> None:
    """tests/engine serves it; here are its policies."""
    (code,) = blocks(PAGE, "python")
    assert code == (ROOT / "examples/policy-pack/__main__.py").read_text()
    names: dict[str, object] = {}
    exec(code.rpartition("\nserve(")[0], names)
    found = Pack(names["policies"]).analyze(POD, pod({"name": "c", "image": "nginx:latest"}))  # type: ignore[arg-type]
    assert [(each.policy, each.level) for each in found] == [
        ("pre-stop-required", "mandatory"),
        ("no-latest", "mandatory"),
    ]


def test_the_workflow_has_the_commands_that_are_shown() -> None:
    section = PAGE[PAGE.index("## In other projects") : PAGE.index("## Manifests without a program")]
    (commands,), (workflow,) = blocks(section, "sh"), blocks(section, "yaml")
    steps = [each["run"].splitlines() for each in yaml.safe_load(workflow)["jobs"]["hooks"]["steps"] if "run" in each]
    assert steps[0] + steps[1][2:] == commands.splitlines()


def test_the_page_of_the_projects_adds_up() -> None:
    """Its text says what its table does, and each finding that stops a deployment has its verdict."""
    page = (ROOT / "docs/projects.md").read_text()
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| **")]
    objects, hooks, *strict, pre_stop, _ = (sum(int(row[column]) for row in rows) for column in range(1, 9))
    assert len(rows) > 100
    assert f"- {objects:,} different objects, {hooks} hooks in them." in page
    assert strict == [0, 0, 3, 0]
    assert "there are three findings,\n  all of `grace-budget`, and all true." in page
    assert f"- {pre_stop:,} long-running containers have no preStop:" in page
    found = [row[0].split("**")[1] for row in rows if any(int(each) for each in row[3:7])]
    verdicts = page.partition("## The findings, by hand\n")[2].partition("\n## ")[0]
    assert [line.split()[1] for line in verdicts.splitlines()[3:] if line.startswith("| ")] == found
