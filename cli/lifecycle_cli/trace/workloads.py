"""The Pods of a workload, and of them the next that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..cluster.access import Cluster
from ..cluster.errors import ClusterError, NotFoundError
from .command import Target

_KINDS: Final[Mapping[str, str]] = {
    name: kind
    for kind, names in {
        "Deployment": ("deployment", "deployments", "deploy"),
        "StatefulSet": ("statefulset", "statefulsets", "sts"),
        "DaemonSet": ("daemonset", "daemonsets", "ds"),
        "ReplicaSet": ("replicaset", "replicasets", "rs"),
        "ReplicationController": ("replicationcontroller", "replicationcontrollers", "rc"),
        "Job": ("job", "jobs"),
        "CronJob": ("cronjob", "cronjobs", "cj"),
    }.items()
    for name in names
}
_BETWEEN: Final = ("ReplicaSet", "Job")  # what owns the Pods of a Deployment, and of a CronJob


def next_of(cluster: Cluster, text: str) -> Target:
    """The next Pod of `KIND/NAME`. Raises ClusterError."""
    kind_, _, name = text.partition("/")
    kind = _KINDS.get(kind_.lower())
    if not kind or not name:
        raise ClusterError(f"--next-of {text}: write KIND/NAME, e.g. deployment/api")
    namespace = cluster.namespace
    workload = cluster.get(kind, name, namespace)
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
