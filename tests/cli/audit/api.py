"""A small API server on loopback: lists in pages, selectors, metadata alone, refusals, and faults."""

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

Json = dict[str, Any]
PLURALS = {
    "pods": "Pod",
    "events": "Event",
    "services": "Service",
    "replicationcontrollers": "ReplicationController",
    "endpointslices": "EndpointSlice",
    "deployments": "Deployment",
    "replicasets": "ReplicaSet",
    "statefulsets": "StatefulSet",
    "daemonsets": "DaemonSet",
    "jobs": "Job",
    "cronjobs": "CronJob",
}
GROUPS = {
    **dict.fromkeys(("deployments", "replicasets", "statefulsets", "daemonsets"), "apps"),
    **dict.fromkeys(("jobs", "cronjobs"), "batch"),
}


@dataclass
class Api:
    """What it serves, and how it fails."""

    objects: dict[str, list[Json]] = field(default_factory=dict)
    """By plural."""
    forbidden: set[str] = field(default_factory=set)
    """Plurals, `get pods`, or `/version`."""
    version: str = "v1.37.2"
    page: int = 0
    """Objects in a page at most, however many are asked for; 0 for as many."""
    gone: list[bool] = field(default_factory=list)
    """For each list that goes on, whether it is gone; a True with `goes_on` gives a token to go on by."""
    goes_on: bool = True
    answers: bytes = b""
    answers_with: int = 200
    """To all that is asked, in place of what it has."""
    dies_after: int | None = None
    """Requests."""
    asked: list[str] = field(default_factory=list)
    """Paths with their queries."""
    headers: list[dict[str, str]] = field(default_factory=list)
    kubeconfig: Path = Path()
    stuck: threading.Event | None = None
    """Lists of Pods wait for it."""

    def add(self, *objects: Json) -> None:
        kinds = {kind: plural for plural, kind in PLURALS.items()}
        for each in objects:
            plain = {key: value for key, value in each.items() if key not in ("kind", "apiVersion")}
            self.objects.setdefault(kinds[each["kind"]], []).append(plain)


class Handler(BaseHTTPRequestHandler):
    """Of one Api, which the class below it has."""

    api: Api
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        api = self.api
        api.asked.append(self.path)
        api.headers.append(dict(self.headers))
        if api.dies_after is not None and len(api.asked) > api.dies_after:
            self.close_connection = True
            self.connection.close()
            return
        if api.answers:
            self._send(api.answers_with, api.answers)
            return
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        if url.path == "/version/":
            forbidden = "/version" in api.forbidden
            self._answer(*(self._refusal("get", "/version") if forbidden else (200, {"gitVersion": api.version})))
            return
        parts = url.path.strip("/").split("/")
        parts = parts[2:] if parts[0] == "api" else parts[3:]
        namespace = None
        if parts[0] == "namespaces":
            namespace, parts = parts[1], parts[2:]
        plural = parts[0]
        verb = "get" if len(parts) > 1 else "list"
        if plural in api.forbidden or f"{verb} {plural}" in api.forbidden:
            self._answer(*self._refusal(verb, plural))
        elif verb == "get":
            self._get(plural, parts[1], namespace)
        else:
            if plural == "pods" and api.stuck:
                api.stuck.wait(30)
            self._list(plural, namespace, query)

    def _get(self, plural: str, name: str, namespace: str | None) -> None:
        for each in self._found(plural, namespace, {}):
            if each["metadata"]["name"] == name:
                self._answer(200, each)
                return
        group = GROUPS.get(plural)
        what = f"{plural}.{group}" if group else plural
        self._answer(404, status(404, f'{what} "{name}" not found'))

    def _list(self, plural: str, namespace: str | None, query: Json) -> None:
        found = self._found(plural, namespace, query)
        start = int(query.get("continue", 0))
        if "continue" in query and self.api.gone and self.api.gone.pop(0):
            answer = status(410, "The provided continue parameter is too old")
            if self.api.goes_on:
                answer["metadata"] = {"continue": query["continue"]}
            self._answer(410, answer)
            return
        limit = min(int(query.get("limit", 0)) or len(found), self.api.page or len(found)) or 1
        items = found[start : start + limit]
        if "PartialObjectMetadataList" in self.headers.get("Accept", ""):
            items = [{"metadata": each["metadata"]} for each in items]
        more = {"continue": str(start + limit)} if start + limit < len(found) else {}
        self._answer(200, {"metadata": {"resourceVersion": "1", **more}, "items": items})

    def _found(self, plural: str, namespace: str | None, query: Json) -> list[Json]:
        found = self.api.objects.get(plural, [])
        if namespace:
            found = [each for each in found if each["metadata"]["namespace"] == namespace]
        for part in filter(None, query.get("labelSelector", "").split(",")):
            key, _, value = part.partition("=")
            found = [each for each in found if each["metadata"].get("labels", {}).get(key) == value]
        for part in filter(None, query.get("fieldSelector", "").split(",")):
            key, _, value = part.partition("=")
            found = [each for each in found if each.get(key) == value]
        return found

    def _refusal(self, verb: str, plural: str) -> tuple[int, Json]:
        return 403, status(403, f'{plural} is forbidden: User "bob" cannot {verb} resource')

    def _answer(self, code: int, body: Json) -> None:
        self._send(code, json.dumps(body).encode())

    def _send(self, code: int, data: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def status(code: int, message: str) -> Json:
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}


@contextlib.contextmanager
def served(folder: Path, *objects: Json, **how: Any) -> Iterator[Api]:
    """While the block runs; with a kubeconfig in the folder, whose namespace is `shop`."""
    api = Api(kubeconfig=folder / "kubeconfig", **how)
    api.add(*objects)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"api": api}))
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who asked has gone
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    kubeconfig(api.kubeconfig, f"http://127.0.0.1:{server.server_port}")
    try:
        yield api
    finally:
        if api.stuck:
            api.stuck.set()
        server.shutdown()
        server.server_close()
        thread.join()


def kubeconfig(file: Path, server: str, user: Json | None = None) -> Path:
    told = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": {"server": server}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "bob", "namespace": "shop"}}],
        "users": [{"name": "bob", "user": user or {}}],
    }
    file.write_text(yaml.safe_dump(told))
    return file
