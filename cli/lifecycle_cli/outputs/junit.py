"""JUnit XML: a suite for each file, a case for each finding, a failure in those that are errors or warnings."""

import re
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from ..checking import Report

_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(report: Report, *, is_terminal: bool, shows_exempted: bool) -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    failures = sum(each.level != "info" for each in report.findings)
    counts = f'tests="{len(report.findings) + len(report.problems)}" failures="{failures}"'
    lines.append(f'<testsuites name="lifecycle check" {counts} errors="{len(report.problems)}">')
    for file, group in groupby(report.findings, key=lambda each: each.file):
        found = list(group)
        failed = sum(each.level != "info" for each in found)
        lines.append(f'  <testsuite name={_quoted(file)} tests="{len(found)}" failures="{failed}" errors="0">')
        for each in found:
            name = _quoted(f"{each.rule.id} {each.object} {each.path}")
            lines.append(
                f'    <testcase classname={_quoted(file)} name={name} file={_quoted(file)} line="{each.line}">'
            )
            text = f"{file}:{each.line}:{each.column}: {each.what}\nKubernetes: {each.rule.why}\nFix: {each.rule.fix}"
            if each.level == "info":
                lines.append(f"      <system-out>{escape(_clean(text))}</system-out>")
            else:
                message = _quoted(each.what)
                lines.append(f'      <failure type="{each.level}" message={message}>{escape(_clean(text))}</failure>')
            lines.append("    </testcase>")
        lines.append("  </testsuite>")
    if report.problems:
        count = len(report.problems)
        lines.append(f'  <testsuite name="not judged" tests="{count}" failures="0" errors="{count}">')
        for problem in report.problems:
            where = _quoted(f"{problem.file}:{problem.line}:{problem.column}")
            lines.append(f'    <testcase classname="not judged" name={where}>')
            lines.append(f"      <error message={_quoted(problem.what)}/>")
            lines.append("    </testcase>")
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _clean(text: str) -> str:
    return _NO_XML.sub("�", text)


def _quoted(text: str) -> str:
    return quoteattr(_clean(text))
