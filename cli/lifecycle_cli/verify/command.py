"""`lifecycle verify`: waits for the Pod, looks into the file, and says what it found."""

import argparse
import sys
import textwrap
import time
from typing import Any, Final

from ..cluster.access import Cluster
from ..cluster.errors import ClusterError
from . import files
from .state import count, is_over, wanting

FOUND, NOT_JUDGED = 1, 2
_POLL_SECONDS: Final = 0.25
_SHOWN: Final = 20  # lines of a file that has not what was expected
_WIDTH: Final = 200  # characters of a line


def run(args: argparse.Namespace) -> int:
    """The exit status. Raises ClusterError where it cannot be seen."""
    if args.expect_text is not None and not args.expect_file:
        print("lifecycle verify: --expect-text: name the file to look into with --expect-file PATH", file=sys.stderr)
        return NOT_JUDGED
    cluster = Cluster.connect(args.kubeconfig, args.context, args.namespace)
    name = args.pod.removeprefix("pod/")
    deadline = time.monotonic() + args.timeout
    pod = cluster.get("Pod", name, cluster.namespace)
    container = _container(pod, args.container) if args.expect_file or args.container else ""
    while wanting(pod) and not is_over(pod) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        pod = cluster.get("Pod", name, cluster.namespace)
    where = f"Pod {cluster.namespace}/{name}"
    if lines := wanting(pod):
        phase = pod["status"].get("phase", "unknown")
        after = "" if is_over(pod) else f" after {args.timeout:g} s"
        print(f"{where}: phase {phase}, not Running and Ready{after}", *lines, sep="\n    ")
        return FOUND
    containers = count(pod)
    print(f"{where}: Running and Ready ({containers} container{'s' if containers > 1 else ''})")
    if not args.expect_file:
        return 0
    left = deadline - time.monotonic()
    return _look(args, files.read(cluster, name, container, args.expect_file, left))


def _look(args: argparse.Namespace, file: files.File) -> int:
    path, wanted = args.expect_file, args.expect_text
    if file.failed:
        print(f"{path}: {file.failed.removeprefix(f'cat: {path}: ')}")
        return FOUND
    if wanted is None or wanted in file.text:
        line = next((each for each in file.text.splitlines() if (wanted or "") in each), wanted or "")
        print(f"{path}: {_printable(line.strip())}".rstrip())
        return 0
    shown = [_printable(each) for each in file.text.splitlines()[:_SHOWN]]
    print(f"{path}: expected {wanted!r}, and " + ("it holds:" if shown else "it is empty"))
    print(textwrap.indent("\n".join(shown), "    "), end="\n" if shown else "")
    if not file.is_whole or len(file.text.splitlines()) > _SHOWN:
        print("    …" + ("" if file.is_whole else " (only its first MiB was read)"))
    return FOUND


def _printable(line: str) -> str:
    text = "".join(
        each if each.isprintable() or each == "\t" else "\N{REPLACEMENT CHARACTER}" for each in line[:_WIDTH]
    )
    return text + ("…" if len(line) > _WIDTH else "")


def _container(pod: dict[str, Any], named: str | None) -> str:
    spec = pod["spec"]
    names = [each["name"] for field in ("containers", "initContainers") for each in spec.get(field) or ()]
    if named and named not in names:
        raise ClusterError(f"Pod {pod['metadata']['name']} has no container {named}; it has {', '.join(names)}")
    return named or str(names[0])
