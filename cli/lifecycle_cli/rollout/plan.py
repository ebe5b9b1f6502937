"""The load: how many requests, when, and over which connections. All of it is bounded before the first one is sent."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator
from typing import Final, NamedTuple

MAX_RATE: Final = 5_000
"""Requests per second, all kinds together."""
MAX_SECONDS: Final = 3_600
MAX_REQUESTS: Final = 1_000_000
MAX_CONNECTIONS: Final = 1_000
FRESH, KEPT, LONG = "fresh", "kept", "long"
TRAFFIC: Final = (FRESH, KEPT, LONG)
"""On a connection of its own; on one that is kept for others; one that takes long, on a connection of its own."""


class PlanError(Exception):
    """A load that is refused. Its text is one line for the user."""


class Plan(NamedTuple):
    """Times in seconds."""

    url: str
    rate: float
    """Requests per second to `url`."""
    seconds: float
    """No request is sent later than this after the first."""
    connections: int
    """Open at once, at most, of each kind of traffic."""
    kept: float
    """The share of the requests that go over kept connections, 0 to 1."""
    timeout: float
    long_url: str = ""
    long_rate: float = 0.0
    long_timeout: float = 30.0
    insecure: bool = False
    """TLS without a look at the certificate."""

    @property
    def most(self) -> int:
        """The number of requests that it never exceeds."""
        return int(self.rate * self.seconds) + int(self.long_rate * self.seconds) + 2

    def check(self) -> None:
        """Raises PlanError if the plan has no bound, or a URL is not valid."""
        for what, value, most in (
            ("--rate", self.rate + self.long_rate, MAX_RATE),
            ("--duration", self.seconds, MAX_SECONDS),
            ("--connections", self.connections, MAX_CONNECTIONS),
        ):
            if not 0 < value <= most:
                raise PlanError(f"{what}: {value:g}: give more than 0 and at most {most:,}")
        if self.most > MAX_REQUESTS:
            raise PlanError(f"--rate times --duration is {self.most:,} requests; the limit is {MAX_REQUESTS:,}")
        for each in (self.url, *([self.long_url] if self.long_url else [])):
            target(each)


class Target(NamedTuple):
    """Where a URL leads."""

    host: str
    port: int
    is_tls: bool
    path: str
    """With the query."""
    authority: str
    """As the Host header has it."""


def target(url: str) -> Target:
    """Raises PlanError."""
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise PlanError(f"--url: {url}: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise PlanError(f"--url: {url}: give http://HOST[:PORT]/PATH, or https")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise PlanError(f"--url: {url!r}: percent-encode everything that is not ASCII")
    is_tls = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.hostname, port or (443 if is_tls else 80), is_tls, path, parts.netloc.rpartition("@")[2])


class Send(NamedTuple):
    """One request to be sent."""

    due: float
    """Seconds after the first."""
    traffic: str


def sends(plan: Plan) -> Iterator[Send]:
    """In the order of their time, at an exact rate: a request is due whether or not the one before was answered.

    Kept and fresh ones are spread evenly: of any stretch of requests the share is the plan's.
    """
    number = long_number = 0
    while True:
        due = number / plan.rate
        long_due = (long_number + 0.5) / plan.long_rate if plan.long_url and plan.long_rate else plan.seconds
        if min(due, long_due) >= plan.seconds:
            return
        if long_due < due:
            yield Send(long_due, LONG)
            long_number += 1
        else:
            is_kept = int((number + 1) * plan.kept) > int(number * plan.kept)
            yield Send(due, KEPT if is_kept else FRESH)
            number += 1
