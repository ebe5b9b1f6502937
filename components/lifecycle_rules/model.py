"""Finds the pod spec in an object, and the containers in a pod spec.

Everything here takes plain data as the API server writes it (camelCase keys), in dicts and lists as json.loads
makes them, and never raises on data of the wrong shape: judging the shape is the API server's business, or a rule's.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Final, NamedTuple


class _Unknown(Enum):
    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown.UNKNOWN
"""Stands for a value that is not known yet: present, but not judged."""
_INT64: Final = 1 << 63


def whole(value: object) -> object:
    """A number without a fraction as an int: Pulumi delivers every number as a float, and Kubernetes means integers.

    An integer of more than 64 bits is UNKNOWN, and so is a bool: the API server cannot decode it, and judges it no
    more than we do. All else stays as it is.
    """
    if value is None:  # as most
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_none = isinstance(value, bool) or (isinstance(value, int) and not -_INT64 <= value < _INT64)
    return UNKNOWN if is_none else value


def items(value: object) -> Sequence[Any]:
    """The items of a list; empty for anything else, including a string."""
    return value if isinstance(value, list | tuple) else ()


# Where each kind of Kubernetes' own keeps its pod spec, in whatever API group and version.
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
LIST: Final = "List"  # a kind that ends so holds objects in `items`
PATCH: Final = "Patch"  # Pulumi's name for a server-side apply of a part of an object
MAX_DEPTH: Final = 12  # of the search in custom resources; the deepest template known to us is 5 deep


class Role(str, Enum):
    """The part that a container plays in its pod. Users write the value in the configuration."""

    APP = "app"
    SIDECAR = "sidecar"  # an init container with restartPolicy Always (Kubernetes 1.29)
    INIT = "init"
    EPHEMERAL = "ephemeral"


class Container(NamedTuple):
    """One container of a pod spec, with its path as the API server writes it."""

    path: str
    role: Role
    spec: Mapping[str, Any]

    @property
    def name(self) -> str:
        name = self.spec.get("name")
        return name if isinstance(name, str) else ""

    def hook(self, event: str) -> object:
        """The handler of `postStart` or `preStop`: a mapping, UNKNOWN, or None if there is none."""
        lifecycle = self.spec.get("lifecycle")
        if lifecycle is UNKNOWN:
            return UNKNOWN
        return lifecycle.get(event) if isinstance(lifecycle, dict) else None

    def probe_grace(self, name: str) -> object:
        """A probe's own terminationGracePeriodSeconds: a number, UNKNOWN, or None if there is none."""
        probe = self.spec.get(name)
        return whole(probe.get("terminationGracePeriodSeconds")) if isinstance(probe, dict) else None


class PodSpec(NamedTuple):
    """A pod spec in an object, with its path as the API server writes it, e.g. `spec.template.spec`."""

    path: str
    spec: Mapping[str, Any]
    kind: str = ""
    """The kind of the object that has the pod spec, without `Patch`."""
    is_whole: bool = True
    """False for a patch and for a template that an operator completes: a missing field may still be added."""
    strategy: object = None
    """The type of a Deployment's strategy, or None."""

    @property
    def is_pod(self) -> bool:
        """Whether it is a Pod's own spec, not a template's: some of the API server's defaults differ."""
        return self.kind == "Pod"

    @property
    def host_network(self) -> object:
        """Whether the Pod uses the node's network: False if unset; UNKNOWN, or a value of a wrong type, unchanged."""
        on_host = self.spec.get("hostNetwork", False if self.is_whole else UNKNOWN)
        return False if on_host is None else on_host

    @property
    def runs_to_its_end(self) -> bool:
        """Whether its containers end by themselves, as those of a Job do."""
        return self.spec.get("restartPolicy") in ("Never", "OnFailure")


def pod_specs(kind: str, obj: Mapping[str, Any]) -> Iterator[PodSpec]:
    """Yields the pod specs in an object of `kind`.

    It knows Kubernetes' own kinds by name, looks into the items of a `…List`, and treats a `…Patch` as a part of an
    object. In any other kind, and in a kind of the same name in another API group, it finds every pod template by its
    structure: `spec.containers` in a field named `…template`.
    """
    yield from _pod_specs(kind, obj, MAX_DEPTH)


