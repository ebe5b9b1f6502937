"""Configurations that are ready: policies/<name>.json for `--policy-pack-config`, and `lifecycle check --profile`."""

from collections.abc import Mapping
from typing import Any, Final

DEFAULT: Final[Mapping[str, str]] = {
    "pre-stop-required": "mandatory",
    "post-start-required": "disabled",
    "hooks-accepted": "mandatory",
    "hooks-effective": "mandatory",
    "grace-budget": "mandatory",
    "hook-secrets": "mandatory",
    "shutdown-practice": "advisory",
    "safe-replacement": "advisory",
    "exemptions": "advisory",
}
"""The level of each policy where a configuration gives none."""
PROFILES: Final[Mapping[str, Mapping[str, Any]]] = {
    "advisory": {"all": "advisory", "post-start-required": "disabled"},
    "default": DEFAULT,
    "strict": {
        "all": "mandatory",
        "post-start-required": "advisory",
        "grace-budget": {"shutdownSeconds": 10},
        "shutdown-practice": {"drainSeconds": 5},
        "exemptions": {"enforcementLevel": "advisory", "honorAnnotations": False},
    },
}
