"""How long a hook's command takes, construct by construct; test_budget.py has the hooks themselves."""

import math
from typing import Any

import pytest

from lifecycle_rules.duration import command_seconds, is_refused, seconds
from lifecycle_rules.model import UNKNOWN
from lifecycle_rules.shell import NOTHING, Command, Group, Kind


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("0", 0),
        ("7", 7),
        ("7s", 7),
        ("2m", 120),
        ("2h", 7200),
        ("2d", 172_800),
        ("1.5", 1.5),
        ("1.5m", 90),
        ("1.25m", 75),
        ("0.5h", 1800),
        ("2.", 2),
        ("2.s", 2),
        (".5", 0.5),
        (".25d", 21_600),
        ("007", 7),
        ("inf", math.inf),
        ("infinity", math.inf),
        ("", 0),
        (".", 0),
        ("s", 0),
        ("5S", 0),
        ("5w", 0),
        ("5ms", 0),
        ("5 s", 0),
        ("-5", 0),
        ("+5", 0),
        ("\u0665", 0),
        ("1e3", 0),
        ("1.2.3", 0),
        ("x5", 0),
        ("INF", 0),
        ("infinite", 0),
        (UNKNOWN, 0),
        (None, 0),
        (5, 0),
    ],
)
def test_a_time(time: Any, expected: float) -> None:
    assert command_seconds(["sleep", time]) == expected
    is_read = not isinstance(time, str) or not is_refused(time)
    assert command_seconds(["sleep", "1", time, "2"]) == (expected + 3 if is_read else 0)
    if time != "0":  # which is no limit
        assert command_seconds(["timeout", time, "sleep", "200000"]) == min(expected, 200_000)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("/usr/bin/sleep 5", 5),
        ("command sleep 5", 5),
        ("exec sleep 5", 5),
        ("/usr/bin/nohup sleep 5", 5),
        ("time sleep 5", 5),
        ("exec nohup time sleep 5", 5),
        ("exec", 0),
        ("xsleep 5", 0),
        ("echo 5", 0),
        ("a sleep 5", 0),
        ("command -v sleep 5", 0),
        ("timeout 3 sleep 5", 3),
        ("timeout 5 sleep 3", 3),
        ("/usr/bin/timeout 5 sleep 3", 3),
        ("timeout 5 timeout 4 sleep 9", 4),
        ("timeout 5 exec sleep 9", 5),
        ("timeout 5 tail -f x", 5),
        ("timeout inf tail -f x", math.inf),
        ("timeout inf sleep 5", 5),
        ("timeout 5 a", 0),
        ("timeout 5 a && sleep 5", 0),
        ("timeout -s TERM 5 sleep 9", 5),
        ("timeout -k 2 5 sleep 9", 5),
        ("timeout 5 timeout x sleep 9", 0),
        ("env A=b sleep 5", 5),
        ("setsid sleep 5", 0),
        ("timeout 5 setsid sleep 5", 0),
        ("timeout", 0),
        ("timeout 5", 0),
        ("exec timeout 5 sleep inf", 5),
        ("tail -f x", math.inf),
        ("tail -F x", math.inf),
        ("tail --follow x", math.inf),
        ("tail x -f", math.inf),
        ("/usr/bin/tail -n 0 -f x y", math.inf),
        ("exec tail -f x", math.inf),
        ("tail x", 0),
        ("tail", 0),
        ("tail -n 5 x", 0),
        ("tail --retry x", 0),
        ("tail -f --pid=1 x", 0),
        ("tail --pid 1 -f x", 0),
        ("tail -f x --pid=1", 0),
        ("head -f x", 0),
        ("-f", 0),
    ],
)
def test_a_command(words: str, expected: float) -> None:
    assert command_seconds(words.split()) == expected
    assert seconds(Command(tuple(words.split()))) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["tail", "-f", UNKNOWN], 0),
        (["tail", UNKNOWN, "x"], 0),
        (["timeout", UNKNOWN, "sleep", "5"], 0),
        (["timeout", "5", UNKNOWN, "sleep"], 0),
        (["timeout", "5", "sh", "-c", "sleep 3; sleep 1"], 4),
        (["timeout", "3", "sh", "-c", "while :; do sleep 1; done"], 3),
        (["timeout", "5", "sh", "-c", UNKNOWN], 0),
        (["exec", UNKNOWN, "5"], 0),
        ([UNKNOWN, "sleep", "5"], 0),
        (["sh", "-c", "sleep 5", "sleep 6"], 5),
        (["sh", "sleep", "5"], 0),
    ],
)
def test_a_command_that_is_known_in_part(words: list[Any], expected: float) -> None:
    assert command_seconds(words) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("sleep 1; sleep 2; sleep 3", 6),
        ("sleep 1 && sleep 2 && sleep 3", 6),
        ("sleep 1 && sleep inf", math.inf),
        ("sleep inf; sleep 1", math.inf),
        ("sleep 1 || sleep 9; sleep 2", 3),
        ("sleep 1 && sleep 2 || sleep 9", 3),
        ("sleep 1 || sleep 9 && sleep 2", 3),
        ("tail -f x || sleep 1", math.inf),
        ("sleep 1 > x; sleep 2 &> x; sleep 3 2> x", 6),
        ("{ sleep 1; sleep 2; } > x", 3),
        ("sleep 9 & sleep 1", 1),
        ("tail -f x &", 0),
        ("! sleep 9", 0),
        ("f() { sleep 9; }; sleep 1", 1),
        ("for i in 1 2; do sleep 9; done; sleep 1", 19),
        ("case x in x) sleep 9;; esac; sleep 1", 1),
        ("if true; then sleep 9; else sleep 9; fi", 0),
        ("[ -e x ] && sleep 1", 1),
        ("A=b; sleep 1", 1),
        ("$x; sleep 1", 1),
        ("timeout 5 sh -c 'sleep 9; sleep 9'; sleep 1", 6),
        ("# sleep 5", 0),
        ("kill 1 && sleep 9", 0),
        ("sleep 1 && exit 0 && sleep 9", 1),
        ("exec > x; sleep 9", 9),
        ("sleep > x 9", 9),
        ("> x sleep 9", 9),
        ("sleep 1 <<E && sleep 2\nE", 3),
    ],
)
def test_a_script(script: str, expected: float) -> None:
    assert command_seconds(["bash", "-ec", script]) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("sleep 5 | sleep 3", 5),
        ("sleep 3 | sleep 5", 5),
        ("sleep 1 | sleep 3 | sleep 2", 3),
        ("a | b", 0),
        ("tail -f x | sleep 5", 5),
        ("sleep 5 | tail -f x", math.inf),
        ("tail -f x | tail -f", math.inf),
        ("tail -f x | a", 0),
        ("tail -f x | grep -m 1 x", 0),
        ("sleep 2 | tail -f x | sleep 1", 2),
        ("tail -f x | sleep 1; sleep 1", 2),
    ],
)
def test_a_pipeline_ends_with_its_last_part(script: str, expected: float) -> None:
    assert command_seconds(["sh", "-c", script]) == expected


