"""Pod specs in objects, containers in pod specs, and values as the API server reads them."""

import math
from typing import Any

import pytest

from lifecycle_rules.model import (
    MAX_DEPTH,
    POD_SPEC_PATHS,
    UNKNOWN,
    Container,
    PodSpec,
    Role,
    containers,
    items,
    joined,
    pod_specs,
    steps,
    whole,
)

SPEC: Any = {"containers": [{"name": "c"}]}
TEMPLATE = {"spec": SPEC}
NO_MAPPINGS: list[Any] = [None, UNKNOWN, "x", 5, True, [], [{"spec": SPEC}]]


def below(path: str, value: Any) -> Any:
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        (-5, -5),
        (5.0, 5),
        (-0.0, 0),
        (1e3, 1000),
        (2**63 - 1, 2**63 - 1),
        (-(2**63), -(2**63)),
        (-(2.0**63), -(2**63)),
        (2.0**63 - 1024, 2**63 - 1024),
        (2**63, UNKNOWN),
        (2.0**63, UNKNOWN),
        (-(2**63) - 1, UNKNOWN),
        (-(2.0**63) - 2048, UNKNOWN),
        (1e300, UNKNOWN),
        (True, UNKNOWN),
        (False, UNKNOWN),
        (1.5, 1.5),
        (-0.5, -0.5),
        (math.inf, math.inf),
        (-math.inf, -math.inf),
        ("5", "5"),
        ("", ""),
        (None, None),
        (UNKNOWN, UNKNOWN),
        ([5.0], [5.0]),
        ({}, {}),
    ],
)
def test_a_whole_number(value: Any, expected: object) -> None:
    found = whole(value)
    assert found == expected
    assert type(found) is type(expected)
    assert str(found) == str(expected)


def test_what_is_no_number_stays_none() -> None:
    found = whole(math.nan)
    assert isinstance(found, float) and math.isnan(found)


def test_the_unknown() -> None:
    assert repr(UNKNOWN) == "UNKNOWN"


@pytest.mark.parametrize(
    ("value", "expected"),
    [([1, 2], [1, 2]), ((1,), (1,)), ([], []), ("ab", ()), ({"a": 1}, ()), (None, ()), (UNKNOWN, ()), ({1}, ())],
)
def test_the_items_of_a_value(value: Any, expected: Any) -> None:
    assert items(value) == expected


KINDS = {
    "Pod": "spec",
    "PodTemplate": "template.spec",
    "ReplicationController": "spec.template.spec",
    "Deployment": "spec.template.spec",
    "StatefulSet": "spec.template.spec",
    "DaemonSet": "spec.template.spec",
    "ReplicaSet": "spec.template.spec",
    "Job": "spec.template.spec",
    "CronJob": "spec.jobTemplate.spec.template.spec",
}


@pytest.mark.parametrize(("kind", "path"), KINDS.items())
def test_the_pod_spec_of_an_object(kind: str, path: str) -> None:
    obj = below(path, SPEC)
    assert list(pod_specs(kind, obj)) == [PodSpec(path, SPEC, kind, True, None)]
    assert list(pod_specs(f"{kind}Patch", obj)) == [PodSpec(path, SPEC, kind, False, None)]
    assert list(pod_specs(f"{kind}List", {"items": [obj]})) == [PodSpec(f"items[0].{path}", SPEC, kind, True, None)]
    assert list(pod_specs(kind, below(path, {}))) == [PodSpec(path, {}, kind)]
    assert [each.is_pod for each in pod_specs(f"{kind}Patch", obj)] == [kind == "Pod"]
    assert path == ".".join(POD_SPEC_PATHS[kind]) and POD_SPEC_PATHS.keys() == KINDS.keys()


@pytest.mark.parametrize(("kind", "path"), KINDS.items())
@pytest.mark.parametrize("value", NO_MAPPINGS)
def test_a_pod_spec_that_is_no_mapping(kind: str, path: str, value: Any) -> None:
    keys = path.split(".")
    for length in range(1, len(keys) + 1):
        assert [each.path for each in pod_specs(kind, below(".".join(keys[:length]), value))] == []
    assert list(pod_specs(kind, {})) == list(pod_specs(kind, value)) == []


