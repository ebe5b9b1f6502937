"""README's Python runs, and what it shows is what is printed."""

import re
from pathlib import Path

import pytest

from lifecycle_demo import LifecycleDemo, LifecycleDemoError, hooks
from tests.unit.recording import run

README = (Path(__file__).parents[2] / "README.md").read_text()


BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_components_python_runs() -> None:
    recorder = run(lambda: exec(BLOCKS[0], {}))
    assert "kubernetes:core/v1:Pod" in recorder.requests


def test_the_rules_python_runs_and_prints_what_stands_there(capsys: pytest.CaptureFixture[str]) -> None:
    exec(BLOCKS[1], {})
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 2
    for line in printed:
        assert f"    {line}\n" in README


def test_the_error_it_shows() -> None:
    with pytest.raises(LifecycleDemoError) as raised:
        LifecycleDemo("web", {"pre_stop": hooks.sleep(50), "termination_grace_period_seconds": 30})

    for line in str(raised.value).splitlines():
        assert f"    {line}\n" in README
