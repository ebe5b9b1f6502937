"""conftest, of the version that go.mod beside it pins, with one rule in Rego: that a preStop is there."""

from pathlib import Path
from typing import Final

from benchmarks.go_tool import entry
from sandbox import cache

HERE: Final = Path(__file__).parent
MODULE: Final = HERE / "conftest"
POLICY: Final = HERE / "policy"
ENTRY: Final = entry("conftest", MODULE, "github.com/open-policy-agent/conftest", needs_bytes=3 << 30)


class Conftest:
    """Builds the program if need be; raises SandboxError where it cannot."""

    def __init__(self) -> None:
        self.version: Final = ENTRY.version
        self._program: Final = cache.ensure(ENTRY) / ENTRY.name

    def command(self, manifests: Path) -> list[str | Path]:
        return [self._program, "test", "--no-color", "--policy", POLICY, manifests]
