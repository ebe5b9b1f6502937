"""A curve drawn: how something grows with size, as SVG.

Sizes stand on a logarithmic axis, each at its own mark; what is measured starts at zero. Each line has its name and its
last figure at its right end, so that no legend is needed; a bar spans the repeats' lowest and highest.
"""

import math
import statistics
from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks.figures import Curve, Line
from lifecycle_cli.drawing import SIZE, WIDTH, escape, sheet, text_at

_EDGE: Final = 28
_LEFT: Final = 130  # for the figures of the axis
_WIDE: Final = SIZE * 0.62  # of one letter of a name, which is bold, in a wide font
_TOP, _PLOT, _BELOW = 120, 400, 96
_HEIGHT: Final = _TOP + _PLOT + _BELOW
_INSIDE: Final = 24  # from the plot's sides to the first and the last size
_TICKS: Final = 6  # so many at the most
_GAP: Final = SIZE + 6  # from one name to the next
_DOT: Final = 5
_LIMIT: Final = "limit"
_STYLE: Final = ".curve { fill: none; stroke-width: 3; stroke-linejoin: round; }\n.dashed { stroke-dasharray: 8 6; }"


class _Axes:
    """From a size and a figure to a place."""

    def __init__(self, curve: Curve) -> None:
        self.sizes = sorted({size for line in curve.lines for size, _ in line.points})
        names = [*(_named(curve, line) for line in curve.lines), _limit(curve)]
        self.right = WIDTH - _EDGE - max(len(each) for each in names) * _WIDE
        most = max(max(values) for line in curve.lines for _, values in line.points)
        self.step = _round_step(max(most, curve.limit or 0) / _TICKS)
        self.most = self.step * math.ceil(max(most, curve.limit or 0) * 1.02 / self.step)
        self._first = math.log(self.sizes[0])
        self._span = math.log(self.sizes[-1]) - self._first

    def x(self, size: float) -> float:
        left, right = _LEFT + _INSIDE, self.right - _INSIDE
        if not self._span:
            return (left + right) / 2
        return left + (math.log(size) - self._first) / self._span * (right - left)

    def y(self, figure: float) -> float:
        return _TOP + _PLOT - figure / self.most * _PLOT

    def ticks(self) -> list[float]:
        return [self.step * number for number in range(round(self.most / self.step) + 1)]


def drawn(curve: Curve, theme: str = "auto") -> str:
    """The whole SVG."""
    hues = {f"line-{number}": line.hue for number, line in enumerate(curve.lines)}
    about = f"{curve.about}. {' '.join(_said(curve, line) for line in curve.lines)}"
    shapes = list(_shapes(curve, _Axes(curve)))
    return sheet(_HEIGHT, curve.title, about, shapes, {**hues, _LIMIT: "red"}, _STYLE, theme)


def _shapes(curve: Curve, axes: _Axes) -> Iterator[str]:
    yield text_at(_EDGE, _EDGE + 18, curve.title, "text", "title")
    yield text_at(_EDGE, _EDGE + 46, curve.about, "muted")
    yield from _grid(curve, axes)
    names = []
    if curve.limit is not None:
        y = axes.y(curve.limit)
        yield f'<path class="{_LIMIT}-line line dashed" d="M{_LEFT} {y:.1f}H{axes.right:.1f}"/>'
        names.append((y, _limit(curve), _LIMIT))
    for number, line in enumerate(curve.lines):
        yield from _line(curve, line, f"line-{number}", axes)
        names.append((axes.y(_last(line)), _named(curve, line), f"line-{number}"))
    yield from _names(names, axes.right + 12)


def _grid(curve: Curve, axes: _Axes) -> Iterator[str]:
    decimals = max(0, -math.floor(math.log10(axes.step)))
    for tick in axes.ticks():
        y = axes.y(tick)
        yield f'<path class="{"muted" if tick == 0 else "grid"}-line thin" d="M{_LEFT} {y:.1f}H{axes.right:.1f}"/>'
        said = f"{tick:,.{decimals}f} {curve.unit}".rstrip()
        yield text_at(_LEFT - 12, y + 6, said, "muted", anchor="end")
    low = _TOP + _PLOT
    taken = -math.inf
    for size in axes.sizes:
        x, said = axes.x(size), f"{size:,.0f}"
        yield f'<path class="muted-line thin" d="M{x:.1f} {low}v8"/>'
        if x - taken >= len(said) * SIZE * 0.6 + 12:
            yield text_at(x, low + 30, said, "muted", anchor="middle")
            taken = x
    yield text_at((_LEFT + axes.right) / 2, low + 62, f"{curve.sizes} (logarithmic)", "muted", anchor="middle")


def _line(curve: Curve, line: Line, colour: str, axes: _Axes) -> Iterator[str]:
    middles = [(axes.x(size), axes.y(statistics.median(values))) for size, values in line.points]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in middles)
    yield f'<path class="{colour}-line curve" d="M{path}"/>'
    for (size, values), (x, y) in zip(line.points, middles, strict=True):
        high, low = axes.y(max(values)), axes.y(min(values))
        if low - high > 2 * _DOT:
            yield f'<path class="{colour}-line line" d="M{x:.1f} {high:.1f}V{low:.1f}"/>'
        said = f"{line.name}, {size:,.0f} {curve.sizes}: {_figure(curve, statistics.median(values))}"
        yield f'<circle class="{colour}" cx="{x:.1f}" cy="{y:.1f}" r="{_DOT}"><title>{escape(said)}</title></circle>'


def _names(names: Sequence[tuple[float, str, str]], x: float) -> Iterator[str]:
    """Each name at its line's end, or as near to it as the others let it be."""
    for place, (_, said, colour) in zip(_apart([y for y, _, _ in sorted(names)]), sorted(names), strict=True):
        yield text_at(x, place + 6, said, colour, "name")


def _apart(places: Sequence[float]) -> list[float]:
    """Ascending places, moved as little as leaves a gap between any two: those that would touch share their middle."""
    groups: list[list[float]] = []
    for place in places:
        groups.append([place])
        while len(groups) > 1 and _spread(groups[-1])[0] - _spread(groups[-2])[-1] < _GAP:
            last = groups.pop()
            groups[-1] += last
    return [place for group in groups for place in _spread(group)]


def _spread(group: Sequence[float]) -> list[float]:
    first = statistics.fmean(group) - (len(group) - 1) * _GAP / 2
    return [first + number * _GAP for number in range(len(group))]


def _last(line: Line) -> float:
    return statistics.median(line.points[-1][1])


def _named(curve: Curve, line: Line) -> str:
    return f"{line.name} {_figure(curve, _last(line))}"


def _limit(curve: Curve) -> str:
    return "" if curve.limit is None else f"{curve.limit_name} {_figure(curve, curve.limit)}"


def _said(curve: Curve, line: Line) -> str:
    points = ", ".join(f"{_figure(curve, statistics.median(values))} at {size:,.0f}" for size, values in line.points)
    return f"{line.name}: {points}."


def _figure(curve: Curve, value: float) -> str:
    return f"{value:{curve.form}} {curve.unit}".rstrip()


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, 20 … or 0.1, 0.2, 0.5 … that is not below it."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(each * power for each in (1, 2, 5, 10) if each * power >= least * 0.999)
