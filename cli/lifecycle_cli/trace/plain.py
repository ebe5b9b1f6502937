"""Lines: what happens as it becomes known, and at the end a summary of each life."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .findings import findings
from .life import Bounds, Life, Row, Span, Time
from .texts import clock, duration, seconds, who

_NAMES = {
    "image": "image",
    "postStart": "postStart",
    "running": "ran",
    "preStop": "preStop",
    "waiting": "waited for its turn",
    "stopping": "stop signal to exit",
}
_HOWS = {"failed": ", failed", "cut": ", cut off by the end of the grace period"}
_ROLES = {"init": "init container", "sidecar": "sidecar", "app": "container"}


class Lines:
    """What is new in lives: each mark once, with the bounds that were known first."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str, str, int]] = set()
        self._gaps: set[tuple[str, float]] = set()
        self._last: dict[str, Life] = {}

    def of(self, lives: Iterable[Life]) -> Iterator[str]:
        for life in lives:
            if self._last.get(life.uid) is life:
                continue
            self._last[life.uid] = life
            new = []
            for row in life.rows:
                counts: dict[tuple[str, str], int] = {}
                for mark in row.marks:
                    number = counts[mark.what, mark.text] = counts.get((mark.what, mark.text), 0) + 1
                    key = (life.uid, row.name, f"{mark.what} {mark.text}", number)
                    if key not in self._told:
                        self._told.add(key)
                        new.append((mark.at, row.name, mark.text))
            for at, name, text in sorted(new, key=lambda each: _order(each[0])):
                yield f"{clock(life, at):<17}  {who(life)}  {name + ': ' if name else ''}{text}"
            for gap in life.gaps:
                key_ = (life.uid, gap.begin)
                if gap.end is None and key_ not in self._gaps:
                    self._gaps.add(key_)
                    begin = clock(life, Time(gap.begin, gap.begin))
                    yield f"{begin:<17}  {who(life)}  not heard since: {gap.why}"


def _order(time: Time) -> tuple[float, float]:
    infinite = float("inf")
    latest = infinite if time.latest is None else time.latest
    return latest, -infinite if time.earliest is None else time.earliest


def summary(life: Life) -> Iterator[str]:
    """What ran, how long or within which bounds, what was left, what went wrong."""
    where = f" on node {life.node}" if life.node else ""
    yield f"{who(life)}{where}: {_state(life)}"
    told = [
        f"{text} {seconds(mark.at)}"
        for what, text in (("ready", "Ready after"), ("deletion", "deletion asked after"), ("gone", "gone after"))
        if (mark := life.mark(what))
    ]
    created = life.mark("created")
    if created:
        yield f"  created at {clock(life, created.at)} UTC" + "".join(f", {each}" for each in told)
    if (deleted := life.mark("deletion")) and (ended := _last_exit(life)) and deleted:
        left = left_of(life.grace, deleted.at, ended)
        yield f"  grace period {life.grace} s: {left} left when its last container ended"
    for row in life.rows:
        if row.role != "pod":
            yield from _container(row)
    for each in findings(life):
        who_ = f"{each.container}: " if each.container else ""
        yield f"  ! {who_}{each.text}" + (f" [{each.rule}]" if each.rule else "")
    for gap in life.gaps:
        if gap.is_missed:
            until = "the end" if gap.end is None else f"{gap.end:.1f} s"
            when = f"between {gap.begin:.1f} s and {until}"
            yield f"  ? {when} the API server did not answer; events from then may be missing"
    yield from (f"  ? {each}" for each in [*life.notes, *skew(life)])


def skew(life: Life) -> Iterator[str]:
    """How the clocks differ, where they do."""
    if life.shifted:
        yield (
            f"the clock of node {life.node} differs from the API server's by {_signed(life.node_ahead)}; "
            f"its times below are {abs(life.shifted):.1f} s {'earlier' if life.shifted > 0 else 'later'}"
        )
    least, most = life.client_ahead
    if (least is not None and least > 1) or (most is not None and most < -1):
        by = _signed(life.client_ahead)
        yield f"this machine's clock differs from the API server's by {by}; no figure depends on it"


def _signed(bounds: Bounds) -> str:
    figures = [f"{each:+.1f}" for each in bounds if each is not None]
    return " to ".join(dict.fromkeys(figures)) + " s"


def _state(life: Life) -> str:
    if life.state == "gone" and life.phase in ("Succeeded", "Failed"):
        return f"gone ({life.phase})"
    return f"{life.state} ({life.phase})" if life.state == "completed" else life.state


def _last_exit(life: Life) -> Time | None:
    ends = [mark.at for row in life.rows for mark in row.marks if mark.what == "exited"]
    return max(ends, key=_order) if ends else None


def left_of(grace: int, begin: Time, end: Time) -> str:
    """What was left of a grace period, in words."""
    least = None if begin.earliest is None or end.latest is None else begin.earliest + grace - end.latest
    most = None if begin.latest is None or end.earliest is None else begin.latest + grace - end.earliest
    if most is not None and most <= 0:
        return "nothing"
    return duration(Bounds(max(0.0, least or 0.0), None if most is None else min(most, grace)))


def _container(row: Row) -> Iterator[str]:
    starts = sum(mark.what == "started" for mark in row.marks)
    again = f", started {starts} times" if starts > 1 else ""
    yield f"  {_ROLES[row.role]} {row.name} ({row.image}){again}"
    for span in row.spans:
        if span.what in _NAMES:
            yield f"    {_NAMES[span.what]:<20}{_lasted(span)}"
    exits = [mark for mark in row.marks if mark.what == "exited"]
    if exits:
        text = exits[-1].text.removeprefix("exit ")
        left = ""
        if row.limit and row.spans and row.spans[-1].end:
            left = f", {left_of(row.limit.seconds, row.limit.begin, exits[-1].at)} of its {row.limit.seconds} s left"
        yield f"    {'exit code':<20}{text} after {seconds(exits[-1].at)}{left}"


def _lasted(span: Span) -> str:
    if span.end is None:
        return f"since {seconds(span.begin)}{_HOWS.get(span.how, '')}"
    return duration(span.seconds) + _HOWS.get(span.how, "")


def explained(life: Life) -> Iterator[str]:
    """Each figure with what its bounds come from."""
    yield f"{who(life)}: seconds since {clock(life, Time(0.0, 0.0))} UTC"
    for row in life.rows:
        yield f"  {_ROLES.get(row.role, 'Pod')} {row.name}".rstrip()
        for mark in row.marks:
            yield f"    {mark.text}: {seconds(mark.at)}"
            if mark.at.earliest_by == mark.at.latest_by:
                yield from _because("", mark.at.earliest_by)
            else:
                yield from _because("not before: ", mark.at.earliest_by)
                yield from _because("not after: ", mark.at.latest_by)


def _because(bound: str, sources: tuple[str, ...]) -> Iterator[str]:
    if sources:
        yield f"      {bound}{'; '.join(sources)}"
