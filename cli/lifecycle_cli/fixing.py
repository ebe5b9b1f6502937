"""Writes remediations into manifests. Only the changed lines differ; everything else stays the same, byte for byte.

It reads each edit back, and leaves a document alone that would not say exactly what it should.
"""

import datetime
import difflib
import json
import os
import re
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from kubernetes_lifecycle.documents import MAX_CHARACTERS, DocumentError, chunks, compose, is_object
from kubernetes_lifecycle.remediation import REMEDIES, Edit, applied, changes
from lifecycle_rules.model import steps

from .configuration import Configuration
from .judging import Finding, Judge, object_of
from .reading import STDIN, Document, has_actions, parsed, read


class Fix(NamedTuple):
    """What became of one change of a document."""

    file: str
    line: int
    """Where its document begins."""
    path: str
    value: Any
    why_not: str = ""
    """Why it was not written; empty where it was."""


class Replacement(NamedTuple):
    """Whole lines of a file that are to be others."""

    line: int
    end: int
    """The line behind the last that goes; the same as `line` where none does."""
    text: str


_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")  # as editors and `diff` count them


@dataclass
class Fixed:
    """A file with its changes."""

    before: str
    after: str
    fixes: list[Fix] = field(default_factory=list)

    def fail(self, why: str) -> None:
        """It could not be written."""
        self.after = self.before
        self.fixes = [each if each.why_not else each._replace(why_not=why) for each in self.fixes]

    def replacements(self) -> Iterator[tuple[int, int, str]]:
        """The lines that differ: the first, counted from 1, the one behind the last, and what stands there then."""
        old, new = _LINE.findall(self.before), _LINE.findall(self.after)
        matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
        for kind, start, stop, new_start, new_stop in matcher.get_opcodes():
            if kind != "equal":
                yield start + 1, stop + 1, "".join(new[new_start:new_stop])

    def diff(self, name: str) -> str:
        """As `diff -u` prints it."""
        old, new = _LINE.findall(self.before), _LINE.findall(self.after)
        lines = difflib.unified_diff(old, new, f"a/{name.lstrip('/')}", f"b/{name.lstrip('/')}")
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def fixed(path: str, configuration: Configuration) -> Fixed | None:
    """The file with every safe fix, or None if there is nothing to fix. Writes nothing."""
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > MAX_CHARACTERS:
            return None
        text = Path(path).read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):  # the check says so
        return None
    if "\0" in text:
        return None
    marked = "\ufeff" if text.startswith("\ufeff") else ""
    result = Fixed(text, "")
    made: list[str] = []
    end = 0
    rest = text[len(marked) :]
    try:
        for chunk in chunks([rest]):
            start = rest.index(chunk.text, end)
            made += [rest[end:start], _document(path, chunk.line, chunk.text, configuration, result)]
            end = start + len(chunk.text)
    except DocumentError:
        return None
    result.after = marked + "".join(made) + rest[end:]
    return result if result.fixes else None


def offered(findings: Iterable[Finding], configuration: Configuration) -> dict[str, list[Replacement]]:
    """For each fingerprint, the changes of the file that would fix the finding."""
    by_file: dict[str, list[Finding]] = {}
    for each in findings:
        by_file.setdefault(each.file, []).append(each)
    found: dict[str, list[Replacement]] = {}
    for file, of_file in by_file.items():
        result = None if file == STDIN else fixed(file, configuration)
        if result is None or result.after == result.before:
            continue
        judge = Judge(configuration, datetime.date.today())
        left = {
            each.identity
            for chunk in chunks([result.after.removeprefix("\ufeff")])
            if isinstance(document := read(file, chunk), Document)
            for each in judge.judge(document).findings
        }
        made = [Replacement(*each) for each in result.replacements()]
        found.update((each.fingerprint, made) for each in of_file if each.identity not in left)
    return found


