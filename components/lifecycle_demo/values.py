"""What the API server would refuse in names, labels, ports and variables, before anybody asks it.

As in Kubernetes 1.37: apimachinery/pkg/util/validation and core/validation.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from lifecycle_rules import UNKNOWN, parse_reference
from lifecycle_rules.shell import script_index

from .shape import Fault

_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", re.ASCII)
_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", re.ASCII)
_QUALIFIED: Final = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?", re.ASCII)
_PORT: Final = re.compile(r"(?!.*--)(?=.*[a-z])[a-z0-9]([-a-z0-9]*[a-z0-9])?", re.ASCII)
_VARIABLE: Final = re.compile(r"[ -<>-~]+", re.ASCII)  # printable, without `=` (Kubernetes 1.34)
_MAX_SECONDS: Final = 2**63 - 1
_MAX_ANNOTATIONS: Final = 256 * 1024  # bytes, of all keys and values


def _is_name(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 253 and bool(_SUBDOMAIN.fullmatch(value))


def _is_label(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 63 and bool(_LABEL.fullmatch(value))


def _is_value_of_a_label(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 63 and (not value or bool(_QUALIFIED.fullmatch(value)))


def _is_key(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    return len(name) <= 63 and bool(_QUALIFIED.fullmatch(name)) and (_is_name(prefix) or not slash)


def _is_port_name(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 15 and bool(_PORT.fullmatch(value))


def _is_image(value: object) -> bool:
    return isinstance(value, str) and parse_reference(value) is not None


_ENDS: Final = "with a letter or digit at both ends"
# What tells that a value is right, and what a wrong one is.
_NAME: Final = (_is_name, f"is not a valid name: use lower case letters, digits, '-' and '.', at most 253, {_ENDS}")
_DNS_LABEL: Final = (_is_label, f"is not a valid name: use lower case letters, digits and '-', at most 63, {_ENDS}")
_LABEL_VALUE: Final = (
    _is_value_of_a_label,
    f"is not a valid label value: use letters, digits, '-', '_' and '.', at most 63, {_ENDS}",
)
_PORT_NUMBER: Final = (
    lambda value: isinstance(value, int) and 1 <= value <= 65535,
    "is not a valid port: use 1 to 65535",
)
_PORT_NAME: Final = (
    _is_port_name,
    "is not a valid port name: use lower case letters, digits and single '-', at most 15, with at least one letter",
)
_PROTOCOL: Final = (("TCP", "UDP", "SCTP").__contains__, "is not a protocol: use TCP, UDP or SCTP")
_IMAGE: Final = (_is_image, "is not an image reference; write [registry/]name[:tag][@digest] in lower case")
_GRACE: Final = (lambda value: isinstance(value, int) and value <= _MAX_SECONDS, "is too large a number of seconds")
_KEY_WORDS: Final = (
    f"is not a valid key: use letters, digits, '-', '_' and '.', at most 63, {_ENDS}; a DNS name and '/' may come first"
)

Test = tuple[Callable[[Any], bool], str]


def faults(pod: Mapping[str, Any]) -> Iterator[Fault]:
    """What the API server would refuse of the values in a plain pod; paths are the API server's."""
    metadata, spec = pod["metadata"], pod["spec"]
    yield from of_name(metadata.get("name"), "metadata.name")
    yield from _judged(metadata.get("namespace"), "metadata.namespace", _DNS_LABEL)
    for field in ("labels", "annotations"):
        for key, value in _mapping(metadata.get(field)).items():
            if not _is_key(key.lower() if field == "annotations" else key):  # as the API server reads them
                yield f"metadata.{field}", f"{key!r} {_KEY_WORDS}"
            if field == "labels":
                yield from _judged(value, f"metadata.labels.{key}", _LABEL_VALUE)
    annotations = _mapping(metadata.get("annotations")).items()
    texts = [text for pair in annotations for text in pair if isinstance(text, str)]
    size = sum(len(text.encode(errors="surrogatepass")) for text in texts)
    if size > _MAX_ANNOTATIONS:
        yield "metadata.annotations", f"{size} bytes are too many: use at most {_MAX_ANNOTATIONS}"
    yield from _judged(spec.get("terminationGracePeriodSeconds"), "spec.terminationGracePeriodSeconds", _GRACE)
    yield from _together(spec)
    seen: list[Any] = []
    for field in ("containers", "initContainers"):
        for index, each in enumerate(_mappings(spec.get(field))):
            path = f"spec.{field}[{index}]"
            yield from _of_container(each, path)
            if each.get("name") in seen:
                yield f"{path}.name", f"{each['name']!r} is another container's name too; choose another"
            if isinstance(each.get("name"), str):
                seen.append(each["name"])


