"""Pages with commands: their files are written, the commands are run in order, and their output is what stands there.

`python tests/cli/test_docs.py check.md` prints the page with today's output, for `make docs`.
"""

import json
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml
from commands import COMMAND, ROOT, environment, lifecycle

PAGE = ROOT / "docs" / "check.md"
_BLOCK = re.compile(
    r"(?:^`(?P<file>[^`\n]+)`:\n\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
SHOWN = 24  # lines of an output that is longer are left out


def page(text: str, folder: Path) -> str:
    """The page with the output of its commands, run in the folder."""

    def run(block: re.Match[str]) -> str:
        if block["file"]:
            file = folder / block["file"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block["text"])
        if block["language"] != "console":
            return block[0]
        lines = [shown for line in block["text"].splitlines() if line.startswith("$ ") for shown in _run(line, folder)]
        return "```console\n" + "\n".join(lines) + "\n```"

    return _BLOCK.sub(run, text)


def _run(line: str, folder: Path) -> Iterator[str]:
    command, *args = shlex.split(line.removeprefix("$ "))
    assert command == "lifecycle", line
    said = lifecycle(*args, cwd=folder)
    lines = [each.rstrip() for each in (said.err + said.out).splitlines()]
    yield line
    yield from lines if len(lines) <= SHOWN else [*lines[: SHOWN - 2], "…"]


@pytest.mark.parametrize("name", ["check.md", "start.md"])
def test_the_page(name: str, tmp_path: Path) -> None:
    text = (PAGE.parent / name).read_text()
    assert text == page(text, tmp_path), f"docs/{name} is out of date: `make docs` writes it"


def test_the_example_of_the_readme(tmp_path: Path) -> None:
    """It is the page's, without the finding that is but a warning."""
    page(PAGE.read_text().partition("## Levels")[0], tmp_path)
    said = lifecycle("check", "--select", "prestop-budget", "deploy/", cwd=tmp_path)
    finding = [f"    {line}" for line in said.out.splitlines()[:4]]
    assert "\n".join(["    $ lifecycle check deploy/", *finding, ""]) in (ROOT / "README.md").read_text()


def test_the_schema_of_the_json_output(tmp_path: Path) -> None:
    """Of a report with findings, exemptions, notes and what cannot be judged."""
    schema = json.loads((ROOT / "docs" / "check.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    page(PAGE.read_text(), tmp_path)
    (tmp_path / "broken.yaml").write_text("a: [")
    said = lifecycle("check", "--no-config", "--profile", "strict", "--output", "json", ".", cwd=tmp_path)
    report = json.loads(said.out)
    assert report["findings"] and report["notJudged"]
    jsonschema.validate(report, schema)


def test_the_hook_of_pre_commit_has_a_command_that_there_is(tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (tmp_path / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a}]}\n"
    )
    command, *args = hook["entry"].split()
    assert command == "lifecycle"
    assert lifecycle(*args, "pod.yaml", cwd=tmp_path).status == 1


def test_the_action_has_options_that_there_are(tmp_path: Path) -> None:
    """Its script, with the command of this checkout in the place of the one that it installs."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    (script,) = (step["run"] for step in action["runs"]["steps"] if step.get("id") == "check")
    (tmp_path / "lifecycle" / "bin").mkdir(parents=True)
    program = tmp_path / "lifecycle" / "bin" / "lifecycle"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n')
    program.chmod(0o755)
    (tmp_path / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a}]}\n"
    )
    defaults = {name.upper(): each["default"] for name, each in action["inputs"].items()}
    env = environment(**defaults, RUNNER_TEMP=str(tmp_path))
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=")
    assert json.loads((tmp_path / "lifecycle.sarif").read_text())["runs"][0]["results"]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        print(page((PAGE.parent / sys.argv[1]).read_text(), Path(made)), end="")
