"""The ways to look at a Pod: each makes it from its spec, and says in one line what became of it."""

import json
import time
from collections.abc import Callable
from typing import Any

from cluster import Cluster, until
from kubernetes.client.exceptions import ApiException

from .proof import Spec

REFUSED_BY_SECURITY = "violates PodSecurity"
SECRET = {"name": "drain", "key": "token", "value": "sesame-2f9a41c7"}


def create(cluster: Cluster, name: str, spec: Spec, *, ready: bool = True) -> None:
    cluster.apply(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": name}}, "spec": spec}
    )
    if ready:
        until(lambda: _all_ready(cluster, name), f"{name} is Ready")


def refused(cluster: Cluster, name: str, spec: Spec) -> str:
    """What the API server says, in a dry run under strict field validation."""
    status, answer = dry_run(cluster, name, spec)
    if status == 201:
        return "accepted"
    causes = answer.get("details", {}).get("causes")
    if causes:
        return "; ".join(f"{each['field']}: {each['message']}" for each in causes)
    message = str(answer["message"])
    return message.partition("strict decoding error: ")[2] or message


def stored(cluster: Cluster, name: str, spec: Spec) -> str:
    """What the API server makes of the grace period and of the container's hooks."""
    _, pod = dry_run(cluster, name, spec, strict=False)
    lifecycle = pod["spec"]["containers"][0].get("lifecycle")
    hooks = json.dumps(lifecycle, sort_keys=True) if lifecycle is not None else "none"
    return (
        f"stored with terminationGracePeriodSeconds {pod['spec']['terminationGracePeriodSeconds']}, lifecycle {hooks}"
    )


def dry_run(cluster: Cluster, name: str, spec: Spec, *, strict: bool = True) -> tuple[int, dict[str, Any]]:
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
    query = f"dryRun=All&fieldValidation={'Strict' if strict else 'Ignore'}"
    url = f"{cluster.api.configuration.host}/api/v1/namespaces/{cluster.namespace}/pods?{query}"
    headers = {"Content-Type": "application/json"}
    answer = cluster.api.rest_client.pool_manager.request("POST", url, body=json.dumps(body), headers=headers)
    return answer.status, json.loads(answer.data)


def pod_security(cluster: Cluster, name: str, spec: Spec) -> str:
    """What a namespace says that enforces the level baseline."""
    cluster.core.patch_namespace(
        cluster.namespace, {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "baseline"}}}
    )
    status, answer = dry_run(cluster, name, spec)
    return "accepted" if status == 201 else REFUSED_BY_SECURITY + answer["message"].partition(REFUSED_BY_SECURITY)[2]


def hook_on_deletion(cluster: Cluster, name: str, spec: Spec) -> str:
    """Whether its preStop failed when the Pod was deleted."""
    create(cluster, name, spec)
    cluster.delete(name)
    # The kubelet writes events one after the other: those of the hook stand in front of this one.
    create(cluster, f"{name}-after", {"containers": [{"name": "c", "image": "nginx"}]})
    cluster.delete(f"{name}-after")
    until(lambda: "Killing" in cluster.reasons(f"{name}-after"), "the event of the Pod after it")
    failed = [each for each in cluster.events(name) if each.reason == "FailedPreStopHook"]
    return f"{failed[0].type} {failed[0].reason}: {failed[0].message}" if failed else "the hook did not fail"


def exit_codes(cluster: Cluster, name: str, spec: Spec) -> str:
    """How the containers ended when the Pod was deleted; 137 is a kill."""
    create(cluster, name, spec)
    _, last = cluster.last_status(name)
    ended = [*(last.status.init_container_statuses or []), *last.status.container_statuses]
    return ", ".join(f"{each.name} ended with {each.state.terminated.exit_code}" for each in ended)


def deletion(cluster: Cluster, name: str, spec: Spec, *, seconds: float) -> str:
    """Whether the Pod is gone soon after its deletion."""
    create(cluster, name, spec)
    cluster.delete(name, wait=False)
    return _gone(cluster, name, seconds)


def deletion_at_the_start(cluster: Cluster, name: str, spec: Spec, *, seconds: float) -> str:
    """Whether the Pod is gone soon after its deletion, which comes while its postStart waits for the file /tmp/go."""
    create(cluster, name, spec, ready=False)
    until(lambda: "Started" in cluster.reasons(name), f"{name} is started")
    cluster.delete(name, wait=False)
    seen = _gone(cluster, name, seconds)
    if cluster.pod(name):
        cluster.exec(name, "touch", "/tmp/go")
        until(lambda: cluster.pod(name) is None, f"{name} is gone, now that its hook has ended")
    return seen


def _gone(cluster: Cluster, name: str, seconds: float) -> str:
    gone = _within(seconds, lambda: cluster.pod(name) is None)
    return f"gone within {seconds:g} s" if gone else f"still there {seconds:g} s after its deletion"


def start(cluster: Cluster, name: str, spec: Spec, *, seconds: float) -> str:
    """Whether the Pod is Ready soon after its first container was started, or what the kubelet says instead."""
    create(cluster, name, spec, ready=False)
    until(lambda: "Started" in cluster.reasons(name), f"{name} is started")
    is_ready = _within(seconds, lambda: _all_ready(cluster, name) or "FailedPostStartHook" in cluster.reasons(name))
    failed = [each for each in cluster.events(name) if each.reason == "FailedPostStartHook"]
    if failed:
        return f"{failed[0].type} {failed[0].reason}: {failed[0].message}"
    phase = cluster.pod(name).status.phase
    return f"Ready within {seconds:g} s" if is_ready else f"phase {phase}, not Ready {seconds:g} s after its start"


