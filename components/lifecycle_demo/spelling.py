"""A field's name in snake case, as Pulumi's Python spells it, and in camel case, as Kubernetes does."""

import functools
import re
from collections.abc import Mapping
from typing import Final

# Names that are not in camel case in Kubernetes.
_ODD: Final[Mapping[str, str]] = {
    "host_ipc": "hostIPC",
    "host_pid": "hostPID",
    "set_hostname_as_fqdn": "setHostnameAsFQDN",
}


@functools.lru_cache(maxsize=1024)
def camel_case(key: str) -> str:
    """`host_network` to `hostNetwork`."""
    return _ODD.get(key) or re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), key)


@functools.lru_cache(maxsize=1024)
def snake_case(key: str) -> str:
    """`hostNetwork` to `host_network`; a key in snake case stays as it is."""
    return re.sub(r"(?<=[a-z0-9])([A-Z]+)", lambda found: f"_{found[1].lower()}", key)
