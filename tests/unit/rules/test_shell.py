"""How a hook's command is read: the tree of each statement, and the steps in it."""

from typing import Any

import pytest

from lifecycle_rules.loops import Passes
from lifecycle_rules.model import UNKNOWN
from lifecycle_rules.script import MAX_COMMAND, MAX_PROGRAM, Script, script_of
from lifecycle_rules.shell import (
    MAX_SCRIPT_BYTES,
    NOTHING,
    SHELLS,
    Command,
    Group,
    Kind,
    Statement,
    Step,
    Word,
    commands,
    functions,
    groups,
    has_errexit,
    name_of,
    parse,
    read,
    script_index,
    steps,
    unwrapped,
)


def run(*words: Word, **assigned: Word) -> Command:
    return Command(words, tuple(assigned.items()))


def group(kind: Kind, *parts: Statement) -> Group:
    return Group(kind, parts)


A, B, C, D, E = (run(each) for each in "abcde")
SEQUENCE, AND, OR, PIPELINE, BACKGROUND = Kind.SEQUENCE, Kind.AND, Kind.OR, Kind.PIPELINE, Kind.BACKGROUND
WHILE, UNTIL, NOT, FUNCTION, MAYBE = Kind.WHILE, Kind.UNTIL, Kind.NOT, Kind.FUNCTION, Kind.MAYBE
ONCE, NEVER = Passes(1, 1), Passes(0, 0)
OUTPUT, ALL = Kind.OUTPUT_ELSEWHERE, Kind.ALL_ELSEWHERE
EMPTY = group(SEQUENCE)


def times(passes: Passes, body: Statement) -> Group:
    return Group(Kind.FOR, (body,), passes)


A_AND_B = group(SEQUENCE, A, B)
IN_BACKGROUND = group(BACKGROUND, A)
FUNCTION_F = group(FUNCTION, run("f"), A)


@pytest.mark.parametrize(
    ("script", "statement"),
    [
        ("a", A),
        ("a b", run("a", "b")),
        ("a\tb", run("a", "b")),
        ("a \\\n b", run("a", "b")),
        ("", EMPTY),
        (" \n\t", EMPTY),
        ("# a", EMPTY),
        ("a # b", A),
        ("# a\nb # c\n# d", B),
        ("a; b", A_AND_B),
        ("a; b;", A_AND_B),
        ("a\n\nb\n", A_AND_B),
        ("a # &\nb", A_AND_B),
        ("a; b; c", group(SEQUENCE, A, B, C)),
        ("(a)", A),
        ("(a; b)", A_AND_B),
        ("{ a; }", A),
        ("{ a; b; }", A_AND_B),
        ("( (a); { b; } )", A_AND_B),
        ("a && b", group(AND, A, B)),
        ("a || b", group(OR, A, B)),
        ("a && # c\nb", group(AND, A, B)),
        ("a && b || c", group(OR, group(AND, A, B), C)),
        ("a || b && c", group(AND, group(OR, A, B), C)),
        ("a && (b || c)", group(AND, A, group(OR, B, C))),
        ("a; b && c", group(SEQUENCE, A, group(AND, B, C))),
        ("a | b", group(PIPELINE, A, B)),
        ("a |& b", group(PIPELINE, A, B)),
        ("a | b | c", group(PIPELINE, A, B, C)),
        ("a | (b; c)", group(PIPELINE, A, group(SEQUENCE, B, C))),
        ("! a", group(NOT, A)),
        ("! a && b", group(AND, group(NOT, A), B)),
        ("a & ", IN_BACKGROUND),
        ("a & b", group(SEQUENCE, IN_BACKGROUND, B)),
        ("a & # c\nb", group(SEQUENCE, IN_BACKGROUND, B)),
        ("a & b &", group(SEQUENCE, IN_BACKGROUND, group(BACKGROUND, B))),
        ("a; b &", group(SEQUENCE, A, group(BACKGROUND, B))),
        ("a && b &", group(BACKGROUND, group(AND, A, B))),
        ("a | b &", group(BACKGROUND, group(PIPELINE, A, B))),
        ("(a; b) &", group(BACKGROUND, A_AND_B)),
        ("(a & b)", group(SEQUENCE, IN_BACKGROUND, B)),
        ("(a &)", IN_BACKGROUND),
        ("{ a & }", IN_BACKGROUND),
        ("if a; then b; fi", group(MAYBE, A, B)),
        ("if a; then b; fi &", group(BACKGROUND, group(MAYBE, A, B))),
        ("if a & then b & fi", group(MAYBE, IN_BACKGROUND, group(BACKGROUND, B))),
        ("if a; b; then c; else d; e; fi", group(MAYBE, A, B, C, group(MAYBE, D, E))),
        ("if a; then b; else c & fi", group(MAYBE, A, B, group(MAYBE, group(BACKGROUND, C)))),
        ("if a; then b; elif c; then d; else e; fi", group(MAYBE, A, B, group(MAYBE, C, D), group(MAYBE, E))),
        ("if ! a # c\nthen b # d\nfi # e", group(MAYBE, group(NOT, A), B)),
        ("while a; do b; done", group(WHILE, A, B)),
        ("until a; do b; done", group(UNTIL, A, B)),
        ("while a; do # c\nb; done", group(WHILE, A, B)),
        ("while a; b; do c; d; done", group(WHILE, A_AND_B, group(SEQUENCE, C, D))),
        ("until a; b; c; do d; done", group(UNTIL, group(SEQUENCE, A, B, C), D)),
        ("while a | b; do c & done", group(WHILE, group(PIPELINE, A, B), group(BACKGROUND, C))),
        ("while a; do b; done &", group(BACKGROUND, group(WHILE, A, B))),
        ("while a; do b; done < x", group(WHILE, A, B)),
        ("for x in 1; do a; done", times(ONCE, A)),
        ("for x; do a & b; done", times(NEVER, group(SEQUENCE, IN_BACKGROUND, B))),
        ("for x in {1..3} $y; do a; done", times(Passes(1, 3), A)),
        ("select x in 1; do a; done", group(MAYBE, NOTHING, NOTHING, A)),
        ("for ((i = 0; i < 3; i++)); do a; done", times(Passes(3, 3), A)),
        ("for ((i = 0; i < 3; i++)) { a; b; }", times(Passes(3, 3), A_AND_B)),
        ("for ((;;)); do a; done", group(WHILE, run("true"), A)),
        (
            "i=0; while [ $i -lt 3 ]; do a; i=$((i+1)); done",
            group(SEQUENCE, run(i="0"), times(Passes(3, 3), group(SEQUENCE, A, run()))),
        ),
        (
            "i=0; until ((i == 3)); do ((i++)); a; done",
            group(SEQUENCE, run(i="0"), times(Passes(0, 3), group(SEQUENCE, run("let"), A))),
        ),
        (
            "i=3; while [ $i -gt 0 ]; do i=`expr $i - 1`; done",
            group(SEQUENCE, run(i="3"), times(Passes(3, 3), run("expr"))),
        ),
        ("case x in a) a;; esac", group(MAYBE, NOTHING, group(MAYBE, NOTHING, A))),
        (
            "case $x in a|b) a; b & ;; *) ;; esac",
            group(MAYBE, NOTHING, group(MAYBE, NOTHING, NOTHING, A, group(BACKGROUND, B)), group(MAYBE, group(MAYBE))),
        ),
        ("f() { a; }", FUNCTION_F),
        ("f() (a)", FUNCTION_F),
        ("function f { a; }", FUNCTION_F),
        ("function f() { a; }", FUNCTION_F),
        ("f() { a; b & }", group(FUNCTION, run("f"), group(SEQUENCE, A, group(BACKGROUND, B)))),
        ("f() if a; then b; fi", group(FUNCTION, run("f"), group(MAYBE, A, B))),
        ("f() [[ x ]]", group(FUNCTION, run("f"), NOTHING)),
        ("f() { a; }; f", group(SEQUENCE, FUNCTION_F, run("f"))),
        ("[ -e x ]", NOTHING),
        ("[[ -e x ]]", NOTHING),
        ("((1 + 1))", NOTHING),
        ("unset a", NOTHING),
        ("test -e x", run("test", "-e", "x")),
        ("exec a", run("exec", "a")),
        ("time -p a", run("time", "-p", "a")),
    ],
)
def test_the_tree_of_a_script(script: str, statement: Statement) -> None:
    assert parse(script) == statement


