"""Rules that are not held against an object: by configuration, or by its own annotation; each with a reason.

metadata:
  annotations:
    kubernetes-lifecycle/ignore: |
      exec-sleep=the image has no other way
      pre-stop-required@proxy until 2027-01-31=the mesh drains it
"""

import datetime
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from lifecycle_rules import UNKNOWN, Finding

from .objects import Object
from .rules import POLICY_OF
from .settings import ANY, Exemption, Settings, date, matches

PREFIX: Final = "kubernetes-lifecycle/"  # of annotations that are for these policies
ANNOTATION: Final = f"{PREFIX}ignore"
FIELD: Final = "annotations"
SHAPE: Final = "rule-id[@container][ until YYYY-MM-DD]=reason"
_HEAD: Final = re.compile(r"(?P<rule>[\w*-]+)(?:@(?P<container>\S+))?(?:\s+until\s+(?P<expires>\S+))?", re.ASCII)


class Use(NamedTuple):
    """An exemption that covers a finding, and holds."""

    exemption: Exemption
    where: str | None
    """Of an annotation, the path of the object that has it; None of the configuration's."""
    finding: Finding


class Line(NamedTuple):
    """One line of an annotation."""

    exemption: Exemption | None
    wrong: str
    """What is wrong with it; it then exempts nothing."""
    key: str = ANNOTATION
    """The annotation's."""


def exempting(obj: Object, finding: Finding, settings: Settings, today: datetime.date) -> tuple[list[Use], str]:
    """All that exempts the finding; where nothing does, what to add to its message about what no longer does."""
    uses, expired = [], ""
    for exemption, where in _candidates(obj, finding, settings):
        if not _covers(exemption, obj, finding):
            continue
        if exemption.holds(today):
            uses.append(Use(exemption, where, finding))
        else:
            expired = f" The exemption {reason(exemption, where, obj)!r} ended on {exemption.expires}."
    return uses, expired


def reason(exemption: Exemption, where: str | None, obj: Object) -> object:
    """An exemption's reason, as a message may have it."""
    return exemption.reason if where is None else obj.shown(exemption.reason, where, FIELD)


def _candidates(obj: Object, finding: Finding, settings: Settings) -> Iterator[tuple[Exemption, str | None]]:
    yield from ((each, None) for each in settings.exemptions)
    if settings.honor_annotations:
        for where, line in annotated(obj, finding.path):
            if line.exemption is not None:
                yield line.exemption, where


def _covers(exemption: Exemption, obj: Object, finding: Finding) -> bool:
    if exemption.rule not in (ANY, finding.rule.id):
        return False
    part = obj.part(finding.path)
    return (
        any(matches(exemption.kind, each) for each in part.kinds)
        and matches(exemption.namespace, part.namespace)
        and any(matches(exemption.name, each) for each in part.names)
        and matches(exemption.container, finding.container)
    )


def annotated(obj: Object, path: str) -> Iterator[tuple[str, Line]]:
    """What the annotations of the objects that hold the field at `path` say, each with the path of its object."""
    for where, annotations in obj.annotations(path):
        text = annotations.get(ANNOTATION)
        if isinstance(text, str):
            yield from ((where, line) for line in _lines(text))
        elif text is not None and text is not UNKNOWN:
            yield where, Line(None, f"is not a string; write {SHAPE}")


def unknown(obj: Object, path: str) -> Iterator[tuple[str, Line]]:
    """Their annotations that are for these policies and have another name, each with the path of its object."""
    for where, annotations in obj.annotations(path):
        for key in annotations:
            if isinstance(key, str) and key.startswith(PREFIX) and key != ANNOTATION:
                yield where, Line(None, f"unknown annotation, which exempts nothing; write {ANNOTATION}", key)


@lru_cache(maxsize=256)  # it is asked for each finding
def _lines(text: str) -> tuple[Line, ...]:
    return tuple(_parsed(line.strip()) for line in text.splitlines() if line.strip())


def _parsed(line: str) -> Line:
    head, _, why = (each.strip() for each in line.partition("="))
    found = _HEAD.fullmatch(head)
    if found is None or not why:
        return Line(None, f"{line!r} cannot be parsed; write {SHAPE}")
    rule, expires = found["rule"], found["expires"]
    if rule != ANY and rule not in POLICY_OF:
        return Line(None, f"no rule is named {rule!r}; write a rule's id, or *")
    day = date(expires) if expires is not None else None
    if expires is not None and day is None:
        return Line(None, f"{expires!r} is not a date; write it like 2027-01-31")
    return Line(Exemption(rule, why, container=found["container"] or ANY, expires=day), "")
