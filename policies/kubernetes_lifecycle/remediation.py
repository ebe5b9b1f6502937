"""Fixes what can be fixed safely, and leaves everything else alone: the enforcement level `remediate`.

It fixes violations only, so it leaves alone whatever is exempt, excluded, off or unknown. It writes nothing that could
reveal a secret. If nobody says what is secret, as under pulumi-policy's own PolicyPack, it writes nothing at all.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from lifecycle_rules import PodSpec, Role, Rule, containers, hook_seconds, pod_specs
from lifecycle_rules.check import grace_seconds
from lifecycle_rules.model import PATCH, steps
from lifecycle_rules.versions import SLEEP

from .judgement import Judgement
from .objects import Object, below
from .settings import Settings

SHUTDOWN_SECONDS: Final = 20  # what the processes have after the hooks where the configuration does not say
LONGEST: Final = 1 << 31  # seconds; protobuf's numbers are exact so far, and more


class Edit(NamedTuple):
    """A value to write, and the path of its field."""

    path: str
    value: Any


Change = tuple[Edit, ...]
"""Edits that belong together."""


def sleeps(obj: Object, settings: Settings, judgement: Judgement) -> Iterator[Change]:
    """A hook that runs a program only to sleep becomes the native action, if the grace period leaves it the time.

    Not in a patch: what it patches may have the program from another manager, and would then have two handlers.
    """
    if obj.kind.endswith(PATCH):
        return
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
            yield (Edit(path, {"sleep": {"seconds": int(seconds)}}),)


def graces(obj: Object, settings: Settings, judgement: Judgement) -> Iterator[Change]:
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
            yield tuple(_raised(pod, settings, 0))


def drains(obj: Object, settings: Settings, judgement: Judgement) -> Iterator[Change]:
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
        raised = list(_raised(pod, settings, seconds))
        grace = raised[0].value if raised else grace_seconds(pod)
        if edits and isinstance(grace, int) and seconds < grace and not _has_secret_hooks(obj, pod):
            yield (*edits, *raised)


def _has_secret_hooks(obj: Object, pod: PodSpec) -> bool:
    return any(obj.holds_secret(f"{each.path}.lifecycle", within=pod.path) for each in containers(pod))


def _raised(pod: PodSpec, settings: Settings, least: float) -> Iterator[Edit]:
    """The grace period that the longest preStop of the Pod needs, where it is more than it has and than is allowed."""
    grace = grace_seconds(pod)
    taken = [least, *(hook_seconds(each.hook("preStop"))[0] for each in containers(pod))]
    longest = max(filter(math.isfinite, taken), default=0)
    needed = math.ceil(longest) + (settings.shutdown_seconds or SHUTDOWN_SECONDS)
    if isinstance(grace, int) and 0 < grace < needed <= (settings.maximum_grace_seconds or LONGEST):
        yield Edit(f"{pod.path}.terminationGracePeriodSeconds", needed)


REMEDIES: Final[Mapping[str, Callable[[Object, Settings, Judgement], Iterator[Change]]]] = {
    "pre-stop-required": drains,
    "grace-budget": graces,
    "shutdown-practice": sleeps,
}
"""By policy."""


def edits(policy: str, obj: Object, settings: Settings, mends: Callable[[Rule], bool]) -> tuple[Edit, ...]:
    """What the policy changes in the object, in the order in which it is written; `mends` says for which rules."""
    return tuple(edit for change in changes(policy, obj, settings, mends) for edit in change)


def changes(policy: str, obj: Object, settings: Settings, mends: Callable[[Rule], bool]) -> tuple[Change, ...]:
    """The same in parts, each of which is to be written as a whole or not at all.

    A change that mends nothing, or after which another rule would be broken, is not made.
    """
    judgement = Judgement.of(obj, settings)
    made: list[Change] = []
    for change in REMEDIES[policy](obj, settings, _narrowed(judgement, mends)):
        after = obj._replace(values=obj.values._replace(plain=applied(change, obj.values.plain)))
        before, judgement_after = _broken(judgement), Judgement.of(after, settings)
        if before > _broken(judgement_after):
            obj, judgement = after, judgement_after
            made.append(change)
    return tuple(made)


def applied(change: Iterable[Edit], plain: Any) -> Any:
    """A copy of an object with the edits in it."""
    for edit in change:
        plain = _replaced(plain, [*steps(edit.path)], edit.value)
    return plain


def _broken(judgement: Judgement) -> set[tuple[str, str]]:
    """What is broken where: the rules, with the container or the Pod."""
    found = (each for of in judgement.violations.values() for each in of)
    return {(each.rule.id, each.path.partition(".lifecycle.")[0]) for each in found}


def _replaced(value: Any, way: list[str | int], by: Any) -> Any:
    """A copy that differs at the end of the way; what does not lie on it is shared."""
    if not way:
        return by
    step, *further = way
    copy = value.copy()
    copy[step] = _replaced(copy[step] if further else None, further, by)
    return copy


def _narrowed(judgement: Judgement, mends: Callable[[Rule], bool]) -> Judgement:
    kept = {policy: tuple(each for each in found if mends(each.rule)) for policy, found in judgement.violations.items()}
    return replace(judgement, violations=kept)