@pytest.mark.parametrize(
    ("redirection", "kind"),
    [
        ("> x", OUTPUT),
        (">x", OUTPUT),
        ("1> x", OUTPUT),
        (">> x", OUTPUT),
        (">| x", OUTPUT),
        ("> '1'", OUTPUT),
        ("> 1", OUTPUT),
        ("> $x", OUTPUT),
        (">&3", OUTPUT),
        (">&12", OUTPUT),
        (">&$x", OUTPUT),
        (">&-", OUTPUT),
        ("10> x", None),
        ("1>&2", None),
        (">& x", ALL),
        ("1>& x", OUTPUT),
        ("2>&1 > x", OUTPUT),
        ("> x 1>&2", None),
        ("2> x >&2", ALL),
        ("3>&1 > x 2>&3", OUTPUT),
        ("3> x >&3", OUTPUT),
        ("3> x >&3 2>&3", ALL),
        ("> x > y", OUTPUT),
        ("> x < y", OUTPUT),
        ("< x > y", OUTPUT),
        ("> x <<E\nb\nE", OUTPUT),
        ("&> x", ALL),
        ("&>> x", ALL),
        ("> x 2>&1", ALL),
        ("2> x > y", ALL),
        ("2>> x >> y", ALL),
        ("> x 2>&-", ALL),
        ("2> x", None),
        ("2>&1", None),
        ("2>&-", None),
        ("3> x", None),
        ("3>&1", None),
        (">&1", None),
        (">&2", None),
        ("2>&1 >&2", None),
        ("< x", None),
        ("<&3", None),
        ("<&-", None),
        ("<<E\nb > c\nE", None),
        ("<<-E\nb\nE", None),
        ("<<'E'\n$b\nE\n", None),
    ],
)
def test_what_a_redirection_takes_elsewhere(redirection: str, kind: Kind | None) -> None:
    assert parse(f"a {redirection}") == (group(kind, A) if kind else A)
    for compound in ("(a; b)", "{ a; b; }"):
        assert parse(f"{compound} {redirection}") == (group(kind, A_AND_B) if kind else A_AND_B)


