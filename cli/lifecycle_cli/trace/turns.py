"""The turns of a container: each process that it had, with the events that belong to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .clocks import SECOND
from .story import Event, Occurrence, Run, Story

STARTS: Final = ("Pulling", "Pulled", "Created", "Started")
OWN: Final = (*STARTS, "FailedPostStartHook", "Killing", "FailedPreStopHook")
"""Events that have marks of their own, as a turn has them one after the other."""


class Attempt:
    """A container's events from its image to its end."""

    def __init__(self) -> None:
        self.events: list[tuple[Event, Occurrence]] = []

    def first(self, reason: str) -> tuple[Event, Occurrence] | None:
        return next((each for each in self.events if each[0].reason == reason), None)

    def all(self, reason: str) -> list[tuple[Event, Occurrence]]:
        return [each for each in self.events if each[0].reason == reason]


class Turn:
    """One of a container's processes, and its points in time."""

    def __init__(self, key: str, run: Run | None, attempt: Attempt | None) -> None:
        self.key, self.run, self.attempt = key, run, attempt
        self.is_started = False
        self.first: str | None = None
        self.created: str | None = None
        self.running: str | None = None
        self.ready: str | None = None
        self.kill = ""
        self.grace = self.least = 0
        """The grace period; the shortest that it may have been."""
        self.is_deletion = False
        self.done = ""
        """When a sidecar begins to wait for its turn."""
        self.signal: str | None = None
        self.exit: str | None = None


class Draft:
    """A row before its times are known."""

    def __init__(self, name: str, role: str, image: str, spec: Mapping[str, Any] | None = None) -> None:
        self.name, self.role, self.image = name, role, image
        self.spec: Mapping[str, Any] = spec or {}
        self.turns: list[Turn] = []
        self.marks: list[tuple[str, str, str, bool]] = []
        self.spans: list[tuple[str, str, str | None, str]] = []
        self.limits: list[tuple[int, str]] = []
        self.readies: list[str] = []

    def mark(self, what: str, text: str, key: str, is_trouble: bool = False) -> None:
        self.marks.append((what, text, key, is_trouble))

    def span(self, what: str, begin: str, end: str | None, how: str = "") -> None:
        self.spans.append((what, begin, end, how or ("ok" if end else "open")))


def turns(story: Story, name: str) -> Iterator[tuple[Run | None, Attempt | None]]:
    """A container's processes as the status has them, with their events; also those that only events tell of."""
    attempts = _attempts(story, name)
    runs = [each for each in story.runs.get(name, ())]
    for number, run in enumerate(runs):
        following = runs[number + 1].started if number + 1 < len(runs) else None
        while attempts:
            began = attempts[0].first("Started")
            if began and run.started is not None and began[1].latest < run.started and attempts[1:]:
                yield None, attempts.pop(0)
                continue
            break
        if attempts:
            began = attempts[0].first("Started")
            is_later = (following is not None and began is not None and began[1].earliest >= following + SECOND) or (
                run.ended is not None and began is not None and began[1].earliest > run.ended + SECOND
            )
            if not is_later:
                yield run, attempts.pop(0)
                continue
        yield run, None
    for attempt in attempts:
        yield None, attempt


def _attempts(story: Story, name: str) -> list[Attempt]:
    found = [Attempt()]
    happened = [
        (event, occurrence)
        for event in story.events.values()
        if event.container == name
        for occurrence in event.occurrences
    ]
    for event, occurrence in _in_sequence(happened):
        current = found[-1]
        if event.reason in STARTS and current.first("Started"):
            current = Attempt()
            found.append(current)
        elif event.reason == "FailedPreStopHook" and not current.first("Killing") and found[1:]:
            current = found[-2]
        current.events.append((event, occurrence))
    return [each for each in found if each.events]


def _in_sequence(happened: list[tuple[Event, Occurrence]]) -> Iterator[tuple[Event, Occurrence]]:
    """As they came. Where seconds leave that open, as the kubelet goes on: image, start, hooks, end, and anew."""
    waiting = sorted(happened, key=lambda each: each[1].latest)
    last = -1
    while waiting:
        least = waiting[0][1].latest
        possible = [each for each in waiting if each[1].earliest <= least]
        ranked = sorted((rank <= last, rank, index) for index, each in enumerate(possible) for rank in _ranks(each[0]))
        if _ranks(possible[0][0]) and ranked:
            chosen = possible[ranked[0][2]]
            last = ranked[0][1]
        else:
            chosen = possible[0]
        waiting.remove(chosen)
        yield chosen


def _ranks(event: Event) -> list[int]:
    return [OWN.index(event.reason)] if event.reason in OWN else []
