"""YAML and JSON as Kubernetes reads them: by sigs.k8s.io/yaml, which is YAML 1.1 in its own way.

`yes`, `on` and `y` are true, `0777` and `0o777` are 511, `30.0` is 30, `1:30` and a date are texts, the last of two
equal keys counts, and keys are texts. Compared with kubectl over generated documents (tests/cli/test_documents.py).
"""

import json
import math
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Final, NamedTuple

import yaml

MAX_DEPTH: Final = 200  # of nesting; the API server's own objects are 20 deep
MAX_VALUES: Final = 1_000_000  # of one document with its aliases written out
MAX_MERGED: Final = 100_000  # fields that `<<` puts into mappings
MAX_CHARACTERS: Final = 1 << 28  # of one document; the API server takes 3 MiB of one object, a List may hold many


class DocumentError(ValueError):
    """The text is not a document. Line and column count from 1, within the document."""

    def __init__(self, problem: str, line: int = 1, column: int = 1) -> None:
        super().__init__(problem)
        self.problem, self.line, self.column = problem, line, column


class Chunk(NamedTuple):
    """The text of one document in a stream."""

    line: int
    """Of the stream, from 1, where it begins."""
    text: str


_MARKER: Final = re.compile(r"\n(---|\.\.\.)(?=\s)")


def chunks(pieces: Iterable[str]) -> Iterator[Chunk]:
    """The documents of a stream that comes in pieces, one at a time; markers at the start of a line part them.

    Raises DocumentError for one that is longer than MAX_CHARACTERS, with the stream's line.
    """
    held: list[str] = []
    line, lines, size = 1, 0, 0
    for text in _whole_lines(pieces):
        start = 0
        for found in _MARKER.finditer(f"\n{text}"):
            at = found.start()
            before = "".join([*held, text[start:at]])
            if found[1] == "---" and _only_directs(before):
                continue  # `%YAML 1.1` belongs to what follows
            if before:
                yield Chunk(line, before)
            line += lines + text.count("\n", start, at)
            held, lines, size, start = [], 0, 0, at
            if found[1] == "...":
                start = text.find("\n", at) + 1 or len(text)
                line += 1
        held.append(text[start:])
        lines += text.count("\n", start)
        size += len(text) - start
        if size > MAX_CHARACTERS:
            raise DocumentError(f"a document of more than {MAX_CHARACTERS >> 20} MiB", line)
    yield Chunk(line, "".join(held))


def _only_directs(text: str) -> bool:
    """Whether there are directives in it, and no content."""
    if not (text.startswith("%") or "\n%" in text):
        return False
    return all(not line.strip() or line.lstrip().startswith("#") or line[0] == "%" for line in text.splitlines())


def _whole_lines(pieces: Iterable[str]) -> Iterator[str]:
    """The same text in pieces that end where a line does."""
    held: list[str] = []
    size = 0
    for piece in pieces:
        end = piece.rfind("\n") + 1
        if end:
            yield "".join([*held, piece[:end]])
            held, size = [piece[end:]], len(piece) - end
        else:
            held.append(piece)
            size += len(piece)
            if size > MAX_CHARACTERS:
                raise DocumentError(f"a line of more than {MAX_CHARACTERS >> 20} MiB")
    if size:
        yield "".join(held)


