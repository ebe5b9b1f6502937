"""README's two commands on somebody else's machine: a fresh Debian 13, in an emulated machine."""

import json
from typing import Any

import pytest

from tests.machine import vm


@pytest.fixture(scope="module")
def result() -> Any:
    if why := vm.lacks():
        pytest.skip(why)
    with vm.disk() as work:
        said = vm.boot(work)
    found = [line for line in said.splitlines() if line.startswith("RESULT ")]
    assert found, f"the machine ended without a result; the last it said:\n{said[-3000:]}"
    return json.loads(found[0].removeprefix("RESULT "))


def test_the_demo(result: Any) -> None:
    assert result["demo"]["status"] == 0, result["demo"]["said"]
    assert "/usr/share/message: Hello from the postStart handler" in result["demo"]["said"].splitlines()


def test_the_tests(result: Any) -> None:
    assert result["test"]["status"] == 0, result["test"]["said"]
    assert " warning" not in result["test"]["said"].splitlines()[-1]


def test_what_was_off_is_on_while_the_node_runs(result: Any) -> None:
    """On Debian 13 systemd enables memory and pids alone below the root, and overlay is not loaded."""
    assert {"cpu", "cpuset", "memory", "pids"} <= set(result["during"]["controllers"].split())
    assert {"br_netfilter", "overlay"} <= set(result["during"]["modules"])


def test_down_leaves_nothing(result: Any) -> None:
    assert result["down"]["status"] == 0, result["down"]["said"]
    assert result["left"] == {}
    assert not {"br_netfilter", "overlay"} & set(result["modules left"])
