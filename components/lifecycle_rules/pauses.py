"""How long other languages' pauses take where they stand literally: PowerShell, cmd, Python, Perl, Ruby and PHP.

Only straight code is read, up to the first thing in it that is not known to go on: what stands behind does not count.
Windows' own `timeout /t 60` is no pause: without a console's input, which a hook does not have, it ends at once with
"Input redirection is not supported" (Azure/application-gateway-kubernetes-ingress#980).
"""

import ast
import functools
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from .shell import Word

MAX_CODE: Final = 2048  # characters; what pauses in a hook is short
MAX_PATH: Final = 256  # of a program
_PROGRAM: Final = re.compile(
    r"(?:^|[/\\])(?:(cmd|ping|powershell|pwsh|usleep)|(python|perl|ruby|php)[\d.]*)(?:\.exe)?$",
    re.ASCII | re.IGNORECASE,
)


def seconds(words: Sequence[Word]) -> float:
    """The least time that a command of one of these languages pauses; 0 where it is not known."""
    first = words[0] if words else None
    read = _LANGUAGES.get(_program(first)) if first and len(first) <= MAX_PATH else None
    return read(words[1:]) if read else 0


@functools.lru_cache(maxsize=512)
def _program(word: str) -> str:
    """`powershell` of `C:\\Windows\\System32\\PowerShell.EXE`, `python` of `/usr/bin/python3.12`."""
    found = _PROGRAM.search(word)
    return (found[1] or found[2]).lower() if found else ""


def _known(words: Iterable[Word]) -> str | None:
    """The words as one text, as PowerShell and cmd read them."""
    texts = list(words)
    known = [each for each in texts if each is not None]
    text = " ".join(known)
    return text if len(known) == len(texts) and len(text) <= MAX_CODE else None


# Of PowerShell's own options, by the beginning that is enough: those with a value, and those without.
_WITH_VALUE: Final = re.compile(r"(?:ex|ep|w|v|in|if|o|of|config|settings)\w*")
_ALONE: Final = re.compile(r"(?:nop|nol|noni|noe|sta|mta|l|mu)\w*")
_OPTION: Final = re.compile(r"(?:--?|/)(\w+)", re.ASCII)
_IN_BRACES: Final = re.compile(r"&\s*\{([^{}]*)\}")
_STRINGS: Final = r"(?:\s+(?:'[^']*'|\"[^\"$`]*\"|[\w.:/!-]+))*"
_START_SLEEP: Final = re.compile(
    r"(?:start-sleep|sleep)\s+"
    r"(?:(?:-s(?:e(?:c(?:o(?:n(?:ds?)?)?)?)?)?(?:\s+|:\s*))?[\"']?(?P<seconds>\d{1,7})(?:\.\d*)?[\"']?"
    r"|-m(?:s|i\w*)?(?:\s+|:\s*)[\"']?(?P<milliseconds>\d{1,10})[\"']?)",
    re.ASCII | re.IGNORECASE,
)
_PRINTS: Final = re.compile(rf"(?:write-(?:host|output|information|verbose)|echo){_STRINGS}", re.IGNORECASE)


def _powershell(words: Sequence[Word]) -> float:
    """Of `-Command`, which takes all words behind it; Windows PowerShell also without its name, pwsh never."""
    index = 0
    while index < len(words):
        found = _OPTION.fullmatch(words[index] or "")
        if not found:
            break
        option = found[1].lower()
        index += 1
        if option == "c" or (len(option) > 2 and "command".startswith(option)):
            return _statements(_known(words[index:]))
        if _WITH_VALUE.fullmatch(option):
            index += 1
        elif not _ALONE.fullmatch(option):
            return 0
    return 0


def _windows_powershell(words: Sequence[Word]) -> float:
    return _powershell(words) or _statements(_known(words))


def _statements(text: str | None) -> float:
    text = (text or "").strip()
    in_braces = _IN_BRACES.fullmatch(text)
    total = 0.0
    for statement in re.split(r"[;\n]", in_braces[1] if in_braces else text):
        found = _START_SLEEP.fullmatch(statement.strip())
        if found:
            # Windows PowerShell rounds to whole seconds.
            total += int(found["seconds"]) if found["seconds"] else int(found["milliseconds"]) / 1000
        elif statement.strip() and not _PRINTS.fullmatch(statement.strip()):
            break
    return total


_CMD_WORD: Final = re.compile(r'"[^"]*"|[^\s"]+')
_CMD_END: Final = re.compile(r'(?:"[^"]*"|[^"&|<>^%])*')
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def _cmd(words: Sequence[Word]) -> float:
    """Of the first command behind `/c`; the others may depend on it."""
    index = next((at for at, word in enumerate(words) if word is None or word.lower() not in ("/d", "/q", "/s")), 0)
    text = _known(words[index + 1 :]) if words and (words[index] or "").lower() in ("/c", "/k") else None
    if not text:
        return 0
    text = text.strip()
    if text[:1] == text[-1:] == '"':
        text = text[1:-1]
    found = _CMD_END.match(text)
    assert found
    first = [each.strip('"') for each in _CMD_WORD.findall(found[0])]
    program = _program(first[0]) if first else ""
    if program == "ping":
        return _ping(first[1:])
    return seconds(first) if program in ("powershell", "pwsh") else 0


