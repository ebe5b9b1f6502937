"""A real node for the tests: the sandbox of this checkout, brought up if it is not, and then taken down after.

Or the cluster that E2E_KUBECONFIG names (elsewhere.py); what is marked `sandbox` is skipped there, and says so.
"""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import elsewhere
import pytest
from cluster import Cluster
from elsewhere import Elsewhere

from sandbox import node as nodes
from sandbox.node import Node

ROOT = Path(__file__).resolve().parents[2]
names = itertools.count()
ELSEWHERE = pytest.StashKey[Elsewhere]()


def pytest_configure(config: pytest.Config) -> None:
    state = Path(tempfile.mkdtemp(prefix="lifecycle-e2e-"))
    config.add_cleanup(lambda: shutil.rmtree(state))
    if found := elsewhere.find(os.environ, state):
        config.stash[ELSEWHERE] = found


def pytest_report_header(config: pytest.Config) -> str:
    found = config.stash.get(ELSEWHERE, None)
    return f"cluster: {found.about}" if found else "cluster: the sandbox of this checkout"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if ELSEWHERE in config.stash:
        for each in items:
            if each.get_closest_marker("sandbox"):
                each.add_marker(pytest.mark.skip(reason=elsewhere.OF_THE_SANDBOX))


@pytest.fixture(scope="session")
def node(pytestconfig: pytest.Config) -> Iterator[Node | Elsewhere]:
    if found := pytestconfig.stash.get(ELSEWHERE, None):
        with found.with_images():
            yield found
        return
    node = Node(ROOT)
    was_up = node.init() is not None
    nodes.up(node)
    yield node
    if not was_up:
        nodes.down(node)


@pytest.fixture
def cluster(node: Node | Elsewhere) -> Iterator[Cluster]:
    """A namespace of the test's own, gone after it."""
    cluster = Cluster.create(node, f"test-{os.getpid()}-{next(names)}")
    yield cluster
    cluster.remove()
