"""Manifests as a Pulumi state for `pulumi policy analyze --file`: the policies without a program, cluster or login.

helm template … | python -m kubernetes_lifecycle.pack.manifests > state.json
pulumi policy analyze --policy-pack policies --file state.json
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TextIO

from ..documents import DocumentError, chunks, is_object, load
from .resources import PACKAGE

_PROJECT: Final = "urn:pulumi:manifests::manifests::"
_STACK: Final = {
    "urn": f"{_PROJECT}pulumi:pulumi:Stack::manifests-manifests",
    "custom": False,
    "type": "pulumi:pulumi:Stack",
}


class ManifestError(ValueError):
    """A document could not be read. The text says where."""


def documents(file: TextIO) -> Iterator[Mapping[str, Any]]:
    """Yields the objects in a file of YAML documents or JSON. Skips empty documents.

    Raises ManifestError for a document that is not YAML, lacks apiVersion or kind, or holds a value that JSON lacks.
    """
    try:
        for chunk in chunks(file):
            try:
                each = load(chunk.text)
            except DocumentError as error:
                line = chunk.line + error.line - 1
                raise ManifestError(f"{file.name}:{line}:{error.column}: {error.problem}") from None
            if each is None:
                continue
            if not is_object(each):
                raise ManifestError(f"{file.name}:{chunk.line}: not a Kubernetes object: it has no apiVersion and kind")
            yield each
    except UnicodeDecodeError as error:
        raise ManifestError(f"{file.name}: not UTF-8 text: {error}") from error
    except DocumentError as error:
        raise ManifestError(f"{file.name}:{error.line}: {error.problem}") from None


def token(obj: Mapping[str, Any]) -> str:
    """Pulumi's type token, `kubernetes:apps/v1:Deployment`."""
    version = obj["apiVersion"]
    return f"{PACKAGE}{version if '/' in version else f'core/{version}'}:{obj['kind']}"


def state(objects: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What `pulumi stack export` would print of a stack that has these objects, named as Pulumi names those of YAML."""
    resources: list[Mapping[str, Any]] = [_STACK]
    seen: Counter[str] = Counter()
    for each in objects:
        first = urn = f"{_PROJECT}{token(each)}::{_name(each)}"
        while seen[urn]:  # another may be named so: two of `web`, and one of `web-2`
            seen[first] += 1
            urn = f"{first}-{seen[first]}"
        seen[urn] += 1
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
        epilog="The state holds everything from the manifests, including secrets in plain text.",
    )
    parser.add_argument(
        "files", metavar="FILE", nargs="*", default=["-"], help=("YAML or JSON files, or - for standard input")
    )
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
