"""A Kubernetes object: what is known of it, whoever handed it over."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from lifecycle_rules import UNKNOWN
from lifecycle_rules.model import LIST, PATCH, items, joined, list_item, steps

from .settings import Settings, any_matches

DEFAULT_NAMESPACE: Final = "default"
HIDDEN: Final = "(secret)"


class Values(NamedTuple):
    """The fields of an object."""

    plain: dict[str, Any]
    secrets: tuple[tuple[str, str], ...] | None = ()
    """Path and text of each value that is secret; None where nobody said which are."""


class Part(NamedTuple):
    """An object as exclusions and exemptions have it: a resource, or an item of a List."""

    path: str
    kind: str
    namespace: object
    """`default` where there is none; UNKNOWN where it is not known, or a List's own, which has none."""
    names: Sequence[object]
    """That in the cluster, which is UNKNOWN or none where it is made up there, and that in the program."""

    @property
    def kinds(self) -> Sequence[str]:
        """Its own; of a patch also that of what it patches."""
        return (self.kind, self.kind.removesuffix(PATCH))


class Object(NamedTuple):
    """One object as its reader has it: a resource of a stack, or a document of a file."""

    key: str
    """What its reader knows it by: a URN, or a place in a file."""
    kind: str
    resource: str
    """Its name in the program, or in the file."""
    values: Values
    delete_seconds: float | None = None
    """Pulumi's customTimeouts.delete, 0 where none is given; None where Pulumi does not manage the object."""
    opaque: str = ""
    """Why nobody sees the objects that it holds; empty where that is not so."""

    def part(self, path: str = "") -> Part:
        """The object that the field at `path` is in: the resource, or an item of a List, in a List too."""
        kind, where = self.kind, ""
        here: Mapping[str, Any] = self.values.plain
        way = steps(path)
        while _is_list(kind, here) and next(way, None) == "items" and isinstance(index := next(way, None), int):
            kind, here = list_item(kind, items(here["items"])[index])
            where = f"{where}.items[{index}]" if where else f"items[{index}]"
        metadata: object = here.get("metadata")
        given = metadata if isinstance(metadata, dict) else {}
        namespace = given.get("namespace") or DEFAULT_NAMESPACE
        is_known = metadata is not UNKNOWN and not _is_list(kind, here)
        return Part(where, kind, namespace if is_known else UNKNOWN, (given.get("name"), self.resource))

    def excluded_by(self, settings: Settings, path: str = "") -> str:
        """The setting that keeps what the field at `path` is in from being judged; empty where none does."""
        excluded, part = settings.excluded, self.part(path)
        if any_matches(excluded.namespaces, part.namespace):
            namespace = "which is not known" if part.namespace is UNKNOWN else part.namespace
            return f"its namespace, {self.shown(namespace, part.path, 'namespace')}"
        if any(any_matches(excluded.kinds, each) for each in part.kinds):
            return f"its kind, {part.kind}"
        if any(any_matches(excluded.names, each) for each in part.names):
            return f"its name, {self.resource}"
        return ""

    def shown(self, value: object, part: str, field: str) -> object:
        """What stands in an object's metadata, as a message may have it."""
        return HIDDEN if self.holds_secret(f"{part}.metadata.{field}".removeprefix(".")) else value

    def holds_secret(self, path: str, *, within: str = "") -> bool:
        """Whether a secret touches the field, but for one that has all of `within`; it may where nobody says."""
        if self.values.secrets is None:
            return True
        return any(
            (is_in(secret, path) or is_in(path, secret)) and not (within and is_in(within, secret))
            for secret, _ in self.values.secrets
        )

    def annotations(self, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Those of the objects that the field at `path` is in, and where each stands: a List's item, a pod template."""
        here: Any = self.values.plain
        where = ""
        way = steps(path)
        while isinstance(here, dict | list):
            metadata = here.get("metadata") if isinstance(here, dict) else None
            found = metadata.get("annotations") if isinstance(metadata, dict) else None
            if isinstance(found, dict) and found:
                yield where, found
            step = next(way, None)
            if step is None:
                return
            here = _at(here, step)
            where = f"{where}[{step}]" if isinstance(step, int) else joined(where, step)


def is_in(path: str, other: str) -> bool:
    """Whether a field is another one, or lies in it."""
    return path.startswith(other) and path[len(other) : len(other) + 1] in ("", ".", "[")


def below(value: Any, path: str) -> Any:
    """What lies at a path; None where nothing does."""
    for step in steps(path):
        value = _at(value, step)
    return value


def _is_list(kind: str, obj: Mapping[str, Any]) -> bool:
    return kind.endswith(LIST) and "items" in obj


def _at(value: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return value[step] if isinstance(value, list) and step < len(value) else None
    return value.get(step) if isinstance(value, dict) else None
