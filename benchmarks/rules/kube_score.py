"""kube-score, built from the module that go.mod beside it pins, into the sandbox's tool cache."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sandbox import cache
from sandbox.parts import go_build

from .measure import GIB, Took, ran

MODULE: Final = Path(__file__).parent / "kube-score"
PACKAGE: Final = "github.com/zegl/kube-score"


class KubeScore:
    """Builds the program if need be; raises SandboxError where it cannot."""

    def __init__(self) -> None:
        pins = {name: (MODULE / name).read_text() for name in ("go.mod", "go.sum")}
        found = re.search(rf"{re.escape(PACKAGE)} (v\S+)", pins["go.mod"])
        assert found, f"{MODULE}/go.mod does not require {PACKAGE}"
        self.version: Final = found[1]
        entry = cache.Entry("kube-score", self.version, "".join(pins.values()).encode(), _build, GIB, ("go",))
        self._program: Final = cache.ensure(entry) / "kube-score"
        listed = subprocess.run([self._program, "list"], check=True, capture_output=True, text=True).stdout
        self._checks: Final = [line.partition(",")[0] for line in listed.splitlines()]

    def score(self, manifests: Path) -> tuple[Took, int]:
        """All checks that are on by default; what it took, and the number of lines it printed."""
        return self._run(manifests, [])

    def parse_only(self, manifests: Path) -> tuple[Took, int]:
        """The same with each check that it lists ignored: what is left is to read, to decode and to print nothing."""
        return self._run(manifests, ["--ignore-test", ",".join(self._checks)])

    def _run(self, manifests: Path, options: list[str]) -> tuple[Took, int]:
        output = manifests.with_suffix(".out")
        found = ran(self.command(manifests, options), output)
        return Took(found.cpu, found.wall), output.read_bytes().count(b"\n")

    def command(self, manifests: Path, options: Sequence[str] = ()) -> list[str | Path]:
        """All checks that are on by default, but for the options."""
        return [self._program, "score", "--output-format", "ci", *options, manifests]


def _build(made: Path) -> None:
    go_build(MODULE, made / "kube-score", "", (f"{PACKAGE}/cmd/kube-score",))
