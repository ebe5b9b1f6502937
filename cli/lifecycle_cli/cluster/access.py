"""Requests to the API server: plain data in and out, by the official client's own methods.

The client's models are not made: 5,000 Pods of them take ten times as long to read as the JSON.
"""

from __future__ import annotations

import datetime
import email.utils
import json
import logging
import os
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import urllib3
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from kubernetes.config.config_exception import ConfigException

from .errors import ClusterError, ForbiddenError, GoneError, Need, NotFoundError

PAGE: Final = 500
"""Objects in a page, as kubectl asks for."""
_CONNECT_SECONDS: Final = 10
_READ_SECONDS: Final = 60
_WATCH_SECONDS: Final = 300  # after which the API server ends a watch, and another begins
_SILENT_SECONDS: Final = _WATCH_SECONDS + 30  # a watch in which nothing came for so long is dead


class Resource(NamedTuple):
    """How the official client names a kind."""

    api: str
    """The class of its methods."""
    name: str
    """As the methods have it, e.g. `list_namespaced_NAME`."""
    kind: str
    plural: str
    group: str
    """Of RBAC: empty for the core group."""
    is_namespaced: bool = True


RESOURCES: Final[Mapping[str, Resource]] = {
    each.kind: each
    for each in (
        Resource("CoreV1Api", "pod", "Pod", "pods", ""),
        Resource("CoreV1Api", "event", "Event", "events", ""),
        Resource("CoreV1Api", "service", "Service", "services", ""),
        Resource("CoreV1Api", "node", "Node", "nodes", "", is_namespaced=False),
        Resource("CoreV1Api", "replication_controller", "ReplicationController", "replicationcontrollers", ""),
        Resource("DiscoveryV1Api", "endpoint_slice", "EndpointSlice", "endpointslices", "discovery.k8s.io"),
        Resource("AppsV1Api", "deployment", "Deployment", "deployments", "apps"),
        Resource("AppsV1Api", "replica_set", "ReplicaSet", "replicasets", "apps"),
        Resource("AppsV1Api", "stateful_set", "StatefulSet", "statefulsets", "apps"),
        Resource("AppsV1Api", "daemon_set", "DaemonSet", "daemonsets", "apps"),
        Resource("BatchV1Api", "job", "Job", "jobs", "batch"),
        Resource("BatchV1Api", "cron_job", "CronJob", "cronjobs", "batch"),
    )
}


class Change(NamedTuple):
    """One line of a watch."""

    type: str
    """`ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK`, or `ERROR`, of which the object is a Status."""
    object: dict[str, Any]


