"""Deployments as people write them, generated from a number: the same number gives the same manifest.

Either their hooks are of some kinds that they share, as those of a stack's charts do; or no two have the same
script, so that nothing which remembers a script it has seen can flatter a figure.

Three containers with 20 environment variables each, ports, probes, resources and mounts. Of eight hooks in
a row one is none, one sleeps, two are httpGet, one is an exec without a shell, and three are shell scripts.
"""

from typing import Any, Final

CONTAINERS: Final = ("app", "proxy", "exporter")
ENV: Final = 20
FAULTY_EVERY: Final = 20  # of so many Deployments one has a hook that the rules find fault with
GRACE_SECONDS: Final = 60

Manifest = dict[str, Any]


class Supply:
    """Deployments that were not seen before in this process, with hooks of so many `releases`; 0: each has its own."""

    def __init__(self, releases: int = 0) -> None:
        self._next = 0
        self._releases = releases

    def take(self, count: int) -> list[Manifest]:
        first, self._next = self._next, self._next + count
        return [deployment(number, number % (self._releases or number + 1)) for number in range(first, first + count)]


def deployment(number: int, release: int) -> Manifest:
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
                    "containers": [_container(number, release, index, name) for index in range(len(CONTAINERS))],
                    "volumes": [
                        {"name": "config", "configMap": {"name": f"{name}-config"}},
                        {"name": "tls", "secret": {"secretName": f"{name}-tls"}},
                        {"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}},
                    ],
                },
            },
        },
    }


def _container(number: int, release: int, index: int, name: str) -> Manifest:
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
    lifecycle = _lifecycle(release, index, port)
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


def _lifecycle(release: int, index: int, port: int) -> Manifest:
    if release % FAULTY_EVERY == 0 and index == 0:
        return {"preStop": {"sleep": {"seconds": GRACE_SECONDS + 1 + release % 7}}}
    # The step of 3 a Deployment and 1 a container brings every hook to every container in turn.
    match (release * 3 + index) % 8:
        case 0:
            return {}
        case 1:
            return {"preStop": {"sleep": {"seconds": 5 + release % 10}}}
        case 2:
            return {"preStop": {"httpGet": {"path": f"/drain?by={release}", "port": "http"}}}
        case 3:
            return {"preStop": {"httpGet": {"path": "/quit", "port": port, "scheme": "HTTP"}}}
        case 4:
            return {"preStop": {"exec": {"command": ["/usr/local/bin/drain", "--timeout", f"{10 + release % 20}s"]}}}
        case 5:
            return {"preStop": _shell(f"sleep {5 + release % 10}; nginx -s quit # release {release}")}
        case 6:
            return {"preStop": _shell(_drain(release, port))}
        case _:
            return {"postStart": _shell(_announce(release, port))}


def _shell(script: str) -> Manifest:
    return {"exec": {"command": ["/bin/sh", "-c", script]}}


def _drain(release: int, port: int) -> str:
    return f"""\
set -eu
echo "draining release {release}" > /proc/1/fd/1
touch /tmp/draining-{release}
for attempt in $(seq 1 {10 + release % 10}); do
  active=$(curl -fsS http://127.0.0.1:{port}/active?release={release} || echo 0)
  if [ "$active" = "0" ]; then break; fi
  sleep 1
done
kill -TERM 1
"""


def _announce(release: int, port: int) -> str:
    return (
        f"until curl -fsS http://127.0.0.1:{port}/healthz > /dev/null; do sleep 0.2; done && "
        f'curl -fsS -X POST -d "release={release}" http://127.0.0.1:{port}/warmup || echo "no warm-up of {release}" >&2'
    )
