"""Update or replacement, as the official provider decides; also where the API server would decide otherwise."""

from typing import Any

import pytest

from sandbox.provider.replacement import Path, replaces, replacing_paths

POD = {"apiVersion": "v1", "kind": "Pod"}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("metadata", "name"), "b", True),
        (("metadata", "namespace"), "b", True),
        (("metadata", "labels", "a"), "b", False),
        (("spec", "terminationGracePeriodSeconds"), 5, True),
        (("spec", "containers", 0, "image"), "b", True),
        (("spec", "containers", 1, "lifecycle", "preStop", "exec", "command", 2), "b", True),
        (("spec", "containers", 0, "lifecycle"), None, True),
        (("spec", "initContainers", 0, "env", 0, "value"), "b", True),
        (("spec", "containers"), [{"name": "c", "image": "i"}], True),
        (("spec", "containers", 1), {"name": "c", "image": "i"}, True),
        # Immutable too, but unknown to the official provider: it plans an update, which the API server refuses.
        (("spec", "containers", 1), None, False),
        (("spec", "containers", 0, "startupProbe"), {"exec": {}}, False),
        (("spec", "containers", 0, "name"), "b", False),
        (("spec", "containers", 0, "envFrom"), [], False),
        (("spec", "topologySpreadConstraints"), [], False),
        # Really mutable.
        (("spec", "activeDeadlineSeconds"), 5, False),
        (("spec", "tolerations", 2), {"key": "a"}, False),
    ],
)
def test_pod(path: Path, value: Any, expected: bool) -> None:
    assert replaces(replacing_paths(POD), path, value) is expected


@pytest.mark.parametrize(
    ("api_version", "kind", "path", "expected"),
    [
        ("apps/v1", "Deployment", ("spec", "selector", "matchLabels", "a"), True),
        ("apps/v1", "Deployment", ("spec", "template", "spec", "containers", 0, "lifecycle"), False),
        ("apps/v1", "StatefulSet", ("spec", "serviceName"), True),
        ("apps/v1", "StatefulSet", ("spec", "replicas"), False),
        ("apps/v1", "ReplicaSet", ("spec", "selector"), False),
        ("batch/v1", "Job", ("spec", "template", "spec", "containers", 0, "image"), True),
        ("batch/v1", "CronJob", ("spec", "jobTemplate"), False),
        ("v1", "Service", ("spec", "clusterIP"), True),
        ("v1", "Service", ("spec", "type"), False),
        ("v1", "PersistentVolumeClaim", ("spec", "storageClassName"), True),
        ("v1", "PersistentVolumeClaim", ("spec", "resources", "requests", "storage"), False),
        ("rbac.authorization.k8s.io/v1", "RoleBinding", ("roleRef", "name"), True),
        ("rbac.authorization.k8s.io/v1beta1", "ClusterRoleBinding", ("roleRef",), True),
        ("rbac.authorization.k8s.io/v1", "Role", ("rules",), False),
        ("storage.k8s.io/v1", "StorageClass", ("parameters", "a"), True),
        ("example.com/v1", "Pod", ("spec", "containers", 0, "image"), False),
        ("example.com/v1", "Thing", ("metadata", "name"), True),
    ],
)
def test_other_kinds(api_version: str, kind: str, path: Path, expected: bool) -> None:
    assert replaces(replacing_paths({"apiVersion": api_version, "kind": kind}), path, "new") is expected


def test_secrets_and_config_maps_are_replaced_unless_declared_mutable() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret"}
    config_map = {"apiVersion": "v1", "kind": "ConfigMap"}
    assert replaces(replacing_paths(secret), ("stringData", "a"), "b")
    assert replaces(replacing_paths(config_map), ("data", "a"), "b")
    assert not replaces(replacing_paths(secret, secrets_mutable=True), ("data", "a"), "b")
    assert not replaces(replacing_paths(config_map, config_maps_mutable=True), ("data", "a"), "b")
    assert replaces(replacing_paths(secret, secrets_mutable=True), ("type",), "b")


def test_an_immutable_one_is_replaced_all_the_same() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "immutable": True}
    assert replaces(replacing_paths(secret, secrets_mutable=True), ("data", "a"), "b")
