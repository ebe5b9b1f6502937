"""What the API server refuses, in its own paths and words (Kubernetes 1.37, pkg/apis/core/validation).

It judges the first handler of a hook, in the order of HANDLERS, and forbids each later one. A value
of a type that it cannot even decode is not judged here (fields.py), but for a command that is no list.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from .catalogue import (
    EXEC_COMMAND_LIST,
    HOOK_ONE_HANDLER,
    HTTPGET_HEADER_NAME,
    HTTPGET_PORT,
    HTTPGET_SCHEME,
    LIFECYCLE_ON_EPHEMERAL,
    LIFECYCLE_ON_INIT,
    PROBE_GRACE,
    SLEEP_BOUNDS,
    STOPSIGNAL_OS,
    Finding,
    Rule,
)
from .model import UNKNOWN, Container, PodSpec, Role, items, whole
from .versions import SLEEP_ZERO, Kubernetes

HANDLERS: Final = ("exec", "httpGet", "tcpSocket", "sleep")
EVENTS: Final = ("postStart", "preStop")
PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")
SCHEMES: Final = ("HTTP", "HTTPS")
_LINUX_SIGNALS: Final = (
    "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP "
    "TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX"
)
SIGNALS: Final[Mapping[str, frozenset[str]]] = {
    "windows": frozenset({"SIGKILL", "SIGTERM"}),
    "linux": frozenset(f"SIG{name}" for name in _LINUX_SIGNALS.split())
    | {f"SIGRTMIN+{offset}" for offset in range(1, 16)}
    | {f"SIGRTMAX-{offset}" for offset in range(1, 15)},
}

# What each role's `lifecycle` is refused with as a whole, whatever stands in it.
_NO_LIFECYCLE: Final[Mapping[Role, tuple[Rule, str]]] = {
    Role.INIT: (LIFECYCLE_ON_INIT, "Forbidden: may not be set for init containers without restartPolicy=Always"),
    Role.EPHEMERAL: (LIFECYCLE_ON_EPHEMERAL, "Forbidden: cannot be set for an Ephemeral Container"),
}
_HEADER_NAME: Final = re.compile(r"[-A-Za-z0-9]+")
_HEADER_WORDS: Final = (
    "a valid HTTP header must consist of alphanumeric characters or '-' "
    "(e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"
)
# A port's name: what is wrong with it, and how that is told.
_PORT_NAME: Final[tuple[tuple[Callable[[str], object], str], ...]] = (
    (lambda name: len(name.encode(errors="surrogatepass")) > 15, "must be no more than 15 characters"),
    (
        lambda name: not re.fullmatch("[-a-z0-9]+", name),
        "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
    ),
    (lambda name: not re.search("[a-z]", name), "must contain at least one letter (a-z)"),
    (lambda name: "--" in name, "must not contain consecutive hyphens"),
    (lambda name: name.startswith("-") or name.endswith("-"), "must not begin or end with a hyphen"),
)

_ENABLE_ZERO: Final = ". Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep."  # 1.32 alone

_Fault = tuple[Rule, str, str]  # rule, path below the handler's, message


def findings(container: Container, pod: PodSpec, grace: object, kubernetes: Kubernetes) -> Iterator[Finding]:
    """The findings of the group `accepted` in one container; `grace` is its pod's, defaulted, or UNKNOWN."""
    refused = _NO_LIFECYCLE.get(container.role)
    if refused:
        rule, message = refused
        # An init container whose restartPolicy is not known yet may be a sidecar in the end.
        is_sure = container.spec.get("restartPolicy") is not UNKNOWN
        if is_sure and isinstance(container.spec.get("lifecycle"), dict):
            yield Finding(rule, f"{container.path}.lifecycle", message, container.name)
        return
    for event in EVENTS:
        hook = container.hook(event)
        if isinstance(hook, dict):
            for rule, below, message in _hook(hook, grace, kubernetes):
                yield Finding(rule, f"{container.path}.lifecycle.{event}{below}", message, container.name)
    for rule, message in _stop_signal(container, pod):
        yield Finding(rule, f"{container.path}.lifecycle.stopSignal", message, container.name)
    for rule, below, message in _probes(container):
        yield Finding(rule, f"{container.path}{below}", message, container.name)


def _hook(hook: Mapping[str, Any], grace: object, kubernetes: Kubernetes) -> Iterator[_Fault]:
    # An unknown handler may turn out to be none: it is neither counted, nor are those behind it judged.
    unknown = [name for name in HANDLERS if hook.get(name) is UNKNOWN]
    present = [name for name in HANDLERS if hook.get(name) not in (None, UNKNOWN)]
    if not present:
        if not unknown:
            yield HOOK_ONE_HANDLER, "", "Required value: must specify a handler type"
        return
    for later in present[1:]:
        yield HOOK_ONE_HANDLER, f".{later}", "Forbidden: may not specify more than 1 handler type"
    first = present[0]
    if any(HANDLERS.index(name) < HANDLERS.index(first) for name in unknown) or not isinstance(hook[first], dict):
        return
    for rule, below, message in _ACTIONS[first](hook[first], grace, kubernetes):
        yield rule, f".{first}{below}", message


