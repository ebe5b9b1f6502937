"""Practice in one hook: what its handler does well or badly, wherever it stands."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from ..accepted import EVENTS
from ..catalogue import (
    EXEC_SLEEP,
    EXEC_TOOL_MISSING,
    EXEC_WORDS_LOST,
    HTTPGET_HOST,
    HTTPGET_HTTPS,
    HTTPGET_STATUS,
    LIFECYCLE_EMPTY,
    POSTSTART_BACKGROUND,
    POSTSTART_IN_JOB,
    POSTSTART_NOT_IDEMPOTENT,
    POSTSTART_SLEEP,
    POSTSTART_UNBOUNDED,
    PRESTOP_IN_JOB,
    PRESTOP_SIGNAL_RETURN,
    SIDECAR_SELF_STOP,
    SLEEP_ZERO_SECONDS,
    STDOUT_LOST,
    Finding,
)
from ..images import lacks
from ..model import Container, PodSpec, Role, items, whole
from ..requests import TOOLS
from ..script import Script, script_of
from ..shell import (
    ELSEWHERE,
    NOTHING,
    ONE_WORD,
    Command,
    Group,
    Kind,
    Statement,
    Step,
    commands,
    groups,
    has_letter,
    name_of,
    script_index,
    steps,
)
from ..signals import SENDERS, sends_a_signal
from ..versions import HOST_REFUSED, POSTSTART_SLEEP_PANICS, SLEEP, Kubernetes
from . import methods, start
from .hook import MAY_WAIT, Fault, Hook, Tables

POSTSTART_SECONDS: Final = 5  # a postStart that sleeps longer holds the Pod up for longer than a start usually takes
_PENDING: Final = "while the Pod is Pending and the next container does not start"
_TOO_EARLY: Final = "stops the sidecar at the start of the termination, while the app containers still run"

_HEALTH: Final = frozenset(
    {"health", "healthcheck", "healthz", "live", "liveness", "livez", "ready", "readiness", "readyz"}
)
_TESTS_THE_TOOL: Final = frozenset({"command", "hash", "type", "which"})
_PATH: Final = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/usr/local/sbin/")
_BRANCHES: Final = re.compile(r"\b(?:case|if|select)\b")
_ASKS: Final = frozenset({"", "[", "test"})
_INSTALLS: Final = frozenset({"apk", "apt", "apt-get", "dnf", "microdnf", "yum"})
# Behind a script a word that begins so is a command; a name for $0, or an argument, does not.
_COMMAND: Final = re.compile(
    r"\s*(?:\S*/)?(?:cat|chmod|chown|cp|curl|date|echo|kill|killall|ln|mkdir|mv|nginx|pkill|printf|rm|sleep|tar|touch|wget)"
    r"\s+\S"
)
# What may use the words behind the script: its parameters, by name or all of them, and what goes through them.
_PARAMETERS: Final = re.compile(r"\$\{?[#!]?[@*#0-9]|\b(?:ARGV|BASH_ARGV|eval|for|getopts|shift|source)|(?<!\S)\.\s")
_PRINT: Final = frozenset({"echo", "printf"})
_QUIT: Final = re.compile(r"/quitquitquit\b")
_SIGNALS: Final = frozenset({"kill", "killall", "pkill"})
_SIGNAL: Final = re.compile(r"(?:--signal=|-[ns]?)(?:SIG)?([A-Z]+\d?|\d+)")
_STOPS_BY: Final = frozenset({"INT", "KILL", "QUIT", "TERM", "WINCH", "2", "3", "9", "15", "28"})
_AT_ONCE: Final = frozenset(
    {"", ":", "cd", "date", "echo", "exit", "export", "mkdir", "printf", "rm", "set", "touch", "true"}
)
_LIMITS: Final = frozenset({"", "[", "break", "exit", "kill", "let", "read", "return", "test"})
_CREATES: Final[Mapping[str, str]] = {"mkdir": "p", "ln": "f"}  # without this option they fail where it is there
_CLEARS: Final = frozenset({"find", "mv", "rm", "rmdir"})  # what they take away is not there any more


def of_container(container: Container, pod: PodSpec, cluster: Kubernetes, tables: Tables) -> Iterator[Finding]:
    """The findings of the group `practice` in the hooks of one container."""
    lifecycle = container.spec.get("lifecycle")
    if not isinstance(lifecycle, dict):
        return
    if not lifecycle:
        yield Finding(LIFECYCLE_EMPTY, f"{container.path}.lifecycle", "it holds no hook", container.name)
    for event in EVENTS:
        handler = container.hook(event)
        for name, judges in _JUDGES.items() if handler else ():
            action = handler.get(name) if isinstance(handler, dict) else None
            if isinstance(action, dict):
                script = script_of(items(action.get("command")))
                hook = Hook(action, script, container, pod, cluster, tables)
                for judge in judges[event]:
                    for rule, below, message in judge(hook):
                        path = f"{container.path}.lifecycle.{event}.{name}{below}"
                        yield Finding(rule, path, message, container.name)


def _sleep_zero(hook: Hook) -> Iterator[Fault]:
    seconds = whole(hook.action.get("seconds"))
    if seconds == 0 or (seconds is None and hook.pod.is_whole):
        yield SLEEP_ZERO_SECONDS, ".seconds", "a sleep of 0 s does nothing: the hook returns at once"


def _sleep_at_the_start(hook: Hook) -> Iterator[Fault]:
    seconds = whole(hook.action.get("seconds"))
    if isinstance(seconds, int) and seconds > POSTSTART_SECONDS:
        yield POSTSTART_SLEEP, ".seconds", f"takes {seconds} s, {_PENDING}"


def _exec_sleep(hook: Hook) -> Iterator[Fault]:
    seconds = hook.script.seconds
    if hook.script.only_sleeps and hook.cluster.has(SLEEP) and 0 < seconds < math.inf and seconds == int(seconds):
        instead = f"`sleep: {{seconds: {int(seconds)}}}` does the same without one"
        yield EXEC_SLEEP, ".command", f"needs a program in the image to sleep {seconds:.10g} s; {instead}"


def _exec_sleep_at_the_start(hook: Hook) -> Iterator[Fault]:
    """Not where the action would leave the Pod Pending."""
    if hook.script.only_sleeps and not hook.cluster.releases_with(POSTSTART_SLEEP_PANICS):
        yield from _exec_sleep(hook)


def _exec_tool_missing(hook: Hook) -> Iterator[Fault]:
    image, script = hook.container.spec.get("image"), hook.script
    missing = lacks(image, hook.tables.images)
    if not missing or not script.words or _is_for_windows(hook.pod):
        return
    if not script.programs.isdisjoint(_INSTALLS):
        return
    tested = {name_of(word) for step in script.steps if step.program in _TESTS_THE_TOOL for word in step.words[1:]}
    tested |= script.functions
    is_there = _brought_along(hook)
    started = [(step.words[0], step.sure, step.last) for step in script.steps if step.words]
    for word, sure, last in [(script.words[0], True, True), *started]:
        program = name_of(word)
        if program in missing and sure and program not in tested and not is_there(word):
            then = "the hook fails" if last or script.has_errexit else "this step does nothing"
            yield EXEC_TOOL_MISSING, ".command", f"image {image} is known to have no {program}: {then}"
            return
    for word in _waited_for(script):
        program = name_of(word)
        if program in missing and program not in tested and not is_there(word):
            what = f"image {image} is known to have no {program}: the loop waits for it in vain"
            yield EXEC_TOOL_MISSING, ".command", what
            return


def _is_for_windows(pod: PodSpec) -> bool:
    """Images for several systems have one name, and the table is of those for Linux."""
    os, selector = pod.spec.get("os"), pod.spec.get("nodeSelector")
    named = os.get("name") if isinstance(os, dict) else None
    wanted = selector.get("kubernetes.io/os") if isinstance(selector, dict) else None
    return "windows" in (named, wanted)


def _brought_along(hook: Hook) -> Callable[[str | None], bool]:
    """Whether a program may come from a volume: by its path, or by the folders that are searched for its name."""
    mounts = [mount.rstrip("/") for mount in _mounts(hook.container)]
    folders = tuple(f"{mount}/" for mount in mounts)
    env = [each.get("name") for each in items(hook.container.spec.get("env")) if isinstance(each, dict)]
    has_path = "PATH" in env or any(word and "PATH=" in word for word in hook.script.words)
    is_searched = (bool(mounts) and has_path) or any(
        f"{mount}/".startswith(_PATH) or any(each.startswith(f"{mount}/") for each in _PATH) for mount in mounts
    )

    def is_there(word: str | None) -> bool:
        name = str(word)
        return (
            name.startswith(folders) or name in mounts or (is_searched and ("/" not in name or name.startswith(_PATH)))
        )

    return is_there


def _waited_for(script: Script) -> Iterator[str | None]:
    """The programs without which a loop is never left: `until curl …`, `while ! curl …`, `curl … && break`.

    Not of a script with branches, where the loop may stand in one that is not taken.
    """
    index = script_index(script.words)
    if index is None or _BRANCHES.search(script.words[index] or ""):
        return
    for group in _run_for_sure(script.statement):
        first = group.parts[0]
        if group.kind is Kind.UNTIL:
            yield from _needed(first)
        elif group.kind is Kind.WHILE:
            yield from _needed(_opposite(first))
        elif group.kind is Kind.AND and group.parts[1] == Command(("break",)):
            yield from _needed(first)


def _run_for_sure(statement: Statement) -> Iterator[Group]:
    """The groups that run, in a script without `if`, `case` and `select`."""
    if isinstance(statement, Command) or statement.kind is Kind.FUNCTION or not statement.parts:
        return
    yield statement
    for part in statement.parts:
        yield from _run_for_sure(part)
        is_asked = statement.kind is Kind.AND and not (isinstance(part, Command) and part.program not in _ASKS)
        if statement.kind is Kind.OR or is_asked or any(each.ends for each in commands(part)):
            return


def _opposite(statement: Statement) -> Statement:
    """What `!` stands before: the grammar gives the one before `a | b` to `a`, and the shell to both."""
    if isinstance(statement, Group) and statement.parts:
        first, *others = statement.parts
        if statement.kind is Kind.NOT:
            return first
        if statement.kind is Kind.PIPELINE and isinstance(first, Group) and first.kind is Kind.NOT:
            return Group(Kind.PIPELINE, (*first.parts, *others))
    return NOTHING


def _needed(statement: Statement) -> Iterator[str | None]:
    """The programs that must be there for a statement to succeed; `grep` finds nothing in nothing."""
    if isinstance(statement, Command):
        yield from (step.words[0] for step in steps(statement) if step.words)
    elif statement.kind in ELSEWHERE:
        yield from _needed(statement.parts[0])
    elif statement.kind is Kind.AND:
        for part in statement.parts:
            yield from _needed(part)
    elif statement.kind is Kind.PIPELINE and _opposite(statement) is NOTHING:
        last = statement.parts[-1]
        yield from _needed(last)
        words = last.words[1:] if isinstance(last, Command) and last.program == "grep" else (None,)
        if None not in words and not any(has_letter(word, letter) for word in words for letter in "Lc"):
            yield from _needed(statement.parts[0])


def _words_lost(hook: Hook) -> Iterator[Fault]:
    words = hook.script.words
    index = script_index(words) if len(words) > len(("sh", "-c", "script")) else None
    script = words[index] if index else None
    if script is None or index is None or ONE_WORD.fullmatch(script) or _PARAMETERS.search(script):
        return  # of one word the rule exec-sh-c-split speaks
    for place, word in enumerate(words[index + 1 :], index + 1):
        if word and _COMMAND.match(word):
            what = f"never runs: {name_of(words[0])} runs only the script before it, which does not use it"
            yield EXEC_WORDS_LOST, f".command[{place}]", what
            return


def _https(hook: Hook) -> Iterator[Fault]:
    if hook.action.get("scheme") == "HTTPS":
        what = "the kubelet verifies no certificate, and falls back to plain HTTP if the server answers in it"
        yield HTTPGET_HTTPS, ".scheme", what


def _host(hook: Hook) -> Iterator[Fault]:
    host = hook.action.get("host")
    if isinstance(host, str) and host and hook.pod.host_network is False and hook.cluster.has(HOST_REFUSED):
        what = f'a namespace that enforces the Pod Security level baseline refuses the host "{host}"'
        yield HTTPGET_HOST, ".host", what


def _status(hook: Hook) -> Iterator[Fault]:
    path = hook.action.get("path")
    name = path.partition("?")[0].rstrip("/").rpartition("/")[2].lower() if isinstance(path, str) else ""
    if name in _HEALTH:
        yield HTTPGET_STATUS, ".path", f"any answer from {path} counts as success, even 404 and 500"


def _stdout(hook: Hook) -> Iterator[Fault]:
    script = hook.script
    if script.programs.isdisjoint(_PRINT):
        return
    if any(step.printed and _prints(step) for step in script.steps) and not _lets_go_of_output(script):
        yield STDOUT_LOST, ".command", "what it prints goes neither to the container's log nor into an event"


def _prints(step: Step) -> bool:
    return step.program in _PRINT and step.words[1:2] != ("-v",)  # `printf -v` sets a variable


def _lets_go_of_output(script: Script) -> bool:
    """`exec > file`: from there on all of the script's output goes there."""
    return any(group.kind in ELSEWHERE and group.parts == (Command(("exec",)),) for group in script.groups)


