"""Requests to the API server: plain data in and out, by the official client's own methods.

The client's models are not made: 5,000 Pods of them take ten times as long to read as the JSON.
"""

from __future__ import annotations

import datetime
import email.utils
import json
import logging
import os
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final, NamedTuple

import urllib3
import yaml
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from kubernetes.config.config_exception import ConfigException

from . import PAGE
from .errors import ClusterError, ForbiddenError, GoneError, Need, NotFoundError

_CONNECT_SECONDS: Final = 10
_READ_SECONDS: Final = 60
_WATCH_SECONDS: Final = 300  # after which the API server ends a watch, and another begins
_METADATA: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1, application/json"
_RESTARTS: Final = 3  # of a list that is gone each time, without a word of how it goes on
_SILENT_SECONDS: Final = _WATCH_SECONDS + 30  # a watch in which nothing came for so long is dead
# A peer that is gone without a word is noticed after a minute, while a watch waits, too. Not each system has all names.
_KEEP_ALIVE: Final = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
        if hasattr(socket, name)
    ),
]


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

    @cached_property
    def _of_metadata(self) -> client.ApiClient:
        """The same connection, asking for no more than metadata; a server that cannot sends the objects whole."""
        made = client.ApiClient(self.api.configuration)
        made.default_headers = {**self.api.default_headers, "Accept": _METADATA}
        return made

    @classmethod
    def connect(cls, kubeconfig: str | None, context: str | None, namespace: str | None) -> Cluster:
        """By a kubeconfig as kubectl finds it; inside of a Pod, by its service account. No request is made."""
        made = client.Configuration()
        made.retries = urllib3.Retry(0, redirect=3)  # who asks again knows why
        made.socket_options = [*urllib3.connection.HTTPConnection.default_socket_options, *_KEEP_ALIVE]
        logging.getLogger("kubernetes").addHandler(logging.NullHandler())  # failures are told of once, by us
        logging.getLogger("kubernetes").propagate = False
        if not kubeconfig and not context and not os.environ.get("KUBECONFIG") and not _has_default():
            return cls._in_cluster(made, namespace)
        file = kubeconfig or os.environ.get("KUBECONFIG") or _DEFAULT  # the client reads the variable at its import
        try:
            with _logged() as log:
                config.load_kube_config(file, context, made, persist_config=False)
            contexts, current = config.list_kube_config_contexts(file)
            chosen = next((each for each in contexts if each["name"] == context), current)
            name, of = chosen["name"], chosen.get("context", {})
            user = _user(file, of.get("user"))
        except (ConfigException, OSError, ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
            raise ClusterError(_of_kubeconfig(file, error)) from None
        if "exec" in user and log and not made.api_key and not made.cert_file:  # it would go on as nobody
            raise ClusterError(_of_plugin(file, of.get("user"), user["exec"], log[-1]))
        api = client.ApiClient(made)
        for header, value in _impersonation(file, of.get("user"), user):
            api.set_default_header(header, value)
        return cls(api, namespace or of.get("namespace") or "default", f"context {name}")

    @classmethod
    def _in_cluster(cls, made: client.Configuration, namespace: str | None) -> Cluster:
        try:
            config.load_incluster_config(made)
        except ConfigException:
            text = "no cluster is configured: there is no ~/.kube/config; use --kubeconfig, or set KUBECONFIG"
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

    def page(self, kind: str, namespace: str | None, *, only_metadata: bool = False, **options: Any) -> dict[str, Any]:
        """One List, with its metadata; namespace None for all. Options as the client's, e.g. label_selector.

        With `only_metadata` the API server leaves out the rest of the objects, where it can.
        """
        need = self._need("list", kind, namespace)
        return self._json(need, *_lister(kind, namespace), only_metadata=only_metadata, **options)

    def list(self, kind: str, namespace: str | None, **options: Any) -> Iterator[dict[str, Any]]:
        """All objects, of which no more than a page is held at a time. They have no kind of their own.

        Options as those of `page`. Where the API server no longer has the list, the rest is that of a newer one.
        """
        going_on = None
        last = ""  # what was yielded, in the order of etcd's keys, in which each list is
        restarts = 0
        while True:
            try:
                found = self.page(kind, namespace, limit=PAGE, _continue=going_on, **options)
            except GoneError as error:
                going_on = error.going_on
                restarts += going_on is None
                if restarts > _RESTARTS:
                    raise
                continue
            for each in found.get("items") or ():
                key = _key(each)
                if not restarts or key > last:
                    last = max(last, key)
                    yield each
            going_on = (found.get("metadata") or {}).get("continue")
            del found  # before the next page comes: the memory of one is enough
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

    def clock(self) -> datetime.datetime:
        """The API server's time, to a second."""
        response = self._response(Need("get", "", "/version", None), "get_code", api="VersionApi")
        return email.utils.parsedate_to_datetime(response.headers["Date"])

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
            raise self._is_another() from None
        return told

    def _response(
        self, need: Need, method: str, *where: Any, api: str = "", only_metadata: bool = False, **options: Any
    ) -> Any:
        kind = next((each for each in RESOURCES.values() if each.plural == need.resource), None)
        methods = getattr(client, api or (kind.api if kind else ""))(self._of_metadata if only_metadata else self.api)
        given = {name: value for name, value in options.items() if value is not None}
        given.setdefault("_request_timeout", (_CONNECT_SECONDS, _READ_SECONDS))
        try:
            return getattr(methods, method)(*where, _preload_content=False, **given)
        except ApiException as error:
            raise self._refused(error, need) from None
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise ClusterError(self._unreachable(error)) from None

    def _refused(self, error: ApiException, need: Need) -> ClusterError:
        try:
            status = json.loads(error.body or "")
        except ValueError:
            status = {}
        told = status.get("message") if isinstance(status, dict) else None
        if error.status == 401:
            return ClusterError(f"{self.server} ({self._name}) refuses the credentials; log in again")
        if error.status == 403:
            return ForbiddenError(need)
        if error.status == 404 and need.verb != "list":
            return NotFoundError(str(told)) if told else self._is_another()
        if error.status == 410:
            return GoneError(str(told), (status.get("metadata") or {}).get("continue"))
        return ClusterError(f"{self.server} ({self._name}): {need.verb} {need.resource}: {told or error.reason}")

    def _is_another(self) -> ClusterError:
        return ClusterError(f"{self.server} ({self._name}): the server that answers is not a Kubernetes API server")

    def _unreachable(self, error: BaseException) -> str:
        inner: Any = getattr(error, "reason", None) or error
        inner = getattr(inner, "__cause__", None) or inner
        plain = _OF_OPENSSL.sub("", str(inner)).rpartition(": ")[2]
        text = getattr(inner, "strerror", None) or plain or type(inner).__name__
        return f"{self.server} ({self._name}) does not answer: {text}"


_OF_OPENSSL: Final = re.compile(r"\[SSL: \w+\] | \(_ssl\.c:\d+\)")  # its own name of an error, and its line


def _lister(kind: str, namespace: str | None) -> tuple[str, ...]:
    resource = RESOURCES[kind]
    if not resource.is_namespaced:
        return (f"list_{resource.name}",)
    return (
        (f"list_namespaced_{resource.name}", namespace) if namespace else (f"list_{resource.name}_for_all_namespaces",)
    )


def _key(obj: Mapping[str, Any]) -> str:
    metadata = obj.get("metadata") or {}
    return f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"


_DEFAULT: Final = "~/.kube/config"


def _has_default() -> bool:
    return os.path.exists(os.path.expanduser(_DEFAULT))


@contextmanager
def _logged() -> Iterator[list[str]]:
    """What the client writes to the root logger meanwhile, as it does of a credential plugin that fails."""
    lines: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    root, handler = logging.getLogger(), Handler(logging.ERROR)
    others = root.handlers[:]
    root.handlers[:] = [handler]
    try:
        yield lines
    finally:
        root.handlers[:] = others


def _user(files: str, name: object) -> Mapping[str, Any]:
    """A user's entry: the first of its name, as the client takes it."""
    for file in files.split(os.pathsep):
        path = os.path.expanduser(file)
        if not file or not os.path.exists(path):
            continue
        with open(path) as stream:
            told = yaml.safe_load(stream)
        for each in told.get("users") or ():
            if each.get("name") == name:
                return each.get("user") or {}
    return {}


def _of_plugin(file: str, name: object, plugin: Any, why: str) -> str:
    command = plugin.get("command") if isinstance(plugin, dict) else None
    return f"{file}: user {name}: the credential plugin {command} gave no credentials: {' '.join(why.split())}"


def _impersonation(file: str, name: object, user: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The headers of `as` and its like, which the client does not know: nobody is to act as another than is meant."""
    groups, extra = user.get("as-groups") or [], user.get("as-user-extra") or {}
    if len(groups) > 1 or any(len(values) > 1 for values in extra.values()):
        what = "as-groups" if len(groups) > 1 else "as-user-extra"
        raise ClusterError(
            f"{file}: user {name}: {what} has more than one value, which cannot be sent; use another user"
        )
    given = {"Impersonate-User": user.get("as"), "Impersonate-Uid": user.get("as-uid")}
    yield from ((header, str(value)) for header, value in given.items() if value)
    yield from (("Impersonate-Group", str(each)) for each in groups)
    yield from ((f"Impersonate-Extra-{key}", str(values[0])) for key, values in extra.items() if values)


def _of_kubeconfig(file: str, error: Exception) -> str:
    if not any(os.path.exists(os.path.expanduser(each)) for each in file.split(os.pathsep) if each):
        return f"{file}: no such kubeconfig"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return f"{file}: not a usable kubeconfig: {' '.join(text.split())}"
