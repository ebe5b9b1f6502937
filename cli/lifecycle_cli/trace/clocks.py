"""Times of several clocks, narrowed by each other.

Kubernetes tells whole seconds of the node's clock and of the API server's; this machine's clock tells when something
arrived; and some things come before others. Each of these bounds the difference of two points in time, and so does what
is known of how the clocks differ. The bounds that follow from all of them together are shortest paths between points.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from typing import Final, NamedTuple

SECOND: Final = 1_000_000
"""All times are whole microseconds."""
Point = Hashable
"""A point in time; a clock is one too: when it showed zero."""
READING, ORDER, CLOCKS, TEXT = range(4)
"""What a bound comes from: a clock's time; what must come first; how two clocks differ; what a hook's text says."""


class Bounds(NamedTuple):
    """Between which times something was, in microseconds; None where nothing is known."""

    earliest: int | None
    latest: int | None


class Reached(NamedTuple):
    """Bounds, and what each of them comes from."""

    bounds: Bounds
    earliest_by: tuple[str, ...]
    latest_by: tuple[str, ...]


class _Bound(NamedTuple):
    micros: int
    source: str
    of: int


class ContradictionError(Exception):
    """Not all of it can be true: a clock was set meanwhile, most often."""


class Times:
    """Bounds between points; of two between the same points the narrower holds."""

    def __init__(self, leave_out: Iterable[int] = ()) -> None:
        self._left_out = frozenset(leave_out)
        self._ahead: dict[Point, dict[Point, _Bound]] = {}
        self._back: dict[Point, dict[Point, _Bound]] = {}

    def at_most(self, later: Point, earlier: Point, micros: int, source: str, of: int = ORDER) -> None:
        """`later` comes no more than `micros` after `earlier`."""
        if of in self._left_out:
            return
        known = self._ahead.setdefault(earlier, {}).get(later)
        if known is None or micros < known.micros:
            bound = _Bound(micros, source, of)
            self._ahead[earlier][later] = bound
            self._back.setdefault(later, {})[earlier] = bound

    def read(self, point: Point, clock: Point, earliest: int | None, latest: int | None, source: str) -> None:
        """A clock's time of a point."""
        if latest is not None:
            self.at_most(point, clock, latest, source, READING)
        if earliest is not None:
            self.at_most(clock, point, -earliest, source, READING)

    def before(self, first: Point, then: Point, source: str, least: int = 0) -> None:
        """`then` comes `least` or more after `first`."""
        self.at_most(first, then, -least, source)

    def bounds(self, origin: Point) -> dict[Point, Reached]:
        """Of each point, counted from the origin. Raises ContradictionError."""
        latest = _paths(origin, self._ahead)
        earliest = _paths(origin, self._back)
        return {
            point: Reached(
                Bounds(
                    -earliest[point][0] if point in earliest else None, latest[point][0] if point in latest else None
                ),
                _sources(point, earliest),
                _sources(point, latest),
            )
            for point in {**latest, **earliest}
        }


_Paths = dict[Point, tuple[int, Point, str]]


def _paths(origin: Point, bounds: Mapping[Point, Mapping[Point, _Bound]]) -> _Paths:
    """The shortest to each point: its length, the point before, and the source of the last step."""
    found: _Paths = {origin: (0, origin, "")}
    waiting, is_waiting = deque([origin]), {origin}
    steps = dict.fromkeys(bounds, 0)
    while waiting:
        point = waiting.popleft()
        is_waiting.discard(point)
        length = found[point][0]
        for other, bound in bounds.get(point, {}).items():
            if other not in found or length + bound.micros < found[other][0]:
                found[other] = (length + bound.micros, point, bound.source)
                steps[other] = steps.get(other, 0) + 1
                if steps[other] > len(steps) + 1 or other == origin:
                    raise ContradictionError
                if other not in is_waiting:
                    waiting.append(other)
                    is_waiting.add(other)
    return found


def _sources(point: Point, paths: _Paths) -> tuple[str, ...]:
    """From the point itself back to the origin, each once."""
    found: dict[str, None] = {}
    while point in paths and paths[point][1] != point:
        _, point, source = paths[point]
        if source:
            found[source] = None
    return tuple(found)
