"""Between Pulumi's wire format and plain Kubernetes objects.

A decoded value is plain Python (dict, list, str, int, float, bool, None) in which two things may still
stand: `Secret`, wrapped around what must not be shown, and `UNKNOWN`, where only `up` will know the value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2

# Pulumi's wire format: an object with this key is not a map but something special, named by the value.
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
# One marker per type the engine may hold back; all mean the same to an object of Kubernetes.
_UNKNOWN_MARKERS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)


class Unknown:
    """A value that only `up` will know."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    value: Any

    def __repr__(self) -> str:
        return "Secret(...)"  # a secret must not reach a log through a traceback or a test report


def decode(value: struct_pb2.Value) -> Any:
    match value.WhichOneof("kind"):
        case "bool_value":
            return value.bool_value
        case "number_value":
            # The wire knows only doubles; `containerPort: 80.0` would be refused as not an integer.
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "string_value":
            return UNKNOWN if value.string_value in _UNKNOWN_MARKERS else value.string_value
        case "list_value":
            return [decode(item) for item in value.list_value.values]
        case "struct_value":
            return _decode_object(value.struct_value.fields)
        case _:
            return None


def decode_map(struct: struct_pb2.Struct) -> dict[str, Any]:
    return {key: decode(value) for key, value in struct.fields.items()}


def _decode_object(fields: Mapping[str, struct_pb2.Value]) -> Any:
    signature = fields[_SIGNATURE].string_value if _SIGNATURE in fields else ""
    if not signature:
        return {key: decode(value) for key, value in fields.items()}
    if signature == _SECRET:
        return secret(decode(fields["value"]))
    if signature == _OUTPUT:
        inner = decode(fields["value"]) if "value" in fields else UNKNOWN
        return secret(inner) if "secret" in fields and fields["secret"].bool_value else inner
    raise ValueError("assets, archives and resources cannot be part of a Kubernetes object")


def encode(value: Any) -> struct_pb2.Value:
    match value:
        case None:
            return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
        case Secret():
            fields = {_SIGNATURE: struct_pb2.Value(string_value=_SECRET), "value": encode(value.value)}
            return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))
        case Unknown():
            return struct_pb2.Value(string_value="04da6b54-80e4-46f7-96ec-b56ff0331ba9")
        case bool():
            return struct_pb2.Value(bool_value=value)
        case int() | float():
            return struct_pb2.Value(number_value=value)
        case str():
            return struct_pb2.Value(string_value=value)
        case list():
            return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[encode(item) for item in value]))
        case dict():
            return struct_pb2.Value(struct_value=encode_map(value))
        case _:
            raise TypeError(f"{type(value).__name__} has no place in a Kubernetes object")


def encode_map(value: Mapping[str, Any]) -> struct_pb2.Struct:
    return struct_pb2.Struct(fields={key: encode(item) for key, item in value.items()})


def secret(value: Any) -> Secret:
    """Secret once, however often it is said: the engine refuses a secret within a secret."""
    return value if isinstance(value, Secret) else Secret(plain(value))


def plain(value: Any) -> Any:
    """The same value with nothing marked secret."""
    match value:
        case Secret():
            return plain(value.value)
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case _:
            return value


def _contains(value: Any, wanted: type[Any]) -> bool:
    match value:
        case _ if isinstance(value, wanted):
            return True
        case Secret():
            return _contains(value.value, wanted)
        case dict():
            return any(_contains(item, wanted) for item in value.values())
        case list():
            return any(_contains(item, wanted) for item in value)
        case _:
            return False


def contains_unknown(value: Any) -> bool:
    return _contains(value, Unknown)


def contains_secret(value: Any) -> bool:
    return _contains(value, Secret)


def without_nulls(value: Any) -> Any:
    """The SDK sends null where a program left an argument out; the API server must not see it."""
    match value:
        case dict():
            return {key: without_nulls(item) for key, item in value.items() if item is not None}
        case list():
            return [without_nulls(item) for item in value]
        case Secret():
            return Secret(without_nulls(value.value))
        case _:
            return value


def mark_secrets(outputs: Any, inputs: Any) -> Any:
    """`outputs` with everything secret that is secret in `inputs`, and what a Kubernetes Secret holds.

    Maps are followed key by key. A list that holds one secret becomes secret as a whole, because the API
    server may reorder it, and a secret that moved must not show.
    """
    if isinstance(inputs, Secret):
        return secret(outputs)
    if isinstance(outputs, dict):
        known = inputs if isinstance(inputs, dict) else {}
        marked = {key: mark_secrets(item, known.get(key)) for key, item in outputs.items()}
        if outputs.get("kind") == "Secret":
            for field in ("data", "stringData"):
                if field in marked:
                    marked[field] = secret(marked[field])
        return marked
    if isinstance(outputs, list) and contains_secret(inputs):
        return secret(outputs)
    return outputs


def _renamed(value: Any, name: Callable[[str], str]) -> Any:
    match value:
        case dict():
            return {name(key): _renamed(item, name) for key, item in value.items()}
        case list():
            return [_renamed(item, name) for item in value]
        case Secret():
            return Secret(_renamed(value.value, name))
        case _:
            return value


def to_object(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What goes to the API server: SDKs cannot write `x-kubernetes-*`, so they write `x_kubernetes_*`."""
    renamed: dict[str, Any] = _renamed(
        without_nulls(plain(dict(inputs))),
        lambda key: key.replace("_", "-") if key.startswith("x_kubernetes_") else key,
    )
    return renamed


def from_object(obj: Mapping[str, Any]) -> dict[str, Any]:
    """What goes back to the program; the other direction of `to_object`."""
    renamed: dict[str, Any] = _renamed(
        dict(obj), lambda key: key.replace("-", "_") if key.startswith("x-kubernetes-") else key
    )
    return renamed
