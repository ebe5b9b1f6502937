"""Observes Pods on a live cluster: which ones, what the cluster reports about them, and how the clocks differ."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from ..cluster.access import Cluster
from ..cluster.errors import ClusterError
from ..cluster.following import Changed, Follower, Listed, Told, now
from .recording import Clock, Observation, kept

_SAMPLES: Final = 7  # of the API server's clock: each halves what is not known, from a second to the way there and back
_GATHER_SECONDS: Final = 0.03  # in which what comes together is taken together
_HELD: Final = 5_000  # events of Pods that are not known yet

Wanted = Callable[[Mapping[str, Any]], bool]


class Choice:
    """Of all that is told, what is about the Pods that are meant, without what a recording leaves out."""

    def __init__(self, is_wanted: Wanted) -> None:
        self._is_wanted = is_wanted
        self._uids: set[str] = set()
        self._refused: set[str] = set()
        self._held: list[tuple[str, Told]] = []

    def of(self, told: Told) -> Iterator[Told]:
        if isinstance(told, Listed):
            if told.kind == "Pod":
                wanted = [each for each in told.objects if self._knows(each)]
                yield told._replace(objects=[kept("Pod", each) for each in wanted])
                yield from self._no_longer_held()
            else:
                yield told._replace(objects=[])  # ends a gap
                for each in told.objects:
                    yield from self._event(each, told.seen)
        elif not isinstance(told, Changed):
            yield told
        elif told.kind == "Pod":
            if self._knows(told.object):
                yield told._replace(object=kept("Pod", told.object))
                yield from self._no_longer_held()
        elif told.type != "DELETED":
            yield from self._event(told.object, told.seen)

    def _event(self, event: Mapping[str, Any], seen: float) -> Iterator[Told]:
        uid = str((event.get("involvedObject") or {}).get("uid"))
        if uid in self._refused:
            return
        told = Changed("Event", "ADDED", kept("Event", event), seen)
        if uid in self._uids:
            yield told
        elif len(self._held) < _HELD:
            self._held.append((uid, told))

    def _no_longer_held(self) -> Iterator[Told]:
        yield from [told for uid, told in self._held if uid in self._uids]
        self._held = [each for each in self._held if each[0] not in self._uids]

    def _knows(self, pod: Mapping[str, Any]) -> bool:
        uid = str(pod["metadata"].get("uid"))
        if uid in self._uids:
            return True
        if uid in self._refused or not self._is_wanted(pod):
            self._refused.add(uid)
            return False
        self._uids.add(uid)
        return True


class Observer:
    """Follows the Pods of one namespace, and their events, until `stop`."""

    def __init__(self, cluster: Cluster, namespace: str, is_wanted: Wanted, name: str = "", selector: str = "") -> None:
        self._cluster = cluster
        self._choice = Choice(is_wanted)
        self._told: queue.SimpleQueue[Told | Clock] = queue.SimpleQueue()
        pods = {"field_selector": f"metadata.name={name}"} if name else {"label_selector": selector or None}
        events = "involvedObject.kind=Pod" + (f",involvedObject.name={name}" if name else "")
        self.pods = Follower(cluster, "Pod", namespace, self._told.put, **pods)
        self.events = Follower(cluster, "Event", namespace, self._told.put, field_selector=events)
        self._stopped = threading.Event()

    def begin(self, pods: Iterable[dict[str, Any]]) -> None:
        """These were there."""
        self._told.put(Listed("Pod", list(pods), now()))

    def start(self) -> None:
        """Raises ClusterError where the API server does not answer."""
        self._ask_once()
        self.pods.start()
        self.events.start()
        threading.Thread(target=self._ask_the_time, name="clock", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()
        self.pods.stop()
        self.events.stop()

    def wait(self, seconds: float | None) -> list[Observation]:
        """What was told since, at least one unless the time is over before."""
        found: list[Observation] = []
        try:
            told = self._told.get(timeout=seconds)
            self._stopped.wait(_GATHER_SECONDS)
            while True:
                found += [told] if isinstance(told, Clock) else self._choice.of(told)
                told = self._told.get_nowait()
        except queue.Empty:
            return found

    def _ask_once(self) -> Clock:
        sent = now()
        there = self._cluster.clock()
        told = Clock(sent, now(), int(there.timestamp()))
        self._told.put(told)
        return told

    def _ask_the_time(self) -> None:
        """Asks when the middle of what is possible says that the API server's second ends."""
        least, most, way = -float("inf"), float("inf"), 0.0  # by how much its clock is ahead of this machine's
        for _ in range(_SAMPLES):
            if most < float("inf") and self._stopped.wait(-(now() + (least + most) / 2 + way) % 1.0):
                return
            try:
                told = self._ask_once()
            except ClusterError:
                return
            least, most = max(least, told.server - told.seen), min(most, told.server + 1 - told.sent)
            way = (told.seen - told.sent) / 2
            if most - least < 4 * way:  # no narrower than the way there and back
                return
