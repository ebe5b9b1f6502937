"""The command against an API server on loopback, and with recordings."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import pty
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from commands import COMMAND, ROOT, Said, environment, lifecycle

from lifecycle_cli.cluster.following import Changed
from tests.cli.trace.fake import FakeServer
from tests.cli.trace.recorded import FOLDER, NAMES, observations

SCHEMA = json.loads((ROOT / "docs" / "trace.schema.json").read_text())


@pytest.fixture
def server() -> Iterator[FakeServer]:
    server = FakeServer()
    yield server
    server.stop()


def story(name: str, uid: str = "", of: str = "prestop-cut") -> list[tuple[str, str, dict[str, Any]]]:
    """A recorded life as another Pod's: changes in their order."""
    found = []
    for each in observations(of):
        if isinstance(each, Changed):
            thing = copy.deepcopy(each.object)
            if each.kind == "Pod":
                thing["metadata"].update(name=name, uid=uid or f"uid-{name}", namespace="shop")
            else:
                thing["involvedObject"].update(name=name, uid=uid or f"uid-{name}", namespace="shop")
                last = thing["metadata"]["name"].rpartition(".")[2]
                thing["metadata"].update(name=f"{name}.{last}", uid=f"{thing['metadata']['uid']}-{name}")
            found.append((each.kind, each.type, thing))
    return found


def play(server: FakeServer, changes: list[tuple[str, str, dict[str, Any]]]) -> None:
    for kind, type, thing in changes:
        if kind == "Event":
            server.put("events", thing)
        elif type == "DELETED":
            server.remove("pods", thing["metadata"]["name"])
        else:
            server.put("pods", thing)


def until(server: FakeServer, count: int = 2) -> None:
    """The command watches."""
    deadline = time.monotonic() + 60
    while len(server._watches) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Running:
    """The command in a thread of this process."""

    def __init__(self, server: FakeServer, folder: Path, *args: str) -> None:
        self.said: Said | None = None
        self._args = ("trace", *args, "--kubeconfig", server.kubeconfig(folder))
        self._folder = folder
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self.said = lifecycle(*self._args, cwd=self._folder)

    def end(self) -> Said:
        self._thread.join(60)
        assert self.said, "it did not end"
        return self.said


def document(said: Said) -> dict[str, Any]:
    assert said.status == 0, said.err
    found: dict[str, Any] = json.loads(said.out)
    jsonschema.validate(found, SCHEMA)
    return found


def test_a_pod_is_followed_to_its_end(server: FakeServer, tmp_path: Path) -> None:
    changes = story("web")
    play(server, changes[:3])
    running = Running(server, tmp_path, "web", "--json", "--record", "web.jsonl", "--svg", "web.svg")
    until(server)
    play(server, changes[3:])
    (life,) = document(running.end())["lives"]
    assert (life["name"], life["state"]) == ("web", "gone")
    assert [(each["what"], each["rule"]) for each in life["findings"]] == [("preStop-cut", "prestop-budget")]
    assert (tmp_path / "web.svg").read_text().startswith("<svg ")

    again = lifecycle("trace", "--replay", "web.jsonl", "--json", cwd=tmp_path)
    assert document(again)["lives"] == [life], "a replay is the same"


def test_two_hundred_pods_at_once_and_nothing_is_lost(server: FakeServer, tmp_path: Path) -> None:
    running = Running(server, tmp_path, "-l", "app=many", "--json", "--record", "many.jsonl")
    until(server)
    stories = [story(f"web-{number}") for number in range(200)]
    for changes in stories:
        for kind, _, thing in changes:
            if kind == "Pod":
                thing["metadata"]["labels"] = {"app": "many"}
    for step in range(len(stories[0])):
        for changes in stories:
            play(server, changes[step : step + 1])
    lives = document(running.end())["lives"]
    assert len(lives) == 200
    marks = {tuple(mark["what"] for row in life["rows"] for mark in row["marks"]) for life in lives}
    assert len(marks) == 1, "each life has all that the others have"
    assert all(life["state"] == "gone" for life in lives)
    recorded = [line for line in (tmp_path / "many.jsonl").read_text().splitlines() if '"changed"' in line]
    assert len(recorded) == 200 * len(stories[0])


def test_a_restarted_api_server_is_a_gap_and_no_end(server: FakeServer, tmp_path: Path) -> None:
    changes = story("web")
    half = len(changes) // 2
    play(server, changes[:3])
    running = Running(server, tmp_path, "web", "--json")
    until(server)
    play(server, changes[3:half])
    server.stop()
    time.sleep(0.5)
    play(server, changes[half : half + 2])
    server.start()
    until(server)
    play(server, changes[half + 2 :])
    said = running.end()
    (life,) = document(said)["lives"]
    assert life["state"] == "gone"
    assert [each["missed"] for each in life["gaps"]] == [False, False]
    assert "not heard since" in said.err


