"""The end of a Pod on a time axis: a line per container."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from lifecycle_rules import Role

from .ending import Ending, Stop
from .figures import seconds
from .style import Style, printable

_STEPS: Final = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400)
_APART: Final = 8  # columns between two figures of the axis
_MARGIN: Final = 2
_NARROWEST: Final = 20  # columns of the axis
_LONGEST: Final = 24  # of a name


class Mark(NamedTuple):
    """What a sign of the picture stands for."""

    sign: str
    plain: str
    style: str
    means: str


HOOK: Final = Mark("━", "=", "hook", "preStop")
MAY: Final = Mark("┅", "?", "hook", "preStop, or what follows")
RUNS: Final = Mark("·", ".", "dim", "runs on")
TURN: Final = Mark("┄", "~", "left", "runs on, or ends when the others have")
SIGNAL: Final = Mark("▼", "v", "bold", "stop signal")
LEFT: Final = Mark("─", "-", "left", "what is left")
KILL: Final = Mark("✕", "X", "error", "killed")
_MARKS: Final = (HOOK, MAY, RUNS, TURN, SIGNAL, LEFT, KILL)


def picture(end: Ending, style: Style) -> Iterator[str]:
    """Its lines; nothing where the Pod has no containers."""
    if not end.stops:
        return
    names = [_name(each) for each in end.stops]
    edge = max(map(len, names)) + 2
    span = max(max(each.kill.most for each in end.stops), end.budget, 1)
    width = max(style.reading_width - edge - _MARGIN, _NARROWEST)
    scale = (width - 1) / span
    indent = " " * edge
    figures, axis = _axis(span, scale, width, style)
    yield indent + figures
    yield indent + style(axis, "dim")
    used: set[Mark] = set()
    for name, each in zip(names, end.stops, strict=True):
        line = _line(each, scale, width)
        used |= {mark for mark in line if mark}
        yield f"{name.ljust(edge)}{_drawn(line, style)}".rstrip()
    yield ""
    yield from _legend([each for each in _MARKS if each in used], style)


def _name(stop: Stop) -> str:
    name = printable(stop.name)
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}~"


def _axis(span: float, scale: float, width: int, style: Style) -> tuple[str, str]:
    step = next((each for each in _STEPS if each * scale >= _APART), _STEPS[-1])
    line, cross, end = ("-", "+", "|") if style.is_plain else ("─", "┼", "┤")
    axis, figures = [line] * width, [" "] * (width + 8)
    at = 0.0
    while at <= span:
        column = round(at * scale)
        axis[column] = cross
        text = seconds(at)
        if column + len(text) <= width + 7:
            figures[column : column + len(text)] = text
        at += step
    axis[0] = "|" if style.is_plain else "├"
    axis[-1] = end if axis[-1] == line else axis[-1]
    return "".join(figures).rstrip(), "".join(axis)


def _line(stop: Stop, scale: float, width: int) -> list[Mark | None]:
    line: list[Mark | None] = [None] * width

    def fill(start: float, end: float, mark: Mark) -> None:
        for column in range(round(start * scale), round(end * scale)):
            line[column] = mark

    hook_least = 0 if stop.hook is None else stop.waited.least
    turn = TURN if stop.role is Role.SIDECAR and stop.after else MAY
    fill(0, hook_least, HOOK)
    fill(hook_least, stop.waited.most, MAY)
    fill(stop.waited.most, stop.signal.least, RUNS)
    fill(max(stop.signal.least, stop.waited.most), stop.signal.most, turn)
    fill(stop.signal.most, stop.kill.most, LEFT)
    if stop.signal.is_known:
        line[round(stop.signal.least * scale)] = SIGNAL
    line[round(stop.kill.most * scale)] = KILL
    return line


def _drawn(line: list[Mark | None], style: Style) -> str:
    parts: list[str] = []
    start = 0
    for at in range(1, len(line) + 1):
        if at == len(line) or line[at] is not line[start]:
            mark = line[start]
            text = " " * (at - start) if mark is None else (mark.plain if style.is_plain else mark.sign) * (at - start)
            parts.append(style(text, mark.style if mark else ""))
            start = at
    return "".join(parts).rstrip()


def _legend(marks: list[Mark], style: Style) -> Iterator[str]:
    line, size = "", 0
    for each in marks:
        sign = each.plain if style.is_plain else each.sign
        length = len(sign) + 1 + len(each.means)
        if size and size + 3 + length > style.reading_width:
            yield line
            line, size = "", 0
        line += ("   " if size else "") + f"{style(sign, each.style)} {each.means}"
        size += length + (3 if size else 0)
    if line:
        yield line
