"""Stops waiting for a Pod whose postStart fails again and again.

Nothing in Pulumi can end a wait from outside: the provider waits until its condition holds or its time is up. An error
hook could retry a failed create, but the provider would find the Pod already there, and Pulumi would lose it. So the
condition holds for a Pod that is Ready and for a Pod whose postStart failed for the third time, and the program then
checks which of the two it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as k8s

from .clusters import Cluster
from .failures import was_created_here
from .hooks import page_post_start
from .reasons import Hooks

FAILURES: Final = 3
# What the provider waits for, at the top so that it selects something where the filter holds. A single `=` would be
# read as the end of the path, so there is no `>=`.
_WAIT_FOR: Final = "pulumi.com/waitFor"
CONDITION: Final = (
    'jsonpath={$[?$.status.conditions[?@.type=="Ready"&&@.status=="True"]'
    f'||$.status.*[?@.restartCount>{FAILURES - 2}&&@.state.waiting.reason=="PostStartHookError"]]}}'
)
# With one of these the caller has said how long Pulumi waits, and for what.
_OWN: Final = (_WAIT_FOR, "pulumi.com/skipAwait", "pulumi.com/timeoutSeconds")
_PAGE: Final[Mapping[str, Any]] = {**page_post_start()}


@dataclass(frozen=True)
class Named:
    """A Pod that started; no mapping and no tuple, which Pulumi would copy."""

    name: str
    namespace: str
    uid: str


@dataclass(frozen=True)
class _Broken:
    container: str
    times: int
    why: str


def awaited(metadata: Mapping[str, Any], spec: Any) -> Mapping[str, Any] | None:
    """The metadata of a Pod that is awaited so; None where the caller has said how, or no postStart may fail.

    Where it depends on an Output which of these holds, the annotations come when that is known.
    """
    annotations = metadata.get("annotations", {})
    may_break = spec.apply(_may_break) if isinstance(spec, pulumi.Output) else _may_break(spec)
    if may_break is False or (isinstance(annotations, Mapping) and any(key in annotations for key in _OWN)):
        return None
    is_later = isinstance(annotations, pulumi.Output)
    with_condition = annotations.apply(_with_condition) if is_later else _with_condition(annotations)
    if isinstance(may_break, pulumi.Output):  # which is no secret, if the spec is one
        given, changed = annotations, with_condition
        with_condition = pulumi.Output.unsecret(may_break).apply(lambda may: changed if may else given)
    return {**metadata, "annotations": with_condition}


def started(
    pod: k8s.core.v1.Pod, cluster: Cluster | None, hooks: Hooks, *, has_delete_hooks: bool
) -> pulumi.Output[Named]:
    """The Pod's names. RunError where its postStart failed again and again, now or in an earlier update.

    A Pod that has delete hooks is deleted only where the program runs to its end: there the latter is a warning.
    """

    async def judge(parts: Sequence[Any]) -> Named:
        urn, names, broken = parts
        named: Named = names
        for each in broken:
            now = await _now(named, cluster)
            if _is_ready(now):
                continue
            newest = _since_then(each, now)
            message = _message(named, newest, await hooks.shown(newest.why))
            if not has_delete_hooks or was_created_here(urn):
                raise pulumi.RunError(message)
            pulumi.log.warn(message)
        return named

    broken = pod.status.apply(lambda status: list(_broken(status)))
    return pulumi.Output.all(pod.urn, pod.metadata.apply(_named), broken).apply(judge)


def _named(metadata: Any) -> Named:
    return Named(metadata.name or "", metadata.namespace or "default", metadata.uid or "")


def _with_condition(annotations: Mapping[str, Any]) -> Mapping[str, Any]:
    is_callers = any(key in annotations for key in _OWN)
    return annotations if is_callers else {**annotations, _WAIT_FOR: CONDITION}


def _may_break(spec: Mapping[str, Any]) -> bool:
    """Whether a postStart may fail three times: without a restart there is no third failure."""
    return spec.get("restartPolicy", "Always") == "Always" and any(_post_starts(spec))


def _post_starts(spec: Mapping[str, Any]) -> Iterator[bool]:
    """Whether each postStart may fail: the page's is known to work, and the page's Pod stays as it is."""
    for field in ("containers", "initContainers"):
        containers = spec.get(field)
        for each in containers if isinstance(containers, list) else [containers]:
            lifecycle = each.get("lifecycle") if isinstance(each, Mapping) else each
            for key, hook in lifecycle.items() if isinstance(lifecycle, Mapping) else ():
                # What passes through is still as the caller wrote it.
                yield key in ("postStart", "post_start") and hook is not None and hook != _PAGE
            yield isinstance(lifecycle, pulumi.Output)  # nobody knows yet


def _broken(status: Any) -> Iterator[_Broken]:
    """Which containers' postStart had failed that often when the wait ended."""
    for each in (*(status.container_statuses or ()), *(status.init_container_statuses or ())) if status else ():
        waiting = each.state.waiting if each.state else None
        if waiting and waiting.reason == "PostStartHookError" and each.restart_count >= FAILURES - 1:
            yield _Broken(each.name, each.restart_count + 1, waiting.message or "")


async def _now(pod: Named, cluster: Cluster | None) -> Any:
    """The Pod's status as it is: the one that Pulumi knows may be of an earlier update."""
    if cluster is None:
        return {}
    live = await cluster.ask("get", f"pod/{pod.name}", "--namespace", pod.namespace, "--ignore-not-found")
    return live.get("status", {}) if live.get("metadata", {}).get("uid") == pod.uid else {}


def _is_ready(status: Any) -> bool:
    return any(each["type"] == "Ready" and each["status"] == "True" for each in status.get("conditions", ()))


def _since_then(broken: _Broken, status: Any) -> _Broken:
    for each in (*status.get("containerStatuses", ()), *status.get("initContainerStatuses", ())):
        if each["name"] == broken.container:
            waiting = each.get("state", {}).get("waiting", {})
            why = waiting.get("message") if waiting.get("reason") == "PostStartHookError" else None
            return _Broken(broken.container, each["restartCount"] + 1, why or broken.why)
    return broken


def _message(pod: Named, broken: _Broken, why: str) -> str:
    return (
        f"Pod {pod.namespace}/{pod.name}: the postStart of container {broken.container} failed {broken.times} times, "
        "so Pulumi stops waiting. To replace the Pod, change the hook and run `pulumi up`. To wait for its next start, "
        f"run `pulumi up --refresh`. The last failure: {why}"
    )
