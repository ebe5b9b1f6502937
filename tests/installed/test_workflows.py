"""The steps of the workflow that other repositories call, as they are written, on two checkouts: a hook differs."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.distributions import ROOT
from tests.engine.checkout import SECONDS, need, official_env

STACK = ROOT / ".github" / "workflows" / "stack.yml"
INPUTS = {
    "stack": "preview",
    "directory": ".",
    "pack": "./components ./policies",
    "pack-config": "policies/demo.json",
    "label": "replaces-pods",
}
PASSED = "### `pulumi preview` with policies: passed"
REPLACED = """\
1 to replace

| ends | how | because of |
|---|---|---|
| Pod `lifecycle-demo` | replaced | `spec.containers[0].lifecycle.preStop.exec.command[2]` |
"""
ASKED = "\nRequests may be lost. The label `replaces-pods` on the pull request allows it.\n"
LABELED = "contains(github.event.pull_request.labels.*.name, inputs.label)"
GATE = "Pods that would be replaced or deleted"
ALLOWED = "\nThe label `replaces-pods` allows it.\n"


def value(text: Any, context: dict[str, str]) -> str:
    """An expression of a workflow, by what it stands for."""
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: context[found[1]], str(text))


class Runner:
    """A machine of GitHub's, as far as the steps ask for it."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder
        self.summary, self._file = folder / "summary", folder / "env"
        temp = folder / "temp"
        temp.mkdir()
        self._context = {
            **{f"inputs.{name}": each for name, each in INPUTS.items()},
            "github.event.pull_request.number": "7",
        }
        given = {"RUNNER_TEMP": temp, "GITHUB_STEP_SUMMARY": self.summary, "GITHUB_ENV": self._file}
        self.env = {**official_env(folder), **{name: str(each) for name, each in given.items()}}
        self.env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), self.env["PATH"]])

    def run(self, job: dict[str, Any], *only: str, has_label: bool) -> Iterator[tuple[str, int, str]]:
        """Each step that runs, or those of these names, with its status and what it said."""
        self._context[LABELED] = str(has_label).lower()
        env = {**self.env, **{name: value(each, self._context) for name, each in job["env"].items()}}
        is_well = True
        for step in job["steps"]:
            if "run" not in step or (only and step["name"] not in only):
                continue
            if not (is_well or step.get("if") == "always()"):
                continue
            own = {name: value(each, self._context) for name, each in step.get("env", {}).items()}
            told = self._file.read_text().splitlines() if self._file.exists() else []
            given = {**env, **dict(line.split("=", 1) for line in told), **own}
            done = subprocess.run(
                ["bash", "-e", "-c", step["run"]],
                cwd=self.workspace / step.get("working-directory", "."),
                env=given,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=SECONDS * 3,  # it installs all that the program needs, twice
            )
            is_well = is_well and done.returncode == 0
            yield step.get("name", ""), done.returncode, done.stdout + done.stderr


def checkout(folder: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "build", ".venv", "Pulumi.*.yaml")
    for each in ("components", "policies"):
        shutil.copytree(ROOT / each, folder / each, ignore=ignored)
    for each in ("__main__.py", "Pulumi.yaml", "requirements.txt"):
        shutil.copy(ROOT / each, folder)


def test_a_pull_request_that_replaces_a_pod(tmp_path: Path) -> None:
    need("pulumi-language-python")
    for each in ("base", "head"):
        checkout(tmp_path / each)
    config = "config:\n  lifecycle-demo:preStop: sleep 4\n"
    (tmp_path / "head" / "Pulumi.preview.yaml").write_text(config)
    runner = Runner(tmp_path)
    job = yaml.safe_load(STACK.read_text())["jobs"]["stack"]
    said = list(runner.run(job, has_label=False))
    assert {name: status for name, status, _ in said} == {
        "The policies": 0,
        "The base branch's state": 0,
        "The preview, with the policies": 0,
        GATE: 1,
        "The summary": 0,
    }, said
    summary = runner.summary.read_text()
    assert summary.startswith(PASSED)
    assert "⚠️ kubernetes-lifecycle@v1.0.0" in summary
    assert summary.endswith(f"{REPLACED}{ASKED}")
    assert (tmp_path / "temp" / "comment" / "number").read_text() == "7\n"
    ((_, status, out),) = runner.run(job, GATE, has_label=True)
    assert status == 0, out
    assert f"{REPLACED}{ALLOWED}" in out
