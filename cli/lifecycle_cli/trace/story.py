"""What the cluster reported about a Pod, in order: the observations of one UID, without repetitions."""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .clocks import SECOND

_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z")
_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NAMED: Final = re.compile(r"\.([0-9a-f]{15,16})")


def micros(text: object) -> int | None:
    """A time as Kubernetes writes it, since 1970."""
    told = _TIME.fullmatch(text) if isinstance(text, str) else None
    if not told:
        return None
    try:
        seconds = calendar.timegm(time.strptime(told[1], "%Y-%m-%dT%H:%M:%S"))
    except ValueError:
        return None
    return seconds * SECOND + int((told[2] or "").ljust(6, "0")[:6])


def words(text: object) -> str:
    """As it can be shown anywhere: in one line, and without what a terminal would obey or a picture could not hold."""
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", " ".join(str(text or "").split()))


def seen_micros(seen: float) -> int:
    return round(seen * SECOND)


@dataclass
class Change:
    """A status of a condition, or the like."""

    status: str
    at: int | None
    """The second in which it came about, by who wrote it."""
    seen: int
    reason: str = ""
    message: str = ""


@dataclass
class Run:
    """A container's process from its start to its end; a restart is another."""

    id: str
    started: int | None = None
    ended: int | None = None
    code: int | None = None
    reason: str = ""
    message: str = ""
    seen_running: int | None = None
    seen_ended: int | None = None
    passed: list[Change] = field(default_factory=list)
    """The status's `started`, where it is true."""
    ready: list[Change] = field(default_factory=list)


@dataclass
class Occurrence:
    """One of an event."""

    earliest: int
    """By the reporter's clock."""
    latest: int
    is_named: bool
    """The time is the one in the event's name."""
    seen: int


@dataclass
class Event:
    reason: str
    type: str
    message: str
    container: str
    """Empty where it is about the Pod."""
    reporter: str
    host: str
    count: int
    written: int | None
    """The second in which the API server took it."""
    occurrences: list[Occurrence]
    """Of many alike, the first and those that were seen."""


@dataclass
class Deletion:
    asked: int
    """The second, by the API server's clock."""
    grace: int
    seen: int


@dataclass
class Gap:
    """When the API server was not heard, and whether something may have been missed."""

    begin: int
    end: int | None
    why: str
    kind: str
    is_missed: bool = True


