"""The group `accepted` against the real API server: the same verdict, at the same path, in the same words.

Hypothesis generates workloads around `lifecycle`, valid, nearly valid and absurd; the server judges each in
a dry run. LIFECYCLE_OBJECTS sets how many (10,000 unless set; a tenth as many have unknown fields), the seed is fixed.
"""

import json
import os
import re
from typing import Any

import pytest
from cluster import Cluster
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mistyped import RIGHT, WRONG
from workloads import COLLECTIONS, workload

from lifecycle_rules import Group, check

OBJECTS = int(os.environ.get("LIFECYCLE_OBJECTS", "10000"))


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with any of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


words = st.text('aZ9-_ ."\\é', max_size=17)
ports = st.one_of(
    st.sampled_from([-1, 0, 1, 80, 65535, 65536, "http", "8080", "", "a--b", "-a", "a-", "abcdefghijklmno", "HTTP"]),
    st.integers(-(2**31), 2**31 - 1),
    words,
)
headers = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from(["X-A", "X_A", "", "x y"]) | words, "value": st.just("1")}),
    max_size=3,
)
seconds = st.sampled_from([-1, 0, 1, 5, 29, 30, 31, 60]) | st.integers(-(2**40), 2**40)
actions = {
    "exec": some(command=st.lists(words, max_size=3)),
    "httpGet": some(
        port=ports,
        path=st.sampled_from(["", "/", "/x y", "x"]),
        host=st.sampled_from(["", "127.0.0.1", "a b"]),
        scheme=st.sampled_from(["", "HTTP", "HTTPS", "http", "FTP"]) | words,
        httpHeaders=headers,
    ),
    "tcpSocket": some(port=ports, host=st.sampled_from(["", "x"])),
    "sleep": some(seconds=seconds),
}
# Mostly one handler, so that its own fields are reached; then none, and the mixtures.
handlers = st.one_of(
    *(action.map(lambda action, name=name: {name: action}) for name, action in actions.items()), some(**actions)
)
lifecycles = some(
    postStart=handlers,
    preStop=handlers,
    stopSignal=st.sampled_from(["SIGTERM", "SIGQUIT"]),
)
graces = st.sampled_from([-5, -1, 0, 1, 5, 30, 31, 3600])
probes = st.fixed_dictionaries(
    {"exec": st.just({"command": ["true"]})}, optional={"terminationGracePeriodSeconds": graces}
)
probed = {"livenessProbe": probes, "readinessProbe": probes, "startupProbe": probes}


def containers(prefix: str, least: int, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    def named(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"name": f"{prefix}{index}", "image": "nginx", **each} for index, each in enumerate(found)]

    return st.lists(some(lifecycle=lifecycles, **fields), min_size=least, max_size=2).map(named)


specs = st.fixed_dictionaries(
    {"containers": containers("app", 1, **probed)},
    optional={
        "initContainers": containers("init", 0, restartPolicy=st.just("Always"), **probed),
        "ephemeralContainers": containers("debug", 0),
        "terminationGracePeriodSeconds": graces,
        "os": st.just({"name": "linux"}),
    },
)


strangers = dict.fromkeys(("PreStop", "grpc", "args", "Seconds"), st.sampled_from([1, "x", {}, {"a": 1}, [], None]))


