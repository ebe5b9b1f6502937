"""The Pods of a workload, and of them the next that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..cluster import targets
from ..cluster.access import Cluster
from ..cluster.errors import ClusterError, NotFoundError
from .command import Target

_BETWEEN: Final = ("ReplicaSet", "Job")  # what owns the Pods of a Deployment, and of a CronJob


def next_of(cluster: Cluster, text: str) -> Target:
    """The next Pod of `KIND/NAME`. Raises ClusterError."""
    try:
        of = targets.target(text)
    except targets.TargetError as error:
        raise ClusterError(f"--next-of: {error}") from None
    if not of.name or of.kind == "Pod":
        raise ClusterError(f"--next-of {text}: write the KIND/NAME of a workload, e.g. deploy/api")
    namespace = cluster.namespace
    workload = cluster.get(of.kind, of.name, namespace)
    uid = workload["metadata"]["uid"]
    there = {each["metadata"]["uid"] for each in cluster.list("Pod", namespace)}
    chosen: list[str] = []

    def is_wanted(pod: Mapping[str, Any]) -> bool:
        if chosen or pod["metadata"]["uid"] in there or not _is_of(cluster, pod, uid, namespace):
            return False
        chosen.append(pod["metadata"]["uid"])
        return True

    return Target("", "", is_wanted, f"the next Pod of {text}", 1)


def _is_of(cluster: Cluster, thing: Mapping[str, Any], uid: str, namespace: str) -> bool:
    """Whether it is the workload's, by itself or by what stands between."""
    for owner in thing["metadata"].get("ownerReferences") or ():
        if not owner.get("controller"):
            continue
        if owner["uid"] == uid:
            return True
        if owner["kind"] in _BETWEEN:
            try:
                return _is_of(cluster, cluster.get(owner["kind"], owner["name"], namespace), uid, namespace)
            except NotFoundError:
                return False
    return False
