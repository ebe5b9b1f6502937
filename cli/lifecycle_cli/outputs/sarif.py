"""SARIF 2.1.0, as code scanning takes it: rules with their pages, fingerprints, and fixes where there are some."""

import json
from typing import Any, Final
from urllib.parse import quote

from lifecycle_rules import RULES, Rule, address

from .. import version
from ..checking import Report
from ..judging import Finding
from ..reading import STDIN

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {"error": "error", "warning": "warning", "info": "note"}
STDIN_NAME: Final = "stdin.yaml"  # a result needs a file


def written(report: Report, *, is_terminal: bool, shows_exempted: bool) -> str:
    rules = list({each.rule.id: each.rule for each in report.findings}.values())
    index = {rule.id: number for number, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "lifecycle",
                "semanticVersion": version(),
                **({"informationUri": address.REPOSITORY} if address.REPOSITORY else {}),
                "rules": [_rule(each) for each in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not report.problems,
                "toolExecutionNotifications": [
                    {
                        "level": "error",
                        "message": {"text": each.what},
                        "locations": [_location(each.file, each.line, each.column)],
                    }
                    for each in report.problems
                ],
            }
        ],
        "results": [_result(each, index[each.rule.id], report) for each in report.findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    page = address.page("docs/rules.md", rule.id) if rule in RULES else address.page("docs/policies.md")
    return {
        "id": rule.id,
        "name": "".join(each.capitalize() for each in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.why}\n\n{rule.fix}", "markdown": f"{rule.why}\n\n**Fix:** {rule.fix}"},
        "properties": {"tags": ["kubernetes", "lifecycle-hooks", rule.group.value], "precision": "high"},
        **({"helpUri": page} if page else {}),
    }


def _result(found: Finding, index: int, report: Report) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": found.rule.id,
        "ruleIndex": index,
        "level": _LEVELS[found.level],
        "message": {"text": f"{found.object}: {found.path}: {found.what}. {found.rule.fix}"},
        "locations": [
            {
                **_location(found.file, found.line, found.column, found.width),
                "logicalLocations": [{"fullyQualifiedName": f"{found.object}.{found.path}", "kind": "object"}],
            }
        ],
        "partialFingerprints": {"lifecycleFinding/v1": found.fingerprint},
    }
    replacements = report.fixes.get(found.fingerprint)
    if replacements:
        change = {
            "artifactLocation": _location(found.file, 0, 0)["physicalLocation"]["artifactLocation"],
            "replacements": [_replacement(*each) for each in replacements],
        }
        result["fixes"] = [{"description": {"text": found.rule.fix}, "artifactChanges": [change]}]
    return result


def _replacement(line: int, end: int, text: str) -> dict[str, Any]:
    region = {"startLine": line, "startColumn": 1, "endLine": end, "endColumn": 1}
    return {"deletedRegion": region, "insertedContent": {"text": text}}


def _location(file: str, line: int, column: int, width: int = 0) -> dict[str, Any]:
    physical: dict[str, Any] = {
        "artifactLocation": {"uri": quote(STDIN_NAME if file == STDIN else file, errors="surrogateescape")}
    }
    if line:
        physical["region"] = {"startLine": line, "startColumn": column or 1}
        if width:
            physical["region"]["endColumn"] = column + width
    return {"physicalLocation": physical}
