"""Reports which hooks failed, and why. Kubernetes records it in an event; Pulumi reports it late, or not at all.

Pulumi's resource hooks run when it creates or deletes a Pod. They ask kubectl, if it is on PATH, for the kubelet's
events in the cluster of the Pod's provider.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any, Final
from weakref import WeakKeyDictionary

import pulumi

from .clusters import Cluster
from .reasons import Hooks

EVENTS: Final = {"FailedPostStartHook": "postStart", "FailedPreStopHook": "preStop"}
POLL_SECONDS: Final = 2
PATIENCE: Final = 5  # so often is looked for the reason of a failure, before it is told without one

_reports: "WeakKeyDictionary[object, _Report]" = WeakKeyDictionary()  # by the monitor, of which each program has one


def resource_hooks(
    cluster: Cluster, hooks: Hooks, urn: pulumi.Output[str] | None, *, of_deletion: bool
) -> pulumi.ResourceHookBinding:
    """The resource hooks of a Pod, the same for all of a program. The URN is that of a Pod which is not as most are:
    it lies in another provider's cluster, or its hooks may be secret.

    Those of a deletion are asked for by name, since `pulumi destroy` refuses them without `--run-program`.
    """
    monitor = pulumi.runtime.settings.get_monitor()
    report = _reports.get(monitor)
    if report is None:
        report = _reports[monitor] = _Report()
    if urn is not None:
        report.notes(urn, cluster, hooks)
    return report.all_of_them if of_deletion else report.of_creation


def was_created_here(urn: str) -> bool:
    """Whether this run has created that Pod, as far as it has hooks."""
    report = _reports.get(pulumi.runtime.settings.get_monitor())
    return report is not None and urn in report.created


class _Report:
    """What was noted of hooks since the program began, each thing once."""

    def __init__(self) -> None:
        self._since = datetime.now(timezone.utc).replace(microsecond=0)
        self._looks: Counter[tuple[str, str, str]] = Counter()  # how often a failure was seen: uid, container, reason
        self._said: set[tuple[str, str, str]] = set()
        self.created: set[str] = set()
        self._most = Cluster(), Hooks({})
        self._special: dict[str, tuple[Cluster, Hooks]] = {}  # by the Pod's URN, which is all that a hook knows of it
        self._creations: dict[str, tuple[asyncio.Event, asyncio.Task[None]]] = {}
        begins = pulumi.ResourceHook("lifecycle-demo:creation-begins", self._begins)
        ended = pulumi.ResourceHook("lifecycle-demo:creation-ended", self._ended)
        failed = pulumi.ErrorHook("lifecycle-demo:creation-failed", self._failed)
        deleted = pulumi.ResourceHook("lifecycle-demo:deleted", self._deleted)
        self.of_creation = pulumi.ResourceHookBinding(before_create=[begins], after_create=[ended], on_error=[failed])
        self.all_of_them = pulumi.ResourceHookBinding(
            before_create=[begins], after_create=[ended], on_error=[failed], after_delete=[deleted]
        )

    def notes(self, urn: pulumi.Output[str], cluster: Cluster, hooks: Hooks) -> None:
        """Known before the Pod is: its registration, too, waits for its parent's URN, and is then on its way."""
        urn.apply(lambda known: self._special.__setitem__(known, (cluster, hooks)))

    async def _begins(self, args: pulumi.ResourceHookArgs) -> None:
        done = asyncio.Event()
        self.created.add(args.urn)
        self._creations[args.urn] = done, asyncio.ensure_future(self._watch(args.urn, args.new_inputs, done))

    async def _ended(self, args: pulumi.ResourceHookArgs | pulumi.ErrorHookArgs) -> None:
        done, watch = self._creations.pop(args.urn, (None, None))
        if done and watch:
            done.set()
            await watch

    async def _failed(self, args: pulumi.ErrorHookArgs) -> bool:
        await self._ended(args)
        return False  # no second try

    async def _deleted(self, args: pulumi.ResourceHookArgs) -> None:
        await self._look(args.urn, args.old_inputs, is_last=True)

    async def _watch(self, urn: str, inputs: Any, done: asyncio.Event) -> None:
        is_last = False
        while not is_last:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(done.wait(), POLL_SECONDS)
            is_last = done.is_set()  # before the look: what ends during one is looked at once more
            await self._look(urn, inputs, is_last=is_last)

    async def _look(self, urn: str, inputs: Any, *, is_last: bool) -> None:
        try:
            await self._tell(*self._special.get(urn, self._most), inputs, is_last)
        except Exception as error:  # whatever it is, it must not be what a creation fails of
            pulumi.log.debug(f"whether a hook failed could not be looked up: {error!r}")

    async def _tell(self, cluster: Cluster, hooks: Hooks, inputs: Any, is_last: bool) -> None:
        metadata = inputs["metadata"]
        name, namespace = metadata["name"], metadata.get("namespace", "default")
        selector = f"involvedObject.kind=Pod,involvedObject.name={name}"
        events = await cluster.ask("get", "events", "--namespace", namespace, "--field-selector", selector)
        for event in _failures(events, self._since):
            container, reason = _container(event), event["reason"]
            key = event["involvedObject"].get("uid", ""), container, reason
            self._looks[key] += 1
            if key in self._said:
                continue
            why = ""
            if reason == "FailedPostStartHook":
                pod = await cluster.ask("get", f"pod/{name}", "--namespace", namespace, "--ignore-not-found")
                why = next(_waits_for(pod, container), "")
                if not why and not is_last and self._looks[key] < PATIENCE:
                    continue  # the status says it, but not while the container is tried again
            self._said.add(key)
            why = await hooks.shown(why or event.get("message", ""))
            pulumi.log.warn(f"Pod {namespace}/{name}: the {EVENTS[reason]} of {container} failed: {why}")


def _failures(events: Any, since: datetime) -> Iterator[Mapping[str, Any]]:
    for event in events.get("items", ()):
        last = event.get("lastTimestamp") or event.get("eventTime")
        if event.get("reason") in EVENTS and last and datetime.fromisoformat(last.replace("Z", "+00:00")) >= since:
            yield event


def _container(event: Mapping[str, Any]) -> str:
    """`c` of the field path `spec.containers{c}`."""
    path = event["involvedObject"].get("fieldPath", "")
    return f"container {path.partition('{')[2].rstrip('}')}" if "{" in path else "a container"


def _waits_for(pod: Any, container: str) -> Iterator[str]:
    """What the kubelet says in the Pod's status of a postStart: the command, its exit code and its output."""
    status = pod.get("status", {})
    for each in (*status.get("containerStatuses", ()), *status.get("initContainerStatuses", ())):
        waiting = each.get("state", {}).get("waiting", {})
        if f"container {each['name']}" == container and waiting.get("reason") == "PostStartHookError":
            yield waiting.get("message", "")
