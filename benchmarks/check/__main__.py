"""`python -m benchmarks.check`: what `lifecycle check` costs, beside kube-score and conftest on the same files.

Every figure is a process of its own, from its start to its end, as a person or a CI has it.
"""

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml

from benchmarks import command
from benchmarks.check.rego import Conftest
from benchmarks.figures import Column, Curve, Goal, Line, Row, Table
from benchmarks.measure import MIB, Ran, median, ran, ratios, say
from benchmarks.rules.kube_score import KubeScore
from benchmarks.rules.manifests import Supply
from sandbox.errors import SandboxError

COMMAND: Final = (sys.executable, "-m", "lifecycle_cli")
GOAL_RATIO: Final = 0.6  # of kube-score's wall time, for a thousand Deployments
GOAL_SIZE: Final = 1_000
GOAL_SMALL: Final = 0.25  # seconds
GOAL_START: Final = 0.15
GOAL_STREAM: Final = 1.10  # of the memory: the longest stream's over the shortest's
OURS, KUBE_SCORE, CONFTEST = "lifecycle check", "kube-score", "conftest"
HUES: Final = {OURS: "blue", KUBE_SCORE: "orange", CONFTEST: "purple"}
QUICK: Final = ["--sizes", "1", "--conftest", "--lists", "1", "--stream", "1", "--files", "2"]
Beside = dict[tuple[str, int], list[Ran]]  # by checker and size
RELEASES: Final = 40
SOUND: Final = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "labels": {"app": "web"}},
    "spec": {
        "replicas": 3,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "terminationGracePeriodSeconds": 45,
                "containers": [
                    {
                        "name": "web",
                        "image": "ghcr.io/acme/web:1.4",
                        "env": [{"name": f"SETTING_{number}", "value": f"value {number}"} for number in range(20)],
                        "ports": [{"name": "http", "containerPort": 8080}],
                        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
                        "lifecycle": {"preStop": {"sleep": {"seconds": 10}}},
                    }
                ],
            },
        },
    },
}
_Dumper: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
SERVICE: Final = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}}


def deployments(count: int) -> str:
    dumped = (yaml.dump(each, Dumper=_Dumper, sort_keys=False) for each in Supply(RELEASES).take(count))
    return "---\n".join(dumped)


def options(parser: argparse.ArgumentParser) -> None:
    command.sizes(parser, "--sizes", (100, 1_000, 10_000), "Deployments in a file")
    parser.add_argument(
        "--conftest",
        type=command.positive,
        nargs="*",
        default=(100, 1_000),
        metavar="N",
        help="the sizes that conftest gets, too (100 1000); without a number, conftest is not built",
    )
    command.sizes(parser, "--lists", (250, 1_000, 4_000), "Deployments in a List")
    command.sizes(parser, "--stream", (10, 100), "MiB of a stream")
    command.sizes(parser, "--files", (500, 5_000), "files in a folder")


def measured(args: argparse.Namespace) -> command.Found:
    with tempfile.TemporaryDirectory(prefix="benchmark-check-") as made:
        folder = Path(made)
        others, missing = _others([KUBE_SCORE, *([CONFTEST] if args.conftest else [])])
        # what makes many Deployments comes last: a process counts its parent's memory as its own
        streamed, stream_goals = stream(args.stream, folder)
        in_files = many(args.files, folder)
        one, small_goals = small(args.repeats, folder)
        listed = lists(args.lists, folder)
        files = written(args.sizes, folder)
        mib = {size: each.stat().st_size / MIB for size, each in files.items()}
        runs = beside(files, others, args.conftest, args.repeats, folder)
    return {
        "tables": {"beside": _table(runs, mib), "small": one, "list": listed, "stream": streamed, "files": in_files},
        "goals": [*_goals(runs), *small_goals, *stream_goals],
        "curve": _curve(runs),
        "notes": [f"{name} {checker.version}." for name, checker in others.items()],
        "missing": missing,
    }


