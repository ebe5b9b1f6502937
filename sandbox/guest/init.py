"""PID 1 of the node: starts the parts of node.json, each with a log of its own, and reaps what they leave.

The node is all of its parts or nothing: the first part to end ends the node, and `ended` in the
folder of the logs says which it was and how. Standard library only: this runs on the node's own Python.
"""

import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Sequence
from typing import Any

CONFIG = "/etc/sandbox"
LOGS = "/var/log/sandbox"
API = "https://127.0.0.1:6443/readyz"
LISTENER = 3  # the descriptor on which a part that asks for it finds the listening socket
POLL_SECONDS = 0.05


class Parts:
    """The started parts, by process id."""

    def __init__(self, listener: int) -> None:
        os.set_inheritable(listener, False)
        self.listener = listener
        self.names: dict[int, str] = {}

    def start(self, name: str, argv: list[str], listens: bool = False) -> None:
        log = os.path.join(LOGS, f"{name}.log")
        actions: list[Any] = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        if listens:
            actions.append((os.POSIX_SPAWN_DUP2, self.listener, LISTENER))
        self.names[os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions)] = name


def end(why: str) -> None:
    """Ends the node: when PID 1 goes, the kernel kills all that is left in its namespace."""
    with open(os.path.join(LOGS, "ended"), "w") as file:
        file.write(f"{why}\n")
    os._exit(1)


def api_ready() -> bool:
    context = ssl.create_default_context(cafile=f"{CONFIG}/ca.crt")
    try:
        with urllib.request.urlopen(API, context=context, timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def start_all(parts: Parts, specs: Sequence[dict[str, Any]]) -> None:
    try:
        for wanted in (False, True):
            for spec in specs:
                if spec["needs_api"] == wanted:
                    parts.start(spec["name"], spec["argv"], spec.get("listens", False))
            while not wanted and not api_ready():
                time.sleep(POLL_SECONDS)
    except BaseException as error:  # a thread's error would be printed, and the node left half started
        end(f"the node did not start: {error}")


def main() -> None:
    with open(f"{CONFIG}/node.json") as file:
        spec = json.load(file)
    signal.signal(signal.SIGTERM, lambda *_: end("SIGTERM"))
    os.environ |= {"PATH": "/opt/kubernetes:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
    for command in spec["network"]:
        subprocess.run(command, check=True)
    for path, text in spec["files"].items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
    parts = Parts(int(sys.argv[1]))
    # A part may end before the rest has started: this thread has to wait for it from the first on.
    threading.Thread(target=start_all, args=(parts, spec["parts"]), daemon=True).start()
    while True:
        try:
            pid, status = os.waitpid(-1, 0)
        except ChildProcessError:  # none started yet
            time.sleep(POLL_SECONDS)
            continue
        time.sleep(0)  # let the starter note the process id that it has just got
        if name := parts.names.get(pid):
            code = os.waitstatus_to_exitcode(status)
            how = f"was killed by signal {-code}" if code < 0 else f"ended with status {code}"
            end(f"{name} {how}")


try:
    main()
except BaseException as error:
    end(f"the node did not start: {error!r}")
