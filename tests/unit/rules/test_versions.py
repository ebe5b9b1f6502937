"""What differs between Kubernetes versions, and which fields one has: as read in the source of each (versions.py)."""

from typing import Any

import pytest

from lifecycle_rules import UNKNOWN, Container, Group, Role, check
from lifecycle_rules.catalogue import HOOK_FIELD_TYPE
from lifecycle_rules.fields import served
from lifecycle_rules.versions import (
    GATES,
    HOST_REFUSED,
    HTTP2,
    LATEST,
    OLDEST,
    POSTSTART_SLEEP_PANICS,
    SIDECARS,
    SLEEP,
    SLEEP_ZERO,
    STOP_SIGNAL,
    Defect,
    Gate,
    Kubernetes,
)

LIFECYCLE = "spec.containers[0].lifecycle"
MINORS = range(28, 40)
NO_HANDLER = "Required value: must specify a handler type"


def found(
    lifecycle: Any, kubernetes: str = LATEST, *features: str, sidecar: bool = False, **spec: Any
) -> list[tuple[str, str, str]]:
    """All but practice and types (test_fields.py) in one container `c`."""
    own = {"name": "c", "lifecycle": lifecycle}
    containers = {"initContainers": [{**own, "restartPolicy": "Always"}]} if sidecar else {"containers": [own]}
    all_found = check("Pod", {"spec": {**containers, **spec}}, kubernetes=kubernetes, features=features)
    judged = [each for each in all_found if each.rule is not HOOK_FIELD_TYPE]
    return [(each.rule.id, each.path, each.message) for each in judged if each.rule.group is not Group.PRACTICE]


def unknown(below: str) -> tuple[str, str, str]:
    return "hook-known-field", f"{LIFECYCLE}{below}", f'unknown field "{LIFECYCLE}{below}"'


def gated(below: str, version: str, gate: str) -> tuple[str, str, str]:
    words = f"Kubernetes {version} silently drops the field when the feature gate {gate} is off"
    return "gated-field", f"{LIFECYCLE}{below}", words


@pytest.mark.parametrize(
    ("text", "minor", "patch"),
    [
        ("1.28", 28, None),
        ("v1.30.4", 30, 4),
        ("1.30.2-gke.1", 30, 2),
        ("v1.31.0+k3s1", 31, 0),
        ("1.29+", 29, None),
        ("1.32-rc.0", 32, None),
        ("1.32.12", 32, 12),
        (f"1.32.{'9' * 9}", 32, 999_999_999),
        (f"1.32.{'9' * 10}", 32, None),
        (f"1.32.{'9' * 5000}", 32, None),
        ("1.37", 37, None),
        ("1.99", 99, None),
        ("1.100", 100, None),
    ],
)
def test_a_version(text: str, minor: int, patch: int | None) -> None:
    assert Kubernetes.parse(text) == Kubernetes(minor, frozenset(), patch)
    assert str(Kubernetes.parse(text)) == f"Kubernetes 1.{minor}"
    assert found({}, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.",
        "1.27",
        "1.9",
        "v1.27.16",
        "2.30",
        "0.30",
        "11.30",
        "x1.30",
        "V1.30",
        "vv1.30",
        "1.30.",
        "1.30.x",
        "1.30 ",
        " 1.30",
        "1.30-\n",
        "1.1000",
        "1.30.1.2",
        "1-30",
        "1.x",
        "latest",
        "1.-30",
        "-1.30",
    ],
)
def test_a_version_that_the_rules_do_not_know(text: str) -> None:
    with pytest.raises(ValueError) as raised:
        check("Pod", {}, kubernetes=text)
    assert str(raised.value) == f"{text!r} is not a Kubernetes version that the rules know; give 1.28 or later"


def test_the_range_of_versions() -> None:
    assert (OLDEST, LATEST) == ("1.28", "1.37")
    assert found({"stopSignal": "SIGTERM"}) == [gated(".stopSignal", "1.37", "ContainerStopSignals")]


