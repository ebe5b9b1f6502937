"""Serves policies to the engine, with what pulumi-policy does not give them: the whole configuration, and secrets.

pulumi-policy's servicer stays in charge. This module wraps its calls: before a call it provides what a policy cannot
ask for, and after it applies the level of single rules.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import proto
from pulumi_policy import EnforcementLevel, Policy, PolicyPack, StackValidationPolicy, policy

from ..exemptions import PREFIX
from ..objects import Object
from ..settings import Excluded, Settings, SettingsError, level_and_properties
from . import current
from .policies import ResourcePolicy, StackPolicy, build_policies
from .resources import OPAQUE, kind_of, object_of
from .values import of_message

PACK_NAME: Final = "kubernetes-lifecycle"
_LEVELS: Final = {
    "advisory": proto.EnforcementLevel.ADVISORY,
    "mandatory": proto.EnforcementLevel.MANDATORY,
}


class Servicer(policy._PolicyAnalyzerServicer):
    """pulumi-policy's own, for policies of this pack and of others."""

    def __init__(self, name: str, version: str, policies: list[Policy], *rest: Any) -> None:
        super().__init__(name, version, policies, *rest)
        self._settings = Settings.parse({})
        self._policies = policies
        self._others = {each.name for each in policies if not isinstance(each, ResourcePolicy | StackPolicy)}
        of_stacks = {each.name for each in policies if isinstance(each, StackValidationPolicy)}
        self._reads_resources = bool(self._others - of_stacks)
        self._reads_stacks = bool(self._others & of_stacks)

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        """An error of the configuration ends the engine's operation before it begins, with its words."""
        ours = {name: each for name, each in request.policyConfig.items() if name not in self._others}
        given = {name: json_format.MessageToDict(each.properties) for name, each in ours.items()}
        disabled = [name for name, each in ours.items() if each.enforcementLevel == proto.EnforcementLevel.DISABLED]
        try:
            self._settings = Settings.parse(given, disabled, {each.name for each in self._policies} - self._others)
        except SettingsError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"the configuration of {PACK_NAME} is wrong:\n{error}")
        return super().Configure(request, context)

    # pulumi-policy copies a resource's properties for each policy that it asks; ours have them from `current`. So they
    # are left out of its requests where nobody else reads them, which is most of what a pack costs.

    def Analyze(self, request: Any, context: grpc.ServicerContext) -> Any:
        """One resource."""
        with current.call(self._settings, _objects(request)) as call:
            response = super().Analyze(request if self._reads_resources else _bare(request), context)
        levels = {
            violation.message: self._settings.levels[violation.rule.id]
            for judgement in call.judged.values()
            for found in judgement.violations.values()
            for violation in found
            if violation.rule.id in self._settings.levels
        }
        for diagnostic in response.diagnostics if levels else ():
            message = diagnostic.message.removeprefix(f"{diagnostic.description}\n")
            if message in levels:
                diagnostic.enforcementLevel = _LEVELS[levels[message]]
        return response

    def Remediate(self, request: Any, context: grpc.ServicerContext) -> Any:
        """One resource, which one policy after the other may change."""
        is_asked = EnforcementLevel.REMEDIATE in map(self._get_enforcement_level, self._policies)
        objects = _objects(request) if is_asked else []
        with current.call(self._settings, objects):
            is_wrong = any(current.judgement(each, self._settings).violations for each in objects)
            is_read = is_asked and (is_wrong or self._reads_resources)
            return super().Remediate(request if is_read else _bare(request), context)

    def AnalyzeStack(self, request: Any, context: grpc.ServicerContext) -> Any:
        """All resources of the stack."""
        worth = (each for each in request.resources if _may_be_exempt(each.type, each.properties, self._settings))
        with current.call(self._settings, map(_object, worth)):
            return super().AnalyzeStack(request if self._reads_stacks else type(request)(), context)


def _may_be_exempt(token: str, properties: struct_pb2.Struct, settings: Settings) -> bool:
    """Whether there may be anything to say of a resource; found out without reading it, for most have nothing."""
    if not kind_of(token):
        return False
    by_settings = settings.exemptions or settings.excluded != Excluded() or token in OPAQUE
    return bool(by_settings) or PREFIX.encode() in properties.SerializeToString()


def _objects(request: Any) -> Sequence[Object]:
    return [_object(request)] if kind_of(request.type) else []


def _bare(request: Any) -> Any:
    """Without the properties; type and URN are enough to call a policy."""
    return type(request)(type=request.type, urn=request.urn, name=request.name, options=request.options)


def _object(of: Any) -> Object:
    return object_of(of.urn, of.type, of.name, of_message(of.properties), of.options.customTimeouts.delete)


def serve(
    name: str = PACK_NAME, policies: Sequence[Policy] = (), initial_config: Mapping[str, Any] | None = None
) -> None:
    """Serves the policies, by default those of this pack. Never returns; call it once in a process.

    `initial_config` has the shape of a `--policy-pack-config` file, and applies to whatever that file leaves out.
    Raises SettingsError for a level that Pulumi does not have. The engine reports any other error in it.
    """
    served = list(policies) or build_policies()
    policy._PolicyAnalyzerServicer = Servicer  # type: ignore[misc, assignment]  # PolicyPack takes no other
    PolicyPack(name=name, policies=served, initial_config=with_levels(initial_config or {}, served))


def with_levels(config: Mapping[str, Any], policies: Sequence[Policy]) -> dict[str, Any]:
    """A configuration as PolicyPack takes it, with every policy's level written down.

    pulumi-policy sends `advisory` where there is none: a mandatory policy that is given a key would stop nothing.
    """
    parts = {name: level_and_properties(given) for name, given in config.items()}
    everyone, _ = parts.get("all", (None, {}))
    own = {each.name: each.enforcement_level for each in policies}
    made = {}
    for name, (level, properties) in parts.items():
        chosen = level or everyone or own.get(name) or EnforcementLevel.ADVISORY
        try:
            made[name] = {"enforcementLevel": EnforcementLevel(chosen), **properties}
        except ValueError:
            levels = ", ".join(each.value for each in EnforcementLevel)
            raise SettingsError(f"{name}: no level is named {chosen!r}; choose from: {levels}") from None
    return made
