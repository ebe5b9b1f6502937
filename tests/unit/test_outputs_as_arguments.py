"""Outputs as arguments: judged when they are known, before the Pod is created; secrets are never repeated."""

import asyncio
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from lifecycle_demo import LifecycleDemo, LifecycleDemoError, hooks
from tests.unit.recording import Recorder, run

POD = "kubernetes:core/v1:Pod"
SECRET = "hunter2-of-mine"


def later(value: Any) -> pulumi.Output[Any]:
    return pulumi.Output.from_input(value).apply(lambda known: known)


def never(value: Any = None) -> pulumi.Output[Any]:
    """Unknown, as what another resource makes is in a preview."""
    return pulumi.Output.from_input(pulumi.UNKNOWN)


def refused(args: Callable[[], Any]) -> tuple[str, Recorder]:
    """The message that the program ends with, and what it had registered by then."""
    recorders: list[Recorder] = []
    with pytest.raises(LifecycleDemoError) as raised:
        run(lambda: LifecycleDemo("web", args()) and None, made=recorders.append)
    assert POD not in recorders[0].requests
    return str(raised.value), recorders[0]


def inputs(args: Callable[[], Any], **options: Any) -> Any:
    return run(lambda: LifecycleDemo("web", args()) and None, **options).inputs(POD)


ARGUMENTS: dict[str, Any] = {
    "image": "acme/web:1",
    "command": ["/web"],
    "args": ["a"],
    "env": {"A": "b"},
    "ports": [{"container_port": 80, "name": "http", "protocol": "TCP"}],
    "post_start": hooks.http_get("/a", port=80, scheme="HTTP", headers={"X": "y"}),
    "pre_stop": hooks.command("/drain", "now"),
    "termination_grace_period_seconds": 40,
    "share_process_namespace": True,
    "containers": [{"name": "log", "image": "acme/log", "pre_stop": hooks.sleep(3)}],
    "sidecars": [{"name": "proxy", "image": "envoy", "post_start": hooks.http_get(port_name="p")}],
    "container": {"tty": True},
    "pod_spec": {"node_selector": {"a": "b"}},
    "name": "shop",
    "namespace": "acme",
    "labels": {"a": "b"},
    "annotations": {"c": "d"},
}
ARGUMENTS["sidecars"][0]["ports"] = [{"container_port": 81, "name": "p"}]


def deep(value: Any, change: Callable[[Any], Any]) -> Any:
    """With each single value changed."""
    if isinstance(value, dict):
        return {key: deep(each, change) for key, each in value.items()}
    return [deep(each, change) for each in value] if isinstance(value, list) else change(value)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_an_output_is_as_its_value(name: str) -> None:
    expected = inputs(lambda: ARGUMENTS)
    assert inputs(lambda: {**ARGUMENTS, name: deep(ARGUMENTS[name], later)}) == expected


@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_secret_stays_one(name: str) -> None:
    plain = inputs(lambda: ARGUMENTS)
    secret = inputs(lambda: {**ARGUMENTS, name: deep(ARGUMENTS[name], pulumi.Output.secret)})
    marks: list[Any] = []

    def opened(value: Any) -> Any:
        if isinstance(value, list):
            return [opened(each) for each in value]
        if isinstance(value, dict) and "4dabf18193072939515e22adb298388d" in value:
            marks.append(value)
            return opened(value["value"])
        return {key: opened(each) for key, each in value.items()} if isinstance(value, dict) else value

    assert opened(secret) == plain
    assert marks


@pytest.mark.parametrize("name", ARGUMENTS)
def test_what_is_not_known_is_not_judged_and_stays_unknown(name: str) -> None:
    unknown = inputs(lambda: {**ARGUMENTS, name: deep(ARGUMENTS[name], never)}, preview=True)
    assert "04da6b54-80e4-46f7-96ec-b56ff0331ba9" in str(unknown)


def test_what_python_can_await_is_as_its_value() -> None:
    async def soon(value: Any) -> Any:
        await asyncio.sleep(0)
        return value

    expected = inputs(lambda: {"pre_stop": hooks.sleep(40), "image": "acme/web"})
    assert inputs(lambda: {"pre_stop": hooks.sleep(soon(40)), "image": soon("acme/web")}) == expected


