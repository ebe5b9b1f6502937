"""How a request ended, and where an answer ends in what comes over a connection. Pure."""

from __future__ import annotations

import errno
import ssl
from typing import Final, NamedTuple

ANSWERED, STATUS_5XX = "answered", "5xx"
REFUSED, RESET, CLOSED, CUT, TIMED_OUT, UNREACHABLE, OTHER = (
    "refused",
    "reset",
    "closed",
    "cut",
    "timed out",
    "unreachable",
    "other",
)
FAILURES: Final = {
    REFUSED: "connect(2): ECONNREFUSED. Nobody listens there, or kube-proxy refuses a Service without endpoints",
    RESET: "ECONNRESET or EPIPE: a RST came before the answer's first byte",
    CLOSED: "read(2) gave 0: a FIN came before the answer's first byte",
    CUT: "a FIN or a RST came within the answer",
    TIMED_OUT: "no answer in time: connect(2), or the whole answer",
    UNREACHABLE: "EHOSTUNREACH or ENETUNREACH: the address is gone, and a router said so",
    STATUS_5XX: "an answer with status 500 to 599",
    OTHER: "what is none of these: not HTTP, a TLS failure, no file descriptor left",
}
"""The kinds of loss, with what is seen of each at the socket."""
NO_SERVER: Final = (REFUSED, UNREACHABLE, TIMED_OUT)
"""Of a new connection: nothing took it."""
_MAX_HEAD: Final = 1 << 16
_ERRNOS: Final = {
    errno.ECONNREFUSED: REFUSED,
    errno.ECONNRESET: RESET,
    errno.EPIPE: RESET,
    errno.ECONNABORTED: RESET,
    errno.ETIMEDOUT: TIMED_OUT,
    errno.EHOSTUNREACH: UNREACHABLE,
    errno.ENETUNREACH: UNREACHABLE,
}


class Answer(NamedTuple):
    """How one request ended, as the load reports it. Times in seconds after the first request was due."""

    traffic: str
    due: float
    sent: float
    ended: float
    kind: str
    """`answered`, or of FAILURES."""
    status: int
    """Of HTTP; 0 where there is none."""
    is_reused: bool
    """On a connection that had carried a request before."""
    detail: str
    """The errno's name, say; empty where the kind says it all."""

    @property
    def is_lost(self) -> bool:
        return self.kind != ANSWERED


def kind_of(error: BaseException | None, *, has_begun: bool) -> tuple[str, str]:
    """The kind of a failed request and its detail; of None, a FIN. `has_begun`: some of the answer had come."""
    if error is None:
        return (CUT if has_begun else CLOSED), ""
    if isinstance(error, (ssl.SSLError, ssl.CertificateError)):
        return OTHER, " ".join(str(error).split())
    if isinstance(error, TimeoutError) and not getattr(error, "errno", None):
        return TIMED_OUT, ""
    number = getattr(error, "errno", None)
    kind = _ERRNOS.get(number or 0, OTHER)
    name = errno.errorcode.get(number or 0, "") or " ".join(f"{type(error).__name__} {error}".split())
    return (CUT if has_begun and kind == RESET else kind), name


class NotHttpError(Exception):
    """The bytes are not an HTTP answer."""


class Reader:
    """Finds the end of an answer to a GET in what comes, piece by piece. Keeps no body. Raises NotHttpError."""

    def __init__(self) -> None:
        self.status = 0
        self.is_done = False
        self.has_begun = False
        self.keeps = True
        """The connection may be used again."""
        self._buffer = b""
        self._left: int | None = None  # bytes of the body, or of the chunk; None while neither is known
        self._is_chunked = False
        self._until_end = False
        self._is_trailer = False

    def feed(self, data: bytes) -> bool:
        """Whether the answer is complete."""
        self.has_begun = self.has_begun or bool(data)
        if self.is_done:  # more than was asked for
            self.keeps = False
            return True
        self._buffer += data
        while not self.status:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                if len(self._buffer) > _MAX_HEAD or not b"HTTP/1.".startswith(self._buffer[:7]):
                    raise NotHttpError
                return False
            self._buffer = rest
            self._read_head(head)
        return self._read_body()

    def end(self) -> bool:
        """At the FIN: whether the answer is complete by it."""
        self.is_done = self.is_done or self._until_end
        return self.is_done

    def _read_head(self, head: bytes) -> None:
        first, *lines = head.split(b"\r\n")
        words = first.split(b" ", 2)
        if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
            raise NotHttpError
        status = int(words[1])
        if 100 <= status < 200:  # another follows
            return
        fields = {
            name.strip().lower(): value.strip().lower() for name, _, value in (line.partition(b":") for line in lines)
        }
        self.status = status
        connection = fields.get(b"connection", b"")
        self.keeps = b"close" not in connection and (words[0] != b"HTTP/1.0" or b"keep-alive" in connection)
        length = fields.get(b"content-length", b"")
        if b"chunked" in fields.get(b"transfer-encoding", b""):
            self._is_chunked = True
        elif status in (204, 304):
            self._left = 0
        elif length.isdigit():
            self._left = int(length)
        else:
            self._until_end, self.keeps = True, False

    def _read_body(self) -> bool:
        while self._is_chunked and not self.is_done:
            if self._left is None:
                line, end, rest = self._buffer.partition(b"\r\n")
                if not end:
                    if len(line) > _MAX_HEAD:
                        raise NotHttpError
                    return False
                self._buffer = rest
                if self._is_trailer:
                    self.is_done = not line
                    continue
                try:
                    size = int(line.partition(b";")[0], 16)
                except ValueError:
                    raise NotHttpError from None
                self._is_trailer = size == 0
                self._left = size + 2 if size else None  # with the line end behind it
            elif not self._take():
                return False
            else:
                self._left = None
        if self._until_end:
            self._buffer = b""
        elif not self._is_chunked:
            self.is_done = self._take()
        if self.is_done and self._buffer:
            self.keeps = False
        return self.is_done

    def _take(self) -> bool:
        """Drops what belongs to the body or chunk; whether that was all of it."""
        left = self._left or 0
        taken = min(left, len(self._buffer))
        self._left, self._buffer = left - taken, self._buffer[taken:]
        return self._left == 0
