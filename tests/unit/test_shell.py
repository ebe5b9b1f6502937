"""What is read of a shell's script: its tree, its steps, and what of it is not known or not judged."""

import math
import time
from typing import Any

import pytest

from lifecycle_rules import UNKNOWN, shell
from lifecycle_rules.script import Script, script_of
from lifecycle_rules.shell import (
    ELSEWHERE,
    MAX_SCRIPT_BYTES,
    NOTHING,
    SHELLS,
    Command,
    Group,
    Kind,
    Statement,
    Step,
    commands,
    functions,
    groups,
    name_of,
    parse,
    read,
    script_index,
    steps,
    unwrapped,
)

DEPTH = 60


def c(*words: str | None, **assigned: str | None) -> Command:
    return Command(words, tuple(assigned.items()))


def g(kind: Kind, *parts: Statement) -> Group:
    return Group(kind, parts)


A, B, C, D, E = c("a"), c("b"), c("c"), c("d"), c("e")
ANYTHING = NOTHING  # stands for what is not read


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a", A),
        ("a b 1 -2 --c=d 1.5", c("a", "b", "1", "-2", "--c=d", "1.5")),
        ("a;", A),
        ("", g(Kind.SEQUENCE)),
        ("a; b", g(Kind.SEQUENCE, A, B)),
        ("a\nb\n\nc\n", g(Kind.SEQUENCE, A, B, C)),
        ("a \\\n  b", c("a", "b")),
        ("# x\na # y\nb", g(Kind.SEQUENCE, A, B)),
        ("# x", g(Kind.SEQUENCE)),
        ("a && b", g(Kind.AND, A, B)),
        ("a && # x\nb", g(Kind.AND, A, B)),
        ("a && b && c", g(Kind.AND, g(Kind.AND, A, B), C)),
        ("a || b", g(Kind.OR, A, B)),
        ("a && b || c", g(Kind.OR, g(Kind.AND, A, B), C)),
        ("a || b && c", g(Kind.AND, g(Kind.OR, A, B), C)),
        ("a | b | c", g(Kind.PIPELINE, A, B, C)),
        ("a |& b", g(Kind.PIPELINE, A, B)),
        ("! a", g(Kind.NOT, A)),
        ("! (a; b)", g(Kind.NOT, g(Kind.SEQUENCE, A, B))),
        ("a &", g(Kind.BACKGROUND, A)),
        ("a & b", g(Kind.SEQUENCE, g(Kind.BACKGROUND, A), B)),
        ("a; b & c", g(Kind.SEQUENCE, A, g(Kind.BACKGROUND, B), C)),
        ("a && b & c", g(Kind.SEQUENCE, g(Kind.BACKGROUND, g(Kind.AND, A, B)), C)),
        ("(a)", A),
        ("(a; b)", g(Kind.SEQUENCE, A, B)),
        ("{ a; b; }; c", g(Kind.SEQUENCE, g(Kind.SEQUENCE, A, B), C)),
        ("(a & b) && { c; }", g(Kind.AND, g(Kind.SEQUENCE, g(Kind.BACKGROUND, A), B), C)),
        ("while a; do b; done", g(Kind.WHILE, A, B)),
        ("until a\ndo b\ndone", g(Kind.UNTIL, A, B)),
        ("while a; b; do c; d; done", g(Kind.WHILE, g(Kind.SEQUENCE, A, B), g(Kind.SEQUENCE, C, D))),
        ("until a && ! b; do c; done", g(Kind.UNTIL, g(Kind.AND, A, g(Kind.NOT, B)), C)),
        ("while a; do # x\nb; done &", g(Kind.BACKGROUND, g(Kind.WHILE, A, B))),
        ("if a; then b; fi", g(Kind.MAYBE, A, B)),
        (
            "if a; then b; elif c; then d; else e; fi",
            g(Kind.MAYBE, A, B, g(Kind.MAYBE, C, D), g(Kind.MAYBE, E)),
        ),
        ("for x in y; do a; b; done", g(Kind.MAYBE, ANYTHING, ANYTHING, g(Kind.SEQUENCE, A, B))),
        ("case $x in y) a; b;; esac", g(Kind.MAYBE, ANYTHING, g(Kind.MAYBE, ANYTHING, A, B))),
        ("f() { a; b; }; c", g(Kind.SEQUENCE, g(Kind.FUNCTION, c("f"), g(Kind.SEQUENCE, A, B)), C)),
        ("function f { a; }", g(Kind.FUNCTION, c("f"), A)),
        ("f() (a)", g(Kind.FUNCTION, c("f"), A)),
        ("[ -e f ]", ANYTHING),
        ("[[ -e f ]] && a", g(Kind.AND, ANYTHING, A)),
        ("((a)); b", g(Kind.SEQUENCE, ANYTHING, B)),
        ("for ((x = 0; x < 3; x++)); do a; done", ANYTHING),
        ("unset X", ANYTHING),
        ("cat <<E\na; b\nE", c("cat")),
        ("cat <<-'E'\na $x\nE\nb", g(Kind.SEQUENCE, c("cat"), B)),
    ],
)
def test_a_script(script: str, expected: Statement) -> None:
    assert parse(script) == expected
    for command in (["sh", "-c", script], ("/bin/bash", "-l", "-ec", script, "name")):
        assert read(command) == expected


