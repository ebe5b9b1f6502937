"""Whole rollouts: an API server and a web server on loopback, where the test itself does what a node would."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from commands import COMMAND, Said, environment, lifecycle

from lifecycle_cli.rollout import session
from tests.cli.trace.fake import FakeServer

from .objects import deployment, endpoints, pod
from .test_load import answers, serving

DONE = {"updatedReplicas": 1, "replicas": 1, "availableReplicas": 1}
LABELS = {"app": "web"}


def labelled(thing: dict[str, Any]) -> dict[str, Any]:
    return {**thing, "metadata": {**thing["metadata"], "labels": LABELS}}


def workload(generation: int, observed: int) -> dict[str, Any]:
    made = deployment(**{**DONE, "observedGeneration": observed})
    return {**made, "metadata": {**made["metadata"], "generation": generation}, "spec": {**made["spec"], "replicas": 1}}


class Node:
    """Does what a cluster does on a restart: a new Pod, then the old one's end."""

    def __init__(self, api: FakeServer) -> None:
        self.api = api
        self.patches: list[dict[str, Any]] = []
        api.put("deployments", workload(1, 1))
        api.put("pods", labelled(pod("web-old")))
        api.put("endpointslices", endpoints("web-old"))
        api.patched = self.roll

    def roll(self, patch: dict[str, Any]) -> None:
        self.patches.append(patch)
        api = self.api
        api.put("deployments", workload(2, 1))
        api.put("pods", labelled(pod("web-new")))
        api.put("endpointslices", endpoints("web-new", terminating=("web-old",)))
        api.put("pods", labelled(pod("web-old", deleted=True)))
        api.put("pods", labelled(pod("web-old", deleted=True, ended=0)))
        api.put("endpointslices", endpoints("web-new"))
        api.remove("pods", "web-old")
        api.put("deployments", workload(2, 2))


@pytest.fixture
def api() -> Iterator[FakeServer]:
    made = FakeServer()
    yield made
    made.stop()


@pytest.fixture
def node(api: FakeServer) -> Node:
    return Node(api)


def arguments(api: FakeServer, folder: Path, url: str, *args: str) -> list[str]:
    where = ["--kubeconfig", str(api.kubeconfig(folder)), "--url", url]
    limits = ["--rate", "20", "--duration", "30", "--calm", "0.3", "--settle", "0.3", "--timeout", "30"]
    return ["rollout", "deploy/web", *where, *limits, *args]


def rolled(api: FakeServer, folder: Path, url: str, *args: str) -> tuple[Said, dict[str, Any]]:
    said = lifecycle(*arguments(api, folder, url, "-o", "json", *args), cwd=folder)
    return said, json.loads(said.out or "{}")


def test_a_rollout_from_its_restart_to_its_end(api: FakeServer, node: Node, tmp_path: Path) -> None:
    with serving(answers) as url:
        said, report = rolled(api, tmp_path, url, "--yes", "--svg", str(tmp_path / "a.svg"))
    (patch,) = node.patches
    assert list(patch["spec"]["template"]["metadata"]["annotations"]) == ["kubectl.kubernetes.io/restartedAt"]
    assert report["losses"] == [] and report["problems"] == [], said
    assert report["restarted"] < report["done"]
    old, new = report["pods"]
    assert (old["name"], old["isOld"], new["name"], new["isOld"]) == ("web-old", True, "web-new", False)
    assert "gone" in old["marks"] and old["exitCodes"] == {"app": 0}
    assert "Deployment shop/web" in (tmp_path / "a.svg").read_text()
    assert "old Pod web-old: gone" in said.err


def test_what_was_lost_is_the_old_pods(api: FakeServer, node: Node, tmp_path: Path) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(serving(answers))

        def roll(patch: dict[str, Any]) -> None:
            stack.close()
            node.roll(patch)

        api.patched = roll
        said, report = rolled(api, tmp_path, url, "--yes", "--no-keep-alive", "--settle", "1")
    assert said.status == 1
    assert {each["kind"] for each in report["losses"]} <= {"refused", "closed", "reset"}
    assert {each["pod"] for each in report["losses"]} == {"web-old"}
    assert "serve-no-delay" in report["savings"][0]["rules"]


