"""Wheel and sdist of each distribution, installed outside the checkout: every module is in them.

Their dependencies are this environment's; what is installed here in an editable way is not lent, for Python reads
no .pth file of a folder that itself stands in one. tests/installed has them with dependencies of their own.
"""

import importlib
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from lifecycle_rules import address
from tests import distributions

VERSIONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]
IMPORT_ALL = """
import importlib, sys
for name in sys.argv[2:]:
    found = importlib.import_module(name)
    assert found.__file__.startswith(sys.argv[1]), found.__file__
print(len(sys.argv[2:]))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    return distributions.built(tmp_path_factory.mktemp("distributions"))


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_every_module_is_in_it(kind: str, made: dict[str, list[Path]], tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    where = subprocess.run(
        [python, "-Ic", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    )
    own = Path(where.stdout.strip())
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target", str(own)]
    subprocess.run([*pip, *map(str, made[kind])], check=True, capture_output=True, cwd=tmp_path)
    (own / "lent.pth").write_text(sysconfig.get_path("purelib"))
    names = list(distributions.modules())
    assert {"lifecycle_rules.practice.hooks", "lifecycle_demo.plugin", "kubernetes_lifecycle.pack.testing"} <= set(
        names
    )
    done = subprocess.run(
        [python, "-Ic", IMPORT_ALL, str(own), *names], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, f"{len(names)}\n"), done.stderr
    for package in {name.partition(".")[0] for name in names}:
        assert (own / package / "py.typed").exists()


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_the_command_has_what_it_needs_of_the_others(kind: str, tmp_path: Path) -> None:
    """And nothing else: all that it lists, all that there is of it, and no module of the pack or the component."""
    (made,) = distributions.command(tmp_path / "command")[kind]
    own = tmp_path / "own"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target", str(own)]
    subprocess.run([*pip, str(made)], check=True, capture_output=True, cwd=tmp_path)
    found = {".".join(each.relative_to(own).with_suffix("").parts) for each in own.glob("*/**/*.py")}
    names = {each.removesuffix(".__init__") for each in found}
    assert names == set(distributions.of_the_command())
    assert {each.name for each in (own / "bin").iterdir()} == {"lifecycle", "kubectl-lifecycle"}
    for package in ("kubernetes_lifecycle", "lifecycle_cli", "lifecycle_rules"):
        assert (own / package / "py.typed").exists()
    assert (own / "lifecycle_cli" / "rules.md").exists()


@pytest.fixture(scope="module")
def about(made: dict[str, list[Path]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Message]:
    """METADATA of each wheel, by the name of its distribution."""
    wheels = [*made["wheel"], *distributions.command(tmp_path_factory.mktemp("command"))["wheel"]]
    found = {}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as content:
            (name,) = [each for each in content.namelist() if each.endswith(".dist-info/METADATA")]
            found[wheel.name.partition("-")[0].replace("_", "-")] = message_from_bytes(content.read(name))
            assert name.replace("METADATA", "licenses/LICENSE") in content.namelist()
    return found


@pytest.mark.parametrize("name", ["lifecycle-demo", "kubernetes-lifecycle", "lifecycle-cli"])
def test_what_a_distribution_says_of_itself(name: str, about: dict[str, Message]) -> None:
    """What an index shows of it: all of it is there, and none of it is a link that leads nowhere."""
    told = about[name]
    assert (told["Name"], told["License-Expression"], told["License-File"]) == (name, "Apache-2.0", "LICENSE")
    assert told["Requires-Python"] == ">=3.10"
    assert told["Summary"] and "kubernetes" in told["Keywords"].split(",")
    classifiers = told.get_all("Classifier") or []
    assert "Typing :: Typed" in classifiers
    assert [each.rpartition(" ")[2] for each in classifiers if ":: 3." in each] == VERSIONS
    assert told["Description-Content-Type"] == "text/markdown"
    text = told.get_payload()
    assert isinstance(text, str) and text.startswith(f"# {name}\n")
    assert re.findall(r"\]\((?!https://)", text) == []
    where = address.REPOSITORY
    links = [f"Repository, {where}", f"Changelog, {where}/blob/HEAD/CHANGELOG.md"] if where else []
    assert (told.get_all("Project-URL") or []) == links


@pytest.mark.parametrize("folder", ["components", "policies"])
def test_the_licence_is_the_repository_s(folder: str) -> None:
    """A copy, for each of them is installed from its own folder."""
    assert (distributions.ROOT / folder / "LICENSE").read_bytes() == (distributions.ROOT / "LICENSE").read_bytes()


@pytest.mark.parametrize("folder", ["components", "policies", "cli"])
def test_the_long_descriptions_python_runs(folder: str) -> None:
    """As far as it is more than a call of what another test runs."""
    text = (distributions.ROOT / folder / "README.md").read_text()
    for code in re.findall(r"```python\n(.*?)```", text, re.S):
        compile(code, folder, "exec")
        for module, names in re.findall(r"^from (\S+) import (.+)$", code, re.M):
            found = importlib.import_module(module)
            assert all(hasattr(found, each.strip()) for each in names.split(","))


def test_one_version() -> None:
    """Of the command, of the pack, of the package, and of the rules that it asks for."""
    texts = {
        "pyproject.toml": r'^version = "(.+)"',
        "components/pyproject.toml": r'^version = "(.+)"',
        "policies/pyproject.toml": r'^version = "(.+)"',
        "policies/PulumiPolicy.yaml": r"^version: (.+)",
    }
    found = {re.search(line, (distributions.ROOT / file).read_text(), re.M)[1] for file, line in texts.items()}  # type: ignore[index]
    assert len(found) == 1
    assert f'"lifecycle-demo=={found.pop()}"' in (distributions.ROOT / "policies/pyproject.toml").read_text()
