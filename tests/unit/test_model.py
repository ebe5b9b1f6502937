"""Where pod specs and containers are found, and what is read of them; the kinds are in test_rules.py too."""

from typing import Any

import pytest

from lifecycle_rules import UNKNOWN, Container, PodSpec, Role, containers, pod_specs
from lifecycle_rules.model import LIST, MAX_DEPTH, PATCH, POD_SPEC_PATHS, items, whole

BIG = 1 << 63
SPEC: Any = {"containers": [{"name": "c"}]}
TEMPLATE: Any = {"spec": SPEC}
NO_MAPPING: list[Any] = [None, UNKNOWN, [], [TEMPLATE], "spec", 5, 1.5, True]


def test_unknown() -> None:
    assert repr(UNKNOWN) == "UNKNOWN"
    assert UNKNOWN.value == "unknown"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        (5.0, 5),
        (-5.0, -5),
        (-0.0, 0),
        (5.5, 5.5),
        (float("inf"), float("inf")),
        (BIG - 1, BIG - 1),
        (-BIG, -BIG),
        (BIG, UNKNOWN),
        (-BIG - 1, UNKNOWN),
        (float(BIG), UNKNOWN),
        (float(-BIG), -BIG),
        (1e300, UNKNOWN),
        (True, UNKNOWN),
        (False, UNKNOWN),
        (None, None),
        (UNKNOWN, UNKNOWN),
        ("5", "5"),
        ([5.0], [5.0]),
    ],
)
def test_a_whole_number(value: Any, expected: Any) -> None:
    assert whole(value) == expected
    assert type(whole(value)) is type(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1, [2]], [1, [2]]),
        ((1, 2), (1, 2)),
        ([], []),
        *((none, ()) for none in (None, UNKNOWN, "ab", "", 5, {"a": 1}, {1, 2}, b"ab", iter([1]))),
    ],
)
def test_the_items_of_a_value(value: Any, expected: Any) -> None:
    assert items(value) == expected


def test_the_roles_as_a_user_writes_them() -> None:
    assert [role.value for role in Role] == ["app", "sidecar", "init", "ephemeral"]
    assert (Role("app"), Role("sidecar")) == (Role.APP, Role.SIDECAR)


def container(**spec: Any) -> Container:
    return Container("spec.containers[0]", Role.APP, spec)


@pytest.mark.parametrize(
    ("name", "expected"), [("web", "web"), ("", ""), *((name, "") for name in (None, UNKNOWN, 5, True, ["web"]))]
)
def test_the_name_of_a_container(name: Any, expected: str) -> None:
    assert container(name=name).name == expected
    assert container().name == ""


@pytest.mark.parametrize(
    ("lifecycle", "expected"),
    [
        ({"preStop": {"sleep": {}}, "postStart": 1}, {"sleep": {}}),
        ({"preStop": UNKNOWN}, UNKNOWN),
        ({"preStop": None}, None),
        ({"preStop": "x"}, "x"),
        ({"postStart": {}}, None),
        ({}, None),
        (UNKNOWN, UNKNOWN),
        *((lifecycle, None) for lifecycle in (None, [], ["preStop"], "preStop", 5, True)),
    ],
)
def test_the_hook_of_a_container(lifecycle: Any, expected: Any) -> None:
    assert container(lifecycle=lifecycle).hook("preStop") == expected
    assert container().hook("preStop") is None


@pytest.mark.parametrize(
    ("probe", "expected"),
    [
        ({"terminationGracePeriodSeconds": 5.0}, 5),
        ({"terminationGracePeriodSeconds": UNKNOWN}, UNKNOWN),
        ({"terminationGracePeriodSeconds": True}, UNKNOWN),
        ({"terminationGracePeriodSeconds": "5"}, "5"),
        ({"terminationGracePeriodSeconds": None}, None),
        ({}, None),
        *((probe, None) for probe in NO_MAPPING),
    ],
)
def test_the_grace_period_of_a_probe(probe: Any, expected: Any) -> None:
    assert container(livenessProbe=probe).probe_grace("livenessProbe") == expected
    assert container(livenessProbe=probe).probe_grace("startupProbe") is None


@pytest.mark.parametrize(
    ("spec", "is_whole", "expected"),
    [
        ({}, True, False),
        ({}, False, UNKNOWN),
        *(({"hostNetwork": None}, is_whole, False) for is_whole in (True, False)),
        *(({"hostNetwork": value}, True, value) for value in (True, False, UNKNOWN, "yes", 1)),
        ({"hostNetwork": True}, False, True),
    ],
)
def test_the_network_of_a_pod(spec: Any, is_whole: bool, expected: Any) -> None:
    assert PodSpec("spec", spec, "Pod", is_whole).host_network is expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("Never", True),
        ("OnFailure", True),
        *((policy, False) for policy in ("Always", "never", "", None, UNKNOWN, 5, ["Never"])),
    ],
)
def test_a_pod_that_runs_to_its_end(policy: Any, expected: bool) -> None:
    assert PodSpec("spec", {"restartPolicy": policy}).runs_to_its_end is expected
    assert PodSpec("spec", {}).runs_to_its_end is False


