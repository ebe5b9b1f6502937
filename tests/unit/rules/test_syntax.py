"""Scripts that no shell takes, and what is said of them; test_shells.py asks the shells."""

import time
from typing import Any

import pytest
from broken import AROUND, STRAY, TAKEN, UNCLOSED, WHOLE

from lifecycle_rules import UNKNOWN, Group, check
from lifecycle_rules.shell import MAX_SCRIPT_BYTES
from lifecycle_rules.syntax import fault

STOPS = "the kubelet reports FailedPreStopHook, and sends the stop signal at once"


@pytest.mark.parametrize(("script", "what"), [*UNCLOSED.items(), *STRAY.items(), *AROUND.items()])
def test_a_script_that_no_shell_takes(script: str, what: str) -> None:
    assert fault(script) == what


@pytest.mark.parametrize("script", [*TAKEN, *WHOLE])
def test_a_script_that_a_shell_may_take(script: str) -> None:
    assert fault(script) is None


def found(*words: Any, event: str = "preStop") -> list[tuple[str, str]]:
    obj = {"spec": {"containers": [{"name": "c", "lifecycle": {event: {"exec": {"command": list(words)}}}}]}}
    all_found = [each for each in check("Pod", obj) if each.rule.group is Group.EFFECTIVE]
    assert {each.rule.id for each in all_found} <= {"exec-script-syntax"}
    return [(each.path.partition(".exec.")[2], each.message) for each in all_found]


@pytest.mark.parametrize(("script", "what"), [*UNCLOSED.items(), *STRAY.items()])
def test_a_hook_with_it(script: str, what: str) -> None:
    assert found("sh", "-c", script) == [("command[2]", f"{what}, and no shell can parse the script: {STOPS}")]


@pytest.mark.parametrize("script", [*TAKEN, *WHOLE])
def test_a_hook_that_a_shell_may_take(script: str) -> None:
    assert found("sh", "-c", script) == []


def test_a_hook_with_such_a_script() -> None:
    what = "`if` on line 1 is never closed by `fi`, and no shell can parse the script"
    script = "if true; then sleep 2"
    for words in (["/bin/sh", "-c"], ["bash", "-ec"], ["dash", "-c"], ["ash", "-c"], ["ksh", "-c"]):
        assert found(*words, script) == [("command[2]", f"{what}: {STOPS}")]
    assert found("bash", "-o", "pipefail", "-c", script, "x") == [("command[4]", f"{what}: {STOPS}")]
    assert found("timeout", "5", "env", "A=b", "sh", "-c", script) == [("command[6]", f"{what}: {STOPS}")]
    stray = "`}` on line 1 matches nothing, and no shell can parse the script"
    assert found("sh", "-c", "} }\r\n") == [("command[2]", f"{stray}: {STOPS}")]
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
        ["sh", "-c", "{{ if .Values.wait }} while a; do sleep 1; {{ end }}"],
        ["echo", "'"],
    ],
)
def test_hooks_of_which_it_is_not_certain(words: list[Any]) -> None:
    assert found(*words) == []


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
