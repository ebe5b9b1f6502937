"""The fields around `lifecycle`: what the API server does not know or cannot decode, and what it drops, by version.

It decodes first, and drops what is behind a feature gate that is off before it validates: what is left is
what all other rules judge.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from .catalogue import GATED_FIELD, HOOK_FIELD_TYPE, HOOK_KNOWN_FIELD, Finding
from .model import POD_SPEC_PATHS, Container, PodSpec, Role, items, whole
from .versions import HTTP2, SIDECARS, SLEEP, STOP_SIGNAL, Gate, Kubernetes


class Field(NamedTuple):
    """A field: its type, the gate that it is behind, and the object that it holds, one or a list of them."""

    types: tuple[type, ...]
    """As YAML and JSON give it to Python; none where a rule of its own judges it."""
    holds: str = ""
    """A key of OBJECTS."""
    gate: Gate | None = None
    items: type | None = None
    """Of a list."""
    is_leaf: bool = False
    """Its type is all that there is to say of it."""

    def objects(self, value: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The objects in a value of the field, each with its path below it; none in what is of a wrong type."""
        if self.items:
            yield from ((f"[{index}]", each) for index, each in enumerate(items(value)) if isinstance(each, dict))
        elif isinstance(value, dict):
            yield "", value


_TEXT: Final = Field((str,), is_leaf=True)
_PORT: Final = Field((int, str), is_leaf=True)
OBJECTS: Final[Mapping[str, Mapping[str, Field]]] = {
    "lifecycle": {
        "postStart": Field((dict,), "handler"),
        "preStop": Field((dict,), "handler"),
        "stopSignal": Field((str,), gate=STOP_SIGNAL),
    },
    "handler": {
        "exec": Field((dict,), "exec"),
        "httpGet": Field((dict,), "httpGet"),
        "sleep": Field((dict,), "sleep", SLEEP),
        "tcpSocket": Field((dict,), "tcpSocket"),
    },
    "exec": {"command": Field((), items=str)},  # what is no list: exec-command-list
    "httpGet": {
        "host": _TEXT,
        "httpHeaders": Field((list,), "header", items=dict),
        "path": _TEXT,
        "port": _PORT,
        "protocol": Field((str,), gate=HTTP2),
        "scheme": _TEXT,
    },
    "header": {"name": _TEXT, "value": _TEXT},
    "sleep": {"seconds": Field((int,), is_leaf=True)},
    "tcpSocket": {"host": _TEXT, "port": _PORT},
}
# A bool is an int to Python, and comes first.
_TYPES: Final[Mapping[type, str]] = {
    bool: "a boolean",
    dict: "an object",
    float: "a number with a fraction",
    int: "an integer",
    list: "a list",
    str: "a string",
}
# A text that something else may fill in before the API server sees it: `{{ .Values.hook }}`, `${HOOK}`, `$(HOOK)`,
# `<hook>`, `%HOOK%`, `@hook@`, `__HOOK__`, `HOOK`.
_PLACEHOLDER: Final = re.compile(r"[{}$<>%@]|__|\A[A-Z][A-Z0-9_]*\Z")
# What people write one level off, and what the API server does not know there.
_NOT_OF_A_CONTAINER: Final = frozenset({"postStart", "preStop", "terminationGracePeriodSeconds"})
_NOT_OF_A_POD: Final = frozenset({"lifecycle", "postStart", "preStop"})
_NOT_ABOVE: Final = _NOT_OF_A_POD | _NOT_OF_A_CONTAINER
_OWN: Final = "__"  # Pulumi's own marks, such as __defaults, begin so; the API server never sees them


def misplaced(pod: PodSpec, container: Container) -> Sequence[Finding]:
    """The fields of hooks that stand in a container itself, where the API server does not know them.

    Only of Kubernetes' own kinds: the template of a custom resource may have fields of its own.
    """
    if not pod.is_whole or container.spec.keys().isdisjoint(_NOT_OF_A_CONTAINER):
        return ()
    return _unknown(container.spec, _NOT_OF_A_CONTAINER, container.path, container.name)


def misplaced_above(pod: PodSpec, obj: Mapping[str, Any]) -> Iterator[Finding]:
    """Those that stand in the pod spec, beside the containers, and in what the object has above it."""
    if not pod.is_whole:
        return
    here: object = obj
    path = POD_SPEC_PATHS[pod.kind]
    for depth, key in enumerate(path):
        if not isinstance(here, dict):  # the pod spec is that of an item of a list
            break
        if not here.keys().isdisjoint(_NOT_ABOVE):
            yield from _unknown(here, _NOT_ABOVE, ".".join(path[:depth]))
        here = here.get(key)
    if not pod.spec.keys().isdisjoint(_NOT_OF_A_POD):
        yield from _unknown(pod.spec, _NOT_OF_A_POD, pod.path)


