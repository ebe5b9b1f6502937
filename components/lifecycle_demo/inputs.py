"""What Pulumi takes as an input, as plain data: dicts, its classes of inputs, and Outputs of either, at any depth."""

import functools
from collections.abc import Awaitable, Mapping
from typing import Any, Final

import pulumi
import pulumi_kubernetes as k8s
from pulumi import _types
from pulumi.output import Unknown

from lifecycle_rules import UNKNOWN

_LEAVES: Final = frozenset({str, int, float, bool, type(None)})


class OfClass(dict[str, Any]):
    """The fields of one of the SDK's objects, by their names in Python; a keyword's `_` is no part of the name."""

    form: type
    """The class of inputs; of an output, as another resource has it, the class of inputs of the same name."""


@functools.cache
def _form(of: Any) -> Any:
    if _types.is_input_type(of):
        return of
    return getattr(k8s.core.v1, f"{of.__name__}Args", of) if _types.is_output_type(of) else None


def plain(value: Any, outputs: list[pulumi.Output[Any]]) -> Any:
    """The same in dicts and lists. What is known later is an Output in it; each is added to `outputs`, too."""
    kind = type(value)
    if kind in _LEAVES:
        return value
    form = None if kind is dict or kind is list else _form(kind)  # type: ignore[arg-type]
    if form is not None:
        fields = value if isinstance(value, dict) else _types.input_type_to_untranslated_dict(value)
        found = OfClass((key.rstrip("_"), plain(each, outputs)) for key, each in fields.items())
        found.form = form
        return found
    if kind is dict or isinstance(value, Mapping):
        return {key: each if type(each) is str else plain(each, outputs) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each, outputs) for each in value]
    if isinstance(value, Unknown):
        value = pulumi.Output.from_input(value)
    elif isinstance(value, Awaitable) and not isinstance(value, pulumi.Output):
        awaited = value  # it can be awaited once only; from_input would fail at a mapping whose keys are not text
        value = pulumi.Output.from_input(None).apply(lambda _: awaited)
    if isinstance(value, pulumi.Output):
        value = value.apply(_came, run_with_unknowns=True)
        outputs.append(value)
    return value


def _came(value: Any) -> Any:
    return value if isinstance(value, Unknown) else plain(value, [])


def _same(of: dict[Any, Any], items: Any) -> dict[Any, Any]:
    """With other items, of the same class."""
    if not isinstance(of, OfClass):
        return dict(items)
    found = OfClass(items)
    found.form = of.form
    return found


def changed(value: Any, change: Any) -> Any:
    """With `change(output)` for each Output in plain data."""
    if isinstance(value, dict):
        return _same(value, ((key, changed(each, change)) for key, each in value.items()))
    if isinstance(value, list):
        return [changed(each, change) for each in value]
    return change(value) if isinstance(value, pulumi.Output) else value


def known(value: Any) -> Any:
    """What is known at once: UNKNOWN stands for each Output."""
    return changed(value, lambda _: UNKNOWN)


class Arrival:
    """What plain data becomes when its Outputs are known, and which arguments they bring."""

    def __init__(self) -> None:
        self.brought: list[str] = []
        """The paths of all Outputs, as the caller wrote them."""
        self.secret: list[str] = []
        """Those of the secret ones."""
        self.texts: set[str] = set()
        """What stands in these."""

    async def of(self, value: Any, path: str = "", *, is_secret: bool = False) -> Any:
        """The same with UNKNOWN for what is not known even then, in a preview."""
        if isinstance(value, pulumi.Output):
            self.brought.append(path)
            if await value.is_secret():
                self.secret.append(path)
                is_secret = True
            is_known = await value.is_known()
            came = await value.future(with_unknowns=True)
            if not is_known and not pulumi.contains_unknowns(came):
                return UNKNOWN
            return await self.of(came, path, is_secret=is_secret)
        if isinstance(value, Unknown):
            return UNKNOWN
        if isinstance(value, dict):
            items = [(key, await self.of(each, join(path, key), is_secret=is_secret)) for key, each in value.items()]
            return _same(value, items)
        if isinstance(value, list):
            return [await self.of(each, f"{path}[{index}]", is_secret=is_secret) for index, each in enumerate(value)]
        if is_secret and value not in (None, ""):
            self.texts.add(str(value))
        return value


def join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def is_at(path: str, start: str) -> bool:
    """Whether a path is `start`, or one of a value in it."""
    return path.startswith(start) and path[len(start) : len(start) + 1] in ("", ".", "[")
