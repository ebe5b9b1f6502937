"""A picture of lives: rows over one axis, limits as limits, and bounds as slanted edges.

No font is assumed: widths are those of a wide one, and nothing depends on them but the room that a text is given.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from ..drawing import SIZE, WIDTH, escape, sheet, text_at
from .clocks import SECOND
from .findings import findings
from .life import Life, Mark, Row, Span, Time
from .plain import left_of
from .texts import clock, duration, who

_LEFT, _RIGHT, _EDGE = 236, 36, 28
_WIDE: Final = 0.6  # of the size: a letter's width in a wide font, on the average
_LINE: Final = 26
_BAR: Final = 24
_IDLE: Final = 5.0  # seconds: where nothing is for longer, the axis is cut
_STEPS: Final = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
_LANES: Final = 5
_MOST_LIVES: Final = 12

_HUES: Final = {
    "image": "grey",
    "postStart": "blue",
    "running": "green",
    "waiting": "pale green",
    "preStop": "orange",
    "stopping": "purple",
    "trouble": "red",
    "limit": "red",
}
_DASHES: Final = ".dashed { stroke-dasharray: 6 5; }\n.dotted { stroke-dasharray: 2 6; }"
_LEGEND: Final = (
    ("image", "image"),
    ("postStart", "postStart"),
    ("running", "runs"),
    ("preStop", "preStop"),
    ("stopping", "stop signal to exit"),
)
_WITH_SPANS: Final = ("exited", "completed", "preStop-cut", "preStop-failed", "postStart-failed", "killing", "evicted")
_POD_LABELS: Final = {
    "ready": "Ready",
    "unready": "no longer Ready",
    "deletion": "deletion asked",
    "gone": "gone",
    "completed": "",
    "evicted": "evicted",
}


class _Axis:
    """Seconds to places; where nothing is for long, it is cut short."""

    def __init__(self, times: Iterable[float]) -> None:
        points = sorted({0.0, *times}) or [0.0]
        if points[-1] - points[0] < 1:
            points.append(points[0] + 1)
        short = sum(min(after - before, _IDLE) for before, after in itertools.pairwise(points))
        most = max(_IDLE, short / 4)
        self._points, self._places, self.cuts = points, [0.0], []
        for before, after in itertools.pairwise(points):
            shown = min(after - before, most)
            if after - before > 1.5 * most:
                self.cuts.append((before, after))
            else:
                shown = after - before
            self._places.append(self._places[-1] + shown)
        self.scale = (WIDTH - _LEFT - _RIGHT) / self._places[-1]

    def x(self, at: float) -> float:
        points, places = self._points, self._places
        if at <= points[0]:
            return _LEFT
        for index in range(1, len(points)):
            if at <= points[index]:
                part = (at - points[index - 1]) / (points[index] - points[index - 1])
                return _LEFT + self.scale * (places[index - 1] + part * (places[index] - places[index - 1]))
        return _LEFT + self.scale * places[-1]

    def ticks(self) -> list[float]:
        step = next((each for each in _STEPS if each * self.scale >= 84), _STEPS[-1])
        first = int(self._points[0] // step)
        found, last = [], -1e9
        for number in range(first, int(self._points[-1] // step) + 1):
            at = number * step
            if any(before < at < after for before, after in self.cuts) or at < self._points[0]:
                continue
            if self.x(at) - last >= 72:
                found.append(at)
                last = self.x(at)
        return found


class _Label(NamedTuple):
    x: float
    text: str
    colour: str


def svg(lives: Sequence[Life], theme: str = "auto") -> str:
    """The whole document. `auto` follows the reader's scheme, and is light where that is not known."""
    shown = [each for each in lives][:_MOST_LIVES]
    zero = min((each.zero for each in shown), default=0)
    offsets = {each.uid: (each.zero - zero) / SECOND for each in shown}
    axis = _Axis(at + offsets[life.uid] for life in shown for at in _moments(life))
    out: list[str] = []
    y = 0.0
    for life in shown:
        y = _life(out, life, axis, offsets[life.uid], y + _EDGE)
    if len(lives) > len(shown):
        y += _LINE
        out.append(text_at(_EDGE, y, f"and {len(lives) - len(shown)} more Pods", "muted"))
    y = _legend(out, y + _LINE + 12)
    height = round(y + _EDGE)
    title = ", ".join(who(each) for each in shown) or "no Pod"
    about = " ".join(_sentence(each) for each in shown)
    return sheet(height, f"The life of {title}", about, out, _HUES, _DASHES, theme)


