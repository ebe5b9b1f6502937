"""What the user names: `deploy/api`, or `deploy` for all of them, by kubectl's short names."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Final, NamedTuple

SHORT: Final[Mapping[str, str]] = {
    "Deployment": "deploy",
    "StatefulSet": "sts",
    "DaemonSet": "ds",
    "Job": "job",
    "CronJob": "cj",
    "ReplicaSet": "rs",
    "ReplicationController": "rc",
    "Pod": "po",
}
"""kubectl's short names of the kinds that have Pods."""
_GROUPS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"), "apps"),
    **dict.fromkeys(("Job", "CronJob"), "batch"),
}
_NAMES: Final = {
    name: kind
    for kind, short in SHORT.items()
    for plural in (f"{kind.lower()}s",)
    for name in (
        short,
        kind.lower(),
        plural,
        *((f"{each}.{_GROUPS[kind]}" for each in (kind.lower(), plural)) if kind in _GROUPS else ()),
    )
}


class Target(NamedTuple):
    """A workload, or all of a kind."""

    kind: str
    name: str
    """Empty for all."""


class TargetError(ValueError):
    """It names nothing; the text says what would."""


def target(text: str) -> Target:
    """Raises TargetError."""
    kind, slash, name = text.partition("/")
    known = _NAMES.get(kind.lower())
    if known is None:
        near = difflib.get_close_matches(kind.lower(), _NAMES, 1)
        if not slash and not near:
            raise TargetError(f"{text!r} is not a kind; name a workload as KIND/NAME, e.g. deploy/{text}")
        hint = f"did you mean {near[0]}?" if near else f"choose from: {', '.join(sorted(SHORT.values()))}"
        raise TargetError(f"no kind of workload is named {kind!r}; {hint}")
    if slash and (not name or "/" in name):
        raise TargetError(f"{text!r} does not name a workload; write it as {kind}/NAME")
    return Target(known, name)


def shown(kind: str, name: str) -> str:
    """`deploy/api`; of a kind that kubectl has no short name for, its own in small letters."""
    return f"{SHORT.get(kind, kind.lower())}/{name}"
