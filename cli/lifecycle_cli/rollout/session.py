"""One rollout under load, from the first calm seconds to the last Pod's end, second by second."""

from __future__ import annotations

import datetime
import queue
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from ..cluster.access import Cluster
from ..cluster.errors import ClusterError
from ..cluster.following import Changed, Follower, Heard, Listed, Lost, Told
from ..cluster.selectors import selected
from .answers import Answer
from .lives import ASKED, GONE, Life, Lives, is_done, stuck
from .plan import Plan
from .process import LoadProcess

RESTARTED: Final = "kubectl.kubernetes.io/restartedAt"  # the annotation by which kubectl restarts
_FIRST_SECONDS: Final = 15.0  # for the first lists, and for the load to start
_DEAF_SECONDS: Final = 20.0  # without a word of the API server: what happens to the Pods is no longer known
_ROW_SECONDS: Final = 0.4  # after a second's end, for the answers that are told of a little later


@dataclass
class Seen:
    """All that came of it. Times of the answers in seconds after `start`, those of the lives as time.time()."""

    start: float = 0.0
    address: str = ""
    answers: list[Answer] = field(default_factory=list)
    held: int = 0
    lives: Lives = field(default_factory=Lives)
    events: list[tuple[float, Life, str]] = field(default_factory=list)
    restarted: float | None = None
    done: float | None = None
    problems: list[str] = field(default_factory=list)
    """Why it cannot be judged as a whole."""


