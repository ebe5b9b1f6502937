"""Arguments that a program refuses at once: times that neither coreutils' nor BusyBox' `sleep` and `timeout` read.

coreutils reads what C reads as a number, and BusyBox `inf…`, too; both take one of the units s, m, h and d, and one
only: `1m30s` and `5min` are none. What either of them may take is not refused, and no more is what is not known.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from .duration import is_refused
from .shell import Statement, Step, Word, functions, steps, unwrapped

_LOOKS_LIKE_A_TIME: Final = re.compile(r"\d|-\d|$")
_SLEEP: Final = frozenset({"sleep", "/bin/sleep", "/usr/bin/sleep"})
_HAS_TIMEOUT: Final = re.compile(r"(?:^|[^\w-])timeout(?:\s|$)", re.ASCII)
_TIMEOUT: Final = frozenset({"timeout", "/bin/timeout", "/usr/bin/timeout"})


class Refused(NamedTuple):
    """The program that refuses, what it refuses, in words, and the step that it stands in."""

    program: str
    what: str
    step: Step


def refused(words: Sequence[Word], statement: Statement, its_steps: Sequence[Step]) -> Refused | None:
    """The first sure step of a command, read as this statement and these steps, that its program refuses to do."""
    found = next(_refused(words, statement, its_steps), None)
    # ksh's own `sleep` reads `1m30s`; and another tool fills in `{{inputs.parameters.seconds}}` before.
    if not found or any(word and ("ksh" in word or "{{" in word) for word in words):
        return None
    return None if found.program in functions(statement) else found


def _refused(words: Sequence[Word], statement: Statement, its_steps: Sequence[Step]) -> Iterator[Refused]:
    for step in its_steps:
        if step.words and step.words[0] in _SLEEP and step.sure:
            yield from (Refused("sleep", what, step) for what in _by_sleep(step.words))
    if any(word and "timeout" in word and _HAS_TIMEOUT.search(word) for word in words):
        for step in steps(statement, as_written=True):
            inner = unwrapped(step.words)
            for prefix in inner.prefixes if step.sure else ():
                yield from (Refused("timeout", what, step) for what in _by_timeout(prefix, inner.words))


def _by_sleep(words: Sequence[Word]) -> Iterator[str]:
    times = words[1:]
    if not times:
        yield "sleep gets no time"
    elif all(each is not None and not each.startswith("--") for each in times):  # `--help` is answered, whatever else
        refused = (each for each in times if each is not None and is_refused(each))
        yield from (f"sleep does not accept the time {each!r}" for each in refused)


def _by_timeout(words: Sequence[Word], command: Sequence[Word]) -> Iterator[str]:
    """Only what looks like a time: an old BusyBox takes `timeout drain` for a program and 10 s."""
    if words[0] not in _TIMEOUT or None in words:
        return
    time = next((each for each in words[1:] if each and re.match(r"-\d", each)), words[-1])  # an option, to both
    is_whole = bool(command) or time != words[-1]
    if time is not None and is_whole and _LOOKS_LIKE_A_TIME.match(time) and is_refused(time):
        yield f"timeout does not accept the time {time!r}"
