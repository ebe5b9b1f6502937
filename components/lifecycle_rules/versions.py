"""What differs between Kubernetes versions: feature gates, with the minor version that brought them and the one that
turned them on, and defects, with the patch releases that have them.

A newer or an older Kubernetes is one more line here. Source: pkg/features/kube_features.go of each version.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

OLDEST: Final = "1.28"
LATEST: Final = "1.37"  # of which the rules were proven; a newer one is taken for it
_VERSION: Final = re.compile(r"v?1\.(\d{1,3})(?:\.(\d+))?(?:[-+].*)?", re.ASCII)
_MAX_PATCH_DIGITS: Final = 9


@dataclass(frozen=True)
class Gate:
    """A feature gate, or what changed without one."""

    name: str
    known: int
    """The minor version that brought it. Before that, the API server does not know its field."""
    on: int | None
    """The first minor version that turns it on by default, or None."""


SIDECARS: Final = Gate("SidecarContainers", 28, 29)
SLEEP: Final = Gate("PodLifecycleSleepAction", 29, 30)
SLEEP_ZERO: Final = Gate("PodLifecycleSleepActionAllowZero", 32, 33)
STOP_SIGNAL: Final = Gate("ContainerStopSignals", 33, None)
HTTP2: Final = Gate("H2CContainerProbe", 37, None)
HOST_REFUSED: Final = Gate("", 34, 34)  # Pod Security's level baseline, from this version of it on
GATES: Final = (SIDECARS, SLEEP, SLEEP_ZERO, STOP_SIGNAL, HTTP2)


@dataclass(frozen=True)
class Defect:
    """A bug of Kubernetes that only some of its releases have."""

    fixed: Mapping[int, int]
    """For each affected minor version, its first patch release without the bug."""
    unless: Gate
    """The feature gate that avoids the code in question."""


# kubernetes#129907: on each update of a Pod the API server panics over a postStart sleep that has no preStop sleep
# beside it. It came with 1.32.0 and still stands in pkg/api/pod/util.go of 1.32.2; kubernetes#130496 took it out of
# 1.32.3, and 1.33.0 came out without it.
POSTSTART_SLEEP_PANICS: Final = Defect(fixed={32: 3}, unless=SLEEP_ZERO)


@dataclass(frozen=True)
class Kubernetes:
    """A cluster's version, and the feature gates that it turns on in addition to the default ones."""

    minor: int
    features: frozenset[str] = frozenset()
    patch: int | None = None
    """None where only the minor version is given: any of its releases."""

    @classmethod
    def parse(cls, version: str, features: Collection[str] = ()) -> "Kubernetes":
        """Of `1.30` or `v1.30.4`. Raises ValueError, which names what is wrong and what there is."""
        found = _VERSION.fullmatch(version)
        oldest = int(OLDEST.partition(".")[2])
        if found is None or int(found[1]) < oldest:
            raise ValueError(f"{version!r} is not a Kubernetes version that the rules know; give {OLDEST} or later")
        known = {gate.name for gate in GATES}
        for name in features:
            if name not in known:
                raise ValueError(f"{name!r} is not a feature gate for hooks; choose from: {', '.join(sorted(known))}")
        patch = int(found[2]) if found[2] and len(found[2]) <= _MAX_PATCH_DIGITS else None
        return cls(int(found[1]), frozenset(features), patch)

    def knows(self, gate: Gate) -> bool:
        return self.minor >= gate.known

    def has(self, gate: Gate) -> bool:
        on = gate.on is not None and self.minor >= gate.on
        return on or (self.knows(gate) and gate.name in self.features)

    def releases_with(self, defect: Defect) -> str:
        """The releases of this minor version that have a defect, where this is, or may be, one; empty where not.

        `1.32.0, 1.32.1 and 1.32.2`.
        """
        fixed = defect.fixed.get(self.minor, 0)
        if (self.patch or 0) >= fixed or self.has(defect.unless):
            return ""
        *others, last = (f"1.{self.minor}.{patch}" for patch in range(fixed))
        return f"{', '.join(others)} and {last}" if others else last

    def __str__(self) -> str:
        return f"Kubernetes 1.{self.minor}"
