"""`python -m benchmarks.policies`: what the policy pack costs over one whose policies do nothing."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks import command
from benchmarks.figures import Column, Curve, Goal, Line, Row, Table
from benchmarks.measure import ratios, say
from benchmarks.policies import memory
from benchmarks.rules.manifests import Supply
from kubernetes_lifecycle.pack.manifests import state
from sandbox.engine import engine, find_cli

RELEASES: Final = 40
ONE: Final = "one empty policy"
NINE: Final = "nine empty policies"
OURS: Final = "kubernetes-lifecycle"
PACKS: Final = {
    ONE: """
from pulumi_policy import PolicyPack, ResourceValidationPolicy
PolicyPack("floor", [ResourceValidationPolicy("p", "d", lambda args, report: None)])
""",
    NINE: """
from pulumi_policy import PolicyPack, ResourceValidationPolicy, StackValidationPolicy
nothing = lambda args, report: None
PolicyPack("floor", [
    *(ResourceValidationPolicy(f"p{number}", "d", nothing) for number in range(8)),
    StackValidationPolicy("stack", "d", nothing),
])
""",
}
DEPLOYMENTS, OTHERS = "Deployments", "no Kubernetes"
KINDS: Final = {DEPLOYMENTS: "kubernetes:apps/v1:Deployment", OTHERS: "test:index:Thing"}
GOALS: Final = {DEPLOYMENTS: 1.15, OTHERS: 1.00}  # of the time of nine empty policies
GOAL_START: Final = 1.20
GOAL_MEMORY: Final = 1.10
QUICK: Final = ["--counts", "1", "--memory", "1000"]


class Took(NamedTuple):
    """Of the CLI and the pack together."""

    wall: float
    cpu: float
    mib: float
    """The peak of the pack's own process."""


Taken = dict[str, list[Took]]  # by pack; the one that does nothing comes first


def options(parser: argparse.ArgumentParser) -> None:
    command.sizes(parser, "--counts", (100, 300, 1_000), "so many resources in a stack; 5000 takes half an hour more")
    parser.add_argument("--memory", type=command.positive, default=20_000, help="so many, once, for the memory (20000)")


def measured(args: argparse.Namespace) -> command.Found:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as made:
        bench = Bench(Path(made))
        start = bench.side_by_side(0, DEPLOYMENTS, args.repeats * 3, ONE)
        stacks = {
            (count, kind): bench.side_by_side(count, kind, args.repeats, NINE)
            for kind in KINDS
            for count in args.counts
        }
    say(f"memory of {args.memory} resources, one after the other")
    first, after_all = memory.measured(args.memory)
    named = {f"{count:,} {kind}": of for (count, kind), of in stacks.items()}
    one_by_one = Row(["1,000"], [[first]]), Row([f"{args.memory:,}"], [[after_all]])
    return {
        "tables": {
            "packs": _table({"start: no resource": start, **named}),
            "memory": Table(["Deployments, one after the other"], [Column("peak", ".0f", "MiB")], one_by_one),
        },
        "goals": [
            *(_goal(f"{count:,} {kind}", of, GOALS[kind]) for (count, kind), of in stacks.items() if count >= 1_000),
            _goal("start", start, GOAL_START),
            Goal(
                f"memory after {args.memory:,} resources ÷ after 1,000",
                [after_all / first],
                GOAL_MEMORY,
                "The judgements of hooks that differ are remembered, up to a bound.",
            ),
        ],
        "curve": _curve(stacks),
    }


def _over(taken: Taken, measure: str) -> list[float]:
    """Of this pack over the one that does nothing."""
    floor, ours = ([getattr(each, measure) for each in of] for of in taken.values())
    return ratios(ours, floor)


def _goal(what: str, taken: Taken, limit: float) -> Goal:
    floor = next(iter(taken))
    return Goal(
        f"{what}: time of the pack ÷ {floor}",
        _over(taken, "wall"),
        limit,
        "The pack reads each resource once for all of its policies, and judges its hooks.",
    )


