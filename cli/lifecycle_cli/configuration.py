"""The settings of a run: a profile, a file in the pack's own format above it, and what the command line says."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kubernetes_lifecycle.documents import DocumentError, load
from kubernetes_lifecycle.profiles import DEFAULT, PROFILES
from kubernetes_lifecycle.rules import BY_POLICY, POLICY_OF
from kubernetes_lifecycle.settings import OFF, SCHEMAS, Settings, SettingsError, level_and_properties, unknown
from lifecycle_rules import Rule, Severity
from lifecycle_rules.versions import Kubernetes

FILES: Final = (".lifecycle.yaml", ".lifecycle.yml", ".lifecycle.json")
ENGINES_LEVELS: Final = ("advisory", "mandatory", "remediate", "disabled")
PULUMIS: Final = ("safe-replacement",)  # policies about what Pulumi does with an object


class ConfigurationError(Exception):
    """What is wrong with the configuration, a line each, with the file's name."""


@dataclass(frozen=True)
class Configuration:
    """How a run judges."""

    settings: Settings
    mandatory: frozenset[str]
    """Policies whose findings are errors."""
    selected: frozenset[str]
    """The rules that are held at all, by id."""
    file: str = ""

    def level(self, rule: Rule) -> str:
        """`error` of what is mandatory; of what is advisory `warning`, or `info` where the rule is a hint."""
        own = self.settings.levels.get(rule.id)
        if own == "mandatory" or (own is None and POLICY_OF[rule.id] in self.mandatory):
            return Severity.ERROR.value
        return Severity.INFO.value if rule.severity is Severity.INFO else Severity.WARNING.value


def discovered(start: Path) -> Path | None:
    """The nearest of FILES in a folder or those above it."""
    folder = start if os.path.isdir(start) else start.parent
    for each in (folder, *folder.parents):
        for name in FILES:
            if os.path.isfile(each / name):  # False where one may not look; Path.is_file raises
                return each / name
    return None


def configuration(
    file: Path | None, profile: str, kubernetes: str | None, select: Sequence[str], ignore: Sequence[str]
) -> Configuration:
    """Raises ConfigurationError with all that is wrong in the file, or with the first option that is."""
    given = _read(file) if file else {}
    merged = _merged(PROFILES[profile], given)
    held = _rules("--select", select) if select else set(POLICY_OF)
    held -= _rules("--ignore", ignore)
    if kubernetes is not None:
        try:
            Kubernetes.parse(kubernetes)
        except ValueError as error:
            raise ConfigurationError(f"--kubernetes: {error}") from None
        merged["hooks-accepted"] = {**merged.get("hooks-accepted", {}), "kubernetesVersion": kubernetes}
    parts = {name: level_and_properties(each) for name, each in merged.items()}
    everyone = parts.pop("all", (None, {}))[0]
    levels = {name: parts.get(name, (None, {}))[0] or everyone or level for name, level in DEFAULT.items()}
    off = {name for name, level in levels.items() if level == "disabled"}
    try:
        settings = Settings.parse({name: properties for name, (_, properties) in parts.items()}, off)
    except SettingsError as error:
        where = f"{file}: " if file else ""
        raise ConfigurationError("\n".join(f"{where}{line}" for line in str(error).splitlines())) from None
    held -= {rule.id for name in PULUMIS for rule in BY_POLICY[name]}
    mandatory = {name for name, level in levels.items() if level in ("mandatory", "remediate")}
    return Configuration(settings, frozenset(mandatory), frozenset(held), str(file or ""))


def _rules(option: str, names: Iterable[str]) -> set[str]:
    """The ids of rules, and of the rules of policies."""
    found: set[str] = set()
    for name in names:
        if name in BY_POLICY:
            found |= {rule.id for rule in BY_POLICY[name]}
        elif name in POLICY_OF:
            found.add(name)
        else:
            raise ConfigurationError(f"{option}: {unknown('rule or policy', name, [*POLICY_OF, *BY_POLICY])}")
    return found


def _merged(base: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Policy by policy: the level of the one above counts, and so do its keys."""
    merged: dict[str, Any] = {}
    for name in {**base, **given}:
        level, properties = level_and_properties(base.get(name, {}))
        own_level, own = level_and_properties(given.get(name, {}))
        if "all" in given and name not in given:
            level = None  # `all` is the level of those that are given none
        chosen = own_level or level
        merged[name] = {**properties, **own, **({"enforcementLevel": chosen} if chosen else {})}
    return merged


def _read(file: Path) -> Mapping[str, Any]:
    try:
        given = load(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigurationError(f"{file}: {(error.strerror or str(error)).lower()}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file}: it is not UTF-8 text") from None
    except DocumentError as error:
        raise ConfigurationError(f"{file}:{error.line}:{error.column}: {error.problem}") from None
    if given is None:
        return {}
    given = _with_levels(given)
    wrong = list(_faults(given))
    if wrong:
        raise ConfigurationError("\n".join(f"{file}: {each}" for each in wrong))
    return dict(given)


def _with_levels(given: Any) -> Any:
    """YAML takes `off` for false: a policy's level is then `disabled`, and a rule's `off`."""
    if not isinstance(given, dict):
        return given
    meant = {}
    for name, each in given.items():
        rules = each.get("rules") if isinstance(each, dict) else None
        if isinstance(rules, dict):
            each = {**each, "rules": {rule: OFF if level is False else level for rule, level in rules.items()}}
        meant[name] = "disabled" if each is False else each
    return meant


def _faults(given: Any) -> Iterable[str]:
    """What the engine finds in a pack's configuration before the pack sees it: levels, and types."""
    if not isinstance(given, dict):
        yield "it is not a mapping of policies"
        return
    import jsonschema  # takes longer than a small check does

    for name, each in given.items():
        if not isinstance(each, str | dict):
            yield f"{name}: {json.dumps(each)} is neither a level nor a mapping"
            continue
        level, properties = level_and_properties(each)
        if level is not None and level not in ENGINES_LEVELS:
            yield f"{name}: no level is named {level!r}; choose from: {', '.join(ENGINES_LEVELS)}"
        schema = {"type": "object", "properties": SCHEMAS.get(name, {})}
        for error in jsonschema.Draft7Validator(schema).iter_errors(properties):
            fix = "; write it in quotes" if _is_unquoted(error.validator_value, error.instance) else ""
            yield f"{'.'.join([name, *map(str, error.absolute_path)])}: {error.message}{fix}"


def _is_unquoted(wanted: Any, given: Any) -> bool:
    """Whether YAML took a text for a number: 1.30 for 1.3."""
    return wanted == "string" and isinstance(given, int | float) and not isinstance(given, bool)


__all__ = ["FILES", "Configuration", "ConfigurationError", "configuration", "discovered"]