def test_what_was_missed_is_said(server: FakeServer, tmp_path: Path) -> None:
    changes = story("web")
    play(server, changes[:4])
    running = Running(server, tmp_path, "web")
    until(server)
    server.stop()
    play(server, changes[4:])  # to its end
    server.forget()
    server.start()
    said = running.end()
    assert said.status == 0
    assert "web: gone; its end was not seen" in said.out or "gone; its end was not seen" in said.out
    assert "the API server did not answer; events from then may be missing" in said.out


def test_a_pod_of_the_same_name_is_another_life(server: FakeServer, tmp_path: Path) -> None:
    first, second = story("web"), story("web", uid="another")
    play(server, first[:3])
    running = Running(server, tmp_path, "web", "--json")
    until(server)
    play(server, first[3:] + second)
    assert [each["uid"] for each in document(running.end())["lives"]] == ["uid-web", "another"]


def test_the_clocks_of_api_server_and_client_may_differ_by_half_a_minute(server: FakeServer, tmp_path: Path) -> None:
    server.ahead = 30.0
    changes = story("web")
    play(server, changes[:3])
    running = Running(server, tmp_path, "web", "--json")
    until(server)
    play(server, changes[3:])
    (life,) = document(running.end())["lives"]
    ahead = life["clocks"]["clientAhead"]
    assert ahead["most"] < -28 and ahead["least"] > -32 if ahead["least"] is not None else ahead["most"] < -28


def test_delete_deletes_that_pod(server: FakeServer, tmp_path: Path) -> None:
    changes = story("web")
    play(server, changes[:6])
    running = Running(server, tmp_path, "web", "--delete", "--yes", "--record", "web.jsonl")
    until(server)
    play(server, changes[6:])
    running.end()
    assert server.deleted == ["web"]
    assert '"observed":"asked"' in (tmp_path / "web.jsonl").read_text()


def test_delete_asks_and_without_a_terminal_refuses(server: FakeServer, tmp_path: Path) -> None:
    said = lifecycle("trace", "web", "--delete", "--kubeconfig", server.kubeconfig(tmp_path), cwd=tmp_path)
    assert said == Said(
        2,
        "",
        "lifecycle trace: --delete: there is no terminal to ask on; --yes deletes without asking\n",
    )
    assert not server.deleted


@pytest.mark.parametrize(
    ("args", "status", "text"),
    [
        ((), 2, "lifecycle trace: name Pods, or use one of -l, --next-of and --replay\n"),
        (("web", "--replay", "x"), 2, "lifecycle trace: name Pods, or use one of -l, --next-of and --replay\n"),
        (("--next-of", "deploy/api", "--delete"), 2, "lifecycle trace: --delete: cannot be used with --next-of\n"),
        (("--replay", "none.jsonl"), 2, "lifecycle trace: none.jsonl: no such file or directory\n"),
        (("--replay", "web.jsonl", "--record", "x"), 2, "lifecycle trace: --record: cannot be used with --replay\n"),
    ],
)
def test_a_wrong_command_line(tmp_path: Path, args: tuple[str, ...], status: int, text: str) -> None:
    assert lifecycle("trace", *args, cwd=tmp_path) == Said(status, "", text)


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("web",), 'pods "web" not found; --next-of follows a Pod that does not exist yet'),
        (("--next-of", "pod/web"), "--next-of pod/web: write the KIND/NAME of a workload, e.g. deploy/api"),
        (("--next-of", "deploy"), "--next-of deploy: write the KIND/NAME of a workload, e.g. deploy/api"),
    ],
)
def test_what_is_not_there(server: FakeServer, tmp_path: Path, args: tuple[str, ...], text: str) -> None:
    said = lifecycle("trace", *args, "--kubeconfig", server.kubeconfig(tmp_path), cwd=tmp_path)
    assert said == Said(2, "", f"lifecycle trace: {text}\n")


def test_without_the_right_to_read_pods(server: FakeServer, tmp_path: Path) -> None:
    server.forbidden.add("pods")
    said = lifecycle("trace", "-l", "app=web", "--kubeconfig", server.kubeconfig(tmp_path), cwd=tmp_path)
    rule = '{apiGroups: [""], resources: ["pods"], verbs: ["list"]}'
    assert said == Said(
        2, "", f"lifecycle trace: may not list pods in namespace shop: add this rule to a Role: {rule}\n"
    )


def test_without_the_right_to_read_events_pods_are_followed_all_the_same(server: FakeServer, tmp_path: Path) -> None:
    server.forbidden.add("events")
    changes = [each for each in story("web") if each[0] == "Pod"]
    play(server, changes[:3])
    running = Running(server, tmp_path, "web")
    until(server, 1)
    play(server, changes[3:])
    said = running.end()
    assert said.status == 0
    assert "may not list events in namespace shop" in said.err
    assert "exit code           137" in said.out


def test_a_kubeconfig_that_points_nowhere(server: FakeServer, tmp_path: Path) -> None:
    server.stop()
    said = lifecycle("trace", "web", "--kubeconfig", server.kubeconfig(tmp_path), cwd=tmp_path)
    server.start()
    where = f"http://127.0.0.1:{server.port}"
    assert said == Said(2, "", f"lifecycle trace: {where} (context fake) does not answer: Connection refused\n")


