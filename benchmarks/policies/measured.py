"""Runs a command; prints its seconds on the clock, the CPU seconds of it and its children, and the pack's peak in MiB.

The pack is a process of its own; its peak is looked at twenty times a second.
"""

import json
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path


def peak(pack: str) -> float:
    """The highest so far of the pack's process, which runs in its folder, in MiB; 0 where there is none."""
    peaks = [0.0]
    for each in Path("/proc").glob("[0-9]*"):
        try:
            if b"pulumi.policy" in (each / "cmdline").read_bytes() and (each / "cwd").samefile(pack):
                peaks.append(int((each / "status").read_text().partition("VmHWM:")[2].split()[0]) / 1024)
        except (OSError, IndexError):
            pass  # it has ended
    return max(peaks)


def main() -> None:
    pack = sys.argv[sys.argv.index("--policy-pack") + 1]
    start = time.perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peaks, ended = [0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            peaks.append(peak(pack))

    watching = threading.Thread(target=watch)
    watching.start()
    process.wait()
    wall = time.perf_counter() - start
    ended.set()
    watching.join()
    took = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps([wall, took.ru_utime + took.ru_stime, max(peaks)]))


if __name__ == "__main__":
    main()
