"""The one error that wrong arguments raise."""

from collections.abc import Sequence

import pulumi


class LifecycleDemoError(pulumi.InputPropertiesError, pulumi.RunError):
    """All that is wrong with the arguments, each with its path as the caller wrote it.

    An InputPropertiesError, so that a component host reports each property to callers of every
    language; a RunError too, so that a plain Python program ends with the message and no stack trace.
    """

    def __init__(self, resource: str, errors: Sequence[tuple[str, str]]) -> None:
        lines = [f"LifecycleDemo {resource!r}: {len(errors)} invalid argument{'s' if len(errors) > 1 else ''}"]
        lines += [f"  {path}: {reason}" for path, reason in errors]
        super().__init__("\n".join(lines), [{"property_path": path, "reason": reason} for path, reason in errors])