def test_nothing_is_restarted_where_the_calm_is_none(api: FakeServer, node: Node, tmp_path: Path) -> None:
    with serving(answers) as url:
        pass
    said, report = rolled(api, tmp_path, url, "--yes")
    assert (said.status, node.patches, report["restarted"]) == (2, [], None)
    assert said.err.endswith("failed (refused ECONNREFUSED) before the restart; nothing was restarted\n"), said.err


def test_without_yes_and_without_a_terminal_nothing_is_done(api: FakeServer, node: Node, tmp_path: Path) -> None:
    said, _ = rolled(api, tmp_path, "http://127.0.0.1:1/")
    text = "lifecycle rollout: nothing was restarted or sent; --yes restarts without asking\n"
    assert (said.status, said.err, node.patches) == (2, text, [])


def test_no_rights_to_follow_what_must_be_followed(api: FakeServer, node: Node, tmp_path: Path) -> None:
    api.forbidden.add("endpointslices")
    said, _ = rolled(api, tmp_path, "http://127.0.0.1:1/", "--yes")
    assert (said.status, node.patches) == (2, [])
    assert said.err.splitlines()[-1] == (
        "lifecycle rollout: may not list endpointslices in namespace shop: add this rule to a Role: "
        '{apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list"]}'
    )


def test_watching_a_rollout_that_never_begins(api: FakeServer, node: Node, tmp_path: Path) -> None:
    with serving(answers) as url:
        said, report = rolled(api, tmp_path, url, "--watch-only", "--duration", "1")
    assert (said.status, report["problems"]) == (2, ["no rollout began within 1 s"])
    assert report["losses"] == []


def test_a_rollout_that_another_begins(api: FakeServer, node: Node, tmp_path: Path) -> None:
    with serving(answers) as url:

        def answers_and_rolls(connection: Any) -> None:
            if not node.patches:
                node.roll({})
            answers(connection)

        with serving(answers_and_rolls) as rolling:
            said, report = rolled(api, tmp_path, url, "--watch-only", "--long-url", rolling)
    assert report["done"] is not None and report["problems"] == []
    assert "somebody else has started a rollout" in said.err


def test_an_api_server_that_dies_half_way(
    api: FakeServer, node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The load ends, and one line says why."""
    monkeypatch.setattr(session, "_DEAF_SECONDS", 0.5)
    api.patched = lambda patch: api.stop()
    with serving(answers) as url:
        said, report = rolled(api, tmp_path, url, "--yes")
    assert report["problems"] == [f"http://127.0.0.1:{api.port} has not answered for 0.5 s"]
    assert said.status == 2
    assert said.err.splitlines()[-1] == f"lifecycle rollout: {report['problems'][0]}"
    api.start()


def test_a_rollout_that_does_not_end_within_the_limit(api: FakeServer, node: Node, tmp_path: Path) -> None:
    api.patched = lambda patch: api.put("deployments", workload(2, 1))
    with serving(answers) as url:
        said, report = rolled(api, tmp_path, url, "--yes", "--duration", "1.5")
    assert (said.status, report["problems"]) == (2, ["the rollout was not done within 1.5 s (--duration)"])


def test_a_ctrl_c_leaves_nothing_behind(api: FakeServer, node: Node, tmp_path: Path) -> None:
    """The signal goes to the whole group, as a terminal sends it: the load's process ends, too."""
    api.patched = lambda patch: None
    with serving(answers) as url:
        command = [*COMMAND, *arguments(api, tmp_path, url, "--yes")]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=environment(), cwd=tmp_path, start_new_session=True
        ) as process:
            assert process.stdout
            for line in process.stdout:
                if "asked for a restart of the rollout" in line:
                    break
            os.killpg(process.pid, signal.SIGINT)
            rest = process.stdout.read()
    assert process.returncode == 130
    assert "interrupted after" in rest and rest.rstrip().endswith("the rollout itself goes on")
    deadline = time.monotonic() + 30
    while _group(process.pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _group(number: int) -> bool:
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return False
    return True
