"""Practice in a pod as a whole: its containers' hooks beside each other, and the one grace period that they share."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ..budget import hook_seconds
from ..catalogue import (
    GRACE_TOO_LONG,
    JOB_PLAIN_SIDECAR,
    PID1_SHELL,
    PRESTOP_MARGIN,
    PRESTOP_UNEVEN,
    PRESTOP_ZERO_GRACE,
    SERVE_NO_DELAY,
    SERVE_NO_READINESS,
    SIDECAR_GRACE,
    WEDGE_GRACE,
    Finding,
)
from ..images import parse_reference
from ..model import Container, PodSpec, Role, items
from ..shell import SHELLS, Command, Group, Kind, commands, name_of, parse, script_index

MIN_SHUTDOWN_SECONDS: Final = 10  # what a process has at least, beside its hook, to end
WEDGE_SECONDS: Final = 120  # a longer grace period makes a wedged process a nuisance
DRAIN_SECONDS: Final = 600  # the cluster autoscaler's --max-graceful-termination-sec
SERVERS: Final = frozenset({"Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"})
REPLACED: Final = SERVERS - {"StatefulSet"}  # while the new ones serve already
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
_LOOKED_AFTER: Final = re.compile(
    r"admin|debug|health|\bhc\b|jmx|liveness|livez|metric|monitor|pprof|probe|profil|prom|ready|readiness|\bstats?\b|status|telemetry",
    re.ASCII,
)
_CUT: Final = "whatever still runs then is killed"
_Hook = tuple[Container, float, str]  # a container, how long its preStop takes, and the path of what takes it


def of_pod(all_containers: Sequence[Container], pod: PodSpec, grace: object) -> Iterator[Finding]:
    """The findings of the group `practice` about how a pod's containers start and stop together."""
    apps = [each for each in all_containers if each.role is Role.APP]
    hooks = [(each, *hook_seconds(each.hook("preStop"))) for each in apps]
    yield from _margins(all_containers, hooks, pod, grace)
    if grace == 0:
        yield from _no_time(all_containers)
    if isinstance(grace, int) and grace > DRAIN_SECONDS:
        path = f"{pod.path}.terminationGracePeriodSeconds"
        yield Finding(GRACE_TOO_LONG, path, f"{grace} s: a drain of the node waits that long, or gives up earlier", "")
    if pod.runs_to_its_end:
        yield from _plain_sidecars(apps, pod)
    elif pod.kind in LONG_RUNNING and pod.is_whole and pod.spec.get("restartPolicy") in (None, "Always"):
        for each in apps:
            yield from _wedged(each, grace)
            yield from _shell_as_pid_1(each, pod)
        yield from _uneven(hooks)
        yield from _serving(apps, pod)


def _no_time(all_containers: Sequence[Container]) -> Iterator[Finding]:
    for each in all_containers:
        if isinstance(each.hook("preStop"), dict):
            what = "terminationGracePeriodSeconds is 0: the hook has 2 s on deletion, and never runs when a probe fails"
            yield Finding(PRESTOP_ZERO_GRACE, f"{each.path}.lifecycle.preStop", what, each.name)


def _margins(
    all_containers: Sequence[Container], hooks: Sequence[_Hook], pod: PodSpec, grace: object
) -> Iterator[Finding]:
    if not isinstance(grace, int):
        return
    left = {each.path: grace - seconds for each, seconds, _ in hooks if 0 < seconds < grace}
    for each, seconds, below in hooks:
        if left.get(each.path, MIN_SHUTDOWN_SECONDS) < MIN_SHUTDOWN_SECONDS:
            path = f"{each.path}.lifecycle.preStop{below}"
            rest = f"leaves the process {left[each.path]:.10g} s to end"
            what = f"takes {seconds:.10g} s of the {grace} s grace period, and {rest}"
            yield Finding(PRESTOP_MARGIN, path, what, each.name)
    sidecars = [each.name or "the sidecar" for each in all_containers if each.role is Role.SIDECAR]
    least = min(left.values(), default=0)
    if sidecars and MIN_SHUTDOWN_SECONDS <= least < 2 * MIN_SHUTDOWN_SECONDS:
        path = f"{pod.path}.terminationGracePeriodSeconds"
        what = (
            f"leaves {least:.10g} s after the hooks for the app containers, and then for {', '.join(sidecars)}; {_CUT}"
        )
        yield Finding(SIDECAR_GRACE, path, what, "")


def _plain_sidecars(apps: Sequence[Container], pod: PodSpec) -> Iterator[Finding]:
    if pod.spec.get("shareProcessNamespace") is True or any(_asks_to_quit(each) for each in apps):
        return
    for each in apps if len(apps) > 1 else ():
        image = each.spec.get("image")
        reference = parse_reference(image) if isinstance(image, str) else None
        if reference and f"/{reference.repository}".endswith(HELPERS):
            why = f"{image} runs until something stops it"
        elif isinstance(each.hook("preStop"), dict) and _serves(each):
            why = "with its ports and its preStop it seems to run until something stops it"
        else:
            continue
        yield Finding(JOB_PLAIN_SIDECAR, each.path, f"{why}: the Pod never ends", each.name)


def _asks_to_quit(container: Container) -> bool:
    """Whether its own command ends its helper, by the request that Istio's, Envoy's and the Cloud SQL proxy know."""
    words = (*items(container.spec.get("command")), *items(container.spec.get("args")))
    return any(isinstance(word, str) and "/quitquitquit" in word for word in words)


