"""docs/adding-a-rule.md: in a copy of the checkout, each step is done as the page says it, and the rule speaks."""

import os
import re
import shlex
import shutil
import subprocess
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/adding-a-rule.md").read_text()
COPIED = (
    "cli",
    "components",
    "docs",
    "policies",
    "sandbox",
    "tests",
    "Makefile",
    "README.md",
    "pyproject.toml",
    "requirements.lock",
)
DIFFS = re.findall(r"^In `([^`\n]+)`:\n\n```diff\n(.*?)^```", PAGE, re.M | re.S)
ENDS = re.findall(r"^In `([^`\n]+)`, at its end:\n\n```python\n(.*?)^```", PAGE, re.M | re.S)


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)
    return str(found)


def edited(text: str, diff: str) -> str:
    """A file's text with a diff of the page in it; the lines around it stand there once."""
    lines = diff.splitlines(keepends=True)
    old, new = ("".join(each[1:] for each in lines if each[0] != sign) for sign in "+-")
    assert f"\n{text}".count(f"\n{old}") == 1, old
    return f"\n{text}".replace(f"\n{old}", f"\n{new}")[1:]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources, with an environment whose packages are this one's, and of the project the copy's."""
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "build", "dist")
    for each in COPIED:
        if (ROOT / each).is_dir():
            shutil.copytree(ROOT / each, tmp_path / each, ignore=ignored)
        else:
            shutil.copy(ROOT / each, tmp_path)
    venv.create(tmp_path / ".venv", with_pip=False)
    paths = sysconfig.get_paths(vars={"base": str(tmp_path / ".venv"), "platbase": str(tmp_path / ".venv")})
    own = [str(tmp_path / each) for each in ("components", "policies", "cli")]
    Path(paths["purelib"], "lent.pth").write_text("\n".join([*own, sysconfig.get_path("purelib")]))
    (tmp_path / ".venv/.stamp").touch()
    return tmp_path


def run(folder: Path, *words: str) -> str:
    outer = ("PYTEST", "PYTHON", "MAKE", "MFLAGS", "EVERY_")
    env = {key: value for key, value in os.environ.items() if not key.startswith(outer)}
    done = subprocess.run(
        words, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, f"{words}\n{done.stdout[-8000:]}"
    return done.stdout


def test_each_step_of_the_guide(copy: Path) -> None:
    assert (len(DIFFS), len(ENDS)) == (PAGE.count("```diff\n"), PAGE.count("```python\n")) == (5, 1)
    for file, diff in DIFFS:
        (copy / file).write_text(edited((copy / file).read_text(), diff))
    for file, added in ENDS:
        with (copy / file).open("a") as end:
            end.write(f"\n\n{added}")

    for command in block("sh").splitlines():
        said = run(copy, *shlex.split(command))
        if "pytest" in command:
            assert re.search(r"\d passed", said), said

    for page in ("docs/rules.md", "cli/lifecycle_cli/rules.md"):
        text = (copy / page).read_text()
        assert "\n### exec-true\n\n**A preStop does something.** `true` ends at once." in text
        assert "\n| breaks it | `gone within 4 s` |\n" in text.partition("### exec-true")[2]
    (copy / "pod.yaml").write_text(block("yaml"))
    program = [str(copy / ".venv/bin/python"), "-m", "lifecycle_cli"]
    assert run(copy, *program, "check", "pod.yaml").startswith(block("text"))


def test_what_a_group_s_policy_is() -> None:
    """The table of groups is the code's own."""
    from kubernetes_lifecycle.rules import POLICY_OF
    from lifecycle_rules import RULES

    rows = re.findall(r"^\| `(\w+)` \| .+? \| `([a-z-]+)` \| ", PAGE, re.M)
    assert rows == list(dict.fromkeys((rule.group.value, POLICY_OF[rule.id]) for rule in RULES))
    for file in re.findall(r"`((?:practice/)?\w+\.py)`", PAGE.partition("| group |")[2].partition("\n\n")[0]):
        assert (ROOT / "components/lifecycle_rules" / file).exists()
