"""The rules: what each one says, why, and how to mend what it finds."""

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Group(str, Enum):
    """What a rule is about; the policy pack has one policy per group."""

    ACCEPTED = "accepted"  # the API server would refuse it


class Severity(str, Enum):
    ERROR = "error"


@dataclass(frozen=True)
class Rule:
    id: str
    group: Group
    severity: Severity
    title: str
    why: str
    fix: str


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: the rule, the field's path as the API server writes it, and its words."""

    rule: Rule
    path: str
    message: str
    container: str


def _accepted(id: str, title: str, why: str, fix: str) -> Rule:
    return Rule(id, Group.ACCEPTED, Severity.ERROR, title, why, fix)


HOOK_ONE_HANDLER: Final = _accepted(
    "hook-one-handler",
    "A hook has exactly one handler",
    "The API server refuses a hook with none, or with more than one, of exec, httpGet, sleep and tcpSocket.",
    "Keep one of exec, httpGet and sleep.",
)
EXEC_COMMAND_LIST: Final = _accepted(
    "exec-command-list",
    "An exec handler has a command",
    "`exec.command` is required, and is a list of words: no shell splits it.",
    'Write the command as a list, e.g. ["/bin/sh", "-c", "nginx -s quit"].',
)
HTTPGET_PORT: Final = _accepted(
    "httpget-port",
    "An httpGet handler has a valid port number",
    "A missing port counts as 0, and the API server refuses numbers outside 1..65535.",
    "Give the number of the port, or the name that the container's ports declare.",
)
HTTPGET_SCHEME: Final = _accepted(
    "httpget-scheme",
    "An httpGet handler's scheme is HTTP or HTTPS",
    "The API server knows these two, in capitals.",
    "Write HTTP or HTTPS.",
)
HTTPGET_HEADER_NAME: Final = _accepted(
    "httpget-header-name",
    "An httpGet handler's header has a valid name",
    "The API server takes letters, digits and `-`; an underscore is refused.",
    "Write the name as in `X-Header-Name`.",
)
LIFECYCLE_ON_INIT: Final = _accepted(
    "lifecycle-on-init",
    "Of init containers only sidecars have hooks",
    "The API server refuses the `lifecycle` of an init container that runs to its end, an empty one too.",
    "Remove the hook, or make the container a sidecar with `restartPolicy: Always` (Kubernetes 1.29).",
)
LIFECYCLE_ON_EPHEMERAL: Final = _accepted(
    "lifecycle-on-ephemeral",
    "Ephemeral containers have no hooks",
    "The API server refuses the `lifecycle` of a container that was added for debugging.",
    "Remove the hook.",
)
PROBE_GRACE: Final = _accepted(
    "probe-grace",
    "A probe's own grace period is positive, and not a readiness probe's",
    "It is the time that a container has to stop after the probe failed; a readiness probe stops nothing.",
    "Give a liveness or startup probe 1 second or more, and a readiness probe none.",
)
SLEEP_BOUNDS: Final = _accepted(
    "sleep-bounds",
    "A sleep handler fits into the grace period",
    "The API server refuses a sleep that is negative, or longer than terminationGracePeriodSeconds (30 when unset).",
    "Shorten the sleep, or raise terminationGracePeriodSeconds above it.",
)

RULES: Final = (
    HOOK_ONE_HANDLER,
    EXEC_COMMAND_LIST,
    HTTPGET_PORT,
    HTTPGET_SCHEME,
    HTTPGET_HEADER_NAME,
    LIFECYCLE_ON_INIT,
    LIFECYCLE_ON_EPHEMERAL,
    PROBE_GRACE,
    SLEEP_BOUNDS,
)
