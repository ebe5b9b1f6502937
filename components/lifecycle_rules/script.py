"""What an exec handler's command does, read once for all the rules that ask."""

import functools
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from . import syntax
from .arguments import Refused, refused
from .duration import seconds
from .shell import (
    MAX_SCRIPT_BYTES,
    NOTHING,
    Command,
    Group,
    Statement,
    Step,
    Word,
    functions,
    groups,
    has_errexit,
    name_of,
    parse,
    read,
    script_index,
    steps,
    unwrapped,
)

MAX_COMMAND: Final = 2 * MAX_SCRIPT_BYTES  # characters of all words
MAX_PROGRAM: Final = 256
_KEPT: Final = 1024  # commands; workloads of one chart have the same
# `{a` at the start of a word, which starts a group to the parser. Searched by the brace first: it is the rarest.
_MISREAD: Final = re.compile(r"\{(?<![^\s;&|(]\{)\S")


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
        return seconds(self.statement, self.words)

    @cached_property
    def has_errexit(self) -> bool:
        """Whether its shell stops where a command fails."""
        return has_errexit(self.words[: script_index(self.words) or 0], self.statement)

    @cached_property
    def fault(self) -> tuple[int, str]:
        """What no shell takes in its script, and the place of that among the words; empty where nothing is certain."""
        words, prefixes = unwrapped(self.words)
        index = script_index(words)
        script = words[index] if index is not None and name_of(words[0]) in syntax.SHELLS else None
        if not script or index is None or len(script) > MAX_SCRIPT_BYTES or self._is_read_well(script, prefixes):
            return 0, ""
        return sum(map(len, prefixes)) + index, syntax.fault(script) or ""

    def _is_read_well(self, script: str, prefixes: Sequence[object]) -> bool:
        """Whether the parser reads a script, and as a shell does.

        To the parser a stray `fi` is a program, `{a` starts a group, and a carriage return is a blank.
        """
        if not self.programs.isdisjoint(syntax.RESERVED) or "\r" in script or _MISREAD.search(script):
            return False
        return (self.statement is not NOTHING and not prefixes) or parse(script) is not None

    @cached_property
    def refused(self) -> Refused | None:
        """What one of its steps is sure to refuse."""
        return refused(self.words, self.statement, self.steps)

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
    if not command:  # as of all hooks that are no exec
        return _NOTHING
    words = tuple([each if isinstance(each, str) else None for each in command])
    if len(words) + sum(map(len, filter(None, words))) > MAX_COMMAND:
        words = (words[0] if words[0] and len(words[0]) < MAX_PROGRAM else None, None)
    return _script(words)


_script: Final = functools.lru_cache(maxsize=_KEPT)(Script)
_NOTHING: Final = Script(())