def _ping(words: Sequence[str]) -> float:
    """Windows' `ping -n 61 127.0.0.1`: a second between the requests, and the loopback answers at once."""
    if len(words) != 3 or not {words[0], words[2]} & _LOOPBACK:
        return 0
    option, count = (words[0], words[1]) if words[2] in _LOOPBACK else (words[1], words[2])
    return max(int(count) - 1, 0) if option.lower() in ("-n", "/n") and re.fullmatch(r"[0-9]{1,9}", count) else 0


_PYTHON_ALONE: Final = re.compile(r"-[bBdEIOqsSuvP]+")
_TOO_LONG: Final = 10**12  # seconds: Python's `sleep` may not take them
_ENDS: Final = frozenset(
    {"Popen", "_exit", "abort", "call", "check_call", "check_output", "eval", "exec", "exit", "interrupt_main"}
    | {"kill", "killpg", "popen", "quit", "raise_signal", "run", "sleep", "system", "terminate"}
)


def _python(words: Sequence[Word]) -> float:
    index = 0
    while index < len(words):
        word = words[index] or ""
        if word in ("-W", "-X"):
            index += 1
        elif re.fullmatch(r"-[bBdEIOqsSuvP]*c", word):
            code = words[index + 1] if index + 1 < len(words) else None
            return _python_code(code) if code and "sleep" in code and len(code) <= MAX_CODE else 0
        elif not _PYTHON_ALONE.fullmatch(word):
            return 0
        index += 1
    return 0


def _python_code(code: str) -> float:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the hook's code, which is not ours
            return _python_statements(ast.parse(code).body)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return 0


def _python_statements(body: Sequence[ast.stmt]) -> float:
    total = 0.0
    pauses = {"__import__('time').sleep"}
    for statement in body:
        if isinstance(statement, ast.Import):
            pauses |= {f"{each.asname or each.name}.sleep" for each in statement.names if each.name == "time"}
        elif isinstance(statement, ast.ImportFrom):
            is_time = statement.module == "time" and not statement.level
            pauses |= {each.asname or each.name for each in statement.names if is_time and each.name == "sleep"}
        elif not isinstance(statement, ast.Expr | ast.Assign):
            break
        else:
            pause = _python_pause(statement.value, pauses) if isinstance(statement, ast.Expr) else None
            if pause is None and _may_end(statement, pauses):
                break
            total += pause or 0
    return total


def _python_pause(call: ast.expr, pauses: set[str]) -> float | None:
    """The seconds of `time.sleep(5)`, or another of these names; None for all else."""
    if not isinstance(call, ast.Call) or len(call.args) != 1 or call.keywords or _python_name(call.func) not in pauses:
        return None
    number = call.args[0].value if isinstance(call.args[0], ast.Constant) else None
    return float(number) if isinstance(number, int | float) and 0 <= number < _TOO_LONG else None


def _python_name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return f"{_python_name(function.value)}.{function.attr}"
    if isinstance(function, ast.Call) and isinstance(function.func, ast.Name) and len(function.args) == 1:
        value = function.args[0]
        return f"{function.func.id}({value.value!r})" if isinstance(value, ast.Constant) else ""
    return function.id if isinstance(function, ast.Name) else ""


def _may_end(statement: ast.stmt, pauses: set[str]) -> bool:
    """Whether the program may end with it, or one of the names gets another meaning."""
    taken = {each.removesuffix(".sleep") for each in pauses}
    for each in ast.walk(statement):
        name = each.id if isinstance(each, ast.Name) else each.attr if isinstance(each, ast.Attribute) else ""
        is_set = isinstance(each, ast.Name | ast.Attribute) and not isinstance(each.ctx, ast.Load)
        if name in _ENDS or (is_set and name in taken):
            return True
    return False


# `sleep 60` and `sleep(60)`; Perl and PHP cut a fraction off.
_SLEEP: Final = re.compile(r"sleep(?:\s*\(\s*(\d{1,9})(?:\.\d+)?\s*\)|\s+(\d{1,9})(?:\.\d+)?)", re.ASCII)
_GOES_ON: Final = re.compile(
    r"|(?:print|puts|echo)\s*(?:'[^'\\]*'|\"[^\"\\$@#]*\")|use (?:strict|warnings)|\$\|\s*=\s*1|STDOUT\.sync\s*=\s*true"
)


def _one_liner(option: str, words: Sequence[Word]) -> float:
    """Of the code behind such an option, `-e` or `-r`, statement by statement."""
    if len(words) < 2 or not re.fullmatch(option, words[0] or "") or not words[1] or len(words[1]) > MAX_CODE:
        return 0
    total = 0.0
    for statement in re.split(r"[;\n]", words[1]):
        found = _SLEEP.fullmatch(statement.strip())
        if found:
            total += int(found[1] or found[2])
        elif not _GOES_ON.fullmatch(statement.strip()):
            break
    return total


def _usleep(words: Sequence[Word]) -> float:
    """BusyBox' own, in microseconds."""
    found = re.fullmatch(r"[0-9]{1,18}", words[0] or "") if len(words) == 1 else None
    return int(found[0]) / 1_000_000 if found else 0


_LANGUAGES: Final[Mapping[str, Callable[[Sequence[Word]], float]]] = {
    "cmd": _cmd,
    "perl": functools.partial(_one_liner, "-w?[eE]"),
    "php": functools.partial(_one_liner, "-r"),
    "powershell": _windows_powershell,
    "pwsh": _powershell,
    "python": _python,
    "ruby": functools.partial(_one_liner, "-w?e"),
    "usleep": _usleep,
}
