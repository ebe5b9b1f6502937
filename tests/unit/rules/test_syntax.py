"""Scripts that no shell takes: what is said of them, and that no shell on this machine takes one that is accused."""

import random
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lifecycle_rules import UNKNOWN, Group, check
from lifecycle_rules.script import Script
from lifecycle_rules.shell import MAX_SCRIPT_BYTES, parse, script_index
from lifecycle_rules.syntax import fault
from tests.generated import examples

STOPS = "the kubelet reports FailedPreStopHook, and goes on with the stop signal at once"
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

UNCLOSED = {
    "if true; then sleep 2": "`if` in line 1 is never closed by `fi`",
    "if true": "`if` in line 1 is never closed by `fi`",
    "if true; then a; else b": "`if` in line 1 is never closed by `fi`",
    "if true; then a; elif b; then c": "`if` in line 1 is never closed by `fi`",
    "a; b\nc\n if true; then\n  b\n": "`if` in line 3 is never closed by `fi`",
    "while true; do if a; then b; done": "`if` in line 1 is never closed by `fi`",
    "case x in a) if b; then c;; esac": "`if` in line 1 is never closed by `fi`",
    "{ if a; then b; }": "`if` in line 1 is never closed by `fi`",
    "(if a; then b)": "`if` in line 1 is never closed by `fi`",
    "if a; then\r\nb\r\nfi\r\n": "`if` in line 1 is never closed by `fi`",
    "while a; do b": "`while` in line 1 is never closed by `done`",
    "until a": "`until` in line 1 is never closed by `done`",
    "for i in a b; do c": "`for` in line 1 is never closed by `done`",
    "for i in a b": "`for` in line 1 is never closed by `done`",
    "for i do a": "`for` in line 1 is never closed by `done`",
    "for i\nin a\ndo b": "`for` in line 1 is never closed by `done`",
    "for ((i=0;i<3;i++)); do a": "`for` in line 1 is never closed by `done`",
    "select x in a; do b": "`select` in line 1 is never closed by `done`",
    "if a; then\n while b; do\n c\nfi": "`while` in line 2 is never closed by `done`",
    "case x in a) b;;": "`case` in line 1 is never closed by `esac`",
    "case x in a) b": "`case` in line 1 is never closed by `esac`",
    "case $x in": "`case` in line 1 is never closed by `esac`",
    "{ a": "`{` in line 1 is never closed by `}`",
    "{ a }": "`{` in line 1 is never closed by `}`",
    "f() { a": "`{` in line 1 is never closed by `}`",
    "function f() { a": "`{` in line 1 is never closed by `}`",
    "if a; then { b; fi": "`{` in line 1 is never closed by `}`",
    "(a; b": "`(` in line 1 is never closed by `)`",
    "if a; then (b; fi": "`(` in line 1 is never closed by `)`",
    "f() (a": "`(` in line 1 is never closed by `)`",
    "a $(b": "`$(` in line 1 is never closed by `)`",
    "a `b`\nc $(d": "`$(` in line 2 is never closed by `)`",
    "x=(a b": "`=(` in line 1 is never closed by `)`",
    "a ${b": "`${` in line 1 is never closed by `}`",
    "a $((1 + 2": "`$((` in line 1 is never closed by `))`",
    "a 'b": "the single quote in line 1 is never closed",
    "a\nb 'c' d' e": "the single quote in line 2 is never closed",
    "echo it's done": "the single quote in line 1 is never closed",
    'a "b': "the double quote in line 1 is never closed",
    'a "b\\"': "the double quote in line 1 is never closed",
    "a `b": "the backtick in line 1 is never closed",
    'a "`b"': "the backtick in line 1 is never closed",
}
STRAY = {
    "a; fi": "`fi` in line 1 belongs to nothing",
    "if a; then b; fi; fi": "`fi` in line 1 belongs to nothing",
    "a\ndone": "`done` in line 2 belongs to nothing",
    "if a; then b; done": "`done` in line 1 belongs to nothing",
    "esac": "`esac` in line 1 belongs to nothing",
    "a; }": "`}` in line 1 belongs to nothing",
    "{sleep 5; }": "`}` in line 1 belongs to nothing",
    "[ -f x ] && { a; }; }": "`}` in line 1 belongs to nothing",
    "then a": "`then` in line 1 belongs to nothing",
    "do a": "`do` in line 1 belongs to nothing",
    "a; else b": "`else` in line 1 belongs to nothing",
    "while a; do b; else c; done": "`else` in line 1 belongs to nothing",
    "a )": "`)` in line 1 belongs to nothing",
    "a & )": "`)` in line 1 belongs to nothing",
    "(a) )": "`)` in line 1 belongs to nothing",
    "if a; b; fi": "`if` in line 1 has no `then`",
    "while a; b; done": "`while` in line 1 has no `do`",
}
# Each is taken by one of the shells at least; or says nothing certain.
TAKEN = [
    "",
    " \n",
    "a",
    "# if (",
    "a # it's",
    "a <<E\nif ( '\nE\nb",
    "a <<-'E' > x\n\t`\n\tE\nb",
    "a <<E",
    "a <<E\nb",
    "if a; then b; fi",
    "if a; then { b; } fi",
    "if a; then (b) fi",
    "if ! a\nthen b\nelif c\nthen d\nelse e\nfi > x 2>&1",
    "while a; do b; done < x",
    "until a; do b; done | c",
    "for x do a; done",
    "for x; do a; done",
    "for x in do; do a; done",
    "for x\nin a\ndo b\ndone",
    "for ((;;)); do a; done",
    "for ((;;)) { a; }",
    "for x in a; { b; }",
    "select x in a; do b; done",
    "case x in a) b;; esac",
    "case x in (a) b;; c|d) e;; *) f\nesac",
    "case x in esac",
    "case x\nin\n\na)\n;;\nesac",
    "case x in a) b;& c) d;;& esac",
    "a $(case x in a) b;; esac)",
    "f() { a; }; f",
    "f () ( a )",
    "f()\n{\na\n}",
    "f() if a; then b; fi",
    "function f { a; }",
    "function f() { a; }",
    "{ a; }; { b; } > x",
    "( (a) )",
    "((a))",
    "(a); (b)",
    "{ { a; } }",
    "! { a; }",
    "echo if fi done esac } {",
    "echo {a,b} {}",
    "a}",
    "}a",
    "x=} a",
    "a\\\nb",
    "a \\' \\\" \\`",
    "a 'b\nc' \"d\ne\"",
    "fi=1",
    "if=1; fi=2",
    'a ${x#y} ${#x} ${x:-\'}\'} "${x:-"y"}" ${x%\\}}',
    "a $# $$ $! $@ a#b",
    "a $((1 + 2)) $(((1)))",
    'a "$(b "c" \'d\')" "`e`"',
    "x=(1 2); y+=(3)",
    "a <(b) >(c)",
    "[[ a == (b|c) ]]",
    "[[ a =~ ( ]]",
    "[[ a ]] && b",
    "if [[ a ]] then b; fi",
    "((x = (1)))",
    "a &> b",
    "a 2>&1 | b |& c",
    "time { a; }",
    "time -p a",
    "coproc { a; }",
    "alias x='{'; x",
    "shopt -s extglob; a @(b|c)",
    "$'it\\'s'",
    "exit 0\nif",
    "exec a\n)",
    "a\nreturn; b\n'",
    'echo "$( { )"',
    "echo $(if a)",
    'echo "$(a "b)"',
    "a;; b",
    "&& a",
    "| a",
    "a |",
    "if a; then b; fi c; if",
    "x[1]=2; if",
    "a &&",
    "a ||",
    "a ; ; b",
    "if then fi",
    "()",
    "{ }",
    "for; do a; done",
    "case in esac",
    "\x00",
    "a\x00(",
    "${",
    "${ a; }",
    "$[",
    "((a",
]