def test_a_pod_spec_that_is_nothing_more() -> None:
    pod = PodSpec("spec", SPEC)
    assert (pod.kind, pod.is_whole, pod.strategy, pod.is_pod) == ("", True, None, False)
    assert PodSpec("spec", SPEC, "Pod").is_pod is True
    assert PodSpec("spec", SPEC, "PodTemplate").is_pod is False


PATHS = {
    "Pod": "spec",
    "PodTemplate": "template.spec",
    **dict.fromkeys(("ReplicationController", "Deployment", "StatefulSet"), "spec.template.spec"),
    **dict.fromkeys(("DaemonSet", "ReplicaSet", "Job"), "spec.template.spec"),
    "CronJob": "spec.jobTemplate.spec.template.spec",
}


def at(path: str, value: Any = SPEC) -> Any:
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


@pytest.mark.parametrize(("kind", "path"), PATHS.items())
def test_the_pod_spec_of_a_kind(kind: str, path: str) -> None:
    assert list(pod_specs(kind, at(path))) == [PodSpec(path, SPEC, kind, True, None)]
    assert list(pod_specs(f"{kind}Patch", at(path))) == [PodSpec(path, SPEC, kind, False, None)]
    assert list(pod_specs(f"{kind}List", {"items": [at(path)]})) == [PodSpec(f"items[0].{path}", SPEC, kind)]
    assert list(pod_specs(f"Acme{kind}", at(path))) == (
        [] if kind == "Pod" else [PodSpec(path, SPEC, f"Acme{kind}", False)]
    )
    for key in path.split("."):
        for value in NO_MAPPING:
            above = path[: path.index(key)] + key
            if not isinstance(value, list):
                assert list(pod_specs(kind, at(above, value))) == []


def test_the_kinds_that_have_a_pod_spec() -> None:
    assert {kind: ".".join(path) for kind, path in POD_SPEC_PATHS.items()} == PATHS
    assert (LIST, PATCH, MAX_DEPTH) == ("List", "Patch", 12)


def test_a_pod_spec_need_not_have_containers() -> None:
    assert list(pod_specs("Pod", {"spec": {}})) == [PodSpec("spec", {}, "Pod")]
    assert list(pod_specs("Job", {"spec": {"template": {"spec": {}}}})) == [PodSpec("spec.template.spec", {}, "Job")]


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ({"type": "Recreate"}, "Recreate"),
        ({"type": UNKNOWN}, UNKNOWN),
        ({}, None),
        *((strategy, strategy) for strategy in (None, UNKNOWN, "Recreate", 5, ["type"])),
    ],
)
def test_the_strategy_of_a_deployment(strategy: Any, expected: Any) -> None:
    (pod,) = pod_specs("Deployment", {"spec": {"strategy": strategy, "template": TEMPLATE}})
    assert pod == PodSpec("spec.template.spec", SPEC, "Deployment", True, expected)


@pytest.mark.parametrize("spec", NO_MAPPING)
def test_a_strategy_needs_a_spec(spec: Any) -> None:
    assert list(pod_specs("PodTemplate", {"spec": spec, "template": TEMPLATE})) == [
        PodSpec("template.spec", SPEC, "PodTemplate")
    ]


@pytest.mark.parametrize("obj", NO_MAPPING)
def test_an_object_that_is_no_mapping(obj: Any) -> None:
    for kind in ("Pod", "PodList", "Thing", ""):
        assert list(pod_specs(kind, obj)) == []


@pytest.mark.parametrize(
    ("kind", "objects", "expected"),
    [
        ("List", [{"kind": "Pod", "spec": SPEC}], [("items[0].spec", "Pod", True)]),
        ("List", [{"kind": "PodPatch", "spec": SPEC}], [("items[0].spec", "Pod", False)]),
        ("List", [{"spec": SPEC}], []),
        ("List", [at("spec.template.spec")], [("items[0].spec.template.spec", "", False)]),
        ("PodList", [{"kind": "", "spec": SPEC}], [("items[0].spec", "Pod", True)]),
        ("PodList", [{"kind": None, "spec": SPEC}], [("items[0].spec", "Pod", True)]),
        ("PodList", [{"kind": UNKNOWN, "spec": SPEC}, {"kind": 5, "spec": SPEC}], []),
        ("PodList", [{"kind": "PodList", "items": [{"spec": SPEC}]}], []),
        ("RolloutList", [{}, at("spec.template.spec")], [("items[1].spec.template.spec", "Rollout", False)]),
        ("PodList", ({"spec": SPEC}, {"spec": SPEC}), [("items[0].spec", "Pod", True), ("items[1].spec", "Pod", True)]),
        *(("PodList", objects, []) for objects in NO_MAPPING if not isinstance(objects, list)),
    ],
)
def test_the_objects_of_a_list(kind: str, objects: Any, expected: Any) -> None:
    found = pod_specs(kind, {"items": objects, "spec": SPEC})
    assert [(each.path, each.kind, each.is_whole) for each in found] == expected


