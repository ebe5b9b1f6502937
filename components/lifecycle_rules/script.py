"""What an exec handler's command does, read once for all the rules that ask."""

import functools
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from .duration import seconds
from .shell import MAX_SCRIPT_BYTES, NOTHING, Command, Group, Statement, Step, Word, functions, groups, read, steps

MAX_COMMAND: Final = 2 * MAX_SCRIPT_BYTES  # characters of all words
MAX_PROGRAM: Final = 256
_KEPT: Final = 1024  # commands; workloads of one chart have the same


class Script:
    """A command as words, and as the statement that they are, a shell's script or one command."""

    def __init__(self, words: tuple[Word, ...]) -> None:
        self.words = words

    @cached_property
    def statement(self) -> Statement:
        return read(self.words) if self.words else NOTHING

    @cached_property
    def steps(self) -> Sequence[Step]:
        return tuple(steps(self.statement))

    @cached_property
    def groups(self) -> Sequence[Group]:
        return tuple(groups(self.statement))

    @cached_property
    def functions(self) -> frozenset[str]:
        return frozenset(functions(self.statement))

    @cached_property
    def seconds(self) -> float:
        """How long it takes at least: infinity for one without an end, 0 where it is not known."""
        return seconds(self.statement)

    @property
    def only_sleeps(self) -> bool:
        """Whether it is one command, `sleep`, with or without a shell around it."""
        return self.programs == {"sleep"} and isinstance(self.statement, Command)

    @cached_property
    def programs(self) -> frozenset[str]:
        return frozenset(step.program for step in self.steps)


def script_of(command: Sequence[object]) -> Script:
    """The script of an exec handler's command; the same object for the same words.

    Of a command that is longer than any hook only the program is known.
    """
    words = tuple([each if isinstance(each, str) else None for each in command])
    if len(words) + sum(map(len, filter(None, words))) > MAX_COMMAND:
        words = (words[0] if words[0] and len(words[0]) < MAX_PROGRAM else None, None)
    return _script(words)


_script: Final = functools.lru_cache(maxsize=_KEPT)(Script)
