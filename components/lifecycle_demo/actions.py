"""What a hook does: one handler with one action, as `component_provider_host` reads it (see args.py)."""

from collections.abc import Sequence
from typing import TypedDict

import pulumi
from typing_extensions import NotRequired


class ExecAction(TypedDict):
    """Runs a command inside the container."""

    command: pulumi.Input[Sequence[pulumi.Input[str]]]
    """The words of the command. No shell runs them, and `$(VAR)` is not expanded."""


class HttpHeader(TypedDict):
    """One header of an HTTP request."""

    name: pulumi.Input[str]
    """Letters, digits and `-`."""
    value: pulumi.Input[str]
    """The value; it is readable to everyone who can read the Pod."""


class HttpGetAction(TypedDict):
    """Sends a GET request to the container; any answer counts as success, a 500 too."""

    path: NotRequired[pulumi.Input[str]]
    """The path of the URL. Default: `/`."""
    port: NotRequired[pulumi.Input[float]]
    """The number of the port, 1 to 65535. Give this or `port_name`."""
    port_name: NotRequired[pulumi.Input[str]]
    """The name of one of the container's ports. Give this or `port`."""
    scheme: NotRequired[pulumi.Input[str]]
    """`HTTP` or `HTTPS`. Default: `HTTP`."""
    http_headers: NotRequired[Sequence[HttpHeader]]
    """Headers of the request."""


class SleepAction(TypedDict):
    """Waits in the kubelet; needs nothing in the image (Kubernetes 1.30)."""

    seconds: pulumi.Input[float]
    """How long, in seconds; at most the grace period."""


class Handler(TypedDict):
    """One hook: exactly one of the three. The factories in `hooks` write it for you."""

    exec: NotRequired[ExecAction]
    """Run a command inside the container."""
    http_get: NotRequired[HttpGetAction]
    """Send a GET request to the container."""
    sleep: NotRequired[SleepAction]
    """Wait."""
