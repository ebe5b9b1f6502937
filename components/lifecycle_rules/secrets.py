"""Secrets that stand in a hook: by the formats of well-known tokens, and by the places where a secret is given.

Only what is literal is judged; a value that the shell or a file gives, and a placeholder, is none. No message
repeats what it found.
"""

import functools
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from .accepted import EVENTS
from .catalogue import HOOK_SECRET_ARGV, HOOK_SECRET_HTTPGET, Finding
from .model import Container, items
from .script import MAX_COMMAND, Script, script_of
from .shell import Step, Word

SHOWN: Final = "everyone who can read the Pod can read it"

# What it is, a sign without which it is not there, and what it looks like: distinctive enough to need no context.
_FORMATS: Final = tuple(
    (what, sign, re.compile(pattern))
    for what, sign, pattern in (
        ("an AWS access key", "A", r"\b(?:AKIA|ASIA)(?![A-Z0-9]*EXAMPLE)[A-Z0-9]{16}\b"),
        ("a GitHub token", "gh", r"\bgh[pousr]_[A-Za-z0-9]{36,255}\b"),
        ("a GitHub token", "github_pat_", r"\bgithub_pat_\w{22,255}\b"),
        ("a GitLab token", "glpat-", r"\bglpat-[\w-]{20,255}"),
        ("a Slack token", "xox", r"\bxox[abposr]-[\w-]{10,255}"),
        ("a Slack webhook", "hooks.slack.com", r"\bhooks\.slack\.com/services/T\w+/B\w+/\w+"),
        ("a Google API key", "AIza", r"\bAIza[\w-]{35}(?![\w-])"),
        ("a Stripe key", "k_live_", r"\b[rs]k_live_[A-Za-z0-9]{16,255}"),
        ("a HashiCorp Vault token", "hv", r"\bhv[sb]\.[\w-]{24,512}"),
        ("a JSON Web Token", "eyJ", r"(?<![\w-])eyJ[\w-]{8,4096}\.eyJ[\w-]{8,4096}\.[\w-]{8,4096}"),
        ("a private key", "PRIVATE KEY", r"-----BEGIN (?:[A-Z]{2,16} ){0,3}PRIVATE KEY-----"),
    )
)
_PLACEHOLDER: Final = re.compile(
    r"[<{\[(].*|.*[$].*|[x*.]+|redacted|none|null|true|false|yes|off|stdin|default|anonymous|from-\w+",
    re.IGNORECASE | re.DOTALL,
)
_HEADER: Final = re.compile(
    r"(?:proxy-)?(authorization|x-api-key|api-key|x-auth-token|x-vault-token|private-token)\s*:\s*(.*)",
    re.IGNORECASE | re.DOTALL,
)
_SCHEME: Final = re.compile(r"(?:bearer|basic|token|apikey)\s+", re.IGNORECASE)
_FLAG: Final = re.compile(
    r"--?((?!ask-|no-|prompt-|skip-)(?:[a-z]+-)?(?:password|passwd|passphrase|client-?secret|token|api-?key|access-?key|secret-?key))(?:=(.*))?",
    re.IGNORECASE | re.DOTALL,
)
_VARIABLE: Final = re.compile(
    r"(?:[A-Z0-9]+_)*(?:PG)?(?:PASSWORD|PASSWD|CLIENT_SECRET|TOKEN|API_?KEY|SECRET_KEY|ACCESS_KEY)",
    re.IGNORECASE,
)
_USERINFO: Final = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@'\"]{0,255}(:)([^\s/:@'\"]{1,255})@", re.IGNORECASE)
_QUERY: Final = re.compile(
    r"[?&](access_token|api_?key|client_secret|password|passwd|token)=([^&\s'\"]+)", re.IGNORECASE
)
# What it is, a sign without which it is not there, and what it looks like.
_URLS: Final = (("a password in a URL", "@", _USERINFO), ("a secret in a URL", "=", _QUERY))
# Programs with a short option for a secret: the option, and whether the next word may be the secret.
_SHORT_OPTIONS: Final[Mapping[str, tuple[str, bool]]] = {
    "mysql": ("-p", False),
    "mysqladmin": ("-p", False),
    "mysqldump": ("-p", False),
    "mariadb": ("-p", False),
    "mariadb-admin": ("-p", False),
    "mariadb-dump": ("-p", False),
    "redis-cli": ("-a", True),
    "sshpass": ("-p", True),
}
_SSHPASS_WITH_VALUE: Final = frozenset({"-P", "-d", "-f", "-p"})
_ASK: Final = ("mariadb", "mysql", "pg_", "psql")  # their `--password` takes no next word
_CURL_HEADER: Final = re.compile(r"-H|--header=")
_CURL_USER: Final = re.compile(r"(?:-u|--user=)(.+)", re.DOTALL)
_REFERENCES: Final = ("/", "@", "arn:", "env:", "file:", "ref+", "vault:")
_SHORT: Final = 8  # characters that a token has at least
_RANDOM: Final = 20  # so long is no word
_FIELD_MAX: Final = MAX_COMMAND


