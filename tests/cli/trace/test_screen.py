"""The screen shows what fits, counts the rest, and is drawn only when something changed or a limit counts down."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from lifecycle_cli.trace.life import Life
from lifecycle_cli.trace.lives import Lives
from lifecycle_cli.trace.screen import Screen
from tests.cli.trace.recorded import observations


class Clocks:
    """A steady clock that the test moves."""

    def __init__(self) -> None:
        self.at = 100.0


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    clocks = Clocks()
    monkeypatch.setattr("lifecycle_cli.trace.screen.time.monotonic", lambda: clocks.at)
    return clocks


def screen(now: Callable[[], float] = lambda: 0.0, *, width: int = 100, height: int = 12) -> tuple[Screen, io.StringIO]:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=width, height=height, color_system=None)
    return Screen("Pods with app=web", console, now), out


def part(name: str, count: int) -> tuple[list[Life], float]:
    """The first observations, and when the last of them came."""
    lives, told = Lives(), observations(name)[:count]
    for each in told:
        lives.take(each)
    return lives.lives(anew=True), told[-1].seen


def terminating(name: str = "prestop-cut") -> tuple[list[Life], float]:
    for count in range(1, 60):
        lives, seen = part(name, count)
        if lives and lives[0].state == "terminating" and lives[0].rows[-1].limit:
            return lives, seen
    raise AssertionError


def test_what_is_left_of_the_grace_period(clocks: Clocks) -> None:
    lives, seen = terminating()
    shown, out = screen(lambda: seen + 1.0)
    shown.show(lives)
    shown.close()
    assert "Pods with app=web: 1 terminating" in out.getvalue()
    assert "preStop, 3 s of 4 s left" in out.getvalue()


def test_many_more_than_fit_are_counted(clocks: Clocks) -> None:
    lives, seen = terminating()
    many = [lives[0]._replace(name=f"web-{number}", uid=str(number)) for number in range(200)]
    shown, out = screen(lambda: seen)
    shown.show(many)
    shown.close()
    text = out.getvalue()
    assert "200 terminating" in text
    assert "web-3 " in text and "web-4 " not in text and "and 196 more Pods" in text


def test_it_is_drawn_when_something_changed_and_while_a_limit_counts(clocks: Clocks) -> None:
    waiting, _ = part("completes", 5)
    shown, out = screen()
    shown.show(waiting)
    drawn = len(out.getvalue())
    clocks.at += 100
    shown.show(waiting)
    assert len(out.getvalue()) == drawn and shown.wait_seconds() is None

    lives, _ = terminating()
    shown.show(lives)
    assert len(out.getvalue()) > drawn and shown.wait_seconds() == 1.0
    drawn = len(out.getvalue())
    clocks.at += 0.1
    shown.show([*lives, *waiting])  # too soon: it comes a quarter of a second after the last
    assert len(out.getvalue()) == drawn and shown.wait_seconds() == pytest.approx(0.15)
    clocks.at += 0.15
    shown.show([*lives, *waiting])
    assert len(out.getvalue()) > drawn
    shown.close()


@pytest.mark.parametrize("width", [20, 40, 79, 250])
@pytest.mark.parametrize("height", [3, 24])
def test_any_size(clocks: Clocks, width: int, height: int) -> None:
    lives, seen = terminating()
    shown, out = screen(lambda: seen, width=width, height=height)
    shown.show(lives)
    shown.close()
    lines = [line for line in out.getvalue().replace("\r", "\n").split("\n") if "\x1b" not in line]
    assert all(len(line) <= width for line in lines)
