"""The rules of each policy: those of lifecycle_rules by group, and the pack's own."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from lifecycle_rules import RULES, Group, Rule, Severity

_own = partial(Rule, sources=())

PRE_STOP_REQUIRED: Final = _own(
    id="pre-stop-required",
    group=Group.PRACTICE,
    severity=Severity.ERROR,
    title="Every long-running container has a preStop hook",
    why="Without one, a container gets its stop signal while proxies still send it requests, and a rollout loses some.",
    fix=(
        "Add a preStop handler that lets the container finish its work, e.g. `sleep: {seconds: 5}` for a server behind "
        "a Service."
    ),
)
POST_START_REQUIRED: Final = _own(
    id="post-start-required",
    group=Group.PRACTICE,
    severity=Severity.INFO,
    title="Every long-running container has a postStart hook",
    why="For teams that prepare something in every container. Kubernetes itself does not need it.",
    fix="Add a postStart handler that prepares what the container needs before it is Ready.",
)
SHUTDOWN_SECONDS: Final = _own(
    id="shutdown-seconds",
    group=Group.BUDGET,
    severity=Severity.ERROR,
    title="The grace period leaves the processes enough time to end",
    why=(
        "The preStop uses up part of the grace period. The rest is all the time that a process has after its stop "
        "signal."
    ),
    fix="Raise terminationGracePeriodSeconds, or shorten the preStop.",
)
GRACE_MAXIMUM: Final = _own(
    id="grace-maximum",
    group=Group.BUDGET,
    severity=Severity.ERROR,
    title="The grace period is no longer than allowed",
    why="A node's drain waits for it. Autoscalers and spot instances do not.",
    fix="Lower terminationGracePeriodSeconds, and with it the preStop.",
)
DRAIN_SECONDS: Final = _own(
    id="drain-seconds",
    group=Group.PRACTICE,
    severity=Severity.WARNING,
    title="A preStop that sleeps does so until the proxies know that the Pod ends",
    why="Requests keep coming until every proxy and load balancer knows that the Pod ends.",
    fix="Sleep longer, and raise terminationGracePeriodSeconds with it.",
)
SKIP_AWAIT_NAMED: Final = _own(
    id="skip-await-named",
    group=Group.PRACTICE,
    severity=Severity.WARNING,
    title="Pulumi waits for a Pod that has a fixed name",
    why=(
        "pulumi.com/skipAwait skips the wait for the deletion too. When Pulumi replaces the Pod, it applies the new "
        "one to the old one, whose preStop still runs, and `pulumi up` fails with a Server-Side Apply conflict."
    ),
    fix="Remove pulumi.com/skipAwait, or let Pulumi choose metadata.name.",
)
DELETE_TIMEOUT: Final = _own(
    id="delete-timeout",
    group=Group.PRACTICE,
    severity=Severity.WARNING,
    title="Pulumi waits for a deletion as long as the grace period lasts",
    why=(
        "Pulumi gives up after customTimeouts.delete, 10 minutes by default, and the update fails while Pods still end."
    ),
    fix="Set customTimeouts.delete above terminationGracePeriodSeconds.",
)

_GROUPS: Final = {
    "hooks-accepted": Group.ACCEPTED,
    "hooks-effective": Group.EFFECTIVE,
    "grace-budget": Group.BUDGET,
    "hook-secrets": Group.SECRETS,
    "shutdown-practice": Group.PRACTICE,
}
_OWN: Final[Mapping[str, tuple[Rule, ...]]] = {
    "pre-stop-required": (PRE_STOP_REQUIRED,),
    "post-start-required": (POST_START_REQUIRED,),
    "grace-budget": (SHUTDOWN_SECONDS, GRACE_MAXIMUM),
    "shutdown-practice": (DRAIN_SECONDS,),
    "safe-replacement": (SKIP_AWAIT_NAMED, DELETE_TIMEOUT),
}
BY_POLICY: Final[Mapping[str, tuple[Rule, ...]]] = {
    name: (*(rule for rule in RULES if rule.group is _GROUPS.get(name)), *_OWN.get(name, ()))
    for name in dict.fromkeys((*_OWN, *_GROUPS))
}
"""What each policy judges by; a rule is one policy's."""
POLICY_OF: Final[Mapping[str, str]] = {rule.id: name for name, rules in BY_POLICY.items() for rule in rules}
ENGINES_OWN: Final = ("all",)
"""Names in a configuration that are no policy's: the level of all of them."""
