"""The policies as a package in an environment of somebody else's, where a pack of their own imports them."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_two_folders_are_all_that_it_takes(tmp_path: Path) -> None:
    target, sources = tmp_path / "installed", tmp_path / "sources"
    for name in ("components", "policies"):
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
        shutil.copytree(ROOT / name, sources / name, ignore=ignored)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--target",
        str(target),
    ]
    subprocess.run([*pip, str(sources / "components"), str(sources / "policies")], check=True, capture_output=True)
    code = (
        "import kubernetes_lifecycle.testing as t, lifecycle_rules as r, importlib.metadata as m\n"
        "print(t.__file__, r.__file__, m.version('kubernetes-lifecycle'), len(m.requires('kubernetes-lifecycle')))"
    )
    env = {"PYTHONPATH": str(target)}
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert shown.stdout.split() == [
        str(target / "kubernetes_lifecycle/testing.py"),
        str(target / "lifecycle_rules/__init__.py"),
        "0.1.0",
        "5",
    ]


def test_one_version() -> None:
    """Of the pack, of the package, and of the rules that it asks for."""
    project = (ROOT / "policies/pyproject.toml").read_text()
    assert 'version = "0.1.0"' in project
    assert '"lifecycle-demo==0.1.0"' in project
    assert "\nversion: 0.1.0\n" in (ROOT / "policies/PulumiPolicy.yaml").read_text()
    assert 'version = "0.1.0"' in (ROOT / "components/pyproject.toml").read_text()
