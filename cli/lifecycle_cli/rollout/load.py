"""Sends the requests of a plan, and tells how each ended. Runs as a process of its own, so that nothing delays it.

Why no HTTP library: the load must be open-loop, may not ask again, and must say what the socket said. aiohttp sends a
request again on a fresh connection where a kept one turns out to be closed, which hides just the loss that is looked
for; httpx and urllib3 take a thread or a millisecond for each. What an answer is takes answers.py a hundred lines.

In: the plan as one line of JSON; the end of the input ends the load. Out, in lines of JSON: `{"start": time.time() at
which the first request was due, "address": …}`, then ten times a second `{"answers": [[…as Answer…], …], "held": [[due,
traffic], …]}`, and `{"end": true}`. Held back is a request that found all connections of the plan busy.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import select
import signal
import socket
import ssl
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Any, Final

from .answers import ANSWERED, OTHER, STATUS_5XX, TIMED_OUT, Answer, NotHttpError, Reader, kind_of
from .plan import KEPT, LONG, Plan, Send, Target, sends, target

_TELL_SECONDS: Final = 0.1
_LINGER_SECONDS: Final = 1.0  # for the server to close first: its port is then not held by this side's TIME_WAIT
_USER_AGENT: Final = "lifecycle-rollout"


class Connection(asyncio.Protocol):
    """One connection, with one request at a time."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.is_closed = False
        self.requests = 0
        self._reader = Reader()
        self._answer: asyncio.Future[Reader] | None = None

    def ask(self, request: bytes) -> asyncio.Future[Reader]:
        """Its exception is OSError, NotHttpError, or ConnectionEnded for a FIN."""
        self.requests += 1
        self._reader = Reader()
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._answer

    def is_idle(self) -> bool:
        """Nothing came since the last answer, a FIN neither: asked of the kernel, as the pools of good clients do."""
        if self.is_closed or self.transport.is_closing():
            return False
        looking = select.poll()
        looking.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return not looking.poll(0)

    @property
    def has_begun(self) -> bool:
        return self._reader.has_begun

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            if self._reader.feed(data):
                self._settle(None)
        except NotHttpError as error:
            self._settle(error)
            self.transport.abort()

    def eof_received(self) -> None:
        self.is_closed = True
        self._settle(None if self._reader.end() else ConnectionEnded())

    def connection_lost(self, error: Exception | None) -> None:
        self.is_closed = True
        self._settle(error or ConnectionEnded())

    def _settle(self, error: Exception | None) -> None:
        answer, self._answer = self._answer, None
        if answer and not answer.done():
            if error:
                answer.set_exception(error)
            else:
                answer.set_result(self._reader)


class ConnectionEnded(Exception):
    """A FIN."""


