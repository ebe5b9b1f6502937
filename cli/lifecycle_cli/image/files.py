"""The file system that an image's layers make: names, links and execute bits, and nothing of what is in the files.

Layers are put on each other as overlayfs does it, with which the runtimes of Kubernetes mount them: a folder in an
upper layer hides a link or a file of its name in a lower one, also where the link leads to a folder
(NixOS/nixpkgs#110696: a layer with a folder bin, over /bin -> usr/bin, takes /bin/sh away).
"""

from collections.abc import Iterator
from typing import Final, Union

from .errors import Damage
from .tar import Kind, Member
from .work import Work

MAX_PATH: Final = 4096  # bytes, as in Linux
_MAX_LINKS: Final = 40  # that Linux follows for one path
_MAX_LINKS_UNPACKING: Final = 255  # that containerd follows for the folder of a file which it unpacks
_WHITEOUT: Final = ".wh."
_OPAQUE: Final = ".wh..wh..opq"
_HOW: Final = "Build the image again, or ask its publisher to do so"

# Of a file, whether it can be executed; of a symbolic link, where it leads; of a hard link to a file in a lower layer,
# that file's path; None for a name that the layer takes away.
Node = Union["Folder", bool, str, tuple[str, ...], None]


class Folder(dict[str, Node]):
    __slots__ = ("opaque",)

    def __init__(self) -> None:
        self.opaque = False
        """Whether it hides what lower layers have in it."""


class Layer:
    """What one layer brings and takes away."""

    def __init__(self, work: Work) -> None:
        self.root = Folder()
        self._below: list[tuple[Folder, str]] = []
        self._work = work
        self._last = ""
        self._last_folder: Folder | None = self.root

    def add(self, member: Member) -> None:
        """Raises Damage for what no runtime would unpack."""
        self._work.named(len(member.name))
        if len(member.name) > MAX_PATH or len(member.link) > MAX_PATH:
            raise _wrong(f"it has a path of {max(len(member.name), len(member.link))} characters")
        parts = clean(member.name)
        if not parts:
            return
        *above, name = parts
        folder = self._folder(above)
        if name.startswith(_WHITEOUT):
            self._take_away(folder, name)
        elif member.kind is Kind.FOLDER:
            if not isinstance(folder.get(name), Folder):
                self._put(folder, name, Folder())
        elif member.kind is Kind.HARD_LINK:
            self._put(folder, name, self._linked(clean(member.link), member.link))
            if isinstance(folder[name], tuple):
                self._below.append((folder, name))
        elif member.kind is Kind.SYMLINK:
            self._put(folder, name, member.link)
        elif member.kind is Kind.OTHER:
            raise _wrong(f"{member.name} is neither a file nor a folder nor a link")
        else:
            self._put(folder, name, member.kind is Kind.FILE and bool(member.mode & 0o111))

    def put_on(self, lower: Folder) -> None:
        """Makes of the file system below what it is with this layer on it."""
        for folder, name in self._below:
            path = folder.get(name)
            if isinstance(path, tuple):
                folder[name] = _of_lower_layer(lower, path, self._work)
        todo = [(lower, self.root)]
        while todo:
            below, above = todo.pop()
            if above.opaque:
                below.clear()
            for name, node in above.items():
                if node is None:
                    below.pop(name, None)
                elif isinstance(node, Folder):
                    known = below.get(name)
                    if not isinstance(known, Folder):
                        known = below[name] = Folder()
                    todo.append((known, node))
                else:
                    below[name] = node

    def _take_away(self, folder: Folder, name: str) -> None:
        """Only what is below: what the same layer brings stays, wherever in it the whiteout is.

        Beside a folder of its name it takes nothing away: so does containerd, which then sees the folder alone (the
        specification would have the lower folder hidden).
        """
        if name == _OPAQUE:
            folder.opaque = True
            return
        name = name[len(_WHITEOUT) :]
        if name in ("", ".", ".."):
            raise _wrong(f"a whiteout names {name or 'nothing'!r}")
        folder.setdefault(name, None)

    def _put(self, folder: Folder, name: str, node: Node) -> None:
        if isinstance(folder.get(name), Folder | str):
            self._last_folder = None  # it may have been on the way there
        folder[name] = node

    def _folder(self, parts: list[str]) -> Folder:
        """The folder of a file, made if need be; links on the way are followed in this layer alone, as runtimes do."""
        path = "/".join(parts)
        if self._last_folder is not None and self._last == path:
            return self._last_folder
        way = [self.root]
        todo = parts[::-1]
        links = 0
        while todo:
            part = todo.pop()
            if part == "..":
                del way[max(len(way) - 1, 1) :]
                continue
            node = way[-1].get(part)
            if node is None:
                self._work.named(len(part))
                node = way[-1][part] = Folder()
            if isinstance(node, str):
                links += 1
                if links > _MAX_LINKS_UNPACKING:
                    raise _wrong(f"the links in /{path} form a loop")
                if node.startswith("/"):
                    del way[1:]
                target = parts_of(node)
                self._work.followed(len(target))
                todo += target[::-1]
            elif isinstance(node, Folder):
                way.append(node)
            else:
                raise _wrong(f"/{path} is a folder, and a part of it is a file")
        self._last, self._last_folder = path, way[-1]
        return way[-1]

    def _linked(self, parts: list[str], path: str) -> Node:
        """The file that a hard link is another name of; its path where this layer does not have it."""
        if not parts:
            raise _wrong(f"{path!r} is not a file that a link could name")
        node = _at(self.root, parts, self._work)
        if isinstance(node, Folder):
            raise _wrong(f"a hard link names the folder {path}")
        return tuple(parts) if node is None else node


