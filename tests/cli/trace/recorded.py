"""The recordings, what is made of them, and how they would be with other clocks."""

from __future__ import annotations

import copy
import datetime
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from lifecycle_cli.trace.life import Life
from lifecycle_cli.trace.lives import Lives
from lifecycle_cli.trace.recording import Asked, Changed, Clock, Heard, Listed, Lost, Observation, read

FOLDER = Path(__file__).parent / "recordings"
NAMES = sorted(each.stem for each in FOLDER.glob("*.jsonl"))


def observations(name: str) -> list[Observation]:
    _, found = read(FOLDER / f"{name}.jsonl")
    return list(found)


def lives(told: Iterable[Observation]) -> list[Life]:
    found = Lives()
    for each in told:
        found.take(each)
    return found.lives(anew=True)


def life(name: str) -> Life:
    (found,) = lives(observations(name))
    return found


def skewed(told: Iterable[Observation], *, node: int = 0, client: float = 0.0) -> Iterator[Observation]:
    """As it would have been, had the clock of the node, or of the client, been ahead by so many more seconds."""
    for each in told:
        if isinstance(each, Clock | Asked):
            yield each._replace(sent=each.sent + client, seen=each.seen + client)
        elif isinstance(each, Listed):
            things = [_skewed(each.kind, thing, node) for thing in each.objects]
            yield each._replace(objects=things, seen=each.seen + client)
        elif isinstance(each, Changed):
            yield each._replace(object=_skewed(each.kind, each.object, node), seen=each.seen + client)
        elif isinstance(each, Lost):
            yield each._replace(seen=each.seen + client, since=each.since + client)
        elif isinstance(each, Heard):
            yield each._replace(seen=each.seen + client)


def without_events(told: Iterable[Observation]) -> Iterator[Observation]:
    yield from (each for each in told if not isinstance(each, Changed | Listed) or each.kind != "Event")


def _skewed(kind: str, thing: dict[str, Any], seconds: int) -> dict[str, Any]:
    thing = copy.deepcopy(thing)
    if kind == "Event":
        if thing.get("source", {}).get("component") == "kubelet":
            for field in ("firstTimestamp", "lastTimestamp"):
                thing[field] = _later(thing[field], seconds)
            thing["metadata"]["name"] = re.sub(
                r"[0-9a-f]{15,16}\Z", lambda at: f"{int(at[0], 16) + seconds * 10**9:x}", thing["metadata"]["name"]
            )
        return thing
    status = thing.get("status") or {}
    for condition in status.get("conditions") or ():
        if condition["type"] not in ("PodScheduled", "DisruptionTarget"):
            condition["lastTransitionTime"] = _later(condition["lastTransitionTime"], seconds)
    for field in ("containerStatuses", "initContainerStatuses"):
        for container in status.get(field) or ():
            for state in (*container.get("state", {}).values(), *container.get("lastState", {}).values()):
                for name in ("startedAt", "finishedAt"):
                    if state.get(name):
                        state[name] = _later(state[name], seconds)
    return thing


def _later(text: str, seconds: int) -> str:
    at = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ") + datetime.timedelta(seconds=seconds)
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


Change = Callable[[list[Observation]], Iterable[Observation]]