@pytest.mark.parametrize(
    ("obj", "paths"),
    [
        (at("podTemplate.spec"), ["podTemplate.spec"]),
        (at("a.TEMPLATE.spec"), ["a.TEMPLATE.spec"]),
        ({"a": [[{"template": TEMPLATE}]]}, ["a[0][0].template.spec"]),
        ({"a": ({"template": TEMPLATE}, {"template": TEMPLATE})}, ["a[0].template.spec", "a[1].template.spec"]),
        ({"aTemplate": TEMPLATE, "b": {"template": TEMPLATE}}, ["aTemplate.spec", "b.template.spec"]),
        ({"template": {"spec": {"template": TEMPLATE}}}, ["template.spec.template.spec"]),
        ({"template": {"template": TEMPLATE}}, ["template.template.spec"]),
        ({"template": {"spec": {"containers": (), "template": TEMPLATE}}}, ["template.spec"]),
        ({"template": [TEMPLATE, {"template": TEMPLATE}]}, ["template[1].template.spec"]),
        ({5: {"template": TEMPLATE}, None: {UNKNOWN: 1}}, ["5.template.spec"]),
        ({0: {"template": TEMPLATE}}, ["0.template.spec"]),
        ({"": {"template": TEMPLATE}}, ["template.spec"]),
        ({"templates": TEMPLATE}, []),
        ({"template": {"spec": {"containers": {}}}}, []),
        ({"template": {"spec": [SPEC]}}, []),
        ({"template": {"containers": []}}, []),
        ({"template": "spec"}, []),
    ],
)
def test_the_templates_in_an_object_of_another_kind(obj: Any, paths: list[str]) -> None:
    found = list(pod_specs("Thing", obj))
    assert [(each.path, each.kind, each.is_whole, each.strategy) for each in found] == [
        (path, "Thing", False, None) for path in paths
    ]
    assert [each.kind for each in pod_specs("ThingPatch", obj)] == ["Thing" for _ in paths]


@pytest.mark.parametrize(("above", "is_found"), [(MAX_DEPTH - 1, True), (MAX_DEPTH, False)])
def test_how_deep_a_template_is_looked_for(above: int, is_found: bool) -> None:
    mappings: Any = {"template": TEMPLATE}
    lists: Any = {"template": TEMPLATE}
    for _ in range(above):
        mappings = {"x": mappings}
    for _ in range(above - 1):
        lists = [lists]
    assert [each.path for each in pod_specs("Thing", mappings)] == ["x." * above + "template.spec"] * is_found
    assert [each.path for each in pod_specs("Thing", {"x": lists})] == [
        f"x{'[0]' * (above - 1)}.template.spec"
    ] * is_found


def test_a_kind_of_another_group_with_a_name_of_kubernetes_own() -> None:
    obj = {"spec": {"tasks": [{"template": TEMPLATE}], "strategy": {"type": "Recreate"}}}
    assert list(pod_specs("Job", obj)) == [PodSpec("spec.tasks[0].template.spec", SPEC, "Job", False)]
    assert list(pod_specs("JobPatch", obj)) == [PodSpec("spec.tasks[0].template.spec", SPEC, "Job", False)]


@pytest.mark.parametrize("policy", ["Never", "always", "", None, UNKNOWN, ["Always"]])
def test_an_init_container_that_is_no_sidecar(policy: Any) -> None:
    pod = PodSpec("spec", {"initContainers": [{"restartPolicy": policy}]})
    assert [each.role for each in containers(pod)] == [Role.INIT]


def test_only_an_init_container_can_be_a_sidecar() -> None:
    always = [{"restartPolicy": "Always"}]
    pod = PodSpec("a.b", {"ephemeralContainers": always, "initContainers": always, "containers": always})
    assert list(containers(pod)) == [
        Container("a.b.containers[0]", Role.APP, always[0]),
        Container("a.b.initContainers[0]", Role.SIDECAR, always[0]),
        Container("a.b.ephemeralContainers[0]", Role.EPHEMERAL, always[0]),
    ]


@pytest.mark.parametrize("field", ["containers", "initContainers", "ephemeralContainers"])
def test_containers_of_the_wrong_shape(field: str) -> None:
    for value in (*(each for each in NO_MAPPING if not isinstance(each, list)), {}, [[], [TEMPLATE], None, UNKNOWN, 5]):
        assert list(containers(PodSpec("spec", {field: value}))) == []
    pod = PodSpec("spec", {field: (None, {"name": "c"})})
    assert [(each.path, each.name) for each in containers(pod)] == [(f"spec.{field}[1]", "c")]
