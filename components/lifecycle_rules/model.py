"""Finds the pod spec in an object, and the containers in a pod spec.

Everything here takes plain data as the API server writes it (camelCase keys) and never raises on
data of the wrong shape: judging the shape is the API server's business, or a rule's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final


class _Unknown(Enum):
    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown.UNKNOWN
"""Stands for a value that is not known yet: present, but not judged."""


def whole(value: object) -> object:
    """A number without a fraction as an int: Pulumi delivers every number as a float, and Kubernetes means integers."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# Where each kind keeps its pod spec. A kind that is not here has none that we know of.
POD_SPEC_PATHS: Final[Mapping[str, tuple[str, ...]]] = {
    "Pod": ("spec",),
    "PodTemplate": ("template", "spec"),
    "ReplicationController": ("spec", "template", "spec"),
    "Deployment": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "ReplicaSet": ("spec", "template", "spec"),
    "Job": ("spec", "template", "spec"),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}


class Role(str, Enum):
    """The part a container plays in its pod; the value is what a user writes in configuration."""

    APP = "app"
    SIDECAR = "sidecar"  # an init container with restartPolicy Always (Kubernetes 1.29)
    INIT = "init"
    EPHEMERAL = "ephemeral"


@dataclass(frozen=True)
class Container:
    """One container of a pod spec, with its path as the API server writes it."""

    path: str
    role: Role
    spec: Mapping[str, Any]

    @property
    def name(self) -> str:
        name = self.spec.get("name")
        return name if isinstance(name, str) else ""

    def hook(self, event: str) -> object:
        """The handler of `postStart` or `preStop`: a mapping, UNKNOWN, or None where there is none."""
        lifecycle = self.spec.get("lifecycle")
        if lifecycle is UNKNOWN:
            return UNKNOWN
        return lifecycle.get(event) if isinstance(lifecycle, Mapping) else None


def pod_specs(kind: str, obj: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The pod specs in an object of `kind`, each with its path, e.g. `spec.template.spec`."""
    path = POD_SPEC_PATHS.get(kind)
    if path is None:
        return
    here: object = obj
    for key in path:
        if not isinstance(here, Mapping):
            return
        here = here.get(key)
    if isinstance(here, Mapping):
        yield ".".join(path), here


def containers(path: str, spec: Mapping[str, Any]) -> Iterator[Container]:
    """The containers of a pod spec that stands at `path`: app, then init and sidecar, then ephemeral."""
    for field, role in (
        ("containers", Role.APP),
        ("initContainers", Role.INIT),
        ("ephemeralContainers", Role.EPHEMERAL),
    ):
        items = spec.get(field)
        if not isinstance(items, Sequence) or isinstance(items, str):
            continue
        for index, item in enumerate(items):
            if isinstance(item, Mapping):
                always = role is Role.INIT and item.get("restartPolicy") == "Always"
                yield Container(f"{path}.{field}[{index}]", Role.SIDECAR if always else role, item)