def findings(container: Container) -> Iterator[Finding]:
    """The findings of the group `secrets` in one container."""
    for event in EVENTS:
        hook = container.hook(event)
        if not isinstance(hook, dict):
            continue
        path = f"{container.path}.lifecycle.{event}"
        for below, what in _in_exec(hook.get("exec")):
            yield Finding(HOOK_SECRET_ARGV, f"{path}.exec{below}", f"{what}: {SHOWN}", container.name)
        for below, what in _in_http_get(hook.get("httpGet")):
            yield Finding(HOOK_SECRET_HTTPGET, f"{path}.httpGet{below}", f"{what}: {SHOWN}", container.name)


def _in_exec(action: object) -> Sequence[tuple[str, str]]:
    return _in_script(script_of(items(action.get("command")))) if isinstance(action, dict) else ()


@functools.lru_cache(maxsize=1024)
def _in_script(script: Script) -> Sequence[tuple[str, str]]:
    for index, word in enumerate(script.words):
        what = _by_format(word)
        if what:
            return ((f".command[{index}]", what),)
    what = next(_given(script), "")
    return ((".command", what),) if what else ()


def _in_http_get(action: object) -> Iterator[tuple[str, str]]:
    if not isinstance(action, dict):
        return
    path = action.get("path")
    what = _by_format(path) or _in_url(path)
    if what:
        yield ".path", what
    for index, header in enumerate(items(action.get("httpHeaders"))):
        name = header.get("name") if isinstance(header, dict) else None
        value = header.get("value") if isinstance(header, dict) else None
        if isinstance(name, str) and isinstance(value, str) and len(value) <= _FIELD_MAX:
            what = _by_format(value) or _by_header(f"{name}: {value}")
            if what:
                yield f".httpHeaders[{index}].value", what


def _given(script: Script) -> Iterator[str]:
    """What secrets the commands of a script are given."""
    for step in script.steps:
        for name, value in step.assigned:
            if value is not None and _VARIABLE.fullmatch(name) and _is_secret(value, name):
                yield f"a literal {name}"
    for step in script.steps:
        yield from _in_words(step)


def _in_words(step: Step) -> Iterator[str]:
    program = step.program
    option, has_next = _SHORT_OPTIONS.get(program, ("", False))
    for word, after in _options(program, step.words):
        what = (_by_header(_CURL_HEADER.sub("", word)) if ":" in word else "") or _in_url(word)
        if what:
            yield what
        flag = _FLAG.fullmatch(word) if word.startswith("-") else None
        if flag:
            is_next = flag[2] is None and after and not after.startswith("-") and not program.startswith(_ASK)
            value = after if is_next else flag[2]
            if value and _is_secret(value, flag[1]):
                yield f"a literal --{flag[1].lower()}"
        if option and word.startswith(option):
            value = word.removeprefix(option) or (after if has_next else None)
            if value and _is_secret(value):
                yield f"a literal {option} of {program}"
        if program == "curl" and _is_secret(_curl_user(word, after).partition(":")[2]):
            yield "a literal user and password"


def _options(program: str, words: Sequence[Word]) -> Iterator[tuple[str, Word]]:
    """The arguments that are known, each with the next one; of sshpass not those of the command that it runs."""
    is_value = False
    for word, after in itertools.pairwise((*words[1:], None)):
        if program == "sshpass" and not is_value and word is not None and not word.startswith("-"):
            return
        is_value = not is_value and word in _SSHPASS_WITH_VALUE
        if word is not None:
            yield word, after


def _curl_user(word: str, after: Word) -> str:
    if word in ("-u", "--user"):
        return after or ""
    found = _CURL_USER.fullmatch(word)
    return found[1] if found else ""


def _by_format(text: object) -> str:
    if not isinstance(text, str) or len(text) > _FIELD_MAX:
        return ""
    for what, sign, pattern in _FORMATS:
        if sign in text and pattern.search(text):
            return what
    return ""


def _by_header(text: str) -> str:
    found = _HEADER.fullmatch(text) if ":" in text else None
    if not found or not _is_secret(_SCHEME.sub("", found[2], count=1), found[1]):
        return ""
    return f"a literal {found[1].lower()} header"


def _in_url(text: object) -> str:
    if not isinstance(text, str) or len(text) > _FIELD_MAX:
        return ""
    for what, sign, pattern in _URLS:
        for found in pattern.finditer(text) if sign in text else ():
            if _is_secret(found[2], "password" if found[1] == ":" else found[1]):
                return what
    return ""


def _is_secret(value: str, name: str = "password") -> bool:
    """A literal value: no path, no reference to where a secret is, no expansion, no placeholder.

    A password may be any word; what is a token or a key looks like one, with a digit in it or long.
    """
    if len(value) < 3 or value.startswith(_REFERENCES) or _PLACEHOLDER.fullmatch(value):
        return False
    is_chosen = "pass" in name.lower()
    return is_chosen or len(value) >= _RANDOM or (len(value) >= _SHORT and any(map(str.isdigit, value)))
