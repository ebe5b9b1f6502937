"""Each argument as Pulumi's users hold it: a dict, the SDK's own class, and an Output of either, at any depth."""

import asyncio
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi_kubernetes.core import v1

from lifecycle_demo import LifecycleDemo, LifecycleDemoError, hooks, pod_template
from tests.unit.recording import run
from tests.unit.test_outputs_as_arguments import ARGUMENTS, POD, SECRET, inputs, later, never, refused

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
MARK = "4dabf18193072939515e22adb298388d"  # the key by which Pulumi marks a secret
# Beside each argument of ARGUMENTS that is an object: the same as the SDK's class.
CLASSES: dict[str, Callable[[], Any]] = {
    "ports": lambda: [v1.ContainerPortArgs(container_port=80, name="http", protocol="TCP")],
    "post_start": lambda: v1.LifecycleHandlerArgs(
        http_get=v1.HTTPGetActionArgs(
            path="/a", port=80, scheme="HTTP", http_headers=[v1.HTTPHeaderArgs(name="X", value="y")]
        )
    ),
    "pre_stop": lambda: v1.LifecycleHandlerArgs(exec_=v1.ExecActionArgs(command=["/drain", "now"])),
    "containers": lambda: [
        v1.ContainerArgs(
            name="log",
            image="acme/log",
            lifecycle=v1.LifecycleArgs(pre_stop=v1.LifecycleHandlerArgs(sleep=v1.SleepActionArgs(seconds=3))),
        )
    ],
    "sidecars": lambda: [
        v1.ContainerArgs(
            name="proxy",
            image="envoy",
            ports=[v1.ContainerPortArgs(container_port=81, name="p")],
            lifecycle=v1.LifecycleArgs(
                post_start=v1.LifecycleHandlerArgs(http_get=v1.HTTPGetActionArgs(path="/", port="p"))
            ),
        )
    ],
    "container": lambda: v1.ContainerArgs(name="web-container", tty=True),
    "pod_spec": lambda: v1.PodSpecArgs(containers=[], node_selector={"a": "b"}),
}
WHOLE = [name for name, value in ARGUMENTS.items() if isinstance(value, dict | list)]


def given(name: str, value: Any) -> dict[str, Any]:
    return {**ARGUMENTS, "name": "web", name: value}


def each_way(value: Callable[[], Any], change: Callable[[Any], Any]) -> list[Callable[[], Any]]:
    """An Output of all of it, and of each item in it."""
    ways: list[Callable[[], Any]] = [lambda: change(value())]
    if isinstance(value(), list):
        ways.append(lambda: [change(each) for each in value()])
    if type(value()) is dict:
        ways.append(lambda: {key: change(each) for key, each in value().items()})
    return ways


def opened(value: Any, marks: list[Any]) -> Any:
    """Without the marks of secrets, which are added to `marks`."""
    if isinstance(value, list):
        return [opened(each, marks) for each in value]
    if isinstance(value, dict) and MARK in value:
        marks.append(value)
        return opened(value["value"], marks)
    return {key: opened(each, marks) for key, each in value.items()} if isinstance(value, dict) else value


async def soon(value: Any) -> Any:
    await asyncio.sleep(0)
    return value


def test_each_argument_that_is_an_object_of_kubernetes_has_its_class() -> None:
    assert set(WHOLE) - set(CLASSES) == {"command", "args", "env", "labels", "annotations"}


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_is_as_its_dict(name: str) -> None:
    assert inputs(lambda: given(name, CLASSES[name]())) == inputs(lambda: given(name, ARGUMENTS[name]))


@pytest.mark.parametrize("change", [later, soon])
@pytest.mark.parametrize("name", WHOLE)
def test_an_output_of_the_whole_is_as_its_value(name: str, change: Callable[[Any], Any]) -> None:
    expected = inputs(lambda: given(name, ARGUMENTS[name]))
    for value in filter(None, (lambda: ARGUMENTS[name], CLASSES.get(name))):
        for way in each_way(value, change):
            assert inputs(lambda way=way: given(name, way())) == expected  # type: ignore[misc]


@pytest.mark.parametrize("name", WHOLE)
def test_a_secret_whole_stays_one(name: str) -> None:
    expected = inputs(lambda: given(name, ARGUMENTS[name]))
    for value in filter(None, (lambda: ARGUMENTS[name], CLASSES.get(name))):
        for way in each_way(value, lambda each: pulumi.Output.secret(None).apply(lambda _: each)):
            marks: list[Any] = []
            assert opened(inputs(lambda way=way: given(name, way())), marks) == expected  # type: ignore[misc]
            assert marks


