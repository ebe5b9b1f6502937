"""YAML is read as Kubernetes reads it: by the quick parser as by the exact one, and by that as by kubectl."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from yamls import OTHERS, PLAIN, documents, manifests

from kubernetes_lifecycle.documents import DocumentError, load
from lifecycle_cli import reading
from tests.generated import IN_FULL, examples

KUBECTL = shutil.which("kubectl", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
HEAD = "apiVersion: example.com/v1\nkind: Foo\nmetadata: {name: x}\n"


def exactly(text: str) -> str:
    """A value with its types, or what is wrong."""
    try:
        return json.dumps(load(text))
    except DocumentError as error:
        return f"error: {error.problem}"


def test_the_quick_parser_agrees_wherever_it_is_asked() -> None:
    asked = 0
    for text in documents(1, examples(60_000)):
        if reading._is_read_differently(text):
            continue
        try:
            value = reading._fast(text)
        except Exception:
            continue
        if isinstance(value, dict):
            asked += 1
            assert json.dumps(value) == exactly(text), text
    assert asked > examples(60_000) / 20


def test_it_is_asked_for_most_manifests_in_block_style() -> None:
    """As tools print them; its speed is what it is there for."""
    texts = [yaml.safe_dump(load(text), sort_keys=False) for text in manifests()]
    assert sum(map(reading._is_read_differently, texts)) < len(texts) / 10


@pytest.mark.parametrize(
    "text",
    [
        "k: {a: yes}",
        'k: {"a":yes}',
        "k: [a:, b]",
        "k: [:a]",
        "k: {a: :b}",
        "k: [>, a]",
        "k: {null}",
        "k: {1.10}",
        "k: {a: b, [c]}",
        "k: {[a]: b}",
        "k: {a\n  b: c}",
        "[a]: b",
        ": v",
        "k: |\n",
        "k: | # c\n# c\n",
        "k: |\n  a",
        "k: 1e1_0",
        "k: 30.0",
        "k: 1e3",
        "- " * 200,
    ],
)
def test_a_trap_goes_to_the_exact_parser(text: str) -> None:
    assert reading._is_read_differently(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30.0", 30),
        ("1e3", 1000),
        ("1.5", 1.5),
        ("1e400", "1e400"),
        ("18446744073709551616", 18446744073709551616.0),
        ("! 'yes'", "yes"),
        ("!!float 1", 1),
        ("!!omap [a: 1]", [{"a": 1}]),
        ("{d: f, <<: {d: g}}", {"d": "g"}),
        ("{<<: {d: g}, d: f}", {"d": "f"}),
        ("{<<: [{a: b}, {a: c, d: e}], d: f}", {"a": "b", "d": "f"}),
    ],
)
def test_a_value(text: str, value: object) -> None:
    found = load(f"k: {text}\n")["k"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [30.0, 1e2, 1.5, 18446744073709551615]}', {"a": [30, 100, 1.5, 18446744073709551615]}),
        ('{"a": "\\ud83d\\ude00", "b": "\\ud83d"}', {"a": "😀", "b": "\ufffd"}),
    ],
)
def test_json(text: str, value: object) -> None:
    assert json.dumps(load(text)) == json.dumps(value)


DEEP = "its nesting is too deep to read"
LARGE = "its aliases make it larger than any object can be"


@pytest.mark.parametrize(
    ("text", "problem", "place"),
    [
        ("- " * 1_000_000, DEEP, (1, 401)),
        ("k:\n" + "- -  " * 100_000 + "a", DEEP, (2, 498)),
        ("? " * 100_000, DEEP, (1, 401)),
        ("k: " + "[" * 100_000, DEEP, (1, 203)),
        ("".join(f"{' ' * depth}a:\n" for depth in range(2000)), DEEP, (201, 201)),
        ('{"a":' * 100_000, DEEP, (1, 1)),
        ('{"a": 1e400}', "1e400 is too large a number", (1, 1)),
        ("a: &a {<<: *a}", "a mapping merges itself", (1, 4)),
        ("a: {<<: 1}", "the merged value is not a mapping", (1, 5)),
        ("a: !!null [b]", "a value does not fit its type", (1, 1)),
        ("a: !!timestamp [b]", "a value does not fit its type", (1, 1)),
        (
            "a: &a {" + ", ".join(f"k{n}: v" for n in range(3000)) + "}\n" + "b: {<<: *a}\n" * 40,
            LARGE,
            (35, 5),
        ),
        ("a: &a [*a]", "a[0] refers to itself", (1, 1)),
    ],
)
def test_what_is_too_much(text: str, problem: str, place: tuple[int, int]) -> None:
    with pytest.raises(DocumentError) as error:
        reading.parsed(text)
    assert (error.value.problem, (error.value.line, error.value.column)) == (problem, place)


def kubectl(text: str) -> Any:
    """What kubectl makes of an object's `spec`; None where it refuses."""
    assert KUBECTL
    command = [KUBECTL, "label", "--local", "-f", "-", "a=b", "-o", "json", "--kubeconfig", "/dev/null"]
    done = subprocess.run(command, input=HEAD + text, capture_output=True, text=True, check=False)
    return json.loads(done.stdout).get("spec") if done.returncode == 0 else None


