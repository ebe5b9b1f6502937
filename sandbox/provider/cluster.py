"""The API server: which one, what it can serve, and requests to it in plain dicts."""

import json
import logging
import os
import re
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import urllib3
import yaml
from kubernetes.client import ApiClient, Configuration
from kubernetes.config import ConfigException, new_client_from_config, new_client_from_config_dict

from sandbox.provider.values import UNKNOWN

CREATE_MANAGER: Final = "pulumi-kubernetes"  # who creates; updates belong to a manager of each resource's own
_CONNECT_SECONDS: Final = 5.0
_READ_SECONDS: Final = 60.0
_CONNECTIONS: Final = 64

# What a bare API server serves without a namespace; used only where there is no cluster to ask.
_CLUSTER_SCOPED: Final = """
    APIService CertificateSigningRequest ClusterRole ClusterRoleBinding ComponentStatus CSIDriver CSINode
    ClusterTrustBundle CustomResourceDefinition DeviceClass FlowSchema IngressClass IPAddress
    MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration Namespace Node
    PersistentVolume PriorityClass PriorityLevelConfiguration ResourceSlice RuntimeClass SelfSubjectAccessReview
    SelfSubjectReview SelfSubjectRulesReview ServiceCIDR StorageClass StorageVersion StorageVersionMigration
    SubjectAccessReview TokenReview ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding
    ValidatingWebhookConfiguration VolumeAttachment VolumeAttributesClass"""


class ApiError(Exception):
    """The API server said no. The message is its own."""

    def __init__(self, status: int, reason: str, message: str, details: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.details = details

    @property
    def not_found(self) -> bool:
        return self.status == 404

    @property
    def namespace_missing(self) -> bool:
        return self.not_found and self.details.get("kind") == "namespaces"


class NoSuchKind(Exception):
    """The API server does not serve this apiVersion and kind; the CustomResourceDefinition may be missing."""


class Unreachable(Exception):
    """There is no cluster, or it does not answer."""


@dataclass(frozen=True)
class Resource:
    path: str  # of the group and version
    plural: str
    namespaced: bool

    def url(self, namespace: str, name: str = "") -> str:
        parts = [self.path]
        if self.namespaced:
            parts += ["namespaces", quote(namespace or "default")]
        parts.append(self.plural)
        if name:
            parts.append(quote(name))
        return "/".join(parts)


@dataclass(frozen=True)
class Answer:
    obj: dict[str, Any]
    warnings: tuple[str, ...]  # what the API server says about a request that it did accept


class Cluster:
    """One API server. Methods may be called from any thread."""

    def __init__(self, api: ApiClient, namespace: str) -> None:
        self._api = api
        self.namespace = namespace
        self.url: str = api.configuration.host.rstrip("/")
        self._kinds: dict[str, dict[str, Resource]] = {}
        self._lock = threading.Lock()

    def ping(self) -> None:
        self.request("GET", "/version")

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
    ) -> Answer:
        headers: dict[str, str] = {"Accept": "application/json", "Content-Type": content_type}
        queries: list[tuple[str, str]] = []
        self._api.update_params_for_auth(headers, queries, ["BearerToken"], path, method, body)
        url = f"{self.url}{path}?{urlencode(dict(query or {}))}"
        try:
            answer = self._api.rest_client.request(  # type: ignore[no-untyped-call]
                method,
                url,
                headers=headers,
                body=body,
                _request_timeout=(_CONNECT_SECONDS, _READ_SECONDS),
            )
            text = answer.read()
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(f"{self.url} does not answer: {_cause(error)}") from None
        obj = _json(text)
        if answer.status >= 400:
            raise ApiError(
                answer.status,
                str(obj.get("reason") or answer.reason),
                str(obj.get("message") or f"{answer.status} {answer.reason}"),
                obj.get("details") or {},
            )
        said = answer.headers.getlist("Warning")
        return Answer(obj, tuple(_warning_text(line) for line in said))

    def resource(self, api_version: str, kind: str) -> Resource:
        with self._lock:
            found = self._kinds.get(api_version, {}).get(kind)
        if found:
            return found
        path = f"/api/{api_version}" if "/" not in api_version else f"/apis/{api_version}"
        try:
            served = self.request("GET", path).obj["resources"]
        except ApiError as error:
            if not error.not_found:
                raise
            served = []
        kinds = {
            item["kind"]: Resource(path, item["name"], item["namespaced"])
            for item in served
            if "/" not in item["name"]  # not a subresource
        }
        with self._lock:
            self._kinds[api_version] = kinds
        if kind not in kinds:
            raise NoSuchKind(
                f"the cluster does not serve {api_version} {kind}; if it is a custom resource, "
                f"its CustomResourceDefinition has to be created first (`depends_on`)"
            )
        return kinds[kind]

    def serves(self, obj: Mapping[str, Any]) -> bool:
        try:
            self.resource(obj["apiVersion"], obj["kind"])
        except NoSuchKind:
            return False
        return True

    def get(self, obj: Mapping[str, Any]) -> dict[str, Any]:
        return self.request("GET", self._object_path(obj)).obj

    def create(self, obj: Mapping[str, Any], *, dry_run: bool) -> Answer:
        resource = self.resource(obj["apiVersion"], obj["kind"])
        path = resource.url(obj["metadata"].get("namespace", ""))
        # Warn: a field the server does not know is named, where it would else be dropped in silence.
        query = {"fieldManager": CREATE_MANAGER, "fieldValidation": "Warn", **_dry(dry_run)}
        return self.request("POST", path, query, dict(obj))

    def apply(self, obj: Mapping[str, Any], *, manager: str, force: bool, dry_run: bool) -> Answer:
        query = {"fieldManager": manager, "force": str(force).lower(), **_dry(dry_run)}
        return self.request(
            "PATCH", self._object_path(obj), query, json.dumps(obj), content_type="application/apply-patch+yaml"
        )

    def adopt_fields(self, live: Mapping[str, Any], manager: str) -> None:
        """Hands the fields that `create` set to `manager`.

        Server-side apply removes only fields that nobody else owns. Without this, whatever the first
        version of a program set could never be removed by a later one.
        """
        entries = live["metadata"].get("managedFields") or []
        ours = [
            e
            for e in entries
            if e.get("operation") == "Update" and e.get("manager") == CREATE_MANAGER and not e.get("subresource")
        ]
        if not ours or any(e.get("operation") == "Apply" and e.get("manager") == manager for e in entries):
            return
        handed = [{**e, "manager": manager, "operation": "Apply"} if e is ours[0] else e for e in entries]
        version = live["metadata"]["resourceVersion"]
        patch = [
            {"op": "replace", "path": "/metadata/managedFields", "value": handed},
            {"op": "replace", "path": "/metadata/resourceVersion", "value": version},
        ]
        self.request("PATCH", self._object_path(live), None, patch, content_type="application/json-patch+json")

    def delete(self, obj: Mapping[str, Any], *, propagation: str) -> None:
        self.request("DELETE", self._object_path(obj), None, {"propagationPolicy": propagation})

    def objects(self, api_version: str, kind: str, namespace: str, **query: str) -> list[dict[str, Any]]:
        resource = self.resource(api_version, kind)
        items = self.request("GET", resource.url(namespace), query).obj.get("items") or []
        return list(items)

    def warning_events(self, namespace: str) -> list[dict[str, Any]]:
        return self.objects("v1", "Event", namespace or "default", fieldSelector="type=Warning")

    def _object_path(self, obj: Mapping[str, Any]) -> str:
        metadata = obj["metadata"]
        return self.resource(obj["apiVersion"], obj["kind"]).url(metadata.get("namespace", ""), metadata["name"])


