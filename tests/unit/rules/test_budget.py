"""How long a hook takes, and the group `budget`; what the kubelet does then is shown on a real one."""

import math
import time
from typing import Any

import pytest

from lifecycle_rules import UNKNOWN, Group, check
from lifecycle_rules.budget import hook_seconds, only_sleeps
from lifecycle_rules.catalogue import HOOK_FIELD_TYPE
from lifecycle_rules.duration import command_seconds
from lifecycle_rules.shell import MAX_SCRIPT_BYTES

THEN = "the kubelet then cuts the hook off, and kills the container 2 s later"


@pytest.mark.parametrize(
    ("script", "seconds"),
    [
        ("sleep 5", 5),
        ("/bin/sleep 1m", 60),
        ("sleep 0.5 2", 2.5),
        ("sleep '10'", 10),
        ('sleep "10"', 10),
        ("sleep infinity", math.inf),
        ("nginx -s reload; sleep 5 # sleep 9", 5),
        ("nginx -s quit; sleep 5", 0),
        ("sleep 2; nginx -s stop; sleep 5", 2),
        ("pg_ctl stop; sleep 5", 0),
        ("tail -F log | grep -q done", 0),
        ("sleep 5 | tail -f /dev/null | sleep 3", 5),
        ("sleep 5 | tail -f /dev/null", math.inf),
        ("tail --pid=1 -f /dev/null", 0),
        ("tail -f $LOG", 0),
        ("nginx -s quit && sleep 5 && sleep 6", 0),
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
    start = time.process_time()
    assert command_seconds(["sh", "-c", script]) == 0
    assert time.process_time() - start < 1


def found(hook: Any, grace: Any = None, **container: Any) -> list[tuple[str, str, str]]:
    spec = {"containers": [{"name": "c", "lifecycle": {"preStop": hook}, **container}]}
    spec |= {} if grace is None else {"terminationGracePeriodSeconds": grace}
    all_found = [each for each in check("Pod", {"spec": spec}) if each.rule is not HOOK_FIELD_TYPE]  # test_fields.py
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
        ("prestop-budget", path, f"takes {takes} s, but terminationGracePeriodSeconds is {has}: {THEN}")
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
            f"takes 5 s, but {probe}.terminationGracePeriodSeconds is 5: {THEN}",
        )
    ]


@pytest.mark.parametrize(
    ("words", "grace"), [(["sleep", "inf"], 30), (["sh", "-c", "while :; do sleep 1; done"], None), (["tail", "-f"], 0)]
)
@pytest.mark.parametrize("kind", ["Pod", "PodPatch"])
def test_a_hook_that_never_ends(words: list[str], grace: Any, kind: str) -> None:
    """It is told once, whatever the grace periods are."""
    container = {
        "name": "c",
        "lifecycle": {"preStop": {"exec": {"command": words}}},
        "livenessProbe": {"terminationGracePeriodSeconds": 5},
    }
    all_found = check(kind, {"spec": {"containers": [container], "terminationGracePeriodSeconds": grace}})
    of_budget = [(each.rule.id, each.path, each.message) for each in all_found if each.rule.group is Group.BUDGET]
    path = "spec.containers[0].lifecycle.preStop.exec.command"
    assert of_budget == [("prestop-unbounded", path, f"never ends, and takes the whole grace period: {THEN}")]


@pytest.mark.parametrize(
    ("hook", "below", "takes"),
    [
        ({"exec": {"command": ["sleep", "0.5"]}}, "exec.command", None),
        ({"exec": {"command": ["sleep", "1"]}}, "exec.command", "1"),
        ({"exec": {"command": ["sleep", "1.5"]}}, "exec.command", "1.5"),
        ({"exec": {"command": ("sh", "-c", "drain; sleep 2")}}, "exec.command", "2"),
        ({"sleep": {"seconds": 1}}, "sleep.seconds", "1"),
        ({"sleep": {"seconds": 0}}, "sleep.seconds", None),
        ({"sleep": {}}, "sleep.seconds", None),
        ({"httpGet": {"port": 80}}, "", None),
    ],
)
def test_a_grace_period_of_one_second(hook: Any, below: str, takes: str | None) -> None:
    path = f"spec.containers[0].lifecycle.preStop.{below}"
    words = f"takes {takes} s, but terminationGracePeriodSeconds is 1: {THEN}"
    own = f"takes {takes} s, but livenessProbe.terminationGracePeriodSeconds is 1: {THEN}"
    expected = [] if takes is None else [("prestop-budget", path, words), ("probe-grace-vs-prestop", path, own)]
    assert found(hook, 1, livenessProbe={"terminationGracePeriodSeconds": 1.0}) == expected


@pytest.mark.parametrize("grace", [None, UNKNOWN, "1", [1], {}, 1.5, 6, 1 << 63])
def test_a_grace_period_that_is_enough_or_not_known(grace: Any) -> None:
    assert (
        found({"exec": {"command": ["sleep", "5"]}}, grace, startupProbe={"terminationGracePeriodSeconds": grace}) == []
    )
    patch = {"spec": {"containers": [{"lifecycle": {"preStop": {"exec": {"command": ["sleep", "31"]}}}}]}}
    assert [each for each in check("PodPatch", patch) if each.rule.group is Group.BUDGET] == []


