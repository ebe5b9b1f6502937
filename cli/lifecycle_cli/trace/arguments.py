"""The command line of `lifecycle trace`; what does the work is imported when it is run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from ..cluster.arguments import add_connection

EXAMPLES: Final = """\
examples:
  lifecycle trace web-0                             until it is gone or has completed
  lifecycle trace web-0 --delete --svg web-0.svg    delete it (asks first), and draw its end
  lifecycle trace -l app=web --timeout 5m           all Pods with a label, including later ones
  lifecycle trace --next-of deployment/api          the next Pod that it creates
  lifecycle trace web-0 --record web-0.jsonl        record it, and look at it elsewhere:
  lifecycle trace --replay web-0.jsonl --explain

exit status:
  0  saw every Pod to its end
  1  saw no Pod, or stopped before its end: --timeout passed, or Ctrl-C
  2  could not read the cluster, or the command line is wrong
"""


def add(commands: Any) -> None:
    trace = commands.add_parser(
        "trace",
        help="follow Pods through start and stop",
        description=(
            "Follows Pods from start to end: when each container started, ran its hooks, got its stop signal and "
            "exited,\nas a time or as the bounds within which it lies. Changes nothing without --delete."
        ),
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    trace.set_defaults(run=_run)
    trace.add_argument("pods", metavar="POD", nargs="*", help="the Pod's name")
    which = trace.add_argument_group("which Pods").add_mutually_exclusive_group()
    which.add_argument("-l", "--selector", metavar="SELECTOR", help="all Pods with these labels, as in kubectl")
    which.add_argument(
        "--next-of", metavar="KIND/NAME", help="the next Pod that a workload creates, e.g. deployment/api"
    )
    which.add_argument("--replay", metavar="FILE", type=Path, help="the Pods of a recording, without a cluster")
    trace.add_argument("--timeout", metavar="TIME", type=_seconds, help="stop after this time, e.g. 90s or 10m")
    trace.add_argument("--delete", action="store_true", help="delete the Pods as soon as it follows them; asks first")
    trace.add_argument("--yes", action="store_true", help="with --delete: do not ask first")
    shown = trace.add_argument_group("output")
    shown.add_argument("--output", choices=("text", "json"), default="text", help="output format (default: text)")
    shown.add_argument("--json", dest="output", action="store_const", const="json", help="same as --output json")
    shown.add_argument("--plain", action="store_true", help="print lines, even on a terminal")
    shown.add_argument("--explain", action="store_true", help="show the source of each figure")
    shown.add_argument("--svg", metavar="FILE", type=Path, help="draw the Pods' lives into a file")
    shown.add_argument(
        "--svg-theme",
        choices=("auto", "light", "dark"),
        default="auto",
        help="colours of the picture; auto follows the reader's browser (default: auto)",
    )
    shown.add_argument("--record", metavar="FILE", type=Path, help="record the observations in a file, for --replay")
    add_connection(trace)


def _run(args: argparse.Namespace) -> int:
    from .command import run

    return run(args)


_UNITS: Final = {"s": 1, "m": 60, "h": 3600}


def _seconds(text: str) -> float:
    """As kubectl has it: a number of seconds, or with a unit."""
    number, unit = (text[:-1], text[-1:]) if text[-1:] in _UNITS else (text, "s")
    try:
        seconds = float(number) * _UNITS[unit]
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; write e.g. 90s, 10m or 2h")
    return seconds