def _pod_specs(kind: str, obj: Mapping[str, Any], depth: int) -> Iterator[PodSpec]:
    if not isinstance(obj, dict) or depth == 0:
        return
    if kind.endswith(LIST) and "items" in obj:
        for index, (of, item) in enumerate(list_items(kind, obj)):
            for found in _pod_specs(of, item, depth - 1):
                yield found._replace(path=f"items[{index}].{found.path}")
        return
    whole_kind = kind.removesuffix(PATCH)
    path = POD_SPEC_PATHS.get(whole_kind, ()) if _is_kubernetes_own(obj) else ()
    here: object = obj
    for key in path:
        here = here.get(key) if isinstance(here, dict) else None
    if path and isinstance(here, dict):
        yield PodSpec(".".join(path), here, whole_kind, whole_kind == kind, _strategy(obj))
    else:  # another group may use the same name, as Volcano does with Job
        yield from (found._replace(kind=whole_kind) for found in _templates(obj, "", MAX_DEPTH))


def list_items(kind: str, obj: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Kind and content of each item of a `…List`; nothing for an item that is not an object."""
    for item in items(obj.get("items")):
        yield list_item(kind, item)


def list_item(kind: str, item: object) -> tuple[str, Mapping[str, Any]]:
    """Kind and content of one of them."""
    found = item if isinstance(item, dict) else {}
    of = found.get("kind") or kind.removesuffix(LIST)
    return (of, found) if isinstance(of, str) else ("", {})


def _is_kubernetes_own(obj: Mapping[str, Any]) -> bool:
    """By its API group; one that is not given, or not known yet, is Kubernetes' own."""
    version = obj.get("apiVersion")
    group, _, is_grouped = version.partition("/") if isinstance(version, str) else ("", "", "")
    return not is_grouped or "." not in group or group.endswith(".k8s.io")


def joined(path: str, key: object) -> str:
    """The path of a field: `spec.containers`, and of a key that is no name `spec["a.b"]`, so that `steps` reads it."""
    name = str(key)
    if _NAME.fullmatch(name):
        return f"{path}.{name}" if path else name
    return f"{path}[{json.dumps(name)}]"


def steps(path: str) -> Iterator[str | int]:
    """The keys and indexes that a path is made of."""
    for name, index, key in _STEP.findall(path):
        yield name or (int(index) if index else json.loads(key))


_NAME: Final = re.compile(r'[^.\[\]"]+')
_STEP: Final = re.compile(r'\.?([^.\[\]"]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]')


def _strategy(obj: Mapping[str, Any]) -> object:
    spec = obj.get("spec")
    strategy = spec.get("strategy") if isinstance(spec, dict) else None
    return strategy.get("type") if isinstance(strategy, dict) else strategy


def _templates(value: object, path: str, depth: int) -> Iterator[PodSpec]:
    """The pod templates of a custom resource. Its operator may add to them, so they are not whole."""
    if depth == 0:
        return
    if isinstance(value, dict):
        for key, below in value.items():
            where = joined(path, key)
            is_template = isinstance(below, dict) and str(key).lower().endswith("template")
            spec = below.get("spec") if is_template else None
            if isinstance(spec, dict) and isinstance(spec.get("containers"), list | tuple):
                yield PodSpec(f"{where}.spec", spec, is_whole=False)
            else:
                yield from _templates(below, where, depth - 1)
    else:
        for index, below in enumerate(items(value)):
            yield from _templates(below, f"{path}[{index}]", depth - 1)


def containers(pod: PodSpec) -> Iterator[Container]:
    """Yields the containers of a pod spec: app, then init and sidecar, then ephemeral."""
    for field, role in (
        ("containers", Role.APP),
        ("initContainers", Role.INIT),
        ("ephemeralContainers", Role.EPHEMERAL),
    ):
        for index, item in enumerate(items(pod.spec.get(field))):
            if isinstance(item, dict):
                always = role is Role.INIT and item.get("restartPolicy") == "Always"
                yield Container(f"{pod.path}.{field}[{index}]", Role.SIDECAR if always else role, item)