def connect(kubeconfig: str, context: str) -> Cluster:
    """The cluster that `kubeconfig` (text or path, else the environment's) names.

    Raises `Unreachable`, with what to do, when there is none. `~/.kube/config` is never read: a sandbox
    that quietly took the cluster of someone's day job would be no sandbox.
    """
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
    source = kubeconfig or os.environ.get("KUBECONFIG", "")
    if not source:
        raise Unreachable("KUBECONFIG is not set")
    configuration: Configuration = type.__call__(Configuration)
    files = [Path(part).expanduser() for part in source.split(os.pathsep)] if _is_path(source) else []
    where = source if files else "the provider's `kubeconfig`"
    try:
        if files:
            first = next((f for f in files if f.is_file() and f.stat().st_size), None)
            if first is None:
                raise Unreachable(f"the kubeconfig {where} names no cluster")
            config = _parsed(first.read_text())
            new_client_from_config(  # type: ignore[no-untyped-call]
                source, context or None, persist_config=False, client_configuration=configuration
            )
        else:
            config = _parsed(source)
            new_client_from_config_dict(  # type: ignore[no-untyped-call]
                config, context or None, persist_config=False, client_configuration=configuration
            )
    except (ConfigException, yaml.YAMLError, KeyError, TypeError) as error:
        raise Unreachable(f"{where} cannot be used: {error}") from None
    host = urlsplit(configuration.host).hostname or ""
    configuration.connection_pool_maxsize = _CONNECTIONS
    configuration.retries = urllib3.Retry(total=1)
    if host in ("localhost", "::1") or host.startswith("127."):
        configuration.proxy = None  # no proxy could reach a cluster on this machine
    api = ApiClient(configuration)
    cluster = Cluster(api, _namespace_of(config, context))
    try:
        cluster.ping()
    except Unreachable as error:
        raise Unreachable(f"{error} (kubeconfig: {where})") from None
    except ApiError as error:
        raise Unreachable(f"{cluster.url} refuses the credentials of {where}: {error}") from None
    return cluster


def namespaced(cluster: Cluster | None, obj: Mapping[str, Any]) -> bool:
    """Whether objects of this kind live in a namespace; a kind nobody knows is taken to."""
    if cluster and UNKNOWN not in (obj.get("apiVersion"), obj.get("kind")):
        try:
            return cluster.resource(obj["apiVersion"], obj["kind"]).namespaced
        except NoSuchKind:
            return True
    return obj.get("kind") not in _CLUSTER_SCOPED.split()


def _namespace_of(config: Mapping[str, Any], context: str) -> str:
    wanted = context or config.get("current-context")
    for entry in config.get("contexts") or []:
        if entry.get("name") == wanted:
            return str((entry.get("context") or {}).get("namespace") or "default")
    return "default"


def _is_path(source: str) -> bool:
    return "\n" not in source and not source.lstrip().startswith("{")


def _parsed(text: str) -> dict[str, Any]:
    loaded = yaml.safe_load(text)
    return loaded if isinstance(loaded, dict) else {}


def _dry(dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}


def _json(text: bytes) -> dict[str, Any]:
    try:
        loaded = json.loads(text)
    except ValueError:
        return {"message": text.decode(errors="replace").strip()}
    return loaded if isinstance(loaded, dict) else {}


def _warning_text(line: str) -> str:
    """`299 - "text"`, as RFC 9111 has it."""
    match = re.search(r'"((?:[^"\\]|\\.)*)"', line)
    return re.sub(r"\\(.)", r"\1", match[1]) if match else line


def _cause(error: Exception) -> str:
    """Without the names of urllib3's own objects in front."""
    return re.sub(r"^\w+\(host=.*?\): |^<.*?>: ", "", str(getattr(error, "reason", None) or error))
