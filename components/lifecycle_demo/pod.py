"""Arguments to a plain pod, in the API server's own shape, and the way back from its fields to the arguments."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import pulumi

from lifecycle_rules import parse_reference

from .args import Handler
from .hooks import drain_delay, nginx_graceful, page_post_start
from .shape import Fault
from .spelling import camel_case, snake_case

# What Kubernetes calls the fields of a handler and of a port, by what we call them.
_FIELDS: Final[Mapping[str, str]] = {
    "container_port": "containerPort",
    "http_get": "httpGet",
    "http_headers": "httpHeaders",
    "port_name": "port",
}
_EVENTS: Final[Mapping[str, str]] = {"post_start": "postStart", "pre_stop": "preStop"}
_PLAIN: Final = ("image", "command", "args")  # fields of a container that are named as the arguments
_OF_POD: Final = ("termination_grace_period_seconds", "share_process_namespace")
_METADATA: Final = ("name", "namespace", "labels", "annotations")
NGINX: Final = "docker.io/library/nginx"
_MAX_NAME: Final = 63
_SUFFIX: Final = "-container"


class Draft(NamedTuple):
    """A pod that is to be: leaves may be Outputs, keys are Kubernetes' own."""

    metadata: dict[str, Any]
    spec: dict[str, Any]
    places: Mapping[str, str]
    """The argument of a field, by the field's path: `spec.containers[0].lifecycle.preStop` is `pre_stop`."""
    args: Mapping[str, Any]

    def argument(self, path: str) -> str:
        """The path of a field in the API server's words, in the caller's."""
        start = max((each for each in self.places if _is_at(path, each)), key=len, default="")
        argument = self.places.get(start, "")
        value: object = self.args
        for word in _tokens(argument):
            value = _at(value, word)
        for word in _tokens(path[len(start) :]):
            if isinstance(word, str):
                word = _callers_key(word, value)
            argument += f"[{word}]" if isinstance(word, int) else f".{word}"
            value = _at(value, word)
        return argument.lstrip(".")


def draft(resource: str, args: Mapping[str, Any], *, is_template: bool = False) -> tuple[Draft, list[Fault]]:
    """The pod of the arguments, whose shape is right, and what is given twice."""
    drafting = _Drafting()
    given = {key: value for key, value in args.items() if value is not None}
    for key in ("name", "namespace", "generate_name", "report_deletion", "fail_fast") if is_template else ():
        if key in given:
            drafting.faults.append((key, "is a Pod's own; a template has none, for its workload names its Pods"))
    if given.get("generate_name") and "name" in given:
        drafting.faults.append(("generate_name", "name is given, too; keep one of the two"))
    has_no_name = is_template or given.get("generate_name")
    metadata = {
        "name": given.get("name", None if has_no_name else resource),
        "namespace": given.get("namespace"),
        "labels": given.get("labels", {"app.kubernetes.io/name": resource}),
        "annotations": given.get("annotations"),
    }
    return Draft(present(metadata), drafting.spec(given, resource), drafting.places, args), drafting.faults


