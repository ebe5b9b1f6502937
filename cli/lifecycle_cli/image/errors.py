"""What goes wrong with an image: one line that names it, says what is wrong, and how to fix it."""

import json
import re
from typing import Any, Final

_UNPRINTABLE: Final = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\U0010ffff]+")
SAID: Final = 200  # characters of another's words in a message of ours


class ImageError(Exception):
    """An image that could not be read. Its text is one line: `IMAGE: what is wrong. How to fix it.`"""


class Fault(Exception):
    """What is wrong and how to fix it, before the image is known."""

    def __init__(self, what: str, how: str) -> None:
        super().__init__(what, how)
        self.what = what
        self.how = how

    def about(self, image: str) -> ImageError:
        return ImageError(f"{line(image)}: {self.what}. {self.how}.")


class Damage(Fault):
    """What is wrong with the content of a layer: it may be another than was asked for, which goes before."""

    def of(self, what: str) -> Fault:
        return Fault(f"{what}: {self.what}", self.how)


def line(text: str) -> str:
    """Another's words as a part of one line: no control characters, which move a terminal's cursor, and no end."""
    text = _UNPRINTABLE.sub(" ", text).strip()
    return text if len(text) <= SAID else f"{text[:SAID]}…"


def parsed(content: bytes, what: str) -> Any:
    """JSON that somebody else wrote. Raises Fault for what is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise Fault(f"{what} is not JSON", "Build or push the image again") from None


def document(content: bytes, what: str) -> dict[str, Any]:
    """The same, and an object."""
    found = parsed(content, what)
    if not isinstance(found, dict):
        raise Fault(f"{what} is not JSON object", "Build or push the image again")
    return found
