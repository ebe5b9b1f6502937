"""Programs of others, built from the Go module that pins them, into the sandbox's tool cache."""

import re
from pathlib import Path

from sandbox import cache
from sandbox.parts import GIB, go_build


def entry(name: str, module: Path, package: str, needs_bytes: int = GIB, main: str = "") -> cache.Entry:
    """What builds the program `name` of the version of `package` that `module`/go.mod pins.

    `main` is the path below the package of what is built, where it is not the package itself.
    """
    pins = {each: (module / each).read_text() for each in ("go.mod", "go.sum")}
    found = re.search(rf"{re.escape(package)} (v\S+)", pins["go.mod"])
    assert found, f"{module}/go.mod does not require {package}"

    def build(made: Path) -> None:
        go_build(module, made / name, "", (package + main,))

    return cache.Entry(name, found[1], "".join(pins.values()).encode(), build, needs_bytes, ("go",))
