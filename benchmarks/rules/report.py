"""The sections of the report: each runs its part of the benchmark and returns Markdown."""

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from lifecycle_rules import check

from . import memory, scripts
from .kube_score import KubeScore
from .manifests import Supply
from .measure import Took, check_all, median, ratios, spread, took, walk_all

BATCH: Final = memory.BATCH
RELEASES: Final = 40  # so many kinds of hooks a stack has where its workloads share them
GOAL_PER_SECOND: Final = 10_000
GOAL_SECONDS: Final = 1.0  # for the longest text


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def objects_per_second(sizes: Sequence[int], repeats: int) -> str:
    """Sizes take turns in each repeat, and the sides in each batch; the batches are made outside the clock."""
    supplies = {"shared hooks": Supply(RELEASES), "hooks of its own": Supply()}
    seconds: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    for _ in range(repeats):
        for size in sizes:
            for side, supply in supplies.items():
                took_by_check = took_by_walk = 0.0
                for done in range(0, size, BATCH):
                    batch = supply.take(min(BATCH, size - done))
                    took_by_walk += took(lambda: walk_all(batch)).cpu  # noqa: B023
                    took_by_check += took(lambda: check_all(batch)).cpu  # noqa: B023
                seconds[side, size].append(took_by_check / size)
                seconds[f"floor, {side}", size].append(took_by_walk / size)
    rows = [
        [
            f"{size:,}, {side}",
            spread([1 / each for each in seconds[side, size]], ",.0f"),
            f"{median([1 / each for each in seconds[f'floor, {side}', size]]):,.0f}",
            spread(ratios(seconds[side, size], seconds[f"floor, {side}", size]), ".2f"),
            spread(ratios(seconds[side, size], seconds[side, sizes[0]]), ".2f"),
        ]
        for side in supplies
        for size in sizes
    ]
    head = ["Deployments", "check: objects/s", "floor: objects/s", "check ÷ floor, time", f"time each ÷ {sizes[0]:,}'s"]
    goals = []
    for side in supplies:
        slowest = min(median([1 / each for each in seconds[side, size]]) for size in sizes)
        reached = "reached" if slowest >= GOAL_PER_SECOND else "missed"
        goals.append(
            f"Goal {reached} with {side}: {slowest:,.0f} a second at the slowest size, of {GOAL_PER_SECOND:,}."
        )
    return f"{table(head, rows)}\n{chr(10).join(goals)}\n"


def memory_growth(sizes: Sequence[int]) -> str:
    rows = []
    first: dict[str, int] = {}
    for size in sizes:
        traced, whole = memory.measured(size, memory.TRACED), memory.measured(size, memory.WHOLE)
        first = first or {"peak": traced["peak"], "whole": whole["peak"]}
        rows.append(
            [
                f"{size:,}",
                f"{traced['peak'] / 1024:,.0f} KiB",
                f"{traced['peak'] / first['peak']:.2f}",
                f"{traced['kept'] / 1024:,.1f} KiB",
                f"{whole['peak'] / 1024**2:,.1f} MiB",
                f"{(whole['peak'] - whole['first']) / 1024**2:,.1f} MiB",
                f"{whole['peak'] / first['whole']:.2f}",
            ]
        )
    of = f"÷ {sizes[0]:,}'s"
    return table(
        ["Deployments", "check's own peak", of, "kept afterwards", "process's peak", "above one batch's", of], rows
    )


def beside_kube_score(objects: int, repeats: int, supply: Supply, kube_score: KubeScore | None) -> str:
    """New manifests in each repeat; every side gets the same text, and runs right after the others."""
    runs: defaultdict[str, list[Took]] = defaultdict(list)
    lines: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        file, empty = Path(folder, "manifests.yaml"), Path(folder, "empty.yaml")
        empty.write_text("")
        for _ in range(repeats):
            text = yaml.dump_all(supply.take(objects), Dumper=yaml.CSafeDumper, sort_keys=False)
            file.write_text(text)
            loaded: list[Any] = []
            runs["parse"].append(took(lambda: loaded.extend(yaml.load_all(text, Loader=yaml.CSafeLoader))))  # noqa: B023
            runs["floor"].append(took(lambda: walk_all(loaded)))  # noqa: B023
            runs["check"].append(took(lambda: check_all(loaded)))  # noqa: B023
            loaded.clear()
            if kube_score:
                runs["start"].append(kube_score.score(empty)[0])
                bare, unwanted = kube_score.parse_only(file)
                assert not unwanted, f"kube-score printed {unwanted} lines with all checks ignored"
                runs["decode"].append(bare)
                full, printed = kube_score.score(file)
                runs["score"].append(full)
                lines.append(printed)
    runs["ours"] = _sum(runs["parse"], runs["check"], 1)
    names = {
        "floor": "floor: visit each value once (Python)",
        "check": "**lifecycle_rules.check**",
        "parse": "YAML parse (Python, CSafeLoader)",
        "ours": "YAML parse + check",
    }
    if kube_score:
        runs["checks"] = _sum(runs["score"], runs["decode"], -1)
        names |= {
            "start": "kube-score: start, an empty file",
            "decode": "kube-score: parse only, all checks ignored",
            "score": "kube-score: all of it",
            "checks": "**kube-score: its checks**, as all of it less parse only",
        }
    cpu = {key: [each.cpu for each in found] for key, found in runs.items()}
    rows = [
        [
            name,
            spread(cpu[key], ".3f"),
            f"{median([each.wall for each in runs[key]]):.3f}",
            f"{median(ratios(cpu[key], cpu['check'])):.2f}",
            f"{median(ratios(cpu[key], cpu['ours'])):.2f}",
        ]
        for key, name in names.items()
    ]
    said = [
        f"{objects:,} Deployments, {len(text) / 1e6:.1f} MB of YAML.\n",
        table(["what", "CPU s", "wall s", "CPU ÷ check", "CPU ÷ (parse + check)"], rows),
    ]
    if kube_score:
        said.append(
            f"kube-score {kube_score.version} printed {median(lines):,.0f} lines. "
            f"Its checks ÷ check: {spread(ratios(cpu['checks'], cpu['check']), '.2f')}; "
            f"all of it ÷ (parse + check): {spread(ratios(cpu['score'], cpu['ours']), '.2f')}.\n"
        )
    return "\n".join(said)


def _sum(one: Sequence[Took], other: Sequence[Took], sign: int) -> list[Took]:
    return [Took(a.cpu + sign * b.cpu, a.wall + sign * b.wall) for a, b in zip(one, other, strict=True)]


def long_texts(repeats: int) -> str:
    seconds: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for repeat in range(repeats):
        for shape, command in scripts.SHAPES.items():
            for name, size in scripts.SIZES.items():
                pod = scripts.pod(command(repeat, size))
                seconds[shape, name].append(took(lambda: check("Pod", pod)).cpu)  # noqa: B023
    largest = max(scripts.SIZES, key=scripts.SIZES.__getitem__)
    rows = [
        [shape, *(f"{median(seconds[shape, name]) * 1000:.2f} ms" for name in scripts.SIZES)]
        for shape in scripts.SHAPES
    ]
    slowest = max(max(seconds[shape, largest]) for shape in scripts.SHAPES)
    reached = "reached" if slowest < GOAL_SECONDS else "missed"
    goal = f"Goal {reached}: {slowest:.3f} s for {largest} at the most, of {GOAL_SECONDS:.0f} s.\n"
    return f"{table(['text of the hook', *scripts.SIZES], rows)}\n{goal}"
