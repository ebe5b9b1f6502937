"""Pulumi's property values as the plain data that lifecycle_rules takes.

What is not known yet becomes UNKNOWN, whole numbers become integers (protobuf has none), and assets UNKNOWN: present,
but not judged. Nothing of pulumi-policy's proxies is left, whose lists are no lists and which raise on unknown values.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from google.protobuf import struct_pb2
from pulumi_policy import deserialize, proxy

from lifecycle_rules import UNKNOWN
from lifecycle_rules.model import joined

from ..objects import Values

MAX_DEPTH: Final = 100  # deeper than any workload; what lies below is present, and not judged
_UNKNOWNS: Final = frozenset(
    value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_") and isinstance(value, str)
)
_SIGNATURE: Final = deserialize.SPECIAL_SIG_KEY
_SECRET: Final = deserialize.SPECIAL_SECRET_SIG


Way = tuple["Way | None", str | int]
"""The way to a value, its last step first: a path is written only where something is secret."""


def of_message(properties: struct_pb2.Struct) -> Values:
    """The properties as the engine sends them, with its word on what is secret."""
    secrets: list[tuple[str, str]] = []
    return Values(_fields(properties, None, secrets, MAX_DEPTH), tuple(secrets))


def of_proxies(props: Mapping[str, Any]) -> Values:
    """The properties as pulumi-policy hands them to a policy, which no longer tells what is secret."""
    return Values({key: _of_proxy(props, key, MAX_DEPTH) for key in props}, None)


def _fields(struct: struct_pb2.Struct, way: Way | None, secrets: list[tuple[str, str]], depth: int) -> dict[str, Any]:
    return {key: _of_value(value, (way, key), secrets, depth) for key, value in struct.fields.items()}


def _of_value(value: struct_pb2.Value, way: Way, secrets: list[tuple[str, str]], depth: int) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
    if kind == "number_value":
        return _number(value.number_value)
    if kind == "bool_value":
        return value.bool_value
    if kind == "null_value" or kind is None:
        return None
    if depth == 0:
        return UNKNOWN
    if kind == "list_value":
        items = value.list_value.values
        return [_of_value(each, (way, index), secrets, depth - 1) for index, each in enumerate(items)]
    fields = value.struct_value.fields
    if _SIGNATURE not in fields:
        return _fields(value.struct_value, way, secrets, depth - 1)
    if fields[_SIGNATURE].string_value != _SECRET:
        return UNKNOWN
    held = _of_value(fields["value"], way, secrets, depth - 1)
    path = _path(way)
    secrets.extend((path, text) for text in _texts(held))
    return held


def _path(way: Way | None) -> str:
    if way is None:
        return ""
    before, step = way
    return f"{_path(before)}[{step}]" if isinstance(step, int) else joined(_path(before), step)


def _texts(value: Any) -> Iterator[str]:
    """The scalars in a secret, as a message would write them; one that holds none has an empty one."""
    if isinstance(value, dict) and value:
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list) and value:
        for each in value:
            yield from _texts(each)
    else:
        yield str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _number(value: float) -> float | int:
    return int(value) if value.is_integer() else value


def _of_proxy(holder: Any, key: Any, depth: int) -> Any:
    """One value of a proxy; those raise when an unknown value is touched, which ended the policy for the resource."""
    try:
        value = holder[key]
    except proxy.UnknownValueError:
        return UNKNOWN
    if isinstance(value, Mapping):
        return {each: _of_proxy(value, each, depth - 1) for each in value} if depth else UNKNOWN
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_of_proxy(value, index, depth - 1) for index in range(len(value))] if depth else UNKNOWN
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, str):  # a remediation's proxies hand on what is not known
        return UNKNOWN if value in _UNKNOWNS else value
    return value if value is None or isinstance(value, bool | int) else UNKNOWN
