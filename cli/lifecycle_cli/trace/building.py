"""Makes a life of a story: the points in time, all that bounds them, and what is shown of them.

docs/trace.md lists what the kubelet does in which order, by which one time bounds another; each was seen on a node.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lifecycle_rules.budget import hook_seconds
from lifecycle_rules.model import PodSpec, Role, containers

from .clocks import CLOCKS, ORDER, SECOND, TEXT, ContradictionError, Point, Reached, Times
from .clocks import Bounds as Between
from .life import Bounds, Interruption, Life, Limit, Mark, Row, Span, Time
from .story import Change, Event, Occurrence, Run, Story, micros
from .turns import OWN, STARTS, Draft, Turn, turns

SERVER: Final = "the API server's clock"
CLIENT: Final = "this machine's clock"
_JUST: Final = SECOND // 20  # by which the kubelet's own timers may be late
_KILLED: Final = 137
_WAITED_FOR: Final = ("Readiness probe", "Startup probe")  # as the kubelet's messages begin
_NOWHERE: Final = Reached(Between(None, None), (), ())
_DONE: Final = ("PodCompleted", "PodFailed")  # why a Pod is not Ready that has ended


class Builder:
    """Makes a life of a story: first the points in time and all that bounds them, then what is shown."""

    def __init__(self, story: Story, clocks: Mapping[tuple[Point, Point], tuple[int, str]]) -> None:
        self._story = story
        self._known = clocks
        self._node = story.clock if story.node else SERVER
        self._pod = story.pod
        self._spec: Mapping[str, Any] = story.pod.get("spec") or {}
        self._notes: list[str] = []
        self._grace = _grace_of({}, "", self._spec)
        self._shown: list[tuple[str, list[tuple[Any, ...]], list[tuple[Any, ...]], Any]] = []

    def life(self) -> Life:
        found: Mapping[Point, Reached] = {}
        for left_out in ((), (TEXT,), (TEXT, CLOCKS), (TEXT, CLOCKS, ORDER)):
            self._times = Times(left_out)
            self._notes = []
            if CLOCKS in left_out:
                self._notes.append(
                    "The times contradict each other: a clock was set meanwhile. How the clocks differ is not known."
                )
            self._rows: list[Draft] = []
            self._draft()
            try:
                found = self._times.bounds(self._node)
                if self._node != SERVER and None in found.get(SERVER, _NOWHERE).bounds:
                    found = self._times.bounds(SERVER)  # the kubelet has not told anything yet
                    self._node = SERVER
                break
            except ContradictionError:
                continue
        return self._finish(found)

    # The points in time.

    def _draft(self) -> None:
        for (later, earlier), (most, source) in self._known.items():
            self._times.at_most(later, earlier, most, source, CLOCKS)
        self._draft_pod()
        found = [each for each in containers(PodSpec("spec", self._spec, "Pod")) if each.role is not Role.EPHEMERAL]
        found.sort(key=lambda each: each.role is Role.APP)  # as they start
        drafts = [self._draft_container(each.spec, each.role) for each in found]
        self._in_order(drafts)
        self._end()

    def _draft_pod(self) -> None:
        story, times = self._story, self._times
        row = Draft("", "pod", "")
        self._rows.append(row)
        created = micros(self._pod["metadata"].get("creationTimestamp"))
        if created is not None:
            times.read("created", SERVER, created, created + SECOND - 1, "metadata.creationTimestamp")
            self._seen("created", story.first_seen)
            row.mark("created", "created", "created")
        scheduled = story.became("PodScheduled")
        if story.node:
            if scheduled and scheduled.at is not None:
                times.read("scheduled", SERVER, scheduled.at, scheduled.at + SECOND - 1, "the condition PodScheduled")
            times.before("created", "scheduled", "a Pod is created before it is scheduled")
            if story.bound is not None:
                self._seen("scheduled", story.bound)
            row.mark("scheduled", f"scheduled to {story.node}", "scheduled")
        else:
            unscheduled = story.conditions.get("PodScheduled") or ()
            for number, change in enumerate(unscheduled):
                if change.status == "False":
                    key = f"unscheduled/{number}"
                    self._condition(key, change, SERVER, "the condition PodScheduled")
                    row.mark("unschedulable", f"not scheduled: {change.message or change.reason}", key, True)
        self._draft_sandbox(row)
        for type, what in (("Initialized", "initialized"), ("Ready", "ready")):
            self._draft_condition(row, type, what)
        self._draft_events(row)
        for number, deletion in enumerate(story.deletions):
            key = "deletion" if not number else f"deletion/{number}"
            if number:
                self._seen(key, deletion.seen)
                times.before("deletion", key, "the grace period was changed after the deletion")
                row.mark("regraced", f"grace period now {deletion.grace} s; a preStop that runs is not cut short", key)
                continue
            asked = deletion.asked
            source = "metadata.deletionTimestamp without the grace period"
            times.read(key, SERVER, asked, asked + SECOND - 1, source)
            times.before("created", key, "a Pod is created before it is deleted")
            self._seen(key, deletion.seen)
            if story.sent is not None and story.answered is not None:
                times.read(key, CLIENT, story.sent, story.answered, "our own request for the deletion")
            self._grace = deletion.grace
            row.mark("deletion", f"deletion asked, grace period {deletion.grace} s", key)

    def _draft_sandbox(self, row: Draft) -> None:
        ready = self._story.became("PodReadyToStartContainers")
        if ready and self._story.node:
            self._times.before("scheduled", "sandbox", "the sandbox is made on the node")
            if ready.at is not None:
                until = ready.at + SECOND - 1
                self._times.read("sandbox", self._node, None, until, "the condition PodReadyToStartContainers")
            self._seen("sandbox", ready.seen)
            row.mark("sandbox", "sandbox ready", "sandbox")

    def _draft_condition(self, row: Draft, type: str, what: str) -> None:
        changes = self._story.conditions.get(type) or []
        before = "False"
        for number, change in enumerate(changes):
            if change.status == before or change.at is None:
                continue
            before = change.status
            if not self._story.node or (what == "initialized" and change.status != "True"):
                continue
            key = f"{what}/{number}"
            self._condition(key, change, self._node, f"the condition {type}")
            self._times.before("scheduled", key, "the kubelet sees a Pod after it was scheduled")
            is_true = change.status == "True"
            if what == "ready" and not is_true and (change.reason in _DONE or self._is_ended(change)):
                continue  # it says no more than the exits
            is_trouble = not is_true and self._spec.get("restartPolicy", "Always") == "Always"
            row.mark(what if is_true else "unready", what if is_true else "no longer Ready", key, is_trouble)
            if is_true and what == "ready":
                row.readies.append(key)

    def _is_ended(self, change: Change) -> bool:
        """Not Ready because its containers have ended after the deletion."""
        return (
            bool(self._story.deletions)
            and any(run.ended is not None for runs in self._story.runs.values() for run in runs)
            and (change.seen >= self._story.deletions[0].seen)
        )

    def _condition(self, key: str, change: Change, clock: Point, source: str) -> None:
        if change.at is not None:
            self._times.read(key, clock, change.at, change.at + SECOND - 1, source)
        self._seen(key, change.seen)

    def _draft_events(self, row: Draft) -> None:
        """The Pod's own: of the scheduler, the sandbox, an eviction."""
        target = self._story.became("DisruptionTarget")
        if target:
            clock = SERVER if target.reason == "EvictionByEvictionAPI" else None  # others write it by their own
            if clock and target.at is not None:
                self._times.read("evicted", clock, target.at, target.at + SECOND - 1, "the condition DisruptionTarget")
            self._seen("evicted", target.seen)
            self._times.before("created", "evicted", "a Pod is created before it is evicted")
            if self._story.deletions:
                self._times.before("evicted", "deletion", "the condition DisruptionTarget comes before the deletion")
            row.mark("evicted", f"to be evicted: {target.reason or 'DisruptionTarget'}", "evicted", True)
        for number, event in enumerate(self._story.events.values()):
            if event.container or event.type != "Warning":
                continue
            for count, each in enumerate(event.occurrences):
                key = f"event/{number}/{count}"
                self._occurred(key, event, each)
                row.mark("warning", f"{event.reason}: {event.message}", key, True)

    def _draft_container(self, spec: Mapping[str, Any], role: Role) -> Draft:
        name = str(spec.get("name"))
        row = Draft(name, role.value, str(spec.get("image") or ""), spec)
        self._rows.append(row)
        for number, (run, attempt) in enumerate(turns(self._story, name)):
            turn = Turn(f"{name}/{number}", run, attempt)
            row.turns.append(turn)
            self._draft_turn(row, turn)
        return row

    def _draft_turn(self, row: Draft, turn: Turn) -> None:
        key, run, attempt, times = turn.key, turn.run, turn.attempt, self._times
        self._draft_image(row, turn)
        began = attempt.first("Started") if attempt else None
        if not began and (run is None or run.started is None):
            self._draft_troubles(row, turn)
            return
        turn.is_started = True
        started = f"{key}/started"
        if run and run.started is not None:
            times.read(started, self._node, run.started, run.started + SECOND - 1, "the status's startedAt")
            if run.seen_running is not None:
                self._seen(started, run.seen_running)
        hooked = f"{key}/hooked"  # when the kubelet had started it, and goes on
        if began:
            self._occurred(hooked, *began)
            times.before(started, hooked, "the kubelet makes the event Started once the process runs")
        else:
            times.before(started, hooked, "a hook begins after its process")
            self._until_seen(hooked, run)
        if turn.created:
            times.before(turn.created, started, "a container is created before it is started")
        row.mark("started", "started" + (" again" if row.turns[:-1] else ""), started)
        self._draft_post_start(row, turn, hooked)
        self._draft_status(row, turn)
        self._draft_troubles(row, turn)
        self._draft_stop(row, turn)

    def _draft_image(self, row: Draft, turn: Turn) -> None:
        if not turn.attempt:
            return
        points = {}
        for reason in ("Pulling", "Pulled", "Created"):
            if each := turn.attempt.first(reason):
                point = f"{turn.key}/{reason}"
                points[reason] = point
                self._occurred(point, *each)
                self._times.before("scheduled", point, "the kubelet sees a Pod after it was scheduled")
                if not row.turns[:-1]:
                    self._times.before("sandbox", point, "a container needs the sandbox")
        chain = list(points.values())
        if row.turns[:-1] and row.turns[-2].exit:
            chain.insert(0, row.turns[-2].exit)
        for first, then in itertools.pairwise(chain):
            self._times.before(first, then, "a container's start goes step by step")
        turn.created = points.get("Created")
        turn.first = next(iter(points.values()), None)
        if "Pulling" in points:
            row.mark("pulling", f"pulls {row.image}", points["Pulling"])
            how = "failed" if "Pulled" not in points and (turn.attempt.first("Failed") or self._story.is_over) else ""
            row.span("image", points["Pulling"], points.get("Pulled"), how)
        if "Pulled" in points and (each := turn.attempt.first("Pulled")):
            row.mark(
                "pulled", "image there" if "already present" in each[0].message else "image pulled", points["Pulled"]
            )
        if "Created" in points:
            row.mark("created", "container created", points["Created"])

    def _draft_post_start(self, row: Draft, turn: Turn, hooked: str) -> None:
        hook = (row.spec.get("lifecycle") or {}).get("postStart")
        turn.running = hooked
        if not isinstance(hook, dict):
            return
        key, run, times = turn.key, turn.run, self._times
        end = f"{key}/postStart"
        failed = turn.attempt.first("FailedPostStartHook") if turn.attempt else None
        row.mark("postStart-began", "postStart began", hooked)
        times.before(hooked, end, "a hook ends after it began")
        if failed:
            self._occurred(end, *failed)
            row.mark("postStart-failed", "postStart failed", end, True)
            row.span("postStart", hooked, end, "failed")
        else:
            is_over = self._is_after_hook(turn, end)
            if run and run.seen_running is not None:
                self._seen(end, run.seen_running, "the status says running only once the postStart has ended")
                is_over = True
            if run and run.seen_ended is not None:
                self._seen(end, run.seen_ended)
                is_over = True
            if is_over:
                self._at_least(hooked, end, hook)
                row.mark("postStart-ended", "postStart ended", end)
            row.span("postStart", hooked, end if is_over else None, "ok" if is_over else "open")
            if not is_over:
                turn.running = None
                return
        turn.running = end

    def _is_after_hook(self, turn: Turn, end: str) -> bool:
        """Whether the kubelet went on: it starts and kills nothing of this Pod while a postStart runs."""
        began = turn.attempt.first("Started") if turn.attempt else None
        if not began:
            return False
        source = "the kubelet does nothing else with a Pod while its postStart runs, and went on with the event {}"
        found = False
        for event in self._story.events.values():
            if event.reason in (*STARTS, "Killing", "BackOff") and event.container and self._story.is_kubelets(event):
                for each in event.occurrences:
                    if each.earliest > began[1].latest:
                        label = source.format(f"{event.reason} of {event.container}")
                        self._times.at_most(end, self._node, each.latest, label)
                        found = True
        return found

    def _draft_status(self, row: Draft, turn: Turn) -> None:
        run = turn.run
        if not run or not turn.running:
            return
        for probe, changes, what, text in (
            ("startupProbe", run.passed, "startup-passed", "startup probe passed"),
            ("readinessProbe", run.ready, "ready", "ready"),
        ):
            if probe not in row.spec:
                continue
            for number, change in enumerate(changes):
                point = f"{turn.key}/{what}/{number}"
                self._seen(point, change.seen)
                self._times.before(turn.running, point, "probes begin once the container runs")
                if change.status == "True":
                    row.mark(what, text, point)
                    turn.ready = turn.ready or (point if what == "ready" else None)
                elif what == "ready" and run.code is None:
                    row.mark("unready", "no longer ready", point, True)

    def _draft_troubles(self, row: Draft, turn: Turn) -> None:
        if not turn.attempt:
            return
        for number, (event, occurrence) in enumerate(turn.attempt.events):
            if event.reason in OWN or (event.type != "Warning" and event.reason != "BackOff"):
                continue
            point = f"{turn.key}/event/{number}"
            self._occurred(point, event, occurrence)
            what = "probe-failed" if event.reason == "Unhealthy" else "warning"
            row.mark(what, event.message if what == "probe-failed" else f"{event.reason}: {event.message}", point, True)

    def _draft_stop(self, row: Draft, turn: Turn) -> None:
        """From the kubelet's decision to its end: preStop, stop signal, exit."""
        key, run, times = turn.key, turn.run, self._times
        killing = turn.attempt.first("Killing") if turn.attempt else None
        exit = f"{key}/exit"
        is_ended = bool(run and run.code is not None)
        if run and is_ended:
            if run.ended is not None:
                times.read(exit, self._node, run.ended, run.ended + SECOND - 1, "the status's finishedAt")
            if run.seen_ended is not None:
                self._seen(exit, run.seen_ended)
            times.before(f"{key}/started", exit, "a process ends after it has started")
            turn.exit = exit
        kill = f"{key}/kill"
        if killing:
            self._occurred(kill, *killing)
        elif self._is_killed_unseen(run):
            times.before("deletion", kill, "the kubelet kills after the deletion was requested")
        else:
            kill = ""
        if kill and run and run.ended is not None and killing and run.ended + SECOND - 1 < killing[1].earliest:
            kill = ""  # it had ended by itself, and the kubelet did not know yet
        if kill:
            self._draft_kill(row, turn, kill, killing)
        if turn.running:
            row.span(
                "running", turn.running, kill or (exit if is_ended else None), "ok" if kill or is_ended else "open"
            )
        if run and is_ended:
            row.mark("exited", _exited(run), exit, run.code != 0)

    def _is_killed_unseen(self, run: Run | None) -> bool:
        """Without its event: where events cannot be read, or are gone."""
        deletions = self._story.deletions
        if not deletions or run is None or run.ended is None or run.ended + SECOND <= deletions[0].asked:
            return False
        return not any(event.container and event.reason == "Killing" for event in self._story.events.values())

    def _draft_kill(self, row: Draft, turn: Turn, kill: str, killing: tuple[Event, Occurrence] | None) -> None:
        times, run, key = self._times, turn.run, turn.key
        why = killing[0].message if killing else ""
        is_deletion = not killing or why.startswith("Stopping container")
        least, grace = self._graces(killing) if is_deletion else 2 * (_grace_of(row.spec, why, self._spec),)
        turn.kill, turn.least, turn.grace, turn.is_deletion = kill, least, grace, is_deletion
        if is_deletion and self._story.deletions:
            times.before("deletion", kill, "the kubelet kills after the deletion was requested")
        if turn.exit:
            times.before(kill, turn.exit, "it ran when the kubelet began to stop it")
        if turn.running and turn.running.endswith("postStart"):
            times.before(turn.running, kill, "the kubelet kills nothing while a postStart runs")
        if not is_deletion:
            row.mark("killing", f"killed: {why}", kill, True)
        row.limits.append((grace, kill))
        hook = (row.spec.get("lifecycle") or {}).get("preStop")
        signal = f"{key}/signal"
        if isinstance(hook, dict) and grace > 0:
            done, how = self._draft_pre_stop(row, turn, hook)
        else:
            done, how = kill, "none"
        if how == "open":
            return
        waits = is_deletion and row.role == Role.SIDECAR.value
        if how == "died" or (turn.exit is None and not waits and run and run.code is not None):
            return
        times.before(
            done, signal, "the stop signal comes after the preStop" if how != "none" else "…after the kill began"
        )
        turn.signal = signal
        if waits:
            turn.done = done
        else:
            times.at_most(
                signal,
                done,
                0,
                "the stop signal comes right after the preStop"
                if how != "none"
                else "without a preStop the stop signal comes at once",
            )
            self._show_signal(row, turn)

    def _show_signal(self, row: Draft, turn: Turn) -> None:
        if not turn.signal:
            return
        if turn.exit:
            self._times.before(turn.signal, turn.exit, "it ended after the stop signal")
        if turn.done:
            row.span("waiting", turn.done, turn.signal)
        row.mark("stop-signal", "stop signal", turn.signal)
        row.span("stopping", turn.signal, turn.exit, "ok" if turn.exit else "open")

    def _graces(self, killing: tuple[Event, Occurrence] | None) -> tuple[int, int]:
        """The grace period that the kubelet goes by, of which a deletion leaves it 1 s at least; where it may be one of
        several, the shortest and the longest."""
        known = {self._grace}
        for each in self._story.deletions[1:]:  # before it had begun, if at all
            if not killing or killing[1].seen > each.seen - SECOND:
                known.add(each.grace)
        target = self._story.became("DisruptionTarget")
        if self._story.phases[-1:] and self._story.phases[-1].reason == "Evicted":
            known.add(0)  # by the kubelet, for want of memory or the like, with a grace period of its own
        elif target and target.reason == "TerminationByKubelet":
            known.add(0)
        return max(1, min(known)), max(1, *known)

    def _draft_pre_stop(self, row: Draft, turn: Turn, hook: Mapping[str, Any]) -> tuple[str, str]:
        """When the kubelet goes on, and how the hook ended: ok, failed, cut, died with its container, or open."""
        times, run, kill, grace, least = self._times, turn.run, turn.kill, turn.grace, turn.least
        end = f"{turn.key}/preStop"
        row.mark("preStop-began", "preStop began", kill)
        times.before(kill, end, "a hook ends after it began")
        times.at_most(
            end, kill, grace * SECOND + _JUST, f"the kubelet waits for no longer than the grace period, {grace} s"
        )
        killing = turn.attempt.first("Killing") if turn.attempt else None
        failed = turn.attempt.first("FailedPreStopHook") if turn.attempt else None
        seconds = _sleep(hook)
        if failed and killing and failed[1].latest - killing[1].earliest >= grace * SECOND:
            times.before(
                kill, end, f"the kubelet waits for the hook for the whole grace period, {grace} s", grace * SECOND
            )
            row.mark("preStop-cut", f"preStop cut off after {grace} s, the whole grace period", end, True)
            row.span("preStop", kill, end, "cut")
            return end, "cut"
        if failed:
            is_near = bool(run and run.ended is not None and failed[1].latest >= run.ended)
            text = "preStop failed as its container ended" if is_near else "preStop failed"
            if killing and failed[1].latest - killing[1].earliest >= least * SECOND:
                text = "preStop failed, or was cut off before"
                self._occurred(f"{end}/failed", *failed)
                times.before(end, f"{end}/failed", "a hook that is cut off fails later")
            else:
                self._occurred(end, *failed)
            row.mark("preStop-failed", text, end, True)
            row.span("preStop", kill, end, "failed")
            return end, "died" if is_near else "failed"
        if not turn.exit and (not self._story.is_over or self._story.is_forced):
            row.span("preStop", kill, None, "open")
            return end, "open"
        self._at_least(kill, end, hook, least)
        is_dead = False
        if turn.exit and run and run.ended is not None:
            least = min(seconds, least) * SECOND
            is_dead = bool(seconds and killing and run.ended + SECOND - 1 < killing[1].earliest + least)
            if not is_dead and ("exec" in hook or seconds) and not self._spec.get("shareProcessNamespace"):
                times.before(
                    end,
                    turn.exit,
                    "a hook's process ends with its container" if not seconds else "it ended after the sleep",
                )
        row.mark("preStop-ended", "preStop ended", end)
        row.span("preStop", kill, end)
        return end, "died" if is_dead else "ok"

    def _at_least(self, begin: str, end: str, hook: Mapping[str, Any], most: float = float("inf")) -> None:
        """A hook that succeeded did all that it says: it took what it sleeps for."""
        seconds = min(hook_seconds(hook)[0], most)
        if seconds > 0:
            micros = int(seconds * SECOND)
            if _sleep(hook):
                self._times.before(begin, end, f"the kubelet sleeps for {seconds:g} s", micros)
            else:
                source = f"what the hook says: it takes {seconds:g} s or more"
                self._times.at_most(begin, end, -micros, source, TEXT)

    # What holds between containers, and at the end.

    def _in_order(self, drafts: list[Draft]) -> None:
        """Sidecars are signalled once all that come before them have ended, or the grace period has."""
        apps = [each for each in drafts if each.role == Role.APP.value]
        later: list[Draft] = []
        for row in reversed([each for each in drafts if each.role == Role.SIDECAR.value]):
            for turn in row.turns[-1:]:
                if turn.signal and turn.is_deletion:
                    self._after_others(row, turn, [*apps, *later])
            later.append(row)
        for first, then in itertools.pairwise(apps):
            if first.turns and then.turns and first.turns[0].running and then.turns[0].is_started:
                self._times.before(
                    f"{first.turns[0].key}/started",
                    f"{then.turns[0].key}/started",
                    "containers start one after the other",
                )

    def _after_others(self, row: Draft, turn: Turn, others: list[Draft]) -> None:
        ends = [each.turns[-1] for each in others if each.turns]
        run, kill = turn.run, self._killing(turn)
        known = [each.run.ended for each in ends if each.run and each.run.ended is not None]
        if len(known) == len(ends) and known and kill is not None and max(known) + SECOND < kill + turn.grace * SECOND:
            if run and run.ended is not None and run.ended + SECOND - 1 < max(known):
                turn.signal = None  # it had ended before its turn
                return
            for each in ends:
                if each.exit and turn.signal:
                    self._times.before(
                        each.exit, turn.signal, "a sidecar gets its stop signal after what runs before it has ended"
                    )
        self._show_signal(row, turn)

    @staticmethod
    def _killing(turn: Turn) -> int | None:
        killing = turn.attempt.first("Killing") if turn.attempt else None
        return killing[1].earliest if killing else None

    def _end(self) -> None:
        story, times, row = self._story, self._times, self._rows[0]
        over: list[str] = []
        if story.phase in ("Succeeded", "Failed"):
            self._seen("completed", story.phases[-1].seen)
            over.append("completed")
            why = f": {story.phases[-1].reason}" if story.phases[-1].reason else ""
            row.mark("completed", f"{story.phase}{why}", "completed", story.phase == "Failed")
        if story.gone is not None:
            self._seen("gone", story.gone)
            if story.removed is not None:
                source = (
                    "the request for the removal by force" if story.is_forced else "the kubelet's request for removal"
                )
                times.read("gone", SERVER, story.removed, None, source)
            elif story.deletions:
                times.before("deletion", "gone", "it goes after its deletion was requested")
            if not story.is_forced:  # else its containers may outlive it
                over.append("gone")
            row.mark("gone", "gone" if story.is_told else "gone; its end was not seen", "gone")
        for each in self._rows[1:]:
            for turn in each.turns:
                for point in (turn.exit, turn.signal, turn.running):
                    for end in over:
                        if point:
                            times.before(point, end, "the Pod ends after its containers")
        for key in row.readies[:1]:
            for each in self._rows[1:]:
                if each.role != Role.INIT.value and each.turns and each.turns[0].is_started:
                    self._before_ready(each, key)

    def _before_ready(self, row: Draft, ready: str) -> None:
        """A Pod is Ready once all its containers are, each after its postStart."""
        first = row.turns[0]
        self._times.before(f"{first.key}/hooked", ready, "a Pod is Ready after its containers have started")
        if not row.turns[1:] and first.running:  # not started again: it was this process that was ready
            self._times.before(first.running, ready, "a Pod is Ready after its containers are")
            if first.ready:
                self._times.before(first.ready, ready, "a Pod is Ready after its containers are")

    # Readings.

    def _seen(self, point: str, seen: int, source: str = "seen by this machine") -> None:
        self._times.read(point, CLIENT, None, seen, source)

    def _until_seen(self, point: str, run: Run | None) -> None:
        seen = run and (run.seen_running or run.seen_ended)
        if seen:
            self._seen(point, seen)

    def _occurred(self, point: str, event: Event, occurrence: Occurrence) -> None:
        where = (
            "its name"
            if occurrence.is_named
            else ("its time" if occurrence.earliest == occurrence.latest else "its second")
        )
        source = f"the event {event.reason}, {where}"
        if self._story.is_kubelets(event):
            self._times.read(point, self._node, occurrence.earliest, occurrence.latest, source)
            self._times.before("scheduled", point, "the kubelet sees a Pod after it was scheduled")
        if event.written is not None and occurrence is event.occurrences[0]:
            self._times.read(point, SERVER, None, event.written + SECOND - 1, f"the event {event.reason}, written")
        self._seen(point, occurrence.seen)

    # What is shown.

    def _finish(self, found: Mapping[Point, Reached]) -> Life:
        story = self._story
        ahead = found[SERVER].bounds if self._node != SERVER and SERVER in found else None
        shift = 0
        if (
            ahead
            and ahead.earliest is not None
            and ahead.latest is not None
            and not ahead.earliest <= 0 <= ahead.latest
        ):
            shift = (ahead.earliest + ahead.latest) // 2
        elif ahead and ahead.earliest is not None and ahead.earliest > 0:
            shift = ahead.earliest
        elif ahead and ahead.latest is not None and ahead.latest < 0:
            shift = ahead.latest
        firsts = [
            at
            for row in self._rows
            for _, _, key, _ in row.marks
            if key in found and (at := found[key].bounds.earliest) is not None
        ]
        zero = min(firsts, default=(found[SERVER].bounds.earliest or 0) if SERVER in found else 0)
        self._found, self._zero = found, zero
        rows = tuple(self._row(each) for each in self._rows)
        try:
            client = self._times.bounds(CLIENT).get(SERVER)
        except ContradictionError:
            client = None
        metadata = self._pod["metadata"]
        return Life(
            namespace=str(metadata.get("namespace")),
            name=str(metadata.get("name")),
            uid=str(metadata.get("uid")),
            node=story.node,
            state=self._state(),
            phase=story.phase,
            grace=self._grace,
            zero=zero - shift,
            rows=rows,
            gaps=tuple(self._interruptions(found)),
            notes=tuple(self._notes),
            node_ahead=Bounds(_seconds(ahead.earliest), _seconds(ahead.latest)) if ahead else Bounds(None, None),
            client_ahead=Bounds(_seconds(client.bounds.earliest), _seconds(client.bounds.latest))
            if client
            else Bounds(None, None),
            shifted=shift / SECOND,
            pod=self._pod,
            story=story,
        )

    def _state(self) -> str:
        story = self._story
        if story.is_over:
            return "gone"
        if story.phase in ("Succeeded", "Failed"):
            return "completed" if not story.deletions else "terminating"
        if story.deletions:
            return "terminating"
        return "running" if story.phase == "Running" else "starting"

    def _interruptions(self, found: Mapping[Point, Reached]) -> Iterator[Interruption]:
        client = found.get(CLIENT)
        if not client:
            return
        known = [each for each in (client.bounds.earliest, client.bounds.latest) if each is not None]
        if not known:
            return
        ahead = sum(known) // len(known)
        for each in self._story.gaps:
            begin = (each.begin + ahead - self._zero) / SECOND
            end = None if each.end is None else (each.end + ahead - self._zero) / SECOND
            yield Interruption(begin, end, each.why, each.is_missed)

    def _row(self, draft: Draft) -> Row:
        marks = [Mark(what, text, self._time(key), trouble) for what, text, key, trouble in draft.marks]
        limit = None
        if draft.limits:
            grace, kill = draft.limits[-1]
            limit = self._limit(grace, kill)
        elif draft.role == "pod" and self._story.deletions:
            limit = self._limit(self._grace, "deletion")
        return Row(
            draft.name,
            draft.role,
            draft.image,
            tuple(sorted((self._span(*each) for each in draft.spans), key=_begun)),
            tuple(_until_ready(sorted(marks, key=_when))),
            limit,
        )

    def _limit(self, grace: int, begin: str) -> Limit:
        time = self._time(begin)
        ends = [None if each is None else round(each + grace, 6) for each in time[:2]]
        return Limit(grace, time, Time(ends[0], ends[1], time.earliest_by, time.latest_by))

    def _time(self, key: str) -> Time:
        reached = self._found.get(key)
        if reached is None:
            return Time(None, None)
        earliest, latest = reached.bounds
        return Time(self._since(earliest), self._since(latest), reached.earliest_by, reached.latest_by)

    def _since(self, at: int | None) -> float | None:
        return None if at is None else (at - self._zero) / SECOND

    def _span(self, what: str, begin: str, end: str | None, how: str) -> Span:
        first = self._time(begin)
        if end is None:
            return Span(what, first, None, Bounds(None, None), how)
        last = self._time(end)
        seconds = Bounds(_less(last.earliest, first.latest), _less(last.latest, first.earliest))
        if begin in self._found and None not in first[:2] and first.earliest != first.latest:
            reached = self._times.bounds(begin).get(end)
            if reached:
                seconds = Bounds(_seconds(reached.bounds.earliest), _seconds(reached.bounds.latest))
        least = None if seconds.least is None else max(0.0, seconds.least)
        return Span(what, first, last, Bounds(least, seconds.most), how)


