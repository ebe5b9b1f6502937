"""The same server behind a Service three times: without a preStop, with a delay, with nginx's own graceful end.

`make rollout` rolls each of them under load, and prints what was lost. docs/rollout.md has the outcome.
"""

from typing import Any

import pulumi_kubernetes as k8s

from lifecycle_demo import LifecycleDemoArgs, hooks, pod_template

# A kept connection is ended by `Connection: close` in an answer once it is 2 s old: none is left after the delay.
# 3,000 bytes and a head at 1,000 a second, of which nginx sends the first second's worth at once: an answer takes 3 s.
CONFIG = f"""
server {{
    listen 80;
    keepalive_time 2s;
    location / {{ return 200 "ok\\n"; }}
    location = /long {{ limit_rate 1000; return 200 "{"." * 2900}\\n"; }}
}}
"""
HOOKS: dict[str, Any] = {
    "without-hook": None,
    "drain-delay": hooks.drain_delay(),
    "nginx-graceful": hooks.nginx_graceful(drain_seconds=hooks.DRAIN_SECONDS),
}
WHY = "it is here to show what is lost without one"

config = k8s.core.v1.ConfigMap("nginx", metadata={"name": "nginx"}, data={"default.conf": CONFIG})


def template(name: str, pre_stop: Any) -> dict[str, Any]:
    """The Pod: a readinessProbe that asks what clients ask, and the preStop."""
    args: LifecycleDemoArgs = {
        "labels": {"app": name},
        "ports": [{"container_port": 80}],
        "container": {
            "readiness_probe": {"http_get": {"port": 80}, "period_seconds": 1},
            "volume_mounts": [{"name": "config", "mount_path": "/etc/nginx/conf.d"}],
        },
        "pod_spec": {"volumes": [{"name": "config", "config_map": {"name": "nginx"}}]},
        "pre_stop": pre_stop or hooks.drain_delay(),
    }
    made = pod_template(name, args)
    if pre_stop is None:  # the component has no way to say so: a server without a preStop loses requests
        del made["spec"]["containers"][0]["lifecycle"]
        rules = ("pre-stop-required", "post-start-required", "serve-no-delay")
        made["metadata"]["annotations"] = {"kubernetes-lifecycle/ignore": "\n".join(f"{each}={WHY}" for each in rules)}
    return made


for name, pre_stop in HOOKS.items():
    labels = {"app": name}
    k8s.apps.v1.Deployment(
        name,
        metadata={"name": name},
        spec={"replicas": 2, "selector": {"match_labels": labels}, "template": template(name, pre_stop)},
    )
    k8s.core.v1.Service(name, metadata={"name": name}, spec={"selector": labels, "ports": [{"port": 80}]})
    k8s.policy.v1.PodDisruptionBudget(
        name, metadata={"name": name}, spec={"min_available": 1, "selector": {"match_labels": labels}}
    )
