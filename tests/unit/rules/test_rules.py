"""lifecycle_rules over plain data."""

from typing import Any

import pytest

from lifecycle_rules import RULES, UNKNOWN, Group, PodSpec, Role, check, containers, pod_specs
from lifecycle_rules.catalogue import HOOK_FIELD_TYPE


def pod(hook: Any, grace: Any = None, event: str = "preStop") -> dict[str, Any]:
    spec: dict[str, Any] = {"containers": [{"name": "c", "lifecycle": {event: hook}}]}
    return {"spec": spec if grace is None else {**spec, "terminationGracePeriodSeconds": grace}}


def found(obj: dict[str, Any], kind: str = "Pod") -> list[tuple[str, str, str]]:
    return [
        (f.rule.id, f.path.removeprefix("spec.containers[0].lifecycle."), f.message)
        for f in check(kind, obj)
        if f.rule.group is Group.ACCEPTED and f.rule is not HOOK_FIELD_TYPE  # test_fields.py has types
    ]


@pytest.mark.parametrize(
    ("hook", "grace", "expected"),
    [
        ({}, None, [("hook-one-handler", "preStop", "Required value: must specify a handler type")]),
        (
            {"exec": {"command": ["a"]}, "httpGet": {"port": 0}, "sleep": {"seconds": -1}},
            None,
            [
                ("hook-one-handler", "preStop.httpGet", "Forbidden: may not specify more than 1 handler type"),
                ("hook-one-handler", "preStop.sleep", "Forbidden: may not specify more than 1 handler type"),
            ],
        ),
        ({"exec": {"command": []}}, None, [("exec-command-list", "preStop.exec.command", "Required value")]),
        (
            {"exec": {"command": "nginx -s quit"}},
            None,
            [("exec-command-list", "preStop.exec.command", "must be a list of strings")],
        ),
        ({"exec": {}}, None, [("exec-command-list", "preStop.exec.command", "Required value")]),
        (
            {"httpGet": {}},
            None,
            [("httpget-port", "preStop.httpGet.port", "Invalid value: 0: must be between 1 and 65535, inclusive")],
        ),
        (
            {"httpGet": {"port": 65536.0}},
            None,
            [("httpget-port", "preStop.httpGet.port", "Invalid value: 65536: must be between 1 and 65535, inclusive")],
        ),
        (
            {"sleep": {"seconds": 31.0}},
            None,
            [
                (
                    "sleep-bounds",
                    "preStop.sleep",
                    "Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)",
                )
            ],
        ),
        (
            {"sleep": {"seconds": -1}},
            5,
            [
                (
                    "sleep-bounds",
                    "preStop.sleep",
                    "Invalid value: -1: must be non-negative and less than terminationGracePeriodSeconds (5)",
                )
            ],
        ),
    ],
)
def test_what_the_api_server_refuses(hook: Any, grace: Any, expected: list[tuple[str, str, str]]) -> None:
    assert found(pod(hook, grace)) == expected


@pytest.mark.parametrize(
    ("hook", "grace"),
    [
        ({"exec": {"command": ["nginx", "-s", "quit"]}}, None),
        ({"httpGet": {"port": 1}}, None),
        ({"httpGet": {"port": 65535.0}}, None),
        ({"sleep": {"seconds": 30}}, None),  # equal to the grace period: the server's text says less, its code does not
        ({"sleep": {}}, 0),
        (UNKNOWN, None),
        ({"exec": UNKNOWN}, None),
        ({"exec": {"command": UNKNOWN}}, None),
        ({"exec": {"command": [UNKNOWN]}}, None),
        ({"httpGet": {"port": UNKNOWN}}, None),
        ({"sleep": {"seconds": UNKNOWN}}, None),
        ({"sleep": {"seconds": 300}}, UNKNOWN),
        ({"sleep": "soon"}, None),
        ("soon", None),
    ],
)
def test_what_it_accepts_and_what_cannot_be_judged(hook: Any, grace: Any) -> None:
    assert found(pod(hook, grace)) == []


def test_poststart_is_judged_by_the_same_rules() -> None:
    assert [path for _, path, _ in found(pod({}, event="postStart"))] == ["postStart"]


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("Pod", "spec"),
        ("PodTemplate", "template.spec"),
        ("Deployment", "spec.template.spec"),
        ("Job", "spec.template.spec"),
        ("CronJob", "spec.jobTemplate.spec.template.spec"),
    ],
)
def test_the_pod_spec_of_each_kind(kind: str, path: str) -> None:
    obj: Any = pod({})["spec"]
    for key in reversed(path.split(".")):
        obj = {key: obj}

    assert [each.path for each in pod_specs(kind, obj)] == [path]
    assert [f.path for f in check(kind, obj)] == [f"{path}.containers[0].lifecycle.preStop"]


