"""A cluster's workloads, of plain objects that come one after the other: of each no more is kept than its rows need.

Workloads first, then what belongs to them: ReplicaSets and Jobs of others, Services, EndpointSlices, Pods, events.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from lifecycle_rules import Container, PodSpec, Role, containers, pod_specs
from lifecycle_rules.model import items

from ..cluster.targets import shown
from .ending import Stop, ending
from .figures import Hook, grace_of, hook_of, readiness_of, serves

STATIC: Final = "static"
HOOK_FAILURES: Final = ("FailedPostStartHook", "FailedPreStopHook")
_SERVICE: Final = "kubernetes.io/service-name"
# How controllers name their Pods (apimachinery's util/rand has these letters), and what of it is the owner's name.
_RANDOM: Final = "[bcdfghjklmnpqrstvwxz2456789]"
_OWNERS_BY_NAME: Final = (
    (re.compile(f"(.+)-{_RANDOM}{{5}}"), ("ReplicaSet", "Job", "DaemonSet", "ReplicationController")),
    (re.compile(r"(.+)-\d+", re.ASCII), ("StatefulSet",)),
    (re.compile(rf"(.+)-\d+-{_RANDOM}{{5}}", re.ASCII), ("Job", "CronJob")),
    (re.compile(f"(.+)-{_RANDOM}{{6,10}}-{_RANDOM}{{5}}"), ("Deployment",)),
)

Object = Mapping[str, Any]


class Finding(NamedTuple):
    """What is wrong with a workload."""

    rule: str
    level: str
    path: str
    what: str
    fix: str
    container: str
    """Empty where it is the Pod as a whole."""


class Failures(NamedTuple):
    """Events of a hook that failed."""

    times: int
    last: str
    """When, as Kubernetes writes it; empty where it does not say."""


class Endpoints(NamedTuple):
    """A Service, as far as it has to do with a workload."""

    ready: int
    of: int
    publishes_unready: bool


@dataclass
class Row:
    """One container of a workload."""

    name: str
    role: Role
    path: str
    """In the object; of one that was put into the Pods when they were made, in the Pod."""
    post_start: Hook | None
    pre_stop: Hook | None
    stop: Stop | None
    """None of an init container, which has ended when the others run."""
    readiness: str
    serves: bool
    injected: bool = False
    """Whether the Pods have it and the workload's template has not."""
    restarts: int = 0
    failures: dict[str, Failures] = field(default_factory=dict)


@dataclass
class Workload:
    """What has Pods, or a Pod that nothing has."""

    kind: str
    namespace: str
    name: str
    path: str
    """Of the pod spec."""
    grace: int
    rows: dict[str, Row]
    labels: Mapping[str, Any]
    """Of its Pods."""
    findings: list[Finding] = field(default_factory=list)
    exempted: int = 0
    owner: str = ""
    """What the Pods name, where no such object was listed: `Rollout/api`."""
    state: str = ""
    """Of a Pod whose deletion ends no container: `ended`, `unscheduled` or `static`."""
    pods: int = 0
    ready: int = 0
    services: dict[str, Endpoints] = field(default_factory=dict)
    pod: PodSpec | None = None
    """Kept only if the output tells the whole story."""
    unseen: frozenset[str] = frozenset()
    """Kinds of objects that could not be read, so that what they would tell is not known."""

    @property
    def has_unseen_pods(self) -> bool:
        """Whether it may have Pods that could not be read, or not be known for its own."""
        return "Pod" in self.unseen or (self.kind == "CronJob" and "Job" in self.unseen)

    @property
    def shown(self) -> str:
        return shown(self.kind, self.name)


Judge = Callable[[str, Object], tuple[list[Finding], int]]
"""Kind and object to findings, and how many were exempt; (`[]`, 0) of what is excluded."""
_Key = tuple[str, str, str]  # namespace, kind, name


