"""The program: typed config to a LifecycleDemo, and its outputs."""

from contextvars import ContextVar

import pulumi
from pulumi.runtime.config import CONFIG

from lifecycle_demo import LifecycleDemo, LifecycleDemoArgs, hooks

KEYS = ("image", "name", "namespace", "postStart", "preStop", "terminationGracePeriodSeconds")

config = pulumi.Config()
# Pulumi checks the types of declared keys, and lets a misspelt key pass without a word.
prefix = f"{pulumi.get_project()}:"
given = CONFIG.get() if isinstance(CONFIG, ContextVar) else CONFIG  # a plain dict in older SDKs
unknown = sorted(
    key.removeprefix(prefix) for key in given if key.startswith(prefix) and key.removeprefix(prefix) not in KEYS
)
if unknown:
    raise pulumi.RunError(
        f"unknown config key {', '.join(unknown)}: this program takes {', '.join(KEYS)}. "
        f"Remove it with `pulumi config rm {unknown[0]}`."
    )

args: LifecycleDemoArgs = {
    "image": config.get("image") or "nginx",
    "name": config.get("name") or "lifecycle-demo",
    "namespace": config.get("namespace") or "default",
}
grace = config.get_int("terminationGracePeriodSeconds")
args["termination_grace_period_seconds"] = 30 if grace is None else grace  # 0 is a grace period, too
if post_start := config.get("postStart"):
    args["post_start"] = hooks.shell(post_start)
if pre_stop := config.get("preStop"):
    args["pre_stop"] = hooks.shell(pre_stop)

demo = LifecycleDemo("lifecycle-demo", args)

pulumi.export("pod_name", demo.pod_name)
pulumi.export("namespace", demo.namespace)
pulumi.export("grace_period_seconds", demo.grace_period_seconds)
pulumi.export("verify_command", demo.verify_command)
