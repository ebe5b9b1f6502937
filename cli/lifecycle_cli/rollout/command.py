"""`lifecycle rollout`: asks, runs, and reports."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any, Final

from ..cluster import targets
from ..cluster.access import Cluster
from ..cluster.errors import ClusterError
from ..cluster.selectors import selected
from . import report
from .plan import Plan, PlanError
from .session import Seen, Session

LOST, NOT_JUDGED = 1, 2
ROLLED: Final = ("Deployment", "StatefulSet", "DaemonSet")


def run(args: argparse.Namespace) -> int:
    """The exit status. Raises ClusterError where nothing could be begun."""
    try:
        kind, name = target(args.target)
        plan = planned(args)
        plan.check()
    except PlanError as error:
        return _wrong(str(error))
    cluster = Cluster.connect(args.kubeconfig, args.context, args.namespace)
    workload = cluster.get(kind, name, cluster.namespace)
    what = f"{kind} {cluster.namespace}/{name}"
    if not selected(workload):
        return _wrong(f"{what} selects no Pods")
    if workload["spec"].get("paused"):
        return _wrong(f"{what} is paused: kubectl rollout resume {args.target}")
    if strategy := _no_rollout(kind, workload):
        return _wrong(f"{what}: {strategy}")
    if not args.watch_only and not args.yes and not _agreed(what, plan):
        return _wrong("nothing was restarted or sent; --yes restarts without asking")
    out = sys.stderr if args.output == "json" else sys.stdout
    shown = report.Rows(out)
    session = Session(
        cluster,
        kind,
        {**workload, "kind": kind},
        plan,
        watch_only=args.watch_only,
        calm=args.calm,
        settle=args.settle,
        requests=args.requests,
        show=shown.row,
        note=shown.note,
    )
    shown.begin(what, plan)
    try:
        seen = session.run()
    except KeyboardInterrupt:
        shown.interrupted(session.seen)
        raise
    result = report.Result.of(what, kind, session.workload, plan, seen)
    if args.svg:
        _draw(args, result)
    if args.output == "json":
        print(json.dumps(result.as_json(), indent=2))
    else:
        sys.stdout.write(result.as_text())
    for each in seen.problems:
        print(f"lifecycle rollout: {each}", file=sys.stderr)
    return status(seen, result)


def status(seen: Seen, result: report.Result) -> int:
    """1 where a request was lost once the rollout had begun; 2 where none was, but that cannot be relied upon."""
    if seen.restarted is not None and result.blamed:
        return LOST
    return NOT_JUDGED if seen.problems or result.unkept or not seen.answers else 0


def target(text: str) -> targets.Target:
    """The workload that rolls. Raises PlanError."""
    try:
        found = targets.target(text)
    except targets.TargetError as error:
        raise PlanError(str(error)) from None
    if found.kind not in ROLLED or not found.name:
        raise PlanError(f"{text}: give deploy/NAME, sts/NAME or ds/NAME")
    return found


def planned(args: argparse.Namespace) -> Plan:
    """The load of a command line."""
    kept = 0.5 if args.keep_alive is None else float(args.keep_alive)
    return Plan(
        args.url,
        args.rate,
        args.duration,
        args.connections,
        kept,
        args.timeout,
        args.long_url,
        args.long_rate if args.long_url else 0.0,
        args.long_timeout,
        args.insecure,
    )


def _no_rollout(kind: str, workload: dict[str, Any]) -> str:
    spec = workload["spec"]
    if kind != "DaemonSet" and spec.get("replicas", 1) == 0:
        return "it has 0 replicas, so there is nothing to roll"
    if kind != "Deployment" and (spec.get("updateStrategy") or {}).get("type") == "OnDelete":
        return (
            "its update strategy is OnDelete: a restart replaces no Pods. Use --watch-only, and delete the Pods "
            "yourself"
        )
    return ""


def _agreed(what: str, plan: Plan) -> bool:
    if not sys.stdin.isatty():
        return False
    print(
        f"Restart the rollout of {what}, and send up to {plan.most:,} requests to {plan.url}? [y/N] ",
        end="",
        flush=True,
    )
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _draw(args: argparse.Namespace, result: report.Result) -> None:
    from .picture import drawn

    try:
        args.svg.write_text(drawn(result))
    except OSError as error:
        raise ClusterError(f"{args.svg}: {error.strerror}") from None


def _wrong(text: str) -> int:
    print(f"lifecycle rollout: {text}", file=sys.stderr)
    return NOT_JUDGED
