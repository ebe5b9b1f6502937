"""A type checker in strict mode finds what is misspelt or contradicts itself, at its line."""

import subprocess
import sys
from pathlib import Path

import pytest

COMPONENTS = Path(__file__).parents[2] / "components"
HANDLER = "ExecHandler | HttpGetHandler | SleepHandler | LifecycleHandlerArgs"
AN_INPUT = f"{HANDLER} | Awaitable[{HANDLER}] | Output[{HANDLER}]"
HEAD = """\
import pulumi
from pulumi_kubernetes.core import v1

from lifecycle_demo import LifecycleDemo, hooks

stack, config = pulumi.StackReference("acme/base/prod"), v1.ConfigMap("config")
"""
LINE = len(HEAD.splitlines()) + 1


WRONG = {
    'LifecycleDemo("a", {"pre_stopp": hooks.sleep(3)})': (
        'Extra key "pre_stopp" for TypedDict "LifecycleDemoArgs"  [typeddict-unknown-key]'
    ),
    'LifecycleDemo("a", {"pre_stop": {"sleep": {"seconds": 3}, "exec": {"command": ["a"]}}})': (
        'Incompatible types (expression has type "dict[str, object]", TypedDict item "pre_stop" has type '
        f'"{AN_INPUT}")  [typeddict-item]'
    ),
    'LifecycleDemo("a", {"pre_stop": {"tcp_socket": {"port": 3}}})': (
        'Incompatible types (expression has type "dict[str, dict[str, int]]", TypedDict item "pre_stop" has '
        f'type "{AN_INPUT}")  [typeddict-item]'
    ),
    'LifecycleDemo("a", {"pre_stop": v1.ProbeArgs()})': (
        'Incompatible types (expression has type "ProbeArgs", TypedDict item "pre_stop" has '
        f'type "{AN_INPUT}")  [typeddict-item]'
    ),
    'LifecycleDemo("a", {"pre_stop": pulumi.Output.from_input(3)})': (
        f'Argument 1 to "from_input" of "Output" has incompatible type "int"; expected "{AN_INPUT}"  [arg-type]'
    ),
    'hooks.http_get("/", prot=80)': ('Unexpected keyword argument "prot" for "http_get"  [call-arg]'),
    'LifecycleDemo("a", {"image": 3})': (
        'Incompatible types (expression has type "int", TypedDict item "image" has type '
        '"str | Awaitable[str] | Output[str]")  [typeddict-item]'
    ),
}


RIGHT = [
    # a dict
    'LifecycleDemo("a", {"image": "x", "pre_stop": {"sleep": {"seconds": 3}}, "post_start": hooks.shell("a"), '
    '"ports": [{"container_port": 80}], "sidecars": [{"name": "b", "image": "c"}], "pod_spec": {"hostPID": True}})',
    # the SDK's class
    'LifecycleDemo("a", {"pre_stop": v1.LifecycleHandlerArgs(exec_=v1.ExecActionArgs(command=["a"]))})',
    'LifecycleDemo("a", {"post_start": {"exec": v1.ExecActionArgs(command=["a"])}})',
    'LifecycleDemo("a", {"ports": [v1.ContainerPortArgs(container_port=80), {"container_port": 90}]})',
    'LifecycleDemo("a", {"container": v1.ContainerArgs(name="x"), "pod_spec": v1.PodSpecArgs(containers=[])})',
    'LifecycleDemo("a", {"container": {"readiness_probe": v1.ProbeArgs()}, "sidecars": [v1.ContainerArgs(name="x")]})',
    # an Output of either
    'LifecycleDemo("a", {"pre_stop": stack.require_output("hook"), "containers": stack.require_output("more")})',
    'LifecycleDemo("a", {"pre_stop": stack.require_output("drain").apply(lambda seconds: hooks.sleep(seconds))})',
    'LifecycleDemo("a", {"pre_stop": pulumi.Output.from_input(v1.LifecycleHandlerArgs())})',
    'LifecycleDemo("a", {"pod_spec": pulumi.Output.from_input(v1.PodSpecArgs(containers=[])), "env": config.data})',
    'LifecycleDemo("a", {"labels": config.metadata.labels, "pre_stop": hooks.http_get(headers=config.data)})',
]
CONFIG = """\
[mypy]
strict = true
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What mypy says of each line, in a program of its own; one run for all, for it takes seconds."""
    folder = tmp_path_factory.mktemp("programs")
    (folder / "mypy.ini").write_text(CONFIG)
    programs = {f"program_{number}.py": line for number, line in enumerate([*WRONG, *RIGHT])}
    for name, line in programs.items():
        (folder / name).write_text(f"{HEAD}{line}\n")
    command = [sys.executable, "-m", "mypy", "--no-error-summary", *programs]
    done = subprocess.run(command, cwd=folder, env={"MYPYPATH": str(COMPONENTS)}, capture_output=True, text=True)
    said: dict[str, list[str]] = {line: [] for line in programs.values()}
    for each in (done.stdout + done.stderr).splitlines():
        name, _, message = each.partition(":")
        said[programs[name]].append(message)
    return said


@pytest.mark.parametrize("line", WRONG)
def test_what_is_wrong_is_found(line: str, found: dict[str, list[str]]) -> None:
    assert found[line][0] == f"{LINE}: error: {WRONG[line]}"  # a note may follow


@pytest.mark.parametrize("line", RIGHT)
def test_what_is_right_is_not(line: str, found: dict[str, list[str]]) -> None:
    assert found[line] == []