@dataclass
class Story:
    """All that is known of one Pod."""

    pod: dict[str, Any]
    """As it last was."""
    first_seen: int
    conditions: dict[str, list[Change]] = field(default_factory=dict)
    phases: list[Change] = field(default_factory=list)
    runs: dict[str, list[Run]] = field(default_factory=dict)
    waiting: dict[str, list[Change]] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    deletions: list[Deletion] = field(default_factory=list)
    sent: int | None = None
    """When we asked for its deletion ourselves."""
    answered: int | None = None
    removed: int | None = None
    """The second in which the kubelet asked for its removal, by the API server's clock."""
    is_forced: bool = False
    """Removed while containers of it ran."""
    bound: int | None = None
    """When it was first seen with a node."""
    gone: int | None = None
    is_told: bool = False
    """Whether the cluster reported its end, instead of the Pod only being gone."""
    gaps: list[Gap] = field(default_factory=list)
    version: int = 0
    """Grows with each change."""

    @property
    def node(self) -> str:
        return str(self.pod.get("spec", {}).get("nodeName") or "")

    @property
    def clock(self) -> str:
        """The name of the node's clock."""
        return f"the clock of node {self.node}"

    @property
    def phase(self) -> str:
        return self.phases[-1].status if self.phases else ""

    @property
    def is_over(self) -> bool:
        return self.gone is not None

    def became(self, condition: str) -> Change | None:
        """When it first was true."""
        return next((each for each in self.conditions.get(condition, ()) if each.status == "True"), None)

    def is_kubelets(self, event: Event) -> bool:
        return event.reporter == "kubelet" and bool(self.node) and event.host in ("", self.node)

    def see(self, pod: Mapping[str, Any], seen: int) -> None:
        """As it is now."""
        self.version += 1
        self.pod = dict(pod)
        status = pod.get("status") or {}
        if self.node and self.bound is None:
            self.bound = seen
        if (phase := str(status.get("phase") or "")) != self.phase:
            self.phases.append(Change(phase, None, seen, words(status.get("reason")), words(status.get("message"))))
        for each in status.get("conditions") or ():
            self._see_condition(each, seen)
        for name in ("initContainerStatuses", "containerStatuses"):
            for each in status.get(name) or ():
                self._see_container(each, seen)
        self._see_deletion(pod.get("metadata") or {}, seen)

    def see_event(self, event: Mapping[str, Any], seen: int) -> None:
        metadata = event.get("metadata") or {}
        first = micros(event.get("eventTime")) or micros(event.get("firstTimestamp"))
        series = event.get("series") or {}
        last = micros(series.get("lastObservedTime")) or micros(event.get("lastTimestamp")) or first
        count = int(series.get("count") or event.get("count") or 1)
        known = self.events.get(str(metadata.get("uid")))
        if first is None or last is None or (known and known.count >= count):
            return
        self.version += 1
        if known:
            known.count = count
            known.occurrences.append(_occurrence(last, seen))
            return
        occurrences = [_occurrence(first, seen, str(metadata.get("name") or ""))]
        if count > 1:
            occurrences.append(_occurrence(last, seen))
        source = event.get("source") or {}
        about = event.get("involvedObject") or {}
        named = re.search(r"ontainers\{(.*)\}", str(about.get("fieldPath") or ""))
        self.events[str(metadata.get("uid"))] = Event(
            reason=words(event.get("reason")),
            type=str(event.get("type") or ""),
            message=words(event.get("message")),
            container=named[1] if named else "",
            reporter=str(event.get("reportingComponent") or source.get("component") or ""),
            host=str(source.get("host") or event.get("reportingInstance") or ""),
            count=count,
            written=micros(metadata.get("creationTimestamp")),
            occurrences=occurrences,
        )

    def end(self, seen: int, *, is_told: bool) -> None:
        if self.gone is None:
            self.version += 1
            self.gone, self.is_told = seen, is_told

    def _see_condition(self, told: Mapping[str, Any], seen: int) -> None:
        changes = self.conditions.setdefault(str(told.get("type")), [])
        change = Change(
            str(told.get("status")),
            micros(told.get("lastTransitionTime")),
            seen,
            words(told.get("reason")),
            words(told.get("message")),
        )
        if not changes or (changes[-1].status, changes[-1].at) != (change.status, change.at):
            changes.append(change)

    def _see_container(self, told: Mapping[str, Any], seen: int) -> None:
        name = str(told.get("name"))
        state, last = told.get("state") or {}, told.get("lastState") or {}
        if last.get("terminated"):
            self._see_run(name, last["terminated"], str(last["terminated"].get("containerID") or ""), seen)
        id = str(told.get("containerID") or "")
        if waiting := state.get("waiting"):
            reasons = self.waiting.setdefault(name, [])
            change = Change(words(waiting.get("reason")), None, seen, "", words(waiting.get("message")))
            if not reasons or (reasons[-1].status, reasons[-1].message) != (change.status, change.message):
                reasons.append(change)
        elif told_run := state.get("terminated") or state.get("running"):
            run = self._see_run(name, told_run, str(told_run.get("containerID") or id), seen)
            if run and state.get("running") is not None:
                if run.seen_running is None:
                    run.seen_running = seen
                _see_flag(run.passed, told.get("started"), seen)
                _see_flag(run.ready, told.get("ready"), seen)

    def _see_run(self, name: str, told: Mapping[str, Any], id: str, seen: int) -> Run | None:
        runs = self.runs.setdefault(name, [])
        run = next((each for each in runs if each.id == id), None)
        if run is None:
            started = micros(told.get("startedAt"))
            if started is not None and started <= 0:  # a container that never was
                started = None
            if not id and started is None and told.get("exitCode") is None:
                return None
            run = Run(id, started)
            runs.append(run)
            runs.sort(key=lambda each: each.started or 0)
        if "exitCode" in told and run.code is None:
            run.code = int(told["exitCode"])
            ended = micros(told.get("finishedAt"))
            run.ended = ended if ended and ended > 0 else None
            run.reason = words(told.get("reason"))
            run.message = words(told.get("message"))
            run.seen_ended = seen
        return run

    def _see_deletion(self, metadata: Mapping[str, Any], seen: int) -> None:
        at, grace = micros(metadata.get("deletionTimestamp")), metadata.get("deletionGracePeriodSeconds")
        if at is None or not isinstance(grace, int):
            return
        asked = at - grace * SECOND
        if grace == 0 and (self.phase in ("Succeeded", "Failed") or self.deletions):
            if self.removed is None:  # by the kubelet, once nothing of it runs
                self.removed = asked
                self.is_forced = self._runs()
        elif not self.deletions or self.deletions[-1].grace != grace:
            self.deletions.append(Deletion(asked, grace, seen))
            self.is_forced = grace == 0 and self._runs()

    def _runs(self) -> bool:
        """By its status."""
        return self.phase not in ("Succeeded", "Failed") and any(
            run.seen_running is not None and run.code is None for runs in self.runs.values() for run in runs
        )


def _see_flag(changes: list[Change], told: object, seen: int) -> None:
    status = str(bool(told))
    if (changes[-1].status if changes else "False") != status:
        changes.append(Change(status, None, seen))


def _occurrence(at: int, seen: int, name: str = "") -> Occurrence:
    """By client-go the name ends in the nanosecond at which it was made; taken if that is in the second told."""
    if at % SECOND:
        return Occurrence(at, at, False, seen)
    named = _NAMED.search(name, max(0, len(name) - 17))
    precise = int(named[1], 16) // 1000 if named else 0
    if at <= precise < at + SECOND:
        return Occurrence(precise, precise, True, seen)
    return Occurrence(at, at + SECOND - 1, False, seen)
