"""The load's process, from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from .plan import Plan

_ROOT: Final = str(Path(__file__).resolve().parents[2])


class LoadProcess:
    """Starts at once. A thread of its own passes on what load.py writes, and at last `{"ended": True}`."""

    def __init__(self, plan: Plan, tell: Callable[[dict[str, Any]], None]) -> None:
        paths = [_ROOT, *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.load"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        self._tell = tell
        assert self._process.stdin
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{json.dumps(plan._asdict())}\n".encode())
            self._process.stdin.flush()
        self._reader = threading.Thread(target=self._read, name="load", daemon=True)
        self._reader.start()

    def stop(self) -> None:
        """It sends no more; what is under way comes to its end first."""
        assert self._process.stdin
        with suppress(OSError):
            self._process.stdin.close()

    def kill(self) -> None:
        """At once, and nothing of it stays."""
        self.stop()
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            with suppress(ValueError):
                self._tell(json.loads(line))
        self._tell({"ended": True})
