"""What a Pod's status says of its containers: pure, in words."""

from collections.abc import Mapping
from typing import Any

Object = Mapping[str, Any]


def wanting(pod: Object) -> list[str]:
    """What keeps the Pod from being up: one line per container that is not Running and Ready; empty where all are.

    A sidecar is a container too. An init container that ends is not.
    """
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    sidecars = [each for each in spec.get("initContainers") or () if each.get("restartPolicy") == "Always"]
    names = [each["name"] for each in (*sidecars, *(spec.get("containers") or ()))]
    told = {
        each["name"]: each
        for field in ("initContainerStatuses", "containerStatuses")
        for each in status.get(field) or ()
    }
    if not told:
        return [_of_pod(status)]
    return [line for name in names if (line := _of(name, told.get(name) or {}))]


def is_over(pod: Object) -> bool:
    """No waiting brings it up: it has ended, or is being deleted."""
    is_deleted = bool((pod.get("metadata") or {}).get("deletionTimestamp"))
    return is_deleted or (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def count(pod: Object) -> int:
    """The containers that must run, sidecars among them."""
    spec = pod["spec"]
    sidecars = [each for each in spec.get("initContainers") or () if each.get("restartPolicy") == "Always"]
    return len(spec["containers"]) + len(sidecars)


def _of_pod(status: Object) -> str:
    conditions: list[Object] = list(status.get("conditions") or ())
    why: Object = next((each for each in conditions if each.get("status") == "False"), {})
    text = why.get("message") or why.get("reason")
    return f"phase {status.get('phase', 'unknown')}" + (f": {_line(text)}" if text else "")


def _of(name: str, told: Object) -> str:
    state = told.get("state") or {}
    for kind, word in (("waiting", "waits"), ("terminated", "has ended")):
        if kind in state:
            about = state[kind] or {}
            code = f" with exit code {about['exitCode']}" if "exitCode" in about else ""
            why = ": ".join(_line(each) for each in (about.get("reason"), about.get("message")) if each)
            return f"container {name} {word}{code}" + (f": {why}" if why else "")
    if "running" not in state:
        return f"container {name}: the kubelet has not reported it yet"
    return "" if told.get("ready") else f"container {name} runs, but is not Ready"


def _line(text: str) -> str:
    return " ".join(str(text).split())