def _others(wanted: Sequence[str]) -> tuple[dict[str, KubeScore | Conftest], list[str]]:
    """Those that can be built here, and why not the others."""
    found: dict[str, KubeScore | Conftest] = {}
    missing = []
    builds: dict[str, Callable[[], KubeScore | Conftest]] = {KUBE_SCORE: KubeScore, CONFTEST: Conftest}
    for name in wanted:
        try:
            found[name] = builds[name]()
        except SandboxError as error:
            missing.append(f"{name} was not measured: {error}")
    return found, missing


def written(sizes: Sequence[int], folder: Path) -> dict[int, Path]:
    """Files with so many Deployments."""
    files = {size: folder / f"{size}.yaml" for size in sizes}
    for size, file in files.items():
        say(f"writing {size:,} Deployments")
        file.write_text(deployments(size))
    return files


def beside(
    files: Mapping[int, Path],
    others: Mapping[str, KubeScore | Conftest],
    conftest: Sequence[int],
    repeats: int,
    folder: Path,
) -> Beside:
    """All on one file, taking turns."""
    runs: Beside = {}
    for turn in range(repeats):
        for size, file in files.items():
            commands: dict[str, list[str | Path]] = {OURS: [*COMMAND, "check", "--no-config", file]}
            commands |= {name: each.command(file) for name, each in others.items() if _takes(name, size, conftest)}
            for name, asked in commands.items():
                say(f"{size:,} Deployments, {name}, {turn + 1} of {repeats}")
                runs.setdefault((name, size), []).append(ran(asked, folder / "out"))
    return runs


def _takes(name: str, size: int, conftest: Sequence[int]) -> bool:
    return name != CONFTEST or size in conftest


def _wall(runs: Sequence[Ran], divided_by: float = 1) -> list[float]:
    return [each.wall / divided_by for each in runs]


def _over(runs: Beside, other: str, size: int, of: Callable[[Ran], float]) -> list[float]:
    """check's over the other's."""
    if (other, size) not in runs:
        return []
    ours, theirs = ([of(each) for each in runs[name, size]] for name in (OURS, other))
    return ratios(ours, theirs)


def _table(runs: Beside, files: Mapping[int, float]) -> Table:
    rows = [
        Row(
            [f"{size:,}, {mib:.1f} MiB"],
            [
                *(_wall(runs.get((name, size), [])) for name in HUES),
                _over(runs, KUBE_SCORE, size, lambda each: each.wall),
                _over(runs, KUBE_SCORE, size, lambda each: each.cpu),
                _over(runs, CONFTEST, size, lambda each: each.wall),
            ],
        )
        for size, mib in files.items()
    ]
    columns = [
        *(Column(f"{name}: s", spread=True) for name in HUES),
        Column("÷ kube-score, on the clock", spread=True),
        Column("÷ kube-score, CPU"),
        Column("÷ conftest, on the clock"),
    ]
    return Table(["Deployments"], columns, rows)


def _goals(runs: Beside) -> list[Goal]:
    ratio = _over(runs, KUBE_SCORE, GOAL_SIZE, lambda each: each.wall)
    cause = (
        "Both read YAML for most of their time, and kube-score does it on several cores: it gains where they are idle."
    )
    what = f"{GOAL_SIZE:,} Deployments in one file: time ÷ kube-score's"
    return [Goal(what, ratio, GOAL_RATIO, cause)] if ratio else []


def _curve(runs: Beside) -> Curve:
    lines = [
        Line(name, hue, [(size, _wall(of, size / 1e3)) for (each, size), of in runs.items() if each == name])
        for name, hue in HUES.items()
    ]
    about = "time on the clock, the start of the program included"
    title = "lifecycle check: time for each Deployment of a file"
    return Curve(title, about, "Deployments", [each for each in lines if each.points], ",.1f", "ms")