@pytest.mark.parametrize("script", ["a &&", "a |", "if a", "& a", "a; ; b", "'a", "$(a", "(a", "f() {"])
def test_what_cannot_be_parsed(script: str) -> None:
    assert parse(script) is None
    assert read(["sh", "-c", script]) == NOTHING == g(Kind.MAYBE)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("b", "b"),
        ("5", "5"),
        ("*", "*"),
        ("~/b", "~/b"),
        ("é", "é"),
        ("\ud800", "?"),
        ("'b c'", "b c"),
        ("'b\nc'", "b\nc"),
        ("''", ""),
        ("'\\'", "\\"),
        ("'$b'", "$b"),
        ('"b c"', "b c"),
        ('"b\'c"', "b'c"),
        ('""', ""),
        ("b'c'\"d\"1", "bcd1"),
        ('--b="c d"', "--b=c d"),
        ("b\\ c", None),
        ("b\\ c'd'", None),
        ("$b", None),
        ("$1", None),
        ("${b:-c}", None),
        ("b$c", None),
        ("'b'$c", None),
        ('"$b"', None),
        ('"b$c"', None),
        ('"b$(c)"', None),
        ('"$@"', None),
        ("$(b)", None),
        ("`b`", None),
        ("$((1 + 2))", None),
        ("$'b'", None),
        ("<(b)", None),
    ],
)
def test_a_word(text: str, word: str | None) -> None:
    assert parse(f"a {text} z") == c("a", word, "z")
    assert parse(f"A={text} z") == c("z", A=word)


def test_a_program_that_is_not_known_before_it_runs() -> None:
    for text in ("$b", "b$c", '"$b"', "\\b", "$(b)", "`b`"):
        assert parse(f"{text} z") == c(None, "z")
    for text in ("b", "'b'", '"b"', "b''"):
        assert parse(f"{text} z") == c("b", "z")


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("A=b", c(A="b")),
        ("A=", c(A="")),
        ("A=b C= D='e f' a x", c("a", "x", A="b", C="", D="e f")),
        ('A="$x" a', c("a", A=None)),
        ("A=$(b)", c(A=None)),
        ("A=(b c)", c(A=None)),
        ("A+=b", c(A="b")),
        ("export A=b C D=$e", c(A="b", D=None)),
        ("readonly A=b", c(A="b")),
        ("declare -x A='b'", c(A="b")),
        ("export A", c()),
        ("env A=b c", c("env", "A=b", "c")),
        ("a B=c", c("a", "B=c")),
    ],
)
def test_an_assignment(script: str, expected: Command) -> None:
    assert parse(script) == expected


