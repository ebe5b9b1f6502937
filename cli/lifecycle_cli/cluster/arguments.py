"""The options that every command uses to find its cluster: kubectl's own."""

import argparse
from typing import Any


def add_connection(parser: argparse.ArgumentParser) -> Any:
    """The group of options, for more that belong there."""
    group = parser.add_argument_group("cluster")
    group.add_argument("--kubeconfig", metavar="FILE", help="default: $KUBECONFIG, or ~/.kube/config")
    group.add_argument("--context", metavar="NAME", help="default: the kubeconfig's current context")
    group.add_argument("-n", "--namespace", metavar="NS", help="default: the context's namespace")
    return group
