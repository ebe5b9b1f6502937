"""Whether arguments have the shape that their TypedDict says: which keys, and of which types the values.

What passes through to Kubernetes has its shape from pulumi-kubernetes' classes of inputs, in either case.
"""

import difflib
import functools
import inspect
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final, ForwardRef, NamedTuple, Union, get_args, get_origin, get_type_hints

import pulumi
import pulumi_kubernetes as k8s
from typing_extensions import NotRequired, is_typeddict

from .spelling import camel_case, snake_case

Fault = tuple[str, str]  # the argument's path, and what is wrong


class Spare(NamedTuple):
    """A fault of a field that is too much: without it the rest can be read."""

    path: str
    wrong: str


_Scalar: Final[Any] = str | float  # a quantity, or the number or name of a port
_NAMES: Final[Mapping[Any, str]] = {
    str: "text",
    float: "a whole number",
    int: "a whole number",
    bool: "true or false",
    _Scalar: "text or a number",
}
_NOTHING: Final[Mapping[Any, Any]] = {str: "", float: 0, int: 0, bool: False, _Scalar: 0, Sequence: ()}
# What passes through has no TypedDict of its own: the host would turn Kubernetes' keys into its own.
_PASSED: Final[Mapping[str, Any]] = {"container": k8s.core.v1.ContainerArgs, "pod_spec": k8s.core.v1.PodSpecArgs}
# Fields whose text is a quantity, which may be a number, too (Kubernetes: resource.Quantity).
_QUANTITIES: Final[Mapping[str, Any]] = {
    "divisor": _Scalar,
    "limits": Mapping[str, _Scalar],
    "overhead": Mapping[str, _Scalar],
    "requests": Mapping[str, _Scalar],
    "size_limit": _Scalar,
}
_MAX_WHOLE: Final = 2**53  # Pulumi carries numbers as doubles, which are exact so far
_NO_MAPPING: Final = "is no mapping; an Output stands where a single value does"


def faults(value: object, form: type) -> Iterator[Fault]:
    """What in `value` is not as the TypedDict `form` has it; what Outputs bring is not known yet."""
    yield from _of_form(value, form, "", _shown)


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


class _Field(NamedTuple):
    hint: Any
    is_required: bool


@functools.cache
def _fields(form: type) -> Mapping[str, _Field]:
    """The fields of a TypedDict, or of a class of inputs."""
    if not is_typeddict(form):
        # pulumi.Input names these two as text, which is looked up where the class is.
        names = {"Output": pulumi.Output, "T": Any}
        getters = {key.rstrip("_"): each.fget for key, each in vars(form).items() if isinstance(each, property)}
        hints = {key: get_type_hints(getter, localns=names)["return"] for key, getter in getters.items()}
        later: Any = pulumi.Input
        return {key: _Field(later[_QUANTITIES.get(key, hint)], False) for key, hint in hints.items()}
    optional: Any = NotRequired
    fields = {}
    for key, hint in inspect.get_annotations(form).items():
        is_optional = get_origin(hint) is optional
        fields[key] = _Field(_PASSED.get(key) or (get_args(hint)[0] if is_optional else hint), not is_optional)
    return fields


def _field_name(key: object, form: type) -> str:
    return str(key) if is_typeddict(form) else snake_case(camel_case(str(key))).rstrip("_")


@functools.cache
def _is_form(hint: Any) -> bool:
    is_class = isinstance(hint, type)
    return is_typeddict(hint) or (is_class and any(isinstance(each, property) for each in vars(hint).values()))


def _of_form(value: object, form: type, path: str, show: _Show) -> Iterator[Fault]:
    if isinstance(value, pulumi.Output) or not isinstance(value, Mapping):
        yield path, f"{show(value)} {_NO_MAPPING}"
        return
    fields, met = _fields(form), set()
    for key, given in value.items():
        where, name = _join(path, key), _field_name(key, form)
        if name in met:
            yield Spare(where, f"{camel_case(name)} is here twice, in snake case and in camel case; keep one")
        elif name in fields:
            yield from _of_field(given, fields[name].hint, where, show)
        elif is_typeddict(form):
            what = "field" if path else "argument"
            yield where, f"unknown {what}{did_you_mean(key, fields)}; known are {', '.join(sorted(fields))}"
        elif isinstance(key, str) and _is_unicode(key):
            yield Spare(where, f"unknown field{did_you_mean(name, fields)}")
            yield from _of_anything(given, where, show)
        else:
            yield path, f"the key {show(key)} is no text"
        met.add(name)
    for key, field in fields.items():
        if field.is_required and value.get(key) is None:
            yield _join(path, key), "is missing"


@functools.cache
def _plain(hint: Any) -> Any:
    """The type of an Input's value, without those that say that it comes later, or may be left out."""
    if get_origin(hint) is not Union:
        return hint
    later = (Awaitable, pulumi.Output)
    plain = [
        each
        for each in get_args(hint)
        if each is not type(None) and get_origin(each) not in later and not isinstance(each, ForwardRef)
    ]
    return plain[0] if len(plain) == 1 else _Scalar


def _of_field(value: object, hint: Any, path: str, show: _Show) -> Iterator[Fault]:
    if value is None:  # as absent, in every language
        return
    if get_origin(hint) is Union and isinstance(value, pulumi.Output | Awaitable):
        return
    hint = _plain(hint)
    origin = get_origin(hint)
    if _is_form(hint):
        yield from _of_form(value, hint, path, show)
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
    """Of an unknown field's value: it is data, that is texts, numbers, truth values, lists and mappings, or Outputs."""
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
    may_be_none = hint is Any or type(None) in get_args(hint)
    hint = _plain(hint)
    if isinstance(value, pulumi.Output | Awaitable):
        nothing = _NOTHING.get(get_origin(hint) or hint)

        def come(brought: Any) -> Any:
            found = list(_of_field(brought, hint, path, _hidden))
            if brought is None and not may_be_none:
                found.append((path, f"{_hidden(brought)} is nothing"))
            noted.extend(found)
            return nothing if found else brought

        def screen(brought: Any) -> Any:
            if not _has_texts_for_keys(brought):  # from_input would fail there
                noted.append((path, f"{_hidden(brought)} has a key that is no text"))
                return nothing
            return pulumi.Output.from_input(brought).apply(come)

        later = value if isinstance(value, pulumi.Output) else pulumi.Output.from_input(None).apply(lambda _: value)
        return later.apply(screen)
    if isinstance(value, Mapping):
        return {key: _guarded(each, _inner(hint, key), _join(path, key), noted) for key, each in value.items()}
    if isinstance(value, list | tuple):
        inner = get_args(hint)[0] if get_origin(hint) is Sequence else Any
        return [_guarded(each, inner, f"{path}[{index}]", noted) for index, each in enumerate(value)]
    return value


def _has_texts_for_keys(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and _has_texts_for_keys(each) for key, each in value.items())
    return not isinstance(value, list | tuple) or all(map(_has_texts_for_keys, value))


def _inner(hint: Any, key: object) -> Any:
    """The type of a mapping's value."""
    if _is_form(hint):
        field = _fields(hint).get(_field_name(key, hint))
        return field.hint if field else Any
    return get_args(hint)[1] if get_origin(hint) is Mapping else Any


def _is(value: object, hint: Any) -> bool:
    """Each number is whole but a quantity; from other languages it comes as a float."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if hint is _Scalar:
        return is_number or isinstance(value, str)
    if hint in (float, int):
        return is_number and value % 1 == 0 and abs(value) <= _MAX_WHOLE  # type: ignore[operator, arg-type]
    return isinstance(value, hint)


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)
