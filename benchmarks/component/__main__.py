"""`python -m benchmarks.component`: what LifecycleDemo costs over the Pod that it declares."""

import argparse
import json
import subprocess
import sys
from typing import Final

from benchmarks import command
from benchmarks.component.programs import BARE, COMPONENT, DEMO, WAYS
from benchmarks.figures import Column, Curve, Goal, Line, Row, Table
from benchmarks.measure import ratios, say

QUICK: Final = ["--counts", "1"]
IMPORTS: Final = {
    "import pulumi and the module of the Pod": "import pulumi; from pulumi_kubernetes.core import v1; v1.Pod",
    "from lifecycle_demo import LifecycleDemo": "from lifecycle_demo import LifecycleDemo",
    "the same, and what the first LifecycleDemo imports": "from lifecycle_demo import LifecycleDemo, validation",
}
TIMED: Final = "import time; start = time.process_time(); {}; print(time.process_time() - start)"
GOAL_IMPORT: Final = 1.05
GOAL_PREVIEW: Final = 1.10
GOAL_COUNT: Final = 1_000
MEASURES: Final = {"wall": "time on the clock", "cpu": "CPU time", "mib": "memory"}
HUES: Final = {BARE: "muted", COMPONENT: "orange", DEMO: "blue"}
Runs = dict[str, list[dict[str, float]]]  # by way, what each preview took


def options(parser: argparse.ArgumentParser) -> None:
    command.sizes(parser, "--counts", (1, 100, 300, 1_000), "so many Pods in a program; 5000 takes two minutes more")


def measured(args: argparse.Namespace) -> command.Found:
    imports, goal = _imports(max(args.repeats, 5))
    runs = {count: _previews(count, args.repeats if count < 2_000 else 1) for count in args.counts}
    return {
        "tables": {"imports": imports, "previews": _table(runs)},
        "goals": [goal, *(_goals(runs[GOAL_COUNT]) if GOAL_COUNT in runs else [])],
        "curve": _curve(runs),
    }


def _imports(repeats: int) -> tuple[Table, Goal]:
    say("imports")
    taken: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for _ in range(repeats):  # in turns, so that what disturbs one disturbs all
        for name, code in IMPORTS.items():
            done = subprocess.run(
                [sys.executable, "-c", TIMED.format(code)], capture_output=True, text=True, check=True
            )
            taken[name].append(float(done.stdout))
    floor, ours, _ = taken.values()
    rows = [Row([name], [values, ratios(values, floor)]) for name, values in taken.items()]
    goal = Goal(
        "import of LifecycleDemo ÷ import of the Pod's own module",
        ratios(ours, floor),
        GOAL_IMPORT,
        "The import reads the component's own modules, too. A few hundredths of a second are within the spread.",
    )
    return Table(["what"], [Column("CPU s", ".3f", spread=True), Column("÷ the first", spread=True)], rows), goal


def _previews(count: int, repeats: int) -> Runs:
    taken: Runs = {way: [] for way in WAYS}
    for turn in range(repeats):
        for way in WAYS:
            say(f"{count} x {way}, {turn + 1} of {repeats}")
            program = [sys.executable, "-m", "benchmarks.component.programs", way, str(count)]
            done = subprocess.run(program, cwd=command.ROOT, capture_output=True, text=True, check=True)
            taken[way].append(json.loads(done.stdout.splitlines()[-1]))
    return taken


def _of(runs: Runs, way: str, measure: str) -> list[float]:
    return [each[measure] for each in runs[way]]


def _over_component(runs: Runs, way: str, measure: str) -> list[float]:
    return ratios(_of(runs, way, measure), _of(runs, COMPONENT, measure))


def _table(runs: dict[int, Runs]) -> Table:
    over = Column("÷ three lines", spread=True)
    columns = [Column("on the clock: s"), over, Column("CPU: s"), over, Column("peak", ".0f", "MiB"), over]
    rows = [
        Row(
            [f"{count:,}", way],
            [values for each in MEASURES for values in (_of(of, way, each), _over_component(of, way, each))],
        )
        for count, of in runs.items()
        for way in WAYS
    ]
    return Table(["Pods", "what"], columns, rows)


def _goals(runs: Runs) -> list[Goal]:
    return [
        Goal(
            f"preview of {GOAL_COUNT:,} LifecycleDemos ÷ components of three lines: {said}",
            _over_component(runs, DEMO, measure),
            GOAL_PREVIEW,
            "A LifecycleDemo judges its Pod before it declares it, and follows it to report a hook that fails.",
        )
        for measure, said in MEASURES.items()
    ]


def _curve(runs: dict[int, Runs]) -> Curve:
    return Curve(
        "A preview with LifecycleDemo beside a component of three lines",
        "time on the clock of pulumi preview, over that with a component of three lines",
        "Pods",
        [
            Line(way, hue, [(count, _over_component(of, way, "wall")) for count, of in runs.items()])
            for way, hue in HUES.items()
        ],
        limit=GOAL_PREVIEW,
        limit_name="goal",
    )


if __name__ == "__main__":
    sys.exit(command.run("component", __doc__, options, measured, QUICK))
