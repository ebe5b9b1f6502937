"""README's Python runs, and its error is the real one."""

import re
from pathlib import Path

import pytest

from lifecycle_demo import LifecycleDemo, LifecycleDemoError, hooks
from tests.unit.recording import run

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_each_python_block_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)

    assert blocks
    for block in blocks:
        recorder = run(lambda block=block: exec(block, {}))
        assert "kubernetes:core/v1:Pod" in recorder.requests


def test_the_error_it_shows() -> None:
    with pytest.raises(LifecycleDemoError) as raised:
        LifecycleDemo("web", {"pre_stop": hooks.sleep(50), "termination_grace_period_seconds": 30})

    for line in str(raised.value).splitlines():
        assert f"    {line}\n" in README
