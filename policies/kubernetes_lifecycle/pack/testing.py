"""Tests policies the way the engine calls them: protobuf, pulumi-policy's deserialisation and proxies, and back.

A policy tested with plain dicts can pass its tests and still fail in use. In use, its lists are not lists, whole
numbers are floats, and unknown values raise. pulumi-policy has no test helpers for Python (pulumi-policy#445).

    pack = Pack(build_policies(), {"pre-stop-required": {"kinds": ["Pod"]}})
    assert pack.analyze("kubernetes:core/v1:Pod", {"spec": {"containers": [{"name": "c", "image": UNKNOWN}]}}) == [...]

It takes any policy, not only those of this pack. It needs jsonschema: `pip install kubernetes-lifecycle[testing]`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import grpc
import jsonschema
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import proto
from pulumi.runtime.rpc import UNKNOWN as _WIRE_UNKNOWN
from pulumi_policy import Policy, PolicyConfigSchema, Secret
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY
from pulumi_policy.policy import EnforcementLevel

from lifecycle_rules import UNKNOWN

from ..settings import level_and_properties
from .serving import PACK_NAME, Servicer

_LEVELS: Final = {
    proto.EnforcementLevel.ADVISORY: "advisory",
    proto.EnforcementLevel.MANDATORY: "mandatory",
    proto.EnforcementLevel.REMEDIATE: "remediate",
    proto.EnforcementLevel.DISABLED: "disabled",
}


class Resource(NamedTuple):
    """One resource of a stack. A value can be UNKNOWN or `Secret(value)` at any depth."""

    type: str
    properties: Mapping[str, Any]
    name: str = "web"
    delete_seconds: float = 0
    """Its customTimeouts.delete."""
    protect: bool = False
    parent: str = ""
    """A URN."""
    dependencies: Sequence[str] = ()
    """URNs."""

    @property
    def urn(self) -> str:
        return f"urn:pulumi:test::test::{self.type}::{self.name}"


class Violation(NamedTuple):
    """What a policy reported."""

    policy: str
    level: str
    message: str
    urn: str = ""


class ConfigurationError(Exception):
    """The pack refused its configuration."""


class Answer(NamedTuple):
    """The outcome for a resource or a stack."""

    violations: list[Violation]
    not_applicable: dict[str, str]
    """The reason, by policy."""


class Pack:
    """Policies as the engine has them."""

    def __init__(self, policies: Sequence[Policy], config: Mapping[str, Any] | None = None) -> None:
        """`config` has the shape of a `--policy-pack-config` file. Raises ConfigurationError if the pack refuses it."""
        self._servicer = Servicer(PACK_NAME, "0.0.1", list(policies), EnforcementLevel.ADVISORY)
        self._servicer.Configure(_configuration(policies, config or {}), _Context())

    def analyze(self, type: str, properties: Mapping[str, Any], **of: Any) -> list[Violation]:
        """Returns the violations of one resource. `of` sets more fields of Resource."""
        return self.answer(Resource(type, properties, **of)).violations

    def answer(self, resource: Resource) -> Answer:
        """Returns everything that the pack reports about one resource."""
        return _answer(self._servicer.Analyze(_request(resource, proto.AnalyzeRequest), _Context()))

    def remediate(self, resource: Resource) -> Any:
        """Returns the properties after the policies at level `remediate`, or None if they change nothing."""
        answer = self._servicer.Remediate(_request(resource, proto.AnalyzeRequest), _Context())
        return _read(answer.remediations[-1].properties) if answer.remediations else None

    def analyze_stack(self, *resources: Resource) -> list[Violation]:
        """Returns the violations that stack policies report."""
        request = proto.AnalyzeStackRequest(resources=[_request(each, proto.AnalyzerResource) for each in resources])
        return _answer(self._servicer.AnalyzeStack(request, _Context())).violations


class _Context(grpc.ServicerContext):  # type: ignore[misc]
    """What the servicer does with a call beside answering it."""

    def abort(self, code: Any, details: str) -> None:
        raise ConfigurationError(details)


_Context.__abstractmethods__ = frozenset()


def wire(value: Any) -> Any:
    """As the engine writes a value, in what JSON has."""
    if value is UNKNOWN:
        return _WIRE_UNKNOWN
    if isinstance(value, Secret):
        return {SPECIAL_SIG_KEY: SPECIAL_SECRET_SIG, "value": wire(value.value)}
    if isinstance(value, Mapping):
        return {key: wire(each) for key, each in value.items()}
    return [wire(each) for each in value] if isinstance(value, list | tuple) else value


def _read(value: Any) -> Any:
    """The other way round: what is secret is marked, and what is not known is UNKNOWN."""
    if isinstance(value, struct_pb2.Struct):
        return _read(json_format.MessageToDict(value))
    if isinstance(value, dict):
        if value.get(SPECIAL_SIG_KEY) == SPECIAL_SECRET_SIG:
            return Secret(_read(value["value"]))
        return {key: _read(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_read(each) for each in value]
    return UNKNOWN if value == _WIRE_UNKNOWN else value


def _request(resource: Resource, message: Any) -> Any:
    properties = struct_pb2.Struct()
    properties.update(wire(resource.properties))
    request = message(type=resource.type, properties=properties, urn=resource.urn, name=resource.name)
    request.options.customTimeouts.delete = resource.delete_seconds
    request.options.protect = resource.protect
    request.options.parent = resource.parent
    if message is proto.AnalyzerResource:
        request.parent = resource.parent
        request.dependencies.extend(resource.dependencies)
    return request


def _answer(response: Any) -> Answer:
    violations = [
        Violation(
            each.policyName,
            _LEVELS[each.enforcementLevel],
            each.message.removeprefix(f"{each.description}\n"),
            each.urn,
        )
        for each in response.diagnostics
    ]
    return Answer(violations, {each.policy_name: each.reason for each in response.not_applicable})


def _configuration(policies: Sequence[Policy], config: Mapping[str, Any]) -> Any:
    """The schemas' defaults, as the engine fills them in, then what is given; unknown names it hands on, too."""
    request = proto.ConfigureAnalyzerRequest()
    levels = {value: key for key, value in _LEVELS.items()}
    everyone = config.get("all")
    for policy in policies:
        entry = request.policyConfig[policy.name]
        schema = policy.config_schema
        defaults = {
            key: each["default"] for key, each in (schema.properties if schema else {}).items() if "default" in each
        }
        entry.properties.update(defaults)
        level = everyone or (policy.enforcement_level or EnforcementLevel.ADVISORY).value
        entry.enforcementLevel = levels[level]
    for name, given in config.items():
        level, properties = level_and_properties(given)
        entry = request.policyConfig[name]
        entry.properties.update(properties)
        if level is not None and level not in levels:
            raise ConfigurationError(f"{name}: no level is named {level!r}; choose from: {', '.join(levels)}")
        if level is not None:
            entry.enforcementLevel = levels[level]
    for policy in policies:
        if policy.config_schema:
            _validate(policy.name, policy.config_schema, json_format.MessageToDict(request.policyConfig[policy.name]))
    return request


def _validate(policy: str, schema: PolicyConfigSchema, config: Mapping[str, Any]) -> None:
    """As the engine does, of which a pack is never told."""
    expected = {"type": "object", "properties": schema.properties, "required": schema.required or []}
    for wrong in jsonschema.Draft7Validator(expected).iter_errors(config.get("properties", {})):
        raise ConfigurationError(f"{policy}: {'.'.join(map(str, wrong.absolute_path))}: {wrong.message}")
