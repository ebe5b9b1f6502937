"""Group `practice`: what works, but not well. The waits are as short as shows the difference."""

from functools import partial
from typing import Any

from .budget import ends_after
from .effective import PORT, PROBED, READINESS, SERVES, SHARED
from .observe import (
    after_a_restart,
    answers_while_it_ends,
    asked_before_a_restart,
    deletion,
    deletion_at_the_start,
    exit_codes,
    first_answer,
    hook_on_deletion,
    left_in_the_volume,
    log,
    phase,
    pod_security,
    restart_by_probe,
    start,
    stored,
)
from .proof import Proof, Spec, command, container, pod, shell
from .rollout import rollout
from .shutdown import download

IDLE: Spec = {"command": ["sleep", "infinity"]}
MINIMAL = "registry.k8s.io/pause:sandbox"
DATA = {"volumeMounts": [{"name": "shared", "mountPath": "/data"}]}
DEAF = {"command": ["bash", "-c", "trap '' TERM QUIT; while :; do sleep 0.1; done"]}
WEDGED: Spec = {**DEAF, "livenessProbe": {"exec": {"command": ["false"]}, "failureThreshold": 1, "periodSeconds": 1}}
LATE: Spec = {"command": ["/bin/sh", "-c", "sleep 4; exec nginx -g 'daemon off;'"], **PORT}
# Stands for Envoy: it acts on POST alone, and leaves in the volume what it did.
ADMIN = r"""
map $request_method $done { POST acted; default refused; }
server {
  listen 80;
  location = /drain_listeners {
    access_log /shared/$done;
    if ($request_method != POST) { return 405; }
    return 200;
  }
}
"""
ASKED: Spec = {
    **PROBED,
    "command": ["/bin/sh", "-c", f"echo '{ADMIN}' > /etc/nginx/conf.d/default.conf; exec nginx -g 'daemon off;'"],
    "livenessProbe": {**PROBED["livenessProbe"], "initialDelaySeconds": 4},
}
ONCE = "curl -sfo /dev/null localhost"
SERVER: Spec = {"restartPolicy": "Always", "startupProbe": {"tcpSocket": {"port": 80}, "periodSeconds": 1}}
LAST_WORD = "trap 'curl -sfo /dev/null localhost; exit $?' TERM QUIT; while :; do sleep 0.1; done"
WAIT = "until cat /tmp/go; do sleep 1; done"


def with_sidecar(hook: Spec | None) -> Spec:
    """An app whose last act is a request to its sidecar: 0 where that still answers, 7 where it is gone."""
    lifecycle = {"lifecycle": {"preStop": hook}} if hook else {}
    app = container(command=["bash", "-c", LAST_WORD], lifecycle={"preStop": {"sleep": {"seconds": 2}}})
    return {"initContainers": [container("proxy", **SERVER, **lifecycle)], "containers": [app]}


def slow_with_sidecar(grace: int) -> Spec:
    app = container(command=ends_after(9), lifecycle={"preStop": {"sleep": {"seconds": 4}}})
    proxy = container("proxy", restartPolicy="Always", command=ends_after(6))
    return {"initContainers": [proxy], "containers": [app], "terminationGracePeriodSeconds": grace}


def two_servers(second: Spec) -> Spec:
    drain = {"lifecycle": {"preStop": {"sleep": {"seconds": 6}}}}
    other = ["/bin/sh", "-c", "sed -i s/80/8080/ /etc/nginx/conf.d/default.conf; exec nginx -g 'daemon off;'"]
    api = container("api", command=other, ports=[{"containerPort": 8080}], **second)
    return {"containers": [container("web", **PORT, **drain), api]}


def beside_a_server(**app: Any) -> Spec:
    """An app that is started once nginx, its sidecar, listens; nginx has no page /healthz."""
    return {"initContainers": [container("server", **SERVER)], "containers": [container(**IDLE, **app)]}


def job(*containers: Spec, **spec: Any) -> Spec:
    return {"restartPolicy": "Never", **spec, "containers": list(containers)}


def ends_on_signal(**fields: Any) -> Spec:
    return container(command=["bash", "-c", "trap 'exit 0' TERM QUIT; while :; do sleep 0.1; done"], **fields)


