"""What a preview would do to running Pods.

pulumi preview --json > preview.json
python -m kubernetes_lifecycle.pack.changes preview.json

Prints Markdown for a pull request. The exit status is 1 if the update would replace or delete a Pod, or a workload with
its Pods. This loses requests that no preStop hook can save, because no other Pod has taken over. An update of a
Deployment's template is a rollout, and does not count.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from lifecycle_rules.model import POD_SPEC_PATHS

from .resources import PACKAGE

ENDS: Final = {"replace": "replaced", "delete": "deleted"}
"""Operations that end a resource, as `pulumi preview --json` names them, and what they do."""


class Ended(NamedTuple):
    """A workload that would not outlive the update."""

    kind: str
    name: str
    """Pulumi's, as its program has it."""
    how: str
    why: tuple[str, ...]
    """The properties that cannot be changed in place; empty of what is deleted."""


class PreviewError(ValueError):
    """The file is not the output of a successful `pulumi preview --json`."""


def ended(preview: Any) -> list[Ended]:
    """The workloads that the preview replaces or deletes. Raises PreviewError."""
    steps = preview.get("steps") if isinstance(preview, dict) else None
    if not isinstance(steps, list) or not preview.get("changeSummary"):
        raise PreviewError("not the output of a finished `pulumi preview --json`")
    return list(_ended(steps))


def _ended(steps: Sequence[Any]) -> Iterator[Ended]:
    for step in steps:
        how = ENDS.get(step.get("op"))
        token = _state(step).get("type", "")
        kind = token.rpartition(":")[2].removesuffix("Patch")
        if how and token.startswith(PACKAGE) and kind in POD_SPEC_PATHS:
            why = tuple(step.get("replaceReasons") or ()) if how == "replaced" else ()
            yield Ended(kind, step["urn"].rpartition("::")[2], how, why)


def _state(step: Mapping[str, Any]) -> Mapping[str, Any]:
    return step.get("oldState") or step.get("newState") or {}


def markdown(preview: Any) -> str:
    """The preview in a few lines: how many resources it changes, and which Pods end."""
    found = ended(preview)
    counts = {op: count for op, count in preview["changeSummary"].items() if op != "same"}
    lines = [", ".join(f"{count} to {op}" for op, count in counts.items()) or "No changes."]
    if found:
        lines += ["", "| ends | how | because of |", "|---|---|---|"]
        lines += [
            f"| {each.kind} `{each.name}` | {each.how} | {', '.join(f'`{why}`' for why in each.why)} |"
            for each in found
        ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m kubernetes_lifecycle.pack.changes",
        description="Lists the Pods and workloads that a preview would replace or delete. The exit status is 1 if "
        "there are any, and 2 if the preview cannot be read.",
    )
    parser.add_argument("preview", metavar="FILE", type=Path, help="the output of `pulumi preview --json`")
    args = parser.parse_args(arguments)
    try:
        preview = json.loads(args.preview.read_text())
        print(markdown(preview), end="")
    except (OSError, ValueError) as error:  # PreviewError is one
        print(f"{args.preview}: {getattr(error, 'strerror', None) or error}", file=sys.stderr)
        return 2
    return 1 if ended(preview) else 0


if __name__ == "__main__":
    sys.exit(main())
