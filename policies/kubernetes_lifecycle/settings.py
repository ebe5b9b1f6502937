"""The pack's configuration: its JSON schemas, its defaults, and an error for what it does not know.

The engine checks types and fills defaults in, policy by policy, and takes a misspelt policy or key for another one's.
So all of it is read here at once, before the first resource is judged.
"""

import datetime
import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

from lifecycle_rules import ENDPOINTS, IMAGES, Endpoint, Image, Role
from lifecycle_rules.model import POD_SPEC_PATHS
from lifecycle_rules.versions import GATES, LATEST, OLDEST, Kubernetes

from .rules import BY_POLICY, ENGINES_OWN, POLICY_OF

# Kinds whose containers run until they are stopped. A Job's container ends by itself, and Kubernetes
# runs no preStop hook then (kubernetes/kubernetes#55807).
LONG_RUNNING_KINDS: Final = (
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
)
OFF: Final = "off"
LEVELS: Final = (OFF, "advisory", "mandatory")
ANY: Final = "*"
EVERYWHERE: Final = "all"
SERVING: Final = "serving"  # containers with ports or a readiness probe; what is not known counts as serving
ALIKE: Final = 0.8  # of two names, one of which is taken for the other misspelt


class SettingsError(ValueError):
    """Every error in the configuration, one per line."""


@dataclass(frozen=True)
class Exemption:
    """A rule that is not held against what it matches; each of its fields is a pattern, in which `*` takes anything."""

    rule: str
    reason: str
    kind: str = ANY
    namespace: str = ANY
    name: str = ANY
    container: str = ANY
    expires: datetime.date | None = None
    """The last day on which it holds."""

    def holds(self, today: datetime.date) -> bool:
        return self.expires is None or today <= self.expires

    def __str__(self) -> str:
        where = (f"{key} {getattr(self, key)}" for key in ("kind", "namespace", "name", "container"))
        narrowed = [each for each in where if not each.endswith(f" {ANY}")]
        return f"{self.rule} for {', '.join(narrowed) or 'everything'}"


@dataclass(frozen=True)
class Excluded:
    """What is not judged at all; patterns each."""

    namespaces: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Required:
    """Where a hook must be."""

    kinds: tuple[str, ...] = LONG_RUNNING_KINDS
    roles: tuple[str, ...] = (Role.APP.value,)
    where: str = EVERYWHERE


@dataclass(frozen=True)
class Settings:
    """The whole configuration."""

    required: Mapping[str, Required] = field(default_factory=dict)
    """By policy."""
    levels: Mapping[str, str] = field(default_factory=dict)
    """Of single rules, by id; the policy's own where there is none."""
    disabled: frozenset[str] = frozenset()
    """Policies."""
    kubernetes: str = LATEST
    features: tuple[str, ...] = ()
    images: tuple[Image, ...] = IMAGES
    endpoints: tuple[Endpoint, ...] = ENDPOINTS
    add_drain_seconds: int = 0
    shutdown_seconds: int = 0
    maximum_grace_seconds: int = 0
    drain_seconds: int = 0
    excluded: Excluded = Excluded()
    exemptions: tuple[Exemption, ...] = ()
    honor_annotations: bool = True

    @property
    def cluster(self) -> Kubernetes:
        return Kubernetes.parse(self.kubernetes, self.features)

    def is_off(self, rule: str) -> bool:
        return self.levels.get(rule) == OFF or POLICY_OF[rule] in self.disabled

    @classmethod
    def parse(
        cls,
        config: Mapping[str, Mapping[str, Any]],
        disabled: Iterable[str] = (),
        served: Collection[str] | None = None,
    ) -> "Settings":
        """Of the properties of each policy, as the engine gives them, of which a pack serves some or all.

        Raises SettingsError with all that is wrong.
        """
        wrong = [*_misspelt(config, SCHEMAS if served is None else served)]
        if wrong:
            raise SettingsError("\n".join(wrong))
        accepted, budget = config.get("hooks-accepted", {}), config.get("grace-budget", {})
        practice, exempt = config.get("shutdown-practice", {}), config.get("exemptions", {})
        settings = cls(
            required={name: _required(name, config.get(name, {}), wrong) for name in REQUIRING},
            levels={rule: level for each in config.values() for rule, level in each.get("rules", {}).items()},
            disabled=frozenset(disabled),
            kubernetes=accepted.get("kubernetesVersion", LATEST),
            features=tuple(accepted.get("featureGates", ())),
            images=(*IMAGES, *_images(practice.get("images", ()), wrong)),
            endpoints=_endpoints(practice.get("endpoints", ())),
            # protobuf has no integers
            add_drain_seconds=int(config.get("pre-stop-required", {}).get("addDrainSeconds", 0)),
            shutdown_seconds=int(budget.get("shutdownSeconds", 0)),
            maximum_grace_seconds=int(budget.get("maximumGracePeriodSeconds", 0)),
            drain_seconds=int(practice.get("drainSeconds", 0)),
            excluded=Excluded(**{key: tuple(value) for key, value in exempt.get("excluded", {}).items()}),
            exemptions=tuple(_exemption(each, wrong) for each in exempt.get("exempt", ())),
            honor_annotations=exempt.get("honorAnnotations", True),
        )
        try:
            Kubernetes.parse(settings.kubernetes, settings.features)
        except ValueError as error:
            wrong.append(f"hooks-accepted: {error}")
        if wrong:
            raise SettingsError("\n".join(wrong))
        return settings


