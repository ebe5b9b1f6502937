"""The tests on a cluster that they did not make: the node that runs, met by its kubeconfig and one of its processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import elsewhere
import pytest
from images import CONFIG, EVERY

from sandbox.node import Node

ROOT = Path(__file__).resolve().parents[2]
TESTS = (
    "test_rules.py::test_on_the_node[exec-single-string]",
    "test_nginx_shutdown.py::test_the_others_depend_on_the_image_or_fail[the page's]",  # an image that no one else has
    "test_exercise.py",
)


@pytest.fixture
def registries(node: Node) -> Iterator[Path]:
    """Those of the node's containerd; that of the node itself is away, as kind's nodes have none."""
    folder = Path(f"/proc/{node.init()}/root", CONFIG)
    (folder / EVERY).rename(folder / "away")
    yield folder
    (folder / "away").rename(folder / EVERY)


def ran(node: Node, folder: Path, **env: str) -> tuple[int, str]:
    kubeconfig = folder / "theirs"
    kubeconfig.write_bytes(node.kubeconfig.read_bytes())
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *(f"tests/cluster/{each}" for each in TESTS)],
        cwd=ROOT,
        env={**os.environ, elsewhere.KUBECONFIG: str(kubeconfig), elsewhere.CONTAINER: "", elsewhere.PID: "", **env},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_with_the_node_in_reach(node: Node, registries: Path, tmp_path: Path) -> None:
    """It pulls the same images as ever, from what the tests serve to it; nothing of that stays."""
    status, said = ran(node, tmp_path, **{elsewhere.PID: str(node.init())})
    assert status == 0, said
    assert "2 passed, 1 skipped" in said
    assert f"; process {node.init()} is the node's\n" in said
    assert f": {elsewhere.OF_THE_SANDBOX}\n" in said
    assert not (registries / EVERY).exists()


def test_with_the_api_alone(node: Node, tmp_path: Path) -> None:
    status, said = ran(node, tmp_path)
    assert status == 0, said
    assert "1 passed, 2 skipped" in said
    assert f"; the node itself is out of reach without {elsewhere.CONTAINER}\n" in said
    assert f": {elsewhere.OF_THE_SANDBOX}\n" in said
    assert f": {elsewhere.NO_NODE}\n" in said
