"""The load against small servers on the loopback that refuse, reset, close early, and delay."""

import asyncio
import datetime
import json
import socket
import ssl
import struct
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from commands import environment
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lifecycle_cli.rollout.answers import Answer
from lifecycle_cli.rollout.load import Load
from lifecycle_cli.rollout.plan import Plan
from lifecycle_cli.rollout.process import LoadProcess

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def request(connection: socket.socket) -> bytes:
    """All of one; empty at the end."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        if not (piece := connection.recv(4096)):
            return b""
        data += piece
    return data


def answers(connection: socket.socket, text: bytes = OK) -> None:
    while asked := request(connection):
        connection.sendall(text)
        if b"Connection: close" in asked:
            return


def resets(connection: socket.socket) -> None:
    request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def closes(connection: socket.socket) -> None:
    request(connection)


def cuts(connection: socket.socket) -> None:
    request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")


def delays(connection: socket.socket) -> None:
    request(connection)
    connection.recv(1)  # until the client has had enough


def fails(connection: socket.socket) -> None:
    answers(connection, b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")


def speaks_else(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH\r\n")
    request(connection)


def answers_once(connection: socket.socket) -> None:
    """And closes as soon as the connection is used again."""
    request(connection)
    connection.sendall(OK)
    request(connection)


def closes_while_idle(connection: socket.socket) -> None:
    request(connection)
    connection.sendall(OK)


@contextmanager
def serving(serve: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A URL on the loopback."""
    listener = socket.create_server(("127.0.0.1", 0))

    def one(connection: socket.socket) -> None:
        with suppress(OSError), tls.wrap_socket(connection, server_side=True) if tls else connection as stream:
            serve(stream)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def run(plan: Plan) -> tuple[list[Answer], list[Any]]:
    """The answers, and what was held back."""
    told: list[dict[str, Any]] = []
    asyncio.run(Load(plan, told.append).run())
    made = [Answer(*each) for part in told for each in part.get("answers", ())]
    return made, [each for part in told for each in part.get("held", ())]


def plan(url: str, **given: Any) -> Plan:
    return Plan(**{"url": url, "rate": 50, "seconds": 0.2, "connections": 50, "kept": 0.0, "timeout": 30, **given})


@pytest.mark.parametrize(
    ("serve", "kind", "detail", "status"),
    [
        (answers, "answered", "", 200),
        (resets, "reset", "ECONNRESET", 0),
        (closes, "closed", "", 0),
        (cuts, "cut", "", 0),
        (fails, "5xx", "", 503),
        (speaks_else, "other", "the server that answers does not speak HTTP", 0),
    ],
)
def test_how_a_request_ends(serve: Callable[[socket.socket], None], kind: str, detail: str, status: int) -> None:
    with serving(serve) as url:
        made, held = run(plan(url))
    assert len(made) == 10 and not held
    assert {(each.kind, each.detail, each.status, each.is_reused) for each in made} == {(kind, detail, status, False)}
    assert all(each.due <= each.sent <= each.ended for each in made)


def test_a_server_that_is_not_there() -> None:
    with serving(answers) as url:
        pass
    made, _ = run(plan(url))
    assert {(each.kind, each.detail) for each in made} == {("refused", "ECONNREFUSED")}


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    """Of a server whose certificate nobody knows."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(1))
        .not_valid_after(now + datetime.timedelta(1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    text = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "server.pem"
    file.write_bytes(text + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_tls(tls: ssl.SSLContext) -> None:
    with serving(answers, tls) as url:
        made, _ = run(plan(url, insecure=True, kept=0.5))
        assert {each.kind for each in made} == {"answered"}
        assert {each.is_reused for each in made} == {False, True}
        made, _ = run(plan(url))
    assert {each.kind for each in made} == {"other"}
    assert all(each.detail.startswith("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed") for each in made)


def test_a_server_that_does_not_answer_in_time() -> None:
    with serving(delays) as url:
        made, _ = run(plan(url, timeout=0.1))
    assert {each.kind for each in made} == {"timed out"}


def test_a_kept_connection_is_used_again() -> None:
    with serving(answers) as url:
        made, _ = run(plan(url, kept=1.0, connections=1, rate=20, seconds=0.5))
    assert {each.kind for each in made} == {"answered"}
    assert [each.is_reused for each in made] == [False] + [True] * (len(made) - 1)


def test_one_that_is_closed_as_it_is_used_again_is_a_loss_and_nothing_is_sent_again() -> None:
    with serving(answers_once) as url:
        made, held = run(plan(url, kept=1.0, connections=1, rate=20, seconds=0.5))
    assert len(made) + len(held) == 10  # a busy machine is late, and finds its one connection in use
    expected = [("answered", False), ("closed", True)] * 5
    assert [(each.kind, each.is_reused) for each in made] == expected[: len(made)]


def test_one_that_was_closed_while_idle_is_not_used_again() -> None:
    with serving(closes_while_idle) as url:
        made, _ = run(plan(url, kept=1.0, connections=1, rate=5, seconds=1))
    assert {(each.kind, each.is_reused) for each in made} == {("answered", False)}


def test_what_finds_all_connections_busy_is_held_back_not_sent_later() -> None:
    with serving(delays) as url:
        made, held = run(plan(url, connections=3, timeout=0.5))
    assert [each.due for each in made] == [0.0, 0.02, 0.04]
    assert [tuple(each) for each in held] == [(number / 50, "fresh") for number in range(3, 10)]


def test_long_requests_have_a_url_and_a_time_of_their_own() -> None:
    with serving(answers) as url, serving(delays) as slow:
        made, _ = run(plan(url, long_url=slow, long_rate=10, long_timeout=0.1))
    assert Counter((each.traffic, each.kind) for each in made) == {("fresh", "answered"): 10, ("long", "timed out"): 2}


def test_the_process_ends_with_its_input() -> None:
    """Whoever started it may be killed: it does not go on."""
    with serving(answers) as url:
        made = plan(url, seconds=600, rate=20)._asdict()
        with subprocess.Popen(
            [sys.executable, "-m", "lifecycle_cli.rollout.load"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            text=True,
        ) as process:
            assert process.stdin and process.stdout
            process.stdin.write(json.dumps(made) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["address"] == "127.0.0.1"
            process.stdin.close()
            *_, last = process.stdout
    assert (process.returncode, json.loads(last)) == (0, {"end": True})


def test_a_name_that_leads_nowhere() -> None:
    told: list[dict[str, Any]] = []
    load = LoadProcess(plan("http://nowhere.invalid/"), told.append)
    load._process.wait()
    load.kill()
    assert told[0]["failed"].startswith("nowhere.invalid: ")
    assert told[-1] == {"ended": True}
