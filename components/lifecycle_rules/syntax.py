"""What makes a script one that no shell takes: something in it is never closed, or closes what was never opened.

Asked only of scripts that the parser cannot read, or may read amiss, and speaks only where it is certain: where dash,
BusyBox, bash and ksh may read a text in different ways, or where it does not know how they do, it has nothing to say.
zsh reads far more than they do, and is not asked about. tests/unit/rules/test_shells.py holds it against the shells
themselves.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

SHELLS: Final = frozenset({"ash", "bash", "dash", "ksh", "sh"})

# What is open, by what opened it: its end, and what it turns into at a word in the midst of it.
_ENDS: Final[Mapping[str, str]] = {
    "if": "fi",
    "while": "done",
    "until": "done",
    "for": "done",
    "select": "done",
    "case": "esac",
    "{": "}",
    "(": ")",
    "$(": ")",
    "${": "}",
    "<(": ")",
    "=(": ")",
    "((": "))",
    "$((": "))",
}
_NAMES: Final[Mapping[str, str]] = {"`": "the backtick", "'": "the single quote", '"': "the double quote"}
# What comes before the word that ends it.
_MIDST: Final[Mapping[str, str]] = {"if": "then", "while": "do", "for": "do"}
# A reserved word that goes on with a construct or ends it, and the stages in which it may stand.
_STAGES: Final[Mapping[str, frozenset[str]]] = {
    "then": frozenset({"if"}),
    "elif": frozenset({"then"}),
    "else": frozenset({"then"}),
    "fi": frozenset({"then", "else"}),
    "do": frozenset({"while", "for"}),
    "done": frozenset({"do"}),
    "esac": frozenset({"in", "body"}),
    "}": frozenset({"{"}),
}
_NEXT: Final[Mapping[str, str]] = {"then": "then", "elif": "if", "else": "else", "do": "do"}
_OPENERS: Final[Mapping[str, str]] = {
    "if": "if",
    "while": "while",
    "until": "while",
    "for": "for",
    "select": "for",
    "case": "case",
    "{": "{",
}
_NOT_JUDGED: Final = frozenset({"alias", "coproc", "shopt", "time", "unalias"})
_LEAVES: Final = re.compile(r"\b(?:exec|exit|return)\b")  # a shell reads line by line, and does not read on behind them

_SINGLE: Final = re.compile(r"'[^']*'")
_BACKTICKS: Final = re.compile(r"`(?:[^`\\]|\\.)*`", re.DOTALL)
_PARAMETER: Final = re.compile(r"\$[\w#?!@*$-]", re.ASCII)
_BRACED: Final = re.compile(r"\$\{(?:\w+(?=[]}=?#%/^,@[+-]|:[=+?\w -]|\Z)|[#!@*?$-](?!\$))", re.ASCII)
_SUBSCRIPT: Final = re.compile(r"[A-Za-z_]\w*\[", re.ASCII)  # mksh reads on to the end of it
_DEFINES: Final = re.compile(r"\([ \t]*\)")
_FUNCTION: Final = re.compile(r"[ \t]+[^\s()<>;&|'\"$`\\]+[ \t]*\([ \t]*\)")
_TESTED: Final = r"(?:\"[^\"]*\"|'[^']*'|[^\s\"'()<>&|;!]+)"
_TEST: Final = re.compile(
    rf"[ \t]+(?:![ \t]+)?(?:-[a-z][ \t]+{_TESTED}"
    rf"|{_TESTED}(?:[ \t]+(?:==?|!=|<|>|-[a-z]{{2}})[ \t]+{_TESTED})?)[ \t]+\]\](?=[\s;&|)]|$)"
)
_HEREDOC: Final = re.compile(r"<<(-?)[ \t]*((?:'[^'\n]*'|\"[^\"\n$`\\]*\"|[^\s;&|<>()'\"\\$`])+)")
_OPERATOR: Final = re.compile(r"&&|\|\||\|&|[&|]")
_REDIRECTION: Final = re.compile(r"<<<|<&|<>|>>|>&|>\||<|>")
_WORD: Final = re.compile(r"[^ \t\n'\"`$\\;&|()<>#\0]+")


class _Unsure(Exception):
    """A text that some shell may read in a way of its own."""


@dataclass
class _Open:
    """Something that is open: what opened it and where, and how far it has come."""

    opener: str = ""
    at: int = 0
    stage: str = ""
    starts: bool = True
    """Whether a command may start here, and so a reserved word stand."""
    closed: bool = False
    """Whether a compound command has just ended: only a word that goes on with another may follow."""
    words: int = 0
    """Of the header of a `for` or `case`."""


def fault(script: str) -> str | None:
    """What no shell takes in a script, in words; None where it is not certain that there is something."""
    if "{{" in script:  # a template's, which another tool fills in
        return None
    scan = _Scan(script)
    try:
        found = scan.run()
    except _Unsure:
        return None
    if found is None or scan.is_read_late():
        return None
    what, at = found
    if _LEAVES.search(script[:at].rpartition("\n")[0]):
        return None
    is_from_windows = "\r\n" in script and not fault(script.replace("\r\n", "\n"))
    return f"{what}, because each line ends in a carriage return" if is_from_windows else what


@dataclass
class _Scan:
    """One way through a text, with a stack of what is open."""

    text: str
    at: int = 0
    open: list[_Open] = field(default_factory=lambda: [_Open()])  # the text itself first
    word: str = ""  # unquoted so far
    in_word: bool = False
    is_plain: bool = True
    heredocs: list[tuple[bool, str]] = field(default_factory=list)
    after_redirection: bool = False

    def run(self) -> tuple[str, int] | None:
        """What is wrong, and where the outermost thing starts that is wrong; None if nothing is."""
        while self.at < len(self.text):
            step = _QUOTED.get(self.open[-1].stage, _Scan._command)
            wrong = step(self)
            if wrong:
                return wrong
        wrong = self._end_word()
        if wrong:
            return wrong
        if self.heredocs:
            raise _Unsure
        return self._unclosed() if len(self.open) > 1 else None

    def is_read_late(self) -> bool:
        """Whether some shells read what is wrong only when they run it, as ksh reads what stands in `$(…)`."""
        substitution = next((each for each in self.open if each.opener in ("$(", "<(")), None)
        if substitution is None:
            return False
        is_last = self.open[-1] is substitution and self.at >= len(self.text)
        return not is_last or any(each in self.text[substitution.at :] for each in '"#')

    def _unclosed(self) -> tuple[str, int]:
        return self._says(self.open[-1].opener, self.open[-1].at)

    def _says(self, opener: str, at: int) -> tuple[str, int]:
        name = _NAMES.get(opener, f"`{opener}`")
        by = "" if opener in _NAMES else f" by `{_ENDS[opener]}`"
        return f"{name} on line {self._line(at)} is never closed{by}", self._start(at)

    def _start(self, at: int) -> int:
        """Where the outermost thing starts that is open."""
        return self.open[1].at if len(self.open) > 1 else at

    def _line(self, at: int) -> int:
        return self.text[:at].count("\n") + 1

    def _push(self, opener: str, stage: str, length: int) -> None:
        self.open.append(_Open(opener, self.at, stage))
        self.at += length

    def _pass(self, pattern: re.Pattern[str], opener: str) -> tuple[str, int] | None:
        """Over something that nothing is read in; what is wrong where it has no end."""
        found = pattern.match(self.text, self.at)
        if not found:
            return self._says(opener, self.at)
        self.at = found.end()
        return None

    def _quote(self) -> None:
        if self.heredocs:  # its text starts behind the line, wherever that ends
            raise _Unsure
        self.in_word, self.is_plain = True, False

    # Of strings, `${…}` and commands alike.

    def _dollar(self) -> tuple[str, int] | None:
        text, at = self.text, self.at
        if text.startswith("$((", at):
            return self._arithmetic("$((")
        if text.startswith("$(", at):
            self._substitute("$(", 2)
        elif text.startswith("${", at):
            name = _BRACED.match(text, at)
            if not name:
                raise _Unsure
            is_quoted = self.open[-1].stage in ("string", "quoted braces")
            self._push("${", "quoted braces" if is_quoted else "braces", len(name[0]))
        elif text.startswith("$[", at):
            raise _Unsure
        else:
            self.at += 2 if _PARAMETER.match(text, at) else 1
        return None

    def _substitute(self, opener: str, length: int) -> None:
        """A command in a word: the word goes on behind it."""
        self._push(opener, "(", length)
        self._forget()

    def _forget(self) -> None:
        self.in_word, self.word, self.is_plain, self.after_redirection = False, "", True, False

    def _arithmetic(self, opener: str) -> tuple[str, int] | None:
        """Over `$((…))` and `((…))`, or into the commands that stand there."""
        depth, at = 2, self.at + len(opener)
        while at < len(self.text) and depth:
            character = self.text[at]
            if character in "'\"`\\#":
                raise _Unsure
            depth += (character == "(") - (character == ")")
            if depth == 1 and character == ")" and self.text[at + 1 : at + 2] != ")":
                raise _Unsure  # a command in two pairs of parentheses, to some
            at += 1
        if depth and opener == "((":  # mksh goes on without an end
            raise _Unsure
        if depth:
            if re.search(r"[^\w\s+*/%<>=!?:,~^$()-]", self.text[self.at : at]):
                raise _Unsure
            return self._says(opener, self.at)
        self.at = at
        return None

    def _string(self) -> tuple[str, int] | None:
        """One step in a text in double quotes."""
        character = self.text[self.at]
        if character == "\\":
            self.at += 2
        elif character == '"':
            self.open.pop()
            self.at += 1
        elif character == "`":
            return self._pass(_BACKTICKS, "`")
        elif character == "$":
            return self._dollar()
        else:
            self.at += 1
        return None

    def _braces(self) -> tuple[str, int] | None:
        """One step in `${…}`."""
        character = self.text[self.at]
        if character == "}":
            self.open.pop()
            self.at += 1
            return None
        if character == "'":
            if self.open[-1].stage == "quoted braces":
                raise _Unsure
            return self._pass(_SINGLE, "'")
        if character == '"':
            if self.open[-1].stage == "quoted braces":
                raise _Unsure
            self._push('"', "string", 1)
            return None
        if character == "\\":  # `${x\}` has an end to some
            raise _Unsure
        return self._string()

    # Of commands.

    def _command(self) -> tuple[str, int] | None:
        """One step where commands stand."""
        character = self.text[self.at]
        step = _STEPS.get(character)
        if step:
            return step(self)
        found = _WORD.match(self.text, self.at)
        if not found:
            raise _Unsure
        self.in_word = True
        self.word += found[0]
        self.at = found.end()
        return None

    def _blank(self) -> tuple[str, int] | None:
        before = self.at
        wrong = self._end_word()
        self.at += self.at == before  # `function f` and `[[ a ]]` are read as a whole
        return wrong

    def _backslash(self) -> None:
        if self.text.startswith("\\\n", self.at):
            self.at += 2
            return
        if self.at + 1 == len(self.text):  # mksh does not see it
            raise _Unsure
        self._quote()
        self.at += 2

    def _hash(self) -> None:
        if self.in_word:
            self.word += "#"
            self.at += 1
            return
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def _single_quote(self) -> tuple[str, int] | None:
        self._quote()
        return self._pass(_SINGLE, "'")

    def _double_quote(self) -> None:
        self._quote()
        self._push('"', "string", 1)

    def _backtick(self) -> tuple[str, int] | None:
        self._quote()
        return self._pass(_BACKTICKS, "`")

    def _expansion(self) -> tuple[str, int] | None:
        text, at = self.text, self.at
        self._quote()
        if not text.startswith("$'", at):
            return self._dollar()
        found = _SINGLE.match(text, at + 1)
        if not found or "\\" in found[0]:
            raise _Unsure
        self.at = found.end()
        return None

    def _newline(self) -> tuple[str, int] | None:
        wrong = self._end_command()
        self.at += 1
        for strips, end in self.heredocs:
            self._heredoc(strips, end)
        self.heredocs = []
        return wrong

    def _heredoc(self, strips: bool, end: str) -> None:
        while self.at < len(self.text):
            start, self.at = self.at, (self.text.find("\n", self.at) + 1) or len(self.text)
            line = self.text[start : self.at].removesuffix("\n")
            if (line.lstrip("\t") if strips else line) == end:
                return
        raise _Unsure  # the shells only warn, and not all of them take the rest for its text

    def _semicolon(self) -> tuple[str, int] | None:
        wrong = self._end_command()
        if wrong:
            return wrong
        here = self.open[-1]
        if not self.text.startswith((";;", ";&"), self.at):
            self.at += 1
            return None
        if here.stage != "body":
            if any(each.stage == "body" for each in self.open):
                return self._unclosed()
            raise _Unsure
        here.stage, here.starts = "in", True
        self.at += 2  # what is left of `;;&` is as in a pattern
        return None

    def _operator(self) -> tuple[str, int] | None:
        if self.text.startswith("&>", self.at):
            return self._redirection()
        wrong = self._end_word()
        if wrong:
            return wrong
        found = _OPERATOR.match(self.text, self.at)
        assert found
        self.at = found.end()
        here = self.open[-1]
        if here.stage in ("for", "case", "words"):
            raise _Unsure
        if here.stage != "in":  # of a pattern
            self._starts(here)
        return None

    def _redirection(self) -> tuple[str, int] | None:
        text, at = self.text, self.at
        if text.startswith(("<(", ">("), at):
            self._quote()
            self._substitute("<(", 2)
            return None
        wrong = None if self.word.isdigit() or not self.in_word else self._end_word()
        if wrong:
            return wrong
        here = self.open[-1]
        if here.stage in ("for", "case", "in"):
            raise _Unsure
        self.in_word, self.word, self.is_plain = False, "", True
        self.after_redirection = True
        heredoc = _HEREDOC.match(text, at)
        if heredoc:
            self.heredocs.append((bool(heredoc[1]), re.sub("['\"]", "", heredoc[2])))
            self.at, self.after_redirection = heredoc.end(), False
            if self.at < len(text) and text[self.at] in "'\"\\$`":
                raise _Unsure
            here.starts = False
            return None
        if text.startswith("<<", at) and not text.startswith("<<<", at):
            raise _Unsure
        found = _REDIRECTION.match(text, at + text.startswith("&>", at))
        assert found
        self.at = found.end()
        here.starts = False
        return None

    def _opening(self) -> tuple[str, int] | None:
        text, at, here = self.text, self.at, self.open[-1]
        if here.stage == "in":
            if self.in_word or not here.starts:
                raise _Unsure
            here.starts = False
            self.at += 1
            return None
        if self.in_word:
            if here.stage in ("for", "case"):
                raise _Unsure
            if self.is_plain and self.word.endswith("="):
                self._quote()
                self._push("=(", "words", 1)
                self._forget()
                return None
            defines = _DEFINES.match(text, at)
            if not defines or not here.starts or not self.is_plain or self.word in RESERVED:
                raise _Unsure
            self.in_word, self.word = False, ""
            self.at = defines.end()
            self._starts(here)
            return None
        if here.stage == "for" and here.words == 0 and text.startswith("((", at):
            here.words = 2
            return self._arithmetic("((")
        defines = _DEFINES.match(text, at)
        if defines and not here.starts:  # `f ()`
            if here.words != 1 or here.stage == "for":
                raise _Unsure
            self.at = defines.end()
            self._starts(here)
            return None
        if not here.starts or here.closed or here.stage in ("for", "case", "words") or self.after_redirection:
            raise _Unsure
        if text.startswith("((", at):
            here.closed = True
            return self._arithmetic("((")
        self._push("(", "(", 1)
        return None

    def _closing(self) -> tuple[str, int] | None:
        wrong = self._end_word()
        if wrong:
            return wrong
        here = self.open[-1]
        if self.heredocs:
            raise _Unsure
        if here.stage == "in":
            if here.starts:  # dash takes a pattern of nothing
                raise _Unsure
            here.stage = "body"
            self._starts(here)
            self.at += 1
            return None
        if here.stage not in ("(", "words"):
            if any(each.stage == "(" for each in self.open):
                return self._unclosed()
            if here.stage in ("case", "for"):
                raise _Unsure
            return f"`)` on line {self._line(self.at)} matches nothing", self._start(self.at)
        self.open.pop()
        self.at += 1
        around = self.open[-1]
        if here.opener == "(":
            self._ends(around)
        else:
            self._quote()
        if here.opener in ("=(", "<("):  # ksh knows reserved words behind them
            around.starts, around.closed = False, True
        return None

    def _starts(self, here: _Open) -> None:
        here.starts, here.closed, here.words, self.after_redirection = True, False, 0, False

    def _ends(self, here: _Open) -> None:
        """A compound command has ended in it."""
        here.starts, here.closed, here.words = True, True, 2
        self.in_word, self.word, self.is_plain = False, "", True

    def _end_command(self) -> tuple[str, int] | None:
        wrong = self._end_word()
        here = self.open[-1]
        if here.stage == "for":
            here.starts = True
            if here.words == 0:
                raise _Unsure
        elif here.stage != "case":
            self._starts(here)
        return wrong

    def _end_word(self) -> tuple[str, int] | None:
        """At the end of a word: a reserved one opens or closes something, where a command may start."""
        if not self.in_word:
            return None
        word, is_plain, here = self.word, self.is_plain, self.open[-1]
        self.in_word, self.word, self.is_plain = False, "", True
        if self.after_redirection:
            self.after_redirection = False
            if here.closed:
                here.starts = False
            return None
        if here.stage == "words":
            return None
        if here.stage in ("for", "case"):
            return self._header(word if is_plain else "", here)
        if here.stage == "in":
            if here.starts and is_plain and word == "esac":
                return self._close(word)
            here.starts = False
            return None
        if not here.starts:
            if here.closed and word in RESERVED:  # behind the redirection of a compound command
                raise _Unsure
            here.words += 1
            return None
        if is_plain and word in _STAGES:
            return self._close(word)
        if here.closed:
            raise _Unsure
        if is_plain and word in _OPENERS:
            self.open.append(_Open(word, self.at - len(word), _OPENERS[word]))
            return None
        if is_plain and (word in _NOT_JUDGED or _SUBSCRIPT.match(word)):
            raise _Unsure
        if is_plain and word == "!":
            return None
        if is_plain and word == "function":
            self._function()
            return None
        if is_plain and word == "[[":
            found = _TEST.match(self.text, self.at)
            if not found:  # bash leaves out a line with a test that it cannot read
                raise _Unsure
            self.at = found.end()
            here.starts, here.closed = False, True  # to dash, `[[` is a program
            return None
        here.starts, here.words = False, 1
        return None

    def _function(self) -> None:
        found = _FUNCTION.match(self.text, self.at)
        if not found:  # to dash, `function f {` is a program and its words
            raise _Unsure
        self.at = found.end()

    def _header(self, word: str, here: _Open) -> tuple[str, int] | None:
        """A word between `for` and `do`, or between `case` and `in`."""
        if here.stage == "case":
            here.words += 1
            if here.words == 2:
                if word != "in":
                    raise _Unsure
                here.stage, here.starts = "in", True
            return None
        if here.words == 0:  # the name
            here.words, here.starts = 1, False
            return None
        if word == "do" and (here.starts or here.words == 1):
            return self._close(word)
        if word == "{" and here.starts:
            self.open[-1] = _Open("{", self.at - len(word), "{")
            return None
        if here.words == 1 and word == "in":
            here.words, here.starts = 2, False
            return None
        if here.starts:
            return self._lacks("do")
        if here.words == 1:
            raise _Unsure
        return None

    def _lacks(self, midst: str) -> tuple[str, int]:
        """Of what is open last, where something else stands."""
        here = self.open[-1]
        return f"`{here.opener}` on line {self._line(here.at)} has no `{midst}`", self.open[1].at

    def _close(self, word: str) -> tuple[str, int] | None:
        here, at = self.open[-1], self.at - len(word)
        if here.stage not in _STAGES[word]:
            if _ENDS.get(here.opener) == word and here.stage in _MIDST:
                return self._lacks(_MIDST[here.stage])
            if any(each.stage in _STAGES[word] for each in self.open):
                return self._unclosed()
            return f"`{word}` on line {self._line(at)} matches nothing", self._start(at)
        if word in _NEXT:
            here.stage = _NEXT[word]
            self._starts(here)
            return None
        self.open.pop()
        self._ends(self.open[-1])
        return None


RESERVED: Final = frozenset(_STAGES) | frozenset(_OPENERS)
_Step = Callable[[_Scan], tuple[str, int] | None]
_QUOTED: Final[Mapping[str, _Step]] = {
    "string": _Scan._string,
    "braces": _Scan._braces,
    "quoted braces": _Scan._braces,
}
_STEPS: Final[Mapping[str, _Step]] = {
    " ": _Scan._blank,
    "\t": _Scan._blank,
    "\n": _Scan._newline,
    "\\": _Scan._backslash,
    "#": _Scan._hash,
    "'": _Scan._single_quote,
    '"': _Scan._double_quote,
    "`": _Scan._backtick,
    "$": _Scan._expansion,
    ";": _Scan._semicolon,
    "&": _Scan._operator,
    "|": _Scan._operator,
    "<": _Scan._redirection,
    ">": _Scan._redirection,
    "(": _Scan._opening,
    ")": _Scan._closing,
}
