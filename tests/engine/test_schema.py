"""The component's inferred schema beside the provider's: what it takes and gives of Kubernetes' types is there."""

import subprocess
from importlib.metadata import version
from pathlib import Path

from lifecycle_demo.plugin import Provider
from tests.engine.checkout import SECONDS, official_env

POD = f"/kubernetes/v{version('pulumi-kubernetes')}/schema.json#/resources/kubernetes:core%2Fv1:Pod"


def test_the_engine_binds_it(tmp_path: Path) -> None:
    """By the CLI's own check, which asks the provider for each reference; one that leads nowhere is found."""
    text = Provider("0.1.0").schema or ""
    assert POD in text
    (tmp_path / "wrong.json").write_text(text.replace(POD, POD.replace("Pod", "Pob")))
    (tmp_path / "inferred.json").write_text(text)
    said = {}
    for name in ("inferred", "wrong"):
        command = ["pulumi", "schema", "check", f"{name}.json"]
        env = official_env(tmp_path)
        said[name] = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=SECONDS)
    assert said["inferred"].returncode == 0, said
    assert said["wrong"].returncode != 0
    assert "resource type kubernetes:core/v1:Pob not found in package kubernetes" in said["wrong"].stderr
