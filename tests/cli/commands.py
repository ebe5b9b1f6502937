"""Runs the command as a shell does."""

import contextlib
import io
import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from lifecycle_cli.main import main

ROOT = Path(__file__).resolve().parents[2]


# A Deployment whose hook the API server would refuse: it sleeps longer than the grace period is.
API = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  template:
    spec:
      containers:
      - name: api
        image: ghcr.io/acme/api:2
        readinessProbe: {httpGet: {port: 80}}
        lifecycle:
          preStop:
            sleep:
              seconds: 40
"""


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
    """In a folder, without a terminal; in this process, where that is so much quicker than starting one."""
    given = io.TextIOWrapper(io.BytesIO(stdin.encode("utf-8", "surrogateescape")), encoding="utf-8")
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    before = Path.cwd()
    with mock.patch.dict(os.environ, environment(**env), clear=True), mock.patch.object(sys, "stdin", given):
        os.chdir(cwd)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                status = _status(args)
        finally:
            os.chdir(before)
    return Said(status, *(each.buffer.getvalue().decode() for each in (out, err)))  # type: ignore[attr-defined]


def _status(args: Sequence[str | Path]) -> int:
    try:
        with mock.patch.object(sys, "argv", ["lifecycle"]):
            return main([*map(str, args)])
    except SystemExit as ended:  # as argparse ends the process
        return int(ended.code or 0)


def started(*args: str | Path, cwd: Path, stdin: str = "", **env: str) -> Said:
    """The same in a process of its own."""
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
