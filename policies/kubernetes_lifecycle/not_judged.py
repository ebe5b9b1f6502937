"""What was not held against a stack, and what no policy sees of it: the policy `exemptions`."""

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from google.protobuf import struct_pb2

from lifecycle_rules import containers, pod_specs

from .exemptions import ANNOTATION, annotated
from .judgement import Judgement
from .objects import Object, kind_of
from .settings import Excluded, Exemption, Settings, any_matches

OPAQUE: Final = {
    "kubernetes:helm.sh/v3:Release": (
        "Helm renders its objects, and no policy sees them. Use kubernetes:helm.sh/v4:Chart to have them judged."
    ),
}
URN = str | None


def not_judged(
    objects: Iterable[Object], settings: Settings, today: datetime.date | None = None
) -> Iterator[tuple[URN, str]]:
    """Messages, each with the URN of what it is about; none for what is about the configuration."""
    day = today or datetime.date.today()
    used: set[Exemption] = set()
    excluded: Counter[tuple[str, str]] = Counter()
    for obj in objects:
        if obj.type in OPAQUE:
            yield obj.urn, f"{obj.resource}: {OPAQUE[obj.type]}"
        why = obj.excluded_by(settings)
        if why:
            excluded["object", why] += 1
            continue
        excluded.update(_excluded_containers(obj, settings))
        uses = Judgement.of(obj, settings, day).uses
        used.update(use.exemption for use in uses)
        for use in uses:
            by = (
                f"the annotation of {use.where or 'the object'}"
                if use.exemption not in settings.exemptions
                else "the configuration"
            )
            until = f", until {use.exemption.expires}" if use.exemption.expires else ""
            found = use.finding
            yield obj.urn, f"{found.path}: [{found.rule.id}] is exempt by {by}{until}: {use.exemption.reason}"
        yield from ((obj.urn, message) for message in _of_annotations(obj, settings, used, day))
    for (what, why), count in excluded.items():
        yield None, f"{count} {what + ' is' if count == 1 else what + 's are'} excluded by {why}"
    for each in settings.exemptions:
        if not each.holds(day):
            yield None, f"the exemption of {each} ended on {each.expires}: {each.reason}"
        elif each not in used:
            yield None, f"the exemption of {each} matches nothing: {each.reason}"


def _excluded_containers(obj: Object, settings: Settings) -> Iterator[tuple[str, str]]:
    for pod in pod_specs(obj.kind, obj.values.plain):
        for each in containers(pod):
            if any_matches(settings.excluded.containers, each.name):
                yield "container", f"its name, {each.name}"


def may_be_exempt(token: str, properties: struct_pb2.Struct, settings: Settings) -> bool:
    """Whether there may be anything to say of a resource; found out without reading it, for most have nothing."""
    if not kind_of(token):
        return False
    by_settings = settings.exemptions or settings.excluded != Excluded() or token in OPAQUE
    return bool(by_settings) or ANNOTATION.encode() in properties.SerializeToString()


def _of_annotations(obj: Object, settings: Settings, used: set[Exemption], today: datetime.date) -> Iterator[str]:
    """What is wrong with them, each once: not understood, ended, matching nothing, or not honoured."""
    said: set[str] = set()
    for pod in pod_specs(obj.kind, obj.values.plain):
        for path in [pod.path, *(each.path for each in containers(pod))]:
            for each in annotated(obj, path):
                message = _about(each.exemption, each.wrong, settings, used, today)
                where = f"{each.where}.metadata" if each.where else "metadata"
                if message:
                    said.add(f"{where}.annotations[{ANNOTATION}]: {message}")
    yield from sorted(said)


def _about(
    exemption: Exemption | None, wrong: str, settings: Settings, used: set[Exemption], today: datetime.date
) -> str:
    if not settings.honor_annotations:
        return "is not honoured: honorAnnotations is false"
    if exemption is None:
        return wrong
    if not exemption.holds(today):
        return f"the exemption of {exemption} ended on {exemption.expires}: {exemption.reason}"
    return "" if exemption in used else f"the exemption of {exemption} matches nothing: {exemption.reason}"
