"""`lifecycle audit` on a real node: what its sentences claim of a Pod's end, and what then happens."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from cluster import Cluster, until
from endings import CASES, LABELS, Case, watched

from lifecycle_cli.audit.reading import Reader
from lifecycle_cli.audit.sentences import SENTENCES, Claim, Sentence, sentences
from lifecycle_cli.audit.workloads import Workload, Workloads
from lifecycle_cli.cluster.access import Cluster as Connection
from lifecycle_cli.cluster.targets import Target

ROOT = Path(__file__).resolve().parents[2]
EARLY = 0.2  # seconds that a claim may be off: this machine asks, and the kubelet hears of it
LATE = 2.5
FINISHED = 1.0  # Kubernetes gives the second in which a container ended
TOLD = 2.0  # until the kubelet has told that all have ended


def late() -> float:
    """More where this machine has more to do than it has processors."""
    return LATE * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def template(cluster: Cluster, case: Case) -> dict[str, Any]:
    host = {"path": cluster._folder, "type": "DirectoryOrCreate"}
    spec = {**case.spec, "volumes": [{"name": "outside", "hostPath": host}]}
    return {"metadata": {"labels": LABELS}, "spec": spec}


def manifest(cluster: Cluster, case: Case) -> dict[str, Any]:
    made = template(cluster, case)
    selected = {"selector": {"matchLabels": LABELS}, "template": made}
    bodies: dict[str, tuple[str, dict[str, Any]]] = {
        "Pod": ("v1", made["spec"]),
        "Job": ("batch/v1", {"template": made}),
        "ReplicationController": ("v1", {"selector": LABELS, "template": made}),
        "StatefulSet": ("apps/v1", {**selected, "serviceName": "x"}),
    }
    version, spec = bodies.get(case.kind, ("apps/v1", selected))
    return {"apiVersion": version, "kind": case.kind, "metadata": {"name": "x", "labels": LABELS}, "spec": spec}


def created(cluster: Cluster, case: Case) -> str:
    """The name of its one Pod, which is Ready."""
    if case.service is not None:
        spec = {"selector": LABELS, "ports": [{"port": 80}], **case.service}
        cluster.apply({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": spec})
    cluster.apply(manifest(cluster, case))
    pod = until(lambda: _pods(cluster), "the Pod is made")[0].metadata.name
    is_there = _STATES.get(case.sentences, _is_ready)
    until(lambda: is_there(cluster, pod), f"{pod} is as the case has it")
    if case.service is not None:
        until(lambda: [each for each in _endpoints(cluster) if each.conditions.ready], "its endpoint")
    return str(pod)


def told(cluster: Cluster, case: Case) -> tuple[Workload, list[Sentence]]:
    """What the command says of it."""
    workloads = Workloads(lambda kind, obj: ([], 0), keeps_specs=True)
    connection = Connection.connect(str(cluster.node.kubeconfig), None, cluster.namespace)
    Reader(connection, workloads, cluster.namespace, lambda text: None).named([Target(case.kind, "x")])
    (workload,) = workloads
    assert workload.pod is not None
    return workload, list(sentences(workload, workload.pod))


@pytest.mark.parametrize("name", CASES)
def test_what_is_told_is_what_happens(cluster: Cluster, name: str) -> None:
    case = CASES[name]
    pod = created(cluster, case)
    _, found = told(cluster, case)
    assert " ".join(each.id for each in found) == case.sentences
    ids = case.sentences.split()
    asked = time.time()
    if "probe-grace" in ids:
        _probe(cluster, pod, next(each for each in found if each.id == "probe-grace"))
        return
    seen = Seen(cluster, pod)
    seen.delete(ids)
    for sentence in found:
        for claim in sentence.claims:
            seen.compare(claim, asked)
    if "hook-fails" in ids or "that fails" in name:
        until(lambda: "FailedPreStopHook" in cluster.reasons(pod), "the event")
    if "replaced-when-gone" in ids or "replaced-when-ended" in ids:
        until(lambda: _pods(cluster), "the next Pod")


class Seen:
    """What became of a Pod."""

    def __init__(self, cluster: Cluster, pod: str) -> None:
        self.cluster = cluster
        self.pod = pod
        self.uid = cluster.pod(pod).metadata.uid
        self.seconds = 0.0
        self.last: Any = None

    def delete(self, ids: list[str]) -> None:
        cluster, pod = self.cluster, self.pod
        version = cluster.pod(pod).metadata.resource_version
        start = time.monotonic()
        cluster.delete(pod, wait=False)
        if "endpoint" in ids or "endpoint-stays" in ids:
            until(lambda: any(each.conditions.terminating for each in _endpoints(cluster)), "it is terminating", 2)
            ready = [each.conditions.ready for each in _endpoints(cluster) if each.conditions.terminating]
            assert ready == ["endpoint-stays" in ids]
        else:
            assert not _endpoints(cluster)
        if "replaced-at-once" in ids:
            until(lambda: len(_pods(cluster)) == 2, "another Pod", 2)
            assert cluster.pod(pod) is not None
        until(lambda: self._is_gone(ids), f"{pod} is gone", 60)
        self.seconds = time.monotonic() - start
        self.last = _last(cluster, pod, version)
        if "gone-at-once" in ids:
            time.sleep(6)  # its containers still run

    def _is_gone(self, ids: list[str]) -> bool:
        there = {each.metadata.uid: each.status.phase for each in _pods(self.cluster)}
        is_gone = self.uid not in there
        if not is_gone and len(there) > 1:
            assert "replaced-when-gone" not in ids, "the next Pod is there, and this one is not gone"
            assert "replaced-when-ended" not in ids or there[self.uid] in ("Succeeded", "Failed")
        return is_gone

    def compare(self, claim: Claim, asked: float) -> None:
        least, most = claim.within
        what = f"{claim.what} of {claim.container or 'the Pod'}, told for {least} to {most} s"
        if claim.what == "gone":
            assert least - EARLY <= self.seconds <= most + TOLD + late(), what
        elif claim.what in ("hook", "signal"):
            file = self.cluster.outside / f"{self.pod}.{claim.container}.{claim.what}"
            if self._is_watched(claim):
                at = float(file.read_text().split()[0]) - asked
                assert least - EARLY <= at <= most + late(), f"{what}: {at:.2f}"
        elif self.last is not None and self.seconds > 1:
            self._ended(claim, asked, what)

    def _ended(self, claim: Claim, asked: float, what: str) -> None:
        """A container that its stop signal ends is not killed; any other is, and not before it is told."""
        status = self.last.status
        statuses = [*(status.container_statuses or ()), *(status.init_container_statuses or ())]
        (ended,) = (each.state.terminated for each in statuses if each.name == claim.container)
        at = ended.finished_at.timestamp() - asked
        if claim.what == "killed" or ended.exit_code == 137:
            assert ended.exit_code == 137, what
            assert claim.within.least - FINISHED - EARLY <= at <= claim.within.most + late(), f"{what}: {at:.2f}"
        else:
            assert at <= claim.within.most + late(), f"{what}: {at:.2f}"

    def _is_watched(self, claim: Claim) -> bool:
        """Whether the container notes it: its signal if it has a trap, its hook if that says so."""
        spec = self.last.spec if self.last is not None else None
        containers = [*spec.containers, *(spec.init_containers or ())] if spec else []
        found = next((each for each in containers if each.name == claim.container), None)
        if found is None:
            return False
        text = " ".join(found.command or ())
        if claim.what == "hook":
            text = " ".join(found.lifecycle.pre_stop._exec.command)
        return f".{claim.what}" in text


def _probe(cluster: Cluster, pod: str, sentence: Sentence) -> None:
    """The hook notes when it begins, which is when the probe has failed."""
    (claim,) = sentence.claims
    until(lambda: (status := cluster.status(pod)) and status.restart_count, "the restart")
    hook, signal = (
        float((cluster.outside / f"{pod}.app.{each}").read_text().split()[0]) for each in ("hook", "signal")
    )
    assert 3 - late() / 2 <= signal - hook <= 3 + late()
    ended = cluster.status(pod).last_state.terminated
    assert ended.exit_code == 137
    assert claim.within.least - FINISHED <= ended.finished_at.timestamp() - hook <= claim.within.most + late()


@pytest.mark.parametrize("name", ["a Job", "a Job with a sidecar"])
def test_a_job_that_ends_by_itself(cluster: Cluster, name: str) -> None:
    case = CASES[name]
    pod = created(cluster, case)
    ids = [each.id for each in told(cluster, case)[1]]
    cluster.kubectl("exec", pod, "-c", "app", "--", "bash", "-c", "kill -TERM 1")
    until(lambda: cluster.pod(pod).status.phase == "Succeeded", "it has ended", 30)
    assert not (cluster.outside / f"{pod}.app.hook").exists()
    if "by-itself-sidecars" in ids:
        hook, signal = ((cluster.outside / f"{pod}.proxy.{each}").read_text() for each in ("hook", "signal"))
        assert float(hook) <= float(signal)


def test_each_sentence_is_one_of_the_cases() -> None:
    told = {id for case in CASES.values() for id in case.sentences.split()}
    assert told == set(SENTENCES) - {"static"}  # the node has no Pods by files


def _pods(cluster: Cluster) -> list[Any]:
    return list(cluster.core.list_namespaced_pod(cluster.namespace, label_selector="app=x").items)


def _is_ready(cluster: Cluster, name: str) -> bool:
    conditions = cluster.pod(name).status.conditions or []
    return any(each.type == "Ready" and each.status == "True" for each in conditions)


_STATES = {
    "gone-ended": lambda cluster, name: cluster.pod(name).status.phase == "Succeeded",
    "gone-unscheduled": lambda cluster, name: cluster.pod(name).status.conditions,
}


def _endpoints(cluster: Cluster) -> list[Any]:
    from kubernetes.client import DiscoveryV1Api

    slices = DiscoveryV1Api(cluster.api).list_namespaced_endpoint_slice(cluster.namespace).items
    return [endpoint for each in slices for endpoint in each.endpoints or ()]


def _last(cluster: Cluster, name: str, version: str) -> Any:
    """The Pod as it last was."""
    from kubernetes import watch

    only = {"field_selector": f"metadata.name={name}", "resource_version": version}
    history = watch.Watch().stream(cluster.core.list_namespaced_pod, cluster.namespace, timeout_seconds=30, **only)
    return next(each["object"] for each in history if each["type"] == "DELETED")


def kubeconfig_of(cluster: Cluster, user: str, file: Path) -> Path:
    """Of a ServiceAccount that it makes."""
    cluster.core.create_namespaced_service_account(cluster.namespace, {"metadata": {"name": user}})
    config = yaml.safe_load(cluster.node.kubeconfig.read_text())
    token = cluster.kubectl("create", "token", user).strip()
    config["users"] = [{"name": config["contexts"][0]["context"]["user"], "user": {"token": token}}]
    file.write_text(yaml.safe_dump(config))
    return file


def bind(cluster: Cluster, user: str, kind: str, role: str) -> None:
    cluster.kubectl(
        "create", "rolebinding", f"{user}-{role}", f"--{kind}={role}", f"--serviceaccount={cluster.namespace}:{user}"
    )


def audited(cluster: Cluster, config: Path, *args: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "lifecycle_cli", "audit", "--no-config", "--kubeconfig", str(config)]
    done = subprocess.run(
        [*command, "-n", cluster.namespace, *args],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(ROOT / each) for each in ("cli", "policies", "components")),
        },
    )
    return done.returncode, done.stdout, done.stderr


def test_the_rules_that_it_names_are_all_that_it_lacks(cluster: Cluster, tmp_path: Path) -> None:
    cluster.run("x", watched("c", {"sleep": {"seconds": 1}}), volumes=[{"name": "outside", "emptyDir": {}}])
    config = kubeconfig_of(cluster, "few", tmp_path / "config")
    cluster.kubectl("create", "role", "pods", "--verb=list", "--resource=pods")
    bind(cluster, "few", "role", "pods")
    status, out, err = audited(cluster, config)
    assert (status, out.splitlines()[1].split()[:2]) == (2, ["po/x", "c"])
    lines = err.splitlines()
    assert len(lines) == 10 and all(each.startswith("not seen: may not list ") for each in lines)
    rules = [yaml.safe_load(each.partition(" to a Role: ")[2]) for each in lines]
    cluster.apply(
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "more"}, "rules": rules}
    )
    bind(cluster, "few", "role", "more")
    until(lambda: audited(cluster, config)[0] == 0, "it sees all")
    assert audited(cluster, config)[2] == ""
    status, _, err = audited(cluster, config, "po/x")
    assert (status, err.count("\n")) == (2, 1)
    assert "may not get pods in namespace" in err and 'verbs: ["get"]}' in err


def test_who_may_view_a_namespace_sees_all(cluster: Cluster, tmp_path: Path) -> None:
    cluster.run("x", watched("c", {"sleep": {"seconds": 1}}), volumes=[{"name": "outside", "emptyDir": {}}])
    config = kubeconfig_of(cluster, "viewer", tmp_path / "config")
    bind(cluster, "viewer", "clusterrole", "view")
    until(lambda: audited(cluster, config)[0] == 0, "it sees all")
    assert audited(cluster, config)[2] == ""
    assert audited(cluster, config, "po/x")[0] == 0
