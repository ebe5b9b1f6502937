"""Whether arguments have the shape that their TypedDict says: which keys, and of which types the values.

What passes through to Kubernetes has its shape from pulumi-kubernetes' classes of inputs, in either case.
"""

import difflib
import functools
import inspect
import marshal
import re
import textwrap
from collections.abc import Awaitable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final, ForwardRef, NamedTuple, Union, get_args, get_origin, get_type_hints

import pulumi
import pulumi_kubernetes as k8s
from typing_extensions import NotRequired, is_typeddict

from lifecycle_rules import UNKNOWN

from . import actions, args
from .inputs import OfClass, is_at, join
from .spelling import camel_case, snake_case

Fault = tuple[str, str]  # the argument's path, and what is wrong


class Spare(NamedTuple):
    """A fault of a field that is too much: without it the rest can be read."""

    path: str
    wrong: str


_Scalar: Final[Any] = str | float  # a quantity
_Port: Final[Any] = str | int  # the number or the name of a port
_NAMES: Final[Mapping[Any, str]] = {
    str: "a string",
    float: "a whole number",
    int: "a whole number",
    bool: "true or false",
    _Scalar: "a string or a number",
    _Port: "a string or a whole number",
}
# What passes through has no TypedDict of its own: the host would turn Kubernetes' keys into its own.
_PASSED: Final[Mapping[str, Any]] = {"container": k8s.core.v1.ContainerArgs, "pod_spec": k8s.core.v1.PodSpecArgs}
# The class that may stand in place of each of our own. All but the container are also read as Kubernetes spells them,
# which is how they come from another resource, or from a stack in another language.
_CLASSES: Final[Mapping[Any, type]] = {
    args.Container: k8s.core.v1.ContainerArgs,
    args.ContainerPort: k8s.core.v1.ContainerPortArgs,
    actions.Handler: k8s.core.v1.LifecycleHandlerArgs,
    actions.ExecAction: k8s.core.v1.ExecActionArgs,
    actions.HttpGetAction: k8s.core.v1.HTTPGetActionArgs,
    actions.HttpHeader: k8s.core.v1.HTTPHeaderArgs,
    actions.SleepAction: k8s.core.v1.SleepActionArgs,
}
_LATER: Final[Any] = pulumi.Input
# Fields whose text is a quantity, which may be a number, too (Kubernetes: resource.Quantity).
_QUANTITIES: Final[Mapping[str, Any]] = {
    "divisor": _Scalar,
    "limits": Mapping[str, _LATER[_Scalar]],
    "overhead": Mapping[str, _LATER[_Scalar]],
    "requests": Mapping[str, _LATER[_Scalar]],
    "size_limit": _Scalar,
}
_MAX_WHOLE: Final = 2**53  # Pulumi carries numbers as doubles, which are exact so far
_LIST: Final = "arguments"  # the path of all of them
_WIDTH: Final = 90
_MAX_KEPT, _MAX_BYTES = 1024, 2048  # arguments that were right, and the size of one
_BROUGHT: Final = "the value of the Output"


def faults(value: object, form: type, brought: Collection[str] = ()) -> Iterator[Fault]:
    """What in plain data is not as the TypedDict `form` has it; of UNKNOWN nothing.

    `brought` are the paths of what Outputs brought: it may be secret, and no message repeats it.
    """
    yield from _of_form(value, form, "", brought)


def _of_argument(value: object, hint: Any, name: str, brought: Collection[str]) -> Iterator[Fault]:
    """Of a whole argument; most Pods of a program have the same probes, ports and hooks, which are read once."""
    content = _content(name, value) if isinstance(value, dict | list) and not brought else None
    if content in _right:
        return
    found = list(_of_field(value, hint, name, brought))
    if content is not None and not found:
        if len(_right) >= _MAX_KEPT:
            _right.clear()
        _right.add(content)
    yield from found


_right: Final[set[tuple[str, bytes] | None]] = set()


def _content(name: str, value: Any) -> tuple[str, bytes] | None:
    """The same for the same plain data; None of what is too long to be kept, or not all plain."""
    try:
        content = marshal.dumps(value, 2)
    except ValueError:
        return None
    return (name, content) if len(content) <= _MAX_BYTES else None


def fields_of(form: type) -> Collection[str]:
    """The names of the fields of a TypedDict, or of a class of inputs, in snake case."""
    return _fields(form).keys()


