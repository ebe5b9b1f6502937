"""Manifests as a Pulumi state for `pulumi policy analyze --file`: the policies without a program, cluster or login.

helm template … | python -m kubernetes_lifecycle.pack.manifests > state.json
pulumi policy analyze --policy-pack policies --file state.json
"""

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Final, TextIO

import yaml

from .resources import PACKAGE

_PROJECT: Final = "urn:pulumi:manifests::manifests::"
_STACK: Final = {
    "urn": f"{_PROJECT}pulumi:pulumi:Stack::manifests-manifests",
    "custom": False,
    "type": "pulumi:pulumi:Stack",
}


_JSON_VALUES: Final = (str, int, float, bool, type(None))  # these are keys, too: Kubernetes writes them as text


class ManifestError(ValueError):
    """What could not be read, and where."""


_Base: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # without libyaml it is slower, and the same


class _Loader(_Base):  # type: ignore[misc, valid-type]
    """As Kubernetes reads YAML: a date is a text, and so is a lone `=`, which YAML 1.1 gives a meaning of its own."""

    yaml_implicit_resolvers: ClassVar = {
        first: [each for each in found if each[0] not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value")]
        for first, found in _Base.yaml_implicit_resolvers.items()
    }


def documents(file: TextIO) -> Iterator[Mapping[str, Any]]:
    """The objects in a file, of one or more YAML documents or as JSON; empty documents are none.

    Raises ManifestError for what is no YAML, has no apiVersion and kind, or holds what JSON has not.
    """
    try:
        for number, each in enumerate(yaml.load_all(file, _Loader), 1):
            if each is None:
                continue
            if not isinstance(each, dict) or not all(isinstance(each.get(key), str) for key in ("apiVersion", "kind")):
                raise ManifestError(f"{file.name}: document {number} is no Kubernetes object: no apiVersion and kind")
            if fault := _no_json(each):
                raise ManifestError(f"{file.name}: document {number} is no JSON: {fault}")
            yield each
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ManifestError(f"{file.name}: no YAML: {error}") from error
    except RecursionError:
        raise ManifestError(f"{file.name}: no YAML: it is nested too deeply to be read") from None
    except ValueError as error:  # of the constructor of an explicit tag, in words that differ from Python to Python
        if isinstance(error, ManifestError):
            raise
        raise ManifestError(f"{file.name}: no YAML: a value does not fit its type") from None


def _no_json(value: object, path: str = "", around: tuple[int, ...] = ()) -> str | None:
    """The path of the first value in a document that JSON cannot hold, and why; None where it can hold them all."""
    if id(value) in around:
        return f"{path} refers to itself"
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, _JSON_VALUES):
                return f"{path or 'it'} has a key of type {type(key).__name__}"
        parts = [(f"{path}.{key}" if path else str(key), each) for key, each in value.items()]
    elif isinstance(value, list):
        parts = [(f"{path}[{index}]", each) for index, each in enumerate(value)]
    elif isinstance(value, float) and not math.isfinite(value):
        return f"{path} is {value}"
    else:
        return None if isinstance(value, _JSON_VALUES) else f"{path} is of type {type(value).__name__}"
    inside = (*around, id(value))
    return next((fault for name, each in parts if (fault := _no_json(each, name, inside))), None)


def token(obj: Mapping[str, Any]) -> str:
    """Pulumi's type token, `kubernetes:apps/v1:Deployment`."""
    version = obj["apiVersion"]
    return f"{PACKAGE}{version if '/' in version else f'core/{version}'}:{obj['kind']}"


def state(objects: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What `pulumi stack export` would print of a stack that has these objects, named as Pulumi names those of YAML."""
    resources: list[Mapping[str, Any]] = [_STACK]
    seen: Counter[str] = Counter()
    for each in objects:
        urn = f"{_PROJECT}{token(each)}::{_name(each)}"
        seen[urn] += 1
        if seen[urn] > 1:
            urn = f"{urn}-{seen[urn]}"
        resource = {"urn": urn, "custom": True, "id": urn, "type": token(each), "parent": _STACK["urn"]}
        resources.append({**resource, "inputs": each, "outputs": each})
    manifest = {"time": "2000-01-01T00:00:00Z", "magic": "", "version": ""}
    return {"version": 3, "deployment": {"manifest": manifest, "resources": resources}}


def _name(obj: Mapping[str, Any]) -> str:
    metadata = obj.get("metadata")
    given = metadata if isinstance(metadata, dict) else {}
    parts = (given.get("namespace"), given.get("name") or given.get("generateName") or "unnamed")
    return "/".join(str(each) for each in parts if each)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m kubernetes_lifecycle.pack.manifests",
        description="Writes Kubernetes manifests as a Pulumi state, for `pulumi policy analyze --file`.",
        epilog="The state holds what the manifests hold, secrets in clear.",
    )
    parser.add_argument("files", metavar="FILE", nargs="*", default=["-"], help="YAML or JSON; - for standard input")
    objects: list[Mapping[str, Any]] = []
    try:
        for each in parser.parse_args().files:
            if each == "-":
                objects += documents(sys.stdin)
                continue
            with Path(each).open(encoding="utf-8") as file:
                objects += documents(file)
    except ManifestError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    json.dump(state(objects), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
