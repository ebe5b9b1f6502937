"""What is in the images of the hooks that are judged: read, not guessed, each image once."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lifecycle_rules import Image, containers, pod_specs
from lifecycle_rules.accepted import EVENTS
from lifecycle_rules.model import items
from lifecycle_rules.script import script_of

from .image import Contents, ImageError, inspected


class Unread(NamedTuple):
    """An image that could not be read, and why, in one line that names it."""

    image: str
    why: str


class Inspector:
    """Reads the images of exec hooks."""

    def __init__(self) -> None:
        self._read: dict[str, Contents | Unread] = {}

    def images(self, kind: str, value: Mapping[str, Any]) -> tuple[list[Image], list[Unread]]:
        """Of the exec hooks in an object: what their images lack, and the images that could not be read."""
        found, unread = [], []
        for image, programs in self._asked(kind, value):
            contents = self._contents(image)
            if isinstance(contents, Unread):
                unread.append(contents)
                continue
            entry = contents.entry(programs)
            found.append(Image(entry["name"], lacks=frozenset(entry["lacks"]), tag=entry.get("tag", "*")))
        return found, unread

    def has_read(self, image: object) -> bool:
        """Whether what is said of an image was seen in it."""
        return isinstance(image, str) and isinstance(self._read.get(image), Contents)

    def _asked(self, kind: str, value: Mapping[str, Any]) -> Iterator[tuple[str, frozenset[str]]]:
        asked: dict[str, frozenset[str]] = {}
        for pod in pod_specs(kind, value):
            for each in containers(pod):
                image = each.spec.get("image")
                for hook in map(each.hook, EVENTS):
                    action = hook.get("exec") if isinstance(hook, dict) else None
                    if isinstance(action, dict) and isinstance(image, str):
                        programs = script_of(items(action.get("command"))).programs - {""}
                        asked[image] = asked.get(image, frozenset()) | programs
        yield from asked.items()

    def _contents(self, image: str) -> Contents | Unread:
        if image not in self._read:
            try:
                self._read[image] = inspected(image)
            except ImageError as error:
                self._read[image] = Unread(image, str(error))
        return self._read[image]
