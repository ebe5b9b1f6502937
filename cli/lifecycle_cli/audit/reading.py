"""Reads a cluster into Workloads, page by page; what may not be read is noted, and the rest is read all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..cluster.access import Cluster
from ..cluster.errors import ForbiddenError, Need
from ..cluster.selectors import selected
from ..cluster.targets import Target
from .workloads import HOOK_FAILURES, Workloads

_LISTED: Final = ("Deployment", "StatefulSet", "DaemonSet", "ReplicationController", "CronJob")
_BETWEEN: Final[Mapping[str, str]] = {"ReplicaSet": "Deployment", "Job": "CronJob"}  # and what may own them


@dataclass
class Read:
    """What came of it."""

    workloads: Workloads
    missing: list[Need] = field(default_factory=list)
    """What may not be seen."""
    unseen: set[str] = field(default_factory=set)
    """The same, by kind."""


class Reader:
    """Of one namespace, or of all."""

    def __init__(self, cluster: Cluster, workloads: Workloads, namespace: str | None, tell: Callable[[str], object]):
        self._cluster = cluster
        self._namespace = namespace
        self._tell = tell
        self.read = Read(workloads)

    def everything(self, kinds: Sequence[str], selector: str | None) -> None:
        """All workloads of some kinds, or of all where none is named; with labels, if they are asked for."""
        workloads = self.read.workloads
        is_all = not kinds
        for kind in _LISTED:
            if is_all or kind in kinds:
                for obj in self._list(kind, label_selector=selector):
                    workloads.add(kind, obj)
        for kind, owner in _BETWEEN.items():
            if is_all or kind in kinds or owner in kinds:
                self._between(kind, selector, makes=is_all or kind in kinds)
        self._surroundings()
        if "Pod" in kinds:
            for obj in self._list("Pod", label_selector=selector):
                workloads.add("Pod", obj)
                workloads.add_pod(obj)
        elif is_all:
            for obj in self._list("Pod", label_selector=selector):
                workloads.add_pod(obj)
        if (kinds and set(kinds) != {"Pod"}) or selector:  # those of the workloads that were found
            for obj in self._list("Pod"):
                workloads.add_pod(obj, makes=False)
        self._events(is_all=is_all and not selector)
        workloads.finish(frozenset(self.read.unseen))

    def named(self, targets: Sequence[Target]) -> None:
        """Only these. Raises NotFoundError."""
        assert self._namespace is not None
        workloads = self.read.workloads
        pods: list[str | None] = []
        for each in targets:
            try:
                obj = self._cluster.get(each.kind, each.name, self._namespace)
            except ForbiddenError as error:
                self.read.missing.append(error.need)
                continue
            workloads.add(each.kind, obj)
            pods.append(None if each.kind in ("CronJob", "Pod") else selected(obj))
        for each in targets:
            if each.kind == "Deployment":
                self._between("ReplicaSet", None, makes=False)
                break
        if any(each.kind == "CronJob" for each in targets):
            self._between("Job", None, makes=False)
        self._surroundings()
        for selector in dict.fromkeys(pods):
            for obj in self._list("Pod", label_selector=selector):
                workloads.add_pod(obj, makes=False)
        self._events(is_all=False)
        workloads.finish(frozenset(self.read.unseen))

    def _between(self, kind: str, selector: str | None, *, makes: bool) -> None:
        """The owner of each; those that have none are workloads. Of ReplicaSets there are many, so no more is asked."""
        workloads = self.read.workloads
        alone = []
        for obj in self._list(kind, only_metadata=True):
            if not workloads.add_link(kind, obj) and makes:
                alone.append(obj["metadata"])
        if alone and selector is None and len(alone) < _FEW:
            for each in alone:
                workloads.add(kind, self._cluster.get(kind, each["name"], each["namespace"]))
        elif alone:
            for obj in self._list(kind, label_selector=selector):
                if not workloads.add_link(kind, obj):
                    workloads.add(kind, obj)

    def _surroundings(self) -> None:
        for obj in self._list("Service"):
            self.read.workloads.add_service(obj)
        for obj in self._list("EndpointSlice"):
            self.read.workloads.add_slice(obj)

    def _events(self, *, is_all: bool) -> None:
        for reason in HOOK_FAILURES:
            for obj in self._list("Event", field_selector=f"reason={reason}"):
                self.read.workloads.add_event(obj)
        if not is_all:  # they may be of workloads that were not asked for
            self.read.workloads.unknown.clear()

    def _list(self, kind: str, **options: Any) -> Iterator[dict[str, Any]]:
        count = 0
        try:
            for obj in self._cluster.list(kind, self._namespace, **options):
                count += 1
                self._tell(f"{kind} {count}")
                yield obj
        except ForbiddenError as error:
            self.read.unseen.add(kind)
            if error.need not in self.read.missing:
                self.read.missing.append(error.need)


_FEW: Final = 20  # objects that are asked for one by one, rather than all of their kind
