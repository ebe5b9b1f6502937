"""`python -m tests.projects FOLDER`: what the policies say of others' manifests, the table of docs/projects.md.

FOLDER has a folder for each project, with its manifests as rendered YAML, and in `about.txt` what they are. They are
judged by `pulumi policy analyze` with the pack's defaults. What is no Kubernetes YAML is named on standard error.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.rules.report import table
from kubernetes_lifecycle.pack.manifests import ManifestError, documents, state
from lifecycle_rules import containers, pod_specs
from sandbox.engine import engine
from tests.engine.checkout import ROOT, cli

STRICT: Final = ("hooks-accepted", "hooks-effective", "grace-budget", "hook-secrets")
COLUMNS: Final = (*STRICT, "pre-stop-required", "safe-replacement")
VIOLATED: Final = "one or more mandatory policy violations were found"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.projects", description=__doc__)
    parser.add_argument("folder", type=Path)
    projects = sorted(each for each in parser.parse_args().folder.iterdir() if each.is_dir())
    rows, strict = [], []
    with tempfile.TemporaryDirectory(prefix="projects-") as made:
        (Path(made) / "Pulumi.yaml").write_text("name: projects\nruntime: python\n")
        with contextlib.redirect_stdout(sys.stderr):  # it says what stands in
            env = engine(Path(made), cli(), None, Path(made)).env
        for each in projects:
            print(each.name, file=sys.stderr, flush=True)
            objects = list(_distinct(each))
            counts: Counter[str] = Counter()
            for event in _analyzed(objects, Path(made), env):
                counts[event["policyName"]] += 1
                if event["policyName"] in STRICT:
                    _, _, finding = event["message"].partition("\n")  # behind the policy's description
                    strict.append(f"- {each.name}, {event['resourceUrn'].rpartition('::')[2]}: {finding}")
            about = (each / "about.txt").read_text().strip()
            hooks = sum(map(_hooks, objects))
            rows.append(
                [f"**{each.name}** {about}", f"{len(objects)}", f"{hooks}", *(f"{counts[name]}" for name in COLUMNS)]
            )
    print(table(["project", "objects", "hooks", *COLUMNS], rows))
    print("\n".join(["", *strict]))
    return 0


def _distinct(project: Path) -> Iterator[Mapping[str, Any]]:
    """Renderings with several values repeat most objects."""
    seen: set[str] = set()
    for path in sorted(project.glob("*.y*ml")):
        try:
            with path.open(encoding="utf-8") as file:
                for each in documents(file):
                    text = json.dumps(each, sort_keys=True)
                    if text not in seen:
                        seen.add(text)
                        yield each
        except ManifestError as error:
            print(f"left out: {error}", file=sys.stderr)


def _hooks(obj: Mapping[str, Any]) -> int:
    found = (each for pod in pod_specs(obj["kind"], obj) for each in containers(pod))
    return sum(each.hook(event) is not None for each in found for event in ("postStart", "preStop"))


def _analyzed(objects: list[Mapping[str, Any]], made: Path, env: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """The violations; an exception in the pack ends the run."""
    (made / "state.json").write_text(json.dumps(state(objects)))
    words = ["policy", "analyze", "--policy-pack", str(ROOT / "policies"), "--file", "state.json", "--json"]
    done = subprocess.run([cli(), *words], cwd=made, env=env, capture_output=True, text=True, check=False)
    if done.returncode and VIOLATED not in done.stderr:
        raise SystemExit(f"{done.stdout}\n{done.stderr}")
    events = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))
    yield from (each["policyEvent"] for each in events if "policyEvent" in each)


if __name__ == "__main__":
    sys.exit(main())
