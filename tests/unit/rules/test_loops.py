"""How often a loop runs at least; test_shells.py has the shells run them."""

import math

import pytest
from looping import COUNTED, UNKNOWN

from lifecycle_rules import check
from lifecycle_rules.duration import command_seconds
from lifecycle_rules.loops import MOST, Passes
from lifecycle_rules.shell import Group, Kind, parse

# These are only read: nobody should run them here.
STOPS = ["for a in 1 2 3; do nginx -s quit; sleep 1; done", "for a in 1 2 3; do sh -c 'kill 1'; sleep 1; done"]


@pytest.mark.parametrize(("script", "sh", "bash"), COUNTED)
def test_the_time_of_a_loop(script: str, sh: float, bash: float) -> None:
    assert command_seconds(["/bin/sh", "-c", script]) == sh
    assert command_seconds(["ash", "-c", script]) == command_seconds(["ksh", "-c", script]) == sh
    assert command_seconds(["/bin/bash", "-c", script]) == command_seconds(["zsh", "-c", script]) == bash


@pytest.mark.parametrize("script", [*UNKNOWN, *STOPS])
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_loop_that_may_end_early(script: str, shell: str) -> None:
    assert command_seconds([shell, "-c", script]) == 0


def test_no_number_is_too_large() -> None:
    for count in (10**9, 10**17):
        assert command_seconds(["sh", "-c", f"for i in $(seq {count}); do sleep 1; done"]) == MOST == 10**9
        counted = f"i=0; while [ $i -lt {count} ]; do sleep 1; i=$((i+1)); done"
        assert command_seconds(["sh", "-c", counted]) == MOST
    for script in (
        f"for i in $(seq {'9' * 4000}); do sleep 1; done",
        f"for i in {{1..{'9' * 4000}}}; do sleep 0; done",
        f"i={'9' * 4000}; while [ $i -gt 0 ]; do sleep 1; i=$((i-1)); done",
    ):
        assert command_seconds(["bash", "-c", script]) == 0
    deep = "for i in $(seq 999999); do " * 20 + "sleep 999999d; " + "done; " * 20
    assert command_seconds(["sh", "-c", deep]) == MOST


def test_a_loop_around_what_never_ends() -> None:
    for script in (
        "for i in a b; do sleep inf; done",
        "for i in a; do while true; do sleep 1; done; done",
        "for ((;;)); do sleep 1; done",
        "for (( ; ; )) { echo; sleep 1; }",
        "while true; do for i in 1; do :; done; done",
    ):
        assert command_seconds(["bash", "-c", script]) == math.inf
    for script in (
        "for i in $x; do sleep inf; done",
        "for ((;;)); do a; sleep 1; done",
        "for ((;;)); do break; done",
        "for ((;i<3;)); do sleep 1; done",
    ):
        assert command_seconds(["bash", "-c", script]) == 0


def test_globs_that_may_come_to_nothing() -> None:
    script = "for i in /spool/*; do sleep 60; done"
    assert command_seconds(["bash", "-O", "extglob", "-c", script]) == 60
    assert command_seconds(["bash", "-O", "nullglob", "-c", script]) == 0


def test_options_of_the_shell_count_as_set_does() -> None:
    script = "for i in 1 2; do drain; sleep 1; done"
    for options in (["-c"], ["-xc"], ["-o", "pipefail", "-c"]):
        assert command_seconds(["bash", *options, script]) == 2
    for options in (["-ec"], ["-e", "-c"], ["-o", "errexit", "-c"], ["-eo", "pipefail", "-c"]):
        assert command_seconds(["bash", *options, script]) == 0


def test_an_inner_shell_is_its_own() -> None:
    loop = "for i in {1..5}; do sleep 1; done"
    assert command_seconds(["sh", "-c", f"bash -c '{loop}'"]) == 5
    assert command_seconds(["bash", "-c", f"sh -c '{loop}'"]) == 1
    assert command_seconds(["bash", "-c", "set -e; sh -c 'for i in 1 2; do a; sleep 1; done'"]) == 2
    assert command_seconds(["sh", "-c", f"timeout 3 bash -c '{loop}'"]) == 3


def test_the_tree_of_a_loop_that_counts() -> None:
    found = parse("i=0; while [ $i -lt 5 ]; do ((i++)); done")
    assert isinstance(found, Group)
    loop = found.parts[1]
    assert isinstance(loop, Group)
    assert (loop.kind, loop.passes) == (Kind.FOR, Passes(5, 5))


def test_loops_and_the_rules() -> None:
    """The cases of public reports, as messages."""

    def found(event: str, script: str) -> list[tuple[str, str]]:
        hook = {"exec": {"command": ["/bin/sh", "-c", script]}}
        pod = {"spec": {"containers": [{"name": "c", "lifecycle": {event: hook}}]}}
        return [(each.rule.id, each.message) for each in check("Pod", pod)]

    then = "the kubelet then cuts the hook off, and kills the container 2 s later"
    assert found("preStop", "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 30; done") == [
        ("prestop-budget", f"takes 300 s, but terminationGracePeriodSeconds is 30: {then}")
    ]
    assert found("preStop", "for i in `seq 1 60`; do echo $i >> /tmp/p; sleep 1; done") == [
        ("prestop-budget", f"takes 60 s, but terminationGracePeriodSeconds is 30: {then}")
    ]
    waits = "for i in $(seq 1 60); do wget -qO- http://localhost:8080/drain | grep -q idle && break; sleep 1; done"
    assert found("preStop", waits) == []
    assert found("postStart", "for i in $(seq 1 10); do redis-cli ping && break; sleep 1; done") == []
    assert found("postStart", "for i in $(seq 1 10); do sleep 1; done") == [
        ("poststart-sleep", "takes 10 s, while the Pod is Pending and the next container does not start")
    ]
