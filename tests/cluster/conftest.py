"""A real node for the tests: the sandbox of this checkout, brought up if it is not, and then taken down after."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import Cluster

from sandbox import node as nodes
from sandbox.node import Node

ROOT = Path(__file__).resolve().parents[2]
names = itertools.count()


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    node = Node(ROOT)
    was_up = node.init() is not None
    nodes.up(node)
    yield node
    if not was_up:
        nodes.down(node)


@pytest.fixture
def cluster(node: Node) -> Iterator[Cluster]:
    """A namespace of the test's own, gone after it."""
    cluster = Cluster.create(node, f"test-{os.getpid()}-{next(names)}")
    yield cluster
    cluster.remove()
