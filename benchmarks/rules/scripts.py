"""One hook with a long text, in shapes that ask different things of the rules.

Commands are an ordinary script; one word has nothing to split; what opens and never closes no parser can be
done with; an argument and a program's name are not a shell's, so the rules look for shell syntax in them.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

SIZES: Final[Mapping[str, int]] = {"1 KB": 1 << 10, "16 KB": 1 << 14, "1 MB": 1 << 20, "10 MB": 10 << 20}


def pod(command: list[str]) -> dict[str, Any]:
    container = {"name": "app", "image": "nginx", "lifecycle": {"preStop": {"exec": {"command": command}}}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "long"}, "spec": {"containers": [container]}}


def _commands(number: int, size: int) -> list[str]:
    line = f'echo "step of release {number}" >> /var/log/drain && sync\n'
    return _script((line * (size // len(line))).ljust(size, "#"))  # whole lines: a cut one would not parse


def _one_word(number: int, size: int) -> list[str]:
    return _script(f"x{number}".ljust(size, "x"))


def _open(number: int, size: int) -> list[str]:
    return _script(f"echo {number} ".ljust(size, "("))


def _substitutions(number: int, size: int) -> list[str]:
    return _script((f"echo {number} " + '"$(echo ' * (size // 8 + 1))[:size])


def _argument(number: int, size: int) -> list[str]:
    return ["/usr/local/bin/drain", f"--release={number}", ("two words $ " * (size // 12 + 1))[:size]]


def _program(number: int, size: int) -> list[str]:
    return [f"/usr/local/bin/drain{number}".ljust(size, "/")]


def _script(text: str) -> list[str]:
    return ["/bin/sh", "-c", text]


SHAPES: Final[Mapping[str, Callable[[int, int], list[str]]]] = {
    "script: commands": _commands,
    "script: one word": _one_word,
    "script: open parentheses": _open,
    "script: open substitutions": _substitutions,
    "argument of another program": _argument,
    "a program's name": _program,
}
