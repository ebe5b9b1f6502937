"""What happens when a Pod is deleted, in whole sentences.

Each kind of sentence is an entry of SENTENCES, and each sentence claims what can be seen on a node: tests/cluster/
test_audit.py compares these claims with what then happens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from lifecycle_rules import RULES, Container, PodSpec, Role, check, containers
from lifecycle_rules.budget import KILLING_PROBES

from .ending import Ending, Stop, ending
from .figures import Bounds
from .workloads import STATIC, Endpoints, Workload

SENTENCES: Final[Mapping[str, str]] = {
    "gone-ended": "The Pod has ended: its object is gone from the API at once, and no hook runs.",
    "gone-unscheduled": "The Pod is on no node: its object is gone from the API at once, and no hook runs.",
    "static": "The node runs the Pod from a file, and the API only shows it: deleting it there ends no container.",
    "no-service": "No Service selects the Pod.",
    "endpoint": "The Pod is no longer ready in the EndpointSlices of {services}.",
    "endpoint-stays": "The Pod stays ready in the EndpointSlices of {services}: publishNotReadyAddresses is set.",
    "replaced-at-once": "The {kind} creates another Pod at once, and does not wait until this one ends.",
    "replaced-when-ended": "The {kind} creates the node's next Pod when the containers of this one have ended.",
    "replaced-when-gone": "The {kind} creates the next Pod when this one is gone.",
    "gone-at-once": "The object is gone from the API at once, because its grace period is 0. Its containers still "
    "run, with 1 s for their hooks.",
    "hook-sleep": "The preStop hook of {name} begins, and sleeps for {seconds}.",
    "hook-exec": "The preStop hook of {name} begins, and runs a command that takes {seconds} if it does not fail.",
    "hook-least": "The preStop hook of {name} begins, and runs a command that takes {seconds} or more if it does not "
    "fail. The kubelet waits {budget} for it, and no longer.",
    "hook-unknown": "The preStop hook of {name} begins, and runs a command. How long it takes is unknown; the "
    "kubelet waits {budget} for it, and no longer.",
    "hook-endless": "The preStop hook of {name} begins, and runs a command that never ends. The kubelet waits {budget} "
    "for it.",
    "hook-request": "The kubelet sends the request of {name}'s preStop hook. It waits {budget} for the answer, and no "
    "longer.",
    "hook-fails": "The preStop hook of {name} fails at once: {why} [{rule}].",
    "hook-cut": "The preStop hook of {name} still runs when the grace period is over: the kubelet waits no longer.",
    "signal": "{name} gets its stop signal: {signal}. It has {left} to end.",
    "signal-at-once": "{name} has no preStop hook, and gets its stop signal at once: {signal}. It has {left} to end.",
    "signal-after-hook": "As soon as the hook has ended, {name} gets its stop signal: {signal}. It has {left} to end.",
    "signal-if-failed": "If the hook of {name} fails, the stop signal comes at once.",
    "signal-in-turn": "The sidecar {name} gets its stop signal when {after} ended, or when the grace period is over: "
    "{signal}. It has {left} to end.",
    "shell": "PID 1 of {name} is a shell that neither ends on the signal nor passes it on: it runs until it is killed "
    "[pid1-shell].",
    "kill": "Whatever still runs in {name} is killed (exit code 137).",
    "gone": "The Pod is gone when the last of its containers has ended.",
    "by-itself": "When {names} by {themselves}, no preStop hook runs for {them}.",
    "by-itself-sidecars": "When {names} by {themselves}, no preStop hook runs for {them}. Then {sidecars} stopped, "
    "each with its preStop hook.",
    "probe-grace": "When the {probe} of {name} fails, its own grace period of {own} counts instead of {grace}: the "
    "stop signal comes {signal}, the kill {kill}.",
}
_REPLACED: Final = {
    **dict.fromkeys(("Deployment", "ReplicaSet", "ReplicationController"), "replaced-at-once"),
    "DaemonSet": "replaced-when-ended",
    "StatefulSet": "replaced-when-gone",
}
_TITLES: Final = {each.id: each.title for each in RULES}
_UNLESS: Final = "SIGTERM, unless its image sets another"


class Claim(NamedTuple):
    """Something that can be seen when a Pod is deleted: it happens within these seconds after that."""

    what: str
    """`hook`: the preStop begins; `signal`; `kill`: of what still runs then; `killed`: it surely is; `gone`."""
    container: str
    """Empty of the Pod."""
    within: Bounds


class Sentence(NamedTuple):
    """One thing that happens."""

    id: str
    at: Bounds | None
    """Seconds after the deletion, or None if it has no moment."""
    text: str
    source: str
    """The field, the rule or the event that it is read from."""
    claims: tuple[Claim, ...] = ()


def sentences(workload: Workload, pod: PodSpec) -> Iterator[Sentence]:
    """In the order of time, as far as that is known."""
    if workload.state:
        yield _of_state(workload.state)
        return
    end = ending(pod)
    specs = {each.name: each for each in containers(pod)}
    found = [*_at_once(workload, pod, end)]
    for stop in end.stops:
        found += _stop(stop, specs[stop.name], pod, end)
    yield from sorted(found, key=lambda each: _order(each.at))
    gone = Bounds(0, 0) if end.grace == 0 else end.gone
    if end.grace:
        yield _made("gone", gone, f"{pod.path}.terminationGracePeriodSeconds", (Claim("gone", "", gone),))
    yield from _by_itself(pod, end)
    for stop in end.stops:
        yield from _probes(stop, specs[stop.name], pod, end)


def _of_state(state: str) -> Sentence:
    if state == STATIC:
        return _made("static", None, "metadata.ownerReferences")
    now = Bounds(0, 0)
    source = "status.phase" if state == "ended" else "spec.nodeName"
    return _made(f"gone-{state}", now, source, (Claim("gone", "", now),))


def _order(at: Bounds | None) -> tuple[float, float]:
    return (at.least, at.most) if at else (-1, -1)


def _made(id: str, at: Bounds | None, source: str, claims: Sequence[Claim] = (), /, **words: str) -> Sentence:
    return Sentence(id, at, SENTENCES[id].format_map(words), source, tuple(claims))


def _at_once(workload: Workload, pod: PodSpec, end: Ending) -> Iterator[Sentence]:
    now = Bounds(0, 0)
    services = workload.services
    if not services and "Service" not in workload.unseen:
        yield _made("no-service", None, "the selectors of the namespace's Services, and its EndpointSlices")
    for id, names in (("endpoint", _names(services, False)), ("endpoint-stays", _names(services, True))):
        if names:
            source = f"metadata.deletionTimestamp; the selector of {names}"
            yield _made(id, now, source, services=names)
    if replaced := _REPLACED.get(workload.kind):
        at = now if replaced == "replaced-at-once" else None
        yield _made(replaced, at, f"kind {workload.kind}", kind=workload.kind)
    if end.grace == 0:
        source = f"{pod.path}.terminationGracePeriodSeconds"
        yield _made("gone-at-once", now, source, (Claim("gone", "", now),))


def _names(services: Mapping[str, Endpoints], publishes: bool) -> str:
    names = [name for name, each in services.items() if each.publishes_unready is publishes]
    return f"Service {names[0]}" if len(names) == 1 else f"the Services {_listed(names)}" if names else ""


def _stop(stop: Stop, container: Container, pod: PodSpec, end: Ending) -> Iterator[Sentence]:
    hook, now = stop.hook, Bounds(0, 0)
    begins = (Claim("hook", stop.name, now),)
    budget = spelt(end.budget)
    if hook is not None:
        seconds = spelt(hook.takes.least)
        words = {"name": stop.name, "seconds": seconds, "budget": budget}
        id = _HOOKS.get(hook.action, "hook-unknown")
        if hook.failing:
            why = _TITLES[hook.failing]
            why = f"{why[0].lower()}{why[1:]}" if why[1].islower() else why
            yield _made(
                "hook-fails", now, f"{hook.source}; rule {hook.failing}", name=stop.name, why=why, rule=hook.failing
            )
        else:
            if hook.action == "exec":
                id = next(each for each, holds in _EXEC if holds(hook.takes))
            yield _made(id, now, hook.source, begins if hook.action == "exec" else (), **words)
        if stop.is_cut:
            yield _made(
                "hook-cut", stop.waited, f"{hook.source}; {pod.path}.terminationGracePeriodSeconds", name=stop.name
            )
    yield from _signal(stop, container, pod)
    source = f"{pod.path}.terminationGracePeriodSeconds"
    if _has_deaf_shell(pod, container):
        yield _made("shell", stop.signal, "rule pid1-shell", (Claim("killed", stop.name, stop.kill),), name=stop.name)
    yield _made("kill", stop.kill, source, (Claim("kill", stop.name, stop.kill),), name=stop.name)


_HOOKS: Final = {"sleep": "hook-sleep", "httpGet": "hook-request"}
_EXEC: Final = (
    ("hook-endless", lambda takes: takes.least == float("inf")),
    ("hook-exec", lambda takes: takes.is_known),
    ("hook-least", lambda takes: takes.least > 0),
    ("hook-unknown", lambda takes: True),
)


def _signal(stop: Stop, container: Container, pod: PodSpec) -> Iterator[Sentence]:
    hook = stop.hook
    lifecycle = container.spec.get("lifecycle")
    own = lifecycle.get("stopSignal") if isinstance(lifecycle, dict) else None
    words = {"name": stop.name, "signal": own if isinstance(own, str) else _UNLESS, "left": spelt_bounds(stop.left)}
    source = f"{hook.source if hook else container.path + '.lifecycle'}; {pod.path}.terminationGracePeriodSeconds"
    claims = (Claim("signal", stop.name, stop.signal),)
    if stop.role is Role.SIDECAR:
        after = f"{_listed(stop.after)} {'has' if len(stop.after) == 1 else 'have'}"
        source = f"{pod.path}.initContainers; {source}"
        yield _made("signal-in-turn", stop.signal, source, claims, after=after, **words)
    elif hook is None:
        yield _made("signal-at-once", stop.signal, source, claims, **words)
    elif stop.signal.is_known:
        yield _made("signal", stop.signal, source, claims, **words)
    else:
        yield _made("signal-after-hook", stop.signal, source, claims, **words)
    if stop.role is Role.APP and hook is not None and hook.action in ("exec", "httpGet") and not hook.failing:
        yield _made("signal-if-failed", None, "event FailedPreStopHook", name=stop.name)


def _has_deaf_shell(pod: PodSpec, container: Container) -> bool:
    value: object = pod.spec
    for key in reversed(pod.path.split(".")):
        value = {key: value}
    found = check(pod.kind, value) if isinstance(value, dict) else []
    return any(each.rule.id == "pid1-shell" and each.container == container.name for each in found)


def _by_itself(pod: PodSpec, end: Ending) -> Iterator[Sentence]:
    if not pod.runs_to_its_end:
        return
    apps = [each.name for each in end.stops if each.role is Role.APP]
    sidecars = [each.name for each in end.stops if each.role is Role.SIDECAR]
    is_one = len(apps) == 1
    words = {
        "names": f"{_listed(apps)} {'ends' if is_one else 'end'}",
        "themselves": "itself" if is_one else "themselves",
        "them": "it" if is_one else "them",
    }
    source = f"{pod.path}.restartPolicy"
    if sidecars:
        one = len(sidecars) == 1
        told = f"{_listed(sidecars)} {'is' if one else 'are'}"
        yield _made("by-itself-sidecars", None, source, (), sidecars=told, **words)
    else:
        yield _made("by-itself", None, source, (), **words)


def _probes(stop: Stop, container: Container, pod: PodSpec, end: Ending) -> Iterator[Sentence]:
    """A probe's own grace period counts from its failure, of this container alone."""
    for probe in KILLING_PROBES:
        own = container.probe_grace(probe)
        if not isinstance(own, int) or not 0 < own < end.grace:
            continue
        other = next(each for each in ending(pod, own).stops if each.name == stop.name)
        signal = other.waited  # nothing waits for its turn here
        kill = Bounds(max(own, signal.least + 2), max(own, signal.most + 2))
        yield _made(
            "probe-grace",
            None,
            f"{container.path}.{probe}.terminationGracePeriodSeconds",
            (Claim(probe, stop.name, kill),),
            probe=probe,
            name=stop.name,
            own=spelt(own),
            grace=spelt(end.grace),
            signal=_after(signal),
            kill=_after(kill),
        )


def _after(bounds: Bounds) -> str:
    return "at once" if bounds == (0, 0) else f"after {spelt_bounds(bounds)}"


def spelt(seconds: float) -> str:
    """`10 s`."""
    return f"{seconds:.10g} s"


def spelt_bounds(bounds: Bounds) -> str:
    """`10 s`, `2 to 30 s`."""
    return spelt(bounds.least) if bounds.is_known else f"{bounds.least:.10g} to {spelt(bounds.most)}"


def _listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
