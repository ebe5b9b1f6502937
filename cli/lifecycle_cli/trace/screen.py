"""One screen that changes in its place: a row per container, what it does, and what is left of its grace period."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.text import Text

from ..cluster.following import now
from .clocks import SECOND
from .life import Life, Row, Span, Time
from .texts import clock, duration, seconds, who

_EVERY_SECONDS: Final = 0.25
_COUNT_SECONDS: Final = 1.0
_NAME, _DOING = 26, 44  # columns
_STYLES: Final = {
    "image": "bright_black",
    "postStart": "blue",
    "running": "green",
    "waiting": "green",
    "preStop": "dark_orange",
    "stopping": "magenta",
}
_STOPS: Final = ("preStop", "waiting", "stopping")
_CELLS: Final = {"image": "░", "postStart": "▓", "running": "█", "waiting": "▒", "preStop": "▓", "stopping": "▒"}
_FIRST: Final = {"terminating": 0, "starting": 1, "running": 2, "completed": 3, "gone": 4}


class Screen:
    """Draws what fits, and counts the rest: when something changed, and once a second where a limit counts down."""

    def __init__(self, of: str, console: Console | None = None, now: Callable[[], float] = now) -> None:
        self._console = console or Console()
        self._now = now
        self._of = of
        self._live = Live(console=self._console, auto_refresh=False, transient=True, vertical_overflow="crop")
        self._drawn = -_EVERY_SECONDS
        self._shown: list[tuple[str, int]] = []
        self._is_late = False
        self._counts = False
        self._live.start()

    def show(self, lives: list[Life]) -> None:
        versions = [(each.uid, each.story.version) for each in lives]
        at = time.monotonic()
        is_due = versions != self._shown or (self._counts and at - self._drawn >= _COUNT_SECONDS)
        self._is_late = is_due and at - self._drawn < _EVERY_SECONDS
        if is_due and not self._is_late:
            self._shown, self._drawn = versions, at
            self._counts = any(_counts(row) for each in lives if each.state != "gone" for row in each.rows)
            self._live.update(self._text(lives), refresh=True)

    def wait_seconds(self) -> float | None:
        passed = time.monotonic() - self._drawn
        if self._is_late:
            return max(0.0, _EVERY_SECONDS - passed)
        return max(0.0, _COUNT_SECONDS - passed) if self._counts else None

    def close(self) -> None:
        self._live.stop()

    def _text(self, lives: list[Life]) -> Text:
        width, height = self._console.size
        lines: list[Text] = [Text(_cut(_counted(self._of, lives), width), style="bold")]
        left = 0
        for life in sorted(lives, key=lambda each: _FIRST[each.state]):
            block = list(self._block(life, width))
            if left or len(lines) + len(block) > height - 2:
                left += 1
                continue
            lines += block
        if left:
            lines.append(Text(f"and {left} more {'Pod' if left == 1 else 'Pods'}", style="bright_black"))
        return Text("\n").join(lines)

    def _block(self, life: Life, width: int) -> Iterator[Text]:
        moment = self._moment(life)
        created = life.mark("created")
        when = f", created {clock(life, created.at)} UTC" if created else ""
        lost = " · not heard since" if any(each.end is None for each in life.gaps) else ""
        head = Text(_cut(who(life), width), style="bold")
        head.append(f"  {life.state}{when}{lost}"[: max(0, width - len(head))], style="not bold bright_black")
        yield head
        for row in life.rows[1:]:
            yield self._line(row, moment, width)

    def _moment(self, life: Life) -> float:
        """Now, in the life's seconds."""
        known = [each for each in life.client_ahead if each is not None]
        ahead = sum(known) / len(known) if known else 0.0
        return self._now() - ahead - life.zero / SECOND

    def _line(self, row: Row, moment: float, width: int) -> Text:
        line = Text(_cut(f"  {row.name}", _NAME - 1).ljust(_NAME))
        room = width - _NAME - _DOING - 2
        if room >= 10:
            line.append_text(_bar(row, moment, room))
            line.append("  ")
        doing, style = _doing(row, moment)
        line.append(_cut(doing, max(0, width - len(line))), style=style)
        return line


def _counted(of: str, lives: list[Life]) -> str:
    states = [each.state for each in lives]
    counts = [f"{states.count(each)} {each}" for each in dict.fromkeys(sorted(states, key=_FIRST.__getitem__))]
    return f"{of}: {', '.join(counts) or 'none yet'}"


def _bar(row: Row, moment: float, room: int) -> Text:
    last = max([moment, 1.0, *([row.limit.end.latest] if row.limit and row.limit.end.latest and _is_open(row) else [])])
    cells = [(" ", "")] * room
    for span in row.spans:
        begin = _known(span.begin)
        end = _known(span.end) if span.end else moment
        for cell in range(int(begin / last * room), min(room, int(end / last * room) + 1)):
            if 0 <= cell < room:
                cells[cell] = (_CELLS.get(span.what, "█"), _STYLES.get(span.what, ""))
    bar = Text()
    for letter, style in cells:
        bar.append(letter, style=style)
    if row.limit and row.limit.end.latest and _is_open(row):
        bar.stylize("red", room - 1)
        if cells[-1][0] == " ":
            bar = Text.assemble(bar[:-1], ("│", "red"))
    return bar


def _counts(row: Row) -> bool:
    """Whether a grace period is running out, also that of a container which its probe has killed."""
    last = row.spans[-1] if row.spans else None
    return bool(row.limit and last and last.end is None and last.what in _STOPS)


def _is_open(row: Row) -> bool:
    return not row.spans or row.spans[-1].end is None


def _known(time: Time) -> float:
    return time.latest if time.latest is not None else time.earliest or 0.0


def _doing(row: Row, moment: float) -> tuple[str, str]:
    """What it does now, or how it ended."""
    last: Span | None = row.spans[-1] if row.spans else None
    exits = [each for each in row.marks if each.what == "exited"]
    troubles = [each for each in row.marks if each.is_trouble and each.what != "exited"]
    if last is None:
        return (troubles[-1].text, "red") if troubles else ("waits", "bright_black")
    if last.end is None:
        if row.limit and row.limit.end.latest is not None and _counts(row):
            left = row.limit.end.latest - moment
            return f"{last.what}, {max(0.0, left):.0f} s of {row.limit.seconds} s left", "red" if left < 5 else ""
        if last.what == "running" and troubles and troubles[-1].what == "probe-failed":
            return troubles[-1].text, "red"
        return {"running": "runs", "image": "pulls its image"}.get(last.what, last.what), ""
    if exits:
        trouble = next((each for each in row.spans if each.how in ("failed", "cut")), None)
        text = f"{exits[-1].text} after {seconds(exits[-1].at)}"
        if trouble:
            text += f", {trouble.what} {trouble.how}"
        return text, "red" if exits[-1].is_trouble or trouble else "bright_black"
    return f"{last.what} {duration(last.seconds)}", ""


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(0, room - 1)] + "…"[: max(0, room)]
