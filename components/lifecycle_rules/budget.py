"""Time against the grace period: the preStop counts into it, and what is left is the container's own.

Seen on a real kubelet (tests/cluster/proofs/budget.py): it stops waiting when the grace period is over, and
leaves the container 2 s from its stop signal to its kill (kuberuntime_container.go, minimumGracePeriodInSeconds).
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .catalogue import GRACE_NEGATIVE, PRESTOP_BUDGET, PRESTOP_UNBOUNDED, PROBE_GRACE_VS_PRESTOP, Finding
from .model import Container, PodSpec, items, whole
from .script import Script, script_of

KILLING_PROBES: Final = ("livenessProbe", "startupProbe")
LEFT: Final = "the kubelet then cuts the hook off, and kills the container 2 s later"


def findings(container: Container, grace: object) -> Iterator[Finding]:
    """The findings of the group `budget` in one container; `grace` is its pod's, defaulted, or UNKNOWN."""
    seconds, below = hook_seconds(container.hook("preStop"))
    if seconds <= 0:
        return
    path = f"{container.path}.lifecycle.preStop{below}"
    if seconds == math.inf:
        yield Finding(PRESTOP_UNBOUNDED, path, f"never ends, and takes the whole grace period: {LEFT}", container.name)
        return
    if isinstance(grace, int) and seconds >= grace > 0:
        message = f"takes {seconds:.10g} s, but terminationGracePeriodSeconds is {grace}: {LEFT}"
        yield Finding(PRESTOP_BUDGET, path, message, container.name)
    for name in KILLING_PROBES:
        own = container.probe_grace(name)
        if isinstance(own, int) and seconds >= own > 0:
            message = f"takes {seconds:.10g} s, but {name}.terminationGracePeriodSeconds is {own}: {LEFT}"
            yield Finding(PROBE_GRACE_VS_PRESTOP, path, message, container.name)


def of_pod(pod: PodSpec) -> Iterator[Finding]:
    """The findings of the group `budget` about a pod as a whole."""
    grace = whole(pod.spec.get("terminationGracePeriodSeconds"))
    if isinstance(grace, int) and grace < 0:
        path = f"{pod.path}.terminationGracePeriodSeconds"
        yield Finding(GRACE_NEGATIVE, path, f"{grace} becomes 1: the hook and the container have 1 s together", "")


def hook_seconds(hook: object) -> tuple[float, str]:
    """Returns the seconds that a hook takes at least, and the path of the field that takes them; 0 if unknown."""
    if not isinstance(hook, dict):
        return 0, ""
    seconds = whole(_field(hook, "sleep", "seconds"))
    if isinstance(seconds, int):
        return seconds, ".sleep.seconds"
    return _script(hook).seconds, ".exec.command"


def only_sleeps(hook: object) -> bool:
    """Whether a hook only sleeps, by the sleep action or by a program."""
    if not isinstance(hook, dict):
        return False
    return isinstance(whole(_field(hook, "sleep", "seconds")), int) or _script(hook).only_sleeps


def _script(hook: Mapping[str, Any]) -> Script:
    return script_of(items(_field(hook, "exec", "command")))


def _field(hook: Mapping[str, Any], action: str, name: str) -> object:
    found = hook.get(action)
    return found.get(name) if isinstance(found, dict) else None
