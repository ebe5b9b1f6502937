"""How a figure is taken: CPU seconds, medians, and ratios of what ran side by side; and on what machine."""

import gc
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from sandbox.errors import SandboxError

GIB: Final = 1 << 30
MIB: Final = 1 << 20


class Took(NamedTuple):
    """What one run took: CPU seconds over all cores, which other processes disturb less, and seconds on the clock."""

    cpu: float
    wall: float


class Ran(NamedTuple):
    """Of a process and those that it started: seconds on the clock, CPU seconds, the largest one's peak in bytes."""

    wall: float
    cpu: float
    peak: int


def ran(command: Sequence[str | Path], output: Path) -> Ran:
    """Of a checker of manifests, whose status 0 and 1 are answers; raises SandboxError with its words for others."""
    with output.open("wb") as out:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE)
        assert process.stderr
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stderr.close()
    if process.returncode not in (0, 1) or said:  # 1: it found something; a failure of its own it tells on stderr
        name = Path(command[0]).name
        raise SandboxError(f"{name} ended with status {process.returncode}:\n{said.decode(errors='replace')}")
    return Ran(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10)


def took(work: Callable[[], object]) -> Took:
    """Of one call. What was made before it is collected first, so that it pays for none of that."""
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return Took(time.process_time() - cpu, time.perf_counter() - wall)


def ratios(over: Sequence[float], under: Sequence[float]) -> list[float]:
    """Repeat by repeat, for the machine's speed drifts, and both sides of one repeat ran right after each other."""
    return [a / b for a, b in zip(over, under, strict=True)]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def machine() -> str:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return (
        f"{os.cpu_count()} cores, {memory / GIB:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}"
    )


def load() -> float:
    """How many processes wanted a core over the last minute, this one among them."""
    return os.getloadavg()[0]


def say(line: str) -> None:
    """Of the progress."""
    print(line, file=sys.stderr, flush=True)
