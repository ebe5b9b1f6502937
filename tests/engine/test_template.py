"""`pulumi new` from this repository: a project that previews, with nothing to add to it."""

import shutil
import subprocess
from pathlib import Path

import yaml

from tests.engine.checkout import ROOT, need, official_env
from tests.engine.test_policies import published

INSTALL_SECONDS = 900  # pip downloads Pulumi's SDKs
PLACEHOLDER = "https://…/lifecycle-demo"


def test_a_new_project_previews(tmp_path: Path) -> None:
    """The template folder as it is, but for the address, which leads to a repository on this machine."""
    need("pulumi-language-python")
    origin, template, project = tmp_path / "lifecycle-demo", tmp_path / "template", tmp_path / "shop"
    published(origin)
    shutil.copytree(ROOT / "template", template, ignore=shutil.ignore_patterns("__pycache__", ".venv"))
    needed = template / "requirements.txt"
    text = needed.read_text()
    assert PLACEHOLDER in text
    needed.write_text(text.replace(PLACEHOLDER, origin.as_uri()))
    env = official_env(tmp_path)

    def pulumi(*words: str, folder: Path = project) -> str:
        done = subprocess.run(
            ["pulumi", *words], cwd=folder, env=env, capture_output=True, text=True, timeout=INSTALL_SECONDS
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    new = ["new", str(template), "--yes", "--name", "shop", "--stack", "dev", "--dir", str(project)]
    pulumi(*new, "--config", "image=ghcr.io/acme/web:1.4", folder=tmp_path)
    about = yaml.safe_load((project / "Pulumi.yaml").read_text())
    assert (about["name"], about["description"]) == ("shop", "A Pod with postStart and preStop handlers")
    assert "template" not in about
    assert {each.name for each in project.iterdir()} == {
        *(".gitignore", ".venv", "Pulumi.dev.yaml", "Pulumi.yaml", "__main__.py", "requirements.txt")
    }
    said = pulumi("preview", "--non-interactive", "--policy-pack", str(ROOT / "policies"))
    assert "lifecycle:index:LifecycleDemo web create" in said
    assert "kubernetes:core/v1:Pod web create" in said
