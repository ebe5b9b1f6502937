"""The group `practice` in a pod as a whole, rule by rule; what comes of it is shown on a real node."""

from typing import Any

import pytest

from lifecycle_rules import UNKNOWN, Group, check

SERVERS = ["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"]
LONG_RUNNING = ["Pod", "DaemonSet", *SERVERS]
SPEC = "spec.template.spec"
APP = f"{SPEC}.containers[0]"
NO_SPEC: list[Any] = [None, UNKNOWN, [], "x", 5, True]
DRAIN: Any = {"lifecycle": {"preStop": {"sleep": {"seconds": 5}}}}
PORTS: Any = {"ports": [{"containerPort": 80}]}


def container(name: str = "c", seconds: Any = None, **fields: Any) -> dict[str, Any]:
    lifecycle = {} if seconds is None else {"lifecycle": {"preStop": {"sleep": {"seconds": seconds}}}}
    return {"name": name, **lifecycle, **fields}


def sidecar(name: str = "proxy", seconds: Any = None, **fields: Any) -> dict[str, Any]:
    return container(name, seconds, restartPolicy="Always", **fields)


def found(*apps: Any, kind: str = "Deployment", strategy: Any = None, **spec: Any) -> list[tuple[str, str, str]]:
    """What is found in a pod of these containers, `spec` its other fields; paths are those of a template."""
    pod = {"containers": list(apps), **spec}
    is_pod = kind in ("Pod", "PodPatch")
    obj = {"spec": pod if is_pod else {"template": {"spec": pod}, "strategy": strategy}}
    return [
        (each.rule.id, each.path.replace("spec", SPEC, 1) if is_pod else each.path, each.message)
        for each in check(kind, obj)
        if each.rule.group is Group.PRACTICE
    ]


def test_a_finding_names_its_container_where_it_has_one() -> None:
    apps = [
        container("a", 800, **PORTS, command=["sh", "-c", "a"], image="debian", livenessProbe={}),
        container("b", **PORTS, readinessProbe={}),
    ]
    spec: Any = {"initContainers": [sidecar()], "containers": apps, "terminationGracePeriodSeconds": 809}
    all_found = check("Deployment", {"spec": {"template": {"spec": spec}}})
    assert [(each.rule.id, each.path.removeprefix(f"{SPEC}."), each.container) for each in all_found] == [
        ("prestop-margin", "containers[0].lifecycle.preStop.sleep.seconds", "a"),
        ("grace-too-long", "terminationGracePeriodSeconds", ""),
        ("wedge-grace", "containers[0].livenessProbe.terminationGracePeriodSeconds", "a"),
        ("pid1-shell", "containers[0].command", "a"),
        ("prestop-uneven", "containers[1].lifecycle.preStop", "b"),
        ("serve-no-readiness", "containers[0].readinessProbe", "a"),
        ("serve-no-delay", "containers[1].lifecycle.preStop", "b"),
    ]
    spec = {**spec, "containers": apps[:1], "terminationGracePeriodSeconds": 810}
    of_pod = check("Deployment", {"spec": {"template": {"spec": spec}}})[0]
    assert (of_pod.rule.id, of_pod.container) == ("sidecar-grace", "")
    job = {"spec": {"restartPolicy": "Never", "containers": [container("a"), container("b", image="envoy")]}}
    assert [(each.rule.id, each.container) for each in check("Pod", job)] == [("job-plain-sidecar", "b")]


def test_of_a_pod_that_the_api_server_refuses_only_the_hooks_are_judged() -> None:
    first = container("a", 0, **PORTS, command=["sh", "-c", "a"], image="debian")
    assert [rule for rule, _, _ in found(first)] == ["sleep-zero", "pid1-shell", "serve-no-readiness"]
    refused: Any = {"lifecycle": {"preStop": {}}}
    assert [rule for rule, _, _ in found(first, initContainers=[refused])] == ["sleep-zero"]
    assert [rule for rule, _, _ in found(first, ephemeralContainers=[refused])] == ["sleep-zero"]
    assert [rule for rule, _, _ in found(refused, first)] == ["sleep-zero"]


