"""What the API server accepts and the kubelet can never carry out.

Each rule was seen to fail on a real kubelet (tests/cluster/proofs). Words that only a shell gives a meaning are
judged where no shell runs them; of what a shell does with its script, only what certainly comes to nothing.
"""

import ipaddress
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from .catalogue import (
    EXEC_ARGUMENT_REFUSED,
    EXEC_EMPTY_ARG0,
    EXEC_OS_MISMATCH,
    EXEC_SCRIPT_SYNTAX,
    EXEC_SH_C_SPLIT,
    EXEC_SHELL_SYNTAX,
    EXEC_SHELL_WITHOUT_C,
    EXEC_SINGLE_STRING,
    EXEC_VAR_LITERAL,
    HTTPGET_HOSTNETWORK,
    HTTPGET_LOCALHOST,
    HTTPGET_NAMED_PORT,
    TCPSOCKET_HOOK,
    Finding,
    Rule,
)
from .model import UNKNOWN, Container, PodSpec, items
from .script import script_of
from .shell import ONE_WORD, PREFIXES, SHELLS, has_letter, name_of, script_index

# What the kubelet does with a hook that fails (kuberuntime_container.go).
CONSEQUENCE: Final[Mapping[str, str]] = {
    "postStart": "the kubelet reports FailedPostStartHook, and kills and restarts the container, again and again",
    "preStop": "the kubelet reports FailedPreStopHook, and sends the stop signal at once",
}
# They take these words as arguments of their own: `find -exec … ;`, `expr 1 '|' 2`, `test a '<' b`.
_OWN_OPERATORS: Final = frozenset({"[", "expr", "find", "test", "tr"})
_OPERATORS: Final = frozenset({"&&", "||", "|", ";", "&", ">", ">>", "<", "2>", "2>&1", ">&2", "&>"})
# Programs that a system's images do not have, by the name in spec.os.
_OTHERS_SHELLS: Final[Mapping[str, frozenset[str]]] = {
    "linux": frozenset({"cmd", "cmd.exe", "powershell", "powershell.exe"}),
    "windows": frozenset({"/bin/sh", "/bin/bash", "/bin/ash", "/bin/dash", "/usr/bin/env"}),
}
# They give `$`, `;` and `|` a meaning of their own, or start what does.
_THEIR_OWN: Final = (
    SHELLS
    | _OTHERS_SHELLS["linux"]
    | {"awk", "envsubst", "gawk", "jq", "lua", "mawk", "mongo", "mongosh", "mysql", "node", "perl", "php", "psql"}
    | {"pwsh", "pwsh.exe", "python", "python3", "redis-cli", "ruby", "runuser", "sed", "sqlite3", "ssh", "su"}
    | {"watch"}
)
# Only capitals: what is in small letters is rather an argument's own, as `$set` is.
_REFERENCE: Final = re.compile(r"\$\([A-Z_][A-Z0-9_]*\)|\$\{[A-Z_][A-Z0-9_]*\}|\$[A-Z_][A-Z0-9_]*")

_IN_SCRIPTS: Final = re.compile(r"[\n;|&<>`]|\$\(|\s-")  # and in no file's name
_MAY_REFUSE: Final = SHELLS | PREFIXES.keys() | {"sleep"}  # a script, or a time

_Found = tuple[Rule, str, str] | tuple[Rule, str, str, str]  # what a _Fault is made of


class _Fault(NamedTuple):
    rule: Rule
    below: str
    """The path below the handler's."""
    wrong: str
    then: str = ""
    """What comes of it, where that is not the consequence for the whole hook."""


def findings(container: Container, pod: PodSpec) -> Iterator[Finding]:
    """The findings of the group `effective` in one container of a pod."""
    for event, consequence in CONSEQUENCE.items():
        hook = container.hook(event)
        if not isinstance(hook, dict):
            continue
        for name, judge in _HANDLERS.items():
            action = hook.get(name)
            if isinstance(action, dict):
                for fault in itertools.starmap(_Fault, judge(action, container, pod)):
                    path = f"{container.path}.lifecycle.{event}.{name}{fault.below}"
                    yield Finding(fault.rule, path, f"{fault.wrong}: {fault.then or consequence}", container.name)


def _tcp_socket(action: Mapping[str, Any], container: Container, pod: PodSpec) -> Iterator[_Found]:
    yield TCPSOCKET_HOOK, "", "the kubelet has no tcpSocket handler for hooks"


def _http_get(action: Mapping[str, Any], container: Container, pod: PodSpec) -> Iterator[_Found]:
    port, host = action.get("port"), action.get("host")
    ports = container.spec.get("ports")
    if isinstance(port, str) and ports is not UNKNOWN and pod.is_whole:
        declared = [each.get("name") if isinstance(each, dict) else UNKNOWN for each in items(ports)]
        if port not in declared and UNKNOWN not in declared:
            yield HTTPGET_NAMED_PORT, ".port", f"container {container.name!r} has no port named {port!r}"
    if pod.host_network is True and not host:
        yield HTTPGET_HOSTNETWORK, "", "a Pod with hostNetwork has no address of its own for the kubelet to call"
    if pod.host_network is False and isinstance(host, str) and _is_loopback(host):
        yield HTTPGET_LOCALHOST, ".host", f"the kubelet sends the request, so {host!r} is the node, not the container"


