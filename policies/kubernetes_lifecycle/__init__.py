"""What a team asks of lifecycle hooks: settings, exemptions, judgement, remediation. It knows nothing of Pulumi.

Two readers hand it objects: `kubernetes_lifecycle.pack`, the CrossGuard policy pack, and `lifecycle_cli`, the command.
"""

from .settings import SettingsError

__all__ = ["SettingsError"]