def load(text: str) -> Any:
    """The value of one document; None of an empty one. Raises DocumentError."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            return _json(text)
        except RecursionError:
            raise DocumentError(TOO_DEEP) from None
        except DocumentError:
            raise
        except ValueError:
            pass  # YAML has such a beginning, too, and its error has a place
    _refuse_depth(text)
    try:
        value = yaml.load(text, Loader)
        if fault := _fault(value):
            raise DocumentError(fault)
        return _as_json(value, {})
    except DocumentError:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = ", ".join(each for each in (error.context, error.problem) if each)
        raise DocumentError(problem, *_place(mark)) from None
    except yaml.YAMLError as error:
        raise _unmarked(error, text) from None
    except RecursionError:
        raise DocumentError(TOO_DEEP) from None
    except ValueError as error:  # of the constructor of an explicit tag, in words that differ from Python to Python
        raise DocumentError("a value does not fit its type") from error


def is_object(value: Any) -> bool:
    """Whether a document is a Kubernetes object, which has apiVersion and kind."""
    return isinstance(value, dict) and all(isinstance(value.get(key), str) for key in ("apiVersion", "kind"))


TOO_DEEP: Final = "its nesting is too deep to read"
TOO_LARGE: Final = "its aliases make it larger than any object can be"


def compose(text: str) -> yaml.Node | None:
    """The document's nodes, each with its place. Raises as `load` does."""
    _refuse_depth(text)
    try:
        node: yaml.Node | None = yaml.compose(text, Loader)
    except yaml.MarkedYAMLError as error:
        raise DocumentError(error.problem or "", *_place(error.problem_mark)) from None
    except yaml.YAMLError as error:
        raise _unmarked(error, text) from None
    except RecursionError:
        raise DocumentError(TOO_DEEP) from None
    return node


def _json(text: str) -> Any:
    def refuse(name: str) -> Any:
        raise ValueError(name)

    value = json.loads(text, parse_constant=refuse, parse_float=_float, parse_int=_integer)
    if _SURROGATE.search(text):  # half a character, which nobody could print; Go replaces it
        whole = _HALF.sub("\ufffd", json.dumps(value, ensure_ascii=False))
        value = json.loads(whole, parse_float=_float, parse_int=_integer)
    return value


_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_HALF: Final = re.compile("[\ud800-\udfff]")


def _float(digits: str) -> int | float:
    """A number with a fraction or an exponent. JSON has one kind of numbers, so Kubernetes takes 30.0 for 30."""
    number = float(digits)
    if not math.isfinite(number):
        raise DocumentError(f"{digits[:40]} is too large a number")
    return _whole(number)


def _whole(number: float) -> int | float:
    return int(number) if number.is_integer() and abs(number) < 1 << 63 else number


def _integer(digits: str) -> int | float:
    """Beyond 64 bits it is a float to Go."""
    if len(digits) > _LONGEST_NUMBER:
        raise DocumentError(f"{digits[:40]} is too large a number")
    number = int(digits)
    return number if -(1 << 63) <= number < 1 << 64 else _float(digits)


def _place(mark: Any) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _unmarked(error: Exception, text: str) -> DocumentError:
    """Of a character that no YAML may have."""
    place = getattr(error, "position", 0)
    before = text[: place if isinstance(place, int) else 0]
    return DocumentError(str(error).partition("\n")[0], before.count("\n") + 1, len(before) - before.rfind("\n"))


# A level of block style is indented by one column more, but for a list, which may stand where its key does.
_INDENTED: Final = re.compile(rf"\n[-?: \t]{{{MAX_DEPTH // 2}}}")


def may_be_deep_in_blocks(text: str) -> bool:
    """Whether a document's block style may be nested more deeply than MAX_DEPTH."""
    lines = text.replace("\r", "\n") if "\r" in text else text
    return _INDENTED.match(f"\n{lines[:MAX_DEPTH]}") is not None or _INDENTED.search(lines) is not None


