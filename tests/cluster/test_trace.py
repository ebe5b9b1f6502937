"""`lifecycle trace` against what the Pods themselves wrote down: each time lies within the bounds that it shows.

tests/cli/trace/recordings are from here: LIFECYCLE_RECORDINGS names a folder into which the tests leave theirs.
"""

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cluster import Cluster, until
from kubernetes import client
from tracing import is_in_order, recorded, start

from lifecycle_cli.trace.life import Life, Span

WITHIN = 0.3  # seconds: what starting a shell takes, most of all
CPUS = os.cpu_count() or 1


def log(row: str, what: str) -> str:
    """A shell command that writes down the time under the name of a row and a mark."""
    return f"date +%s.%N >> /outside/{row}.{what}"


def hook(row: str, name: str, between: str, *, ends: bool = True) -> dict[str, Any]:
    """Writes down when it begins and ends."""
    end = f"; {log(row, f'{name}-ended')}" if ends else ""
    return {"exec": {"command": ["/bin/sh", "-c", f"{log(row, f'{name}-began')}; {between}{end}"]}}


def process(row: str, on_signal: str = "") -> dict[str, Any]:
    """Runs until its stop signal; writes down when it started, got the signal and ended."""
    stop = f"{log(row, 'stop-signal')}; {on_signal}{log(row, 'exited')}; exit 0"
    script = f"{log(row, 'started')}; trap '{stop}' TERM QUIT; while :; do sleep 0.02; done"
    return {"name": row, "image": "nginx", "command": ["/bin/sh", "-c", script]}


def runs(row: str, seconds: float) -> dict[str, Any]:
    """Ends by itself."""
    script = f"{log(row, 'started')}; sleep {seconds}; {log(row, 'exited')}"
    return {"name": row, "image": "nginx", "command": ["/bin/sh", "-c", script]}


class Scene(NamedTuple):
    """Pods that live and end, and what is seen of it, in this order."""

    spec: dict[str, Any]
    act: Callable[[Cluster, str], object]
    order: list[tuple[str, str]]
    """Rows and marks."""
    spans: list[tuple[str, str, str]]
    """Rows, spans and how they ended."""
    findings: list[tuple[str, str, str]]
    kind: str = "Pod"
    args: tuple[str, ...] = ()


def nothing(_: Cluster, name: str) -> None:
    """It ends by itself, or the command ends it."""


def after(seconds: float) -> Callable[[Cluster, str], object]:
    def act(cluster: Cluster, name: str) -> None:
        cluster.ready(name)
        time.sleep(seconds)
        cluster.delete(name, wait=False)

    return act


def once_restarted(cluster: Cluster, name: str) -> None:
    until(lambda: (status := cluster.status(name)) and status.restart_count >= 1 and status.ready, "the restart")
    cluster.delete(name, wait=False)


def once_failed(cluster: Cluster, name: str) -> None:
    until(lambda: (status := cluster.status(name)) and status.restart_count >= 1, "the restart")
    time.sleep(1)
    cluster.delete(name, wait=False)


def drain(cluster: Cluster, name: str) -> None:
    cluster.ready(name)
    (node,) = (each.metadata.name for each in cluster.core.list_node().items)
    try:
        cluster.kubectl("drain", node, "--force", f"--pod-selector=of={cluster.namespace}", "--timeout=60s")
    finally:
        cluster.kubectl("uncordon", node)


def until_complete(cluster: Cluster, name: str) -> None:
    def is_complete() -> bool:
        job = client.BatchV1Api(cluster.api).read_namespaced_job(name, cluster.namespace)
        return bool(job.status.succeeded)

    until(is_complete, "the Job")