def _wedged(container: Container, grace: object) -> Iterator[Finding]:
    own = container.probe_grace("livenessProbe")
    has_probe = isinstance(container.spec.get("livenessProbe"), dict)
    if has_probe and own is None and isinstance(grace, int) and grace > WEDGE_SECONDS:
        path = f"{container.path}.livenessProbe.terminationGracePeriodSeconds"
        what = f"is unset: a wedged process restarts only after the Pod's {grace} s"
        yield Finding(WEDGE_GRACE, path, what, container.name)


def _uneven(hooks: Sequence[_Hook]) -> Iterator[Finding]:
    delayed = [each.name or "another container" for each, seconds, _ in hooks if seconds > 0]
    for each, _, _ in hooks if delayed else ():
        if each.hook("preStop") is None and _serves(each):
            what = f"gets its stop signal at once, while {delayed[0]} still drains"
            yield Finding(PRESTOP_UNEVEN, f"{each.path}.lifecycle.preStop", what, each.name)


def _serving(apps: Sequence[Container], pod: PodSpec) -> Iterator[Finding]:
    for each in apps if pod.kind in SERVERS else ():
        hook, ready = each.hook("preStop"), each.spec.get("readinessProbe")
        if (
            pod.kind in REPLACED
            and hook is None
            and isinstance(ready, dict)
            and pod.host_network is False
            and pod.strategy in (None, "RollingUpdate")
            and _serves(each)
        ):
            what = "is missing: requests still arrive after the process gets its stop signal"
            yield Finding(SERVE_NO_DELAY, f"{each.path}.lifecycle.preStop", what, each.name)
        if isinstance(hook, dict) and ready is None and each.spec.get("startupProbe") is None and _serves(each):
            what = "is missing: the container counts as ready before its server answers"
            yield Finding(SERVE_NO_READINESS, f"{each.path}.readinessProbe", what, each.name)


def _serves(container: Container) -> bool:
    """Whether it has a port for others than those who look after it."""
    ports = [each for each in items(container.spec.get("ports")) if isinstance(each, dict)]
    return any(not _LOOKED_AFTER.search(str(each.get("name", ""))) for each in ports)


def _shell_as_pid_1(container: Container, pod: PodSpec) -> Iterator[Finding]:
    """Where a script stands in `command` and `args`. Whether sh goes over into its last command depends on the sh."""
    if any(pod.spec.get(field) not in (None, False) for field in ("hostPID", "shareProcessNamespace")):
        return
    entry = items(container.spec.get("command"))
    command = [*entry, *items(container.spec.get("args"))] if entry else []
    index = script_index(command)
    script = command[index] if index else None
    statement = parse(script) if isinstance(script, str) else None
    if statement is None or any(_minds(each) for each in commands(statement)):
        return
    last = statement
    while (
        isinstance(last, Group)
        and last.parts
        and last.kind in (Kind.SEQUENCE, Kind.AND, Kind.OUTPUT_ELSEWHERE, Kind.ALL_ELSEWHERE)
    ):
        last = last.parts[-1]
    if isinstance(last, Group) and (not last.parts or last.kind in (Kind.BACKGROUND, Kind.FUNCTION)):
        return
    shell = name_of(command[0])
    if isinstance(last, Command) and (not last.program or last.program in _TAKES_OVER or shell not in _STAYS):
        return
    if isinstance(last, Command) and (last.program in SHELLS or _may_go_over(container.spec.get("image"))):
        return
    what = f"{shell} stays PID 1 and does not pass the stop signal on: the container is killed after its grace period"
    yield Finding(PID1_SHELL, f"{container.path}.command", what, container.name)


def _minds(command: Command) -> bool:
    """Whether it shows that someone thought of the signals, in whichever branch it stands."""
    return command.program in ("trap", "wait") or (command.program == "exec" and len(command.words) > 1)


_TAKES_OVER: Final = frozenset({"exec", "exit"})
_STAYS: Final = frozenset({"sh", "dash"})  # Debian's and Ubuntu's; bash, and BusyBox' sh, go over into the last command


# Where sh is BusyBox' or bash: the systems, by the words of a repository or a tag, and publishers who build on them.
_OTHER_SYSTEM: Final = re.compile(
    r"alpine|busybox|wolfi|chainguard|\bubi(?:\d|\b)|\brhel|centos|fedora|rockylinux|almalinux|amazonlinux|corretto|oracle"
    r"|suse|\bbci\b|photon",
    re.ASCII,
)
_ON_OTHER_SYSTEM: Final = re.compile(
    r"(?:quay\.io|docker\.elastic\.co|registry\.(?:access\.redhat\.com|redhat\.io|suse\.com))/"
    r"|docker\.io/(?:(?:amazon|confluentinc|grafana|hashicorp|longhornio|minio|mysql|rancher)/"
    r"|library/(?:caddy|consul|docker|mysql|nats|openjdk|registry|traefik|vault)$)",
    re.ASCII,
)


def _may_go_over(image: object) -> bool:
    """Whether the image's sh is or may be one that goes over into its last command."""
    reference = parse_reference(image) if isinstance(image, str) else None
    return (
        reference is None
        or _OTHER_SYSTEM.search(f"{reference.repository}:{reference.tag}") is not None
        or _ON_OTHER_SYSTEM.match(reference.name) is not None
    )