@pytest.mark.parametrize("features", [["PodLifecycleSleep"], ["SidecarContainers", ""], {"sidecarcontainers"}])
def test_a_feature_gate_that_the_rules_do_not_know(features: Any) -> None:
    with pytest.raises(ValueError) as raised:
        check("Pod", {}, features=features)
    assert str(raised.value) == (
        f"{list(features)[-1]!r} is not a feature gate for hooks; choose from: ContainerStopSignals, "
        "H2CContainerProbe, PodLifecycleSleepAction, PodLifecycleSleepActionAllowZero, SidecarContainers"
    )


@pytest.mark.parametrize(
    ("gate", "name", "known", "on"),
    [
        (SIDECARS, "SidecarContainers", 28, 29),
        (SLEEP, "PodLifecycleSleepAction", 29, 30),
        (SLEEP_ZERO, "PodLifecycleSleepActionAllowZero", 32, 33),
        (STOP_SIGNAL, "ContainerStopSignals", 33, None),
        (HTTP2, "H2CContainerProbe", 37, None),
    ],
)
def test_a_gate(gate: Gate, name: str, known: int, on: int | None) -> None:
    for minor in MINORS:
        by_default = Kubernetes.parse(f"1.{minor}")
        turned_on = Kubernetes.parse(f"1.{minor}", [name])
        assert by_default.knows(gate) == turned_on.knows(gate) == turned_on.has(gate) == (minor >= known)
        assert by_default.has(gate) == (on is not None and minor >= on)
        others = [each.name for each in GATES if each.name != name]
        assert Kubernetes.parse(f"1.{minor}", others).has(gate) == by_default.has(gate)


def test_pod_security_refuses_hosts_from_1_34_on() -> None:
    assert next(minor for minor in MINORS if Kubernetes.parse(f"1.{minor}").has(HOST_REFUSED)) == 34


@pytest.mark.parametrize("lifecycle", [{}, {"preStop": {"sleep": {"seconds": 5}}}])
def test_sidecars_by_version(lifecycle: Any) -> None:
    words = "Forbidden: may not be set for init containers without restartPolicy=Always"
    refused = ("lifecycle-on-init", "spec.initContainers[0].lifecycle", words)
    assert found({}, "1.28", sidecar=True) == [refused]
    assert found({}, "1.28.15-eks.1", "PodLifecycleSleepAction", sidecar=True) == [refused]
    assert found({}, "1.28", "SidecarContainers", sidecar=True) == []
    assert found(lifecycle, "1.29", "PodLifecycleSleepAction", sidecar=True) == []
    assert found(lifecycle, sidecar=True) == []


def test_a_sidecar_without_hooks_is_an_init_container_where_there_are_none() -> None:
    """Then no grace period is shared with it."""
    hook = {"preStop": {"exec": {"command": ["sh", "-c", "sleep 15; drain"]}}}
    pod = {
        "containers": [{"name": "c", "lifecycle": hook}],
        "initContainers": [{"name": "proxy", "restartPolicy": "Always"}],
    }
    assert [each.rule.id for each in check("Pod", {"spec": pod}, kubernetes="1.29")] == ["sidecar-grace"]
    assert check("Pod", {"spec": pod}, kubernetes="1.28") == []


@pytest.mark.parametrize(
    ("kubernetes", "features", "expected"),
    [
        ("1.28", [], [unknown(".preStop.sleep")]),
        ("1.28", ["PodLifecycleSleepAction"], [unknown(".preStop.sleep")]),
        ("1.29", [], [gated(".preStop.sleep", "1.29", "PodLifecycleSleepAction")]),
        ("1.29", ["SidecarContainers"], [gated(".preStop.sleep", "1.29", "PodLifecycleSleepAction")]),
    ],
)
def test_a_sleep_that_is_lost_leaves_a_hook_without_a_handler(
    kubernetes: str, features: list[str], expected: list[tuple[str, str, str]]
) -> None:
    refused = ("hook-one-handler", f"{LIFECYCLE}.preStop", NO_HANDLER)
    assert found({"preStop": {"sleep": {"seconds": 300}}}, kubernetes, *features) == [*expected, refused]
    both = {"preStop": {"exec": {"command": ["drain"]}, "sleep": {"seconds": 300}}}
    assert found(both, kubernetes, *features) == expected


