"""docs/recipes: each manifest passes the strict profile, and the program beside it makes the very same workload."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from commands import lifecycle

from kubernetes_lifecycle.pack import build_policies
from kubernetes_lifecycle.pack.testing import Pack, Resource
from kubernetes_lifecycle.profiles import PROFILES
from tests.unit.recording import Recorder, run

ROOT = Path(__file__).resolve().parents[2]
RECIPES = {page.stem: page.read_text() for page in sorted((ROOT / "docs" / "recipes").glob("*.md"))}
DEFAULT = {"preStop": {"sleep": {"seconds": 5}}}  # what the component gives a container whose hooks nobody named
ASKED = "--ignore post-start-required"  # a recipe has a postStart where there is something to do


def block(recipe: str, language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", RECIPES[recipe], re.DOTALL)
    return str(found)


def program(recipe: str) -> Recorder:
    return run(lambda: exec(block(recipe, "python"), {}))


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_manifest_passes_the_strict_profile(recipe: str, tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(block(recipe, "yaml"))
    said = lifecycle("check", "--no-config", "--profile", "strict", *ASKED.split(), "recipe.yaml", cwd=tmp_path)
    objects = len(list(yaml.safe_load_all(block(recipe, "yaml"))))
    counted = f"1 file, {objects} object{'s' * (objects > 1)}"
    assert (said.status, said.out, said.err) == (0, f"{counted}: no findings\n", "")


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_program_passes_the_strict_pack(recipe: str) -> None:
    config = {**json.loads(json.dumps(PROFILES["strict"])), "post-start-required": "disabled"}
    pack = Pack(build_policies(), config)
    found = [
        each.message
        for token, inputs in program(recipe).registered
        if token.startswith("kubernetes:")
        for each in pack.answer(Resource(token, inputs)).violations
    ]
    assert found == []


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_program_makes_what_the_manifest_says(recipe: str) -> None:
    made = {
        (inputs["kind"], inputs.get("metadata", {}).get("name", recipe)): inputs["spec"]
        for token, inputs in program(recipe).registered
        if token.startswith("kubernetes:")
    }
    wanted = {each["kind"]: each["spec"] for each in yaml.safe_load_all(block(recipe, "yaml"))}
    assert {kind: plain(spec) for (kind, _), spec in made.items()} == {
        kind: plain(spec) for kind, spec in wanted.items()
    }


def plain(value: Any) -> Any:
    """Alike in what the component makes up: the container's name, its preStop, the label of a template without one."""
    if isinstance(value, dict):
        made = {key: plain(each) for key, each in value.items()}
        if "containers" in made:
            made["containers"] = [{"lifecycle": DEFAULT, **each, "name": ""} for each in made["containers"]]
        if made.get("metadata", {}).get("labels", {}).keys() == {"app.kubernetes.io/name"}:
            del made["metadata"]
        return made
    return [plain(each) for each in value] if isinstance(value, list) else value
