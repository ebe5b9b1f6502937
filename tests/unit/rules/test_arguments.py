"""Times that `sleep` and `timeout` refuse; what each refuses is asked of those that are here."""

import shutil
import subprocess
from typing import Any

import pytest

from lifecycle_rules import UNKNOWN, Group, check
from lifecycle_rules.duration import command_seconds, is_refused
from lifecycle_rules.script import Script

STOPS = "the kubelet reports FailedPreStopHook, and sends the stop signal at once"
RESTARTS = "the kubelet reports FailedPostStartHook, and kills and restarts the container, again and again"
NOTHING = "this step does nothing"

# Refused by coreutils 9.1 and by BusyBox 1.35 alike.
REFUSED = [
    *(
        "1m30s",
        "5min",
        "5mins",
        "0sec",
        "0.1secs",
        "0seconds",
        "0minutes",
        "0hours",
        "0ms",
        "0us",
        "0w",
        "0y",
        "0S",
        "0M",
    ),
    *(
        "-5",
        "-0.5s",
        "-inf",
        "-x",
        "abc",
        "five",
        "s",
        ".",
        "",
        "1e",
        "0x",
        "0ss",
        "0s0s",
        "0h0m",
        "PT0S",
        "0:00",
        "1.2.3",
    ),
    *(
        "1/2",
        "0 s",
        "0 ",
        "0;",
        "0_0",
        "$X",
        "${X}",
        "nan",
        "0\n",
        "i",
        "in",
        "\u0665",
        "0\u00a0",
        "'0'",
        "0-",
        "0f",
        "1d2h",
    ),
]
# Taken by one of them at least.
TAKEN = [
    *(
        "0",
        "00",
        "0.0",
        ".0",
        "0.",
        "0s",
        "0m",
        "0h",
        "0d",
        "0.0d",
        "+0",
        " 0",
        "\t0",
        "0e0",
        "1e-9",
        "1e-9s",
        "0x0",
        "0x0s",
    ),
    *("0x0p0", "0x.1p-40", "inf", "INF", "infinity", "Infinity", "infs", "infi", "infinitys"),
]
# Taken by others: a decimal comma in a locale that has one, and uutils' binary and octal numbers.
MAYBE = ["0,5", "0b1", "0o7"]


@pytest.mark.parametrize("time", REFUSED)
def test_a_time_that_is_refused(time: str) -> None:
    assert is_refused(time)
    assert command_seconds(["sleep", time]) == command_seconds(["sleep", "5", time]) == 0


@pytest.mark.parametrize("time", [*TAKEN, *MAYBE, None])
def test_a_time_that_may_be_taken(time: str | None) -> None:
    assert not is_refused(time)


@pytest.mark.parametrize("program", ["sleep", "busybox"])
def test_the_programs_themselves(program: str) -> None:
    """What is refused, each refuses; what is not, one of them takes."""
    if not shutil.which(program):
        pytest.skip(f"there is no {program} on PATH")
    sleep, timeout = (
        (["busybox", "sleep"], ["busybox", "timeout"]) if program == "busybox" else (["sleep"], ["timeout"])
    )
    assert [each for each in REFUSED if takes([*sleep, each], seconds=30)] == []  # a busy machine starts slowly
    assert [each for each in REFUSED if takes([*timeout, each, "true"], seconds=30)] == []
    assert not takes(sleep, seconds=30)
    if program == "sleep":
        assert [each for each in TAKEN if not takes([*sleep, each])] == ["infi"]


