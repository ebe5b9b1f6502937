"""A registry for a node, in the node's own network: its containerd pulls from a folder of this machine.

So the Pods of every cluster run the same images. Loading them into a node would not do (`kind load`): the kubelet asks
the registry for an untagged image each time, gets the public one of the same name or, for `nginx-sigterm`, none.
"""

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from sandbox import parts
from sandbox.rollout import inside

EVERY: Final = "_default"  # containerd's name for the registries that have no folder of their own
OURS: Final = ("nginx-sigterm", "registry.k8s.io/pause:sandbox")  # what no public registry has
CONFIG: Final = "etc/containerd/certs.d"
MARK: Final = "# Of tests/cluster, while they run.\n"
# Runs as the node's registry does, in a process of its own; it ends with the process that started it.
SERVE: Final = """
import functools, http.server, sys, threading
sys.path.insert(0, sys.argv[1])
import registry
handler = functools.partial(registry.Registry, directory=sys.argv[2])
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
"""


@contextlib.contextmanager
def registry(folder: Path, before: Sequence[str] = ()) -> Iterator[str]:
    """Serves the images of a folder, which has them as sandbox/parts.py writes them; the registry's name."""
    guest = Path(parts.__file__).parent / "guest"
    command = [*before, sys.executable, "-c", SERVE, str(guest), str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout
            yield f"127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()


@contextlib.contextmanager
def served(node: Any, folder: Path, name: str = EVERY) -> Iterator[None]:
    """The node pulls the images of registry `name` from the folder; a registry that the node itself has goes first."""
    file = Path(f"/proc/{node.init()}/root", CONFIG, name, "hosts.toml")
    if file.exists() and not file.read_text().startswith(MARK):
        yield
        return
    with registry(folder, inside(node)) as address:
        file.parent.mkdir(parents=True, exist_ok=True)
        server = f"http://{address}"
        file.write_text(f'{MARK}server = "{server}"\n[host."{server}"]\n  capabilities = ["pull", "resolve"]\n')
        try:
            yield
        finally:
            file.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # where more lies there, it is not ours
                file.parent.rmdir()