@pytest.mark.parametrize(
    ("kubernetes", "features"), [("1.29", ["PodLifecycleSleepAction"]), ("1.30", []), ("1.31", []), ("1.37", [])]
)
def test_a_sleep_where_there_is_one(kubernetes: str, features: list[str]) -> None:
    assert found({"preStop": {"sleep": {"seconds": 1}}}, kubernetes, *features) == []
    assert found({"preStop": {"sleep": {"seconds": UNKNOWN}}}, kubernetes, *features) == []


POSITIVE = "must be greater than 0 and less than terminationGracePeriodSeconds"
NOT_NEGATIVE = "must be non-negative and less than terminationGracePeriodSeconds"
HINT = ". Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep."


@pytest.mark.parametrize(
    ("kubernetes", "features", "before", "behind"),
    [
        ("1.29", ["PodLifecycleSleepAction"], POSITIVE, ""),
        ("1.30", [], POSITIVE, ""),
        ("1.31", ["PodLifecycleSleepActionAllowZero"], POSITIVE, ""),
        ("1.32", [], POSITIVE, HINT),
        ("1.32", ["PodLifecycleSleepAction"], POSITIVE, HINT),
        ("1.32", ["PodLifecycleSleepActionAllowZero"], NOT_NEGATIVE, ""),
        ("1.33", [], NOT_NEGATIVE, ""),
        ("1.37", [], NOT_NEGATIVE, ""),
        ("1.99", [], NOT_NEGATIVE, ""),
    ],
)
@pytest.mark.parametrize("event", ["postStart", "preStop"])
def test_the_bounds_of_a_sleep(kubernetes: str, features: list[str], before: str, behind: str, event: str) -> None:
    def of(action: Any) -> list[str]:
        all_found = found({event: {"sleep": action}}, kubernetes, *features)
        assert {(rule, path) for rule, path, _ in all_found} <= {("sleep-bounds", f"{LIFECYCLE}.{event}.sleep")}
        return [message for _, _, message in all_found]

    assert of({"seconds": -1}) == [f"Invalid value: -1: {before} (30){behind}"]
    assert of({"seconds": 31.0}) == [f"Invalid value: 31: {before} (30){behind}"]
    for zero in ({}, {"seconds": None}, {"seconds": 0}, {"seconds": 0.0}):
        assert of(zero) == ([] if before is NOT_NEGATIVE else [f"Invalid value: 0: {before} (30){behind}"])
    for seconds in (1, 29, UNKNOWN, "0", 0.5):
        assert of({"seconds": seconds}) == []


@pytest.mark.parametrize("signal", ["SIGTERM", "NONE", "", UNKNOWN, 5])
def test_a_stop_signal_that_is_lost(signal: Any) -> None:
    for kubernetes in ("1.28", "1.32"):
        assert found({"stopSignal": signal}, kubernetes) == [unknown(".stopSignal")]
        assert found({"stopSignal": signal}, kubernetes, "ContainerStopSignals") == [unknown(".stopSignal")]
    for kubernetes in ("1.33", "1.37", "1.99"):
        assert found({"stopSignal": signal}, kubernetes) == [gated(".stopSignal", kubernetes, "ContainerStopSignals")]


def test_a_stop_signal_where_there_is_one() -> None:
    words = "Forbidden: may not be set for containers with empty `spec.os.name`"
    refused = [("stopsignal-os", f"{LIFECYCLE}.stopSignal", words)]
    for kubernetes in ("1.33", "1.37"):
        assert found({"stopSignal": "SIGTERM"}, kubernetes, "ContainerStopSignals") == refused
        assert found({"stopSignal": "SIGTERM"}, kubernetes, "ContainerStopSignals", os={"name": "linux"}) == []
        assert found({"stopSignal": {"a": 1}}, kubernetes, "ContainerStopSignals", os={"name": "linux"}) == []


