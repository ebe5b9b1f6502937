"""How long a hook's command takes at least, where it does not fail; never guessed.

Where its commands succeed, that is: `drain && sleep 5` takes 5 s, and so does `sh -ec 'drain; sleep 5'`. In a loop a
command that fails is no exception but the rule, so there nothing counts that depends on one: not what stands behind
`&&`, and nothing at all where a break, an exit, a test, or a failure under `set -e` may end the loop early.
"""

import itertools
import math
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from . import pauses
from .shell import (
    Command,
    Group,
    Kind,
    Statement,
    Step,
    Word,
    commands,
    functions,
    groups,
    has_errexit,
    name_of,
    read,
    script_index,
    steps,
    unwrapped,
)
from .signals import SENDERS, ends_the_server

_UNIT_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)([smhd]?)", re.ASCII)
# Seen with coreutils 9.1 and BusyBox 1.35 (tests/unit/rules/test_arguments.py); a decimal comma may be the locale's.
_TAKEN: Final = re.compile(
    r"\s*\+?(?:[iI][nN][fF].*"
    r"|(?:(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?"
    r"|0[xX](?:[\da-fA-F]+[.,]?[\da-fA-F]*|[.,][\da-fA-F]+)(?:[pP][+-]?\d+)?"
    r"|0[bBoO]\d+)[smhd]?)",
    re.ASCII,
)
_STOPS: Final = frozenset({"kill", "killall", "pg_ctl", "pkill"})  # the container, and the hook with it
_SAYS: Final = frozenset({"echo", "logger", "printf"})
_ALWAYS: Final = frozenset({"true", ":"})
# A loop that starts nothing else goes on for ever: none of these ends the shell or the container, nor does it fail.
_HARMLESS: Final = _ALWAYS | {"date", "echo", "printf", "sleep"}
_MANY_PROGRAMS: Final = frozenset({"busybox", "toybox"})  # they run the one that is named by their first word
_EXPANDS_BRACES: Final = frozenset({"bash", "zsh"})
# They end a loop, or a pass of it, or may do so.
_LEAVES: Final = frozenset({".", "break", "builtin", "continue", "eval", "exec", "exit", "return", "source"})
_LONGEST: Final = 10**9  # seconds of a loop; more are not told apart


class _Script:
    """What the whole of a script means for a loop in it."""

    def __init__(self, command: Sequence[object], statement: Statement) -> None:
        self._command = command
        self._statement = statement

    @cached_property
    def _options(self) -> Sequence[object]:
        return self._command[: script_index(self._command)]

    @property
    def is_bash(self) -> bool:
        """Whether bash or zsh surely runs it; any shell may be behind `sh`."""
        return bool(self._options) and name_of(self._options[0]) in _EXPANDS_BRACES

    @property
    def drops_globs(self) -> bool:
        return "nullglob" in self._options

    @cached_property
    def has_errexit(self) -> bool:
        return has_errexit(self._options, self._statement)

    @cached_property
    def functions(self) -> frozenset[str]:
        return frozenset(functions(self._statement))


def command_seconds(command: Sequence[object]) -> float:
    """The seconds that an exec handler's command takes; infinity for one without an end, 0 where none are known."""
    return seconds(read(command), command)


def seconds(statement: Statement, command: Sequence[object] = ()) -> float:
    """As `command_seconds`, of the statement that a command was read as."""
    if isinstance(statement, Command):
        return _words_seconds(statement.words)
    return _seconds(statement, _Script(command, statement))


def _seconds(statement: Statement, script: _Script, *, in_loop: bool = False) -> float:
    if isinstance(statement, Command):
        return _words_seconds(statement.words)
    kind, parts = statement.kind, statement.parts
    if kind is Kind.SEQUENCE or (kind is Kind.AND and not in_loop):
        return _sequence(parts, script, in_loop=in_loop)
    if kind is Kind.PIPELINE:
        return _pipeline(parts, script, in_loop=in_loop)
    if kind in _FIRST_IS_SURE:
        return _seconds(parts[0], script, in_loop=in_loop)
    if kind is Kind.FOR:
        return _loop(statement, script)
    return math.inf if _is_endless(statement) else 0


_FIRST_IS_SURE: Final = frozenset({Kind.AND, Kind.OR, Kind.OUTPUT_ELSEWHERE, Kind.ALL_ELSEWHERE})


