"""Runs the catalogue over one object."""

from collections.abc import Mapping
from typing import Any, Final

from . import accepted, effective
from .catalogue import Finding
from .model import Container, containers, pod_specs, whole

DEFAULT_GRACE_SECONDS: Final = 30  # the API server's default for terminationGracePeriodSeconds


def check(kind: str, obj: Mapping[str, Any]) -> list[Finding]:
    """All findings in an object of `kind`; UNKNOWN values are present and not judged."""
    return [
        finding
        for path, spec in pod_specs(kind, obj)
        for container in containers(path, spec)
        for finding in _container(container, kind, spec)
    ]


def _container(container: Container, kind: str, spec: Mapping[str, Any]) -> list[Finding]:
    refused = list(accepted.findings(container, grace_seconds(kind, spec)))
    # What the API server refuses never gets to the kubelet.
    return refused or list(effective.findings(container, spec))


def grace_seconds(kind: str, spec: Mapping[str, Any]) -> object:
    """The grace period that the API server sees, in seconds; UNKNOWN, or of a wrong type, as it is.

    A negative one is set to 1 in a Pod, and left as it is in a pod template (defaults.go, SetDefaults_Pod).
    """
    grace = whole(spec.get("terminationGracePeriodSeconds"))
    if grace is None:
        return DEFAULT_GRACE_SECONDS
    return 1 if kind == "Pod" and isinstance(grace, int) and grace < 0 else grace
