"""The component as Pulumi's component host sees it, and with it every language but Python."""

import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.provider.server import ComponentInitError

from lifecycle_demo import LifecycleDemo, LifecycleDemoArgs, LifecycleDemoError, hooks
from lifecycle_demo.plugin import Provider
from lifecycle_demo.spelling import camel_case
from tests.unit.recording import run
from tests.unit.test_outputs_as_arguments import ARGUMENTS, deep, later, never

POD = "kubernetes:core/v1:Pod"
SCHEMA = Path(__file__).with_name("schema.json")
KUBERNETES = "<version of pulumi-kubernetes>"  # the one that is installed
PROVIDER = Provider()

# As other languages write it: camelCase, and every number a float.
CALLED: dict[str, Any] = {
    **ARGUMENTS,
    "ports": [{"containerPort": 80.0, "name": "http", "protocol": "TCP"}],
    "postStart": {
        "httpGet": {"path": "/a", "port": 80.0, "scheme": "HTTP", "httpHeaders": [{"name": "X", "value": "y"}]}
    },
    "preStop": {"exec": {"command": ["/drain", "now"]}},
    "terminationGracePeriodSeconds": 40.0,
    "shareProcessNamespace": True,
    "containers": [{"name": "log", "image": "acme/log", "preStop": {"sleep": {"seconds": 3.0}}}],
    "sidecars": [
        {
            "name": "proxy",
            "image": "envoy",
            "postStart": {"httpGet": {"path": "/", "portName": "p"}},
            "ports": [{"containerPort": 81.0, "name": "p"}],
        }
    ],
    "podSpec": {"nodeSelector": {"a": "b"}},
}
for python_name in (
    "post_start",
    "pre_stop",
    "termination_grace_period_seconds",
    "share_process_namespace",
    "pod_spec",
):
    del CALLED[python_name]


def mapped(inputs: Any) -> Any:
    return PROVIDER.map_inputs(inputs, PROVIDER._component_defs["LifecycleDemo"])


def descriptions(described: Any) -> Iterator[str]:
    if isinstance(described, dict):
        if isinstance(text := described.get("description"), str):
            yield text
        for each in described.values():
            yield from descriptions(each)


def test_the_inferred_schema() -> None:
    """After a change that is meant: `python -m tests.unit.test_plugin` writes it anew."""
    schema = json.loads(PROVIDER.schema)
    assert schema == json.loads(SCHEMA.read_text().replace(KUBERNETES, version("pulumi-kubernetes")))
    assert len(schema["resources"]["lifecycle:index:LifecycleDemo"]["inputProperties"]) == len(
        LifecycleDemoArgs.__annotations__
    )


def test_its_outputs_are_those_of_the_component() -> None:
    """The host reads annotations of the class itself, which Python's own class does without."""
    resource = json.loads(PROVIDER.schema)["resources"]["lifecycle:index:LifecycleDemo"]
    own = {name: each for name, each in vars(LifecycleDemo).items() if isinstance(each, cached_property)}
    assert {camel_case(name): inspect.cleandoc(each.__doc__ or "") for name, each in own.items()} == {
        name: each["description"] for name, each in resource["properties"].items()
    }


def test_no_description_is_indented() -> None:
    """Docstrings come with the indentation of the source, or without it, by the Python that compiled them."""
    found = list(descriptions(json.loads(PROVIDER.schema)))
    assert len(found) > 40
    assert found == [inspect.cleandoc(each) for each in found]


def test_the_calls_of_other_languages_have_each_argument() -> None:
    resource = json.loads(PROVIDER.schema)["resources"]["lifecycle:index:LifecycleDemo"]
    not_called = set(resource["inputProperties"]) - set(CALLED)
    assert not_called == {"failFast", "generateName", "reportDeletion", "shutdownSeconds"}


def test_what_other_languages_give_arrives_as_what_python_gives() -> None:
    expected = run(lambda: LifecycleDemo("web", ARGUMENTS) and None).inputs(POD)  # type: ignore[arg-type]
    assert run(lambda: LifecycleDemo("web", mapped(CALLED)) and None).inputs(POD) == expected
    both = {"shutdownSeconds": 40.0, "generateName": True, "preStop": {"sleep": {"seconds": 3.0}}}
    pod = run(lambda: LifecycleDemo("web", mapped(both)) and None).inputs(POD)
    assert pod["spec"]["terminationGracePeriodSeconds"] == 43
    assert "name" not in pod["metadata"]


@pytest.mark.parametrize("change", [later, pulumi.Output.secret, never])
@pytest.mark.parametrize("name", CALLED)
def test_no_value_vanishes_on_its_way(name: str, change: Callable[[Any], Any]) -> None:
    """An Output, a secret and an unknown value of each argument: the same Pod as with the value itself."""
    is_preview = change is never
    python_name = next(key for key in ARGUMENTS if key.replace("_", "").lower() == name.lower())
    from_python = run(
        lambda: LifecycleDemo("web", {**ARGUMENTS, python_name: deep(ARGUMENTS[python_name], change)}) and None,  # type: ignore[misc]
        preview=is_preview,
    )
    from_host = run(
        lambda: LifecycleDemo("web", mapped({**CALLED, name: deep(CALLED[name], change)})) and None, preview=is_preview
    )
    assert from_host.inputs(POD) == from_python.inputs(POD)