def _refuse_depth(text: str) -> None:
    """The parser calls itself for each level, and ends the process where there are too many."""
    if text.count("[") + text.count("{") <= MAX_DEPTH and not may_be_deep_in_blocks(text):
        return
    depth = 0
    try:
        for event in yaml.parse(text, Loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise DocumentError(TOO_DEEP, *_place(event.start_mark))
    except yaml.YAMLError:
        return  # the parser says what


_WORDS: Final[Mapping[str, bool | None]] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_SPECIAL: Final[Mapping[str, float]] = {
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((f"{sign}{each}" for sign in ("", "+") for each in (".inf", ".Inf", ".INF")), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*|0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+)")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SEPARATED: Final = re.compile(r"(?<![0-9])_|_(?![0-9])")  # not between two digits
_LONGEST_NUMBER: Final = 400  # no float is longer, and Python refuses to read much longer ones
_NUMERIC: Final = re.compile(r"[-+.0-9]")


def scalar(text: str) -> Any:
    """What a plain scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    if not _NUMERIC.match(text):
        return text
    if text in _SPECIAL:
        return _SPECIAL[text]
    bare = text.replace("_", "") if text[0] != "." or _SEPARATED.search(text) is None else text
    if _INTEGER.fullmatch(bare) and len(bare) <= _LONGEST_NUMBER:
        sign, digits = (-1, bare[1:]) if bare[0] == "-" else (1, bare.lstrip("+"))
        number = sign * int(f"0o{digits[1:]}" if re.fullmatch("0[0-7]+", digits) else digits, 0)
        if -(1 << 63) <= number < 1 << 64:
            return number  # beyond that it is a float to Go, if its digits are decimal, and else a text
    if _FLOAT.fullmatch(bare):
        return number_of if math.isfinite(number_of := float(bare)) else text
    return text


_Base: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # without libyaml it is slower, and the same
_PLAIN: Final = "tag:kubernetes-lifecycle,plain"
_MERGE: Final = "tag:yaml.org,2002:merge"


_Refused: Final = yaml.constructor.ConstructorError


class Loader(_Base):  # type: ignore[misc, valid-type]
    """PyYAML's, with the meaning that Kubernetes gives to plain scalars."""

    yaml_constructors: ClassVar[dict[Any, Any]] = dict(_Base.yaml_constructors)

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self._merged = 0
        self._flattening: set[int] = set()

    def flatten_mapping(self, node: Any) -> None:
        """Puts the fields of `<<` in its place. As in Go, the last of two equal keys counts, be it a merged one."""
        if not any(key.tag == _MERGE for key, _ in node.value):
            return
        if id(node) in self._flattening:
            raise _Refused(None, None, "a mapping merges itself", node.start_mark)
        self._flattening.add(id(node))
        fields: dict[Any, Any] = {}
        for key, value in node.value:
            for each in self._merge(key, value) if key.tag == _MERGE else [(key, value)]:
                of = each[0]
                fields[(of.tag, of.value) if isinstance(of, yaml.ScalarNode) else id(of)] = each
        self._flattening.discard(id(node))
        node.value = list(fields.values())

    def _merge(self, key: Any, value: Any) -> Iterator[tuple[Any, Any]]:
        # of a list the first counts
        for each in reversed(value.value) if isinstance(value, yaml.SequenceNode) else [value]:
            if not isinstance(each, yaml.MappingNode):
                raise _Refused(None, None, "the merged value is not a mapping", key.start_mark)
            self.flatten_mapping(each)
            self._merged += len(each.value)
            if self._merged > MAX_MERGED:
                raise _Refused(None, None, TOO_LARGE, key.start_mark)
            yield from each.value

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        if kind is yaml.ScalarNode and implicit[0]:
            return _MERGE if value == "<<" else _PLAIN
        return super().resolve(kind, value, implicit)


def _plain(loader: Any, node: Any) -> Any:
    text = _text(loader, node)
    return text if node.style in ("'", '"', "|", ">") else scalar(text)  # `! 'yes'` is no plain one


def _text(loader: Any, node: Any) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise ValueError(node.tag)
    return str(node.value)


def _tagged(kind: type) -> Any:
    def construct(loader: Any, node: Any) -> Any:
        value = scalar(_text(loader, node))
        if not isinstance(value, kind) and not (kind is float and type(value) is int):
            raise ValueError(node.value)
        return value

    return construct


def _any(loader: Any, suffix: str, node: Any) -> Any:
    """Of a tag of somebody's own: what stands behind it."""
    if isinstance(node, yaml.ScalarNode):
        return node.value
    return loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else _list(loader, node)


def _list(loader: Any, node: Any) -> Any:
    return loader.construct_sequence(node, deep=True)


def _null(loader: Any, node: Any) -> None:
    if scalar(_text(loader, node)) is not None:
        raise ValueError(node.value)


def _binary(loader: Any, node: Any) -> str:
    return str(loader.construct_yaml_binary(node).decode("utf-8", "replace"))


Loader.yaml_constructors.update(
    {
        _PLAIN: _plain,
        _MERGE: _text,  # a value, where it is not the key of a merge
        "tag:yaml.org,2002:bool": _tagged(bool),
        "tag:yaml.org,2002:int": _tagged(int),
        "tag:yaml.org,2002:float": _tagged(float),
        "tag:yaml.org,2002:timestamp": _text,
        "tag:yaml.org,2002:binary": _binary,
        "tag:yaml.org,2002:null": _null,
        "tag:yaml.org,2002:omap": _list,
        "tag:yaml.org,2002:pairs": _list,
        "tag:yaml.org,2002:set": _Base.yaml_constructors["tag:yaml.org,2002:map"],
    }
)
Loader.add_multi_constructor("!", _any)

_KEYS: Final = (str, int, float, bool)


def _fault(value: object) -> str | None:
    """Why JSON cannot hold a document; None where it can. Each container is looked at once, however many aliases."""
    sizes: dict[int, int] = {}

    def size(here: object, path: str, around: tuple[int, ...]) -> int:
        if not isinstance(here, dict | list | set | tuple):
            if isinstance(here, float) and not math.isfinite(here):
                raise DocumentError(f"{path} is {here}, which JSON does not have")
            if here is not None and not isinstance(here, str | int | float):
                raise DocumentError(f"{path} is of type {type(here).__name__}, which JSON does not have")
            return 1
        if id(here) in around:
            raise DocumentError(f"{path} refers to itself")
        if id(here) in sizes:
            return sizes[id(here)]
        if isinstance(here, set | tuple):
            raise DocumentError(f"{path} is of type {type(here).__name__}, which JSON does not have")
        inside = (*around, id(here))
        total = 1
        if isinstance(here, dict):
            for key, each in here.items():
                if not isinstance(key, _KEYS):
                    raise DocumentError(
                        f"{path or 'it'} has a key of type {type(key).__name__}, which JSON does not have"
                    )
                total += size(each, f"{path}.{key}" if path else str(key), inside)
        else:
            for index, each in enumerate(here):
                total += size(each, f"{path}[{index}]", inside)
        if total > MAX_VALUES:
            raise DocumentError(TOO_LARGE)
        sizes[id(here)] = total
        return total

    try:
        size(value, "", ())
    except DocumentError as error:
        return error.problem
    except RecursionError:
        return TOO_DEEP
    return None


def _as_json(value: Any, made: dict[int, Any]) -> Any:
    """With texts for keys, as JSON has them; what has only those is handed on as it is."""
    if id(value) in made:
        return made[id(value)]
    if isinstance(value, dict):
        result: Any = {_key(key): _as_json(each, made) for key, each in value.items()}
    elif isinstance(value, list):
        result = [_as_json(each, made) for each in value]
    else:
        return _whole(value) if isinstance(value, float) else value
    made[id(value)] = result
    return result


def _key(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return _as_go_writes(key) if isinstance(key, float) else str(key)


def _as_go_writes(key: float) -> str:
    """By strconv.FormatFloat(key, 'g', -1, 32): the fewest digits that are the same number in 32 bits."""
    try:
        (short,) = struct.unpack("f", struct.pack("f", key))
    except OverflowError:
        return "+Inf" if key > 0 else "-Inf"
    packed = struct.pack("f", short)
    shortest = next(text for digits in range(17) if struct.pack("f", float(text := f"{short:.{digits}e}")) == packed)
    mantissa, _, exponent = shortest.partition("e")
    places = len(mantissa.partition(".")[2]) - int(exponent)
    return shortest if not -5 < int(exponent) < 6 else f"{float(shortest):.{max(places, 0)}f}"
