"""The distributions of this repository: their wheels, sdists, a repository to install them from, and the pack alone."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.metadata import requires
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


def pack(folder: Path) -> Path:
    """The pack in a folder that stands by itself, as `pulumi policy publish` archives it: the rules are in it, too.

    Raises ValueError for a folder in the checkout: the archive would leave out what its .gitignore names.
    """
    if folder.resolve().is_relative_to(ROOT):
        raise ValueError(f"{folder}: it is in the checkout. Name a folder elsewhere.")
    left = shutil.ignore_patterns("__pycache__", "*.egg-info", "build", "dist", "pyproject.toml")
    shutil.copytree(ROOT / "policies", folder, ignore=left)
    shutil.copytree(ROOT / "components" / "lifecycle_rules", folder / "lifecycle_rules", ignore=left)
    shutil.copy(ROOT / "LICENSE", folder)
    about = folder / "PulumiPolicy.yaml"
    text = about.read_text()
    about.write_text(re.sub(r"^ *#.*\n|\.\./(?=\.venv$)", "", text, flags=re.M))
    own = [each for each in requires("kubernetes-lifecycle") or () if not each.startswith("lifecycle-demo")]
    rules = [each for each in requires("lifecycle-demo") or () if each.startswith("tree-sitter")]
    needed = [each for each in (*own, *rules) if "extra ==" not in each]
    (folder / "requirements.txt").write_text("".join(f"{each}\n" for each in needed))
    (folder / ".gitignore").write_text(".venv/\n__pycache__/\n")
    return folder


def main(to: Path, what: str = "") -> None:
    """All of them, made into a folder; or the pack alone."""
    if what == "--pack":
        try:
            print(pack(to))
        except (OSError, ValueError) as error:  # it is there already, or cannot be made
            sys.exit(str(error))
        return
    to.mkdir(exist_ok=True)
    for which in (FOLDERS, (".",)):
        with tempfile.TemporaryDirectory() as folder:
            for made in _built(Path(folder), which).values():
                for each in made:
                    print(shutil.move(each, to / each.name))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