@pytest.mark.parametrize(
    ("redirection", "kind"),
    [
        ("> f", Kind.OUTPUT_ELSEWHERE),
        (">> f", Kind.OUTPUT_ELSEWHERE),
        (">| f", Kind.OUTPUT_ELSEWHERE),
        ("1> f", Kind.OUTPUT_ELSEWHERE),
        ("1>> f", Kind.OUTPUT_ELSEWHERE),
        ("> $f", Kind.OUTPUT_ELSEWHERE),
        ("> 1", Kind.OUTPUT_ELSEWHERE),
        (">&3", Kind.OUTPUT_ELSEWHERE),
        (">&-", Kind.OUTPUT_ELSEWHERE),
        ("> f > g", Kind.OUTPUT_ELSEWHERE),
        ("< f > g", Kind.OUTPUT_ELSEWHERE),
        ("> g < f", Kind.OUTPUT_ELSEWHERE),
        ("> f 2>&1", Kind.ALL_ELSEWHERE),
        ("> f 2> g", Kind.ALL_ELSEWHERE),
        ("2> g 1> f", Kind.ALL_ELSEWHERE),
        ("&> f", Kind.ALL_ELSEWHERE),
        ("&>> f", Kind.ALL_ELSEWHERE),
        ("2> f", None),
        ("2>> f", None),
        ("2>&1", None),
        ("2>/dev/null", None),
        ("2>&-", None),
        ("3> f", None),
        (">&1", None),
        (">&2", None),
        ("< f", None),
        ("<&3", None),
        ("<<E\nx\nE", None),
    ],
)
def test_a_redirection(redirection: str, kind: Kind | None) -> None:
    for script, statement in (("a", A), ("(a; b)", g(Kind.SEQUENCE, A, B)), ("{ a; }", A)):
        assert parse(f"{script} {redirection}") == (g(kind, statement) if kind else statement)


def test_a_redirection_of_more_than_a_command() -> None:
    assert parse("while a; do b; done > f") == g(Kind.OUTPUT_ELSEWHERE, g(Kind.WHILE, A, B))
    assert parse("if a; then b; fi &> f") == g(Kind.ALL_ELSEWHERE, g(Kind.MAYBE, A, B))
    assert parse("until a > f; do b; done") == g(Kind.UNTIL, g(Kind.OUTPUT_ELSEWHERE, A), B)
    assert parse("a | (b > f)") == g(Kind.PIPELINE, A, g(Kind.OUTPUT_ELSEWHERE, B))
    assert parse("a <<< x") == A
    assert parse("a <<< x > f") == g(Kind.OUTPUT_ELSEWHERE, A)
    assert parse("a > f &") == g(Kind.BACKGROUND, g(Kind.OUTPUT_ELSEWHERE, A))
    assert parse("> f") == g(Kind.OUTPUT_ELSEWHERE, NOTHING)
    assert {Kind.OUTPUT_ELSEWHERE, Kind.ALL_ELSEWHERE} == ELSEWHERE


@pytest.mark.parametrize(
    ("script", "is_read"),
    [
        ("a" + " " * (MAX_SCRIPT_BYTES - 1), True),
        ("a" + " " * MAX_SCRIPT_BYTES, False),
        ("a #" + "é" * 8_190 + "x", True),
        ("a #" + "é" * 8_191, False),
    ],
)
def test_a_script_may_have_16_kib(script: str, is_read: bool) -> None:
    assert MAX_SCRIPT_BYTES == 16_384
    assert parse(script) == (A if is_read else None)
    assert read(["sh", "-c", script]) == (A if is_read else NOTHING)


@pytest.mark.parametrize(("opening", "closing"), [("{ ", "; }"), ("( ", " )")])
def test_how_deep_a_script_is_read(opening: str, closing: str) -> None:
    assert parse(opening * (DEPTH - 2) + "a" + closing * (DEPTH - 2)) == A
    assert parse(opening * (DEPTH - 1) + "a" + closing * (DEPTH - 1)) == NOTHING