Way = list[tuple[str, Folder]]
"""The root and the folders below it to a folder, each with its name."""


def follow(way: Way, parts: list[str], work: Work) -> tuple[Way, str, bool] | None:
    """Where a path that starts in a folder ends, as Linux finds it; None where that is nowhere.

    The way to the folder, and the name of the file in it and whether it can be executed; no name for a folder.
    """
    way = way.copy()
    todo = parts[::-1]
    links = 0
    while todo:
        part = todo.pop()
        if part == "..":
            del way[max(len(way) - 1, 1) :]
            continue
        node = way[-1][1].get(part)
        if isinstance(node, Folder):
            way.append((part, node))
        elif isinstance(node, str) and node:
            links += 1
            if links > _MAX_LINKS:
                return None
            if node.startswith("/"):
                del way[1:]
            target = parts_of(node)
            work.followed(len(target))
            todo += target[::-1]
        elif isinstance(node, bool) and not todo:
            return way, part, node
        else:
            return None
    return way, "", False


def folders(root: Folder) -> Iterator[Way]:
    """The way to every folder that has a path which Linux takes. It is one list, which changes with the next."""
    way: Way = [("", root)]
    below = [_folders_in(root)]
    length = 0
    yield way
    while below:
        following = next(below[-1], None)
        if following is None:
            below.pop()
            length -= 1 + len(way.pop()[0])
        elif length + 1 + len(following[0]) < MAX_PATH:
            way.append(following)
            below.append(_folders_in(following[1]))
            length += 1 + len(following[0])
            yield way


def _folders_in(folder: Folder) -> Iterator[tuple[str, Folder]]:
    return ((name, node) for name, node in folder.items() if isinstance(node, Folder))


def path_of(way: Way) -> str:
    """`/usr/bin`; empty for the root, so that `/` and a name may follow."""
    return "/".join([name for name, _ in way])


def _of_lower_layer(lower: Folder, path: tuple[str, ...], work: Work) -> Node:
    node = _at(lower, list(path), work)
    if node is None or isinstance(node, Folder):
        raise _wrong(f"a hard link names /{'/'.join(path)}, which is not a file")
    return node


def _at(root: Folder, parts: list[str], work: Work) -> Node:
    """What stands there, itself and not where it leads if it is a symbolic link; None for nothing."""
    found = follow([("", root)], parts[:-1], work)
    return found[0][-1][1].get(parts[-1]) if found and not found[1] else None


def clean(path: str) -> list[str]:
    """The parts of a path in an archive; `..` takes the part before it away, and does not lead out of the root."""
    found: list[str] = []
    for part in parts_of(path):
        if part != "..":
            found.append(part)
        elif found:
            found.pop()
    return found


def parts_of(path: str) -> list[str]:
    """The names in a path, `..` among them."""
    return [each for each in path.split("/") if each not in ("", ".")]


def _wrong(what: str) -> Damage:
    return Damage(f"no container runtime unpacks it: {what}", _HOW)
