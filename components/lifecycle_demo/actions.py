"""What a hook does: one handler with one action, as `component_provider_host` reads it (see args.py)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias, TypedDict

import pulumi
from typing_extensions import NotRequired

if TYPE_CHECKING:
    from pulumi_kubernetes.core.v1 import ExecActionArgs, HTTPGetActionArgs, HTTPHeaderArgs, SleepActionArgs


class ExecAction(TypedDict):
    """Runs a command inside the container."""

    command: pulumi.Input[Sequence[pulumi.Input[str]]]
    """The words of the command. No shell runs them, and `$(VAR)` is not expanded."""


class HttpHeader(TypedDict):
    """One header of an HTTP request."""

    name: pulumi.Input[str]
    """The name: letters, digits and `-`."""
    value: pulumi.Input[str]
    """The value. Everyone who can read the Pod can read it."""


if TYPE_CHECKING:  # the host takes no unions
    AnyHttpHeader: TypeAlias = HttpHeader | HTTPHeaderArgs
else:
    AnyHttpHeader = HttpHeader


class HttpGetAction(TypedDict):
    """Sends a GET request to the container. Any answer counts as success, even a 500."""

    path: NotRequired[pulumi.Input[str]]
    """The path of the URL. Default: `/`."""
    port: NotRequired[pulumi.Input[float]]
    """The port's number, 1 to 65535. Give this or `port_name`."""
    port_name: NotRequired[pulumi.Input[str]]
    """The name of one of the container's ports. Give this or `port`."""
    scheme: NotRequired[pulumi.Input[str]]
    """`HTTP` or `HTTPS`. Default: `HTTP`."""
    http_headers: NotRequired[pulumi.Input[Sequence[pulumi.Input[AnyHttpHeader]]]]
    """The request's headers."""


class SleepAction(TypedDict):
    """Waits in the kubelet, and needs no program in the image (Kubernetes 1.30)."""

    seconds: pulumi.Input[float]
    """How long, in seconds; at most the grace period."""


if TYPE_CHECKING:
    AnyExecAction: TypeAlias = ExecAction | ExecActionArgs
    AnyHttpGetAction: TypeAlias = HttpGetAction | HTTPGetActionArgs
    AnySleepAction: TypeAlias = SleepAction | SleepActionArgs
else:
    AnyExecAction, AnyHttpGetAction, AnySleepAction = ExecAction, HttpGetAction, SleepAction


class Handler(TypedDict):
    """One hook, with exactly one of the three actions. The factories in `hooks` write it for you."""

    exec: NotRequired[pulumi.Input[AnyExecAction]]
    """Run a command inside the container."""
    http_get: NotRequired[pulumi.Input[AnyHttpGetAction]]
    """Send a GET request to the container."""
    sleep: NotRequired[pulumi.Input[AnySleepAction]]
    """Wait."""
