"""The end of a Pod, from second to second, as its spec determines it: a pod spec in, bounds of times out.

Seconds count from the deletion. The kubelet's own arithmetic (kuberuntime_container.go, killContainer, and
kuberuntime_termination_order.go): all preStop hooks begin at once, and it waits for each no longer than the grace
period; a container's stop signal comes after its hook, a sidecar's also after all app containers and the sidecars
behind it have ended; what the whole seconds of that have left of the grace period is the container's, and no less than
FLOOR_SECONDS; then it is killed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lifecycle_rules import Container, PodSpec, Role, containers

from .figures import FLOOR_SECONDS, Bounds, Hook, grace_of, hook_of

LEAST_GRACE_SECONDS: Final = 1  # the kubelet makes it of 0 (pod_workers.go, calculateEffectiveGracePeriod)
_ROLES: Final = (Role.APP, Role.SIDECAR)


@dataclass(frozen=True)
class Stop:
    """How one container is stopped."""

    name: str
    role: Role
    path: str
    hook: Hook | None
    waited: Bounds
    """Until its preStop has ended, or is waited for no longer: 0 without one."""
    signal: Bounds
    """When it gets its stop signal."""
    left: Bounds
    """From there to its kill."""
    kill: Bounds
    """When what still runs of it is killed."""
    after: tuple[str, ...] = ()
    """The containers that have to end before its stop signal comes."""
    is_cut: bool = False
    """Whether its hook surely takes longer than the kubelet waits."""


@dataclass(frozen=True)
class Ending:
    """How a Pod ends."""

    grace: int
    """The Pod's own."""
    stops: tuple[Stop, ...]
    """App containers in their order, then sidecars in the order in which they get their signal."""

    @property
    def budget(self) -> int:
        """The seconds that hooks have: 1 where the grace period is 0."""
        return max(self.grace, LEAST_GRACE_SECONDS)

    @property
    def gone(self) -> Bounds:
        """When the last container has ended; the kubelet takes about a second more to tell."""
        least = max((each.waited.least for each in self.stops), default=0)
        return Bounds(least, max((each.kill.most for each in self.stops), default=0))


def ending(pod: PodSpec, grace: int | None = None) -> Ending:
    """Of a Pod with this spec, all of whose containers run; with another grace period, if one is given."""
    whole = grace_of(pod) if grace is None else grace
    budget = max(whole, LEAST_GRACE_SECONDS)
    found = [each for each in containers(pod) if each.role in _ROLES]
    apps = [_stop(each, pod, budget, ()) for each in found if each.role is Role.APP]
    stops = list(apps)
    for each in reversed([each for each in found if each.role is Role.SIDECAR]):
        stops.append(_stop(each, pod, budget, stops))
    return Ending(whole, tuple(stops))


def _stop(container: Container, pod: PodSpec, budget: int, before: Sequence[Stop]) -> Stop:
    hook = hook_of(container, pod, "preStop")
    waited = _waited(hook, budget)
    # what it waits for may end with its signal, and is killed at the latest when the grace period is over
    least = max([waited.least, *(each.signal.least for each in before)])
    most = max([waited.most, *(min(each.kill.most, budget) for each in before)])
    signal = Bounds(least, most)
    left = Bounds(_left(budget, most), _left(budget, least))
    first = least + left.most if signal.is_known else max(budget, least + FLOOR_SECONDS)
    kill = Bounds(first, most + left.least)
    after = tuple(each.name for each in before)
    is_cut = hook is not None and hook.takes.least > budget
    return Stop(container.name, container.role, container.path, hook, waited, signal, left, kill, after, is_cut)


def _waited(hook: Hook | None, budget: int) -> Bounds:
    if hook is None or hook.failing:
        return Bounds(0, 0)
    # one that runs a program may fail: then it has ended before
    least = min(hook.takes.least, budget)
    return Bounds(least, min(hook.takes.most, budget))


def _left(budget: int, used: float) -> float:
    return max(budget - math.floor(used), FLOOR_SECONDS)