@pytest.mark.parametrize(
    ("obj", "strategy"),
    [
        ({}, None),
        ({"strategy": None}, None),
        ({"strategy": {}}, None),
        ({"strategy": {"type": "Recreate"}}, "Recreate"),
        ({"strategy": {"type": UNKNOWN}}, UNKNOWN),
        ({"strategy": {"rollingUpdate": {}}}, None),
        ({"strategy": UNKNOWN}, UNKNOWN),
        ({"strategy": "Recreate"}, "Recreate"),
    ],
)
def test_the_strategy_of_a_deployment(obj: Any, strategy: object) -> None:
    (found,) = pod_specs("Deployment", {"spec": {"template": TEMPLATE, **obj}})
    assert found == PodSpec("spec.template.spec", SPEC, "Deployment", True, strategy)


def test_an_object_without_a_spec_has_no_strategy() -> None:
    assert [each.strategy for each in pod_specs("PodTemplate", {"template": TEMPLATE, "spec": ["strategy"]})] == [None]


@pytest.mark.parametrize(
    ("kind", "obj", "expected"),
    [
        ("List", {"items": [{"kind": "Pod", "spec": SPEC}]}, [("items[0].spec", "Pod")]),
        ("List", {"items": ({"kind": "Pod", "spec": SPEC},)}, [("items[0].spec", "Pod")]),
        ("List", {"items": [{"spec": SPEC}]}, []),
        ("List", {"items": [{"template": TEMPLATE}]}, [("items[0].template.spec", "")]),
        ("PodList", {"items": [{}, {"spec": SPEC}]}, [("items[1].spec", "Pod")]),
        ("PodList", {"items": [None, UNKNOWN, "x", [], {"spec": SPEC}]}, [("items[4].spec", "Pod")]),
        ("PodList", {"items": [{"kind": "", "spec": SPEC}]}, [("items[0].spec", "Pod")]),
        ("PodList", {"items": [{"kind": None, "spec": SPEC}]}, [("items[0].spec", "Pod")]),
        ("PodList", {"items": [{"kind": 5, "spec": SPEC}, {"kind": UNKNOWN, "spec": SPEC}]}, []),
        ("PodList", {"items": [{"kind": "PodPatch", "spec": SPEC}]}, [("items[0].spec", "Pod")]),
        ("List", {"items": [{"kind": "PodList", "items": [{"spec": SPEC}]}]}, [("items[0].items[0].spec", "Pod")]),
        (
            "PodList",
            {"items": [{"kind": "AllowList", "template": TEMPLATE}]},
            [("items[0].template.spec", "AllowList")],
        ),
        ("ThingList", {"items": [{"aTemplate": TEMPLATE}]}, [("items[0].aTemplate.spec", "Thing")]),
        (
            "DeploymentList",
            {"items": [{"spec": {"template": TEMPLATE}}, {"kind": "Pod", "spec": SPEC}]},
            [("items[0].spec.template.spec", "Deployment"), ("items[1].spec", "Pod")],
        ),
        ("PodList", {"items": {"spec": SPEC}}, []),
        ("PodList", {"items": UNKNOWN}, []),
        ("PodList", {"spec": SPEC}, []),
        ("ThingList", {"template": TEMPLATE}, [("template.spec", "ThingList")]),
        ("PodPatchList", {"items": [{"spec": SPEC}]}, [("items[0].spec", "Pod")]),
    ],
)
def test_the_pod_specs_of_a_list(kind: str, obj: Any, expected: list[tuple[str, str]]) -> None:
    assert [(each.path, each.kind) for each in pod_specs(kind, obj)] == expected


@pytest.mark.parametrize(("depth", "paths"), [(11, ["items[0]." * 11 + "spec"]), (12, []), (5000, [])])
def test_lists_in_lists_end(depth: int, paths: list[str]) -> None:
    deep: Any = {"kind": "Pod", "spec": SPEC}
    for _ in range(depth):
        deep = {"kind": "List", "items": [deep]}
    assert [each.path for each in pod_specs("List", deep)] == paths


