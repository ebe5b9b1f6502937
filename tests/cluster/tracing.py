"""`lifecycle trace` beside a test, and what it recorded."""

import os
import subprocess
import sys
from pathlib import Path

from cluster import Cluster

from lifecycle_cli.trace.life import Life
from lifecycle_cli.trace.recording import read
from tests.cli.trace.recorded import lives

ROOT = Path(__file__).resolve().parents[2]


def start(cluster: Cluster, args: list[str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "lifecycle_cli", "trace", *args]
    connection = ["--kubeconfig", str(cluster.node.kubeconfig), "--namespace", cluster.namespace]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / each) for each in ("cli", "policies", "components"))}
    return subprocess.Popen([*command, *connection], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)


def recorded(recording: Path) -> Life:
    """The one life in a recording."""
    (life,) = lives(read(recording)[1])
    return life


def is_in_order(life: Life, order: list[tuple[str, str]]) -> None:
    """No bounds contradict it."""
    last = -float("inf")
    for row, what in order:
        rows = [each for each in life.rows if each.name == row and (row or each.role == "pod")]
        mark = next((each for each in rows[0].marks if each.what == what), None)
        assert mark, f"{row} {what} was not seen"
        assert mark.at.latest is not None and mark.at.latest >= last, (row, what)
        last = max(last, mark.at.earliest if mark.at.earliest is not None else last)
