"""The programs that are compared: the same Pods, three ways; `python -m benchmarks.component.programs WAY COUNT`."""

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pulumi
import pulumi_kubernetes as k8s
from pulumi import automation as auto

from lifecycle_demo import LifecycleDemo, hooks
from sandbox.engine import engine, find_cli


def _args(number: int) -> Any:
    """Arguments of a usual size; a hook in twenty is another one."""
    return {
        "image": "ghcr.io/acme/web:1.4",
        "env": {"LOG_LEVEL": "info", "NUMBER": str(number)},
        "ports": [{"name": "http", "container_port": 8080}],
        "post_start": hooks.shell(f"echo {number % 20} > /tmp/started"),
        "pre_stop": hooks.drain_delay(10),
        "container": {"readiness_probe": {"http_get": {"path": "/ready", "port": "http"}}},
    }


def _pod(number: int, parent: pulumi.Resource | None = None) -> None:
    """What a LifecycleDemo of the same arguments declares, by hand."""
    k8s.core.v1.Pod(
        f"web-{number}",
        metadata={"name": f"web-{number}", "labels": {"app.kubernetes.io/name": f"web-{number}"}},
        spec={
            "containers": [
                {
                    "name": f"web-{number}-container",
                    "image": "ghcr.io/acme/web:1.4",
                    "env": [{"name": "LOG_LEVEL", "value": "info"}, {"name": "NUMBER", "value": str(number)}],
                    "ports": [{"name": "http", "container_port": 8080}],
                    "lifecycle": {
                        "post_start": {"exec_": {"command": ["/bin/sh", "-c", f"echo {number % 20} > /tmp/started"]}},
                        "pre_stop": {"sleep": {"seconds": 10}},
                    },
                    "readiness_probe": {"http_get": {"path": "/ready", "port": "http"}},
                }
            ],
            "termination_grace_period_seconds": 30,
        },
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _pods(count: int) -> None:
    for number in range(count):
        _pod(number)


class _Web(pulumi.ComponentResource):
    """A component of three lines, as people write it."""

    def __init__(self, number: int) -> None:
        super().__init__("acme:index:Web", f"web-{number}")
        _pod(number, self)
        self.register_outputs({})


def _components(count: int) -> None:
    for number in range(count):
        _Web(number)


def _lifecycle_demos(count: int) -> None:
    for number in range(count):
        LifecycleDemo(f"web-{number}", _args(number))


BARE: Final = "Pod alone"
COMPONENT: Final = "component of three lines"
DEMO: Final = "LifecycleDemo"
WAYS: Final[Mapping[str, Callable[[int], None]]] = {BARE: _pods, COMPONENT: _components, DEMO: _lifecycle_demos}


def main(way: str, count: int) -> None:
    """One preview on the real engine; prints what it took as JSON, on the last line."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as made:
        root = Path(made)
        (root / "Pulumi.yaml").write_text("name: benchmark\nruntime: python\n")
        env = engine(root, find_cli(), None, root).env
        os.environ.update(env)
        stack = auto.create_or_select_stack(
            "benchmark",
            project_name="benchmark",
            program=lambda: WAYS[way](count),
            opts=auto.LocalWorkspaceOptions(work_dir=made, env_vars=env),
        )
        LifecycleDemo, k8s.core.v1.Pod  # noqa: B018 - this module is read at its first use, and imports are not what is measured
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        stack.preview(color="never")
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"wall": wall, "cpu": cpu, "mib": after.ru_maxrss / 1024}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
