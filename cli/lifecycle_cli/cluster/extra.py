"""The commands that read a cluster need an extra, and say so where it is missing."""

import argparse
import importlib
import sys
from typing import Final

from .errors import ClusterError

NOT_JUDGED: Final = 2
HOW: Final = 'install it with: pip install "lifecycle-cli[cluster]"'


def run(module: str, args: argparse.Namespace) -> int:
    """Runs `run(args)` of a module of this package, which may need the extra `cluster`; its exit status."""
    name = str(args.command)
    try:
        command = importlib.import_module(module, __package__)
    except ModuleNotFoundError as error:
        if not error.name or error.name.partition(".")[0] not in ("kubernetes", "rich", "urllib3", "websocket"):
            raise
        print(f"lifecycle {name}: {error.name} is not installed; {HOW}", file=sys.stderr)
        return NOT_JUDGED
    try:
        return int(command.run(args))
    except ClusterError as error:
        print(f"lifecycle {name}: {error}", file=sys.stderr)
        return NOT_JUDGED
