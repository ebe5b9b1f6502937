"""A pack of one's own: policies of kubernetes-lifecycle, configured, and one more."""

from pulumi_policy import EnforcementLevel, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy

from kubernetes_lifecycle.pack import build_policies, serve


def latest(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if args.resource_type != "kubernetes:core/v1:Pod":
        args.not_applicable("not a Pod")
    for number, container in enumerate(args.props["spec"]["containers"]):
        if container["image"].endswith(":latest"):
            report(f"spec.containers[{number}].image: {container['image']} has no version")


policies = [
    *build_policies(["pre-stop-required", "hooks-effective", "grace-budget", "exemptions"]),
    ResourceValidationPolicy(
        name="no-latest",
        description="Images have a version.",
        validate=latest,
        enforcement_level=EnforcementLevel.MANDATORY,
    ),
]
serve("acme-workloads", policies, initial_config={"grace-budget": {"shutdownSeconds": 10}})
