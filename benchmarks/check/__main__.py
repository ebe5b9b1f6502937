"""`python -m benchmarks.check`: what `lifecycle check` costs, beside kube-score on the same files.

Prints Markdown. Every figure is a process of its own, from its start to its end, as a person or a CI has it.
"""

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import yaml

from benchmarks.rules.kube_score import KubeScore
from benchmarks.rules.manifests import Supply
from benchmarks.rules.measure import Ran, load, machine, median, ran, ratios, spread
from benchmarks.rules.report import table
from sandbox.errors import SandboxError

MIB: Final = 1 << 20
COMMAND: Final = (sys.executable, "-m", "lifecycle_cli")
GOAL_RATIO: Final = 0.6  # of kube-score's wall time, for a thousand Deployments
GOAL_SMALL: Final = 0.25  # seconds
GOAL_START: Final = 0.15
RELEASES: Final = 40
_Dumper: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
SERVICE: Final = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}}


def deployments(count: int) -> str:
    dumped = (yaml.dump(each, Dumper=_Dumper, sort_keys=False) for each in Supply(RELEASES).take(count))
    return "---\n".join(dumped)


def beside_kube_score(sizes: Sequence[int], repeats: int, folder: Path) -> Iterator[str]:
    """Both on one file, taking turns."""
    try:
        kube_score: KubeScore | None = KubeScore()
    except SandboxError as error:
        kube_score = None
        yield f"kube-score was not measured: {error}\n"
    runs: defaultdict[tuple[str, int], list[Ran]] = defaultdict(list)
    files = {size: folder / f"{size}.yaml" for size in sizes}
    for size, file in files.items():
        file.write_text(deployments(size))
    for _ in range(repeats):
        for size, file in files.items():
            if kube_score:
                runs["kube-score", size].append(ran(kube_score.command(file), folder / "out"))
            runs["lifecycle", size].append(ran([*COMMAND, "check", "--no-config", file], folder / "out"))
    rows = []
    for size, file in files.items():
        ours = runs["lifecycle", size]
        theirs = runs["kube-score", size] or ours
        rows.append(
            [
                f"{size:,}, {file.stat().st_size / MIB:.1f} MiB",
                spread([each.wall for each in ours], ".2f"),
                spread([each.wall for each in theirs], ".2f") if kube_score else "",
                spread(ratios([each.wall for each in ours], [each.wall for each in theirs]), ".2f"),
                spread(ratios([each.cpu for each in ours], [each.cpu for each in theirs]), ".2f"),
                f"{median([each.wall for each in ours]) / size * 1e6:,.0f} µs",
            ]
        )
    yield table(["Deployments", "check: s", "kube-score: s", "÷, on the clock", "÷, CPU", "time each"], rows)
    if kube_score and 1_000 in files:
        pair = runs["lifecycle", 1_000], runs["kube-score", 1_000]
        ratio = median(ratios(*([each.wall for each in side] for side in pair)))
        reached = "reached" if ratio <= GOAL_RATIO else "missed"
        yield f"\nGoal {reached}: {ratio:.2f} of kube-score's time for 1,000 Deployments, of {GOAL_RATIO}.\n"


def small(repeats: int, folder: Path) -> str:
    """One small file, and the start alone."""
    file = folder / "small.yaml"
    file.write_text(deployments(1))
    ways: dict[str, list[str | Path]] = {
        "Python alone": [sys.executable, "-c", ""],
        "`lifecycle check --help`": [*COMMAND, "check", "--help"],
        "one Deployment": [*COMMAND, "check", "--no-config", file],
    }
    runs: defaultdict[str, list[Ran]] = defaultdict(list)
    for _ in range(repeats * 3):
        for name, command in ways.items():
            runs[name].append(ran(command, folder / "out"))
    rows = [
        [name, spread([each.wall for each in of], ".3f"), spread([each.cpu for each in of], ".3f")]
        for name, of in runs.items()
    ]
    start, whole = (median([each.wall for each in runs[name]]) for name in list(ways)[1:])
    reached = "reached" if whole <= GOAL_SMALL and start <= GOAL_START else "missed"
    goal = f"Goal {reached}: {whole:.2f} s of {GOAL_SMALL}, and {start:.2f} s of {GOAL_START} for the start."
    return f"{table(['what', 'on the clock: s', 'CPU: s'], rows)}\n{goal}\n"


