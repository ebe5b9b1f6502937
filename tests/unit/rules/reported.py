"""Hooks that others reported or ship: reported.yaml, and docs/reports.md, the page that is made of it.

`python -m reported` prints the page; `python -m reported today` prints the reports of which the rules say something
else than what stands in the file.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lifecycle_rules import RULES, check

FILE = Path(__file__).with_name("reported.yaml")
VERDICTS = {
    "found": "the rules report what went wrong",
    "hint": "the hook works, and the rules say what works better",
    "silent": "nothing is wrong, and the rules say nothing",
    "missed": "the rules do not report it",
}
ORDER = [rule.id for rule in RULES]
_ISSUE = re.compile(r"([\w.-]+/[\w.-]+)#(\d+)")
_PATH = re.compile(r"([\w.-]+/[\w.-]+) (\S+)")


@dataclass(frozen=True)
class Report:
    """One hook, as the file has it."""

    group: str
    name: str
    source: str
    what: str
    container: dict[str, Any]
    verdict: str
    rules: list[str]
    why: str = ""
    kind: str = "Deployment"
    kubernetes: str = ""
    pod: dict[str, Any] | None = None
    workload: dict[str, Any] | None = None
    pending: tuple[str, ...] | list[str] = ()

    @property
    def obj(self) -> dict[str, Any]:
        """The object that it is a part of."""
        spec = {**(self.pod or {}), "containers": [{"name": "app", **self.container}]}
        return {"spec": spec if self.kind == "Pod" else {**(self.workload or {}), "template": {"spec": spec}}}

    def found(self) -> list[str]:
        """The rules that speak of it, each once."""
        options = {"kubernetes": self.kubernetes} if self.kubernetes else {}
        ids = {each.rule.id for each in check(self.kind, self.obj, **options)}
        return [each for each in ORDER if each in ids]


def reports() -> list[Report]:
    groups = yaml.safe_load(FILE.read_text())
    return [Report(group=each["group"], **report) for each in groups for report in each["reports"]]


def page() -> str:
    """docs/reports.md."""
    return "\n".join(_lines(reports())) + "\n"


def _lines(all_reports: list[Report]) -> Iterator[str]:
    sources = {each.source for each in all_reports}
    yield "# Hooks from bug reports and charts"
    yield ""
    yield f"{len(all_reports)} hooks from {len(sources)} public sources: what each hook does, what went wrong, and what"
    yield "the rules report. `tests/unit/rules/reported.yaml` has them in short and in our own words; if a source shows"
    yield "only a part, we added the rest. `test_reported.py` checks which rules report each hook. For whole projects,"
    yield "see [projects.md](projects.md). `make docs` writes this page."
    yield ""
    yield "| verdict | | hooks |"
    yield "| --- | --- | ---: |"
    for verdict, meaning in VERDICTS.items():
        yield f"| {verdict} | {meaning} | {sum(each.verdict == verdict for each in all_reports)} |"
    for group in dict.fromkeys(each.group for each in all_reports):
        yield from ("", f"## {group}", "", "| hook | rules that report it | verdict |", "| --- | --- | --- |")
        yield from (_row(each) for each in all_reports if each.group == group)


def _row(report: Report) -> str:
    said = [f"[{each}](rules.md#{each})" for each in report.rules]
    said += [f"{each} (a rule that is to come)" for each in report.pending]
    verdict = f"{report.verdict}: {report.why}" if report.why else report.verdict
    cells = f"{_linked(report.source)}: {report.what}", ", ".join(said) or "nothing", verdict
    return f"| {' | '.join(each.replace('|', chr(92) + '|') for each in cells)} |"


def _linked(source: str) -> str:
    issue, path = _ISSUE.fullmatch(source), _PATH.fullmatch(source)
    if issue:
        return f"[{source}](https://github.com/{issue[1]}/issues/{issue[2]})"
    if path:
        return f"[{path[1]}](https://github.com/{path[1]}/blob/HEAD/{path[2]})"
    return f"[{source.split('/')[2]}]({source})" if "://" in source else source.capitalize()


def _today() -> Iterator[str]:
    for each in reports():
        found = each.found()
        if found != each.rules:
            yield f"{each.name}: {', '.join(each.rules) or 'nothing'}, and today {', '.join(found) or 'nothing'}"


if __name__ == "__main__":
    print("\n".join(_today()) if sys.argv[1:] == ["today"] else page(), end="")