class Workloads:
    """Takes the objects of a cluster, of which each has its kind."""

    def __init__(self, judge: Judge, *, keeps_specs: bool = False) -> None:
        self._judge = judge
        self._keeps_specs = keeps_specs
        self._found: dict[_Key, Workload] = {}
        self._owners: dict[_Key, _Key] = {}  # of what stands between a Pod and its workload
        self._of_pod: dict[tuple[str, str], Workload] = {}
        # by a namespace and one of the labels that are selected
        self._services: dict[tuple[str, str, Any], list[tuple[str, Mapping[str, Any], bool]]] = {}
        self._endpoints: dict[tuple[str, str], list[tuple[str, bool]]] = {}
        self.unknown: Counter[str] = Counter()
        """Failures by reason, of Pods that belong to nothing that is still there."""

    def __iter__(self) -> Iterator[Workload]:
        return iter(self._found.values())

    def __len__(self) -> int:
        return len(self._found)

    def add_link(self, kind: str, obj: Object) -> bool:
        """A ReplicaSet or Job of another workload; False if it has no owner, and is one by itself."""
        owner = _owner(obj)
        if owner is None:
            return False
        self._owners[_key(kind, obj)] = (_namespace(obj), owner[0], owner[1])
        return True

    def add(self, kind: str, obj: Object) -> Workload | None:
        """A workload; None of what has no pod template."""
        pod = next(pod_specs(kind, obj), None)
        if pod is None:
            return None
        template = _template(kind, obj, pod)
        found = self._new(kind, _namespace(obj), _name(obj), pod, _labels(template))
        found.findings, found.exempted = self._judge(kind, obj)
        found.state = _state(obj) if kind == "Pod" else ""
        self._found[_key(kind, obj)] = found
        return found

    def _new(self, kind: str, namespace: str, name: str, pod: PodSpec, labels: Mapping[str, Any]) -> Workload:
        kept = pod if self._keeps_specs else None
        return Workload(kind, namespace, name, pod.path, grace_of(pod), dict(_rows(pod)), labels, pod=kept)

    def add_service(self, obj: Object) -> None:
        """One that selects Pods; of others the EndpointSlices tell."""
        spec = _map(obj.get("spec"))
        selector = _map(spec.get("selector"))
        if selector and spec.get("type") != "ExternalName":
            publishes = spec.get("publishNotReadyAddresses") is True
            label = next(iter(selector.items()))
            self._services.setdefault((_namespace(obj), *label), []).append((_name(obj), selector, publishes))

    def add_slice(self, obj: Object) -> None:
        """An EndpointSlice: which Pods a Service really has, and which of them are ready."""
        service = _text(_labels(obj).get(_SERVICE))
        for each in items(obj.get("endpoints")) if service else ():
            target = _map(_map(each).get("targetRef"))
            if target.get("kind") == "Pod":
                ready = _map(_map(each).get("conditions")).get("ready") is not False
                key = (_text(target.get("namespace")) or _namespace(obj), _text(target.get("name")))
                known = self._endpoints.setdefault(key, [])
                if all(name != service for name, _ in known):  # one slice for each family of addresses
                    known.append((service, ready))

    def add_pod(self, obj: Object, *, makes: bool = True) -> None:
        """A Pod, of its owner if it has one. Whether it `makes` a workload that was not added: itself, or its owner."""
        place = (_namespace(obj), _name(obj))
        workload = None if place in self._of_pod else self._workload_of(obj, makes=makes)
        if workload is None:
            return
        status = _map(obj.get("status"))
        if status.get("phase") not in ("Succeeded", "Failed") or workload.kind == "Pod":
            workload.pods += 1
            conditions = items(status.get("conditions"))
            workload.ready += any(
                _map(each).get("type") == "Ready" and each.get("status") == "True" for each in conditions
            )
        self._of_pod[place] = workload
        if any(name not in workload.rows for name in _names(_map(obj.get("spec")))):
            self._add_injected(workload, obj)
        for key in ("containerStatuses", "initContainerStatuses"):
            for each in items(status.get(key)):
                row = workload.rows.get(_text(_map(each).get("name")))
                restarts = _map(each).get("restartCount")
                if row and isinstance(restarts, int):
                    row.restarts += restarts
        self._add_services(workload, obj)

    def _workload_of(self, obj: Object, *, makes: bool) -> Workload | None:
        owner = _owner(obj)
        namespace = _namespace(obj)
        if owner is None or owner[0] == "Node":
            key = _key("Pod", obj)
            return self._found.get(key) or (self.add("Pod", obj) if makes else None)
        key = (namespace, owner[0], owner[1])
        key = self._owners.get(key) or self._by_hash(key, obj)
        own = _key("Pod", obj)  # where the Pod itself was asked for
        found = self._found.get(own) or self._found.get(key)
        return self._by_reference(key, owner[2], obj) if found is None and makes else found

    def _by_hash(self, key: _Key, pod: Object) -> _Key:
        """Where ReplicaSets may not be read: a Deployment names them by itself and the hash that its Pods have."""
        namespace, kind, name = key
        end = f"-{_labels(pod).get('pod-template-hash')}"
        made = (namespace, "Deployment", name.removesuffix(end))
        return made if kind == "ReplicaSet" and name.endswith(end) and made in self._found else key

    def _by_reference(self, key: _Key, version: str, obj: Object) -> Workload | None:
        """An owner that was not listed: of a kind of its own, not to be seen, or gone. Its Pods say what it is."""
        namespace, kind, name = key
        metadata = _map(obj.get("metadata"))
        template = {
            "metadata": {each: metadata.get(each) for each in ("labels", "annotations") if metadata.get(each)},
            "spec": _map(obj.get("spec")),
        }
        made = {
            "apiVersion": version,
            "kind": kind,
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"template": template},
        }
        pod = next(pod_specs(kind, made), None)
        if pod is None:
            return None
        found = self._new(kind, namespace, name, pod, _labels(template))
        found.findings, found.exempted = self._judge(kind, made)
        found.owner = f"{kind}/{name}"
        self._found[key] = found
        return found

    def _add_injected(self, workload: Workload, obj: Object) -> None:
        """Containers that an admission webhook has put into the Pods."""
        pod = next(pod_specs("Pod", obj), None)
        new = [(name, row) for name, row in _rows(pod) if name not in workload.rows] if pod else []
        for name, row in new:
            row.injected = True
            workload.rows[name] = row
        if new:
            template = {"metadata": obj.get("metadata"), "spec": obj.get("spec")}
            made = {
                "metadata": {"name": workload.name, "namespace": workload.namespace},
                "spec": {"template": template},
            }
            findings, _ = self._judge(workload.kind, made)
            names = {name for name, _ in new}
            workload.findings += [each for each in findings if each.container in names]

    def _add_services(self, workload: Workload, obj: Object) -> None:
        namespace = _namespace(obj)
        seen = dict(self._endpoints.get((namespace, _name(obj)), ()))
        for name, publishes in self._selecting(namespace, _labels(obj)):
            _count(workload, name, seen.pop(name, False), publishes)
        for name, ready in seen.items():  # of a Service without a selector
            _count(workload, name, ready, False)

    def _selecting(self, namespace: str, labels: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
        """Services by name, and whether they publish what is not ready."""
        for label in labels.items():
            for name, selector, publishes in self._services.get((namespace, *label), ()):
                if all(labels.get(each) == value for each, value in selector.items()):
                    yield name, publishes

    def add_event(self, obj: Object) -> None:
        """One of HOOK_FAILURES. If the Pod is gone, its name says whose it was: the owner's, with an ending."""
        about = _map(obj.get("involvedObject") or obj.get("regarding"))
        reason = _text(obj.get("reason"))
        if reason not in HOOK_FAILURES or about.get("kind") != "Pod":
            return
        series = _map(obj.get("series"))
        count = series.get("count") or obj.get("count") or 1
        last = series.get("lastObservedTime") or obj.get("lastTimestamp") or obj.get("eventTime") or ""
        field_path = _text(about.get("fieldPath"))
        name = field_path.partition("{")[2].removesuffix("}")
        workload = self._of_name(_text(about.get("namespace")) or _namespace(obj), _text(about.get("name")))
        row = workload.rows.get(name) if workload else None
        number = count if isinstance(count, int) else 1
        if row is None:
            self.unknown[reason] += number
            return
        known = row.failures.get(reason, Failures(0, ""))
        row.failures[reason] = Failures(known.times + number, max(known.last, _text(last)))

    def _of_name(self, namespace: str, pod: str) -> Workload | None:
        found = self._of_pod.get((namespace, pod))
        if found is not None:
            return found
        for pattern, kinds in _OWNERS_BY_NAME:
            name = pattern.fullmatch(pod)
            found_name = name[1] if name else ""
            for kind in kinds if name else ():
                key = (namespace, kind, found_name)
                if (owner := self._found.get(self._owners.get(key, key))) is not None:
                    return owner
        return None

    def finish(self, unseen: frozenset[str] = frozenset()) -> None:
        """When all has been added: workloads without Pods get the Services that would select these."""
        for each in self._found.values():
            each.unseen = unseen
            if not each.pods and not each.services:
                for name, publishes in self._selecting(each.namespace, each.labels):
                    each.services[name] = Endpoints(0, 0, publishes)


def _state(pod: Object) -> str:
    """Of a Pod. Kubernetes deletes one at once that has ended, or that no node has (pod/strategy.go)."""
    owner = _owner(pod)
    if owner and owner[0] == "Node":
        return STATIC
    if _map(pod.get("status")).get("phase") in ("Succeeded", "Failed"):
        return "ended"
    return "" if _map(pod.get("spec")).get("nodeName") else "unscheduled"


def _is_ready(status: Mapping[str, Any]) -> bool:
    conditions = map(_map, items(status.get("conditions")))
    return any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions)


