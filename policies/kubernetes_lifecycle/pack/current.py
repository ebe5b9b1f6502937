"""What is judged right now: set by `serving` for each call of the engine, in the thread that answers it.

pulumi-policy hands each policy a copy of its own, without a word on what is secret, and of the configuration only the
policy's own part. Here all policies find the one object, the whole configuration, and one judgement of it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from ..judgement import Judgement
from ..objects import Object
from ..settings import Settings


@dataclass
class Call:
    """One call of the engine."""

    settings: Settings
    objects: Iterable[Object]
    """The one of a call about a resource; of a call about a stack they can be gone through once."""
    judged: dict[str, Judgement] = field(default_factory=dict)
    """By the object's key."""


_CALL: ContextVar[Call | None] = ContextVar("call", default=None)


@contextmanager
def call(settings: Settings, objects: Iterable[Object]) -> Iterator[Call]:
    """While it is open, the policies judge these objects by these settings."""
    here = Call(settings, objects)
    token = _CALL.set(here)
    try:
        yield here
    finally:
        _CALL.reset(token)


def settings() -> Settings | None:
    """The whole configuration; None where no call is open."""
    here = _CALL.get()
    return here.settings if here else None


def obj() -> Object | None:
    """The one object of a call about a resource."""
    here = _CALL.get()
    return next(iter(here.objects), None) if here else None


def objects() -> Iterable[Object] | None:
    """Those of a call about a stack."""
    here = _CALL.get()
    return here.objects if here else None


def judgement(of: Object, by: Settings) -> Judgement:
    """Of an object: the first policy that asks has it made."""
    here = _CALL.get()
    if here is None:
        return Judgement.of(of, by)
    if of.key not in here.judged:
        here.judged[of.key] = Judgement.of(of, by)
    return here.judged[of.key]