@pytest.mark.parametrize(
    ("script", "statement"),
    [
        ("> x", group(OUTPUT, NOTHING)),
        ("&> x", group(ALL, NOTHING)),
        ("2> x", NOTHING),
        ("< x", NOTHING),
        ("exec > x", group(OUTPUT, run("exec"))),
        ("a | b > x", group(PIPELINE, A, group(OUTPUT, B))),
        ("a && b > x", group(AND, A, group(OUTPUT, B))),
        ("a || b && c > x", group(AND, group(OR, A, B), group(OUTPUT, C))),
        ("! a > x", group(NOT, group(OUTPUT, A))),
        ("! a | b > x", group(PIPELINE, group(NOT, A), group(OUTPUT, B))),
        ("a && ! b | c > x", group(AND, A, group(PIPELINE, group(NOT, B), group(OUTPUT, C)))),
        ("(a && b) > x", group(OUTPUT, group(AND, A, B))),
        ("{ a | b; } > x", group(OUTPUT, group(PIPELINE, A, B))),
        ("> x a b", group(OUTPUT, run("a", "b"))),
        ("2>&1 > x a b", group(OUTPUT, run("a", "b"))),
        ("< x a b", run("a", "b")),
        ("A=b > x a", group(OUTPUT, run("a", A="b"))),
        ("a > x b c > y d", group(OUTPUT, run("a", "b", "c", "d"))),
        ("a >&2 b 5", run("a", "b", "5")),
        ("a 2> x $b 'c d'", run("a", None, "c d")),
        ("f() { a; } > x", FUNCTION_F),
        ("a > x | b", group(PIPELINE, group(OUTPUT, A), B)),
        ("a > x &", group(BACKGROUND, group(OUTPUT, A))),
        ("a > x && b", group(AND, group(OUTPUT, A), B)),
        ("if a; then b; fi > x", group(OUTPUT, group(MAYBE, A, B))),
        ("while a; do b; done &> x", group(ALL, group(WHILE, A, B))),
        ("for x; do a; done > x", group(OUTPUT, times(NEVER, A))),
        ("a <<< b", A),
        ("a <<< b > x", group(OUTPUT, A)),
        ("a <<E\n$(b)\nE\nc", group(SEQUENCE, A, C)),
        ("a <<E > x\nb\nE", group(OUTPUT, A)),
        ("a 2> y <<E > x\nb\nE", group(ALL, A)),
        ("a <<E 2> x\nb\nE", A),
        ("a <<E | b\nc\nE", group(PIPELINE, A, B)),
        ("a <<E | b | c\nd\nE", group(PIPELINE, A, group(PIPELINE, B, C))),
        ("a <<E && b\nc\nE", group(AND, A, B)),
        ("a <<E || b\nc\nE", group(OR, A, B)),
        ("a && b <<E || c\nd\nE", group(OR, group(AND, A, B), C)),
    ],
)
def test_redirections_of_other_statements(script: str, statement: Statement) -> None:
    assert parse(script) == statement


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("b", "b"),
        ("5", "5"),
        ("-5", "-5"),
        ("--", "--"),
        ("b=c", "b=c"),
        ("*", "*"),
        ("~/b", "~/b"),
        ("é", "é"),
        ("'b c'", "b c"),
        ("'b\\c'", "b\\c"),
        ("'$b'", "$b"),
        ("''", ""),
        ('"b c"', "b c"),
        ('"b\nc"', "b\nc"),
        ('"é"', "é"),
        ('"#"', "#"),
        ('""', ""),
        ('"b\\"c"', 'b"c'),
        ('"\\$b\\`\\\\"', "$b`\\"),
        ('"b\\\nc"', "bc"),
        ('"b\\nc"', "b\\nc"),
        ("b'c'", "bc"),
        ("1'2'", "12"),
        ("'b '\"c\"d", "b cd"),
        ('--b="c d"', "--b=c d"),
        ("b\\ c", "b c"),
        ("\\$b", "$b"),
        ("\\\\", "\\"),
        ("$b", None),
        ("${b}", None),
        ("${b:-c}", None),
        ("$(b)", None),
        ("`b`", None),
        ("$((1 + 2))", None),
        ("$'b'", None),
        ("<(b)", None),
        ("{1..3}", None),
        ('"$b"', None),
        ('"b $c"', None),
        ('"b$(c)"', None),
        ("b$c", None),
        ('b"$c"', None),
        ("b\\ 'c'", "b c"),
        ("'b'$c'd'", None),
    ],
)
def test_the_words_of_a_command(text: str, word: Word) -> None:
    assert parse(f"a {text} z") == run("a", word, "z")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("/bin/a", "/bin/a"),
        ("'a b'", "a b"),
        ('"a"', "a"),
        ("a'b'", "ab"),
        ("-a", "-a"),
        ("$a", None),
        ('"$a"', None),
        ("a$b", None),
        ("$(a)", None),
        ("`a`", None),
        ("a\\ b", "a b"),
    ],
)
def test_the_name_of_a_command(text: str, word: Word) -> None:
    assert parse(text) == run(word)
    assert parse(f"{text} z") == run(word, "z")


