"""The shells on this machine have the last word: how long a loop takes, and whether a script is one."""

import contextlib
import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from broken import AROUND, STRAY, UNCLOSED
from looping import COUNTED, UNKNOWN

from lifecycle_rules.duration import command_seconds
from lifecycle_rules.shell import script_index
from lifecycle_rules.syntax import fault
from tests.generated import examples

RUNNING = {"dash": ["dash", "-c"], "bash": ["bash", "-c"], "busybox": ["busybox", "sh", "-c"]}
GOOD = Path(__file__).parents[2] / "manifests" / "good"
# What may run the script of `sh -c`; `-n` reads it and runs nothing.
SHELLS = {
    "dash": ["dash", "-n", "-c"],
    "bash": ["bash", "-n", "-c"],
    "bash as sh": ["bash", "--posix", "-n", "-c"],
    "busybox": ["busybox", "sh", "-n", "-c"],
    "ksh93": ["ksh93", "-n", "-c"],
    "mksh": ["mksh", "-n", "-c"],
}
NEEDED = ("dash", "bash", "busybox")
THERE = {name: words for name, words in SHELLS.items() if shutil.which(words[0])}


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a `sleep` that only notes its seconds."""
    folder = tmp_path_factory.mktemp("counting")
    sleep = folder / "sleep"
    sleep.write_text('#!/bin/sh\necho "$1" >> "$SLEPT"\n')
    sleep.chmod(0o755)
    return folder


@pytest.mark.parametrize("name", list(RUNNING))
def test_no_shell_takes_less_time(name: str, counting: Path) -> None:
    """Each of the scripts is run, and its sleeps are added up; a shell that refuses it, or fails, says nothing."""
    if not shutil.which(RUNNING[name][0]):
        pytest.skip(f"there is no {RUNNING[name][0]} on PATH")
    slept = counting / "slept"
    env = {**os.environ, "PATH": f"{counting}:{os.environ['PATH']}", "SLEPT": str(slept)}
    less, more = [], 0
    for script in [*(each for each, _, _ in COUNTED), *UNKNOWN]:
        slept.write_text("")
        words = [*RUNNING[name], script]
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


def test_no_shell_takes_what_is_told_to_be_broken() -> None:
    assert [(name, script) for script in (*UNCLOSED, *STRAY, *AROUND) for name in THERE if takes(name, script)] == []


def takes(name: str, script: str) -> bool:
    """Whether a shell does; bash leaves out a line with a test that it cannot read, and says so."""
    done = subprocess.run(
        [*THERE[name], script], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
    )
    return done.returncode == 0 and b"conditional binary operator expected" not in done.stderr


def scripts() -> list[str]:
    """Those of the good manifests, and some with all that a script may have."""
    found: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            index = script_index(value)
            found.extend(value[index : index + 1] if index else [])
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(each)

    for path in sorted(GOOD.glob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text()):
            walk(document)
    return sorted({each for each in found if not each.startswith("-")})


SCRIPTS = scripts()
SIMPLE = [
    *(
        "a",
        "echo b",
        "sleep 5",
        "x=1 c",
        "a > x",
        "a 2>&1",
        "echo 'q q'",
        'echo "d $x"',
        "echo $(b)",
        "echo `b`",
        "[ -e x ]",
    ),
    *("[[ a == b* ]]", "((i++))", "x=$((i+1))", "echo ${x:-y}", "echo ${x#*.}", "cat <<E\nif (\nE\n", "echo a # it's"),
    *("echo \\'", 'echo "$(a "b")"', "y=(1 2)", "diff <(a) <(b)"),
]
TOKENS = [
    *(
        "if",
        "then",
        "else",
        "elif",
        "fi",
        "for",
        "while",
        "until",
        "do",
        "done",
        "case",
        "in",
        "esac",
        "{",
        "}",
        "(",
        ")",
    ),
    *(
        "$(",
        "`",
        "'",
        '"',
        "${",
        "$((",
        "((",
        "))",
        "[[",
        "]]",
        ";",
        ";;",
        "&&",
        "||",
        "|",
        "&",
        "\n",
        "#",
        "\\",
        "<<E",
    ),
    *(
        "E\n",
        "<",
        ">",
        "$'",
        "function f",
        "f()",
        "a=(",
        "!",
        "time",
        "a",
        "x=1",
        "$x",
        '"$x"',
        "&>",
        "<(",
        "*)",
        "exit",
        " ",
    ),
]
CLOSES = {"fi", "done", "esac", "}", ")", "'", '"', "`", "then", "do", "if", "{", "(", "in", ";"}


def made(choose: random.Random, depth: int = 0) -> str:
    """A script by the grammar of shells."""
    kind = choose.randrange(12) if depth < 5 else 0

    def part() -> str:
        return made(choose, depth + 1)

    def end() -> str:
        return choose.choice(["; ", "\n", " ;\n", " & "])

    if kind == 4:
        return f"{part()}{choose.choice([' && ', ' || ', ' | ', '; '])}{part()}"
    if kind == 5:
        other = choose.choice(["", f"elif {part()}{end()}then {part()}{end()}", f"else {part()}{end()}"])
        return f"if {part()}{end()}then {part()}{end()}{other}fi"
    if kind == 6:
        return f"{choose.choice(['while', 'until'])} {part()}{end()}do {part()}{end()}done"
    if kind == 7:
        header = choose.choice(["for i in 1 2", "for i in $(seq 3)", "for i", "for ((i=0;i<3;i++))"])
        return f"{header}{choose.choice(['; ', chr(10)])}do {part()}{end()}done"
    if kind == 8:
        return (
            f"case $x in a) {part()} ;; {choose.choice(['', f'(b|c) {part()}{chr(10)};;', f'*) {part()}{end()}'])} esac"
        )
    if kind == 9:
        return f"{{ {part()}{end()}}}"
    if kind == 10:
        return choose.choice([f"( {part()} )", f'echo "$( {part()} )"'])
    if kind == 11:
        return f"f() {{ {part()}{end()}}}; f"
    return choose.choice(SIMPLE)


def changed(script: str, choose: random.Random) -> str:
    """With tokens left out, put in or cut off."""
    for _ in range(choose.choice([1, 1, 1, 2, 3])):
        tokens = re.findall(r"\w+|\s+|.", script, re.DOTALL)
        closing = [at for at, each in enumerate(tokens) if each in CLOSES]
        at, kind = choose.randrange(len(tokens) + 1), choose.randrange(8)
        if kind < 3 and at < len(tokens):
            del tokens[at]
        elif kind < 5 and closing:
            del tokens[choose.choice(closing)]
        elif kind == 5:
            del tokens[at:]
        else:
            tokens.insert(at, f"{choose.choice(['', ' '])}{choose.choice(TOKENS)}{choose.choice(['', ' '])}")
        script = "".join(tokens)
    return script


def generated(count: int) -> Iterator[str]:
    choose = random.Random(count)
    for _ in range(count):
        script = choose.choice([lambda: made(choose), lambda: choose.choice(SCRIPTS)])()
        yield script if choose.random() < 0.2 else changed(script, choose)


def test_no_shell_takes_what_is_accused() -> None:
    """Whatever is here of them; those that are needed are named where they are missing."""
    accused = 0
    wrong = []
    for script in [*SCRIPTS, *generated(examples(4000))]:
        if script.startswith("-") or "\0" in script or not fault(script):
            continue
        accused += 1
        wrong += [(name, script) for name in THERE if takes(name, script)]
    assert wrong == []
    assert accused > examples(4000) / 8
    missing = [name for name in NEEDED if name not in THERE]
    if missing:
        pytest.skip(f"without {', '.join(missing)}, which are not on PATH, held only against {', '.join(THERE)}")
