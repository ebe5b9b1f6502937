"""The options that `check` and `audit` share: what to judge, and by which configuration."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from .outputs import LEVELS

PROFILES: Final = ("advisory", "default", "strict")


def add_selection(parser: argparse.ArgumentParser, *more_levels: str) -> None:
    """`--fail-on`, by further levels too, `--select` and `--ignore`."""
    levels = (*LEVELS[::-1], *more_levels)
    parser.add_argument(
        "--fail-on",
        choices=levels,
        default="error",
        help="the lowest level that makes the exit status 1 (default: error)",
    )
    parser.add_argument(
        "--select", metavar="RULES", action="append", default=[], help="apply only these rules or policies"
    )
    parser.add_argument("--ignore", metavar="RULES", action="append", default=[], help="skip these rules or policies")


def add_configuration(parser: argparse.ArgumentParser, start: str, version: str) -> Any:
    """The group, for more that belongs there. `start`: where the file is looked for; `version`: what it means."""
    which = parser.add_argument_group("configuration")
    which.add_argument(
        "--config",
        metavar="FILE",
        type=Path,
        help=f"configuration in the policy pack's format (default: the nearest .lifecycle.yaml, from {start} upwards)",
    )
    which.add_argument("--no-config", action="store_true", help="ignore any .lifecycle.yaml")
    which.add_argument(
        "--profile",
        choices=PROFILES,
        default="default",
        help="the settings for whatever the file leaves out (default: default)",
    )
    which.add_argument("--kubernetes", metavar="VERSION", help=version)
    return which


def names(given: Sequence[str]) -> list[str]:
    """Each of `--select a,b --select c`."""
    return [each for several in given for each in several.split(",") if each]
