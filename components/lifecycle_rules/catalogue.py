"""The rules: what each one says, why, and how to mend what it finds."""

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Group(str, Enum):
    """What a rule is about; the policy pack has one policy per group."""

    ACCEPTED = "accepted"  # the API server would refuse it
    BUDGET = "budget"  # the hook's time against the grace period
    EFFECTIVE = "effective"  # accepted, but the kubelet can never carry it out


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


def _effective(id: str, title: str, why: str, fix: str) -> Rule:
    return Rule(id, Group.EFFECTIVE, Severity.ERROR, title, why, fix)


def _budget(id: str, title: str, why: str, fix: str) -> Rule:
    return Rule(id, Group.BUDGET, Severity.ERROR, title, why, fix)


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

TCPSOCKET_HOOK: Final = _effective(
    "tcpsocket-hook",
    "A hook's tcpSocket is never run",
    "The field is kept for compatibility; the kubelet answers `invalid handler` (lifecycle/handlers.go).",
    "Use exec, httpGet or sleep.",
)
HTTPGET_NAMED_PORT: Final = _effective(
    "httpget-named-port",
    "An httpGet handler's port name is one of its own container's",
    "The kubelet looks the name up in the ports of the container that has the hook, and nowhere else (probe/util.go).",
    "Declare the port in the same container, or give its number.",
)
HTTPGET_HOSTNETWORK: Final = _effective(
    "httpget-hostnetwork",
    "An httpGet handler under hostNetwork names its host",
    "Without a host the kubelet asks the runtime for the Pod's address, and under hostNetwork there is none.",
    "Set `host: 127.0.0.1`, which is the node and thereby the container, or use exec.",
)
HTTPGET_LOCALHOST: Final = _effective(
    "httpget-localhost",
    "An httpGet handler's host is not the loopback",
    "The kubelet sends the request from the node's network, where the container does not listen.",
    "Leave `host` out: the request then goes to the Pod's own address.",
)
EXEC_EMPTY_ARG0: Final = _effective(
    "exec-empty-arg0",
    "An exec handler names a program",
    "The API server does not look into the words of a command.",
    "Write the program's name as the first word.",
)
EXEC_SINGLE_STRING: Final = _effective(
    "exec-single-string",
    "An exec handler's command is a list of words",
    "No shell splits the command: the whole text is taken for the name of one program.",
    'Write each word for itself, e.g. ["sleep", "10"], or let a shell run it: ["/bin/sh", "-c", "…"].',
)
EXEC_SHELL_SYNTAX: Final = _effective(
    "exec-shell-syntax",
    "Shell syntax needs a shell",
    "The runtime starts the program with the words as they are; `&&`, `|` and `>` mean nothing to it.",
    'Let a shell run it: ["/bin/sh", "-c", "…"].',
)
EXEC_SH_C_SPLIT: Final = _effective(
    "exec-sh-c-split",
    "The script of `sh -c` is one word",
    "A shell takes the one word behind -c for its script, and those behind it for $0, $1 and so on.",
    'Write the script as one word: ["/bin/sh", "-c", "sleep 5"].',
)
EXEC_VAR_LITERAL: Final = _effective(
    "exec-var-literal",
    "A variable in a hook's command needs a shell",
    "Kubernetes expands $(VAR) in `command`, `args` and probes, not in hooks (kubernetes#129502).",
    'Let a shell expand it: ["/bin/sh", "-c", "… "$VAR""].',
)

PRESTOP_BUDGET: Final = _budget(
    "prestop-budget",
    "A preStop leaves the container time within the grace period",
    "The grace period counts from the deletion: hook first, stop signal after. A sleep equal to it is accepted.",
    "Shorten the hook, or raise terminationGracePeriodSeconds to the hook plus what the process takes to end.",
)
PROBE_GRACE_VS_PRESTOP: Final = _budget(
    "probe-grace-vs-prestop",
    "A preStop leaves the container time within its probes' grace periods",
    "Where a liveness or startup probe fails, its own terminationGracePeriodSeconds takes the place of the Pod's.",
    "Shorten the hook, or raise the probe's terminationGracePeriodSeconds above it.",
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
    TCPSOCKET_HOOK,
    HTTPGET_NAMED_PORT,
    HTTPGET_HOSTNETWORK,
    HTTPGET_LOCALHOST,
    EXEC_EMPTY_ARG0,
    EXEC_SINGLE_STRING,
    EXEC_SHELL_SYNTAX,
    EXEC_SH_C_SPLIT,
    EXEC_VAR_LITERAL,
    PRESTOP_BUDGET,
    PROBE_GRACE_VS_PRESTOP,
)
