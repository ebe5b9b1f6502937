"""The policies through the SDK's own path: protobuf, deserialisation, proxies."""

from typing import Any

import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.rpc import UNKNOWN as WIRE_UNKNOWN
from pulumi_policy import ResourceValidationArgs
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.policy import PolicyResourceOptions, _NotApplicableError
from pulumi_policy.proxy import unknown_checking_proxy

import pack

HOOKED = {"name": "c", "lifecycle": {"preStop": {"sleep": {"seconds": 5}}}}
BARE = {"name": "c", "image": "nginx"}


def violations(policy: str, resource_type: str, props: dict[str, Any], config: Any = None) -> list[str]:
    struct = struct_pb2.Struct()
    json_format.ParseDict(props, struct)
    wire = deserialize_properties(json_format.MessageToDict(struct))
    options = PolicyResourceOptions(False, [], None, [], None, [])  # type: ignore[arg-type]
    args = ResourceValidationArgs(
        resource_type, unknown_checking_proxy(wire), "urn", "name", options, None, config or {}
    )
    found: list[str] = []
    (chosen,) = [p for p in pack.build_policies() if p.name == policy]
    chosen.validate(args, lambda message, urn=None: found.append(message))  # type: ignore[attr-defined]
    return found


def template(kind: str, container: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = {"containers": [container]}
    return {"spec": spec} if kind == "Pod" else {"spec": {"template": {"spec": spec}}}


TYPES = [
    ("Pod", "kubernetes:core/v1:Pod", "spec"),
    ("ReplicationController", "kubernetes:core/v1:ReplicationController", "spec.template.spec"),
    *(
        (kind, f"kubernetes:apps/v1:{kind}", "spec.template.spec")
        for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
    ),
]


@pytest.mark.parametrize(("kind", "token", "path"), TYPES)
def test_a_container_without_prestop_is_refused(kind: str, token: str, path: str) -> None:
    assert violations("pre-stop-required", token, template(kind, BARE)) == [
        f"{path}.containers[0].lifecycle.preStop: container 'c' has no preStop hook. "
        "Add a preStop handler that lets the container finish its work, "
        "e.g. `sleep: {seconds: 5}` in front of a server behind a Service. [pre-stop-required]"
    ]


@pytest.mark.parametrize(("kind", "token", "path"), TYPES)
def test_a_container_with_prestop_passes(kind: str, token: str, path: str) -> None:
    assert violations("pre-stop-required", token, template(kind, HOOKED)) == []


def test_poststart_is_asked_for_separately() -> None:
    assert violations("post-start-required", "kubernetes:core/v1:Pod", template("Pod", HOOKED)) == [
        "spec.containers[0].lifecycle.postStart: container 'c' has no postStart hook. "
        "Add a postStart handler that prepares what the container needs before it is Ready. "
        "[post-start-required]"
    ]


@pytest.mark.parametrize(
    "lifecycle",
    [WIRE_UNKNOWN, {"preStop": WIRE_UNKNOWN}, {"preStop": {"exec": {"command": WIRE_UNKNOWN}}}],
)
def test_an_unknown_hook_is_present(lifecycle: Any) -> None:
    container = {"name": "c", "lifecycle": lifecycle}
    assert violations("pre-stop-required", "kubernetes:core/v1:Pod", template("Pod", container)) == []


def test_an_unknown_image_does_not_hide_a_missing_hook() -> None:
    container = {"name": "c", "image": WIRE_UNKNOWN}
    assert len(violations("pre-stop-required", "kubernetes:core/v1:Pod", template("Pod", container))) == 1


@pytest.mark.parametrize(
    "token", ["kubernetes:batch/v1:Job", "kubernetes:core/v1:PodPatch", "kubernetes:core/v1:Service"]
)
def test_kinds_that_need_no_prestop(token: str) -> None:
    assert violations("pre-stop-required", token, template("Deployment", BARE)) == []


def test_what_is_not_kubernetes_is_not_applicable() -> None:
    with pytest.raises(_NotApplicableError) as raised:
        violations("pre-stop-required", "aws:s3/bucket:Bucket", {})

    assert raised.value.reason == "not a Kubernetes resource"


def test_kinds_and_roles_are_configurable() -> None:
    sidecar = {"name": "s", "restartPolicy": "Always"}
    props = {"spec": {"containers": [BARE], "initContainers": [sidecar, {"name": "i"}]}}

    assert violations("pre-stop-required", "kubernetes:core/v1:Pod", props, {"kinds": ["Deployment"]}) == []
    (message,) = violations("pre-stop-required", "kubernetes:core/v1:Pod", props, {"roles": ["sidecar"]})
    assert message.startswith("spec.initContainers[0].lifecycle.preStop: container 's' has no preStop hook.")


def test_levels() -> None:
    assert {p.name: p.enforcement_level.value for p in pack.build_policies()} == {
        "pre-stop-required": "mandatory",
        "post-start-required": "advisory",
    }
