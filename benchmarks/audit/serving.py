"""`python -m benchmarks.audit.serving WORKLOADS PODS`: a generated cluster, behind an API server that only lists.

It prints its address when all pages are made, so that the time it takes for that is nobody else's.
"""

import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from benchmarks.rules.manifests import Manifest, Supply

PAGE: Final = 500
STAMP: Final = "2026-11-27T10:00:00Z"
OLD_SETS: Final = 2  # ReplicaSets that a rollout has left, beside each Deployment's present one


def objects(workloads: int, pods: int) -> Iterator[tuple[str, Manifest]]:
    """By plural; as an API server has them, with the fields of who manages what."""
    made = Supply(40).take(workloads)
    for number, each in enumerate(made):
        name, namespace = each["metadata"]["name"], each["metadata"]["namespace"]
        yield "deployments", _stored(each)
        for old in range(OLD_SETS + 1):
            meta = {"name": f"{name}-{old}", "namespace": namespace, "ownerReferences": [_owner("Deployment", name)]}
            yield "replicasets", _stored({**each, "metadata": meta})
        labels = each["spec"]["template"]["metadata"]["labels"]
        selector = {"app.kubernetes.io/name": name}
        meta = {"name": name, "namespace": namespace}
        yield "services", _stored({"metadata": meta, "spec": {"selector": selector, "ports": [{"port": 80}]}})
        names = [f"{name}-0-{index:05}" for index in range(pods // workloads + (number < pods % workloads))]
        for pod in names:
            yield "pods", _pod(pod, namespace, f"{name}-0", labels, each["spec"]["template"]["spec"])
        yield "endpointslices", _slice(name, namespace, names)
        if number % 10 == 0:
            yield "events", _event(namespace, f"{name}-0-gone1")


def _owner(kind: str, name: str) -> Manifest:
    return {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": name, "controller": True}


_MANAGED: Final = ("spec", "status", "metadata", "template", "labels")


def _stored(obj: Manifest) -> Manifest:
    fields: Manifest = {f"f:{key}": {"f:value": {}, "f:name": {}} for key in _MANAGED}
    managed = [{"manager": each, "operation": "Update", "time": STAMP, "fieldsV1": fields} for each in ("helm", "kube")]
    meta = {
        **obj["metadata"],
        "uid": "5f0c",
        "resourceVersion": "1",
        "creationTimestamp": STAMP,
        "managedFields": managed,
    }
    return {key: value for key, value in {**obj, "metadata": meta}.items() if key not in ("kind", "apiVersion")}


def _pod(name: str, namespace: str, owner: str, labels: Manifest, spec: Manifest) -> Manifest:
    meta = {"name": name, "namespace": namespace, "labels": labels, "ownerReferences": [_owner("ReplicaSet", owner)]}
    statuses = [
        {"name": each["name"], "ready": True, "restartCount": 1, "image": each["image"], "containerID": f"cri://{name}"}
        for each in spec["containers"]
    ]
    conditions = [{"type": each, "status": "True", "lastTransitionTime": STAMP} for each in ("Ready", "PodScheduled")]
    return _stored(
        {
            "metadata": meta,
            "spec": spec,
            "status": {"phase": "Running", "conditions": conditions, "containerStatuses": statuses},
        }
    )


def _slice(service: str, namespace: str, pods: list[str]) -> Manifest:
    endpoints = [
        {
            "addresses": ["10.0.0.1"],
            "conditions": {"ready": True, "serving": True, "terminating": False},
            "targetRef": {"kind": "Pod", "name": each, "namespace": namespace, "uid": each},
        }
        for each in pods
    ]
    meta = {"name": f"{service}-1", "namespace": namespace, "labels": {"kubernetes.io/service-name": service}}
    return _stored({"metadata": meta, "endpoints": endpoints})


def _event(namespace: str, pod: str) -> Manifest:
    about = {"kind": "Pod", "name": pod, "namespace": namespace, "fieldPath": "spec.containers{app}"}
    meta = {"name": f"{pod}.1", "namespace": namespace}
    return {
        "metadata": meta,
        "reason": "FailedPreStopHook",
        "involvedObject": about,
        "count": 2,
        "lastTimestamp": STAMP,
    }


class Pages:
    """What is sent, made once."""

    def __init__(self, workloads: int, pods: int) -> None:
        held: dict[tuple[str, bool], list[bytes]] = {}
        for plural, each in objects(workloads, pods):
            held.setdefault((plural, False), []).append(json.dumps(each).encode())
            held.setdefault((plural, True), []).append(json.dumps({"metadata": each["metadata"]}).encode())
        self._pages = {key: self._cut(found) for key, found in held.items()}

    @staticmethod
    def _cut(found: list[bytes]) -> list[bytes]:
        starts = range(0, len(found), PAGE)
        return [
            b'{"metadata":{"resourceVersion":"1"%b},"items":[%b]}'
            % (
                b',"continue":"%d"' % (start // PAGE + 1) if start + PAGE < len(found) else b"",
                b",".join(found[start : start + PAGE]),
            )
            for start in starts
        ]

    def page(self, plural: str, number: int, *, only_metadata: bool) -> bytes:
        pages = self._pages.get((plural, only_metadata))
        return pages[number] if pages else b'{"metadata":{"resourceVersion":"1"},"items":[]}'

    @property
    def size(self) -> int:
        """Bytes of all Pods."""
        return sum(map(len, self._pages[("pods", False)]))


class Handler(BaseHTTPRequestHandler):
    pages: Pages
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        data = b'{"gitVersion":"v1.37.2"}'
        if not url.path.startswith("/version"):
            only_metadata = "PartialObjectMetadataList" in self.headers.get("Accept", "")
            plural = url.path.rstrip("/").rpartition("/")[2]
            data = self.pages.page(plural, int(query.get("continue", 0)), only_metadata=only_metadata)
            if plural == "events" and query.get("fieldSelector") != "reason=FailedPreStopHook":
                data = b'{"metadata":{},"items":[]}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main() -> None:
    workloads, pods = map(int, sys.argv[1:])
    Handler.pages = Pages(workloads, pods)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port} {Handler.pages.size}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