@pytest.mark.parametrize("event", ["postStart", "preStop"])
def test_a_protocol_by_version(event: str) -> None:
    hook = {event: {"httpGet": {"port": 80, "protocol": "HTTP2"}}}
    below = f".{event}.httpGet.protocol"
    for kubernetes in ("1.28", "1.36"):
        assert found(hook, kubernetes, "H2CContainerProbe") == [unknown(below)]
    assert found(hook) == [gated(below, "1.37", "H2CContainerProbe")]
    assert found(hook, "1.37", "H2CContainerProbe") == []
    assert found({event: {"httpGet": {"port": 80, "protocol": {"a": 1}}}}, "1.37", "H2CContainerProbe") == []


@pytest.mark.parametrize(
    ("lifecycle", "below"),
    [
        ({"poststart": {}}, ".poststart"),
        ({"prestop": UNKNOWN}, ".prestop"),
        ({"preStop": {"grpc": {"port": 5}, "exec": {"command": ["a"]}}}, ".preStop.grpc"),
        ({"postStart": {"exec": {"command": ["a"], "args": []}}}, ".postStart.exec.args"),
        ({"preStop": {"httpGet": {"port": 80, "Host": "a"}}}, ".preStop.httpGet.Host"),
        ({"preStop": {"sleep": {"seconds": 5, "Seconds": 5}}}, ".preStop.sleep.Seconds"),
        ({"preStop": {"tcpSocket": {"port": 80, "path": "/"}, "exec": {"command": ["a"]}}}, ".preStop.tcpSocket.path"),
        (
            {
                "preStop": {
                    "httpGet": {"port": 80, "httpHeaders": [{"name": "a"}, UNKNOWN, {"name": "b", "Value": "c"}]}
                }
            },
            ".preStop.httpGet.httpHeaders[2].Value",
        ),
        ({"preStop": {"exec": {"command": ["a"]}, "": 1}}, ".preStop."),
        ({"preStop": {"exec": {"command": ["a"]}, "_own": 1}}, ".preStop._own"),
        ({"preStop": {"exec": {"command": ["a"]}, "grpc": None}}, ".preStop.grpc"),
        ({"prestop": None}, ".prestop"),
        ({5: 1}, ".5"),
        ({None: 1}, ".None"),
        ({("a",): 1}, ".('a',)"),
    ],
)
def test_a_field_that_kubernetes_does_not_know(lifecycle: Any, below: str) -> None:
    of_fields = [each for each in found(lifecycle) if each[0] == "hook-known-field"]
    assert of_fields == [unknown(below)]


HOOK: Any = {"sleep": {"seconds": 5}}


@pytest.mark.parametrize("value", [60, None, UNKNOWN, {}, "soon"])
@pytest.mark.parametrize("place", ["containers", "initContainers", "ephemeralContainers"])
def test_a_field_that_stands_in_a_container(place: str, value: Any) -> None:
    fields = {"name": "c", "preStop": value, "image": "a", "terminationGracePeriodSeconds": value, "postStart": value}
    for kind, prefix in (("Pod", "spec"), ("Deployment", "spec.template.spec")):
        spec: Any = {"containers": [], place: [{"name": "other"}, fields]}
        obj = {"spec": spec if kind == "Pod" else {"template": {"spec": spec}}}
        paths = [f"{prefix}.{place}[1].{name}" for name in ("postStart", "preStop", "terminationGracePeriodSeconds")]
        assert [(each.rule.id, each.path, each.message, each.container) for each in check(kind, obj)] == [
            ("hook-known-field", path, f'unknown field "{path}"', "c") for path in paths
        ]


def test_a_field_that_stands_beside_the_containers() -> None:
    spec = {"preStop": HOOK, "lifecycle": {"preStop": HOOK}, "postStart": None, "containers": []}
    paths = ["spec.lifecycle", "spec.postStart", "spec.preStop"]
    assert [(each.rule.id, each.path, each.message, each.container) for each in check("Pod", {"spec": spec})] == [
        ("hook-known-field", path, f'unknown field "{path}"', "") for path in paths
    ]
    in_a_list = {"items": [{"spec": {"template": {"spec": spec}}}]}
    assert [each.path for each in check("DeploymentList", in_a_list)] == [f"items[0].spec.template.{p}" for p in paths]