@pytest.mark.parametrize(("script", "what"), [*UNCLOSED.items(), *STRAY.items()])
def test_a_script_that_no_shell_takes(script: str, what: str) -> None:
    assert fault(script) == what
    assert [name for name in THERE if takes(name, script)] == []


@pytest.mark.parametrize("script", TAKEN)
def test_a_script_that_a_shell_may_take(script: str) -> None:
    assert fault(script) is None


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


def found(*words: Any, event: str = "preStop") -> list[tuple[str, str]]:
    obj = {"spec": {"containers": [{"name": "c", "lifecycle": {event: {"exec": {"command": list(words)}}}}]}}
    all_found = [each for each in check("Pod", obj) if each.rule.group is Group.EFFECTIVE]
    assert {each.rule.id for each in all_found} <= {"exec-script-syntax"}
    return [(each.path.partition(".exec.")[2], each.message) for each in all_found]


def test_a_hook_with_such_a_script() -> None:
    what = "`if` in line 1 is never closed by `fi`, and no shell takes the script"
    script = "if true; then sleep 2"
    for words in (["/bin/sh", "-c"], ["bash", "-ec"], ["dash", "-c"], ["ash", "-c"], ["ksh", "-c"]):
        assert found(*words, script) == [("command[2]", f"{what}: {STOPS}")]
    assert found("bash", "-o", "pipefail", "-c", script, "x") == [("command[4]", f"{what}: {STOPS}")]
    assert found("timeout", "5", "env", "A=b", "sh", "-c", script) == [("command[6]", f"{what}: {STOPS}")]
    ((_, message),) = found("sh", "-c", script, event="postStart")
    assert message.startswith(f"{what}: the kubelet reports FailedPostStartHook")


