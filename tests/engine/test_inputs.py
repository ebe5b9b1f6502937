"""Outputs of whole objects on the real engine: what one stack exports, another has of a StackReference."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.engine.checkout import ROOT, SECONDS
from tests.engine.stacks import SECRET

MARK = "4dabf18193072939515e22adb298388d"  # the key by which Pulumi marks a secret


def preview(folder: Path, *names: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.engine.stacks", str(folder), *names]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)


def test_what_another_stack_exports(tmp_path: Path) -> None:
    done = preview(tmp_path, "pre_stop", "post_start", "ports", "sidecars", "labels")
    assert done.returncode == 0, done
    pod: Any = json.loads(done.stdout.splitlines()[-1])
    spec = pod["spec"]
    assert pod["metadata"]["labels"] == {"app": "shop"}
    assert spec["terminationGracePeriodSeconds"] == 65
    (web,) = spec["containers"]
    assert web["ports"] == [{"containerPort": 8080, "name": "http"}]
    assert web["lifecycle"] == {
        "postStart": {"httpGet": {"path": "/warm", "port": "http"}},
        "preStop": {"sleep": {"seconds": 45}},
    }
    assert MARK in spec["initContainers"], SECRET
    assert "hunter2" not in done.stdout + done.stderr


def test_what_is_wrong_in_it(tmp_path: Path) -> None:
    """One message, and no Pod; beside it none of what could not go on."""
    done = preview(tmp_path, "post_start", "sidecars", "shutdown_seconds")
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert "LifecycleDemo 'web': 2 invalid arguments\n" in said
    assert "  post_start.httpGet.port: container 'web-container' has no port named 'http'" in said
    assert "  shutdown_seconds: is negative; give 0 or more\n" in said
    assert "kubernetes:core/v1:Pod" not in said
    assert "never retrieved" not in said
    assert "hunter2" not in said