def test_the_grace_period_of_a_hook_that_is_known_later() -> None:
    assert inputs(lambda: {"pre_stop": hooks.sleep(later(50))})["spec"]["terminationGracePeriodSeconds"] == 70
    of_both: Any = {"pre_stop": hooks.sleep(later(50)), "shutdown_seconds": later(5)}
    assert inputs(lambda: of_both)["spec"]["terminationGracePeriodSeconds"] == 55
    secret = inputs(lambda: {"pre_stop": hooks.sleep(pulumi.Output.secret(50))})
    assert secret["spec"]["terminationGracePeriodSeconds"] == 70


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (
            lambda: {"pre_stop": hooks.http_get(port=later(0))},
            "pre_stop.http_get.port: Invalid value: 0: must be between",
        ),
        (
            lambda: {"pre_stop": hooks.sleep(later(40)), "termination_grace_period_seconds": 30},
            "pre_stop.sleep: Invalid value: 40: must be non-negative and less than terminationGracePeriodSeconds (30)",
        ),
        (lambda: {"image": later("A B")}, "image: 'A B' is not an image reference"),
        (lambda: {"name": later("A B")}, "name: 'A B' is not a valid name"),
        (lambda: {"pre_stop": hooks.shell(later("sleep inf"))}, "pre_stop.exec.command: never ends"),
        (
            lambda: {"shutdown_seconds": later(90), "termination_grace_period_seconds": 30},
            "shutdown_seconds: is more than termination_grace_period_seconds leaves",
        ),
        (
            lambda: {"sidecars": [{"name": "a", "image": "b", "pre_stop": hooks.http_get(port=later(0))}]},
            "sidecars[0].pre_stop.http_get.port: Invalid value: 0",
        ),
    ],
)
def test_a_wrong_output_is_refused_before_the_pod_is_created(args: Callable[[], Any], line: str) -> None:
    message, _ = refused(args)
    assert message.splitlines()[0] == "LifecycleDemo 'web': 1 invalid argument"
    assert line in message.splitlines()[1]


@pytest.mark.parametrize(
    ("args", "fault"),
    [
        (lambda: {"command": [later(5)]}, "command[0]: the value of the Output is not a string"),
        (lambda: {"args": later("a")}, "args: the value of the Output is not a list"),
        (
            lambda: {"share_process_namespace": later("a")},
            "share_process_namespace: the value of the Output is not",
        ),
        (lambda: {"image": later(None)}, "image: the value of the Output is null"),
        (lambda: {"name": later(5)}, "name: the value of the Output is not a string"),
        (lambda: {"shutdown_seconds": later("a")}, "shutdown_seconds: the value of the Output is not a whole number"),
        (lambda: {"termination_grace_period_seconds": later(1.5)}, "the value of the Output is not a whole number"),
        (lambda: {"args": [later("\ud800")]}, "args[0]: the value of the Output has half a surrogate pair"),
        (
            lambda: {"pre_stop": hooks.sleep(later(float("inf")))},
            "pre_stop.sleep.seconds: the value of the Output",
        ),
        (lambda: {"container": {"stdin": later({1})}}, "container.stdin: the value of the Output is not true or false"),
        (
            lambda: {"image": later(0).apply(lambda _: {1: 2})},
            "image: the value of the Output is not a string",
        ),
        (
            lambda: {"labels": later(0).apply(lambda _: {1: "a"})},
            "labels: the value of the Output has a key that is not a string",
        ),
        (
            lambda: {"container": later(0).apply(lambda _: {"stdinn": {None: "a"}})},
            "container.stdinn: the value of the Output has a key that is not a string",
        ),
        (
            lambda: {"pod_spec": {"tolerations": later([{"key": ["a"]}])}},
            "pod_spec.tolerations[0].key: the value of the Output is not a string",
        ),
    ],
)
def test_an_output_of_the_wrong_type_is_refused(args: Callable[[], Any], fault: str) -> None:
    assert fault in refused(args)[0]


def test_an_output_of_nothing_may_pass_through() -> None:
    assert inputs(lambda: {"container": {"stdin": later(None)}})["spec"]["containers"][0]["stdin"] is None


def test_what_is_wrong_beside_the_unknown_is_said_in_a_preview() -> None:
    args: Any = {"pre_stop": hooks.http_get(never(), port=0), "post_start": hooks.http_get(port=never())}
    with pytest.raises(LifecycleDemoError, match=r"1 invalid argument\n  pre_stop\.http_get\.port: Invalid value: 0"):
        run(lambda: LifecycleDemo("web", args) and None, preview=True)
    half: Any = {"pre_stop": hooks.http_get(later("/x"), port=later(0)), "image": never()}
    with pytest.raises(LifecycleDemoError, match=r"1 invalid argument\n  pre_stop\.http_get\.port: Invalid value: 0"):
        run(lambda: LifecycleDemo("web", half) and None, preview=True)


@pytest.mark.parametrize(
    "args",
    [
        lambda secret: {"pre_stop": hooks.command(secret)},  # one text with blanks, which is no program
        lambda secret: {"pre_stop": hooks.http_get(port=1, headers={"Authorization": secret})},
        lambda secret: {"pre_stop": hooks.shell(secret)},
        lambda secret: {"image": secret},
        lambda secret: {"labels": {"a": secret}},
        lambda secret: {"name": secret},
        lambda secret: {"containers": [{"name": secret, "image": secret}]},
        lambda secret: {"pre_stop": hooks.http_get(port_name=secret)},
    ],
)
def test_no_message_repeats_a_secret(args: Callable[[Any], Any]) -> None:
    value = f"{SECRET} --password {SECRET} && sleep inf"
    openly, _ = refused(lambda: args(later(value)))
    assert "invalid argument" in openly
    secretly, _ = refused(lambda: args(pulumi.Output.secret(value)))
    assert SECRET not in secretly
    assert len(secretly.splitlines()) == len(openly.splitlines())
