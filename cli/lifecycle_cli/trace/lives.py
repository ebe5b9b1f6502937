"""The lives of all Pods that were observed, from what was observed.

Pure: observations go in by `Lives.take`, lives come out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cluster.following import Changed, Listed, Lost
from .building import CLIENT, SERVER, Builder
from .clocks import SECOND, Point
from .life import Life
from .recording import Asked, Clock, Observation
from .story import Event, Gap, Story, micros, seen_micros


class Lives:
    """Takes what was observed, in its order. The Pods are those of the observations, each UID a life of its own."""

    def __init__(self) -> None:
        self.stories: dict[str, Story] = {}
        self._events: dict[str, list[tuple[Mapping[str, Any], int]]] = {}  # of Pods that are not known yet
        self._clocks: dict[tuple[Point, Point], tuple[int, str]] = {}
        self._made: dict[str, tuple[int, Life]] = {}
        self._lost: dict[str, Gap] = {}

    def take(self, told: Observation) -> None:
        if isinstance(told, Clock):
            self._take_clock(told)
        elif isinstance(told, Listed):
            self._take_list(told)
        elif isinstance(told, Changed):
            seen = seen_micros(told.seen)
            if told.kind == "Event":
                self._take_event(told.object, seen)
            elif told.kind == "Pod":
                self._take_pod(told.object, seen)
                if told.type == "DELETED":
                    self.stories[_uid(told.object)].end(seen, is_told=True)
        elif isinstance(told, Asked):
            if story := self.stories.get(told.uid):
                story.sent, story.answered = seen_micros(told.sent), seen_micros(told.seen)
                story.version += 1
        elif isinstance(told, Lost):
            self._lose(told)
        else:
            self._hear(told.kind, seen_micros(told.seen), is_missed=False)

    def lives(self, *, anew: bool = False) -> list[Life]:
        """The lives in the order in which they were first seen. `anew` uses what others since showed about clocks."""
        found = []
        for uid, story in self.stories.items():
            made = self._made.get(uid)
            if anew or made is None or made[0] != story.version:
                made = (story.version, Builder(story, self._clocks).life())
                self._made[uid] = made
            found.append(made[1])
        return found

    def lost(self, kind: str) -> str | None:
        """Why the API server is not heard on this kind; None where it is."""
        gap = self._lost.get(kind)
        return gap.why if gap and gap.end is None else None

    def _take_list(self, told: Listed) -> None:
        seen = seen_micros(told.seen)
        self._hear(told.kind, seen, is_missed=True)
        if told.kind == "Event":
            for each in told.objects:
                self._take_event(each, seen)
        elif told.kind == "Pod":
            for each in told.objects:
                self._take_pod(each, seen)
            there = {_uid(each) for each in told.objects}
            for uid, story in self.stories.items():
                if uid not in there:
                    story.end(seen, is_told=False)

    def _take_pod(self, pod: Mapping[str, Any], seen: int) -> None:
        uid = _uid(pod)
        story = self.stories.get(uid)
        if story is None:
            where = _where(pod)
            for each in self.stories.values():
                if _where(each.pod) == where:  # its end was not told of: the new one could not be there before
                    each.end(seen, is_told=False)
            story = self.stories[uid] = Story(dict(pod), seen)
            story.gaps += [each for each in self._lost.values() if each.end is None]
        story.see(pod, seen)
        for event, when in self._events.pop(uid, ()):
            self._take_event(event, when)
        self._compare(story, seen)

    def _take_event(self, event: Mapping[str, Any], seen: int) -> None:
        uid = str((event.get("involvedObject") or {}).get("uid"))
        story = self.stories.get(uid)
        if story is None:
            self._events.setdefault(uid, []).append((event, seen))
            return
        story.see_event(event, seen)
        self._compare_event(story, story.events.get(str((event.get("metadata") or {}).get("uid"))))

    # What is known of the clocks: a time that was written before it was read.

    def _clock(self, later: Point, earlier: Point, most: int, source: str) -> None:
        known = self._clocks.get((later, earlier))
        if known is None or most < known[0]:
            self._clocks[later, earlier] = (most, source)

    def _take_clock(self, told: Clock) -> None:
        sent, seen, at = seen_micros(told.sent), seen_micros(told.seen), told.server * SECOND
        source = "a request that the API server answered with its time"
        self._clock(SERVER, CLIENT, seen - at, source)
        self._clock(CLIENT, SERVER, at + SECOND - sent, source)

    def _compare(self, story: Story, seen: int) -> None:
        source = "a time that the API server had written before this machine saw it"
        created = micros(story.pod["metadata"].get("creationTimestamp"))
        for at in (created, *(each.asked for each in story.deletions), story.removed):
            if at is not None:
                self._clock(SERVER, CLIENT, seen - at, source)
        if story.node:
            self._compare_scheduled(story)
            source = "a time that the kubelet had written before this machine saw it"
            ready = story.conditions.get("Ready", [])
            written = [each.at for each in ready if each.at] + [
                at for runs in story.runs.values() for run in runs for at in (run.started, run.ended) if at
            ]
            if written:
                self._clock(story.clock, CLIENT, seen - max(written), source)

    def _compare_scheduled(self, story: Story) -> None:
        """The kubelet does nothing with a Pod before it was scheduled to its node."""
        scheduled = story.became("PodScheduled")
        if scheduled is None or scheduled.at is None:
            return
        source = "a Pod that was scheduled before the kubelet saw it"
        initialized = story.became("Initialized")
        if initialized and initialized.at is not None:
            self._clock(SERVER, story.clock, initialized.at + SECOND - 1 - scheduled.at, source)
        for event in story.events.values():
            if story.is_kubelets(event):
                self._clock(SERVER, story.clock, event.occurrences[0].latest - scheduled.at, source)
                if event.reason == "Killing" and event.message.startswith("Stopping") and story.deletions:
                    least = event.occurrences[0].latest - story.deletions[0].asked
                    self._clock(SERVER, story.clock, least, "a deletion that was asked before the kubelet saw it")

    def _compare_event(self, story: Story, event: Event | None) -> None:
        if event is None or not story.is_kubelets(event):
            return
        node, last = story.clock, event.occurrences[-1]
        self._clock(
            node, CLIENT, last.seen - last.earliest, "an event that the kubelet had made before this machine saw it"
        )
        if event.written is not None:
            first = event.occurrences[0]
            source = "an event that the kubelet had made before the API server took it"
            self._clock(node, SERVER, event.written + SECOND - first.earliest, source)
        self._compare_scheduled(story)

    # What was missed.

    def _lose(self, told: Lost) -> None:
        if told.kind in self._lost and self._lost[told.kind].end is None:
            return
        began = seen_micros(told.since or told.seen)
        gap = self._lost[told.kind] = Gap(began, None, told.why, told.kind)
        for story in self.stories.values():
            if not story.is_over:
                story.gaps.append(gap)
                story.version += 1

    def _hear(self, kind: str, seen: int, *, is_missed: bool) -> None:
        gap = self._lost.get(kind)
        if gap is None or gap.end is not None:
            return
        gap.end, gap.is_missed = seen, is_missed
        for story in self.stories.values():
            if gap in story.gaps:
                story.version += 1


def _uid(thing: Mapping[str, Any]) -> str:
    return str(thing["metadata"].get("uid"))


def _where(pod: Mapping[str, Any]) -> tuple[str, str]:
    return str(pod["metadata"].get("namespace")), str(pod["metadata"].get("name"))