def write(path: str, result: Fixed) -> None:
    """In one step, with the file's own mode, and through a symbolic link."""
    target = Path(path).resolve()
    mode = stat.S_IMODE(target.stat().st_mode)
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(result.after.encode("utf-8"))
        os.chmod(name, mode)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _document(file: str, line: int, text: str, configuration: Configuration, result: Fixed) -> str:
    try:
        value = parsed(text)
    except DocumentError:
        return text
    if not is_object(value):
        return text
    obj = object_of(Document(file, line, text, value))
    if obj.excluded_by(configuration.settings):
        return text
    for policy in REMEDIES:
        for change in changes(policy, obj, configuration.settings, lambda rule: rule.id in configuration.selected):
            new, changed, why_not = text, obj, TEMPLATE if has_actions(result.before) else ""
            for edit in change:
                wanted = applied([edit], changed.values.plain)
                if not why_not:
                    new, why_not = _edited(new, edit, wanted)
                changed = changed._replace(values=changed.values._replace(plain=wanted))
            result.fixes += (Fix(file, line, edit.path, edit.value, why_not) for edit in change)
            if why_not:
                break  # what follows builds on it
            text, obj = new, changed
    return text


TEMPLATE: Final = "the file may be a template, because it has {{ }}"


def _edited(text: str, edit: Edit, wanted: Any) -> tuple[str, str]:
    """The text with the edit in it, or why not."""
    try:
        new = _Writer(text).write(edit)
    except _Unsafe as unsafe:
        return text, str(unsafe)
    except DocumentError:
        return text, "its text cannot be parsed for a change"
    try:
        is_right = parsed(new) == wanted
    except DocumentError:
        is_right = False
    return (new, "") if is_right else (text, "changing this field would change other fields too")


class _Unsafe(Exception):
    """Why a change is not made."""


