"""`python -m benchmarks.policies`: what the policy pack costs over one whose policies do nothing. Prints Markdown."""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.policies import memory
from benchmarks.rules.manifests import Supply
from benchmarks.rules.measure import load, machine
from benchmarks.rules.report import table
from kubernetes_lifecycle.pack.manifests import state
from sandbox.engine import engine, find_cli

ROOT: Final = Path(__file__).parents[2]
RELEASES: Final = 40
FLOOR: Final = "nine policies that do nothing"
PACKS: Final = {
    "a policy that does nothing": """
from pulumi_policy import PolicyPack, ResourceValidationPolicy
PolicyPack("floor", [ResourceValidationPolicy("p", "d", lambda args, report: None)])
""",
    FLOOR: """
from pulumi_policy import PolicyPack, ResourceValidationPolicy, StackValidationPolicy
nothing = lambda args, report: None
PolicyPack("floor", [
    *(ResourceValidationPolicy(f"p{number}", "d", nothing) for number in range(8)),
    StackValidationPolicy("stack", "d", nothing),
])
""",
}
OURS: Final = "kubernetes-lifecycle"
KINDS: Final = {"Deployments": "kubernetes:apps/v1:Deployment", "no Kubernetes": "test:index:Thing"}


class Took(NamedTuple):
    """Of the CLI and the pack together."""

    wall: float
    cpu: float
    mib: float
    """The peak of the pack's own process."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.policies", description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[1000, 5000], help="so many resources")
    parser.add_argument("--repeats", type=int, default=3, help="of which the median is told")
    parser.add_argument("--memory", type=int, default=20000, help="so many, once, for the memory")
    args = parser.parse_args()
    print(machine())
    print(f"Load {load():.1f} at the start.", flush=True)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as made:
        bench = Bench(Path(made))
        print("\n#### Start: a state with nothing in it\n")
        print(bench.side_by_side([(0, "Deployments")], args.repeats, "a policy that does nothing"), flush=True)
        print("\n#### `pulumi policy analyze`\n")
        print(bench.side_by_side([(n, kind) for kind in KINDS for n in args.counts], args.repeats, FLOOR), flush=True)
    first, after_all = memory.measured(args.memory)
    print("\n#### Memory, one resource after the other\n")
    print(f"The process's peak: {first:.0f} MiB after 1,000 Deployments, {after_all:.0f} MiB after {args.memory:,}.")
    return 0


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
        self._packs = {OURS: ROOT / "policies"}
        for name, code in PACKS.items():
            folder = self._packs[name] = made / name.replace(" ", "-")
            folder.mkdir()
            (folder / "__main__.py").write_text(code)
            (folder / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 0.0.1\n")

    def side_by_side(self, cases: Sequence[tuple[int, str]], repeats: int, floor: str) -> str:
        """The packs take turns within a repeat."""
        rows = []
        for count, kind in cases:
            taken: dict[str, list[Took]] = {name: [] for name in (floor, OURS)}
            for turn in range(repeats):
                for name, found in taken.items():
                    print(f"{count} x {kind}, {name}, {turn + 1} of {repeats}", file=sys.stderr, flush=True)
                    found.append(self.analyze(name, count, kind))
            for name, found in taken.items():
                row = [f"{count:,} {kind}" if count else "start", name]
                for measure, form in (("wall", ".2f"), ("cpu", ".2f")):
                    values = [getattr(each, measure) for each in found]
                    under = [getattr(each, measure) for each in taken[floor]]
                    row += [f"{statistics.median(values):{form}}", _ratio(values, under)]
                rows.append([*row, f"{statistics.median(each.mib for each in found):.0f}"])
        return table(["resources", "pack", "wall s", "÷ floor", "CPU s", "÷ floor", "pack's peak MiB"], rows)

    def analyze(self, pack: str, count: int, kind: str) -> Took:
        """One `pulumi policy analyze`."""
        path = self._state(count, kind)
        command = [str(self._cli), "policy", "analyze", "--policy-pack", str(self._packs[pack]), "--file", str(path)]
        measured = [sys.executable, str(Path(__file__).with_name("measured.py")), *command]
        done = subprocess.run(measured, cwd=self._made, env=self._env, capture_output=True, text=True, check=True)
        return Took(*json.loads(done.stdout))

    def _state(self, count: int, kind: str) -> Path:
        path = self._made / f"{kind.replace(' ', '-')}-{count}.json"
        if not path.exists():
            text = json.dumps(state(Supply(RELEASES).take(count)))
            path.write_text(text.replace(KINDS["Deployments"], KINDS[kind]))
        return path


def _ratio(over: Sequence[float], under: Sequence[float]) -> str:
    """The median of the repeats' own ratios, and their spread."""
    ratios = [one / other for one, other in zip(over, under, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


if __name__ == "__main__":
    sys.exit(main())
