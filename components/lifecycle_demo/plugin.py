"""Hosts LifecycleDemo for every Pulumi language, as `component_provider_host` does, with errors as Pulumi has them."""

import inspect
import json
import sys
from typing import Any

import pulumi
from pulumi.provider import main
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError

from .component import LifecycleDemo
from .errors import LifecycleDemoError

PACKAGE = "lifecycle"


class Provider(ComponentProvider):
    """The component's own provider; its schema is the same whichever Python serves it.

    Python 3.13 strips the indentation of class docstrings, earlier ones do not, and none strips that of attributes.
    """

    def __init__(self, version: str = "0.0.0") -> None:
        super().__init__([LifecycleDemo], PACKAGE, None, version)
        self.schema = json.dumps(json.loads(self.schema or "{}", object_hook=_with_clean_description))

    def construct(self, *args: Any, **options: Any) -> Any:
        """As the host's own, which would show our error with a stack trace and without its properties."""
        try:
            return super().construct(*args, **options)
        except ComponentInitError as error:
            if isinstance(error.inner, LifecycleDemoError):  # as what it is beside a RunError, which has no properties
                raise pulumi.InputPropertiesError(error.inner.message, error.inner.errors) from None
            raise


def serve(version: str) -> None:
    """Serves the component until the engine is done; does not return before."""
    LifecycleDemoError.in_camel_case = True
    main(Provider(version), sys.argv[1:])


def _with_clean_description(described: dict[str, Any]) -> dict[str, Any]:
    text = described.get("description")
    return {**described, "description": inspect.cleandoc(text)} if isinstance(text, str) else described
