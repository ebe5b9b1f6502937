"""`python -m benchmarks.component`: what LifecycleDemo costs over the Pod that it declares. Prints Markdown."""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.component.programs import WAYS
from benchmarks.rules.measure import load, machine
from benchmarks.rules.report import table

FLOOR: Final = "plain Pods"
IMPORTS: Final = {
    "import pulumi and the module of the Pod": "import pulumi; from pulumi_kubernetes.core import v1; v1.Pod",
    "from lifecycle_demo import LifecycleDemo": "from lifecycle_demo import LifecycleDemo",
    "the same, and what the first LifecycleDemo imports": "from lifecycle_demo import LifecycleDemo, validation",
}
TIMED: Final = "import time; start = time.process_time(); {}; print(time.process_time() - start)"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.component", description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 100, 1000, 5000], help="so many of each")
    parser.add_argument("--repeats", type=int, default=3, help="of which the median is told; one from 2,000 on")
    args = parser.parse_args()
    print(machine())
    print(f"Load {load():.1f} at the start.\n\n## Import, CPU seconds in a new process\n", flush=True)
    print(_imports(max(args.repeats, 5)), flush=True)
    print("\n## Preview on the real engine\n", flush=True)
    rows = []
    for count in args.counts:
        rows += _previews(count, 1 if count >= 2000 else args.repeats)
    head = ["Pods", "what", "wall s", "÷ plain", "the program's CPU s", "÷ plain", "its peak MiB", "÷ plain"]
    print(table(head, rows))
    return 0


def _imports(repeats: int) -> str:
    taken: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for _ in range(repeats):  # in turns, so that what disturbs one disturbs all
        for name, code in IMPORTS.items():
            done = subprocess.run(
                [sys.executable, "-c", TIMED.format(code)], capture_output=True, text=True, check=True
            )
            taken[name].append(float(done.stdout))
    floor = taken[next(iter(IMPORTS))]
    rows = [
        [name, f"{statistics.median(values):.3f} ({min(values):.3f} to {max(values):.3f})", _ratio(values, floor)]
        for name, values in taken.items()
    ]
    return table(["what", "CPU s", "÷ the first"], rows)


def _previews(count: int, repeats: int) -> list[list[str]]:
    taken: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for turn in range(repeats):
        for way in WAYS:
            print(f"{count} x {way}, {turn + 1} of {repeats}", file=sys.stderr, flush=True)
            command = [sys.executable, "-m", "benchmarks.component.programs", way, str(count)]
            root = Path(__file__).parents[2]
            done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
            taken[way].append(json.loads(done.stdout.splitlines()[-1]))
    rows = []
    for way, runs in taken.items():
        row = [f"{count:,}", way]
        for measure, form in (("wall", ".2f"), ("cpu", ".2f"), ("mib", ".0f")):
            values = [each[measure] for each in runs]
            row += [f"{statistics.median(values):{form}}", _ratio(values, [each[measure] for each in taken[FLOOR]])]
        rows.append(row)
    return rows


def _ratio(over: Sequence[float], under: Sequence[float]) -> str:
    """The median of the repeats' own ratios, and their spread."""
    ratios = [one / other for one, other in zip(over, under, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


if __name__ == "__main__":
    sys.exit(main())
