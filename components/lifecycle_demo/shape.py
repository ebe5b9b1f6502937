"""Whether arguments have the shape that their TypedDict says: which keys, and of which types the values."""

import difflib
import functools
import inspect
from collections.abc import Awaitable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final, Union, get_args, get_origin

import pulumi
from typing_extensions import NotRequired, is_typeddict

Fault = tuple[str, str]  # the argument's path, and what is wrong
_NAMES: Final = {str: "text", float: "a whole number", bool: "true or false"}


def faults(value: object, form: type, path: str = "") -> Iterator[Fault]:
    """What in `value` is not as the TypedDict `form` has it."""
    if isinstance(value, pulumi.Output) or not isinstance(value, Mapping):
        yield path, f"{_shown(value)} is no mapping; an Output stands where a single value does"
        return
    fields = _fields(form)
    for key, given in value.items():
        where = _join(path, key)
        if key in fields:
            yield from _of_field(given, fields[key][0], where)
        else:
            what = "argument" if not path else "field"
            yield where, f"unknown {what}{did_you_mean(key, fields)}; known are {', '.join(sorted(fields))}"
    for key, (_, is_required) in fields.items():
        if is_required and key not in value:
            yield _join(path, key), "is missing"


def did_you_mean(key: object, known: Collection[str]) -> str:
    near = difflib.get_close_matches(str(key), known, n=1)
    return f", did you mean {near[0]}" if near else ""


@functools.cache
def _fields(form: type) -> Mapping[str, tuple[Any, bool]]:
    """The fields of a TypedDict: the type of each, and whether it must be there."""
    optional: Any = NotRequired
    return {
        key: (get_args(hint)[0], False) if get_origin(hint) is optional else (hint, True)
        for key, hint in inspect.get_annotations(form).items()
    }


def _of_field(value: object, hint: Any, path: str) -> Iterator[Fault]:
    if value is None:  # as absent, in every language
        return
    if get_origin(hint) is Union:  # pulumi.Input: a value, or one that comes later
        if isinstance(value, pulumi.Output | Awaitable):
            return
        hint = get_args(hint)[0]
    origin = get_origin(hint)
    if is_typeddict(hint):
        yield from faults(value, hint, path)
    elif origin is Mapping:
        yield from _of_mapping(value, get_args(hint)[1], path)
    elif origin is Sequence:
        yield from _of_sequence(value, get_args(hint)[0], path)
    elif hint is not Any and not _is(value, hint):
        yield path, f"{_shown(value)} is not {_NAMES[hint]}"
    elif isinstance(value, str) and not _is_unicode(value):
        yield path, f"{value!r} has half a surrogate pair, which is no character"


def _of_mapping(value: object, hint: Any, path: str) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield path, f"{_shown(value)} is no mapping; an Output stands where a single value does"
        return
    for key, each in value.items():
        if isinstance(key, str) and _is_unicode(key):
            yield from _of_field(each, hint, _join(path, key))
        else:
            yield path, f"the key {key!r} is no text"


def _of_sequence(value: object, hint: Any, path: str) -> Iterator[Fault]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        yield path, f"{_shown(value)} is no list"
        return
    for index, each in enumerate(value):
        if each is None:
            yield f"{path}[{index}]", "is missing"
        yield from _of_field(each, hint, f"{path}[{index}]")


def _is(value: object, hint: type) -> bool:
    """Each number is whole; from other languages it comes as a float."""
    if hint is float:
        return not isinstance(value, bool) and isinstance(value, int | float) and value % 1 == 0
    return isinstance(value, hint)


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _shown(value: object) -> str:
    return "an Output" if isinstance(value, pulumi.Output) else f"{value!r:.60}"


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)
