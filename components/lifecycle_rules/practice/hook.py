"""One handler in its place, as the rules of the group `practice` are given it."""

from typing import Any, Final, NamedTuple

from ..catalogue import Rule
from ..endpoints import Endpoint
from ..images import Image
from ..model import Container, PodSpec
from ..script import Script
from ..shell import Kind
from ..versions import Kubernetes

# Where one of these stands in it, a script may wait for something, or do it again.
MAY_WAIT: Final = frozenset({Kind.FOR, Kind.WHILE, Kind.UNTIL, Kind.FUNCTION, Kind.MAYBE})
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
