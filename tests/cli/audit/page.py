"""docs/audit.md: its commands are run on what the sandbox's node had (shop.json, by recording.py).

`python -m tests.cli.audit.page` prints the page with today's output, for `make docs`.
"""

import datetime
import json
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

HERE = Path(__file__).resolve()
ROOT = HERE.parents[3]
sys.path[:0] = [str(ROOT / each) for each in ("cli", "policies", "components", "tests/cli")]

from audit.api import Api, served  # noqa: E402
from commands import lifecycle  # noqa: E402

PAGE = ROOT / "docs" / "audit.md"
_BLOCK = re.compile(r"^```console\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_NOW = datetime.datetime(2026, 11, 27, 11, 45, tzinfo=datetime.timezone.utc)  # soon after it was recorded


def page(text: str, folder: Path) -> str:
    """The page with the output of its commands."""
    objects = json.loads((HERE.parent / "shop.json").read_text())
    with served(folder, *objects) as api, mock.patch("lifecycle_cli.audit.age.now", lambda: _NOW):

        def run(block: re.Match[str]) -> str:
            lines = [line for line in block["text"].splitlines() if line.startswith("$ ")]
            return "```console\n" + "\n".join(each for line in lines for each in _run(line, api, folder)) + "\n```"

        return _BLOCK.sub(run, text)


def _run(line: str, api: Api, folder: Path) -> Iterator[str]:
    command, *args = shlex.split(line.removeprefix("$ "))
    assert command == "lifecycle", line
    api.forbidden = {"deployments", "services"} if "team" in args else set()
    said = lifecycle(*args, cwd=folder, KUBECONFIG=str(api.kubeconfig))
    yield line
    server = api.kubeconfig.read_text().split("server: ")[1].split()[0]
    yield from (each.rstrip().replace(server, "https://10.0.0.1:6443") for each in (said.out + said.err).splitlines())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        print(page(PAGE.read_text(), Path(made)), end="")
