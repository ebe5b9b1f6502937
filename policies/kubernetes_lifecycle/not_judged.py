"""What was not held against objects, and what nobody sees of them: the policy `exemptions`."""

import datetime
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from lifecycle_rules import UNKNOWN, containers, pod_specs

from .exemptions import ANNOTATION, FIELD, Line, Use, annotated, reason
from .judgement import Judgement
from .objects import Object
from .settings import Exemption, Settings, any_matches

Key = str | None


def not_judged(
    objects: Iterable[Object], settings: Settings, today: datetime.date | None = None
) -> Iterator[tuple[Key, str]]:
    """Messages, each with the key of the object that it is about; none for what is about the configuration."""
    day = today or datetime.date.today()
    used: set[Exemption] = set()
    excluded: Counter[tuple[str, str]] = Counter()
    is_known = True
    for obj in objects:
        if obj.opaque:
            yield obj.key, f"{obj.resource}: {obj.opaque}"
        why = obj.excluded_by(settings)
        if why:
            excluded["object", why] += 1
            continue
        excluded.update(_excluded_within(obj, settings))
        exempted = Judgement.of(obj, settings, day).exempted
        yield from ((obj.key, _exempted(obj, uses[0])) for uses in exempted)
        uses = [use for each in exempted for use in each]
        used.update(use.exemption for use in uses if use.where is None)
        of_annotations = {(use.where, use.exemption) for use in uses}
        yield from ((obj.key, message) for message in _of_annotations(obj, settings, of_annotations, day))
        is_known = is_known and _is_known(obj)
    for (what, why), count in excluded.items():
        yield None, f"{count} {what + ' is' if count == 1 else what + 's are'} excluded by {why}"
    for each in dict.fromkeys(settings.exemptions):
        if not each.holds(day):
            yield None, f"the exemption of {each} ended on {each.expires}: {each.reason}"
        elif each not in used and is_known:
            yield None, f"the exemption of {each} matches nothing: {each.reason}"


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
    for where, line in (found for path in paths for found in annotated(obj, path)):
        is_used = (where, line.exemption) in used or not is_known
        message = _about(obj, where, line, settings, is_used, today)
        if message:
            said.add(f"{f'{where}.' if where else ''}metadata.{FIELD}[{ANNOTATION}]: {message}")
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
