"""Brings to light which hooks failed, and why: Kubernetes notes it, and Pulumi says so late, or not at all.

Pulumi's resource hooks tell when a Pod is being created or deleted; then kubectl, where there is one on PATH, is asked
what the kubelet has noted. Only the default provider's cluster is asked: the settings of another cannot be read.
"""

import asyncio
import contextlib
import json
import os
import shutil
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any, Final
from weakref import WeakKeyDictionary

import pulumi

EVENTS: Final = {"FailedPostStartHook": "postStart", "FailedPreStopHook": "preStop"}
POLL_SECONDS: Final = 2
PATIENCE: Final = 5  # so often is looked for the reason of a failure, before it is told without one
KUBECTL_SECONDS: Final = "5s"

_reports: "WeakKeyDictionary[object, _Report]" = WeakKeyDictionary()  # by the monitor, of which each program has one


def resource_hooks(*, of_deletion: bool) -> pulumi.ResourceHookBinding:
    """The resource hooks of a Pod, the same for all of a program.

    Those of a deletion are asked for by name, since `pulumi destroy` refuses them without `--run-program`.
    """
    monitor = pulumi.runtime.settings.get_monitor()
    report = _reports.get(monitor)
    if report is None:
        report = _reports[monitor] = _Report()
    return report.all_of_them if of_deletion else report.of_creation


class _Report:
    """What was noted of hooks since the program began, each thing once."""

    def __init__(self) -> None:
        self._since = datetime.now(timezone.utc).replace(microsecond=0)
        self._looks: Counter[tuple[str, str, str]] = Counter()  # how often a failure was seen: uid, container, reason
        self._said: set[tuple[str, str, str]] = set()
        self._creations: dict[str, tuple[asyncio.Event, asyncio.Task[None]]] = {}
        begins = pulumi.ResourceHook("lifecycle-demo:creation-begins", self._begins)
        ended = pulumi.ResourceHook("lifecycle-demo:creation-ended", self._ended)
        failed = pulumi.ErrorHook("lifecycle-demo:creation-failed", self._failed)
        deleted = pulumi.ResourceHook("lifecycle-demo:deleted", self._deleted)
        self.of_creation = pulumi.ResourceHookBinding(before_create=[begins], after_create=[ended], on_error=[failed])
        self.all_of_them = pulumi.ResourceHookBinding(
            before_create=[begins], after_create=[ended], on_error=[failed], after_delete=[deleted]
        )

    async def _begins(self, args: pulumi.ResourceHookArgs) -> None:
        done = asyncio.Event()
        self._creations[args.urn] = done, asyncio.ensure_future(self._watch(args.new_inputs, done))

    async def _ended(self, args: pulumi.ResourceHookArgs | pulumi.ErrorHookArgs) -> None:
        done, watch = self._creations.pop(args.urn, (None, None))
        if done and watch:
            done.set()
            await watch

    async def _failed(self, args: pulumi.ErrorHookArgs) -> bool:
        await self._ended(args)
        return False  # no second try

    async def _deleted(self, args: pulumi.ResourceHookArgs) -> None:
        await self._look(args.old_inputs, is_last=True)

    async def _watch(self, inputs: Any, done: asyncio.Event) -> None:
        is_last = False
        while not is_last:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(done.wait(), POLL_SECONDS)
            is_last = done.is_set()  # before the look: what ends during one is looked at once more
            await self._look(inputs, is_last=is_last)

    async def _look(self, inputs: Any, *, is_last: bool) -> None:
        try:
            await self._tell(inputs, is_last)
        except Exception as error:  # whatever it is, it must not be what a creation fails of
            pulumi.log.debug(f"whether a hook failed could not be looked up: {error!r}")

    async def _tell(self, inputs: Any, is_last: bool) -> None:
        metadata = inputs["metadata"]
        name, namespace = metadata["name"], metadata.get("namespace", "default")
        selector = f"involvedObject.kind=Pod,involvedObject.name={name}"
        events = await _kubectl("get", "events", "--namespace", namespace, "--field-selector", selector)
        for event in _failures(events, self._since):
            container, reason = _container(event), event["reason"]
            key = event["involvedObject"].get("uid", ""), container, reason
            self._looks[key] += 1
            if key in self._said:
                continue
            why = ""
            if reason == "FailedPostStartHook":
                pod = await _kubectl("get", "pod", name, "--namespace", namespace, "--ignore-not-found")
                why = next(_waits_for(pod, container), "")
                if not why and not is_last and self._looks[key] < PATIENCE:
                    continue  # the status says it, but not while the container is tried again
            self._said.add(key)
            why = why or event.get("message", "")
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


async def _kubectl(*words: str) -> Any:
    """What kubectl says as JSON; nothing where there is no kubectl, or no answer."""
    program = shutil.which("kubectl")
    if program is None:
        pulumi.log.debug("no kubectl on PATH: whether a hook failed is not looked up")
        return {}
    options = ["--output", "json", "--request-timeout", KUBECTL_SECONDS]
    config = pulumi.Config("kubernetes")
    context, given = config.get("context"), config.get("kubeconfig")
    if context:
        options += ["--context", context]
    with tempfile.TemporaryDirectory(prefix="lifecycle-demo-") as folder:
        if given and not os.path.exists(given):  # the kubeconfig itself, and not its path
            path = os.path.join(folder, "kubeconfig")
            with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(given)
            given = path
        if given:
            options += ["--kubeconfig", given]
        process = await asyncio.create_subprocess_exec(
            *(program, *words, *options), stdin=DEVNULL, stdout=PIPE, stderr=PIPE
        )
        out, error = await process.communicate()
    if process.returncode != 0:
        pulumi.log.debug(f"kubectl {' '.join(words)}: {error.decode(errors='replace').strip()}")
        return {}
    try:
        return json.loads(out or "{}")
    except ValueError:
        return {}
