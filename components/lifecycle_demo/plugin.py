"""Hosts LifecycleDemo for every Pulumi language, as `component_provider_host` does, with errors as Pulumi has them."""

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
    main(Provider([LifecycleDemo], PACKAGE, None, version), sys.argv[1:])
