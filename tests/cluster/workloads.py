"""A workload of each kind around a pod spec, with nothing else in it that the API server could refuse."""

from typing import Any

# Kind: the collection that takes it, and the template's place in its spec.
COLLECTIONS = {
    "Pod": "api/v1/namespaces/{}/pods",
    "PodTemplate": "api/v1/namespaces/{}/podtemplates",
    "ReplicationController": "api/v1/namespaces/{}/replicationcontrollers",
    "Deployment": "apis/apps/v1/namespaces/{}/deployments",
    "StatefulSet": "apis/apps/v1/namespaces/{}/statefulsets",
    "DaemonSet": "apis/apps/v1/namespaces/{}/daemonsets",
    "ReplicaSet": "apis/apps/v1/namespaces/{}/replicasets",
    "Job": "apis/batch/v1/namespaces/{}/jobs",
    "CronJob": "apis/batch/v1/namespaces/{}/cronjobs",
}
LABELS = {"app": "x"}


def workload(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    """A workload of `kind` with this pod spec, and nothing else that the server could refuse."""
    if kind in ("Job", "CronJob"):
        spec = {**spec, "restartPolicy": "Never"}
    template = {"metadata": {"labels": LABELS}, "spec": spec}
    selected = {"selector": {"matchLabels": LABELS}, "template": template}
    bodies: dict[str, dict[str, Any]] = {
        "Pod": {"spec": spec},
        "PodTemplate": {"template": template},
        "ReplicationController": {"spec": {"template": template}},
        "StatefulSet": {"spec": {**selected, "serviceName": "x"}},
        "Job": {"spec": {"template": template}},
        "CronJob": {"spec": {"schedule": "0 0 * * *", "jobTemplate": {"spec": {"template": template}}}},
    }
    version = COLLECTIONS[kind].partition("/namespaces")[0].removeprefix("apis/").removeprefix("api/")
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "x"}, **bodies.get(kind, {"spec": selected})}
