"""The same Pod for workloads of other kinds."""

from typing import Any

from .args import LifecycleDemoArgs

_PAGE: LifecycleDemoArgs = {}


def pod_template(name: str, args: LifecycleDemoArgs = _PAGE) -> dict[str, Any]:
    """The `template` of a Deployment, StatefulSet, DaemonSet or Job, validated as LifecycleDemo's own Pod is.

    `name` names the container and the default label, as the resource's name does for LifecycleDemo. Raises
    LifecycleDemoError with all that is wrong; a Pod's `name`, `namespace` and `generate_name` are
    no template's.
    """
    from .validation import CheckedPod  # as in component.py

    checked = CheckedPod(name, args, is_template=True)
    return {"metadata": checked.metadata, "spec": checked.spec}
