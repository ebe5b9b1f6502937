"""How often a loop runs at least, and that no shell on this machine runs it less often."""

import contextlib
import math
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lifecycle_rules import check
from lifecycle_rules.duration import command_seconds
from lifecycle_rules.loops import MOST, Passes
from lifecycle_rules.shell import Group, Kind, parse

SHELLS = {
    "dash": ["dash", "-c"],
    "bash": ["bash", "-c"],
    "busybox": ["busybox", "sh", "-c"],
}
THERE = [name for name, words in SHELLS.items() if shutil.which(words[0])]

# The text of a loop, and the least seconds of it under `sh` and under `bash`.
COUNTED: list[tuple[str, float, float]] = [
    # Words.
    ("for i in 1 2 3 4 5 6 7 8 9 10; do sleep 30; done", 300, 300),
    ("for i in a 'b c' \"d e\" f\\ g; do sleep 1; done", 4, 4),
    ("for i in a; do sleep 1; done; sleep 1", 2, 2),
    ("for i in a b\ndo\n  sleep 1\n  echo $i > /dev/null\ndone", 2, 2),
    ('for i in a"$x" \'\' ""; do sleep 1; done', 3, 3),
    ('for i in "$x" b; do sleep 1; done', 2, 2),
    ("for i in $x; do sleep 1; done", 0, 0),
    ("for i in $x a ${x} `echo`; do sleep 1; done", 1, 1),
    ('for i in "$@" a; do sleep 1; done', 1, 1),
    ("for i; do sleep 1; done", 0, 0),
    ("for i in; do sleep 1; done", 0, 0),
    ("for i in /nowhere/*.x b; do sleep 1; done", 2, 2),
    ("for i in {a,b}; do sleep 1; done", 1, 1),
    ("for i in {,}; do sleep 1; done", 0, 0),
    # seq.
    ("for i in `seq 1 60`; do echo $i >> /dev/null; sleep 1; done", 60, 60),
    ("for i in $(seq 60); do sleep 1; done", 60, 60),
    ("for i in $( seq 5 10 ); do sleep 1; done", 6, 6),
    ("for i in $(seq 0 5 60); do sleep 2; done", 26, 26),
    ("for i in $(seq 10 -3 1); do sleep 1; done", 4, 4),
    ("for i in $(seq -2 2); do sleep 1; done", 5, 5),
    ("for i in $(seq -w 8 11); do sleep 1; done", 4, 4),
    ("for i in $(seq '1' \"3\"); do sleep 1; done", 3, 3),
    ("for i in a $(seq 2) b; do sleep 1; done", 4, 4),
    ("for i in $(seq 5 1); do sleep 1; done", 0, 0),
    ("for i in $(seq 0); do sleep 1; done", 0, 0),
    ('for i in "$(seq 5)"; do sleep 1; done', 1, 1),
    ("for i in $(seq $N); do sleep 1; done", 0, 0),
    ("for i in $(seq 1 0.5 3); do sleep 1; done", 0, 0),
    ("IFS=,; for i in $(seq 5); do sleep 1; done", 1, 1),
    # Braces, which dash and BusyBox take for one word.
    ("for i in {1..12}; do sleep 1; done", 1, 12),
    ("for i in {12..1}; do sleep 1; done", 1, 12),
    ("for i in {1..12..5}; do sleep 1; done", 1, 3),
    ("for i in {01..10}; do sleep 1; done", 1, 10),
    ("for i in {a..e}; do sleep 1; done", 1, 5),
    ("for i in {1..3} {8..9} x; do sleep 1; done", 3, 6),
    ("for i in '{1..3}' \"{1..3}\"; do sleep 1; done", 2, 2),
    # As in C: a shell that does not know it fails.
    ("for ((i=0;i<12;i++)); do sleep 1; done", 12, 12),
    ("for (( i = 12 ; i > 0 ; i -= 4 )); do sleep 1; done", 3, 3),
    ("for ((i=1; i<=3; ++i)) { sleep 1; }", 3, 3),
    ("for ((i=0;i!=6;i+=2)); do sleep 1; done", 3, 3),
    ("for ((i=0;i<3;i++)); do sleep 1; i=9; done", 0, 0),
    ("for ((i=0;i<3;j++)); do break; done", 0, 0),
    # Counted.
    ("i=0; while [ $i -lt 12 ]; do sleep 1; i=$((i+1)); done", 12, 12),
    ('i=0\nwhile [ "$i" -lt 12 ]\ndo\n  sleep 1\n  i=$(( $i + 1 ))\ndone', 12, 12),
    ("i=1; while [ ${i} -le 3 ]; do sleep 1; i=$((${i} + 1)); done", 3, 3),
    ('i=1; while test $i -le 3; do i="$((1 + i))"; sleep 1; done', 3, 3),
    ("i=12; while [ $i -gt 0 ]; do sleep 1; i=$((i-5)); done", 3, 3),
    ("i=3; while [ 0 -lt $i ]; do sleep 1; i=$((i-1)); done", 3, 3),
    ('i=3; while [ "$i" -ne 0 ]; do sleep 1; i=`expr $i - 1`; done', 3, 3),
    ('i=0; until [ $i -ge 3 ]; do sleep 1; i=$(expr "$i" + 1); done', 3, 3),
    ("i=3; until [ $i -eq 0 ]; do sleep 1; : $((i-=1)); done", 3, 3),
    ("i=0; until [ $i -gt 3 ]; do sleep 1; : $((i = i + 1)); done > /dev/null", 4, 4),
    ("x=9; i=0; echo from $i; while [ $i -lt 3 ]; do echo $i; sleep 1; i=$((i+1)); done", 3, 3),
    ("for a in 1 2; do i=0; while [ $i -lt 3 ]; do sleep 1; i=$((i+1)); done; done", 6, 6),
    ("i=5; while [ $i -lt 3 ]; do sleep 1; i=$((i+1)); done", 0, 0),
    # Only some shells read these: to the others the condition fails.
    ("i=0; while [[ $i -lt 3 ]]; do sleep 1; i=$((i+1)); done", 0, 3),
    ("i=0; while (( i < 3 )); do sleep 1; (( i++ )); done", 0, 3),
    ("i=3; while ((i)); do sleep 1; i=$((i-1)); done", 0, 0),
    # Loops in loops, and what does not end them.
    ("for a in 1 2 3; do for b in $(seq 4); do sleep 2; done; sleep 1; done", 27, 27),
    ("for a in 1 2; do sleep 1 && true; done", 2, 2),
    ("for a in 1 2; do false || true; sleep 1; done", 2, 2),
    ("for a in 1 2; do { sleep 1; } > /dev/null; done", 2, 2),
    ("for a in 1 2; do (sleep 1; sleep 1); done", 4, 4),
    ("for a in 1 2; do nothing-like-this 2> /dev/null; sleep 1; done", 2, 2),
    ("for a in 1 2; do sleep 1 | cat; done", 2, 2),
    ("for a in 1 2; do sh -c 'exit 1'; sleep 1; done", 2, 2),
    ("for a in 1 2; do break; done; sleep 1", 1, 1),
    ("set -e; for a in 1 2; do echo a; sleep 1; done", 2, 2),
    ("set -e; i=0; while [ $i -lt 3 ]; do sleep 1; i=$((i+1)); done", 3, 3),
    ("true && for a in 1 2; do sleep 1; done", 2, 2),
]
# What may end a loop, or a pass of it, or may be anything.
UNKNOWN = [
    "for a in 1 2 3; do true && break; sleep 1; done",
    "for a in 1 2 3; do sleep 1; break; done",
    "for a in 1 2 3; do sleep 1 && break; done",
    "for a in 1 2 3; do continue; sleep 1; done",
    "for a in 1 2 3; do exit; sleep 1; done",
    "for a in 1 2 3; do [ $a = 1 ] && exit; sleep 1; done",
    "for a in 1 2 3; do if true; then break; fi; sleep 1; done",
    "for a in 1 2 3; do case $a in 1) break;; esac; sleep 1; done",
    "for a in 1 2 3; do false && sleep 1; done",
    "for a in 1 2 3; do true || sleep 1; done",
    "for a in 1 2 3; do ! sleep 1; done",
    "for a in 1 2 3; do sleep 1 & done",
    "for a in 1 2 3; do sleep $a; done",
    "for a in 1 2 3; do exec true; sleep 1; done",
    "for a in 1 2 3; do eval break; sleep 1; done",
    "for a in 1 2 3; do . /dev/null; sleep 1; done",
    "x=break; for a in 1 2 3; do $x; sleep 1; done",
    "x=break; for a in 1 2 3; do command $x; sleep 1; done",
    "f() { break; }; for a in 1 2 3; do f; sleep 1; done",
    "f() { :; }; for a in 1 2 3; do f; sleep 1; done",
    "for a in 1 2 3; do f() { :; }; sleep 1; done",
    "for a in 1 2 3; do for b in 1 2 3; do break 2; done; sleep 1; done",
    "for a in 1 2 3; do sleep 1; done &",
    "for a in 1 2 3; do sleep 1; echo a; done | true",
    "set -e; for a in 1 2 3; do false; sleep 1; done",
    "set -o errexit; for a in 1 2 3; do x=$(false); sleep 1; done",
    "set -e; i=0; while [ $i -lt 3 ]; do sleep 1; i=$(expr $i + 1); done",
    "i=0; while [ $i -lt 3 ]; do sleep 1; i=$((i+1)); [ $i = 2 ] && break; done",
    "i=0; while [ $i -lt 3 ] && false; do sleep 1; i=$((i+1)); done",
    "i=0; while [ $i -lt 3 ]; do sleep 1; i=$((i+1)); i=3; done",
    "i=0; while [ $i -lt 3 ]; do sleep 1; i=$((i+1)); i=$((i+1)); done",
    "i=0; while [ $i -lt 3 ]; do read i < /dev/null; sleep 1; i=$((i+1)); done",
    "i=0; while [ $i -lt 3 ]; do for i in 5; do :; done; sleep 1; i=$((i+1)); done",
    "i=0; i=9; while [ $i -lt 3 ]; do sleep 1; i=$((i+1)); done",
    "i=0; read i < /dev/null; while [ $i -lt 3 ]; do sleep 1; i=$((i+1)); done",
    "i=0; i=$((i+9)); while [ $i -lt 3 ]; do sleep 1; i=$((i+1)); done",
    "i=0; if true; then i=9; fi; while [ $i -lt 3 ]; do sleep 1; i=$((i+1)); done",
    "i=0 & while [ $i -lt 3 ]; do sleep 1; i=$((i+1)); done",
    "i=9; (i=0); while [ $i -lt 3 ]; do sleep 1; i=$((i+1)); done",
    "j=0; while [ $i -lt 3 ]; do sleep 1; i=$((i+1)); done",
    "while [ $i -lt 3 ]; do sleep 1; i=$((i+1)); done",
    "i=0; while [ $i -lt $n ]; do sleep 1; i=$((i+1)); done",
    "i=0; while [ $i -lt 3 ]; do sleep 1; i=$((i+n)); done",
    "i=0; while [ $i -lt 3 ]; do sleep 1; true && i=$((i+1)); break; done",
    "i=2; while [ $i -ne 2 ]; do sleep 1; i=$((i+1)); done",
    "shopt -s nullglob; for i in /nowhere/*; do sleep 1; done",
    "while read x; do sleep 1; done < /dev/null",
    "until true; do sleep 1; done",
]
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


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a `sleep` that only notes its seconds."""
    folder = tmp_path_factory.mktemp("counting")
    sleep = folder / "sleep"
    sleep.write_text('#!/bin/sh\necho "$1" >> "$SLEPT"\n')
    sleep.chmod(0o755)
    return folder


@pytest.mark.parametrize("name", list(SHELLS))
def test_no_shell_takes_less_time(name: str, counting: Path) -> None:
    """Each of the scripts is run, and its sleeps are added up; a shell that refuses it, or fails, says nothing."""
    if name not in THERE:
        pytest.skip(f"there is no {SHELLS[name][0]} on PATH")
    slept = counting / "slept"
    env = {**os.environ, "PATH": f"{counting}:{os.environ['PATH']}", "SLEPT": str(slept)}
    less, more = [], 0
    for script in [*(each for each, _, _ in COUNTED), *UNKNOWN]:
        slept.write_text("")
        words = [*SHELLS[name], script]
        with contextlib.suppress(subprocess.TimeoutExpired):  # one that has no end
            done = subprocess.run(
                words, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=0.5, check=False
            )
            taken = sum(float(each) for each in slept.read_text().split())
            shell = "bash" if name == "bash" else "sh"
            more += done.returncode == 0
            if done.returncode == 0 and taken < command_seconds([shell, "-c", script]):
                less.append((script, taken))
    assert less == []
    assert more > len(COUNTED) / 2


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

    then = "the kubelet cuts the hook off then, and kills the container 2 s later"
    assert found("preStop", "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 30; done") == [
        ("prestop-budget", f"takes 300 s, and terminationGracePeriodSeconds is 30: {then}")
    ]
    assert found("preStop", "for i in `seq 1 60`; do echo $i >> /tmp/p; sleep 1; done") == [
        ("prestop-budget", f"takes 60 s, and terminationGracePeriodSeconds is 30: {then}")
    ]
    waits = "for i in $(seq 1 60); do wget -qO- http://localhost:8080/drain | grep -q idle && break; sleep 1; done"
    assert found("preStop", waits) == []
    assert found("postStart", "for i in $(seq 1 10); do redis-cli ping && break; sleep 1; done") == []
    assert found("postStart", "for i in $(seq 1 10); do sleep 1; done") == [
        ("poststart-sleep", "takes 10 s, in which the Pod is Pending and the next container is not started")
    ]
