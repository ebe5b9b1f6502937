"""A picture of a rollout: the requests lost over time, above the lives of the Pods, on one axis.

No font is assumed, text stays text, and the colours follow the reader's scheme: light where it has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..drawing import SIZE, WIDTH, sheet, text_at
from .lives import ASKED, CREATED, ENDED, GONE, READY, SERVING, WITHDRAWN, Life
from .report import Result

_LEFT, _RIGHT, _EDGE = 268, 36, 28
_PANEL: Final = 130  # the height of what was lost
_ROW, _BAR = 40, 22
_BIN_SECONDS: Final = 0.25
_STEPS: Final = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600)
_MOST_PODS: Final = 20
_HUES: Final = {
    "starts": "grey",
    "serves": "green",
    "drains": "orange",
    "over": "purple",
    "lost": "red",
    "sent": "pale blue",
}
_LEGEND: Final = (
    ("lost", "lost"),
    ("sent", "answered"),
    ("starts", "starts"),
    ("serves", "in the Service"),
    ("drains", "stopping"),
    ("over", "ended, not yet gone"),
)


class _Axis:
    """Seconds to places."""

    def __init__(self, first: float, last: float) -> None:
        self.first, self.last = first, max(last, first + 1)
        self._scale = (WIDTH - _LEFT - _RIGHT) / (self.last - self.first)

    def x(self, at: float) -> float:
        return _LEFT + (min(max(at, self.first), self.last) - self.first) * self._scale

    def ticks(self) -> list[int]:
        step = next((each for each in _STEPS if each * self._scale >= 72), _STEPS[-1])
        begin = -int(-self.first // step) * step
        return list(range(begin, int(self.last) + 1, step))


def drawn(result: Result) -> str:
    """The whole document."""
    seen = result.seen
    lives = sorted(seen.lives, key=lambda each: (not each.is_old, each.marks.get(ASKED, each.marks[CREATED])))
    shown = lives[:_MOST_PODS]
    begun = (seen.restarted or seen.start) - seen.start
    last = max((each.marks.get(GONE, 0) - seen.start for each in shown), default=0)
    last = max([last, *(each.answer.ended for each in result.blamed)], default=0)
    end = max((each.ended for each in seen.answers), default=1)
    axis = _Axis(max(0.0, begun - 1.5), min(end, last + 1.5) if last > 0 else end)
    out: list[str] = []
    y = _EDGE + 18.0
    out.append(text_at(_EDGE, y, result.what, "text", "title"))
    y += 28
    out.append(text_at(_EDGE, y, _subtitle(result), "muted"))
    y += 20
    top = y
    y = _panel(out, result, axis, y)
    for life in shown:
        y = _life(out, life, result, axis, y)
    if len(lives) > len(shown):
        y += _ROW
        out.append(text_at(_EDGE, y, f"and {len(lives) - len(shown)} more Pods", "muted"))
    y += 30
    for tick in axis.ticks():
        x = axis.x(tick)
        out.insert(0, f'<path class="grid-line thin" d="M{x:.1f} {top:.1f}V{y - 22:.1f}"/>')
        out.append(text_at(x, y, f"{tick} s", "muted", anchor="middle"))
    y = _legend(out, y + 40)
    height = round(y + _EDGE)
    about = f"{_subtitle(result)}. " + " ".join(
        f"{life.name}: {sum(each.life is life for each in result.blamed)} lost." for life in shown
    )
    thick = ".thick { fill: none; stroke-width: 2; }"
    return sheet(height, f"Rollout of {result.what}", about, out, _HUES, thick)


def _subtitle(result: Result) -> str:
    sent, lost = len(result.seen.answers), len(result.blamed)
    return f"{sent:,} requests, {lost:,} lost; seconds after the first one"


def _panel(out: list[str], result: Result, axis: _Axis, y: float) -> float:
    """The answered and the lost, by quarter of a second; the lost on a scale of their own, for they are few."""
    answered: dict[int, int] = {}
    lost: dict[int, int] = {}
    for each in result.seen.answers:
        of = lost if each.is_lost else answered
        number = int(each.sent / _BIN_SECONDS)
        of[number] = of.get(number, 0) + 1
    low = y + _PANEL
    most = max(answered.values(), default=1)
    most_lost = max(lost.values(), default=0)
    for of, colour, scale, part in ((answered, "sent", most, 0.45), (lost, "lost", max(most_lost, 4), 0.9)):
        for number, count in sorted(of.items()):
            begin, end = number * _BIN_SECONDS, (number + 1) * _BIN_SECONDS
            if end <= axis.first or begin >= axis.last:
                continue
            x, wide, high = axis.x(begin), axis.x(end) - axis.x(begin), _PANEL * part * count / scale
            out.append(
                f'<rect class="{colour}" x="{x:.1f}" y="{low - high:.1f}" width="{max(wide - 1, 1):.1f}" '
                f'height="{high:.1f}"><title>{count} {colour} from {begin:g} s</title></rect>'
            )
    out.append(text_at(_EDGE, y + 28, "lost", "lost", "name"))
    worst = f"up to {most_lost / _BIN_SECONDS:.0f} a second" if most_lost else "none"
    out.append(text_at(_EDGE, y + 52, worst, "lost"))
    out.append(text_at(_EDGE, low - 28, "answered", "text", "name"))
    out.append(text_at(_EDGE, low - 4, f"up to {most / _BIN_SECONDS:.0f} a second", "muted"))
    out.append(f'<path class="muted-line thin" d="M{_LEFT} {low:.1f}H{WIDTH - _RIGHT}"/>')
    return low + 12


def _life(out: list[str], life: Life, result: Result, axis: _Axis, y: float) -> float:
    seen = result.seen
    at = {name: time - seen.start for name, time in life.marks.items()}
    top = y + (_ROW - _BAR) / 2
    mine = [each for each in result.blamed if each.life is life]
    kind = "old" if life.is_old else "new"
    count = f", {len(mine):,} lost" if mine else ""
    out.append(
        text_at(
            _EDGE, top + 17, f"{kind} …{life.name[-6:]}{count}", "lost" if mine else "text", "name", whole=life.name
        )
    )
    for begin, end, colour in _parts(life, at, axis.last):
        x, wide = axis.x(begin), axis.x(end) - axis.x(begin)
        if wide > 0:
            out.append(
                f'<rect class="{colour}" x="{x:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{_BAR}">'
                f"<title>{colour} {begin:.2f} to {end:.2f} s</title></rect>"
            )
    if WITHDRAWN in at and at[WITHDRAWN] >= axis.first:
        x = axis.x(at[WITHDRAWN])
        out.append(
            f'<path class="text-line line" d="M{x:.1f} {top - 4:.1f}v{_BAR + 8}"><title>its endpoint was not ready any '
            f"more from {at[WITHDRAWN]:.2f} s</title></path>"
        )
    for places in _thinned([axis.x(each.answer.ended) for each in mine]):
        out.append(f'<path class="lost-line thick" d="M{places:.1f} {top - 6:.1f}v{_BAR + 12}"/>')
    return y + _ROW


def _parts(life: Life, at: dict[str, float], last: float) -> Iterator[tuple[float, float, str]]:
    created = at[CREATED]
    asked, gone = at.get(ASKED, last), at.get(GONE, last)
    serving = min(at.get(SERVING, at.get(READY, asked)), asked)
    if not life.is_old:
        yield created, serving, "starts"
    yield (created if life.is_old else serving), asked, "serves"
    ended = min(at.get(ENDED, gone), gone)
    yield asked, ended, "drains"
    yield ended, gone, "over"


def _thinned(places: list[float]) -> Iterator[float]:
    """One stroke for those that would lie on each other."""
    drawn_at = -1.0
    for each in sorted(places):
        if each - drawn_at >= 2:
            drawn_at = each
            yield each


def _legend(out: list[str], y: float) -> float:
    x = float(_EDGE)
    for colour, what in _LEGEND:
        out.append(f'<rect class="{colour}" x="{x:.1f}" y="{y - 13:.1f}" width="20" height="14" rx="2"/>')
        out.append(text_at(x + 27, y, what, "muted"))
        x += 27 + len(what) * SIZE * 0.54 + 20
    out.append(f'<path class="text-line line" d="M{x + 4:.1f} {y - 16:.1f}v20"/>')
    out.append(text_at(x + 14, y, "endpoint not ready", "muted"))
    return y