class _Drafting:
    """Makes a pod spec, and notes which argument each field comes from, and what is given twice."""

    def __init__(self) -> None:
        self.places = {f"metadata.{key}": key for key in _METADATA}
        self.faults: list[Fault] = []

    def spec(self, given: Mapping[str, Any], resource: str) -> dict[str, Any]:
        containers = [self._first(given, resource)]
        for index, each in enumerate(given.get("containers", ())):
            containers.append(self._further(each, f"spec.containers[{index + 1}]", f"containers[{index}]", None))
        sidecars = [
            self._further(each, f"spec.initContainers[{index}]", f"sidecars[{index}]", "Always")
            for index, each in enumerate(given.get("sidecars", ()))
        ]
        own = {
            "containers": (containers, "containers"),
            "initContainers": (sidecars or None, "sidecars"),
            **{camel_case(name): (given.get(name), name) for name in _OF_POD},
        }
        return self._merged(own, given.get("pod_spec", {}), "spec", "pod_spec")

    def _first(self, given: Mapping[str, Any], resource: str) -> dict[str, Any]:
        """The container of the top arguments: it has an image, hooks and a name also where nobody says so."""
        image = given.get("image", "nginx")
        own = self._own({**_default_hooks(image), **given, "image": image}, "spec.containers[0]", "")
        container = self._merged(own, given.get("container", {}), "spec.containers[0]", "container")
        if "name" not in container:
            self.places["spec.containers[0].name"] = "name"
            name = given.get("name", resource)
            container["name"] = (
                name.apply(_container_name) if isinstance(name, pulumi.Output) else _container_name(name)
            )
        return container

    def _further(self, given: Mapping[str, Any], path: str, where: str, restart: str | None) -> dict[str, Any]:
        given = {key: value for key, value in given.items() if value is not None}
        own = self._own(given, path, f"{where}.")
        own["name"] = (given["name"], f"{where}.name")
        own["restartPolicy"] = (restart, where)
        return self._merged(own, given.get("container", {}), path, f"{where}.container")

    def _own(self, given: Mapping[str, Any], path: str, where: str) -> dict[str, tuple[Any, str]]:
        """The fields of a container that have arguments, with these."""
        lifecycle = {event: renamed(given[name]) for name, event in _EVENTS.items() if name in given}
        for name, event in _EVENTS.items():
            self.places[f"{path}.lifecycle.{event}"] = f"{where}{name}"
        env = [{"name": name, "value": value} for name, value in given.get("env", {}).items()]
        return {
            **{name: (given.get(name), f"{where}{name}") for name in _PLAIN},
            "env": (env or None, f"{where}env"),
            "ports": (renamed(given.get("ports")) or None, f"{where}ports"),
            "lifecycle": (lifecycle or None, " and ".join(f"{where}{name}" for name in _EVENTS)),
        }

    def _merged(
        self, own: Mapping[str, tuple[Any, str]], others: Mapping[str, Any], path: str, where: str
    ) -> dict[str, Any]:
        """Our own fields, each with its argument, and those that pass through."""
        self.places[path] = where
        fields = {}
        for field, (value, argument) in own.items():
            self.places[f"{path}.{field}"] = argument
            if value is not None:
                fields[field] = value
        for key, value in others.items():
            field = camel_case(key)
            if field in own and (field in fields or field == "lifecycle"):
                self.faults.append((f"{where}.{key}", f"{own[field][1]} is for this; keep one of the two"))
            elif value is not None:
                fields[field] = value
                self.places[f"{path}.{field}"] = f"{where}.{key}"
        merged: dict[str, Any] = present(fields)
        return merged


def _container_name(pod: str) -> str:
    return f"{pod.replace('.', '-')[: _MAX_NAME - len(_SUFFIX)]}{_SUFFIX}"


def _default_hooks(image: object) -> dict[str, Handler]:
    """The hooks of an image for which the caller has none: nginx has the page's."""
    reference = parse_reference(image) if isinstance(image, str) else None
    if reference is not None and reference.name == NGINX:
        return {"post_start": page_post_start(), "pre_stop": nginx_graceful()}
    return {"pre_stop": drain_delay()}


def renamed(value: Any) -> Any:
    """With Kubernetes' own names for our fields, and without the fields that nobody set."""
    if isinstance(value, Mapping):
        return {_FIELDS.get(key, key): renamed(each) for key, each in value.items() if each is not None}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [renamed(each) for each in value]
    return value


def in_kubernetes_words(value: Any) -> Any:
    """A pod all of whose keys are in camel case, for the rules; what is keyed by users' names they do not look into."""
    if isinstance(value, dict):
        return {camel_case(key): in_kubernetes_words(each) for key, each in value.items()}
    return [in_kubernetes_words(each) for each in value] if isinstance(value, list) else value


def present(value: Any) -> Any:
    """Without the fields that nobody set, for None is a value to Kubernetes, no absence; in plain dicts and lists."""
    if isinstance(value, str | pulumi.Output):
        return value
    if isinstance(value, Mapping):
        return {key: present(item) for key, item in value.items() if item is not None}
    if isinstance(value, Sequence):
        return [present(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)  # Pulumi delivers every number as a float
    return value


def _is_at(path: str, start: str) -> bool:
    return path.startswith(start) and path[len(start) : len(start) + 1] in ("", ".", "[")


def _tokens(path: str) -> list[str | int]:
    return [int(index) if index else word for word, index in re.findall(r"([^.\[\]]+)(?![^\[]*\])|\[(\d+)\]", path)]


def _callers_key(field: str, value: object) -> str:
    """The key that the caller has for a field, in either case."""
    keys: Iterator[str] = iter(value) if isinstance(value, Mapping) else iter(())
    same = [key for key in keys if key == field or _FIELDS.get(key, camel_case(key)) == field]
    return same[0] if same else snake_case(field)


def _at(value: object, word: str | int) -> object:
    if isinstance(value, list | tuple) and isinstance(word, int):
        return value[word] if word < len(value) else None
    return value.get(word) if isinstance(value, Mapping) else None
