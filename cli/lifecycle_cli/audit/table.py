"""The table: a line per container, as kubectl writes tables; what does not fit a terminal is cut, or left out by name.

Rich's own tables take a second for the 3,000 lines of a large cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from .age import age
from .figures import seconds
from .style import Style, printable
from .workloads import Finding, Row, Workload

NONE: Final = "<none>"
UNSEEN: Final = "?"
_GAP: Final = 3
_LEVELS: Final = ("error", "warning", "info")
_LEAST: Final = 16  # columns to which a list is cut


class Cell(NamedTuple):
    text: str
    style: str = ""


class Column(NamedTuple):
    head: str
    cell: Callable[[Workload, Row, bool], Cell]
    """Of a row, and whether it is its workload's first."""
    rank: int = 0
    """Those of a higher one are left out first where a terminal is narrow; 0 never."""
    is_wide: bool = False
    is_list: bool = False
    """Whether it may be cut."""
    wide: Callable[[Workload, Row, bool], Cell] | None = None
    """What is in its place where all is shown."""


def _hook(hook: object) -> str:
    return NONE if hook is None else str(hook)


def _ready(workload: Workload, row: Row, is_first: bool) -> Cell:
    return Cell(UNSEEN if workload.has_unseen_pods else f"{workload.ready}/{workload.pods}")


def _restarts(workload: Workload, row: Row, is_first: bool) -> Cell:
    return Cell(UNSEEN if workload.has_unseen_pods else str(row.restarts))


def _post_start(workload: Workload, row: Row, is_first: bool) -> Cell:
    return Cell(_hook(row.post_start))


def _pre_stop(workload: Workload, row: Row, is_first: bool) -> Cell:
    is_bad = row.pre_stop is not None and bool(row.pre_stop.failing)
    return Cell(_hook(row.pre_stop), "error" if is_bad else "")


def _left(workload: Workload, row: Row, is_first: bool) -> Cell:
    return Cell(str(row.stop.left) if row.stop else "?")


def _services(workload: Workload, row: Row, is_first: bool) -> Cell:
    is_known = "EndpointSlice" not in workload.unseen
    told = ", ".join(
        f"{name} {each.ready if is_known else UNSEEN}/{each.of}" for name, each in workload.services.items()
    )
    return Cell(told or (UNSEEN if "Service" in workload.unseen else NONE))


def _failed(workload: Workload, row: Row, is_first: bool) -> Cell:
    return _failures(workload, [f"{_EVENTS[reason]} {each.times}" for reason, each in row.failures.items()])


def _failed_when(workload: Workload, row: Row, is_first: bool) -> Cell:
    return _failures(
        workload,
        [
            f"{_EVENTS[reason]} {each.times}{f' ({age(each.last)} ago)' if each.last else ''}"
            for reason, each in row.failures.items()
        ],
    )


def _failures(workload: Workload, told: Sequence[str]) -> Cell:
    return Cell(", ".join(told) or (UNSEEN if "Event" in workload.unseen else NONE), "error" if told else "")


_EVENTS: Final = {"FailedPostStartHook": "postStart", "FailedPreStopHook": "preStop"}


def findings_of(workload: Workload, row: Row, is_first: bool) -> list[Finding]:
    """Those of the container, and in the first line those of the Pod as a whole; the worst first."""
    found = [
        each
        for each in workload.findings
        if each.container == row.name or (is_first and each.container not in workload.rows)
    ]
    return sorted(found, key=lambda each: _LEVELS.index(each.level))


def _findings(workload: Workload, row: Row, is_first: bool) -> Cell:
    found = findings_of(workload, row, is_first)
    names = dict.fromkeys(each.rule for each in found)
    return Cell(",".join(names) or NONE, found[0].level if found else "")


COLUMNS: Final = (
    Column("WORKLOAD", lambda workload, row, is_first: Cell(workload.shown, "bold")),
    Column("CONTAINER", lambda workload, row, is_first: Cell(row.name)),
    Column("ROLE", lambda workload, row, is_first: Cell("injected" if row.injected else row.role.value), is_wide=True),
    Column("READY", _ready, rank=2),
    Column("POSTSTART", _post_start, rank=4),
    Column("PRESTOP", _pre_stop),
    Column("GRACE", lambda workload, row, is_first: Cell(seconds(workload.grace)), rank=1),
    Column("LEFT", _left),
    Column("READINESS", lambda workload, row, is_first: Cell(row.readiness or NONE), rank=6),
    Column("SERVICES", _services, rank=5, is_list=True),
    Column("RESTARTS", _restarts, rank=3),
    Column("FAILED", _failed, wide=_failed_when),
    Column("FINDINGS", _findings, is_list=True),
)
_NAMESPACE: Final = Column("NAMESPACE", lambda workload, row, is_first: Cell(workload.namespace))


def table(workloads: Iterable[Workload], style: Style, *, is_wide: bool, has_namespaces: bool) -> Iterator[str]:
    """The lines. Where columns are left out, the last one says which."""
    columns = [each for each in COLUMNS if is_wide or not each.is_wide]
    if has_namespaces:
        columns.insert(0, _NAMESPACE)
    cells = [(each.wide if is_wide else None) or each.cell for each in columns]
    rows = [
        [_printable(cell(workload, row, index == 0)) for cell in cells]
        for workload in workloads
        for index, row in enumerate(workload.rows.values())
    ]
    widths = [max(map(len, (column.head, *(row[at].text for row in rows)))) for at, column in enumerate(columns)]
    kept = list(range(len(columns)))
    if style.width and not is_wide:
        kept = _fitting(columns, widths, style.width)
    yield _line([Cell(columns[at].head, "dim") for at in kept], [widths[at] for at in kept], style)
    for row in rows:
        yield _line([row[at] for at in kept], [widths[at] for at in kept], style)
    left_out = [column.head for at, column in enumerate(columns) if at not in kept]
    if left_out:
        what = f"{', '.join(left_out)}: left out because the terminal is narrow; -o wide shows all"
        yield from (style(line, "dim") for line in style.wrapped(what))


def _printable(cell: Cell) -> Cell:
    return cell if cell.text.isprintable() else cell._replace(text=printable(cell.text))


def _fitting(columns: Sequence[Column], widths: list[int], width: int) -> list[int]:
    """The columns that are shown, some of them cut."""
    kept = list(range(len(columns)))

    def over() -> int:
        return sum(widths[at] for at in kept) + _GAP * (len(kept) - 1) - width

    for at in sorted(kept, key=lambda each: -columns[each].rank):
        cuttable = sum(max(widths[each] - _LEAST, 0) for each in kept if columns[each].is_list)
        if over() <= cuttable or not columns[at].rank:
            break
        kept.remove(at)
    for at in sorted((each for each in kept if columns[each].is_list), key=lambda each: -widths[each]):
        widths[at] = max(min(widths[at], _LEAST), widths[at] - max(over(), 0))
    return kept


def _line(cells: Sequence[Cell], widths: Sequence[int], style: Style) -> str:
    parts = []
    for at, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        text = cell.text if len(cell.text) <= width else f"{cell.text[: width - 1]}{'~' if style.is_plain else '…'}"
        padding = "" if at == len(cells) - 1 else " " * (width - len(text) + _GAP)
        parts.append(f"{style(text, cell.style)}{padding}")
    return "".join(parts)