def small(repeats: int, folder: Path) -> tuple[Table, list[Goal]]:
    """One small file, and the start alone."""
    say("a small file")
    file = folder / "small.yaml"
    file.write_text(deployments(1))
    ways: dict[str, list[str | Path]] = {
        "Python alone": [sys.executable, "-c", ""],
        "`lifecycle check --help`": [*COMMAND, "check", "--help"],
        "one Deployment": [*COMMAND, "check", "--no-config", file],
    }
    runs: dict[str, list[Ran]] = {name: [] for name in ways}
    for _ in range(repeats * 3):
        for name, each in ways.items():
            runs[name].append(ran(each, folder / "out"))
    rows = [Row([name], [_wall(of), [each.cpu for each in of]]) for name, of in runs.items()]
    columns = [Column("on the clock: s", ".3f", spread=True), Column("CPU: s", ".3f", spread=True)]
    python, start, whole = runs.values()
    cause = f"Python alone takes {median(_wall(python)):.3f} s of it on this machine."
    goals = [
        Goal("a file with one Deployment", _wall(whole), GOAL_SMALL, cause, unit="s"),
        Goal("the start, `lifecycle check --help`", _wall(start), GOAL_START, cause, unit="s"),
    ]
    return Table(["what"], columns, rows), goals


def lists(sizes: Sequence[int], folder: Path) -> Table:
    """One document with so many Deployments, as `kubectl get -o yaml` prints it: the time each should stay the same."""
    rows = []
    for size in sizes:
        say(f"a List of {size:,}")
        file = folder / "list.yaml"
        items = "".join(f"- {deployments(1)}".replace("\n", "\n  ").rstrip(" ") for _ in range(size))
        file.write_text(f"apiVersion: v1\nkind: List\nitems:\n{items}")
        took = ran([*COMMAND, "check", "--no-config", file], folder / "out")
        rows.append(Row([f"{size:,}"], [[took.wall], [took.wall / size * 1e3]]))
    return Table(["Deployments in a List"], [Column("on the clock: s"), Column("time each", unit="ms")], rows)


def stream(sizes: Sequence[int], folder: Path) -> tuple[Table, list[Goal]]:
    """Documents from standard input, so many MiB: the largest process's memory.

    Findings are held to the end, so those of manifests that have some take memory; the others show what is read.
    """
    blocks = {"with findings": deployments(RELEASES), "without findings": "---\n".join([yaml.dump(SOUND)] * 40)}
    rows, peaks = [], defaultdict[str, list[float]](list)
    for kind, block in blocks.items():
        for size in sizes:
            say(f"a stream of {size} MiB {kind}")
            file = folder / "stream.yaml"
            with file.open("w") as out:
                for _ in range(max(size * MIB // len(block), 1)):
                    out.write(f"{block}---\n")
            asked = ["sh", "-c", f'exec "{sys.executable}" -m lifecycle_cli check --no-config - < "{file}"']
            took = ran(asked, folder / "out")
            peaks[kind].append(took.peak / MIB)
            rows.append(Row([f"{size:,} MiB {kind}"], [[took.wall], [took.peak / MIB]]))
            file.unlink()
    columns = [Column("on the clock: s", ".1f"), Column("peak memory", ".0f", "MiB")]
    first, *_, last = *peaks["without findings"], peaks["without findings"][-1]
    what = f"stream without findings: memory for {sizes[-1]} MiB ÷ for {sizes[0]} MiB"
    cause = "More than the document that is read is held."
    goals = [Goal(what, [last / first], GOAL_STREAM, cause)] if len(sizes) > 1 else []
    return Table(["stream"], columns, rows), goals


def many(sizes: Sequence[int], folder: Path) -> Table:
    """A folder of so many files, one Deployment or Service each."""
    rows = []
    for size in sizes:
        say(f"{size:,} files")
        where = folder / f"files-{size}"
        where.mkdir()
        text, service = deployments(1), yaml.dump(SERVICE)
        for number in range(size):
            (where / f"{number:05}.yaml").write_text(text if number % 4 == 0 else service)
        took = ran([*COMMAND, "check", "--no-config", where], folder / "out")
        rows.append(Row([f"{size:,}"], [[took.wall], [took.wall / size * 1e3], [took.peak / MIB]]))
    columns = [Column("on the clock: s"), Column("time each", unit="ms"), Column("peak memory", ".0f", "MiB")]
    return Table(["files"], columns, rows)


if __name__ == "__main__":
    sys.exit(command.run("check", __doc__, options, measured, QUICK))
