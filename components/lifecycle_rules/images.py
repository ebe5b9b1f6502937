"""What images lack: a table that a caller can extend, matched on image references.

    check("Pod", pod, images=(*IMAGES, Image("ghcr.io/acme/*", lacks=SHELLS)))

It knows what an image's publisher says of it, not what is in the one that a cluster runs: a heuristic.
"""

import functools
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Final

from .shell import SHELLS

# The grammar of distribution/reference, which containerd uses too.
_REFERENCE: Final = re.compile(
    r"(?:(?P<registry>(?:localhost|[\w-]+(?:\.[\w-]+)+|[\w-]+(?=:\d+/)|\[[0-9a-fA-F:]+\])(?::\d+)?)/)?"
    r"(?P<repository>[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?",
    re.ASCII,
)
DEFAULT_REGISTRY: Final = "docker.io"
_NOTHING: Final[frozenset[str]] = frozenset()
MAX_REFERENCE: Final = 512  # longer ones are none; what Docker's and containerd's grammar allows is shorter


@dataclass(frozen=True)
class Reference:
    """An image reference with its defaults: `nginx` is `docker.io/library/nginx` with the tag `latest`."""

    registry: str
    repository: str
    tag: str
    """Empty where a digest alone names the image."""
    digest: str

    @property
    def name(self) -> str:
        return f"{self.registry}/{self.repository}"


@dataclass(frozen=True)
class Image:
    """An entry of the table: which images, and the programs that they lack."""

    name: str
    """Registry and repository, e.g. `docker.io/library/nginx`, or as in a Pod, `nginx`; `*` takes any characters."""
    lacks: frozenset[str]
    tag: str = "*"
    """`*` takes any characters; an image named by digest alone has no tag, and only `*` takes that."""

    @cached_property
    def full_name(self) -> str:
        """With the registry, and the repository `library`, that a name without them has."""
        first, is_path, _ = self.name.partition("/")
        if re.search(r"[*?[]", first) or (is_path and (first == "localhost" or re.search("[.:]", first))):
            return self.name
        return f"{DEFAULT_REGISTRY}/{'' if is_path else 'library/'}{self.name}"


def parse_reference(text: str) -> Reference | None:
    """The parts of an image reference; None for what is none."""
    found = _REFERENCE.fullmatch(text) if len(text) <= MAX_REFERENCE else None
    if found is None:
        return None
    registry, repository = found["registry"] or DEFAULT_REGISTRY, found["repository"]
    if registry == DEFAULT_REGISTRY and "/" not in repository:
        repository = f"library/{repository}"
    digest = found["digest"] or ""
    return Reference(registry, repository, found["tag"] or ("" if digest else "latest"), digest)


def lacks(image: object, images: tuple[Image, ...]) -> frozenset[str]:
    """The programs that an image is known to lack; of the entries that match it, the last one counts."""
    return _lacks(image, images) if isinstance(image, str) and len(image) <= MAX_REFERENCE else _NOTHING


@functools.lru_cache(maxsize=1024)
def _lacks(image: str, images: tuple[Image, ...]) -> frozenset[str]:
    reference = parse_reference(image)
    if reference is None:
        return _NOTHING
    for each in reversed(images):
        if fnmatchcase(reference.name, each.full_name) and fnmatchcase(reference.tag, each.tag):
            return each.lacks
    return _NOTHING


_HTTP: Final = frozenset({"curl", "wget"})
_PROCESSES: Final = frozenset({"killall", "pgrep", "pidof", "pkill", "ps", "top"})
_BUSYBOX: Final = frozenset(
    {"cat", "cp", "date", "echo", "env", "kill", "ls", "mkdir", "nc", "printf", "rm", "sleep", "touch"}
)
_NO_SHELL: Final = SHELLS | _BUSYBOX | _HTTP | _PROCESSES
_DEBIAN_SLIM: Final = _HTTP | _PROCESSES - {"pidof"}

# Later entries go before earlier ones.
IMAGES: Final = (
    # Debian's base image has no procps, psmisc, curl or wget; `pidof` comes with sysvinit-utils.
    Image("docker.io/library/debian", _DEBIAN_SLIM),
    # The official nginx on Debian brings curl along (docker-nginx#179: no procps since 1.13.1).
    Image("docker.io/library/nginx", _PROCESSES - {"pidof"} | {"wget"}),
    Image("docker.io/nginxinc/nginx-unprivileged", _PROCESSES - {"pidof"} | {"wget"}),
    # BusyBox has sh, ps, killall and wget, and no bash.
    Image("docker.io/library/nginx", frozenset({"bash"}), tag="*alpine*"),
    Image("docker.io/library/node", frozenset({"bash"}), tag="*alpine*"),
    Image("docker.io/library/python", frozenset({"bash"}), tag="*alpine*"),
    Image("docker.io/library/redis", frozenset({"bash"}), tag="*alpine*"),
    Image("docker.io/nginxinc/nginx-unprivileged", frozenset({"bash"}), tag="*alpine*"),
    Image("docker.io/library/alpine", frozenset({"bash", "curl"})),
    Image("docker.io/library/busybox", frozenset({"bash", "curl"})),
    # One static program, or the language's runtime, and nothing else; the tags `debug` bring BusyBox along.
    Image("gcr.io/distroless/*", _NO_SHELL),
    Image("gcr.io/distroless/*", _NOTHING, tag="*debug*"),
    Image("registry.k8s.io/pause", _NO_SHELL),
    Image("registry.k8s.io/coredns/coredns", _NO_SHELL),
    Image("registry.k8s.io/kube-state-metrics/kube-state-metrics", _NO_SHELL),
    Image("registry.k8s.io/metrics-server/metrics-server", _NO_SHELL),
    Image("docker.io/envoyproxy/envoy", _NO_SHELL, tag="distroless*"),
)
