"""When an object counts as ready: pure functions over what the API server says about it.

Each returns a `State`: done, what it still waits for, or that it can never get there.
Which kinds are waited for, and until when, is the official provider's choice; a kind that is not
in `READY` is done as soon as it exists.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Object = Mapping[str, Any]


@dataclass(frozen=True)
class State:
    done: bool = False
    waiting_for: str = ""
    problems: Sequence[str] = field(default=())  # what is known to be wrong, in Kubernetes' own words
    failed: bool = False  # waiting longer cannot help


@dataclass(frozen=True)
class Related:
    """What else a decision needs to know; fetched only for the kinds that ask for it."""

    endpoints: Sequence[Object] | None = None  # EndpointSlices of a Service
    binding_mode: str = ""  # of a PersistentVolumeClaim's StorageClass
    updating: bool = False


DONE: Final = State(done=True)


def pod(obj: Object, _: Related) -> State:
    status = obj.get("status", {})
    phase = status.get("phase", "Pending")
    if phase == "Succeeded" or _condition(obj, "Ready").get("status") == "True":
        return DONE
    problems = container_problems(obj)
    if phase == "Failed":
        said = ": ".join(s for s in (status.get("reason"), status.get("message")) if s)
        return State(waiting_for="the Pod has failed", problems=[*([said] if said else []), *problems], failed=True)
    for name, text in (("PodScheduled", "the Pod to be scheduled"), ("Initialized", "the Pod's init containers")):
        condition = _condition(obj, name)
        if condition.get("status") != "True":
            return State(waiting_for=text, problems=[*_said(condition), *problems])
    return State(waiting_for="the Pod to be Ready", problems=[*_said(_condition(obj, "Ready")), *problems])


def container_problems(obj: Object) -> list[str]:
    """Why containers do not run: the kubelet's own messages, with the container in front.

    A failed postStart shows here as `[PostStartHookError]` with its command, exit code and output, from
    the first failure on.
    """
    status = obj.get("status", {})
    found = []
    for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        state, name = container.get("state", {}), container.get("name", "?")
        waiting, terminated = state.get("waiting"), state.get("terminated")
        if container.get("ready"):
            continue
        if waiting and waiting.get("reason") not in ("ContainerCreating", "PodInitializing", None):
            found.append(f"container {name}: [{waiting['reason']}] {waiting.get('message', '')}".rstrip())
        if terminated and terminated.get("exitCode"):
            found.append(_ended(name, terminated))
        last = container.get("lastState", {}).get("terminated")
        if last and last.get("exitCode") is not None:
            found.append(_ended(name, last))
    return found


def deployment(obj: Object, _: Related) -> State:
    status = obj.get("status", {})
    wanted = obj.get("spec", {}).get("replicas", 1)
    problems = [
        text
        for kind in ("Progressing", "Available", "ReplicaFailure")
        for text in _said(_condition(obj, kind))
        if _condition(obj, kind).get("status") == ("True" if kind == "ReplicaFailure" else "False")
    ]
    if obj.get("spec", {}).get("paused"):
        return DONE
    if not _observed(obj):
        return State(waiting_for="the Deployment's change to be noticed", problems=problems)
    updated, available = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    if updated < wanted:
        return State(waiting_for=f"new Pods ({updated} of {wanted} made)", problems=problems)
    if status.get("replicas", 0) > updated:
        old = status["replicas"] - updated
        return State(waiting_for=f"{old} old Pod{'s' if old > 1 else ''} to end", problems=problems)
    if available < wanted:
        return State(waiting_for=f"new Pods ({available} of {wanted} available)", problems=problems)
    return DONE


def stateful_set(obj: Object, _: Related) -> State:
    status = obj.get("status", {})
    spec = obj.get("spec", {})
    wanted = spec.get("replicas", 1)
    if not _observed(obj):
        return State(waiting_for="the StatefulSet's change to be noticed")
    ready, updated = status.get("readyReplicas", 0), status.get("updatedReplicas", 0)
    if ready < wanted:
        return State(waiting_for=f"Pods ({ready} of {wanted} Ready)")
    strategy = spec.get("updateStrategy", {})
    partition = strategy.get("rollingUpdate", {}).get("partition", 0)
    due = max(wanted - partition, 0)
    if strategy.get("type", "RollingUpdate") == "RollingUpdate" and updated < due:
        return State(waiting_for=f"the rollout ({updated} of {due} Pods updated)")
    return DONE


def daemon_set(obj: Object, _: Related) -> State:
    status = obj.get("status", {})
    if not _observed(obj):
        return State(waiting_for="the DaemonSet's change to be noticed")
    wanted = status.get("desiredNumberScheduled", 0)
    rolling = obj.get("spec", {}).get("updateStrategy", {}).get("type", "RollingUpdate") == "RollingUpdate"
    updated, ready = status.get("updatedNumberScheduled", 0), status.get("numberReady", 0)
    if rolling and updated < wanted:
        return State(waiting_for=f"the rollout ({updated} of {wanted} Pods updated)")
    if ready < wanted:
        return State(waiting_for=f"Pods ({ready} of {wanted} Ready)")
    return DONE


def replication_controller(obj: Object, _: Related) -> State:
    wanted = obj.get("spec", {}).get("replicas", 1)
    ready = obj.get("status", {}).get("readyReplicas", 0)
    if _observed(obj) and ready >= wanted:
        return DONE
    return State(waiting_for=f"Pods ({ready} of {wanted} Ready)")


def job(obj: Object, _: Related) -> State:
    if _condition(obj, "Complete").get("status") == "True" or obj.get("spec", {}).get("suspend"):
        return DONE
    failed = _condition(obj, "Failed")
    if failed.get("status") == "True":
        return State(waiting_for="the Job has failed", problems=_said(failed), failed=True)
    done = obj.get("status", {}).get("succeeded", 0)
    return State(waiting_for=f"the Job to complete ({done} Pod{'' if done == 1 else 's'} succeeded)")


def service(obj: Object, related: Related) -> State:
    spec = obj.get("spec", {})
    kind = spec.get("type", "ClusterIP")
    if kind == "LoadBalancer" and not obj.get("status", {}).get("loadBalancer", {}).get("ingress"):
        return State(waiting_for="the load balancer's address")
    if kind == "ExternalName" or spec.get("clusterIP") == "None" or not spec.get("selector"):
        return DONE
    endpoints = [
        endpoint.get("conditions", {})
        for part in related.endpoints or ()
        for endpoint in part.get("endpoints") or []
        if not endpoint.get("conditions", {}).get("terminating")
    ]
    ready = sum(1 for conditions in endpoints if conditions.get("ready", True))
    if ready and ready == len(endpoints):
        return DONE
    if endpoints:
        return State(waiting_for=f"the Pods that the Service selects ({ready} of {len(endpoints)} Ready)")
    return State(waiting_for="a Pod that the Service selects")


def ingress(obj: Object, _: Related) -> State:
    if obj.get("status", {}).get("loadBalancer", {}).get("ingress"):
        return DONE
    return State(waiting_for="the Ingress to get an address from an ingress controller")


def volume(obj: Object, _: Related) -> State:
    phase = obj.get("status", {}).get("phase", "Pending")
    return DONE if phase in ("Available", "Bound") else State(waiting_for=f"the volume (phase {phase})")


def volume_claim(obj: Object, related: Related) -> State:
    phase = obj.get("status", {}).get("phase", "Pending")
    if phase == "Bound" or (phase == "Pending" and related.binding_mode == "WaitForFirstConsumer"):
        return DONE
    return State(waiting_for=f"the claim to be bound (phase {phase})", failed=phase == "Lost")


def resource_quota(obj: Object, _: Related) -> State:
    if obj.get("spec", {}).get("hard", {}).keys() <= obj.get("status", {}).get("hard", {}).keys():
        return DONE
    return State(waiting_for="the quota to be counted")


def custom_resource_definition(obj: Object, _: Related) -> State:
    """Waited for, so that an object of the new kind can be created right after it."""
    if _condition(obj, "Established").get("status") == "True":
        return DONE
    accepted = _condition(obj, "NamesAccepted")
    problems = _said(accepted) if accepted.get("status") == "False" else []
    return State(waiting_for="the new kind to be served", problems=problems)


READY: Final[Mapping[tuple[str, str], Callable[[Object, Related], State]]] = {
    ("", "Pod"): pod,
    ("", "Service"): service,
    ("", "PersistentVolume"): volume,
    ("", "PersistentVolumeClaim"): volume_claim,
    ("", "ReplicationController"): replication_controller,
    ("", "ResourceQuota"): resource_quota,
    ("apps", "Deployment"): deployment,
    ("apps", "StatefulSet"): stateful_set,
    ("apps", "DaemonSet"): daemon_set,
    ("batch", "Job"): job,
    ("networking.k8s.io", "Ingress"): ingress,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): custom_resource_definition,
}

# Kinds whose deletion `pulumi.com/skipAwait` does not wait for either: the official provider's way.
SKIPS_DELETE: Final = frozenset(
    {
        ("", "Namespace"),
        ("", "Pod"),
        ("", "ReplicationController"),
        ("apps", "DaemonSet"),
        ("apps", "Deployment"),
        ("apps", "StatefulSet"),
        ("batch", "Job"),
    }
)


def group_kind(obj: Object) -> tuple[str, str]:
    return str(obj["apiVersion"]).rpartition("/")[0], str(obj["kind"])


def conditions_met(obj: Object, wait_for: str) -> State:
    """`pulumi.com/waitFor`: `condition=Type[=Status]`, `jsonpath={.a.b}[=value]`, or a JSON list of them."""
    try:
        loaded = json.loads(wait_for)
    except ValueError:
        loaded = wait_for
    expressions = [str(e) for e in loaded] if isinstance(loaded, list) else [wait_for]
    missing = [e for e in expressions if not _met(obj, e)]
    return State(waiting_for=" and ".join(missing)) if missing else DONE


def _met(obj: Object, expression: str) -> bool:
    what, _, rest = expression.partition("=")
    if what == "condition":
        kind, _, wanted = rest.partition("=")
        return str(_condition(obj, kind).get("status", "")).lower() == (wanted or "True").lower()
    if what == "jsonpath":
        match = re.fullmatch(r"\{?((?:\.[A-Za-z0-9_-]+|\[\d+\])+)\}?(?:=(.*))?", rest)
        if match:
            value: Any = obj
            for key, index in re.findall(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]", match[1]):
                if index:
                    value = value[int(index)] if isinstance(value, list) and len(value) > int(index) else None
                else:
                    value = value.get(key) if isinstance(value, dict) else None
            text = str(value).lower() if isinstance(value, bool) else str(value)
            return value is not None and (match[2] is None or text == match[2].strip("\"'"))
    raise ValueError(
        f"pulumi.com/waitFor: {expression!r} is not understood; the stand-in takes "
        "`condition=Type[=Status]` and `jsonpath={.a.b[0]}[=value]`"
    )


def _condition(obj: Object, kind: str) -> Object:
    for condition in obj.get("status", {}).get("conditions") or []:
        if condition.get("type") == kind:
            return dict(condition)
    return {}


def _said(condition: Object) -> list[str]:
    message = condition.get("message")
    reason = condition.get("reason")
    return [f"[{reason}] {message}" if reason else str(message)] if message else []


def _observed(obj: Object) -> bool:
    return int(obj.get("status", {}).get("observedGeneration", 0)) >= int(obj["metadata"].get("generation", 0))


def _ended(name: str, terminated: Object) -> str:
    code, reason = terminated.get("exitCode"), terminated.get("reason") or "ended"
    message = f": {terminated['message']}" if terminated.get("message") else ""
    return f"container {name} ended with exit code {code} ({reason}){message}"
