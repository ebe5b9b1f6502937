"""Which container lifecycle hooks Kubernetes accepts, runs and ignores.

Pure functions over plain pod specs: no Pulumi, no cluster, no I/O. The component raises what
`check` finds; the policy pack reports it.
"""

from .budget import hook_seconds, only_sleeps
from .catalogue import RULES, Finding, Group, Rule, Severity
from .check import check
from .endpoints import ENDPOINTS, Endpoint
from .images import Image, parse_reference
from .known_images import IMAGES
from .model import UNKNOWN, Container, PodSpec, Role, containers, pod_specs

__all__ = [
    "ENDPOINTS",
    "IMAGES",
    "RULES",
    "UNKNOWN",
    "Container",
    "Endpoint",
    "Finding",
    "Group",
    "Image",
    "PodSpec",
    "Role",
    "Rule",
    "Severity",
    "check",
    "containers",
    "hook_seconds",
    "only_sleeps",
    "parse_reference",
    "pod_specs",
]
