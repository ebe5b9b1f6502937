"""Hooks from public bug reports and charts (reported.yaml): what the rules say of each, id by id."""

from collections import Counter

import pytest
from reported import ORDER, VERDICTS, Report, reports

from lifecycle_rules import RULES, Group

REPORTS = reports()
HINTS = {rule.id for rule in RULES if rule.group is Group.PRACTICE}


def expected(report: Report) -> object:
    """One that waits for a rule fails as long as it waits, and when it no longer does, until `pending` is taken out."""
    waits = pytest.mark.xfail(strict=True, reason=f"pending: {', '.join(report.pending)}")
    return pytest.param(report, id=report.name, marks=[waits] if report.pending else [])


@pytest.mark.parametrize("report", [expected(each) for each in REPORTS])
def test_the_rules_that_speak_of(report: Report) -> None:
    assert set(report.found()) == {*report.rules, *report.pending}


def test_what_speaks_as_long_as_a_rule_is_pending() -> None:
    waiting = [each for each in REPORTS if each.pending]
    assert {each.name: each.found() for each in waiting} == {each.name: each.rules for each in waiting}


@pytest.mark.parametrize("report", REPORTS, ids=lambda each: each.name)
def test_the_verdict(report: Report) -> None:
    assert report.rules == [each for each in ORDER if each in report.rules]
    speak = {*report.rules, *report.pending}
    right = {
        "found": bool(speak),
        "hint": bool(speak) and speak <= HINTS,
        "silent": not speak,
        "missed": bool(report.why),
    }
    assert right.keys() == VERDICTS.keys()
    assert right[report.verdict], report.verdict


def test_there_are_enough_of_them() -> None:
    names = Counter(each.name for each in REPORTS)
    assert [name for name, count in names.items() if count > 1] == []
    assert len({each.source for each in REPORTS}) >= 80