@pytest.mark.parametrize(
    ("opening", "inner"),
    [
        ("if x; then ", "fi; "),
        ("while x; do ", "done; "),
        ("for x in y; do ", "done; "),
        ("f() { ", "}; "),
        ("x && ", ""),
        ("! x | ", ""),
        ("{ x; ", "}; "),
    ],
)
def test_what_is_too_deep_ends_without_an_error(opening: str, inner: str) -> None:
    depth = MAX_SCRIPT_BYTES // (len(opening) + len(inner) + 3)
    script = script_of(["sh", "-c", opening * depth + "x; " + inner * depth])
    start = time.perf_counter()
    assert len(script.steps) <= DEPTH or opening == "! x | "
    assert len(script.groups) <= 4 * DEPTH or opening == "! x | "
    assert script.seconds == 0
    assert time.perf_counter() - start < 2


def nested(depth: int, statement: Statement) -> Statement:
    for _ in range(depth):
        statement = g(Kind.AND, statement)
    return statement


def test_how_deep_the_steps_and_groups_of_a_statement_are_looked_for() -> None:
    assert [step.program for step in steps(nested(DEPTH - 1, A))] == ["a"]
    assert list(steps(nested(DEPTH, A))) == []
    inner = c("sh", "-c", "a")
    assert [step.program for step in steps(nested(DEPTH - 2, inner))] == ["a"]
    assert list(steps(nested(DEPTH - 1, inner))) == []
    assert [len(list(groups(nested(depth, A)))) for depth in (0, 1, DEPTH, DEPTH + 1)] == [0, 1, DEPTH, DEPTH]


@pytest.mark.parametrize(
    ("command", "index"),
    [
        *(([name, "-c", "a"], 2) for name in ("ash", "bash", "dash", "ksh", "sh", "zsh")),
        (["/usr/local/bin/bash", "-c", "a"], 2),
        (("sh", "-c", "a"), 2),
        (["sh", "-c", "a", "b", "-c"], 2),
        (["sh", "-c", ""], 2),
        (["bash", "-lc", "a"], 2),
        (["bash", "-ce", "a"], 2),
        (["bash", "-xcv", "a"], 2),
        (["bash", "-eucxv", "a"], 2),
        (["sh", "-e", "-c", "a"], 3),
        (["sh", "-c", "-e", "a"], 3),
        (["sh", "+e", "-c", "a"], 3),
        (["sh", "-c", "+x", "a"], 3),
        (["bash", "-euo", "pipefail", "-c", "a"], 4),
        (["bash", "-ceuo", "pipefail", "a"], 3),
        (["bash", "-o", "pipefail", "-c", "a"], 4),
        (["bash", "+o", "posix", "-c", "a"], 4),
        (["bash", "-o", "-c", "-c", "a"], 4),
        (["bash", "-o", UNKNOWN, "-c", "a"], 4),
        (["bash", "-o", "a", "b", "-c", "c"], None),
        (["bash", "--norc", "-c", "a"], 3),
        (["sh", "-c", "--", "-a"], 3),
        (["sh", "-c", "--", UNKNOWN], 3),
        (["sh", "-c", UNKNOWN], 2),
        (["sh", "-c", None], 2),
        (["sh", "-c", 5, "a"], 2),
        (["sh", "-c", "--"], None),
        (["sh", "--", "-c", "a"], None),
        (["sh", "-c"], None),
        (["sh"], None),
        ([], None),
        ((), None),
        (["sh", "a", "-c", "b"], None),
        (["sh", UNKNOWN, "-c", "a"], None),
        (["sh", "-C", "a"], None),
        (["sh", "-1c", "a"], None),
        (["sh", "-c1", "a"], None),
        (["sh", "-e", "a"], None),
        (["bash", "--rc", "a"], None),
        (["bash", "--c", "a"], None),
        (["bash", "+c", "a"], None),
        (["bash", "--o", "a", "-c", "b"], None),
        (["fish", "-c", "a"], None),
        (["SH", "-c", "a"], None),
        (["sh/", "-c", "a"], None),
        (["", "-c", "a"], None),
        ([UNKNOWN, "-c", "a"], None),
        ([None, "-c", "a"], None),
        ([["sh"], "-c", "a"], None),
    ],
)
def test_where_the_script_stands(command: Any, index: int | None) -> None:
    assert script_index(command) == index