def _exec(action: Mapping[str, Any], grace: object, kubernetes: Kubernetes) -> Iterator[_Fault]:
    command = action.get("command")
    if command is not UNKNOWN and not items(command):
        is_list = command is None or isinstance(command, list | tuple)
        yield EXEC_COMMAND_LIST, ".command", "Required value" if is_list else "must be a list of strings"


def _http_get(action: Mapping[str, Any], grace: object, kubernetes: Kubernetes) -> Iterator[_Fault]:
    yield from _port(action, grace, kubernetes)
    scheme = action.get("scheme")
    if isinstance(scheme, str) and scheme and scheme not in SCHEMES:  # an empty one becomes HTTP
        yield HTTPGET_SCHEME, ".scheme", f'Unsupported value: {_quoted(scheme)}: supported values: "HTTP", "HTTPS"'
    for header in items(action.get("httpHeaders")):
        name = header.get("name", "") if isinstance(header, dict) else UNKNOWN
        if isinstance(name, str) and not _HEADER_NAME.fullmatch(name):
            yield HTTPGET_HEADER_NAME, ".httpHeaders", f"Invalid value: {_quoted(name)}: {_HEADER_WORDS}"


def _port(action: Mapping[str, Any], grace: object, kubernetes: Kubernetes) -> Iterator[_Fault]:
    port = whole(action.get("port"))
    if port is None:
        port = 0
    if isinstance(port, int) and not 1 <= port <= 65535:
        yield HTTPGET_PORT, ".port", f"Invalid value: {port}: must be between 1 and 65535, inclusive"
    elif isinstance(port, str):
        for wrong, words in _PORT_NAME:
            if wrong(port):
                yield HTTPGET_PORT, ".port", f"Invalid value: {_quoted(port)}: {words}"


def _sleep(action: Mapping[str, Any], grace: object, kubernetes: Kubernetes) -> Iterator[_Fault]:
    seconds = whole(action.get("seconds"))
    if seconds is None:
        seconds = 0
    if not isinstance(seconds, int) or not isinstance(grace, int):
        return
    if kubernetes.has(SLEEP_ZERO):
        least, words, hint = 0, "non-negative", ""
    else:
        least, words, hint = 1, "greater than 0", _ENABLE_ZERO if kubernetes.knows(SLEEP_ZERO) else ""
    if not least <= seconds <= grace:
        what = f"must be {words} and less than terminationGracePeriodSeconds ({grace}){hint}"
        yield SLEEP_BOUNDS, "", f"Invalid value: {seconds}: {what}"


def _stop_signal(container: Container, pod: PodSpec) -> Iterator[tuple[Rule, str]]:
    """Only where the gate is on: it is dropped before it comes here otherwise (fields.py)."""
    lifecycle = container.spec.get("lifecycle")
    signal = lifecycle.get("stopSignal") if isinstance(lifecycle, dict) else None
    if not isinstance(signal, str):
        return
    os = pod.spec.get("os")
    name = os.get("name") if isinstance(os, dict) else None
    if os is None and pod.is_whole:
        yield STOPSIGNAL_OS, "Forbidden: may not be set for containers with empty `spec.os.name`"
    known = SIGNALS.get(name) if isinstance(name, str) else None
    if known and signal not in known:
        supported = ", ".join(_quoted(each) for each in sorted(known))
        yield STOPSIGNAL_OS, f"Unsupported value: {_quoted(signal)}: supported values: {supported}"


def _probes(container: Container) -> Iterator[_Fault]:
    for name in PROBES:
        grace = container.probe_grace(name)
        if not isinstance(grace, int):
            continue
        path = f".{name}.terminationGracePeriodSeconds"
        if grace <= 0:
            yield PROBE_GRACE, path, f"Invalid value: {grace}: must be greater than 0"
        if name == "readinessProbe":
            yield PROBE_GRACE, path, f"Invalid value: {grace}: must not be set for readinessProbes"


_ACTIONS: Final[Mapping[str, Callable[[Mapping[str, Any], object, Kubernetes], Iterator[_Fault]]]] = {
    "exec": _exec,
    "httpGet": _http_get,
    "tcpSocket": _port,
    "sleep": _sleep,
}


def _quoted(text: str) -> str:
    """As Go's %q quotes it, for the characters that people write."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
