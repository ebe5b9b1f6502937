"""How long a hook's command takes at least, where its commands succeed; never guessed."""

import math
import re
from collections.abc import Sequence
from typing import Final

from .shell import (
    Command,
    Group,
    Kind,
    Statement,
    Word,
    commands,
    groups,
    name_of,
    read,
    script_index,
    steps,
    unwrapped,
)

_UNIT_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)([smhd]?)", re.ASCII)
_STOPS: Final = frozenset({"kill", "killall", "pg_ctl", "pkill"})  # the container, and the hook with it
# A program that is told to shut down may end it, too (`psql -c SHUTDOWN`, `curl …/shutdown`); `echo` ends nothing.
_SHUTDOWN: Final = re.compile("quitquitquit|shutdown", re.IGNORECASE)
_SAYS: Final = frozenset({"echo", "logger", "printf"})
_ALWAYS: Final = frozenset({"true", ":"})
# A loop that starts nothing else goes on for ever: none of these ends the shell or the container, nor does it fail.
_HARMLESS: Final = _ALWAYS | {"date", "echo", "printf", "sleep"}


def command_seconds(command: Sequence[object]) -> float:
    """The seconds that an exec handler's command takes; infinity for one without an end, 0 where none are known."""
    return seconds(read(command))


def seconds(statement: Statement) -> float:
    """As `command_seconds`, of a statement."""
    if isinstance(statement, Command):
        return _words_seconds(statement.words)
    parts = statement.parts
    if statement.kind in (Kind.SEQUENCE, Kind.AND):
        return _sequence(parts)
    if statement.kind is Kind.PIPELINE:
        return _pipeline([seconds(part) for part in parts])
    if statement.kind in (Kind.OR, Kind.OUTPUT_ELSEWHERE, Kind.ALL_ELSEWHERE):
        return seconds(parts[0])  # of `a || b` only the first is sure
    return math.inf if _is_endless(statement) else 0


def _sequence(parts: Sequence[Statement]) -> float:
    total = 0.0
    for part in parts:
        total += seconds(part)
        if any(_may_end(each) for each in commands(part)):
            break
    return total


def _may_end(command: Command) -> bool:
    """Whether what is behind it may not run: it ends the script, or the container."""
    asks_to_quit = command.program == "nginx" and not {"quit", "stop"}.isdisjoint(command.words)
    if command.ends or asks_to_quit or command.program in _STOPS:
        return True
    return command.program not in _SAYS and any(word and _SHUTDOWN.search(word) for word in command.words)


def _pipeline(taken: Sequence[float]) -> float:
    """It waits for all its parts; one without an end is ended when the last has, by its next output."""
    endless = math.inf in taken[-1:]
    return math.inf if endless else max((each for each in taken if each < math.inf), default=0)


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
    named = {name_of(each[0]): each for each in prefixes}
    if "setsid" in named:  # it may go on without waiting for the command
        return 0
    limits = [_duration(each[-1]) for each in prefixes if name_of(each[0]) == "timeout"]
    return min([*limits, _own_seconds(words)])


def _own_seconds(words: Sequence[Word]) -> float:
    program, rest = name_of(words[0]) if words else "", words[1:]
    if script_index(words) is not None:
        return command_seconds(words)
    if program == "sleep":
        return sum(_duration(word) for word in rest)
    if program == "tail" and any(word in ("-f", "-F", "--follow") for word in rest):
        return 0 if any(word is None or word.startswith("--pid") for word in rest) else math.inf
    return 0


def _duration(word: Word) -> float:
    if word in ("inf", "infinity"):
        return math.inf
    found = _DURATION.fullmatch(word) if word else None
    return float(found[1]) * _UNIT_SECONDS[found[2]] if found else 0
