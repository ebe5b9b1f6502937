"""Fields of a type that the API server cannot decode."""

import math
from typing import Any

import pytest
from mistyped import RIGHT, WRONG

from lifecycle_rules import UNKNOWN, check

PLACEHOLDERS = (
    "{{ .Values.hook }}",
    "${HOOK}",
    "$(HOOK)",
    "<hook>",
    "%HOOK%",
    "@hook@",
    "__hook__",
    "HOOK",
    "PRE_STOP_2",
)


def found(spec: Any, kind: str = "Pod", container: str = "c") -> list[tuple[str, str]]:
    obj = {"spec": spec if kind == "Pod" else {"template": {"spec": spec}}}
    all_found = [each for each in check(kind, obj) if each.rule.id == "hook-field-type"]
    assert {each.container for each in all_found} <= {container}
    return [(each.path, each.message) for each in all_found]


def of(lifecycle: Any, role: str = "containers") -> dict[str, Any]:
    return {"containers": [], role: [{"name": "c", "image": "nginx", "lifecycle": lifecycle}]}


@pytest.mark.parametrize(("lifecycle", "below", "message"), WRONG)
def test_a_field_of_another_type(lifecycle: Any, below: str, message: str) -> None:
    assert found(of(lifecycle)) == [(f"spec.containers[0].lifecycle{below}", message)]


@pytest.mark.parametrize("lifecycle", RIGHT)
def test_a_field_of_its_type(lifecycle: Any) -> None:
    assert found(of(lifecycle)) == []


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_a_text_that_may_be_filled_in(text: str) -> None:
    assert (
        found(
            {**of({"preStop": text, "postStart": {"sleep": {"seconds": text}}}), "terminationGracePeriodSeconds": text}
        )
        == []
    )
    assert found(of(text)) == []


@pytest.mark.parametrize("value", [UNKNOWN, math.nan, math.inf, object(), b"5"])
def test_what_is_not_known_or_no_value_of_json(value: Any) -> None:
    hook = {"httpGet": {"port": value, "path": value, "httpHeaders": [value]}, "sleep": {"seconds": value}}
    assert found(of({"preStop": value, "postStart": hook})) == []
    assert found(of(value)) == []


def test_a_tuple_is_a_list() -> None:
    headers = ({"name": "X-A", "value": "1"},)
    assert found(of({"preStop": {"httpGet": {"port": 80, "httpHeaders": headers}}})) == []
    assert found(of({"preStop": ({"sleep": {}},)})) == [
        ("spec.containers[0].lifecycle.preStop", "must be an object, not a list")
    ]


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("60", "a string"),
        ("60s", "a string"),
        (0.5, "a number with a fraction"),
        (True, "a boolean"),
        ({}, "an object"),
    ],
)
def test_a_grace_period_of_another_type(value: Any, what: str) -> None:
    for kind, prefix in (("Pod", "spec"), ("Deployment", "spec.template.spec")):
        path = f"{prefix}.terminationGracePeriodSeconds"
        spec = {**of({"preStop": {"sleep": {"seconds": 5}}}), "terminationGracePeriodSeconds": value}
        assert found(spec, kind, container="") == [(path, f"must be an integer, not {what}")]


@pytest.mark.parametrize("value", [60, 60.0, None, UNKNOWN])
def test_a_grace_period_of_its_type(value: Any) -> None:
    assert found({**of(None), "terminationGracePeriodSeconds": value}) == []


@pytest.mark.parametrize(
    "other", [{"__defaults": []}, {"grpc": {"port": 5}}, {"httpGet": {"port": 80, "protocol": "HTTP2"}}]
)
def test_a_field_behind_one_that_is_lost(other: Any) -> None:
    path = "spec.containers[0].lifecycle.preStop.sleep"
    assert found(of({"preStop": {**other, "sleep": 5}})) == [(path, "must be an object, not an integer")]
    assert found(of({"preStop": {"httpGet": {"Port": 1, "port": True}}})) == [
        ("spec.containers[0].lifecycle.preStop.httpGet.port", "must be an integer or a string, not a boolean")
    ]
    assert found(of({"stopSignal": "SIGINT", "preStop": 5})) == [
        ("spec.containers[0].lifecycle.preStop", "must be an object, not an integer")
    ]


def test_in_each_kind_of_container() -> None:
    assert [path for path, _ in found(of({"preStop": {"sleep": 5}}, "initContainers"))] == [
        "spec.initContainers[0].lifecycle.preStop.sleep"
    ]
