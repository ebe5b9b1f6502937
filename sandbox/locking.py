"""Locks between commands: one waits for the other, and says so."""

import fcntl
from typing import IO

from sandbox.progress import step


def hold(lock: IO[str], while_waiting: str) -> None:
    """Locks an open file until it is closed, or its process ends."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        with step(while_waiting):
            fcntl.flock(lock, fcntl.LOCK_EX)
