"""Practice in a postStart: it runs while the server beside it is starting, and once."""

import functools
import math
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from ..catalogue import POSTSTART_CLIENT_SELF, POSTSTART_HTTPGET_SELF, POSTSTART_SLEEP_PENDING
from ..clients import CLIENTS, Client, asks_its_own, client, is_offline, is_own_value, runs_its_server
from ..duration import seconds
from ..images import parse_reference
from ..model import UNKNOWN, items, whole
from ..requests import TOOLS, requests
from ..script import Script
from ..shell import Command, Kind, Statement, Step, script_index, steps
from ..versions import POSTSTART_SLEEP_PANICS
from .hook import MAY_WAIT, Fault, Hook

_AGAIN: Final = "if that fails, the kubelet restarts the container"
# They take no notice of the server: after anything else it may be there.
_DO_NOT_WAIT: Final = frozenset(
    {":", "[", "awk", "cat", "cd", "chmod", "chown", "cp", "cut", "date", "echo", "elasticsearch-keystore", "env"}
    | {"elasticsearch-plugin", "envsubst", "exec", "export", "find", "grep", "head", "id", "ln", "ls", "mkdir", "mv"}
    | {"opensearch-keystore", "opensearch-plugin", "openssl", "printf", "pwd", "rabbitmq-plugins", "rm", "sed", "set"}
    | {"sleep", "sort", "tar", "test", "touch", "tr", "true", "umask", "unset", "whoami"}
)
_ASKING: Final = CLIENTS | TOOLS
# Of the proxies that a mesh injects: what answers there is not the container.
_INJECTED: Final = frozenset({3500, 4191, 9358, 9901, 15000, 15004, 15020, 15021, 15090, 19000})


def by_http_get(hook: Hook) -> Iterator[Fault]:
    if not hook.action.get("host") and _is_own_port(whole(hook.action.get("port")), hook):
        what = f"the server may not listen yet, and the kubelet asks only once: {_AGAIN}"
        yield POSTSTART_HTTPGET_SELF, ".port", what


def by_client(hook: Hook) -> Iterable[Fault]:
    """A client of the container's own server, where the hook fails with it and nothing before it may have waited."""
    question = _question(hook.script)
    if question is None or not _asks_its_own(question.step, hook):
        return ()
    pause = f", after a sleep of {question.pause:.10g} s, which is a guess" if question.pause else ""
    what = f"the server may not listen yet, and {question.step.program} asks only once{pause}: {_AGAIN}"
    return ((POSTSTART_CLIENT_SELF, ".command", what),)


class _Question(NamedTuple):
    """The first step of a script that asks a server, and the seconds that it has slept before."""

    step: Step
    pause: float


@functools.lru_cache(maxsize=1024)
def _question(script: Script) -> _Question | None:
    """None where the script may wait before, and where it does not fail with the step."""
    if script.programs.isdisjoint(_ASKING) or any(group.kind in MAY_WAIT for group in script.groups):
        return None
    pause = 0.0
    for step in steps(_fed(script.statement)):
        if step.program == "sleep":
            pause += seconds(Command(step.words))
        if step.words and step.program not in _DO_NOT_WAIT and not _is_offline(step):
            counts = step.program in _ASKING and step.sure and (step.last or script.has_errexit)
            return _Question(step, pause) if counts and pause < math.inf else None
    return None


def _fed(statement: Statement) -> Statement:
    """The statement with `echo … | client` as the client alone: it is what fails there."""
    if isinstance(statement, Command):
        return statement
    if statement.kind is Kind.PIPELINE:
        *others, last = statement.parts
        is_fed = all(isinstance(each, Command) and each.program in _DO_NOT_WAIT for each in others)
        return last if is_fed else statement
    return statement._replace(parts=tuple(map(_fed, statement.parts)))


def _is_offline(step: Step) -> bool:
    of = client(step.program)
    return of is not None and is_offline(of, step.words[1:])


def _asks_its_own(step: Step, hook: Hook) -> bool:
    of = client(step.program)
    if of is not None:
        return _runs_its_server(of, hook) and _is_not_sent_elsewhere(of, step, hook) and _by_words(of, step, hook)
    asked = requests(step.words)
    return bool(asked) and all(
        each.is_local and not each.retries and each.port not in _INJECTED and _is_own_port(each.port, hook)
        for each in asked
    )


def _by_words(of: Client, step: Step, hook: Hook) -> bool:
    index = script_index(hook.script.words)
    text = hook.script.words[index] if index else ""
    return asks_its_own(of, step.words, text or "")


def _runs_its_server(of: Client, hook: Hook) -> bool:
    spec = hook.container.spec
    image, command, args = spec.get("image"), spec.get("command"), spec.get("args")
    if not isinstance(image, str) or UNKNOWN in (command, args):
        return False
    if not (hook.pod.is_whole or command or args):  # what is patched may have a command
        return False
    reference = parse_reference(image)
    return reference is not None and runs_its_server(of, reference.repository, items(command), items(args))


def _is_not_sent_elsewhere(of: Client, step: Step, hook: Hook) -> bool:
    """Whether no variable gives the client another host, or may give it one."""
    if not of.variables:
        return True
    given = [value for name, value in step.assigned if name in of.variables]
    if given:
        return is_own_value(given[-1])
    if hook.container.spec.get("envFrom") or hook.container.spec.get("env") is UNKNOWN:
        return False
    env = [each for each in items(hook.container.spec.get("env")) if isinstance(each, dict)]
    return all(is_own_value(each.get("value")) for each in env if str(each.get("name")) in of.variables)


def _is_own_port(port: object, hook: Hook) -> bool:
    """The container's own: it declares the port, or it is the only one."""
    if not isinstance(port, int | str):
        return False
    declared = [each for each in items(hook.container.spec.get("ports")) if isinstance(each, dict)]
    if any(port in (each.get("name"), whole(each.get("containerPort"))) for each in declared):
        return True
    before = hook.pod.spec.get("initContainers")
    is_alone = len(items(hook.pod.spec.get("containers"))) == 1 and (before is None or before == [])
    return isinstance(port, int) and hook.pod.is_whole and is_alone


def pending(hook: Hook) -> Iterator[Fault]:
    """A sleep action with which some releases of Kubernetes leave the Pod Pending."""
    releases = hook.cluster.releases_with(POSTSTART_SLEEP_PANICS)
    if not releases or not hook.pod.is_whole:
        return
    before = hook.container.hook("preStop")
    sleeps = before.get("sleep") if isinstance(before, dict) else before
    if sleeps is None:
        what = f"in {releases} the API server fails on each update of the Pod, so the Pod stays Pending"
        yield POSTSTART_SLEEP_PENDING, "", what