@pytest.mark.parametrize(
    ("version", "is_own"),
    [
        ("apps/v1", True),
        ("v1", True),
        ("extensions/v1beta1", True),
        ("x.k8s.io/v1", True),
        (None, True),
        (UNKNOWN, True),
        ("apps.kruise.io/v1", False),
        ("batch.volcano.sh/v1alpha1", False),
    ],
)
def test_another_group_may_have_a_kind_of_the_same_name(version: Any, is_own: bool) -> None:
    (found,) = pod_specs("Deployment", {"apiVersion": version, "spec": {"template": TEMPLATE}})
    assert found.is_whole is is_own
    pod = {"apiVersion": version, "spec": {"containers": [], "pool": {"template": TEMPLATE}}}
    assert [each.path for each in pod_specs("Pod", pod)] == ["spec" if is_own else "spec.pool.template.spec"]


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        (["spec", "containers", 12], "spec.containers[12]"),
        (["spec", "eu-1.large", "x"], 'spec["eu-1.large"].x'),
        (["a.template"], '["a.template"]'),
        (["spec", "", '["\\]'], 'spec[""]["[\\"\\\\]"]'),
    ],
)
def test_a_path_reads_back_whatever_the_keys_are(keys: list[Any], path: str) -> None:
    made = ""
    for key in keys:
        made = f"{made}[{key}]" if isinstance(key, int) else joined(made, key)
    assert made == path
    assert list(steps(path)) == keys


def test_a_template_under_a_key_that_is_no_name() -> None:
    (found,) = pod_specs("Fleet", {"spec": {"pools": {"eu-1.large": {"template": TEMPLATE}}}})
    assert found.path == 'spec.pools["eu-1.large"].template.spec'


def test_the_items_of_a_list_keep_what_they_are() -> None:
    pods = {"items": [{"spec": SPEC}, {"kind": "PodPatch", "spec": {}}]}
    assert list(pod_specs("PodList", pods)) == [
        PodSpec("items[0].spec", SPEC, "Pod", True),
        PodSpec("items[1].spec", {}, "Pod", False),
    ]


@pytest.mark.parametrize("value", NO_MAPPINGS)
@pytest.mark.parametrize("kind", ["Pod", "PodList", "List", "PodPatch", "Thing", ""])
def test_an_object_that_is_no_mapping(kind: str, value: Any) -> None:
    assert list(pod_specs(kind, value)) == []


@pytest.mark.parametrize(
    ("obj", "paths"),
    [
        ({"template": TEMPLATE}, ["template.spec"]),
        ({"podTemplate": TEMPLATE}, ["podTemplate.spec"]),
        ({"spec": {"podTemplate": TEMPLATE}}, ["spec.podTemplate.spec"]),
        ({"spec": {"PODTEMPLATE": TEMPLATE}}, ["spec.PODTEMPLATE.spec"]),
        ({"spec": {"pod_template": {"spec": {"containers": ()}}}}, ["spec.pod_template.spec"]),
        (
            {"spec": [{"a": {"template": TEMPLATE}}, {"template": TEMPLATE}]},
            ["spec[0].a.template.spec", "spec[1].template.spec"],
        ),
        ({"spec": ({}, [[], {"template": TEMPLATE}])}, ["spec[1][1].template.spec"]),
        ({"a": {"template": TEMPLATE}, "b": {"template": TEMPLATE}}, ["a.template.spec", "b.template.spec"]),
        ({5: {"template": TEMPLATE}}, ["5.template.spec"]),
        ({"a.template": TEMPLATE}, ['["a.template"].spec']),
        ({"template": {"spec": {"template": TEMPLATE}}}, ["template.spec.template.spec"]),
        ({"template": {"spec": {"containers": [], "template": TEMPLATE}}}, ["template.spec"]),
        ({"template": [{"template": TEMPLATE}]}, ["template[0].template.spec"]),
        ({"spec": SPEC}, []),
        ({"templates": TEMPLATE}, []),
        ({"templateRef": TEMPLATE}, []),
        ({"template": {"spec": UNKNOWN}}, []),
        ({"template": {"spec": [SPEC]}}, []),
        ({"template": SPEC}, []),
        ({"template": {"spec": {}}}, []),
        ({"template": {"spec": {"containers": UNKNOWN}}}, []),
        ({"template": {"spec": {"initContainers": [{}]}}}, []),
        ({"a": "template", "b": UNKNOWN}, []),
    ],
)
def test_the_templates_of_a_custom_resource(obj: Any, paths: list[str]) -> None:
    for kind in ("Thing", "ThingPatch"):
        found = list(pod_specs(kind, obj))
        assert [each.path for each in found] == paths
        assert {(each.kind, each.is_whole, each.strategy, each.is_pod) for each in found} <= {
            ("Thing", False, None, False)
        }


