"""docs/reference.md, made of the component's docstrings and its schema: `make docs` writes it, and a test compares."""

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from lifecycle_demo import LifecycleDemo, hooks, pod_template
from lifecycle_demo.spelling import snake_case

SCHEMA: Final = json.loads(Path(__file__).with_name("schema.json").read_text())
COMPONENT: Final = SCHEMA["resources"]["lifecycle:index:LifecycleDemo"]
ABOUT: Final = """\
# Arguments and hooks

This page lists every argument, output and hook of the component; [The component](component.md) has examples. Each
argument takes a plain value or an Output, at any depth. Other languages write the names in camelCase. `make docs`
writes this page from the docstrings and the schema that Pulumi reads.
"""


def page() -> str:
    return "\n".join([ABOUT, *_component(), *_types(), *_hooks(), *_template()])


def _component() -> Iterator[str]:
    yield "## LifecycleDemo\n"
    yield f"`LifecycleDemo(name, args, opts)`\n\n{_text(LifecycleDemo)}\n"
    yield "### Its arguments\n"
    yield from _fields(COMPONENT["inputProperties"], set())
    yield "\n### Its outputs\n"
    yield from _fields(COMPONENT["properties"], set())


def _types() -> Iterator[str]:
    yield "\n## Types\n"
    for token, each in SCHEMA["types"].items():
        yield f"### {token.rpartition(':')[2]}\n\n{each.get('description', '')}\n"
        yield from _fields(each["properties"], set(each.get("required", [])))
        yield ""


def _fields(properties: Mapping[str, Any], required: set[str]) -> Iterator[str]:
    yield "| name | type | |"
    yield "|---|---|---|"
    for name, each in properties.items():
        text = " ".join(each.get("description", "").split()).replace("|", "\\|")
        yield f"| `{snake_case(name)}` | {_type(each)} | {'Required. ' if name in required else ''}{text} |"


def _type(described: Mapping[str, Any]) -> str:
    if ref := described.get("$ref", ""):
        name = ref.rpartition(":")[2]
        return f"[{name}](#{name.lower()})" if ref.startswith("#") else f"`{name.rpartition('/')[2]}`"
    if items := described.get("items"):
        return f"list of {_type(items)}"
    if values := described.get("additionalProperties"):
        return "map" if values.get("$ref", "").endswith("/Any") else f"map of {_type(values)}"
    return str(described.get("type", "any"))


def _hooks() -> Iterator[str]:
    yield "## hooks\n\nEach makes exactly one handler, for `post_start` or `pre_stop`.\n"
    for name, each in vars(hooks).items():
        if inspect.isfunction(each) and each.__module__ == hooks.__name__ and not name.startswith("_"):
            yield f"### {name}\n\n`hooks.{name}{_signature(each)}`\n\n{_text(each)}\n"


def _template() -> Iterator[str]:
    yield f"## pod_template\n\n`pod_template(name, args)`\n\n{_text(pod_template)}"
    yield ""


def _signature(function: Any) -> str:
    signature = inspect.signature(function)
    plain = (each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values())
    return str(signature.replace(parameters=list(plain), return_annotation=inspect.Signature.empty))


def _text(documented: Any) -> str:
    return re.sub(r"(?<=\S)\n(?=\S)", " ", inspect.getdoc(documented) or "")


if __name__ == "__main__":
    print(page(), end="")
