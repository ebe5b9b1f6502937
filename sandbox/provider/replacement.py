"""Which changes the official provider answers with a replacement rather than an update.

This mirrors the official provider, not the API server. A Pod's `startupProbe`, its container's name or its
`topologySpreadConstraints` are immutable too, yet the official provider plans an update that the API server
then refuses. A stand-in that knew better would make a program pass here that fails there.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

Path = tuple[str | int, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_EVERY_KIND: Final = ("metadata.name", "metadata.namespace")

_CONTAINER: Final = _words(
    """args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources
    securityContext stdin stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices
    volumeMounts workingDir"""
)
_POD_SPEC: Final = _words(
    """affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC
    hostNetwork hostPID hostname imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority
    priorityClassName readinessGates restartPolicy runtimeClassName schedulerName securityContext
    serviceAccount serviceAccountName shareProcessNamespace subdomain terminationGracePeriodSeconds
    volumes"""
)
_VOLUME_SOURCES: Final = _words(
    """awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk
    glusterfs hostPath iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos
    vsphereVolume"""
)
_STATEFUL_SET: Final = (
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
)
_SELECTOR: Final = ("spec.selector",)
_JOB: Final = ("spec.completions", "spec.parallelism", "spec.selector", "spec.template")
_ROLE_BINDING: Final = ("roleRef",)

# (group, version, kind) -> property paths; `*` stands for any version or any index.
_TABLE: Final[Mapping[tuple[str, str, str], tuple[str, ...]]] = {
    ("", "v1", "PersistentVolume"): tuple(f"spec.{source}" for source in _VOLUME_SOURCES),
    ("", "v1", "PersistentVolumeClaim"): (
        "spec.accessModes",
        "spec.selector",
        "spec.storageClassName",
        "spec.volumeName",
    ),
    ("", "v1", "Pod"): (
        *(f"spec.{field}" for field in _POD_SPEC),
        *(f"spec.{part}[*].{field}" for part in ("containers", "initContainers") for field in _CONTAINER),
    ),
    ("", "v1", "ResourceQuota"): ("spec.scopes",),
    ("", "v1", "Service"): ("spec.clusterIP",),
    ("apps", "v1", "DaemonSet"): _SELECTOR,
    ("apps", "v1", "Deployment"): _SELECTOR,
    ("apps", "v1", "StatefulSet"): _STATEFUL_SET,
    ("apps", "v1beta1", "StatefulSet"): _STATEFUL_SET,
    ("apps", "v1beta2", "DaemonSet"): _SELECTOR,
    ("apps", "v1beta2", "Deployment"): _SELECTOR,
    ("apps", "v1beta2", "StatefulSet"): _STATEFUL_SET,
    ("batch", "v1", "Job"): _JOB,
    ("batch", "v1beta1", "Job"): _JOB,
    ("batch", "v2alpha1", "Job"): _JOB,
    ("policy", "v1beta1", "PodDisruptionBudget"): ("spec",),
    ("rbac.authorization.k8s.io", "*", "ClusterRoleBinding"): _ROLE_BINDING,
    ("rbac.authorization.k8s.io", "*", "RoleBinding"): _ROLE_BINDING,
    ("storage.k8s.io", "v1", "StorageClass"): ("parameters", "provisioner"),
}


def replacing_paths(
    obj: Mapping[str, Any], *, secrets_mutable: bool = False, config_maps_mutable: bool = False
) -> tuple[str, ...]:
    """The properties of this object whose change replaces it."""
    group, _, version = str(obj.get("apiVersion", "")).rpartition("/")
    kind = str(obj.get("kind", ""))
    immutable = obj.get("immutable") is True
    if (group, version, kind) == ("", "v1", "Secret"):
        held = () if secrets_mutable and not immutable else ("stringData", "data")
        return (*_EVERY_KIND, "type", *held)
    if (group, version, kind) == ("", "v1", "ConfigMap"):
        held = () if config_maps_mutable and not immutable else ("binaryData", "data")
        return (*_EVERY_KIND, *held)
    own = _TABLE.get((group, version, kind)) or _TABLE.get((group, "*", kind)) or ()
    return (*_EVERY_KIND, *own)


def replaces(paths: Sequence[str], changed: Path, value: Any) -> bool:
    """Whether a change at `changed`, whose new value is `value`, touches one of `paths`.

    It does when it lies at or below such a path, or when what it adds holds one: a container that is added
    brings its `image` with it. A container that is removed brings nothing, so it does not; the official
    provider sees it the same way.
    """
    return any(_touches(_parts(path), changed, value) for path in paths)


def _touches(wanted: Sequence[str], changed: Path, value: Any) -> bool:
    common = min(len(wanted), len(changed))
    if any(not _same(w, c) for w, c in zip(wanted[:common], changed[:common], strict=True)):
        return False
    return _holds(value, wanted[common:])


def _same(wanted: str, part: str | int) -> bool:
    return isinstance(part, int) if wanted == "*" else wanted == part


def _holds(value: Any, wanted: Sequence[str]) -> bool:
    if not wanted:
        return True
    first, rest = wanted[0], wanted[1:]
    if first == "*":
        return isinstance(value, list) and any(_holds(item, rest) for item in value)
    return isinstance(value, dict) and first in value and _holds(value[first], rest)


def _parts(path: str) -> list[str]:
    return re.sub(r"\[\*\]", ".*", path).split(".")