@pytest.mark.parametrize(
    ("kind", "above"),
    [
        ("Pod", [""]),
        ("PodTemplate", ["", "template"]),
        ("Deployment", ["", "spec", "spec.template"]),
        ("CronJob", ["", "spec", "spec.jobTemplate", "spec.jobTemplate.spec", "spec.jobTemplate.spec.template"]),
    ],
)
def test_a_field_that_stands_above_the_pod_spec(kind: str, above: list[str]) -> None:
    names = ["lifecycle", "postStart", "preStop", "terminationGracePeriodSeconds"]
    lost = dict.fromkeys(names, HOOK)
    obj: Any = {"containers": []}
    for path in reversed(above):
        key = "spec" if path == above[-1] else above[above.index(path) + 1].rpartition(".")[2]
        obj = {key: obj, **lost}
    paths = [f"{path}.{name}" if path else name for path in above for name in names]
    assert [(each.rule.id, each.path, each.message) for each in check(kind, obj)] == [
        ("hook-known-field", path, f'unknown field "{path}"') for path in paths
    ]
    alone = {"kind": kind, "apiVersion": "v1", "items": [{**obj, "kind": kind}]}
    assert check(f"{kind}List", alone) == []  # what a list holds was read from a server


@pytest.mark.parametrize(
    ("kind", "version"),
    [("DeploymentPatch", "apps/v1"), ("Rollout", "argoproj.io/v1alpha1"), ("Job", "batch.volcano.sh/v1")],
)
def test_a_field_in_a_part_or_in_a_custom_resource(kind: str, version: str) -> None:
    """A custom resource may have fields of its own; what a patch has the API server judges."""
    spec = {"lifecycle": {}, "containers": [{"name": "c", "terminationGracePeriodSeconds": 60, "preStop": HOOK}]}
    obj = {"apiVersion": version, "kind": kind, "spec": {"template": {"spec": spec}}}
    assert check(kind, obj) == []


def test_fields_where_they_stand_right() -> None:
    probe = {"exec": {"command": ["a"]}, "terminationGracePeriodSeconds": 5}
    app = {"name": "c", "livenessProbe": probe, "lifecycle": {"preStop": HOOK, "postStart": None}}
    spec = {
        "terminationGracePeriodSeconds": 60,
        "containers": [app],
        "initContainers": [{**app, "restartPolicy": "Always"}],
    }
    assert [each for each in check("Pod", {"spec": spec}) if each.rule.id == "hook-known-field"] == []


def test_a_field_that_is_known_elsewhere() -> None:
    fields: dict[str, Any] = {
        "handler": {"command": [], "port": 80, "seconds": 5, "preStop": {}, "stopSignal": "a", "name": "a"},
        "exec": {"host": "", "path": "", "port": 1, "seconds": 1, "exec": {}},
        "httpGet": {"command": [], "seconds": 1, "name": "a", "value": "a"},
        "sleep": {"host": "", "path": "", "port": 1, "command": []},
        "tcpSocket": {"path": "", "scheme": "", "httpHeaders": [], "protocol": "", "command": []},
        "header": {"host": "", "path": "", "names": 1},
    }
    http = {"httpGet": {**fields["httpGet"], "port": 80, "httpHeaders": [fields["header"]]}}
    hook = {**fields["handler"], "exec": fields["exec"], "sleep": fields["sleep"], "tcpSocket": fields["tcpSocket"]}
    paths = [path for rule, path, _ in found({"preStop": {**hook, **http}, "exec": {}}) if rule == "hook-known-field"]
    assert [path.removeprefix(f"{LIFECYCLE}.") for path in paths] == [
        *(f"preStop.{name}" for name in fields["handler"]),
        *(f"preStop.exec.{name}" for name in fields["exec"]),
        *(f"preStop.sleep.{name}" for name in fields["sleep"]),
        *(f"preStop.tcpSocket.{name}" for name in fields["tcpSocket"]),
        *(f"preStop.httpGet.{name}" for name in fields["httpGet"]),
        *(f"preStop.httpGet.httpHeaders[0].{name}" for name in fields["header"]),
        "exec",
    ]