class Load:
    """Of one plan."""

    def __init__(self, plan: Plan, tell: Callable[[dict[str, Any]], None]) -> None:
        self._plan = plan
        self._tell = tell
        self._targets = {False: target(plan.url), True: target(plan.long_url or plan.url)}
        self._addresses: dict[str, str] = {}
        self._idle: deque[Connection] = deque()
        self._busy: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._answers: list[Answer] = []
        self._held: list[tuple[float, str]] = []
        self._stopped = asyncio.Event()
        self._context: ssl.SSLContext | None = None
        self._start = 0.0

    def stop(self) -> None:
        """Nothing more is sent; what is under way ends by itself, or in time."""
        self._stopped.set()

    async def run(self) -> None:
        """Raises OSError where the host's name leads nowhere."""
        loop = asyncio.get_running_loop()
        for each in {each.host: each for each in self._targets.values()}.values():
            found = await loop.getaddrinfo(each.host, each.port, type=socket.SOCK_STREAM)
            self._addresses[each.host] = str(found[0][4][0])
        if any(each.is_tls for each in self._targets.values()):
            self._context = ssl.create_default_context()
            if self._plan.insecure:
                self._context.check_hostname = False
                self._context.verify_mode = ssl.CERT_NONE
        self._start = loop.time() + 0.05
        self._tell({"start": time.time() + 0.05, "address": self._addresses[self._targets[False].host]})
        telling = asyncio.create_task(self._keep_telling())
        await self._send_all()
        while self._tasks:
            await asyncio.wait(set(self._tasks))
        for connection in self._idle:
            connection.transport.abort()
        telling.cancel()
        self._tell_now()

    async def _send_all(self) -> None:
        for number, send in enumerate(sends(self._plan), 1):
            while (wait := self._start + send.due - asyncio.get_running_loop().time()) > 0:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._stopped.wait(), wait)
                if self._stopped.is_set():
                    return
            if number % 100 == 0:
                await asyncio.sleep(0)  # behind its time it would otherwise hear of no answer
            self._begin(send)

    def _begin(self, send: Send) -> None:
        is_kept = send.traffic == KEPT
        connection = self._take_idle() if is_kept else None
        if not connection and self._busy[send.traffic] >= self._plan.connections:
            self._held.append((send.due, send.traffic))
            return
        self._busy[send.traffic] += 1
        task = asyncio.create_task(self._one(send, connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _take_idle(self) -> Connection | None:
        while self._idle:
            connection = self._idle.popleft()
            if connection.is_idle():
                return connection
            connection.transport.close()
        return None

    async def _one(self, send: Send, connection: Connection | None) -> None:
        is_long = send.traffic == LONG
        where = self._targets[is_long]
        loop = asyncio.get_running_loop()
        sent, is_reused = loop.time() - self._start, connection is not None
        seconds = self._plan.long_timeout if is_long else self._plan.timeout
        status, kind, detail = 0, OTHER, ""
        holder = [connection] if connection else []
        try:
            reader = await asyncio.wait_for(self._asked(where, holder, keeps=send.traffic == KEPT), seconds)
            status = reader.status
            kind = STATUS_5XX if status >= 500 else ANSWERED
            if send.traffic == KEPT and reader.keeps and not self._stopped.is_set():
                self._idle.append(holder[0])
            else:
                loop.call_later(_LINGER_SECONDS, holder[0].transport.close)
        except NotHttpError:
            detail = "the server that answers does not speak HTTP"
        except ConnectionEnded:
            kind, detail = kind_of(None, has_begun=holder[0].has_begun)
        except (OSError, asyncio.TimeoutError) as error:
            is_slow = isinstance(error, asyncio.TimeoutError) and not getattr(error, "errno", None)
            begun = bool(holder) and holder[0].has_begun
            kind, detail = (TIMED_OUT, "") if is_slow else kind_of(error, has_begun=begun)
        finally:
            self._busy[send.traffic] -= 1
        if kind not in (ANSWERED, STATUS_5XX) and holder:
            holder[0].transport.abort()
        ended = loop.time() - self._start
        self._answers.append(Answer(send.traffic, send.due, sent, ended, kind, status, is_reused, detail))

    async def _asked(self, where: Target, holder: list[Connection], *, keeps: bool) -> Reader:
        if not holder:
            _, made = await asyncio.get_running_loop().create_connection(
                Connection,
                self._addresses[where.host],
                where.port,
                ssl=self._context if where.is_tls else None,
                server_hostname=where.host if where.is_tls else None,
            )
            holder.append(made)
        lines = (
            f"GET {where.path} HTTP/1.1",
            f"Host: {where.authority}",
            f"User-Agent: {_USER_AGENT}",
            f"Connection: {'keep-alive' if keeps else 'close'}",
        )
        return await holder[0].ask(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def _keep_telling(self) -> None:
        while True:
            await asyncio.sleep(_TELL_SECONDS)
            self._tell_now()

    def _tell_now(self) -> None:
        if self._answers or self._held:
            self._tell({"answers": self._answers, "held": self._held})
            self._answers, self._held = [], []


async def _serve(plan: Plan) -> int:
    def tell(what: dict[str, Any]) -> None:
        print(json.dumps(what), flush=True)

    load = Load(plan, tell)
    loop = asyncio.get_running_loop()

    def heard() -> None:
        if not os.read(0, 4096):  # who started it has seen enough, or is gone
            loop.remove_reader(0)
            load.stop()

    loop.add_reader(0, heard)
    try:
        await load.run()
    except OSError as error:
        tell({"failed": f"{target(plan.url).host}: {error.strerror or error}"})
        return 1
    tell({"end": True})
    return 0


def main() -> int:
    """Of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the command, which then closes the input
    line = b""
    while not line.endswith(b"\n"):  # no more than the line: the rest is for the loop
        if not (byte := os.read(0, 1)):
            return 1
        line += byte
    gc.disable()  # a bounded number of small objects, and no pause for them
    try:
        return asyncio.run(_serve(Plan(**json.loads(line))))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
