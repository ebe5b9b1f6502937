"""What each benchmark hands over: tables of measured values, goals, and one curve; as data, to be kept as JSON."""

import dataclasses
import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Values = Sequence[float]
"""Of one figure, repeat by repeat; none where it was not measured."""


@dataclass(frozen=True)
class Column:
    """`form` is a format of Python, `unit` stands behind each figure; `spread`: with the lowest and the highest."""

    head: str
    form: str = ".2f"
    unit: str = ""
    spread: bool = False


@dataclass(frozen=True)
class Row:
    """What is measured, in words, and its values for each column."""

    labels: Sequence[str]
    cells: Sequence[Values]


@dataclass(frozen=True)
class Table:
    """`labels` are the heads of the columns before the first figure."""

    labels: Sequence[str]
    columns: Sequence[Column]
    rows: Sequence[Row]


@dataclass(frozen=True)
class Goal:
    """What the median is to reach. `cause` is why it does not, where it does not: a whole sentence or more."""

    what: str
    values: Values
    limit: float
    cause: str
    form: str = ".2f"
    unit: str = ""
    is_least: bool = False  # the limit is the least, not the most

    @property
    def figure(self) -> float:
        return statistics.median(self.values)

    @property
    def is_reached(self) -> bool:
        return self.figure >= self.limit if self.is_least else self.figure <= self.limit


@dataclass(frozen=True)
class Line:
    """Of a curve: by size, the values there. `hue` is one of the pictures' palette."""

    name: str
    hue: str
    points: Sequence[tuple[float, Values]]


@dataclass(frozen=True)
class Curve:
    """How something grows: `y` names what is drawn above the sizes, whose unit stands behind its figures."""

    title: str
    about: str
    sizes: str
    lines: Sequence[Line]
    form: str = ".2f"
    unit: str = ""
    limit: float | None = None
    limit_name: str = ""


@dataclass(frozen=True)
class Part:
    """All that one run of one benchmark found. `notes` are sentences with figures; `missing` says what has none."""

    name: str
    when: str  # 2026-11-27 15:40
    machine: str
    load: float  # at the start
    command: str
    repeats: int
    tables: Mapping[str, Table] = field(default_factory=dict)
    goals: Sequence[Goal] = ()
    curve: Curve | None = None
    notes: Sequence[str] = ()
    missing: Sequence[str] = ()

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(dataclasses.asdict(self), indent=1, ensure_ascii=False)
        file(folder, self.name).write_text(f"{text}\n")


def file(folder: Path, name: str) -> Path:
    """Where the part of this name is kept."""
    return folder / f"{name}.json"


def read(file: Path) -> Part:
    """A part as `Part.write` left it."""
    found: dict[str, Any] = json.loads(file.read_text())
    curve = found.pop("curve")
    return Part(
        **{
            **found,
            "tables": {name: _table(each) for name, each in found["tables"].items()},
            "goals": [Goal(**each) for each in found["goals"]],
        },
        curve=curve and Curve(**{**curve, "lines": [Line(**each) for each in curve["lines"]]}),
    )


def _table(of: dict[str, Any]) -> Table:
    return Table(of["labels"], [Column(**each) for each in of["columns"]], [Row(**each) for each in of["rows"]])
