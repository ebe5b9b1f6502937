"""Arguments to a plain pod, in the API server's own shape, and the way back from its fields to the arguments."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import pulumi
import pulumi_kubernetes as k8s

from lifecycle_rules import UNKNOWN, parse_reference

from .args import Handler
from .hooks import drain_delay, nginx_graceful, page_post_start
from .inputs import OfClass, is_at
from .shape import Fault, fields_of
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
_ARGUMENTS: Final[Mapping[str, str]] = {"containers": "containers", "initContainers": "sidecars"}
_OF_POD: Final = ("termination_grace_period_seconds", "share_process_namespace")
_METADATA: Final = ("name", "namespace", "labels", "annotations")
NGINX: Final = "docker.io/library/nginx"
_MAX_NAME: Final = 63
_SUFFIX: Final = "-container"


class Draft(NamedTuple):
    """A pod that is to be: leaves may be Outputs or UNKNOWN, keys are Kubernetes' own."""

    metadata: dict[str, Any]
    spec: Any
    """A mapping; an Output of one, where `pod_spec` is."""
    places: Mapping[str, str]
    """The argument of a field, by the field's path: `spec.containers[0].lifecycle.preStop` is `pre_stop`."""
    args: Mapping[str, Any]

    def argument(self, path: str) -> str:
        """The path of a field in the API server's words, in the caller's."""
        start = max((each for each in self.places if is_at(path, each)), key=len, default="")
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


def completed(args: Mapping[str, Any]) -> dict[str, Any]:
    """Without the arguments that nobody set, and with the image and the hooks of the first container."""
    given = {key: value for key, value in args.items() if value is not None}
    image = given.get("image", "nginx")
    defaults = {} if _EVENTS.keys() <= given.keys() else _default_hooks(image)
    return {**defaults, **given, "image": image}


def draft(resource: str, given: Mapping[str, Any], *, is_template: bool = False) -> tuple[Draft, list[Fault]]:
    """The pod of completed arguments, whose shape is right, and what is given twice.

    Of arguments that hold Outputs it is made for the engine; of those with UNKNOWN in their place, to be judged.
    """
    drafting = _Drafting()
    for key in ("name", "namespace", "generate_name", "report_deletion", "fail_fast") if is_template else ():
        if key in given:
            drafting.faults.append(
                (key, "belongs to a Pod; a template cannot have it, because its workload names the Pods")
            )
    if given.get("generate_name") and "name" in given:
        drafting.faults.append(("generate_name", "conflicts with name; keep one of the two"))
    has_no_name = is_template or given.get("generate_name")
    metadata = {
        "name": given.get("name", None if has_no_name else resource),
        "namespace": given.get("namespace"),
        "labels": given.get("labels", {"app.kubernetes.io/name": resource}),
        "annotations": given.get("annotations"),
    }
    spec = drafting.spec(given, resource)
    return Draft(present(metadata), present(spec), drafting.places, given), drafting.faults


def mapped(value: Any, make: Callable[[Any], Any], unknown: Any = UNKNOWN) -> Any:
    """What `make` makes of a value, also where an Output brings it; `unknown` where it is UNKNOWN."""
    if isinstance(value, pulumi.Output):
        return value.apply(lambda known: present(make(known)))
    return unknown if value is UNKNOWN else make(value)


