"""One workload in whole sentences, with its picture."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from ..outputs.text import counted
from .age import age
from .ending import ending
from .figures import Bounds
from .picture import picture
from .sentences import Sentence, sentences, spelt
from .style import Style, printable
from .table import findings_of
from .workloads import Workload

_TIMES = 10  # columns in front of a sentence


def told(workload: Workload, style: Style, *, explains: bool) -> list[str]:
    """The lines."""
    lines = list(_told(workload, style, explains=explains))
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _told(workload: Workload, style: Style, *, explains: bool) -> Iterator[str]:
    pod = workload.pod
    assert pod is not None
    yield style(f"{workload.shown} in {workload.namespace}", "bold") + f": {_about(workload)}"
    yield ""
    told = list(sentences(workload, pod))
    timed = [each for each in told if each.at is not None]
    if timed:
        yield style("When one of its Pods is deleted" if workload.kind != "Pod" else "When it is deleted", "bold")
    for each in timed:
        yield from _sentence(each, style, explains=explains)
    if not workload.state:
        yield ""
        yield from picture(ending(pod), style)
    others = [*(each for each in told if each.at is None)]
    yield ""
    for each in others:
        yield from _wrapped(each.text, "", style)
        if explains:
            yield from _source(each.source, "", style)
    yield from _failures(workload, style, explains=explains)
    yield from _findings(workload, style)


def _about(workload: Workload) -> str:
    names = list(workload.rows)
    pods = f"{counted(workload.pods, 'Pod')}, {workload.ready} ready; " if workload.kind != "Pod" else ""
    return f"{pods}{counted(len(names), 'container')}; the grace period is {spelt(workload.grace)}"


def _time(at: Bounds) -> str:
    return spelt(at.least) if at.is_known else f"{at.least:.10g}-{spelt(at.most)}"


def _sentence(each: Sentence, style: Style, *, explains: bool) -> Iterator[str]:
    assert each.at is not None
    lead = f"{_time(each.at).rjust(_TIMES - 2)}  "
    yield from _wrapped(each.text, lead, style)
    if explains:
        yield from _source(each.source, " " * len(lead), style)


def _source(source: str, indent: str, style: Style) -> Iterator[str]:
    for line in textwrap.wrap(f"({printable(source)})", max(style.reading_width - len(indent), 20)):
        yield indent + style(line, "dim")


def _wrapped(text: str, lead: str, style: Style) -> Iterator[str]:
    lines = textwrap.wrap(printable(text), max(style.reading_width - len(lead), 20), break_on_hyphens=False)
    for number, line in enumerate(lines):
        yield (style(lead, "bold") if number == 0 else " " * len(lead)) + line


def _failures(workload: Workload, style: Style, *, explains: bool) -> Iterator[str]:
    for row in workload.rows.values():
        for reason, each in row.failures.items():
            when = f", the last {age(each.last)} ago" if each.last else ""
            times = "once" if each.times == 1 else f"{each.times} times"
            hook = reason.removeprefix("Failed").removesuffix("Hook")
            hook = f"{hook[0].lower()}{hook[1:]}"
            text = f"The {hook} hook of {row.name} failed {times}, from the events that still exist{when}."
            yield from _wrapped(text, "", style)
            if explains:
                yield from _source(f"events {reason}", "", style)


def _findings(workload: Workload, style: Style) -> Iterator[str]:
    found = [
        each for index, row in enumerate(workload.rows.values()) for each in findings_of(workload, row, index == 0)
    ]
    if not found:
        return
    yield ""
    for each in found:
        where = f" container {printable(each.container)}" if each.container else ""
        yield f"{style(each.level, each.level)} [{each.rule}]{where}"
        yield from _wrapped(f"{each.path}: {each.what}", "    ", style)
        yield from _wrapped(f"Fix: {each.fix}", "    ", style)
