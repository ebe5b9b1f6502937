"""Lives that end in other ways, recorded on a real node; and what is known when only a part was seen."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle_cli.cluster.following import Changed
from lifecycle_cli.trace.findings import findings
from lifecycle_cli.trace.life import Life
from lifecycle_cli.trace.plain import summary
from lifecycle_cli.trace.recording import read
from lifecycle_cli.trace.svg import svg
from tests.cli.trace.recorded import NAMES, lives, observations

_, _TOLD = read(Path(__file__).parent / "several.jsonl")
LIVES = {each.name: each for each in lives(_TOLD)}


def found(name: str) -> list[tuple[str, str]]:
    return [(each.what, each.rule) for each in findings(LIVES[name])]


def lasted(life: Life, what: str) -> list[tuple[str, float | None, float | None]]:
    spans = [each for each in life.row("c").spans if each.what == what]
    return [(each.how, *(each and round(each, 1) for each in each.seconds)) for each in spans]


def test_a_second_deletion_does_not_cut_a_hook_short() -> None:
    """20 s of sleep, 2 s of it gone when the grace period was made 3 s."""
    assert lasted(LIVES["twice"], "preStop") == [("ok", 20.0, 20.1)]
    assert found("twice") == []
    mark = LIVES["twice"].mark("regraced")
    assert mark and mark.text == "grace period now 1 s; a preStop that runs is not cut short"


def test_what_a_pod_does_after_it_was_removed_by_force_is_not_known() -> None:
    assert found("forced") == [("forced", "")]
    assert lasted(LIVES["forced"], "preStop") == [("open", None, None)]
    assert not LIVES["forced"].mark("stop-signal", "c")


def test_a_probe_has_a_grace_period_of_its_own() -> None:
    """3 s, twice; then the deletion's, in which the hook's 8 s have room."""
    assert [how for how, _, _ in lasted(LIVES["startup"], "preStop")] == ["cut", "cut", "ok"]
    assert ("preStop-cut", "probe-grace-vs-prestop") in found("startup")
    text = next(each.text for each in findings(LIVES["startup"]) if each.what == "preStop-cut")
    assert text.startswith("preStop was cut off by the end of the grace period (3 s)")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("missing", ["preStop-ended-with-container"]),
        ("crash", ["failed"]),
        ("initfail", ["failed"]),
        ("unsched", ["unschedulable", "never-ready"]),
        ("badimage", ["never-ready", "warning", "warning", "warning", "warning"]),
    ],
)
def test_what_went_wrong(name: str, what: list[str]) -> None:
    assert [each for each, _ in found(name)] == what


def test_a_container_that_never_started_did_not_end() -> None:
    assert not LIVES["badimage"].mark("exited", "c")
    assert [each.how for each in LIVES["badimage"].row("c").spans] == ["failed"]


def test_all_in_one_picture() -> None:
    text = svg(list(LIVES.values()))
    assert all(f">{name}</text>" in text for name in LIVES)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_whatever_part_was_seen_bounds_are_bounds(data: st.DataObject) -> None:
    told = observations(data.draw(st.sampled_from(NAMES)))
    for life in lives(data.draw(st.lists(st.sampled_from(told), max_size=40))):
        for row in life.rows:
            for mark in row.marks:
                assert None in mark.at[:2] or mark.at.earliest <= mark.at.latest, mark  # type: ignore[operator]
            for span in row.spans:
                assert None in span.seconds or span.seconds.least <= span.seconds.most + 1e-6, span  # type: ignore[operator]
        list(summary(life))
        svg([life])


def test_a_message_moves_no_terminal_and_breaks_no_picture() -> None:
    told = [*observations("prestop-cut")]
    event = next(each.object for each in told if isinstance(each, Changed) and each.object.get("reason") == "Pulled")
    bad = {**event, "type": "Warning", "reason": "Bad", "message": "a\x1b[31m\x00 b\n<c> & \ud800"}
    bad["metadata"] = {**event["metadata"], "uid": "bad"}
    (life,) = lives([*told, Changed("Event", "ADDED", bad, told[-1].seen)])
    text = "Bad: a\ufffd[31m\ufffd b <c> & \ufffd"
    assert f"  ! c: {text}" in list(summary(life))
    ElementTree.fromstring(svg([life]).encode())
