"""Where an answer ends, and what an error is called."""

import errno
import ssl

import pytest

from lifecycle_cli.rollout.answers import NotHttpError, Reader, kind_of

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n6;x=y\r\npedia \r\n0\r\nTrailer: x\r\n\r\n"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("data", "status", "keeps"),
    [
        (OK + b"Content-Length: 3\r\n\r\nabc", 200, True),
        (OK + b"Content-Length: 0\r\n\r\n", 200, True),
        (OK + b"Content-Length: 1\r\nConnection: Close\r\n\r\na", 200, False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", 200, False),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na", 200, True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, True),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nab", 200, True),
        (b"HTTP/1.1 503\r\nContent-Length: 2\r\n\r\nab", 503, True),
        (CHUNKED, 200, True),
    ],
)
def test_an_answer_in_pieces(data: bytes, status: int, keeps: bool, size: int) -> None:
    reader = Reader()
    done = [reader.feed(data[at : at + size]) for at in range(0, len(data), size)]
    assert done == [False] * (len(done) - 1) + [True]
    assert (reader.status, reader.keeps, reader.end()) == (status, keeps, True)


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    reader = Reader()
    assert not reader.feed(OK + b"\r\nabc")
    assert reader.end()
    assert not reader.keeps


@pytest.mark.parametrize("data", [b"", OK, OK + b"Content-Length: 5\r\n\r\nab", CHUNKED[:-2]])
def test_an_answer_that_is_cut(data: bytes) -> None:
    reader = Reader()
    assert not reader.feed(data)
    assert not reader.end()
    assert reader.has_begun == bool(data)


@pytest.mark.parametrize(
    "data",
    [b"SSH-2.0-x\r\n", b"HTTP/1.1 x\r\n\r\n", b"HTTP/1.1\r\n\r\n", b"HTTP/1." + b"x" * 70000, CHUNKED[:47] + b"g\r\n"],
)
def test_what_is_no_answer(data: bytes) -> None:
    with pytest.raises(NotHttpError):
        Reader().feed(data)


def test_more_than_was_asked_for_ends_the_connection() -> None:
    reader = Reader()
    assert reader.feed(OK + b"Content-Length: 1\r\n\r\nab")
    assert not reader.keeps


@pytest.mark.parametrize(
    ("error", "has_begun", "kind"),
    [
        (None, False, ("closed", "")),
        (None, True, ("cut", "")),
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), False, ("refused", "ECONNREFUSED")),
        (ConnectionResetError(errno.ECONNRESET, "x"), False, ("reset", "ECONNRESET")),
        (ConnectionResetError(errno.ECONNRESET, "x"), True, ("cut", "ECONNRESET")),
        (BrokenPipeError(errno.EPIPE, "x"), False, ("reset", "EPIPE")),
        (OSError(errno.EHOSTUNREACH, "x"), False, ("unreachable", "EHOSTUNREACH")),
        (TimeoutError(errno.ETIMEDOUT, "x"), False, ("timed out", "ETIMEDOUT")),
        (TimeoutError(), False, ("timed out", "")),
        (OSError(errno.EMFILE, "x"), False, ("other", "EMFILE")),
        (ssl.SSLCertVerificationError("self-signed"), False, ("other", "('self-signed',)")),
    ],
)
def test_the_kind_of_a_failure(error: Exception | None, has_begun: bool, kind: tuple[str, str]) -> None:
    assert kind_of(error, has_begun=has_begun) == kind
