"""When an object counts as ready, and what is said while it is not."""

from typing import Any

import pytest

from sandbox.provider.readiness import READY, Related, State, conditions_met, container_problems, group_kind

NOTHING = Related()


def condition(kind: str, status: str, reason: str = "", message: str = "") -> dict[str, str]:
    return {"type": kind, "status": status, "reason": reason, "message": message}


def judge(obj: dict[str, Any], related: Related = NOTHING) -> State:
    return READY[group_kind(obj)](obj, related)


def pod(phase: str = "Pending", *conditions: dict[str, str], **status: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "status": {"phase": phase, "conditions": list(conditions), **status}}


SCHEDULED = condition("PodScheduled", "True")
INITIALIZED = condition("Initialized", "True")


def test_a_pod_is_ready_when_it_says_so_or_has_succeeded() -> None:
    assert judge(pod("Running", condition("Ready", "True"))).done
    assert judge(pod("Succeeded")).done


def test_a_pod_waits_for_one_thing_after_another() -> None:
    assert judge(pod()).waiting_for == "the Pod to be scheduled"
    assert judge(pod("Pending", SCHEDULED)).waiting_for == "the Pod's init containers"
    assert judge(pod("Running", SCHEDULED, INITIALIZED)).waiting_for == "the Pod to be Ready"


def test_a_pod_that_fits_nowhere_says_why() -> None:
    state = judge(pod("Pending", condition("PodScheduled", "False", "Unschedulable", "0/1 nodes are available")))
    assert state.problems == ["[Unschedulable] 0/1 nodes are available"]
    assert not state.failed  # a node may come


def test_a_failed_post_start_is_told_in_the_kubelets_words() -> None:
    waiting = {"reason": "PostStartHookError", "message": "command exited with 3, message: boom"}
    status = [{"name": "web", "ready": False, "state": {"waiting": waiting}}]
    state = judge(pod("Running", SCHEDULED, INITIALIZED, containerStatuses=status))
    assert state.problems == ["container web: [PostStartHookError] command exited with 3, message: boom"]
    assert not state.failed  # the kubelet tries again


def test_a_failed_pod_is_not_waited_for() -> None:
    ended = {"name": "web", "ready": False, "state": {"terminated": {"exitCode": 2, "reason": "Error"}}}
    state = judge(pod("Failed", SCHEDULED, containerStatuses=[ended]))
    assert state == State(
        waiting_for="the Pod has failed", problems=["container web ended with exit code 2 (Error)"], failed=True
    )


def test_containers_that_are_coming_up_have_no_problem() -> None:
    creating = {"name": "web", "ready": False, "state": {"waiting": {"reason": "ContainerCreating"}}}
    running = {"name": "log", "ready": True, "state": {"running": {}}, "lastState": {"terminated": {"exitCode": 1}}}
    assert container_problems(pod("Pending", containerStatuses=[creating, running])) == []


def test_why_a_container_was_restarted() -> None:
    last = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}}
    status = [{"name": "web", "ready": False, "state": waiting, "lastState": last}]
    assert container_problems(pod("Running", containerStatuses=status)) == [
        "container web: [CrashLoopBackOff] back-off 10s",
        "container web ended with exit code 137 (OOMKilled)",
    ]


def workload(kind: str, generation: int = 1, spec: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    api_version = {"Job": "batch/v1", "ReplicationController": "v1"}.get(kind, "apps/v1")
    metadata = {"generation": generation}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec or {}, "status": status}


@pytest.mark.parametrize(
    ("status", "waiting_for"),
    [
        ({"observedGeneration": 1}, "the Deployment's change to be noticed"),
        ({"observedGeneration": 2, "updatedReplicas": 1}, "new Pods (1 of 3 made)"),
        ({"observedGeneration": 2, "replicas": 5, "updatedReplicas": 3}, "2 old Pods to end"),
        ({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3}, "new Pods (0 of 3 available)"),
        ({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "availableReplicas": 3}, ""),
    ],
)
def test_deployment(status: dict[str, int], waiting_for: str) -> None:
    state = judge(workload("Deployment", 2, {"replicas": 3}, **status))
    assert (state.waiting_for, state.done) == (waiting_for, not waiting_for)


