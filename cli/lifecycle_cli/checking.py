"""Judges documents, and puts each finding at its line."""

import datetime
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from kubernetes_lifecycle.exemptions import ANNOTATION
from kubernetes_lifecycle.judgement import Judgement, Violation
from kubernetes_lifecycle.not_judged import Ledger
from kubernetes_lifecycle.objects import Object, Values
from lifecycle_rules import Rule
from lifecycle_rules.model import list_items

from .configuration import Configuration
from .paths import Named
from .positions import Place, places
from .reading import Document, Unreadable, documents


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
    fingerprint: str
    """The same for the same thing, wherever its line has gone to."""

    @property
    def object(self) -> str:
        """`Deployment shop/api`."""
        return f"{self.kind} {f'{self.namespace}/' if self.namespace else ''}{self.name}"


class Problem(NamedTuple):
    """What could not be judged."""

    file: str
    line: int
    """0 where it is the file as a whole."""
    column: int
    what: str


class Exempted(NamedTuple):
    """A finding that is not held against its object."""

    file: str
    line: int
    what: str


@dataclass
class Report:
    """What came of a run."""

    findings: list[Finding] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    exempted: list[Exempted] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Of exemptions that exempt nothing, and of what is excluded."""
    read: list[str] = field(default_factory=list)
    """The files."""
    objects: int = 0
    others: int = 0
    """Documents that are no Kubernetes objects, in folders."""
    known: int = 0
    """Findings that a baseline has, which are not among these."""
    gone: list[str] = field(default_factory=list)
    """What a baseline has and was not found any more."""
    templates: int = 0
    """Files that are templates, in folders."""


class Checker:
    """Judges one document after the other, and adds to a report."""

    def __init__(self, configuration: Configuration, today: datetime.date | None = None) -> None:
        self.report = Report()
        self._configuration = configuration
        self._settings = configuration.settings
        self._today = today or datetime.date.today()
        self._ledger = Ledger(self._settings, self._today)
        self._notes_all = bool(self._settings.exemptions)
        self._seen: Counter[str] = Counter()

    def check(self, files: Iterable[Named]) -> Iterator[str]:
        """Yields each file's name when it was read."""
        for named in files:
            self.report.read.append(named.path)
            before = self.report.objects
            others = 0
            problems = len(self.report.problems)
            for each in documents(named.path):
                if isinstance(each, Unreadable) and each.is_template and not named.is_named:
                    self.report.templates += 1
                    break
                elif isinstance(each, Unreadable):
                    self.report.problems.append(Problem(each.source, each.line, each.column, each.problem))
                elif each.value is not None:
                    others += not self.add(each)
            is_nothing = named.is_named and before == self.report.objects and problems == len(self.report.problems)
            if is_nothing:
                what = "there is no Kubernetes object in it, which has apiVersion and kind"
                self.report.problems.append(Problem(named.path, 0, 0, what if others else "it is empty"))
            self.report.others += 0 if is_nothing else others
            yield named.path
        self.report.notes += self._ledger.of_configuration()

    def add(self, document: Document) -> bool:
        """Judges a document; False where it is no Kubernetes object."""
        value = document.value
        if not isinstance(value, dict) or not all(isinstance(value.get(key), str) for key in ("apiVersion", "kind")):
            return False
        obj = object_of(document)
        self.report.objects += sum(1 for _ in _singles(obj.kind, value))
        if not value["kind"] or self._ledger.excludes(obj):
            return True
        judgement = Judgement.of(obj, self._settings, self._today)
        if judgement.exempted or self._notes_all or ANNOTATION in document.text:
            exempted = self._ledger.exempted(obj, judgement)
            self.report.exempted += (Exempted(document.source, document.line, each) for each in exempted)
            self.report.notes += (f"{document.source}: {each}" for each in self._ledger.misspelt(obj, judgement))
        held = self._configuration.selected
        found = [each for of in judgement.violations.values() for each in of if each.rule.id in held]
        if found:
            at = places(document.text, value, (each.path for each in found))
            self.report.findings += sorted(
                (self._finding(document, at[each.path], obj, each) for each in found),
                key=lambda finding: (finding.line, finding.column, finding.rule.id),
            )
        return True

    def _finding(self, document: Document, at: Place, obj: Object, found: Violation) -> Finding:
        part = obj.part(found.path)
        metadata = _metadata(document.value, part.path)
        namespace, name = (_text(metadata.get(key)) for key in ("namespace", "name"))
        name = name or _text(metadata.get("generateName")) or "without a name"
        identity = "\0".join((found.rule.id, part.kind, namespace, name, found.container, _INDEX.sub("[]", found.path)))
        self._seen[identity] += 1
        digest = hashlib.sha256(f"{identity}\0{self._seen[identity]}".encode(errors="replace")).hexdigest()
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
            what=f"{found.what}{found.expired}",
            fingerprint=digest[:32],
        )


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
