"""A Pod whose postStart fails again and again is awaited no longer. tests/cluster has it on a real node."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest
from pulumi.resource import DependencyProviderResource

from lifecycle_demo import LifecycleDemo, hooks, starts
from tests.unit.recording import EchoMocks, Recorder, run

POD = "kubernetes:core/v1:Pod"
CONDITION = (
    'jsonpath={$[?$.status.conditions[?@.type=="Ready"&&@.status=="True"]'
    '||$.status.*[?@.restartCount>1&&@.state.waiting.reason=="PostStartHookError"]]}'
)
WHY = 'Exec lifecycle hook ([sh -c exit 3]) failed - error: command exited with 3, message: "out"'
MESSAGE = (
    "Pod acme/web: the postStart of container {} failed {} times, so Pulumi stops waiting. To replace the Pod, "
    "change the hook and run `pulumi up`. To wait for its next start, run `pulumi up --refresh`. "
    f"The last failure: {WHY}"
)
FAILS: Any = {"image": "nginx", "namespace": "acme", "post_start": hooks.shell("exit 3")}


def annotations(args: Any) -> Any:
    return run(lambda: LifecycleDemo("web", args) and None).inputs(POD)["metadata"].get("annotations")


def test_the_provider_is_told_what_ends_the_wait() -> None:
    awaited = {"pulumi.com/waitFor": CONDITION}
    assert annotations(FAILS) == awaited
    assert annotations({**FAILS, "annotations": {"a": "b"}}) == {"a": "b", **awaited}
    sidecar: Any = {"name": "proxy", "image": "envoy", "post_start": hooks.shell("exit 3")}
    assert annotations({"sidecars": [sidecar]}) == awaited
    later: Any = {**FAILS, "post_start": hooks.shell(pulumi.Output.from_input("exit 3"))}
    assert annotations(later) == awaited
    whole: Any = {**FAILS, "annotations": pulumi.Output.from_input({"a": "b"})}
    assert annotations(whole) == {"a": "b", **awaited}
    for name, value in (("pod_spec", {"hostname": "a"}), ("containers", []), ("container", {"tty": True})):
        assert annotations({**FAILS, name: pulumi.Output.from_input(value)}) == awaited
    hook = {"post_start": {"exec": {"command": ["false"]}}}
    passed: Any = {"init_containers": [{"name": "a", "image": "b", "restart_policy": "Always", "lifecycle": hook}]}
    assert annotations({"pod_spec": passed}) == awaited


@pytest.mark.parametrize(
    "args",
    [
        {},  # the Pod of the page
        {**FAILS, "fail_fast": False},
        {"image": "ghcr.io/acme/web:1"},
        {**FAILS, "pod_spec": {"restart_policy": "Never"}},
        {**FAILS, "pod_spec": {"restart_policy": pulumi.Output.from_input("Always")}},
    ],
    ids=["the page's", "switched off", "no postStart", "never started again", "perhaps never"],
)
def test_who_is_awaited_as_ever(args: Any) -> None:
    assert annotations(args) is None


@pytest.mark.parametrize("key", ["waitFor", "skipAwait", "timeoutSeconds"])
def test_what_the_caller_says_of_the_wait_holds(key: str) -> None:
    own = {f"pulumi.com/{key}": "jsonpath={.metadata.uid}" if key == "waitFor" else "5"}
    assert annotations({**FAILS, "annotations": own}) == own


def test_a_spec_that_comes_later_says_then_whether_it_is_awaited() -> None:
    never: Any = {**FAILS, "pod_spec": pulumi.Output.from_input({"restart_policy": "Never"})}
    assert annotations(never) == {}
    own = {"pulumi.com/skipAwait": "true"}
    assert annotations({**FAILS, "annotations": pulumi.Output.from_input(own)}) == own


def status(restarts: int = 2, reason: str = "PostStartHookError", *, is_ready: bool = False) -> dict[str, Any]:
    waiting = {"waiting": {"reason": reason, "message": WHY}}
    return {
        "conditions": [{"type": "Ready", "status": str(is_ready)}],
        "containerStatuses": [
            {"name": "sound", "restartCount": 0, "state": {"running": {}}},
            {"name": "web-container", "restartCount": restarts, "state": waiting},
        ],
    }


def created(known: Any, args: Any = FAILS, *, preview: bool = False, opts: Callable[[], Any] | None = None) -> Recorder:
    """The program, where Pulumi knows that status of the Pod."""

    class Mocks(EchoMocks):
        def new_resource(self, args: Any) -> tuple[str, dict[str, Any]]:
            id, outputs = super().new_resource(args)
            if args.typ == POD:
                outputs = {**outputs, "metadata": {**outputs["metadata"], "uid": "u"}, "status": known}
            return id, outputs

    def mocked(recorder: Recorder) -> None:
        recorder.mocks = Mocks()

    return run(lambda: LifecycleDemo("web", args, opts and opts()) and None, preview=preview, made=mocked)


@pytest.fixture(autouse=True)
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kubectl that says what stands in pod.json, which is nothing."""
    program = tmp_path / "kubectl"
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\ncat {tmp_path}/pod.json\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (tmp_path / "pod.json").write_text("{}")
    return tmp_path


