"""Manifests as a state: read as Kubernetes reads YAML, named as Pulumi names them, and nothing lost without a word."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kubernetes_lifecycle.pack.manifests import ManifestError, documents, state, token

POLICIES = Path(__file__).parents[2] / "policies"
MANIFESTS = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
---
# an empty document
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, annotations: {since: 2026-01-01, equals: =, octal: 0644}}
"""


def read(text: str) -> list[Any]:
    file = io.StringIO(text)
    file.name = "all.yaml"  # type: ignore[misc]  # as a file of the disk has
    return list(documents(file))


def run(*args: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "kubernetes_lifecycle.pack.manifests", *args]
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, cwd=Path(__file__).parents[2] / "policies"
    )


def resources(text: str) -> list[Any]:
    return list(json.loads(text)["deployment"]["resources"])


def test_each_object_is_a_resource() -> None:
    stack, web, api = state(read(MANIFESTS))["deployment"]["resources"]
    assert (web["type"], web["urn"].rpartition("::")[2]) == ("kubernetes:core/v1:Pod", "shop/web")
    assert (api["type"], api["urn"].rpartition("::")[2]) == ("kubernetes:apps/v1:Deployment", "api")
    assert web["parent"] == api["parent"] == stack["urn"]
    assert web["inputs"] == web["outputs"] == read(MANIFESTS)[0]


def test_yaml_is_read_as_kubernetes_reads_it() -> None:
    """No dates, and no meaning of `=`, which PyYAML refuses; the CRDs of well-known operators have one."""
    annotations = read(MANIFESTS)[1]["metadata"]["annotations"]
    assert annotations == {"since": "2026-01-01", "equals": "=", "octal": 420}


def test_values_that_python_has_and_json_has_not() -> None:
    text = f"{{apiVersion: v1, kind: Secret, data: !!binary aGk=, digits: {'1' * 9999}}}"
    assert read(text) == [{"apiVersion": "v1", "kind": "Secret", "data": "hi", "digits": "1" * 9999}]


def test_the_same_name_twice() -> None:
    text = "{apiVersion: batch/v1, kind: Job, metadata: {generateName: run-}}\n---\n"
    names = [each["urn"].rpartition("::")[2] for each in state(read(text * 3))["deployment"]["resources"][1:]]
    assert names == ["run-", "run--2", "run--3"]


def test_a_name_that_a_number_makes_of_another() -> None:
    """Two of one URN would be one to the engine, and the findings of both told of the first."""
    text = "".join(f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\n" for name in ("a", "a", "a-2", "a"))
    names = [each["urn"].rpartition("::")[2] for each in state(read(text))["deployment"]["resources"][1:]]
    assert names == ["a", "a-2", "a-2-2", "a-3"]


def test_an_object_without_a_name() -> None:
    (_, only) = state(read("{apiVersion: v1, kind: Pod, metadata: 3}"))["deployment"]["resources"]
    assert only["urn"].endswith("::unnamed")


def test_the_token_of_a_custom_resource() -> None:
    assert token({"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"}) == "kubernetes:argoproj.io/v1alpha1:Rollout"


@pytest.mark.parametrize("text", ["just text", "- a\n- b", "kind: Pod", "{apiVersion: 1, kind: Pod}"])
def test_what_is_no_object(text: str) -> None:
    with pytest.raises(ManifestError) as raised:
        read(f"---\n---\n{text}")
    assert str(raised.value) == "all.yaml:2: not a Kubernetes object: it has no apiVersion and kind"


def test_what_is_no_yaml() -> None:
    with pytest.raises(ManifestError) as raised:
        read("---\na: [1\nb: 2\n")
    assert str(raised.value) == "all.yaml:3:2: while parsing a flow sequence, did not find expected ',' or ']'"


def test_the_command_reads_files_and_standard_input(tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text(MANIFESTS)
    piped, named = run(stdin=MANIFESTS), run(str(tmp_path / "web.yaml"))
    assert (piped.returncode, piped.stderr) == (0, "")
    assert len(resources(piped.stdout)) == 3
    assert named.stdout == piped.stdout
    both = run(str(tmp_path / "web.yaml"), "-", stdin='{"apiVersion": "v1", "kind": "Pod"}')
    assert len(resources(both.stdout)) == 4


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.yaml", None, "none.yaml: No such file or directory\n"),
        ("values.yaml", "a: 1", "values.yaml:1: not a Kubernetes object: it has no apiVersion and kind\n"),
        (
            "cycle.yaml",
            "{apiVersion: v1, kind: Secret, data: &a [*a]}",
            "cycle.yaml:1:1: data[0] refers to itself\n",
        ),
        (
            "nan.yaml",
            "{apiVersion: v1, kind: Secret, data: .nan}",
            "nan.yaml:1:1: data is nan, which JSON does not have\n",
        ),
        (
            "key.yaml",
            "{apiVersion: v1, kind: Pod, spec: {containers: [{null: b}]}}",
            "key.yaml:1:1: spec.containers[0] has a key of type NoneType, which JSON does not have\n",
        ),
        (
            "deep.yaml",
            f"{{apiVersion: v1, kind: Pod, spec: {'[' * 3_000}{']' * 3_000}}}",
            "deep.yaml:1:234: its nesting is too deep to read\n",
        ),
        ("tag.yaml", "{apiVersion: v1, kind: !!int Pod}", "tag.yaml:1:1: a value does not fit its type\n"),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_written(
    name: str, content: str | None, said: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    done = run(str(tmp_path / name))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.replace(f"{tmp_path}/", "") == said
