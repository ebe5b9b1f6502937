"""Why a hook failed, in the kubelet's words. They repeat the hook: where that is secret, its exit code is all."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pulumi

_EXIT_CODE: Final = re.compile(r"exited with (\d+)")


class Hooks:
    """The hooks of a Pod, whose secrets are known once its Outputs are."""

    def __init__(self, spec: pulumi.Input[Mapping[str, Any]]) -> None:
        self._later = [each for each in _lifecycles(spec) if _holds_output(each)]
        self.may_be_secret: Final = bool(self._later)

    async def shown(self, why: str) -> str:
        """The kubelet's words, or what of them is no secret."""
        for each in self._later:
            if await pulumi.Output.from_input(each).is_secret():
                code = _EXIT_CODE.search(why)
                what = f"exit code {code[1]}; the rest" if code else "the reason"
                return f"{what} may hold a secret; `kubectl describe pod` shows it"
        return why


def _lifecycles(spec: Any) -> Iterator[Any]:
    if isinstance(spec, pulumi.Output):  # all of it comes later
        yield spec
        return
    for field in ("containers", "initContainers"):
        containers = spec.get(field)
        for each in containers if isinstance(containers, list) else (containers,):
            yield each.get("lifecycle") if isinstance(each, Mapping) else each


def _holds_output(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_output, value.values()))
    return any(map(_holds_output, value)) if isinstance(value, list) else isinstance(value, pulumi.Output)