def live(kubectl: Path, status: Any, uid: str = "u") -> None:
    (kubectl / "pod.json").write_text(json.dumps({"metadata": {"uid": uid}, "status": status}))


def test_the_third_failure_ends_the_program(kubectl: Path) -> None:
    with pytest.raises(pulumi.RunError) as raised:
        created(status())
    assert str(raised.value) == MESSAGE.format("web-container", 3)
    words = "get pod/web --namespace acme --ignore-not-found --output json --request-timeout 5s\n"
    assert (kubectl / "calls").read_text() == words


def test_that_of_a_sidecar_too() -> None:
    known = status(4)
    known["initContainerStatuses"] = [{**known.pop("containerStatuses")[1], "name": "proxy"}]
    with pytest.raises(pulumi.RunError) as raised:
        created(known)
    assert str(raised.value) == MESSAGE.format("proxy", 5)


def test_what_is_said_is_the_newest(kubectl: Path) -> None:
    """The failures go on after an update that ended so; between two starts Kubernetes does not say why."""
    live(kubectl, status(6, "CrashLoopBackOff"))
    with pytest.raises(pulumi.RunError) as raised:
        created(status())
    assert str(raised.value) == MESSAGE.format("web-container", 7)
    newer = status(7)
    newer["containerStatuses"][1]["state"]["waiting"]["message"] = "no route to host"
    live(kubectl, newer)
    with pytest.raises(pulumi.RunError) as raised:
        created(status())
    assert str(raised.value) == MESSAGE.format("web-container", 8).replace(WHY, "no route to host")


def test_a_pod_that_started_since_is_well(kubectl: Path) -> None:
    live(kubectl, status(3, is_ready=True))
    outputs = created(status()).outputs
    (names,) = (each for urn, each in outputs.items() if "LifecycleDemo" in urn)
    assert (names["podName"], names["namespace"]) == ("web", "acme")


def test_another_pod_of_its_name_says_nothing_of_it(kubectl: Path) -> None:
    live(kubectl, status(is_ready=True), uid="v")
    with pytest.raises(pulumi.RunError):
        created(status())


def test_without_a_cluster_to_ask_what_pulumi_knows_holds(kubectl: Path) -> None:
    live(kubectl, status(is_ready=True))
    reference = "urn:pulumi:test::lifecycle-demo::pulumi:providers:kubernetes::other::id"
    with pytest.raises(pulumi.RunError):
        created(status(), opts=lambda: pulumi.ResourceOptions(provider=DependencyProviderResource(reference)))
    assert not (kubectl / "calls").exists()


def test_the_pods_own_provider_is_asked(kubectl: Path) -> None:
    live(kubectl, status(is_ready=True))
    created(status(), opts=lambda: pulumi.ResourceOptions(provider=k8s.Provider("other", context="theirs")))
    assert (kubectl / "calls").read_text().endswith(" --context theirs\n")


def test_a_secret_hook_is_not_repeated() -> None:
    """Only its exit code is: the kubelet's words have the whole command."""
    secret = {**FAILS, "post_start": hooks.shell(pulumi.Output.secret("exit 3"))}
    with pytest.raises(pulumi.RunError) as raised:
        created(status(), secret)
    hidden = "exit code 3; the rest may hold a secret; `kubectl describe pod` shows it"
    assert str(raised.value) == MESSAGE.format("web-container", 3).replace(WHY, hidden)
    open_ = {**FAILS, "post_start": hooks.shell(pulumi.Output.from_input("exit 3")), "env": {"A": secret_env()}}
    with pytest.raises(pulumi.RunError) as raised:
        created(status(), open_)
    assert str(raised.value) == MESSAGE.format("web-container", 3)


def secret_env() -> Any:
    return pulumi.Output.secret("hunter22")


def test_with_delete_hooks_an_earlier_update_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """`pulumi destroy --run-program` runs the program, and deletes nothing where that fails."""
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    args = {**FAILS, "report_deletion": True}
    created(status(), args)
    assert said == [MESSAGE.format("web-container", 3)]
    monkeypatch.setattr(starts, "was_created_here", lambda urn: "$kubernetes:core/v1:Pod::web" in urn)
    with pytest.raises(pulumi.RunError):
        created(status(), args)


@pytest.mark.parametrize(
    "known",
    [status(1), status(5, "CrashLoopBackOff"), status(5, "ImagePullBackOff"), {}, None],
    ids=["the second failure", "another failure", "no image", "no containers", "no status"],
)
def test_what_ends_nothing(known: Any, kubectl: Path) -> None:
    created(known)
    assert not (kubectl / "calls").exists()


def test_switched_off_it_ends_nothing() -> None:
    created(status(), {**FAILS, "fail_fast": False})


def test_a_preview_ends_nothing() -> None:
    created(status(), preview=True)
