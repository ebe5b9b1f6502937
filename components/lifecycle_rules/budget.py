"""Time against the grace period: the preStop counts into it, and what is left is the container's own.

Seen on a real kubelet (tests/cluster/test_budget.py): it stops waiting when the grace period is over, and
leaves the container 2 s from its stop signal to its kill (kuberuntime_container.go, minimumGracePeriodInSeconds).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .catalogue import PRESTOP_BUDGET, PROBE_GRACE_VS_PRESTOP, Finding
from .model import Container, items, whole
from .shell import command_seconds

KILLING_PROBES: Final = ("livenessProbe", "startupProbe")
LEFT: Final = "the kubelet cuts the hook off then, and kills the container 2 s later"


def findings(container: Container, grace: object) -> Iterator[Finding]:
    """The findings of the group `budget` in one container; `grace` is its pod's, defaulted, or UNKNOWN."""
    seconds, below = hook_seconds(container.hook("preStop"))
    if seconds <= 0:
        return
    path = f"{container.path}.lifecycle.preStop{below}"
    if isinstance(grace, int) and seconds >= grace > 0:
        message = f"takes {seconds:g} s, and terminationGracePeriodSeconds is {grace}: {LEFT}"
        yield Finding(PRESTOP_BUDGET, path, message, container.name)
    for name in KILLING_PROBES:
        own = container.probe_grace(name)
        if isinstance(own, int) and seconds >= own > 0:
            message = f"takes {seconds:g} s, and {name}.terminationGracePeriodSeconds is {own}: {LEFT}"
            yield Finding(PROBE_GRACE_VS_PRESTOP, path, message, container.name)


def hook_seconds(hook: object) -> tuple[float, str]:
    """The seconds that a hook takes at least, and the path of what takes them; 0 where they are not known."""
    if not isinstance(hook, Mapping):
        return 0, ""
    seconds = whole(_field(hook, "sleep", "seconds"))
    if isinstance(seconds, int):
        return seconds, ".sleep.seconds"
    return command_seconds(items(_field(hook, "exec", "command"))), ".exec.command"


def _field(hook: Mapping[str, Any], action: str, name: str) -> object:
    found = hook.get(action)
    return found.get(name) if isinstance(found, Mapping) else None