def test_a_kind_of_anothers_that_has_the_name_of_one_of_kubernetes() -> None:
    volcano = {"spec": {"tasks": [{"template": TEMPLATE}], "strategy": {"type": "x"}}}
    assert list(pod_specs("Job", volcano)) == [PodSpec("spec.tasks[0].template.spec", SPEC, "Job", False, None)]
    assert list(pod_specs("JobPatch", volcano)) == [PodSpec("spec.tasks[0].template.spec", SPEC, "Job", False, None)]


@pytest.mark.parametrize("kind", ["Thing", ""])
def test_a_template_may_be_so_deep_and_no_deeper(kind: str) -> None:
    assert MAX_DEPTH == 12
    deep: Any = {"template": TEMPLATE}
    in_lists: Any = {"template": TEMPLATE}
    for _ in range(11):
        deep = {"a": deep}
    for _ in range(5):
        in_lists = {"a": [in_lists]}
    assert [each.path for each in pod_specs(kind, deep)] == ["a." * 11 + "template.spec"]
    assert [each.path for each in pod_specs(kind, {"a": deep})] == []
    assert [each.path for each in pod_specs(kind, {"a": in_lists})] == ["a." + "a[0]." * 5 + "template.spec"]
    assert [each.path for each in pod_specs(kind, {"a": [in_lists]})] == []
    for of_lists, expected in ((8, 1), (9, 1), (10, 0)):
        inner: Any = {"template": TEMPLATE}
        for _ in range(of_lists):
            inner = [inner]
        assert len(list(pod_specs(kind, {"a": {"a": inner}}))) == expected


@pytest.mark.parametrize(
    ("spec", "is_whole", "host_network"),
    [
        ({}, True, False),
        ({}, False, UNKNOWN),
        ({"hostNetwork": None}, True, False),
        ({"hostNetwork": None}, False, False),
        ({"hostNetwork": True}, True, True),
        ({"hostNetwork": True}, False, True),
        ({"hostNetwork": False}, False, False),
        ({"hostNetwork": UNKNOWN}, True, UNKNOWN),
        ({"hostNetwork": "true"}, True, "true"),
        ({"hostNetwork": 0}, True, 0),
    ],
)
def test_the_network_of_a_pod(spec: Any, is_whole: bool, host_network: object) -> None:
    found = PodSpec("spec", spec, is_whole=is_whole).host_network
    assert found is host_network


@pytest.mark.parametrize(
    ("policy", "ends"),
    [("Never", True), ("OnFailure", True), ("Always", False), ("", False), (None, False), (UNKNOWN, False), (5, False)],
)
def test_a_pod_whose_containers_end(policy: Any, ends: bool) -> None:
    assert PodSpec("spec", {"restartPolicy": policy}).runs_to_its_end is ends
    assert PodSpec("spec", {}).runs_to_its_end is False


def test_a_pod_spec_of_its_own() -> None:
    found = PodSpec("spec", {})
    assert (found.kind, found.is_whole, found.strategy, found.is_pod) == ("", True, None, False)
    assert PodSpec("spec", {}, "Pod").is_pod is True
    assert PodSpec("spec", {}, "pod").is_pod is False


def test_the_roles() -> None:
    assert [each.value for each in Role] == ["app", "sidecar", "init", "ephemeral"]