@pytest.mark.parametrize(
    ("grace", "seconds", "left"),
    [(30, 21, "9"), (None, 21, "9"), (30.0, 29.0, "1"), (5, 1, "4"), (100, 99, "1"), (2, 1, "1")],
)
def test_a_hook_that_leaves_the_process_little_time(grace: Any, seconds: Any, left: str) -> None:
    words = f"takes {int(seconds)} s of the {int(grace or 30)} s grace period, and leaves the process {left} s to end"
    path = f"{APP}.lifecycle.preStop.sleep.seconds"
    for kind in ("Deployment", "Pod", "Job", "Rollout") if grace else ("Deployment", "Pod", "Job"):
        expected = [("prestop-margin", path, words)]
        assert found(container("c", seconds), kind=kind, terminationGracePeriodSeconds=grace) == expected


@pytest.mark.parametrize("kind", ["Deployment", "DeploymentPatch"])
@pytest.mark.parametrize(
    ("grace", "seconds"),
    [
        *((30, seconds) for seconds in (1, 20, 30, UNKNOWN, "29")),
        *((grace, 29) for grace in (UNKNOWN, 30.5, "30", [30], 39, 1 << 63)),
    ],
)
def test_a_hook_that_leaves_the_process_time(kind: str, grace: Any, seconds: Any) -> None:
    assert found(container("c", seconds), kind=kind, terminationGracePeriodSeconds=grace) == []


def test_of_a_patch_the_grace_period_is_not_guessed() -> None:
    assert found(container("c", 29), kind="DeploymentPatch") == []
    expected = ("prestop-margin", f"{APP}.lifecycle.preStop.sleep.seconds")
    assert found(container("c", 29), kind="DeploymentPatch", terminationGracePeriodSeconds=30)[0][:2] == expected


def test_margins_are_those_of_the_app_containers_each_for_itself() -> None:
    script: Any = {"lifecycle": {"preStop": {"exec": {"command": ["sh", "-c", "sleep 20.5; drain"]}}}}
    apps = [container("a", 20), container("b", **script), container("d"), container("e", 29)]
    apps.append(container("f", lifecycle={"preStop": {"exec": {"command": ["sh", "-c", "sleep 31; drain"]}}}))
    assert found(*apps, initContainers=[sidecar("s", 25)]) == [
        (
            "prestop-margin",
            f"{SPEC}.containers[1].lifecycle.preStop.exec.command",
            "takes 20.5 s of the 30 s grace period, and leaves the process 9.5 s to end",
        ),
        (
            "prestop-margin",
            f"{SPEC}.containers[3].lifecycle.preStop.sleep.seconds",
            "takes 29 s of the 30 s grace period, and leaves the process 1 s to end",
        ),
    ]


@pytest.mark.parametrize(
    ("seconds", "grace", "left"),
    [(20, None, "10"), (11, None, "19"), (20, 35, "15"), (11.0, 30.0, "19"), (1, 11, "10")],
)
def test_a_grace_period_that_is_short_for_the_sidecars(seconds: Any, grace: Any, left: str) -> None:
    path = f"{SPEC}.terminationGracePeriodSeconds"
    words = (
        f"leaves {left} s after the hooks for the app containers, and then for a, b; whatever still runs then is killed"
    )
    spec: Any = {"initContainers": [sidecar("a", 10), container("setup"), sidecar("b")]}
    apps = [container("c", seconds), container("d", 1), container("e")]
    spec |= {} if grace is None else {"terminationGracePeriodSeconds": grace}
    for kind in ("Deployment", "Pod", "Job"):
        assert found(*apps, kind=kind, **spec) == [("sidecar-grace", path, words)]


def test_a_sidecar_without_a_name_is_told_of() -> None:
    """The API server refuses it later: of names there is no rule."""
    nameless: Any = {"restartPolicy": "Always"}
    words = (
        "leaves 10 s after the hooks for the app containers, and then for the sidecar, b, the sidecar; "
        "whatever still runs then is killed"
    )
    assert found(container("c", 20), initContainers=[nameless, sidecar("b"), {**nameless, "name": UNKNOWN}]) == [
        ("sidecar-grace", f"{SPEC}.terminationGracePeriodSeconds", words)
    ]


