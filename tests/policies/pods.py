"""Pods and workloads for the policies."""

import re
from collections.abc import Mapping
from typing import Any, Final

from workloads import workload

HOOKED: Final = {
    "name": "c",
    "lifecycle": {"preStop": {"sleep": {"seconds": 5}}, "postStart": {"exec": {"command": ["/bin/true"]}}},
}
BARE: Final = {"name": "c", "image": "nginx"}
POD: Final = "kubernetes:core/v1:Pod"
TOKENS: Final = {
    "Pod": POD,
    "PodTemplate": "kubernetes:core/v1:PodTemplate",
    "ReplicationController": "kubernetes:core/v1:ReplicationController",
    "Deployment": "kubernetes:apps/v1:Deployment",
    "StatefulSet": "kubernetes:apps/v1:StatefulSet",
    "DaemonSet": "kubernetes:apps/v1:DaemonSet",
    "ReplicaSet": "kubernetes:apps/v1:ReplicaSet",
    "Job": "kubernetes:batch/v1:Job",
    "CronJob": "kubernetes:batch/v1:CronJob",
}


def of_kind(kind: str, container: Mapping[str, Any], **spec: Any) -> dict[str, Any]:
    """A workload around one container."""
    return workload(kind, {"containers": [container], **spec})


def pod(container: Mapping[str, Any], **spec: Any) -> dict[str, Any]:
    return of_kind("Pod", container, **spec)


def exec_pod(*command: Any, **spec: Any) -> dict[str, Any]:
    """With a preStop that runs a command."""
    return pod({**HOOKED, "lifecycle": {**HOOKED["lifecycle"], "preStop": {"exec": {"command": [*command]}}}}, **spec)


def rule_of(message: str) -> str:
    """The rule that a message names."""
    found = re.search(r" \[([a-z0-9-]+)\]\. ", message)
    assert found is not None, message
    return found[1]
