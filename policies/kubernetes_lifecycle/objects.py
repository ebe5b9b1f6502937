"""A Kubernetes object of a stack: what a policy knows of it, whoever handed it over."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .settings import Settings, any_matches
from .values import Values

PACKAGE = "kubernetes:"
DEFAULT_NAMESPACE = "default"


class Object(NamedTuple):
    """One resource of the package `kubernetes`."""

    urn: str
    type: str
    """Pulumi's token, `kubernetes:apps/v1:Deployment`."""
    resource: str
    """Its name in the program."""
    values: Values
    delete_seconds: float = 0
    """Its customTimeouts.delete; 0 where none is given."""

    @property
    def kind(self) -> str:
        return kind_of(self.type)

    @property
    def namespace(self) -> object:
        given = _metadata(self.values.plain).get("namespace")
        return DEFAULT_NAMESPACE if given is None else given

    @property
    def names(self) -> Sequence[object]:
        """That in the cluster, which is UNKNOWN or none where it is made up there, and that in the program."""
        return (_metadata(self.values.plain).get("name"), self.resource)

    def excluded_by(self, settings: Settings) -> str:
        """The setting that keeps it from being judged; empty where none does."""
        excluded = settings.excluded
        if any_matches(excluded.namespaces, self.namespace):
            return f"its namespace, {self.namespace}"
        if any_matches(excluded.kinds, self.kind):
            return f"its kind, {self.kind}"
        if any(any_matches(excluded.names, each) for each in self.names):
            return f"its name, {self.resource}"
        return ""

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
        walked: list[str] = []
        for step in ("", *steps(path)):
            if step:
                here = _at(here, step)
                walked.append(step if step.startswith("[") or not walked else f".{step}")
            if not isinstance(here, dict):
                if not isinstance(here, list):
                    return
                continue
            found = _metadata(here).get("annotations")
            if isinstance(found, dict) and found:
                yield "".join(walked), found


def is_in(path: str, other: str) -> bool:
    """Whether a field is another one, or lies in it."""
    return path.startswith(other) and path[len(other) : len(other) + 1] in ("", ".", "[")


def kind_of(token: str) -> str:
    """`Deployment` of `kubernetes:apps/v1:Deployment`; empty for what is not Kubernetes."""
    return token.rpartition(":")[2] if token.startswith(PACKAGE) else ""


def _metadata(value: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = value.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def steps(path: str) -> Iterator[str]:
    """`spec`, `containers`, `[0]` of `spec.containers[0]`."""
    for part in path.split("."):
        key, *indexes = part.split("[")
        yield key
        yield from (f"[{each}" for each in indexes)


def below(value: Any, path: str) -> Any:
    """What lies at a path; None where nothing does."""
    for step in steps(path):
        value = _at(value, step)
    return value


def _at(value: Any, step: str) -> Any:
    if step.startswith("["):
        index = int(step[1:-1]) if step[1:-1].isdigit() else -1
        return value[index] if isinstance(value, list) and 0 <= index < len(value) else None
    return value.get(step) if isinstance(value, dict) else None
