"""`python -m tests.mutation`: which changes to lifecycle_rules no unit test notices.

mutmut makes the mutants, each with one small change to a function, and notes which tests reach it; forks.py runs
these. What survives stands in survivors.yaml, with the reason; a survivor that does not, or fewer kills than GOAL,
ends it with status 1.
The tests of random data, those that ask the shells, and those that take the time are left out: what they notice, they
may not notice the next time, or elsewhere.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml

ROOT: Final = Path(__file__).resolve().parents[2]
SURVIVORS: Final = Path(__file__).with_name("survivors.yaml")
GOAL: Final = 0.97
PACKAGE: Final = "lifecycle_rules"
# They make a module's tables when it is imported, and a fork has imported it before its mutant is switched on: for each
# of theirs a Python of its own runs these tests.
AT_IMPORT: Final = {
    "clients._words": "test_clients.py",
    "endpoints._injected": "test_endpoints.py",
    "endpoints._of": "test_endpoints.py",
    "known_images._dotnet": "test_images.py",
    "known_images._each": "test_images.py",
    "known_images._kubernetes": "test_images.py",
    "requests._words": "test_requests.py",
}
FEWEST: Final = "requests.x__words"  # mutmut makes its mutants on its way to run some: these take no time
OUTPUT: Final = "pytest.txt"
FORKS: Final = Path(__file__).with_name("forks.py")
# `mutmut show` of many at once.
SHOW: Final = """\
import json, sys
from mutmut.mutation.diff_apply import get_diff_for_mutant
print(json.dumps({name: get_diff_for_mutant(name) for name in json.load(sys.stdin)}))
"""
RANDOM: Final = ("test_garbage.py", "test_shells.py")
CONFIG: Final = f"""\
[tool.mutmut]
source_paths = ["{PACKAGE}"]
pytest_add_cli_args_test_selection = ["tests"]
pytest_add_cli_args = ["-p", "no:cacheprovider"]
[tool.pytest.ini_options]
addopts = "--import-mode=importlib -k 'not takes_long'"
pythonpath = ["tests/unit/rules"]
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--list", action="store_true", help="print all survivors, as survivors.yaml has them")
    parser.add_argument("modules", nargs="*", help="the modules to change, as loops or practice.start; else all")
    args = parser.parse_args()
    within = tuple(f"{module}." for module in args.modules) or ("",)
    with tempfile.TemporaryDirectory(prefix="mutation-") as made:
        folder = Path(made)
        _prepare(folder)
        ends = _ends(folder, within)
        changes = _changes(folder, [name for name, end in ends.items() if end != "killed"])
    if args.list:
        print("\n".join(sorted(changes.values())))
    reasons = yaml.safe_load(SURVIVORS.read_text())
    known = {change for changes in reasons.values() for change in changes if change.startswith(within)}
    new = sorted(set(changes.values()) - known)
    gone = sorted(known - set(changes.values()))
    for text, listed in (("survived", new), ("no survivor any more", gone)):
        for change in listed:
            print(f"{text}: {change}")
    share = _print_table(ends, changes)
    print(f"{len(new)} of the survivors not in {SURVIVORS.relative_to(ROOT)}, the goal is {GOAL:.0%}")
    return 1 if new or gone or share < GOAL else 0


def _print_table(ends: Mapping[str, str], survivors: Collection[str]) -> float:
    """What was killed of each module, and of all: the share."""
    mutants = Counter(_module(name) for name in ends)
    alive = Counter(map(_module, survivors))
    share = 0.0
    print(f"{'module':20} {'mutants':>7} {'killed':>7} {'share':>7}")
    for module, all_of, left in (
        *((each, mutants[each], alive[each]) for each in sorted(mutants)),
        ("all", len(ends), len(survivors)),
    ):
        share = 1 - left / all_of
        print(f"{module:20} {all_of:7} {all_of - left:7} {share:7.1%}")
    return share


def _prepare(folder: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", *RANDOM)
    shutil.copytree(ROOT / "components" / PACKAGE, folder / PACKAGE, ignore=ignored)
    for part in ("unit/rules", "manifests"):
        shutil.copytree(ROOT / "tests" / part, folder / "tests" / part, ignore=ignored)
    shutil.copy(FORKS, folder / "tests" / "conftest.py")
    (folder / "pyproject.toml").write_text(CONFIG)


def _ends(folder: Path, within: tuple[str, ...]) -> dict[str, str]:
    """How each mutant of these modules ends."""
    print("making the mutants", file=sys.stderr, flush=True)
    _mutmut(folder, "run", f"{PACKAGE}.{FEWEST}*")  # it also notes which tests reach which function
    results = _mutmut(folder, "results", "--all", "true").splitlines()
    made = [line.strip().partition(": ")[0] for line in results]
    names = [name for name in made if _function(name).startswith(within)]
    (folder / "asked.json").write_text(json.dumps([name for name in names if _function(name) not in AT_IMPORT]))
    if _pytest(folder, "tests", None, MUTANTS=str(folder / "asked.json")):
        sys.exit(f"{(folder / OUTPUT).read_text()}\nThe mutants were not run to the end; pytest's words are above.")
    ends: dict[str, str] = json.loads((folder / "ends.json").read_text())
    for name in names:
        if name not in ends:  # the mutant is switched on before its module is imported
            file = f"tests/unit/rules/{AT_IMPORT[_function(name)]}"
            ends[name] = "killed" if _pytest(folder, file, subprocess.DEVNULL, MUTANT_UNDER_TEST=name) else "survived"
    return ends


def _pytest(folder: Path, tests: str, errors: int | None, **variables: str) -> int:
    """Its status; what it writes is in OUTPUT, and its errors go to stderr where `errors` is None."""
    command = [sys.executable, "-m", "pytest", "--rootdir=.", "-x", "-q", "-p", "no:cacheprovider", tests]
    env = {**_env(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "MUTANT_UNDER_TEST": "", **variables}
    with (folder / OUTPUT).open("w") as output:
        done = subprocess.run(command, cwd=folder / "mutants", env=env, stdout=output, stderr=errors, check=False)
    return done.returncode


def _mutmut(folder: Path, *words: str) -> str:
    return _output([sys.executable, "-m", "mutmut", *words], folder)


def _output(command: Sequence[str], folder: Path, asked: str = "") -> str:
    done = subprocess.run(command, cwd=folder, env=_env(), text=True, input=asked, stdout=subprocess.PIPE, check=True)
    return done.stdout


def _env() -> dict[str, str]:
    """Without PYTHONPATH and the like, so that nothing but the copy can be imported."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def _changes(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """Each mutant as a line: the function, and what became of what in it."""
    shown = _output([sys.executable, "-c", SHOW], folder, json.dumps(names))
    return {name: _change(name, diff.splitlines()) for name, diff in json.loads(shown).items()}


def _change(name: str, lines: Sequence[str]) -> str:
    old, new = (
        " ".join(line[1:].strip() for line in lines if re.match(rf"\{sign}(?!{re.escape(sign * 2)})", line))
        for sign in "-+"
    )
    return f"{_function(name)}: {old} -> {new}"


def _module(name: str) -> str:
    return name.removeprefix(f"{PACKAGE}.").partition(".x")[0]


def _function(name: str) -> str:
    """The function that a mutant is of."""
    function = re.sub(r"__mutmut_\d+$", "", name.removeprefix(f"{PACKAGE}."))
    return re.sub(r"\bx_|\bxǁ|ǁ", lambda found: "." if found[0] == "ǁ" else "", function)


if __name__ == "__main__":
    sys.exit(main())
