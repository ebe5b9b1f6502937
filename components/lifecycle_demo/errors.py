"""The one error that wrong arguments raise."""

import re
from collections.abc import Sequence
from typing import ClassVar, Final

import pulumi

from . import actions, args

_NAMES: Final = sorted(
    {
        name
        for form in (args.LifecycleDemoArgs, args.Container, args.ContainerPort, actions.Handler, actions.HttpGetAction)
        for name in form.__annotations__
        if "_" in name
    },
    key=len,
    reverse=True,
)
_NAME: Final = re.compile(rf"\b(?:{'|'.join(_NAMES)})\b")


class LifecycleDemoError(pulumi.InputPropertiesError, pulumi.RunError):
    """Every error in the arguments, each with its path as the caller wrote it.

    It is an InputPropertiesError, so a component host reports each property to callers in every language. It is a
    RunError too, so a plain Python program ends with the message and without a stack trace.
    """

    in_camel_case: ClassVar[bool] = False
    """Whether errors use the names of other languages, `preStop`. The component host sets it."""

    def __init__(self, resource: str, errors: Sequence[tuple[str, str]]) -> None:
        if self.in_camel_case:
            errors = [(_in_camel_case(path), _in_camel_case(reason)) for path, reason in errors]
        lines = [f"LifecycleDemo {resource!r}: {len(errors)} invalid argument{'s' if len(errors) > 1 else ''}"]
        lines += [f"  {path}: {reason}".replace("\n", "\n    ") for path, reason in errors]
        super().__init__("\n".join(lines), [{"property_path": path, "reason": reason} for path, reason in errors])


def _in_camel_case(text: str) -> str:
    return _NAME.sub(lambda found: re.sub("_(.)", lambda letter: letter[1].upper(), found[0]), text)
