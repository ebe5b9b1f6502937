"""Arguments in each of the three forms that Pulumi takes: a dict, the SDK's class, and an Output of either."""

import pulumi
from pulumi_kubernetes.core import v1

from lifecycle_demo import LifecycleDemo, hooks

# A dict: the component's own, and what passes through in Kubernetes' own shape.
LifecycleDemo(
    "web",
    {
        "image": "ghcr.io/acme/web:1.4",
        "ports": [{"name": "http", "container_port": 8080}],
        "pre_stop": hooks.drain_delay(10),
        "container": {"readiness_probe": {"http_get": {"path": "/ready", "port": "http"}}},
    },
)

# The class: with it an editor completes and a type checker checks.
LifecycleDemo(
    "api",
    {
        "image": "ghcr.io/acme/api:2",
        "ports": [v1.ContainerPortArgs(name="http", container_port=8080)],
        "pre_stop": v1.LifecycleHandlerArgs(sleep=v1.SleepActionArgs(seconds=10)),
        "container": {
            "readiness_probe": v1.ProbeArgs(http_get=v1.HTTPGetActionArgs(path="/ready", port="http")),
            "resources": v1.ResourceRequirementsArgs(requests={"cpu": "100m", "memory": "64Mi"}),
        },
    },
)

# An Output: of another resource, of `apply`, of a StackReference (`stack.require_output("sidecars")`), or a secret.
settings = v1.ConfigMap(
    "settings",
    metadata={"name": "settings", "labels": {"app.kubernetes.io/part-of": "shop"}},
    data={"drain_seconds": "15"},
)
LifecycleDemo(
    "worker",
    {
        "image": "ghcr.io/acme/worker:7",
        "labels": settings.metadata.labels,
        "pre_stop": settings.data.apply(lambda data: hooks.sleep(int(data["drain_seconds"]))),
        "env": pulumi.Output.secret({"TOKEN": "from the configuration, encrypted in the state"}),
    },
)
