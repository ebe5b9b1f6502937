"""The arguments of LifecycleDemo.

TypedDicts, because they are the one style that Python callers, YAML and `component_provider_host`
all take; no `from __future__ import annotations`, because the host reads the annotations as they
are. Nested types are plain, with Inputs inside: given an Output of a whole nested object, the host
would silently deliver an empty one.
"""

from collections.abc import Mapping, Sequence
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
    port: NotRequired[pulumi.Input[int]]
    """The number of the port, 1 to 65535. Give this or `port_name`."""
    port_name: NotRequired[pulumi.Input[str]]
    """The name of one of the container's ports. Give this or `port`."""
    scheme: NotRequired[pulumi.Input[str]]
    """`HTTP` or `HTTPS`. Default: `HTTP`."""
    http_headers: NotRequired[Sequence[HttpHeader]]
    """Headers of the request."""


class SleepAction(TypedDict):
    """Waits in the kubelet; needs nothing in the image (Kubernetes 1.30)."""

    seconds: pulumi.Input[int]
    """How long, in seconds; at most the grace period."""


class Handler(TypedDict):
    """One hook: exactly one of the three. The factories in `hooks` write it for you."""

    exec: NotRequired[ExecAction]
    """Run a command inside the container."""
    http_get: NotRequired[HttpGetAction]
    """Send a GET request to the container."""
    sleep: NotRequired[SleepAction]
    """Wait."""


class ContainerPort(TypedDict):
    """A port that the container listens on."""

    container_port: pulumi.Input[int]
    """The number of the port, 1 to 65535."""
    name: NotRequired[pulumi.Input[str]]
    """A name that hooks and Services can use."""
    protocol: NotRequired[pulumi.Input[str]]
    """`TCP`, `UDP` or `SCTP`. Default: `TCP`."""


class LifecycleDemoArgs(TypedDict):
    """Arguments of LifecycleDemo. None is required: without any, it is the Kubernetes page's Pod."""

    image: NotRequired[pulumi.Input[str]]
    """The container's image. Default: `nginx`."""
    name: NotRequired[pulumi.Input[str]]
    """The Pod's `metadata.name`; the container is named `<name>-container`. Default: the resource's name."""
    namespace: NotRequired[pulumi.Input[str]]
    """The Pod's namespace. Default: the provider's."""
    labels: NotRequired[Mapping[str, pulumi.Input[str]]]
    """The Pod's labels. Default: `app.kubernetes.io/name` with the resource's name."""
    annotations: NotRequired[Mapping[str, pulumi.Input[str]]]
    """The Pod's annotations."""
    ports: NotRequired[Sequence[ContainerPort]]
    """The ports that the container listens on."""
    post_start: NotRequired[Handler]
    """Runs right after the container is started, alongside its entrypoint. The container is not
    Running until it ends, and is killed when it fails. Default: writes
    `Hello from the postStart handler` to `/usr/share/message`."""
    pre_stop: NotRequired[Handler]
    """Runs before the container is stopped; the grace period counts from its start. It does not run
    when the container ends by itself. Default: `hooks.nginx_graceful()`, which lets
    nginx finish what it serves."""
    termination_grace_period_seconds: NotRequired[pulumi.Input[int]]
    """Time from the deletion until the container is killed, preStop included, in seconds.
    Default: 30, or 20 more than the longest sleep of a hook where that is more."""