def lists(sizes: Sequence[int], folder: Path) -> str:
    """One document with so many Deployments, as `kubectl get -o yaml` prints it: the time each should stay the same."""
    rows = []
    for size in sizes:
        file = folder / "list.yaml"
        items = "".join(f"- {deployments(1)}".replace("\n", "\n  ").rstrip(" ") for _ in range(size))
        file.write_text(f"apiVersion: v1\nkind: List\nitems:\n{items}")
        took = ran([*COMMAND, "check", "--no-config", file], folder / "out")
        rows.append([f"{size:,}", f"{took.wall:.2f}", f"{took.wall / size * 1e3:.2f} ms"])
    return table(["Deployments in a List", "on the clock: s", "time each"], rows)


def stream(sizes: Sequence[int], folder: Path) -> str:
    """Documents from standard input, so many MiB: the largest process's memory."""
    block = deployments(40) + "---\n"
    rows = []
    for size in sizes:
        file = folder / "stream.yaml"
        with file.open("w") as out:
            for _ in range(max(size * MIB // len(block), 1)):
                out.write(block)
        command = ["sh", "-c", f'exec "{sys.executable}" -m lifecycle_cli check --no-config - < "{file}"']
        took = ran(command, folder / "out")
        rows.append([f"{file.stat().st_size / MIB:,.0f} MiB", f"{took.wall:.1f}", f"{took.peak / MIB:,.0f} MiB"])
        file.unlink()
    return table(["stream", "on the clock: s", "peak memory"], rows)


def many(sizes: Sequence[int], folder: Path) -> str:
    """A folder of so many files, one Deployment or Service each."""
    rows = []
    for size in sizes:
        where = folder / f"files-{size}"
        where.mkdir()
        text, service = deployments(1), yaml.dump(SERVICE)
        for number in range(size):
            (where / f"{number:05}.yaml").write_text(text if number % 4 == 0 else service)
        took = ran([*COMMAND, "check", "--no-config", where], folder / "out")
        rows.append(
            [f"{size:,}", f"{took.wall:.2f}", f"{took.wall / size * 1e3:.2f} ms", f"{took.peak / MIB:,.0f} MiB"]
        )
    return table(["files", "on the clock: s", "time each", "peak memory"], rows)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.check", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1_000, 10_000], help="Deployments in a file")
    parser.add_argument("--lists", type=int, nargs="+", default=[250, 1_000, 4_000], help="Deployments in a List")
    parser.add_argument("--stream", type=int, nargs="+", default=[10, 100], help="MiB of a stream")
    parser.add_argument("--files", type=int, nargs="+", default=[500, 5_000], help="files in a folder")
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    print(f"{machine()}; load {load():.1f}. Median of {args.repeats} (lowest to highest).\n")
    with tempfile.TemporaryDirectory(prefix="benchmark-check-") as made:
        folder = Path(made)
        # what makes many Deployments comes last: a process counts its parent's memory as its own
        print("#### A stream\n")
        print(stream(args.stream, folder), flush=True)
        print("#### Many files\n")
        print(many(args.files, folder), flush=True)
        print("#### A small file\n")
        print(small(args.repeats, folder), flush=True)
        print("#### A List\n")
        print(lists(args.lists, folder), flush=True)
        print("#### Beside kube-score\n")
        for part in beside_kube_score(args.sizes, args.repeats, folder):
            print(part, end="", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
