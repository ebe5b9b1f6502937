"""Finds every error in the arguments: at once in known values, and in Outputs as soon as they are known."""

import asyncio
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import pulumi

from lifecycle_rules import UNKNOWN, check, hook_seconds

from . import shape, values
from .args import LifecycleDemoArgs
from .errors import LifecycleDemoError
from .hooks import page_post_start
from .inputs import Arrival, changed, is_at, known, plain
from .pod import Draft, completed, draft, in_kubernetes_words, present, renamed
from .shape import Fault

DEFAULT_GRACE_SECONDS: Final = 30  # Kubernetes' own default
_PAGE_POST_START: Final = in_kubernetes_words(renamed(page_post_start()))
SHUTDOWN_SECONDS: Final = 20  # what the processes have after the hooks, where nobody says otherwise


class _Judged(NamedTuple):
    """Arguments in which nothing is wrong, as far as they are known."""

    args: Mapping[str, Any]
    pod: Draft
    grace: Any
    """The grace period in seconds, or UNKNOWN."""
    starts: Sequence[object]
    """The postStart hooks, one of each container, in Kubernetes' own words."""


class CheckedPod:
    """The Pod of the arguments: right as far as they are known, and not created before the rest is right, too."""

    def __init__(self, resource: str, args: LifecycleDemoArgs, *, is_template: bool = False) -> None:
        """Raises LifecycleDemoError with all that is wrong."""
        self._resource = resource
        self._is_template = is_template
        outputs: list[pulumi.Output[Any]] = []
        given = plain(args, outputs)
        judged = self._judge(known(given) if outputs else given)
        self.args = judged.args
        self.writes_message = judged.starts[0] == _PAGE_POST_START
        self.post_start_seconds: float = sum(_seconds(judged.starts))
        self.grace_seconds: pulumi.Input[int] = judged.grace
        pod = judged.pod
        if outputs:
            pod, self.grace_seconds = self._when_right(given)
        self.metadata: Mapping[str, Any] = pod.metadata
        self.drafted: pulumi.Input[Mapping[str, Any]] = pod.spec
        """The spec without the grace period, unknown where something is wrong."""
        self.spec: pulumi.Input[Mapping[str, Any]] = self._with_grace(pod.spec)

    def _with_grace(self, spec: Any) -> Any:
        grace = {"terminationGracePeriodSeconds": self.grace_seconds}
        if not isinstance(spec, pulumi.Output):
            return {**spec, **grace}
        # It is unknown where something is wrong, and the Pod must wait for the grace period's error all the same.
        whole = spec.apply(lambda known: {**known, **grace})
        return pulumi.Output.from_input(self.grace_seconds).apply(lambda _: whole, run_with_unknowns=True)

    def _judge(self, given: Any, arrival: Arrival | None = None) -> _Judged:
        """Raises all that is wrong in plain data; of what touches a secret no word that could repeat it."""
        arrival = arrival or Arrival()
        misshapen = list(shape.faults(given, LifecycleDemoArgs, arrival.brought))
        if not all(isinstance(each, shape.Spare) for each in misshapen):  # then the rest cannot be read
            self._refuse(misshapen, arrival)
        args = completed(given)
        pod, faults = draft(self._resource, args, is_template=self._is_template)
        spec = in_kubernetes_words(pod.spec)
        containers = _containers(spec)
        stops = [_hook(each, "preStop") for each in containers]
        grace, late = _budget(spec.get("terminationGracePeriodSeconds"), present(args.get("shutdown_seconds")), stops)
        known = {"metadata": pod.metadata, "spec": {**spec, "terminationGracePeriodSeconds": grace}}
        faults += values.of_name(f"{self._resource}-00000000" if args.get("generate_name") else None, "generate_name")
        self._refuse([*faults, *misshapen, *_faults(pod, known, arrival), *late], arrival)
        return _Judged(args, pod, grace, [_hook(each, "postStart") for each in containers])

    def _refuse(self, faults: Sequence[Fault], arrival: Arrival) -> None:
        if faults:
            shown = [(shape.public(path, arrival.secret), wrong) for path, wrong in faults]
            raise LifecycleDemoError(self._resource, shown)

    def _when_right(self, given: Any) -> tuple[Draft, pulumi.Output[int]]:
        """The Pod of arguments that hold Outputs, and its grace period, which ends the program where one is wrong.

        No other value does: it stays unknown then, so that there is one message.
        """
        judged = asyncio.ensure_future(self._judged_in_time(given))

        async def is_right() -> bool:
            return not await asyncio.wait([judged]) or judged.exception() is None

        async def grace() -> Any:
            return await judged

        soon: Any = is_right()
        right = pulumi.Output.from_input(soon)
        unknown: Any = pulumi.Output.from_input(pulumi.UNKNOWN)
        screened = changed(given, lambda output: right.apply(lambda is_right: output if is_right else unknown))
        pod, _ = draft(self._resource, completed(screened), is_template=self._is_template)
        return pod, pulumi.Output.from_input(grace())

    async def _judged_in_time(self, given: Any) -> pulumi.Input[int]:
        """The grace period, when all that is known by then is right."""
        arrival = Arrival()
        judged = self._judge(await arrival.of(given), arrival)
        grace = judged.grace
        if grace is UNKNOWN:
            unknown: Any = pulumi.Output.from_input(pulumi.UNKNOWN)
            return unknown  # type: ignore[no-any-return]
        is_given = "terminationGracePeriodSeconds" in judged.pod.spec
        if is_given and _touches(judged.pod.argument("spec.terminationGracePeriodSeconds"), arrival.secret):
            return pulumi.Output.secret(grace)
        # What else it depends on is in the Pod; this argument is only in the grace period.
        shutdown = pulumi.Output.from_input(given.get("shutdown_seconds"))
        return pulumi.Output.unsecret(shutdown.apply(lambda _: grace))