@pytest.mark.parametrize("name", WHOLE)
def test_an_unknown_whole_stays_unknown(name: str) -> None:
    for way in each_way(lambda: ARGUMENTS[name], never):
        pod = inputs(lambda way=way: given(name, way()), preview=True)  # type: ignore[misc]
        assert UNKNOWN in str(pod)
        assert pod["metadata"]["name"] == "web"


@pytest.mark.parametrize("name", WHOLE)
def test_beside_an_unknown_whole_the_rest_is_judged(name: str) -> None:
    wrong: Any = {"shutdown_seconds": -1, "pre_stop": hooks.http_get(port=0), name: None}
    paths = [path for path in ("pre_stop.http_get.port", "shutdown_seconds") if not path.startswith(name)]
    with pytest.raises(LifecycleDemoError) as raised:
        run(lambda: LifecycleDemo("web", {**wrong, name: never()}) and None, preview=True)
    assert [each["property_path"] for each in raised.value.errors or []] == paths


def test_the_rest_of_what_is_partly_unknown_is_judged() -> None:
    def args() -> Any:
        action = {"http_get": {"path": never(), "port": 0}}
        return {"pre_stop": pulumi.Output.from_input(None).apply(lambda _: action)}

    with pytest.raises(LifecycleDemoError, match=r"1 invalid argument\n  pre_stop\.http_get\.port: Invalid value: 0"):
        run(lambda: LifecycleDemo("web", args()) and None, preview=True)


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "a class of a wrong value": (
        lambda: {"pre_stop": v1.LifecycleHandlerArgs(http_get=v1.HTTPGetActionArgs(port=0))},
        "pre_stop.http_get.port: Invalid value: 0: must be between 1 and 65535, inclusive",
    ),
    "a keyword of Python": (
        lambda: {"pre_stop": v1.LifecycleHandlerArgs(exec_=v1.ExecActionArgs(command=[]))},
        "pre_stop.exec.command: Required value",
    ),
    "a class in a dict": (
        lambda: {"container": {"readiness_probe": v1.ProbeArgs(period_seconds="a")}},  # type: ignore[arg-type]
        "container.readiness_probe.period_seconds: 'a' is not a whole number",
    ),
    "what no kubelet runs": (
        lambda: {"pre_stop": v1.LifecycleHandlerArgs(tcp_socket=v1.TCPSocketActionArgs(port=80))},
        "pre_stop.tcp_socket: the kubelet has no tcpSocket handler for hooks",
    ),
    "the same as a dict": (
        lambda: {"pre_stop": {"tcp_socket": {"port": 80}}},
        "pre_stop.tcp_socket: the kubelet has no tcpSocket handler for hooks",
    ),
    "no action": (
        lambda: {"pre_stop": v1.LifecycleHandlerArgs()},
        "pre_stop: Required value: must specify a handler type",
    ),
    "two actions": (
        lambda: {
            "pre_stop": v1.LifecycleHandlerArgs(
                sleep=v1.SleepActionArgs(seconds=1), exec_=v1.ExecActionArgs(command=["a"])
            )
        },
        "may not specify more than 1 handler type",
    ),
    "the class of another": (
        lambda: {"pre_stop": v1.ProbeArgs()},
        "pre_stop: a ProbeArgs does not fit here; give a LifecycleHandlerArgs or a dict",
    ),
    "the class of another in a dict": (
        lambda: {"pre_stop": {"exec": v1.SleepActionArgs(seconds=1)}},
        "pre_stop.exec: a SleepActionArgs does not fit here; give an ExecActionArgs or a dict",
    ),
    "the class of another, for what passes through": (
        lambda: {"container": v1.PodSpecArgs(containers=[])},
        "container: a PodSpecArgs does not fit here; give a ContainerArgs or a dict",
    ),
    "a class for names and values": (lambda: {"env": v1.EnvVarArgs(name="A")}, "env: an EnvVarArgs is not a mapping"),
    "a class for all of them": (
        lambda: v1.PodSpecArgs(containers=[]),
        "arguments: a PodSpecArgs does not fit here; give a dict",
    ),
    "a class for text": (lambda: {"image": v1.EnvVarArgs(name="A")}, "image: an EnvVarArgs is not a string"),
    "containers given twice": (
        lambda: {"pod_spec": v1.PodSpecArgs(containers=[v1.ContainerArgs(name="a")])},
        "pod_spec.containers: conflicts with containers; keep one of the two",
    ),
    "a hook given twice": (
        lambda: {"container": v1.ContainerArgs(name="a", lifecycle=v1.LifecycleArgs())},
        "container.lifecycle: conflicts with post_start and pre_stop; keep one of the two",
    ),
    "a container as a class": (
        lambda: {
            "sidecars": [
                v1.ContainerArgs(
                    name="a",
                    image="b",
                    lifecycle=v1.LifecycleArgs(pre_stop=v1.LifecycleHandlerArgs(http_get=v1.HTTPGetActionArgs(port=0))),
                )
            ]
        },
        "sidecars[0].lifecycle.pre_stop.http_get.port: Invalid value: 0",
    ),
    "a port": (
        lambda: {"ports": [v1.ContainerPortArgs(container_port=0)]},
        "ports[0].container_port: 0 is not a valid port: use 1 to 65535",
    ),
    "a script without a command": (lambda: {"pre_stop": hooks.shell("# ")}, "pre_stop.exec.command[2]: the script"),
}


