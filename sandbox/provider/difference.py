"""What changed between the object in the cluster and what the program now wants."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Final

from sandbox.provider.replacement import Path, replaces

_READ_ONLY_METADATA: Final = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
)
# The API server writes amounts in a shape of its own: `1000m` comes back as `1`.
_AMOUNTS: Final = frozenset({"limits", "requests", "capacity", "hard", "overhead", "sizeLimit", "divisor", "storage"})
_UNITS: Final = {
    "": Decimal(1),
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", start=1)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", start=1)},
}


class Change(Enum):
    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True)
class Difference:
    change: Change
    replace: bool


def without_read_only(obj: Mapping[str, Any]) -> dict[str, Any]:
    """Without the metadata that only the API server writes; a program that copied it means nothing by it."""
    metadata = obj.get("metadata")
    if not isinstance(metadata, dict):
        return dict(obj)
    return {**obj, "metadata": {k: v for k, v in metadata.items() if k not in _READ_ONLY_METADATA}}


def prune(live: Any, inputs: Any, path: Path = ()) -> Any:
    """`live` cut to the shape of `inputs`, so that what the API server fills in is no difference.

    Where both mean the same, the program's way to write it stays; an empty value that the API server
    drops counts as being there.
    """
    if isinstance(inputs, dict) and isinstance(live, dict):
        pruned = {}
        for key, wanted in inputs.items():
            if live.get(key) is not None:
                pruned[key] = prune(live[key], wanted, (*path, key))
            elif not wanted:
                pruned[key] = wanted
        if inputs.get("kind") == "Secret" and isinstance(inputs.get("stringData"), dict):
            pruned["stringData"] = _decoded(inputs["stringData"], live.get("data") or {})
        return pruned
    if isinstance(inputs, list) and isinstance(live, list):
        # Only as many as the program wrote: the API server and admission add volumes and tolerations.
        return [prune(a, b, (*path, i)) for i, (a, b) in enumerate(zip(live, inputs, strict=False))]
    return inputs if same(live, inputs, path) else live


def same(one: Any, other: Any, path: Path = ()) -> bool:
    if one == other and isinstance(one, bool) == isinstance(other, bool):
        return True
    if any(part in _AMOUNTS for part in path):
        amounts = amount(one), amount(other)
        return None not in amounts and amounts[0] == amounts[1]
    return False


def amount(value: Any) -> Decimal | None:
    """A Kubernetes quantity as a number, or nothing."""
    match = re.fullmatch(r"([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]*)", str(value))
    if not match or match[2] not in _UNITS:
        return None
    try:
        return Decimal(match[1]) * _UNITS[match[2]]
    except InvalidOperation:
        return None


def differences(old: Mapping[str, Any], new: Mapping[str, Any], replacing: Sequence[str]) -> dict[str, Difference]:
    """Property path -> what happened there, in the words of a detailed diff."""
    found: dict[Path, tuple[Change, Any]] = {}
    _compare((), old, new, found)
    return {
        path_text(path): Difference(change, replaces(replacing, path, value)) for path, (change, value) in found.items()
    }


def _compare(path: Path, old: Any, new: Any, found: dict[Path, tuple[Change, Any]]) -> None:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            here: Path = (*path, key)
            if key not in new:
                found[here] = (Change.DELETE, None)
            elif key not in old:
                found[here] = (Change.ADD, new[key])
            else:
                _compare(here, old[key], new[key], found)
    elif isinstance(old, list) and isinstance(new, list):
        for i in range(max(len(old), len(new))):
            here = (*path, i)
            if i >= len(new):
                found[here] = (Change.DELETE, None)
            elif i >= len(old):
                found[here] = (Change.ADD, new[i])
            else:
                _compare(here, old[i], new[i], found)
    elif not same(old, new, path):
        found[path] = (Change.UPDATE, new)


def path_text(path: Path) -> str:
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif re.search(r'[."\[\]]', part):
            escaped = part.replace('"', '\\"')
            text += f'["{escaped}"]'
        else:
            text += f".{part}" if text else part
    return text


def ignored(path: str, ignore: Sequence[str]) -> bool:
    """Whether `ignoreChanges` covers a path: the same one, or one above it; `*` is any key or index."""
    parts = parse_path(path)
    for pattern in ignore:
        wanted = parse_path(pattern)
        if len(wanted) <= len(parts) and all(w in ("*", p) for w, p in zip(wanted, parts, strict=False)):
            return True
    return False


def parse_path(text: str) -> list[str]:
    found = re.findall(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.\[\]]+)', text)
    return [quoted.replace('\\"', '"') or index or name for quoted, index, name in found]


def _decoded(wanted: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """What `stringData` says now: the API server moves it into `data`, in base64."""
    now = {}
    for key in wanted:
        try:
            now[key] = base64.b64decode(data[key]).decode()
        except (KeyError, TypeError, UnicodeDecodeError, binascii.Error):
            continue
    return now
