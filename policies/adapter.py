"""Pulumi's policy arguments to the plain data that lifecycle_rules takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_policy.proxy import UnknownValueError

from lifecycle_rules import UNKNOWN


def plain(value: Any) -> Any:
    """A deep copy in dicts and lists, with UNKNOWN where a value is not known yet.

    The engine's proxies raise when an unknown value is touched, which would silently turn a
    mandatory policy into an advisory one for this resource.
    """
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_item(value, index) for index in range(len(value))]
    if isinstance(value, float) and value.is_integer():
        return int(value)  # protobuf has no integers
    return value


def _item(holder: Any, key: Any) -> Any:
    try:
        return plain(holder[key])
    except UnknownValueError:
        return UNKNOWN


def kubernetes_kind(resource_type: str) -> str | None:
    """`Deployment` of `kubernetes:apps/v1:Deployment`; None for what is not Kubernetes."""
    package, _, rest = resource_type.partition(":")
    return rest.rpartition(":")[2] if package == "kubernetes" else None