class _Writer:
    """Writes into the text of one document, at the places of its nodes."""

    def __init__(self, text: str) -> None:
        root = compose(text)
        if not isinstance(root, yaml.MappingNode):
            raise _Unsafe("it is not a mapping")
        self._text, self._root = text, root
        self._end = "\r\n" if "\r\n" in text else "\n"
        self._is_json = _is_json(text)

    def write(self, edit: Edit) -> str:
        *way, last = steps(edit.path)
        holder = self._at(way)
        if not isinstance(holder, yaml.MappingNode) or not isinstance(last, str):
            raise _Unsafe("its parent is not a mapping")
        pairs = [pair for pair in holder.value if pair[0].value == last]
        if len(pairs) > 1:
            raise _Unsafe(f"it has {last} twice")
        if not pairs:
            return self._insert(holder, last, edit.value)
        key, old = pairs[0]
        return self._replace(key, old, edit.value, holder)

    def _at(self, way: list[str | int]) -> yaml.Node:
        node: yaml.Node = self._root
        for step in way:
            before = node
            if isinstance(node, yaml.MappingNode):
                found = [value for key, value in node.value if key.value == step]
                if len(found) != 1:
                    raise _Unsafe(f"{step} comes from a merge key, or is there twice")
                node = found[0]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                node = node.value[step]
            if not before.start_mark.index <= node.start_mark.index <= before.end_mark.index:
                raise _Unsafe("it is an alias, and its value is somewhere else")
        return node

    def _insert(self, holder: yaml.MappingNode, key: str, value: Any) -> str:
        if holder.flow_style:
            return self._insert_in_flow(holder, key, value)
        # behind a field whose value is in its own line: a comment above a field stays with that field
        for before, of in holder.value:
            is_short = isinstance(of, yaml.ScalarNode) and of.style not in ("|", ">")
            if is_short and before.start_mark.line == of.end_mark.line and of.start_mark.index >= before.end_mark.index:
                at = self._line_end(of.end_mark.index)
                indent = before.start_mark.column
                lines = "".join(f"{self._end}{' ' * indent}{each}" for each in self._block(key, value, holder))
                return self._text[:at] + lines + self._text[at:]
        first = holder.value[0][0].start_mark
        line = self._text[first.index - first.column : first.index]
        if line.strip():  # it stands behind a dash
            raise _Unsafe("it has no line of its own")
        lines = "".join(f"{' ' * first.column}{each}{self._end}" for each in self._block(key, value, holder))
        at = first.index - first.column
        return self._text[:at] + lines + self._text[at:]

    def _insert_in_flow(self, holder: yaml.MappingNode, key: str, value: Any) -> str:
        entry = f"{json.dumps(key) if self._is_json else key}: {self._flow(value)}"
        opening = self._text.index("{", holder.start_mark.index)
        if not holder.value:
            return self._text[: opening + 1] + entry + self._text[opening + 1 :]
        first = holder.value[0][0].start_mark.index
        between = self._text[opening + 1 : first]
        gap = between if between.strip() == "" and "\n" in between else " "
        return self._text[:first] + entry + "," + gap + self._text[first:]

    def _replace(self, key: yaml.Node, old: yaml.Node, value: Any, holder: yaml.MappingNode) -> str:
        start, end = old.start_mark.index, old.end_mark.index
        if start < key.end_mark.index:
            raise _Unsafe("it is an alias, and its value is somewhere else")
        if isinstance(old, yaml.ScalarNode) and start < end and not isinstance(value, Mapping):
            return self._text[:start] + self._flow(value) + self._text[end:]
        if isinstance(old, yaml.CollectionNode) and old.flow_style:
            return self._text[:start] + self._flow(value) + self._text[end:]
        if isinstance(old, yaml.ScalarNode) and start == end and isinstance(value, Mapping):
            return self._fill(key, value, holder)
        if not isinstance(old, yaml.MappingNode):
            raise _Unsafe("its value has another type")
        return self._replace_block(key, old, value)

    def _fill(self, key: yaml.Node, value: Mapping[str, Any], holder: yaml.MappingNode) -> str:
        """Of a field without a value, as charts render `lifecycle:`: what it is to hold, below it."""
        if holder.flow_style:
            raise _Unsafe("its value has another type")
        at = self._line_end(key.end_mark.index)
        indent = " " * (key.start_mark.column + self._step(holder))
        lines = (f"{self._end}{indent}{each}" for name in value for each in self._block(name, value[name], holder))
        return self._text[:at] + "".join(lines) + self._text[at:]

    def _replace_block(self, key: yaml.Node, old: yaml.MappingNode, value: Any) -> str:
        start = self._line_start(old.start_mark.index)
        if self._text[start : old.start_mark.index].strip():
            raise _Unsafe("it begins on the line of another field")
        scalars = list(_scalars(old))
        last = max(each.end_mark.index for each in scalars)
        end = self._line_end(start + len(self._text[start:last].rstrip()))
        comments = self._comments(start, end, scalars)
        indent = " " * old.start_mark.column
        lines = [*comments, *(f"{indent}{each}" for name in value for each in self._block(name, value[name], old))]
        return self._text[:start] + self._end.join(lines) + self._text[end:]

    def _comments(self, start: int, end: int, scalars: list[yaml.ScalarNode]) -> list[str]:
        """The comments between the lines that go, each a line of its own."""
        kept = []
        inside = [(each.start_mark.index, each.end_mark.index) for each in scalars]
        for found in re.finditer(r"(?:^|(?<=\s))#.*", self._text[start:end], re.MULTILINE):
            at = start + found.start()
            if any(begin <= at < stop for begin, stop in inside):
                continue
            line = self._text[self._line_start(at) : self._line_end(at)]
            if line[: at - self._line_start(at)].strip():
                raise _Unsafe("a comment follows on a line that the fix would remove")
            kept.append(line)
        return kept

    def _block(self, key: str, value: Any, holder: yaml.MappingNode) -> list[str]:
        """A field in block style, without the indentation of its first line."""
        step = " " * self._step(holder)
        if not isinstance(value, Mapping):
            return [f"{key}: {self._flow(value)}"]
        return [f"{key}:", *(f"{step}{line}" for name in value for line in self._block(name, value[name], holder))]

    def _step(self, holder: yaml.MappingNode) -> int:
        """How much deeper a mapping in a mapping is indented hereabouts."""
        for key, value in (*holder.value, *self._root.value):
            if isinstance(value, yaml.MappingNode) and not value.flow_style and value.value:
                step: int = value.start_mark.column - key.start_mark.column
                if 0 < step <= 8:
                    return step
        return 2

    def _flow(self, value: Any) -> str:
        if not isinstance(value, Mapping):
            return json.dumps(value)
        fields = (f"{json.dumps(key) if self._is_json else key}: {self._flow(each)}" for key, each in value.items())
        return f"{{{', '.join(fields)}}}"

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        """Before the line's end, `\\r` included."""
        end = self._text.find("\n", at)
        end = len(self._text) if end == -1 else end
        return end - 1 if self._text[end - 1 : end] == "\r" and end > at else end


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _scalars(key)
            yield from _scalars(value)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _scalars(each)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


__all__: Final = ["Fix", "Fixed", "Replacement", "fixed", "offered", "write"]
