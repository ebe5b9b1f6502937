"""How long a command takes: its words, its loops, and what ends a script; the rest is in test_budget.py."""

import math
from typing import Any

import pytest

from lifecycle_rules import UNKNOWN
from lifecycle_rules.duration import command_seconds, seconds
from lifecycle_rules.shell import NOTHING, Command, Group, Kind

INF = math.inf


def of_script(script: str) -> float:
    return command_seconds(["sh", "-c", script])


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("0", 0),
        ("7", 7),
        ("7s", 7),
        ("7m", 420),
        ("7h", 25_200),
        ("7d", 604_800),
        ("007", 7),
        ("7.", 7),
        ("7.25", 7.25),
        (".25", 0.25),
        (".5m", 30),
        ("1.5h", 5400),
        ("12.75d", 1_101_600),
        ("inf", INF),
        ("infinity", INF),
        ("9" * 400, INF),
        *((none, 0) for none in ("", ".", "s", "-7", "+7", "7 ", " 7", "7S", "7ms", "7w", "7s\n", "1,5", "1e3")),
        *((none, 0) for none in ("x7", "7x", "Inf", "infinit", "nan", "--help", "7..5", ".5.", "$N", "0x1f")),
        *((none, 0) for none in (None, UNKNOWN, 7, 7.5, True, ["7"], {"7": "7"})),
    ],
)
def test_the_words_of_a_sleep(word: Any, expected: float) -> None:
    assert command_seconds(["sleep", word]) == expected
    assert command_seconds(("/bin/sleep", "1", word, "2")) == expected + 3


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        *(([prefix, "sleep", "5"], 5) for prefix in ("command", "exec", "nohup", "time", "/usr/bin/time")),
        (["exec", "nohup", "time", "command", "sleep", "5"], 5),
        (["exec", "tail", "-f", "x"], INF),
        (["exec", None, "sleep", "5"], 0),
        (["exec"], 0),
        (["command", "-v", "sleep", "5"], 0),
        (["sleeper", "5"], 0),
        (["sleep", "5", UNKNOWN], 5),
        (["a", "sleep", "5"], 0),
        (["timeout", "3", "sleep", "10"], 3),
        (["/usr/bin/timeout", "1m", "sleep", "10"], 10),
        (["timeout", "5", "tail", "-f", "x"], 5),
        (["timeout", "inf", "tail", "-f", "x"], INF),
        (["timeout", "8", "exec", "timeout", "7", "sleep", "9"], 7),
        (["timeout", "3", "bash", "-c", "sleep 1; sleep 1"], 2),
        (["timeout", "3", "a"], 0),
        (["timeout", UNKNOWN, "sleep", "5"], 0),
        (["timeout", "3", UNKNOWN], 0),
        (["timeout", "3"], 0),
        (["timeout"], 0),
        (["tail", "-f"], INF),
        (["/usr/bin/tail", "-n", "1", "-F", "x"], INF),
        (["tail", "x", "--follow"], INF),
        (["tail", "x"], 0),
        (["tail"], 0),
        (["-f", "tail"], 0),
        (["tailf", "-f"], 0),
        (["tail", "-f", "x", "--pid=7"], 0),
        (["tail", "--pid", "7", "-f", "x"], 0),
        (["tail", "-f", UNKNOWN], 0),
        (["tail", UNKNOWN], 0),
        ([None, "-f"], 0),
        ([["sleep"], "5"], 0),
    ],
)
def test_the_words_of_a_command(words: Any, expected: float) -> None:
    assert command_seconds(words) == command_seconds(tuple(words)) == expected


@pytest.mark.xfail(strict=True, reason="each prefix is a call of its own")
@pytest.mark.parametrize("prefix", ["exec ", "timeout 9 "])
def test_no_number_of_prefixes_is_too_much(prefix: str) -> None:
    try:
        taken = of_script(prefix * 1_500 + "sleep 5")
    except RecursionError:
        taken = -1
    assert taken in (0, 5)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("sleep 1; sleep 2; sleep 3", 6),
        ("sleep 1 && sleep 2 && sleep 3", 6),
        ("sleep 1; sleep 2 && sleep 3; sleep 4", 10),
        ("sleep 1 || sleep 2", 1),
        ("sleep 1 && sleep 2 || sleep 4", 3),
        ("(sleep 1 || a) && sleep 2", 3),
        ("sleep 1 > x", 1),
        ("sleep 1 &> x", 1),
        ("{ sleep 1; sleep 2; } > x", 3),
        ("sleep 1 | sleep 3 | sleep 2", 3),
        ("a | b", 0),
        ("sleep inf | sleep 2", 2),
        ("sleep inf | a", 0),
        ("sleep 1 | sleep inf | sleep 2", 2),
        ("sleep 2 | sleep inf", INF),
        ("tail -f x | a; sleep 2", 2),
        ("tail -f x; sleep 2", INF),
        ("! sleep 5", 0),
        ("sleep 5 &", 0),
        ("sleep 5 & sleep 1", 1),
        ("f() { sleep 5; }", 0),
        ("case x in x) sleep 5;; esac", 0),
        ("for x in y; do sleep 5; done", 0),
        ("until sleep 5; do sleep 5; done", 0),
        ("while sleep 5; do sleep 5; done", 0),
        ("sleep 1; if", 0),
    ],
)
def test_the_parts_of_a_script(script: str, expected: float) -> None:
    assert of_script(script) == expected


