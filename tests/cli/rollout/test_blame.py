"""Which Pod a lost request belongs to, and what would have saved it."""

from typing import Any

import pytest

from lifecycle_cli.rollout.answers import Answer
from lifecycle_cli.rollout.blame import Blame, blames
from lifecycle_cli.rollout.figures import by_second, figures, unkept
from lifecycle_cli.rollout.lives import Life
from lifecycle_cli.rollout.saving import savings

from .objects import deployment

START = 1000.0


def lost(sent: float, kind: str = "refused", **given: Any) -> Answer:
    ended = given.pop("ended", sent + 0.01)
    fields = {"traffic": "fresh", "due": sent, "status": 0, "is_reused": False, "detail": "", **given}
    return Answer(sent=sent, ended=ended, kind=kind, **fields)


def life(name: str, *, is_old: bool = True, **marks: float) -> Life:
    """Its marks as seconds after the start, `deletion_asked=5` say."""
    return Life(name, name, is_old, {key.replace("_", " "): START + at for key, at in marks.items()})


FIRST = life("first", created=0, serving=0, deletion_asked=5, endpoint_not_ready=5.02, ended=8, gone=9)
SECOND = life("second", created=0, serving=0, deletion_asked=6, endpoint_not_ready=6.02, ended=12, gone=13)
NEW = life("new", is_old=False, created=4, ready=5, serving=5)


@pytest.mark.parametrize(
    ("answer", "lives", "name", "certainty"),
    [
        (lost(5.4), [FIRST], "first", "only"),
        (lost(4.8), [FIRST], "first", "only"),  # the deletion is seen later than it was asked
        (lost(4.0), [FIRST], None, "none"),
        (lost(6.3), [FIRST, SECOND], "second", "nearest"),  # refused: by the one that was asked last
        (lost(7.9, "closed", is_reused=True), [FIRST, SECOND], "first", "nearest"),  # closed: by the one that ended
        (lost(11.9, "cut"), [FIRST, SECOND], "second", "nearest"),
        (lost(20.0), [FIRST], "first", "only"),  # rules that are late
        (lost(30.0), [FIRST], None, "none"),
        (lost(5.2), [NEW], "new", "only"),
        (lost(11.0), [NEW], None, "none"),
    ],
)
def test_whose_it_is(answer: Answer, lives: list[Life], name: str | None, certainty: str) -> None:
    (found,) = blames([answer], lives, START)
    assert (found.life and found.life.name, found.certainty) == (name, certainty)
    assert found.is_start == (name == "new")


def test_a_pod_refuses_nothing_before_its_pre_stop_has_ended() -> None:
    """Both are being deleted; the first has slept its second, the other has begun."""
    lives = [life("first", created=0, deletion_asked=5), life("second", created=0, deletion_asked=6)]
    for each in lives:
        each.pre_stop = 1
    (found,) = blames([lost(6.2)], lives, START)
    assert (found.life, found.certainty, found.since) == (lives[0], "only", {"deletion asked": 1.2})


def test_how_long_after_each_mark() -> None:
    """Of a new connection when it was begun, for then it was led to the Pod; of one that was served when it ended."""
    new, timed_out, served = blames(
        [lost(5.4), lost(5.4, "timed out", ended=10.4), lost(4.4, "cut", ended=5.5)], [FIRST], START
    )
    assert new.since == timed_out.since == {"deletion asked": 0.4, "endpoint not ready": 0.38, "ended": -2.6}
    assert served.since == {"deletion asked": 0.5, "endpoint not ready": 0.48, "ended": -2.5}


def test_what_is_not_lost_has_no_blame() -> None:
    assert blames([lost(5.4, "answered")], [FIRST], START) == []


def saved(*answers: Answer, lives: tuple[Life, ...] = (FIRST,), **given: Any) -> list[tuple[int, Any, Any]]:
    workload = deployment(**given)
    blamed: list[Blame] = blames(answers, lives, START)
    return [(each.of, each.rules, each.least_pre_stop) for each in savings(workload, "Deployment", blamed, answers)]


def test_the_least_pre_stop_covers_the_last_loss() -> None:
    assert saved(lost(5.1), lost(6.2)) == [(2, ("serve-no-delay",), 2)]
    assert saved(lost(5.1), lifecycle={"preStop": {"sleep": {"seconds": 5}}}) == [(1, (), 1)]


def test_each_kind_of_loss_has_its_cure() -> None:
    long = lost(4.0, "cut", ended=8.0, traffic="long")
    whole = lost(1.0, "answered", ended=4.0, traffic="long")
    assert saved(long, whole) == [(1, ("serve-no-delay",), 4)]
    assert saved(lost(7.9, "closed", is_reused=True, traffic="kept")) == [(1, ("serve-no-delay",), None)]
    assert saved(lost(5.1), lives=(NEW,)) == [(1, (), None)]
    assert saved(lost(5.1, "5xx")) == [(1, (), None)]
    assert saved(lost(5.1), lives=()) == [(1, (), None)]
    assert saved(lost(2.0, "answered")) == []


def test_the_cure_of_most_comes_first() -> None:
    assert [each[0] for each in saved(lost(5.1, "5xx"), lost(5.2), lost(5.3))] == [2, 1]


def test_the_figures() -> None:
    of = figures([lost(0, "answered", ended=number / 10) for number in range(1, 11)] + [lost(0), lost(0, "reset")])
    assert (of.sent, of.total_lost, dict(of.lost), of.p50, of.p99) == (12, 2, {"refused": 1, "reset": 1}, 0.6, 1.0)
    assert figures([]).p99 is None


def test_the_seconds_have_no_gaps() -> None:
    assert {second: len(of) for second, of in by_second([lost(0.5), lost(2.5), lost(2.6)]).items()} == {
        0: 1,
        1: 0,
        2: 2,
    }


def test_whether_the_client_kept_its_rate() -> None:
    good = [lost(number, "answered") for number in range(100)]
    assert unkept(good, 1) == ""
    late = [each._replace(due=each.sent - 0.7) for each in good]
    assert unkept(late, 0) == "1 request in 100 was sent more than 0.7 s late"
    assert unkept(good, 2) == "2 requests were not sent, because all --connections were busy"