def test_the_shells() -> None:
    assert {"ash", "bash", "dash", "ksh", "sh", "zsh"} == SHELLS


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["a", "b && c"], c("a", "b && c")),
        (("a", UNKNOWN, None, 5, ["b"], {"b": 1}, True), c("a", None, None, None, None, None, None)),
        ([UNKNOWN], c(None)),
        ([], c()),
        (["sh", "a"], c("sh", "a")),
        (["sh", "-c"], c("sh", "-c")),
        (["sh", "-c", UNKNOWN, "a"], NOTHING),
        (["sh", "-c", 5], NOTHING),
        (["sh", "-c", ""], g(Kind.SEQUENCE)),
        (["sh", "-c", "a b", "c"], c("a", "b")),
        (["sh", "-c", "sh -c 'a; b'"], c("sh", "-c", "a; b")),
    ],
)
def test_what_a_command_does(command: Any, expected: Statement) -> None:
    assert read(command) == expected


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("a", "a"),
        ("/bin/a", "a"),
        ("./a", "a"),
        ("/", ""),
        ("a/", ""),
        ("", ""),
        ("a b", "a b"),
        *((no_text, "") for no_text in (None, UNKNOWN, 5, True, ["/bin/a"], {"a": 1})),
    ],
)
def test_the_name_of_a_program(word: Any, name: str) -> None:
    assert name_of(word) == name
    text = word if isinstance(word, str) else None
    assert (Command((text, "b")).program, Step((text, "b"), True, True, True).program) == (name, name)
    assert (Command(()).program, Step((), True, True, True).program) == ("", "")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        *(([prefix, "a", "b"], ["a", "b"]) for prefix in ("command", "env", "exec", "nohup", "setsid", "time")),
        (["/usr/bin/env", "a"], ["a"]),
        (["timeout", "5", "a", "b"], ["a", "b"]),
        (["timeout", "-s", "KILL", "5", "a"], ["5", "a"]),
        (["timeout", "--foreground", "5", "a"], ["a"]),
        (["timeout", None, "a"], ["a"]),
        (["timeout", "5"], []),
        (["timeout"], []),
        (["exec", "-a", "b"], ["b"]),
        (["exec", "-c", "-l", "a", "-b"], ["a", "-b"]),
        (["env", "A=b", "_C1=", "-i", "a", "D=e"], ["a", "D=e"]),
        (["env", "Mk_5Bn=b", "kN_97=c", "a"], ["a"]),
        (["env", "1A=b", "a"], ["1A=b", "a"]),
        (["env", "A-B=c", "a"], ["A-B=c", "a"]),
        (["env", "=b", "a"], ["=b", "a"]),
        (["env", None, "a"], [None, "a"]),
        (["exec", "timeout", "5", "nohup", "a"], ["a"]),
        (["timeout", "5", "exec", "a"], ["a"]),
        (["exec"], []),
        (["command", "-v", "a"], ["command", "-v", "a"]),
        (["command", "-V", "a"], ["command", "-V", "a"]),
        (["exec", "command", "-v", "a"], ["command", "-v", "a"]),
        (["command", "-p", "a"], ["a"]),
        (["a", "exec", "b"], ["a", "exec", "b"]),
        ([None, "exec"], [None, "exec"]),
        ([], []),
    ],
)
def test_the_command_behind_its_prefixes(words: list[str | None], expected: list[str | None]) -> None:
    assert unwrapped(words) == unwrapped(tuple(words)) == tuple(expected)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a", ["a SLP"]),
        ("a; b", ["a SP", "b SLP"]),
        ("(a; b)", ["a SP", "b SLP"]),
        ("a && b && c", ["a SLP", "b SLP", "c SLP"]),
        ("a && b; c", ["a SP", "b SP", "c SLP"]),
        ("{ a; b; } && c", ["a SP", "b SLP", "c SLP"]),
        ("a || b", ["a P", "b LP"]),
        ("a; b || c", ["a SP", "b P", "c LP"]),
        ("(a || b) && c", ["a P", "b LP", "c SLP"]),
        ("a | b", ["a ", "b LP"]),
        ("a | b; c", ["a ", "b P", "c SLP"]),
        ("{ a; b; } | c", ["a ", "b ", "c LP"]),
        ("! a", ["a LP"]),
        ("a & b", ["a P", "b SLP"]),
        ("if a; then b; fi", ["a P", "b LP"]),
        ("while a; do b; done", ["a P", "b LP"]),
        ("until a; do b; done; c", ["a P", "b P", "c SLP"]),
        ("for x in y; do a; done", ["a LP"]),
        ("case x in y) a;; esac", ["a LP"]),
        ("f() { a; b; }; f", ["a ", "b ", "f SLP"]),
        ("f() { a; }", ["a "]),
        ("a > f", ["a SL"]),
        ("a &> f", ["a SL"]),
        ("a >&2", ["a SLP"]),
        ("(a; b) > f; c", ["a S", "b S", "c SLP"]),
        ("a | (b > f)", ["a ", "b L"]),
        ("[ -e f ] && a", ["a LP"]),
        ("[[ -e f ]] && a; b", ["a P", "b SLP"]),
        ("test x && a", ["test SLP", "a LP"]),
        ("/bin/test x && a", ["test SLP", "a LP"]),
        ("a && test x && b", ["a SLP", "test SLP", "b LP"]),
        ("! a && b", ["a LP", "b LP"]),
        ("(test x; a) && b", ["test SP", "a SLP", "b LP"]),
        ("a && test x", ["a SLP", "test SLP"]),
        ("if a; then b; fi && c", ["a P", "b LP", "c LP"]),
        ("test x; a && b", ["test SP", "a SLP", "b SLP"]),
        ("exec a", ["a SLP"]),
        ("timeout 5 a; b", ["a SP", "b SLP"]),
        ("sh -c 'a; b' && c", ["a SP", "b SLP", "c SLP"]),
        ("exec bash -ec 'a | b'; c", ["a ", "b P", "c SLP"]),
        ("env A=b sh -c 'bash -c \"a || b\"'", ["a P", "b LP"]),
        ("sh -c 'if'; a", ["a SLP"]),
        ("sh -c $x; a", ["a SLP"]),
        ("sh x; a", ["sh SP", "a SLP"]),
        ("$x; a", [" SP", "a SLP"]),
        ("A=b; a", [" SP", "a SLP"]),
    ],
)
def test_the_steps_of_a_script(script: str, expected: list[str]) -> None:
    """S: it is sure to run; L: the script fails with it; P: what it prints is the script's output."""
    script_steps = list(steps(read(["sh", "-c", script])))
    marks = [("S" * step.sure) + ("L" * step.last) + ("P" * step.printed) for step in script_steps]
    assert [f"{step.program} {mark}" for step, mark in zip(script_steps, marks, strict=True)] == expected