def as_go_prints(value: object) -> str:
    """Go prints a number without a fraction as an integer, and beyond 64 bits it has no more digits than a float."""
    text = json.dumps(value, sort_keys=True)
    return json.dumps(json.loads(text, parse_int=float, parse_float=float), sort_keys=True)


def readable(text: str) -> object:
    try:
        return load(HEAD + text)
    except DocumentError:
        return None


# What one of the two takes and the other refuses or reads otherwise; nobody means it.
KNOWN = (
    "!!null [a]",
    "!!int {a: b}",
    "!!timestamp [a]",
    "[a:b]",
    "{a:}",
    "---",
    "...",
    "\ufeff",
    "1e400",
    "-1e400",
    '"\\/"',
)
needs_kubectl = pytest.mark.skipif(not KUBECTL, reason="needs kubectl")


def is_key(value: object) -> bool:
    """kubectl refuses a number for a key that is larger than an int64."""
    return not isinstance(value, int | float) or abs(value) < 1 << 63


@needs_kubectl
def test_plain_scalars_as_kubectl_reads_them() -> None:
    """As values in block style, in flow style, and as keys."""
    scalars = [each for each in PLAIN if each not in KNOWN and readable(f"spec:\n- {each}\n")]
    assert len(scalars) > 150
    block = "spec:\n" + "".join(f"- {each}\n" for each in scalars)
    assert as_go_prints(load(HEAD + block)["spec"]) == as_go_prints(kubectl(block))
    flow = [each for each in scalars if readable(f"spec: [{each}, a]\n") and each != "-"]
    text = f"spec: [{', '.join(flow)}]\n"
    assert as_go_prints(load(HEAD + text)["spec"]) == as_go_prints(kubectl(text))
    keys = [each for each in scalars if readable(f"spec:\n- {each}: v\n") and "\n" not in each]
    keys = [each for each in keys if is_key(load(f"- {each}\n")[0])]
    text = "spec:\n" + "".join(f"- {each}: v\n" for each in keys)
    assert as_go_prints(load(HEAD + text)["spec"]) == as_go_prints(kubectl(text))


@needs_kubectl
def test_other_values_as_kubectl_reads_them() -> None:
    """One by one, as one that is refused would hide the others."""
    count = len(OTHERS) if IN_FULL else 25
    for each in OTHERS[:: max(len(OTHERS) // count, 1)]:
        text = f"spec: {each}\n"
        if each in KNOWN:
            continue
        mine = readable(text)
        assert as_go_prints(mine and mine["spec"]) == as_go_prints(kubectl(text)), text  # type: ignore[index]