def _did_you_mean(key: object, known: Collection[str]) -> str:
    near = difflib.get_close_matches(snake_case(str(key)), known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _shown(value: object, path: str, brought: Collection[str]) -> str:
    if any(is_at(path, each) for each in brought):
        return _BROUGHT
    if isinstance(value, OfClass):
        return _article(value.form)
    return "an Output" if value is UNKNOWN else f"{value!r:.60}"


def _no_text(key: object, path: str, brought: Collection[str]) -> str:
    is_brought = any(is_at(path, each) for each in brought)
    return f"{_BROUGHT} has a key that is not a string" if is_brought else f"the key {key!r:.60} is not a string"


class _Field(NamedTuple):
    hint: Any
    is_required: bool


@functools.cache
def _fields(form: type) -> Mapping[str, _Field]:
    """The fields of a TypedDict, or of a class of inputs."""
    later: Any = pulumi.Input
    if not is_typeddict(form):
        # pulumi.Input names these two as text, which is looked up where the class is.
        names = {"Output": pulumi.Output, "T": Any}
        getters = {key.rstrip("_"): each.fget for key, each in vars(form).items() if isinstance(each, property)}
        hints = {key: get_type_hints(getter, localns=names)["return"] for key, getter in getters.items()}
        return {key: _Field(later[_QUANTITIES.get(key, hint)], False) for key, hint in hints.items()}
    optional: Any = NotRequired
    fields = {}
    for key, hint in inspect.get_annotations(form).items():
        is_optional = get_origin(hint) is optional
        hint = get_args(hint)[0] if is_optional else hint
        fields[key] = _Field(later[_PASSED[key]] if key in _PASSED else hint, not is_optional)
    if _is_kubernetes_too(form):
        kubernetes = _fields(_CLASSES[form])
        fields = {**kubernetes, **fields, **{key: kubernetes[key] for key in ("port",) if key in kubernetes}}
    return fields


def _is_kubernetes_too(form: type) -> bool:
    return form in _CLASSES and form is not args.Container


def _field_name(key: object, form: type) -> str:
    is_own = is_typeddict(form) and not _is_kubernetes_too(form)
    return str(key) if is_own else snake_case(camel_case(str(key))).rstrip("_")


@functools.cache
def _is_form(hint: Any) -> bool:
    is_class = isinstance(hint, type)
    return is_typeddict(hint) or (is_class and any(isinstance(each, property) for each in vars(hint).values()))


def _of_form(value: object, form: type, path: str, brought: Collection[str]) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield path or _LIST, f"{_shown(value, path, brought)} is not a mapping{'' if path else ' of arguments'}"
        return
    if isinstance(value, OfClass):
        taken_class = form if not is_typeddict(form) else _CLASSES.get(form)
        if value.form is not taken_class:
            instead = f"{_article(taken_class)} or a dict" if taken_class else "a dict"
            yield path or _LIST, f"{_article(value.form)} does not fit here; give {instead}"
            return
        form = value.form
    fields = _fields(form)
    met, has = set(), set()
    for key, given in value.items():
        where, name = join(path, key), _field_name(key, form)
        if name in met:
            yield Spare(where, f"{camel_case(name)} is given twice, in snake case and in camel case; keep one")
        elif name in fields:
            yield from (_of_field if path else _of_argument)(given, fields[name].hint, where, brought)
        elif not (isinstance(key, str) and _is_unicode(key)):
            yield path or _LIST, _no_text(key, path, brought)
        elif is_typeddict(form):
            yield where, _unknown(key, form, is_argument=not path)
        else:
            yield Spare(where, f"unknown field{_did_you_mean(name, fields)}")
            yield from _of_anything(given, where, brought)
        if given is not None or where in brought:
            has.add(name)
        met.add(name)
    for key, field in fields.items():
        if field.is_required and key not in has:
            yield join(path, key), "is missing"
    if form is actions.HttpGetAction and {"port", "port_name"} <= has:  # Kubernetes has one field for both
        yield join(path, "port_name"), "conflicts with port; keep one of the two"


def _article(of: type) -> str:
    return f"{'an' if of.__name__[0] in 'AEIOU' else 'a'} {of.__name__}"


def _unknown(key: object, form: type, *, is_argument: bool) -> str:
    """With the name that is meant; else where a container's or a Pod's own field goes; else with all names."""
    what = "unknown argument" if is_argument else "unknown field"
    own = inspect.get_annotations(form)
    near = _did_you_mean(key, own)
    if near:
        return f"{what}{near}"
    name = _field_name(key, k8s.core.v1.ContainerArgs)
    for place in (each for each in _PASSED if each in own):
        if name in _fields(_PASSED[place]):
            return f"{what}; it is a Kubernetes field; put it into {place}"
    known = f"; choose from: {', '.join(sorted(own))}"
    if len(known) <= _WIDTH:
        return f"{what}{known}"
    return "\n".join([f"{what}; choose from:", *textwrap.wrap(", ".join(sorted(own)), _WIDTH)])


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
    return plain[0] if len(plain) == 1 else _Port if set(plain) == {int, str} else _Scalar


def _of_field(value: object, hint: Any, path: str, brought: Collection[str]) -> Iterator[Fault]:
    if value is None:  # as absent, in every language
        if path in brought and not (hint is Any or type(None) in get_args(hint)):
            yield path, f"{_shown(value, path, brought)} is null"
        return
    if value is UNKNOWN and (get_origin(hint) is Union or hint is Any):
        return
    hint = _plain(hint)
    origin = get_origin(hint)
    if _is_form(hint):
        yield from _of_form(value, hint, path, brought)
    elif origin is Mapping:
        yield from _of_mapping(value, get_args(hint)[1], path, brought)
    elif origin is Sequence:
        yield from _of_sequence(value, get_args(hint)[0], path, brought)
    elif hint is Any:
        yield from _of_anything(value, path, brought)
    elif not _is(value, hint):
        yield path, f"{_shown(value, path, brought)} is not {_NAMES[hint]}"
    elif isinstance(value, str) and not _is_unicode(value):
        yield path, f"{_shown(value, path, brought)} has half a surrogate pair, which is not a character"


def _of_mapping(value: object, hint: Any, path: str, brought: Collection[str]) -> Iterator[Fault]:
    if not isinstance(value, Mapping) or isinstance(value, OfClass):
        yield path, f"{_shown(value, path, brought)} is not a mapping"
        return
    for key, each in value.items():
        if isinstance(key, str) and _is_unicode(key):
            yield from _of_field(each, hint, join(path, key), brought)
        else:
            yield path, _no_text(key, path, brought)


def _of_sequence(value: object, hint: Any, path: str, brought: Collection[str]) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield path, f"{_shown(value, path, brought)} is not a list"
        return
    for index, each in enumerate(value):
        if each is None and f"{path}[{index}]" not in brought:
            yield f"{path}[{index}]", "is missing"
        yield from _of_field(each, hint, f"{path}[{index}]", brought)


def _of_anything(value: object, path: str, brought: Collection[str]) -> Iterator[Fault]:
    """Of an unknown field's value: it is data, that is texts, numbers, truth values, lists and mappings, or Outputs."""
    if value is None or value is UNKNOWN or isinstance(value, bool):
        return
    if isinstance(value, Mapping):
        for key, each in value.items():
            if isinstance(key, str) and _is_unicode(key):
                yield from _of_anything(each, join(path, key), brought)
            else:
                yield path, _no_text(key, path, brought)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _of_anything(each, f"{path}[{index}]", brought)
    elif isinstance(value, str):
        if not _is_unicode(value):
            yield path, f"{_shown(value, path, brought)} has half a surrogate pair, which is not a character"
    elif not isinstance(value, int | float) or not abs(value) <= _MAX_WHOLE:
        yield path, f"{_shown(value, path, brought)} is not a string, number, list or mapping that Pulumi can carry"


def _is(value: object, hint: Any) -> bool:
    """Each number is whole but a quantity; from other languages it comes as a float."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if hint in (_Scalar, _Port) and isinstance(value, str):
        return True
    if hint is _Scalar:
        return is_number
    if hint in (float, int, _Port):
        return is_number and value % 1 == 0 and abs(value) <= _MAX_WHOLE  # type: ignore[operator, arg-type]
    return isinstance(value, hint)


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


@functools.cache
def _declared() -> frozenset[str]:
    """The names of the fields of hooks, ports and containers, in either case."""
    forms = (args.LifecycleDemoArgs, *_CLASSES, *_CLASSES.values(), k8s.core.v1.PodSpecArgs)
    names = {name for form in forms for name in _fields(form)}
    return frozenset(names | {camel_case(name) for name in names})


def public(path: str, secret: Collection[str]) -> str:
    """A path as far as it may be shown: of a secret's keys those that are Kubernetes' or ours."""
    for start in secret:
        if is_at(path, start):
            for found in re.finditer(r"\.?([^.\[\]]+)(?:\[\d+\])*|\[\d+\]", path[len(start) :]):
                if found[1] and found[1] not in _declared():
                    return path[: len(start) + found.start()] or _LIST
    return path
