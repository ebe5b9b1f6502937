"""A copy of the checkout with a node of its own, and its demo timed phase by phase.

What is timed is read off what `demo` prints, line by line as it comes. A node that runs in the checkout is not touched.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.command import ROOT
from benchmarks.measure import say
from sandbox.errors import SandboxError

# Each phase with the line that it ends with; the last ends with the command.
NODE, UP, VERIFIED = "the node, until it is Ready", "`pulumi up` with the policies", "the page's check, and the trace"
ENVIRONMENT: Final = "the environment, and Python's start"
PHASES: Final = (
    (ENVIRONMENT, re.compile(r"machine: ")),
    (NODE, re.compile(r"node: (?:Ready after|already up)")),
    (UP, re.compile(r"As on the page: ")),
)
BUILT: Final = re.compile(r"(\S+): ([\d.]+) s")  # a step of the cache: `kubernetes-v1.37.2: 353.0 s`
_TOLD: Final = re.compile(r"\S.*(?:: [\d.]+|… \d+) s")  # a step that has ended, or is under way
_IGNORED: Final = shutil.ignore_patterns(
    ".git", ".venv*", ".sandbox", "__pycache__", "build", "dist", ".*_cache", "*.egg-info", "Pulumi.*.yaml"
)


@dataclass(frozen=True)
class Ran:
    """Seconds of a whole command, of its phases without the builds, and of each build."""

    whole: float
    phases: Mapping[str, float]
    builds: Mapping[str, float]


class Scratch:
    """A copy of the checkout; `env` is added to the environment of its commands."""

    def __init__(self, root: Path, env: Mapping[str, str]) -> None:
        self._root = root
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self._env = {**kept, "PYTHONUNBUFFERED": "1", **env}

    def demo(self, command: Sequence[str] = (sys.executable, "-m", "sandbox", "demo")) -> Ran:
        """Raises SandboxError with its last words where it fails."""
        start = time.perf_counter()
        lines: list[tuple[float, str]] = []
        with self._started(command) as process:
            assert process.stdout
            for line in process.stdout:
                lines.append((time.perf_counter() - start, line.strip()))
                if _TOLD.fullmatch(line.strip()):
                    say(f"  {line.strip()}")
        if process.returncode:
            said = "\n".join([line for _, line in lines if line and not _TOLD.fullmatch(line)][-5:])
            raise SandboxError(f"{' '.join(command[-2:])} ended with status {process.returncode}:\n{said}")
        return phases(lines, time.perf_counter() - start)

    def down(self) -> None:
        with self._started((sys.executable, "-m", "sandbox", "down")) as process:
            process.communicate()

    def _started(self, command: Sequence[str]) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            command,
            cwd=self._root,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@contextlib.contextmanager
def scratch(env: Mapping[str, str] | None = None, *, own_environment: bool = False) -> Iterator[Scratch]:
    """Its node is down at the end, and the copy gone. `own_environment`: without a .venv, which `make` then makes."""
    with tempfile.TemporaryDirectory(prefix="benchmark-start-") as made:
        root = Path(made) / "checkout"
        shutil.copytree(ROOT, root, ignore=_IGNORED, symlinks=True)
        if not own_environment:
            (root / ".venv").symlink_to(sys.prefix)
        found = Scratch(root, env or {})
        try:
            yield found
        finally:
            found.down()


def phases(lines: Sequence[tuple[float, str]], whole: float) -> Ran:
    """Of what a demo printed, each line with the second at which it came."""
    builds: dict[str, float] = {}
    found: dict[str, float] = {}
    left = list(PHASES)
    begun = built = 0.0
    for second, line in lines:
        if step := BUILT.fullmatch(line):
            builds[step[1]] = float(step[2])
            built += builds[step[1]]
        elif left and left[0][1].match(line):
            found[left.pop(0)[0]] = second - begun - built
            begun, built = second, 0.0
    found[VERIFIED] = whole - begun - built
    return Ran(whole, found, builds)
