"""Practice in a pod as a whole: its containers' hooks beside each other, and the one grace period that they share."""

from collections.abc import Iterator, Sequence
from typing import Final

from ..budget import hook_seconds
from ..catalogue import (
    GRACE_TOO_LONG,
    JOB_PLAIN_SIDECAR,
    PID1_SHELL,
    PRESTOP_MARGIN,
    PRESTOP_UNEVEN,
    SERVE_NO_DELAY,
    SERVE_NO_READINESS,
    SIDECAR_GRACE,
    WEDGE_GRACE,
    Finding,
)
from ..images import parse_reference
from ..model import Container, PodSpec, Role, items
from ..shell import SHELLS, Command, Group, Kind, name_of, parse, script_index, steps

MIN_SHUTDOWN_SECONDS: Final = 10  # what a process has at least, beside its hook, to end
WEDGE_SECONDS: Final = 120  # a grace period from which on a wedged process is a nuisance
DRAIN_SECONDS: Final = 600  # the cluster autoscaler's --max-graceful-termination-sec
SERVERS: Final = frozenset({"Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"})
LONG_RUNNING: Final = SERVERS | {"DaemonSet", "Pod"}
# Proxies and agents that run until they are stopped, by the end of their image's repository.
HELPERS: Final = tuple(
    f"/{name}"
    for name in (
        "cloud-sql-proxy",
        "cloudsql-docker/gce-proxy",
        "envoy",
        "fluent-bit",
        "fluentd",
        "istio/proxyv2",
        "linkerd/proxy",
    )
)
_CUT: Final = "all that is left then is killed"


def of_pod(all_containers: Sequence[Container], pod: PodSpec, grace: object) -> Iterator[Finding]:
    """The findings of the group `practice` about how a pod's containers start and stop together."""
    apps = [each for each in all_containers if each.role is Role.APP]
    yield from _margins(all_containers, apps, pod, grace)
    if isinstance(grace, int) and grace > DRAIN_SECONDS:
        path = f"{pod.path}.terminationGracePeriodSeconds"
        yield Finding(GRACE_TOO_LONG, path, f"{grace} s: a drain of the node may wait so long, or gives up before", "")
    if pod.runs_to_its_end:
        yield from _plain_sidecars(apps, pod)
    elif pod.kind in LONG_RUNNING:
        for each in apps:
            yield from _wedged(each, grace)
            yield from _shell_as_pid_1(each, pod)
        if pod.is_whole:
            yield from _uneven(apps)
            yield from _serving(apps, pod)


def _margins(
    all_containers: Sequence[Container], apps: Sequence[Container], pod: PodSpec, grace: object
) -> Iterator[Finding]:
    if not isinstance(grace, int):
        return
    hooks = [(each, *hook_seconds(each.hook("preStop"))) for each in apps]
    left = {each.path: grace - seconds for each, seconds, _ in hooks if 0 < seconds < grace}
    for each, seconds, below in hooks:
        if left.get(each.path, MIN_SHUTDOWN_SECONDS) < MIN_SHUTDOWN_SECONDS:
            path = f"{each.path}.lifecycle.preStop{below}"
            what = f"takes {seconds:g} s of {grace}, and leaves the process {left[each.path]:g} s to end"
            yield Finding(PRESTOP_MARGIN, path, what, each.name)
    sidecars = [each.name for each in all_containers if each.role is Role.SIDECAR]
    least = min(left.values(), default=2 * MIN_SHUTDOWN_SECONDS)
    if sidecars and MIN_SHUTDOWN_SECONDS <= least < 2 * MIN_SHUTDOWN_SECONDS:
        path = f"{pod.path}.terminationGracePeriodSeconds"
        what = f"leaves {least:g} s after the hooks for the app containers, and then for {', '.join(sidecars)}; {_CUT}"
        yield Finding(SIDECAR_GRACE, path, what, "")


