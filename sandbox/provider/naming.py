"""Names: made up where the program gives none, and kept from then on."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, Final

from sandbox.provider.values import UNKNOWN, Secret, plain

AUTONAMED: Final = "pulumi.com/autonamed"
_SUFFIX_DIGITS: Final = 8


def annotation(obj: Mapping[str, Any], name: str) -> str:
    """An annotation's text, or nothing; unknown counts as nothing."""
    annotations = _map(_map(obj.get("metadata")).get("annotations"))
    value = plain(annotations.get(name))
    return value if isinstance(value, str) else ""


def annotated(obj: Mapping[str, Any], name: str) -> bool:
    return annotation(obj, name) == "true"


def is_named(inputs: Mapping[str, Any]) -> bool:
    """Whether the program gave a name, be it one that only `up` will know."""
    return bool(plain(_map(inputs.get("metadata")).get("name")))


def is_autonamed(inputs: Mapping[str, Any]) -> bool:
    return annotated(inputs, AUTONAMED)


def generates_name(inputs: Mapping[str, Any]) -> bool:
    return not is_named(inputs) and bool(_map(inputs.get("metadata")).get("generateName"))


def random_name(prefix: str, seed: bytes) -> str:
    """The same name for the same seed, so that a plan made by a preview still holds at `up`."""
    if not seed:
        return prefix + secrets.token_hex(_SUFFIX_DIGITS // 2)
    return prefix + hashlib.sha256(seed + prefix.encode()).hexdigest()[:_SUFFIX_DIGITS]


def with_name(inputs: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Named by us and marked so: a replacement may then get a new name and exist beside the old object."""
    metadata = _map(inputs.get("metadata"))
    annotations = _map(metadata.get("annotations"))
    return {
        **inputs,
        "metadata": {**metadata, "name": name, "annotations": {**annotations, AUTONAMED: "true"}},
    }


def keep_old_name(inputs: dict[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """A made-up name lives as long as its resource; only a replacement makes up a new one."""
    if is_named(inputs) or not is_autonamed(old):
        return inputs
    return with_name(inputs, plain(_map(old.get("metadata"))["name"]))


def object_id(obj: Mapping[str, Any]) -> str:
    metadata = obj["metadata"]
    namespace = metadata.get("namespace")
    return f"{namespace}/{metadata['name']}" if namespace else str(metadata["name"])


def parse_id(text: str) -> tuple[str, str]:
    """Namespace (may be empty) and name."""
    namespace, _, name = text.rpartition("/")
    if not name or "/" in namespace:
        raise ValueError(f"{text!r} is no id of a Kubernetes object; write `name` or `namespace/name`")
    return namespace, name


def _map(value: Any) -> dict[str, Any]:
    if isinstance(value, Secret):
        value = value.value
    return value if isinstance(value, dict) and value is not UNKNOWN else {}
