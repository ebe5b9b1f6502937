"""What is wrong with an object: the findings of all policies, made once, and what was exempted of them."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from lifecycle_rules import (
    UNKNOWN,
    Container,
    Finding,
    PodSpec,
    Role,
    Rule,
    check,
    containers,
    hook_seconds,
    only_sleeps,
    pod_specs,
)
from lifecycle_rules.check import grace_seconds
from lifecycle_rules.model import PATCH

from .exemptions import Use, exempting
from .objects import Object
from .rules import (
    DELETE_TIMEOUT,
    DRAIN_SECONDS,
    GRACE_MAXIMUM,
    POLICY_OF,
    POST_START_REQUIRED,
    PRE_STOP_REQUIRED,
    SHUTDOWN_SECONDS,
    SKIP_AWAIT_NAMED,
)
from .settings import REQUIRING, SERVING, Settings, any_matches

PULUMIS_DELETE_SECONDS: Final = 600
_REQUIRED_RULES: Final = {each.id: each for each in (PRE_STOP_REQUIRED, POST_START_REQUIRED)}


class Violation(NamedTuple):
    """A finding that is held against the object."""

    rule: Rule
    path: str
    what: str
    """What is wrong; of what touches a secret no word that could repeat it."""
    container: str
    expired: str = ""
    """What no longer exempts it."""

    @property
    def message(self) -> str:
        """`<path>: <what is wrong> [rule-id]. <how to fix it>`."""
        return f"{self.path}: {self.what} [{self.rule.id}]. {self.rule.fix}{self.expired}"


@dataclass(frozen=True)
class Judgement:
    """Of one object."""

    violations: Mapping[str, tuple[Violation, ...]]
    """By policy."""
    exempted: tuple[tuple[Use, ...], ...]
    """What was exempted: of each finding all that exempts it."""

    @classmethod
    def of(cls, obj: Object, settings: Settings, today: datetime.date | None = None) -> "Judgement":
        """Never raises, whatever the object holds."""
        violations: dict[str, list[Violation]] = {}
        exempted: list[tuple[Use, ...]] = []
        day = today or datetime.date.today()
        for finding in _findings(obj, settings):
            if settings.is_off(finding.rule.id) or any_matches(settings.excluded.containers, finding.container):
                continue
            if obj.excluded_by(settings, finding.path):  # an item of a List; of other objects nobody asks here
                continue
            uses, expired = exempting(obj, finding, settings, day)
            if uses:
                exempted.append(tuple(uses))
                continue
            what = finding.rule.title if _shows_a_secret(finding, obj) else finding.message
            violation = Violation(finding.rule, finding.path, what, finding.container, expired)
            violations.setdefault(POLICY_OF[finding.rule.id], []).append(violation)
        return cls({name: tuple(found) for name, found in violations.items()}, tuple(exempted))


def _shows_a_secret(finding: Finding, obj: Object) -> bool:
    fields = [finding.path]
    if finding.rule.id in _TELL_WHAT_HOOKS_TAKE:
        pods = pod_specs(obj.kind, obj.values.plain)
        fields += [f"{each.path}.lifecycle" for pod in pods for each in containers(pod)]
    # a message quotes a name as Python does
    texts = {form for _, text in obj.values.secrets or () for form in (text, repr(text)[1:-1]) if form}
    return any(map(obj.holds_secret, fields)) or any(each in finding.message for each in texts)


_TELL_WHAT_HOOKS_TAKE: Final = (SHUTDOWN_SECONDS.id, "sidecar-grace")  # in a message about the grace period


def _findings(obj: Object, settings: Settings) -> Iterator[Finding]:
    if obj.opaque:
        return
    plain = obj.values.plain
    yield from check(
        obj.kind,
        plain,
        kubernetes=settings.kubernetes,
        features=settings.features,
        images=settings.images,
        endpoints=settings.endpoints,
    )
    for pod in pod_specs(obj.kind, plain):
        found = list(containers(pod))
        # A patch leaves out what it does not change; a custom resource is asked where its kind is named.
        is_asked = not obj.kind.endswith(PATCH)
        for container in found:
            if is_asked:
                yield from _required(pod, container, settings)
            yield from _drain(container, settings)
        grace = grace_seconds(pod)
        yield from _grace(pod, found, grace, settings)
        if pod.is_whole and obj.delete_seconds is not None:
            yield from _delete_timeout(pod, grace, obj.delete_seconds)
    if obj.delete_seconds is not None:
        yield from _skip_await(obj)


def _required(pod: PodSpec, container: Container, settings: Settings) -> Iterator[Finding]:
    """An unknown hook is present; a Pod that is not restarted ends by itself, as a Job's does, or it may."""
    if pod.is_pod and pod.spec.get("restartPolicy") not in (None, "Always"):
        return
    for policy, event in REQUIRING.items():
        required = settings.required[policy]
        if required.where == SERVING and not _serves(container):
            continue
        if pod.kind in required.kinds and container.role.value in required.roles and container.hook(event) is None:
            message = f"container {container.name!r} has no {event} hook"
            path = f"{container.path}.lifecycle.{event}"
            yield Finding(_REQUIRED_RULES[policy], path, message, container.name)


