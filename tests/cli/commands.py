"""Runs the command as a shell does."""

import contextlib
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Said(NamedTuple):
    """What came of a command."""

    status: int
    out: str
    err: str


PATHS = os.pathsep.join(str(ROOT / each) for each in ("cli", "policies", "components"))
COMMAND = [sys.executable, "-m", "lifecycle_cli"]


def environment(**env: str) -> dict[str, str]:
    """Without colours that somebody has asked for, and with the packages of this checkout."""
    plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    return {**plain, "PYTHONPATH": PATHS, **env}


def lifecycle(*args: str | Path, cwd: Path, stdin: str = "", **env: str) -> Said:
    """In a folder, without a terminal."""
    command = [*COMMAND, *map(str, args)]
    done = subprocess.run(
        command, cwd=cwd, input=stdin, capture_output=True, text=True, check=False, env=environment(**env)
    )
    return Said(done.returncode, done.stdout, done.stderr)


def on_a_terminal(*args: str, cwd: Path, **env: str) -> str:
    """What it writes to a terminal."""
    main, other = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *args], cwd=cwd, stdout=other, stderr=other, env=environment(TERM="xterm", **env)
    )
    os.close(other)
    said = b""
    with contextlib.suppress(OSError):  # the terminal is gone when the process is
        while piece := os.read(main, 65536):
            said += piece
    process.wait()
    os.close(main)
    return said.decode().replace("\r\n", "\n")