def test_a_test_in_a_commands_own_form() -> None:
    statement = g(Kind.AND, c("[", "-e", "f", "]"), A)
    assert [step.sure for step in steps(statement)] == [True, False]


def test_the_words_of_steps() -> None:
    assert [step.words for step in steps(read(["timeout", "5", "sh", "-c", "exec a 'b c' $d; A=b"]))] == [
        ("a", "b c", None),
        (),
    ]
    assert list(steps(NOTHING)) == []
    assert list(steps(c())) == [Step((), True, True, True)]


def test_the_commands_of_a_script_as_they_stand() -> None:
    statement = read(["sh", "-c", "exec a | b; f() { c; }; if d; then sh -c 'x'; fi &"])
    expected = [c("exec", "a"), B, C, D, c("sh", "-c", "x")]
    assert list(commands(statement)) == expected
    assert list(commands(A)) == [A]


def test_the_functions_of_a_script() -> None:
    statement = read(["sh", "-c", "f() { g() { a; }; }; if b; then function h { c; }; fi; i; sh -c 'j() { a; }'"])
    assert list(functions(statement)) == ["f", "g", "h"]
    assert list(functions(A)) == []


def test_the_groups_of_a_script() -> None:
    statement = parse("(a || b) | c; f() { while a; do b; done; }; sh -c 'a && b'")
    assert isinstance(statement, Group)
    either = g(Kind.OR, A, B)
    assert list(groups(statement)) == [statement, g(Kind.PIPELINE, either, C), either]
    assert list(groups(A)) == []
    assert list(groups(NOTHING)) == [NOTHING]
    assert list(groups(statement, 2)) == [statement, g(Kind.PIPELINE, either, C)]