def test_the_containers_of_a_pod_spec() -> None:
    always = {"restartPolicy": "Always"}
    spec = {
        "ephemeralContainers": [always],
        "initContainers": [always, {}, {"restartPolicy": UNKNOWN}, {"restartPolicy": "Never"}],
        "containers": (None, always, UNKNOWN, "x", [], {}),
    }
    assert list(containers(PodSpec("a.spec", spec))) == [
        Container("a.spec.containers[1]", Role.APP, always),
        Container("a.spec.containers[5]", Role.APP, {}),
        Container("a.spec.initContainers[0]", Role.SIDECAR, always),
        Container("a.spec.initContainers[1]", Role.INIT, {}),
        Container("a.spec.initContainers[2]", Role.INIT, {"restartPolicy": UNKNOWN}),
        Container("a.spec.initContainers[3]", Role.INIT, {"restartPolicy": "Never"}),
        Container("a.spec.ephemeralContainers[0]", Role.EPHEMERAL, always),
    ]


@pytest.mark.parametrize("field", ["containers", "initContainers", "ephemeralContainers"])
@pytest.mark.parametrize("value", [None, UNKNOWN, "x", 5, {}, {"name": "c"}, []])
def test_containers_that_are_no_list(field: str, value: Any) -> None:
    assert list(containers(PodSpec("spec", {field: value}))) == []


def container(**spec: Any) -> Container:
    return Container("spec.containers[0]", Role.APP, spec)


@pytest.mark.parametrize(("name", "expected"), [("c", "c"), ("", ""), (None, ""), (UNKNOWN, ""), (5, ""), (["c"], "")])
def test_the_name_of_a_container(name: Any, expected: str) -> None:
    assert container(name=name).name == expected
    assert container().name == ""


HOOK = {"sleep": {"seconds": 5}}


@pytest.mark.parametrize(
    ("spec", "pre_stop"),
    [
        ({"lifecycle": {"preStop": HOOK}}, HOOK),
        ({"lifecycle": {"preStop": UNKNOWN}}, UNKNOWN),
        ({"lifecycle": {"preStop": None}}, None),
        ({"lifecycle": {"preStop": []}}, []),
        ({"lifecycle": {"postStart": HOOK}}, None),
        ({"lifecycle": {}}, None),
        ({"lifecycle": UNKNOWN}, UNKNOWN),
        ({"lifecycle": None}, None),
        ({"lifecycle": "preStop"}, None),
        ({"lifecycle": [HOOK]}, None),
        ({"preStop": HOOK}, None),
        ({}, None),
    ],
)
def test_a_hook_of_a_container(spec: Any, pre_stop: object) -> None:
    assert container(**spec).hook("preStop") == pre_stop


def test_each_hook_by_its_name() -> None:
    both = container(lifecycle={"preStop": 1, "postStart": 2})
    assert (both.hook("preStop"), both.hook("postStart"), both.hook("x")) == (1, 2, None)


@pytest.mark.parametrize(
    ("probe", "grace"),
    [
        ({"terminationGracePeriodSeconds": 5}, 5),
        ({"terminationGracePeriodSeconds": 5.0}, 5),
        ({"terminationGracePeriodSeconds": 5.5}, 5.5),
        ({"terminationGracePeriodSeconds": "5"}, "5"),
        ({"terminationGracePeriodSeconds": 1 << 63}, UNKNOWN),
        ({"terminationGracePeriodSeconds": UNKNOWN}, UNKNOWN),
        ({"terminationGracePeriodSeconds": None}, None),
        ({}, None),
        (None, None),
        (UNKNOWN, None),
        ([], None),
        ("terminationGracePeriodSeconds", None),
    ],
)
def test_the_grace_period_of_a_probe(probe: Any, grace: object) -> None:
    other = {"terminationGracePeriodSeconds": 9}
    found = container(livenessProbe=probe, startupProbe=other).probe_grace("livenessProbe")
    assert (found, type(found)) == (grace, type(grace))
    assert container(livenessProbe=other).probe_grace("startupProbe") is None
