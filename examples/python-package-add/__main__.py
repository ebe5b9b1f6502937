"""The component by its generated SDK, `pulumi_lifecycle`: hooks are nested inputs, as in every other language."""

import pulumi
import pulumi_lifecycle as lifecycle

web = lifecycle.LifecycleDemo(
    "web",
    image="ghcr.io/acme/web:1.4",
    ports=[{"name": "http", "container_port": 8080}],
    pre_stop={"sleep": {"seconds": 10}},
    pod_spec={"nodeSelector": {"kubernetes.io/arch": "amd64"}},
)

pulumi.export("verify_command", web.verify_command)