def test_roles() -> None:
    spec = {
        "containers": [{"name": "a"}],
        "initContainers": [{"name": "i"}, {"name": "s", "restartPolicy": "Always"}],
        "ephemeralContainers": [{"name": "e"}],
    }

    assert [(c.path, c.name, c.role) for c in containers(PodSpec("spec", spec))] == [
        ("spec.containers[0]", "a", Role.APP),
        ("spec.initContainers[0]", "i", Role.INIT),
        ("spec.initContainers[1]", "s", Role.SIDECAR),
        ("spec.ephemeralContainers[0]", "e", Role.EPHEMERAL),
    ]


@pytest.mark.parametrize("obj", [{}, {"spec": None}, {"spec": []}, {"spec": {"containers": "x"}}, {"spec": UNKNOWN}])
def test_data_of_the_wrong_shape_is_no_finding(obj: Any) -> None:
    assert check("Pod", obj) == []
    assert check("Service", obj) == []


TEMPLATE = {"spec": {"containers": [{"name": "c", "lifecycle": {"preStop": {}}}]}}


@pytest.mark.parametrize(
    ("kind", "obj", "path"),
    [
        ("Rollout", {"spec": {"template": TEMPLATE}}, "spec.template.spec"),  # Argo, and Knative's Service
        ("Job", {"spec": {"tasks": [{"template": TEMPLATE}]}}, "spec.tasks[0].template.spec"),  # Volcano
        ("ScaledJob", {"spec": {"jobTargetRef": {"template": TEMPLATE}}}, "spec.jobTargetRef.template.spec"),
        (
            "RayCluster",
            {"spec": {"workerGroupSpecs": [{}, {"template": TEMPLATE}]}},
            "spec.workerGroupSpecs[1].template.spec",
        ),
    ],
)
def test_the_templates_of_custom_resources(kind: str, obj: Any, path: str) -> None:
    (found,) = pod_specs(kind, obj)
    assert (found.path, found.is_pod, found.is_whole) == (path, False, False)
    assert [f.path for f in check(kind, obj)] == [f"{path}.containers[0].lifecycle.preStop"]


@pytest.mark.parametrize(
    "obj",
    [
        {"spec": {"containers": [{"name": "c"}]}},  # as Prometheus has it: a patch to what its operator makes
        {"spec": {"template": {"spec": {"source": "x"}}}},  # a template of something else
        {"spec": {"template": {"spec": {"containers": "x"}}}},
        {"spec": {"template": UNKNOWN}},
    ],
)
def test_what_is_no_template(obj: Any) -> None:
    assert list(pod_specs("Thing", obj)) == []


def test_a_search_does_not_go_on_for_ever() -> None:
    deep: dict[str, Any] = {"template": TEMPLATE}
    for _ in range(10_000):
        deep = {"x": deep}
    assert list(pod_specs("Thing", deep)) == []


def test_the_items_of_lists() -> None:
    pods = {
        "items": [
            {"spec": TEMPLATE["spec"]},
            None,
            {"kind": "Deployment", "spec": {"template": TEMPLATE}},
            {"kind": "List"},
        ]
    }
    assert [each.path for each in pod_specs("PodList", pods)] == ["items[0].spec", "items[2].spec.template.spec"]
    assert [each.is_pod for each in pod_specs("PodList", pods)] == [True, False]
    assert list(pod_specs("PodList", {"items": UNKNOWN})) == []


def test_of_a_patch_only_what_is_written_is_judged() -> None:
    """The grace period, the ports and the network may be there already."""
    container = {"name": "c", "lifecycle": {"preStop": {"sleep": {"seconds": 60}}}}
    named = {"name": "d", "lifecycle": {"preStop": {"httpGet": {"port": "web", "host": "localhost"}}}}
    patch = {"spec": {"containers": [container, named]}}
    assert check("PodPatch", patch) == []
    assert [f.rule.id for f in check("Pod", patch)] == [
        "sleep-bounds",
        "httpget-named-port",
        "httpget-localhost",
        "httpget-host",
    ]

    graced = {"spec": {"terminationGracePeriodSeconds": 5, "containers": [container]}}
    assert [f.rule.id for f in check("PodPatch", graced)] == ["sleep-bounds"]


@pytest.mark.parametrize(
    "hook", [{}, {"sleep": {"seconds": 25}}, {"exec": {"command": ["/bin/sh", "-c", "echo $( nginx"]}}]
)
def test_without_practice_all_other_findings_stay(hook: Any) -> None:
    broken = {"name": "e", "lifecycle": {"preStop": {"tcpSocket": {"port": 80}, "sleep": {}}}}
    for beside in ([], [broken]):
        obj = pod(hook)
        obj["spec"]["containers"] += beside
        every = check("Pod", obj)
        assert check("Pod", obj, with_practice=False) == [f for f in every if f.rule.group is not Group.PRACTICE]


def test_practice_is_left_out_of_a_hook_and_of_the_pod() -> None:
    obj = pod({"exec": {"command": ["sleep", "25"]}})
    assert [f.rule.id for f in check("Pod", obj)] == ["exec-sleep", "prestop-margin"]
    assert check("Pod", obj, with_practice=False) == []


def test_rule_ids_are_unique() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
