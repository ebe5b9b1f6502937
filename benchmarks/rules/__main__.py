"""What `lifecycle_rules.check` costs: speed and memory as objects grow in number, beside a floor and kube-score, and
as a hook's text grows. Prints Markdown; what it does goes to stderr."""

import argparse
import contextlib
import cProfile
import pstats
import sys

from lifecycle_rules import RULES
from sandbox.errors import SandboxError

from . import report
from .kube_score import KubeScore
from .manifests import Supply
from .measure import check_all, load, machine


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rules", description=__doc__)
    parser.add_argument("--repeats", type=_positive, default=5, metavar="N", help="of each figure (default: 5)")
    parser.add_argument(
        "--sizes",
        type=_positive,
        nargs="+",
        default=[1_000, 10_000, 100_000],
        metavar="N",
        help="numbers of Deployments (default: 1000 10000 100000); kube-score gets the first",
    )
    parser.add_argument("--profile", action="store_true", help="only show where check spends its time (cProfile)")
    args = parser.parse_args()
    supply = Supply()
    if args.profile:
        _profile(supply.take(args.sizes[0]))
        return 0

    at_start = load()
    kube_score, why_not = _kube_score()
    batch = supply.take(report.BATCH)
    findings = check_all(batch)  # also the warm-up, which is not counted
    _say("objects per second")
    speed = report.objects_per_second(args.sizes, args.repeats)
    _say("memory")
    memory = report.memory_growth(args.sizes)
    _say("beside kube-score")
    beside = report.beside_kube_score(args.sizes[0], args.repeats, supply, kube_score)
    _say("long texts")
    long_texts = report.long_texts(args.repeats)

    print(f"{machine()}; load {at_start:.1f} at the start, {load():.1f} at the end (1 is this benchmark's own).")
    print(
        f"Median of {args.repeats} (lowest to highest). {len(RULES)} rules, "
        f"{findings} findings in {report.BATCH:,} Deployments.\n"
    )
    for title, text in (
        ("Objects per second, CPU time of one core", speed),
        ("Memory", memory),
        ("Beside kube-score", f"{beside}\nkube-score was not measured. {why_not}\n" if why_not else beside),
        ("One hook with a long text", long_texts),
    ):
        print(f"## {title}\n\n{text}")
    return 0


def _kube_score() -> tuple[KubeScore | None, str]:
    """kube-score, or why there is none: the other figures do not need it."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return KubeScore(), ""
    except SandboxError as error:
        _say(f"kube-score: {error}")
        return None, str(error)


def _profile(batch: list[dict[str, object]]) -> None:
    check_all(batch)
    profile = cProfile.Profile()
    profile.runcall(check_all, batch)
    pstats.Stats(profile).strip_dirs().sort_stats("tottime").print_stats(15)


def _positive(text: str) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text}: not a number above 0")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