PRACTICE = {
    "lifecycle-empty": Proof(
        stored,
        fails={"containers": [container(lifecycle={})]},
        failed="stored with terminationGracePeriodSeconds 30, lifecycle {}",
        works=pod({"sleep": {"seconds": 5}}),
        worked='stored with terminationGracePeriodSeconds 30, lifecycle {"preStop": {"sleep": {"seconds": 5}}}',
    ),
    "sleep-zero": Proof(
        partial(deletion, seconds=4),
        fails=pod({"sleep": {}}),
        failed="gone within 4 s",
        works=pod({"sleep": {"seconds": 5}}),
        worked="still there 4 s after its deletion",
    ),
    "exec-sleep": Proof(
        hook_on_deletion,
        fails=pod(command("sleep", "2"), image=MINIMAL),
        failed="Warning FailedPreStopHook: PreStopHook failed",
        works=pod({"sleep": {"seconds": 2}}, image=MINIMAL),
        worked="the hook did not fail",
    ),
    "exec-tool-missing": Proof(
        hook_on_deletion,
        fails=pod(shell("killall -0 nginx && sleep 1")),
        failed="Warning FailedPreStopHook: PreStopHook failed",
        works=pod(shell("kill -0 1 && sleep 1")),
        worked="the hook did not fail",
    ),
    "exec-words-lost": Proof(
        partial(deletion, seconds=4),
        fails=pod(command("sh", "-c", "echo draining > /tmp/note", "sleep 5")),
        failed="gone within 4 s",
        works=pod(command("sh", "-c", "echo draining > /tmp/note; sleep 5")),
        worked="still there 4 s after its deletion",
    ),
    "httpget-https": Proof(
        partial(start, seconds=5),
        fails=beside_a_server(lifecycle={"postStart": {"httpGet": {"port": 80, "scheme": "HTTPS"}}}),
        failed="Ready within 5 s",
        works=beside_a_server(lifecycle={"postStart": command("curl", "-sf", "https://localhost:80")}),
        worked="Warning FailedPostStartHook: PostStartHook failed",
    ),
    "httpget-status": Proof(
        partial(start, seconds=5),
        fails=beside_a_server(lifecycle={"postStart": {"httpGet": {"path": "/healthz", "port": 80}}}),
        failed="Ready within 5 s",
        works=beside_a_server(readinessProbe={"httpGet": {"path": "/healthz", "port": 80}, "periodSeconds": 1}),
        worked="phase Running, not Ready 5 s after its start",
    ),
    "httpget-host": Proof(
        pod_security,
        fails=pod({"httpGet": {"port": 80, "host": "drain.example"}}),
        failed='violates PodSecurity "baseline:latest": probe or lifecycle host '
        '(container "app" uses probe or lifecycle host "drain.example")',
        works=pod({"httpGet": {"port": 80}}),
        worked="accepted",
    ),
    "httpget-method": Proof(
        asked_before_a_restart,
        fails={**pod({"httpGet": {"path": "/drain_listeners", "port": 80}}, grace=5, **ASKED), **SHARED},
        failed="the server refused, and the hook did not fail",
        works={**pod(shell("curl -sf -X POST localhost/drain_listeners"), grace=5, **ASKED), **SHARED},
        worked="the server acted, and the hook did not fail",
    ),
    "hook-stdout-lost": Proof(
        log,
        fails=pod(shell("echo registered"), event="postStart", **IDLE),
        failed="nothing in the log",
        works=pod(shell("echo registered > /proc/1/fd/1"), event="postStart", **IDLE),
        worked="in the log: registered",
    ),
    "poststart-httpget-self": Proof(
        partial(start, seconds=15),
        fails=pod({"httpGet": {"port": 80}}, event="postStart", **LATE),
        failed="Warning FailedPostStartHook: PostStartHook failed",
        works=pod(startupProbe={"httpGet": {"port": 80}, "periodSeconds": 1, "failureThreshold": 30}, **LATE),
        worked="Ready within 15 s",
    ),
    "poststart-client-self": Proof(
        partial(start, seconds=15),
        fails=pod(shell(f"sleep 1; {ONCE}"), event="postStart", **LATE),
        failed="Warning FailedPostStartHook: PostStartHook failed",
        works=pod(shell(f"{ONCE} --retry 20 --retry-delay 1 --retry-connrefused"), event="postStart", **LATE),
        worked="Ready within 15 s",
    ),
    "poststart-unbounded": Proof(
        partial(deletion_at_the_start, seconds=12),
        fails=pod(shell(WAIT), event="postStart", grace=2, **IDLE),
        failed="still there 12 s after its deletion",
        works=pod(shell(f"timeout 3 sh -c '{WAIT}'"), event="postStart", grace=2, **IDLE),
        worked="gone within 12 s",
    ),
    "poststart-sleep": Proof(
        partial(start, seconds=5),
        fails=pod({"sleep": {"seconds": 10}}, event="postStart"),
        failed="phase Pending, not Ready 5 s after its start",
        works=pod(startupProbe={"httpGet": {"port": 80}, "initialDelaySeconds": 10}),
        worked="phase Running, not Ready 5 s after its start",
    ),
    "poststart-background": Proof(
        partial(start, seconds=5),
        fails=pod(shell("sleep 10 &"), event="postStart"),
        failed="phase Pending, not Ready 5 s after its start",
        works=pod(shell("sleep 10 > /dev/null 2>&1 &"), event="postStart"),
        worked="Ready within 5 s",
    ),
    "poststart-not-idempotent": Proof(
        after_a_restart,
        fails={**pod(shell("mkdir /data/cache"), event="postStart", **DATA), **SHARED},
        failed="FailedPostStartHook",
        works={**pod(shell("mkdir -p /data/cache"), event="postStart", **DATA), **SHARED},
        worked="Ready again",
    ),
    "poststart-in-job": Proof(
        phase,
        fails=job(ends_on_signal(lifecycle={"postStart": command("false")})),
        failed="phase Succeeded",
        works=job(ends_on_signal(), initContainers=[container("register", command=["false"])]),
        worked="phase Failed",
        kind="Job",
    ),
    "prestop-in-job": Proof(
        log,
        fails=job(container(command=["sleep", "1"], lifecycle={"preStop": shell("echo uploaded > /proc/1/fd/1")})),
        failed="nothing in the log",
        works=job(container(command=["bash", "-c", "trap 'echo uploaded' EXIT; sleep 1"])),
        worked="in the log: uploaded",
        kind="Job",
    ),
    "job-plain-sidecar": Proof(
        phase,
        fails=job(
            container(command=["sleep", "1"]),
            container("proxy", **PORT, lifecycle={"preStop": {"sleep": {"seconds": 1}}}),
        ),
        failed="phase Running",
        works=job(container(command=["sleep", "1"]), initContainers=[container("proxy", restartPolicy="Always")]),
        worked="phase Succeeded",
        kind="Job",
    ),
    "prestop-signal-return": Proof(
        download,
        fails=pod(command("nginx", "-s", "quit"), image="nginx-sigterm"),
        failed="the download was cut off",
        works=pod({"sleep": {"seconds": 6}}, image="nginx-sigterm"),
        worked="the download came whole",
    ),
    "prestop-margin": Proof(
        exit_codes,
        fails=pod({"sleep": {"seconds": 2}}, grace=6, command=ends_after(8)),
        failed="app ended with 137",
        works=pod({"sleep": {"seconds": 2}}, grace=20, command=ends_after(8)),
        worked="app ended with 0",
    ),
    "prestop-zero-grace": Proof(
        left_in_the_volume,
        fails={**pod(shell("touch /shared/done"), grace=0, **PROBED), **SHARED},
        failed="the hook did not come to its end",
        works={**pod(shell("touch /shared/done"), grace=5, **PROBED), **SHARED},
        worked="the hook came to its end",
    ),
    "prestop-uneven": Proof(
        answers_while_it_ends,
        fails=two_servers({}),
        failed="web answers, api does not answer",
        works=two_servers({"lifecycle": {"preStop": {"sleep": {"seconds": 6}}}}),
        worked="web answers, api answers",
    ),
    "sidecar-grace": Proof(
        exit_codes,
        fails=slow_with_sidecar(16),
        failed="proxy ended with 137, app ended with 0",
        works=slow_with_sidecar(40),
        worked="proxy ended with 0, app ended with 0",
    ),
    "sidecar-self-stop": Proof(
        exit_codes,
        fails=with_sidecar(command("nginx", "-s", "quit")),
        failed="proxy ended with 0, app ended with 7",
        works=with_sidecar(None),
        worked="proxy ended with 0, app ended with 0",
    ),
    "serve-no-delay": Proof(
        rollout,
        fails=pod(**SERVES),
        failed="more than 1 request in 200 was refused",
        works=pod({"sleep": {"seconds": 6}}, **SERVES),
        worked="of 200 requests hardly one was refused",
        kind="Deployment",
    ),
    "serve-no-readiness": Proof(
        first_answer,
        fails=pod({"sleep": {"seconds": 3}}, **LATE),
        failed="Ready, and does not answer",
        works=pod({"sleep": {"seconds": 3}}, **LATE, **READINESS),
        worked="Ready, and answers",
        kind="Deployment",
    ),
    "wedge-grace": Proof(
        partial(restart_by_probe, seconds=10),
        fails=pod(grace=130, **WEDGED),
        failed="not restarted 10 s after its probe failed",
        works=pod(
            grace=130, **{**WEDGED, "livenessProbe": {**WEDGED["livenessProbe"], "terminationGracePeriodSeconds": 2}}
        ),
        worked="restarted within 10 s",
    ),
    "grace-too-long": Proof(
        partial(deletion, seconds=8),
        fails=pod(grace=900, **DEAF),
        failed="still there 8 s after its deletion",
        works=pod(grace=3, **DEAF),
        worked="gone within 8 s",
    ),
    "pid1-shell": Proof(
        exit_codes,
        fails=pod(grace=4, command=["/bin/sh", "-c", "echo starting; nginx -g 'daemon off;'"]),
        failed="app ended with 137",
        works=pod(grace=4, command=["/bin/sh", "-c", "echo starting; exec nginx -g 'daemon off;'"]),
        worked="app ended with 0",
    ),
}
