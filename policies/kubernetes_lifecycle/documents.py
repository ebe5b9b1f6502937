"""YAML and JSON as Kubernetes reads them: by sigs.k8s.io/yaml, which is YAML 1.1 in its own way.

`yes`, `on` and `y` are true, `0777` and `0o777` are 511, `1:30` and a date are texts, the last of two equal keys
counts, and keys are texts. Compared with kubectl over generated documents (tests/cli/test_documents.py).
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Final, NamedTuple

import yaml

MAX_DEPTH: Final = 500  # of nesting; the API server's own objects are 20 deep
MAX_VALUES: Final = 1_000_000  # of one document with its aliases written out
MAX_CHARACTERS: Final = 1 << 28  # of one document; the API server takes 3 MiB of one object, a List may hold many


class DocumentError(ValueError):
    """What is no document, and where: line and column count from 1, within the document."""

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
        except ValueError:
            pass  # YAML has such a beginning, too, and its error has a place
    _refuse_depth(text)
    try:
        value = yaml.load(text, Loader)
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
    if fault := _fault(value):
        raise DocumentError(fault)
    return _as_json(value, {})


TOO_DEEP: Final = "it is nested too deeply to be read"


def compose(text: str) -> yaml.Node | None:
    """The document's nodes, each with its place. Raises as `load` does."""
    _refuse_depth(text)
    try:
        node: yaml.Node | None = yaml.compose(text, Loader)
    except yaml.MarkedYAMLError as error:
        raise DocumentError(error.problem or "", *_place(error.problem_mark)) from None
    except yaml.YAMLError as error:
        raise _unmarked(error, text) from None
    return node


def _json(text: str) -> Any:
    def refuse(name: str) -> Any:
        raise ValueError(name)

    return json.loads(text, parse_constant=refuse)


def _place(mark: Any) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _unmarked(error: Exception, text: str) -> DocumentError:
    """Of a character that no YAML may have."""
    place = getattr(error, "position", 0)
    before = text[: place if isinstance(place, int) else 0]
    return DocumentError(str(error).partition("\n")[0], before.count("\n") + 1, len(before) - before.rfind("\n"))


_NESTS: Final = re.compile(r"[\[{]|[-?:] +(?=[-?])")


def _refuse_depth(text: str) -> None:
    """The parser calls itself for each level, and ends the process where there are too many."""
    if text.count("[") + text.count("{") + text.count("- -") + text.count("? ") <= MAX_DEPTH:
        return
    if sum(1 for _ in _NESTS.finditer(text)) <= MAX_DEPTH:
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
        # beyond 64 bits it is a float to Go
        return number if -(1 << 63) <= number < 1 << 64 else float(number) if number.bit_length() < 1024 else text
    if _FLOAT.fullmatch(bare):
        number_of = float(bare)
        return number_of if math.isfinite(number_of) else text
    return text


_Base: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # without libyaml it is slower, and the same
_PLAIN: Final = "tag:kubernetes-lifecycle,plain"
_MERGE: Final = "tag:yaml.org,2002:merge"


class Loader(_Base):  # type: ignore[misc, valid-type]
    """PyYAML's, with the meaning that Kubernetes gives to plain scalars."""

    yaml_constructors: ClassVar[dict[Any, Any]] = dict(_Base.yaml_constructors)

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        if kind is yaml.ScalarNode and implicit[0]:
            return _MERGE if value == "<<" else _PLAIN
        return super().resolve(kind, value, implicit)


def _plain(loader: Any, node: Any) -> Any:
    return scalar(node.value)


def _tagged(kind: type) -> Any:
    def construct(loader: Any, node: Any) -> Any:
        value = scalar(node.value)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if not isinstance(value, kind):
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
    if scalar(node.value) is not None:
        raise ValueError(node.value)


def _binary(loader: Any, node: Any) -> str:
    return str(loader.construct_yaml_binary(node).decode("utf-8", "replace"))


Loader.yaml_constructors.update(
    {
        _PLAIN: _plain,
        _MERGE: lambda loader, node: node.value,  # a value, where it is not the key of a merge
        "tag:yaml.org,2002:bool": _tagged(bool),
        "tag:yaml.org,2002:int": _tagged(int),
        "tag:yaml.org,2002:float": _tagged(float),
        "tag:yaml.org,2002:timestamp": lambda loader, node: node.value,
        "tag:yaml.org,2002:binary": _binary,
        "tag:yaml.org,2002:null": _null,
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
                raise DocumentError(f"{path} is {here}, which JSON has not")
            if here is not None and not isinstance(here, str | int | float):
                raise DocumentError(f"{path} is of type {type(here).__name__}, which JSON has not")
            return 1
        if id(here) in around:
            raise DocumentError(f"{path} refers to itself")
        if id(here) in sizes:
            return sizes[id(here)]
        if isinstance(here, set | tuple):
            raise DocumentError(f"{path} is of type {type(here).__name__}, which JSON has not")
        inside = (*around, id(here))
        total = 1
        if isinstance(here, dict):
            for key, each in here.items():
                if not isinstance(key, _KEYS):
                    raise DocumentError(f"{path or 'it'} has a key of type {type(key).__name__}, which JSON has not")
                total += size(each, f"{path}.{key}" if path else str(key), inside)
        else:
            for index, each in enumerate(here):
                total += size(each, f"{path}[{index}]", inside)
        if total > MAX_VALUES:
            raise DocumentError("its aliases make it larger than any object is")
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
        return value
    made[id(value)] = result
    return result


def _key(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return key if isinstance(key, str) else f"{key:.17g}" if isinstance(key, float) else str(key)
