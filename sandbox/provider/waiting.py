"""Waits until an object is ready, or gone, and tells what Kubernetes says meanwhile."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.provider.cluster import ApiError, Cluster, NoSuchKind, Unreachable
from sandbox.provider.engine_log import EngineLog
from sandbox.provider.naming import annotated, annotation, object_id
from sandbox.provider.readiness import (
    DONE,
    READY,
    SKIPS_DELETE,
    Related,
    State,
    conditions_met,
    container_problems,
    group_kind,
)

DEFAULT_SECONDS: Final = 600.0
_FAST_SECONDS: Final = 0.25  # between two looks, during the first `_FAST_FOR_SECONDS`
_SLOW_SECONDS: Final = 1.0
_FAST_FOR_SECONDS: Final = 15.0
_EVENTS_SECONDS: Final = 1.0
_LATE_EVENT_SECONDS: Final = 0.5  # the kubelet posts events beside its work, so one may come after the end

# Events that say that something went wrong for good or will go wrong again. Other warnings (a probe that
# fails while a server starts, a Pod that has no node yet) pass by as status, and are kept if the wait fails.
_LASTING: Final = frozenset(
    """BackOff ErrImageNeverPull ErrImagePull Failed FailedCreate FailedCreatePodSandBox FailedKillPod
    FailedPostStartHook FailedPreStopHook FailedSync ImagePullBackOff InspectFailed InvalidImageName
    ExceededGracePeriod OOMKilling Evicted""".split()  # noqa: SIM905
)
_ECHOES: Final = ("Error: ErrImagePull", "Error: ImagePullBackOff")  # the event before them says why
_OWNERS: Final = frozenset(
    {
        ("apps", "Deployment"),
        ("apps", "StatefulSet"),
        ("apps", "DaemonSet"),
        ("apps", "ReplicaSet"),
        ("batch", "Job"),
        ("", "ReplicationController"),
    }
)


class NotDone(Exception):
    """A wait that ended without what it waited for. `last` is the object as it was last seen."""

    def __init__(self, message: str, reasons: list[str], last: dict[str, Any]) -> None:
        super().__init__(message)
        self.reasons = reasons
        self.last = last


def timeout_seconds(custom: float, inputs: Mapping[str, Any]) -> float:
    """`customTimeouts`, else the annotation, else ten minutes."""
    if custom:
        return custom
    text = annotation(inputs, "pulumi.com/timeoutSeconds")
    return float(text) if text.isdigit() and int(text) else DEFAULT_SECONDS


@dataclass
class Family:
    """An object and what it made: their warnings, each told once."""

    cluster: Cluster
    log: EngineLog
    urn: str
    obj: Mapping[str, Any]
    members: dict[str, str] = field(default_factory=dict)  # uid -> how to call it
    told: dict[tuple[str, str, str], int] = field(default_factory=dict)  # what an event says -> how often
    warnings: list[str] = field(default_factory=list)
    pods: list[dict[str, Any]] = field(default_factory=list)
    seen: dict[str, None] = field(default_factory=dict)  # what containers said, in the order they said it
    looked: float = 0.0

    def __post_init__(self) -> None:
        self.members[self.obj["metadata"]["uid"]] = ""
        self.eventful = group_kind(self.obj) in READY or group_kind(self.obj) in _OWNERS

    def forget_the_past(self) -> None:
        """Events older than this operation are not its news."""
        if self.eventful:
            self.grow()
            for event in self._events():
                self.told[_gist(event)] = _count(event)

    def listen(self, *, now: bool = False) -> None:
        if not self.eventful or (not now and time.monotonic() - self.looked < _EVENTS_SECONDS):
            return
        self.looked = time.monotonic()
        self.grow()
        for event in self._events():
            gist, count = _gist(event), _count(event)
            before = self.told.get(gist, 0)
            if count <= before:
                continue
            self.told[gist] = count
            name = self.members[event["involvedObject"]["uid"]]
            text = f"{name}{event.get('reason')}: {str(event.get('message', '')).strip()}"
            if text not in self.warnings:
                self.warnings.append(text)
            if before == 0 and event.get("reason") in _LASTING:
                self.log.warning(self.urn, text)
            else:
                self.log.status(self.urn, text)

    def grow(self) -> None:
        """Looks for the Pods of a workload."""
        kind = group_kind(self.obj)
        if kind == ("", "Pod"):
            return
        if kind not in _OWNERS:
            return
        namespace = self.obj["metadata"].get("namespace", "")
        try:
            if kind == ("apps", "Deployment"):
                self._adopt(self.cluster.objects("apps/v1", "ReplicaSet", namespace), "ReplicaSet")
            self.pods = self._adopt(self.cluster.objects("v1", "Pod", namespace), "Pod")
        except (ApiError, Unreachable):
            return

    def look_at(self, live: Mapping[str, Any]) -> None:
        """Keeps what containers say, because the kubelet does not.

        Its message on a failed postStart hook, the only one with the hook's command, exit code and output,
        gives way to `CrashLoopBackOff` when the container is started again.
        """
        pods = [("", live)] if live["kind"] == "Pod" else [(f"Pod {p['metadata']['name']}: ", p) for p in self.pods]
        for name, pod in pods:
            for problem in container_problems(pod):
                text = name + problem
                if text not in self.seen:
                    self.seen[text] = None
                    if "[PostStartHookError]" in text:
                        self.log.warning(self.urn, text)

    def _adopt(self, objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
        ours = []
        for obj in objects:
            metadata = obj["metadata"]
            if any(owner["uid"] in self.members for owner in metadata.get("ownerReferences") or []):
                self.members[metadata["uid"]] = f"{kind} {metadata['name']}: "
                ours.append(obj)
        return ours

    def _events(self) -> list[dict[str, Any]]:
        try:
            events = self.cluster.warning_events(self.obj["metadata"].get("namespace", ""))
        except (ApiError, Unreachable):
            return []  # who may not read events still gets to know the outcome
        return [
            e
            for e in events
            if e.get("involvedObject", {}).get("uid") in self.members and e.get("message") not in _ECHOES
        ]


def until_ready(
    cluster: Cluster,
    log: EngineLog,
    urn: str,
    obj: dict[str, Any],
    inputs: Mapping[str, Any],
    seconds: float,
    cancelled: threading.Event,
    updating: bool = False,
) -> dict[str, Any]:
    """The object once it is ready; `NotDone` if it does not get there."""
    if annotated(inputs, "pulumi.com/skipAwait"):
        return obj
    judge = judgement(cluster, inputs, obj, updating)
    if judge is None:
        return obj
    family = Family(cluster, log, urn, obj)
    if updating:
        family.forget_the_past()
    started = time.monotonic()
    live, said = obj, ""
    while True:
        try:
            live = cluster.get(obj)
        except ApiError as error:
            if error.not_found:
                raise NotDone("it was deleted while it was waited for", [], live) from None
            raise NotDone(str(error), [], live) from None
        except Unreachable as error:
            log.status(urn, str(error))  # an API server may restart; the timeout decides
        if live["metadata"]["uid"] != obj["metadata"]["uid"]:
            raise NotDone("it was deleted and made anew by someone else while it was waited for", [], live)
        state = judge(live)
        family.listen(now=state.failed)
        family.look_at(live)
        if state.done:
            log.status(urn, "")
            return live
        if state.waiting_for and state.waiting_for != said:
            said = state.waiting_for
            log.status(urn, said if state.failed else f"waiting for {said}")
        elapsed = time.monotonic() - started
        if state.failed or elapsed > seconds or cancelled.is_set():
            family.listen(now=True)
            family.look_at(live)
            reasons = _unique([*family.seen, *state.problems, *family.warnings])
            if state.failed:
                raise NotDone(state.waiting_for, reasons, live)
            how = "cancelled" if cancelled.is_set() else f"timed out after {seconds:g} s"
            raise NotDone(f"{how}, waiting for {state.waiting_for}", reasons, live)
        cancelled.wait(min(_pause(elapsed), max(seconds - elapsed, 0.01)))


def judgement(
    cluster: Cluster, inputs: Mapping[str, Any], obj: Mapping[str, Any], updating: bool
) -> Callable[[Mapping[str, Any]], State] | None:
    """How readiness of this object is told, or nothing if there is nothing to wait for."""
    wait_for = annotation(inputs, "pulumi.com/waitFor")
    if wait_for:
        conditions_met(obj, wait_for)  # one that is not understood fails now, not after ten minutes
        return lambda live: conditions_met(live, wait_for)
    kind = group_kind(obj)
    ready = READY.get(kind)
    if ready is None:
        return None
    return lambda live: ready(live, _related(cluster, kind, live, updating))


def until_gone(
    cluster: Cluster,
    log: EngineLog,
    urn: str,
    obj: dict[str, Any],
    inputs: Mapping[str, Any],
    seconds: float,
    cancelled: threading.Event,
) -> None:
    """Deletes, and returns when the object is gone: for a Pod after its preStop hooks and its grace period.

    A preStop hook that fails does not keep a Pod from going, and leaves nothing but an event; so the
    events are told as warnings.
    """
    try:
        live = cluster.get(obj)
    except (NoSuchKind, ApiError) as error:
        if isinstance(error, ApiError) and not error.not_found:
            raise
        return
    family = Family(cluster, log, urn, live)
    family.forget_the_past()
    policy = annotation(inputs, "pulumi.com/deletionPropagationPolicy").capitalize()
    try:
        cluster.delete(obj, propagation=policy if policy in ("Orphan", "Background") else "Foreground")
    except ApiError as error:
        if error.not_found:
            return
        raise
    if annotated(inputs, "pulumi.com/skipAwait") and group_kind(obj) in SKIPS_DELETE:
        return
    started = time.monotonic()
    uid = live["metadata"]["uid"]
    grace = live.get("spec", {}).get("terminationGracePeriodSeconds") if live["kind"] == "Pod" else None
    log.status(urn, "waiting for it to end" + (f" (grace period {grace} s)" if grace is not None else ""))
    while True:
        try:
            live = cluster.get(obj)
            gone = live["metadata"]["uid"] != uid
        except ApiError as error:
            if not error.not_found:
                raise
            gone = True
        except NoSuchKind:
            gone = True
        family.listen(now=gone)
        if gone:
            if _has_pre_stop(family.obj):
                time.sleep(_LATE_EVENT_SECONDS)
                family.listen(now=True)
            log.status(urn, "")
            return
        elapsed = time.monotonic() - started
        if elapsed > seconds or cancelled.is_set():
            how = "cancelled" if cancelled.is_set() else f"timed out after {seconds:g} s"
            finalizers = live["metadata"].get("finalizers") or []
            reasons = [f"held by finalizer {name}" for name in finalizers]
            if grace is not None and grace >= seconds:
                reasons.append(
                    f"its grace period of {grace} s is no shorter than the delete timeout; "
                    f"set `customTimeouts.delete` to more than {grace} s"
                )
            raise NotDone(f"{how}, waiting for {object_id(live)} to be gone", [*reasons, *family.warnings], live)
        cancelled.wait(_pause(elapsed))


def _related(cluster: Cluster, kind: tuple[str, str], obj: Mapping[str, Any], updating: bool) -> Related:
    metadata = obj["metadata"]
    namespace = metadata.get("namespace", "")
    try:
        if kind == ("", "Service") and obj.get("spec", {}).get("selector"):
            label = f"kubernetes.io/service-name={metadata['name']}"
            slices = cluster.objects("discovery.k8s.io/v1", "EndpointSlice", namespace, labelSelector=label)
            return Related(endpoints=slices, updating=updating)
        if kind == ("", "PersistentVolumeClaim"):
            name = obj.get("spec", {}).get("storageClassName")
            if name:
                meta = {"metadata": {"name": name}, "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass"}
                return Related(binding_mode=cluster.get(meta).get("volumeBindingMode", ""), updating=updating)
    except (ApiError, NoSuchKind, Unreachable):
        pass
    return Related(updating=updating)


def point_in_time(cluster: Cluster, inputs: Mapping[str, Any], obj: dict[str, Any]) -> State:
    """Whether the object is ready now; for `refresh` and `.get()`, which do not wait."""
    if annotated(inputs, "pulumi.com/skipAwait"):
        return DONE
    judge = judgement(cluster, inputs, obj, updating=True)
    return judge(obj) if judge else DONE


def _has_pre_stop(obj: Mapping[str, Any]) -> bool:
    spec = obj.get("spec", {})
    pod = spec.get("template", {}).get("spec", {}) if "template" in spec else spec
    containers = pod.get("containers") or [] if isinstance(pod, dict) else []
    return any(c.get("lifecycle", {}).get("preStop") for c in containers)


def _gist(event: Mapping[str, Any]) -> tuple[str, str, str]:
    involved = event["involvedObject"]
    return involved.get("uid", ""), event.get("reason", ""), f"{involved.get('fieldPath', '')} {event.get('message')}"


def _count(event: Mapping[str, Any]) -> int:
    return int(event.get("count") or (event.get("series") or {}).get("count") or 1)


def _pause(elapsed: float) -> float:
    return _FAST_SECONDS if elapsed < _FAST_FOR_SECONDS else _SLOW_SECONDS


def _unique(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(texts))
