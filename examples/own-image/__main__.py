"""An image of one's own, with hooks, a sidecar with hooks of its own, and what the component has no argument for."""

import pulumi

from lifecycle_demo import LifecycleDemo, hooks

# Envoy drains by POST only, which an httpGet hook cannot send; its image has bash, and no curl.
DRAIN = r"""
exec 3<> /dev/tcp/127.0.0.1/9901
printf 'POST /drain_listeners?graceful HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n' >&3
read -r answer <&3
"""

web = LifecycleDemo(
    "web",
    {
        "image": "ghcr.io/acme/web:1.4",
        "ports": [{"name": "http", "container_port": 8080}],
        "post_start": hooks.shell("echo ready > /tmp/started"),
        "pre_stop": hooks.drain_delay(10),
        "shutdown_seconds": 30,  # the longest request
        "container": {"readiness_probe": {"http_get": {"path": "/ready", "port": "http"}}},
        "sidecars": [
            {
                "name": "proxy",
                "image": "envoyproxy/envoy:v1.33.0",
                "pre_stop": hooks.command("bash", "-c", DRAIN),
            },
        ],
        "pod_spec": {"node_selector": {"kubernetes.io/arch": "amd64"}},
    },
)

pulumi.export("grace_period_seconds", web.grace_period_seconds)
pulumi.export("verify_command", web.verify_command)
