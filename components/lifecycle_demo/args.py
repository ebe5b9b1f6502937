"""The arguments of LifecycleDemo.

TypedDicts, because they are the one style that Python callers, YAML and `component_provider_host`
all take; no `from __future__ import annotations`, because the host reads the annotations as they
are. It takes no unions either: a type checker alone sees that the SDK's own class may stand where a
dict does. Numbers are floats, because the host fails at an Output of an int; each of them is whole.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

import pulumi
from typing_extensions import NotRequired

if TYPE_CHECKING:  # to a type checker it is one of three, so that two actions are an error
    from pulumi_kubernetes.core.v1 import ContainerArgs, ContainerPortArgs, LifecycleHandlerArgs, PodSpecArgs

    from .actions import AnyExecAction, AnyHttpGetAction, AnySleepAction

    class ExecHandler(TypedDict):
        exec: pulumi.Input[AnyExecAction]

    class HttpGetHandler(TypedDict):
        http_get: pulumi.Input[AnyHttpGetAction]

    class SleepHandler(TypedDict):
        sleep: pulumi.Input[AnySleepAction]

    Handler: TypeAlias = ExecHandler | HttpGetHandler | SleepHandler
    AnyHandler: TypeAlias = Handler | LifecycleHandlerArgs
    ContainerFields: TypeAlias = Mapping[str, Any] | ContainerArgs
    PodFields: TypeAlias = Mapping[str, Any] | PodSpecArgs
else:
    from .actions import Handler

    AnyHandler = Handler
    ContainerFields = PodFields = Mapping[str, Any]


class ContainerPort(TypedDict):
    """A port that the container listens on."""

    container_port: pulumi.Input[float]
    """The number of the port, 1 to 65535."""
    name: NotRequired[pulumi.Input[str]]
    """A name that hooks and Services can use."""
    protocol: NotRequired[pulumi.Input[str]]
    """`TCP`, `UDP` or `SCTP`. Default: `TCP`."""


if TYPE_CHECKING:
    AnyPort: TypeAlias = ContainerPort | ContainerPortArgs
else:
    AnyPort = ContainerPort


class Container(TypedDict):
    """A further container of the Pod: an app container in `containers`, a sidecar in `sidecars`."""

    name: pulumi.Input[str]
    """The container's name: lower case letters, digits and `-`, at most 63."""
    image: pulumi.Input[str]
    """The container's image."""
    command: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Its entrypoint. Default: the image's."""
    args: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """The arguments of its entrypoint. Default: the image's."""
    env: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Environment variables by name. Put those that come from a Secret, a ConfigMap or a field into `container`."""
    ports: NotRequired[pulumi.Input[Sequence[pulumi.Input[AnyPort]]]]
    """The ports that the container listens on."""
    post_start: NotRequired[pulumi.Input[AnyHandler]]
    """Runs right after the container starts. Default: none."""
    pre_stop: NotRequired[pulumi.Input[AnyHandler]]
    """Runs before the container stops. Default: none."""
    container: NotRequired[pulumi.Input[ContainerFields]]
    """Any other field of the container, as Kubernetes defines it: `resources`, `volume_mounts`, probes and so on."""


if TYPE_CHECKING:
    AnyContainer: TypeAlias = Container | ContainerArgs
else:
    AnyContainer = Container


class LifecycleDemoArgs(TypedDict):
    """Arguments of LifecycleDemo. None is required: without arguments it declares the Kubernetes page's Pod."""

    image: NotRequired[pulumi.Input[str]]
    """The container's image. Default: `nginx`."""
    command: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """The container's entrypoint. Default: the image's."""
    args: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """The arguments of the entrypoint. Default: the image's."""
    env: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Environment variables by name. Put those that come from a Secret, a ConfigMap or a field into `container`."""
    ports: NotRequired[pulumi.Input[Sequence[pulumi.Input[AnyPort]]]]
    """The ports that the container listens on."""
    post_start: NotRequired[pulumi.Input[AnyHandler]]
    """Runs right after the container starts, alongside its entrypoint. The container is not Running
    until the hook ends, and the kubelet kills it if the hook fails. Default: for nginx, the page's hook,
    which writes `Hello from the postStart handler` to `/usr/share/message`; for any other image, none."""
    pre_stop: NotRequired[pulumi.Input[AnyHandler]]
    """Runs before the container stops. The grace period counts from the start of this hook. The hook
    does not run when the container ends by itself. Default: for nginx, `hooks.nginx_graceful()`, which
    lets nginx finish its requests; for any other image, `hooks.drain_delay()`."""
    termination_grace_period_seconds: NotRequired[pulumi.Input[float]]
    """Seconds from the deletion until the kubelet kills the container, including the preStop.
    Default: the longest preStop plus `shutdown_seconds`, but at least 30."""
    shutdown_seconds: NotRequired[pulumi.Input[float]]
    """Seconds that the processes need to end after the preStop. Default: 20."""
    share_process_namespace: NotRequired[pulumi.Input[bool]]
    """Whether the containers can see each other's processes. Default: false."""
    containers: NotRequired[pulumi.Input[Sequence[pulumi.Input[AnyContainer]]]]
    """More app containers."""
    sidecars: NotRequired[pulumi.Input[Sequence[pulumi.Input[AnyContainer]]]]
    """Sidecars, which start before the app containers and stop after them (Kubernetes 1.29)."""
    container: NotRequired[pulumi.Input[ContainerFields]]
    """Any other field of the container, as Kubernetes defines it: `resources`, `volume_mounts`, probes and so on."""
    pod_spec: NotRequired[pulumi.Input[PodFields]]
    """Any other field of the Pod's spec, as Kubernetes defines it: `volumes`, `node_selector` and so on."""
    name: NotRequired[pulumi.Input[str]]
    """The Pod's `metadata.name`. Default: the resource's name."""
    generate_name: NotRequired[bool]
    """Whether the provider generates the Pod's name, `<resource's name>-<8 characters>`. A replacement then creates
    the new Pod before it deletes the old one. With a fixed name it deletes the old one first. Default: false."""
    report_deletion: NotRequired[bool]
    """Whether to report a preStop that fails when the Pod is deleted. Pulumi alone does not report it. This uses
    delete hooks, so you must run `pulumi destroy` with `--run-program`. Default: false."""
    fail_fast: NotRequired[bool]
    """Whether `pulumi up` stops waiting when a postStart fails for the third time. Otherwise it waits as long as
    Kubernetes retries. This sets the Pod's annotation `pulumi.com/waitFor`. Default: true."""
    namespace: NotRequired[pulumi.Input[str]]
    """The Pod's namespace. Default: the provider's."""
    labels: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The Pod's labels. Default: `app.kubernetes.io/name` with the resource's name."""
    annotations: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The Pod's annotations."""