class _Drafting:
    """Makes a pod spec, and notes which argument each field comes from, and what is given twice."""

    def __init__(self) -> None:
        self.places = {f"metadata.{key}": key for key in _METADATA}
        self.faults: list[Fault] = []

    def spec(self, given: Mapping[str, Any], resource: str) -> Any:
        first = self._first(given, resource)
        own = {
            "containers": (
                mapped(
                    given.get("containers", ()),
                    lambda further: [first, *self._all(further, "containers", 1, None)],
                    [first, UNKNOWN],
                ),
                "containers",
            ),
            "initContainers": (
                _filled(mapped(given.get("sidecars", ()), lambda each: self._all(each, "initContainers", 0, "Always"))),
                "sidecars",
            ),
            **{camel_case(name): (given.get(name), name) for name in _OF_POD},
        }
        return self._with_others(own, given.get("pod_spec", {}), k8s.core.v1.PodSpecArgs, "spec", "pod_spec")

    def _all(self, further: Sequence[Any], field: str, start: int, restart: str | None) -> list[Any]:
        found = []
        for index, each in enumerate(further):
            path, where = f"spec.{field}[{start + index}]", f"{_ARGUMENTS[field]}[{index}]"
            found.append(mapped(each, partial(self._further, path=path, where=where, restart=restart)))
        return found

    def _first(self, given: Mapping[str, Any], resource: str) -> Any:
        """The container of the top arguments: it has a name also where nobody says so."""
        path = "spec.containers[0]"
        self.places[f"{path}.name"] = "name"
        name = mapped(given.get("name", resource), _container_name)
        own = self._own(given, path, "")
        return self._with_others(own, given.get("container", {}), k8s.core.v1.ContainerArgs, path, "container", name)

    def _further(self, given: Mapping[str, Any], path: str, where: str, restart: str | None) -> Any:
        if isinstance(given, OfClass):
            return self._merged({"restartPolicy": (restart, where)}, given, path, where)
        given = {key: value for key, value in given.items() if value is not None}
        own = self._own(given, path, f"{where}.")
        own["name"] = (given["name"], f"{where}.name")
        own["restartPolicy"] = (restart, where)
        others, at = given.get("container", {}), f"{where}.container"
        return self._with_others(own, others, k8s.core.v1.ContainerArgs, path, at)

    def _own(self, given: Mapping[str, Any], path: str, where: str) -> dict[str, tuple[Any, str]]:
        """The fields of a container that have arguments, with these."""
        lifecycle = {event: renamed(given[name]) for name, event in _EVENTS.items() if name in given}
        for name, event in _EVENTS.items():
            self.places[f"{path}.lifecycle.{event}"] = f"{where}{name}"
        return {
            **{name: (given.get(name), f"{where}{name}") for name in _PLAIN},
            "env": (_filled(mapped(given.get("env", {}), _variables)), f"{where}env"),
            "ports": (_filled(renamed(given.get("ports"))), f"{where}ports"),
            "lifecycle": (_filled(lifecycle), " and ".join(f"{where}{name}" for name in _EVENTS)),
        }

    def _with_others(
        self, own: dict[str, tuple[Any, str]], others: Any, form: type, path: str, where: str, name: Any = None
    ) -> Any:
        """Our own fields and those that pass through, of which any may be there as long as they are not known."""

        def merged(others: Mapping[str, Any]) -> dict[str, Any]:
            fields = self._merged(own, others, path, where)
            return fields if name is None else {"name": name, **fields}

        return mapped(others, merged, merged(dict.fromkeys(fields_of(form), UNKNOWN)) if others is UNKNOWN else None)

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
                # The class cannot be made without containers, and an unknown field need not be there.
                if not (value is UNKNOWN or (isinstance(others, OfClass) and value == [])):
                    self.faults.append((f"{where}.{key}", f"conflicts with {own[field][1]}; keep one of the two"))
            elif value is not None:
                fields[field] = value
                self.places[f"{path}.{field}"] = f"{where}.{key}"
        return fields


def _variables(env: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in env.items()]


def _filled(value: Any) -> Any:
    return None if value == [] or value == {} else value


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
    if isinstance(value, dict):
        return {_FIELDS.get(snake_case(key), key): renamed(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [each if type(each) is str else renamed(each) for each in value]
    return value.apply(renamed) if isinstance(value, pulumi.Output) else value


def in_kubernetes_words(value: Any) -> Any:
    """A pod all of whose keys are in camel case, for the rules; what is keyed by users' names they do not look into."""
    if isinstance(value, dict):
        return {
            camel_case(key): in_kubernetes_words(each) if isinstance(each, dict | list) else each
            for key, each in value.items()
        }
    return [in_kubernetes_words(each) for each in value] if isinstance(value, list) else value


def present(value: Any) -> Any:
    """Without the fields that nobody set, for None is a value to Kubernetes, no absence; in plain dicts and lists."""
    if isinstance(value, dict):
        return {key: each if type(each) is str else present(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [each if type(each) is str else present(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)  # Pulumi delivers every number as a float
    return value


def _tokens(path: str) -> list[str | int]:
    return [int(index) if index else word for word, index in re.findall(r"([^.\[\]]+)(?![^\[]*\])|\[(\d+)\]", path)]


def _callers_key(field: str, value: object) -> str:
    """The key that the caller has for a field, in either case."""
    keys: Iterator[str] = iter(value) if isinstance(value, Mapping) else iter(())
    same = [key for key in keys if key == field or _FIELDS.get(snake_case(key), camel_case(key)) == field]
    return same[0] if same else snake_case(field)


def _at(value: object, word: str | int) -> object:
    if isinstance(value, list | tuple) and isinstance(word, int):
        return value[word] if word < len(value) else None
    return value.get(word) if isinstance(value, Mapping) else None
