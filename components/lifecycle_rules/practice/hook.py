"""One handler in its place, as the rules of the group `practice` are given it."""

from typing import Any, NamedTuple

from ..catalogue import Rule
from ..endpoints import Endpoint
from ..images import Image
from ..model import Container, PodSpec
from ..script import Script
from ..versions import Kubernetes

Fault = tuple[Rule, str, str]  # rule, path below the handler's, what is wrong


class Tables(NamedTuple):
    """What a caller can extend."""

    images: tuple[Image, ...]
    endpoints: tuple[Endpoint, ...]


class Hook(NamedTuple):
    """One handler of a hook in its place."""

    action: dict[str, Any]
    script: Script
    """Of an exec handler; an empty one of the others."""
    container: Container
    pod: PodSpec
    cluster: Kubernetes
    tables: Tables
