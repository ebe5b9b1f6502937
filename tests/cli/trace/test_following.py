"""Followed through what happens to API servers: each change is told, or it is told that some may be missing."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lifecycle_cli.cluster.access import Cluster
from lifecycle_cli.cluster.errors import ForbiddenError
from lifecycle_cli.cluster.following import Changed, Follower, Heard, Listed, Lost, Told
from tests.cli.trace.fake import FakeServer


def pod(name: str, **status: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "shop", "uid": f"uid-{name}"}, "status": status}


@pytest.fixture
def server() -> Iterator[FakeServer]:
    server = FakeServer()
    yield server
    server.stop()


class Heard_:
    """What a follower tells."""

    def __init__(self, server: FakeServer, folder: Path) -> None:
        self.told: queue.SimpleQueue[Told] = queue.SimpleQueue()
        cluster = Cluster.connect(str(server.kubeconfig(folder)), None, None)
        self.follower = Follower(cluster, "Pod", "shop", self.told.put)
        self.follower.start()

    def next(self) -> Told:
        return self.told.get(timeout=20)

    def is_silent(self) -> bool:
        try:
            self.told.get(timeout=0.3)
        except queue.Empty:
            return True
        return False


@pytest.fixture
def heard(server: FakeServer, tmp_path: Path) -> Iterator[Heard_]:
    server.put("pods", pod("web"))
    heard = Heard_(server, tmp_path)
    first = heard.next()
    assert isinstance(first, Listed) and [each["metadata"]["name"] for each in first.objects] == ["web"]
    yield heard
    heard.follower.stop()


def changed(told: Told) -> tuple[str, str]:
    assert isinstance(told, Changed), told
    return told.type, told.object["metadata"]["name"]


def test_changes_come_in_their_order(server: FakeServer, heard: Heard_) -> None:
    server.put("pods", pod("web", phase="Running"))
    server.put("pods", pod("api"))
    server.remove("pods", "web")
    assert [changed(heard.next()) for _ in range(3)] == [("MODIFIED", "web"), ("ADDED", "api"), ("DELETED", "web")]


def test_an_api_server_that_restarts_is_lost_and_heard_again_and_nothing_is_missed(
    server: FakeServer, heard: Heard_
) -> None:
    server.put("pods", pod("web", phase="Pending"))
    assert changed(heard.next()) == ("MODIFIED", "web")
    server.stop()
    lost = heard.next()
    assert isinstance(lost, Lost) and lost.since <= lost.seen
    server.put("pods", pod("api"))
    server.start()
    assert isinstance(heard.next(), Heard)
    assert changed(heard.next()) == ("ADDED", "api")
    assert heard.is_silent()


def test_a_watch_that_has_expired_is_a_gap_and_a_new_list(server: FakeServer, heard: Heard_) -> None:
    server.put("pods", pod("api"))
    assert changed(heard.next()) == ("ADDED", "api")
    server.forget()
    lost = heard.next()
    assert isinstance(lost, Lost) and lost.why == "too old resource version"
    listed = heard.next()
    assert isinstance(listed, Listed) and len(listed.objects) == 2
    server.remove("pods", "api")
    assert changed(heard.next()) == ("DELETED", "api")


def test_a_watch_that_the_server_ends_at_once_is_not_asked_in_a_row(server: FakeServer, heard: Heard_) -> None:
    before = server.requests
    for _ in range(5):
        with server._lock:
            for each in server._watches:
                each.put(None)
        assert heard.is_silent()
    assert server.requests - before < 15


def test_who_has_no_right_is_told_once(server: FakeServer, tmp_path: Path) -> None:
    server.forbidden.add("pods")
    heard = Heard_(server, tmp_path)
    lost = heard.next()
    assert isinstance(lost, Lost) and lost.why.startswith("may not list pods in namespace shop")
    heard.follower.join(5)
    assert isinstance(heard.follower.failed, ForbiddenError)
