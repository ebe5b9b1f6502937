"""Objects as a cluster has them."""

from typing import Any

Json = dict[str, Any]
NAMESPACE = "shop"


def meta(name: str, owner: tuple[str, str] | None = None, **more: Any) -> Json:
    owners = [{"kind": owner[0], "name": owner[1], "apiVersion": "apps/v1", "controller": True}] if owner else []
    return {"name": name, "namespace": NAMESPACE, **({"ownerReferences": owners} if owners else {}), **more}


def container(name: str = "app", pre_stop: Json | None = None, **more: Any) -> Json:
    lifecycle = {"lifecycle": {"preStop": pre_stop}} if pre_stop is not None else {}
    return {"name": name, "image": f"ghcr.io/acme/{name}:1", **lifecycle, **more}


def spec(*containers: Json, grace: int = 30, **more: Any) -> Json:
    return {"containers": list(containers or (container(),)), "terminationGracePeriodSeconds": grace, **more}


def template(name: str, pod: Json, **annotations: str) -> Json:
    return {"metadata": {"labels": {"app": name}, "annotations": annotations}, "spec": pod}


def workload(kind: str, name: str, pod: Json | None = None, **metadata: Any) -> Json:
    made = template(name, pod or spec())
    body: Json = {"selector": {"matchLabels": {"app": name}}, "template": made}
    if kind == "CronJob":
        body = {"jobTemplate": {"spec": {"template": made}}}
    group = "batch/v1" if kind in ("Job", "CronJob") else "v1" if kind == "ReplicationController" else "apps/v1"
    return {"apiVersion": group, "kind": kind, "metadata": meta(name, labels={"app": name}, **metadata), "spec": body}


def pod(
    name: str,
    owner: tuple[str, str] | None = None,
    pod: Json | None = None,
    *,
    app: str = "",
    ready: bool = True,
    restarts: int = 0,
    phase: str = "Running",
) -> Json:
    made = pod or spec()
    statuses = [{"name": each["name"], "restartCount": restarts, "ready": ready} for each in made["containers"]]
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta(name, owner, labels={"app": app or name, **_hash(owner)}),
        "spec": {"nodeName": "one", **made},
        "status": {"phase": phase, "conditions": conditions, "containerStatuses": statuses},
    }


def _hash(owner: tuple[str, str] | None) -> Json:
    return {"pod-template-hash": owner[1].rpartition("-")[2]} if owner and owner[0] == "ReplicaSet" else {}


def replica_set(name: str, deployment: str) -> Json:
    made = workload("ReplicaSet", deployment)
    return {**made, "metadata": meta(name, ("Deployment", deployment))}


def service(name: str, app: str, **more: Any) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": meta(name),
        "spec": {"selector": {"app": app}, "ports": [{"port": 80}], **more},
    }


def endpoint_slice(service: str, pods: dict[str, bool]) -> Json:
    """Pods by name, and whether each is ready."""
    endpoints = [
        {"targetRef": {"kind": "Pod", "name": name, "namespace": NAMESPACE}, "conditions": {"ready": ready}}
        for name, ready in pods.items()
    ]
    labels = {"kubernetes.io/service-name": service}
    return {"kind": "EndpointSlice", "metadata": meta(f"{service}-1", labels=labels), "endpoints": endpoints}


def event(reason: str, pod: str, container: str = "app", count: int = 1, last: str = "2026-11-27T10:00:00Z") -> Json:
    about = {"kind": "Pod", "namespace": NAMESPACE, "name": pod, "fieldPath": f"spec.containers{{{container}}}"}
    return {
        "kind": "Event",
        "metadata": meta(f"{pod}.{reason}"),
        "reason": reason,
        "involvedObject": about,
        "count": count,
        "lastTimestamp": last,
    }
