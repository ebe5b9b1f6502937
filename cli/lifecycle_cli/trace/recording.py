"""What was observed, in its order: read from a cluster or from a file, it is the same.

A recording is a file of JSON lines. The first says what it is; each other is one observation, with the time at which it
reached this machine. docs/trace.md says what of an object it holds.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from ..cluster.following import Changed, Heard, Listed, Lost

FORMAT: Final = "lifecycle-trace"
VERSION: Final = 1
CUT: Final = "(cut)"
"""Stands for a value that a recording leaves out."""
_KEPT_ANNOTATIONS: Final = ("kubernetes-lifecycle/",)  # by prefix: our own


class Clock(NamedTuple):
    """A request that the API server answered with its time."""

    sent: float
    """By this machine's clock, as `seen` is."""
    seen: float
    server: int
    """The second in which the API server answered, by its own clock."""


class Asked(NamedTuple):
    """A deletion that we asked for ourselves."""

    uid: str
    sent: float
    seen: float
    """When the API server had answered."""


Observation = Listed | Changed | Lost | Heard | Clock | Asked
_TYPES: Final[Mapping[str, type[Any]]] = {
    each.__name__.lower(): each for each in (Listed, Changed, Lost, Heard, Clock, Asked)
}


class RecordingError(Exception):
    """The file is not a recording, or has another version. The text is one line for the user."""


class Recorder:
    """Writes observations into a file as they come. Raises OSError."""

    def __init__(self, path: Path, about: Mapping[str, Any]) -> None:
        opened = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600
        )  # arguments may hold what others must not see
        self._file: IO[str] = os.fdopen(opened, "w", encoding="utf-8")
        self._write({"format": FORMAT, "version": VERSION, **about})

    def take(self, observation: Observation) -> None:
        self._write({"observed": type(observation).__name__.lower(), **observation._asdict()})

    def close(self) -> None:
        self._file.close()

    def _write(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line, separators=(",", ":")) + "\n")
        self._file.flush()  # what was seen is in the file, whatever comes next


def read(path: Path) -> tuple[dict[str, Any], Iterator[Observation]]:
    """The first line, and the observations as they are read. Raises RecordingError, also later, and OSError."""
    file = path.open(encoding="utf-8")
    try:
        about = json.loads(file.readline())
    except ValueError:
        about = None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        file.close()
        raise RecordingError(f"{path}: not a recording of `lifecycle trace --record`")
    if about.get("version") != VERSION:
        file.close()
        raise RecordingError(f"{path}: a recording of version {about.get('version')}; this lifecycle reads {VERSION}")
    return about, _observations(path, file)


def _observations(path: Path, file: Iterable[str]) -> Iterator[Observation]:
    for number, line in enumerate(file, 2):
        try:
            told = json.loads(line)
            yield _TYPES[told.pop("observed")](**told)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise RecordingError(f"{path}:{number}: not an observation; was the file cut off?") from None


def kept(kind: str, thing: Mapping[str, Any]) -> dict[str, Any]:
    """What a recording holds of an object: all but who wrote which field, annotations, and the values of variables."""
    metadata = {**thing["metadata"]}
    metadata.pop("managedFields", None)
    annotations = metadata.pop("annotations", None) or {}
    if ours := {name: value for name, value in annotations.items() if name.startswith(_KEPT_ANNOTATIONS)}:
        metadata["annotations"] = ours
    if kind != "Pod":
        return {**thing, "metadata": metadata}
    spec = {**thing.get("spec", {})}
    for field in ("containers", "initContainers", "ephemeralContainers"):
        if spec.get(field):
            spec[field] = [_without_values(each) for each in spec[field]]
    return {**thing, "metadata": metadata, "spec": spec}


def _without_values(container: Mapping[str, Any]) -> dict[str, Any]:
    variables = container.get("env")
    if not variables:
        return {**container}
    return {**container, "env": [{**each, "value": CUT} if "value" in each else each for each in variables]}
