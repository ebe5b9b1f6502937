"""Hooks that failed come to light: what kubectl says becomes one warning each. tests/cluster has it on a real node."""

import asyncio
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest
from pulumi.resource import DependencyProviderResource

from lifecycle_demo import LifecycleDemo, failures, hooks
from lifecycle_demo.failures import _Report
from tests.unit.recording import run

POD = "kubernetes:core/v1:Pod"
INPUTS: Any = {"metadata": {"name": "web", "namespace": "acme"}}
WAITS = 'Exec lifecycle hook ([sh -c exit 3]) failed - error: command exited with 3, message: "out"'


def event(reason: str, container: str = "c", *, uid: str = "u", seconds: float = 60) -> dict[str, Any]:
    last = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return {
        "reason": reason,
        "message": f"{reason}, it says",
        "lastTimestamp": last.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "involvedObject": {"uid": uid, "fieldPath": f"spec.containers{{{container}}}"},
    }


def pod(reason: str = "PostStartHookError") -> dict[str, Any]:
    waiting = {"reason": reason, "message": WAITS}
    return {"status": {"containerStatuses": [{"name": "c", "state": {"waiting": waiting}}]}}


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    monkeypatch.setattr(failures, "POLL_SECONDS", 0.01)
    return said


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a kubectl that says what stands in events.json and pod.json, and notes its arguments in calls."""
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\ncat "{tmp_path}/${{2%%/*}}.json"\n')
    kubectl.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    say(tmp_path)
    return tmp_path


def say(cluster: Path, *events: Any, status: Any = None) -> None:
    (cluster / "events.json").write_text(json.dumps({"items": list(events)}))
    (cluster / "pod.json").write_text(json.dumps(status or {}))


def looked(inputs: Any = INPUTS, times: int = 1, config: dict[str, str] | None = None, *, is_last: bool = True) -> None:
    async def look() -> None:
        report = _Report()
        for _ in range(times):
            await report._look("urn", inputs, is_last=is_last)

    run(look, config)


def test_a_failed_hook_is_told_of_once(cluster: Path, warnings: list[str]) -> None:
    say(cluster, event("FailedPreStopHook"), event("Started"), event("FailedPostStartHook", "d"), status=pod())
    looked(times=3)
    assert warnings == [
        "Pod acme/web: the preStop of container c failed: FailedPreStopHook, it says",
        "Pod acme/web: the postStart of container d failed: FailedPostStartHook, it says",
    ]
    first = (cluster / "calls").read_text().splitlines()[0]
    assert first == (
        "get events --namespace acme --field-selector involvedObject.kind=Pod,involvedObject.name=web "
        "--output json --request-timeout 5s"
    )


def test_of_a_post_start_the_pods_status_says_why(cluster: Path, warnings: list[str]) -> None:
    say(cluster, event("FailedPostStartHook"), status=pod())
    looked({"metadata": {"name": "web"}})
    assert warnings == [f"Pod default/web: the postStart of container c failed: {WAITS}"]
    say(cluster, event("FailedPostStartHook"), status=pod("CrashLoopBackOff"))
    looked()
    looked(times=4, is_last=False)
    assert len(warnings) == 2
    looked(times=5, is_last=False)
    assert warnings[1:] == ["Pod acme/web: the postStart of container c failed: FailedPostStartHook, it says"] * 2


def test_another_pod_of_the_same_name_is_told_of_by_itself(cluster: Path, warnings: list[str]) -> None:
    say(cluster, event("FailedPreStopHook"), event("FailedPreStopHook", uid="v"), event("FailedPreStopHook"))
    looked()
    assert len(warnings) == 2


def test_what_was_before_the_program_is_not_told(cluster: Path, warnings: list[str]) -> None:
    say(cluster, event("FailedPreStopHook", seconds=-5), {"reason": "FailedPreStopHook", "involvedObject": {}})
    looked()
    assert warnings == []


def test_a_creation_is_watched_until_it_ends(cluster: Path, warnings: list[str]) -> None:
    args = pulumi.ResourceHookArgs(urn="urn", id="", name="web", type=POD, new_inputs=INPUTS)
    failed = pulumi.ErrorHookArgs(urn="urn", id="", name="web", type=POD, new_inputs=INPUTS)

    async def program() -> None:
        report = _Report()
        assert report.created == set()
        await report._begins(args)
        assert report.created == {"urn"}
        while not (cluster / "calls").exists():
            await asyncio.sleep(0.01)
        say(cluster, event("FailedPreStopHook"))
        await report._ended(args)  # with a last look
        assert len(warnings) == 1
        await report._ended(args)  # of one that it knows nothing of
        await report._begins(args)
        say(cluster, event("FailedPreStopHook", uid="v"))
        assert await report._failed(failed) is False
        await report._deleted(pulumi.ResourceHookArgs(urn="urn", id="", name="web", type=POD, old_inputs=INPUTS))
        assert len(warnings) == 2

    run(program)


def test_a_creation_that_ends_during_a_look_is_looked_at_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "POLL_SECONDS", 0.01)
    looks: list[bool] = []

    async def program() -> None:
        report, done = _Report(), asyncio.Event()

        async def look(urn: str, inputs: Any, *, is_last: bool) -> None:
            looks.append(is_last)
            done.set()

        monkeypatch.setattr(report, "_look", look)
        await asyncio.wait_for(report._watch("urn", INPUTS, done), 10)

    run(program)
    assert looks == [False, True]


def bound(args: Any = None, opts: Any = None) -> dict[str, list[str]]:
    request = run(lambda: LifecycleDemo("web", args or {}, opts and opts()) and None).requests[POD]
    return {field.name: [each.rpartition(":")[2] for each in value] for field, value in request.hooks.ListFields()}


def test_which_hooks_the_pod_has() -> None:
    creation = {
        "before_create": ["creation-begins"],
        "after_create": ["creation-ended"],
        "on_error": ["creation-failed"],
    }
    assert bound() == creation
    assert bound({"report_deletion": True}) == {**creation, "after_delete": ["deleted"]}


def test_with_a_provider_of_the_callers_it_has_the_same() -> None:
    assert bound(opts=lambda: pulumi.ResourceOptions(provider=k8s.Provider("other"))) == bound()


def test_where_the_providers_settings_cannot_be_had_it_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the component is hosted for another language: all that arrives is a reference."""
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "debug", said.append)
    reference = "urn:pulumi:test::lifecycle-demo::pulumi:providers:kubernetes::other::id"
    assert bound(opts=lambda: pulumi.ResourceOptions(provider=DependencyProviderResource(reference))) == {}
    words = "the given provider does not show its settings here: cannot look up whether a hook failed"
    assert said.count(words) == 1