def _faults(pod: Draft, known: Mapping[str, Any], arrival: Arrival) -> Iterator[Fault]:
    """What is wrong in a plain pod in Kubernetes' own words, each with its argument."""
    first = {pod.argument(path): wrong for path, wrong in reversed(list(values.faults(known)))}
    found = [(path, wrong, "is not what Kubernetes accepts there") for path, wrong in reversed(first.items())]
    for each in check("Pod", known, with_practice=False):  # which is advice
        mend = f"[{each.rule.id}]. {each.rule.fix}"
        found.append((pod.argument(each.path), f"{each.message} {mend}", f"{each.rule.title} {mend}"))
    for path, openly, secretly in found:
        is_secret = _touches(path, arrival.secret) or any(text in openly for text in arrival.texts)
        yield path, secretly if is_secret else openly


def _touches(path: str, hidden: Sequence[str]) -> bool:
    """Whether a secret is in the argument, or the argument in a secret."""
    return any(is_at(path, each) or is_at(each, path) for each in hidden)


def _budget(given: Any, shutdown: Any, stops: Sequence[object]) -> tuple[Any, list[Fault]]:
    """The grace period that is given, or the one that the hooks need, in seconds, and what leaves no time to end.

    It is UNKNOWN where it is not known.
    """
    longest = max(_seconds(stops), default=0)
    faults = []
    if isinstance(shutdown, int) and shutdown < 0:
        faults.append(("shutdown_seconds", "is negative; give 0 or more"))
    elif isinstance(shutdown, int) and isinstance(given, int) and longest + shutdown > given:
        what = "is more than termination_grace_period_seconds leaves after the longest pre_stop"
        faults.append(("shutdown_seconds", f"{what}; raise that, or give only one of the two"))
    if given is not None:
        return given, faults
    if shutdown is UNKNOWN or any(map(_has_unknown, stops)):
        return UNKNOWN, faults
    needed = math.ceil(longest) + (SHUTDOWN_SECONDS if shutdown is None else shutdown)
    return max(DEFAULT_GRACE_SECONDS, needed), faults


def _seconds(hooks: Sequence[object]) -> list[float]:
    """How long the hooks take at least, each for itself, of those that have an end."""
    return [seconds for seconds, _ in map(hook_seconds, hooks) if math.isfinite(seconds)]


def _containers(spec: Mapping[str, Any]) -> list[Any]:
    """All of the Pod's, a mapping each; UNKNOWN for one, or a list of them, that is not known."""
    lists = [spec.get(field, []) for field in ("containers", "initContainers")]
    found = [each for some in lists for each in (some if isinstance(some, list) else [some])]
    return [each for each in found if each is UNKNOWN or isinstance(each, dict)]


def _hook(container: Any, event: str) -> object:
    lifecycle = UNKNOWN if container is UNKNOWN else container.get("lifecycle")
    if lifecycle is UNKNOWN:
        return UNKNOWN
    return lifecycle.get(event) if isinstance(lifecycle, dict) else None


def _has_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_unknown, value.values()))
    return any(map(_has_unknown, value)) if isinstance(value, list) else value is UNKNOWN