def _serves(container: Container) -> bool:
    """Whether something may send it requests; what is not known may be a port, or a probe."""
    return bool(container.spec.get("ports")) or container.spec.get("readinessProbe") is not None


def _drain(container: Container, settings: Settings) -> Iterator[Finding]:
    hook = container.hook("preStop")
    seconds, below = hook_seconds(hook)
    if only_sleeps(hook) and 0 < seconds < settings.drain_seconds:
        message = f"sleeps {seconds:.10g} s, but drainSeconds is {settings.drain_seconds}"
        yield Finding(DRAIN_SECONDS, f"{container.path}.lifecycle.preStop{below}", message, container.name)


def _grace(pod: PodSpec, found: list[Container], grace: object, settings: Settings) -> Iterator[Finding]:
    if not isinstance(grace, int):
        return
    path = f"{pod.path}.terminationGracePeriodSeconds"
    if 0 < settings.maximum_grace_seconds < grace:
        message = f"{grace} is more than maximumGracePeriodSeconds, {settings.maximum_grace_seconds}"
        yield Finding(GRACE_MAXIMUM, path, message, "")
    for container in found if settings.shutdown_seconds else ():
        if container.role not in (Role.APP, Role.SIDECAR):
            continue
        hook = container.hook("preStop")
        seconds, _ = hook_seconds(hook)
        if seconds < grace < seconds + settings.shutdown_seconds:  # a hook that takes all of it breaks prestop-budget
            after = "after its preStop, " if hook is not None else ""
            left = f"{grace} leaves container {container.name!r} {grace - seconds:.10g} s {after}".rstrip(" ,")
            message = f"{left}, but shutdownSeconds is {settings.shutdown_seconds}"
            yield Finding(SHUTDOWN_SECONDS, path, message, container.name)


def _delete_timeout(pod: PodSpec, grace: object, given_seconds: float) -> Iterator[Finding]:
    """A deletion is in the foreground: that of a workload waits for its Pods, except for those that a schedule made."""
    if pod.kind == "CronJob" or not isinstance(grace, int):
        return
    timeout = given_seconds or PULUMIS_DELETE_SECONDS
    if timeout <= grace:
        given = "customTimeouts.delete is" if given_seconds else "customTimeouts.delete, which is not set, defaults to"
        message = f"{grace} s, but {given} {timeout:.10g} s"
        yield Finding(DELETE_TIMEOUT, f"{pod.path}.terminationGracePeriodSeconds", message, "")


def _skip_await(obj: Object) -> Iterator[Finding]:
    metadata = obj.values.plain.get("metadata")
    if obj.kind != "Pod" or not isinstance(metadata, dict):
        return
    annotations = metadata.get("annotations")
    found: Any = annotations if isinstance(annotations, dict) else {}
    is_named = metadata.get("name") not in (None, UNKNOWN) and found.get("pulumi.com/autonamed") != "true"
    if is_named and found.get("pulumi.com/skipAwait") == "true":
        message = f"Pod {metadata['name']!r} has a fixed name, and Pulumi does not wait for its deletion"
        yield Finding(SKIP_AWAIT_NAMED, "metadata.annotations[pulumi.com/skipAwait]", message, "")
