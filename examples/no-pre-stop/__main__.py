"""A Pod as people write it, without hooks: its requests are cut off in a rollout, and the policies refuse it."""

import pulumi_kubernetes as k8s

k8s.core.v1.Pod(
    "web",
    metadata={"name": "web"},
    spec={"containers": [{"name": "web", "image": "nginx"}]},
)
