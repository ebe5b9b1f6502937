"""`python -m tests.projects FOLDER`: what the policies say of others' manifests, the table of docs/projects.md.

FOLDER has a folder for each project, with its manifests as rendered YAML, and in `about.txt` what they are. They are
judged by `pulumi policy analyze` with the pack's defaults, and by `lifecycle check`, document by document as it
stands in its file: where the two differ in an object, each difference is printed, and the exit status is 1. What is no
Kubernetes YAML is named on standard error.
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
from typing import Any, Final, NamedTuple

from benchmarks.page import table
from kubernetes_lifecycle.documents import chunks, load
from kubernetes_lifecycle.pack.manifests import ManifestError, documents, state
from lifecycle_cli.configuration import PULUMIS
from lifecycle_rules import containers, pod_specs
from sandbox.engine import engine
from tests.engine.checkout import ROOT, cli

STRICT: Final = ("hooks-accepted", "hooks-effective", "grace-budget", "hook-secrets")
COLUMNS: Final = (*STRICT, "pre-stop-required", "safe-replacement")
VIOLATED: Final = "one or more mandatory policy violations were found"


class Document(NamedTuple):
    """An object, and the text that it was read from."""

    obj: Mapping[str, Any]
    text: str


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.projects", description=__doc__)
    parser.add_argument("folder", type=Path)
    projects = sorted(each for each in parser.parse_args().folder.iterdir() if each.is_dir())
    rows, strict, different = [], [], []
    judged = found = 0
    with tempfile.TemporaryDirectory(prefix="projects-") as made:
        (Path(made) / "Pulumi.yaml").write_text("name: projects\nruntime: python\n")
        with contextlib.redirect_stdout(sys.stderr):  # it says what stands in
            env = engine(Path(made), cli(), None, Path(made)).env
        for each in projects:
            print(each.name, file=sys.stderr, flush=True)
            distinct = list(_distinct(each))
            objects = [document.obj for document in distinct]
            counts: Counter[str] = Counter()
            of_the_pack: Counter[tuple[int, str]] = Counter()
            for number, policy, finding in _analyzed(objects, Path(made), env):
                counts[policy] += 1
                if policy in STRICT:
                    strict.append(f"- {each.name}, {_named(objects[number])}: {finding}")
                if policy not in PULUMIS:
                    of_the_pack[number, finding] += 1
            of_the_command = Counter(_checked(distinct, Path(made)))
            for ours, theirs, who in (
                (of_the_pack, of_the_command, "the pack"),
                (of_the_command, of_the_pack, "the command"),
            ):
                for number, finding in (ours - theirs).elements():
                    different.append(f"- {each.name}, {_named(objects[number])}, only {who}: {finding}")
            judged, found = judged + len(objects), found + sum(of_the_command.values())
            about = (each / "about.txt").read_text().strip()
            hooks = sum(map(_hooks, objects))
            rows.append(
                [f"**{each.name}** {about}", f"{len(objects)}", f"{hooks}", *(f"{counts[name]}" for name in COLUMNS)]
            )
    print(table(["project", "objects", "hooks", *COLUMNS], rows))
    print("\n".join(["", *strict]))
    what = f"{len(different)} differences" if different else "the same"
    print(f"\nThe pack and the command, {found:,} findings on {judged:,} objects: {what}")
    print("\n".join(different))
    return 1 if different else 0


def _distinct(project: Path) -> Iterator[Document]:
    """Renderings with several values repeat most objects."""
    seen: set[str] = set()
    for path in sorted(project.glob("*.y*ml")):
        try:
            with path.open(encoding="utf-8") as file, path.open(encoding="utf-8") as again:
                texts = (each.text for each in chunks(again) if load(each.text) is not None)
                for obj, text in zip(documents(file), texts, strict=False):  # an error ends the first of the two
                    known = json.dumps(obj, sort_keys=True)
                    if known not in seen:
                        seen.add(known)
                        yield Document(obj, text)
        except ManifestError as error:
            print(f"left out: {error}", file=sys.stderr)


def _named(obj: Mapping[str, Any]) -> str:
    return f"{obj['kind']} {obj['metadata'].get('name', 'without a name')}"


def _hooks(obj: Mapping[str, Any]) -> int:
    found = (each for pod in pod_specs(obj["kind"], obj) for each in containers(pod))
    return sum(each.hook(event) is not None for each in found for event in ("postStart", "preStop"))


def _analyzed(objects: list[Mapping[str, Any]], made: Path, env: Mapping[str, str]) -> Iterator[tuple[int, str, str]]:
    """The violations: the object's number, the policy, the finding; an exception in the pack ends the run."""
    stack = state(objects)
    (made / "state.json").write_text(json.dumps(stack))
    words = ["policy", "analyze", "--policy-pack", str(ROOT / "policies"), "--file", "state.json", "--json"]
    done = subprocess.run([cli(), *words], cwd=made, env=env, capture_output=True, text=True, check=False)
    if done.returncode and VIOLATED not in done.stderr:
        raise SystemExit(f"{done.stdout}\n{done.stderr}")
    numbers = {each["urn"]: number for number, each in enumerate(stack["deployment"]["resources"][1:])}
    for line in done.stdout.splitlines():
        event = json.loads(line).get("policyEvent") if line.startswith("{") else None
        if event:
            finding = event["message"].partition("\n")[2]  # behind the policy's description
            yield numbers[event["resourceUrn"]], event["policyName"], finding.rstrip()


def _checked(documents: list[Document], made: Path) -> Iterator[tuple[int, str]]:
    """What the command says: the object's number, and the finding in the pack's words."""
    with tempfile.TemporaryDirectory(dir=made) as folder:
        for number, each in enumerate(documents):
            (Path(folder) / f"{number}.yaml").write_text(each.text)
        command = [sys.executable, "-m", "lifecycle_cli", "check", "--no-config", "--output", "json", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            raise SystemExit(f"{done.stdout}\n{done.stderr}")
        report = json.loads(done.stdout)
    if report["summary"]["objects"] < len(documents):
        raise SystemExit(f"the command read {report['summary']['objects']} objects of {len(documents)}")
    for each in report["findings"]:
        finding = f"{each['path']}: {each['message']} [{each['rule']}]. {each['fix']}"
        yield int(Path(each["file"]).stem), finding


if __name__ == "__main__":
    sys.exit(main())
