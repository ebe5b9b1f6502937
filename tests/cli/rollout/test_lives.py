"""What is seen of the Pods, and when a rollout is done."""

from typing import Any

import pytest

from lifecycle_cli.cluster.selectors import selected
from lifecycle_cli.rollout.lives import Lives, is_done, stuck

from .objects import deployment, endpoints, pod


def marks(new: list[Any]) -> list[tuple[str, str]]:
    return [(life.name, mark) for life, mark in new]


def test_a_life_from_its_start_to_its_end() -> None:
    lives = Lives()
    assert marks(lives.list_pods([], 1)) == []
    assert marks(lives.see_pod(pod("a", ready=False), 2)) == [("a", "created")]
    assert marks(lives.see_pod(pod("a"), 3)) == [("a", "ready")]
    assert marks(lives.list_slices([endpoints("a")], 4)) == [("a", "serving")]
    assert marks(lives.see_pod(pod("a", deleted=True), 5)) == [("a", "deletion asked")]
    assert marks(lives.see_slice(endpoints(terminating=("a",)), 6, is_gone=False)) == [("a", "endpoint not ready")]
    assert marks(lives.see_pod(pod("a", deleted=True, ended=137), 7)) == [("a", "ended")]
    assert marks(lives.see_slice(endpoints(), 8, is_gone=True)) == [("a", "endpoint removed")]
    assert marks(lives.lose_pod(pod("a", deleted=True, ended=137), 9)) == [("a", "gone")]
    (life,) = lives
    assert list(life.marks.values()) == [2, 3, 4, 5, 6, 7, 8, 9]
    assert (life.is_old, life.exits, life.grace, life.address) == (False, {"app": 137}, 30, "10.0.0.1")


def test_the_first_list_is_of_the_old_ones_also_where_a_slice_told_before() -> None:
    lives = Lives()
    lives.list_slices([endpoints("a")], 1)
    assert marks(lives.list_pods([pod("a")], 2)) == [("a", "created"), ("a", "ready"), ("a", "serving")]
    lives.list_pods([pod("a"), pod("b")], 3)
    assert {life.name: life.is_old for life in lives} == {"a": True, "b": False}


def test_what_is_in_no_later_list_is_gone() -> None:
    lives = Lives()
    lives.list_pods([pod("a"), pod("b")], 1)
    assert marks(lives.list_pods([pod("b")], 2)) == [("a", "gone")]


def test_a_container_that_ends_by_itself_is_no_end_of_the_pod() -> None:
    lives = Lives()
    lives.list_pods([pod("a")], 1)
    assert lives.see_pod(pod("a", ready=False, ended=1), 2) == []


def test_a_pod_that_is_not_ready_for_a_while_is_not_withdrawn() -> None:
    """Only of one that is being deleted is it the end."""
    lives = Lives()
    lives.list_pods([pod("a")], 1)
    lives.list_slices([endpoints("a")], 1)
    assert lives.see_slice(endpoints(terminating=("a",)), 2, is_gone=False) == []


def test_what_is_known_of_its_pre_stop() -> None:
    lives = Lives()
    told = pod("a")
    lives.see_pod(told, 1)
    sleep = {"lifecycle": {"preStop": {"sleep": {"seconds": 5}}}}
    shell = {"lifecycle": {"preStop": {"exec": {"command": ["sh", "-c", "sleep 3; nginx -s quit"]}}}}
    lives.see_pod({**pod("b"), "spec": {"containers": [sleep, shell]}}, 1)
    lives.see_pod({**pod("c"), "spec": {"containers": [sleep, {}]}}, 1)
    assert [each.pre_stop for each in lives] == [0, 3, 0]


DONE = {"updatedReplicas": 2, "replicas": 2, "availableReplicas": 2}


@pytest.mark.parametrize(
    ("status", "done"),
    [
        (DONE, True),
        ({}, False),
        ({**DONE, "observedGeneration": 1}, False),
        ({**DONE, "replicas": 3}, False),
        ({**DONE, "availableReplicas": 1}, False),
        ({"currentRevision": "a", "updateRevision": "a", "readyReplicas": 2}, True),
        ({"currentRevision": "a", "updateRevision": "b", "readyReplicas": 2}, False),
        ({"desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": 3}, True),
        ({"desiredNumberScheduled": 3, "updatedNumberScheduled": 2, "numberAvailable": 3}, False),
    ],
)
def test_when_a_rollout_is_done(status: dict[str, Any], done: bool) -> None:
    assert is_done(deployment(**status)) is done


def test_a_rollout_that_is_stuck() -> None:
    condition = {"type": "Progressing", "status": "False", "message": 'ReplicaSet "web-1"\nhas timed out'}
    assert stuck(deployment(conditions=[condition])) == 'ReplicaSet "web-1" has timed out'
    assert stuck(deployment(conditions=[{"type": "Progressing", "status": "True"}])) == ""


def test_the_selector_as_a_query_has_it() -> None:
    expressions = [
        {"key": "tier", "operator": "In", "values": ["a", "b"]},
        {"key": "x", "operator": "NotIn", "values": ["c"]},
        {"key": "y", "operator": "Exists"},
        {"key": "z", "operator": "DoesNotExist"},
    ]
    workload = {"spec": {"selector": {"matchLabels": {"app": "web"}, "matchExpressions": expressions}}}
    assert selected(workload) == "app=web,tier in (a,b),x notin (c),y,!z"
