"""A Pod's life: rows of spans and marks, each time with the bounds within which it lies, and what they come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from .story import Story

FLOOR_SECONDS: Final = 2  # what the kubelet leaves to a process at least, whatever its preStop took


class Time(NamedTuple):
    """When something was, in seconds since `Life.zero`; None where nothing bounds it."""

    earliest: float | None
    latest: float | None
    earliest_by: tuple[str, ...] = ()
    latest_by: tuple[str, ...] = ()
    """Where the bounds come from, what is nearest first."""


class Bounds(NamedTuple):
    least: float | None
    most: float | None


class Mark(NamedTuple):
    """Something that happened."""

    what: str
    text: str
    at: Time
    is_trouble: bool = False


class Span(NamedTuple):
    """Something that lasted."""

    what: str
    begin: Time
    end: Time | None
    """None as long as it goes on."""
    seconds: Bounds
    how: str = "ok"
    """`ok`, `failed`, `cut` by the end of the grace period, or `open`."""


class Limit(NamedTuple):
    """The grace period, as it counts for this row."""

    seconds: int
    begin: Time
    end: Time


class Row(NamedTuple):
    name: str
    """Empty for the Pod's own."""
    role: str
    """`pod`, `init`, `sidecar`, `app`."""
    image: str
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]
    limit: Limit | None


class Interruption(NamedTuple):
    """When the API server was not heard."""

    begin: float
    end: float | None
    why: str
    is_missed: bool
    """What happened in it may not be known; else it only came late."""


class Life(NamedTuple):
    namespace: str
    name: str
    uid: str
    node: str
    state: str
    """`starting`, `running`, `terminating`, `completed`, `gone`."""
    phase: str
    grace: int
    """terminationGracePeriodSeconds, or what the deletion asked for."""
    zero: int
    """Microseconds since 1970, by the API server's clock: where the times of this life count from."""
    rows: tuple[Row, ...]
    gaps: tuple[Interruption, ...]
    notes: tuple[str, ...]
    node_ahead: Bounds
    """By how many seconds the node's clock is ahead of the API server's."""
    client_ahead: Bounds
    shifted: float
    """The part of `node_ahead` by which the node's times are shown earlier."""
    pod: Mapping[str, Any]
    """As it last was."""
    story: Story

    def row(self, name: str) -> Row:
        """That of a container. Raises LookupError."""
        for each in self.rows:
            if each.name == name and each.role != "pod":
                return each
        raise LookupError(name)

    def mark(self, what: str, row: str = "") -> Mark | None:
        """The last of its kind in a row; of the Pod's own unless a container is named."""
        for each in self.rows:
            if each.name == row and (bool(row) or each.role == "pod"):
                return next((mark for mark in reversed(each.marks) if mark.what == what), None)
        return None
