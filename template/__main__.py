"""A Pod whose container has postStart and preStop handlers."""

import pulumi

from lifecycle_demo import LifecycleDemo

config = pulumi.Config()
demo = LifecycleDemo("web", {"image": config.require("image")})

pulumi.export("pod_name", demo.pod_name)
pulumi.export("verify_command", demo.verify_command)
