"""Workloads whose Pods have hooks: `pod_template` makes and judges their template as LifecycleDemo does its Pod."""

import pulumi_kubernetes as k8s

from lifecycle_demo import LifecycleDemoArgs, hooks, pod_template


def template(name: str, args: LifecycleDemoArgs) -> dict[str, object]:
    """A template with the label that its workload selects."""
    return pod_template(name, {"post_start": hooks.shell("date > /tmp/started"), **args, "labels": {"app": name}})


k8s.apps.v1.Deployment(
    "api",
    spec={
        "replicas": 3,
        "selector": {"match_labels": {"app": "api"}},
        "template": template("api", {"image": "ghcr.io/acme/api:2", "pre_stop": hooks.drain_delay()}),
    },
)
k8s.apps.v1.StatefulSet(
    "db",
    spec={
        "service_name": "db",
        "selector": {"match_labels": {"app": "db"}},
        "template": template(
            "db",
            {
                "image": "postgres:17",
                "pre_stop": hooks.shell("gosu postgres pg_ctl stop -m fast -w -t 50"),
                "shutdown_seconds": 60,
            },
        ),
    },
)
k8s.apps.v1.DaemonSet(
    "agent",
    spec={
        "selector": {"match_labels": {"app": "agent"}},
        "template": template("agent", {"image": "ghcr.io/acme/agent:1", "pre_stop": hooks.command("/agent", "flush")}),
    },
)
# A Job's container ends by itself, and then its preStop is not run: one of its own is for a Job that is deleted before.
k8s.batch.v1.Job(
    "migrate",
    spec={
        "template": pod_template(
            "migrate",
            {
                "image": "ghcr.io/acme/api:2",
                "command": ["/api", "migrate"],
                "pre_stop": hooks.command("/api", "checkpoint"),
                "annotations": {"kubernetes-lifecycle/ignore": "prestop-in-job=for a Job that is deleted"},
                "pod_spec": {"restart_policy": "Never"},
            },
        ),
    },
)
