"""The provider's operations, as the engine asks for them.

Behaves as the official provider does in what a program can tell: names, replacement, dry runs at preview,
waits, timeouts, the layout of the state. Where it does less it says so; where it tells more (events of a
failing hook as warnings), nothing depends on it.
"""

import json
import os
import threading
from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2 as proto

from sandbox.provider import difference, naming, waiting
from sandbox.provider.cluster import (
    CREATE_MANAGER,
    Answer,
    ApiError,
    Cluster,
    NoSuchKind,
    Unreachable,
    connect,
    namespaced,
)
from sandbox.provider.difference import Change
from sandbox.provider.engine_log import EngineLog
from sandbox.provider.replacement import replacing_paths
from sandbox.provider.values import (
    contains_unknown,
    decode_map,
    encode_map,
    from_object,
    mark_secrets,
    plain,
    to_object,
    without_nulls,
)

# Where the official provider keeps what it needs beside the object; kept alike so that a stack can change over.
_INPUTS: Final = "__inputs"
_API_VERSION: Final = "__initialApiVersion"
_MANAGER: Final = "__fieldManager"

_CREATE_TRIES: Final = 5
_OPTIONS: Final = frozenset(
    {
        "context",
        "deleteUnreachable",
        "enableConfigMapMutable",
        "enablePatchForce",
        "enableSecretMutable",
        "kubeconfig",
        "namespace",
        "pluginDownloadURL",
        "version",
    }
)
_OFFICIAL: Final = "the official plugin `pulumi-resource-kubernetes` does"
_NOT_IMPORTED_ANNOTATIONS: Final = (
    "deployment.kubernetes.io/revision",
    "kubectl.kubernetes.io/last-applied-configuration",
)

_KINDS: Final = {
    (Change.ADD, False): proto.PropertyDiff.ADD,
    (Change.ADD, True): proto.PropertyDiff.ADD_REPLACE,
    (Change.DELETE, False): proto.PropertyDiff.DELETE,
    (Change.DELETE, True): proto.PropertyDiff.DELETE_REPLACE,
    (Change.UPDATE, False): proto.PropertyDiff.UPDATE,
    (Change.UPDATE, True): proto.PropertyDiff.UPDATE_REPLACE,
}


class Refused(Exception):
    """An operation that did not happen. The text is for the person at the terminal."""


class InitFailed(Exception):
    """The object exists and belongs in the state, but did not become what was asked for."""

    def __init__(
        self, object_id: str, reasons: list[str], state: struct_pb2.Struct, inputs: struct_pb2.Struct | None = None
    ) -> None:
        super().__init__(reasons[0])
        self.object_id = object_id
        self.reasons = reasons
        self.state = state
        self.inputs = inputs


