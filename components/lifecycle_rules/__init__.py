"""What Kubernetes accepts, runs and ignores of container lifecycle hooks.

Pure functions over plain pod specs: no Pulumi, no cluster, no I/O. The component raises what
`check` finds; the policy pack reports it.
"""

from .catalogue import RULES, Finding, Group, Rule, Severity
from .check import check
from .images import IMAGES, Image
from .model import UNKNOWN, Container, PodSpec, Role, containers, pod_specs

__all__ = [
    "IMAGES",
    "RULES",
    "UNKNOWN",
    "Container",
    "Finding",
    "Group",
    "Image",
    "PodSpec",
    "Role",
    "Rule",
    "Severity",
    "check",
    "containers",
    "pod_specs",
]