def _sequence(parts: Sequence[Statement], script: _Script, *, in_loop: bool) -> float:
    total = 0.0
    before: list[Statement] = []  # what stands between this part and the last one that takes time
    for part in parts:
        taken = _seconds(part, script, in_loop=in_loop)
        if taken and any(map(_may_end, itertools.chain.from_iterable(map(commands, before)))):
            break
        if taken:
            total += taken
            before.clear()
        before.append(part)
    return total


def _loop(loop: Group, script: _Script) -> float:
    (body,) = loop.parts
    passes = loop.passes.in_bash if script.is_bash else loop.passes.anywhere
    if not passes or not _goes_through(body, script):
        return 0
    each = _seconds(body, script, in_loop=True)
    return each if each == math.inf else min(passes * each, _LONGEST)


def _goes_through(body: Statement, script: _Script) -> bool:
    """Whether nothing in a loop's body may end it early."""
    if script.drops_globs or any(each.kind is Kind.MAYBE for each in groups(body)) or any(functions(body)):
        return False
    return not any(map(_stops, steps(body))) and not any(_may_leave(each, script) for each in commands(body))


def _may_leave(command: Command, script: _Script) -> bool:
    inner = unwrapped(command.words).words
    if command.words and (not inner or inner[0] is None):  # `$x` may be `break`
        return True
    program = name_of(inner[0]) if inner else ""
    if program in _LEAVES or program in script.functions or command.program in _LEAVES:
        return True
    may_fail = program not in _HARMLESS if program else any(value is None for _, value in command.assigned)
    return script.has_errexit and may_fail


def _may_end(command: Command) -> bool:
    """Whether what is behind it may not run: it ends the script, or the container."""
    return command.ends or _stops(command)


def _stops(command: Command | Step) -> bool:
    program = command.program
    if program in _STOPS or (program in SENDERS and ends_the_server(command.words)):
        return True
    if program in _SAYS:
        return False
    # It may be told to shut down: `psql -c SHUTDOWN`, `curl …/quitquitquit`; `echo` ends nothing.
    said = "\n".join(filter(None, command.words)).lower()
    return "shutdown" in said or "quitquitquit" in said


def _pipeline(parts: Sequence[Statement], script: _Script, *, in_loop: bool) -> float:
    """It waits for all its parts; one without an end, or a loop, is ended when the last has, by its next output."""
    taken = [_seconds(part, script, in_loop=in_loop) for part in parts]
    if math.inf in taken[-1:]:
        return math.inf
    looping = [any(each.kind is Kind.FOR for each in groups(part)) for part in parts[:-1]]
    sure = [each for each, loops in zip(taken, [*looping, False], strict=False) if each < math.inf and not loops]
    return max(sure, default=0)


def _is_endless(loop: Group) -> bool:
    """`while true` around commands none of which can end it."""
    if loop.kind not in (Kind.WHILE, Kind.UNTIL) or any(each.kind is Kind.MAYBE for each in groups(loop)):
        return False
    condition, body = loop.parts
    ends = _ALWAYS if loop.kind is Kind.WHILE else {"false"}
    if not isinstance(condition, Command) or condition.program not in ends:
        return False
    return all(step.program in _HARMLESS for step in steps(body))


def _words_seconds(words: Sequence[Word]) -> float:
    words, prefixes = unwrapped(words)
    if not prefixes:  # as most
        return _own_seconds(words)
    named = {name_of(each[0]): each for each in prefixes}
    if "setsid" in named:  # it may go on without waiting for the command
        return 0
    limits = [_duration(each[-1]) for each in prefixes if name_of(each[0]) == "timeout"]
    return min([*limits, _own_seconds(words)])


def _own_seconds(words: Sequence[Word]) -> float:
    while words and name_of(words[0]) in _MANY_PROGRAMS:
        words = words[1:]
    program, rest = name_of(words[0]) if words else "", words[1:]
    if script_index(words) is not None:
        return command_seconds(words)
    if program == "sleep":
        return 0 if any(map(is_refused, rest)) else sum(map(_duration, rest))
    if program == "tail" and any(word in ("-f", "-F", "--follow") for word in rest):
        return 0 if any(word is None or word.startswith("--pid") for word in rest) else math.inf
    return pauses.seconds(words)


def is_refused(word: Word) -> bool:
    """Whether neither coreutils' nor BusyBox' `sleep` and `timeout` read it as a time."""
    return word is not None and not _DURATION.fullmatch(word) and not _TAKEN.fullmatch(word)


def _duration(word: Word) -> float:
    if word in ("inf", "infinity"):
        return math.inf
    found = _DURATION.fullmatch(word) if word else None
    return float(found[1]) * _UNIT_SECONDS[found[2]] if found else 0