@pytest.mark.parametrize("kind", ["Deployment", "Pod"])
def test_a_hook_in_a_grace_period_of_none(kind: str) -> None:
    """The API server refuses a sleep then; prestop-zero-grace and grace-negative tell of the rest."""
    container = {"name": "c", "lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}}}
    for grace in (0, -1) if kind == "Deployment" else (0,):
        spec = {"containers": [container], "terminationGracePeriodSeconds": grace}
        all_found = check(kind, {"spec": spec if kind == "Pod" else {"template": {"spec": spec}}})
        assert "prestop-budget" not in [each.rule.id for each in all_found]


def test_neither_a_start_nor_a_readiness_probe_takes_of_the_grace_period() -> None:
    hook = {"exec": {"command": ["sh", "-c", "drain; sleep 45"]}}
    obj = {"spec": {"containers": [{"name": "c", "lifecycle": {"postStart": hook}}]}}
    assert [each for each in check("Pod", obj) if each.rule.group is Group.BUDGET] == []


def test_the_hooks_of_all_containers_that_have_them() -> None:
    hook = {"lifecycle": {"preStop": {"exec": {"command": ["sleep", "30"]}}}}
    probes = {each: {"terminationGracePeriodSeconds": 30} for each in ("startupProbe", "livenessProbe")}
    spec = {
        "containers": [{"name": "a"}, {"name": "b", **hook, **probes}],
        "initContainers": [{"name": "s", "restartPolicy": "Always", **hook}],
    }
    all_found = check("Deployment", {"spec": {"template": {"spec": spec}}})
    path = "spec.template.spec.{}.lifecycle.preStop.exec.command"
    assert [(each.rule.id, each.path, each.container) for each in all_found if each.rule.group is Group.BUDGET] == [
        ("prestop-budget", path.format("containers[1]"), "b"),
        ("probe-grace-vs-prestop", path.format("containers[1]"), "b"),
        ("probe-grace-vs-prestop", path.format("containers[1]"), "b"),
        ("prestop-budget", path.format("initContainers[0]"), "s"),
    ]
    assert [each.message for each in all_found if each.rule.id == "probe-grace-vs-prestop"] == [
        f"takes 30 s, but livenessProbe.terminationGracePeriodSeconds is 30: {THEN}",
        f"takes 30 s, but startupProbe.terminationGracePeriodSeconds is 30: {THEN}",
    ]
    ((endless),) = check(
        "Pod",
        {"spec": {"containers": [{"name": "a", "lifecycle": {"preStop": {"exec": {"command": ["tail", "-F"]}}}}]}},
    )
    assert (endless.rule.id, endless.container) == ("prestop-unbounded", "a")


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("Pod", "spec"),
        ("PodPatch", "spec"),
        ("Deployment", "spec.template.spec"),
        ("DaemonSetPatch", "spec.template.spec"),
        ("Rollout", "spec.template.spec"),
    ],
)
@pytest.mark.parametrize("grace", [-1, -5.0])
def test_a_negative_grace_period(kind: str, path: str, grace: float) -> None:
    spec = {"containers": [{"name": "c"}], "terminationGracePeriodSeconds": grace}
    obj = {"spec": spec if path == "spec" else {"template": {"spec": spec}}}
    words = f"{int(grace)} becomes 1: the hook and the container have 1 s together"
    assert [(each.rule.id, each.path, each.message, each.container) for each in check(kind, obj)] == [
        ("grace-negative", f"{path}.terminationGracePeriodSeconds", words, "")
    ]


@pytest.mark.parametrize("grace", [0, 0.0, 1, None, UNKNOWN, -0.5, "-1", [-1], -(1 << 64)])
def test_a_grace_period_that_is_not_negative(grace: Any) -> None:
    found = check("Pod", {"spec": {"containers": [{}], "terminationGracePeriodSeconds": grace}})
    assert [each for each in found if each.rule is not HOOK_FIELD_TYPE] == []


@pytest.mark.parametrize(
    ("hook", "expected"),
    [
        (None, (0, "")),
        (UNKNOWN, (0, "")),
        ({}, (0, ".exec.command")),
        ({"sleep": {"seconds": 0}}, (0, ".sleep.seconds")),
        ({"sleep": {"seconds": 2.0}, "exec": {"command": ["sleep", "5"]}}, (2, ".sleep.seconds")),
        ({"sleep": {"seconds": UNKNOWN}, "exec": {"command": ["sleep", "5"]}}, (5, ".exec.command")),
        ({"sleep": UNKNOWN, "exec": UNKNOWN}, (0, ".exec.command")),
        ({"sleep": [1], "exec": ["sleep", "5"]}, (0, ".exec.command")),
        ({"exec": {"command": "sleep 5"}}, (0, ".exec.command")),
    ],
)
def test_the_seconds_of_a_hook(hook: Any, expected: tuple[float, str]) -> None:
    assert hook_seconds(hook) == expected


@pytest.mark.parametrize(
    ("hook", "expected"),
    [
        ({"sleep": {"seconds": 5}}, True),
        ({"exec": {"command": ["sleep", "5"]}}, True),
        ({"exec": {"command": ["sh", "-c", "sleep 5"]}}, True),
        ({"exec": {"command": ["sh", "-c", "sleep 5; drain"]}}, False),
        ({"exec": {"command": ["drain"]}}, False),
        ({"sleep": {}}, False),
        ({"httpGet": {"port": 80}}, False),
        ({}, False),
        (None, False),
        (UNKNOWN, False),
    ],
)
def test_whether_a_hook_only_sleeps(hook: Any, expected: bool) -> None:
    assert only_sleeps(hook) is expected
