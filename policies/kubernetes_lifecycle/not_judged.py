"""What was not held against objects, and what nobody sees of them: the policy `exemptions`."""

import datetime
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from lifecycle_rules import UNKNOWN, containers, pod_specs

from .exemptions import FIELD, Line, Use, annotated, reason, unknown
from .judgement import Judgement
from .objects import Object
from .settings import Exemption, Settings, any_matches

Key = str | None


class Ledger:
    """What is not held against objects, noted one after the other, whoever hands them over."""

    def __init__(self, settings: Settings, today: datetime.date | None = None) -> None:
        self._settings = settings
        self._today = today or datetime.date.today()
        self._used: set[Exemption] = set()
        self._excluded: Counter[tuple[str, str]] = Counter()
        self._is_known = True

    def excludes(self, obj: Object) -> bool:
        """Whether the object is not judged at all; then it is counted."""
        why = obj.excluded_by(self._settings)
        if why:
            self._excluded["object", why] += 1
        return bool(why)

    def exempted(self, obj: Object, judgement: Judgement) -> Iterator[str]:
        """Of an object that was judged: each finding that is exempt, by what, and why."""
        self._excluded.update(_excluded_within(obj, self._settings))
        self._used.update(use.exemption for uses in judgement.exempted for use in uses if use.where is None)
        self._is_known = self._is_known and _is_known(obj)
        return (_exempted(obj, uses[0]) for uses in judgement.exempted)

    def misspelt(self, obj: Object, judgement: Judgement) -> Iterator[str]:
        """Of an object that was judged: what its annotations say that exempts nothing, and why."""
        used = {(use.where, use.exemption) for uses in judgement.exempted for use in uses}
        return _of_annotations(obj, self._settings, used, self._today)

    def merge(self, other: "Ledger") -> None:
        """Adds what another one has noted of further objects."""
        self._used |= other._used
        self._excluded += other._excluded
        self._is_known = self._is_known and other._is_known

    def of_configuration(self) -> Iterator[str]:
        """Of all objects together: what was excluded, and which exemptions have ended or match nothing."""
        for (what, why), count in self._excluded.items():
            yield f"{count} {what + ' is' if count == 1 else what + 's are'} excluded by {why}"
        for each in dict.fromkeys(self._settings.exemptions):
            if not each.holds(self._today):
                yield f"the exemption of {each} ended on {each.expires}: {each.reason}"
            elif each not in self._used and self._is_known:
                yield f"the exemption of {each} matches nothing: {each.reason}"


def not_judged(
    objects: Iterable[Object], settings: Settings, today: datetime.date | None = None
) -> Iterator[tuple[Key, str]]:
    """Messages, each with the key of the object that it is about; none for what is about the configuration."""
    ledger = Ledger(settings, today)
    for obj in objects:
        if obj.opaque:
            yield obj.key, f"{obj.resource}: {obj.opaque}"
        if not ledger.excludes(obj):
            judgement = Judgement.of(obj, settings, today)
            yield from ((obj.key, message) for message in ledger.exempted(obj, judgement))
            yield from ((obj.key, message) for message in ledger.misspelt(obj, judgement))
    yield from ((None, message) for message in ledger.of_configuration())


def _exempted(obj: Object, use: Use) -> str:
    by = "the configuration" if use.where is None else f"the annotation of {use.where or 'the object'}"
    until = f", until {use.exemption.expires}" if use.exemption.expires else ""
    found = use.finding
    return f"{found.path}: [{found.rule.id}] is exempt by {by}{until}: {reason(use.exemption, use.where, obj)}"


def _is_known(obj: Object) -> bool:
    """Whether nothing is left to be known of its pods, in which an exemption may then match after all."""
    return not any(_holds_unknown(each.spec) for each in pod_specs(obj.kind, obj.values.plain))


def _holds_unknown(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_unknown, value.values()))
    return any(map(_holds_unknown, value)) if isinstance(value, list) else value is UNKNOWN


def _excluded_within(obj: Object, settings: Settings) -> Iterator[tuple[str, str]]:
    """Items of a List, and containers."""
    for pod in pod_specs(obj.kind, obj.values.plain):
        why = obj.excluded_by(settings, pod.path)
        if why:
            yield "object", why
        for each in () if why else containers(pod):
            if any_matches(settings.excluded.containers, each.name):
                yield "container", f"its name, {each.name}"


def _of_annotations(
    obj: Object, settings: Settings, used: Collection[tuple[str | None, Exemption]], today: datetime.date
) -> Iterator[str]:
    """What is wrong with them, each once: not understood, ended, matching nothing, or not honoured."""
    pods = list(pod_specs(obj.kind, obj.values.plain))
    paths = ["", *(pod.path for pod in pods), *(each.path for pod in pods for each in containers(pod))]
    is_known = _is_known(obj)
    said: set[str] = set()
    for where, line in (found for path in paths for found in (*annotated(obj, path), *unknown(obj, path))):
        is_used = (where, line.exemption) in used or not is_known
        message = _about(obj, where, line, settings, is_used, today)
        if message:
            said.add(f"{f'{where}.' if where else ''}metadata.{FIELD}[{line.key}]: {message}")
    yield from sorted(said)


def _about(obj: Object, where: str, line: Line, settings: Settings, is_used: bool, today: datetime.date) -> str:
    if not settings.honor_annotations:
        return "is not honoured: honorAnnotations is false"
    exemption = line.exemption
    if exemption is None:
        return f"{obj.shown(line.wrong, where, FIELD)}"
    what = f"the exemption of {obj.shown(exemption, where, FIELD)}"
    why = reason(exemption, where, obj)
    if not exemption.holds(today):
        return f"{what} ended on {exemption.expires}: {why}"
    return "" if is_used else f"{what} matches nothing: {why}"
