"""An API server on loopback that holds Pods and events: it lists, watches, forgets, refuses, goes and comes back."""

from __future__ import annotations

import contextlib
import email.utils
import json
import queue
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

KINDS = {"pods": "Pod", "events": "Event", "endpointslices": "EndpointSlice", "deployments": "Deployment"}


class FakeServer:
    """`put` and `remove` change what it holds; each watch tells of it."""

    def __init__(self) -> None:
        self.ahead = 0.0  # of its clock
        self.forbidden: set[str] = set()  # resources
        self.deleted: list[str] = []
        self.patched: Callable[[dict[str, Any]], object] = lambda patch: None  # is called with each patch
        self.requests = 0
        self._version = 100
        self._oldest = 0
        self._objects: dict[str, dict[str, dict[str, Any]]] = {each: {} for each in KINDS}
        self._log: list[tuple[int, str, str, dict[str, Any]]] = []
        self._watches: list[queue.SimpleQueue[int | None]] = []
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._http: ThreadingHTTPServer | None = None
        self.port = 0
        self.start()

    # What it holds.

    def put(self, resource: str, thing: dict[str, Any]) -> None:
        with self._lock:
            self._version += 1
            key = thing["metadata"]["name"]
            type = "MODIFIED" if key in self._objects[resource] else "ADDED"
            thing = {**thing, "metadata": {**thing["metadata"], "resourceVersion": str(self._version)}}
            self._objects[resource][key] = thing
            self._tell(resource, type, thing)

    def remove(self, resource: str, name: str) -> None:
        with self._lock:
            self._version += 1
            thing = self._objects[resource].pop(name)
            thing["metadata"]["resourceVersion"] = str(self._version)
            self._tell(resource, "DELETED", thing)

    def forget(self) -> None:
        """What was before cannot be watched any more."""
        with self._lock:
            self._oldest = self._version
            for each in self._watches:
                each.put(-1)

    # There, and away.

    def start(self) -> None:
        fake = self

        class Handler(_Handler):
            server_state = fake

        self._http = _Server(("127.0.0.1", self.port), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Breaks all connections."""
        assert self._http
        self._http.shutdown()
        self._http.server_close()
        with self._lock:
            for each in self._watches:
                each.put(None)
            for each in list(self._open):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def kubeconfig(self, folder: Path) -> Path:
        file = folder / "kubeconfig"
        file.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "fake",
                    "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "fake", "namespace": "shop"}}],
                    "clusters": [{"name": "fake", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}],
                    "users": [{"name": "fake", "user": {}}],
                }
            )
        )
        return file

    def _tell(self, resource: str, type: str, thing: dict[str, Any]) -> None:
        self._log.append((self._version, resource, type, json.loads(json.dumps(thing))))
        for each in self._watches:
            each.put(self._version)


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that has gone is no matter."""


class _Handler(BaseHTTPRequestHandler):
    server_state: FakeServer
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.server_state._open.add(self.connection)

    def finish(self) -> None:
        self.server_state._open.discard(self.connection)
        super().finish()

    def log_message(self, *_: object) -> None:
        pass

    def date_time_string(self, timestamp: float | None = None) -> str:
        return email.utils.formatdate((timestamp or time.time()) + self.server_state.ahead, usegmt=True)

    def do_GET(self) -> None:
        fake = self.server_state
        fake.requests += 1
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/version/":
            return self._answer(200, {"gitVersion": "v1.37.2"})
        resource, *rest = url.path.partition("/namespaces/")[2].split("/")[1:]
        if resource in fake.forbidden:
            return self._answer(403, {"kind": "Status", "message": f"{resource} is forbidden", "code": 403})
        if rest:
            found = fake._objects[resource].get(rest[0])
            missing = {"kind": "Status", "message": f'{resource} "{rest[0]}" not found', "code": 404}
            return self._answer(200, found) if found else self._answer(404, missing)
        if query.get("watch"):
            return self._watch(resource, query)
        with fake._lock:
            items = [each for each in fake._objects[resource].values() if _matches(each, query)]
            answer = {"metadata": {"resourceVersion": str(fake._version)}, "items": items}
            self._answer(200, json.loads(json.dumps(answer)))
        return None

    def do_PATCH(self) -> None:
        resource, name = self.path.partition("?")[0].split("/")[-2:]
        patch = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(200, self.server_state._objects[resource][name])
        self.server_state.patched(patch)

    def do_DELETE(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        self.server_state.deleted.append(self.path.rpartition("/")[2])
        self._answer(200, {"kind": "Status"})

    def _watch(self, resource: str, query: dict[str, str]) -> None:
        fake = self.server_state
        told: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        last = int(query.get("resourceVersion") or 0)
        place = 0
        with fake._lock:
            fake._watches.append(told)
            told.put(-1 if last < fake._oldest else fake._version)
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            while (version := told.get()) is not None:
                if version < 0:
                    status = {"kind": "Status", "code": 410, "message": "too old resource version"}
                    self._line({"type": "ERROR", "object": status})
                    break
                while place < len(fake._log):
                    at, kind, type, thing = fake._log[place]
                    place += 1
                    if at > last and kind == resource and _matches(thing, query):
                        self._line({"type": type, "object": thing})
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            pass
        finally:
            with fake._lock:
                fake._watches.remove(told)
            self.close_connection = True

    def _line(self, told: dict[str, Any]) -> None:
        line = json.dumps(told).encode() + b"\n"
        self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
        self.wfile.flush()

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _matches(thing: dict[str, Any], query: dict[str, str]) -> bool:
    for each in (query.get("fieldSelector") or "").split(","):
        path, _, value = each.partition("=")
        found: Any = thing
        for field in path.split(".") if path else ():
            found = found.get(field) or {}
        if path and found != value:
            return False
    labels = thing["metadata"].get("labels") or {}
    wanted = [each.split("=") for each in (query.get("labelSelector") or "").split(",") if each]
    return all(labels.get(name) == value for name, value in wanted)