def after_a_restart(cluster: Cluster, name: str, spec: Spec) -> str:
    """What the postStart does when nginx has ended and is started again."""
    create(cluster, name, spec)
    cluster.exec(name, "nginx", "-s", "quit")
    until(lambda: (status := cluster.status(name)) and status.restart_count, f"{name} is restarted")
    until(lambda: _all_ready(cluster, name) or "FailedPostStartHook" in cluster.reasons(name), f"{name} is up again")
    return "FailedPostStartHook" if "FailedPostStartHook" in cluster.reasons(name) else "Ready again"


def restart_by_probe(cluster: Cluster, name: str, spec: Spec, *, seconds: float) -> str:
    """Whether the container is restarted soon after its livenessProbe has failed."""
    create(cluster, name, spec, ready=False)
    until(lambda: "Killing" in cluster.reasons(name), f"{name}'s livenessProbe has failed")
    again = _within(seconds, lambda: bool((status := cluster.status(name)) and status.restart_count))
    return f"restarted within {seconds:g} s" if again else f"not restarted {seconds:g} s after its probe failed"


def left_in_the_volume(cluster: Cluster, name: str, spec: Spec) -> str:
    """What the hook has left in /shared when the livenessProbe had the container restarted."""
    create(cluster, name, spec, ready=False)
    until(lambda: (status := cluster.status(name)) and status.restart_count, f"{name} is restarted")
    until(lambda: (status := cluster.status(name)) and status.state.running, f"{name} runs again")
    return (
        "the hook came to its end"
        if "done" in cluster.exec(name, "ls", "/shared")
        else "the hook did not come to its end"
    )


def asked_before_a_restart(cluster: Cluster, name: str, spec: Spec) -> str:
    """What the server did of what the hook asked for, when the livenessProbe had the container restarted."""
    create(cluster, name, spec, ready=False)
    until(lambda: (status := cluster.status(name)) and status.restart_count, f"{name} is restarted")
    until(lambda: (status := cluster.status(name)) and status.state.running, f"{name} runs again")
    did = cluster.exec(name, "ls", "/shared").strip()
    how = "failed" if "FailedPreStopHook" in cluster.reasons(name) else "did not fail"
    return f"the server {did or 'was not asked'}, and the hook {how}"


def log(cluster: Cluster, name: str, spec: Spec) -> str:
    """What the container's log holds, once its hook or the Pod is done."""
    create(cluster, name, spec, ready=False)
    until(lambda: cluster.pod(name).status.phase in ("Running", "Succeeded", "Failed"), f"{name} is started")
    if cluster.pod(name).spec.restart_policy == "Never":
        until(lambda: cluster.pod(name).status.phase in ("Succeeded", "Failed"), f"{name} is done")
    text = cluster.kubectl("logs", name).strip()
    return f"in the log: {text}" if text else "nothing in the log"


def phase(cluster: Cluster, name: str, spec: Spec) -> str:
    """The phase that the Pod is in at its end, or after 15 s."""
    create(cluster, name, spec, ready=False)
    _within(15, lambda: cluster.pod(name).status.phase in ("Succeeded", "Failed"))
    return f"phase {cluster.pod(name).status.phase}"


def in_the_status(cluster: Cluster, name: str, spec: Spec) -> str:
    """Whether the Pod holds a secret, in its spec or in the status of its failed postStart."""
    create(cluster, name, spec, ready=False)
    until(lambda: _waits_because(cluster, name, "PostStartHookError"), f"{name}'s postStart has failed")
    pod = cluster.api.sanitize_for_serialization(cluster.pod(name))
    places = [place for place in ("spec", "status") if SECRET["value"] in json.dumps(pod[place])]
    return (
        f"the secret stands in the Pod's {' and '.join(places)}" if places else "the secret stands nowhere in the Pod"
    )


def answers_while_it_ends(cluster: Cluster, name: str, spec: Spec) -> str:
    """Which servers answer 3 s after the Pod's deletion."""
    create(cluster, name, spec)
    cluster.delete(name, wait=False)
    time.sleep(3)
    ports = {each["name"]: each["ports"][0]["containerPort"] for each in spec["containers"]}
    return ", ".join(f"{each} {_answer(cluster, name, port)}" for each, port in ports.items())


def first_answer(cluster: Cluster, name: str, spec: Spec) -> str:
    """Whether the Pod answers at the moment it is Ready."""
    create(cluster, name, spec)
    return f"Ready, and {_answer(cluster, name, 80)}"


def _answer(cluster: Cluster, name: str, port: int) -> str:
    try:
        cluster.get(name, port)
    except ApiException as error:
        assert error.status == 503, error  # the API server's proxy could not connect
        return "does not answer"
    return "answers"


def _within(seconds: float, look: Callable[[], object]) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if look():
            return True
        time.sleep(0.1)
    return False


def _all_ready(cluster: Cluster, name: str) -> bool:
    pod = cluster.pod(name)
    return any(each.type == "Ready" and each.status == "True" for each in pod.status.conditions or [])


def _waits_because(cluster: Cluster, name: str, reason: str) -> bool:
    status = cluster.status(name)
    return bool(status and status.state.waiting and status.state.waiting.reason == reason)
