"""Runs the catalogue over one object."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from .catalogue import EXEC_COMMAND_LIST, HOOK_ONE_HANDLER, HTTPGET_PORT, SLEEP_BOUNDS, Finding, Rule
from .model import UNKNOWN, Container, Role, containers, pod_specs

DEFAULT_GRACE_SECONDS: Final = 30  # the API server's default for terminationGracePeriodSeconds
# In the order in which the API server looks at them: it judges the first, and forbids each later one.
HANDLERS: Final = ("exec", "httpGet", "tcpSocket", "sleep")


def check(kind: str, obj: Mapping[str, Any]) -> list[Finding]:
    """All findings in an object of `kind`; UNKNOWN values are present and not judged.

    Paths and words are the API server's own (Kubernetes 1.37, pkg/apis/core/validation).
    """
    return [
        finding
        for path, spec in pod_specs(kind, obj)
        for container in containers(path, spec)
        # A hook on a plain init or ephemeral container is refused as a whole, whatever it says.
        if container.role in (Role.APP, Role.SIDECAR)
        for event in ("postStart", "preStop")
        for finding in _hook(container, event, _grace(spec))
    ]


def _grace(spec: Mapping[str, Any]) -> object:
    grace = spec.get("terminationGracePeriodSeconds")
    return DEFAULT_GRACE_SECONDS if grace is None else _whole(grace)


def _whole(value: object) -> object:
    """Pulumi delivers every number as a float; Kubernetes means integers."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _hook(container: Container, event: str, grace: object) -> Iterator[Finding]:
    hook = container.hook(event)
    if not isinstance(hook, Mapping):
        return
    path = f"{container.path}.lifecycle.{event}"

    def found(rule: Rule, where: str, message: str) -> Finding:
        return Finding(rule, where, message, container.name)

    present = [name for name in HANDLERS if hook.get(name) is not None]
    if not present:
        yield found(HOOK_ONE_HANDLER, path, "Required value: must specify a handler type")
        return
    for later in present[1:]:
        yield found(HOOK_ONE_HANDLER, f"{path}.{later}", "Forbidden: may not specify more than 1 handler type")
    first = present[0]
    action = hook[first]
    if not isinstance(action, Mapping):
        return
    if first == "exec":
        command = action.get("command")
        if command is not UNKNOWN and (isinstance(command, str) or not isinstance(command, Sequence) or not command):
            yield found(EXEC_COMMAND_LIST, f"{path}.exec.command", "Required value")
    elif first == "httpGet":
        port = _whole(action.get("port", 0))
        if isinstance(port, int) and not 1 <= port <= 65535:
            yield found(
                HTTPGET_PORT,
                f"{path}.httpGet.port",
                f"Invalid value: {port}: must be between 1 and 65535, inclusive",
            )
    elif first == "sleep":
        seconds = _whole(action.get("seconds", 0))
        if isinstance(seconds, int) and isinstance(grace, int) and not 0 <= seconds <= grace:
            yield found(
                SLEEP_BOUNDS,
                f"{path}.sleep",
                f"Invalid value: {seconds}: must be non-negative and less than terminationGracePeriodSeconds ({grace})",
            )
