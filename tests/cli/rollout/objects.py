"""Pods, slices and workloads as the API server tells of them."""

from typing import Any


def pod(name: str, *, ready: bool = True, deleted: bool = False, ended: int | None = None) -> dict[str, Any]:
    state = {"running": {}} if ended is None else {"terminated": {"exitCode": ended}}
    deletion = {"deletionTimestamp": "2026-01-01T00:00:00Z", "deletionGracePeriodSeconds": 30} if deleted else {}
    return {
        "metadata": {"name": name, "uid": f"uid-{name}", **deletion},
        "status": {
            "podIP": "10.0.0.1",
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
            "containerStatuses": [{"name": "app", "state": state}],
        },
    }


def endpoints(*ready: str, terminating: tuple[str, ...] = ()) -> dict[str, Any]:
    of = [(name, True) for name in ready] + [(name, False) for name in terminating]
    return {
        "metadata": {"name": "slice"},
        "endpoints": [
            {"targetRef": {"uid": f"uid-{name}"}, "conditions": {"ready": is_ready}} for name, is_ready in of
        ],
    }


def deployment(*, lifecycle: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    container = {
        "name": "app",
        "image": "ghcr.io/acme/web:1",
        "ports": [{"containerPort": 80}],
        "readinessProbe": {"httpGet": {"port": 80}},
        **({"lifecycle": lifecycle} if lifecycle else {}),
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "generation": 2},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}},
        },
        "status": {"observedGeneration": 2, **status},
    }
