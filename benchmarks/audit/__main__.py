"""`python -m benchmarks.audit`: what `lifecycle audit -A` costs on generated clusters, served on loopback.

Prints Markdown. Every figure is a process of its own, from its start to its end.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks.rules.measure import Ran, load, machine, median, ran, spread
from benchmarks.rules.report import table

MIB: Final = 1 << 20
COMMAND: Final = (sys.executable, "-m", "lifecycle_cli", "audit", "-A", "--no-config")
CLUSTERS: Final[Sequence[tuple[int, int]]] = ((100, 500), (1_000, 5_000), (1_000, 10_000), (1_000, 20_000))
GOAL: Final = (1_000, 5_000)
GOAL_SECONDS: Final = 3
GOAL_MIB: Final = 150


@contextlib.contextmanager
def served(workloads: int, pods: int, folder: Path) -> Iterator[tuple[Path, int]]:
    """A kubeconfig, and the bytes of all Pods."""
    command = [sys.executable, "-m", "benchmarks.audit.serving", str(workloads), str(pods)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        address, size = server.stdout.readline().split()
        config = {
            "current-context": "generated",
            "clusters": [{"name": "generated", "cluster": {"server": address}}],
            "contexts": [{"name": "generated", "context": {"cluster": "generated", "user": "anyone"}}],
            "users": [{"name": "anyone", "user": {}}],
        }
        file = folder / "kubeconfig"
        file.write_text(json.dumps(config))
        try:
            yield file, int(size)
        finally:
            server.terminate()


def measured(clusters: Sequence[tuple[int, int]], repeats: int, folder: Path) -> Iterator[str]:
    rows, runs = [], dict[tuple[int, int], list[Ran]]()
    for workloads, pods in clusters:
        with served(workloads, pods, folder) as (kubeconfig, size):
            command = [*COMMAND, "--kubeconfig", str(kubeconfig)]
            took = [ran(command, folder / "out") for _ in range(repeats)]
        runs[workloads, pods] = took
        rows.append(
            [
                f"{workloads:,} / {pods:,}",
                f"{size / MIB:.0f} MiB",
                spread([each.wall for each in took], ".2f"),
                spread([each.cpu for each in took], ".2f"),
                f"{max(each.peak for each in took) / MIB:.0f} MiB",
            ]
        )
    yield table(["workloads / Pods", "all Pods' JSON", "on the clock: s", "CPU: s", "peak memory"], rows)
    if GOAL in runs:
        seconds = median([each.wall for each in runs[GOAL]])
        peak = max(each.peak for each in runs[GOAL]) / MIB
        is_reached = seconds <= GOAL_SECONDS and peak <= GOAL_MIB
        yield (
            f"\nGoal {'reached' if is_reached else 'missed'}: {seconds:.1f} s of {GOAL_SECONDS}, and {peak:.0f} MiB of "
            f"{GOAL_MIB}, for {GOAL[0]:,} workloads with {GOAL[1]:,} Pods."
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--clusters", nargs="+", metavar="WORKLOADS/PODS", help="in place of the usual ones")
    args = parser.parse_args()
    clusters: Sequence[tuple[int, int]] = CLUSTERS
    if args.clusters:
        clusters = tuple((int(w), int(p)) for w, p in (each.split("/") for each in args.clusters))
    print(f"{machine()}; load {load()}. Median of {args.repeats} (lowest to highest).\n")
    with tempfile.TemporaryDirectory() as folder:
        for each in measured(clusters, args.repeats, Path(folder)):
            print(each)


if __name__ == "__main__":
    main()