class Provider:
    def __init__(self, log: EngineLog) -> None:
        self._log = log
        self._cancelled = threading.Event()
        self._cluster: Cluster | None = None
        self._why_none = "the provider is not configured"
        self._config: dict[str, str] = {}

    # Configuration

    def check_config(self, request: proto.CheckRequest) -> proto.CheckResponse:
        failures = []
        if decode_map(request.news).get("renderYamlToDirectory"):
            failures.append(
                proto.CheckFailure(
                    property="renderYamlToDirectory",
                    reason=f"the stand-in for the Kubernetes provider does not write YAML files; {_OFFICIAL}",
                )
            )
        return proto.CheckResponse(inputs=request.news, failures=failures)

    def diff_config(self, request: proto.DiffRequest) -> proto.DiffResponse:
        """Another context or cluster replaces the provider, and with it everything it made."""
        old, new = plain(decode_map(request.olds)), plain(decode_map(request.news))
        changed = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
        replaces = [key for key in changed if key in ("context", "cluster")]
        return proto.DiffResponse(
            changes=proto.DiffResponse.DIFF_SOME if changed else proto.DiffResponse.DIFF_NONE,
            diffs=changed,
            replaces=replaces,
        )

    def configure(self, request: proto.ConfigureRequest) -> proto.ConfigureResponse:
        prefix = "kubernetes:config:"
        self._config = {key.removeprefix(prefix): value for key, value in request.variables.items()}
        if self._config.get("renderYamlToDirectory"):
            raise Refused(f"`renderYamlToDirectory`: the stand-in does not write YAML files; {_OFFICIAL}")
        if self._config.get("cluster"):
            raise Refused("`cluster`: the stand-in takes the cluster of the context; set `context` instead")
        ignored = sorted(name for name, value in self._config.items() if value and name not in _OPTIONS)
        if ignored:
            self._log.warning("", f"the stand-in for the Kubernetes provider ignores: {', '.join(ignored)}")
        try:
            self._cluster = connect(self._config.get("kubeconfig", ""), self._config.get("context", ""))
        except Unreachable as error:
            self._why_none = str(error)
        return proto.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def cancel(self) -> None:
        self._cancelled.set()

    # Operations

    def check(self, request: proto.CheckRequest) -> proto.CheckResponse:
        self._introduce()
        _only_supported(_type_of(request.urn))
        news, olds = without_nulls(decode_map(request.news)), decode_map(request.olds)
        self._no_patch(request.urn, news)
        inputs = difference.without_read_only(plain(news))
        if naming.generates_name(inputs):
            raise Refused(
                "`metadata.generateName` cannot go with server-side apply, which needs the name beforehand; "
                "leave the name out, and the provider makes one"
            )
        if not isinstance(inputs.get("metadata", {}), dict):
            return proto.CheckResponse(inputs=encode_map(news))  # all of it is known only to `up`
        if olds:
            inputs = naming.keep_old_name(inputs, olds)
        elif not naming.is_named(inputs):
            inputs = naming.with_name(inputs, _new_name(request))
        metadata = inputs.get("metadata") or {}
        if not metadata.get("namespace") and namespaced(self._cluster, inputs):
            inputs = {**inputs, "metadata": {**metadata, "namespace": self._namespace()}}
        return proto.CheckResponse(inputs=encode_map(mark_secrets(inputs, news)))

    def diff(self, request: proto.DiffRequest) -> proto.DiffResponse:
        live, old_inputs = _state_parts(decode_map(request.olds))
        if request.HasField("old_inputs") and request.old_inputs.fields:
            old_inputs = plain(decode_map(request.old_inputs))
        news = plain(without_nulls(decode_map(request.news)))
        old = difference.prune(live, difference.without_read_only(without_nulls(old_inputs)))
        new = difference.without_read_only(news)
        _align(old, new, live, namespaced(self._cluster, new))
        found = difference.differences(
            old,
            new,
            replacing_paths(
                new,
                secrets_mutable=self._switch("enableSecretMutable"),
                config_maps_mutable=self._switch("enableConfigMapMutable"),
            ),
        )
        ignore = list(request.ignoreChanges)
        found = {path: d for path, d in found.items() if not difference.ignored(path, ignore)}
        replaces = [
            path for path, d in found.items() if d.replace or (path == "metadata" and d.change is Change.DELETE)
        ]
        metadata = new["metadata"] if isinstance(new.get("metadata"), dict) else {}
        same_place = (metadata.get("name"), metadata.get("namespace")) == (
            live["metadata"]["name"],
            live["metadata"].get("namespace"),
        )
        return proto.DiffResponse(
            changes=proto.DiffResponse.DIFF_SOME if found else proto.DiffResponse.DIFF_NONE,
            replaces=replaces,
            deleteBeforeReplace=bool(replaces) and same_place and not naming.is_autonamed(new),
            detailedDiff={
                path: proto.PropertyDiff(kind=_KINDS[d.change, d.replace], inputDiff=d.change is Change.DELETE)
                for path, d in found.items()
            },
            hasDetailedDiff=True,
        )

    def create(self, request: proto.CreateRequest) -> proto.CreateResponse:
        news = decode_map(request.properties)
        if request.preview:
            return proto.CreateResponse(properties=self._preview_create(request, news))
        cluster = self._required()
        inputs = to_object(news)
        answer = self._create(cluster, request.urn, inputs)
        self._warn(request.urn, answer)
        manager = naming.annotation(inputs, "pulumi.com/patchFieldManager") or naming.random_name(
            f"{CREATE_MANAGER}-", b""
        )
        seconds = waiting.timeout_seconds(request.timeout, inputs)
        try:
            live = waiting.until_ready(cluster, self._log, request.urn, answer.obj, inputs, seconds, self._cancelled)
        except waiting.NotDone as error:
            raise InitFailed(
                naming.object_id(error.last),
                [f"created, but not ready: {error}", *error.reasons],
                _checkpoint(news, error.last, inputs["apiVersion"], manager),
            ) from None
        except ValueError as error:
            raise InitFailed(
                naming.object_id(answer.obj),
                [str(error)],
                _checkpoint(news, answer.obj, inputs["apiVersion"], manager),
            ) from None
        return proto.CreateResponse(
            id=naming.object_id(live), properties=_checkpoint(news, live, inputs["apiVersion"], manager)
        )

    def update(self, request: proto.UpdateRequest) -> proto.UpdateResponse:
        news = without_nulls(decode_map(request.news))
        olds = decode_map(request.olds)
        manager = naming.annotation(news, "pulumi.com/patchFieldManager") or plain(olds.get(_MANAGER))
        manager = manager or naming.random_name(f"{CREATE_MANAGER}-", b"")
        api_version = plain(olds.get(_API_VERSION)) or plain(news["apiVersion"])
        if request.preview and (contains_unknown(news) or not self._cluster):
            return proto.UpdateResponse(properties=request.news)
        cluster = self._required()
        inputs = difference.without_read_only(to_object(news))
        inputs["metadata"] = {**inputs.get("metadata", {}), "name": naming.parse_id(request.id)[1]}
        if request.preview and not cluster.serves(inputs):
            return proto.UpdateResponse(properties=request.news)
        try:
            live = cluster.get(inputs)
            force = naming.annotated(inputs, "pulumi.com/patchForce") or self._switch("enablePatchForce")
            force = force or not live["metadata"].get("managedFields")
            if request.preview:
                # Fields are handed over only by a real update; until then their creator would be in conflict.
                force = force or _owns_as_creator(live)
            else:
                cluster.adopt_fields(live, manager)
            answer = cluster.apply(inputs, manager=manager, force=force, dry_run=request.preview)
        except ApiError as error:
            if request.preview and error.status == 403 and error.reason == "Forbidden":
                return proto.UpdateResponse(properties=request.news)
            raise Refused(_refusal("update", inputs, error)) from None
        except NoSuchKind as error:
            raise Refused(str(error)) from None
        self._warn(request.urn, answer)
        updated = answer.obj
        if request.preview:
            updated.pop("status", None)
            return proto.UpdateResponse(properties=_checkpoint(news, updated, api_version, manager))
        seconds = waiting.timeout_seconds(request.timeout, inputs)
        try:
            updated = waiting.until_ready(
                cluster, self._log, request.urn, updated, inputs, seconds, self._cancelled, updating=True
            )
        except (waiting.NotDone, ValueError) as error:
            last = error.last if isinstance(error, waiting.NotDone) else updated
            reasons = error.reasons if isinstance(error, waiting.NotDone) else []
            raise InitFailed(
                request.id,
                [f"updated, but not ready: {error}", *reasons],
                _checkpoint(news, last, api_version, manager),
            ) from None
        return proto.UpdateResponse(properties=_checkpoint(news, updated, api_version, manager))

    def read(self, request: proto.ReadRequest) -> proto.ReadResponse:
        self._introduce()
        _only_supported(_type_of(request.urn))
        if not self._cluster:
            if _deletes_unreachable(self._config):
                self._log.warning(request.urn, f"no cluster ({self._why_none}): dropped from the state, as asked for")
                return proto.ReadResponse()
            raise Refused(
                f"cannot read: {self._why_none}. If the cluster is gone for good, run again with "
                "PULUMI_K8S_DELETE_UNREACHABLE=true to drop its resources from the state"
            )
        state, inputs = decode_map(request.properties), without_nulls(decode_map(request.inputs))
        known = to_object(inputs)
        live_before, _ = _state_parts(state)
        namespace, name = naming.parse_id(request.id)
        group_version, kind = _group_version_kind(_type_of(request.urn))
        reference = {
            "apiVersion": known.get("apiVersion") or live_before.get("apiVersion") or group_version,
            "kind": known.get("kind") or live_before.get("kind") or kind,
            "metadata": {"name": name, "namespace": namespace or self._namespace()},
        }
        try:
            live = self._cluster.get(reference)
        except ApiError as error:
            if error.not_found:
                return proto.ReadResponse()
            raise Refused(_refusal("read", reference, error)) from None
        except NoSuchKind:
            return proto.ReadResponse()
        if "kind" in known:
            now = mark_secrets(difference.prune(from_object(live), plain(inputs)), inputs)
        else:
            now = mark_secrets(_imported(live), None)
        manager = plain(state.get(_MANAGER)) or naming.random_name(f"{CREATE_MANAGER}-", b"")
        api_version = str(plain(state.get(_API_VERSION)) or reference["apiVersion"])
        checkpoint = _checkpoint(now, live, api_version, manager)
        judged = waiting.point_in_time(self._cluster, known, live)
        if not judged.done:
            raise InitFailed(
                request.id, [f"not ready: {judged.waiting_for}", *judged.problems], checkpoint, encode_map(now)
            )
        return proto.ReadResponse(id=request.id, properties=checkpoint, inputs=encode_map(now))

    def delete(self, request: proto.DeleteRequest) -> None:
        self._introduce()
        if not self._cluster and _deletes_unreachable(self._config):
            self._log.warning(request.urn, f"no cluster ({self._why_none}): dropped from the state, as asked for")
            return
        cluster = self._required()
        state = decode_map(request.properties)
        live, inputs = _state_parts(state)
        namespace, name = naming.parse_id(request.id)
        obj = {**live, "metadata": {**live.get("metadata", {}), "name": name}}
        if namespace:
            obj["metadata"]["namespace"] = namespace
        seconds = waiting.timeout_seconds(request.timeout, inputs)
        try:
            waiting.until_gone(cluster, self._log, request.urn, obj, inputs, seconds, self._cancelled)
        except waiting.NotDone as error:
            # Of a failed deletion the engine shows the message only, and it keeps the resource either way.
            raise Refused("\n".join([f"not deleted: {error}", *(f"* {reason}" for reason in error.reasons)])) from None
        except ApiError as error:
            raise Refused(_refusal("delete", obj, error)) from None

    # Their parts

    def _preview_create(self, request: proto.CreateRequest, news: dict[str, Any]) -> struct_pb2.Struct:
        """What the API server would make of it, or the inputs where it cannot be asked."""
        if not self._cluster or contains_unknown(news):
            return request.properties
        inputs = to_object(news)
        try:
            answer = self._cluster.create(inputs, dry_run=True)
        except NoSuchKind:
            return request.properties  # its definition may be created by the same program
        except ApiError as error:
            not_ours_to_ask = error.status == 403 and error.reason == "Forbidden" and "is forbidden: User" in str(error)
            if error.namespace_missing or error.reason == "AlreadyExists" or not_ours_to_ask:
                # A namespace of the same program, an object about to be replaced, or no right to create.
                return request.properties
            if _lacks_service_account(error):
                return request.properties
            raise Refused(_refusal("create", inputs, error)) from None
        self._warn(request.urn, answer)
        answer.obj.pop("status", None)
        return _checkpoint(news, answer.obj, inputs["apiVersion"], CREATE_MANAGER)

    def _create(self, cluster: Cluster, urn: str, inputs: Mapping[str, Any]) -> Answer:
        for attempt in range(1, _CREATE_TRIES + 1):
            try:
                return cluster.create(inputs, dry_run=False)
            except (ApiError, NoSuchKind) as error:
                # Things made a moment ago may not be there yet: a namespace, its ServiceAccount, a kind.
                early = isinstance(error, NoSuchKind) or error.not_found or _lacks_service_account(error)
                if attempt == _CREATE_TRIES or not early or self._cancelled.is_set():
                    if isinstance(error, NoSuchKind):
                        raise Refused(str(error)) from None
                    raise Refused(_refusal("create", inputs, error)) from None
                self._log.status(urn, f"attempt {attempt} of {_CREATE_TRIES}: {error}")
                self._cancelled.wait(0.25 * 2**attempt)
        raise AssertionError("unreachable")

    def _required(self) -> Cluster:
        if self._cluster is None:
            raise Refused(
                f"no Kubernetes cluster: {self._why_none}. "
                "Point KUBECONFIG, or the provider's `kubeconfig`, at a cluster that answers"
            )
        return self._cluster

    def _introduce(self) -> None:
        if self._cluster:
            self._log.once(f"stand-in for the Kubernetes provider: {self._cluster.url}")
        else:
            self._log.once(
                f"stand-in for the Kubernetes provider: no cluster ({self._why_none}); "
                "previews repeat what the program wrote, and no API server checks it"
            )

    def _namespace(self) -> str:
        return self._config.get("namespace") or (self._cluster.namespace if self._cluster else "default")

    def _switch(self, name: str) -> bool:
        variable = "PULUMI_K8S_" + "".join(f"_{c}" if c.isupper() else c.upper() for c in name)
        return "true" in (self._config.get(name), os.environ.get(variable))

    def _warn(self, urn: str, answer: Answer) -> None:
        for text in answer.warnings:
            self._log.warning(urn, text)

    @staticmethod
    def _no_patch(urn: str, inputs: Mapping[str, Any]) -> None:
        _, kind = _group_version_kind(_type_of(urn))
        if kind == f"{plain(inputs.get('kind'))}Patch":
            raise Refused(f"the stand-in does not patch objects of others ({kind}); {_OFFICIAL}")


