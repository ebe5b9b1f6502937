"""The Pods of a workload, as a query asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lifecycle_rules.model import items


def selected(obj: Mapping[str, Any]) -> str | None:
    """The selector of a workload, as a list takes it; None where it has none."""
    spec = obj.get("spec")
    selector = spec.get("selector") if isinstance(spec, dict) else None
    if not isinstance(selector, dict):
        return None
    is_old = not {"matchLabels", "matchExpressions"} & set(selector)  # a ReplicationController's
    labels = selector if is_old else selector.get("matchLabels") or {}
    parts = [f"{key}={value}" for key, value in labels.items()]
    for each in items(selector.get("matchExpressions")) if not is_old else ():
        key, operator, values = each.get("key"), each.get("operator"), ",".join(map(str, each.get("values") or ()))
        parts.append(
            {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "Exists": f"{key}"}.get(
                operator, f"!{key}"
            )
        )
    return ",".join(parts) or None