def _table(of: Mapping[str, Taken]) -> Table:
    over = Column("÷ floor", spread=True)
    columns = [Column("on the clock: s"), over, Column("CPU: s"), over, Column("pack's peak", ".0f", "MiB")]
    rows = []
    for what, taken in of.items():
        floor = next(iter(taken.values()))
        for name, found in taken.items():
            cells: list[list[float]] = []
            for measure in ("wall", "cpu"):
                values, under = ([getattr(each, measure) for each in side] for side in (found, floor))
                cells += [values, ratios(values, under)]
            rows.append(Row([what, name], [*cells, [each.mib for each in found]]))
    return Table(["resources", "pack"], columns, rows)


def _curve(stacks: Mapping[tuple[int, str], Taken]) -> Curve:
    lines = [
        Line(
            said,
            hue,
            [
                (count, [each.wall / count * 1e3 for each in taken[pack]])
                for (count, of), taken in stacks.items()
                if of == kind
            ],
        )
        for pack, kind, said, hue in (
            (NINE, DEPLOYMENTS, "nine empty policies", "muted"),
            (OURS, DEPLOYMENTS, "this pack, Deployments", "blue"),
            (OURS, OTHERS, "this pack, no Kubernetes", "purple"),
        )
    ]
    about = "time on the clock of pulumi policy analyze, the CLI's own included"
    return Curve("The policy pack: time for each resource", about, "resources", lines, ",.1f", "ms")


class Bench:
    """Packs and states in a folder of their own."""

    def __init__(self, made: Path) -> None:
        self._made = made
        (made / "Pulumi.yaml").write_text("name: benchmark\nruntime: python\n")
        self._cli = find_cli()
        self._env = engine(made, self._cli, None, made).env
        self._env.pop("PYTHONDONTWRITEBYTECODE", None)  # it would have ours compiled at each start, and no package
        # The CLI writes each property to a log of its own, which takes it longer than all policies together. A file in
        # place of the log's folder keeps it from that: the ratios are those of the packs.
        logs = Path(self._env["PULUMI_HOME"]) / "logs"
        shutil.rmtree(logs, ignore_errors=True)
        logs.touch()
        self._packs = {OURS: command.ROOT / "policies"}
        for name, code in PACKS.items():
            folder = self._packs[name] = made / name.replace(" ", "-")
            folder.mkdir()
            (folder / "__main__.py").write_text(code)
            (folder / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 0.0.1\n")

    def side_by_side(self, count: int, kind: str, repeats: int, floor: str) -> Taken:
        """The packs take turns within a repeat."""
        taken: Taken = {name: [] for name in (floor, OURS)}
        for turn in range(repeats):
            for name, found in taken.items():
                say(f"{count} x {kind}, {name}, {turn + 1} of {repeats}")
                found.append(self.analyze(name, count, kind))
        return taken

    def analyze(self, pack: str, count: int, kind: str) -> Took:
        """One `pulumi policy analyze`."""
        path = self._state(count, kind)
        asked = [str(self._cli), "policy", "analyze", "--policy-pack", str(self._packs[pack]), "--file", str(path)]
        timed = [sys.executable, str(Path(__file__).with_name("measured.py")), *asked]
        done = subprocess.run(timed, cwd=self._made, env=self._env, capture_output=True, text=True, check=True)
        return Took(*json.loads(done.stdout))

    def _state(self, count: int, kind: str) -> Path:
        path = self._made / f"{kind.replace(' ', '-')}-{count}.json"
        if not path.exists():
            text = json.dumps(state(Supply(RELEASES).take(count)))
            path.write_text(text.replace(KINDS[DEPLOYMENTS], KINDS[kind]))
        return path


if __name__ == "__main__":
    sys.exit(command.run("policies", __doc__, options, measured, QUICK))
