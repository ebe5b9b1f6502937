"""docs/image.md as it must be: each command's output is what the command prints now.

`python -m tests.cli.image.page` prints the page; `make docs` writes it.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from tests.cli.commands import PATHS
from tests.cli.image import building, serving
from tests.cli.image.building import PLAIN, Image, archive, file, layer, layout, saved, symlink
from tests.cli.image.cases import CASES
from tests.cli.image.serving import Registry

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = ROOT / "docs/image.md"
HOST: Final = "localhost:5000"  # where the page has a registry
DEBIAN: Final = (
    "[ bash cat chmod chown cp cut dash date echo env expr false find grep head hostname id ln ls mawk mkdir mv nohup "
    "pidof printf rm sed seq sleep sort stat tail tee test timeout touch tr true wc xargs"
)
WEB: Final = Image(
    [
        layer(
            symlink("bin", "usr/bin"),
            *(file(f"usr/bin/{each}") for each in DEBIAN.split()),
            symlink("usr/bin/sh", "dash"),
            symlink("usr/bin/awk", "/etc/alternatives/awk"),
            symlink("etc/alternatives/awk", "/usr/bin/mawk"),
        ),
        layer(file("app/web"), file("usr/local/bin/drain")),
    ],
    PLAIN,
    {"Entrypoint": ["/app/web"], "Cmd": ["--port", "8080"], "User": "1000", "StopSignal": "SIGQUIT"},
)
ARM: Final = Image([layer(file("bin/sh"))], PLAIN, platform="linux/arm64")


class Run(Protocol):
    def __call__(self, command: str) -> tuple[int, str]: ...


@contextmanager
def running() -> Iterator[Run]:
    """Runs a command line in a folder with the files of the page, a registry, and a `docker` that saves one image."""
    with tempfile.TemporaryDirectory() as folder, serving.serving(Registry()) as registry:
        here, programs = Path(folder), Path(folder) / "programs"
        building.write_folder(
            {
                "web.tar": archive(saved(WEB, "acme/web:1.4")),
                "many.tar": archive(layout(WEB, ARM, manifests=[WEB.in_index, ARM.in_index])),
                "programs/lifecycle": f'#!/bin/sh\nexec {sys.executable} -m lifecycle_cli "$@"\n'.encode(),
                "programs/docker": b'#!/bin/sh\ntest "$*" = "save acme/web" && cat web.tar\n',
            },
            here,
        )
        for name in ("lifecycle", "docker"):
            (programs / name).chmod(0o755)
        registry.put(WEB, "1.4")
        host = registry.address.removeprefix("http://")
        env = {"HOME": folder, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": PATHS}

        def run(command: str) -> tuple[int, str]:
            done = subprocess.run(
                ["bash", "-c", command.replace(HOST, host)],
                cwd=here,
                env=env,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            return done.returncode, done.stdout.replace(host, HOST)

        yield run


def page() -> str:
    text = PAGE.read_text()
    with running() as run:
        text = re.sub(
            r"```console\n\$ (.*)\n(?:.*\n)*?```",
            lambda block: f"```console\n$ {block[1]}\n{_shown(run(block[1])[1])}```",
            text,
        )
        entry = json.loads(run("lifecycle image web.tar --output json")[1])["entry"]
    lacks = json.dumps(entry["lacks"])
    config = f"""\
shutdown-practice:
  images:
    - name: {entry["name"]}
      tag: "{entry["tag"]}"
      lacks: {lacks}
"""
    text = re.sub(r"```yaml\n.*?```", lambda _: f"```yaml\n{config}```", text, flags=re.DOTALL)
    return re.sub(r"compare\n.* cases", f"compare\n{len(CASES)} cases", text)


def _shown(output: str) -> str:
    """Of a long JSON the two first programs."""
    if not output.startswith("{"):
        return output
    found = json.loads(output)
    found["programs"] = dict(list(found["programs"].items())[:2])
    text = re.sub(r"\[\n([^\[\]{}]*)\]", lambda each: f"[{' '.join(each[1].split())}]", json.dumps(found, indent=2))
    return text.replace("    }\n  },\n", "    },\n    …\n  },\n") + "\n"


if __name__ == "__main__":
    print(page(), end="")
