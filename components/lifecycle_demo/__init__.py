"""A Pod whose container has postStart and preStop handlers, as a Pulumi component."""

from . import hooks
from .args import (
    ContainerPort,
    ExecAction,
    Handler,
    HttpGetAction,
    HttpHeader,
    LifecycleDemoArgs,
    SleepAction,
)
from .component import LifecycleDemo
from .errors import LifecycleDemoError

__all__ = [
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
]
