"""Where each figure of the table comes from: a field, an event, or a rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .figures import FLOOR_SECONDS, Hook
from .style import Style, printable
from .table import COLUMNS, findings_of
from .workloads import Row, Workload


def explained(workloads: Iterable[Workload], style: Style) -> Iterator[str]:
    """A paragraph for each row."""
    for workload in workloads:
        for index, row in enumerate(workload.rows.values()):
            yield ""
            yield style(printable(f"{workload.shown}, container {row.name}"), "bold")
            cells = {each.head: each.cell(workload, row, index == 0).text for each in COLUMNS}
            for head, source in _sources(workload, row):
                yield printable(f"  {head} {cells[head]}: {source}")
            for each in findings_of(workload, row, index == 0):
                yield printable(f"  FINDINGS {each.rule}: {each.path}: {each.what}")


def _sources(workload: Workload, row: Row) -> Iterator[tuple[str, str]]:
    grace = f"{workload.path}.terminationGracePeriodSeconds"
    yield "READY", "status.conditions of the Pods"
    yield "POSTSTART", _hook(row.post_start, f"{row.path}.lifecycle")
    yield "PRESTOP", _hook(row.pre_stop, f"{row.path}.lifecycle")
    yield "GRACE", grace
    yield "LEFT", _left(row)
    yield "READINESS", f"{row.path}.readinessProbe"
    yield "SERVICES", "the Services' selectors, and their EndpointSlices"
    yield "RESTARTS", "status.containerStatuses of the Pods, restartCount"
    whose = "; for Pods that are gone, by the Pod's name" if row.failures else ""
    yield "FAILED", f"events {', '.join(row.failures) or 'FailedPostStartHook and FailedPreStopHook'}{whose}"


def _hook(hook: Hook | None, otherwise: str) -> str:
    if hook is None:
        return otherwise
    if hook.failing:
        return f"{hook.source}; rule {hook.failing}"
    return hook.source if hook.takes.is_known else f"{hook.source}; nothing reports when a hook ends"


def _left(row: Row) -> str:
    turn = f", and until {', '.join(row.stop.after)} ended" if row.stop and row.stop.after else ""
    return f"GRACE minus the whole seconds of PRESTOP{turn}; {FLOOR_SECONDS} s at least"