class Session:
    """Raises ClusterError while nothing has been touched; later, what goes wrong is among `seen.problems`."""

    def __init__(
        self,
        cluster: Cluster,
        kind: str,
        workload: dict[str, Any],
        plan: Plan,
        *,
        watch_only: bool,
        calm: float,
        settle: float,
        requests: int,
        show: Callable[[Seen, int], None],
        note: Callable[[str], None],
    ) -> None:
        self._cluster = cluster
        self._kind = kind
        self.workload = workload
        self._plan = plan
        self._watch_only = watch_only
        self._calm = calm
        self._settle = settle
        self._requests = requests
        self._show = show
        self._note = note
        self.seen = Seen()
        self._told: queue.Queue[Told | dict[str, Any]] = queue.Queue()
        self._listed: set[str] = set()
        self._deaf: dict[str, float] = {}
        self._generation = workload["metadata"].get("generation", 0)
        self._rows = 0
        self._load_ended = False

    def run(self) -> Seen:
        namespace = self._cluster.namespace
        name = self.workload["metadata"]["name"]
        followers = [
            Follower(self._cluster, "Pod", namespace, self._told.put, label_selector=selected(self.workload)),
            Follower(self._cluster, "EndpointSlice", namespace, self._told.put),
            Follower(self._cluster, self._kind, namespace, self._told.put, field_selector=f"metadata.name={name}"),
        ]
        load = None
        try:
            for each in followers:
                each.start()
            self._wait_for_lists(followers)
            load = LoadProcess(self._plan, self._told.put)
            self._go_on(load, followers)
            load.stop()
            self._last_answers()
        finally:
            if load:
                load.kill()
            for each in followers:
                each.stop()
        self._show_rows(to_the_end=True)
        return self.seen

    def _wait_for_lists(self, followers: list[Follower]) -> None:
        deadline = time.monotonic() + _FIRST_SECONDS
        while len(self._listed) < len(followers):
            self._take(0.1)
            for each in followers:
                if each.failed:
                    raise each.failed
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"{self._cluster.server} did not list the objects to follow within {_FIRST_SECONDS:g} s"
                )

    def _go_on(self, load: LoadProcess, followers: list[Follower]) -> None:
        deadline = time.monotonic() + _FIRST_SECONDS
        while not self.seen.start and not self._load_ended:
            self._take(0.1)
            if time.monotonic() > deadline:
                raise ClusterError("the load did not start")
        if self._load_ended:
            raise ClusterError(self.seen.problems[-1] if self.seen.problems else "the load did not start")
        while not self._is_over(followers):
            self._take(0.05)
            self._show_rows()
            if self.seen.restarted is None and not self._watch_only and self._now() >= self._calm and not self._begin():
                return

    def _begin(self) -> bool:
        """Restarts the rollout, where the calm before it was one."""
        before = [each for each in self.seen.answers if each.is_lost]
        if before or not self.seen.answers:
            kinds = sorted({f"{each.kind} {each.detail or ''}".strip() for each in before})
            what = (
                f"{len(before)} of {len(self.seen.answers)} requests failed ({', '.join(kinds)})"
                if before
                else ("no request was answered")
            )
            self.seen.problems.append(f"{what} before the restart; nothing was restarted")
            return False
        stamp = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0).isoformat()
        metadata = self.workload["metadata"]
        patch = {"spec": {"template": {"metadata": {"annotations": {RESTARTED: stamp}}}}}
        at = time.time()
        try:
            self._cluster.patch(self._kind, metadata["name"], metadata["namespace"], patch)
        except ClusterError as error:
            self.seen.problems.append(f"nothing was restarted: {error}")
            return False
        self.seen.restarted = at
        self._note(f"{at - self.seen.start:7.2f} s  asked for a restart of the rollout")
        return True

    def _is_over(self, followers: list[Follower]) -> bool:
        seen, now = self.seen, time.time()
        if self._load_ended or self._now() >= self._plan.seconds:
            if seen.done is None:
                seen.problems.append(self._unfinished())
            return True
        for each in followers:
            if each.failed:
                seen.problems.append(str(each.failed))
                return True
        if any(now - since > _DEAF_SECONDS for since in self._deaf.values()):
            seen.problems.append(f"{self._cluster.server} has not answered for {_DEAF_SECONDS:g} s")
            return True
        if seen.restarted is not None and (why := stuck(self.workload)) and self._is_of_this_rollout():
            seen.problems.append(f"the rollout is stuck: {why}")
            return True
        if seen.restarted is not None and seen.done is None and self._is_done():
            seen.done = now
            self._note(f"{now - seen.start:7.2f} s  the rollout is done: all old Pods are gone")
        is_settled = seen.done is not None and now - seen.done >= self._settle
        return is_settled and len(seen.answers) >= self._requests

    def _is_of_this_rollout(self) -> bool:
        observed = (self.workload.get("status") or {}).get("observedGeneration", 0)
        return bool(self.workload["metadata"].get("generation", 0) > self._generation <= observed - 1)

    def _is_done(self) -> bool:
        lives = self.seen.lives
        old = [each for each in lives if each.is_old]
        asked = [each for each in lives if ASKED in each.marks]
        is_new = self._is_of_this_rollout()
        all_gone = all(GONE in each.marks for each in (old if is_new else asked))
        return is_done(self.workload) and all_gone and (is_new or bool(asked))

    def _unfinished(self) -> str:
        if self.seen.restarted is None:
            return f"no rollout began within {self._plan.seconds:g} s"
        return f"the rollout was not done within {self._plan.seconds:g} s (--duration)"

    def _last_answers(self) -> None:
        deadline = time.monotonic() + max(self._plan.timeout, self._plan.long_timeout if self._plan.long_url else 0) + 2
        while not self._load_ended and time.monotonic() < deadline:
            self._take(0.1)
            self._show_rows()

    def _now(self) -> float:
        return time.time() - self.seen.start

    def _take(self, seconds: float) -> None:
        """What has been told, waiting so long for the first."""
        with suppress(queue.Empty):
            self._hear(self._told.get(timeout=seconds))
            while True:
                self._hear(self._told.get_nowait())

    def _hear(self, told: Told | dict[str, Any]) -> None:
        if isinstance(told, dict):
            self._hear_load(told)
        elif isinstance(told, Lost):
            if not self._deaf:
                self._note(f"           {told.why}: changes to Pods may be missed now")
            self._deaf.setdefault(told.kind, told.seen)
        else:
            self._deaf.pop(told.kind, None)
            if not isinstance(told, Heard):
                for life, mark in self._see(told):
                    self._note_event(told.seen, life, mark)

    def _hear_load(self, told: dict[str, Any]) -> None:
        seen = self.seen
        if "start" in told:
            seen.start, seen.address = told["start"], told["address"]
        elif "answers" in told:
            seen.answers += (Answer(*each) for each in told["answers"])
            seen.held += len(told["held"])
        elif "failed" in told:
            seen.problems.append(told["failed"])
        elif "ended" in told:
            self._load_ended = True

    def _see(self, told: Listed | Changed) -> Iterator[tuple[Life, str]]:
        lives = self.seen.lives
        if isinstance(told, Listed):
            self._listed.add(told.kind)
            if told.kind == "Pod":
                yield from lives.list_pods(told.objects, told.seen)
            elif told.kind == "EndpointSlice":
                yield from lives.list_slices(told.objects, told.seen)
            elif told.objects:
                self._see_workload(told.objects[0], told.seen)
        elif told.kind == "Pod":
            see = lives.lose_pod if told.type == "DELETED" else lives.see_pod
            yield from see(told.object, told.seen)
        elif told.kind == "EndpointSlice":
            yield from lives.see_slice(told.object, told.seen, is_gone=told.type == "DELETED")
        elif told.type == "DELETED":
            self.seen.problems.append(f"{self._kind} {told.object['metadata']['name']} was deleted")
        else:
            self._see_workload(told.object, told.seen)

    def _see_workload(self, workload: dict[str, Any], at: float) -> None:
        self.workload = workload
        is_another = workload["metadata"].get("generation", 0) > self._generation
        if is_another:
            self._watch_begin(at)

    def _watch_begin(self, at: float) -> None:
        """Another has begun a rollout: the workload or one of its Pods tells of it first."""
        if self._watch_only and self.seen.restarted is None:
            self.seen.restarted = at
            self._note(f"{at - self.seen.start:7.2f} s  somebody else has started a rollout")

    def _note_event(self, at: float, life: Life, mark: str) -> None:
        self.seen.events.append((at, life, mark))
        if mark == ASKED:
            self._watch_begin(at)
        if self.seen.start:
            codes = ", ".join(f"{name} {code}" for name, code in life.exits.items()) if mark == "ended" else ""
            which = "old" if life.is_old else "new"
            self._note(
                f"{at - self.seen.start:7.2f} s  {which} Pod {life.name}: {mark}"
                + (f" (exit {codes})" if codes else "")
            )

    def _show_rows(self, *, to_the_end: bool = False) -> None:
        last = (
            max((int(each.ended) for each in self.seen.answers), default=-1)
            if to_the_end
            else int(self._now() - 1 - _ROW_SECONDS)
        )
        while self._rows <= last:
            self._show(self.seen, self._rows)
            self._rows += 1