def _names(spec: Mapping[str, Any]) -> Iterator[str]:
    """Of the containers that run as long as the Pod does."""
    for each in items(spec.get("containers")):
        yield _text(_map(each).get("name"))
    for each in items(spec.get("initContainers")):
        if _map(each).get("restartPolicy") == "Always":
            yield _text(_map(each).get("name"))


def _count(workload: Workload, service: str, is_ready: bool, publishes: bool) -> None:
    known = workload.services.get(service, Endpoints(0, 0, publishes))
    workload.services[service] = Endpoints(known.ready + is_ready, known.of + 1, known.publishes_unready or publishes)


def _rows(pod: PodSpec) -> Iterator[tuple[str, Row]]:
    stops = {each.name: each for each in ending(pod).stops}
    for each in containers(pod):
        if each.role in (Role.APP, Role.SIDECAR):
            yield each.name, _row(each, pod, stops.get(each.name))


def _row(container: Container, pod: PodSpec, stop: Stop | None) -> Row:
    return Row(
        name=container.name,
        role=container.role,
        path=container.path,
        post_start=hook_of(container, pod, "postStart"),
        pre_stop=stop.hook if stop else None,
        stop=stop,
        readiness=readiness_of(container),
        serves=serves(container),
    )


def _owner(obj: Object) -> tuple[str, str, str] | None:
    """Kind, name and apiVersion of what controls it."""
    for each in items(_map(obj.get("metadata")).get("ownerReferences")):
        found = _map(each)
        if found.get("controller") is True:
            return _text(found.get("kind")), _text(found.get("name")), _text(found.get("apiVersion"))
    return None