@pytest.mark.parametrize("end", ["exit", "return", "break", "continue", "kill", "killall", "pkill", "pg_ctl"])
def test_what_may_end_a_script(end: str) -> None:
    for ends in (end, f"/bin/{end} 1", f"{end} > x", f"a || {end}", f"a && {end}", f"if a; then {end}; fi", f"({end})"):
        assert of_script(f"sleep 1; {ends}; sleep 2") == 1
    assert of_script(f"sleep 1; echo {end}; sleep 2") == 3
    assert of_script(f"sleep 1; $x {end}; sleep 2") == 3


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("exec sleep 2; sleep 4", 2),
        ("sleep 1; exec a; sleep 4", 1),
        ("sleep 1; nginx -s quit; sleep 4", 1),
        ("sleep 1; /usr/sbin/nginx -s stop; sleep 4", 1),
        ("sleep 1; nginx -s reload; sleep 4", 5),
        ("sleep 1; a quit stop; sleep 4", 5),
        ("sleep 1; nginx; sleep 4", 5),
        ("sleep 1; f() { a; }; sleep 4", 5),
    ],
)
def test_what_ends_one_program_and_not_another(script: str, expected: float) -> None:
    assert of_script(script) == expected


@pytest.mark.parametrize(
    "loop",
    [
        "while true; do sleep 1; done",
        "while :; do sleep 1; done",
        "while /bin/true; do sleep 1; done",
        "until false; do sleep 1; done",
        *(f"while true; do {harmless} x; done" for harmless in ("date", "echo", "printf", "true", ":", "/bin/echo")),
        "while true; do date > x; echo a | printf b && sleep 1; done",
        "while true; do sleep $N; done",
        "while true; do while true; do echo; done; done",
        "while true; do sh -c 'echo a'; timeout 5 sleep 9; done",
        "sleep 1; while true; do sleep 1; done; sleep 2",
        "(while true; do sleep 1; done) > x",
        "a && while true; do sleep 1; done",
    ],
)
def test_a_loop_without_an_end(loop: str) -> None:
    assert of_script(loop) == INF


@pytest.mark.parametrize(
    "loop",
    [
        "while false; do sleep 1; done",
        "until true; do sleep 1; done",
        "until :; do sleep 1; done",
        "while a; do sleep 1; done",
        "until a; do sleep 1; done",
        "while $x; do sleep 1; done",
        "while ! false; do sleep 1; done",
        "while true && a; do sleep 1; done",
        "while true; a; do sleep 1; done",
        "while [ 1 ]; do sleep 1; done",
        "while true; do sleep 1; a; done",
        "while true; do while a; do echo; done; done",
        "while true; do break; done",
        "while true; do $x; done",
        "while true; do A=b; done",
        "while true; do if a; then sleep 1; fi; done",
        "while true; do case $x in y) sleep 1;; esac; done",
        "while true; do [ -e f ] && echo; done",
        "while true; do sh -c 'a'; done",
        "while true; do (echo; exit); done",
        "a || while true; do sleep 1; done",
        "while true; do sleep 1; done &",
        "if a; then while true; do sleep 1; done; fi",
        "f() { while true; do sleep 1; done; }",
        "! while true; do sleep 1; done",
        "for x in y; do sleep 1; done",
    ],
)
def test_a_loop_that_ends_or_may_end(loop: str) -> None:
    assert of_script(loop) == 0


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (NOTHING, 0),
        (Command(()), 0),
        (Command((None,)), 0),
        (Command(("sleep", "2"), (("A", "b"),)), 2),
        (Group(Kind.SEQUENCE, ()), 0),
        (Group(Kind.PIPELINE, ()), 0),
        (Group(Kind.AND, ()), 0),
        *((Group(kind, (Command(("sleep", "2")),)), 2) for kind in (Kind.OR, Kind.OUTPUT_ELSEWHERE, Kind.AND)),
        *((Group(kind, (Command(("sleep", "2")),)), 2) for kind in (Kind.ALL_ELSEWHERE, Kind.PIPELINE, Kind.SEQUENCE)),
        *((Group(kind, (Command(("sleep", "2")),)), 0) for kind in (Kind.BACKGROUND, Kind.NOT, Kind.MAYBE)),
        (Group(Kind.FUNCTION, (Command(("f",)), Command(("sleep", "2")))), 0),
        (Group(Kind.MAYBE, (Command(("true",)), Command(("sleep", "2")))), 0),
    ],
)
def test_the_seconds_of_a_statement(statement: Any, expected: float) -> None:
    assert seconds(statement) == expected
