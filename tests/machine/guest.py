"""Runs inside the machine, in a fresh clone: README's two commands, then `make down`. Says what became of them.

The last line is `RESULT` and JSON: how each command ended and how long it took, and what is not as it was before.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests import looks
from tests.machine.vm import BEGIN

LOOKS: dict[str, Callable[[], object]] = {
    "cgroups": looks.cgroups,
    "controllers": looks.controllers,
    "files": looks.files,
    "ip link": looks.ip_links,
    "ip route": looks.ip_routes,
    "iptables-save": looks.iptables,
    "mounts": looks.mounts,
    "sysctls": looks.sysctls,
}
# What the machine itself does meanwhile: systemd's own sessions and timers, and the lists of its package manager.
ITS_OWN = (
    *("/run/agetty", "/run/credentials/", "/run/log/", "/run/systemd/", "/run/udev/"),
    *("/dev/", "/var/lib/apt/", "/var/lib/systemd/", "/var/log/"),
)


def look() -> dict[str, object]:
    return {name: look() for name, look in LOOKS.items()}


def differences(before: dict[str, object], after: dict[str, object]) -> dict[str, list[str]]:
    """Line by line, what is gone (-) and what is new (+)."""
    found = {}
    for name in before:
        old, new = lines(before[name]), lines(after[name])
        if name == "sysctls":  # a module that the kernel has loaded meanwhile brings some of its own
            known = {each.partition(":")[0] for each in old}
            new = {each for each in new if each.partition(":")[0] in known}
        changed = [f"- {each}" for each in sorted(old - new)] + [f"+ {each}" for each in sorted(new - old)]
        if changed := [each for each in changed if not each[2:].startswith(ITS_OWN)]:
            found[name] = changed
    return found


def lines(seen: object) -> set[str]:
    if isinstance(seen, dict):
        return {f"{name}: {value}" for name, value in seen.items()}
    return {str(each).replace("/var/run/", "/run/") for each in (seen.splitlines() if isinstance(seen, str) else seen)}  # type: ignore[attr-defined]


def run(*command: str) -> dict[str, object]:
    print(f"$ {' '.join(command)}", flush=True)
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            print(line, end="", flush=True)
            said.append(line)
    return {"status": process.returncode, "seconds": round(time.monotonic() - start), "said": "".join(said)}


def main() -> None:
    print(BEGIN, flush=True)
    before = look()
    made: dict[str, object] = {"python": sys.version.split()[0], "demo": run("make", "demo")}
    made["during"] = {"controllers": looks.controllers(), "modules": sorted(looks.modules())}
    if made["demo"]["status"]:  # type: ignore[index]
        for log in sorted(Path(".sandbox/logs").glob("*.log")):
            run("tail", "-n", "40", str(log))
    os.environ["EVERY_NTH_TEST"] = "20"
    made |= {"test": run("make", "test"), "down": run("make", "down")}
    made |= {"left": differences(before, look()), "modules left": sorted(looks.modules())}
    print(f"RESULT {json.dumps(made)}", flush=True)


if __name__ == "__main__":
    main()
