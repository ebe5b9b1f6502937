"""The same Pod for workloads of other kinds."""

from typing import Any

from .args import LifecycleDemoArgs

_PAGE: LifecycleDemoArgs = {}


def pod_template(name: str, args: LifecycleDemoArgs = _PAGE) -> dict[str, Any]:
    """The `template` of a Deployment, StatefulSet, DaemonSet or Job, validated like LifecycleDemo's own Pod.

    `name` names the container and the default label, as the resource's name does for LifecycleDemo. Raises
    LifecycleDemoError with every error in the arguments. A template cannot have a Pod's `name`, `namespace` or
    `generate_name`.
    """
    from .validation import CheckedPod  # as in component.py

    checked = CheckedPod(name, args, is_template=True)
    return {"metadata": checked.metadata, "spec": checked.spec}
