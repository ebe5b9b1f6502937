"""A node that does not become Ready says why: the last that its API server answered, or why there was no answer."""

import base64
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox import layout
from sandbox import node as nodes
from sandbox.certificates import Authority, Identity
from sandbox.errors import SandboxError
from sandbox.node import Node

FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
NO_NODES = json.dumps({"kind": "NodeList", "items": []}).encode()
CONDITION = {"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": "the network is not ready"}
UNREADY = json.dumps({"kind": "NodeList", "items": [{"status": {"conditions": [CONDITION]}}]}).encode()


def answer(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Server:
    """An API server with a certificate of `issuer`, that says the same to everyone; nothing where it is to hang."""

    def __init__(self, issuer: Path, says: bytes) -> None:
        self.says = says
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(issuer / "apiserver.crt", issuer / "apiserver.key")
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection: socket.socket) -> None:
        with suppress(OSError), self.context.wrap_socket(connection, server_side=True) as secured:
            while secured.recv(1 << 16):
                secured.sendall(self.says)


def authority(folder: Path) -> Path:
    folder.mkdir(parents=True)
    made = Authority(folder)
    made.issue("apiserver", Identity("kube-apiserver", names=("localhost",), addresses=("127.0.0.1",)))
    made.issue("admin", layout.IDENTITIES["admin"])
    return folder


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    """A node that runs, as far as can be seen from outside."""
    monkeypatch.setattr(Node, "processes", lambda node: [1])
    monkeypatch.setattr(nodes, "READY_SECONDS", 2)
    monkeypatch.setattr(nodes, "ANSWER_SECONDS", 1)
    node = Node(tmp_path)
    authority(node.state / "config")
    node.logs.mkdir()
    (node.logs / "kubelet.log").write_text("its last line\n")
    return node


@pytest.fixture
def serve(node: Node, tmp_path: Path) -> Iterator[Callable[..., int]]:
    servers: list[Server] = []

    def start(says: bytes, issuer: Path | None = None) -> int:
        config = node.state / "config"
        servers.append(Server(issuer or config, says))
        port = int(servers[0].listener.getsockname()[1])
        texts = [
            base64.b64encode((config / each).read_bytes()).decode() for each in ("ca.crt", "admin.crt", "admin.key")
        ]
        node.kubeconfig.write_text(json.dumps(layout.kubeconfig(f"https://127.0.0.1:{port}", *texts)))
        return port

    yield start
    for each in servers:
        each.listener.close()


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (b"", "no answer within 1 s"),
        (FORBIDDEN, "the API server answers 403 Forbidden"),
        (answer(NO_NODES), "the kubelet has not registered the node"),
        (answer(UNREADY), "the network is not ready"),
    ],
    ids=["it hangs", "it refuses", "no node", "not Ready"],
)
def test_why_a_node_is_not_ready(says: bytes, why: str, node: Node, serve: Callable[..., int]) -> None:
    serve(says)
    with pytest.raises(SandboxError) as caught:
        nodes._wait_ready(node)
    assert str(caught.value) == f"{node.logs}: not Ready after 2 s: {why}.\n  kubelet: its last line"


def test_nobody_listens(node: Node, serve: Callable[..., int]) -> None:
    port = serve(b"")
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = free.getsockname()[1]
    node.kubeconfig.write_text(node.kubeconfig.read_text().replace(str(port), str(closed)))
    with pytest.raises(SandboxError) as caught:
        nodes._wait_ready(node)
    assert "not Ready after 2 s: connection refused.\n" in str(caught.value)


def test_a_certificate_that_does_not_hold(node: Node, tmp_path: Path, serve: Callable[..., int]) -> None:
    """No waiting mends it: it is said at once."""
    (node.logs / "kube-apiserver.log").write_text("tls: bad certificate\n")
    nodes.READY_SECONDS = 60
    port = serve(b"", authority(tmp_path / "another"))
    with pytest.raises(SandboxError) as caught:
        nodes._wait_ready(node)
    assert str(caught.value) == (
        f"https://127.0.0.1:{port}: TLS: unable to get local issuer certificate.\n"
        "  kube-apiserver: tls: bad certificate"
    )
