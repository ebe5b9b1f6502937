"""LifecycleDemo, the component."""

import asyncio
import contextlib
import math
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, cast

import pulumi
import pulumi_kubernetes as k8s

from .args import LifecycleDemoArgs
from .clusters import cluster_of
from .failures import resource_hooks
from .reasons import Hooks
from .starts import awaited, started

if TYPE_CHECKING:
    from .validation import CheckedPod

POD: Final = "kubernetes:core/v1:Pod"
# Pulumi waits for a deletion to end; without this it gives up after 10 minutes, whatever the grace period.
DELETE_MARGIN_SECONDS: Final = 60
UNKNOWN_GRACE_TIMEOUT: Final = "24h"  # a time-out must be known when the program runs; a grace period need not be
CREATE_SECONDS: Final = 600  # the provider's own default, without the time of a postStart
# What Kubernetes does not change in place (validation.go, ValidatePodUpdate). The provider knows it of most fields, but
# would try it for a startupProbe, an added or removed container, spec.os and others, and the API server would refuse.
REPLACES: Final = tuple(
    f"spec.{field}"
    for field in (
        "containers",
        "evictionResponders",
        "hostUsers",
        "initContainers",
        "os",
        "overhead",
        "preemptionPolicy",
        "readinessGates",
        "resourceClaims",
        "resources",
        "runtimeClassName",
        "schedulingGroup",
        "setHostnameAsFQDN",
        "tolerations",  # they may only grow
        "topologySpreadConstraints",
        "workloadRef",
    )
)
# The default is an empty mapping, not None: the component host cannot infer an optional type here.
_PAGE: Final[LifecycleDemoArgs] = {}


class LifecycleDemo(pulumi.ComponentResource):
    """A Pod whose container has postStart and preStop handlers.

    Without arguments it declares the Pod of the Kubernetes page "Attach Handlers to Container Lifecycle
    Events". Before it registers anything, it raises LifecycleDemoError with every error in the arguments.
    It checks a value that is not known yet as soon as it is known, before Pulumi creates the Pod.
    """

    def __init__(
        self,
        name: str,
        args: LifecycleDemoArgs = _PAGE,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        from .validation import CheckedPod  # with the rules most of the import's time, so only with the first Pod

        checked = CheckedPod(name, args)
        # The Pod has what the arguments say. A second copy here would double the state, and cost a fifth of a preview.
        super().__init__("lifecycle:index:LifecycleDemo", name, {}, opts)
        is_preview = pulumi.runtime.is_dry_run()
        cluster = None if is_preview else cluster_of(self.get_provider(POD))
        hooks, has_delete_hooks = None, False
        if cluster is not None:
            has_delete_hooks = bool(checked.args.get("report_deletion"))
            pod_hooks = Hooks(checked.drafted)
            is_special = pod_hooks.may_be_secret or not cluster.is_default
            special = pulumi.create_urn(name, POD, parent=self) if is_special else None
            hooks = resource_hooks(cluster, pod_hooks, special, of_deletion=has_delete_hooks)
        metadata = awaited(checked.metadata, checked.drafted) if checked.args.get("fail_fast", True) else None
        pod = k8s.core.v1.Pod(
            name,
            metadata=cast(k8s.meta.v1.ObjectMetaArgsDict, metadata or checked.metadata),
            spec=cast(k8s.core.v1.PodSpecArgsDict, checked.spec),
            opts=pulumi.ResourceOptions(
                parent=self,
                custom_timeouts=_timeouts(checked, opts.custom_timeouts if opts else None),
                replace_on_changes=list(REPLACES),
                # Two Pods cannot have one name. The provider says so itself where it asks for the replacement, not we.
                hooks=hooks,
                delete_before_replace=None if checked.args.get("generate_name") else True,
            ),
        )
        self._pod = pod
        self._made: pulumi.Output[Any] = pod.metadata
        if metadata is not None and not is_preview:
            self._made = started(pod, cluster, Hooks(checked.drafted), has_delete_hooks=has_delete_hooks)
        self._grace_seconds = checked.grace_seconds
        self._writes_message = checked.writes_message
        self.register_outputs({"pod": pod, "gracePeriodSeconds": checked.grace_seconds, **self._all_told()})

    # Outputs are made when they are asked for, for each costs as much as all that the arguments are judged by. They are
    # not annotated in the class, whose annotations Pulumi reads again with each registration.
    @cached_property
    def pod(self) -> pulumi.Output[k8s.core.v1.Pod]:
        """The Pod itself, for everything that no other output covers."""
        return pulumi.Output.from_input(self._pod)

    @cached_property
    def pod_name(self) -> pulumi.Output[str]:
        """The Pod's `metadata.name`."""
        return self._told("podName")

    @cached_property
    def namespace(self) -> pulumi.Output[str]:
        """The Pod's namespace."""
        return self._told("namespace")

    @cached_property
    def grace_period_seconds(self) -> pulumi.Output[int]:
        """Seconds between the Pod's deletion and SIGKILL."""
        return pulumi.Output.from_input(self._grace_seconds)

    @cached_property
    def verify_command(self) -> pulumi.Output[str]:
        """The command that shows what the hooks did: the page's postStart message, or else the Pod's events."""
        return self._told("verifyCommand")

    def _told(self, name: str) -> pulumi.Output[str]:
        return self._made.apply(lambda made: self._of(made)[name])

    def _of(self, made: Any) -> Mapping[str, str]:
        """The outputs that the names of the Pod tell."""
        namespace, name = made.namespace or "default", made.name or ""
        events = f"kubectl get events --namespace {namespace} --field-selector involvedObject.name={name}"
        message = f"kubectl exec --namespace {namespace} {name} -- cat /usr/share/message"
        return {
            "podName": name,
            "namespace": namespace,
            "verifyCommand": message if self._writes_message else events,
        }

    def _all_told(self) -> Mapping[str, Any]:
        """The same to be registered, in a preview without an Output for each."""
        names = ("podName", "namespace", "verifyCommand")
        if not pulumi.runtime.is_dry_run():
            return {name: self._told(name) for name in names}
        told: dict[str, asyncio.Future[Any]] = {name: asyncio.Future() for name in names}

        async def tell() -> None:
            values: Mapping[str, Any] = {}
            with contextlib.suppress(Exception):  # the Pod has failed, and its own comes before these
                is_plain = await self._made.is_known() and not await self._made.is_secret()
                values = self._of(await self._made.future()) if is_plain else {name: self._told(name) for name in names}
            for name, future in told.items():
                future.set_result(values.get(name))

        self._telling = asyncio.ensure_future(tell())
        return told


def _timeouts(checked: "CheckedPod", given: pulumi.CustomTimeouts | None) -> pulumi.CustomTimeouts:
    """The caller's, for Pulumi hands none on to a child, and in their place those that outlast the hooks."""
    grace, start = checked.grace_seconds, math.ceil(checked.post_start_seconds)
    own = pulumi.CustomTimeouts(
        create=f"{CREATE_SECONDS + start}s" if start else None,
        delete=f"{grace + DELETE_MARGIN_SECONDS}s" if isinstance(grace, int) else UNKNOWN_GRACE_TIMEOUT,
    )
    return pulumi.CustomTimeouts(**{**vars(own), **{key: value for key, value in vars(given or own).items() if value}})
