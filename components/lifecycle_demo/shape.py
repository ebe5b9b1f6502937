"""Whether arguments have the shape that their TypedDict says: which keys, and of which types the values."""

import difflib
import functools
import inspect
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final, Union, get_args, get_origin

import pulumi
from typing_extensions import NotRequired, is_typeddict

Fault = tuple[str, str]  # the argument's path, and what is wrong
_NAMES: Final = {str: "text", float: "a whole number", bool: "true or false"}
_NOTHING: Final[Mapping[Any, Any]] = {str: "", float: 0, bool: False, Sequence: ()}
_MAX_WHOLE: Final = 2**53  # Pulumi carries numbers as doubles, which are exact so far
_NO_MAPPING: Final = "is no mapping; an Output stands where a single value does"


def faults(value: object, form: type) -> Iterator[Fault]:
    """What in `value` is not as the TypedDict `form` has it; what Outputs bring is not known yet."""
    yield from _of_typeddict(value, form, "", _shown)


def guarded(value: Any, form: type, noted: list[Fault]) -> Any:
    """The same arguments, whose shape is right: what an Output brings that is not goes into `noted`.

    In its place comes nothing of the right type. An error there would end the program at each place where the Output is
    used, and by no means with one message.
    """
    return _guarded(value, form, "", noted)


def did_you_mean(key: object, known: Collection[str]) -> str:
    near = difflib.get_close_matches(str(key), known, n=1)
    return f", did you mean {near[0]}" if near else ""


_Show = Callable[[object], str]


def _shown(value: object) -> str:
    return "an Output" if isinstance(value, pulumi.Output) else f"{value!r:.60}"


def _hidden(value: object) -> str:
    """Of what an Output brings, for it may be secret."""
    return "what its Output brings"


@functools.cache
def _fields(form: type) -> Mapping[str, tuple[Any, bool]]:
    """The fields of a TypedDict: the type of each, and whether it must be there."""
    optional: Any = NotRequired
    return {
        key: (get_args(hint)[0], False) if get_origin(hint) is optional else (hint, True)
        for key, hint in inspect.get_annotations(form).items()
    }


def _of_typeddict(value: object, form: type, path: str, show: _Show) -> Iterator[Fault]:
    if isinstance(value, pulumi.Output) or not isinstance(value, Mapping):
        yield path, f"{show(value)} {_NO_MAPPING}"
        return
    fields = _fields(form)
    for key, given in value.items():
        where = _join(path, key)
        if key in fields:
            yield from _of_field(given, fields[key][0], where, show)
        else:
            what = "argument" if not path else "field"
            yield where, f"unknown {what}{did_you_mean(key, fields)}; known are {', '.join(sorted(fields))}"
    for key, (_, is_required) in fields.items():
        if is_required and value.get(key) is None:
            yield _join(path, key), "is missing"


def _of_field(value: object, hint: Any, path: str, show: _Show) -> Iterator[Fault]:
    if value is None:  # as absent, in every language
        return
    if get_origin(hint) is Union:  # pulumi.Input: a value, or one that comes later
        if isinstance(value, pulumi.Output | Awaitable):
            return
        hint = get_args(hint)[0]
    origin = get_origin(hint)
    if is_typeddict(hint):
        yield from _of_typeddict(value, hint, path, show)
    elif origin is Mapping:
        yield from _of_mapping(value, get_args(hint)[1], path, show)
    elif origin is Sequence:
        yield from _of_sequence(value, get_args(hint)[0], path, show)
    elif hint is Any:
        yield from _of_anything(value, path, show)
    elif not _is(value, hint):
        yield path, f"{show(value)} is not {_NAMES[hint]}"
    elif isinstance(value, str) and not _is_unicode(value):
        yield path, f"{show(value)} has half a surrogate pair, which is no character"


def _of_mapping(value: object, hint: Any, path: str, show: _Show) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield path, f"{show(value)} {_NO_MAPPING}"
        return
    for key, each in value.items():
        if isinstance(key, str) and _is_unicode(key):
            yield from _of_field(each, hint, _join(path, key), show)
        else:
            yield path, f"the key {show(key)} is no text"


def _of_sequence(value: object, hint: Any, path: str, show: _Show) -> Iterator[Fault]:
    if not isinstance(value, list | tuple):
        yield path, f"{show(value)} is no list"
        return
    for index, each in enumerate(value):
        if each is None:
            yield f"{path}[{index}]", "is missing"
        yield from _of_field(each, hint, f"{path}[{index}]", show)


def _of_anything(value: object, path: str, show: _Show) -> Iterator[Fault]:
    """What passes through is data: texts, numbers, truth values, lists and mappings, and Outputs of them."""
    if value is None or isinstance(value, bool | pulumi.Output | Awaitable):
        return
    if isinstance(value, Mapping):
        yield from _of_mapping(value, Any, path, show)
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from _of_anything(each, f"{path}[{index}]", show)
    elif isinstance(value, str):
        if not _is_unicode(value):
            yield path, f"{show(value)} has half a surrogate pair, which is no character"
    elif not isinstance(value, int | float) or not abs(value) <= _MAX_WHOLE:
        yield path, f"{show(value)} is no text, number, list or mapping that Pulumi can carry"


def _guarded(value: Any, hint: Any, path: str, noted: list[Fault]) -> Any:
    if get_origin(hint) is Union:
        hint = get_args(hint)[0]
    if isinstance(value, pulumi.Output | Awaitable):

        def come(brought: Any) -> Any:
            found = list(_of_field(brought, hint, path, _hidden))
            if brought is None and hint is not Any:
                found.append((path, f"{_hidden(brought)} is nothing"))
            noted.extend(found)
            return _NOTHING.get(get_origin(hint) or hint) if found else brought

        return pulumi.Output.from_input(value).apply(come)
    if is_typeddict(hint) and value is not None:
        fields = _fields(hint)
        return {key: _guarded(each, fields[key][0], _join(path, key), noted) for key, each in value.items()}
    if isinstance(value, Mapping):
        inner = get_args(hint)[1] if get_origin(hint) is Mapping else Any
        return {key: _guarded(each, inner, _join(path, key), noted) for key, each in value.items()}
    if isinstance(value, list | tuple):
        inner = get_args(hint)[0] if get_origin(hint) is Sequence else Any
        return [_guarded(each, inner, f"{path}[{index}]", noted) for index, each in enumerate(value)]
    return value


def _is(value: object, hint: type) -> bool:
    """Each number is whole; from other languages it comes as a float."""
    if hint is float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and value % 1 == 0 and abs(value) <= _MAX_WHOLE  # type: ignore[operator, arg-type]
    return isinstance(value, hint)


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)
