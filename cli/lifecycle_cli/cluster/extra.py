"""The commands that read a cluster need an extra, and say so where it is missing."""

import argparse
import importlib
import sys
from typing import Final

from .errors import ClusterError

NOT_JUDGED: Final = 2
_PACKAGES: Final = ("kubernetes", "rich", "urllib3", "websocket")


def lacks(package: str) -> str:
    """What is said where a package of the extra is not there."""
    return f'{package} is not installed; install it with: pip install "lifecycle-cli[cluster]"'


def run(module: str, args: argparse.Namespace) -> int:
    """Runs `run(args)` of a module of this package, which may need the extra `cluster`; its exit status."""
    name = str(args.command)
    try:
        command = importlib.import_module(module, __package__)
    except ModuleNotFoundError as error:
        if (missing := (error.name or "").partition(".")[0]) not in _PACKAGES:
            raise
        print(f"lifecycle {name}: {lacks(missing)}", file=sys.stderr)
        return NOT_JUDGED
    try:
        return int(command.run(args))
    except ClusterError as error:
        print(f"lifecycle {name}: {error}", file=sys.stderr)
        return NOT_JUDGED
