"""What `lifecycle_rules.check` costs: speed and memory as objects grow in number, beside a floor and kube-score, and
as a hook's text grows."""

import argparse
import cProfile
import pstats
import sys

from benchmarks import command
from benchmarks.measure import say
from lifecycle_rules import RULES
from sandbox.errors import SandboxError

from . import report
from .kube_score import KubeScore
from .manifests import Supply
from .work import check_all

QUICK = ["--sizes", "10"]


def options(parser: argparse.ArgumentParser) -> None:
    command.sizes(parser, "--sizes", (1_000, 10_000), "numbers of Deployments; kube-score gets the first")


def measured(args: argparse.Namespace) -> command.Found:
    supply = Supply()
    kube_score, missing = _kube_score()
    findings = check_all(supply.take(report.BATCH))  # also the warm-up, which is not counted
    say("objects per second")
    speed, goals, curve = report.objects_per_second(args.sizes, args.repeats)
    say("memory")
    memory = report.memory_growth(args.sizes)
    say("beside kube-score")
    beside, notes = report.beside_kube_score(args.sizes[0], args.repeats, supply, kube_score)
    say("long texts")
    long_texts, longest = report.long_texts(args.repeats)
    about = f"{len(RULES)} rules, {findings:,} findings in {report.BATCH:,} Deployments."
    return {
        "tables": {"speed": speed, "memory": memory, "beside": beside, "texts": long_texts},
        "goals": [*goals, longest],
        "curve": curve,
        "notes": [about, *notes],
        "missing": missing,
    }


def _kube_score() -> tuple[KubeScore | None, list[str]]:
    """kube-score, or why there is none: the other figures do not need it."""
    try:
        return KubeScore(), []
    except SandboxError as error:
        return None, [f"kube-score was not measured: {error}"]


def _profile() -> None:
    supply = Supply()
    check_all(supply.take(report.BATCH))
    batch = supply.take(report.BATCH)
    profile = cProfile.Profile()
    profile.runcall(check_all, batch)
    pstats.Stats(profile).strip_dirs().sort_stats("tottime").print_stats(15)


if __name__ == "__main__":
    if sys.argv[1:] == ["--profile"]:
        _profile()
    else:
        sys.exit(command.run("rules", __doc__, options, measured, QUICK, repeats=5))
