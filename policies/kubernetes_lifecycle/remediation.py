"""Mends what can be mended safely, and leaves all else as it was: the enforcement level `remediate`.

What is mended follows from the violations, so nothing is that is exempt, excluded, off or not known. It is written into
pulumi-policy's proxies in place, which keep what is secret secret; a copy would not. Nor is anything written from which
one could read what is secret; so nothing at all where nobody says what is, under pulumi-policy's own PolicyPack.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from lifecycle_rules import PodSpec, Role, containers, hook_seconds, pod_specs
from lifecycle_rules.check import grace_seconds
from lifecycle_rules.versions import SLEEP

from .judgement import Judgement
from .objects import Object, below, steps
from .settings import Settings

SHUTDOWN_SECONDS: Final = 20  # what the processes have after the hooks where the configuration does not say


class Edit(NamedTuple):
    """A value to write, and the path of its field."""

    path: str
    value: Any


def sleeps(obj: Object, settings: Settings, judgement: Judgement) -> Iterator[Edit]:
    """A hook that runs a program only to sleep becomes the native action, if the grace period leaves it the time."""
    graces = {pod.path: grace_seconds(pod) for pod in pod_specs(obj.kind, obj.values.plain)}
    for violation in judgement.violations.get("shutdown-practice", ()):
        if violation.rule.id != "exec-sleep":
            continue
        path = violation.path.removesuffix(".exec.command")
        hook = below(obj.values.plain, path)
        seconds, _ = hook_seconds(hook)
        (grace,) = (grace for pod, grace in graces.items() if path.startswith(f"{pod}."))
        if obj.holds_secret(path, within=path):
            continue
        if float(seconds).is_integer() and isinstance(grace, int) and 0 < seconds < grace:
            yield Edit(path, {"sleep": {"seconds": int(seconds)}})


def graces(obj: Object, settings: Settings, judgement: Judgement) -> Iterator[Edit]:
    """A grace period that is too short for a preStop is raised, so that the processes have their time to end, too."""
    rules = {"prestop-budget", "sleep-bounds", "shutdown-seconds"}
    found = [
        violation
        for policy in ("hooks-accepted", "grace-budget")
        for violation in judgement.violations.get(policy, ())
        if violation.rule.id in rules
    ]
    for pod in pod_specs(obj.kind, obj.values.plain):
        if any(each.path.startswith(f"{pod.path}.") for each in found) and not _has_secret_hooks(obj, pod):
            yield from _raised(pod, settings, 0)


def drains(obj: Object, settings: Settings, judgement: Judgement) -> Iterator[Edit]:
    """A container that serves, and has no preStop, sleeps in one; where the configuration asks for it."""
    seconds = settings.add_drain_seconds if settings.cluster.has(SLEEP) else 0
    found = {each.path for each in judgement.violations.get("pre-stop-required", ())}
    for pod in pod_specs(obj.kind, obj.values.plain) if seconds else ():
        edits = [
            Edit(f"{container.path}.lifecycle.preStop", {"sleep": {"seconds": seconds}})
            if isinstance(container.spec.get("lifecycle"), dict)
            else Edit(f"{container.path}.lifecycle", {"preStop": {"sleep": {"seconds": seconds}}})
            for container in containers(pod)
            if container.role is Role.APP
            and container.spec.get("ports")
            and f"{container.path}.lifecycle.preStop" in found
        ]
        if edits and not _has_secret_hooks(obj, pod):
            yield from edits
            yield from _raised(pod, settings, seconds)


def _has_secret_hooks(obj: Object, pod: PodSpec) -> bool:
    return any(obj.holds_secret(f"{each.path}.lifecycle", within=pod.path) for each in containers(pod))


def _raised(pod: PodSpec, settings: Settings, least: float) -> Iterator[Edit]:
    """The grace period that the longest preStop of the Pod needs, where it is more than it has and than is allowed."""
    grace = grace_seconds(pod)
    taken = [least, *(hook_seconds(each.hook("preStop"))[0] for each in containers(pod))]
    longest = max(filter(math.isfinite, taken), default=0)
    needed = math.ceil(longest) + (settings.shutdown_seconds or SHUTDOWN_SECONDS)
    is_allowed = not settings.maximum_grace_seconds or needed <= settings.maximum_grace_seconds
    if isinstance(grace, int) and 0 < grace < needed and is_allowed:
        yield Edit(f"{pod.path}.terminationGracePeriodSeconds", needed)


REMEDIES: Final[Mapping[str, Callable[[Object, Settings, Judgement], Iterator[Edit]]]] = {
    "pre-stop-required": drains,
    "grace-budget": graces,
    "shutdown-practice": sleeps,
}
"""By policy."""


def remediated(policy: str, obj: Object, settings: Settings, props: Any) -> Any:
    """The properties with the policy's edits written into them; None, and nothing written, where there are none."""
    edits = list(REMEDIES[policy](obj, settings, _at_its_level(Judgement.of(obj, settings), settings)))
    for edit in edits:
        *way, last = steps(edit.path)
        holder = props
        for step in way:
            holder = holder[_key(step)]
        holder[_key(last)] = edit.value
    return props if edits else None


def _at_its_level(judgement: Judgement, settings: Settings) -> Judgement:
    """Without what breaks a rule that has a level of its own, which is another one than the policy's `remediate`."""
    kept = {
        policy: tuple(each for each in found if each.rule.id not in settings.levels)
        for policy, found in judgement.violations.items()
    }
    return replace(judgement, violations=kept)


def _key(step: str) -> str | int:
    return int(step[1:-1]) if step.startswith("[") else step