def schema(version: str) -> str:
    """Who it is, and the Pod, to which the schema of a component may refer: programs bring the provider's SDK along."""
    anything = {name: {"$ref": "pulumi.json#/Any"} for name in ("apiVersion", "kind", "metadata", "spec", "status")}
    names = {"core/v1": "core/v1"}
    return json.dumps(
        {
            "name": "kubernetes",
            "version": version,
            "language": {
                "python": {"moduleNameOverrides": names},
                "nodejs": {"moduleToPackage": names},
            },
            "resources": {"kubernetes:core/v1:Pod": {"properties": anything, "inputProperties": anything}},
        }
    )


def _type_of(urn: str) -> str:
    """`urn:pulumi:stack::project::Parent$kubernetes:core/v1:Pod::name` -> `kubernetes:core/v1:Pod`."""
    return urn.split("::")[2].rpartition("$")[2]


def _group_version_kind(token: str) -> tuple[str, str]:
    _, group_version, kind = token.split(":")
    return group_version.removeprefix("core/"), kind


def _only_supported(token: str) -> None:
    group_version, kind = _group_version_kind(token)
    group = group_version.partition("/")[0]
    if group in ("helm.sh", "yaml", "kustomize"):
        raise Refused(f"the stand-in does not serve {token}; {_OFFICIAL}")
    built_in = "." not in group or group.endswith(".k8s.io")
    if built_in and kind.endswith("List"):
        raise Refused(f"{kind} is not a resource of its own; write each of its items as one")