def test_what_the_host_would_drop_is_refused() -> None:
    """It drops fields that it does not know: of a misspelt action it would leave nothing."""
    for wrong, said in (
        ({"preStop": {"slep": {"seconds": 3}}}, r"pre_stop\.slep: unknown field; did you mean sleep?"),
        ({"preStopp": {"sleep": {"seconds": 3}}}, r"preStopp: unknown argument; did you mean pre_stop?"),
        ({"ports": [{"containerPort": 80.0, "nme": "x"}]}, r"ports\[0\]\.nme: unknown field; did you mean name?"),
        ({"containers": ["x"]}, r"containers\[0\]: 'x' is not a mapping"),
        ({"containers": [{"image": "x"}]}, r"containers\[0\]\.name: is missing"),
        ({"generateName": later(True)}, r"generate_name: an Output is not true or false"),
    ):
        with pytest.raises(pulumi.InputPropertiesError, match=said):
            run(lambda wrong=wrong: LifecycleDemo("web", mapped(wrong)) and None)  # type: ignore[misc]


@pytest.mark.parametrize("change", [later, pulumi.Output.secret, never])
@pytest.mark.parametrize("name", [name for name in CALLED if isinstance(CALLED[name], dict | list)])
def test_what_the_host_would_empty_arrives(name: str, change: Callable[[Any], Any]) -> None:
    """Of an Output of a whole object or list, and of one in a list, it would make an empty one, or fail."""
    is_preview = change is never
    python_name = next(key for key in ARGUMENTS if key.replace("_", "").lower() == name.lower())
    made: list[tuple[Callable[[Any], Any], str]] = [(change, "whole")]
    if isinstance(CALLED[name], list):
        made.append((lambda values: [change(each) for each in values], "each"))
    for make, which in made:
        from_python = run(
            lambda make=make: LifecycleDemo("web", {**ARGUMENTS, python_name: make(ARGUMENTS[python_name])}) and None,  # type: ignore[misc]
            preview=is_preview,
        )
        from_host = run(
            lambda make=make: LifecycleDemo("web", mapped({**CALLED, name: make(CALLED[name])})) and None,  # type: ignore[misc]
            preview=is_preview,
        )
        assert from_host.inputs(POD) == from_python.inputs(POD), which


def test_another_language_is_told_of_its_own_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LifecycleDemoError, "in_camel_case", True)
    sidecar = {"name": "a", "image": "b", "preStop": {"httpGet": {"portName": "x"}}}
    wrong = {
        "sidecars": [sidecar],
        "shutdownSeconds": -1.0,
        "podSpec": {"hostNetwrk": True},
        "generateName": True,
        "name": "a",
    }
    with pytest.raises(pulumi.InputPropertiesError) as raised:
        run(lambda: LifecycleDemo("web", mapped(wrong)) and None)
    said = {each["property_path"]: each["reason"] for each in raised.value.errors or []}
    assert list(said) == [
        "generateName",
        "podSpec.hostNetwrk",
        "sidecars[0].preStop.httpGet.portName",
        "shutdownSeconds",
    ]
    assert said["podSpec.hostNetwrk"] == "unknown field; did you mean host_network?"


def test_the_host_hands_our_error_on() -> None:
    """Not within another one, of which the engine would show the stack trace, and no properties."""
    provider = Provider()
    with pytest.raises(pulumi.InputPropertiesError, match=r"^LifecycleDemo 'web': 1 invalid argument\n") as raised:
        provider.construct("web", "lifecycle:index:LifecycleDemo", {"image": "A"})
    assert not isinstance(raised.value, pulumi.RunError)  # the host would raise it as it is
    assert [each["property_path"] for each in raised.value.errors or []] == ["image"]
    with pytest.raises(ComponentInitError):  # an error that is not ours
        provider.construct("web", "lifecycle:index:LifecycleDemo", {}, "no options")  # type: ignore[arg-type]


def test_the_plugin_serves() -> None:
    """The process that the engine starts says on which port it listens."""
    command = [sys.executable, str(Path(__file__).parents[2] / "components"), "127.0.0.1:1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip().isdigit()
        finally:
            process.kill()


def test_hooks_are_the_nested_inputs_of_other_languages() -> None:
    assert hooks.http_get("/", port_name="p") == mapped(CALLED)["sidecars"][0]["post_start"]


if __name__ == "__main__":
    written = json.dumps(json.loads(PROVIDER.schema), indent=2).replace(version("pulumi-kubernetes"), KUBERNETES)
    SCHEMA.write_text(f"{written}\n")
