"""For every suite: Ctrl-C works, also in a run that a shell put into the background and that inherited it ignored.

And there is an event loop, as in a Pulumi program: Pulumi makes futures for it before one runs, which Python warns of
from 3.12 on and refuses in 3.14. It is each worker's own, where the tests run in several processes.

EVERY_NTH_TEST=20 in the environment runs every twentieth test of each file, the first among them, and counts what it
leaves out: for an emulated processor, where all of them take an hour.
"""

import asyncio
import os
import signal
from collections import Counter

import pytest

signal.signal(signal.SIGINT, signal.default_int_handler)
asyncio.set_event_loop(asyncio.new_event_loop())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    step = int(os.environ.get("EVERY_NTH_TEST", "1"))
    seen: Counter[object] = Counter()
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for each in items:
        (left if seen[each.path] % step else kept).append(each)
        seen[each.path] += 1
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept
