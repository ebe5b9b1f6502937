"""What went wrong in a life, apart from the facts, and the rule that explains it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from lifecycle_rules import check
from lifecycle_rules.model import PodSpec, containers

from .life import FLOOR_SECONDS, Life, Mark, Row, Span
from .texts import duration

_KILLED: Final = 137
_SAID: Final = 200  # letters of a hook's output
_EXITED: Final = re.compile(r"exited with (\d+): (.*), message: (.*)\Z", re.DOTALL)


class Finding(NamedTuple):
    container: str
    """Empty where it is about the Pod."""
    what: str
    text: str
    rule: str
    """The id of the rule that explains it; empty where none does."""


def findings(life: Life) -> list[Finding]:
    """In the order of the rows."""
    judged = _Judged(life.pod)
    found: list[Finding] = []
    for row in life.rows:
        if row.role == "pod":
            found += _of_pod(life, row)
        else:
            found += _of_container(life, row, judged)
    return found


class _Judged:
    """What the rules say of the Pod: which rule, of which part of which container."""

    def __init__(self, pod: Mapping[str, Any]) -> None:
        paths = {each.path: each.name for each in containers(PodSpec("spec", pod.get("spec") or {}, "Pod"))}
        self._found = [
            (name, each.path[len(path) :], each.rule.id)
            for each in check("Pod", {"apiVersion": "v1", "kind": "Pod", **pod})
            for path, name in paths.items()
            if each.path.startswith(path)
        ]

    def rule(self, container: str, part: str, *preferred: str) -> str:
        """The rule that speaks of this part of the container, if possible a preferred one; empty if none does."""
        ids = [id for name, path, id in self._found if name == container and part in path]
        return next((each for each in preferred if each in ids), next(iter(ids), ""))

    def has(self, container: str, rule: str) -> bool:
        return any(name == container and id == rule for name, _, id in self._found)


def _of_pod(life: Life, row: Row) -> Iterator[Finding]:
    goes_on = (life.pod.get("spec") or {}).get("restartPolicy", "Always") == "Always"
    for mark in row.marks:
        if mark.what == "warning" and mark.text.startswith("FailedScheduling"):
            continue  # the condition says the same
        if mark.what in ("evicted", "unschedulable", "warning") or (mark.what == "unready" and goes_on):
            yield Finding("", mark.what, mark.text, "")
    deleted, ready = life.mark("deletion"), life.mark("ready")
    if deleted and not ready and life.state in ("terminating", "gone"):
        yield Finding("", "never-ready", "the Pod was deleted before it was ever Ready", "")
    if life.story.is_forced:
        text = (
            "removed by force while containers ran: the kubelet stops them within a few seconds, and nothing reports it"
        )
        yield Finding("", "forced", text, "")


def _of_container(life: Life, row: Row, judged: _Judged) -> Iterator[Finding]:
    yield from _post_start(life, row, judged)
    yield from _pre_stop(life, row, judged)
    yield from _end(life, row, judged)
    deleted = life.mark("deletion")
    for mark in _first_of_each(row, "probe-failed"):
        if deleted and (mark.at.earliest or 0.0) > (deleted.at.latest or 0.0):
            continue  # a process that stops does not answer
        yield Finding(row.name, "probe-failed", _counted(mark.text, _count(row, "probe-failed", mark.text)), "")
    for mark in _first_of_each(row, "warning"):
        yield Finding(row.name, "warning", _counted(mark.text, _count(row, "warning", mark.text)), "")
    for mark in _first_of_each(row, "killing"):
        if "FailedPostStartHook" not in mark.text:
            text = _counted(mark.text.removeprefix("killed: "), _count(row, "killing", mark.text))
            yield Finding(row.name, "killed-by-probe", text, "")


def _post_start(life: Life, row: Row, judged: _Judged) -> Iterator[Finding]:
    failed = [each for each in row.spans if each.what == "postStart" and each.how == "failed"]
    if not failed:
        return
    told = next(
        (each.message for each in life.story.waiting.get(row.name, ()) if each.status == "PostStartHookError"), ""
    )
    took = duration(failed[0].seconds)
    text = f"postStart failed{_times(len(failed))} after {took}, and the kubelet killed the container"
    yield Finding(row.name, "postStart-failed", f"{text}{_said(told)}", judged.rule(row.name, "postStart"))


def _pre_stop(life: Life, row: Row, judged: _Judged) -> Iterator[Finding]:
    for span in {(each.how, each.seconds): each for each in row.spans}.values():
        if span.what != "preStop" or span.how not in ("failed", "cut"):
            continue
        if span.how == "cut":
            grace = round(span.seconds.least or 0.0)
            by_probe = any(each.what == "killing" and "probe" in each.text for each in row.marks)
            rule = "probe-grace-vs-prestop" if by_probe and grace != _own_grace(life) else "prestop-budget"
            text = (
                f"preStop was cut off by the end of the grace period ({grace} s): "
                f"the process got only {FLOOR_SECONDS} s after its stop signal"
            )
            yield Finding(row.name, "preStop-cut", text, judged.rule(row.name, "preStop", rule) or rule)
            continue
        near = any(each.what == "preStop-failed" and each.text.endswith("container ended") for each in row.marks)
        took = duration(span.seconds)
        if near:
            text = f"preStop failed after {took}, in the second in which its container ended: it may have ended with it"
            yield Finding(
                row.name,
                "preStop-ended-with-container",
                text,
                judged.rule(row.name, "preStop", "prestop-signal-return"),
            )
        else:
            text = f"preStop failed after {took}: the stop signal came at once, without the intended delay"
            yield Finding(row.name, "preStop-failed", text, judged.rule(row.name, "preStop"))


def _end(life: Life, row: Row, judged: _Judged) -> Iterator[Finding]:
    runs = life.story.runs.get(row.name, ())
    last = runs[-1] if runs else None
    if last is None or last.code is None or not any(each.what == "exited" for each in row.marks):
        return
    stopping = [each for each in row.spans if each.what == "stopping"]
    hook = _hook(life, row, "preStop")
    if last.reason == "OOMKilled":
        yield Finding(
            row.name, "oom", "killed because it ran out of memory: no preStop ran, and no stop signal came", ""
        )
    elif last.code == _KILLED and stopping and row.limit:
        yield from _killed(life, row, judged, stopping[-1])
    elif last.code != 0 and not stopping:
        text = f"ended by itself with exit code {last.code}"
        yield Finding(row.name, "failed", text + (": its preStop did not run" if hook else ""), "")
    elif last.code == 0 and hook and not any(each.what == "preStop" for each in row.spans) and row.role == "app":
        yield Finding(row.name, "preStop-not-run", "ended by itself: its preStop did not run", "prestop-in-job")


def _killed(life: Life, row: Row, judged: _Judged, stopping: Span) -> Iterator[Finding]:
    limit = row.limit
    exit = next((each for each in reversed(row.marks) if each.what == "exited"), None)
    if limit is None or exit is None or any(each.how == "cut" for each in row.spans):
        return  # told with the hook
    if exit.at.latest is None or limit.end.earliest is None or exit.at.latest < limit.end.earliest:
        yield Finding(
            row.name, "killed", "exit code 137 before the end of the grace period: something else killed it", ""
        )
        return
    shell = judged.has(row.name, "pid1-shell")
    rule = (
        "pid1-shell"
        if shell
        else ("sidecar-grace" if row.role == "sidecar" else "prestop-margin" if _hook(life, row, "preStop") else "")
    )
    text = f"still ran at the end of the grace period ({limit.seconds} s), and was killed"
    yield Finding(row.name, "killed", text, rule)


def _said(message: str) -> str:
    """Of the kubelet's message what came of the hook: it repeats the hook itself twice before."""
    if not message:
        return ""
    if exited := _EXITED.search(message):
        said = exited[2].strip().strip('"') or exited[3].strip().strip('"')
        return f": it exited with {exited[1]}" + (f", and wrote {said[:_SAID]!r}" if said else "")
    return f": {message.rpartition('failed - error: ')[2][:_SAID]}"


def _own_grace(life: Life) -> object:
    return (life.pod.get("spec") or {}).get("terminationGracePeriodSeconds")


def _hook(life: Life, row: Row, name: str) -> object:
    spec = life.pod.get("spec") or {}
    for each in [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]:
        if each.get("name") == row.name:
            return (each.get("lifecycle") or {}).get(name)
    return None


def _first_of_each(row: Row, what: str) -> list[Mark]:
    found: dict[str, Mark] = {}
    for mark in row.marks:
        if mark.what == what and mark.is_trouble:
            found.setdefault(mark.text, mark)
    return list(found.values())


def _count(row: Row, what: str, text: str) -> int:
    return sum(each.what == what and each.text == text for each in row.marks)


def _counted(text: str, count: int) -> str:
    return text.rstrip(": ") + _times(count)


def _times(count: int) -> str:
    return f" {count} times" if count > 1 else ""