HTTP_GET = {"host": "a", "httpHeaders": [{"name": "a", "value": "b"}], "path": "/", "port": 80, "scheme": "HTTP"}
EVERY: dict[str, Any] = {
    "postStart": {"httpGet": {**HTTP_GET, "protocol": "HTTP2"}},
    "preStop": {
        "exec": {"command": ["a"]},
        "sleep": {"seconds": 5},
        "tcpSocket": {"host": "a", "port": 80},
    },
    "stopSignal": "SIGTERM",
}


def test_every_field_is_known() -> None:
    of_fields = [path for rule, path, _ in found(EVERY) if rule in ("hook-known-field", "gated-field")]
    assert of_fields == [f"{LIFECYCLE}.postStart.httpGet.protocol", f"{LIFECYCLE}.stopSignal"]


@pytest.mark.parametrize(
    "lifecycle",
    [
        *(None, UNKNOWN, [], [{"a": 1}], "x", 5, {"preStop": UNKNOWN}, {"preStop": {"exec": UNKNOWN}}),
        {"__defaults": ["x"], "__own": {"a": 1}, "__": 1},
        {"preStop": {"__defaults": [], "exec": {"command": ["a"], "__defaults": []}}},
        {"stopSignal": None},
        {"preStop": {"exec": {"command": ["a"]}, "sleep": None}},
        {"postStart": None, "preStop": None},
        {"preStop": {"httpGet": {"port": 80, "httpHeaders": None, "protocol": None}}},
        {
            "preStop": {
                "httpGet": {"port": 80, "httpHeaders": [None, UNKNOWN, "a", [{"a": 1}], {"name": "a", "__own": 1}]}
            }
        },
        {"preStop": {"exec": {"command": [{"a": 1}]}}},
    ],
)
@pytest.mark.parametrize("kubernetes", ["1.28", "1.29", "1.37"])
def test_a_field_that_is_none_or_not_the_servers(lifecycle: Any, kubernetes: str) -> None:
    of_fields = [rule for rule, _, _ in found(lifecycle, kubernetes) if rule in ("hook-known-field", "gated-field")]
    assert of_fields == []


def test_a_field_that_is_not_known_yet_is_there() -> None:
    assert found({"preStop": {"sleep": UNKNOWN}}, "1.28")[0] == unknown(".preStop.sleep")
    assert found({"preStop": {"sleep": UNKNOWN}}, "1.29")[0] == gated(
        ".preStop.sleep", "1.29", "PodLifecycleSleepAction"
    )
    assert found({"preStop": {"sleep": UNKNOWN}}) == []


def test_the_paths_of_other_containers() -> None:
    containers = [{"name": "a"}, {"name": "b", "lifecycle": {"prestop": {}}}]
    all_found = check("Deployment", {"spec": {"template": {"spec": {"containers": containers}}}})
    path = "spec.template.spec.containers[1].lifecycle.prestop"
    assert [(each.path, each.message, each.container) for each in all_found] == [(path, f'unknown field "{path}"', "b")]
    signal = {"containers": [{"name": "a", "lifecycle": {"stopSignal": "SIGTERM"}}]}
    ((finding),) = check("Pod", {"spec": signal})
    assert finding.container == "a"


def left(lifecycle: Any, kubernetes: str = LATEST, role: Role = Role.APP, **fields: Any) -> Container:
    """The container as the API server validates it."""
    spec = {"name": "c", "lifecycle": lifecycle, **fields}
    return served(Container("spec.containers[0]", role, spec), Kubernetes.parse(kubernetes))[0]


