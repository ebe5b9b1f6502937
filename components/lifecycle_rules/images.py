"""Which programs images lack: a table that a caller can extend, matched on image references.

    check("Pod", pod, images=(*IMAGES, Image("ghcr.io/acme/*", lacks=SHELLS)))

It knows what an image's publisher says about it, not what is in the image that a cluster runs: a heuristic.
The table itself is in known_images.py.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import translate
from functools import cached_property
from typing import Final

# The grammar of distribution/reference, which containerd uses too.
_REFERENCE: Final = re.compile(
    r"(?:(?P<registry>(?:localhost|[\w-]+(?:\.[\w-]+)+|[\w-]+(?=:\d+/)|\[[0-9a-fA-F:]+\])(?::\d+)?)/)?"
    r"(?P<repository>[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?",
    re.ASCII,
)
DEFAULT_REGISTRY: Final = "docker.io"
_NOTHING: Final[frozenset[str]] = frozenset()
MAX_REFERENCE: Final = 512  # longer ones are none; what Docker's and containerd's grammar allows is shorter


@dataclass(frozen=True)
class Reference:
    """An image reference with its defaults: `nginx` is `docker.io/library/nginx` with the tag `latest`."""

    registry: str
    repository: str
    tag: str
    """Empty where a digest alone names the image."""
    digest: str

    @property
    def name(self) -> str:
        return f"{self.registry}/{self.repository}"


_VERSION: Final = re.compile(r"v?[0-9]{1,18}(?:\.[0-9]{1,18})*", re.ASCII)
_PLACE: Final = "\0"  # of a version in a translated pattern: no tag has this character
_KEPT: Final = 1024  # references of a table, with what their images lack
_TABLES: Final = 8  # tables that are kept


@dataclass(frozen=True)
class Image:
    """An entry of the table: which images, and the programs that they lack.

    Raises ValueError if `since` or `before` is not a version, or if the tag has no `#` for it.
    """

    name: str
    """Registry and repository, e.g. `docker.io/library/nginx`, or `nginx` as in a Pod; `*` matches any characters."""
    lacks: frozenset[str]
    tag: str = ""
    """Patterns separated by `|`. `*` matches any characters, and `#` a version with or without its `v`, so a single `#`
    matches `v1.8.5` but not `v1.8.5-debug`. Empty means every tag, or `#` if there is a `since` or a `before`."""
    since: str = ""
    """The first version that the entry covers, e.g. `1.8.5`: the first `#` must match this version or a later one."""
    before: str = ""
    """The first version that the entry no longer covers. A shorter tag, such as `1.8`, counts as the newest version of
    its line."""
    source: str = ""
    """The evidence: an issue as `owner/repo#number`, a file as `owner/repo path`, or a URL."""

    def __post_init__(self) -> None:
        for key, version in (("since", self.since), ("before", self.before)):
            if version and not _VERSION.fullmatch(version):
                raise ValueError(f"{self.name}: {key}: {version!r} is not a version; write it like 1.8.5")
            if version and "#" not in self._tag:
                raise ValueError(f"{self.name}: {key}: the tag {self.tag!r} has no # for the version")

    @cached_property
    def full_name(self) -> str:
        """With the registry, and the repository `library`, that a name without them has."""
        first, is_path, _ = self.name.partition("/")
        if re.search(r"[*?[]", first) or (is_path and (first == "localhost" or re.search("[.:]", first))):
            return self.name
        return f"{DEFAULT_REGISTRY}/{'' if is_path else 'library/'}{self.name}"

    @property
    def takes_every_tag(self) -> bool:
        return self._tag == "*"

    def takes(self, tag: str) -> bool:
        """Whether it holds for an image with this tag."""
        return any(self._holds_of(found) for each in self._tags if (found := each.match(tag)))

    @property
    def _tag(self) -> str:
        return self.tag or ("#" if self.since or self.before else "*")

    @cached_property
    def _tags(self) -> tuple[re.Pattern[str], ...]:
        return tuple(map(_pattern, self._tag.split("|")))

    def _holds_of(self, found: re.Match[str]) -> bool:
        version = found.groupdict().get("version")
        if version is None:  # the pattern has no `#`
            return True
        given = (*_numbers(version), math.inf)
        return (not self.since or given >= _numbers(self.since)) and (not self.before or given < _numbers(self.before))


def _pattern(text: str) -> re.Pattern[str]:
    """Of one of a tag's patterns, with the version that its first `#` takes as a group."""
    pattern = translate(text.replace("#", _PLACE)).replace(_PLACE, f"(?P<version>{_VERSION.pattern})", 1)
    return re.compile(pattern.replace(_PLACE, f"(?:{_VERSION.pattern})"))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.removeprefix("v").split(".")))


def parse_reference(text: str) -> Reference | None:
    """The parts of an image reference, or None if it is not one."""
    found = _REFERENCE.fullmatch(text) if len(text) <= MAX_REFERENCE else None
    if found is None:
        return None
    registry, repository = found["registry"] or DEFAULT_REGISTRY, found["repository"]
    if registry == DEFAULT_REGISTRY and "/" not in repository:
        repository = f"library/{repository}"
    digest = found["digest"] or ""
    return Reference(registry, repository, found["tag"] or ("" if digest else "latest"), digest)


def lacks(image: object, images: tuple[Image, ...]) -> frozenset[str]:
    """The programs that an image is known to lack; of the entries that match it, the last one counts.

    An image named by digest alone may have any tag: it is known to lack what it lacks whichever it is.
    """
    return _table(images).lacks(image) if isinstance(image, str) and len(image) <= MAX_REFERENCE else _NOTHING


class _Table:
    """The entries by name, and what they said of the references that were asked for."""

    def __init__(self, images: tuple[Image, ...]) -> None:
        self.images = images
        self._literal: dict[str, list[tuple[int, Image]]] = {}
        self._patterns: list[tuple[re.Pattern[str], int, Image]] = []
        self._known: dict[str, frozenset[str]] = {}
        for place, each in enumerate(images):
            if re.search(r"[*?[]", each.full_name):
                self._patterns.append((re.compile(translate(each.full_name)), place, each))
            else:
                self._literal.setdefault(each.full_name, []).append((place, each))

    def lacks(self, image: str) -> frozenset[str]:
        known = self._known.get(image)
        if known is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            known = self._known[image] = self._find(image)
        return known

    def _find(self, image: str) -> frozenset[str]:
        reference = parse_reference(image)
        if reference is None:
            return _NOTHING
        entries = self._named(reference.name)
        if reference.tag:
            return next((each.lacks for each in entries if each.takes(reference.tag)), _NOTHING)
        lacking: list[frozenset[str]] = []
        for each in entries:
            lacking.append(each.lacks)
            if each.takes_every_tag:
                return frozenset.intersection(*lacking)
        return _NOTHING

    def _named(self, name: str) -> Iterator[Image]:
        """The entries for a name, the last one first."""
        found = [*self._literal.get(name, ()), *((at, each) for like, at, each in self._patterns if like.match(name))]
        return (each for _, each in sorted(found, reverse=True))  # by place


_tables: Final[list[_Table]] = []


def _table(images: tuple[Image, ...]) -> _Table:
    """Looked up by identity first, because comparing or hashing all entries costs more than a look-up among them."""
    for table in _tables:
        if table.images is images:
            return table
    for table in _tables:
        if table.images == images:
            table.images = images
            return table
    made = _Table(images)
    _tables.insert(0, made)
    del _tables[_TABLES:]
    return made
