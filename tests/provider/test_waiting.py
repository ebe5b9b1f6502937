"""What is told while an operation waits, on a cluster made of what it will say."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.provider import waiting
from sandbox.provider.cluster import ApiError
from sandbox.provider.waiting import NotDone, timeout_seconds, until_gone, until_ready

GONE = ApiError(404, "NotFound", 'pods "web" not found', {})
HOOK_FAILED = "command 'false' exited with 1: boom"


class Script:
    """A cluster that answers `get` from a list (the last answer again and again), and lists events."""

    def __init__(self, *answers: Any, events: list[dict[str, Any]] | None = None) -> None:
        self._answers = list(answers)
        self.events = events or []
        self.deleted: list[str] = []

    def get(self, _: Any) -> Any:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def delete(self, _: Any, *, propagation: str) -> None:
        self.deleted.append(propagation)

    def warning_events(self, _: str) -> list[dict[str, Any]]:
        return self.events


class Screen:
    def __init__(self) -> None:
        self.lasting: list[str] = []
        self.passing: list[str] = []

    def warning(self, _: str, text: str) -> None:
        self.lasting.append(text)

    def status(self, _: str, text: str) -> None:
        self.passing.append(text)


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(waiting, "_FAST_SECONDS", 0.001)
    monkeypatch.setattr(waiting, "_EVENTS_SECONDS", 0.0)
    monkeypatch.setattr(waiting, "_LATE_EVENT_SECONDS", 0.0)
    yield


def pod(ready: bool = False, waiting_for: str = "", uid: str = "u", **metadata: Any) -> dict[str, Any]:
    conditions = [{"type": t, "status": "True"} for t in ("PodScheduled", "Initialized")]
    conditions.append({"type": "Ready", "status": str(ready)})
    state = {"waiting": {"reason": waiting_for, "message": HOOK_FAILED}} if waiting_for else {}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "default", "uid": uid, **metadata},
        "spec": {"terminationGracePeriodSeconds": 30},
        "status": {"conditions": conditions, "containerStatuses": [{"name": "c", "ready": ready, "state": state}]},
    }


def event(reason: str, message: str = "it failed", uid: str = "u", count: int = 1) -> dict[str, Any]:
    return {"involvedObject": {"uid": uid}, "reason": reason, "message": message, "count": count}


def wait(
    script: Script, inputs: dict[str, Any] | None = None, seconds: float = 0.05, **more: Any
) -> tuple[Any, Screen]:
    screen = Screen()
    cancelled = more.pop("cancelled", threading.Event())
    live = until_ready(script, screen, "urn", pod(), inputs or {}, seconds, cancelled, **more)  # type: ignore[arg-type]
    return live, screen


def delete(script: Script, inputs: dict[str, Any] | None = None, seconds: float = 0.05) -> Screen:
    screen = Screen()
    until_gone(script, screen, "urn", pod(), inputs or {}, seconds, threading.Event())  # type: ignore[arg-type]
    return screen


def test_ready_in_the_end() -> None:
    live, screen = wait(Script(pod(), pod(), pod(ready=True)))
    assert live == pod(ready=True)
    assert screen.passing == ["waiting for the Pod to be Ready", ""]


def test_a_failing_hook_is_told_while_it_fails_and_once() -> None:
    script = Script(pod(), pod(), pod(ready=True), events=[event("FailedPostStartHook")])
    _, screen = wait(script)
    assert screen.lasting == ["FailedPostStartHook: it failed"]


def test_warnings_that_pass_by_do_not_stay() -> None:
    _, screen = wait(Script(pod(), pod(ready=True), events=[event("FailedScheduling")]))
    assert screen.lasting == []
    assert "FailedScheduling: it failed" in screen.passing


def test_events_of_others_are_not_told() -> None:
    _, screen = wait(Script(pod(), pod(ready=True), events=[event("FailedPostStartHook", uid="other")]))
    assert screen.lasting == []


def test_an_update_does_not_repeat_what_was_told_before() -> None:
    _, screen = wait(Script(pod(), pod(ready=True), events=[event("BackOff")]), updating=True)
    assert screen.lasting == []


def test_what_the_hook_said_survives_the_next_restart() -> None:
    script = Script(pod(waiting_for="PostStartHookError"), pod(waiting_for="CrashLoopBackOff"))
    with pytest.raises(NotDone, match=r"^timed out after 0\.05 s, waiting for the Pod to be Ready$") as failure:
        wait(script)
    assert failure.value.reasons == [
        f"container c: [PostStartHookError] {HOOK_FAILED}",
        f"container c: [CrashLoopBackOff] {HOOK_FAILED}",
    ]


def test_a_cancelled_wait_ends_at_once() -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(NotDone, match=r"^cancelled, waiting for the Pod to be Ready$"):
        wait(Script(pod()), seconds=600, cancelled=cancelled)


def test_a_pod_deleted_under_our_hands() -> None:
    with pytest.raises(NotDone, match="it was deleted while it was waited for"):
        wait(Script(pod(), GONE))
    with pytest.raises(NotDone, match="made anew by someone else"):
        wait(Script(pod(uid="another")))


def test_skip_await() -> None:
    annotations = {"metadata": {"annotations": {"pulumi.com/skipAwait": "true"}}}
    assert wait(Script(GONE), annotations)[0] == pod()


def test_deletion_waits_until_the_pod_is_gone_and_tells_of_its_hook() -> None:
    script = Script(pod(), pod(), pod(), GONE)
    script.events = [event("FailedPostStartHook", "before")]
    screen = Screen()

    def told_later(_: Any, *, propagation: str) -> None:
        script.deleted.append(propagation)
        script.events = [*script.events, event("FailedPreStopHook")]

    script.delete = told_later  # type: ignore[method-assign]
    until_gone(script, screen, "urn", pod(), {}, 1, threading.Event())  # type: ignore[arg-type]
    assert script.deleted == ["Foreground"]
    assert screen.lasting == ["FailedPreStopHook: it failed"]
    assert screen.passing == ["waiting for it to end (grace period 30 s)", ""]


def test_what_is_gone_already_is_deleted() -> None:
    script = Script(GONE)
    delete(script)
    assert script.deleted == []


def test_a_pod_of_the_same_name_is_not_waited_for() -> None:
    delete(Script(pod(), pod(uid="another")), seconds=600)


def test_propagation_and_skip_await_of_a_deletion() -> None:
    annotations = {"pulumi.com/skipAwait": "true", "pulumi.com/deletionPropagationPolicy": "background"}
    script = Script(pod())
    delete(script, {"metadata": {"annotations": annotations}}, seconds=600)
    assert script.deleted == ["Background"]


def test_a_deletion_that_cannot_end_says_what_holds_it() -> None:
    with pytest.raises(NotDone, match=r"timed out after 0\.05 s, waiting for default/web to be gone") as failure:
        delete(Script(pod(finalizers=["example.com/hold"])))
    assert failure.value.reasons == [
        "held by finalizer example.com/hold",
        "its grace period of 30 s is no shorter than the delete timeout; set `customTimeouts.delete` to more than 30 s",
    ]


@pytest.mark.parametrize(
    ("custom", "annotation", "expected"),
    [(20.0, "30", 20.0), (0.0, "30", 30.0), (0.0, "", 600.0), (0.0, "soon", 600.0), (0.0, "0", 600.0)],
)
def test_timeouts(custom: float, annotation: str, expected: float) -> None:
    inputs = {"metadata": {"annotations": {"pulumi.com/timeoutSeconds": annotation}}}
    assert timeout_seconds(custom, inputs) == expected