@pytest.mark.parametrize(
    ("script", "command"),
    [
        ("A=b", run(A="b")),
        ("A=", run(A="")),
        ("A=''", run(A="")),
        ("A='b c'", run(A="b c")),
        ('A="b c"', run(A="b c")),
        ("A=b'c'", run(A="bc")),
        ("A=5", run(A="5")),
        ("A=$b", run(A=None)),
        ("A=b$c", run(A=None)),
        ("A=$(b)", run(A=None)),
        ("A=(1 2)", run(A=None)),
        ("A+=b", run(A="b")),
        ("A=b a c", run("a", "c", A="b")),
        ("A= a", run("a", A="")),
        ("A=$b C='d e' a F=g", run("a", "F=g", A=None, C="d e")),
        ("export A=b", run(A="b")),
        ("export A=b C D='e f' G=$h", run(A="b", D="e f", G=None)),
        ("A=b C=d", run(A="b", C="d")),
        ("A=b C=$d E=", run(A="b", C=None, E="")),
        ("export 'A=b c'", run(A="b c")),
        ('export "A=b" C', run(A="b")),
        ("export 'A b=c'", run()),
        ("export A", run()),
        ("export $A", run()),
        ("readonly A=b", run(A="b")),
        ("local A=b", run(A="b")),
        ("declare -x A=b", run(A="b")),
        ("A[0]=b", Command((), (("A[0]", "b"),))),
    ],
)
def test_the_variables_that_a_command_is_given(script: str, command: Command) -> None:
    assert parse(script) == command


@pytest.mark.parametrize(
    "script", ["a &&", "if", "if a; then b", "a )", "(a", "{ a", "'", '"', "a | ", "& a", "; a", "case x in", "\0"]
)
def test_what_cannot_be_parsed_is_not_judged(script: str) -> None:
    assert parse(script) is None
    assert parse(f"a; {script}") is None
    assert read(["sh", "-c", script]) == NOTHING


