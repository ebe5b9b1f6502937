"""Hosts LifecycleDemo for every Pulumi language, as `component_provider_host` does, with errors as Pulumi has them."""

import inspect
import json
import sys
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
from pulumi.provider import main
from pulumi.provider.experimental.analyzer import ComponentDefinition, PropertyDefinition
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError

from . import component
from .errors import LifecycleDemoError

PACKAGE = "lifecycle"


class LifecycleDemo(component.LifecycleDemo):
    __doc__ = component.LifecycleDemo.__doc__

    # Outputs as the host reads them: from the annotations of the class itself.
    pod: pulumi.Output[k8s.core.v1.Pod]
    """The Pod itself, for everything that no other output covers."""
    pod_name: pulumi.Output[str]
    """The Pod's `metadata.name`."""
    namespace: pulumi.Output[str]
    """The Pod's namespace."""
    grace_period_seconds: pulumi.Output[int]
    """Seconds between the Pod's deletion and SIGKILL."""
    verify_command: pulumi.Output[str]
    """The command that shows what the hooks did: the page's postStart message, or else the Pod's events."""


class Provider(ComponentProvider):
    """The component's own provider; its schema is the same whichever Python serves it.

    Python 3.13 strips the indentation of class docstrings, earlier ones do not, and none strips that of attributes.
    """

    def __init__(self, version: str = "0.0.0") -> None:
        super().__init__([LifecycleDemo], PACKAGE, None, version)
        self.schema = json.dumps(json.loads(self.schema or "{}", object_hook=_with_clean_description))

    def map_inputs(self, inputs: Any, component_def: ComponentDefinition) -> Any:
        """The arguments by their names in Python.

        The host's own makes an empty object of each that is an Output as a whole, and drops each field that it does not
        know; here Outputs bring their values, and the component says what it does not know.
        """
        return self._fields(inputs, component_def.inputs, component_def.inputs_mapping)

    def _fields(self, value: Any, properties: Mapping[str, PropertyDefinition], names: Mapping[str, str]) -> Any:
        if not isinstance(value, dict):
            return value
        return {names.get(key, key): self._value(each, properties.get(key)) for key, each in value.items()}

    def _value(self, value: Any, of: PropertyDefinition | None) -> Any:
        items, form = of and of.items, self.get_type_definition(of) if of and of.ref else None
        if not items and not form:  # what has no names of ours, a mapping by names of the caller's too
            return value
        if isinstance(value, pulumi.Output):
            return value.apply(lambda come: self._value(come, of), run_with_unknowns=True)
        if form:
            return self._fields(value, form.properties, form.properties_mapping)
        return [self._value(each, items) for each in value] if isinstance(value, list) else value

    def construct(self, *args: Any, **options: Any) -> Any:
        """As the host's own, which would show our error with a stack trace and without its properties."""
        try:
            return super().construct(*args, **options)
        except ComponentInitError as error:
            if isinstance(error.inner, LifecycleDemoError):  # as what it is beside a RunError, which has no properties
                raise pulumi.InputPropertiesError(error.inner.message, error.inner.errors) from None
            raise


def serve(version: str) -> None:
    """Serves the component, and returns only when the engine is done."""
    LifecycleDemoError.in_camel_case = True
    main(Provider(version), sys.argv[1:])


def _with_clean_description(described: dict[str, Any]) -> dict[str, Any]:
    text = described.get("description")
    return {**described, "description": inspect.cleandoc(text)} if isinstance(text, str) else described