@pytest.mark.parametrize("which", WRONG)
def test_what_is_wrong_in_each_form(which: str) -> None:
    """The same path and the same words, also where an Output brings it, and before the Pod is created."""
    args, line = WRONG[which]
    at_once, _ = refused(args)
    assert len(at_once.splitlines()) == 2
    assert line in at_once
    if not isinstance(args(), dict):
        return
    in_time, _ = refused(lambda: {key: later(value) for key, value in args().items()})
    assert in_time.splitlines()[1].partition(":")[0] == at_once.splitlines()[1].partition(":")[0]
    if "'a' is" not in line and " is not a string" not in line and " is not a mapping" not in line:
        assert in_time == at_once


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (lambda: {"pre_stop": later(None)}, "pre_stop: the value of the Output is null"),
        (lambda: {"pre_stop": later("x")}, "pre_stop: the value of the Output is not a mapping"),
        (lambda: {"containers": later("x")}, "containers: the value of the Output is not a list"),
        (lambda: {"containers": [later("x")]}, "containers[0]: the value of the Output is not a mapping"),
        (lambda: {"containers": later([{"image": "x"}])}, "containers[0].name: is missing"),
        (lambda: {"pre_stop": later({"slep": {}})}, "pre_stop.slep: unknown field; did you mean sleep?"),
        (
            lambda: {"container": later({"image": "x"})},
            "container.image: conflicts with image; keep one of the two",
        ),
        (lambda: {"container": later({"tty": "x"})}, "container.tty: the value of the Output is not true or false"),
        (lambda: {"env": later({"A=B": "x"})}, "env: 'A=B' is not a valid variable name"),
        (lambda: {"env": later({"A": 5})}, "env.A: the value of the Output is not a string"),
        (lambda: {"labels": later({"a": "-"})}, "labels.a: '-' is not a valid label value"),
        (
            lambda: {"pre_stop": hooks.http_get(port=1, headers=later("x"))},
            "pre_stop.http_get.http_headers: the value of the Output is not a list",
        ),
        (
            lambda: {"pre_stop": later(hooks.sleep(50)), "termination_grace_period_seconds": 30},
            "pre_stop.sleep: Invalid value: 50",
        ),
        (
            lambda: {"pod_spec": later({"termination_grace_period_seconds": 2}), "pre_stop": hooks.sleep(5)},
            "pre_stop.sleep: Invalid value: 5",
        ),
    ],
)
def test_what_an_output_of_a_whole_brings_is_judged(args: Callable[[], Any], line: str) -> None:
    message, _ = refused(args)
    assert message.splitlines()[0] == "LifecycleDemo 'web': 1 invalid argument"
    assert message.splitlines()[1].startswith(f"  {line}")


def test_what_other_languages_export_is_a_hook() -> None:
    """A stack in another language exports Kubernetes' own spelling, and another Pod has it, too."""
    expected = {"httpGet": {"path": "/drain", "port": "http", "httpHeaders": [{"name": "A", "value": "b"}]}}
    args: Any = {"image": "acme/web", "ports": [{"containerPort": 80, "name": "http"}]}

    def hook_of(pre_stop: Callable[[], Any]) -> Any:
        return inputs(lambda: {**args, "pre_stop": pre_stop()})["spec"]["containers"][0]["lifecycle"]["preStop"]

    assert hook_of(lambda: expected) == hook_of(lambda: later(expected)) == expected

    def of_another_pod() -> Any:
        action = {"path": "/drain", "port": "http", "http_headers": [{"name": "A", "value": "b"}]}
        container = {
            "name": "a",
            "image": "b",
            "ports": [{"name": "http", "container_port": 80}],
            "lifecycle": {"pre_stop": {"http_get": action}},
        }
        return v1.Pod("other", metadata={"name": "other"}, spec={"containers": [container]}).spec.containers

    assert hook_of(lambda: of_another_pod()[0].lifecycle.pre_stop) == expected
    assert hook_of(lambda: of_another_pod()[0].lifecycle.apply(lambda each: each.pre_stop)) == expected
    spec = inputs(lambda: {**args, "containers": of_another_pod()})["spec"]
    assert spec["containers"][1]["lifecycle"]["preStop"] == expected