NGINX = {"name": "web", "image": "nginx", "readinessProbe": {"httpGet": {"port": 80}, "periodSeconds": 1}}
POD = {"demo": "lifecycle-demo", "job": "nightly"}  # others are named as their scene
SCENES = {
    "demo": Scene(
        {
            "containers": [
                {
                    "name": "lifecycle-demo-container",
                    "image": "nginx",
                    "lifecycle": {
                        "postStart": hook(
                            "lifecycle-demo-container",
                            "postStart",
                            "echo Hello from the postStart handler > /usr/share/message; sleep 1",
                        ),
                        "preStop": hook(
                            "lifecycle-demo-container",
                            "preStop",
                            "nginx -s quit; while [ -e /run/nginx.pid ]; do sleep 0.1; done",
                            ends=False,
                        ),
                    },
                }
            ]
        },
        nothing,
        [
            ("", "created"),
            ("", "scheduled"),
            ("", "sandbox"),
            ("lifecycle-demo-container", "started"),
            ("lifecycle-demo-container", "postStart-began"),
            ("lifecycle-demo-container", "postStart-ended"),
            ("", "ready"),
            ("", "deletion"),
            ("lifecycle-demo-container", "preStop-began"),
            ("lifecycle-demo-container", "exited"),
            ("", "gone"),
        ],
        [("lifecycle-demo-container", "postStart", "ok")],
        [],
        args=("--delete", "--yes"),
    ),
    "poststart-fails": Scene(
        {"containers": [{**process("c"), "lifecycle": {"postStart": hook("c", "postStart", "sleep 1; exit 3")}}]},
        once_failed,
        [
            ("c", "started"),
            ("c", "postStart-began"),
            ("c", "postStart-failed"),
            ("c", "killing"),
            ("c", "exited"),
            ("", "gone"),
        ],
        [("c", "postStart", "failed")],
        [("c", "postStart-failed", "")],
    ),
    "prestop-cut": Scene(
        {
            "terminationGracePeriodSeconds": 4,
            "containers": [{**process("c", "sleep 30;"), "lifecycle": {"preStop": hook("c", "preStop", "sleep 30")}}],
        },
        after(1),
        [
            ("c", "started"),
            ("", "ready"),
            ("", "deletion"),
            ("c", "preStop-began"),
            ("c", "preStop-cut"),
            ("c", "stop-signal"),
            ("c", "exited"),
            ("", "gone"),
        ],
        [("c", "preStop", "cut"), ("c", "stopping", "ok")],
        [("c", "preStop-cut", "prestop-budget")],
    ),
    "sidecars": Scene(
        {
            "initContainers": [
                runs("migrate", 1),
                {**process("proxy"), "restartPolicy": "Always"},
                {
                    **process("logs"),
                    "restartPolicy": "Always",
                    "lifecycle": {
                        "postStart": hook("logs", "postStart", "sleep 1"),
                        "preStop": {"sleep": {"seconds": 1}},
                    },
                },
            ],
            "containers": [{**process("app", "sleep 2;"), "lifecycle": {"preStop": hook("app", "preStop", "sleep 1")}}],
        },
        after(1),
        [
            ("migrate", "started"),
            ("migrate", "exited"),
            ("proxy", "started"),
            ("logs", "started"),
            ("logs", "postStart-ended"),
            ("app", "started"),
            ("", "ready"),
            ("", "deletion"),
            ("app", "preStop-began"),
            ("app", "preStop-ended"),
            ("app", "stop-signal"),
            ("app", "exited"),
            ("logs", "stop-signal"),
            ("logs", "exited"),
            ("proxy", "stop-signal"),
            ("proxy", "exited"),
            ("", "gone"),
        ],
        [("logs", "postStart", "ok"), ("app", "preStop", "ok"), ("logs", "preStop", "ok"), ("proxy", "stopping", "ok")],
        [],
    ),
    "job": Scene(
        {
            "restartPolicy": "Never",
            "initContainers": [
                {
                    **process("proxy"),
                    "restartPolicy": "Always",
                    "lifecycle": {"preStop": hook("proxy", "preStop", "sleep 1")},
                }
            ],
            "containers": [{**runs("work", 2), "lifecycle": {"preStop": hook("work", "preStop", "true")}}],
        },
        until_complete,
        [
            ("proxy", "started"),
            ("work", "started"),
            ("work", "exited"),
            ("proxy", "preStop-began"),
            ("proxy", "preStop-ended"),
            ("proxy", "stop-signal"),
            ("proxy", "exited"),
            ("", "completed"),
        ],
        [("work", "running", "ok"), ("proxy", "preStop", "ok")],
        [("work", "preStop-not-run", "prestop-in-job")],
        kind="Job",
    ),
    "liveness": Scene(
        {
            "containers": [
                {
                    **process("c"),
                    "livenessProbe": {
                        "exec": {"command": ["sh", "-c", "[ ! -e /tmp/ill ]"]},
                        "periodSeconds": 1,
                        "failureThreshold": 2,
                    },
                    "lifecycle": {
                        "postStart": {
                            "exec": {"command": ["sh", "-c", "[ -e /outside/c.preStop-began ] || touch /tmp/ill"]}
                        },
                        "preStop": hook("c", "preStop", "sleep 1"),
                    },
                }
            ]
        },
        once_restarted,
        [
            ("c", "started"),
            ("c", "probe-failed"),
            ("c", "killing"),
            ("c", "preStop-began"),
            ("c", "stop-signal"),
            ("c", "exited"),
            ("", "gone"),
        ],
        [("c", "preStop", "ok")],
        [("c", "probe-failed", ""), ("c", "killed-by-probe", "")],
    ),
    "completes": Scene(
        {"restartPolicy": "Never", "containers": [runs("c", 2)]},
        nothing,
        [("", "created"), ("c", "started"), ("c", "exited"), ("", "completed")],
        [("c", "running", "ok")],
        [],
    ),
    "drained": Scene(
        {
            "containers": [
                {**NGINX, "lifecycle": {"preStop": hook("web", "preStop", "sleep 2")}},
            ]
        },
        drain,
        [
            ("web", "started"),
            ("", "ready"),
            ("", "evicted"),
            ("", "deletion"),
            ("web", "preStop-began"),
            ("web", "preStop-ended"),
            ("web", "stop-signal"),
            ("web", "exited"),
            ("", "gone"),
        ],
        [("web", "preStop", "ok")],
        [("", "evicted", "")],
    ),
}


