"""What the kubelet does with hooks, seen on a real one: when it runs them, waits for them, and gives up."""

import time
from typing import Any

import pytest
from cluster import Cluster, Event, until

from lifecycle_demo import hooks

# SIGTERM and SIGQUIT leave PID 1 alone unless it handles them, as nginx does and `sleep` does not.
DEAF = ["sleep", "infinity"]
# Without it a container is Ready once started, before nginx listens and handles signals.
LISTENS = {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 1}
LEAVE_A_MARK = hooks.shell("echo $HOSTNAME >> /outside/stopped")


def test_the_container_is_not_ready_before_its_post_start_has_ended(cluster: Cluster) -> None:
    """postStart and ENTRYPOINT start together, but the kubelet reports nothing until the hook ends.

    Source: kuberuntime_container.go, startContainer.
    """
    slow = hooks.shell("touch /outside/began; sleep 4; touch /outside/ended")
    cluster.share("slow", {"lifecycle": {"postStart": slow}}, ready=False)
    until((cluster.outside / "began").exists, "the hook has begun")

    during = cluster.pod("slow").status
    assert not (cluster.outside / "ended").exists(), "too late to see what is so during the hook"
    assert "Started" in cluster.reasons("slow")
    assert during.phase == "Pending"
    assert [(each.ready, each.state.waiting.reason) for each in during.container_statuses] == [
        (False, "ContainerCreating")
    ]

    cluster.ready("slow")
    assert (cluster.outside / "ended").exists()
    pod = cluster.pod("slow")
    ready = next(each for each in pod.status.conditions if each.type == "Ready").last_transition_time
    started = pod.status.container_statuses[0].state.running.started_at
    assert 4 <= (ready - started).total_seconds() <= 7  # both cut to the second, so a true 4 never reads 3


def test_a_failing_post_start_restarts_the_container_and_tells_its_output(cluster: Cluster) -> None:
    """The event hides how the hook failed, for secrets' sake; the status shows its argv, exit code and output.

    Source: kuberuntime_container.go, startContainer; lifecycle/handlers.go, Run.
    """
    failing = hooks.shell("until [ -s /run/nginx.pid ]; do sleep 0.1; done; echo password >&2; exit 3")
    cluster.run("failing", {"lifecycle": {"postStart": failing}}, ready=False)

    seen = until(lambda: (status := cluster.status("failing")) and status.restart_count and status, "the restart")
    assert seen.ready is False
    assert seen.state.waiting.reason == "PostStartHookError"
    assert "exited with 3: password" in seen.state.waiting.message
    assert seen.last_state.terminated.exit_code == 0  # nginx was told to stop; it did not crash
    assert {
        Event("Warning", "FailedPostStartHook", "PostStartHook failed"),
        Event("Normal", "Killing", "FailedPostStartHook"),
    } <= set(cluster.events("failing"))


def test_the_pre_stop_runs_when_the_pod_is_deleted(cluster: Cluster) -> None:
    """A deletion runs the hook, waits for its end, and no longer. Source: kuberuntime_container.go, killContainer."""
    cluster.share("deleted", {"readinessProbe": LISTENS, "lifecycle": {"preStop": LEAVE_A_MARK}})
    assert not (cluster.outside / "stopped").exists()

    seconds, last = cluster.last_seen("deleted")
    assert (cluster.outside / "stopped").read_text() == "deleted\n"
    assert last.state.terminated.exit_code == 0
    assert seconds < 10  # a hook that has ended gives the rest of its 30 s back
    assert "FailedPreStopHook" not in cluster.reasons("deleted")


@pytest.mark.parametrize(
    ("command", "exit_code", "least"),
    [
        pytest.param(None, 0, 3, id="nginx ends on SIGQUIT, after 3 s of grace"),
        pytest.param(DEAF, 137, 5, id="sleep is killed, after 2 s more"),
    ],
)
def test_the_grace_period_cuts_the_pre_stop_off(
    cluster: Cluster, command: list[str] | None, exit_code: int, least: float
) -> None:
    """A hook has the grace period and no more; the container then has 2 s from its stop signal to its kill.

    The hook is not killed at the cut: it goes, and fails, with its container.
    Source: kuberuntime_container.go, executePreStopHook and minimumGracePeriodInSeconds.
    """
    endless = hooks.shell("sleep 60; touch /outside/ended")
    container: dict[str, Any] = {"lifecycle": {"preStop": endless}}
    if command:
        container["command"] = command
    cluster.share("cut", container, terminationGracePeriodSeconds=3)

    seconds, last = cluster.last_seen("cut")
    assert least <= seconds <= least + 4  # 1 to 2 s pass between a container's end and its Pod's
    assert last.state.terminated.exit_code == exit_code
    assert not (cluster.outside / "ended").exists()
    failed = Event("Warning", "FailedPreStopHook", "PreStopHook failed")
    until(lambda: failed in cluster.events("cut"), "the event of the failed hook")


def test_no_pre_stop_when_the_container_ends_by_itself(cluster: Cluster) -> None:
    """There is nothing left to stop: neither the end nor the Pod's deletion runs the hook.

    Source: k8s.io/api/core/v1, Lifecycle.PreStop.
    """
    done = {"command": ["sh", "-c", "sleep 1; touch /outside/done"], "lifecycle": {"preStop": LEAVE_A_MARK}}
    cluster.share("job", done, ready=False, restartPolicy="Never")
    until(lambda: cluster.pod("job").status.phase == "Succeeded", "the container has ended")
    cluster.delete("job")

    assert (cluster.outside / "done").exists()
    assert not (cluster.outside / "stopped").exists()
    assert not {"FailedPreStopHook", "Killing"} & cluster.reasons("job")


def test_a_sleeping_pre_stop_holds_the_stop_signal_back_while_the_container_serves(cluster: Cluster) -> None:
    """The sleep is the kubelet's: the container has no stop signal yet, and answers.

    Source: lifecycle/handlers.go, runSleepHandler.
    """
    cluster.run("serving", {"readinessProbe": LISTENS, "lifecycle": {"preStop": hooks.sleep(4)}})
    began = time.monotonic()
    cluster.delete("serving", wait=False)

    answers = 0
    while time.monotonic() < began + 3:
        assert cluster.pod("serving").metadata.deletion_timestamp
        assert "<h1>nginx</h1>" in cluster.get("serving")
        answers += 1
    assert answers >= 3
    until(lambda: cluster.pod("serving") is None, "the Pod is gone, before the grace period's 30 s", 25)
    assert time.monotonic() - began >= 4
