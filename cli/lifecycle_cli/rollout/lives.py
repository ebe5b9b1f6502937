"""What is seen of the Pods while their workload rolls. Pure: told objects in, lives out.

Each mark is the moment at which this client was told, by its own clock: what it marks had happened a little before,
as long as the API server takes to tell. Kubernetes' own timestamps have whole seconds, too few for what is asked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lifecycle_rules import hook_seconds

Object = Mapping[str, Any]

CREATED, READY, SERVING = "created", "ready", "serving"
ASKED, WITHDRAWN, REMOVED, ENDED, GONE = "deletion asked", "endpoint not ready", "endpoint removed", "ended", "gone"
MARKS: Final = {
    CREATED: "the Pod was made",
    READY: "its condition Ready became true",
    SERVING: "an EndpointSlice had it as ready",
    ASKED: "it had a deletionTimestamp",
    WITHDRAWN: "no EndpointSlice had it as ready any more: kube-proxy takes it out of the Service from then on",
    REMOVED: "no EndpointSlice named it any more",
    ENDED: "all its containers had ended",
    GONE: "the API server removed it",
}
"""The marks in the order of a life, with what each means."""


@dataclass
class Life:
    """Of one Pod. Times as time.time()."""

    name: str
    uid: str
    is_old: bool
    """It was there before the rollout began."""
    marks: dict[str, float] = field(default_factory=dict)
    exits: dict[str, int] = field(default_factory=dict)
    """The exit codes of its containers."""
    grace: int | None = None
    """The grace period of its deletion, in seconds."""
    is_ready: bool = False
    address: str = ""
    pre_stop: float = 0.0
    """The seconds from its deletion to the first stop signal of a container, at the least; as far as its hooks tell."""

    def mark(self, what: str, at: float) -> str:
        """Notes the first time; what is new, else nothing."""
        if what in self.marks:
            return ""
        self.marks[what] = at
        return what


class Lives:
    """Of all Pods of one workload."""

    def __init__(self) -> None:
        self.of: dict[str, Life] = {}
        self._endpoints: dict[str, dict[str, bool]] = {}  # by slice: uid and whether ready
        self._has_listed = False

    def __iter__(self) -> Any:
        return iter(self.of.values())

    def list_pods(self, pods: Iterable[Object], at: float) -> list[tuple[Life, str]]:
        """All that there are: what is not among them is gone. The first list is of the old ones."""
        found = list(pods)
        is_first, self._has_listed = not self._has_listed, True
        here = {each["metadata"]["uid"] for each in found}
        new = [(life, GONE) for life in self.of.values() if life.uid not in here and life.mark(GONE, at)]
        for each in found:
            new += self._see(each, at, is_old=is_first)
        return new + self._judge(at)  # of which endpoints are, a slice may have told before

    def see_pod(self, pod: Object, at: float) -> list[tuple[Life, str]]:
        """A Pod as it is now; the marks that are new."""
        return [*self._see(pod, at, is_old=False), *self._judge(at)]

    def _see(self, pod: Object, at: float, *, is_old: bool) -> list[tuple[Life, str]]:
        metadata, status = pod["metadata"], pod.get("status") or {}
        uid = metadata["uid"]
        new: list[str] = []
        if uid not in self.of:
            self.of[uid] = Life(metadata["name"], uid, is_old)
            self.of[uid].pre_stop = _pre_stop_seconds(pod.get("spec") or {})
            new.append(self.of[uid].mark(CREATED, at))
        life = self.of[uid]
        life.is_ready = any(
            each.get("type") == "Ready" and each.get("status") == "True" for each in status.get("conditions") or ()
        )
        if life.is_ready:
            new.append(life.mark(READY, at))
        life.address = status.get("podIP") or life.address
        if metadata.get("deletionTimestamp"):
            life.grace = metadata.get("deletionGracePeriodSeconds")
            new.append(life.mark(ASKED, at))
        told = status.get("containerStatuses") or ()
        ended = [each for each in told if "terminated" in (each.get("state") or {})]
        life.exits.update({each["name"]: each["state"]["terminated"].get("exitCode", -1) for each in ended})
        if ended and len(ended) == len(told) and ASKED in life.marks:
            new.append(life.mark(ENDED, at))
        return [(life, each) for each in new if each]

    def lose_pod(self, pod: Object, at: float) -> list[tuple[Life, str]]:
        """It was removed; the object is as it last was."""
        new = self.see_pod(pod, at)
        life = self.of[pod["metadata"]["uid"]]
        return new + [(life, GONE)] * bool(life.mark(GONE, at))

    def list_slices(self, slices: Iterable[Object], at: float) -> list[tuple[Life, str]]:
        self._endpoints = {each["metadata"]["name"]: _endpoints(each) for each in slices}
        return self._judge(at)

    def see_slice(self, told: Object, at: float, *, is_gone: bool) -> list[tuple[Life, str]]:
        self._endpoints[told["metadata"]["name"]] = {} if is_gone else _endpoints(told)
        return self._judge(at)

    def _judge(self, at: float) -> list[tuple[Life, str]]:
        named: dict[str, bool] = {}
        for each in self._endpoints.values():
            for uid, is_ready in each.items():
                named[uid] = named.get(uid, False) or is_ready
        new = []
        for life in self.of.values():
            if named.get(life.uid):
                new.append((life, life.mark(SERVING, at)))
            elif SERVING in life.marks and ASKED in life.marks:
                new.append((life, life.mark(WITHDRAWN, at)))
            if SERVING in life.marks and life.uid not in named:
                new += [(life, life.mark(WITHDRAWN, at)), (life, life.mark(REMOVED, at))]
        return [(life, each) for life, each in new if each]


def _pre_stop_seconds(spec: Object) -> float:
    hooks = [(each.get("lifecycle") or {}).get("preStop") for each in spec.get("containers") or ()]
    return min((hook_seconds(each)[0] for each in hooks), default=0.0)


def _endpoints(told: Object) -> dict[str, bool]:
    return {
        (each.get("targetRef") or {}).get("uid", ""): (each.get("conditions") or {}).get("ready") is not False
        for each in told.get("endpoints") or ()
    }


def is_done(workload: Object) -> bool:
    """All its Pods are of its newest template, and available. As `kubectl rollout status` judges it."""
    status, spec = workload.get("status") or {}, workload["spec"]
    if status.get("observedGeneration", 0) < workload["metadata"].get("generation", 0):
        return False
    if "desiredNumberScheduled" in status:
        wanted = status["desiredNumberScheduled"]
        return bool(status.get("updatedNumberScheduled", 0) == wanted == status.get("numberAvailable", 0))
    wanted = spec.get("replicas", 1)
    if "updateRevision" in status:  # a StatefulSet
        is_new = status.get("currentRevision") == status["updateRevision"]
        return bool(is_new and status.get("readyReplicas", 0) == wanted)
    return bool(
        status.get("updatedReplicas", 0) == wanted
        and status.get("replicas", 0) == wanted
        and status.get("availableReplicas", 0) == wanted
    )


def stuck(workload: Object) -> str:
    """Why a rollout does not go on; empty where it does."""
    for each in (workload.get("status") or {}).get("conditions") or ():
        if each.get("type") == "Progressing" and each.get("status") == "False":
            return " ".join(str(each.get("message") or each.get("reason")).split())
    return ""
