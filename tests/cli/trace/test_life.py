"""Lives from recordings of a real node: the same under other clocks, and with wider bounds where less is told."""

from __future__ import annotations

import json

import pytest

from lifecycle_cli.trace.clocks import SECOND, ContradictionError, Times
from lifecycle_cli.trace.findings import findings
from lifecycle_cli.trace.life import Life, Row, Time
from lifecycle_cli.trace.recording import Changed, Heard, Listed, Lost
from tests.cli.trace.recorded import NAMES, life, lives, observations, skewed, without_events


def figures(found: Life) -> list[tuple[str, str, float | None, float | None]]:
    return [
        (row.name, mark.what, mark.at.earliest, mark.at.latest)
        for row in found.rows
        for mark in sorted(row.marks, key=lambda each: (each.what, each.at.latest or 0.0))
    ]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("node", "client"), [(30, 0.0), (-30, 0.0), (0, 30.0), (0, -30.0), (30, -30.0), (-3600, 7200.5)]
)
def test_other_clocks_change_no_figure(name: str, node: int, client: float) -> None:
    true, found = life(name), lives(skewed(observations(name), node=node, client=client))[0]
    assert not found.notes
    assert figures(found) == [
        (row, what, pytest.approx(earliest, abs=2e-6), pytest.approx(latest, abs=2e-6))
        for row, what, earliest, latest in figures(true)
    ]
    assert found.node_ahead.least is not None and found.node_ahead.most is not None
    assert found.node_ahead.least - 1e-5 <= node <= found.node_ahead.most + 1e-5
    least, most = found.client_ahead
    assert least is not None and most is not None and least - 0.2 <= client <= most + 0.2
    if node:  # the same moment by the API server's clock, as far as that is known
        known = true.node_ahead.most - true.node_ahead.least if None not in true.node_ahead else 0.0  # type: ignore[operator]
        assert abs(found.zero - true.zero) / SECOND <= known + 0.001
    else:
        assert found.zero == true.zero


@pytest.mark.parametrize("name", NAMES)
def test_without_events_less_is_known_and_nothing_else(name: str) -> None:
    """Each bound without the right to read events is wider, or the same."""
    true, found = life(name), lives(without_events(observations(name)))[0]
    shift = (true.zero - found.zero) / SECOND  # and what the clocks' difference leaves open
    open_ = max(each or 0.0 for each in found.node_ahead) - min(each or 0.0 for each in found.node_ahead)
    for row in found.rows:
        for mark in row.marks:
            known = [each.at for each in _row(true, row).marks if each.what == mark.what]
            own = [each.at for each in row.marks if each.what == mark.what]
            if len(known) == len(own) == 1:
                assert _contains(mark.at, known[0], shift, open_ + 1.0), (row.name, mark.what)


def _row(found: Life, row: Row) -> Row:
    return next(each for each in found.rows if (each.name, each.role) == (row.name, row.role))


def _contains(wide: Time, narrow: Time, shift: float, slack: float) -> bool:
    return (wide.earliest is None or narrow.latest is None or wide.earliest <= narrow.latest + shift + slack) and (
        wide.latest is None or narrow.earliest is None or narrow.earliest + shift - slack <= wide.latest
    )


def test_a_clock_that_is_set_meanwhile_is_said() -> None:
    told = observations("demo")
    half = len(told) // 2
    found = lives([*told[:half], *skewed(told[half:], node=-20)])[0]
    assert found.notes == (
        "The times contradict each other: a clock was set meanwhile. How the clocks differ is not known.",
    )


def test_the_times_of_a_hook_that_succeeds_are_bounds_and_no_figure() -> None:
    (hook,) = [each for each in life("sidecars").row("app").spans if each.what == "preStop"]
    assert hook.seconds.least == 1.0
    assert hook.seconds.most is not None and 2.0 < hook.seconds.most < 6.0
    assert hook.end is not None and hook.end.latest_by[:2] == (
        "a hook's process ends with its container",
        "the status's finishedAt",
    )


def test_a_pod_of_the_same_name_is_another_life() -> None:
    told = observations("completes")
    again = [
        each._replace(object=_renewed(each.object), seen=each.seen + 60)
        for each in told
        if isinstance(each, Changed) and each.kind == "Pod"
    ]
    first, second = lives([*told, *again])
    assert (first.name, first.uid) != (second.name, second.uid)
    assert first.name == second.name
    assert (first.state, second.state) == ("gone", "completed")
    (gone,) = [each for each in first.rows[0].marks if each.what == "gone"]
    assert gone.text == "gone; its end was not seen"


def _renewed(pod: dict) -> dict:  # type: ignore[type-arg]
    return {**pod, "metadata": {**pod["metadata"], "uid": "another"}}


def test_a_readiness_probe_that_fails_is_a_trouble_only_if_the_container_never_gets_ready() -> None:
    told = observations("drained")
    until_ready = next(number for number, each in enumerate(told) if '"ready": true' in json.dumps(each[1:]))
    for observed, is_trouble in ((told, False), (told[:until_ready], True)):
        (mark,) = [each for each in lives(observed)[0].row("web").marks if each.what == "probe-failed"]
        assert mark.is_trouble is is_trouble
        assert ("probe-failed" in [each.what for each in findings(lives(observed)[0])]) is is_trouble


def test_what_may_be_missed_is_a_gap() -> None:
    told = observations("demo")
    half = len(told) // 2
    at = told[half - 1].seen
    rest = [each for each in told[half:] if isinstance(each, Changed) and each.kind == "Pod"]
    lost = [
        Lost("Pod", "it does not answer", at + 0.5, at),
        Listed("Pod", [rest[-2].object], rest[-2].seen),
        rest[-1],
    ]
    found = lives([*told[:half], *lost])[0]
    (gap,) = found.gaps
    assert (gap.why, gap.is_missed) == ("it does not answer", True)
    assert gap.end is not None and gap.end > gap.begin
    assert found.state == "gone"


def test_what_only_came_late_is_no_loss() -> None:
    told = observations("demo")
    half = len(told) // 2
    at = told[half - 1].seen
    found = lives([*told[:half], Lost("Pod", "refused", at, at), Heard("Pod", at + 0.001), *told[half:]])[0]
    assert [each.is_missed for each in found.gaps] == [False]
    assert figures(found) == figures(life("demo"))


def test_a_pod_that_is_no_longer_listed_is_gone() -> None:
    told = observations("demo")[:10]
    found = lives([*told, Listed("Pod", [], told[-1].seen + 1)])[0]
    assert found.state == "gone"
    mark = found.mark("gone")
    assert mark and mark.text == "gone; its end was not seen"


def test_events_that_come_before_their_pod_are_kept() -> None:
    told = observations("demo")
    events = [each for each in told if isinstance(each, Changed) and each.kind == "Event"]
    others = [each for each in told if each not in events]
    assert figures(lives([*events, *others])[0]) == figures(life("demo"))


def test_bounds_narrow_each_other() -> None:
    times = Times()
    times.read("a", "node", 10, 19, "its second")
    times.read("b", "node", 15, 15, "its name")
    times.before("a", "b", "a comes first")
    found = times.bounds("node")
    assert found["a"].bounds == (10, 15)
    assert found["a"].latest_by == ("a comes first", "its name")
    times.before("b", "a", "no, b does", least=1)
    with pytest.raises(ContradictionError):
        times.bounds("node")