@pytest.mark.parametrize("name", SCENES)
def test_a_life_as_the_pod_itself_has_it(cluster: Cluster, name: str, tmp_path: Path) -> None:
    scene = SCENES[name]
    recording = Path(os.environ.get("LIFECYCLE_RECORDINGS", tmp_path)) / f"{name}.jsonl"
    pod = POD.get(name, name)
    is_first = "--delete" in scene.args  # what is to be deleted must be there; all else is seen from its beginning
    if is_first:
        _apply(cluster, scene, pod)
        cluster.ready(pod)
    which = [pod] if is_first else ["-l", f"of={cluster.namespace}"]
    tracing = start(cluster, [*which, *scene.args, "--json", "--timeout", "90s", "--record", str(recording)])
    until(lambda: recording.exists() and '"Pod"' in recording.read_text(), "the trace has begun")
    if not is_first:
        _apply(cluster, scene, pod)
    threading.Thread(target=scene.act, args=(cluster, pod)).start()
    out, err = tracing.communicate(timeout=120)
    assert tracing.returncode == 0, err

    life = recorded(recording)
    (told,) = json.loads(out)["lives"]
    assert told["state"] == ("completed" if "completed" in scene.order[-1] else "gone")

    _is_true(cluster, life)
    is_in_order(life, scene.order)
    for row, what, how in scene.spans:
        assert (what, how) in [(each.what, each.how) for each in life.row(row).spans], (row, what, how)
    found = [(each["container"], each["what"], each["rule"]) for each in told["findings"]]
    for finding in scene.findings:
        assert finding in found