def _new_name(request: proto.CheckRequest) -> str:
    name = request.urn.rpartition("::")[2]
    if request.HasField("autonaming"):
        wanted = request.autonaming
        if wanted.mode == proto.CheckRequest.AutonamingOptions.DISABLE:
            raise Refused("names are not made up in this project (`pulumi:autonaming`); set `metadata.name`")
        if wanted.proposed_name:
            return wanted.proposed_name
    return naming.random_name(f"{name}-", request.randomSeed)


def _state_parts(state: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The object as it was last seen, and the inputs that made it."""
    known = plain(dict(state))
    inputs = known.pop(_INPUTS, None) or {}
    for key in (_API_VERSION, _MANAGER):
        known.pop(key, None)
    return known, inputs


def _checkpoint(
    inputs: Mapping[str, Any], live: Mapping[str, Any], api_version: str, manager: str
) -> struct_pb2.Struct:
    state = mark_secrets(from_object(live), inputs)
    state[_INPUTS] = mark_secrets(plain(dict(inputs)), inputs)
    state[_API_VERSION] = api_version
    state[_MANAGER] = manager
    return encode_map(state)


def _imported(live: Mapping[str, Any]) -> dict[str, Any]:
    """An object as a program would have written it: without what only the API server writes."""
    inputs = difference.without_read_only(from_object(live))
    inputs.pop("status", None)
    annotations = dict(inputs["metadata"].get("annotations") or {})
    for name in _NOT_IMPORTED_ANNOTATIONS:
        annotations.pop(name, None)
    inputs["metadata"] = {k: v for k, v in inputs["metadata"].items() if k != "annotations"}
    if annotations:
        inputs["metadata"]["annotations"] = annotations
    return inputs


def _align(old: dict[str, Any], new: dict[str, Any], live: Mapping[str, Any], in_namespace: bool) -> None:
    """Name and namespace in both, so that leaving out `default` and writing it are the same."""
    for obj in (old, new):
        metadata = obj.get("metadata")
        if not isinstance(metadata, dict):
            continue
        metadata = obj["metadata"] = dict(metadata)
        if in_namespace:
            metadata["namespace"] = metadata.get("namespace") or "default"
        else:
            metadata.pop("namespace", None)
    if naming.is_named(new) and isinstance(old.get("metadata"), dict):
        old["metadata"]["name"] = live["metadata"]["name"]


def _owns_as_creator(live: Mapping[str, Any]) -> bool:
    return any(
        entry.get("manager") == CREATE_MANAGER and entry.get("operation") == "Update"
        for entry in live["metadata"].get("managedFields") or []
    )


def _lacks_service_account(error: ApiError) -> bool:
    return error.status == 403 and "error looking up service account" in str(error)


def _refusal(verb: str, obj: Mapping[str, Any], error: ApiError) -> str:
    """The API server's own words first."""
    said = f"the API server refused to {verb} {obj['kind']} {naming.object_id(obj)}: {error}"
    if error.reason == "AlreadyExists":
        said += (
            ". If it should belong to this stack, `pulumi import` takes it in; "
            "if the resource was only renamed in the program, an alias keeps it"
        )
    if verb == "update" and error.not_found:
        said += ". Someone else deleted it; `pulumi refresh` takes note of that"
    if verb == "update" and error.reason == "Conflict":
        said += '. The annotation `pulumi.com/patchForce: "true"` takes these fields over'
    return said


def _deletes_unreachable(config: Mapping[str, str]) -> bool:
    return "true" in (config.get("deleteUnreachable"), os.environ.get("PULUMI_K8S_DELETE_UNREACHABLE", "").lower())
