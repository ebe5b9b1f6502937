"""The policies, and the pack that holds them."""

from collections.abc import Iterator
from typing import Any, Final

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

from adapter import kubernetes_kind, plain
from lifecycle_rules import Role, containers, pod_specs

PACK_NAME: Final = "kubernetes-lifecycle"

# Kinds whose containers run until they are stopped. A Job's container ends by itself, and Kubernetes
# runs no preStop hook then (kubernetes/kubernetes#55807).
LONG_RUNNING_KINDS: Final = (
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
)
# The engine fills schema defaults in; a policy that is called without it needs its own.
DEFAULTS: Final = {"kinds": list(LONG_RUNNING_KINDS), "roles": [Role.APP.value]}

CONFIG_SCHEMA: Final = PolicyConfigSchema(
    properties={
        "kinds": {
            "type": "array",
            "items": {"type": "string", "enum": list(LONG_RUNNING_KINDS)},
            "default": DEFAULTS["kinds"],
            "description": "Kinds of workload whose containers must have the hook.",
        },
        "roles": {
            "type": "array",
            "items": {"type": "string", "enum": [Role.APP.value, Role.SIDECAR.value]},
            "default": DEFAULTS["roles"],
            "description": "Containers that must have the hook: app, and sidecar (init with restartPolicy Always).",
        },
    }
)

MEND: Final = {
    "preStop": (
        "Add a preStop handler that lets the container finish its work, "
        "e.g. `sleep: {seconds: 5}` in front of a server behind a Service."
    ),
    "postStart": "Add a postStart handler that prepares what the container needs before it is Ready.",
}


def build_policies() -> list[Policy]:
    """The policies of the pack, for this pack or for another one."""
    return [
        _required("pre-stop-required", "preStop", EnforcementLevel.MANDATORY, Severity.HIGH),
        _required("post-start-required", "postStart", EnforcementLevel.ADVISORY, Severity.LOW),
    ]


def missing_hooks(kind: str, props: dict[str, Any], event: str, kinds: list[str], roles: list[str]) -> Iterator[str]:
    """A message for each container that lacks the hook; an unknown hook is present."""
    if kind not in kinds:
        return
    for pod in pod_specs(kind, props):
        for container in containers(pod):
            if container.role.value in roles and container.hook(event) is None:
                yield (
                    f"{container.path}.lifecycle.{event}: container {container.name!r} has no {event} hook. "
                    f"{MEND[event]}"
                )


def _required(name: str, event: str, level: EnforcementLevel, severity: Severity) -> Policy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        kind = kubernetes_kind(args.resource_type)
        if kind is None:
            args.not_applicable("not a Kubernetes resource")
            return
        config = {**DEFAULTS, **args.get_config()}
        for message in missing_hooks(kind, plain(args.props), event, config["kinds"], config["roles"]):
            report(f"{message} [{name}]", None)

    return ResourceValidationPolicy(
        name=name,
        description=f"Every long-running container has a {event} hook.",
        validate=validate,
        enforcement_level=level,
        config_schema=CONFIG_SCHEMA,
        display_name=f"{event} hook required",
        severity=severity,
        tags=["kubernetes", "lifecycle"],
        remediation_steps=MEND[event],
    )


def serve() -> None:
    """Serves the pack; never returns, and may be called once in a process."""
    PolicyPack(name=PACK_NAME, policies=build_policies())
