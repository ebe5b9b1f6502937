"""What a container's fields say of its stop: each figure with its bounds, and the field that it is read from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

from lifecycle_rules import Container, PodSpec, hook_seconds, only_sleeps
from lifecycle_rules.check import DEFAULT_GRACE_SECONDS, grace_seconds
from lifecycle_rules.effective import findings as effective

FLOOR_SECONDS: Final = 2
"""From the stop signal to the kill, however little is left (kuberuntime_container.go, minimumGracePeriodInSeconds)."""
ACTIONS: Final = ("exec", "httpGet", "sleep", "tcpSocket")  # the order in which the API server looks at them
# The kubelet can carry nothing of these out, so that the hook has failed before it did anything.
FAILS_AT_ONCE: Final = frozenset(
    {"exec-empty-arg0", "exec-single-string", "httpget-hostnetwork", "httpget-named-port", "tcpsocket-hook"}
)


class Bounds(NamedTuple):
    """Seconds: no less than `least`, no more than `most`, which is infinite where nothing ends it."""

    least: float
    most: float

    @property
    def is_known(self) -> bool:
        return self.least == self.most

    def __str__(self) -> str:
        if self.is_known:
            return seconds(self.least)
        if self.most == math.inf:
            return f"{seconds(self.least)}+" if self.least else "?"
        return f"{self.least:.10g}-{seconds(self.most)}"


def seconds(number: float) -> str:
    """`10s`, as kubectl writes it; of what has no end `never ends`."""
    return "never ends" if number == math.inf else f"{number:.10g}s"


@dataclass(frozen=True)
class Hook:
    """A hook as the spec has it."""

    action: str
    """One of ACTIONS; `?` where it has none that is known."""
    takes: Bounds
    """By itself, if nothing ends it and it does not fail."""
    failing: str
    """The rule by which it fails at once; empty where none says so."""
    path: str
    """The field."""
    below: str
    """From there to what says how long it takes."""

    @property
    def source(self) -> str:
        return f"{self.path}{self.below}"

    def __str__(self) -> str:
        if self.failing:
            return f"{self.action} fails"
        return f"{self.action} {self.takes}"


def hook_of(container: Container, pod: PodSpec, event: str) -> Hook | None:
    """None where there is none. How long it takes is read as the rules read it, and never guessed."""
    handler = container.hook(event)
    if not isinstance(handler, dict):
        return None
    action = next((each for each in ACTIONS if isinstance(handler.get(each), dict)), "?")
    path = f"{container.path}.lifecycle.{event}"
    failing = next(
        (
            each.rule.id
            for each in (effective(container, pod) if action != "sleep" else ())
            if each.rule.id in FAILS_AT_ONCE and each.path.startswith(path)
        ),
        "",
    )
    least, below = hook_seconds(handler)
    if failing:
        return Hook(action, Bounds(0, 0), failing, path, f".{action}")
    if action == "sleep" and not least:  # `sleep: {}` is 0 s
        return Hook(action, Bounds(0, 0), "", path, ".sleep")
    is_all = only_sleeps(handler) or least == math.inf
    return Hook(action, Bounds(least, least if is_all else math.inf), "", path, below if least else f".{action}")


def grace_of(pod: PodSpec) -> int:
    """The Pod's grace period in seconds, as the API server defaults it."""
    grace = grace_seconds(pod)
    return max(grace, 1) if isinstance(grace, int) and grace != 0 else 0 if grace == 0 else DEFAULT_GRACE_SECONDS


def readiness_of(container: Container) -> str:
    """What its readinessProbe does; empty where there is none."""
    probe = container.spec.get("readinessProbe")
    if not isinstance(probe, dict):
        return ""
    return next((each for each in ("exec", "grpc", "httpGet", "tcpSocket") if isinstance(probe.get(each), dict)), "?")


def serves(container: Container) -> bool:
    """Whether something may send it requests: it has ports, or says when it is ready."""
    return bool(container.spec.get("ports")) or bool(readiness_of(container))
