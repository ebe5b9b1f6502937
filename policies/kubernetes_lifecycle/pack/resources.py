"""Pulumi's resources as the objects that the judgement takes."""

from typing import Final

from ..objects import Object, Values

PACKAGE: Final = "kubernetes:"
OPAQUE: Final = {
    "kubernetes:helm.sh/v3:Release": (
        "Helm renders its objects, so no policy sees them. Use kubernetes:helm.sh/v4:Chart to have them checked."
    ),
}
"""Resources that hold objects which no policy sees, by token."""


def kind_of(token: str) -> str:
    """`Deployment` of `kubernetes:apps/v1:Deployment`; empty for what is not Kubernetes."""
    return token.rpartition(":")[2] if token.startswith(PACKAGE) else ""


def object_of(urn: str, token: str, resource: str, values: Values, delete_seconds: float) -> Object:
    """A resource as the engine has it. Where the program gives no apiVersion, its token says what it is of.

    So a Job of another API group is not taken for Kubernetes' own.
    """
    group = token.removeprefix(PACKAGE).rpartition(":")[0].removeprefix("core/")
    typed = values._replace(plain={"apiVersion": group, **values.plain})
    return Object(urn, kind_of(token), resource, typed, delete_seconds, OPAQUE.get(token, ""))