def test_texts_as_long_as_a_script_may_be() -> None:
    """Neither its characters nor its bytes may be more; a character of half a pair is one byte."""
    assert MAX_SCRIPT_BYTES == 8192
    spaces = " " * (MAX_SCRIPT_BYTES - 1)
    assert parse(f"a{spaces}") == A
    assert parse(f"{spaces}a") == A
    assert parse(f"a {spaces}") is None
    of_two = "é" * (MAX_SCRIPT_BYTES // 2)
    assert parse(of_two) == run(of_two)
    assert parse(f"{of_two}a") is None
    assert parse(of_two[1:] + "ab") == run(of_two[1:] + "ab")
    assert parse("\ud800" + spaces) == run("?")


def nested(depth: int, inner: Statement, kind: Kind = NOT) -> Statement:
    for _ in range(depth):
        inner = group(kind, inner)
    return inner


COUNTING = "i=0; while [ $i -lt 3 ]; do a; ((i++)); done"


def counting(first: Statement) -> Statement:
    return group(SEQUENCE, run(i="0"), times(Passes(3, 3), group(SEQUENCE, first, run("let"))))


@pytest.mark.parametrize(
    ("script", "above", "statement", "lost"),
    [
        ("a", 58, A, NOTHING),
        ("! a", 57, group(NOT, A), group(NOT, NOTHING)),
        ("a && b", 57, group(AND, A, B), group(AND, NOTHING, NOTHING)),
        ("a | b", 57, group(PIPELINE, A, B), group(PIPELINE, NOTHING, NOTHING)),
        ("a &", 58, IN_BACKGROUND, group(BACKGROUND, NOTHING)),
        ("a > x", 57, group(OUTPUT, A), group(OUTPUT, NOTHING)),
        ("if a; then b; fi", 57, group(MAYBE, A, B), group(MAYBE, NOTHING, NOTHING)),
        ("while a; do b; done", 56, group(WHILE, A, B), group(WHILE, A, NOTHING)),
        ("while a; do b; done", 57, group(WHILE, A, NOTHING), group(WHILE, NOTHING, NOTHING)),
        ("while a; b; do c; done", 56, group(WHILE, A_AND_B, C), group(WHILE, A_AND_B, NOTHING)),
        ("f() { a; }", 56, FUNCTION_F, group(FUNCTION, run("f"), NOTHING)),
        (COUNTING, 56, counting(A), counting(NOTHING)),
    ],
)
def test_statements_that_are_too_deep_are_not_read(
    script: str, above: int, statement: Statement, lost: Statement
) -> None:
    for opening, closing in (("( ", "\n)"), ("{ ", "\n}")):
        assert parse(opening * above + script + closing * above) == statement
        assert parse(opening * (above + 1) + script + closing * (above + 1)) == lost


@pytest.mark.parametrize(("operator", "kind"), [("&&", AND), ("||", OR)])
def test_of_a_list_that_is_too_long_the_beginning_is_not_read(operator: str, kind: Kind) -> None:
    whole: Statement = A
    for _ in range(58):
        whole = group(kind, whole, B)
    assert parse("a" + f" {operator} b" * 58) == whole
    part = group(kind, NOTHING, NOTHING)
    for _ in range(58):
        part = group(kind, part, B)
    assert parse("a" + f" {operator} b" * 59) == parse("a" + f" {operator} b" * 1000) == part


@pytest.mark.parametrize(
    ("script", "programs"),
    [
        ("a && " * 1500 + "b", "a b"),
        ("a || " * 1500 + "b", "a b"),
        ("a | " * 1500 + "b", "a b"),
        ("a;" * 4000, "a"),
        ("a &" * 2500, "a"),
        ("! a | " * 1250 + "b", "a b"),
        ("(" * 2500 + "a" + ")" * 2500, ""),
        ("{ " * 1500 + "a; " + "} ;" * 1500, ""),
        ("if a; then " * 250 + "b;" + " fi;" * 250, "a"),
        ("if a; then b;" + "elif a; then b;" * 450 + "fi", "a b"),
        ("while a; do " * 300 + "b; " + "done;" * 300, "a"),
        ("f() { " * 500 + "a; " + "} ;" * 500, ""),
        ("echo " + "$(" * 1500 + "a" + ")" * 1500, "echo"),
        ("a" + "'b'\"c\"" * 1000, "a" + "bc" * 1000),
        ("a " + "> x " * 2000, "a"),
        ("env " * 2000 + "a", "a"),
        ("env " + "A=b " * 2000 + "a", "a"),
    ],
)
def test_nothing_is_too_deep_or_too_long_to_be_read(script: str, programs: str) -> None:
    found = Script(("sh", "-c", script))
    assert found.programs == set(programs.split())
    assert len(found.groups) <= 2501
    assert found.functions <= {"f"}
    assert found.seconds == 0


@pytest.mark.parametrize(
    ("command", "index"),
    [
        (["sh", "-c", "x"], 2),
        (["/bin/sh", "-c", "x"], 2),
        (["sh", "-c", "x", "y"], 2),
        (["sh", "-c", UNKNOWN], 2),
        (["sh", "-c", ""], 2),
        (["bash", "-lc", "x"], 2),
        (["bash", "-cl", "x"], 2),
        (["bash", "-lce", "x"], 2),
        (["bash", "-xlcue", "x"], 2),
        (["sh", "-e", "-c", "x"], 3),
        (["sh", "-c", "-e", "x"], 3),
        (["sh", "-c", "-e", "-x", "y"], 4),
        (["sh", "+e", "-c", "x"], 3),
        (["sh", "-c", "+e", "x"], 3),
        (["bash", "--login", "-c", "x"], 3),
        (["bash", "-c", "--login", "x"], 3),
        (["zsh", "--zero", "-c", "x"], 3),
        (["sh", "-o", "pipefail", "-c", "x"], 4),
        (["sh", "-o", UNKNOWN, "-c", "x"], 4),
        (["sh", "-o", "-c", "-c", "x"], 4),
        (["sh", "-eo", "pipefail", "-c", "x"], 4),
        (["sh", "+o", "pipefail", "-c", "x"], 4),
        (["sh", "-c", "-o", "pipefail", "x"], 4),
        (["sh", "-co", "pipefail", "x"], 3),
        (["sh", "-o", "--", "-c", "x"], 4),
        (["sh", "-c", "--", "x"], 3),
        (["sh", "-c", "--", "-x"], 3),
        (["sh", "-c", "--", "x", "y"], 3),
        (["sh", "-c", "--", UNKNOWN], 3),
        (["sh", "-", "-c", "x"], None),
        (["sh", "-c", "-", "-x"], 3),
        (["bash", "-Eeuo", "pipefail", "-c", "x"], 4),
        (["bash", "-O", "extglob", "-c", "x"], 4),
        (["bash", "+O", "extglob", "-c", "x"], 4),
        (["bash", "-oO", "pipefail", "extglob", "-c", "x"], 5),
        (["bash", "-oc", "pipefail", "x"], 3),
        (["bash", "-eoc", "pipefail", "x"], 3),
        (["bash", "--rcfile", "y", "-c", "x"], 4),
        (["bash", "--init-file", "y", "-c", "x"], 4),
        (["bash", "--norc", "-c", "x"], 3),
        ([], None),
        (["sh"], None),
        (["sh", "-c"], None),
        (["sh", "-c", "-e"], None),
        (["sh", "-c", "--"], None),
        (["sh", "--", "-c"], None),
        (["sh", "--", "x", "y"], None),
        (["sh", "-o"], None),
        (["sh", "-o", "-c"], None),
        (["sh", "-co", "x"], None),
        (["sh", "x.sh"], None),
        (["sh", "x.sh", "-c", "y"], None),
        (["sh", "-e", "x.sh"], None),
        (["sh", "--cc", "x"], None),
        (["sh", "+c", "x"], None),
        (["sh", UNKNOWN, "-c", "x"], None),
        (["sh", None, "x"], None),
        ([UNKNOWN, "-c", "x"], None),
        (["env", "sh", "-c", "x"], None),
        (["fish", "-c", "x"], None),
        (["/bin/sh/", "-c", "x"], None),
        (["", "-c", "x"], None),
    ],
)
def test_where_the_script_stands(command: list[Any], index: int | None) -> None:
    assert script_index(command) == index
    assert script_index(tuple(command)) == index


@pytest.mark.parametrize("shell", ["ash", "bash", "dash", "ksh", "sh", "zsh"])
def test_the_shells(shell: str) -> None:
    assert script_index([shell, "-c", "x"]) == script_index([f"/usr/bin/{shell}", "-c", "x"]) == 2
    assert shell in SHELLS and len(SHELLS) == 6


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("a", "a"),
        ("/bin/a", "a"),
        ("./a", "a"),
        ("a/", ""),
        ("", ""),
        (None, ""),
        (UNKNOWN, ""),
        (5, ""),
        (["a"], ""),
    ],
)
def test_the_name_of_a_program(word: Any, name: str) -> None:
    assert name_of(word) == name


def test_the_programs_of_a_command_and_a_step() -> None:
    for words, program in ((("/bin/a", "b/c"), "a"), ((None, "a"), ""), ((), "")):
        assert Command(words).program == program
        assert Step(words, sure=True, last=True, printed=True).program == program


