"""Workloads whose end `lifecycle audit` tells in sentences; test_audit.py deletes their Pods, and compares.

A container that is `watched` writes into /outside when its hook begins and when it gets its stop signal.
"""

from typing import Any, NamedTuple

Spec = dict[str, Any]
LABELS = {"app": "x"}
HERE = "/outside/$POD"


class Case(NamedTuple):
    """A workload named `x`, and what is told of it."""

    kind: str
    spec: Spec
    """Of its Pods."""
    sentences: str
    """Their ids, in order."""
    service: Spec | None = None
    """What the Service that selects the Pods has beside its port; None where there is none."""


def noted(name: str, what: str) -> str:
    """A shell's command that writes the time."""
    return f"date +%s.%N >> {HERE}.{name}.{what}"


def hook(name: str, script: str) -> Spec:
    """An exec hook that notes when it begins."""
    return {"exec": {"command": ["bash", "-c", f"{noted(name, 'hook')}; {script}"]}}


def watched(name: str, pre_stop: Spec | None = None, *, ends: str = "exit 0", **more: Any) -> Spec:
    """A container that notes its stop signal (nginx' image has SIGQUIT for one), and then does what `ends` says."""
    script = f"trap '{noted(name, 'signal')}; {ends}' TERM QUIT; touch /tmp/up; while :; do sleep 0.1; done"
    return {
        "name": name,
        "image": "nginx",
        "command": ["bash", "-c", script],
        "readinessProbe": {"exec": {"command": ["test", "-e", "/tmp/up"]}, "periodSeconds": 1},
        "env": [{"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
        "volumeMounts": [{"name": "outside", "mountPath": "/outside"}],
        **({"lifecycle": {"preStop": pre_stop}} if pre_stop else {}),
        **more,
    }


def pods(*containers: Spec, grace: int, sidecars: tuple[Spec, ...] = (), **more: Any) -> Spec:
    return {
        "terminationGracePeriodSeconds": grace,
        "containers": list(containers),
        **({"initContainers": [{**each, "restartPolicy": "Always"} for each in sidecars]} if sidecars else {}),
        **more,
    }


GOES_ON = ":"  # of a container that does not end by its stop signal
SLOWLY = "sleep 2; exit 0"
SHELL = {"name": "app", "image": "nginx", "command": ["sh", "-c", "sleep 1000; echo ended"]}
NGINX = {"name": "app", "image": "nginx", "readinessProbe": {"httpGet": {"port": 80}, "periodSeconds": 1}}

ENDED = {"name": "app", "image": "nginx", "command": ["true"]}

CASES: dict[str, Case] = {
    "a web server that sleeps": Case(
        "Deployment",
        pods(watched("app", {"sleep": {"seconds": 3}}), grace=8),
        "endpoint replaced-at-once hook-sleep signal kill gone",
        {},
    ),
    "no hook": Case("Pod", pods(watched("app", ends=GOES_ON), grace=4), "no-service signal-at-once kill gone"),
    "a hook longer than the grace period": Case(
        "Pod",
        pods(watched("app", {"exec": {"command": ["sleep", "10"]}}, ends=GOES_ON), grace=4),
        "no-service signal-if-failed hook-exec hook-cut signal kill gone",
    ),
    "a hook of known length": Case(
        "ReplicaSet",
        pods(watched("app", {"exec": {"command": ["sleep", "2"]}}), grace=6),
        "no-service signal-if-failed replaced-at-once hook-exec signal kill gone",
    ),
    "sidecars": Case(
        "Deployment",
        pods(
            watched("app", {"sleep": {"seconds": 2}}, ends=SLOWLY),
            sidecars=(watched("first"), watched("second", hook("second", "true"))),
            grace=12,
        ),
        "no-service replaced-at-once hook-sleep hook-unknown signal signal-in-turn signal-in-turn kill kill kill gone",
    ),
    "sidecars of an app that does not end": Case(
        "Pod",
        pods(watched("app", ends=GOES_ON), sidecars=(watched("first"), watched("second", ends=GOES_ON)), grace=4),
        "no-service signal-at-once signal-in-turn signal-in-turn kill kill kill gone",
    ),
    "a Job with a sidecar": Case(
        "Job",
        pods(
            watched("app", hook("app", "sleep 1")),
            sidecars=(watched("proxy", hook("proxy", "true")),),
            grace=8,
            restartPolicy="Never",
        ),
        "no-service signal-if-failed hook-least hook-unknown signal-after-hook signal-in-turn kill kill gone "
        "by-itself-sidecars",
    ),
    "a Job": Case(
        "Job",
        pods(watched("app", hook("app", "false")), grace=5, restartPolicy="OnFailure"),
        "no-service signal-if-failed hook-unknown signal-after-hook kill gone by-itself",
    ),
    "a hook that fails": Case(
        "Pod",
        pods(watched("app", hook("app", "sleep 3; cat /no/such/file"), ends=SLOWLY), grace=8),
        "no-service signal-if-failed hook-least signal-after-hook kill gone",
    ),
    "a hook that can only fail": Case(
        "ReplicationController",
        pods(watched("app", {"tcpSocket": {"port": 80}}), grace=8),
        "no-service replaced-at-once hook-fails signal kill gone",
    ),
    "a hook of unknown length": Case(
        "Pod",
        pods(watched("app", hook("app", "until [ $SECONDS -ge 3 ]; do sleep 0.3; done")), grace=8),
        "no-service signal-if-failed hook-unknown signal-after-hook kill gone",
    ),
    "a hook that takes a while at least": Case(
        "Pod",
        pods(watched("app", hook("app", "sleep 2; cat /etc/hostname")), grace=8),
        "no-service signal-if-failed hook-least signal-after-hook kill gone",
    ),
    "a hook without an end": Case(
        "Pod",
        pods(watched("app", hook("app", "while true; do sleep 1; done")), grace=3),
        "no-service signal-if-failed hook-endless hook-cut signal kill gone",
    ),
    "a request": Case(
        "Pod",
        pods({**NGINX, "lifecycle": {"preStop": {"httpGet": {"port": 80}}}}, grace=6),
        "no-service signal-if-failed hook-request signal-after-hook kill gone",
    ),
    "hostNetwork": Case(
        "Pod",
        pods(watched("app", {"httpGet": {"port": 9}}), grace=5, hostNetwork=True),
        "no-service hook-fails signal kill gone",
    ),
    "a StatefulSet": Case(
        "StatefulSet",
        pods(watched("app", {"sleep": {"seconds": 1}}), grace=5),
        "replaced-when-gone endpoint-stays hook-sleep signal kill gone",
        {"clusterIP": "None", "publishNotReadyAddresses": True},
    ),
    "a DaemonSet": Case(
        "DaemonSet",
        pods(watched("app", {"sleep": {"seconds": 1}}), grace=5),
        "no-service replaced-when-ended hook-sleep signal kill gone",
    ),
    "a shell that is PID 1": Case("Pod", pods(SHELL, grace=4), "no-service signal-at-once shell kill gone"),
    "a Pod that has ended": Case("Pod", pods(ENDED, grace=30, restartPolicy="Never"), "gone-ended"),
    "a Pod that no node has": Case("Pod", pods(NGINX, grace=30, nodeSelector={"no": "such"}), "gone-unscheduled"),
    "a grace period of 0": Case(
        "Pod",
        pods(watched("app", hook("app", "sleep 5")), grace=0),
        "no-service signal-if-failed gone-at-once hook-least hook-cut signal kill",
    ),
    "a grace period of 1": Case(
        "Pod",
        pods(watched("app", hook("app", "sleep 5"), ends=GOES_ON), grace=1),
        "no-service signal-if-failed hook-least hook-cut signal kill gone",
    ),
    "a probe with a grace period of its own": Case(
        "Pod",
        pods(
            watched(
                "app",
                hook("app", "sleep 6"),
                ends=GOES_ON,
                livenessProbe={
                    "exec": {"command": ["test", "-e", "/tmp/well"]},
                    "periodSeconds": 1,
                    "failureThreshold": 5,
                    "terminationGracePeriodSeconds": 3,
                },
            ),
            grace=20,
        ),
        "no-service signal-if-failed hook-least signal-after-hook kill gone probe-grace",
    ),
}
