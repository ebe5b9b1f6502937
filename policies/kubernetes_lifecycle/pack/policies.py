"""The nine policies: a table, and how each is judged."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from lifecycle_rules import address
from lifecycle_rules.model import steps

from ..not_judged import not_judged
from ..objects import Object
from ..profiles import DEFAULT
from ..remediation import REMEDIES, Edit, edits
from ..rules import BY_POLICY
from ..settings import SCHEMAS, Settings
from . import current
from .resources import kind_of, object_of
from .values import of_proxies

PAGE: Final = "docs/policies.md"
TAGS: Final = ["kubernetes", "lifecycle-hooks", "graceful-shutdown"]
FRAMEWORK: Final = PolicyComplianceFramework(
    name="Kubernetes",
    version="1.37",
    reference="Attach Handlers to Container Lifecycle Events",
    specification="How Kubernetes runs postStart and preStop handlers, as seen on a real kubelet",
)


class Entry(NamedTuple):
    """What the table says of a policy."""

    name: str
    severity: Severity
    display_name: str
    description: str
    remediation_steps: str

    @property
    def level(self) -> EnforcementLevel:
        return EnforcementLevel(DEFAULT[self.name])


POLICIES: Final = (
    Entry(
        "pre-stop-required",
        Severity.HIGH,
        "preStop hook required",
        "Every long-running container has a preStop hook.",
        "Add a preStop handler that lets the container finish its work.",
    ),
    Entry(
        "post-start-required",
        Severity.LOW,
        "postStart hook required",
        "Every long-running container has a postStart hook.",
        "Add a postStart handler that prepares what the container needs before it is Ready.",
    ),
    Entry(
        "hooks-accepted",
        Severity.HIGH,
        "Hooks are accepted",
        "The API server accepts every lifecycle hook.",
        "Write the hook as the Kubernetes API defines it. The message says what the API server would say.",
    ),
    Entry(
        "hooks-effective",
        Severity.HIGH,
        "Hooks can run",
        "The kubelet can carry out every lifecycle hook.",
        "Replace what the kubelet cannot run. The message says what the kubelet would do.",
    ),
    Entry(
        "grace-budget",
        Severity.HIGH,
        "Hooks fit into the grace period",
        "Every preStop hook ends within the grace period and leaves the processes time to end.",
        "Raise terminationGracePeriodSeconds, or shorten the preStop.",
    ),
    Entry(
        "hook-secrets",
        Severity.CRITICAL,
        "No secrets in hooks",
        "No lifecycle hook shows a secret to everyone who can read the Pod.",
        "Read the secret in the container, from a file or from its environment.",
    ),
    Entry(
        "shutdown-practice",
        Severity.MEDIUM,
        "Hooks work well",
        "Lifecycle hooks and shutdown follow proven practice.",
        "Follow the message: it says what works better, and why.",
    ),
    Entry(
        "safe-replacement",
        Severity.MEDIUM,
        "Pods are replaced safely",
        "Pulumi waits until the Pod that it replaces is gone.",
        "Let Pulumi wait for the deletion, and long enough.",
    ),
    Entry(
        "exemptions",
        Severity.LOW,
        "What was not judged",
        "Nothing is skipped silently: this policy reports what is exempt and why, and what no policy can see.",
        "Fix what is exempt, or renew the exemption.",
    ),
)


class ResourcePolicy(ResourceValidationPolicy):
    """A policy of this pack that judges single resources."""


class StackPolicy(StackValidationPolicy):
    """A policy of this pack that judges the whole stack."""


def build_policies(names: Sequence[str] = ()) -> list[Policy]:
    """Returns all policies of the pack, or those in `names`, for this pack or another one. `serve` serves them.

    Raises ValueError for a name that the pack does not have.
    """
    known = {each.name: each for each in POLICIES}
    for name in names:
        if name not in known:
            raise ValueError(f"no policy is named {name!r}; choose from: {', '.join(known)}")
    return [_policy(known[name]) for name in names or known]


def _policy(entry: Entry) -> Policy:
    common: dict[str, Any] = {
        "name": entry.name,
        "description": entry.description,
        "enforcement_level": entry.level,
        "config_schema": PolicyConfigSchema(properties=dict(SCHEMAS[entry.name])),
        "display_name": entry.display_name,
        "severity": entry.severity,
        "framework": FRAMEWORK,
        "tags": TAGS,
        "remediation_steps": entry.remediation_steps,
        "url": address.page(PAGE, entry.name),
    }
    if entry.name in BY_POLICY:

        def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
            for violation in _violations(entry.name, args):
                report(violation.message, None)

        def remediate(args: ResourceValidationArgs) -> Any:
            if not kind_of(args.resource_type):
                args.not_applicable("not a Kubernetes resource")
            settings = current.settings() or _own_settings(entry.name, args.get_config())
            obj = _object(args)  # as an earlier policy left it in this very call, which tells what is secret
            if (asked := current.obj()) is not None:
                obj = obj._replace(values=obj.values._replace(secrets=asked.values.secrets))
            # what breaks a rule that has a level of its own is left to that level
            found = (
                ()
                if obj.excluded_by(settings)
                else edits(entry.name, obj, settings, lambda rule: rule.id not in settings.levels)
            )
            return written(found, args.props) if found else None

        mends = remediate if entry.name in REMEDIES else None
        return ResourcePolicy(**common, validate=validate, remediate=mends)

    def validate_stack(args: StackValidationArgs, report: ReportViolation) -> None:
        settings = current.settings() or _own_settings(entry.name, args.get_config())
        objects = current.objects()
        if objects is None:
            objects = [_object(each) for each in args.resources if kind_of(each.resource_type)]
        for urn, message in not_judged(objects, settings):
            report(message, urn)

    return StackPolicy(**common, validate=validate_stack)


def written(edits_of_it: Iterable[Edit], props: Any) -> Any:
    """The properties with the edits in them: in place, for pulumi-policy's proxies keep secret what is secret."""
    for edit in edits_of_it:
        *way, last = steps(edit.path)
        holder = props
        for step in way:
            holder = holder[step]
        holder[last] = edit.value
    return props


def _violations(name: str, args: ResourceValidationArgs) -> Any:
    if not kind_of(args.resource_type):
        args.not_applicable("not a Kubernetes resource")
    settings = current.settings() or _own_settings(name, args.get_config())
    obj = current.obj() or _object(args)
    excluded = obj.excluded_by(settings)
    if excluded:
        args.not_applicable(f"excluded by {excluded}")
    return current.judgement(obj, settings).violations.get(name, ())


def _own_settings(name: str, config: Mapping[str, Any]) -> Settings:
    """Under pulumi-policy's own PolicyPack a policy knows of the configuration only its own part."""
    return Settings.parse({name: config})


def _object(args: Any) -> Object:
    """Of the arguments of a resource policy, or a resource of a stack policy's."""
    timeouts = args.opts.custom_timeouts
    seconds = timeouts.delete_seconds if timeouts else 0
    return object_of(args.urn, args.resource_type, args.name, of_proxies(args.props), seconds)
