"""`rollout --sweep`: how long a preStop must delay, measured.

Each delay from 0 to 10 s under a load of new connections (a kept one follows no rules any more), and beside it the time
that kube-proxy takes from the news of an endpoint's end to rules without it. The rules are read from the node's kernel
every few milliseconds; nothing is asked of kube-proxy.
"""

import argparse
import datetime
import json
import statistics
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox import node as nodes
from sandbox.errors import SandboxError
from sandbox.node import Node
from sandbox.progress import say
from sandbox.rollout import Row, inner_kubeconfig, lifecycle, roll, service_address

NAME: Final = "sweep"
DELAYS: Final = range(11)
RATE: Final = 200
POLL_SECONDS: Final = 0.01
CONFIG: Final = f"""
server {{
    listen 80;
    location / {{ return 200 "ok\\n"; }}
    location = /long {{ limit_rate 1000; return 200 "{"." * 2900}\\n"; }}
}}
"""


@dataclass
class Rules:
    """Watches the rules of the Service; which addresses it led to, and until when."""

    node: Node
    last: dict[str, float] = field(default_factory=dict)
    """By address: when the rules had it last."""
    gone: dict[str, float] = field(default_factory=dict)
    """By address: when they were seen without it."""

    def __post_init__(self) -> None:
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        command = ["nsenter", "--target", str(self.node.init()), "--net", "--mount", "iptables-save", "-t", "nat"]
        mark = f'--comment "default/{NAME} -> '
        while not self._stopped.wait(POLL_SECONDS):
            at = time.time()
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:  # the rules changed while they were read
                continue
            here = {line.partition(mark)[2].partition(":")[0] for line in done.stdout.splitlines() if mark in line}
            for each in here:
                self.last[each] = at
                self.gone.pop(each, None)
            for each in self.last.keys() - here - self.gone.keys():
                self.gone[each] = time.time()


def sweep(node: Node, args: argparse.Namespace) -> int:
    """Prints two tables."""
    program = lifecycle()
    nodes.up(node)
    folder = node.state / "rollout"
    folder.mkdir(mode=0o700, exist_ok=True)
    kubeconfig = inner_kubeconfig(node, folder)
    rows = []
    asked: list[float] = []
    told: list[float] = []
    for delay in DELAYS:
        _apply(node, delay)
        address = service_address(node, NAME)
        row = Row(f"sleep {delay} s")
        for number in range(1, args.sweep + 1):
            rules = Rules(node)
            try:
                file = folder / f"{NAME}-{delay}-{number}"
                report = roll(node, program, kubeconfig, NAME, address, file, ["--rate", f"{RATE}", "--no-keep-alive"])
            finally:
                rules.stop()
            row.add(report)
            _times(report, rules, asked, told)
        rows.append(row)
        say(
            f"{row.pre_stop}: {row.lost.total()} of {row.sent.total():,} requests lost, the last after {row.last:.2f} s"
        )
    say(
        "\n| preStop | rollouts | requests | lost | latest loss after the deletion was requested |"
        "\n|---|---:|---:|---:|---:|"
    )
    for row in rows:
        last = f"{row.last:.2f} s" if row.last else "none"
        say(f"| {row.pre_stop} | {row.rollouts} | {row.sent.total():,} | {row.lost.total()} | {last} |")
    say("\n| kube-proxy's rules without the Pod | Pods | least | median | most |\n|---|---:|---:|---:|---:|")
    for words, of in (("after its deletion was requested", asked), ("after its endpoint was not ready", told)):
        say(f"| {words} | {len(of)} | {min(of):.2f} s | {statistics.median(of):.2f} s | {max(of):.2f} s |")
    return 0


def _times(report: dict[str, Any], rules: Rules, asked: list[float], told: list[float]) -> None:
    start = datetime.datetime.fromisoformat(report["start"]).timestamp()
    for pod in report["pods"]:
        if pod["address"] in rules.gone and pod["isOld"]:
            at = rules.gone[pod["address"]] - start
            asked.append(at - pod["marks"]["deletion asked"])
            told.append(at - pod["marks"]["endpoint not ready"])


def _apply(node: Node, delay: int) -> None:
    """Two Pods of that delay behind a Service, rolled out."""
    labels = {"app": NAME}
    container = {
        "name": "web",
        "image": "nginx",
        "ports": [{"containerPort": 80}],
        "lifecycle": {"preStop": {"sleep": {"seconds": delay}}},
        "readinessProbe": {"httpGet": {"port": 80}, "periodSeconds": 1},
        "volumeMounts": [{"name": "config", "mountPath": "/etc/nginx/conf.d"}],
    }
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [container], "volumes": [{"name": "config", "configMap": {"name": NAME}}]},
    }
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": NAME}, "data": {"default.conf": CONFIG}}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAME},
        "spec": {"replicas": 2, "selector": {"matchLabels": labels}, "template": template},
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME},
        "spec": {"selector": labels, "ports": [{"port": 80}]},
    }
    objects = {"apiVersion": "v1", "kind": "List", "items": [config, deployment, service]}
    _kubectl(node, ["apply", "-f", "-"], json.dumps(objects))
    _kubectl(node, ["rollout", "status", f"deployment/{NAME}", "--timeout=120s"])
    while _kubectl(node, ["get", "pods", "-l", f"app={NAME}", "-o", "name"]).count("pod/") > 2:
        time.sleep(0.5)


def _kubectl(node: Node, args: Sequence[str], text: str = "") -> str:
    done = subprocess.run(nodes.kubectl(node, args), input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SandboxError(f"kubectl {' '.join(args)}: {done.stderr.strip()}")
    return done.stdout
