"""How long a hook takes, and the group `budget`; what the kubelet does then is shown on a real one."""

import math
import time
from typing import Any

import pytest

from lifecycle_rules import UNKNOWN, Group, check
from lifecycle_rules.duration import command_seconds
from lifecycle_rules.shell import MAX_SCRIPT_BYTES

THEN = "the kubelet cuts the hook off then, and kills the container 2 s later"


@pytest.mark.parametrize(
    ("script", "seconds"),
    [
        ("sleep 5", 5),
        ("/bin/sleep 1m", 60),
        ("sleep 0.5 2", 2.5),
        ("sleep '10'", 10),
        ('sleep "10"', 10),
        ("sleep infinity", math.inf),
        ("nginx -s quit; sleep 5 # sleep 9", 5),
        ("nginx -s quit && sleep 5 && sleep 6", 11),
        ("kill -QUIT 1; sleep 5", 0),  # PID 1 may end, and with it the rest
        ("drain || sleep 5", 0),
        ("sleep 2 || sleep 5", 2),
        ("(sleep 2; { sleep 3; }) > /dev/null 2>&1", 5),
        ("sleep 2 | sleep 3", 3),
        ("sleep 5 & sleep 1", 1),
        ("sleep 5 &", 0),
        ("exec sleep 5", 5),
        ("exit 0; sleep 5", 0),
        ("test -e /x && exit 0; sleep 5", 0),
        ("timeout 3 sleep 10", 3),
        ("timeout 10s sleep 3", 3),
        ("timeout 3 sh -c 'sleep 10'", 3),
        ("A=b sleep 5", 5),
        ("if true; then sleep 5; fi", 0),
        ("while killall -0 nginx; do sleep 1; done", 0),
        ("sleep $N", 0),
        ('sleep "$N"', 0),
        ("sleep $(cat /n)", 0),
        ("echo sleep 5", 0),
        ("echo 'a; sleep 5'", 0),
        ("cat <<E\nsleep 8\nE\n", 0),
        ("sleep 5\nsleep 6\n", 11),
        ("sleep five", 0),
        ("sleep 5; if", 0),  # cannot be parsed
        ("", 0),
    ],
)
def test_the_seconds_of_a_script(script: str, seconds: float) -> None:
    assert command_seconds(["sh", "-c", script]) == seconds


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        (["sleep", "45"], 45),
        (["/bin/sh", "-c", "sleep 45"], 45),
        (["bash", "-l", "-ec", "sleep 45"], 45),
        (["bash", "drain.sh", "-c", "sleep 45"], 0),
        (["sh", "-c"], 0),
        (["sh", "-c", UNKNOWN], 0),
        (["sleep", UNKNOWN, "3"], 3),
        ([UNKNOWN, "45"], 0),
        ([], 0),
        (["sleep"], 0),
        (["timeout", "5"], 0),
    ],
)
def test_the_seconds_of_a_command(words: list[Any], seconds: float) -> None:
    assert command_seconds(words) == seconds


@pytest.mark.parametrize(
    "script",
    ["sleep 5;" + " " * MAX_SCRIPT_BYTES, "(" * 5000 + "sleep 5" + ")" * 5000, "sleep 5;" * 1_250_000, "\ud800"],
)
def test_what_is_longer_than_any_hook_is_not_judged_and_costs_no_time(script: str) -> None:
    start = time.perf_counter()
    assert command_seconds(["sh", "-c", script]) == 0
    assert time.perf_counter() - start < 1


def found(hook: Any, grace: Any = None, **container: Any) -> list[tuple[str, str, str]]:
    spec = {"containers": [{"name": "c", "lifecycle": {"preStop": hook}, **container}]}
    spec |= {} if grace is None else {"terminationGracePeriodSeconds": grace}
    all_found = check("Pod", {"spec": spec})
    return [(each.rule.id, each.path, each.message) for each in all_found if each.rule.group is not Group.PRACTICE]


@pytest.mark.parametrize(
    ("hook", "grace", "below", "takes", "has"),
    [
        ({"sleep": {"seconds": 30.0}}, None, "sleep.seconds", "30", 30),
        ({"exec": {"command": ["sleep", "45"]}}, None, "exec.command", "45", 30),
        ({"exec": {"command": ["sh", "-c", "sleep 1m"]}}, 60, "exec.command", "60", 60),
    ],
)
def test_a_hook_that_takes_all_the_time_there_is(hook: Any, grace: Any, below: str, takes: str, has: int) -> None:
    path = f"spec.containers[0].lifecycle.preStop.{below}"
    assert found(hook, grace) == [
        ("prestop-budget", path, f"takes {takes} s, and terminationGracePeriodSeconds is {has}: {THEN}")
    ]


@pytest.mark.parametrize(
    ("hook", "grace"),
    [
        ({"sleep": {"seconds": 29}}, None),
        ({"sleep": {"seconds": UNKNOWN}}, 5),
        ({"exec": {"command": ["sleep", "45"]}}, UNKNOWN),
        ({"exec": {"command": ["sleep", "45"]}}, 46),
        ({"exec": {"command": UNKNOWN}}, 5),
        ({"exec": UNKNOWN}, 5),
        (UNKNOWN, 5),
    ],
)
def test_a_hook_that_leaves_time_or_is_not_known(hook: Any, grace: Any) -> None:
    assert found(hook, grace) == []


@pytest.mark.parametrize("probe", ["livenessProbe", "startupProbe"])
def test_a_probes_grace_period_takes_the_place_of_the_pods(probe: str) -> None:
    hook = {"sleep": {"seconds": 5}}
    assert found(hook, **{probe: {"terminationGracePeriodSeconds": 6}}) == []
    assert found(hook, **{probe: {"terminationGracePeriodSeconds": UNKNOWN}}) == []
    assert found(hook, **{probe: {"terminationGracePeriodSeconds": 5}}) == [
        (
            "probe-grace-vs-prestop",
            "spec.containers[0].lifecycle.preStop.sleep.seconds",
            f"takes 5 s, and {probe}.terminationGracePeriodSeconds is 5: {THEN}",
        )
    ]