def test_the_grace_period_of_what_is_known_later() -> None:
    def grace(args: Callable[[], Any], **options: Any) -> Any:
        return inputs(args, **options)["spec"]["terminationGracePeriodSeconds"]

    assert grace(lambda: {"pre_stop": later(hooks.sleep(50))}) == 70
    assert grace(lambda: {"containers": later([{"name": "a", "image": "b", "pre_stop": hooks.sleep(60)}])}) == 80
    assert grace(lambda: {"pod_spec": later({"termination_grace_period_seconds": 77})}) == 77
    assert grace(lambda: {"pre_stop": pulumi.Output.secret(hooks.sleep(50))}) == 70
    for unknown in ("pre_stop", "containers", "sidecars", "shutdown_seconds"):
        assert grace(lambda unknown=unknown: {unknown: never()}, preview=True) == UNKNOWN  # type: ignore[misc]
    assert grace(lambda: {"sidecars": [never()]}, preview=True) == UNKNOWN
    assert grace(lambda: {"container": never(), "labels": never()}, preview=True) == 30


@pytest.mark.parametrize(
    "args",
    [
        lambda secret, text: {"pre_stop": secret({"exec": {"command": [text]}})},
        lambda secret, text: {"pre_stop": secret({text: {}})},
        lambda secret, text: {"labels": secret({text: "a"})},
        lambda secret, text: {"env": secret({f"{text}=": "a"})},
        lambda secret, text: {"container": secret({text: "a"})},
        lambda secret, text: {"pod_spec": secret({"volumes": [{text: text}]})},
        lambda secret, text: {"containers": secret([{"name": text, "image": text}])},
        lambda secret, text: {"ports": secret([{"container_port": 1, "name": text}])},
        lambda secret, text: secret({"image": text}),
    ],
)
def test_no_message_repeats_a_secret_whole_nor_a_key_of_it(args: Callable[[Any, str], Any]) -> None:
    text = f"{SECRET} and more"
    openly, _ = refused(lambda: args(later, text))
    secretly, _ = refused(lambda: args(pulumi.Output.secret, text))
    assert SECRET not in secretly
    assert len(secretly.splitlines()) == len(openly.splitlines())


def test_a_number_in_a_message_about_another_argument_is_secret_too() -> None:
    args: Any = {"pre_stop": hooks.sleep(4321), "termination_grace_period_seconds": 1234}
    assert "(1234)" in refused(lambda: args)[0]
    secretly, _ = refused(lambda: {**args, "termination_grace_period_seconds": pulumi.Output.secret(1234)})
    assert "pre_stop.sleep: " in secretly
    assert "1234" not in secretly


def test_the_users_own_error_is_the_one_that_is_shown() -> None:
    def fails(_: Any) -> Any:
        raise ValueError("of the caller's own")

    for name in ("pre_stop", "image", "pod_spec"):
        with pytest.raises(ValueError, match="of the caller's own"):
            run(lambda name=name: LifecycleDemo("web", {name: later(1).apply(fails)}) and None)  # type: ignore[misc]


def test_a_template_of_each_form() -> None:
    expected = pod_template("api", {"image": "a", "pre_stop": hooks.sleep(3)})
    as_class = pod_template(
        "api", {"image": "a", "pre_stop": v1.LifecycleHandlerArgs(sleep=v1.SleepActionArgs(seconds=3))}
    )
    assert as_class == expected


def test_the_pod_depends_on_what_its_arguments_come_from() -> None:
    def program() -> None:
        config = v1.ConfigMap("config", metadata={"name": "config", "labels": {"a": "b"}}, data={"a": "b"})
        LifecycleDemo("web", {"labels": config.metadata.labels, "shutdown_seconds": config.data.apply(lambda _: 5)})

    request = run(program).requests[POD]
    assert [each.rpartition("::")[2] for each in request.propertyDependencies["spec"].urns] == ["config"]
    assert [each.rpartition("::")[2] for each in request.propertyDependencies["metadata"].urns] == ["config"]


def test_a_quantity_may_come_later() -> None:
    """In a mapping of quantities, whose values are numbers or texts."""

    def args() -> Any:
        limits = {"memory": later("64Mi"), "cpu": 1}
        return {"container": {"resources": {"limits": limits, "requests": limits}}}

    pod = inputs(args)
    assert pod["spec"]["containers"][0]["resources"] == {
        "limits": {"memory": "64Mi", "cpu": 1},
        "requests": {"memory": "64Mi", "cpu": 1},
    }
