"""The command line of `lifecycle trace`; what does the work is imported when it is run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from ..cluster.arguments import add_connection

EXAMPLES: Final = """\
examples:
  lifecycle trace web-0                             until it is gone, or has completed
  lifecycle trace web-0 --delete --svg web-0.svg    deletes it (asks first), and draws its end
  lifecycle trace -l app=web --timeout 5m           all Pods with a label, also those that come later
  lifecycle trace --next-of deployment/api          the next Pod that it makes
  lifecycle trace web-0 --record web-0.jsonl        to look at it again elsewhere:
  lifecycle trace --replay web-0.jsonl --explain

exit status:
  0  seen to its end
  1  nothing was seen, or --timeout was over, or Ctrl-C came, before its end
  2  the cluster cannot be read, or the command line is wrong
"""


def add(commands: Any) -> None:
    trace = commands.add_parser(
        "trace",
        help="follow Pods through start and stop",
        description="Follows Pods from their start to their end: each container's start, hooks, stop signal and exit,\n"
        "when it was, or between which bounds. Changes nothing, unless --delete says so.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    trace.set_defaults(run=_run)
    trace.add_argument("pods", metavar="POD", nargs="*", help="its name")
    which = trace.add_argument_group("which Pods").add_mutually_exclusive_group()
    which.add_argument("-l", "--selector", metavar="SELECTOR", help="those with these labels, as kubectl has it")
    which.add_argument("--next-of", metavar="KIND/NAME", help="the next one that a workload makes, e.g. deployment/api")
    which.add_argument("--replay", metavar="FILE", type=Path, help="those of a recording, without a cluster")
    trace.add_argument("--timeout", metavar="TIME", type=_seconds, help="end after this time, e.g. 90s or 10m")
    trace.add_argument("--delete", action="store_true", help="delete the Pods, once they are followed; asks first")
    trace.add_argument("--yes", action="store_true", help="with --delete: do not ask")
    shown = trace.add_argument_group("output")
    shown.add_argument("--output", choices=("text", "json"), default="text", help="the form of what is written (text)")
    shown.add_argument("--json", dest="output", action="store_const", const="json", help="the same as --output json")
    shown.add_argument("--plain", action="store_true", help="lines, also on a terminal")
    shown.add_argument("--explain", action="store_true", help="list what each figure comes from")
    shown.add_argument("--svg", metavar="FILE", type=Path, help="draw it into a file")
    shown.add_argument(
        "--svg-theme", choices=("auto", "light", "dark"), default="auto", help="auto: as the reader's browser has it"
    )
    shown.add_argument("--record", metavar="FILE", type=Path, help="write what was observed into a file")
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
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write e.g. 90s, 10m or 2h")
    return seconds