def _moments(life: Life) -> Iterable[float]:
    for row in life.rows:
        for mark in row.marks:
            yield from (each for each in mark.at[:2] if each is not None)
        for span in row.spans:
            yield from (each for time in (span.begin, span.end) if time for each in time[:2] if each is not None)
        if row.limit:
            yield from (each for each in row.limit.end[:2] if each is not None)


def _life(out: list[str], life: Life, axis: _Axis, offset: float, y: float) -> float:
    """Draws from y on; where it ends."""
    y += 18
    out.append(text_at(_EDGE, y, _short(life.name, WIDTH - 2 * _EDGE, 0.85), "text", "title", whole=life.name))
    y += _LINE
    out.append(text_at(_EDGE, y, _short(_subtitle(life), WIDTH - 2 * _EDGE), "muted"))
    y += 14
    top = y
    ticks = axis.ticks()
    y += _LINE
    for each in ticks:
        out.append(
            text_at(axis.x(each), y - 6, f"{each:g} s", "muted", anchor="start" if each == ticks[0] else "middle")
        )
    grid = len(out)
    begin = y
    for row in life.rows:
        y = _row(out, life, row, axis, offset, y)
    lines = [f'<path class="grid-line thin" d="M{axis.x(each):.1f} {begin:.1f}V{y:.1f}"/>' for each in ticks]
    for before, after in axis.cuts:
        first, last = axis.x(before), axis.x(after)
        room = max(0.0, last - first - 60)
        x = (first + last) / 2
        lines.append(
            f'<path class="muted-line line dotted" d="M{x - room / 2:.1f} {top + _LINE - 12:.1f}h{room:.1f}"/>'
            f'<rect class="ground" x="{x - 42:.1f}" y="{top + 2:.1f}" width="84" height="{_LINE - 4}"/>'
        )
        out.append(text_at(x, top + _LINE - 6, _rough(after - before), "muted", anchor="middle"))
    out[grid:grid] = lines
    for found in findings(life):
        text = f"{found.container + ': ' if found.container else ''}{found.text}" + (
            f" [{found.rule}]" if found.rule else ""
        )
        for number, line in enumerate(_wrapped(text, WIDTH - 2 * _EDGE - 26)):
            y += _LINE
            if not number:
                out.append(_warning(_EDGE + 9, y - 6))
            out.append(text_at(_EDGE + 26, y, line, "text"))
    return y


def _row(out: list[str], life: Life, row: Row, axis: _Axis, offset: float, y: float) -> float:
    top = y + 12
    name = row.name or "Pod"
    role = {"pod": "", "app": "container"}.get(row.role, row.role)
    out.append(text_at(_EDGE, top + 18, _short(name, _LEFT - _EDGE - 10, 0.66), "text", "name", whole=name))
    labels: list[_Label] = []
    if row.role == "pod":
        _pod_bar(out, life, row, axis, offset, top)
        for mark in row.marks:
            if mark.what in _POD_LABELS and not (mark.what == "completed" and life.mark("gone")):
                text = _POD_LABELS[mark.what] or mark.text
                labels.append(_Label(axis.x(_middle(mark.at) + offset), text, "muted"))
    for span in row.spans:
        _span(out, span, axis, offset, top)
        if label := _span_label(span, axis, offset):
            labels.append(label)
    _limit(out, labels, life, row, axis, offset, top)
    seen: dict[str, int] = {}
    for mark in row.marks:
        seen[mark.text] = seen.get(mark.text, 0) + 1
        if mark.is_trouble and mark.what not in _WITH_SPANS:
            out.append(_warning(axis.x(_middle(mark.at) + offset), top + _BAR / 2))
            if seen[mark.text] == 1 and row.role != "pod":
                count = sum(each.text == mark.text for each in row.marks)
                text = mark.text.rstrip(": ") + (f", {count} times" if count > 1 else "")
                labels.append(_Label(axis.x(_middle(mark.at) + offset), _short(text, 420), "trouble"))
        elif mark.what == "exited":
            _point(out, mark, axis, offset, top)
            labels.append(
                _Label(axis.x(_middle(mark.at) + offset), mark.text, "trouble" if mark.is_trouble else "muted")
            )
    lanes = _labels(out, labels, top + _BAR)
    if role:
        out.append(text_at(_EDGE, top + 18 + 22, role, "muted"))
    return top + _BAR + max(lanes, 1 if role else 0) * (_LINE - 3) + 8