@pytest.mark.parametrize(
    ("apps", "spec"),
    [
        ([container("c", 10)], {"initContainers": [sidecar()]}),
        ([container("c", 20)], {"initContainers": [container("setup")]}),
        ([container("c", 20)], {"initContainers": UNKNOWN}),
        ([container("c", 20)], {"initContainers": [sidecar()], "terminationGracePeriodSeconds": UNKNOWN}),
        ([container("c", UNKNOWN)], {"initContainers": [sidecar()]}),
        ([container("c")], {"initContainers": [sidecar()]}),
        ([container("c")], {"initContainers": [sidecar("s", 20)]}),
        ([container("c", 30)], {"initContainers": [sidecar()]}),
        ([container("c")], {"initContainers": [sidecar()], "terminationGracePeriodSeconds": 15}),
        ([], {"initContainers": [sidecar("s", 20)]}),
    ],
)
def test_a_grace_period_that_is_enough_for_the_sidecars_or_not_known(apps: Any, spec: Any) -> None:
    assert found(*apps, **spec) == []


def test_a_process_without_time_is_told_once() -> None:
    rules = [rule for rule, _, _ in found(container("c", 21), container("d", 20), initContainers=[sidecar()])]
    assert rules == ["prestop-margin"]


@pytest.mark.parametrize("kind", [*LONG_RUNNING, "Job", "DeploymentPatch", "Rollout"])
def test_a_grace_period_that_a_drain_does_not_wait_for(kind: str) -> None:
    words = "601 s: a drain of the node waits that long, or gives up earlier"
    expected = ("grace-too-long", f"{SPEC}.terminationGracePeriodSeconds", words)
    assert found({}, kind=kind, terminationGracePeriodSeconds=601.0) == [expected]


@pytest.mark.parametrize("grace", [None, 0, 600, 600.0, 601.5, "601", UNKNOWN, [601]])
def test_a_grace_period_that_a_drain_waits_for(grace: Any) -> None:
    assert found({}, terminationGracePeriodSeconds=grace) == []


NO_TIME = "terminationGracePeriodSeconds is 0: the hook has 2 s on deletion, and never runs when a probe fails"


@pytest.mark.parametrize("kind", [*LONG_RUNNING, "Job", "DeploymentPatch", "Rollout"])
@pytest.mark.parametrize("grace", [0, 0.0])
def test_a_grace_period_of_none(kind: str, grace: float) -> None:
    hook: Any = {"lifecycle": {"preStop": {"exec": {"command": ["drain"]}}}}
    apps = [container("a"), container("b", **hook), container("c", lifecycle={"postStart": {"sleep": {"seconds": 1}}})]
    spec: Any = {"initContainers": [container("setup"), sidecar("s", **hook)], "terminationGracePeriodSeconds": grace}
    apps[2]["lifecycle"]["postStart"] = {"exec": {"command": ["register"]}}
    assert found(*apps, kind=kind, **spec) == [
        ("prestop-zero-grace", f"{SPEC}.containers[1].lifecycle.preStop", NO_TIME),
        ("prestop-zero-grace", f"{SPEC}.initContainers[1].lifecycle.preStop", NO_TIME),
    ]


def test_a_grace_period_of_none_names_its_container() -> None:
    hook: Any = {"lifecycle": {"preStop": {"exec": {"command": ["drain"]}}}}
    spec = {"containers": [container("a", **hook)], "terminationGracePeriodSeconds": 0}
    assert [(each.rule.id, each.container) for each in check("Pod", {"spec": spec})] == [("prestop-zero-grace", "a")]


@pytest.mark.parametrize("grace", [None, 1, -1, 0.5, "0", False, UNKNOWN, [0]])
def test_a_grace_period_that_is_some_or_not_known(grace: Any) -> None:
    hook: Any = {"lifecycle": {"preStop": {"exec": {"command": ["drain"]}}}}
    assert found(container(**hook), kind="Pod", terminationGracePeriodSeconds=grace) == []


@pytest.mark.parametrize("hook", NO_SPEC)
def test_a_grace_period_of_none_without_a_hook(hook: Any) -> None:
    assert found(container(lifecycle={"preStop": hook}), kind="Pod", terminationGracePeriodSeconds=0) == []
    assert found(container(lifecycle=hook), kind="Pod", terminationGracePeriodSeconds=0) == []


ENDLESS = "runs until something stops it: the Pod never ends"
HELPER = container("p", image="envoy")
HAS_PRESTOP = "with its ports and its preStop it seems to run until something stops it: the Pod never ends"


