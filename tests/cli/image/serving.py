"""A registry on this machine's loopback, with the logins, redirects and faults that a test asks for."""

import base64
import http.server
import json
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from tests.cli.image.building import Image, digest

USER: Final = ("ann", "s3cret-of-ann")
TOKEN: Final = "token-of-ann"
IDENTITY: Final = "identity-of-ann"


@dataclass
class Asked:
    method: str
    path: str
    authorization: str


@dataclass
class Registry:
    """`repository` with what `put` puts there; `blobs` may be replaced by what is wrong."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    login: str = ""
    """`basic`, `token`, or none."""
    blobs_at: str = ""
    """Another host, to which requests for blobs are redirected."""
    status: int = 0
    """What every request is answered with, unless 0."""
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    says_digest: bool = True
    says: str = ""
    """The digest that every manifest is said to have, unless empty."""
    chunked: bool = False
    """Whether blobs come in chunks, of which the last one is cut off."""
    address: str = ""

    def put(self, image: Image, *tags: str) -> None:
        self.blobs.update(image.blobs)
        self.tags.update(dict.fromkeys(tags, digest(image.manifest)))

    def put_index(self, content: bytes, *tags: str) -> None:
        self.blobs[digest(content)] = content
        self.tags.update(dict.fromkeys(tags, digest(content)))

    @property
    def paths(self) -> list[str]:
        return [f"{each.method} {each.path}" for each in self.asked]


class _Handler(http.server.BaseHTTPRequestHandler):
    registry: ClassVar[Registry]
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._serve()

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._note()
        is_right = form.get("refresh_token") == [IDENTITY] and form.get("scope") == ["repository:acme/web:pull"]
        self._answer(200, json.dumps({"access_token": TOKEN}).encode()) if is_right else self._refuse()

    def _serve(self) -> None:
        registry = self.registry
        self._note()
        path = urllib.parse.urlsplit(self.path).path
        if registry.status:
            self._answer(registry.status, b"", **registry.headers)
        elif path == "/token":
            self._give_token()
        elif not self._is_allowed():
            self._refuse()
        elif "/manifests/" in path:
            which = path.rpartition("/")[2]
            key = registry.tags.get(which, which)
            if key not in registry.blobs:
                self._error(404, "MANIFEST_UNKNOWN", "manifest unknown")
            else:
                said = {"Docker-Content-Digest": registry.says or key} if registry.says_digest else {}
                self._answer(200, registry.blobs[key], **said)
        elif registry.blobs_at:
            self._answer(307, b"", Location=f"{registry.blobs_at}{self.path}")
        elif (key := path.rpartition("/")[2]) in registry.blobs and b"schemaVersion" not in registry.blobs[key]:
            if registry.chunked:
                self._cut_off(registry.blobs[key])
            else:
                self._answer(200, registry.blobs[key])
        else:
            self._error(404, "BLOB_UNKNOWN", "blob unknown")

    def _cut_off(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        end = b"\r\n0\r\n\r\n" if b"rootfs" in content else b""
        self.wfile.write(b"%x\r\n" % (len(content) + (not end)) + content + end)
        self.close_connection = True

    def _note(self) -> None:
        self.registry.asked.append(Asked(self.command, self.path, self.headers.get("Authorization", "")))

    def _is_allowed(self) -> bool:
        expected = {"": None, "basic": _basic(), "token": f"Bearer {TOKEN}"}[self.registry.login]
        return expected is None or self.headers.get("Authorization") == expected

    def _give_token(self) -> None:
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        given = self.headers.get("Authorization")
        if given == _basic() and query == {"service": ["here"], "scope": ["repository:acme/web:pull"]}:
            self._answer(200, json.dumps({"token": TOKEN}).encode())
        elif given:
            self._error(401, "UNAUTHORIZED", "incorrect username or password")
        else:
            self._answer(200, json.dumps({"token": "token-of-nobody"}).encode())

    def _refuse(self) -> None:
        challenge = 'Basic realm="here"'
        if self.registry.login == "token":
            challenge = f'Bearer realm="{self.registry.address}/token",service="here",scope="repository:acme/web:pull"'
        self._error(401, "UNAUTHORIZED", "authentication required", **{"WWW-Authenticate": challenge})

    def _error(self, status: int, code: str, message: str, **headers: str) -> None:
        self._answer(status, json.dumps({"errors": [{"code": code, "message": message}]}).encode(), **headers)

    def _answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        pass


def _basic() -> str:
    return "Basic " + base64.b64encode(":".join(USER).encode()).decode()


@contextmanager
def serving(registry: Registry) -> Iterator[Registry]:
    handler = type("Handler", (_Handler,), {"registry": registry})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    registry.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
