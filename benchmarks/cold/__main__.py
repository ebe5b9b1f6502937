"""`python -m benchmarks.cold`: `make demo` of a fresh copy, with empty caches of Go, pip and the sandbox. Once."""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks import command
from benchmarks.figures import Column, Goal, Row, Table
from benchmarks.start.scratch import PHASES, VERIFIED, scratch
from sandbox.errors import SandboxError

CACHES: Final = ("LIFECYCLE_SANDBOX_CACHE", "GOCACHE", "GOMODCACHE", "PIP_CACHE_DIR")
GOAL_SECONDS: Final = 720
CAUSE: Final = (
    "Nearly all of it compiles Kubernetes, the Pulumi CLI and the provider. "
    "Where the CLI and the plugin are installed, two of the three builds fall away."
)


def options(parser: argparse.ArgumentParser) -> None:
    pass


def measured(args: argparse.Namespace) -> command.Found:
    with tempfile.TemporaryDirectory(prefix="benchmark-cold-") as made:
        env = {name: str(Path(made) / name) for name in CACHES}
        try:
            with scratch(env, own_environment=True) as checkout:
                found = checkout.demo(("make", "demo"))
        except SandboxError as error:
            return {"missing": [f"The cold start was not measured: {error}"]}
        finally:
            _make_removable(Path(made))
    steps = {f"build: {name}": seconds for name, seconds in found.builds.items()}
    order = [*(name for name, _ in PHASES), VERIFIED]
    phases = {name: found.phases[name] for name in order}
    rows = [Row([name], [[seconds]]) for name, seconds in {**steps, **phases, "the whole": found.whole}.items()]
    return {
        "tables": {"steps": Table(["step"], [Column("s", ",.0f")], rows)},
        "goals": [Goal("`make demo` from nothing", [found.whole], GOAL_SECONDS, CAUSE, ",.0f", "s")],
    }


def _make_removable(folder: Path) -> None:
    """Go makes the folders of what it downloads read-only."""
    for each, _, _ in os.walk(folder):
        os.chmod(each, 0o700)


if __name__ == "__main__":
    sys.exit(command.run("cold", __doc__, options, measured, repeats=1))