@pytest.mark.parametrize(
    "image",
    [
        "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.8.0",
        "gcr.io/cloudsql-docker/gce-proxy:1.33",
        "envoyproxy/envoy:v1.31",
        "envoy",
        "fluent/fluent-bit@sha256:0123456789abcdef0123456789abcdef",
        "fluent/fluentd:v1.17",
        "docker.io/istio/proxyv2:1.22",
        "cr.l5d.io/linkerd/proxy:stable",
    ],
)
@pytest.mark.parametrize("policy", ["Never", "OnFailure"])
def test_a_helper_that_is_no_sidecar_of_a_job(image: str, policy: str) -> None:
    path = f"{SPEC}.containers[1]"
    expected = [("job-plain-sidecar", path, f"{image} {ENDLESS}")]
    assert found(container("work"), container("p", image=image), kind="Job", restartPolicy=policy) == expected


@pytest.mark.parametrize("image", [None, UNKNOWN, "", "acme/work", "INVALID", 5])
def test_a_container_with_a_prestop_that_is_no_sidecar_of_a_job(image: Any) -> None:
    helper = container("p", 5, image=image, **PORTS)
    assert found(container("work"), helper, container("q", image="envoy", **DRAIN), restartPolicy="Never") == [
        ("job-plain-sidecar", f"{SPEC}.containers[1]", HAS_PRESTOP),
        ("job-plain-sidecar", f"{SPEC}.containers[2]", f"envoy {ENDLESS}"),
    ]


@pytest.mark.parametrize(
    ("helper", "policy"),
    [
        (container("p", image="envoy"), "Always"),
        (container("p", image="envoy"), None),
        (container("p", image="envoy"), UNKNOWN),
        (container("p", image="acme/notenvoy"), "Never"),
        (container("p", image="acme/envoy-tools"), "Never"),
        (container("p", image="envoy/tools"), "Never"),
        (container("p", image="acme/proxyv2"), "Never"),
        (container("p", image="acme/proxy"), "Never"),
        (container("p", image="acme/gce-proxy"), "Never"),
        (container("p", image=UNKNOWN), "Never"),
        (container("p", image="INVALID/envoy"), "Never"),
        (container("p", 5), "Never"),
        (container("p", 5, ports=[{"name": "metrics", "containerPort": 9090}]), "Never"),
        (container("p", lifecycle=UNKNOWN, **PORTS), "Never"),
        (container("p", lifecycle={"preStop": UNKNOWN}, **PORTS), "Never"),
        (container("p", lifecycle={"postStart": {"sleep": {"seconds": 5}}}), "Never"),
    ],
)
def test_a_container_that_is_no_helper_or_of_no_job(helper: Any, policy: Any) -> None:
    assert found(container("work"), helper, kind="Job", restartPolicy=policy) == []


@pytest.mark.parametrize("field", ["command", "args"])
@pytest.mark.parametrize(
    "words",
    [
        ["curl", "-XPOST", "localhost:15020/quitquitquit"],
        ["sh", "-c", UNKNOWN, "work; wget -qO- --post-data= http://localhost:9091/quitquitquit?now"],
        [5, None, "/quitquitquit"],
    ],
)
def test_a_job_that_ends_its_helper_by_a_request(field: str, words: Any) -> None:
    helpers = [container("p", image="envoy"), container("q", 5, **PORTS)]
    for apps in ([container("work", **{field: words}), *helpers], [*helpers, container("work", **{field: words})]):
        assert found(*apps, kind="Job", restartPolicy="Never") == []


@pytest.mark.parametrize("field", ["command", "args", "commandX", "argsX", "image"])
@pytest.mark.parametrize("words", [*NO_SPEC, "/quitquitquit", ["quitquitquit"], ["/quitquit"], [UNKNOWN]])
def test_a_job_that_does_not_end_its_helper(field: str, words: Any) -> None:
    rules = [rule for rule, _, _ in found(container("w", **{field: words}), HELPER, kind="Job", restartPolicy="Never")]
    assert rules == ["job-plain-sidecar"]


