"""The command line of `audit`; it imports nothing that is large."""

import argparse
import gc
from typing import Any, Final

from .. import options
from ..cluster import extra
from ..cluster.arguments import add_connection

NEVER: Final = "never"
OUTPUTS: Final = ("wide", "json", "yaml")
SORTS: Final = ("name", "left", "grace", "restarts", "failures", "findings")
_EXAMPLES: Final = """\
examples:
  lifecycle audit                         the workloads of the context's namespace, one line per container
  lifecycle audit -A --sort findings      all namespaces, the worst first
  lifecycle audit deploy sts -l app=shop  all Deployments and StatefulSets with a label
  lifecycle audit deploy/api              what happens from second to second when one of its Pods is deleted
  lifecycle audit deploy/api --explain    with the field, event or rule behind each figure
  lifecycle audit -A -o json --fail-on never > hooks.json

It only reads. If RBAC forbids something, it names the rule to add and shows the rest.

exit status:
  0  no finding at or above --fail-on
  1  at least one such finding
  2  something could not be read or checked, or the command line or the configuration is wrong
"""


def add(commands: Any) -> None:
    """The command among the others."""
    audit = commands.add_parser(
        "audit",
        help="show the hooks of a live cluster",
        description=(
            "Shows the lifecycle hooks of a cluster's workloads: how long they take, what they leave of the grace "
            "period, whether they failed, and what is wrong with them. For a single workload it tells the whole story "
            "in sentences."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    audit.set_defaults(run=_run, command="audit")
    audit.add_argument(
        "targets",
        metavar="KIND[/NAME]",
        nargs="*",
        help="a workload, e.g. deploy/api, or a kind, e.g. deploy for all Deployments",
    )
    audit.add_argument(
        "-o",
        "--output",
        choices=OUTPUTS,
        help="wide: all columns; json, yaml: data (default: a table, or sentences for one workload)",
    )
    audit.add_argument("--sort", choices=SORTS, default="name", help="order of the rows (default: name)")
    audit.add_argument("--explain", action="store_true", help="show the field, event or rule behind each figure")
    options.add_selection(audit, NEVER)
    cluster = add_connection(audit)
    cluster.add_argument("-A", "--all-namespaces", action="store_true", help="show the workloads of all namespaces")
    cluster.add_argument("-l", "--selector", metavar="SELECTOR", help="only workloads with these labels, e.g. app=shop")
    options.add_configuration(audit, "this folder", "check against this Kubernetes version (default: the cluster's)")


def _run(args: argparse.Namespace) -> int:
    gc.disable()  # it would look at each of a page's million values again and again, and finds no cycle in them
    try:
        return extra.run("..audit.command", args)
    finally:
        gc.enable()
