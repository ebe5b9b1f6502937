"""For programs; docs/check.schema.json describes it."""

import json
from typing import Any, Final

from ..checking import Report
from ..judging import Finding
from . import LEVELS

VERSION: Final = 1


def written(report: Report, *, is_terminal: bool, shows_exempted: bool) -> str:
    document = {
        "version": VERSION,
        "findings": [finding(each) for each in report.findings],
        "notJudged": [each._asdict() for each in report.problems],
        "exempted": [each._asdict() for each in report.exempted],
        "notes": report.notes,
        "summary": {
            "files": len(report.read),
            "objects": report.objects,
            "findings": {level: sum(each.level == level for each in report.findings) for level in LEVELS},
            "exempted": len(report.exempted),
            "notJudged": len(report.problems),
            "inBaseline": report.known,
            "goneFromBaseline": len(report.gone),
            "withoutObject": report.others,
            "templates": report.templates,
        },
    }
    return json.dumps(document, indent=2) + "\n"


def finding(found: Finding) -> dict[str, Any]:
    return {
        "file": found.file,
        "line": found.line,
        "column": found.column,
        "level": found.level,
        "rule": found.rule.id,
        "title": found.rule.title,
        "kind": found.kind,
        "namespace": found.namespace,
        "name": found.name,
        "container": found.container,
        "path": found.path,
        "message": found.what,
        "why": found.rule.why,
        "fix": found.rule.fix,
        "fingerprint": found.fingerprint,
    }
