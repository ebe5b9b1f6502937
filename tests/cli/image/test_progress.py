"""What stands on the terminal while it takes long, and nowhere else."""

import io
from typing import TextIO

import pytest

from lifecycle_cli import progress
from lifecycle_cli.image.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def after(stream: TextIO, clock: list[float], total: int = 0) -> Progress:
    found = Progress("reading web", stream)
    if total:
        found.expect(total)
    for clock[0] in (1.0, 1.9, 2.1, 2.2, 2.5):
        found(10_000_000)
    return found


def test_on_a_terminal(clock: list[float]) -> None:
    stream = Terminal()
    after(stream, clock, 60_000_000).done()
    shown = ["reading web: 30 of 60 MB", "reading web: 50 of 60 MB", " " * 24]
    assert stream.getvalue() == "".join(f"\r{each}" for each in shown) + "\r"


def test_where_the_size_is_not_known(clock: list[float]) -> None:
    stream = Terminal()
    after(stream, clock)
    assert stream.getvalue().endswith("\rreading web: 50 MB")


def test_what_is_quick_shows_nothing(clock: list[float]) -> None:
    stream = Terminal()
    found = Progress("reading web", stream)
    found(10)
    found.done()
    assert stream.getvalue() == ""


def test_a_log_shows_nothing(clock: list[float]) -> None:
    stream = io.StringIO()
    after(stream, clock).done()
    assert stream.getvalue() == ""


def test_standard_error_may_be_closed(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)
    found = Progress("reading web")
    clock[0] = 9.0
    found(10)
    found.done()
