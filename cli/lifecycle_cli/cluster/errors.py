"""What stands between the command and the cluster, in one line each."""

from typing import NamedTuple


class ClusterError(Exception):
    """Nothing can be read: no kubeconfig, no answer, no rights. Its text is one line for the user."""


class NotFoundError(ClusterError):
    """The object does not exist."""


class GoneError(ClusterError):
    """A list or a version that the API server no longer has; with what the list goes on by, if it can."""

    def __init__(self, text: str, going_on: str | None) -> None:
        super().__init__(text)
        self.going_on = going_on


class Need(NamedTuple):
    """A permission, as RBAC writes it."""

    verb: str
    group: str
    resource: str
    namespace: str | None
    """None for all namespaces."""

    def rule(self) -> str:
        """The rule to add, as YAML in one line."""
        if self.resource.startswith("/"):
            return f'{{nonResourceURLs: ["{self.resource}"], verbs: ["{self.verb}"]}}'
        return f'{{apiGroups: ["{self.group}"], resources: ["{self.resource}"], verbs: ["{self.verb}"]}}'

    def __str__(self) -> str:
        where = f" in namespace {self.namespace}" if self.namespace else " in all namespaces"
        if self.resource.startswith("/"):
            where = ""
        kind = "Role" if self.namespace else "ClusterRole"
        return f"may not {self.verb} {self.resource}{where}: add this rule to a {kind}: {self.rule()}"


class ForbiddenError(ClusterError):
    """The API server knows the user, and refuses."""

    def __init__(self, need: Need) -> None:
        super().__init__(str(need))
        self.need = need
