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
SLEEP_BOUNDS: Final = _accepted(
    "sleep-bounds",
    "A sleep handler fits into the grace period",
    "The API server refuses a sleep that is negative, or longer than terminationGracePeriodSeconds (30 when unset).",
    "Shorten the sleep, or raise terminationGracePeriodSeconds above it.",
)

RULES: Final = (HOOK_ONE_HANDLER, EXEC_COMMAND_LIST, HTTPGET_PORT, SLEEP_BOUNDS)
