"""Judges one document, and puts each finding at its line."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kubernetes_lifecycle.documents import is_object
from kubernetes_lifecycle.exemptions import PREFIX
from kubernetes_lifecycle.judgement import Judgement, Violation
from kubernetes_lifecycle.not_judged import Ledger
from kubernetes_lifecycle.objects import Object, Values, below
from lifecycle_rules import Rule
from lifecycle_rules.model import list_items

from .configuration import Configuration
from .positions import Place, places
from .reading import Document, Unreadable

if TYPE_CHECKING:
    from .inspecting import Inspector


class Finding(NamedTuple):
    """One thing that is wrong, at its place."""

    file: str
    line: int
    column: int
    width: int
    """Characters of what stands there, in this line."""
    source: str
    """The line's text."""
    rule: Rule
    level: str
    """`error`, `warning` or `info`."""
    kind: str
    namespace: str
    """Empty where the document gives none."""
    name: str
    container: str
    path: str
    """As the API server writes it."""
    what: str
    identity: str
    """The same for the same thing, wherever its line has gone to."""
    fingerprint: str = ""
    """A short form of it, of which each is another's in a report."""

    @property
    def object(self) -> str:
        """`Deployment shop/api`."""
        return f"{self.kind} {f'{self.namespace}/' if self.namespace else ''}{self.name}"


class Exempted(NamedTuple):
    """A finding that is not held against its object."""

    file: str
    line: int
    what: str


@dataclass
class Outcome:
    """What came of a document."""

    objects: int = 0
    """Those in it."""
    others: int = 0
    """1 of a document that is no Kubernetes object."""
    findings: list[Finding] = field(default_factory=list)
    exempted: list[Exempted] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Of annotations that exempt nothing."""
    unread: list[Unreadable] = field(default_factory=list)
    """Of images that were to be read."""


class Judge:
    """Judges documents one after the other."""

    def __init__(self, configuration: Configuration, today: datetime.date, inspector: Inspector | None = None) -> None:
        """With an inspector, what images have is read where a hook needs it."""
        self._configuration = configuration
        self._inspector = inspector
        self._settings = configuration.settings
        self._today = today
        self.begin()

    def begin(self) -> None:
        """With nothing noted yet."""
        self.ledger = Ledger(self._settings, self._today)

    def judge(self, document: Document) -> Outcome:
        """Never raises, whatever the document holds."""
        value = document.value
        if not is_object(value):
            return Outcome(others=value is not None)
        outcome = Outcome()
        obj = object_of(document)
        outcome.objects = sum(1 for _ in _singles(obj.kind, value))
        if self.ledger.excludes(obj):
            return outcome
        settings = self._settings
        if self._inspector:
            images, unread = self._inspector.images(obj.kind, value)
            outcome.unread = [Unreadable(document.source, f"image {each.why}", document.line) for each in unread]
            settings = replace(settings, images=(*settings.images, *images)) if images else settings
        judgement = Judgement.of(obj, settings, self._today)
        if judgement.exempted or self._settings.exemptions or PREFIX in document.text:
            exempted = self.ledger.exempted(obj, judgement)
            outcome.exempted += (Exempted(document.source, document.line, each) for each in exempted)
            outcome.notes += (f"{document.source}: {each}" for each in self.ledger.misspelt(obj, judgement))
        held = self._configuration.selected
        found = [each for of in judgement.violations.values() for each in of if each.rule.id in held]
        if found:
            at = places(document.text, value, (each.path for each in found))
            outcome.findings = sorted(
                (self._finding(document, at[each.path], obj, each) for each in found),
                key=lambda finding: (finding.line, finding.column, finding.rule.id),
            )
        return outcome

    def _finding(self, document: Document, at: Place, obj: Object, found: Violation) -> Finding:
        part = obj.part(found.path)
        metadata = _metadata(document.value, part.path)
        namespace, name = (_text(metadata.get(key)) for key in ("namespace", "name"))
        name = name or _text(metadata.get("generateName")) or "without a name"
        return Finding(
            file=document.source,
            line=document.line + at.line - 1,
            column=at.column,
            width=at.width,
            source=at.source,
            rule=found.rule,
            level=self._configuration.level(found.rule),
            kind=part.kind,
            namespace=namespace,
            name=name,
            container=found.container,
            path=found.path,
            what=f"{self._seen(found, document.value)}{found.expired}",
            identity="\0".join(
                (found.rule.id, part.kind, namespace, name, found.container, _INDEX.sub("[]", found.path))
            ),
        )

    def _seen(self, found: Violation, value: Any) -> str:
        """What is wrong; of an image that was read, as the fact that it is."""
        container = below(value, found.path.partition(".lifecycle")[0])
        if self._inspector and isinstance(container, dict) and self._inspector.has_read(container.get("image")):
            return found.what.replace("is known to have no", "was read, and has no")
        return found.what


def fingerprint_of(identity: str, number: int) -> str:
    """Of the so-and-so-many-th of the findings that have the same identity."""
    return hashlib.sha256(f"{identity}\0{number}".encode(errors="replace")).hexdigest()[:32]


_INDEX: Final = re.compile(r"\[\d+\]")


def object_of(document: Document) -> Object:
    """A document as the judgement takes it."""
    metadata = _metadata(document.value, "")
    name = _text(metadata.get("name")) or _text(metadata.get("generateName"))
    return Object(f"{document.source}:{document.line}", document.value["kind"], name, Values(document.value))


def _singles(kind: str, value: Mapping[str, Any]) -> Iterator[None]:
    """One for each object, those of a List too."""
    if kind.endswith("List") and isinstance(value.get("items"), list):
        for of, item in list_items(kind, value):
            yield from _singles(of, item)
    else:
        yield None


def _metadata(value: Any, path: str) -> Mapping[str, Any]:
    for index in map(int, re.findall(r"items\[(\d+)\]", path)):
        value = value["items"][index]
    metadata = value.get("metadata") if isinstance(value, dict) else None
    return metadata if isinstance(metadata, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
