"""A Pod whose container has postStart and preStop handlers, as a Pulumi component."""

from . import hooks
from .actions import ExecAction, HttpGetAction, HttpHeader, SleepAction
from .args import (
    Container,
    ContainerPort,
    Handler,
    LifecycleDemoArgs,
)
from .component import LifecycleDemo
from .errors import LifecycleDemoError
from .template import pod_template

__all__ = [
    "Container",
    "ContainerPort",
    "ExecAction",
    "Handler",
    "HttpGetAction",
    "HttpHeader",
    "LifecycleDemo",
    "LifecycleDemoArgs",
    "LifecycleDemoError",
    "SleepAction",
    "hooks",
    "pod_template",
]
