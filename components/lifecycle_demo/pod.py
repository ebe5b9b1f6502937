"""Arguments to a plain pod, in the API server's own shape, and the findings in it back to arguments."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi

from lifecycle_rules import UNKNOWN, Group, check

from .args import Handler, LifecycleDemoArgs
from .hooks import nginx_graceful, page_post_start

DEFAULT_GRACE_SECONDS: Final = 30  # Kubernetes' own default
SHUTDOWN_SECONDS: Final = 20  # left for the process after the longest hook, when we choose the grace period

# What Kubernetes calls the fields of a handler, by what we call them.
_FIELDS: Final[Mapping[str, str]] = {
    "http_get": "httpGet",
    "port_name": "port",
    "http_headers": "httpHeaders",
}
_EVENTS: Final[Mapping[str, str]] = {"post_start": "postStart", "pre_stop": "preStop"}
# As in distribution/reference: [registry[:port]/]path[:tag][@digest], the path in lower case.
_IMAGE: Final = re.compile(
    r"(?:[A-Za-z0-9.-]+(?::\d+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)


def arguments_errors(args: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with the arguments themselves, before there is a pod: path and reason each."""
    known = LifecycleDemoArgs.__annotations__
    errors = [
        (key, f"unknown argument; LifecycleDemo takes {', '.join(sorted(known))}") for key in args if key not in known
    ]
    image = args.get("image")
    if isinstance(image, str) and not _IMAGE.fullmatch(image):
        errors.append(
            (
                "image",
                f"{image!r} is not an image reference; write [registry/]name[:tag][@digest] in lower case",
            )
        )
    return errors


def plain_pod(name: str, args: LifecycleDemoArgs) -> dict[str, Any]:
    """The Pod's metadata and spec; leaves may be Outputs, keys are Kubernetes' own."""
    pod_name = args.get("name", name)
    metadata = {
        "name": pod_name,
        "namespace": args.get("namespace"),
        "labels": args.get("labels", {"app.kubernetes.io/name": name}),
        "annotations": args.get("annotations"),
    }
    lifecycle = {
        "postStart": _handler(args.get("post_start") or page_post_start()),
        "preStop": _handler(args.get("pre_stop") or nginx_graceful()),
    }
    container = {
        "name": (
            pulumi.Output.concat(pod_name, "-container")
            if isinstance(pod_name, pulumi.Output)
            else f"{pod_name}-container"
        ),
        "image": args.get("image", "nginx"),
        "ports": [
            {"containerPort": p["container_port"], "name": p.get("name"), "protocol": p.get("protocol")}
            for p in args.get("ports", [])
        ]
        or None,
        "lifecycle": lifecycle,
    }
    spec = {
        "containers": [container],
        "terminationGracePeriodSeconds": args.get("termination_grace_period_seconds", _grace(lifecycle)),
    }
    return {"metadata": _present(metadata), "spec": _present(spec)}


def pod_errors(pod: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Findings of lifecycle_rules in the known part of the pod, each with the argument's path; practice is advice."""
    findings = [each for each in check("Pod", _known(pod)) if each.rule.group is not Group.PRACTICE]
    return [(_argument_path(f.path), f"{f.message} [{f.rule.id}]. {f.rule.fix}") for f in findings]


def _handler(handler: Handler) -> dict[str, Any]:
    def rename(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {_FIELDS.get(key, key): rename(item) for key, item in value.items()}
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [rename(item) for item in value]
        return value

    result: dict[str, Any] = rename(handler)
    return result


def _grace(lifecycle: Mapping[str, Any]) -> int:
    sleeps = [hook.get("sleep", {}).get("seconds") for hook in lifecycle.values()]
    longest = max((int(s) for s in sleeps if isinstance(s, (int, float))), default=0)
    return max(DEFAULT_GRACE_SECONDS, longest + SHUTDOWN_SECONDS)


def _present(value: Any) -> Any:
    """Without the fields that nobody set: None is a value to Kubernetes, not an absence."""
    if isinstance(value, Mapping):
        return {key: _present(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_present(item) for item in value]
    return value


def _known(value: Any) -> Any:
    if isinstance(value, pulumi.Output):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {key: _known(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_known(item) for item in value]
    return value


def _argument_path(path: str) -> str:
    """`spec.containers[0].lifecycle.preStop.httpGet.port` to `pre_stop.http_get.port`."""
    names = {theirs: ours for ours, theirs in {**_FIELDS, **_EVENTS}.items() if ours != "port_name"}
    return ".".join(names.get(part, part) for part in path.removeprefix("spec.containers[0].lifecycle.").split("."))
