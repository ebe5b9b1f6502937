"""What a killed run leaves in the state, and what the next one makes of it; tests/cluster kills real ones."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox import recovery
from tests.engine.checkout import Checkout

URN = "urn:pulumi:sandbox::lifecycle-demo::kubernetes:core/v1:Pod::web"
POD = {
    "urn": URN,
    "custom": True,
    "type": "kubernetes:core/v1:Pod",
    "inputs": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}},
}
OLD = {**POD, "id": "shop/web-old"}


def killed(resources: list[Any], kind: str, resource: Any) -> dict[str, Any]:
    """A deployment whose run was killed in one operation."""
    return {"resources": resources, "pending_operations": [{"type": kind, "resource": resource}]}


CASES: dict[str, tuple[dict[str, Any], list[Any], list[str]]] = {
    "created": (killed([], "creating", POD), [{**POD, "id": "shop/web"}], []),
    "replaced, the old one gone": (
        killed([{**OLD, "pendingReplacement": True}], "creating", POD),
        [{**POD, "id": "shop/web"}],
        [],
    ),
    "replaced, the old one still there": (
        killed([OLD], "creating", POD),
        [{**OLD, "delete": True}, {**POD, "id": "shop/web"}],
        [],
    ),
    "deleted": (killed([OLD], "deleting", OLD), [OLD], []),
    "of another provider": (killed([], "creating", {**POD, "type": "random:index:Id"}), [], [URN]),
    "of no known name": (killed([], "creating", {**POD, "inputs": {}}), [], [URN]),
}


@pytest.mark.parametrize(("before", "resources", "unknown"), CASES.values(), ids=CASES)
def test_what_was_under_way(before: dict[str, Any], resources: list[Any], unknown: list[str]) -> None:
    """An object whose creation was under way is taken in, one that it was to outlive stays to be deleted."""
    assert recovery.resolved(before) == ({"resources": resources, "pending_operations": []}, unknown)


def pulumi(folder: Path) -> "subprocess.Popen[bytes]":
    """A zombie of the CLI's name, until it is waited for."""
    (folder / "pulumi").symlink_to(os.path.realpath(sys.executable))
    process = subprocess.Popen([folder / "pulumi", "-I", "-S", "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    return process


def lock_of(folder: Path, pid: int, host: str) -> Path:
    lock = folder / ".pulumi/locks/organization/lifecycle-demo/sandbox/1.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(json.dumps({"pid": pid, "hostname": host}))
    return lock


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_lock_is_removed_only_where_its_holder_is_gone(tmp_path: Path) -> None:
    """A lock stays where its run may still be under way: on another machine. A zombie, or another program, is none."""
    here = socket.gethostname()
    process = pulumi(tmp_path)
    for pid, host, gone in [
        (process.pid, "another-host", False),
        (process.pid, here, True),
        (os.getpid(), here, True),  # the number was given away again
    ]:
        lock = lock_of(tmp_path, pid, host)
        assert recovery.clear_locks(tmp_path, "lifecycle-demo", "sandbox") == gone
        assert lock.exists() != gone
    process.wait()


def test_a_refresh_is_due_until_one_succeeds(tmp_path: Path) -> None:
    """A state that was put in order, or is of another node, may not be used before it was refreshed."""
    one, other, none = tmp_path / "one", tmp_path / "other", Path(os.devnull)
    one.write_text("certificates of one")
    other.write_text("certificates of another")

    def due() -> list[bool]:
        return [recovery.unseen(tmp_path, "demo", each) for each in (one, other, none)]

    assert due() == [False, False, False]  # nothing was ever made
    recovery.remember(tmp_path, "demo", one)
    assert due() == [False, True, False]
    recovery.remember(tmp_path, "demo", none)  # a failed `up` without a cluster has seen nothing
    assert due() == [False, True, False]
    recovery.forget(tmp_path, "demo")
    assert due() == [True, True, True]
    recovery.remember(tmp_path, "demo", other)
    assert due() == [True, False, False]


def test_without_a_cluster_nothing_is_built_on_a_killed_run(checkout: Checkout) -> None:
    """While no cluster can tell what became of the object, `up` fails before it runs the program; each time anew."""
    checkout.sandbox("pulumi", "up")  # leaves the stack and the provider in the state
    backend = checkout.root / ".sandbox" / "backend"
    file = backend / ".pulumi/stacks/lifecycle-demo/sandbox.json"
    checkpoint = json.loads(file.read_text())
    latest = checkpoint["checkpoint"]["latest"]
    provider = next(each for each in latest["resources"] if each["type"].startswith("pulumi:providers:"))
    pod = {**POD, "provider": f"{provider['urn']}::{provider['id']}"}
    latest["pending_operations"] = [{"type": "creating", "resource": pod}]
    file.write_text(json.dumps(checkpoint))
    assert recovery.interrupted(backend, "lifecycle-demo", "sandbox")

    first, second = (checkout.sandbox("pulumi", "up") for _ in range(2))
    assert first.lacks("the last run was interrupted: checking what it left") == []
    for said in (first, second):
        assert said.status != 0
        assert "Refreshing" in said.out and "Updating" not in said.out
        assert "configured Kubernetes cluster is unreachable" in said.out
