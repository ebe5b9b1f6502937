"""`lifecycle audit`: reads the cluster, judges, and writes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from ..cluster.access import Cluster
from ..cluster.errors import ForbiddenError
from ..cluster.targets import Target, TargetError, target
from ..configuration import Configuration, ConfigurationError, configuration, discovered
from ..options import names
from ..outputs import LEVELS
from ..progress import Line
from . import data, summary
from .arguments import NEVER
from .explaining import explained
from .judging import Judging, known_version
from .reading import Reader
from .style import Style, printable
from .table import table
from .workloads import Workload, Workloads, sorted_by

FOUND: Final = 1
NOT_SEEN: Final = 2


def run(args: argparse.Namespace) -> int:
    """The exit status."""
    try:
        targets = [target(each) for each in args.targets]
        _refuse(args, targets)
        settings = _configuration(args, args.kubernetes)  # before anything is asked of the cluster
    except (TargetError, ConfigurationError) as error:
        return _wrong(str(error))
    return _audit(args, targets, settings)


def _refuse(args: argparse.Namespace, targets: Sequence[Target]) -> None:
    named = [each for each in targets if each.name]
    if named and len(named) != len(targets):
        raise TargetError("name either workloads or kinds, not both")
    if named and (args.all_namespaces or args.selector):
        option = "-A" if args.all_namespaces else "-l"
        raise TargetError(f"{option}: a named workload is in one namespace; use -n")


def _configuration(args: argparse.Namespace, version: str | None) -> Configuration:
    file = args.config or (None if args.no_config else discovered(Path.cwd()))
    return configuration(file, args.profile, version, names(args.select), names(args.ignore))


def _audit(args: argparse.Namespace, targets: Sequence[Target], settings: Configuration) -> int:
    cluster = Cluster.connect(args.kubeconfig, args.context, args.namespace)
    notes: list[str] = []
    version = args.kubernetes
    try:
        told = cluster.version()
    except ForbiddenError as error:
        notes.append(str(error))
        told = ""
    if version is None:
        version, note = known_version(told)
        notes += [note] if note else []
        settings = _configuration(args, version)
    judging = Judging(settings)
    names = [each for each in targets if each.name]
    is_told = len(names) == 1 and args.output is None
    workloads = Workloads(judging.judge, keeps_specs=is_told)
    namespace = None if args.all_namespaces else cluster.namespace
    line = Line()
    reader = Reader(cluster, workloads, namespace, line.tell)
    try:
        if names:
            reader.named(names)
        else:
            reader.everything([each.kind for each in targets], args.selector)
    finally:
        line.done()
    found = sorted_by(workloads, args.sort)
    missing = reader.read.missing
    notes += [*judging.notes, *judging.ledger.of_configuration()]
    if args.output in ("json", "yaml"):
        about = {"server": cluster.server, "kubernetes": told or None, "namespace": namespace, "notes": notes}
        sys.stdout.write(data.written(args.output, data.report(found, workloads.unknown, missing, about)))
    else:
        if found:
            _write(args, found, workloads, is_told=is_told)
        elif not missing:
            print(f"No resources found{f' in {namespace} namespace' if namespace else ''}.", file=sys.stderr)
        for note in notes:
            print(f"note: {printable(note)}", file=sys.stderr)
    sys.stdout.flush()
    for need in missing:
        print(f"not seen: {need}", file=sys.stderr)
    if missing:
        return NOT_SEEN
    return _status(args.fail_on, found)


def _write(args: argparse.Namespace, found: Sequence[Workload], workloads: Workloads, *, is_told: bool) -> None:
    style = Style.of_output()
    if is_told:
        from .telling import told

        lines: Iterable[str] = told(found[0], style, explains=args.explain)
    else:
        lines = [
            *table(found, style, is_wide=args.output == "wide", has_namespaces=args.all_namespaces),
            *(explained(found, style) if args.explain else ()),
            "",
            *summary.lines(found, workloads.unknown, style),
        ]
    sys.stdout.write("\n".join(lines) + "\n")


def _status(fail_on: str, found: Sequence[Workload]) -> int:
    if fail_on == NEVER:
        return 0
    at = LEVELS.index(fail_on)
    return FOUND if any(LEVELS.index(each.level) <= at for workload in found for each in workload.findings) else 0


def _wrong(message: str) -> int:
    print("\n".join(f"lifecycle audit: {line}" for line in message.splitlines()), file=sys.stderr)
    return NOT_SEEN