def _exec_at_the_start(hook: Hook) -> Iterator[Fault]:
    script = hook.script
    limits = _LIMITS | script.functions
    is_killed = "kill" in script.programs  # as a watchdog does
    if not is_killed and (script.seconds == math.inf or any(_has_no_limit(each, limits) for each in script.groups)):
        what = "has no limit: while it waits, the Pod is not Ready and cannot be deleted, whatever its grace period"
        yield POSTSTART_UNBOUNDED, ".command", what
    elif script.seconds > POSTSTART_SECONDS:
        yield POSTSTART_SLEEP, ".command", f"takes {script.seconds:.10g} s, {_PENDING}"
    if not script.programs.isdisjoint({"kill", "wait"}) or _lets_go_of_output(script):
        return
    if _holds_the_output(script.statement):
        what = "the runtime waits until the process in the background has closed the hook's output"
        yield POSTSTART_BACKGROUND, ".command", what


def _has_no_limit(group: Group, limits: frozenset[str]) -> bool:
    """A loop around a command that may fail for ever, without a break and without a counter."""
    if group.kind not in (Kind.WHILE, Kind.UNTIL):
        return False
    condition, body = group.parts
    if any(each.kind in (Kind.FOR, Kind.MAYBE) for each in (*groups(condition), *groups(body))):
        return False  # a test, a branch, arithmetic: it may be the limit
    started = [*steps(condition), *steps(body)]
    return all(None not in step.words and step.program not in limits for step in started)


