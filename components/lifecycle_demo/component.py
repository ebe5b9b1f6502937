"""LifecycleDemo, the component."""

from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from .args import LifecycleDemoArgs
from .errors import LifecycleDemoError
from .pod import arguments_errors, plain_pod, pod_errors

# Pulumi waits for a deletion to end; without this it gives up after 10 minutes, whatever the grace period.
DELETE_MARGIN_SECONDS: Final = 60
# The default is an empty mapping, not None: the component host cannot infer an optional type here.
_PAGE: Final[LifecycleDemoArgs] = {}


class LifecycleDemo(pulumi.ComponentResource):
    """A Pod whose container has postStart and preStop handlers.

    Without arguments it is the Pod of the Kubernetes page "Attach Handlers to Container Lifecycle
    Events". Raises LifecycleDemoError, before anything is registered, with all that is wrong.
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
    """The command that reads back the message of the default postStart handler."""

    def __init__(
        self,
        name: str,
        args: LifecycleDemoArgs = _PAGE,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        errors = arguments_errors(args)
        if not errors:
            plain = plain_pod(name, args)
            errors = pod_errors(plain)
        if errors:
            raise LifecycleDemoError(name, errors)

        super().__init__("lifecycle:index:LifecycleDemo", name, dict(args), opts)
        grace = plain["spec"]["terminationGracePeriodSeconds"]
        timeout = (
            pulumi.CustomTimeouts(delete=f"{int(grace) + DELETE_MARGIN_SECONDS}s")
            if isinstance(grace, (int, float))
            else None
        )
        pod = k8s.core.v1.Pod(
            name,
            metadata=plain["metadata"],
            spec=plain["spec"],
            opts=pulumi.ResourceOptions(parent=self, custom_timeouts=timeout),
        )
        self.pod = pulumi.Output.from_input(pod)
        self.pod_name = pod.metadata.apply(lambda m: m.name or "")
        self.namespace = pod.metadata.apply(lambda m: m.namespace or "default")
        self.grace_period_seconds = pulumi.Output.from_input(grace).apply(int)
        self.verify_command = pulumi.Output.concat(
            "kubectl exec --namespace ", self.namespace, " ", self.pod_name, " -- cat /usr/share/message"
        )
        self.register_outputs(
            {
                "pod": pod,
                "podName": self.pod_name,
                "namespace": self.namespace,
                "gracePeriodSeconds": self.grace_period_seconds,
                "verifyCommand": self.verify_command,
            }
        )
