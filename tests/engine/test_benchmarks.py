"""Each benchmark runs, at its smallest size, and has a row for each way; what the figures are is not looked at."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from benchmarks import figures, page
from benchmarks.__main__ import CHEAP
from benchmarks.check.rego import ENTRY, Conftest
from tests.engine.checkout import SECONDS

ROOT = Path(__file__).parents[2]
ROWS = {
    "audit": ["| 2 / 4 |"],
    "check": ["### On the same file", "| one Deployment |", "### Many files"],
    "component": ["| 1 | Pod alone |", "| 1 | component of three lines |", "| 1 | LifecycleDemo |"],
    "policies": ["| start: no resource | kubernetes-lifecycle |", "| 1 Deployments | kubernetes-lifecycle |"],
    "rules": ["### Beside kube-score"],
}


def run(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *args]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make bench` writes, of the benchmarks that need no root, one after the other."""
    return tmp_path_factory.mktemp("benchmarks")


@pytest.mark.parametrize("name", CHEAP)
def test_a_benchmark_runs(name: str, out: Path) -> None:
    done = run("--quick", "--only", name, "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert [row for row in ROWS[name] if row not in done.stdout] == [], done.stdout
    assert page.section(figures.read(out / f"{name}.json")) == done.stdout
    assert "was not measured" not in done.stdout


@pytest.mark.parametrize("name", CHEAP)
def test_each_table_is_on_the_page(name: str, out: Path) -> None:
    slots = page._SLOT.finditer((ROOT / "benchmarks" / name / "page.md").read_text())
    assert {each["name"] for each in slots if each["what"] == "table"} == set(figures.read(out / f"{name}.json").tables)


def test_the_page_is_made_of_them(out: Path) -> None:
    done = run("--quick", "--page", "--out", str(out))
    assert done.returncode == 0, done.stderr
    made = (out / "benchmarks.md").read_text()
    assert [each for each in CHEAP if f"\n## {each}\n" not in made] == []
    assert sorted(each.name for each in out.glob("pictures/*")) == sorted(f"bench-{each}.svg" for each in CHEAP)


def test_the_rule_in_rego(tmp_path: Path) -> None:
    """It says of each container of a workload that runs on that it has no preStop, and nothing of others."""
    if not ENTRY.is_there:
        pytest.skip("conftest is not built yet: `python -m benchmarks.check` does so")
    bare = {"containers": [{"name": "bare"}, {"name": "kept", "lifecycle": {"preStop": {"sleep": {"seconds": 5}}}}]}
    workloads = [
        {"kind": "Pod", "metadata": {"name": "pod"}, "spec": bare},
        *(
            {"kind": each, "metadata": {"name": "one"}, "spec": {"template": {"spec": bare}}}
            for each in ("Deployment", "Job")
        ),
        {"kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}},
    ]
    file = tmp_path / "manifests.yaml"
    file.write_text(yaml.safe_dump_all(workloads))
    done = subprocess.run(Conftest().command(file), capture_output=True, text=True, check=False)
    said = [line.rpartition(" - ")[2] for line in done.stdout.splitlines() if line.startswith("FAIL")]
    assert sorted(said) == ["Deployment one: container bare has no preStop", "Pod pod: container bare has no preStop"]
    assert done.stderr == ""
