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
from typing import Any, Final, NamedTuple

from lifecycle_rules import Finding

from .objects import Object
from .rules import POLICY_OF
from .settings import ANY, Exemption, Settings, matches

ANNOTATION: Final = "kubernetes-lifecycle/ignore"
SHAPE: Final = "rule-id[@container][ until YYYY-MM-DD]=reason"
_ENTRY: Final = re.compile(
    r"\s*(?P<rule>[\w*-]+)(?:@(?P<container>[^\s=]+))?(?:\s+until\s+(?P<expires>[^\s=]+))?\s*=\s*(?P<reason>.*\S)\s*",
    re.ASCII,
)


class Use(NamedTuple):
    """An exemption that took a finding away."""

    exemption: Exemption
    where: str
    """Of an annotation, the path of the object that has it; empty of the configuration's."""
    finding: Finding


class Annotated(NamedTuple):
    """One line of an annotation."""

    where: str
    exemption: Exemption | None
    wrong: str
    """What is wrong with it; it then exempts nothing."""


def exempting(obj: Object, finding: Finding, settings: Settings, today: datetime.date) -> tuple[Use | None, str]:
    """What exempts the finding; or what to add to its message about an exemption that no longer does."""
    expired = ""
    for exemption, where in _candidates(obj, finding, settings):
        if not _covers(exemption, obj, finding):
            continue
        if exemption.holds(today):
            return Use(exemption, where, finding), ""
        expired = f" The exemption {exemption.reason!r} ended on {exemption.expires}."
    return None, expired


def _candidates(obj: Object, finding: Finding, settings: Settings) -> Iterator[tuple[Exemption, str]]:
    yield from ((each, "") for each in settings.exemptions)
    if settings.honor_annotations:
        for each in annotated(obj, finding.path):
            if each.exemption is not None:
                yield each.exemption, each.where


def _covers(exemption: Exemption, obj: Object, finding: Finding) -> bool:
    return (
        exemption.rule in (ANY, finding.rule.id)
        and matches(exemption.kind, obj.kind)
        and matches(exemption.namespace, obj.namespace)
        and any(matches(exemption.name, each) for each in obj.names)
        and matches(exemption.container, finding.container)
    )


def annotated(obj: Object, path: str) -> Iterator[Annotated]:
    """What the annotations of the objects that hold the field at `path` say."""
    for where, annotations in obj.annotations(path):
        text = annotations.get(ANNOTATION)
        if text is not None:
            for line in _lines(text):
                yield _parsed(where, line)


def _lines(text: Any) -> list[str]:
    return [line for line in text.splitlines() if line.strip()] if isinstance(text, str) else []


def _parsed(where: str, line: str) -> Annotated:
    found = _ENTRY.fullmatch(line)
    if found is None:
        return Annotated(where, None, f"{line.strip()!r} is not understood; write {SHAPE}")
    rule, expires = found["rule"], found["expires"]
    if rule != ANY and rule not in POLICY_OF:
        return Annotated(where, None, f"no rule is named {rule!r}")
    day = None
    if expires is not None:
        try:
            day = datetime.date.fromisoformat(expires)
        except ValueError:
            return Annotated(where, None, f"{expires!r} is no date; write it as 2027-01-31")
    return Annotated(where, Exemption(rule, found["reason"], container=found["container"] or ANY, expires=day), "")