@pytest.mark.parametrize(
    "words",
    [
        ["zsh", "-c", "if true; then sleep 2"],
        ["sh", "-c", ""],
        ["sh", "-c", "# if"],
        ["sh", "-c", UNKNOWN],
        ["sh", "-c"],
        ["sh", "drain.sh"],
        ["drain", "-c", "if true; then sleep 2"],
        ["sh", "-c", "if true; then sleep 2;" + " " * MAX_SCRIPT_BYTES],
        ["sh", "-c", "for ((i = 0; i < 3; i++)) { a; }"],
        ["bash", "-c", "a @(b|c)"],
        ["sh", "-c", "a &&"],
        ["echo", "'"],
    ],
)
def test_hooks_of_which_it_is_not_certain(words: list[Any]) -> None:
    assert found(*words) == []


def test_what_the_parser_reads_is_not_asked_about() -> None:
    """Two have to agree: of `fi` as a program's name the parser thinks nothing."""
    for script in ("fi", "time }"):
        is_read = parse(script) is not None
        assert Script(("sh", "-c", script)).fault[1] == ("" if is_read else fault(script) or "")


@pytest.mark.parametrize(
    "opening",
    [
        "(",
        "$(",
        "{ ",
        "if x; then ",
        "while x; do ",
        "a && ",
        "'",
        '"',
        "`",
        '"$(',
        "${x:-",
        "((",
        "$((",
        "case x in a) ",
        "[[ ",
        "x=(",
        "<<E\n",
        "\\",
        "#",
        "f()",
        ";;",
        "a <<E <<E ",
    ],
)
def test_no_text_takes_long(opening: str) -> None:
    script = (opening * MAX_SCRIPT_BYTES)[:MAX_SCRIPT_BYTES]
    start = time.process_time()
    for text in (script, f"{script}\n{script}", script + " )" * 999, script[:4000] + "; fi" * 999):
        fault(text)
    assert time.process_time() - start < 1