@pytest.mark.parametrize(
    ("command", "statement"),
    [
        (["a", "b c"], run("a", "b c")),
        (["a", "&&", "$b"], run("a", "&&", "$b")),
        (["a", UNKNOWN, None, 5], run("a", None, None, None)),
        (["sh", "x.sh"], run("sh", "x.sh")),
        (["sh", "-c"], run("sh", "-c")),
        ([], run()),
        (["sh", "-c", "a; b", "c"], A_AND_B),
        (["sh", "-c", ""], EMPTY),
        (["sh", "-c", UNKNOWN], NOTHING),
        (["sh", "-c", None], NOTHING),
        (["sh", "-c", 5], NOTHING),
        (["sh", "-c", "a" * (MAX_SCRIPT_BYTES + 1)], NOTHING),
    ],
)
def test_what_a_command_does(command: list[Any], statement: Statement) -> None:
    assert read(command) == statement


@pytest.mark.parametrize(
    ("words", "inner"),
    [
        ("a -b", "a -b"),
        ("exec a -b", "a -b"),
        ("exec -c a", "a"),
        ("/usr/bin/nohup a", "a"),
        ("setsid -w a", "a"),
        ("time -p a", "a"),
        ("command a", "a"),
        ("command -p a", "a"),
        ("command -v a", "command -v a"),
        ("command -V a", "command -V a"),
        ("exec command -v a", "command -v a"),
        ("env a", "a"),
        ("env A=b a C=d", "a C=d"),
        ("env -i A=b _c1=d a", "a"),
        ("env A=b -i a", "a"),
        ("env aB_1=c a", "a"),
        ("env 1A=b a", "1A=b a"),
        ("env =b a", "=b a"),
        ("env A-B=c a", "A-B=c a"),
        ("timeout 5 a -b", "a -b"),
        ("timeout --preserve-status 5 a", "a"),
        ("timeout 5", ""),
        ("timeout", ""),
        ("exec", ""),
        ("env A=b", ""),
        ("command -pv a", "command -pv a"),
        ("command -p -v a", "command -p -v a"),
        ("command -p a -v", "a -v"),
        ("time -v a", "a"),
        ("timeout -v 5 a", "a"),
        ("timeout -s TERM 5 a", "a"),
        ("timeout -sTERM 5 a", "a"),
        ("timeout --signal TERM 5 a", "a"),
        ("timeout --signal=TERM 5 a", "a"),
        ("timeout -k 1 -vs 9 5 a", "a"),
        ("timeout --kill-after 1 5 a", "a"),
        ("env -u A a", "a"),
        ("env A=u b a", "b a"),
        ("env -C / --unset B --chdir /c A=b a", "a"),
        ("env -- A=b a", "A=b a"),
        ("exec -a x a", "a"),
        ("exec -la x a", "a"),
        ("time -f %e -o x a", "a"),
        ("time --format %e --output x a", "a"),
        ("timeout -- 5 a", "a"),
        ("exec timeout 5 env A=b nohup a b", "a b"),
        ("a exec b", "a exec b"),
        ("", ""),
    ],
)
def test_the_command_behind_its_prefixes(words: str, inner: str) -> None:
    found = unwrapped(words.split())
    assert found == unwrapped(tuple(words.split()))
    assert found.words == tuple(inner.split())
    assert " ".join([*(str(word) for prefix in found.prefixes for word in prefix), *inner.split()]) == words


@pytest.mark.parametrize("prefix", ["command", "env", "exec", "nohup", "setsid", "time", "timeout 1"])
def test_each_prefix(prefix: str) -> None:
    own = tuple(prefix.split())
    assert unwrapped([*own, "a", None]) == (("a", None), (own,))
    assert unwrapped([f"/bin/{own[0]}", *own[1:], "a"]) == (("a",), ((f"/bin/{own[0]}", *own[1:]),))
    assert unwrapped([*own, None, "a"]) == ((None, "a"), (own,))


def test_prefixes_of_what_is_not_known() -> None:
    assert unwrapped([None, "exec", "a"]) == ((None, "exec", "a"), ())
    assert unwrapped(["timeout", None, "a"]) == (("a",), (("timeout", None),))
    assert unwrapped(["timeout", "-k", None, "5", "a"]) == (("a",), (("timeout", "-k", None, "5"),))
    assert unwrapped(["exec", "timeout", "-v", "5", "env", "A=b", "a"]).prefixes == (
        ("exec",),
        ("timeout", "-v", "5"),
        ("env", "A=b"),
    )