@pytest.mark.parametrize("shared", [None, False, "x", UNKNOWN, True])
def test_a_job_that_can_end_its_helper_by_a_signal(shared: Any) -> None:
    spec: Any = {"restartPolicy": "Never", "shareProcessNamespace": shared}
    rules = [rule for rule, _, _ in found(container("work"), HELPER, kind="Job", **spec)]
    assert rules == ["job-plain-sidecar"] * (shared is not True)


def test_a_helper_beside_no_other_container_or_as_a_sidecar() -> None:
    helper = container("p", 5, image="envoy")
    assert found(helper, restartPolicy="Never") == []
    assert found(helper, initContainers=[sidecar("a"), container("b")], restartPolicy="Never") == []
    assert found(container("work"), initContainers=[sidecar(image="envoy")], restartPolicy="Never") == []


def wedged(kind: str = "Deployment", grace: Any = 121, **fields: Any) -> list[tuple[str, str, str]]:
    return found(container("a"), container("b", **fields), kind=kind, terminationGracePeriodSeconds=grace)


@pytest.mark.parametrize("kind", LONG_RUNNING)
@pytest.mark.parametrize("probe", [{}, {"terminationGracePeriodSeconds": None}, {"exec": UNKNOWN}])
@pytest.mark.parametrize("grace", [121, 600.0])
def test_a_wedged_process_that_is_given_long(kind: str, probe: Any, grace: float) -> None:
    path = f"{SPEC}.containers[1].livenessProbe.terminationGracePeriodSeconds"
    words = f"is unset: a wedged process restarts only after the Pod's {int(grace)} s"
    assert wedged(kind, grace, livenessProbe=probe) == [("wedge-grace", path, words)]


@pytest.mark.parametrize(
    ("grace", "fields"),
    [
        (120, {"livenessProbe": {}}),
        (None, {"livenessProbe": {}}),
        (UNKNOWN, {"livenessProbe": {}}),
        ("600", {"livenessProbe": {}}),
        (121, {"livenessProbe": {"terminationGracePeriodSeconds": 121}}),
        (121, {"livenessProbe": {"terminationGracePeriodSeconds": UNKNOWN}}),
        (121, {"startupProbe": {}, "readinessProbe": {}}),
        *((121, {"livenessProbe": probe}) for probe in NO_SPEC),
    ],
)
def test_a_wedged_process_that_is_not_given_long(grace: Any, fields: Any) -> None:
    assert wedged(grace=grace, **fields) == []


@pytest.mark.parametrize("kind", ["Job", "CronJob", "PodTemplate", "Rollout", "JobPatch"])
def test_a_wedged_process_of_what_ends_or_is_not_known(kind: str) -> None:
    shell: Any = {"command": ["sh", "-c", "a"], "image": "debian"}
    apps = [container("a", 5, livenessProbe={}, **shell, **PORTS), container("b", **PORTS, readinessProbe={})]
    spec = {"spec": {"containers": apps, "terminationGracePeriodSeconds": 121}}
    template: Any = {"template": spec} if kind == "PodTemplate" else {"spec": {"template": spec}}
    assert check(kind, {"spec": {"jobTemplate": template}} if kind == "CronJob" else template) == []


def test_a_wedged_process_of_a_pod_that_ends() -> None:
    shell: Any = {"command": ["sh", "-c", "a"], "image": "debian"}
    apps = [container("a", livenessProbe={}, **shell, **PORTS), container("b", readinessProbe={}, **PORTS)]
    assert found(*apps, kind="Pod", restartPolicy="Never", terminationGracePeriodSeconds=121) == []


@pytest.mark.parametrize("kind", ["Pod", "DaemonSet"])
@pytest.mark.parametrize(
    "first",
    [
        container("a", 5),
        container("a", 1),
        {"name": "a", "lifecycle": {"preStop": {"exec": {"command": ["sleep", "0.5"]}}}},
    ],
)
def test_a_container_that_drains_beside_one_that_does_not(kind: str, first: Any) -> None:
    others = [container("b", 6, **PORTS), container("c", **PORTS), container("d"), container("e", **PORTS)]
    words = "gets its stop signal at once, while a still drains"
    assert found(first, *others, kind=kind) == [
        ("prestop-uneven", f"{SPEC}.containers[2].lifecycle.preStop", words),
        ("prestop-uneven", f"{SPEC}.containers[4].lifecycle.preStop", words),
    ]
    assert found(first, *others, kind=f"{kind}Patch") == []