def _template(kind: str, obj: Object, pod: PodSpec) -> Mapping[str, Any]:
    here: Any = obj
    for key in pod.path.split(".")[:-1]:
        here = _map(_map(here).get(key))
    return _map(here)


def _key(kind: str, obj: Object) -> _Key:
    return (_namespace(obj), kind, _name(obj))


def _namespace(obj: Object) -> str:
    return _text(_map(obj.get("metadata")).get("namespace"))


def _name(obj: Object) -> str:
    return _text(_map(obj.get("metadata")).get("name"))


def _labels(obj: Object) -> Mapping[str, Any]:
    return _map(_map(obj.get("metadata")).get("labels"))


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def sorted_by(workloads: Iterable[Workload], order: str) -> list[Workload]:
    """By a column; what is worst comes first, and names settle the rest."""
    return sorted(workloads, key=lambda each: (_ORDERS[order](each), each.namespace, each.kind, each.name))


_WEIGHT: Final = {"error": 1_000_000, "warning": 1_000, "info": 1}
_ORDERS: Final[Mapping[str, Callable[[Workload], float]]] = {
    "name": lambda each: 0,
    "left": lambda each: min((row.stop.left.least for row in each.rows.values() if row.stop), default=0),
    "grace": lambda each: -each.grace,
    "restarts": lambda each: -sum(row.restarts for row in each.rows.values()),
    "failures": lambda each: -sum(f.times for row in each.rows.values() for f in row.failures.values()),
    "findings": lambda each: -sum(_WEIGHT[finding.level] for finding in each.findings),
}