@pytest.mark.parametrize(
    ("lifecycle", "kubernetes", "expected"),
    [
        (
            {"preStop": {"sleep": {"seconds": 5}, "exec": {"command": ["a"]}}},
            "1.28",
            {"preStop": {"exec": {"command": ["a"]}}},
        ),
        ({"preStop": {"sleep": {"seconds": 5}}}, "1.28", {"preStop": {}}),
        ({"preStop": {"sleep": {"seconds": 5}}}, "1.29", {"preStop": {}}),
        ({"preStop": {"sleep": {"seconds": 5}, "a": 1}}, "1.30", {"preStop": {"sleep": {"seconds": 5}}}),
        ({"prestop": {}}, "1.37", {}),
        ({"stopSignal": "SIGTERM"}, "1.32", {}),
        ({"stopSignal": "SIGTERM", "preStop": {}}, "1.37", {"preStop": {}}),
        ({"a": 1, "preStop": UNKNOWN}, "1.37", {"preStop": UNKNOWN}),
        (
            {"a": 1, "preStop": {"exec": UNKNOWN, "httpGet": "x"}},
            "1.37",
            {"preStop": {"exec": UNKNOWN, "httpGet": "x"}},
        ),
        ({"a": 1, "preStop": None, "postStart": {"exec": None}}, "1.37", {"postStart": {}}),
        ({"a": 1, "preStop": [], "__own": 1}, "1.37", {"preStop": []}),
        *(
            ({"a": 1, "preStop": hook}, "1.37", {"preStop": hook})
            for hook in ({"httpGet": {"port": {"b": 1}}}, {"exec": {"command": ({"b": None}, UNKNOWN)}})
        ),
        (
            {"postStart": {"httpGet": {**HTTP_GET, "protocol": "HTTP2"}}, "preStop": EVERY["preStop"], "a": 1},
            "1.37",
            {"postStart": {"httpGet": HTTP_GET}, "preStop": EVERY["preStop"]},
        ),
        (
            {"preStop": {"httpGet": {"httpHeaders": ({"name": "a", "b": 1}, UNKNOWN, None, {"value": None})}}},
            "1.37",
            {"preStop": {"httpGet": {"httpHeaders": [{"name": "a"}, UNKNOWN, None, {}]}}},
        ),
    ],
)
def test_what_is_left_for_the_other_rules(lifecycle: Any, kubernetes: str, expected: Any) -> None:
    assert left(lifecycle, kubernetes, image="a") == Container(
        "spec.containers[0]", Role.APP, {"name": "c", "image": "a", "lifecycle": expected}
    )


@pytest.mark.parametrize(
    "lifecycle", [{"stopSignal": "a"}, {"stopSignal": "a", "a": 1}, {"stopSignal": "a", "preStop": None}]
)
def test_a_gate_takes_a_lifecycle_with_it_that_it_leaves_empty(lifecycle: Any) -> None:
    assert left(lifecycle, image="a") == Container("spec.containers[0]", Role.APP, {"name": "c", "image": "a"})
    init = {"name": "c", "lifecycle": lifecycle}
    rules = [each.rule.id for each in check("Pod", {"spec": {"initContainers": [init]}})]
    assert rules == ["gated-field", *["hook-known-field"] * ("a" in lifecycle)]
    before = [each.rule.id for each in check("Pod", {"spec": {"initContainers": [init]}}, kubernetes="1.32")]
    assert before == [*["hook-known-field"] * (1 + ("a" in lifecycle)), "lifecycle-on-init"]


@pytest.mark.parametrize("lifecycle", [None, UNKNOWN, [], {}, {"preStop": None}, {"__own": 1}, {"preStop": {}}])
def test_a_container_that_loses_nothing_is_left_as_it_is(lifecycle: Any) -> None:
    for role in Role:
        container = Container("spec.containers[0]", role, {"name": "c", "lifecycle": lifecycle})
        as_served, said = served(container, Kubernetes.parse("1.29"))
        assert (as_served is container, [each for each in said if each.rule is not HOOK_FIELD_TYPE]) == (True, [])


@pytest.mark.parametrize(
    ("role", "kubernetes", "expected"),
    [
        (Role.SIDECAR, "1.28", Role.INIT),
        (Role.SIDECAR, "1.29", Role.SIDECAR),
        (Role.APP, "1.28", Role.APP),
        (Role.EPHEMERAL, "1.28", Role.EPHEMERAL),
        (Role.INIT, "1.37", Role.INIT),
    ],
)
@pytest.mark.parametrize("lifecycle", [None, {"a": 1}, {"stopSignal": "a"}, {"preStop": {}}])
def test_the_role_of_a_container_by_version(role: Role, kubernetes: str, expected: Role, lifecycle: Any) -> None:
    assert left(lifecycle, kubernetes, role).role is expected