def _exec(action: Mapping[str, Any], container: Container, pod: PodSpec) -> Iterator[_Found]:
    command = items(action.get("command"))
    first = command[0] if command else None
    if not isinstance(first, str):
        return
    program = name_of(first)
    system = _system(pod)
    if first.lower() in _OTHERS_SHELLS.get(system, ()):
        yield EXEC_OS_MISMATCH, ".command[0]", f"a {system} container has no {first}"
    elif not first.strip():
        yield EXEC_EMPTY_ARG0, ".command[0]", "the program's name is empty"
    elif _REFERENCE.search(first):
        yield (
            EXEC_VAR_LITERAL,
            ".command[0]",
            f"there is no program named {first!r}, because the kubelet expands no variables",
        )
    elif len(command) == 1 and (re.search(r"\s", re.split(r"[/\\]", first)[-1]) or re.search(r"\s-", first)):
        what = f"there is no program named {first!r}, because no shell splits it into words"
        yield EXEC_SINGLE_STRING, ".command", what
    else:
        found = list(_shell(command) if program in SHELLS else _words(program, command))
        yield from found or (_script(command) if program in _MAY_REFUSE else ())


def _words(program: str, command: Sequence[Any]) -> Iterator[_Found]:
    """The words of a command that no shell runs: neither itself, nor one that it starts, as `timeout 9 sh -c` does."""
    programs = {name_of(word).lower() for word in command}
    if not programs.isdisjoint(_THEIR_OWN) or "-S" in command:  # `env -S` splits and expands
        return
    for index, (before, word) in enumerate(itertools.pairwise(command), 1):
        is_value = isinstance(before, str) and before.startswith("-")  # `cut -d ;`
        if isinstance(word, str) and word in _OPERATORS and not is_value and programs.isdisjoint(_OWN_OPERATORS):
            what = f"{program} gets {word!r} as an argument, because no shell interprets it"
            yield EXEC_SHELL_SYNTAX, f".command[{index}]", what
            break
    for index, word in enumerate(command):
        found = _REFERENCE.search(word) if isinstance(word, str) else None
        if found:
            what = f"{program} gets {found[0]!r} as literal text, because the kubelet expands no variables in hooks"
            yield EXEC_VAR_LITERAL, f".command[{index}]", what
            break


def _system(pod: PodSpec) -> str:
    os = pod.spec.get("os")
    name = os.get("name") if isinstance(os, dict) else None
    return name if isinstance(name, str) else ""


def _shell(command: Sequence[Any]) -> Iterator[_Found]:
    """`sh -c sleep 5`: the script is `sleep`, and 5 is its $0. `sh "sleep 5"`: that is the name of a file."""
    index = script_index(command)
    if index is None:
        yield from _file(command)
        return
    if len(command) == index + 1:
        return
    script = command[index]
    if isinstance(script, str) and ONE_WORD.fullmatch(script):
        shell = name_of(command[0])
        what = f"{shell} {command[index - 1]} runs {script!r} without the words after it"
        yield EXEC_SH_C_SPLIT, f".command[{index + 1}]", what


def _file(command: Sequence[Any]) -> Iterator[_Found]:
    """`sh FILE`, where no file has such a name; with -s the script comes by standard input, and there is no file."""
    behind = script_index((command[0], "-c", *command[1:]))  # where the script would stand
    if behind is None or any(has_letter(word, "s") for word in command[1 : behind - 1]):
        return
    file = command[behind - 1]
    if isinstance(file, str) and re.search(r"\s", file) and not _may_be_a_file(file):
        what = f"{name_of(command[0])} takes the script as the name of a file, because there is no -c before it"
        yield EXEC_SHELL_WITHOUT_C, f".command[{behind - 1}]", what


def _may_be_a_file(name: str) -> bool:
    """A folder may have a space in its name."""
    return not re.search(r"\s", re.split(r"[/\\]", name)[-1]) and not _IN_SCRIPTS.search(name)


def _script(command: Sequence[Any]) -> Iterator[_Found]:
    """What a program, or the shell around it, refuses at once."""
    script = script_of(command)
    index, fault = script.fault
    if fault:
        yield EXEC_SCRIPT_SYNTAX, f".command[{index}]", f"{fault}, and no shell can parse the script"
        return
    if script.refused:
        fails = script.refused.step.last or script.has_errexit
        yield EXEC_ARGUMENT_REFUSED, ".command", script.refused.what, "" if fails else "this step does nothing"


def _is_loopback(host: str) -> bool:
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


_Judge = Callable[[Mapping[str, Any], Container, PodSpec], Iterator[_Found]]
_HANDLERS: Final[Mapping[str, _Judge]] = {"exec": _exec, "httpGet": _http_get, "tcpSocket": _tcp_socket}