def told(statement: Statement) -> list[str]:
    """Each step's program, and the letters of what is true of it: sure, last, printed."""
    letters = ("sure", "last", "printed")
    return [" ".join([each.program, "".join(x[0] for x in letters if getattr(each, x))]) for each in steps(statement)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("", ""),
        ("a", "a slp"),
        ("exec /bin/a", "a slp"),
        ("$x", " slp"),
        ("A=b", " slp"),
        ("a; b; c", "a sp, b sp, c slp"),
        ("a && b && c", "a slp, b slp, c slp"),
        ("a && b; c", "a sp, b sp, c slp"),
        ("a || b", "a p, b lp"),
        ("a || b || c", "a p, b p, c lp"),
        ("{ a || b; } && c", "a p, b lp, c slp"),
        ("a || b; c", "a p, b p, c slp"),
        ("a | b | c", "a , b , c lp"),
        ("{ a; b; } | c", "a , b , c lp"),
        ("a | { b; c; }; d", "a , b p, c p, d slp"),
        ("a &", "a lp"),
        ("a & b", "a p, b slp"),
        ("! a", "a lp"),
        ("if a; then b; else c; fi", "a p, b p, c lp"),
        ("if a; then b; elif c; then d; fi; e", "a p, b p, c p, d p, e slp"),
        ("while a; do b; c; done", "a p, b p, c lp"),
        ("until a; do b; done; c", "a p, b p, c slp"),
        ("for x in 1; do a; done", "a lp"),
        ("case x in a) a;; b) b;; esac", "a p, b lp"),
        ("f() { a; b; }; f", "a , b , f slp"),
        ("f() { a; }", "a "),
        ("a > x", "a sl"),
        ("a &> x", "a sl"),
        ("a 2> x", "a slp"),
        ("(a; b) > x; c", "a s, b s, c slp"),
        ("a > x && b", "a sl, b slp"),
        ("while a; do b; done > x", "a , b l"),
        ("[ -e x ] && a", "a lp"),
        ("[[ -e x ]] && a && b", "a lp, b lp"),
        ("[ -e x ] && a; b", "a p, b slp"),
        ("[ -e x ] || a", "a lp"),
        ("a && [ -e x ]", "a slp"),
        ("a && [ -e x ] && b", "a slp, b lp"),
        ("/usr/bin/test x && a", "test slp, a lp"),
        ("test x; a && b", "test sp, a slp, b slp"),
        ("a && test x && b", "a slp, test slp, b lp"),
        ("(test x; a) && b", "test sp, a slp, b lp"),
        ("test x > y && b", "test sl, b lp"),
        ("(test x || a) && b", "test p, a lp, b lp"),
        ("(a; b) && c", "a sp, b slp, c slp"),
        ("! a && b", "a lp, b lp"),
        ("if a; then b; fi && c", "a p, b lp, c lp"),
        ("a && (test x; b)", "a slp, test sp, b slp"),
        ("sh -c 'a; b'", "a sp, b slp"),
        ("sh -c 'a; b'; c", "a sp, b sp, c slp"),
        ("sh -c 'a; b' > x", "a s, b sl"),
        ("sh -c 'a || b' && c", "a p, b lp, c slp"),
        ("exec timeout 5 sh -ec 'a | b'", "a , b lp"),
        ("sh -c \"sh -c 'a; b'; c\"", "a sp, b sp, c slp"),
        ("sh -c $x; a", "a slp"),
        ("sh -c 'if'; a", "a slp"),
        ("sh x.sh; a", "sh sp, a slp"),
        ("command -v a && b", "command slp, b slp"),
        ("exit; a", "exit sp, a lp"),
        ("a && exit 0; b", "a sp, exit sp, b lp"),
        ("a && exit && b; c", "a sp, exit sp, b p, c lp"),
        ("[ -e x ] && exit 0; a; b", "exit p, a p, b lp"),
        ("a || exit; b", "a p, exit p, b lp"),
        ("if a; then return; fi; b", "a p, return p, b lp"),
        ("f() { exit; }; a", "exit , a lp"),
        ("exec a; b", "a sp, b lp"),
        ("exec > x; b", " s, b slp"),
        ("kill 1; a", "kill sp, a slp"),
        ("(exit); a", "exit sp, a lp"),
        ("[ -e x ]; a", "a slp"),
        ("a && ! b && c", "a slp, b lp, c lp"),
    ],
)
def test_the_steps_of_a_script(script: str, expected: str) -> None:
    assert told(read(["sh", "-c", script])) == (expected.split(", ") if expected else [])


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exec timeout 5 a b; c", ["exec timeout 5 a b", "c"]),
        ("timeout 5 sh -c 'a; nohup b' | c", ["timeout 5 sh -c a; nohup b", "a", "nohup b", "c"]),
        ("sh x.sh", ["sh x.sh"]),
    ],
)
def test_steps_as_they_are_written(script: str, words: list[str]) -> None:
    found = list(steps(read(["sh", "-c", script]), as_written=True))
    assert [" ".join(word or "" for word in each.words) for each in found] == words
    assert found[0].sure is ("|" not in script)


@pytest.mark.parametrize(
    ("options", "script", "expected"),
    [
        ("sh -c", "a", False),
        ("sh -e -c", "a", True),
        ("sh -ec", "a", True),
        ("sh -o errexit -c", "a", True),
        ("sh -o pipefail -c", "a", False),
        ("sh +e -c", "a", False),
        ("sh -c", "set -e; a", True),
        ("sh -c", "a; set -o errexit", True),
        ("sh -c", "set -x; a -e", False),
        ("sh -c", "sh -ec a", False),
    ],
)
def test_whether_a_failure_ends_a_script(options: str, script: str, expected: bool) -> None:
    words = (*options.split(), script)
    assert has_errexit(words[:-1], read(words)) is expected
    assert Script(words).has_errexit is expected


def test_the_words_of_a_step_are_those_of_the_command_itself() -> None:
    (step,) = steps(run("exec", "timeout", "5", "/bin/a", None, "b"))
    assert step == Step(("/bin/a", None, "b"), sure=True, last=True, printed=True)
    assert list(steps(run("sh", "-c", None))) == []
    assert [each.words for each in steps(read(["sh", "-c", "exec > x; A=b; a $b c"]))] == [(), (), ("a", None, "c")]


def test_a_bracket_may_be_a_command() -> None:
    assert told(group(AND, run("/bin/[", "x", "]"), A)) == ["[ slp", "a lp"]