def _holds_the_output(statement: Statement) -> bool:
    """Whether something is left in the background with the script's own output."""
    if isinstance(statement, Command) or statement.kind in (Kind.ALL_ELSEWHERE, Kind.FUNCTION):
        return False
    if statement.kind is Kind.BACKGROUND:
        return any(isinstance(each, Command) or each.kind is not Kind.ALL_ELSEWHERE for each in statement.parts)
    return any(_holds_the_output(each) for each in statement.parts)


def _not_idempotent(hook: Hook) -> Iterator[Fault]:
    if hook.script.programs.isdisjoint(_CREATES) or not hook.script.programs.isdisjoint(_CLEARS):
        return
    folders = tuple(f"{each.rstrip('/')}/" for each in _mounts(hook.container))
    each_one_counts = hook.script.has_errexit
    for step in hook.script.steps:
        option = _CREATES.get(step.program)
        if not option or not step.sure or not (step.last or each_one_counts):
            continue
        words = step.words[1:]
        if any(word is None or (word.startswith("-") and option in word) for word in words):
            continue
        made = words if step.program == "mkdir" else words[-1:]
        target = next(
            (word for word in made if word and word.startswith(folders) and f"{word.rstrip('/')}/" not in folders), None
        )
        if target:
            what = f"{step.program} fails at the container's next start, because {target} is then already in the volume"
            yield POSTSTART_NOT_IDEMPOTENT, ".command", what
            return


