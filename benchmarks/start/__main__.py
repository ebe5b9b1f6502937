"""`python -m benchmarks.start`: the demo where everything is built: from `make down`, and again on the running node."""

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from benchmarks import command
from benchmarks.figures import Column, Goal, Row, Table
from benchmarks.measure import median, say
from benchmarks.start.scratch import NODE, PHASES, UP, VERIFIED, Ran, scratch
from sandbox.errors import SandboxError

QUICK: Final[Sequence[str]] = []
GOAL_DOWN: Final = 20
GOAL_AGAIN: Final = 6
GOAL_NODE: Final = 15
NODE_CAUSE: Final = "Nine programs start at once, each waiting for another: on few or busy cores that takes its time."


def options(parser: argparse.ArgumentParser) -> None:
    pass


def measured(args: argparse.Namespace) -> command.Found:
    fresh: list[Ran] = []
    again: list[Ran] = []
    try:
        with scratch() as checkout:
            say("once uncounted: what is not in the cache is built")
            checkout.demo()
            for turn in range(args.repeats):
                checkout.down()
                say(f"from down, and again, {turn + 1} of {args.repeats}")
                fresh.append(checkout.demo())
                again.append(checkout.demo())
    except SandboxError as error:
        return {"missing": [f"The demo was not measured: {error}"]}
    names = [*(name for name, _ in PHASES), VERIFIED]
    rows = [Row([name], [[each.phases[name] for each in side] for side in (fresh, again)]) for name in names]
    whole = [[each.whole for each in side] for side in (fresh, again)]
    columns = [Column(f"{head}: s", ".1f", spread=True) for head in ("from `make down`", "again, the node runs")]
    return {
        "tables": {"demo": Table(["phase"], columns, [*rows, Row(["the whole demo"], whole)])},
        "goals": [
            Goal("the demo, from `make down`", whole[0], GOAL_DOWN, _longest(fresh), ".1f", "s"),
            Goal("the node, from its start until it is Ready", _of(fresh, NODE), GOAL_NODE, NODE_CAUSE, ".1f", "s"),
            Goal("the demo again, on the running node", whole[1], GOAL_AGAIN, _longest(again), ".1f", "s"),
        ],
    }


def _longest(runs: Sequence[Ran]) -> str:
    """Where the time goes, in words."""
    seconds = {phase: median(_of(runs, phase)) for phase in (NODE, UP, VERIFIED)}
    first, second, _ = sorted(seconds, key=seconds.__getitem__, reverse=True)
    return f"Most of it is {first} ({seconds[first]:.1f} s), then {second} ({seconds[second]:.1f} s)."


def _of(runs: Sequence[Ran], phase: str) -> list[float]:
    return [each.phases[phase] for each in runs]


if __name__ == "__main__":
    sys.exit(command.run("start", __doc__, options, measured, QUICK))