def test_a_deployment_that_cannot_make_pods_says_why() -> None:
    conditions = [condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota")]
    state = judge(workload("Deployment", 1, observedGeneration=1, conditions=conditions))
    assert state.problems == ["[FailedCreate] exceeded quota"]


@pytest.mark.parametrize(
    ("spec", "status", "waiting_for"),
    [
        ({"replicas": 2}, {}, "the StatefulSet's change to be noticed"),
        ({"replicas": 2}, {"observedGeneration": 1, "readyReplicas": 1}, "Pods (1 of 2 Ready)"),
        (
            {"replicas": 2},
            {"observedGeneration": 1, "readyReplicas": 2, "updatedReplicas": 1},
            "the rollout (1 of 2 Pods updated)",
        ),
        (
            {"replicas": 2, "updateStrategy": {"rollingUpdate": {"partition": 1}}},
            {"observedGeneration": 1, "readyReplicas": 2, "updatedReplicas": 1},
            "",
        ),
        (
            {"replicas": 2, "updateStrategy": {"type": "OnDelete"}},
            {"observedGeneration": 1, "readyReplicas": 2},
            "",
        ),
    ],
)
def test_stateful_set(spec: dict[str, Any], status: dict[str, int], waiting_for: str) -> None:
    state = judge(workload("StatefulSet", 1, spec, **status))
    assert (state.waiting_for, state.done) == (waiting_for, not waiting_for)


def test_daemon_set() -> None:
    seen = {"observedGeneration": 1, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2}
    assert judge(workload("DaemonSet", 1, **seen, numberReady=1)).waiting_for == "Pods (1 of 2 Ready)"
    assert judge(workload("DaemonSet", 1, **seen, numberReady=2)).done


def test_job() -> None:
    assert judge(workload("Job", conditions=[condition("Complete", "True")])).done
    assert judge(workload("Job", spec={"suspend": True})).done
    assert judge(workload("Job", succeeded=1)).waiting_for == "the Job to complete (1 Pod succeeded)"
    failed = judge(workload("Job", conditions=[condition("Failed", "True", "BackoffLimitExceeded", "too often")]))
    assert failed == State(waiting_for="the Job has failed", problems=["[BackoffLimitExceeded] too often"], failed=True)


def service(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Service", "spec": spec, "status": {}}


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"type": "ExternalName", "selector": {"a": "b"}},
        {"clusterIP": "None", "selector": {"a": "b"}},
    ],
)
def test_services_that_select_nothing_are_ready_at_once(spec: dict[str, Any]) -> None:
    assert judge(service(**spec)).done


def test_a_service_waits_for_the_pods_it_selects() -> None:
    ready, unready = {"conditions": {"ready": True}}, {"conditions": {"ready": False}}
    ending = {"conditions": {"ready": False, "terminating": True}}
    selecting = service(selector={"a": "b"})
    assert judge(selecting).waiting_for == "a Pod that the Service selects"
    half = judge(selecting, Related(endpoints=[{"endpoints": [ready, unready]}]))
    assert half.waiting_for == "the Pods that the Service selects (1 of 2 Ready)"
    assert judge(selecting, Related(endpoints=[{"endpoints": [ready, ending]}])).done


def test_a_claim_that_binds_with_its_first_pod_is_not_waited_for() -> None:
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "status": {"phase": "Pending"}}
    assert not judge(claim, Related(binding_mode="Immediate")).done
    assert judge(claim, Related(binding_mode="WaitForFirstConsumer")).done


THING = {
    "status": {"phase": "Running", "up": True, "list": [{"n": 3}], "conditions": [condition("Synced", "False")]},
}


@pytest.mark.parametrize(
    ("wait_for", "missing"),
    [
        ("condition=Synced", "condition=Synced"),
        ("condition=Synced=False", ""),
        ("jsonpath={.status.phase}=Running", ""),
        ("jsonpath={.status.phase}=Done", "jsonpath={.status.phase}=Done"),
        ("jsonpath={.status.list[0].n}=3", ""),
        ("jsonpath={.status.list[1].n}", "jsonpath={.status.list[1].n}"),
        ("jsonpath={.status.up}=true", ""),
        ('["jsonpath={.status.up}", "condition=Gone"]', "condition=Gone"),
    ],
)
def test_wait_for(wait_for: str, missing: str) -> None:
    assert conditions_met(THING, wait_for) == State(done=not missing, waiting_for=missing)


def test_a_condition_that_is_not_understood_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'jsonpath=\{\.items\[\*\]\}' is not understood"):
        conditions_met(THING, "jsonpath={.items[*]}")
