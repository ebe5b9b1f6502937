"""The distributions of this repository: their wheels, sdists and a repository to install them from."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
FOLDERS: Final = ("components", "policies")
COMMAND: Final = (*FOLDERS, "cli", "pyproject.toml", "README.md", "LICENSE")  # what the root's distribution is made of
# Built by setuptools itself, without an environment of its own: this needs no network.
BUILD: Final = """
import sys
import tempfile
from setuptools import build_meta
made = sys.argv[1]  # setuptools writes arguments of its own there
build_meta.build_wheel(made)
build_meta.build_sdist(made)
"""


def modules() -> Iterator[str]:
    """Every module of the component and the pack, found in the source: what a wheel leaves out is missed."""
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).glob("*/**/*.py")):
            path = file.relative_to(ROOT / folder)
            if path.parts[0].isidentifier() and path.parts[0] != "build":
                yield ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def of_the_command() -> Iterator[str]:
    """The modules that the root's distribution has: the command, and the pure part of the others."""
    yield from (each for each in modules() if each.startswith("lifecycle_rules"))
    yield from (each for each in modules() if each.startswith("kubernetes_lifecycle") and ".pack" not in each)
    for file in sorted((ROOT / "cli").glob("*/**/*.py")):
        yield ".".join(file.relative_to(ROOT / "cli").with_suffix("").parts).removesuffix(".__init__")


def copied(folder: Path) -> Path:
    """The sources alone, as they are in a fresh clone: nothing that a build or an editable install has left."""
    left = shutil.ignore_patterns("__pycache__", "*.egg-info", "build", "dist", ".venv")
    folder.mkdir(parents=True, exist_ok=True)
    for each in COMMAND:
        if (ROOT / each).is_dir():
            shutil.copytree(ROOT / each, folder / each, ignore=left)
        else:
            shutil.copy(ROOT / each, folder / each)
    return folder


def built(folder: Path) -> dict[str, list[Path]]:
    """Wheels and sdists of the component and the pack; in the order in which they build on each other."""
    return _built(folder, FOLDERS)


def command(folder: Path) -> dict[str, list[Path]]:
    """Those of the command, which hold all that it needs of the others."""
    return _built(folder, (".",))


def _built(folder: Path, which: Sequence[str]) -> dict[str, list[Path]]:
    """Made from a copy of the sources."""
    sources, made = copied(folder / "sources"), folder / "dist"
    made.mkdir()
    for each in which:
        subprocess.run([sys.executable, "-c", BUILD, str(made)], cwd=sources / each, check=True, capture_output=True)
    by_age = sorted(made.iterdir(), key=lambda file: file.stat().st_mtime_ns)
    return {
        "wheel": [each for each in by_age if each.suffix == ".whl"],
        "sdist": [each for each in by_age if each.name.endswith(".tar.gz")],
    }


def repository(folder: Path) -> Path:
    """A git repository with the distributions as they are in this checkout, ready to be served as plain files."""
    copied(folder)
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    commit = ["commit", "--quiet", "--message", "as it is"]
    for command in (["init", "--quiet"], ["add", "--all"], commit, ["update-server-info"]):
        subprocess.run([*git, *command], cwd=folder, check=True, capture_output=True)
    return folder


def main(to: Path) -> None:
    """All of them, made into a folder."""
    to.mkdir(exist_ok=True)
    for which in (FOLDERS, (".",)):
        with tempfile.TemporaryDirectory() as folder:
            for made in _built(Path(folder), which).values():
                for each in made:
                    print(shutil.move(each, to / each.name))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
