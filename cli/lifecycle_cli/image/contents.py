"""What an image has: the programs that can be run in it, and what its config says of how it runs."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

from lifecycle_rules import IMAGES, parse_reference
from lifecycle_rules.shell import SHELLS

from .files import Folder, folders, follow, parts_of, path_of
from .work import Work

DEFAULT_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # where an image sets none
INTEREST: Final[frozenset[str]] = SHELLS.union(*(each.lacks for each in IMAGES))
"""The programs that rules ask about: shells, and what the table of images names."""
BUILT_IN: Final = frozenset({"[", "echo", "false", "kill", "printf", "test", "true"})
"""What every shell runs by itself, whether a file of that name is there or not."""
UNNAMED: Final = "REGISTRY/NAME"


class Program(NamedTuple):
    path: str
    """Where PATH finds it."""
    file: str
    """The file that it is, links followed."""


@dataclass(frozen=True)
class Contents:
    """What is known of an image without running it.

    A file counts as a program if anybody may execute it; whether the image's own user may is not judged.
    """

    reference: str
    """As it was asked for: an image reference, or the path of an archive."""
    names: tuple[str, ...]
    """The references that it has: the one that was asked for, or those that an archive notes."""
    digest: str
    """Of the manifest; of the config where an archive has no manifest."""
    platform: str
    """As `linux/amd64`."""
    path: tuple[str, ...]
    """The folders of PATH."""
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    user: str
    working_dir: str
    stop_signal: str
    executables: Mapping[str, Set[str]]
    """By real folder (empty for the root) the names of the files that can be executed."""
    links: Mapping[str, str]
    """The real paths of links that lead to such a file, or to a folder with some in it; and the real paths of these."""

    def find(self, name: str, path: Iterable[str] | None = None) -> Program | None:
        """What runs as `name`: in PATH, or in the folders of `path`; with a slash in it, it is a path itself."""
        if "/" in name:
            file = self.resolve(name)
            return Program(name, file) if file else None
        for folder in self.path if path is None else path:
            if folder.startswith("/") and (file := self.resolve(f"{folder}/{name}")):
                return Program(f"{folder.rstrip('/')}/{name}", file)
        return None

    def resolve(self, path: str) -> str:
        """The real path of a file that exists and can be executed; empty for any other.

        A relative path starts in the image's working directory.
        """
        if not path.startswith("/"):
            path = f"{self.working_dir}/{path}"
        *folder, name = parts_of(path) or [""]
        real = self._real(folder)
        found = self.links.get(f"{real}/{name}", f"{real}/{name}")
        above, _, last = found.rpartition("/")
        return found if last in self.executables.get(above, ()) else ""

    def can_run(self, path: str) -> bool:
        """Whether there is such a file, and it can be executed."""
        return bool(self.resolve(path))

    @cached_property
    def programs(self) -> Mapping[str, Program]:
        """Everything that can be run by name, sorted."""
        found: dict[str, Program] = {}
        for folder in self.path:
            real = self._real(parts_of(folder))
            names = [*self.executables.get(real, ()), *self._links_in.get(real, ())]
            for name in names if folder.startswith("/") else ():
                path = f"{folder.rstrip('/')}/{name}"
                if name not in found and (file := self.resolve(path)):
                    found[name] = Program(path, file)
        return dict(sorted(found.items()))

    def lacks(self, programs: Iterable[str] = INTEREST) -> frozenset[str]:
        """Of these the ones that cannot be run by name."""
        return frozenset(each for each in programs if not self.find(each))

    @property
    def built_in(self) -> frozenset[str]:
        """The programs that only the image's shells have, in a script of theirs."""
        return self.lacks(BUILT_IN) if self.lacks(SHELLS) != SHELLS else frozenset()

    def entry(self, also: Iterable[str] = ()) -> dict[str, Any]:
        """The entry for `images` of shutdown-practice: of INTEREST, and of the programs `also`, what it lacks.

        What is built into its shells is left out, for a script that calls it works.
        """
        named = next((found for each in self.names if (found := parse_reference(each))), None)
        return {
            "name": named.name if named else UNNAMED,
            **({"tag": named.tag} if named and named.tag else {}),
            "lacks": sorted(self.lacks(INTEREST.union(also)) - self.built_in),
        }

    @cached_property
    def _links_in(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for link in self.links:
            folder, _, name = link.rpartition("/")
            found.setdefault(folder, []).append(name)
        return found

    def _real(self, parts: Iterable[str]) -> str:
        real = ""
        for part in parts:
            real = real.rpartition("/")[0] if part == ".." else self.links.get(f"{real}/{part}", f"{real}/{part}")
        return real


def programs_in(root: Folder, work: Work) -> tuple[dict[str, frozenset[str]], dict[str, str]]:
    """The executables and the links of a whole file system, as Contents has them."""
    executables: dict[str, frozenset[str]] = {}
    links: dict[str, str] = {}
    to_folders: dict[str, str] = {}
    for way in folders(root):
        path = path_of(way)
        names = [name for name, node in way[-1][1].items() if node is True]
        if names:
            work.named(len(path))
            executables[path] = frozenset(names)
        for name, node in way[-1][1].items():
            if not isinstance(node, str):
                continue
            work.followed(len(way))
            found = follow(way, [name], work)
            if found and (found[2] or not found[1]):
                target = path_of(found[0])
                work.named(len(path) + len(target))
                if found[1]:
                    links[f"{path}/{name}"] = f"{target}/{found[1]}"
                else:
                    to_folders[f"{path}/{name}"] = target
    some_in = _with_parents(executables, work)
    links.update((link, target) for link, target in to_folders.items() if target in some_in)
    return executables, links


def _with_parents(paths: Iterable[str], work: Work) -> set[str]:
    found: set[str] = set()
    for path in paths:
        while path not in found:
            work.named(len(path))
            found.add(path)
            path = path.rpartition("/")[0]
    return found
