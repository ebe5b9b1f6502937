"""LifecycleDemo, the component."""

import math
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

    Without arguments it is the Pod of the Kubernetes page "Attach Handlers to Container Lifecycle
    Events". Raises LifecycleDemoError, before anything is registered, with all that is wrong; what
    is not known then is judged when it is, before the Pod is created.
    """

    pod: pulumi.Output[k8s.core.v1.Pod]
    """The Pod, for all that the component has no argument for."""
    pod_name: pulumi.Output[str]
    """The Pod's `metadata.name`."""
    namespace: pulumi.Output[str]
    """The Pod's namespace."""
    grace_period_seconds: pulumi.Output[int]
    """Time between the Pod's deletion and SIGKILL, in seconds."""
    verify_command: pulumi.Output[str]
    """The command that shows what the hooks did: the message of the page's postStart, or else the Pod's events."""

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
            pod_hooks = Hooks(checked.spec)
            is_special = pod_hooks.may_be_secret or not cluster.is_default
            special = pulumi.create_urn(name, POD, parent=self) if is_special else None
            hooks = resource_hooks(cluster, pod_hooks, special, of_deletion=has_delete_hooks)
        metadata = awaited(checked.metadata, checked.spec) if checked.args.get("fail_fast", True) else None
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
        self.pod = pulumi.Output.from_input(pod)
        made: pulumi.Output[Any] = pod.metadata
        if metadata is not None and not is_preview:
            made = started(pod, cluster, Hooks(checked.spec), has_delete_hooks=has_delete_hooks)
        self.pod_name = made.apply(lambda m: m.name or "")
        self.namespace = made.apply(lambda m: m.namespace or "default")
        self.grace_period_seconds = pulumi.Output.from_input(checked.grace_seconds)
        # One apply for the whole line: pieces that are put together cost as much as the Pod itself.
        writes_message = checked.writes_message
        self.verify_command = made.apply(lambda m: _verify_command(m, writes_message=writes_message))
        self.register_outputs(
            {
                "pod": pod,
                "podName": self.pod_name,
                "namespace": self.namespace,
                "gracePeriodSeconds": self.grace_period_seconds,
                "verifyCommand": self.verify_command,
            }
        )


def _timeouts(checked: "CheckedPod", given: pulumi.CustomTimeouts | None) -> pulumi.CustomTimeouts:
    """The caller's, for Pulumi hands none on to a child, and in their place those that outlast the hooks."""
    grace, start = checked.grace_seconds, math.ceil(checked.post_start_seconds)
    own = pulumi.CustomTimeouts(
        create=f"{CREATE_SECONDS + start}s" if start else None,
        delete=f"{grace + DELETE_MARGIN_SECONDS}s" if isinstance(grace, int) else UNKNOWN_GRACE_TIMEOUT,
    )
    return pulumi.CustomTimeouts(**{**vars(own), **{key: value for key, value in vars(given or own).items() if value}})


def _verify_command(metadata: Any, *, writes_message: bool) -> str:
    namespace, name = metadata.namespace or "default", metadata.name or ""
    if writes_message:
        return f"kubectl exec --namespace {namespace} {name} -- cat /usr/share/message"
    return f"kubectl get events --namespace {namespace} --field-selector involvedObject.name={name}"
