"""The table of `make rollout`."""

from typing import Any

from sandbox.rollout import Row, table


def report(lost: int, *since: float) -> dict[str, Any]:
    figures = {"sent": 5000, "lost": 0, "lostByKind": {}}
    kinds = {"refused": lost} if lost else {}
    return {
        "traffic": {"fresh": {"sent": 5000, "lost": lost, "lostByKind": kinds}, "kept": figures},
        "losses": [{"since": {"deletion asked": each}} for each in since] + [{"since": {}}] * (lost - len(since)),
    }


def test_the_rollouts_of_one_pre_stop_are_summed() -> None:
    row, good = Row("none"), Row("hooks.drain_delay()")
    for each in (report(3, 0.2, 0.9), report(0), report(1, 0.4)):
        row.add(each)
    good.add(report(0))
    assert list(table([row, good])) == [
        "| preStop | rollouts | requests | lost, a connection each | lost, kept connections | lost, 3 s requests "
        "| how | rollouts with a loss | latest loss |",
        "|---|---:|---:|---:|---:|---:|---|---:|---:|",
        "| none | 3 | 30,000 | 4 of 15,000 | 0 of 15,000 | 0 of 0 | 4 refused | 2 | 0.90 s |",
        "| hooks.drain_delay() | 1 | 10,000 | 0 of 5,000 | 0 of 5,000 | 0 of 0 | none | 0 | none |",
    ]
