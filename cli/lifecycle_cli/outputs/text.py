"""For people: each finding with what is wrong, what Kubernetes will do, and how to fix it."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from ..checking import Problem, Report
from ..judging import Finding
from . import LEVELS

_COLOURS: Final = {"error": "31;1", "warning": "33;1", "info": "36;1", "bold": "1", "dim": "2"}
_WIDEST: Final = 160  # characters of a line that is shown


def written(report: Report, *, is_terminal: bool, shows_exempted: bool) -> str:
    """Grouped by file, in the order in which they were read. Colour and the lines themselves only on a terminal."""
    style = _Style(is_terminal)
    lines: list[str] = []
    for finding in report.findings:
        lines += _finding(finding, style)
        lines.append("")
    for problem in report.problems:
        lines.append(_problem(problem, style))
    if shows_exempted and report.exempted:
        lines += [
            *_gap(lines),
            *(printable(f"{each.file}:{each.line}: exempt: {each.what}") for each in report.exempted),
        ]
    lines += [f"note: {printable(each)}" for each in report.notes]
    lines.append(summary(report))
    return "\n".join(lines) + "\n"


def _gap(lines: list[str]) -> list[str]:
    return [""] if lines and lines[-1] else []


class _Style:
    def __init__(self, is_terminal: bool) -> None:
        self.is_terminal = is_terminal

    def __call__(self, text: str, name: str) -> str:
        return f"\x1b[{_COLOURS[name]}m{text}\x1b[0m" if self.is_terminal else text


def _finding(finding: Finding, style: _Style) -> Iterator[str]:
    where = style(f"{printable(finding.file)}:{finding.line}:{finding.column}", "bold")
    container = f", container {printable(finding.container)}" if finding.container else ""
    yield f"{where}: {style(finding.level, finding.level)} [{finding.rule.id}] {printable(finding.object)}{container}"
    if style.is_terminal:
        number = f"{finding.line}"
        text, start = _window(finding.source, finding.column - 1)
        yield style(f"  {number} | ", "dim") + printable(text)
        under = "^" * max(min(finding.width, len(text.rstrip()) - start), 1)
        yield style(f"  {' ' * len(number)} | ", "dim") + " " * start + style(under, finding.level)
    yield f"    {printable(finding.path)}: {printable(finding.what)}"
    yield f"    Kubernetes: {finding.rule.why}"
    yield f"    Fix: {finding.rule.fix}"


def _window(line: str, column: int) -> tuple[str, int]:
    """A line that is not too long for a terminal, and where the column is in it."""
    start = max(column - 20, 0) if len(line) > _WIDEST else 0
    return line[start : start + _WIDEST], column - start


def _problem(problem: Problem, style: _Style) -> str:
    place = f":{problem.line}:{problem.column}" if problem.column else f":{problem.line}" if problem.line else ""
    where = style(f"{printable(problem.file)}{place}", "bold")
    return f"{where}: {style('not judged', 'error')}: {printable(problem.what)}"


def printable(text: str) -> str:
    """Without what a terminal would act on."""
    return text if text.isprintable() else "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def summary(report: Report) -> str:
    """One line."""
    levels = Counter(each.level for each in report.findings)
    found = ", ".join(counted(levels[each], each) for each in LEVELS if levels[each]) or "no findings"
    parts = [f"{counted(len(report.read), 'file')}, {counted(report.objects, 'object')}: {found}"]
    if report.exempted:
        parts.append(f"{len(report.exempted)} exempt")
    if report.problems:
        parts.append(f"{len(report.problems)} not judged")
    if report.known:
        parts.append(f"{report.known} in the baseline")
    if report.others:
        parts.append(f"{counted(report.others, 'document')} without a Kubernetes object")
    if report.templates:
        parts.append(f"{counted(report.templates, 'template')} left out")
    return "; ".join(parts)


def counted(number: int, what: str) -> str:
    plural = what if what == "info" or number == 1 else f"{what}s"
    return f"{number:,} {plural}"
