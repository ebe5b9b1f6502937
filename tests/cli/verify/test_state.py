"""What a Pod's status says of its containers."""

from typing import Any

import pytest

from lifecycle_cli.verify.state import count, is_over, wanting

READY = {"ready": True, "state": {"running": {}}}
WAITS = {"ready": False, "state": {"waiting": {"reason": "PostStartHookError", "message": "exit 3:\n out"}}}


def pod(*states: dict[str, Any], sidecar: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    statuses = [{"name": f"c{number}", **each} for number, each in enumerate(states)]
    inits = [{"name": "init"}, {"name": "proxy", "restartPolicy": "Always"}] if sidecar is not None else []
    return {
        "metadata": {},
        "spec": {"containers": [{"name": f"c{number}"} for number in range(2)], "initContainers": inits},
        "status": {
            "phase": "Running",
            "containerStatuses": statuses,
            "initContainerStatuses": [{"name": "proxy", **sidecar}] if sidecar else [],
            **status,
        },
    }


@pytest.mark.parametrize(
    ("told", "lines"),
    [
        (pod(READY, READY), []),
        (pod(READY, WAITS), ["container c1 waits: PostStartHookError: exit 3: out"]),
        (pod(READY, {"ready": False, "state": {"running": {}}}), ["container c1 runs, but is not Ready"]),
        (
            pod({"state": {"terminated": {"exitCode": 137, "reason": "Error"}}}, READY),
            ["container c0 has ended with exit code 137: Error"],
        ),
        (pod(READY), ["container c1: the kubelet has not reported it yet"]),
        (pod(READY, READY, sidecar=READY), []),
        (pod(READY, READY, sidecar=WAITS), ["container proxy waits: PostStartHookError: exit 3: out"]),
        (pod(READY, READY, sidecar={}), ["container proxy: the kubelet has not reported it yet"]),
        (pod(phase="Pending"), ["phase Pending"]),
        (
            pod(phase="Pending", conditions=[{"status": "False", "reason": "Unschedulable", "message": "0/1 nodes"}]),
            ["phase Pending: 0/1 nodes"],
        ),
        ({"spec": {}, "status": None}, ["phase unknown"]),
    ],
)
def test_what_keeps_it_from_being_up(told: dict[str, Any], lines: list[str]) -> None:
    assert wanting(told) == lines


def test_what_no_waiting_brings_up() -> None:
    assert [is_over(pod(phase=each)) for each in ("Running", "Pending", "Succeeded", "Failed")] == [
        False,
        False,
        True,
        True,
    ]
    assert is_over({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}})


def test_sidecars_are_counted() -> None:
    assert (count(pod()), count(pod(sidecar=READY))) == (2, 3)
