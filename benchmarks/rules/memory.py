"""`python -m benchmarks.rules.memory OBJECTS how`: the memory that `check` needs, as JSON.

A process of its own for each figure, since neither a peak nor what an allocator has kept can be taken back.
`traced` is tracemalloc's, which sees what Python allocated and costs memory itself; `whole` is the process.
"""

import gc
import json
import resource
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Final

from .manifests import Supply
from .work import check_all

BATCH: Final = 1000
WHOLE: Final = "whole"
TRACED: Final = "traced"


def measured(objects: int, how: str) -> dict[str, int]:
    command = [sys.executable, "-m", __spec__.name, str(objects), how]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, int] = json.loads(done.stdout)
    return found


def traced(objects: int) -> dict[str, int]:
    """The bytes that `check` itself had at most while it went over a batch, and those still held after the last."""
    supply = Supply()
    check_all(supply.take(BATCH))  # what is made once, as the parser, is no growth
    tracemalloc.start()
    gc.collect()
    at_first, _ = tracemalloc.get_traced_memory()
    peak = 0
    for done in range(0, objects, BATCH):
        batch = supply.take(min(BATCH, objects - done))
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        check_all(batch)
        peak = max(peak, tracemalloc.get_traced_memory()[1] - before)
    del batch
    gc.collect()
    return {"peak": peak, "kept": tracemalloc.get_traced_memory()[0] - at_first}


def whole(objects: int) -> dict[str, int]:
    """The process's peak in bytes after the first batch, and after all of them."""
    supply = Supply()
    check_all(supply.take(BATCH))
    at_first = peak_rss()
    for done in range(0, objects, BATCH):
        check_all(supply.take(min(BATCH, objects - done)))
    return {"first": at_first, "peak": peak_rss()}


def peak_rss() -> int:
    """On Linux getrusage counts the parent's peak in, where the parent lent its memory for the start (vfork)."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (each for each in status.read_text().splitlines() if each.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # in bytes on macOS, which has no /proc


if __name__ == "__main__":
    print(json.dumps({WHOLE: whole, TRACED: traced}[sys.argv[2]](int(sys.argv[1]))))
