"""The Python of README and of the pages in docs/ runs, and what they show is what is printed."""

import re
from pathlib import Path

import pytest

from lifecycle_demo import LifecycleDemo, LifecycleDemoArgs, LifecycleDemoError, hooks
from lifecycle_rules import RULES
from tests.unit.recording import run

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)
PAGES = [
    (page.name, block)
    for page in sorted((ROOT / "docs").glob("**/*.md"))
    for block in PYTHON.findall(page.read_text())
    if page.name not in ("policies.md", "adding-a-rule.md", "library.md")  # they have tests of their own
]


def test_the_components_python_runs() -> None:
    (block,) = PYTHON.findall(README)
    recorder = run(lambda: exec(block, {}))
    assert "kubernetes:core/v1:Pod" in recorder.requests


def test_the_rules_python_runs_and_prints_what_stands_there(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "library.md").read_text()
    (block,) = PYTHON.findall(page)
    exec(block, {})
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 2
    for line in printed:
        assert f"    {line}\n" in page


def test_it_counts_the_rules() -> None:
    """In tens: a new rule does not touch it."""
    assert f"a catalogue of more than {(len(RULES) - 1) // 10 * 10} rules" in README


def test_the_error_it_shows() -> None:
    with pytest.raises(LifecycleDemoError) as raised:
        LifecycleDemo("web", {"pre_stop": hooks.sleep(50), "termination_grace_period_seconds": 30})

    for line in str(raised.value).splitlines():
        assert f"    {line}\n" in README


@pytest.mark.parametrize(("page", "block"), PAGES)
def test_the_python_of_a_page_runs(page: str, block: str) -> None:
    recorder = run(lambda: exec(block, {}))
    assert any(each.startswith("kubernetes:") for each in recorder.requests), page


def test_the_page_of_the_component_names_every_argument() -> None:
    page = (ROOT / "docs" / "component.md").read_text()
    assert [name for name in LifecycleDemoArgs.__annotations__ if f"`{name}`" not in page] == []


def test_it_is_short() -> None:
    assert README.count("\n") <= 120
