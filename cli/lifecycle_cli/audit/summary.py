"""What the rows come to: how many serve without a delay, how many hooks failed lately, which rules hit most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from ..outputs.text import counted
from .age import age
from .style import Style
from .workloads import HOOK_FAILURES, Workload

_NAMED: Final = 5  # workloads, or rules, that are named
_SHORT_LIVED: Final = ("Job", "CronJob")  # nobody sends requests to them while they end


def undrained(workload: Workload) -> bool:
    """Whether it serves, and has a serving container whose stop signal comes at once, or may do so."""
    return serving(workload) and any(
        row.serves and (row.pre_stop is None or bool(row.pre_stop.failing)) for row in workload.rows.values()
    )


def serving(workload: Workload) -> bool:
    """Whether a Service selects it, and it goes on until it is stopped."""
    return workload.kind not in _SHORT_LIVED and bool(workload.services)


def failures(workloads: Sequence[Workload], unknown: Counter[str]) -> Counter[str]:
    """By the event's reason."""
    found = Counter(unknown)
    for workload in workloads:
        for row in workload.rows.values():
            for reason, each in row.failures.items():
                found[reason] += each.times
    return found


def rules(workloads: Sequence[Workload]) -> dict[str, int]:
    """By id, in how many workloads it found something; the most first."""
    counts = Counter(rule for each in workloads for rule in {finding.rule for finding in each.findings})
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def lines(workloads: Sequence[Workload], unknown: Counter[str], style: Style) -> list[str]:
    """Under the table."""
    containers = sum(len(each.rows) for each in workloads)
    pods = sum(each.pods for each in workloads)
    serve = [each for each in workloads if serving(each)]
    bare = [each for each in serve if undrained(each)]
    told = [
        f"{counted(len(workloads), 'workload')}, {counted(containers, 'container')}, {counted(pods, 'Pod')}: "
        f"{_serve(serve, bare)}"
    ]
    told.append(_failed(workloads, unknown))
    hit = list(rules(workloads).items())[:_NAMED]
    exempt = sum(each.exempted for each in workloads)
    found = ", ".join(f"{rule} {count}" for rule, count in hit) or "none"
    told.append(f"most frequent rules: {found}{f'; {exempt} findings exempt' if exempt else ''}")
    return [line for each in told for line in style.wrapped(each)]


def _serve(serve: Sequence[Workload], bare: Sequence[Workload]) -> str:
    if not serve:
        return "no Service selects any"
    how = "1 is behind a Service" if len(serve) == 1 else f"{len(serve)} are behind a Service"
    if not bare:
        return f"{how}, with a preStop hook" + ("" if len(serve) == 1 else " each")
    names = ", ".join(each.shown for each in bare[:_NAMED])
    return f"{how}, {len(bare)} of them without a delay: {names}{', …' if len(bare) > _NAMED else ''}"


def _failed(workloads: Sequence[Workload], unknown: Counter[str]) -> str:
    counts = failures(workloads, unknown)
    if not counts:
        return "failed hooks, from the events that still exist: none"
    last = max(
        (each.last for workload in workloads for row in workload.rows.values() for each in row.failures.values()),
        default="",
    )
    told = ", ".join(f"{counts[each]} {each}" for each in HOOK_FAILURES if counts[each])
    gone = sum(unknown.values())
    return (
        f"failed hooks, from the events that still exist: {told}"
        f"{f', the last {age(last)} ago' if last else ''}{f'; {gone} in Pods whose owner is unknown' if gone else ''}"
    )


def data(workloads: Sequence[Workload], unknown: Counter[str]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "workloads": len(workloads),
        "containers": sum(len(each.rows) for each in workloads),
        "pods": sum(each.pods for each in workloads),
        "serving": sum(map(serving, workloads)),
        "servingWithoutDelay": sum(map(undrained, workloads)),
        "hookFailures": dict(failures(workloads, unknown)),
        "findingsByRule": rules(workloads),
        "exempted": sum(each.exempted for each in workloads),
    }