def _unknown(value: Mapping[str, Any], names: frozenset[str], path: str, container: str = "") -> Sequence[Finding]:
    found = [f"{path}.{name}" if path else name for name in sorted(names.intersection(value))]
    return [Finding(HOOK_KNOWN_FIELD, each, f'unknown field "{each}"', container) for each in found]


def served(container: Container, kubernetes: Kubernetes) -> tuple[Container, list[Finding]]:
    """The container as the API server has it when it validates, what it cannot decode, and what was lost on the way."""
    if container.role is Role.SIDECAR and not kubernetes.has(SIDECARS):
        container = container._replace(role=Role.INIT)
    lifecycle = container.spec.get("lifecycle")
    path = f"{container.path}.lifecycle"
    if not isinstance(lifecycle, dict):
        what = _wrong(lifecycle, (dict,))
        return container, [Finding(HOOK_FIELD_TYPE, path, what, container.name)] if what else []
    mistyped: list[Finding] = []
    lost = _lost("lifecycle", lifecycle, path, kubernetes, container.name, mistyped)
    if not lost:
        return container, mistyped
    left = _left("lifecycle", lifecycle, kubernetes)
    spec = {key: value for key, value in container.spec.items() if key != "lifecycle"}
    # A gate takes an object with it that it leaves empty; an unknown field does not.
    is_dropped = not left and any(finding.rule is GATED_FIELD for finding in lost)
    served = container._replace(spec=spec if is_dropped else {**spec, "lifecycle": left})
    return served, [*mistyped, *lost]


def _lost(
    kind: str, value: Mapping[str, Any], path: str, kubernetes: Kubernetes, container: str, mistyped: list[Finding]
) -> list[Finding]:
    """What is lost; what cannot be decoded goes to `mistyped`."""
    fields = OBJECTS[kind]
    lost: list[Finding] = []
    for name, below in value.items():
        field = fields.get(name)
        if field and (below is None or (field.is_leaf and type(below) in field.types)):  # as most
            continue
        if not field and str(name).startswith(_OWN):
            continue
        where = f"{path}.{name}"
        if field is None or (field.gate and not kubernetes.knows(field.gate)):
            lost.append(Finding(HOOK_KNOWN_FIELD, where, f'unknown field "{where}"', container))
            continue
        if field.gate and not kubernetes.has(field.gate):
            what = f"{kubernetes} silently drops the field when the feature gate {field.gate.name} is off"
            lost.append(Finding(GATED_FIELD, where, what, container))
            continue
        if field.types and type(below) not in field.types and (what := _wrong(below, field.types)):
            mistyped.append(Finding(HOOK_FIELD_TYPE, where, what, container))
        elif field.items:
            for index, each in enumerate(items(below)):
                if type(each) is not field.items and (what := _wrong(each, (field.items,))):
                    mistyped.append(Finding(HOOK_FIELD_TYPE, f"{where}[{index}]", what, container))
        if field.holds:
            for place, found in field.objects(below):
                lost += _lost(field.holds, found, f"{where}{place}", kubernetes, container, mistyped)
    return lost


def _left(kind: str, value: Any, kubernetes: Kubernetes) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        name: _below(field, value[name], kubernetes)
        for name, field in OBJECTS[kind].items()
        if value.get(name) is not None and (field.gate is None or kubernetes.has(field.gate))
    }


def _below(field: Field, value: Any, kubernetes: Kubernetes) -> Any:
    if not field.holds:
        return value
    if field.items and items(value):
        return [_left(field.holds, each, kubernetes) for each in value]
    return _left(field.holds, value, kubernetes)


def mistyped_grace(pod: PodSpec) -> Iterator[Finding]:
    """A grace period of the Pod that the API server cannot decode."""
    name = "terminationGracePeriodSeconds"
    if what := _wrong(pod.spec.get(name), (int,)):
        yield Finding(HOOK_FIELD_TYPE, f"{pod.path}.{name}", what, "")


def _wrong(value: object, types: tuple[type, ...]) -> str:
    """What is wrong with a value's type; empty where nothing is, or it is not certain. null is of every type."""
    if isinstance(value, float):
        value = whole(value) if math.isfinite(value) else None  # Pulumi delivers every number as a float
    of = list if isinstance(value, tuple) else next((each for each in _TYPES if isinstance(value, each)), None)
    if of is None or of in types or (isinstance(value, str) and _PLACEHOLDER.search(value)):
        return ""
    return f"must be {' or '.join(_TYPES[each] for each in types)}, not {_TYPES[of]}"
