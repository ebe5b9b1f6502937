"""`python -m benchmarks.audit`: what `lifecycle audit -A` costs on generated clusters, served on loopback.

Every figure is a process of its own, from its start to its end.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks import command
from benchmarks.figures import Column, Curve, Goal, Line, Row, Table
from benchmarks.measure import MIB, Ran, median, ran, say

COMMAND: Final = (sys.executable, "-m", "lifecycle_cli", "audit", "-A", "--no-config")
CLUSTERS: Final[Sequence[tuple[int, int]]] = ((100, 500), (1_000, 5_000), (1_000, 10_000), (1_000, 20_000))
GOAL: Final = (1_000, 5_000)
GOAL_SECONDS: Final = 3
GOAL_MIB: Final = 150
GOAL_GROWTH: Final = 1.10  # of the memory, from 5,000 Pods to the most
TIME_CAUSE: Final = "A second of it is the Kubernetes client's own start, before it asks for anything."
MEMORY_CAUSE: Final = "The Kubernetes client takes 45 MiB by itself, and holds one page of 500 Pods."
QUICK: Final = ["--clusters", "2/4"]


@contextlib.contextmanager
def served(workloads: int, pods: int, folder: Path) -> Iterator[tuple[Path, int]]:
    """A kubeconfig, and the bytes of all Pods."""
    program = [sys.executable, "-m", "benchmarks.audit.serving", str(workloads), str(pods)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as server:
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


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--clusters",
        type=_cluster,
        nargs="+",
        default=CLUSTERS,
        metavar="WORKLOADS/PODS",
        help=f"({' '.join(f'{workloads}/{pods}' for workloads, pods in CLUSTERS)})",
    )


def _cluster(text: str) -> tuple[int, int]:
    workloads, _, pods = text.partition("/")
    return command.positive(workloads), command.positive(pods)


def measured(args: argparse.Namespace) -> command.Found:
    runs, sizes = dict[tuple[int, int], list[Ran]](), dict[tuple[int, int], int]()
    with tempfile.TemporaryDirectory(prefix="benchmark-audit-") as made:
        for each in args.clusters:
            with served(each[0], each[1], Path(made)) as (kubeconfig, size):
                say("{:,} workloads with {:,} Pods".format(*each))
                asked = [*COMMAND, "--kubeconfig", str(kubeconfig)]
                runs[each] = [ran(asked, Path(made) / "out") for _ in range(args.repeats)]
                sizes[each] = size
    return {
        "tables": {"clusters": _table(runs, sizes)},
        "goals": list(_goals(runs)),
        "curve": _curve(runs, sizes),
    }


def _mib(runs: Sequence[Ran]) -> list[float]:
    return [each.peak / MIB for each in runs]


def _table(runs: Mapping[tuple[int, int], list[Ran]], sizes: Mapping[tuple[int, int], int]) -> Table:
    columns = [
        Column("all Pods' JSON", ".0f", "MiB"),
        Column("on the clock: s", spread=True),
        Column("CPU: s", spread=True),
        Column("peak memory", ".0f", "MiB"),
    ]
    rows = [
        Row(
            ["{:,} / {:,}".format(*each)],
            [[sizes[each] / MIB], [one.wall for one in took], [one.cpu for one in took], _mib(took)],
        )
        for each, took in runs.items()
    ]
    return Table(["workloads / Pods"], columns, rows)


def _goals(runs: Mapping[tuple[int, int], list[Ran]]) -> Iterator[Goal]:
    if GOAL not in runs:
        return
    what = "{:,} workloads with {:,} Pods".format(*GOAL)
    yield Goal(f"{what}: time", [each.wall for each in runs[GOAL]], GOAL_SECONDS, TIME_CAUSE, ".1f", "s")
    yield Goal(f"{what}: memory", _mib(runs[GOAL]), GOAL_MIB, MEMORY_CAUSE, ".0f", "MiB")
    most = max(each for each in runs if each[0] == GOAL[0])
    if most != GOAL:
        growth = median(_mib(runs[most])) / median(_mib(runs[GOAL]))
        yield Goal(f"memory with {most[1]:,} Pods ÷ with {GOAL[1]:,}", [growth], GOAL_GROWTH, MEMORY_CAUSE)


def _curve(runs: Mapping[tuple[int, int], list[Ran]], sizes: Mapping[tuple[int, int], int]) -> Curve:
    """By Pods, of the clusters with the most workloads; the smaller ones are another question."""
    workloads = max(each[0] for each in runs)
    shown = [each for each in runs if each[0] == workloads]
    return Curve(
        "lifecycle audit: memory, and what it reads",
        f"{workloads:,} workloads; the Pods are read a page at a time",
        "Pods",
        [
            Line("peak memory", "blue", [(each[1], _mib(runs[each])) for each in shown]),
            Line("all Pods' JSON", "muted", [(each[1], [sizes[each] / MIB]) for each in shown]),
        ],
        ",.0f",
        "MiB",
    )


if __name__ == "__main__":
    sys.exit(command.run("audit", __doc__, options, measured, QUICK))