def _mounts(container: Container) -> list[str]:
    """The folders that come from volumes."""
    mounts = [each.get("mountPath") for each in items(container.spec.get("volumeMounts")) if isinstance(each, dict)]
    return [each for each in mounts if isinstance(each, str) and each.strip("/")]


def _start_of_a_job(hook: Hook) -> Iterator[Fault]:
    if hook.pod.runs_to_its_end and hook.container.role is Role.APP:
        policy = hook.pod.spec["restartPolicy"]
        yield POSTSTART_IN_JOB, "", f"with restartPolicy {policy} a Pod can be Succeeded even if its postStart failed"


def _end_of_a_job(hook: Hook) -> Iterator[Fault]:
    if hook.pod.runs_to_its_end and hook.container.role is Role.APP:
        what = "never runs when the container ends by itself, only when the Pod is deleted before that"
        yield PRESTOP_IN_JOB, "", what


def _signals(hook: Hook) -> Iterator[Fault]:
    sends = [step for step in hook.script.steps if _sends_a_signal(step)]
    if not sends:
        return
    if hook.container.role is Role.SIDECAR:
        yield from (
            (SIDECAR_SELF_STOP, ".command", f"{each.program} {_TOO_EARLY}") for each in sends if _is_to_pid_1(each)
        )
    elif not _may_wait(hook.script):
        what = f"returns as soon as {sends[-1].program} has sent its signal, and the stop signal follows at once"
        yield PRESTOP_SIGNAL_RETURN, ".command", what