def test_what_is_lost_is_not_judged_further() -> None:
    """A field that is dropped is not validated, nor does it reach the kubelet."""
    kept = {"httpGet": {"port": 80}}
    assert found({"postStart": {"sleep": {"seconds": 300}, **kept}}, "1.29") == [
        gated(".postStart.sleep", "1.29", "PodLifecycleSleepAction")
    ]
    assert found({"preStop": kept, "stopSignal": "NONE"}) == [gated(".stopSignal", "1.37", "ContainerStopSignals")]
    assert found({"preStop": {**kept, "grpc": {"port": 0}}}) == [unknown(".preStop.grpc")]


def test_a_gated_field_alone_does_not_keep_a_hook_from_the_kubelet() -> None:
    hook = {"preStop": {"tcpSocket": {"port": 80}}, "stopSignal": "SIGTERM"}
    assert [rule for rule, _, _ in found(hook)] == ["gated-field", "tcpsocket-hook"]
    assert [rule for rule, _, _ in found({**hook, "a": 1})] == ["gated-field", "hook-known-field"]
    assert [rule for rule, _, _ in found({**hook, "stopSignal": None})] == ["tcpsocket-hook"]


ALL_THREE = "1.32.0, 1.32.1 and 1.32.2"


@pytest.mark.parametrize(
    ("version", "releases"),
    [
        ("1.31", ""),
        ("1.31.9", ""),
        ("1.32", ALL_THREE),
        ("v1.32+", ALL_THREE),
        ("1.32.0", ALL_THREE),
        ("v1.32.1-gke.1002000", ALL_THREE),
        ("1.32.2", ALL_THREE),
        ("1.32.3", ""),
        ("1.32.13", ""),
        ("1.33", ""),
        ("1.33.0", ""),
        (LATEST, ""),
    ],
)
def test_a_sleep_at_the_start_that_leaves_the_pod_pending(version: str, releases: str) -> None:
    assert Kubernetes.parse(version).releases_with(POSTSTART_SLEEP_PANICS) == releases
    says = f"in {releases} the API server fails on each update of the Pod, so the Pod stays Pending"
    path = f"{LIFECYCLE}.postStart.sleep"
    expected = [("poststart-sleep-pending", path, says)] if releases else []
    assert practice({"postStart": {"sleep": {"seconds": 5}}}, version) == expected
    program = {"postStart": {"exec": {"command": ["sleep", "5"]}}}
    assert [rule for rule, *_ in practice(program, version)] == ([] if releases else ["exec-sleep"])


def practice(lifecycle: Any, version: str, *features: str, kind: str = "Pod") -> list[tuple[str, str, str]]:
    pod = {"spec": {"containers": [{"name": "c", "lifecycle": lifecycle}]}}
    all_found = check(kind, pod, kubernetes=version, features=features)
    return [(each.rule.id, each.path, each.message) for each in all_found if each.rule.group is Group.PRACTICE]


def test_what_else_the_api_server_looks_at_then() -> None:
    start, stop = {"postStart": {"sleep": {"seconds": 5}}}, {"exec": {"command": ["drain"]}}
    assert len(practice({**start, "preStop": stop}, "1.32.1")) == 1
    assert len(practice({**start, "preStop": None}, "1.32.1")) == 1
    assert practice({**start, "preStop": {"sleep": {"seconds": 9}}}, "1.32.1") == []
    assert practice({**start, "preStop": {"sleep": UNKNOWN}}, "1.32.1") == []
    assert practice({**start, "preStop": UNKNOWN}, "1.32.1") == []
    assert practice(start, "1.32.1", "PodLifecycleSleepActionAllowZero") == []
    assert practice(start, "1.32.1", kind="PodPatch") == []
    assert practice({"preStop": {"sleep": {"seconds": 5}}}, "1.32.1") == []


def test_a_defect_of_one_release() -> None:
    once = Defect(fixed={30: 1, 31: 2}, unless=STOP_SIGNAL)
    assert Kubernetes.parse("1.30").releases_with(once) == "1.30.0"
    assert Kubernetes.parse("1.31.1").releases_with(once) == "1.31.0 and 1.31.1"