class Cluster:
    """A connection. Each method raises ClusterError, in one line that the user can act upon."""

    def __init__(self, api: client.ApiClient, namespace: str, name: str) -> None:
        self.api = api
        """The official client, for what is not here."""
        self.namespace = namespace
        """The one that the user means if none is named."""
        self._name = name

    @classmethod
    def connect(cls, kubeconfig: str | None, context: str | None, namespace: str | None) -> Cluster:
        """By a kubeconfig as kubectl finds it; inside of a Pod, by its service account. No request is made."""
        made = client.Configuration()
        made.retries = urllib3.Retry(0, redirect=3)  # who asks again knows why
        logging.getLogger("kubernetes").addHandler(logging.NullHandler())  # failures are told of once, by us
        logging.getLogger("kubernetes").propagate = False
        if not kubeconfig and not context and not os.environ.get("KUBECONFIG") and not _has_default():
            return cls._in_cluster(made, namespace)
        try:
            config.load_kube_config(kubeconfig, context, made)
            contexts, current = config.list_kube_config_contexts(kubeconfig)
        except (ConfigException, OSError, ValueError, TypeError, AttributeError) as error:
            raise ClusterError(_of_kubeconfig(kubeconfig, error)) from None
        chosen = next((each for each in contexts if each["name"] == context), current)
        own = chosen.get("context", {}).get("namespace")
        return cls(client.ApiClient(made), namespace or own or "default", f"context {chosen['name']}")

    @classmethod
    def _in_cluster(cls, made: client.Configuration, namespace: str | None) -> Cluster:
        try:
            config.load_incluster_config(made)
        except ConfigException:
            text = "no cluster is known: there is no ~/.kube/config; name one by --kubeconfig, or set KUBECONFIG"
            raise ClusterError(text) from None
        try:
            with open("/var/run/secrets/kubernetes.io/serviceaccount/namespace") as file:
                own = file.read().strip()
        except OSError:
            own = ""
        return cls(client.ApiClient(made), namespace or own or "default", "the Pod's service account")

    @property
    def server(self) -> str:
        """The API server's address."""
        return str(self.api.configuration.host)

    def get(self, kind: str, name: str, namespace: str) -> dict[str, Any]:
        """One object. Raises NotFoundError."""
        resource = RESOURCES[kind]
        of = f"read_namespaced_{resource.name}" if resource.is_namespaced else f"read_{resource.name}"
        where = (name, namespace) if resource.is_namespaced else (name,)
        return self._json(Need("get", resource.group, resource.plural, namespace), of, *where)

    def page(self, kind: str, namespace: str | None, **options: Any) -> dict[str, Any]:
        """One List, with its metadata; namespace None for all. Options as the client's, e.g. label_selector."""
        return self._json(self._need("list", kind, namespace), *_lister(kind, namespace), **options)

    def list(self, kind: str, namespace: str | None, **options: Any) -> Iterator[dict[str, Any]]:
        """All objects, of which no more than a page is held at a time. They have no kind of their own."""
        going_on = None
        while True:
            try:
                found = self.page(kind, namespace, limit=PAGE, _continue=going_on, **options)
            except GoneError as error:  # the list is too old: the rest of a newer one
                if not error.going_on:
                    raise
                going_on = error.going_on
                continue
            yield from found.get("items") or ()
            going_on = found.get("metadata", {}).get("continue")
            if not going_on:
                return

    def watch(self, kind: str, namespace: str | None, version: str, **options: Any) -> Iterator[Change]:
        """What changes after a resourceVersion, with bookmarks, until the server ends it, which it does after a while.

        Raises ClusterError where the connection breaks; a version that is too old gives an `ERROR` with code 410.
        """
        need = self._need("watch", kind, namespace)
        response = self._response(
            need,
            *_lister(kind, namespace),
            watch=True,
            resource_version=version,
            allow_watch_bookmarks=True,
            timeout_seconds=_WATCH_SECONDS,
            _request_timeout=(_CONNECT_SECONDS, _SILENT_SECONDS),
            **options,
        )
        rest = b""
        try:
            for part in response.stream(amt=None, decode_content=True):
                *lines, rest = (rest + part).split(b"\n")
                for line in lines:
                    if line:
                        told = json.loads(line)
                        yield Change(told["type"], told["object"])
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise ClusterError(self._unreachable(error)) from None
        finally:
            response.close()

    def delete(self, kind: str, name: str, namespace: str, **options: Any) -> dict[str, Any]:
        """Asks for the object's end, and does not wait. Raises NotFoundError."""
        resource = RESOURCES[kind]
        need = Need("delete", resource.group, resource.plural, namespace)
        return self._json(need, f"delete_namespaced_{resource.name}", name, namespace, **options)

    def patch(self, kind: str, name: str, namespace: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A strategic merge patch; the object that came of it."""
        resource = RESOURCES[kind]
        need = Need("patch", resource.group, resource.plural, namespace)
        return self._json(need, f"patch_namespaced_{resource.name}", name, namespace, dict(body))

    def version(self) -> str:
        """The API server's, as `1.37.2`."""
        told = self._json(Need("get", "", "/version", None), "get_code", api="VersionApi")
        return str(told.get("gitVersion", "")).removeprefix("v")

    def clock(self) -> tuple[datetime.datetime, datetime.timedelta]:
        """The API server's time and how far this machine's clock is ahead of it, both to a second."""
        response = self._response(Need("get", "", "/version", None), "get_code", api="VersionApi")
        here = datetime.datetime.now(datetime.timezone.utc)
        there = email.utils.parsedate_to_datetime(response.headers["Date"])
        return there, here - there

    @staticmethod
    def _need(verb: str, kind: str, namespace: str | None) -> Need:
        resource = RESOURCES[kind]
        return Need(verb, resource.group, resource.plural, namespace if resource.is_namespaced else None)

    def _json(self, need: Need, method: str, *where: Any, **options: Any) -> dict[str, Any]:
        response = self._response(need, method, *where, **options)
        try:
            told: dict[str, Any] = json.loads(response.data)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise ClusterError(self._unreachable(error)) from None
        except ValueError:
            raise ClusterError(f"{self.server} ({self._name}): what answers is no Kubernetes API server") from None
        return told

    def _response(self, need: Need, method: str, *where: Any, api: str = "", **options: Any) -> Any:
        kind = next((each for each in RESOURCES.values() if each.plural == need.resource), None)
        methods = getattr(client, api or (kind.api if kind else ""))(self.api)
        given = {name: value for name, value in options.items() if value is not None}
        given.setdefault("_request_timeout", (_CONNECT_SECONDS, _READ_SECONDS))
        try:
            return getattr(methods, method)(*where, _preload_content=False, **given)
        except ApiException as error:
            raise self._refused(error, need, where) from None
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise ClusterError(self._unreachable(error)) from None

    def _refused(self, error: ApiException, need: Need, where: tuple[Any, ...]) -> ClusterError:
        try:
            status = json.loads(error.body or "")
        except ValueError:
            status = {}
        told = status.get("message") if isinstance(status, dict) else None
        if error.status == 401:
            return ClusterError(f"{self.server} ({self._name}) does not take the credentials; log in again")
        if error.status == 403:
            return ForbiddenError(need)
        if error.status == 404 and need.verb != "list":
            return NotFoundError(str(told or f"{need.resource} {'/'.join(map(str, where))} not found"))
        if error.status == 410:
            return GoneError(str(told), (status.get("metadata") or {}).get("continue"))
        return ClusterError(f"{self.server} ({self._name}): {need.verb} {need.resource}: {told or error.reason}")

    def _unreachable(self, error: BaseException) -> str:
        inner: Any = getattr(error, "reason", None) or error
        inner = getattr(inner, "__cause__", None) or inner
        text = getattr(inner, "strerror", None) or str(inner).rpartition(": ")[2] or type(inner).__name__
        return f"{self.server} ({self._name}) does not answer: {text}"


def _lister(kind: str, namespace: str | None) -> tuple[str, ...]:
    resource = RESOURCES[kind]
    if not resource.is_namespaced:
        return (f"list_{resource.name}",)
    return (
        (f"list_namespaced_{resource.name}", namespace) if namespace else (f"list_{resource.name}_for_all_namespaces",)
    )


def _has_default() -> bool:
    return os.path.exists(os.path.expanduser("~/.kube/config"))


def _of_kubeconfig(given: str | None, error: Exception) -> str:
    file = given or os.environ.get("KUBECONFIG") or "~/.kube/config"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return f"{file}: no kubeconfig that can be used: {' '.join(text.split())}"