def test_the_steps_of_what_is_too_deep_are_not_told() -> None:
    assert told(nested(59, A)) == ["a lp"]
    assert told(nested(60, A)) == []
    inner = run("sh", "-c", "a")
    assert told(nested(58, inner, SEQUENCE)) == ["a slp"]
    assert told(nested(59, inner, SEQUENCE)) == []
    assert told(nested(500, A)) == []


ALL_THERE_IS = "f() { a; g() { exec b; }; }; while c; do d && e; done > x; sh -c 'i | j'"


def test_the_commands_of_a_statement_as_they_stand() -> None:
    statement = read(["sh", "-c", ALL_THERE_IS])
    assert list(commands(statement)) == [A, run("exec", "b"), C, D, E, run("sh", "-c", "i | j")]
    assert list(commands(A)) == [A]
    assert list(commands(NOTHING)) == []


def test_the_functions_of_a_statement() -> None:
    assert list(functions(read(["sh", "-c", ALL_THERE_IS]))) == ["f", "g"]
    assert list(functions(read(["sh", "-c", "if a; then f() { b; }; fi; (g() { c; }) > x"]))) == ["f", "g"]
    assert list(functions(run("f"))) == list(functions(group(SEQUENCE, run("f"), A))) == []
    assert list(functions(group(FUNCTION, NOTHING, FUNCTION_F))) == ["f"]


def test_the_groups_of_a_statement() -> None:
    statement = read(["sh", "-c", ALL_THERE_IS])
    assert isinstance(statement, Group)
    loop = group(WHILE, C, group(AND, D, E))
    assert list(groups(statement)) == [statement, group(OUTPUT, loop), loop, group(AND, D, E)]
    assert list(groups(A)) == list(groups(FUNCTION_F)) == []
    assert list(groups(NOTHING)) == [NOTHING]


def test_the_groups_of_what_is_too_deep_are_not_told() -> None:
    assert len(list(groups(nested(59, A)))) == 59
    assert len(list(groups(nested(60, A)))) == len(list(groups(nested(500, A)))) == 60
    assert len(list(groups(nested(3, A), 2))) == 2


def test_a_script_and_what_is_in_it() -> None:
    script = Script(("sh", "-c", "f() { sleep 1; }; sleep 2; (f | a) > x"))
    assert script.words == ("sh", "-c", "f() { sleep 1; }; sleep 2; (f | a) > x")
    assert script.statement == group(
        SEQUENCE,
        group(FUNCTION, run("f"), run("sleep", "1")),
        run("sleep", "2"),
        group(OUTPUT, group(PIPELINE, run("f"), A)),
    )
    assert script.steps == tuple(steps(script.statement))
    assert [each.words for each in script.steps] == [("sleep", "1"), ("sleep", "2"), ("f",), ("a",)]
    assert [each.kind for each in script.groups] == [SEQUENCE, OUTPUT, PIPELINE]
    assert script.functions == frozenset({"f"})
    assert script.programs == frozenset({"sleep", "f", "a"})
    assert script.seconds == 2
    for name in ("statement", "steps", "groups", "functions", "seconds", "programs"):
        assert getattr(script, name) is getattr(script, name)


def test_a_script_of_no_words() -> None:
    script = script_of([])
    assert (script.words, script.statement, script.steps, script.seconds) == ((), NOTHING, (), 0)
    assert (script.groups, script.functions, script.programs) == ((NOTHING,), frozenset(), frozenset())


def test_the_same_words_are_the_same_script() -> None:
    script = script_of(["sh", "-c", "a b"])
    assert script_of(("sh", "-c", "a b")) is script
    assert script_of(["sh", "-c", "a  b"]) is not script
    unknown = script_of(["a", UNKNOWN, ""])
    assert unknown.words == ("a", None, "")
    assert script_of(["a", None, ""]) is script_of(["a", 5, ""]) is script_of(["a", ["b"], ""]) is unknown


def test_as_many_scripts_are_kept_as_a_stack_may_have() -> None:
    script = script_of(["kept"])
    for number in range(1023):
        script_of(["kept", str(number)])
    assert script_of(["kept"]) is script
    for number in range(1024):
        script_of(["kept", str(number)])
    assert script_of(["kept"]) is not script


def test_of_a_command_that_is_longer_than_any_hook_only_the_program_is_known() -> None:
    half = "a" * (MAX_SCRIPT_BYTES - 3)
    longest = [half, UNKNOWN, half, "b"]
    assert sum(len(each) + 1 for each in (half, "", half, "b")) == MAX_COMMAND - 1
    assert script_of([*longest, ""]).words == (half, None, half, "b", "")
    assert script_of([*longest, "", UNKNOWN]) is script_of([*longest, "c"])
    assert script_of([*longest, "c"]).words == script_of([UNKNOWN, "c" * MAX_COMMAND]).words == (None, None)
    assert script_of([*longest, "c"]).statement == Command((None, None))

    many = ["a"] * (MAX_COMMAND // 2)
    assert script_of(many).words == tuple(many)
    assert script_of([*many, "a"]).words == ("a", None)
    assert script_of(["sh", "-c", "a;" * MAX_COMMAND]).statement == Command(("sh", None))
    program = "a" * (MAX_PROGRAM - 1)
    assert script_of([program, *many]).words == (program, None)
    assert script_of([program + "a", *many]).words == (None, None)
    assert script_of([""] * (MAX_COMMAND + 1)).words == (None, None)
