"""How long ago something was, as kubectl writes it."""

from __future__ import annotations

import datetime
from typing import Final

_UNITS: Final = (("d", 86_400, 2), ("h", 3_600, 3), ("m", 60, 2), ("s", 1, 0))  # from so many of them on


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


def age(stamp: str) -> str:
    """The age of a time as Kubernetes writes it: `90s`, `5m`, `3h`, or `?` if it is not a time."""
    try:
        then = datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00"))
        past = (now() - then).total_seconds()
    except (TypeError, ValueError):
        return "?"
    unit, size = next((unit, size) for unit, size, least in _UNITS if past >= least * size or unit == "s")
    return f"{max(int(past // size), 0)}{unit}"
