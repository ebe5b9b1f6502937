"""Documents that are generated: the traps of YAML 1.1 in every place, and manifests in which something is broken."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from kubernetes_lifecycle.documents import DocumentError, chunks

MANIFESTS = Path(__file__).parents[1] / "manifests" / "good"

_PLAIN = r"""
y Y yes Yes YES yEs n N no No NO on On ON off Off OFF oN true True TRUE tRUE false null Null NULL ~ nULL 0 -0
+0 00 07 08 0777 0o777 0O7 0x1F 0X1f 0b11 0B1 -0x1 +0x1 -0o7 0_7 1_000 1__0 _1 1_ +1 -1 +1_0 1e3 1E3 1e+3 1.e3
.5 -.5 +.5 1. 1.0 1.10 -1.5e-3 1e400 -1e400 12345678901234567 1234567890123456789 9223372036854775807
9223372036854775808 18446744073709551615 18446744073709551616 1e1_0 1e_0 30.0 -9223372036854775808
-9223372036854775809 123456789012345678901234567890 .inf -.inf +.inf .Inf .INF .nan .NaN .NAN inf nan Infinity
NaN 1:30 190:20:30 1:2 2001-01-01 2001-01-01T00:00:00Z = - -- --- ... a#b a:b a::b a: a- -a -a- a,b x,yes 0.
0.0 -0.0 0e0 0x 0o 0b 0b2 0o8 0xg 1.2.3 1_0.5 1e1_0 e3 1e 1e+ +e1 + +- ++1 --1 . ._ ._5 .5_ 5._ 1,000
685_230.15 685.230_15e+03 0x_0A_74_AE +12e03 00.5 09 1e-400 4.9e-324 1.7976931348623157e308 1.8e308
0000000000000000001 0x1p3 0xFFFFFFFFFFFFFFFF 0x10000000000000000 1e16 1234567890123456 0.1234567890123456789
100.000 http://x:80/ a::b
"""
PLAIN = (
    *_PLAIN.split(),
    *("é", "日本", "😀", "a\u00a0b", "a\u2028b", "a b c", "a -yes", "a, b", "a\n  b", "a\n\n  b", "", "yes\n  no"),
)
_OTHERS = r"""
<< ? : , ' " ` @ % & * ! | > # ?a :a ,a [] {} [a] [a,b] {a} {a,b} {a:b} {a:} [a:b] [,] [a,] {,}
"""
OTHERS = (
    *_OTHERS.split(),
    *("{a: b}", "{a: b, c: d}", "[a, {b: c}]", '"{a}"', "[yes, no,on]", "{yes: no}", "{y: 1, no: 2}", "{a: yes}"),
    *(
        "{a: y,b: n}",
        '{"a":b}',
        '{"a":yes}',
        "{? a : b}",
        "[a: b]",
        "[? a]",
        "[a: b, c: d]",
        "[\n    yes,\n    no\n    ]",
    ),
    *("[ 0777 ]", "[1_0,2]", "{a: 0777}", "{ a : yes }", "{a: 1e3}", "[ \"a\",'b' ]", "[yes,# c\n  no]", "{a\n  b: c}"),
    *("'x y'", "'it''s'", '"a\\nb"', '"\\u00e9"', '"\\U0001F600"', '"\\/"', '"\\e"', '"\\N"', '"\\ud83d"', '"a\tb"'),
    *('"a\n  b"', "'a\n  b'", '"yes"', "'no'", "'0777'", "'a: b'", '"#x"', "a # c", "a #", "a\t# c", "a\t", "\ta"),
    *("|\n    x\n    y", "|-\n    yes\n    no: 1", "|+\n    x\n\n", ">\n    a\n    b\n\n    c", "|2\n      a\n    b"),
    *(
        ">-\n    on\n    off\n",
        "|1-\n   a",
        "|\n    - a: b\n    k: v\n\n  # c",
        "|",
        ">",
        "|-",
        "| # c",
        "- a",
        "- - a",
    ),
    *(
        "- a: b\n      c: d",
        "\n    a: b",
        "\n    - a",
        "\n  - a",
        "\n  - yes\n  - no",
        "\n    yes",
        "\n    # c\n    yes",
    ),
    *(
        "yes # c",
        "yes  ",
        "\tyes",
        "- yes",
        "? yes",
        "yes:",
        "yes: x",
        "!!str yes",
        "!!int '1'",
        "!!float 1",
        "!foo bar",
    ),
    *(
        "!!binary aGk=",
        "!!set {a}",
        "!!omap [a: 1]",
        "!!null [a]",
        "!!int {a: b}",
        "&a yes",
        "*a",
        "&a b",
        "{<<: {a: b}}",
    ),
    *("!<tag:yaml.org,2002:str> yes", "!!merge a", "!!timestamp [a]", "! 'yes'", "\x07", "\ufeff", "\x85", "\r"),
)
SCALARS = (*PLAIN, *OTHERS)
_INSERTED = " \t:-?#,[]{}&*!|>'\"%@`~_.0123456789yYnNoOeEx\\\r\x85\u00a0\u2028\ufeffé\n"


def manifests() -> list[str]:
    """The documents of tests/manifests/good."""
    return [each.text for file in sorted(MANIFESTS.glob("*.yaml")) for each in chunks([file.read_text()])]


_SHAPES: tuple[Callable[[Callable[[], str]], str], ...] = (
    lambda s: f"k: {s()}\n",
    lambda s: f"k: {s()}\nj: {s()}\n",
    lambda s: f"{s()}: v\n",
    lambda s: f"a: 1\nk: [{s()},{s()}]\nb: {s()}\n",
    lambda s: f"a: 1\nk:   [ {s()} , {s()} ]\n",
    lambda s: f"k:\n- {s()}\n- {s()}\n",
    lambda s: f"k:\n  - {s()}\n  -   {s()}\n  -\n    {s()}\n",
    lambda s: f"k: {{{s()}: {s()}, {s()}}}\nz: {s()}",
    lambda s: f"k: |\n  {s()}\n  {s()}: {s()}\n",
    lambda s: f"k: >-\n  {s()}\n\n   {s()}: {s()}",
    lambda s: f"k: {s()}\n  {s()}\n",
    lambda s: f"--- # c\nk: {s()}\n...\n",
    lambda s: f"%YAML 1.1\n---\nk: {s()}\n",
    lambda s: f"---\tk: {s()}\n",
    lambda s: f"a: {s()}\nb: {s()}\na: {s()}\n? {s()}\n: {s()}\n",
    lambda s: f"k: \"{s()}\"\nj: '{s()}'\n",
    lambda s: f'{{"a": "{s()}", "b": [{s()}, {s()}]}}',
)


def broken(of: random.Random, text: str) -> str:
    """With one to four things changed."""
    for _ in range(of.randint(1, 4)):
        lines = text.split("\n")
        at = of.randrange(len(lines))
        line = lines[at]
        what = of.random()
        if what < 0.3:
            key, colon, _ = line.partition(": ")
            lines[at] = f"{key}{colon or ': '}{of.choice(SCALARS)}"
        elif what < 0.4:
            lines[at] = of.choice((" ", "  ", "\t")) + line
        elif what < 0.45:
            lines[at] = line[1:]
        elif what < 0.55:
            lines[at] = line + of.choice(
                (" ", "\t", " # c", "\r", " yes", '"', "'", ":", " :", " |", " >-", " &a", " *a")
            )
        elif what < 0.6:
            lines.insert(at, of.choice(("", "# c", "   # c", "\t", "---", "...", "k: yes", "<<: {a: b}", "{{ x }}")))
        elif what < 0.65:
            lines.insert(of.randrange(len(lines)), line)
        elif what < 0.7:
            del lines[at]
        elif what < 0.9:
            place = of.randrange(len(line) + 1)
            lines[at] = line[:place] + of.choice(_INSERTED) + line[place:]
        else:
            other = of.randrange(len(lines))
            lines[at], lines[other] = lines[other], line
        text = "\n".join(lines)
    return text


def documents(seed: int, count: int) -> Iterator[str]:
    """So many of them, each the first that a stream with it has."""
    of = random.Random(seed)
    whole = manifests()
    for number in range(count):
        text = broken(of, of.choice(whole)) if number % 2 else of.choice(_SHAPES)(lambda: of.choice(SCALARS))
        try:
            yield next(chunks([text])).text
        except DocumentError:
            yield text
