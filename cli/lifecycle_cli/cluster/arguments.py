"""The options by which every command finds its cluster: kubectl's own."""

import argparse
from typing import Any


def add_connection(parser: argparse.ArgumentParser) -> Any:
    """The group of options, for more that belong there."""
    group = parser.add_argument_group("cluster")
    group.add_argument("--kubeconfig", metavar="FILE", help="default: $KUBECONFIG, or ~/.kube/config")
    group.add_argument("--context", metavar="NAME", help="default: the current one of the kubeconfig")
    group.add_argument("-n", "--namespace", metavar="NS", help="default: that of the context")
    return group
