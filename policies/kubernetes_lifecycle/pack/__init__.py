"""The CrossGuard pack: the policies as Pulumi's engine calls them.

from kubernetes_lifecycle.pack import build_policies, serve

serve("our-pack", [*build_policies(["hooks-effective", "grace-budget"]), our_own])
"""

from ..settings import SettingsError
from .policies import POLICIES, build_policies
from .serving import PACK_NAME, serve

__all__ = ["PACK_NAME", "POLICIES", "SettingsError", "build_policies", "serve"]
