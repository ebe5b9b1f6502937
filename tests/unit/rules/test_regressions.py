"""What was once found although nothing is wrong, or ended in an exception: such cases stay."""

import json
from typing import Any

import pytest

from lifecycle_rules import UNKNOWN, check


def pod(lifecycle: Any = None, spec: Any = None, **fields: Any) -> dict[str, Any]:
    own = {"name": "c", **fields} | ({} if lifecycle is None else {"lifecycle": lifecycle})
    return {"spec": {"containers": [own], **(spec or {})}}


def deployment(top: Any, **fields: Any) -> dict[str, Any]:
    return {"spec": {"template": pod(**fields), **top}}


def shell(script: str) -> dict[str, Any]:
    return {"exec": {"command": ["sh", "-c", script]}}


def entry(script: str) -> dict[str, Any]:
    return pod(command=["sh", "-c", script], image="nginx")


DATA = {"volumeMounts": [{"mountPath": "/data"}]}
SERVER: Any = {"ports": [{"containerPort": 80}], "readinessProbe": {}}
DEEP = json.loads("[" * 900 + "]" * 900)
# What it is about, kind, object, options of check, and the rules that must be silent.
CASES: list[tuple[str, str, Any, Any, set[str]]] = [
    ("crash: empty script", "Pod", entry(""), {}, {"pid1-shell"}),
    ("crash: comment", "Pod", entry("# nothing"), {}, {"pid1-shell"}),
    ("crash: { }", "Pod", entry("{ }"), {}, {"pid1-shell"}),
    ("crash: deep list beside a lost field", "Pod", pod({"a": 1, "preStop": DEEP}), {}, set()),
    ("UNKNOWN strategy", "Deployment", deployment({"strategy": UNKNOWN}, **SERVER), {}, {"serve-no-delay"}),
    ("UNKNOWN type", "Deployment", deployment({"strategy": {"type": UNKNOWN}}, **SERVER), {}, {"serve-no-delay"}),
    (
        "UNKNOWN shareProcessNamespace",
        "Pod",
        pod(command=["sh", "-c", "a"], image="nginx", spec={"shareProcessNamespace": UNKNOWN}),
        {},
        {"pid1-shell"},
    ),
    (
        "UNKNOWN restartPolicy of an init container",
        "Pod",
        {"spec": {"initContainers": [{"restartPolicy": UNKNOWN, "lifecycle": {"preStop": {"sleep": {"seconds": 1}}}}]}},
        {},
        {"lifecycle-on-init"},
    ),
    (
        "UNKNOWN port",
        "Pod",
        pod({"postStart": {"httpGet": {"port": UNKNOWN}}}, ports=[{"name": UNKNOWN}], spec={"initContainers": [{}]}),
        {},
        {"poststart-httpget-self"},
    ),
    (
        "UNKNOWN initContainers",
        "Pod",
        pod({"postStart": {"httpGet": {"port": 80}}}, spec={"initContainers": UNKNOWN}),
        {},
        {"poststart-httpget-self"},
    ),
    (
        "UNKNOWN word of kill",
        "Pod",
        pod({"preStop": {"exec": {"command": ["kill", UNKNOWN, "1"]}}}),
        {},
        {"prestop-signal-return"},
    ),
    ("bool seconds", "Pod", pod({"preStop": {"sleep": {"seconds": False}}}), {}, {"sleep-zero"}),
    (
        "bool seconds",
        "Pod",
        pod({"preStop": {"sleep": {"seconds": True}}}, spec={"terminationGracePeriodSeconds": 0}),
        {},
        {"sleep-bounds"},
    ),
    (
        "bool seconds",
        "Pod",
        pod({"preStop": {"sleep": {"seconds": True}}}, spec={"terminationGracePeriodSeconds": 1}),
        {},
        {"prestop-budget"},
    ),
    (
        "bool grace",
        "Pod",
        pod({"preStop": {"sleep": {"seconds": 3}}}, spec={"terminationGracePeriodSeconds": True}),
        {},
        {"sleep-bounds"},
    ),
    (
        "bool grace",
        "Pod",
        pod({"preStop": shell("drain")}, spec={"terminationGracePeriodSeconds": False}),
        {},
        {"prestop-zero-grace"},
    ),
    ("bool probe grace", "Pod", pod(livenessProbe={"terminationGracePeriodSeconds": False}), {}, {"probe-grace"}),
    ("text probe grace", "Pod", pod(readinessProbe={"terminationGracePeriodSeconds": "x"}), {}, {"probe-grace"}),
    ("list for a hook", "Pod", pod({"preStop": [{"a": 1}]}), {}, {"hook-known-field"}),
    (
        "mapping for a list",
        "Pod",
        pod({"preStop": {"httpGet": {"port": 80, "httpHeaders": {"x": 1}}}}),
        {},
        {"hook-known-field"},
    ),
    (
        "text for os",
        "Pod",
        pod({"stopSignal": "SIGX"}, spec={"os": "linux"}),
        {"features": ["ContainerStopSignals"]},
        {"stopsignal-os"},
    ),
    ("exec in each branch", "Pod", entry("if [ -f /x ]; then exec a; else exec b; fi"), {}, {"pid1-shell"}),
    ("exec in each branch", "Pod", entry("test -f /x && exec a || exec b"), {}, {"pid1-shell"}),
    ("exec in each branch", "Pod", entry('case "$1" in a) exec b;; *) exec c;; esac'), {}, {"pid1-shell"}),
    ("the shell ends at once", "Pod", entry("a &"), {}, {"pid1-shell"}),
    ("the shell ends at once", "Pod", entry("f() { a; }"), {}, {"pid1-shell"}),
    (
        "command -v",
        "Pod",
        pod({"preStop": shell("command -v curl || exit 0; curl x")}, image="debian"),
        {},
        {"exec-tool-missing"},
    ),
    ("output of a group", "Pod", pod({"postStart": shell("{ a & } > /dev/null 2>&1")}), {}, {"poststart-background"}),
    ("exec > file", "Pod", pod({"postStart": shell("exec > /x 2>&1; a &")}), {}, {"poststart-background"}),
    ("a link to it", "Pod", pod({"postStart": shell("ln -s /data/a /b")}, **DATA), {}, {"poststart-not-idempotent"}),
    ("the volume itself", "Pod", pod({"postStart": shell("mkdir /data/")}, **DATA), {}, {"poststart-not-idempotent"}),
    ("no signal", "Pod", pod({"preStop": shell("kill -s 0 1")}), {}, {"prestop-signal-return"}),
    (
        "probe in a patch",
        "PodPatch",
        pod(livenessProbe={}, spec={"terminationGracePeriodSeconds": 121}),
        {},
        {"wedge-grace"},
    ),
    ("sleep in a patch", "PodPatch", pod({"preStop": {"sleep": {}}}), {}, {"sleep-zero"}),
    ("pid 1 in a patch", "PodPatch", entry("a | b"), {}, {"pid1-shell"}),
    (
        "reload of a sidecar",
        "Pod",
        {
            "spec": {
                "initContainers": [
                    {"restartPolicy": "Always", "lifecycle": {"preStop": {"exec": {"command": ["kill", "-HUP", "1"]}}}}
                ]
            }
        },
        {},
        {"sidecar-self-stop"},
    ),
]
CASES += [
    (
        "behind an exit",
        "Pod",
        pod({"postStart": shell("[ -e /data/a ] && exit 0; mkdir /data/a")}, **DATA),
        {},
        {"poststart-not-idempotent"},
    ),
    ("an option's value", "Pod", pod({"preStop": shell("timeout -s TERM 5 curl x")}), {}, {"exec-tool-missing"}),
    ("stops while it waits", "Pod", pod({"preStop": shell("kill 1 && sleep 60")}), {}, {"prestop-budget"}),
]


@pytest.mark.parametrize(("name", "kind", "obj", "options", "wrong"), CASES)
def test_it_stays_silent(name: str, kind: str, obj: Any, options: Any, wrong: set[str]) -> None:
    assert {each.rule.id for each in check(kind, obj, **options)} & wrong == set()