def test_a_container_that_drains_and_has_no_name() -> None:
    words = "gets its stop signal at once, while another container still drains"
    assert found(container("", 5), container("b", **PORTS), kind="Pod", restartPolicy="Always") == [
        ("prestop-uneven", f"{SPEC}.containers[1].lifecycle.preStop", words)
    ]


@pytest.mark.parametrize(
    "apps",
    [
        [container("a", 0), container("b", **PORTS)],
        [container("a", UNKNOWN), container("b", **PORTS)],
        [container("a"), container("b", **PORTS)],
        [container("a", 5), container("b", lifecycle=UNKNOWN, **PORTS)],
        [container("a", 5), container("b", lifecycle={"preStop": UNKNOWN}, **PORTS)],
        [container("a", 5), container("b", lifecycle={"preStop": {"exec": {"command": ["drain"]}}}, **PORTS)],
        *([container("a", 5), container("b", ports=ports)] for ports in NO_SPEC),
    ],
)
def test_containers_that_drain_evenly_or_are_not_known(apps: Any) -> None:
    assert [each for each in found(*apps, kind="DaemonSet") if each[0] != "sleep-zero"] == []


def test_sidecars_are_stopped_later_and_need_no_delay() -> None:
    assert found(container("a", 5), kind="Pod", initContainers=[sidecar(**PORTS)]) == []
    assert found(container("a", **PORTS), kind="Pod", initContainers=[sidecar("s", 5)]) == []


READY: Any = {"readinessProbe": {"httpGet": {"port": 80}}}
NO_DELAY = (
    "serve-no-delay",
    f"{APP}.lifecycle.preStop",
    "is missing: requests still arrive after the process gets its stop signal",
)
NO_READINESS = (
    "serve-no-readiness",
    f"{APP}.readinessProbe",
    "is missing: the container counts as ready before its server answers",
)


@pytest.mark.parametrize("kind", [kind for kind in SERVERS if kind != "StatefulSet"])
@pytest.mark.parametrize(
    ("fields", "spec"),
    [
        ({}, {}),
        ({"readinessProbe": {}}, {"hostNetwork": False}),
        ({"lifecycle": {"postStart": {"sleep": {"seconds": 1}}}}, {"hostNetwork": None}),
        ({"lifecycle": None}, {"strategy": {"type": "RollingUpdate"}}),
        ({"lifecycle": {"preStop": None}}, {"strategy": {"type": None}}),
    ],
)
def test_a_server_without_a_delay(kind: str, fields: Any, spec: Any) -> None:
    assert found(container("c", **{**PORTS, **READY, **fields}), kind=kind, **spec) == [NO_DELAY]


@pytest.mark.parametrize("name", ["statsd", "hcp", "web"])
def test_a_port_for_others(name: str) -> None:
    ports = {"ports": [{"name": name, "containerPort": 80}]}
    assert found(container("c", **ports, **READY), kind="Deployment") == [NO_DELAY]


LOOKED_AFTER = ["worker-hc", "hc", "cstatus", "http-status", "stats", "proxy-stats", "stat", "readyz", "readiness-port"]
LOOKED_AFTER += ["liveness", "livez", "profiling", "profiler"]