def of_name(name: object, path: str) -> Iterator[Fault]:
    """What is wrong with the name of a Pod."""
    yield from _judged(name, path, _NAME)


def _together(spec: Mapping[str, Any]) -> Iterator[Fault]:
    """Fields that exclude each other."""
    if spec.get("hostPID") is True and spec.get("shareProcessNamespace") is True:
        yield "spec.shareProcessNamespace", "ShareProcessNamespace and HostPID cannot both be enabled"
    for field in ("hostPID", "hostIPC", "hostNetwork") if spec.get("hostUsers") is False else ():
        if spec.get(field) is True:
            yield f"spec.{field}", "Forbidden when `hostUsers` is false"
    if spec.get("ephemeralContainers") and spec["ephemeralContainers"] is not UNKNOWN:
        yield "spec.ephemeralContainers", "Forbidden: cannot be set on create; `kubectl debug` adds them"
    taken = set()
    for field in ("containers", "initContainers") if spec.get("hostNetwork") is True else ():
        for index, each in enumerate(_mappings(spec.get(field))):
            for place, port in enumerate(_mappings(each.get("ports"))):
                used = (port.get("containerPort"), port.get("protocol") or "TCP", port.get("hostIP") or "")
                if used in taken and UNKNOWN not in used:
                    where = f"spec.{field}[{index}].ports[{place}]"
                    words = "is another port's too; a node has each port only once"
                    yield f"{where}.containerPort", f"{used[0]} {words}"
                taken.add(used)


def _of_container(container: Mapping[str, Any], path: str) -> Iterator[Fault]:
    yield from _judged(container.get("name"), f"{path}.name", _DNS_LABEL)
    yield from _judged(container.get("image"), f"{path}.image", _IMAGE)
    names = []
    for index, port in enumerate(_mappings(container.get("ports"))):
        where = f"{path}.ports[{index}]"
        yield from _judged(port.get("containerPort"), f"{where}.containerPort", _PORT_NUMBER)
        yield from _judged(port.get("name"), f"{where}.name", _PORT_NAME)
        yield from _judged(port.get("protocol"), f"{where}.protocol", _PROTOCOL)
        if isinstance(port.get("name"), str) and port["name"] in names:
            yield f"{where}.name", f"{port['name']!r} is another port's name too; choose another"
        names.append(port.get("name"))
    for variable in _mappings(container.get("env")):
        name = variable.get("name")
        if isinstance(name, str) and not _VARIABLE.fullmatch(name):
            yield f"{path}.env", f"{name!r} is not a valid variable name: use printable ASCII characters without '='"

    for event in ("postStart", "preStop"):
        command = _mapping(_mapping(_mapping(container.get("lifecycle")).get(event)).get("exec")).get("command")
        place = script_index(command) if isinstance(command, list) else None
        if command and place is not None and _is_empty(command[place]):
            where = f"{path}.lifecycle.{event}.exec.command[{place}]"
            yield where, "the script has no command, so the hook does nothing; add a command, or remove the hook"


def _is_empty(script: object) -> bool:
    """Whether a shell has nothing to run: blanks and comments."""
    lines = script.split("\n") if isinstance(script, str) else ["?"]
    return all(not line or line[0] == "#" for line in (each.lstrip(" \t") for each in lines))


def _judged(value: object, path: str, test: Test) -> Iterator[Fault]:
    is_right, words = test
    if value is not None and value is not UNKNOWN and not is_right(value):
        yield path, f"{value!r} {words}"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> Iterable[Mapping[str, Any]]:
    return [_mapping(each) for each in value] if isinstance(value, list | tuple) else ()
