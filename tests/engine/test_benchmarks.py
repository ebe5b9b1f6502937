"""Each benchmark runs, at its smallest size, and has a row for each way; what the figures are is not looked at."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.checkout import SECONDS

ROOT = Path(__file__).parents[2]
SMALLEST = {
    "audit": ["--clusters", "2/4", "--repeats", "1"],
    "check": ["--sizes", "1", "--lists", "1", "--stream", "1", "--files", "2", "--repeats", "1"],
    "component": ["--counts", "1", "--repeats", "1"],
    "policies": ["--counts", "1", "--repeats", "1", "--memory", "1000"],
    "rules": ["--sizes", "10", "--repeats", "1"],
}
ROWS = {
    "audit": ["| 2 / 4 |"],
    "check": ["#### Beside kube-score", "| one Deployment |", "#### Many files"],
    "component": ["| 1 | plain Pods |", "| 1 | ComponentResource and Pod |", "| 1 | LifecycleDemo |"],
    "policies": ["| start | kubernetes-lifecycle |", "| 1 Deployments | kubernetes-lifecycle |"],
    "rules": ["## Beside kube-score"],
}


def test_all_are_here() -> None:
    assert sorted(each.parent.name for each in ROOT.glob("benchmarks/*/__main__.py")) == sorted(SMALLEST)


@pytest.mark.parametrize("name", SMALLEST)
def test_a_benchmark_runs(name: str) -> None:
    command = [sys.executable, "-m", f"benchmarks.{name}", *SMALLEST[name]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    assert [row for row in ROWS[name] if row not in done.stdout] == [], done.stdout
    assert "was not measured" not in done.stdout
