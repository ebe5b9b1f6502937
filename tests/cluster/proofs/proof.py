"""What a proof is, and the words that it is written in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cluster import Cluster

Spec = dict[str, Any]
Observe = Callable[[Cluster, str, Spec], str]


@dataclass(frozen=True)
class Proof:
    """Two pod specs, how they are looked at, and what is seen of each, word by word."""

    observe: Observe
    fails: Spec
    failed: str
    works: Spec
    worked: str
    kind: str = "Pod"
    """The kind for which the rule is asked; a Pod with the same spec is what runs."""


def command(*words: str) -> Spec:
    """An exec handler."""
    return {"exec": {"command": list(words)}}


def shell(script: str) -> Spec:
    return command("/bin/sh", "-c", script)


def container(name: str = "app", /, image: str = "nginx", **fields: Any) -> Spec:
    return {"name": name, "image": image, **fields}


def pod(hook: Spec | None = None, *, event: str = "preStop", grace: int | None = None, **fields: Any) -> Spec:
    """A pod spec of one container `app` with this hook; `fields` are the container's."""
    lifecycle = {"lifecycle": {event: hook}} if hook is not None else {}
    spec: Spec = {"containers": [container(**fields, **lifecycle)]}
    return spec if grace is None else {**spec, "terminationGracePeriodSeconds": grace}