def test_each_pod_is_looked_up_in_the_cluster_of_its_provider(cluster: Path, warnings: list[str]) -> None:
    say(cluster, event("FailedPreStopHook"))

    async def program() -> None:
        two = pulumi.ResourceOptions(providers=[k8s.Provider("two", context="two")])
        parent = pulumi.ComponentResource("a:b:C", "parent", None, two)
        demos = [
            LifecycleDemo("one", {}, pulumi.ResourceOptions(provider=k8s.Provider("one", context="one"))),
            LifecycleDemo("two", {}, pulumi.ResourceOptions(parent=parent)),
            LifecycleDemo("default"),
        ]
        for demo, name in zip(demos, ("one", "two", "default"), strict=True):
            urn = await pulumi.create_urn(name, POD, parent=demo).future()
            args = pulumi.ResourceHookArgs(urn=urn or "", id="", name=name, type=POD, old_inputs=INPUTS)
            await failures._reports[pulumi.runtime.settings.get_monitor()]._deleted(args)

    run(program)
    calls = (cluster / "calls").read_text().splitlines()
    assert [each.partition(" --context ")[2] for each in calls] == ["one", "two", ""]
    assert len(warnings) == 1  # it is one and the same kubectl here


@pytest.mark.parametrize(
    "secretly",
    [
        lambda secret: {"post_start": hooks.shell(secret("exit 3"))},
        lambda secret: {"post_start": secret(hooks.shell("exit 3"))},
        lambda secret: {"container": secret({"tty": True})},
        lambda secret: {"containers": secret([{"name": "b", "image": "c"}])},
        lambda secret: {"pod_spec": secret({"hostname": "a"})},
    ],
)
def test_a_secret_hook_is_not_repeated(secretly: Any, cluster: Path, warnings: list[str]) -> None:
    """Nor one that stands in what is secret as a whole."""
    say(cluster, event("FailedPostStartHook"), event("FailedPreStopHook"), status=pod())

    async def program() -> None:
        given: Any = {"image": "a", **secretly(pulumi.Output.secret)}
        demo = LifecycleDemo("web", given)
        urn = await pulumi.create_urn("web", POD, parent=demo).future()
        args = pulumi.ResourceHookArgs(urn=urn or "", id="", name="web", type=POD, old_inputs=INPUTS)
        await failures._reports[pulumi.runtime.settings.get_monitor()]._deleted(args)

    run(program)
    assert warnings == [
        (
            "Pod acme/web: the postStart of container c failed: exit code 3; the rest may hold a secret; `kubectl "
            "describe pod` shows it"
        ),
        (
            "Pod acme/web: the preStop of container c failed: the reason may hold a secret; `kubectl describe pod` "
            "shows it"
        ),
    ]


def test_a_preview_has_no_hooks() -> None:
    recorder = run(lambda: LifecycleDemo("web", {"report_deletion": True}) and None, preview=True)
    assert list(recorder.requests[POD].hooks.ListFields()) == recorder.hooks == []


def test_all_pods_of_a_program_have_the_same_hooks() -> None:
    recorder = run(lambda: [LifecycleDemo(name) for name in ("a", "b")] and None)
    assert recorder.hooks == [
        "lifecycle-demo:creation-begins",
        "lifecycle-demo:creation-ended",
        "lifecycle-demo:creation-failed",
        "lifecycle-demo:deleted",
    ]
