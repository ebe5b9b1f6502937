"""`rollout`: examples/rollout rolled under load, again and again; and `rollout --sweep`, how long the delay must be.

The load is `lifecycle rollout`, run as a program inside the node's network: its traffic reaches the node's own Services
and nothing else. All it counts comes from that program's JSON.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sandbox import layout
from sandbox import node as nodes
from sandbox.certificates import private_file
from sandbox.engine import engine, find_cli, may_build
from sandbox.errors import SandboxError
from sandbox.node import Node
from sandbox.progress import say

EXAMPLE: Final = "examples/rollout"
WITHOUT: Final = "without-hook"
WAYS: Final = {
    WITHOUT: "none",
    "drain-delay": "hooks.drain_delay()",
    "nginx-graceful": "hooks.nginx_graceful(drain_seconds=5)",
}
"""The Deployments of the example, with the preStop of each."""
TRAFFIC: Final = {"fresh": "a connection each", "kept": "kept connections", "long": "3 s requests"}
RUN_SECONDS: Final = 120  # of one rollout and its load, at the most
TRIES: Final = 5
ANSWERED: Final = (0, 1)  # exit statuses with a report: nothing lost, something lost


@dataclass
class Row:
    """All rollouts of one preStop."""

    pre_stop: str
    sent: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    rollouts: int = 0
    with_loss: int = 0
    last: float = 0.0
    """Of the lost requests, the latest: seconds after the deletion of its Pod was asked."""

    def add(self, report: dict[str, Any]) -> None:
        self.rollouts += 1
        self.with_loss += bool(report["losses"])
        for name, of in report["traffic"].items():
            self.sent[name] += of["sent"]
            self.lost[name] += of["lost"]
            self.kinds.update(of["lostByKind"])
        self.last = max([self.last, *(each["since"].get("deletion asked", 0.0) for each in report["losses"])])


def rollout(node: Node, args: argparse.Namespace) -> int:
    """Prints the table; 0 where nothing was lost with a hook, else 1."""
    program = lifecycle()
    nodes.up(node, also=may_build())
    made = engine(node.root, find_cli(), node.kubeconfig, node.root / EXAMPLE)
    if status := made.run("up"):
        return status
    folder = node.state / "rollout"
    folder.mkdir(mode=0o700, exist_ok=True)
    kubeconfig = inner_kubeconfig(node, folder)
    rows = []
    for name in args.ways or WAYS:
        row = Row(WAYS[name])
        address = service_address(node, name)
        count = args.without if name == WITHOUT else args.rollouts
        for number in range(1, count + 1):
            file = folder / f"{name}-{number}"
            load = ["--rate", f"{args.rate:g}", "--requests", str(args.requests)]
            row.add(roll(node, program, kubeconfig, name, address, file, load))
            say(f"{name} {number}/{count}: {row.lost.total()} of {row.sent.total():,} requests lost")
        rows.append(row)
    say("\n" + "\n".join(table(rows)))
    return int(any(row.lost.total() for row in rows if row.pre_stop != WAYS[WITHOUT]))


def table(rows: Sequence[Row]) -> Iterator[str]:
    """In Markdown."""
    heads = ["preStop", "rollouts", "requests", *(f"lost, {each}" for each in TRAFFIC.values())]
    yield f"| {' | '.join([*heads, 'how', 'rollouts with a loss', 'latest loss'])} |"
    yield "|---|" + "---:|" * (len(heads) - 1) + "---|---:|---:|"
    for row in rows:
        lost = [f"{row.lost[each]} of {row.sent[each]:,}" for each in TRAFFIC]
        how = ", ".join(f"{count} {kind}" for kind, count in row.kinds.most_common()) or "none"
        last = f"{row.last:.2f} s" if row.last else "none"
        cells = [row.pre_stop, str(row.rollouts), f"{row.sent.total():,}", *lost, how, str(row.with_loss), last]
        yield f"| {' | '.join(cells)} |"


def inner_kubeconfig(node: Node, folder: Path) -> Path:
    """The admin's kubeconfig as it holds inside the node's network."""
    config = json.loads(node.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = layout.API
    path = folder / "kubeconfig"
    path.unlink(missing_ok=True)
    private_file(path, json.dumps(config).encode())
    return path


def inside(node: Node) -> list[str]:
    """Before a command: runs it in the node's network."""
    return ["nsenter", "--target", str(node.init()), "--net"]


def roll(
    node: Node, program: str, kubeconfig: Path, name: str, address: str, file: Path, load: Sequence[str]
) -> dict[str, Any]:
    """One rollout of a Deployment; the report, which `file` keeps, too. Raises SandboxError where none came."""
    long = ["--long-url", f"http://{address}/long", "--long-rate", "5"]
    where = ["--kubeconfig", str(kubeconfig), "--url", f"http://{address}/"]
    command = [
        program,
        "rollout",
        f"deploy/{name}",
        "--yes",
        *where,
        *load,
        *long,
        "--duration",
        str(RUN_SECONDS),
        "-o",
        "json",
    ]
    command += ["--svg", f"{file}.svg"]
    for _ in range(TRIES):
        done = subprocess.run([*inside(node), *command], capture_output=True, text=True, check=False)
        file.with_suffix(".log").write_text(done.stderr)
        if done.returncode in ANSWERED:
            break
        say(f"{name}: not judged, so rolled again: {_why(done)}")
    else:
        raise SandboxError(
            f"{file}.log: lifecycle rollout could not judge deploy/{name} in {TRIES} tries: {_why(done)}"
        )
    file.with_suffix(".json").write_text(done.stdout)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _why(done: "subprocess.CompletedProcess[str]") -> str:
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return done.stderr.strip().rpartition("\n")[2]
    return str(report["rateNotKept"] or report["problems"])


def service_address(node: Node, name: str) -> str:
    done = subprocess.run(
        nodes.kubectl(node, ["get", "service", name, "-o", "jsonpath={.spec.clusterIP}"]),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SandboxError(done.stderr.strip())
    return done.stdout


def lifecycle() -> str:
    program = shutil.which("lifecycle", path=str(Path(sys.executable).parent))
    if not program:
        raise SandboxError("lifecycle: not found beside this Python. `make rollout` installs it into .venv.")
    return program