def _pod_bar(out: list[str], life: Life, row: Row, axis: _Axis, offset: float, top: float) -> None:
    created, gone = life.mark("created"), life.mark("gone") or life.mark("completed")
    begin = created.at if created else Time(0.0, 0.0)
    ends = [at for each in life.rows for mark in each.marks for at in mark.at[:2] if at is not None]
    end = gone.at if gone else Time(max(ends, default=1.0), max(ends, default=1.0))
    middle = Span("pod", begin, end, life.node_ahead)
    out.append(_shape(middle, axis, offset, top + 7, 10, "grid"))
    for mark in row.marks:
        if mark.what in (*_POD_LABELS, "created") and not (mark.what == "completed" and life.mark("gone")):
            _point(out, mark, axis, offset, top)


def _span(out: list[str], span: Span, axis: _Axis, offset: float, top: float) -> None:
    colour = span.what if span.what in _HUES else "image"
    height = _BAR if span.what != "image" else _BAR - 12
    out.append(_shape(span, axis, offset, top + (_BAR - height) / 2, height, colour))
    if span.how in ("failed", "cut") and span.end and span.end.latest is not None:
        x = axis.x(_middle(span.end) + offset)
        out.append(f'<path class="trouble-line line" d="M{x - 6:.1f} {top + 6:.1f}l12 12m0 -12l-12 12"/>')


def _shape(span: Span, axis: _Axis, offset: float, top: float, height: float, colour: str) -> str:
    """A bar whose ends lean from the earliest to the latest: what follows on it fits."""
    begin, end = span.begin, span.end
    last = axis.x(1e12)
    top_begin = axis.x(begin.earliest + offset) if begin.earliest is not None else _LEFT
    low_begin = axis.x(begin.latest + offset) if begin.latest is not None else last
    top_end = low_end = last
    if end:
        top_end = axis.x(end.earliest + offset) if end.earliest is not None else top_begin
        low_end = axis.x(end.latest + offset) if end.latest is not None else last
    low_begin = min(low_begin, low_end)
    top_end = max(top_end, top_begin)
    if top_end - top_begin < 2 and low_end - low_begin < 2:  # too short to be seen
        low_end, top_end = low_begin + 2, top_begin + 2
    low = top + height
    shape = f"M{top_begin:.1f} {top:.1f}H{top_end:.1f}L{low_end:.1f} {low:.1f}H{low_begin:.1f}Z"
    title = f"{span.what} {duration(span.seconds)}" if span.what != "pod" else "the Pod"
    return f'<path class="{colour}" d="{shape}"><title>{escape(title)}</title></path>'


def _point(out: list[str], mark: Mark, axis: _Axis, offset: float, top: float) -> None:
    """A stroke where it was; between two small ones where that is not known."""
    first = axis.x((mark.at.earliest if mark.at.earliest is not None else 0.0) + offset)
    last = axis.x(mark.at.latest + offset) if mark.at.latest is not None else axis.x(1e12)
    title = f"<title>{escape(mark.text)}</title>"
    if last - first < 3:
        out.append(f'<path class="text-line line" d="M{last:.1f} {top:.1f}v{_BAR}">{title}</path>')
        return
    middle, low = top + _BAR / 2, top + _BAR / 2 + 5
    path = (
        f"M{first:.1f} {low - 10:.1f}V{low:.1f}M{first:.1f} {middle:.1f}H{last:.1f}M{last:.1f} {low - 10:.1f}V{low:.1f}"
    )
    out.append(f'<path class="text-line line" d="{path}">{title}</path>')


def _limit(out: list[str], labels: list[_Label], life: Life, row: Row, axis: _Axis, offset: float, top: float) -> None:
    limit = row.limit
    if limit is None or limit.end.latest is None or (row.role == "pod" and any(each.limit for each in life.rows[1:])):
        return
    x, begin = axis.x(_middle(limit.end) + offset), axis.x(_middle(limit.begin) + offset)
    out.append(f'<path class="limit-line line dashed" d="M{begin:.1f} {top - 4:.1f}H{x:.1f}"/>')
    out.append(f'<path class="limit-line line" d="M{x:.1f} {top - 8:.1f}V{top + _BAR + 4:.1f}"/>')
    exits = [each.at for each in row.marks if each.what == "exited"]
    left = f", {left_of(limit.seconds, limit.begin, exits[-1])} left" if exits else ""
    labels.append(_Label(x, f"grace period {limit.seconds} s{left}", "limit"))


