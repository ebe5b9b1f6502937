"""CrossGuard policies for lifecycle hooks: that they are there, and that they work.

from kubernetes_lifecycle import build_policies, serve

serve("our-pack", [*build_policies(["hooks-effective", "grace-budget"]), our_own])
"""

from .policies import POLICIES, build_policies
from .serving import PACK_NAME, serve
from .settings import SettingsError

__all__ = ["PACK_NAME", "POLICIES", "SettingsError", "build_policies", "serve"]
