"""The load is bounded and exact before the first request is sent."""

import pytest

from lifecycle_cli.rollout.plan import FRESH, KEPT, LONG, Plan, PlanError, sends, target


def plan(**given: object) -> Plan:
    return Plan(**{"url": "http://h/", "rate": 10, "seconds": 2, "connections": 5, "kept": 0, "timeout": 1, **given})


def test_the_rate_is_exact() -> None:
    made = list(sends(plan()))
    assert [each.due for each in made] == [number / 10 for number in range(20)]
    assert {each.traffic for each in made} == {FRESH}


@pytest.mark.parametrize(("kept", "count"), [(0, 0), (0.5, 50), (0.25, 25), (1, 100)])
def test_the_share_of_kept_connections_is_spread_evenly(kept: float, count: int) -> None:
    made = [each.traffic for each in sends(plan(rate=50, kept=kept))]
    assert made.count(KEPT) == count
    assert all(abs(made[:end].count(KEPT) - kept * end) < 1 for end in range(100))


def test_long_requests_come_between_the_others() -> None:
    made = list(sends(plan(long_url="http://h/long", long_rate=2)))
    assert [each.due for each in made if each.traffic == LONG] == [0.25, 0.75, 1.25, 1.75]
    assert [each.due for each in made] == sorted(each.due for each in made)
    assert len(made) == 24


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"rate": 0}, "--rate: 0: give more than 0 and at most 5,000"),
        ({"rate": 4999, "long_rate": 2}, "--rate: 5001: give more than 0 and at most 5,000"),
        ({"rate": float("nan")}, "--rate: nan: give more than 0 and at most 5,000"),
        ({"seconds": 3601}, "--duration: 3601: give more than 0 and at most 3,600"),
        ({"connections": 1001}, "--connections: 1001: give more than 0 and at most 1,000"),
        (
            {"rate": 1000, "seconds": 3600},
            "--rate times --duration is 3,600,002 requests; the limit is 1,000,000",
        ),
        ({"url": "h/"}, "--url: h/: give http://HOST[:PORT]/PATH, or https"),
        ({"url": "ftp://h/"}, "--url: ftp://h/: give http://HOST[:PORT]/PATH, or https"),
        ({"url": "http://h:x/"}, "--url: http://h:x/: Port could not be cast to integer value as 'x'"),
        ({"url": "http://h/ x"}, "--url: 'http://h/ x': percent-encode everything that is not ASCII"),
        ({"url": "http://h/\r\nX: y"}, "--url: 'http://h/\\r\\nX: y': percent-encode everything that is not ASCII"),
        ({"long_url": "nowhere"}, "--url: nowhere: give http://HOST[:PORT]/PATH, or https"),
    ],
)
def test_what_is_not_bounded_is_refused(given: dict[str, object], text: str) -> None:
    with pytest.raises(PlanError) as refused:
        plan(**given).check()
    assert str(refused.value) == text


def test_no_more_is_sent_than_it_says() -> None:
    for given in ({}, {"rate": 3.3, "seconds": 7.7}, {"long_url": "http://h/", "long_rate": 0.3}):
        made = plan(**given)
        made.check()
        assert len(list(sends(made))) <= made.most


def test_where_a_url_leads() -> None:
    assert target("http://h") == ("h", 80, False, "/", "h")
    assert target("https://u:p@h:8443/a?b=c") == ("h", 8443, True, "/a?b=c", "h:8443")
    assert target("http://[::1]:81/") == ("::1", 81, False, "/", "[::1]:81")
