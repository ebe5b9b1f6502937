"""What a cluster test does and sees: create, wait, exec, delete, and the kubelet's events."""

import contextlib
import json
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from elsewhere import Elsewhere
from images import OURS
from kubernetes import client, config, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic import DynamicClient

from sandbox import node as nodes
from sandbox.node import Node

SECONDS = 60
T = TypeVar("T")


def until(look: Callable[[], T | None], what: str, seconds: float = SECONDS) -> T:
    """What `look` returns once it is truthy; fails the test by name after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"{what}: not after {seconds} s"
        time.sleep(0.05)
    return seen


@dataclass(frozen=True)
class Event:
    """A Kubernetes event about a Pod."""

    type: str
    reason: str
    message: str


class Cluster:
    """A namespace on the node."""

    def __init__(self, node: Node | Elsewhere, namespace: str) -> None:
        self.node = node
        self.namespace = namespace
        self.api = config.new_client_from_config(str(node.kubeconfig))
        self.core = client.CoreV1Api(self.api)
        self.dynamic = DynamicClient(self.api)

    @classmethod
    def create(cls, node: Node | Elsewhere, namespace: str) -> "Cluster":
        cluster = cls(node, namespace)
        cluster.core.create_namespace({"metadata": {"name": namespace}})
        until(lambda: cluster._admits_pods(), "the namespace's default ServiceAccount")
        return cluster

    def remove(self) -> None:
        self.core.delete_namespace(self.namespace)  # first, so that no Deployment makes new Pods
        self.core.delete_collection_namespaced_pod(self.namespace, grace_period_seconds=0)
        with contextlib.suppress(pytest.skip.Exception):  # a node that nothing was shared with
            shutil.rmtree(self.outside, ignore_errors=True)

    @property
    def outside(self) -> Path:
        """A folder of the node, as this process sees it; `share` gives it to a container."""
        return Path(f"/proc/{self.node.init()}/root{self._folder}")

    def share(self, name: str, container: dict[str, Any], **spec: Any) -> None:
        """Runs the container with `outside` at /outside: what it leaves there outlives it."""
        host = {"path": self._folder, "type": "DirectoryOrCreate"}
        mounts = [{"name": "outside", "mountPath": "/outside"}]
        self.run(name, {**container, "volumeMounts": mounts}, volumes=[{"name": "outside", "hostPath": host}], **spec)

    def apply(self, *manifests: dict[str, Any]) -> None:
        if any(f'"{each}"' in json.dumps(manifests) for each in OURS):
            self.node.init()  # from within it the image comes: skips the test where that cannot be
        for each in manifests:
            kind = self.dynamic.resources.get(api_version=each["apiVersion"], kind=each["kind"])
            kind.create(body=each, namespace=self.namespace)

    def run(self, name: str, container: dict[str, Any], *, ready: bool = True, **spec: Any) -> None:
        """A Pod of one container named `c`; image nginx unless it says otherwise."""
        containers = [{"name": "c", "image": "nginx", **container}]
        self.apply(
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": containers, **spec}}
        )
        if ready:
            self.ready(name)

    def pod(self, name: str) -> Any:
        """The Pod, as the client's model; None where there is none."""
        try:
            return self.core.read_namespaced_pod(name, self.namespace)
        except ApiException as error:
            if error.status == 404:
                return None
            raise

    def status(self, name: str) -> Any:
        """The status of the Pod's first container; None until the kubelet has written one."""
        pod = self.pod(name)
        return pod.status.container_statuses[0] if pod and pod.status.container_statuses else None

    def ready(self, name: str, seconds: float = SECONDS) -> None:
        until(lambda: (status := self.status(name)) and status.ready, f"{name} is Ready", seconds)

    def delete(self, name: str, *, grace: int | None = None, wait: bool = True) -> float:
        """Deletes the Pod; the seconds until it was gone from the API."""
        start = time.monotonic()
        options = {} if grace is None else {"grace_period_seconds": grace}
        self.core.delete_namespaced_pod(name, self.namespace, **options)
        if wait:
            until(lambda: self.pod(name) is None, f"{name} is gone", 120)
        return time.monotonic() - start

    def last_seen(self, name: str, *, grace: int | None = None) -> tuple[float, Any]:
        """Deletes the Pod; the seconds until it was gone, and the last status of its first container."""
        seconds, last = self.last_status(name, grace=grace)
        return seconds, last.status.container_statuses[0]

    def last_status(self, name: str, *, grace: int | None = None) -> tuple[float, Any]:
        """Deletes the Pod; the seconds until it was gone, and the Pod as it last was."""
        version = self.pod(name).metadata.resource_version
        seconds = self.delete(name, grace=grace)
        only = {"field_selector": f"metadata.name={name}", "resource_version": version}
        history = watch.Watch().stream(self.core.list_namespaced_pod, self.namespace, timeout_seconds=SECONDS, **only)
        return seconds, next(each["object"] for each in history if each["type"] == "DELETED")

    def events(self, name: str) -> list[Event]:
        found = self.core.list_namespaced_event(self.namespace, field_selector=f"involvedObject.name={name}").items
        return [Event(each.type, each.reason, each.message) for each in found]

    def reasons(self, name: str) -> set[str]:
        return {each.reason for each in self.events(name)}

    def get(self, name: str, port: int = 80) -> str:
        """What the Pod answers to GET /, asked through the API server."""
        return str(self.core.connect_get_namespaced_pod_proxy(f"{name}:{port}", self.namespace))

    def exec(self, name: str, *command: str) -> str:
        return self.kubectl("exec", name, "--", *command)

    def kubectl(self, *args: str) -> str:
        command = nodes.kubectl(self.node, ["--namespace", self.namespace, *args])
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"kubectl {' '.join(args)}: {done.stderr}"
        return done.stdout

    @property
    def _folder(self) -> str:
        return f"/run/lifecycle-{self.namespace}"

    def _admits_pods(self) -> bool:
        try:
            self.core.read_namespaced_service_account("default", self.namespace)
        except ApiException:
            return False
        return True