def _may_wait(script: Script) -> bool:
    """Whether it may have waited before its signal, or waits after it: any program that we do not know may."""
    if any(group.kind in MAY_WAIT for group in script.groups):
        return True
    return any(step.program not in _AT_ONCE and not _sends_a_signal(step) for step in script.steps)


def _sends_a_signal(step: Step) -> bool:
    program = step.program
    if program in _SIGNALS:
        return len(step.words) > 1 and _signal(step.words[1:]) in _STOPS_BY
    return program in SENDERS and sends_a_signal(step.words)


def _signal(words: Sequence[str | None]) -> str:
    """What `kill` and its like send; empty where it is not known, where none is sent, and where they wait."""
    if words[0] is None and len(words) > 1:
        return ""
    for word, after in zip(words, [*words[1:], None], strict=True):
        if word in ("-s", "-n", "--signal"):
            return (after or "").removeprefix("SIG")
        if word in ("-l", "-w", "--list", "--wait"):
            return ""
        found = _SIGNAL.fullmatch(word or "")
        if found:
            return found[1]
    return "TERM"


def _is_to_pid_1(step: Step) -> bool:
    return step.program != "kill" or "1" in step.words[1:]


def _asks_it_to_quit(hook: Hook) -> Iterator[Fault]:
    if hook.container.role is Role.SIDECAR and not methods.by_program(hook):
        for step in hook.script.steps:
            if step.program in TOOLS and any(word and _QUIT.search(word) for word in step.words[1:]):
                yield SIDECAR_SELF_STOP, ".command", f"{step.program} {_TOO_EARLY}"


def _quits_by_request(hook: Hook) -> Iterator[Fault]:
    path = hook.action.get("path")
    is_one = hook.container.role is Role.SIDECAR and isinstance(path, str) and _QUIT.search(path)
    if is_one and not methods.refused(hook):
        yield SIDECAR_SELF_STOP, ".path", f"{path} {_TOO_EARLY}"


_Judges = Sequence[Callable[[Hook], Iterable[Fault]]]
_EXEC: Final = (_exec_tool_missing, _words_lost, _stdout, methods.by_program)
_HTTP: Final = (_https, _host, methods.http_get)
_JUDGES: Final[Mapping[str, Mapping[str, _Judges]]] = {
    "exec": {
        "postStart": (
            *(_exec_sleep_at_the_start, *_EXEC, _exec_at_the_start, start.by_client),
            *(_not_idempotent, _start_of_a_job),
        ),
        "preStop": (_exec_sleep, *_EXEC, _signals, _asks_it_to_quit, _end_of_a_job),
    },
    "httpGet": {
        "postStart": (*_HTTP, _status, start.by_http_get, _start_of_a_job),
        "preStop": (*_HTTP, _quits_by_request, _end_of_a_job),
    },
    "sleep": {"postStart": (_sleep_zero, _sleep_at_the_start, start.pending), "preStop": (_sleep_zero,)},
}