def test_a_pipeline_of_nothing() -> None:
    assert seconds(Group(Kind.PIPELINE, ())) == 0
    assert seconds(NOTHING) == 0


@pytest.mark.parametrize("condition", ["while true", "while :", "while /bin/true", "until false", "until /bin/false"])
@pytest.mark.parametrize(
    "body",
    [
        "sleep 1",
        ":",
        "true",
        "date",
        "/bin/echo a",
        "printf a > x",
        "sleep $N & sleep 1",
        "date | echo",
        "while :; do :; done",
    ],
)
def test_a_loop_without_an_end(condition: str, body: str) -> None:
    loop = f"{condition}; do {body}; done"
    for script in (loop, f"sleep 1; {loop}", f"{loop} > x", f"while :; do :; {body}; done"):
        assert command_seconds(["sh", "-c", script]) == math.inf
    assert command_seconds(["sh", "-c", f"{loop} | sleep 2"]) == 2
    assert command_seconds(["timeout", "3", "sh", "-c", loop]) == 3
    assert command_seconds(["sh", "-c", f"{loop} & sleep 2"]) == 2
    assert command_seconds(["sh", "-c", f"if a; then {loop}; fi"]) == 0


@pytest.mark.parametrize(
    "loop",
    [
        "while a; do sleep 1; done",
        "while false; do sleep 1; done",
        "until true; do sleep 1; done",
        "until :; do sleep 1; done",
        "until a; do sleep 1; done",
        "while true; false; do sleep 1; done",
        "while true && a; do sleep 1; done",
        "while ! a; do sleep 1; done",
        "while [ 1 ]; do sleep 1; done",
        "while sleep 1; do :; done",
        "until false; do a; done",
        "while true; do a; sleep 1; done",
        "while true; do sleep 1; break; done",
        "while true; do exit; done",
        "while true; do kill 1; sleep 1; done",
        "while true; do $a; sleep 1; done",
        "while true; do a=b; sleep 1; done",
        "while true; do a | sleep 1; done",
        "while true; do sleep 1 && break; done",
        "while true; do sh -c 'kill 1'; done",
        "while true; do if a; then break; fi; done",
        "while true; do if true; then :; fi; done",
        "while true; do [ -e x ] && sleep 1; done",
        "while true; do case x in x) :;; esac; done",
        "while true; do for i in 1; do a; done; done",
        "while true; do { sleep 1; (exit); }; done",
        "for i in 1 2; do a && sleep 1; done",
    ],
)
def test_a_loop_that_may_end(loop: str) -> None:
    assert command_seconds(["sh", "-c", loop]) == 0


