"""Runs the catalogue over one object."""

from collections.abc import Mapping
from typing import Any, Final

from . import accepted, budget, effective
from .catalogue import Finding
from .model import UNKNOWN, Container, PodSpec, containers, pod_specs, whole

DEFAULT_GRACE_SECONDS: Final = 30  # the API server's default for terminationGracePeriodSeconds


def check(kind: str, obj: Mapping[str, Any]) -> list[Finding]:
    """All findings in an object of `kind`; UNKNOWN values are present and not judged."""
    return [
        finding
        for pod in pod_specs(kind, obj)
        for container in containers(pod)
        for finding in _container(container, pod)
    ]


def _container(container: Container, pod: PodSpec) -> list[Finding]:
    grace = grace_seconds(pod)
    refused = list(accepted.findings(container, grace))
    # What the API server refuses never gets to the kubelet: neither do hooks on containers that may have none.
    return refused or [*effective.findings(container, pod), *budget.findings(container, grace)]


def grace_seconds(pod: PodSpec) -> object:
    """The grace period that the API server sees, in seconds; UNKNOWN, or of a wrong type, as it is.

    A negative one is set to 1 in a Pod, and left as it is in a pod template (defaults.go, SetDefaults_Pod).
    """
    grace = whole(pod.spec.get("terminationGracePeriodSeconds"))
    if grace is None:
        return DEFAULT_GRACE_SECONDS if pod.is_whole else UNKNOWN
    return 1 if pod.is_pod and isinstance(grace, int) and grace < 0 else grace