def _plain_sidecars(apps: Sequence[Container], pod: PodSpec) -> Iterator[Finding]:
    for each in apps if len(apps) > 1 else ():
        image = each.spec.get("image")
        reference = parse_reference(image) if isinstance(image, str) else None
        if reference and f"/{reference.repository}".endswith(HELPERS):
            why = f"{image} runs until it is stopped"
        elif isinstance(each.hook("preStop"), dict):
            why = "it has a preStop, so it seems to run until it is stopped"
        else:
            continue
        yield Finding(JOB_PLAIN_SIDECAR, each.path, f"{why}: the Pod never ends", each.name)


def _wedged(container: Container, grace: object) -> Iterator[Finding]:
    own = container.probe_grace("livenessProbe")
    has_probe = isinstance(container.spec.get("livenessProbe"), dict)
    if has_probe and own is None and isinstance(grace, int) and grace > WEDGE_SECONDS:
        path = f"{container.path}.livenessProbe.terminationGracePeriodSeconds"
        what = f"is unset: a wedged process is restarted only after the Pod's {grace} s"
        yield Finding(WEDGE_GRACE, path, what, container.name)


def _uneven(apps: Sequence[Container]) -> Iterator[Finding]:
    delayed = [each.name for each in apps if hook_seconds(each.hook("preStop"))[0] > 0]
    for each in apps if delayed else ():
        if each.hook("preStop") is None and items(each.spec.get("ports")):
            what = f"gets its stop signal at once, while {delayed[0]} still drains"
            yield Finding(PRESTOP_UNEVEN, f"{each.path}.lifecycle.preStop", what, each.name)


def _serving(apps: Sequence[Container], pod: PodSpec) -> Iterator[Finding]:
    for each in apps if pod.kind in SERVERS else ():
        if not items(each.spec.get("ports")):
            continue
        hook, ready = each.hook("preStop"), each.spec.get("readinessProbe")
        if hook is None and isinstance(ready, dict) and pod.host_network is False and pod.strategy != "Recreate":
            what = "there is none: requests still come when the process has got its stop signal"
            yield Finding(SERVE_NO_DELAY, f"{each.path}.lifecycle.preStop", what, each.name)
        if isinstance(hook, dict) and ready is None:
            what = "there is none: the container counts as ready before its server answers"
            yield Finding(SERVE_NO_READINESS, f"{each.path}.readinessProbe", what, each.name)


def _shell_as_pid_1(container: Container, pod: PodSpec) -> Iterator[Finding]:
    """Where a script stands in `command` and `args`. Whether sh goes over into its last command depends on the sh."""
    if pod.spec.get("shareProcessNamespace") is True:
        return
    entry = items(container.spec.get("command"))
    command = [*entry, *items(container.spec.get("args"))] if entry else []
    index = script_index(command)
    script = command[index] if index else None
    statement = parse(script) if isinstance(script, str) else None
    if statement is None or any(step.program in ("trap", "wait") for step in steps(statement)):
        return
    last = statement
    while isinstance(last, Group) and last.kind in (Kind.SEQUENCE, Kind.AND, Kind.OUTPUT_ELSEWHERE, Kind.ALL_ELSEWHERE):
        last = last.parts[-1]
    shell = name_of(command[0])
    if isinstance(last, Command) and (not last.program or last.program in _TAKES_OVER or shell not in _STAYS):
        return
    if isinstance(last, Command) and (last.program in SHELLS or _is_busybox(container.spec.get("image"))):
        return
    what = f"{shell} stays PID 1 and does not hand the stop signal on: the container is killed after its grace period"
    yield Finding(PID1_SHELL, f"{container.path}.command", what, container.name)


_TAKES_OVER: Final = frozenset({"exec", "exit"})
_STAYS: Final = frozenset({"sh", "dash"})  # Debian's and Ubuntu's; bash, and BusyBox' sh, go over into the last command


def _is_busybox(image: object) -> bool:
    reference = parse_reference(image) if isinstance(image, str) else None
    return reference is None or any(
        name in part for name in ("alpine", "busybox") for part in (reference.repository, reference.tag)
    )