@pytest.mark.parametrize(
    ("fields", "spec"),
    [
        (DRAIN, {}),
        ({"lifecycle": {"preStop": UNKNOWN}}, {}),
        ({"lifecycle": UNKNOWN}, {}),
        ({}, {"hostNetwork": True}),
        ({}, {"hostNetwork": UNKNOWN}),
        ({}, {"strategy": {"type": "Recreate"}}),
        ({}, {"strategy": {"type": UNKNOWN}}),
        ({}, {"strategy": UNKNOWN}),
        ({}, {"restartPolicy": UNKNOWN}),
        ({"ports": [{"name": "http-metrics", "containerPort": 8080}, {"name": "probes", "containerPort": 8081}]}, {}),
        *(({"ports": [{"name": name, "containerPort": 8888}]}, {}) for name in LOOKED_AFTER),
        ({}, {"kind": "StatefulSet"}),
        *(({"readinessProbe": probe}, {}) for probe in NO_SPEC),
        *(({"ports": ports}, {}) for ports in NO_SPEC),
        ({}, {"kind": "Pod"}),
        ({}, {"kind": "DaemonSet"}),
        ({}, {"kind": "DeploymentPatch"}),
        ({}, {"kind": "Rollout"}),
        ({}, {"kind": "Job"}),
        ({}, {"restartPolicy": "Never"}),
    ],
)
def test_a_server_with_a_delay_or_none_that_is_needed(fields: Any, spec: Any) -> None:
    assert found(container("c", **{**PORTS, **READY, **fields}), **spec) == []


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize(
    ("fields", "spec"),
    [
        ({}, {}),
        ({"readinessProbe": None}, {"hostNetwork": True}),
        ({"lifecycle": {"preStop": {"exec": UNKNOWN}}}, {"strategy": {"type": "Recreate"}}),
    ],
)
def test_a_server_that_drains_without_readiness(kind: str, fields: Any, spec: Any) -> None:
    assert found(container("c", **{**PORTS, **DRAIN, **fields}), kind=kind, **spec) == [NO_READINESS]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        (READY, "Deployment"),
        ({"readinessProbe": {}}, "Deployment"),
        ({"readinessProbe": UNKNOWN}, "Deployment"),
        ({"lifecycle": {"preStop": UNKNOWN}}, "Deployment"),
        ({"lifecycle": UNKNOWN}, "Deployment"),
        ({"lifecycle": None}, "Deployment"),
        *(({"ports": ports}, "Deployment") for ports in NO_SPEC),
        ({}, "Pod"),
        ({}, "DaemonSet"),
        ({}, "DeploymentPatch"),
        ({}, "Rollout"),
    ],
)
def test_a_server_that_drains_and_says_when_it_is_ready(fields: Any, kind: str) -> None:
    assert found(container("c", **{**PORTS, **DRAIN, **fields}), kind=kind) == []


def test_each_server_of_a_pod_is_judged() -> None:
    apps = [container("a"), container("b", **PORTS, **READY), container("c", **PORTS, **READY)]
    paths = [path for _, path, _ in found(*apps)]
    assert paths == [f"{SPEC}.containers[1].lifecycle.preStop", f"{SPEC}.containers[2].lifecycle.preStop"]


def stays(*command: Any, image: Any = "nginx", kind: str = "Pod", spec: Any = None, **fields: Any) -> list[str]:
    """The shells that stay PID 1."""
    all_found = found({}, container("c", command=list(command), image=image, **fields), kind=kind, **(spec or {}))
    words = "stays PID 1 and does not pass the stop signal on: the container is killed after its grace period"
    for rule, path, message in all_found:
        assert (rule, path) == ("pid1-shell", f"{SPEC}.containers[1].command")
        assert message.endswith(f" {words}")
    return [message.removesuffix(f" {words}") for _, _, message in all_found]


@pytest.mark.parametrize("kind", LONG_RUNNING)
@pytest.mark.parametrize(
    ("words", "shell"),
    [
        (["/bin/sh", "-c", "echo starting; nginx -g 'daemon off;'"], "sh"),
        (["dash", "-ec", "server"], "dash"),
        (["/usr/bin/dash", "-c", "migrate && server"], "dash"),
        (["sh", "-c", "server > /var/log/server"], "sh"),
        (["sh", "-c", "exec > /var/log/server; server"], "sh"),
        (["sh", "-c", "{ a; b; } > /tmp/x 2>&1"], "sh"),
        (["sh", "-c", "server", UNKNOWN], "sh"),
    ],
)
def test_a_shell_that_stays_pid_1(kind: str, words: Any, shell: str) -> None:
    assert stays(*words, kind=kind) == [shell]


@pytest.mark.parametrize("shell", ["sh", "ash", "bash", "dash", "ksh", "zsh"])
@pytest.mark.parametrize("image", ["nginx", "alpine", UNKNOWN, None])
@pytest.mark.parametrize(
    "script", ["a | b", "a || b", "while :; do a; done", "until a; do b; done", "! a", "for each in a; do $each; done"]
)
def test_any_shell_stays_where_more_is_to_do(shell: str, image: Any, script: str) -> None:
    assert stays(shell, "-c", f"a; {script}", image=image) == [shell]