def _span_label(span: Span, axis: _Axis, offset: float) -> _Label | None:
    if span.what in ("running", "waiting") or (span.what == "image" and (span.seconds.most or 0.0) < 0.5):
        return None
    name = {"stopping": "stopping", "image": "image"}.get(span.what, span.what)
    told = "goes on" if span.end is None else duration(span.seconds)
    if span.what == "stopping" and span.seconds.most is not None and span.seconds.most < 0.05:
        return None
    how = {"failed": ", failed", "cut": ", cut off"}.get(span.how, "")
    begin = span.begin.latest if span.begin.latest is not None else span.begin.earliest
    return _Label(axis.x((begin or 0.0) + offset), f"{name} {told}{how}", span.what)


def _labels(out: list[str], labels: list[_Label], top: float) -> int:
    """Each below its place, in as many lines as they need; how many."""
    ends: list[float] = []
    for label in sorted(labels):
        room = len(label.text) * SIZE * _WIDE + 20
        x = min(label.x - 6, WIDTH - _EDGE - room + 12)
        lane = next((number for number, end in enumerate(ends) if end <= x), len(ends))
        if lane >= _LANES:
            continue
        ends[lane : lane + 1] = [x + room + 10]
        y = top + 20 + lane * (_LINE - 3)
        colour = label.colour
        if colour in ("postStart", "preStop", "stopping", "image"):
            out.append(f'<rect class="{colour}" x="{x:.1f}" y="{y - 12:.1f}" width="11" height="11" rx="2"/>')
            out.append(text_at(x + 16, y, label.text, "text"))
        else:
            out.append(text_at(x + 2, y, label.text, colour))
    return len(ends)


def _legend(out: list[str], y: float) -> float:
    x = float(_EDGE)
    for colour, what in _LEGEND:
        out.append(f'<rect class="{colour}" x="{x:.1f}" y="{y - 13:.1f}" width="20" height="14" rx="2"/>')
        out.append(text_at(x + 27, y, what, "muted"))
        x += 27 + len(what) * SIZE * _WIDE + 16
    out.append(f'<path class="muted" d="M{x:.1f} {y - 13:.1f}h12l18 14h-30z"/>')
    out.append(text_at(x + 38, y, "slanted: between its two ends", "muted"))
    return y


def _warning(x: float, y: float) -> str:
    return (
        f'<path class="trouble" d="M{x - 9:.1f} {y + 8:.1f}L{x:.1f} {y - 9:.1f}L{x + 9:.1f} {y + 8:.1f}Z"/>'
        f'<path class="ground-line line" d="M{x:.1f} {y - 3:.1f}v5m0 2.2v1.6"/>'
    )


def _subtitle(life: Life) -> str:
    created = life.mark("created")
    parts = [
        f"namespace {life.namespace}",
        f"node {life.node}" if life.node else "no node",
        life.phase.lower() if life.state != "gone" else "gone",
    ]
    if created:
        parts.append(f"created {clock(life, created.at)} UTC")
    if life.mark("deletion"):
        parts.append(f"grace period {life.grace} s")
    return " · ".join(parts)


def _sentence(life: Life) -> str:
    told = [
        f"{span.what} of {row.name} {duration(span.seconds)}" for row in life.rows for span in row.spans if span.end
    ]
    wrong = [f"{each.container}: {each.text}" if each.container else each.text for each in findings(life)]
    return f"{who(life)}: {'; '.join([*told, *wrong])}."


def _middle(time: Time) -> float:
    known = [each for each in time[:2] if each is not None]
    return sum(known) / len(known) if known else 0.0


def _short(text: str, room: float, wide: float = _WIDE) -> str:
    most = int(room / (SIZE * wide))
    return text if len(text) <= most else text[: most - 1] + "…"


def _wrapped(text: str, room: float) -> list[str]:
    most = int(room / (SIZE * _WIDE))
    lines, line = [], ""
    for word in text.split():
        word = _short(word, room)
        if line and len(line) + 1 + len(word) > most:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    lines.append(line)
    return lines if len(lines) <= 3 else [*lines[:2], lines[2] + " …"]


def _rough(seconds: float) -> str:
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"