def test_an_api_server_that_does_not_come_back(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lifecycle_cli.trace.command._LOST_SECONDS", 1.0)
    play(server, story("web")[:6])
    running = Running(server, tmp_path, "web")
    until(server)
    server.stop()
    said = running.end()
    server.start()
    assert said.status == 2
    assert said.err.startswith("lifecycle trace: the API server did not answer for 1 s: ") and said.err.count("\n") == 1
    assert "shop/web on node localhost: " in said.out  # what was seen


def test_the_time_is_over(server: FakeServer, tmp_path: Path) -> None:
    play(server, story("web")[:6])
    said = Running(server, tmp_path, "web", "--timeout", "1s").end()
    assert (said.status, said.err) == (1, "lifecycle trace: --timeout: not finished after 1 s\n")
    assert "shop/web on node localhost: " in said.out


def test_interrupted_it_says_what_was_seen_and_leaves_nothing(server: FakeServer, tmp_path: Path) -> None:
    play(server, story("web")[:6])
    command = [*COMMAND, "trace", "web", "--record", "web.jsonl", "--kubeconfig", str(server.kubeconfig(tmp_path))]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    )
    until(server)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (1, "lifecycle trace: stopped by Ctrl-C\n")
    assert "shop/web on node localhost: " in out
    assert sorted(os.listdir(tmp_path)) == ["kubeconfig", "web.jsonl"]
    assert lifecycle("trace", "--replay", "web.jsonl", cwd=tmp_path).status == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "x.jsonl: not a recording of `lifecycle trace --record`"),
        ("[]", "x.jsonl: not a recording of `lifecycle trace --record`"),
        ("\x00", "x.jsonl: not a recording of `lifecycle trace --record`"),
        ('{"format":"lifecycle-trace","version":9}', "x.jsonl: a recording of version 9; this lifecycle reads 1"),
        ('{"format":"lifecycle-trace","version":1}\n{"obser', "x.jsonl:2: not an observation; was the file cut off?"),
        (
            '{"format":"lifecycle-trace","version":1}\n{"observed":"x"}',
            "x.jsonl:2: not an observation; was the file cut off?",
        ),
        (
            '{"format":"lifecycle-trace","version":1}\n{"observed":"listed","kind":"Pod","objects":[1],"seen":1}',
            "x.jsonl:2: not an observation of a Pod",
        ),
        (
            '{"format":"lifecycle-trace","version":1}\n'
            '{"observed":"changed","kind":"Pod","type":"ADDED","object":{"metadata":{"uid":"a"},"spec":[]},"seen":1}',
            "x.jsonl:2: not an observation of a Pod",
        ),
        (
            '{"format":"lifecycle-trace","version":1}\n'
            '{"observed":"changed","kind":"Pod","type":"ADDED","object":{"metadata":{"uid":"a"}},"seen":"x"}',
            "x.jsonl:2: not an observation of a Pod",
        ),
    ],
)
def test_what_is_no_recording(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "x.jsonl").write_text(text)
    assert lifecycle("trace", "--replay", "x.jsonl", cwd=tmp_path) == Said(2, "", f"lifecycle trace: {said}\n")


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_is_shown_in_each_form(name: str, tmp_path: Path) -> None:
    found = document(lifecycle("trace", "--replay", FOLDER / f"{name}.jsonl", "--json", cwd=tmp_path))
    assert len(found["lives"]) == 1
    said = lifecycle("trace", "--replay", FOLDER / f"{name}.jsonl", "--explain", cwd=tmp_path)
    assert (said.status, said.err) == (0, "")


@pytest.mark.parametrize("missing", ["kubernetes", "rich"])
def test_without_the_client_it_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setitem(__import__("sys").modules, missing, None)
    assert lifecycle("trace", "web", cwd=tmp_path) == Said(
        2, "", f'lifecycle trace: {missing} is not installed; install it with: pip install "lifecycle-cli[cluster]"\n'
    )
    assert lifecycle("trace", "--replay", FOLDER / "demo.jsonl", cwd=tmp_path).status == 0


@pytest.mark.parametrize(("answer", "deleted"), [("n", []), ("", []), ("yes", ["web"])])
def test_on_a_terminal_it_asks_before_it_deletes(
    server: FakeServer, tmp_path: Path, answer: str, deleted: list[str]
) -> None:
    play(server, story("web")[:6])
    ours, theirs = pty.openpty()
    command = [
        *COMMAND,
        "trace",
        "web",
        "--delete",
        "--timeout",
        "2s",
        "--kubeconfig",
        str(server.kubeconfig(tmp_path)),
    ]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, env=environment(TERM="xterm")
    )
    os.close(theirs)
    said = b""
    with contextlib.suppress(OSError):  # the terminal is gone when the process is
        while piece := os.read(ours, 65536):
            said += piece
            if b"[y/N]" in said and answer is not None:
                os.write(ours, f"{answer}\n".encode())
                answer = None  # type: ignore[assignment]
    assert process.wait(60) == 1
    os.close(ours)
    assert b"Delete web in namespace shop? [y/N] " in said
    assert (b"lifecycle trace: nothing deleted" in said) is not bool(deleted)
    assert server.deleted == deleted
