"""Deployments as people write them, generated from a number: the same number gives the same manifest, another one
gives other texts, so that nothing which remembers a script it has seen can flatter a figure.

Three containers with 20 environment variables each, ports, probes, resources and mounts. Of eight hooks in
a row one is none, one sleeps, two are httpGet, one is an exec without a shell, and three are shell scripts.
"""

from collections.abc import Iterator
from typing import Any, Final

CONTAINERS: Final = ("app", "proxy", "exporter")
ENV: Final = 20
FAULTY_EVERY: Final = 20  # of so many Deployments one has a hook that the rules find fault with
GRACE_SECONDS: Final = 60

Manifest = dict[str, Any]


class Supply:
    """Deployments that were not seen before in this process."""

    def __init__(self) -> None:
        self._next = 0

    def take(self, count: int) -> list[Manifest]:
        first, self._next = self._next, self._next + count
        return list(deployments(first, count))


def deployments(first: int, count: int) -> Iterator[Manifest]:
    for number in range(first, first + count):
        yield deployment(number)


def deployment(number: int) -> Manifest:
    name = f"{('web', 'api', 'worker', 'cart', 'search')[number % 5]}-{number}"
    labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "shop", "team": f"team-{number % 17}"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "namespace": f"shop-{number % 9}",
            "labels": dict(labels),
            "annotations": {"example.org/owner": f"team-{number % 17}@example.org", "example.org/change": str(number)},
        },
        "spec": {
            "replicas": 2 + number % 4,
            "revisionHistoryLimit": 3,
            "selector": {"matchLabels": {"app.kubernetes.io/name": name}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "template": {
                "metadata": {"labels": dict(labels), "annotations": {"prometheus.io/scrape": "true"}},
                "spec": {
                    "serviceAccountName": name,
                    "terminationGracePeriodSeconds": GRACE_SECONDS,
                    "securityContext": {"runAsNonRoot": True, "fsGroup": 10_001},
                    "containers": [_container(number, index, name) for index in range(len(CONTAINERS))],
                    "volumes": [
                        {"name": "config", "configMap": {"name": f"{name}-config"}},
                        {"name": "tls", "secret": {"secretName": f"{name}-tls"}},
                        {"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}},
                    ],
                },
            },
        },
    }


def _container(number: int, index: int, name: str) -> Manifest:
    role, port = CONTAINERS[index], 8080 + index
    container: Manifest = {
        "name": role,
        "image": f"registry.example.org/shop/{role}:1.{number % 50}.{index}",
        "imagePullPolicy": "IfNotPresent",
        "args": ["--listen", f":{port}", "--log-format=json", f"--instance={name}"],
        "env": [_env(number, each, name) for each in range(ENV)],
        "ports": [{"name": "http", "containerPort": port}, {"name": "metrics", "containerPort": port + 1000}],
        "resources": {
            "requests": {"cpu": f"{100 + number % 400}m", "memory": "128Mi"},
            "limits": {"cpu": "1", "memory": f"{256 + number % 256}Mi"},
        },
        "livenessProbe": _probe("/healthz", 10),
        "readinessProbe": _probe("/ready", 3),
        "startupProbe": {**_probe("/healthz", 2), "failureThreshold": 30},
        "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "runAsUser": 10_001},
        "volumeMounts": [
            {"name": "config", "mountPath": f"/etc/{role}", "readOnly": True},
            {"name": "tls", "mountPath": "/etc/tls", "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
    }
    lifecycle = _lifecycle(number, index, port)
    if lifecycle:
        container["lifecycle"] = lifecycle
    return container


def _env(number: int, index: int, name: str) -> Manifest:
    variable = f"SHOP_SETTING_{index}"
    if index == 0:
        return {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
    if index % 5 == 1:
        return {"name": variable, "valueFrom": {"secretKeyRef": {"name": f"{name}-secrets", "key": f"key-{index}"}}}
    if index % 5 == 2:
        return {"name": variable, "valueFrom": {"configMapKeyRef": {"name": f"{name}-config", "key": f"key-{index}"}}}
    return {"name": variable, "value": f"https://backend-{index}.shop-{number % 9}.svc.cluster.local/v1/{number}"}


def _probe(path: str, period: int) -> Manifest:
    return {"httpGet": {"path": path, "port": "http"}, "periodSeconds": period, "timeoutSeconds": 2}


def _lifecycle(number: int, index: int, port: int) -> Manifest:
    if number % FAULTY_EVERY == 0 and index == 0:
        return {"preStop": {"sleep": {"seconds": GRACE_SECONDS + 1 + number % 7}}}
    # The step of 3 a Deployment and 1 a container brings every hook to every container in turn.
    match (number * 3 + index) % 8:
        case 0:
            return {}
        case 1:
            return {"preStop": {"sleep": {"seconds": 5 + number % 10}}}
        case 2:
            return {"preStop": {"httpGet": {"path": f"/drain?by={number}", "port": "http"}}}
        case 3:
            return {"preStop": {"httpGet": {"path": "/quit", "port": port, "scheme": "HTTP"}}}
        case 4:
            return {"preStop": {"exec": {"command": ["/usr/local/bin/drain", "--timeout", f"{10 + number % 20}s"]}}}
        case 5:
            return {"preStop": _shell(f"sleep {5 + number % 10}; nginx -s quit # release {number}")}
        case 6:
            return {"preStop": _shell(_drain(number, port))}
        case _:
            return {"postStart": _shell(_announce(number, port))}


def _shell(script: str) -> Manifest:
    return {"exec": {"command": ["/bin/sh", "-c", script]}}


def _drain(number: int, port: int) -> str:
    return f"""\
set -eu
echo "draining release {number}" > /proc/1/fd/1
touch /tmp/draining-{number}
for attempt in $(seq 1 {10 + number % 10}); do
  active=$(curl -fsS http://127.0.0.1:{port}/active?release={number} || echo 0)
  if [ "$active" = "0" ]; then break; fi
  sleep 1
done
kill -TERM 1
"""


def _announce(number: int, port: int) -> str:
    return (
        f"until curl -fsS http://127.0.0.1:{port}/healthz > /dev/null; do sleep 0.2; done && "
        f'curl -fsS -X POST -d "release={number}" http://127.0.0.1:{port}/warmup || echo "no warm-up of {number}" >&2'
    )