def _until_ready(marks: list[Mark]) -> list[Mark]:
    """A probe that fails while its container starts is no trouble once the container is ready."""
    waiting: list[int] | None = None
    for number, mark in enumerate(marks):
        if mark.what == "started":
            waiting = []
        elif mark.what == "ready":
            for each in waiting or ():
                marks[each] = marks[each]._replace(is_trouble=False)
            waiting = None
        elif waiting is not None and mark.what == "probe-failed" and mark.text.startswith(_WAITED_FOR):
            waiting.append(number)
    return marks


def _sleep(hook: Mapping[str, Any]) -> int:
    """The seconds of the sleep action; 0 if it is another."""
    seconds = (hook.get("sleep") or {}).get("seconds")
    return seconds if isinstance(seconds, int) else 0


def _grace_of(container: Mapping[str, Any], why: str, spec: Mapping[str, Any]) -> int:
    """Of a kill that is no deletion: a probe may have a grace period of its own."""
    for probe in ("liveness", "startup"):
        if f"failed {probe} probe" in why:
            own = (container.get(f"{probe}Probe") or {}).get("terminationGracePeriodSeconds")
            if isinstance(own, int):
                return own
    grace = spec.get("terminationGracePeriodSeconds")
    return grace if isinstance(grace, int) else 30


def _exited(run: Run) -> str:
    reason = f" ({run.reason})" if run.reason and run.reason not in ("Completed", "Error") else ""
    return f"exit {run.code}{reason}"


def _seconds(at: int | None) -> float | None:
    return None if at is None else at / SECOND


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else round(one - other, 6)


def _when(mark: Mark) -> tuple[float, float]:
    at = mark.at
    infinite = float("inf")
    return (at.latest if at.latest is not None else infinite, at.earliest if at.earliest is not None else -infinite)


def _begun(span: Span) -> tuple[float, float]:
    begin = span.begin
    return (begin.earliest if begin.earliest is not None else 0.0, begin.latest if begin.latest is not None else 0.0)
