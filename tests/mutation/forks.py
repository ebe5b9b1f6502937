"""The conftest.py of the copy: runs the tests on one mutant after the other.

Each has a fork of the process that collected the tests, and most fall to the first. mutmut itself would start pytest
anew for each, with thousands of tests by name: twenty times as long.
"""

import contextlib
import gc
import json
import os
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

import pytest

import lifecycle_rules

MEMORIES: Final = [
    each
    for name, module in sys.modules.items()
    if name.startswith(lifecycle_rules.__name__)
    for each in vars(module).values()
    if hasattr(each, "cache_clear") and each.__name__ != "_parser"
]
MUTANTS: Final = "MUTANTS"
"""The variable with the path of a JSON file, `[mutant, …]`; beside it comes `ends.json`, `{mutant: end}`."""
NOTES: Final = Path("mutmut-stats.json")  # mutmut's own
SECONDS: Final = 2  # of a processor, for one test: what takes longer is taken for endless
MOST_BYTES: Final = 4 << 30


def pytest_runtest_setup() -> None:
    """What a test before it left in the rules' memories would hide the change."""
    for each in MEMORIES:
        each.cache_clear()


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    if MUTANTS not in os.environ:
        return None
    path = Path(os.environ[MUTANTS])
    asked: list[str] = json.loads(path.read_text())
    notes = json.loads(NOTES.read_text())
    tests, seconds = notes["tests_by_mangled_function_name"], notes["duration_by_test"]
    items = {item.nodeid: item for item in session.items}
    ends: dict[str, str] = {}
    latest: dict[str, int] = {}  # by test, the number of the mutant that fell to it last: the next one may, too
    gc.freeze()
    if _run("", session.items) is not None:
        pytest.exit("a test fails without a mutant", returncode=1)
    for number, mutant in enumerate(asked, 1):
        reaching = tests.get(mutant.partition("__mutmut_")[0], ())
        order = sorted(reaching, key=lambda test: (-latest.get(test, 0), seconds[test]))
        fallen = _run(mutant, [items[test] for test in order]) if order else None
        ends[mutant] = "survived" if fallen is None else "killed"
        if fallen is not None:
            latest[order[fallen]] = number
        if number % 100 == 0 or number == len(asked):
            survivors = sum(end == "survived" for end in ends.values())
            print(f"{number} of {len(asked)} mutants, {survivors} survive", file=sys.__stderr__, flush=True)
    path.with_name("ends.json").write_text(json.dumps(ends))
    return True


def _run(mutant: str, items: Sequence[pytest.Item]) -> int | None:
    """The place of the test that the mutant falls to; None where it survives them all."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _child(mutant, items, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        begun = pipe.read()
    _, status = os.waitpid(child, 0)
    return len(begun) - 1 if status else None


def _child(mutant: str, items: Sequence[pytest.Item], writing: int) -> NoReturn:
    """Writes a byte for each test that it begins, and ends with 1 where one fails, or by a signal."""
    with contextlib.suppress(BaseException):
        os.environ["MUTANT_UNDER_TEST"] = mutant
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for item, after in zip(items, [*items[1:], None], strict=True):
            os.write(writing, b".")
            signal.setitimer(signal.ITIMER_PROF, SECONDS)  # its signal ends the process
            _run_test(item, after)
        os._exit(0)
    os._exit(1)


def _run_test(item: pytest.Item, after: pytest.Item | None) -> None:
    """Raises what the test raises, without pytest's reports: most of the time would go into them."""
    pytest_runtest_setup()
    with contextlib.suppress(pytest.skip.Exception):
        item.session._setupstate.setup(item)
        item.runtest()
    item.session._setupstate.teardown_exact(after)