def test_a_loop_of_an_inner_shell_that_does_no_harm() -> None:
    assert command_seconds(["sh", "-c", "while true; do sh -c 'sleep 1; echo'; done"]) == math.inf
    assert command_seconds(["sh", "-c", "while true; do timeout 5 sleep 9; done"]) == math.inf
    assert command_seconds(["sh", "-c", "while true; do f() { :; }; done"]) == math.inf


@pytest.mark.parametrize(
    "end",
    [
        "exit",
        "exit 0",
        "exec a",
        "return 1",
        "kill 1",
        "/bin/kill -TERM 1",
        "killall a",
        "pkill a",
        "pg_ctl stop",
        "nginx -s quit",
        "nginx -s stop",
        "/usr/sbin/nginx -c x -s stop",
        "psql -c 'SHUTDOWN WAIT_FOR_CLIENTS'",
        "mysqladmin shutdown",
        "redis-cli shutdown nosave",
        "curl -X POST localhost:8081/actuator/shutdown",
        "wget -qO- --post-data= localhost:15020/quitquitquit",
        "/app/graceful-shutdown.sh",
        "a && exit",
        "a || exit",
        "a | kill 1",
        "(exit)",
        "{ a; exit; }",
        "kill 1 > x",
        "kill 1 &",
        "! kill 1",
        "if a; then exit; fi",
        "while a; do exit; done",
        "f() { exit; }",
    ],
)
def test_what_is_behind_an_end_may_not_run(end: str) -> None:
    behind = " sleep 9" if end.endswith("&") else "; sleep 9"
    assert command_seconds(["sh", "-c", f"{end}{behind}"]) == 0
    assert command_seconds(["sh", "-c", f"sleep 1; {end}{behind}"]) == 1


@pytest.mark.parametrize(
    "command",
    [
        *("nginx -s reload", "nginx", "a quit", "a stop", "xkill 1", "timeout 1 a", "sh -c exit", "echo kill"),
        *("$x quit", "echo shutdown", "printf 'shutdown\n'", "/usr/bin/logger shutdown", "a shut down", "$shutdown"),
    ],
)
def test_what_ends_nothing(command: str) -> None:
    assert command_seconds(["sh", "-c", f"sleep 1; {command}; sleep 2"]) == 3


@pytest.mark.parametrize("prefix", ["exec", "env A=b", "timeout 9", "setsid"])
def test_no_number_of_prefixes_is_too_much(prefix: str) -> None:
    expected = 0 if prefix == "setsid" else 5
    assert command_seconds([*prefix.split() * 2000, "sleep", "5"]) == expected


def test_what_ends_a_script_counts_itself() -> None:
    assert command_seconds(["sh", "-c", "exec sleep 5; sleep 6"]) == 5
    assert command_seconds(["sh", "-c", "sleep 1; { sleep 2; exit; sleep 3; }; sleep 4"]) == 3
