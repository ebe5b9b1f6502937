"""Annotations of a GitHub workflow: one command each, which the runner shows at the line."""

from typing import Final

from ..checking import Report
from .text import summary

_COMMANDS: Final = {"error": "error", "warning": "warning", "info": "notice"}


def written(report: Report, *, is_terminal: bool, shows_exempted: bool) -> str:
    lines = []
    for each in report.findings:
        end = each.column + each.width - 1
        where = f"file={_property(each.file)},line={each.line},col={each.column},endColumn={end}"
        what = f"{each.object}: {each.path}: {each.what}. {each.rule.fix}"
        title = _property(f"{each.rule.id}: {each.rule.title}")
        lines.append(f"::{_COMMANDS[each.level]} {where},title={title}::{_data(what)}")
    for problem in report.problems:
        place = f",line={problem.line}" if problem.line else ""
        lines.append(f"::error file={_property(problem.file)}{place},title=not judged::{_data(problem.what)}")
    return "\n".join([*lines, summary(report)]) + "\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
