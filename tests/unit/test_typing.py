"""A type checker in strict mode finds what is misspelt or contradicts itself, at its line."""

import subprocess
import sys
from pathlib import Path

import pytest

COMPONENTS = Path(__file__).parents[2] / "components"
HANDLER = "ExecHandler | HttpGetHandler | SleepHandler"


WRONG = {
    'LifecycleDemo("a", {"pre_stopp": hooks.sleep(3)})': (
        '3: error: Extra key "pre_stopp" for TypedDict "LifecycleDemoArgs"  [typeddict-unknown-key]'
    ),
    'LifecycleDemo("a", {"pre_stop": {"sleep": {"seconds": 3}, "exec": {"command": ["a"]}}})': (
        '3: error: Incompatible types (expression has type "dict[str, object]", TypedDict item "pre_stop" has type '
        f'"{HANDLER}")  [typeddict-item]'
    ),
    'LifecycleDemo("a", {"pre_stop": {"tcp_socket": {"port": 3}}})': (
        '3: error: Incompatible types (expression has type "dict[str, dict[str, int]]", TypedDict item "pre_stop" has '
        f'type "{HANDLER}")  [typeddict-item]'
    ),
    'hooks.http_get("/", prot=80)': ('3: error: Unexpected keyword argument "prot" for "http_get"  [call-arg]'),
    'LifecycleDemo("a", {"image": 3})': (
        '3: error: Incompatible types (expression has type "int", TypedDict item "image" has type '
        '"str | Awaitable[str] | Output[str]")  [typeddict-item]'
    ),
}


RIGHT = (
    'LifecycleDemo("a", {"image": "x", "pre_stop": {"sleep": {"seconds": 3}}, "post_start": hooks.shell("a"), '
    '"ports": [{"container_port": 80}], "sidecars": [{"name": "b", "image": "c"}], "pod_spec": {"hostPID": True}})'
)
# The provider's SDK is large, and says nothing of our arguments.
CONFIG = """\
[mypy]
strict = true
[mypy-pulumi_kubernetes.*]
follow_imports = skip
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What mypy says of each line, in a program of its own; one run for all, for it takes seconds."""
    folder = tmp_path_factory.mktemp("programs")
    (folder / "mypy.ini").write_text(CONFIG)
    programs = {f"program_{number}.py": line for number, line in enumerate([*WRONG, RIGHT])}
    for name, line in programs.items():
        (folder / name).write_text(f"from lifecycle_demo import LifecycleDemo, hooks\n\n{line}\n")
    command = [sys.executable, "-m", "mypy", "--no-error-summary", *programs]
    done = subprocess.run(command, cwd=folder, env={"MYPYPATH": str(COMPONENTS)}, capture_output=True, text=True)
    said: dict[str, list[str]] = {line: [] for line in programs.values()}
    for each in (done.stdout + done.stderr).splitlines():
        name, _, message = each.partition(":")
        said[programs[name]].append(message)
    return said


@pytest.mark.parametrize("line", WRONG)
def test_what_is_wrong_is_found(line: str, found: dict[str, list[str]]) -> None:
    assert found[line][0] == WRONG[line]


def test_what_is_right_is_not(found: dict[str, list[str]]) -> None:
    assert found[RIGHT] == []