def date(text: str) -> datetime.date | None:
    """The date of `2027-01-31`; None if the text is not a date, or has another form."""
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def level_and_properties(given: str | Mapping[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """Of what a file for `--policy-pack-config` holds of a policy; None where it gives no level."""
    if isinstance(given, str):
        return given, {}
    properties = dict(given)
    return properties.pop("enforcementLevel", None), properties


def matches(pattern: str, value: object) -> bool:
    """Whether a name fits a pattern; one that is not known fits only `*`."""
    return pattern == ANY or (isinstance(value, str) and fnmatchcase(value, pattern))


def any_matches(patterns: Iterable[str], value: object) -> bool:
    return any(matches(each, value) for each in patterns)


def _required(policy: str, config: Mapping[str, Any], wrong: list[str]) -> Required:
    known = {each.lower(): each for each in POD_SPEC_PATHS}
    for kind in config.get("kinds", ()):
        near = difflib.get_close_matches(kind.lower(), known, 1, ALIKE)
        if near and known[near[0]] != kind:  # any other may be a custom resource's
            wrong.append(f"{policy}: kinds: no kind is named {kind!r}; did you mean {known[near[0]]!r}?")
    lists = {key: tuple(config[key]) for key in ("kinds", "roles") if key in config}
    return Required(**lists, where=config.get("where", EVERYWHERE))


def _images(entries: Iterable[Mapping[str, Any]], wrong: list[str]) -> Iterator[Image]:
    for entry in entries:
        try:
            yield Image(**{**entry, "lacks": frozenset(entry["lacks"])})
        except ValueError as error:  # of a version, or of a tag that has no place for one
            wrong.append(f"shutdown-practice: images: {error}")


def _endpoints(entries: Iterable[Mapping[str, Any]]) -> tuple[Endpoint, ...]:
    own = [
        Endpoint(
            each["path"],
            each["method"],
            product=each.get("product", ""),
            image=each.get("image", ""),
            port=int(each.get("port", 0)),  # protobuf has no integers
        )
        for each in entries
    ]
    return (*ENDPOINTS, *own) if own else ENDPOINTS  # the table itself is found by path at once


def _exemption(entry: Mapping[str, Any], wrong: list[str]) -> Exemption:
    rule, expires = entry["rule"], entry.get("expires")
    if rule != ANY and rule not in POLICY_OF:
        wrong.append(f"exemptions: exempt: {unknown('rule', rule, POLICY_OF)}")
    if not entry["reason"].strip():
        wrong.append(f"exemptions: exempt: {rule}: the reason is empty; say why the rule does not apply")
    day = date(expires) if expires is not None else None
    if expires is not None and day is None:
        wrong.append(f"exemptions: exempt: {rule}: expires: {expires!r} is not a date; write it like 2027-01-31")
    return Exemption(**{**entry, "expires": day})


def _misspelt(config: Mapping[str, Mapping[str, Any]], served: Collection[str]) -> Iterator[str]:
    for policy, given in config.items():
        if policy in ENGINES_OWN:
            continue
        if policy not in SCHEMAS:
            yield unknown("policy", policy, SCHEMAS)
            continue
        if policy not in served:  # the engine has not checked its properties against a schema
            yield f"{policy}: this pack does not have this policy; it has: {', '.join(sorted(served))}"
            continue
        for key in given:
            if key not in SCHEMAS[policy]:
                yield f"{policy}: {unknown('key', key, SCHEMAS[policy])}"
        ids = [each.id for each in BY_POLICY.get(policy, ())]
        for rule in given.get("rules", {}) if ids else ():
            if rule not in ids:
                yield f"{policy}: rules: {unknown('rule', rule, ids)}"


def unknown(what: str, given: str, known: Iterable[str]) -> str:
    """The message for an unknown name: the name that was probably meant, or all names."""
    names = list(known)
    near = difflib.get_close_matches(given, names, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"choose from: {', '.join(sorted(names))}"
    return f"no {what} is named {given!r}; {hint}"


_PATTERNS: Final = {"type": "array", "items": {"type": "string", "minLength": 1}}
_SECONDS: Final = {"type": "integer", "minimum": 0, "default": 0}
REQUIRING: Final = {"pre-stop-required": "preStop", "post-start-required": "postStart"}
_REQUIRED: Final = {
    "kinds": {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "default": list(LONG_RUNNING_KINDS),
        "description": "Kinds of workloads whose containers must have the hook. Custom resources count too.",
    },
    "roles": {
        "type": "array",
        "items": {"type": "string", "enum": [Role.APP.value, Role.SIDECAR.value]},
        "default": [Role.APP.value],
        "description": "Containers that must have the hook: app, and sidecar (init with restartPolicy Always).",
    },
}
_OWN: Final[Mapping[str, Mapping[str, Any]]] = {
    "pre-stop-required": {
        **_REQUIRED,
        "where": {
            "type": "string",
            "enum": [EVERYWHERE, SERVING],
            "default": EVERYWHERE,
            "description": (
                "Which of these containers must have the hook: all of them, or only serving ones, which have ports or "
                "a readiness probe."
            ),
        },
        "addDrainSeconds": {
            **_SECONDS,
            "description": (
                "Seconds of the preStop sleep that the level remediate adds to a container with ports. 0 adds none."
            ),
        },
    },
    "post-start-required": _REQUIRED,
    "hooks-accepted": {
        "kubernetesVersion": {
            "type": "string",
            "default": LATEST,
            "description": f"The cluster's Kubernetes version, {OLDEST} or later, with or without the patch "
            "release. It holds for all policies.",
        },
        "featureGates": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Feature gates that the cluster turns on in addition to the default ones, for all policies: "
            f"{', '.join(gate.name for gate in GATES if gate.name)}.",
        },
    },
    "hooks-effective": {},
    "grace-budget": {
        "shutdownSeconds": {
            **_SECONDS,
            "description": (
                "Seconds that the grace period must leave each container after its preStop, or in total if it has none."
            ),
        },
        "maximumGracePeriodSeconds": {
            **_SECONDS,
            "description": "The longest grace period allowed, in seconds. 0 allows any.",
        },
    },
    "hook-secrets": {},
    "shutdown-practice": {
        "drainSeconds": {
            **_SECONDS,
            "description": (
                "Seconds that a preStop must sleep if it does nothing else, by the sleep action or by a program."
            ),
        },
        "images": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    **{key: {"type": "string", "minLength": 1} for key in ("name", "tag", "since", "before")},
                    "source": {"type": "string"},
                    "lacks": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["name", "lacks"],
                "additionalProperties": False,
            },
            "default": [],
            "description": (
                "Further images and the programs that they lack, for exec-tool-missing. name and tag (default *) are "
                "patterns; lacks lists programs. A bar separates the patterns of a tag. In a pattern, # matches a "
                "version, which must be `since` or later, and earlier than `before`."
            ),
        },
        "endpoints": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "path": {"type": "string", "pattern": "^[/*]"},
                    "method": {"type": "string", "minLength": 1},
                    "image": {"type": "string", "minLength": 1},
                    "port": {"type": "integer", "minimum": 1, "maximum": 65535},
                    "product": {"type": "string", "minLength": 1},
                },
                "required": ["path", "method"],
                "additionalProperties": False,
            },
            "default": [],
            "description": (
                "Further endpoints that do nothing on GET, for httpget-method. path and image (the server's) are "
                "patterns; method is what the endpoint expects; image, port and product are optional."
            ),
        },
    },
    "safe-replacement": {},
    "exemptions": {
        "excluded": {
            "type": "object",
            "properties": dict.fromkeys(("namespaces", "kinds", "names", "containers"), _PATTERNS),
            "additionalProperties": False,
            "default": {},
            "description": "What no policy checks: lists of patterns for namespaces, kinds, names and containers.",
        },
        "exempt": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    **{key: {"type": "string"} for key in ("rule", "reason", "kind", "namespace", "name", "container")},
                    "expires": {"type": "string", "description": "The last day on which it applies, e.g. 2027-01-31."},
                },
                "required": ["rule", "reason"],
                "additionalProperties": False,
            },
            "default": [],
            "description": (
                "Exemptions: rule (an id, or *) and reason; patterns for kind, namespace, name and container (default "
                "*); expires, the last day on which the exemption applies, e.g. 2027-01-31."
            ),
        },
        "honorAnnotations": {
            "type": "boolean",
            "default": True,
            "description": "Whether an object can exempt itself with the annotation kubernetes-lifecycle/ignore.",
        },
    },
}


def _of_rules(policy: str) -> Mapping[str, Any]:
    ids = [rule.id for rule in BY_POLICY.get(policy, ())]
    return {
        "rules": {
            "type": "object",
            "properties": {each: {"type": "string", "enum": list(LEVELS)} for each in ids},
            "default": {},
            "description": "Single rules that are off or have a level of their own.",
        }
    }


SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    policy: {**own, **(_of_rules(policy) if policy != "exemptions" else {})} for policy, own in _OWN.items()
}
"""The JSON schemas of the properties of each policy."""
