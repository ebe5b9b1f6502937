"""The command of each benchmark: its options, progress on stderr, its section on stdout, its figures as JSON."""

import argparse
import contextlib
import datetime
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks import page
from benchmarks.figures import Part
from benchmarks.measure import load, machine

ROOT: Final = Path(__file__).parents[1]
RAW: Final = ROOT / "build" / "bench"
QUICK_RAW: Final = ROOT / "build" / "bench-quick"

Found = Mapping[str, Any]
"""Of a Part what its benchmark found: `tables`, `goals`, `curve`, `notes`, `missing`."""


def run(
    name: str,
    about: str | None,
    options: Callable[[argparse.ArgumentParser], None],
    measured: Callable[[argparse.Namespace], Found],
    quick: Sequence[str] = (),
    repeats: int = 3,
) -> int:
    """Runs `python -m benchmarks.NAME`. `quick` are the options that --quick stands for; `repeats` is the default."""
    module = f"benchmarks.{name}"
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=about)
    options(parser)
    parser.add_argument("--repeats", type=positive, default=repeats, metavar="N", help=f"of each figure ({repeats})")
    parser.add_argument("--quick", action="store_true", help="only see that it runs: the smallest sizes, once")
    parser.add_argument("--raw", type=Path, metavar="FOLDER", help=f"where {name}.json is put (build/bench)")
    given = sys.argv[1:]
    args = parser.parse_args([*(quick if "--quick" in given else ()), *given])
    if args.quick and "--repeats" not in given:
        args.repeats = 1
    now, busy = datetime.datetime.now(), load()
    with contextlib.redirect_stdout(sys.stderr):  # what the sandbox's builds say is progress
        found = measured(args)
    shown = [each for each in _without_raw(given)]
    part = Part(
        name=name,
        when=f"{now:%Y-%m-%d %H:%M}",
        machine=machine(),
        load=busy,
        command=shlex.join(["python", "-m", module, *shown]),
        repeats=args.repeats,
        **found,
    )
    part.write(args.raw or (QUICK_RAW if args.quick else RAW))
    print(page.section(part), end="")
    return 0


def _without_raw(given: Sequence[str]) -> list[str]:
    """Where the figures go is nobody's concern who reads the page."""
    if "--raw" not in given:
        return list(given)
    at = list(given).index("--raw")
    return [*given[:at], *given[at + 2 :]]


def positive(text: str) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text}: not a number above 0")


def sizes(parser: argparse.ArgumentParser, option: str, default: Sequence[int], what: str) -> None:
    """An option that takes numbers of something."""
    usual = " ".join(map(str, default))
    parser.add_argument(option, type=positive, nargs="+", default=default, metavar="N", help=f"{what} ({usual})")
