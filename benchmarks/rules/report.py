"""The parts of the report: each measures, and returns what it found."""

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from benchmarks.figures import Column, Curve, Goal, Line, Row, Table
from benchmarks.measure import MIB, Took, median, ratios, took
from lifecycle_rules import check

from . import memory, scripts
from .kube_score import KubeScore
from .manifests import Supply
from .work import check_all, walk_all

BATCH: Final = memory.BATCH
RELEASES: Final = 40  # so many kinds of hooks a stack has where its workloads share them
GOAL_PER_SECOND: Final = 10_000
GOAL_SECONDS: Final = 1.0  # for the longest text
SHARED, OWN = "shared hooks", "hooks of its own"
CAUSES: Final = {
    SHARED: "A Deployment takes about twice the time of the floor, which a slower or busier machine shows, too.",
    OWN: "No two Deployments have the same script there. Each one is parsed, which takes more than half of the time.",
}
LINES: Final = {
    SHARED: ("check, shared hooks", "blue"),
    OWN: ("check, hooks of its own", "orange"),
    f"floor, {SHARED}": ("visit each value once", "muted"),
}


def objects_per_second(sizes: Sequence[int], repeats: int) -> tuple[Table, list[Goal], Curve]:
    """Sizes take turns in each repeat, and the sides in each batch; the batches are made outside the clock."""
    supplies = {SHARED: Supply(RELEASES), OWN: Supply()}
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
    per_second = {key: [1 / each for each in values] for key, values in seconds.items()}
    rows = [
        Row(
            [f"{size:,}, {side}"],
            [
                per_second[side, size],
                per_second[f"floor, {side}", size],
                ratios(seconds[side, size], seconds[f"floor, {side}", size]),
                ratios(seconds[side, size], seconds[side, sizes[0]]),
            ],
        )
        for side in supplies
        for size in sizes
    ]
    columns = [
        Column("check: objects/s", ",.0f", spread=True),
        Column("floor: objects/s", ",.0f"),
        Column("check ÷ floor, time", spread=True),
        Column(f"time each ÷ {sizes[0]:,}'s", spread=True),
    ]
    goals = []
    for side in supplies if max(sizes) >= BATCH else ():
        slowest = min((size for size in sizes if size >= BATCH), key=lambda size: median(per_second[side, size]))
        what = f"Deployments a second on one core, with {side}, at {slowest:,}, the slowest size"
        goals.append(Goal(what, per_second[side, slowest], GOAL_PER_SECOND, CAUSES[side], ",.0f", is_least=True))
    curve = Curve(
        "lifecycle_rules.check: time for each Deployment",
        f"CPU time of one core; three containers and about 500 values each; the goal is {GOAL_PER_SECOND:,} a second",
        "Deployments",
        [
            Line(name, hue, [(size, [each * 1e6 for each in seconds[side, size]]) for size in sizes])
            for side, (name, hue) in LINES.items()
        ],
        ",.0f",
        "µs",
        1e6 / GOAL_PER_SECOND,
        "goal",
    )
    return Table(["Deployments"], columns, rows), goals, curve


def memory_growth(sizes: Sequence[int]) -> Table:
    rows = []
    first: dict[str, int] = {}
    for size in sizes:
        traced, whole = memory.measured(size, memory.TRACED), memory.measured(size, memory.WHOLE)
        first = first or {"peak": traced["peak"], "whole": whole["peak"]}
        rows.append(
            Row(
                [f"{size:,}"],
                [
                    [traced["peak"] / 1024],
                    [traced["peak"] / first["peak"]],
                    [traced["kept"] / 1024],
                    [whole["peak"] / MIB],
                    [(whole["peak"] - whole["first"]) / MIB],
                    [whole["peak"] / first["whole"]],
                ],
            )
        )
    of = f"÷ {sizes[0]:,}'s"
    columns = [
        Column("check's own peak", ",.0f", "KiB"),
        Column(of),
        Column("kept afterwards", ",.1f", "KiB"),
        Column("process's peak", ",.1f", "MiB"),
        Column("above one batch's", ",.1f", "MiB"),
        Column(of),
    ]
    return Table(["Deployments"], columns, rows)


def beside_kube_score(
    objects: int, repeats: int, supply: Supply, kube_score: KubeScore | None
) -> tuple[Table, list[str]]:
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
        Row(
            [name],
            [
                cpu[key],
                [each.wall for each in runs[key]],
                ratios(cpu[key], cpu["check"]),
                ratios(cpu[key], cpu["ours"]),
            ],
        )
        for key, name in names.items()
    ]
    columns = [
        Column("CPU s", ".3f", spread=True),
        Column("wall s", ".3f"),
        Column("CPU ÷ check"),
        Column("CPU ÷ (parse + check)"),
    ]
    said = [f"Beside kube-score: {objects:,} Deployments, {len(text) / 1e6:.1f} MB of YAML."]
    if kube_score:
        said.append(f"kube-score {kube_score.version} printed {median(lines):,.0f} lines.")
    return Table(["what"], columns, rows), said


def _sum(one: Sequence[Took], other: Sequence[Took], sign: int) -> list[Took]:
    return [Took(a.cpu + sign * b.cpu, a.wall + sign * b.wall) for a, b in zip(one, other, strict=True)]


def long_texts(repeats: int) -> tuple[Table, Goal]:
    seconds: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for repeat in range(repeats):
        for shape, command in scripts.SHAPES.items():
            for name, size in scripts.SIZES.items():
                pod = scripts.pod(command(repeat, size))
                seconds[shape, name].append(took(lambda: check("Pod", pod)).cpu)  # noqa: B023
    largest = max(scripts.SIZES, key=scripts.SIZES.__getitem__)
    rows = [
        Row([shape], [[each * 1000 for each in seconds[shape, name]] for name in scripts.SIZES])
        for shape in scripts.SHAPES
    ]
    slowest = max(scripts.SHAPES, key=lambda shape: max(seconds[shape, largest]))
    goal = Goal(
        f"a hook of {largest}, in the slowest shape ({slowest})",
        [max(seconds[slowest, largest])],
        GOAL_SECONDS,
        "All of a program's name is looked through for shell syntax, however long it is.",
        unit="s",
    )
    columns = [Column(name, ",.2f", "ms") for name in scripts.SIZES]
    return Table(["text of the hook"], columns, rows), goal
