"""`python -m tests.mutation`: which changes to lifecycle_rules no unit test notices.

mutmut makes one small change to a function at a time and runs the tests that reach it. What survives stands in
survivors.yaml, with the reason; a survivor that does not, or fewer kills than GOAL, ends it with status 1.
The tests of random data, and those that ask the shells, are left out: what they notice, they may not notice the next
time, or elsewhere.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import yaml

ROOT: Final = Path(__file__).resolve().parents[2]
SURVIVORS: Final = Path(__file__).with_name("survivors.yaml")
GOAL: Final = 0.97
PACKAGE: Final = "lifecycle_rules"
# They make a module's tables when it is imported, and mutmut switches a mutant on later: for each of theirs a Python
# of its own runs these tests.
AT_IMPORT: Final = {
    "clients._words": "test_clients.py",
    "endpoints._injected": "test_endpoints.py",
    "endpoints._of": "test_endpoints.py",
    "known_images._dotnet": "test_images.py",
    "known_images._each": "test_images.py",
    "known_images._kubernetes": "test_images.py",
    "requests._words": "test_requests.py",
}
RANDOM: Final = ("test_garbage.py", "test_shells.py")
CONFIG: Final = f"""\
[tool.mutmut]
source_paths = ["{PACKAGE}"]
pytest_add_cli_args_test_selection = ["tests"]
pytest_add_cli_args = ["-p", "no:cacheprovider"]
[tool.pytest.ini_options]
addopts = "--import-mode=importlib"
pythonpath = ["tests/unit/rules"]
"""
# mutmut runs all tests once and then forks for each mutant: what the rules keep in memory would hide the change.
CONFTEST: Final = f"""\
import sys

import {PACKAGE}

MEMORIES = [
    each
    for name, module in sys.modules.items()
    if name.startswith({PACKAGE}.__name__)
    for each in vars(module).values()
    if hasattr(each, "cache_clear") and each.__name__ != "_parser"
]


def pytest_runtest_setup() -> None:
    for each in MEMORIES:
        each.cache_clear()
"""
KILLED: Final = frozenset({"killed", "timeout", "caught by type check", "segfault"})


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--list", action="store_true", help="print all survivors, as survivors.yaml has them")
    parser.add_argument("modules", nargs="*", help="the modules to change, as loops or practice.start; else all")
    args = parser.parse_args()
    within = tuple(f"{module}." for module in args.modules) or ("",)
    with tempfile.TemporaryDirectory(prefix="mutation-") as made:
        folder = Path(made)
        _prepare(folder)
        if _mutmut(folder, "run", *(f"{PACKAGE}.{each}*" for each in within), capture=False).returncode:
            return 1
        ends = {
            name: how
            for line in _mutmut(folder, "results", "--all", "true").stdout.splitlines()
            for name, _, how in [line.strip().partition(": ")]
            if how and _function(name).startswith(within)
        }
        ends |= {name: _at_import(folder, name) for name in ends if _function(name) in AT_IMPORT}
        survivors = {_change(folder, name): how for name, how in ends.items() if how not in KILLED}
    if args.list:
        print("\n".join(sorted(survivors)))
    reasons = yaml.safe_load(SURVIVORS.read_text())
    known = {change for changes in reasons.values() for change in changes if change.startswith(within)}
    new = sorted(survivors.keys() - known)
    for change in new:
        print(f"{survivors[change]}: {change}")
    for change in sorted(known - survivors.keys()):
        print(f"no survivor any more: {change}")
    share = 1 - len(survivors) / len(ends)
    print(f"{len(ends)} mutants, {share:.1%} killed, {len(new)} of the survivors not in {SURVIVORS.relative_to(ROOT)}")
    return 1 if new or known - survivors.keys() or share < GOAL else 0


def _prepare(folder: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", *RANDOM)
    shutil.copytree(ROOT / "components" / PACKAGE, folder / PACKAGE, ignore=ignored)
    for part in ("unit/rules", "manifests"):
        shutil.copytree(ROOT / "tests" / part, folder / "tests" / part, ignore=ignored)
    (folder / "tests" / "conftest.py").write_text(CONFTEST)
    (folder / "pyproject.toml").write_text(CONFIG)


def _mutmut(folder: Path, *words: str, capture: bool = True) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "mutmut", *words]
    return subprocess.run(command, cwd=folder, env=_env(), text=True, capture_output=capture, check=capture)


def _at_import(folder: Path, name: str) -> str:
    """How a mutant ends that is switched on before its module is imported."""
    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider"]
    tests = f"tests/unit/rules/{AT_IMPORT[_function(name)]}"
    env = {**_env(), "MUTANT_UNDER_TEST": name}
    done = subprocess.run([*command, tests], cwd=folder / "mutants", env=env, capture_output=True, check=False)
    return "killed" if done.returncode else "survived"


def _env() -> dict[str, str]:
    """Without PYTHONPATH and the like, so that nothing but the copy can be imported."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def _change(folder: Path, name: str) -> str:
    """The mutant as a line: the function, and what became of what in it."""
    lines = _mutmut(folder, "show", name).stdout.splitlines()
    old, new = (
        " ".join(line[1:].strip() for line in lines if re.match(rf"\{sign}(?!{re.escape(sign * 2)})", line))
        for sign in "-+"
    )
    return f"{_function(name)}: {old} -> {new}"


def _function(name: str) -> str:
    """The function that a mutant is of."""
    function = re.sub(r"__mutmut_\d+$", "", name.removeprefix(f"{PACKAGE}."))
    return re.sub(r"\bx_|\bxǁ|ǁ", lambda found: "." if found[0] == "ǁ" else "", function)


if __name__ == "__main__":
    sys.exit(main())
