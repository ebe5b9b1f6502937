"""What a team requires of lifecycle hooks: settings, exemptions, judgement, remediation. It does not know Pulumi.

Two readers hand it objects: `kubernetes_lifecycle.pack`, the CrossGuard policy pack, and `lifecycle_cli`, the command.
"""

from .settings import SettingsError

__all__ = ["SettingsError"]
