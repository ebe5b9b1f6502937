"""Whatever stands in an object, `check` answers, and answers the same again."""

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from reported import reports

from lifecycle_rules import UNKNOWN, check
from lifecycle_rules.fields import OBJECTS
from lifecycle_rules.model import POD_SPEC_PATHS
from tests.generated import examples

FIELDS = sorted(
    {name for fields in OBJECTS.values() for name in fields}
    | {"containers", "initContainers", "ephemeralContainers", "lifecycle", "ports", "name", "containerPort", "image"}
    | {"livenessProbe", "readinessProbe", "terminationGracePeriodSeconds", "os", "hostNetwork", "restartPolicy"}
    | {"spec", "template", "items", "kind", "metadata", "args", "volumeMounts", "mountPath", "strategy", "type"}
)
KINDS = st.sampled_from([*POD_SPEC_PATHS, *(f"{kind}List" for kind in POD_SPEC_PATHS), "PodPatch", "Rollout", "List"])
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.sampled_from(["sh", "-c", "sleep 5", "Always", "Job", "nginx:1", 10**400, -(10**4000), UNKNOWN]),
)
names = st.sampled_from(FIELDS) | st.text(max_size=5)
values = st.recursive(
    scalars, lambda below: st.lists(below, max_size=4) | st.dictionaries(names, below, max_size=6), max_leaves=40
)
# A Pod that reaches far into the rules, and the places in it where anything else may stand.
POD: dict[str, Any] = {
    "spec": {
        "os": {"name": "linux"},
        "hostNetwork": False,
        "terminationGracePeriodSeconds": 30,
        "restartPolicy": "Always",
        "initContainers": [{"name": "proxy", "restartPolicy": "Always", "image": "envoy"}],
        "containers": [
            {
                "name": "web",
                "image": "nginx:1.29",
                "command": ["sh", "-c", "nginx -g 'daemon off;'; true"],
                "args": [],
                "ports": [{"name": "http", "containerPort": 80}],
                "volumeMounts": [{"name": "data", "mountPath": "/data"}],
                "livenessProbe": {"terminationGracePeriodSeconds": 10},
                "readinessProbe": {},
                "lifecycle": {
                    "postStart": {"exec": {"command": ["sh", "-ec", "mkdir /data/a; wget -q localhost & kill 1"]}},
                    "preStop": {
                        "httpGet": {
                            "path": "/drain",
                            "port": "http",
                            "host": "localhost",
                            "scheme": "HTTP",
                            "httpHeaders": [{"name": "Authorization", "value": "Bearer abcdef"}],
                        },
                        "sleep": {"seconds": 5},
                    },
                    "stopSignal": "SIGTERM",
                },
            }
        ],
    }
}


ODD = (None, True, 7, 2.5, 10**400, "", "x", "\ud800", UNKNOWN, [], {}, [[]], [None], [{}], [UNKNOWN], {"name": []})


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [found for key in keys for found in [(*path, key), *places(value[key], (*path, key))]]


@settings(max_examples=examples(500), deadline=None, suppress_health_check=list(HealthCheck))
@given(KINDS, values)
@example("Pod", [])
@example("List", None)
def test_any_json(kind: str, obj: Any) -> None:
    assert check(kind, obj) == check(kind, obj)


@settings(max_examples=examples(1000), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(places(POD)), values)
@example(("spec", "containers", 0, "lifecycle", "preStop"), {"sleep": {"seconds": 10**400}})
@example(("spec", "containers", 0, "lifecycle", "preStop", "httpGet", "port"), 10**4000)
def test_anything_anywhere_in_a_pod(place: tuple[Any, ...], value: Any) -> None:
    pod = copy.deepcopy(POD)
    here: Any = pod
    for key in place[:-1]:
        here = here[key]
    here[place[-1]] = value
    assert check("Pod", pod) == check("Pod", pod)


def test_odd_values_everywhere_in_hooks_that_others_reported() -> None:
    """They reach the rules that no one Pod reaches."""
    all_reports = reports()
    for report in all_reports[:: len(all_reports) // examples(len(all_reports))]:
        obj = copy.deepcopy(report.obj)
        for place in places(report.obj):
            here = obj
            for key in place[:-1]:
                here = here[key]
            before = here[place[-1]]
            for odd in ODD:
                here[place[-1]] = odd
                check(report.kind, obj)
            here[place[-1]] = before


@settings(max_examples=examples(500), deadline=None)
@given(st.text("sh -c'\"$(){}[];&|<>\\\n\t#=!*`0159éx\ud800", max_size=200))
def test_any_script(script: str) -> None:
    hook = {"exec": {"command": ["sh", "-c", script]}}
    pod = {"spec": {"containers": [{"name": "c", "image": "nginx", "lifecycle": {"postStart": hook, "preStop": hook}}]}}
    assert check("Pod", pod) == check("Pod", pod)


@pytest.mark.parametrize("opening", ["(", "$(", "{ ", "if x; then ", "while x; do ", "a && ", "'", '"', "`", "sh -c '"])
def test_no_depth_of_a_script_is_too_much(opening: str) -> None:
    """16 KiB are read, what is longer is not: neither ends in a RecursionError."""
    for size in (16_384, 10_000_000):
        hook = {"exec": {"command": ["sh", "-c", opening * (size // len(opening))]}}
        pod = {"spec": {"containers": [{"name": "c", "lifecycle": {"preStop": hook}}]}}
        assert check("Pod", pod) == []


def test_no_depth_of_an_object_is_too_much() -> None:
    deep: Any = json.loads("[" * 900 + "]" * 900)
    path = "spec.containers[0].lifecycle"
    for kind, paths in (("Pod", [f"{path}.preStop"]), ("Rollout", [])):  # a list is no hook
        found = check(kind, {"spec": {"containers": [{"lifecycle": {"preStop": deep}}], "template": deep}})
        assert [each.path for each in found] == paths
    stranger = {"spec": {"containers": [{"lifecycle": {"grpc": 1, "preStop": deep}}]}}
    assert [each.path for each in check("Pod", stranger)] == [f"{path}.preStop", f"{path}.grpc"]