@pytest.mark.parametrize(
    "words",
    [
        ["sh", "-c", "exec server"],
        ["sh", "-c", "a; b && exec server > /tmp/x"],
        ["sh", "-c", "exec server > /tmp/x 2>&1"],
        ["sh", "-c", "a; exit 0"],
        ["sh", "-c", "$SERVER"],
        ["sh", "-c", "a; B=c"],
        ["sh", "-c", "a; export B=c"],
        ["sh", "-c", "bash start.sh"],
        ["sh", "-c", "sh -c 'exec server'"],
        ["sh", "-c", "trap 'kill $!' TERM; server"],
        ["sh", "-c", "server & wait"],
        ["sh", "-c", "server & if a; then wait $!; fi; b"],
        ["sh", "-c", "server; if"],
        ["sh", "-c", UNKNOWN],
        ["sh", "-c"],
        ["sh", "start.sh"],
        ["sh"],
        [UNKNOWN, "-c", "server"],
        ["server"],
        [],
        *([shell, "-c", "a; server"] for shell in ("ash", "bash", "ksh", "zsh")),
    ],
)
def test_a_shell_that_goes_over_into_its_command_or_is_none(words: Any) -> None:
    assert stays(*words) == []


@pytest.mark.parametrize(
    "image",
    [
        *(
            "alpine",
            "alpine:3.20",
            "busybox:1.36",
            "quay.io/acme/busybox",
            "nginx:1.29-alpine",
            "nginx:stable-alpine3.19",
        ),
        *("acme/alpine-tools:1", "acme/tools:busybox", UNKNOWN, None, "", 5, "INVALID"),
        *("minio/minio:RELEASE.2023-03-20T20-16-18Z", "quay.io/minio/minio", "longhornio/longhorn-share-manager:v1"),
        *(
            "mysql:8.4",
            "registry.access.redhat.com/ubi9",
            "acme/api:1-ubi9",
            "acme/api:ubi-minimal",
            "tomcat:9-corretto",
        ),
        *("public.ecr.aws/amazonlinux/amazonlinux:2023", "docker.elastic.co/logstash/logstash:9.0", "traefik:v3"),
    ],
)
def test_an_image_whose_sh_is_or_may_be_that_of_busybox_or_bash(image: Any) -> None:
    assert stays("sh", "-c", "a; server", image=image) == []


@pytest.mark.parametrize(
    "image",
    [
        *(
            "acme/alpin",
            "acme/lpine",
            "acme/busybo:1",
            "acme/usybox:1",
            "alpine.acme.io/app:1",
            "acme/kubi:1",
            "acme/rubik",
            "acme/minio:1",
        ),
        *("mirror.acme.io/quay.io/app", "mysqld:1", "bitnami/mysql:8", "docker-registry/app"),
    ],
)
def test_an_image_whose_sh_is_another(image: str) -> None:
    assert stays("sh", "-c", "a; server", image=image) == ["sh"]


def test_where_the_script_of_a_container_stands() -> None:
    assert stays("sh", args=["-c", "server"]) == ["sh"]
    assert stays("sh", "-c", args=["server"]) == ["sh"]
    assert stays("sh", "-c", "server", args=["x"]) == ["sh"]
    assert stays("sh", "-c", args=UNKNOWN) == []
    assert stays(args=["sh", "-c", "server"]) == []
    for command in (None, UNKNOWN, "sh -c server"):
        assert found(container(command=command, args=["sh", "-c", "server"], image="nginx"), kind="Pod") == []


def test_a_shell_of_a_shared_process_namespace_is_not_pid_1() -> None:
    assert stays("sh", "-c", "server", spec={"shareProcessNamespace": True}) == []
    assert stays("sh", "-c", "server", spec={"shareProcessNamespace": False}) == ["sh"]
    assert stays("sh", "-c", "server", spec={"shareProcessNamespace": None}) == ["sh"]


def test_a_shell_of_a_sidecar_or_of_a_job_is_not_judged() -> None:
    shell: Any = {"command": ["sh", "-c", "server"], "image": "nginx"}
    assert found({}, kind="Pod", initContainers=[sidecar(**shell), container(**shell)]) == []
    assert found(container(**shell), kind="Job") == []
    assert found(container(**shell), kind="Pod", restartPolicy="OnFailure") == []
