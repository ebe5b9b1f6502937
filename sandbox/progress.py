"""Says what is going on: a line for each step, with the time it took."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

QUIET_SECONDS: Final = 20  # a log, unlike a terminal, gets a sign of life this often


def say(line: str) -> None:
    print(line, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Prints `what` and the elapsed time: ticking on a terminal, every 20 seconds in a log."""
    start = time.monotonic()
    done = threading.Event()
    live = sys.stdout.isatty()
    home = "\r" if live else ""

    def tick() -> None:
        while not done.wait(1 if live else QUIET_SECONDS):
            elapsed = f"{what} … {time.monotonic() - start:.0f} s"
            print(f"{home}{elapsed}", end="" if live else "\n", flush=True)

    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield
    except BaseException:
        done.set()
        ticker.join()
        print(f"{home}{what}: stopped after {time.monotonic() - start:.1f} s", flush=True)
        raise
    done.set()
    ticker.join()
    print(f"{home}{what}: {time.monotonic() - start:.1f} s", flush=True)
