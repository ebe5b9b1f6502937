"""Runs the catalogue over one object."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from . import accepted, budget, effective, practice, secrets
from .catalogue import Finding, Group
from .endpoints import ENDPOINTS, Endpoint
from .fields import misplaced, misplaced_above, mistyped_grace, served
from .images import Image
from .known_images import IMAGES
from .model import UNKNOWN, PodSpec, containers, pod_specs, whole
from .practice import Tables
from .versions import LATEST, Kubernetes

DEFAULT_GRACE_SECONDS: Final = 30  # the API server's default for terminationGracePeriodSeconds


def check(
    kind: str,
    obj: Mapping[str, Any],
    *,
    kubernetes: str = LATEST,
    features: Collection[str] = (),
    images: Sequence[Image] = IMAGES,
    endpoints: Sequence[Endpoint] = ENDPOINTS,
    with_practice: bool = True,
) -> list[Finding]:
    """Returns all findings in an object of `kind`. An UNKNOWN value counts as present, and is not judged.

    `kubernetes` is the cluster's version (`1.30`, `1.32.2`). `features` lists the feature gates that the cluster turns
    on in addition to the default ones. `images` is the table of programs that images lack, and `endpoints` the table
    of endpoints that do nothing on GET. `with_practice=False` leaves out the group `practice`. Raises ValueError for a
    version or a gate that the rules do not know, but never for anything in `obj`.
    """
    cluster = _cluster(kubernetes, tuple(features))
    tables = Tables(tuple(images), tuple(endpoints)) if with_practice else None
    return [finding for pod in pod_specs(kind, obj) for finding in _pod(pod, obj, cluster, tables)]


_cluster: Final = lru_cache(maxsize=8)(Kubernetes.parse)


def _pod(pod: PodSpec, obj: Mapping[str, Any], cluster: Kubernetes, tables: Tables | None) -> Iterator[Finding]:
    """Without tables there is no practice."""
    grace = grace_seconds(pod)
    yield from misplaced_above(pod, obj)
    yield from mistyped_grace(pod)
    yield from budget.of_pod(pod)
    admitted = []
    is_refused = False
    for each in containers(pod):
        container, lost = served(each, cluster)
        refused = [*misplaced(pod, each), *lost, *accepted.findings(container, pod, grace, cluster)]
        yield from refused
        yield from secrets.findings(container)
        # What the API server refuses never gets to the kubelet: neither do hooks on containers that may have none.
        if any(finding.rule.group is Group.ACCEPTED for finding in refused):
            is_refused = True
            continue
        admitted.append(container)
        yield from effective.findings(container, pod)
        yield from budget.findings(container, grace)
        if tables:
            yield from practice.of_container(container, pod, cluster, tables)
    if tables and not is_refused:
        yield from practice.of_pod(admitted, pod, grace)


def grace_seconds(pod: PodSpec) -> object:
    """The grace period that the API server sees, in seconds; UNKNOWN, or of a wrong type, as it is.

    A negative one is set to 1 in a Pod, and left as it is in a pod template (defaults.go, SetDefaults_Pod).
    """
    grace = whole(pod.spec.get("terminationGracePeriodSeconds"))
    if grace is None:
        return DEFAULT_GRACE_SECONDS if pod.is_whole else UNKNOWN
    return 1 if pod.is_pod and isinstance(grace, int) and grace < 0 else grace