def _apply(cluster: Cluster, scene: Scene, name: str) -> None:
    mounts = [{"name": "outside", "mountPath": "/outside"}]
    host = {"path": cluster._folder, "type": "DirectoryOrCreate"}
    spec = {**scene.spec, "volumes": [{"name": "outside", "hostPath": host}]}
    for field in ("containers", "initContainers"):
        if field in spec:
            spec[field] = [{**each, "volumeMounts": mounts} for each in spec[field]]
    metadata = {"name": name, "labels": {"of": cluster.namespace}}
    if scene.kind == "Job":
        cluster.apply(
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": metadata,
                "spec": {"template": {"metadata": {"labels": metadata["labels"]}, "spec": spec}},
            }
        )
    else:
        cluster.apply({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})


def _is_true(cluster: Cluster, life: Life) -> None:
    """Each time that a Pod wrote down lies within the bounds of its mark; so does what lies between two of them."""
    true: dict[tuple[str, str], list[float]] = {}
    for file in cluster.outside.iterdir():
        row, _, what = file.name.partition(".")
        true[row, what] = [float(each) - life.zero / 1e6 for each in file.read_text().split()]
    assert true
    within = _within()
    for (row, what), times in true.items():
        marks = [each.at for each in life.row(row).marks if each.what == what or each.what == _ENDS.get(what)]
        for time_, at in zip(times, marks, strict=False):
            assert at.earliest is not None and at.latest is not None, (row, what)
            print(f"{row} {what}: {at.earliest:.3f} <= {time_:.3f} <= {at.latest:.3f}")
            assert at.earliest - WITHIN <= time_ <= at.latest + within, (row, what)
    for row, span, begin, end in (
        (row, span, begin, end)
        for row in {row for row, _ in true}
        for span, begin, end in (
            ("postStart", "postStart-began", "postStart-ended"),
            ("preStop", "preStop-began", "preStop-ended"),
            ("stopping", "stop-signal", "exited"),
        )
    ):
        spans = [each for each in life.row(row).spans if each.what == span and each.end]
        for first, last, lasted in zip(true.get((row, begin), ()), true.get((row, end), ()), spans, strict=False):
            _lasted(row, lasted, last - first)


def _within() -> float:
    """More where others keep the machine busy: a shell waits its turn."""
    return WITHIN * max(1.0, os.getloadavg()[0] / CPUS)


_ENDS = {"preStop-ended": "preStop-failed"}  # a hook that ended with its container wrote down its end before


def _lasted(row: str, span: Span, seconds: float) -> None:
    least, most = span.seconds
    assert least is not None and most is not None
    print(f"{row} {span.what}: {least:.3f} <= {seconds:.3f} <= {most:.3f}")
    assert least - _within() <= seconds <= most + _within(), (row, span.what)


def test_the_next_pod_of_a_deployment(cluster: Cluster, tmp_path: Path) -> None:
    """Not the one that is there, and that one alone."""
    template = {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "api"}}, "template": template}
    cluster.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api"}, "spec": spec})
    (old,) = until(lambda: cluster.core.list_namespaced_pod(cluster.namespace).items, "the first Pod")
    recording = tmp_path / "next.jsonl"
    tracing = start(cluster, ["--next-of", "deploy/api", "--json", "--timeout", "90s", "--record", str(recording)])
    until(lambda: recording.exists() and '"Pod"' in recording.read_text(), "the trace has begun")
    cluster.kubectl("rollout", "restart", "deployment/api")
    cluster.kubectl("rollout", "status", "deployment/api")
    cluster.kubectl("delete", "deployment", "api", "--wait=false")
    out, err = tracing.communicate(timeout=120)
    assert tracing.returncode == 0, err
    (life,) = json.loads(out)["lives"]
    assert life["name"] != old.metadata.name and life["state"] == "gone"
