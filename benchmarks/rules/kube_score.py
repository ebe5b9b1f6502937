"""kube-score, of the version that go.mod beside it pins."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.go_tool import entry
from benchmarks.measure import Took, ran
from sandbox import cache

MODULE: Final = Path(__file__).parent / "kube-score"
PACKAGE: Final = "github.com/zegl/kube-score"


class KubeScore:
    """Builds the program if need be; raises SandboxError where it cannot."""

    def __init__(self) -> None:
        made = entry("kube-score", MODULE, PACKAGE, main="/cmd/kube-score")
        self.version: Final = made.version
        self._program: Final = cache.ensure(made) / made.name
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