def test_a_script_knows_all_of_its_parts() -> None:
    script = script_of(["sh", "-c", "f() { /bin/a; }; sleep 2 && { (sleep 3; $b) > x; }"])
    assert script.words == ("sh", "-c", "f() { /bin/a; }; sleep 2 && { (sleep 3; $b) > x; }")
    assert script.statement == parse(str(script.words[2]))
    assert script.steps == tuple(steps(script.statement))
    assert script.groups == tuple(groups(script.statement))
    assert [group.kind for group in script.groups] == [
        Kind.SEQUENCE,
        Kind.AND,
        Kind.OUTPUT_ELSEWHERE,
        Kind.SEQUENCE,
    ]
    assert script.functions == {"f"}
    assert script.programs == {"a", "sleep", ""}
    assert script.seconds == 5
    assert script_of(["tail", "-f", "x"]).seconds == math.inf


def test_a_script_of_no_words() -> None:
    script = script_of(())
    assert (script.words, script.statement, script.steps, script.groups) == ((), NOTHING, (), (NOTHING,))
    assert (script.functions, script.seconds, script.programs) == (frozenset(), 0, frozenset())


def test_the_same_words_are_the_same_script() -> None:
    script = script_of(["sh", "-c", "a"])
    assert script is script_of(("sh", "-c", "a"))
    assert script is not script_of(["sh", "-c", "b"])
    assert script.steps is script.steps
    assert script_of(["a", UNKNOWN, None, 5, ["b"], {}]) is script_of(["a", None, None, None, None, None])
    assert script_of(["a", UNKNOWN]).words == ("a", None)


def test_a_command_that_is_longer_than_any_hook_is_cut_and_not_kept() -> None:
    fits = ["a", "b" * (MAX_SCRIPT_BYTES - 1), UNKNOWN]
    assert script_of(fits) is script_of(fits)
    assert script_of(fits).words == ("a", "b" * (MAX_SCRIPT_BYTES - 1), None)

    longer = ["a", "b" * MAX_SCRIPT_BYTES, "", 5]
    assert script_of(longer) is not script_of(longer)
    assert script_of(longer).words == ("a", "b" * MAX_SCRIPT_BYTES, None, None)
    assert script_of(["b" * (MAX_SCRIPT_BYTES + 1), "a"]).words == (None, "a")
    many = script_of(["ab" * 200] * 65)
    assert isinstance(many, Script)
    assert many.words == ("ab" * 200,) * 64


def test_the_parser_is_made_once() -> None:
    assert shell._parser() is shell._parser()