def strange(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """As `some`, with fields that Kubernetes does not know among them."""
    return some(**fields, **strangers)


strange_handlers = strange(
    exec=strange(command=st.just(["true"])),
    httpGet=strange(port=st.just(80), httpHeaders=st.lists(strange(name=st.just("A"), value=st.just("1")), max_size=2)),
    sleep=strange(seconds=st.just(1)),
    tcpSocket=strange(port=st.just(80)),
)
strange_lifecycles = strange(postStart=strange_handlers, preStop=strange_handlers, stopSignal=st.just("SIGTERM"))


def judged(cluster: Cluster, kind: str, body: dict[str, Any], validation: str) -> dict[str, Any]:
    """What the API server says in a dry run."""
    url = f"{cluster.api.configuration.host}/{COLLECTIONS[kind].format(cluster.namespace)}"
    answer = cluster.api.rest_client.pool_manager.request(
        "POST",
        f"{url}?dryRun=All&fieldValidation={validation}",
        body=json.dumps(body),
        headers={"Content-Type": "application/json"},
    )
    return dict(json.loads(answer.data))


def refused(cluster: Cluster, kind: str, body: dict[str, Any]) -> set[tuple[str, str]]:
    """Path and words of each error that the API server has about hooks and grace periods."""
    said = judged(cluster, kind, body, "Ignore")
    assert said["kind"] == kind or said["code"] == 422, said
    causes = said.get("details", {}).get("causes", [])
    return {(each["field"], each["message"]) for each in causes if about_hooks(each["field"])}


def unknown(cluster: Cluster, kind: str, body: dict[str, Any]) -> set[str]:
    """The fields that the API server does not know, under strict validation."""
    said = judged(cluster, kind, body, "Strict")
    assert said["kind"] == kind or said["code"] in (400, 422), said
    return set(re.findall(r'unknown field "[^"]+"', said.get("message", "")))


def about_hooks(path: str) -> bool:
    return ".lifecycle" in path or path.endswith("Probe.terminationGracePeriodSeconds")


# Cases on which rules and server once disagreed, by name.
REGRESSIONS: dict[str, dict[str, Any]] = {
    "a lifecycle of a stopSignal alone is dropped before it is judged": {
        "containers": [{"name": "app0", "image": "nginx"}],
        "initContainers": [{"name": "init0", "image": "nginx", "lifecycle": {"stopSignal": "SIGTERM"}}],
    },
}


def agree(cluster: Cluster, kind: str, spec: dict[str, Any]) -> None:
    body = workload(kind, spec)
    found = [each for each in check(kind, body) if each.rule.group is Group.ACCEPTED]
    ours = {(each.path, each.message) for each in found if each.rule.id != "hook-known-field"}
    assert ours == refused(cluster, kind, body)


def test_the_rules_agree_with_the_api_server(cluster: Cluster) -> None:
    """Source: pkg/apis/core/validation, as this server runs it."""
    every_check = list(HealthCheck)

    @settings(max_examples=OBJECTS, derandomize=True, database=None, deadline=None, suppress_health_check=every_check)
    @given(st.sampled_from(list(COLLECTIONS)), specs)
    def generated(kind: str, spec: dict[str, Any]) -> None:
        agree(cluster, kind, spec)

    generated()


def test_the_rules_know_the_fields_that_the_api_server_knows(cluster: Cluster) -> None:
    every_check = list(HealthCheck)
    count = OBJECTS // 10

    @settings(max_examples=count, derandomize=True, database=None, deadline=None, suppress_health_check=every_check)
    @given(st.sampled_from(list(COLLECTIONS)), strange_lifecycles)
    def generated(kind: str, lifecycle: dict[str, Any]) -> None:
        body = workload(kind, {"containers": [{"name": "app", "image": "nginx", "lifecycle": lifecycle}]})
        ours = {each.message for each in check(kind, body) if each.rule.id == "hook-known-field"}
        assert ours == unknown(cluster, kind, body)

    generated()


def test_the_rules_know_where_the_fields_stand(cluster: Cluster) -> None:
    """A grace period in a container or above the pod spec, hooks beside the containers or without a `lifecycle`."""
    hooks = {"postStart": {"sleep": {"seconds": 1}}, "preStop": {"sleep": {"seconds": 1}}}
    misplaced = {**hooks, "terminationGracePeriodSeconds": 60}
    helper = {"name": "helper", "image": "nginx", **misplaced}
    spec = {
        "containers": [{"name": "app", "image": "nginx", **misplaced, "lifecycle": hooks}],
        "initContainers": [{**helper, "restartPolicy": "Always"}, {**helper, "name": "setup"}],
        "terminationGracePeriodSeconds": 60,
        "lifecycle": hooks,
        **hooks,
    }
    for kind in COLLECTIONS:
        body = workload(kind, spec)
        above = body["template" if kind == "PodTemplate" else "spec"] if kind != "Pod" else {}
        above["terminationGracePeriodSeconds"] = 60
        ours = {each.message for each in check(kind, body) if each.rule.id == "hook-known-field"}
        assert len(ours) == 12 + (kind != "Pod")
        assert ours == unknown(cluster, kind, body)


def test_the_rules_know_what_the_api_server_can_decode(cluster: Cluster) -> None:
    """Each field with a value of another type, and with those of its own. `5.0` is sent as kubectl and Pulumi do: 5."""

    def sent(number: str) -> float:
        return int(float(number)) if float(number).is_integer() else float(number)

    for lifecycle, is_right in [*((each[0], False) for each in WRONG), *((each, True) for each in RIGHT)]:
        for kind in COLLECTIONS:
            body = workload(kind, {"containers": [{"name": "app", "image": "nginx", "lifecycle": lifecycle}]})
            said = judged(cluster, kind, json.loads(json.dumps(body), parse_float=sent), "Ignore")
            cannot_decode = said.get("code") == 400 and "cannot unmarshal" in said["message"]
            ours = [each.message for each in check(kind, body) if each.rule.id == "hook-field-type"]
            assert (cannot_decode, bool(ours)) == (not is_right, not is_right), (kind, lifecycle, said)
    for grace in ("60", 0.5, True, {}, []):
        body = workload(
            "Pod", {"containers": [{"name": "app", "image": "nginx"}], "terminationGracePeriodSeconds": grace}
        )
        assert "cannot unmarshal" in judged(cluster, "Pod", body, "Ignore")["message"]
        assert [each.rule.id for each in check("Pod", body)][:1] == ["hook-field-type"]


@pytest.mark.parametrize("spec", REGRESSIONS.values(), ids=REGRESSIONS.keys())
def test_where_they_once_disagreed(cluster: Cluster, spec: dict[str, Any]) -> None:
    for kind in COLLECTIONS:
        agree(cluster, kind, spec)