def takes(command: list[str], seconds: float = 0.3) -> bool:
    """Whether it ends well, or goes on for so long."""
    try:
        return subprocess.run(command, capture_output=True, timeout=seconds, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return True


def found(hook: Any, event: str = "preStop") -> list[tuple[str, str]]:
    obj = {"spec": {"containers": [{"name": "c", "lifecycle": {event: hook}}]}}
    prefix = f"spec.containers[0].lifecycle.{event}.exec."
    all_found = [each for each in check("Pod", obj) if each.rule.group is Group.EFFECTIVE]
    assert {each.rule.id for each in all_found} <= {"exec-argument-refused"}
    return [(each.path.removeprefix(prefix), each.message) for each in all_found]


def command(*words: Any) -> dict[str, Any]:
    return {"exec": {"command": list(words)}}


def shell(script: str, *options: str) -> dict[str, Any]:
    return command("/bin/sh", *options, "-c", script)


@pytest.mark.parametrize(
    ("hook", "what", "fails"),
    [
        (command("sleep", "1m30s"), "sleep does not accept the time '1m30s'", True),
        (command("/usr/bin/sleep", "5", "min"), "sleep does not accept the time 'min'", True),
        (command("sleep", "-5"), "sleep does not accept the time '-5'", True),
        (command("sleep", ""), "sleep does not accept the time ''", True),
        (command("sleep", "$seconds"), "sleep does not accept the time '$seconds'", True),
        (command("sleep"), "sleep gets no time", True),
        (command("timeout", "1m30s", "drain"), "timeout does not accept the time '1m30s'", True),
        (command("timeout", "-5", "drain"), "timeout does not accept the time '-5'", True),
        (command("timeout", "", "drain"), "timeout does not accept the time ''", True),
        (command("env", "A=b", "timeout", "-s", "INT", "5min", "a"), "timeout does not accept the time '5min'", True),
        (
            command("timeout", "5min", "sh", "-c", "while :; do a; done"),
            "timeout does not accept the time '5min'",
            True,
        ),
        (command("timeout", "9", "sh", "-c", "sleep 5min"), "sleep does not accept the time '5min'", True),
        (shell("sleep 1m30s"), "sleep does not accept the time '1m30s'", True),
        (shell("sleep"), "sleep gets no time", True),
        (shell("exec sleep 5min"), "sleep does not accept the time '5min'", True),
        (shell("drain; sleep 5min"), "sleep does not accept the time '5min'", True),
        (shell("drain && sleep 5min > /dev/null"), "sleep does not accept the time '5min'", True),
        (shell("sleep 5min && drain"), "sleep does not accept the time '5min'", True),
        (shell("sleep 5min; drain", "-e"), "sleep does not accept the time '5min'", True),
        (shell("set -e; sleep 5min; drain"), "sleep does not accept the time '5min'", True),
        (shell("sleep 5min; drain"), "sleep does not accept the time '5min'", False),
        (shell("sleep 5; sleep 6min; sleep 7"), "sleep does not accept the time '6min'", False),
        (shell("timeout 5x drain; sleep 6"), "timeout does not accept the time '5x'", False),
        (shell("timeout 5x sh -c 'a || b'; sleep 6"), "timeout does not accept the time '5x'", False),
        (shell("sleep 5\r\n"), "sleep does not accept the time '5␍'", True),
        (shell("drain\r\nsleep 5 \r\n"), "sleep does not accept the time '␍'", True),
        (shell("sh -c 'sleep 5min'; sleep 6"), "sleep does not accept the time '5min'", False),
    ],
)
def test_a_hook_whose_program_refuses_its_time(hook: Any, what: str, fails: bool) -> None:
    assert found(hook) == [("command", f"{what}: {STOPS if fails else NOTHING}")]
    assert found(hook, "postStart") == [("command", f"{what}: {RESTARTS if fails else NOTHING}")]


@pytest.mark.parametrize(
    "hook",
    [
        command("sleep", "90"),
        command("sleep", "1m", "30s"),
        command("sleep", "infinity"),
        command("sleep", "--help"),
        command("sleep", "--version", "x"),
        command("sleep", "--", "5"),
        command("sleep", UNKNOWN),
        command("sleep", UNKNOWN, "5min"),
        command("./sleep", "5min"),
        command("/opt/tools/sleep", "5min"),
        command("xsleep", "5min"),
        command("echo", "sleep", "5min"),
        command("timeout", "/t", "60"),
        command("timeout", "60"),
        command("timeout", "5min"),
        command("timeout", "drain", "now"),
        command("timeout", "-t", "5", "drain"),
        command("timeout", "-k", "5", "60", "drain"),
        command("timeout", "--kill-after=5", "1.5m", "drain"),
        command("timeout", UNKNOWN, "drain"),
        command("timeout", "5min", UNKNOWN),
        shell("sleep 5min || true"),
        shell("sleep 1.5 2> /dev/null || sleep 2"),
        shell("sleep 0x5 || sleep 5"),
        shell("if a; then sleep 5min; fi"),
        shell("a || sleep 5min"),
        shell("[ -e /x ] && sleep 5min"),
        shell("[ -e /x ] && timeout 5x drain"),
        shell("a || timeout 5x drain"),
        shell("sleep 5min & drain"),
        shell("sleep 5min | cat"),
        shell("exit; sleep 5min"),
        shell("sleep 5;\r\n"),
        shell("sleep $N"),
        shell("sleep $N min"),
        shell('sleep "$N"'),
        shell("sleep $((N * 60))"),
        shell("sleep() { command sleep 60; }; sleep 1min"),
        shell('timeout() { shift; "$@"; }; timeout 1min a'),
        command("ksh", "-c", "sleep 1m30s"),
        command("sleep", "{{inputs.parameters.seconds}}"),
        shell("sleep {{ .Values.seconds }}"),
        command("timeout", "5{{ unit }}", "drain"),
        shell("ksh -c 'sleep 1m30s'"),
        command("sh", "-c", "command -v sleep"),
        command("timeout", "5", "echo", "1min"),
        command("timeout", "5", "env", "-u", "5x", "drain"),
    ],
)
def test_what_may_be_taken_or_is_provided_for(hook: Any) -> None:
    if hook == command("timeout", "5min", UNKNOWN):
        assert found(hook) == [("command", f"timeout does not accept the time '5min': {STOPS}")]
    else:
        assert found(hook) == []


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (["sh", "-c", "sleep", "5"], "exec-sh-c-split"),
        (["sleep", "5", "&&", "drain"], "exec-shell-syntax"),
        (["sleep", "$SECONDS"], "exec-var-literal"),
    ],
)
def test_one_cause_is_told_once(words: list[str], rule: str) -> None:
    obj = {"spec": {"containers": [{"name": "c", "lifecycle": {"preStop": command(*words)}}]}}
    assert [each.rule.id for each in check("Pod", obj) if each.rule.group is Group.EFFECTIVE] == [rule]


def test_a_script_has_it_once() -> None:
    script = Script(("sh", "-c", "sleep 5min"))
    assert script.has_errexit is False
    assert Script(("sh", "-ec", "a")).has_errexit is True
    assert Script(("env", "-e", "a")).has_errexit is False
