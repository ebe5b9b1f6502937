"""A mock monitor that keeps what the stock one hides: options, parents and registered outputs."""

from collections.abc import Callable
from typing import Any

import pulumi
from google.protobuf import json_format
from pulumi.runtime import mocks as pulumi_mocks


class EchoMocks(pulumi_mocks.Mocks):
    def new_resource(self, args: pulumi_mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return f"{args.name}-id", args.inputs

    def call(self, args: pulumi_mocks.MockCallArgs) -> dict[str, Any]:
        return {}


class Recorder(pulumi_mocks.MockMonitor):
    def __init__(self) -> None:
        super().__init__(EchoMocks())
        self.requests: dict[str, Any] = {}
        self.registered: list[tuple[str, dict[str, Any]]] = []
        """Type and inputs of each resource, in order; `requests` has the last of each type."""
        self.outputs: dict[str, dict[str, Any]] = {}
        self.hooks: list[str] = []

    def RegisterResource(self, request: Any) -> Any:
        self.requests[request.type] = request
        self.registered.append((request.type, json_format.MessageToDict(request.object)))
        return super().RegisterResource(request)

    def RegisterResourceHook(self, request: Any) -> Any:
        self.hooks.append(request.name)
        return super().RegisterResourceHook(request)

    def RegisterErrorHook(self, request: Any) -> Any:
        self.hooks.append(request.name)
        return super().RegisterErrorHook(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:
        self.outputs[request.urn] = json_format.MessageToDict(request.outputs)
        return super().RegisterResourceOutputs(request)

    def inputs(self, typ: str) -> dict[str, Any]:
        return json_format.MessageToDict(self.requests[typ].object)


def run(
    program: Callable[[], Any],
    config: dict[str, str] | None = None,
    *,
    preview: bool = False,
    made: Callable[[Recorder], Any] | None = None,
) -> Recorder:
    """Runs `program` to its end under a fresh recorder, and returns it; `made` gets it before the program runs."""
    recorder = Recorder()
    if made:
        made(recorder)
    pulumi.runtime.set_mocks(recorder.mocks, project="lifecycle-demo", stack="test", preview=preview, monitor=recorder)
    pulumi.runtime.set_all_config(config or {})

    @pulumi.runtime.test
    def whole() -> Any:
        return program()

    whole()
    return recorder
