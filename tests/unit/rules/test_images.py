"""Image references, and the table of what images lack."""

from typing import Any

import pytest

from lifecycle_rules import IMAGES, UNKNOWN, Image
from lifecycle_rules.images import DEFAULT_REGISTRY, MAX_REFERENCE, Reference, lacks, parse_reference

HEX = "0123456789abcdefABCDEF"
SHA = "sha256:" + "a" * 64
HOST = "registry.example.com"
CURL, WGET, BASH = frozenset({"curl"}), frozenset({"wget"}), frozenset({"bash"})


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag", "digest"),
    [
        ("nginx", "docker.io", "library/nginx", "latest", ""),
        ("nginx:1.29", "docker.io", "library/nginx", "1.29", ""),
        ("acme/app", "docker.io", "acme/app", "latest", ""),
        ("docker.io/nginx", "docker.io", "library/nginx", "latest", ""),
        ("docker.io/acme/app:1", "docker.io", "acme/app", "1", ""),
        ("localhost/app", "localhost", "app", "latest", ""),
        ("localhost:5000/app:1", "localhost:5000", "app", "1", ""),
        ("registry:5000/a/b/c:1", "registry:5000", "a/b/c", "1", ""),
        ("Registry-1:5000/app", "Registry-1:5000", "app", "latest", ""),
        (f"{HOST}/app", HOST, "app", "latest", ""),
        (f"{HOST}:443/a/b:c", f"{HOST}:443", "a/b", "c", ""),
        ("A-b.C-d9/app", "A-b.C-d9", "app", "latest", ""),
        ("127.0.0.1:5000/app", "127.0.0.1:5000", "app", "latest", ""),
        ("[::1]:5000/app", "[::1]:5000", "app", "latest", ""),
        ("[fe80::1:BC9]/app", "[fe80::1:BC9]", "app", "latest", ""),
        ("a.b/c.d/e", "a.b", "c.d/e", "latest", ""),
        ("registry/app", "docker.io", "registry/app", "latest", ""),
        ("localhost", "docker.io", "library/localhost", "latest", ""),
        ("app:5000", "docker.io", "library/app", "5000", ""),
        ("a.b", "docker.io", "library/a.b", "latest", ""),
        ("a_b__c-d---e/f.0", "docker.io", "a_b__c-d---e/f.0", "latest", ""),
        ("x5y/z_6__q-7---r.8s34", "docker.io", "x5y/z_6__q-7---r.8s34", "latest", ""),
        ("m-5t", "docker.io", "library/m-5t", "latest", ""),
        ("a:_", "docker.io", "library/a", "_", ""),
        ("a:A.b-c_9", "docker.io", "library/a", "A.b-c_9", ""),
        ("a:" + "t" * 128, "docker.io", "library/a", "t" * 128, ""),
        (f"nginx@{SHA}", "docker.io", "library/nginx", "", SHA),
        (f"nginx:1.29@{SHA}", "docker.io", "library/nginx", "1.29", SHA),
        (f"{HOST}/a/b:c@{SHA}", HOST, "a/b", "c", SHA),
        *(
            (f"a@{name}:{HEX}0123456789", "docker.io", "library/a", "", f"{name}:{HEX}0123456789")
            for name in ("B", "m-n_K+x.P", "Mq7N-XmK8b_z+m.n3")
        ),
    ],
)
def test_an_image_reference(text: str, registry: str, repository: str, tag: str, digest: str) -> None:
    reference = parse_reference(text)
    assert reference == Reference(registry, repository, tag, digest)
    assert reference.name == f"{registry}/{repository}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "nginx ",
        " nginx",
        "nginx\n",
        "Nginx",
        "ACME/app",
        "nginx:",
        "nginx:-1",
        "nginx:.1",
        "nginx:a b",
        "nginx:é",
        "nginé",
        "a:" + "t" * 129,
        "nginx:1:2",
        "nginx@",
        "nginx@sha256:" + "a" * 31,
        "nginx@sha256:" + "g" * 64,
        "nginx@256:" + "a" * 64,
        "nginx@sha-:" + "a" * 64,
        "nginx@sha-2:" + "a" * 64,
        "nginx@:" + "a" * 64,
        f"nginx@{SHA}:1",
        f"nginx@{SHA}@{SHA}",
        "/nginx",
        "nginx/",
        "a//b",
        "-a",
        "a-",
        ".a",
        "a.",
        "_a",
        "a_",
        "a___b",
        "a..b",
        "a._b",
        "a/-b",
        "a/b_",
        "é.com/app",
        "localhost:/app",
        "localhost:1:2/app",
        ":5000/app",
        ".b/app",
        "a./app",
        "a..b/app",
        "localhost:a/app",
        "[::1/app",
        "[::g]/app",
        "[]/app",
        "https://nginx",
        "$IMAGE",
        "${IMAGE}:1",
        "nginx:٣",
    ],
)
def test_what_is_no_image_reference(text: str) -> None:
    assert parse_reference(text) is None


def test_a_reference_is_at_most_512_characters_long() -> None:
    assert MAX_REFERENCE == 512
    longest = "a" * MAX_REFERENCE
    assert parse_reference(longest) == Reference(DEFAULT_REGISTRY, f"library/{longest}", "latest", "")
    assert parse_reference(longest + "a") is None
    assert parse_reference("a" * 10_000_000) is None
    anything = (Image("*", CURL),)
    assert lacks(longest, anything) == CURL
    assert lacks(longest + "a", anything) == frozenset()


TABLE = (
    Image("docker.io/acme/*", CURL),
    Image("docker.io/acme/app", WGET, tag="1*"),
    Image("docker.io/acme/app", frozenset(), tag="1-debug"),
    Image("[a-c].io/x?", BASH),
)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("acme/app", CURL),
        ("acme/app:2", CURL),
        ("acme/a/b:2", CURL),
        (f"acme/app@{SHA}", CURL),
        ("acme/app:1", WGET),
        ("acme/app:1.2", WGET),
        (f"acme/app:1@{SHA}", WGET),
        ("acme/app:1-debug", frozenset()),
        ("b.io/xy", BASH),
        ("d.io/xy", frozenset()),
        ("b.io/x", frozenset()),
        ("acme", frozenset()),
        ("other/app", frozenset()),
        (f"{HOST}/acme/app", frozenset()),
        ("ACME/app", frozenset()),
        ("acme/app ", frozenset()),
        *((unknown, frozenset()) for unknown in (None, UNKNOWN, "", 5, 1.5, True, ["acme/app"], {"acme/app": 1})),
    ],
)
def test_what_an_image_lacks(image: Any, expected: frozenset[str]) -> None:
    """Of the entries that match, the last one counts."""
    assert lacks(image, TABLE) == expected
    assert lacks(image, ()) == frozenset()


def test_an_entry_for_one_tag_takes_no_other() -> None:
    tagged = (Image("*", CURL, tag="?*"),)
    assert lacks("nginx", tagged) == lacks(f"nginx:1@{SHA}", tagged) == CURL
    assert lacks(f"nginx@{SHA}", tagged) == frozenset()
    assert lacks("nginx:A", (Image("*", CURL, tag="a"),)) == frozenset()
    assert lacks("docker.io/library/nginx", (Image("*/Nginx", CURL),)) == frozenset()


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("nginx", "docker.io/library/nginx"),
        ("acme/web", "docker.io/acme/web"),
        ("acme/*", "docker.io/acme/*"),
        ("ghcr.io/acme/*", "ghcr.io/acme/*"),
        ("localhost/x", "localhost/x"),
        ("registry:5000/x", "registry:5000/x"),
        ("*", "*"),
        ("*/nginx", "*/nginx"),
        ("nginx*", "nginx*"),
    ],
)
def test_a_name_in_the_table_may_be_written_as_in_a_pod(name: str, full: str) -> None:
    assert Image(name, CURL).full_name == full


SHELLS = {"ash", "bash", "dash", "ksh", "sh", "zsh"}
BUSYBOX = {"cat", "cp", "date", "echo", "env", "kill", "ls", "mkdir", "nc", "printf", "rm", "sleep", "touch"}
PROCESSES = {"killall", "pgrep", "pkill", "ps", "top"}
NOTHING_AT_ALL = {*SHELLS, *BUSYBOX, *PROCESSES, "pidof", "curl", "wget"}


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("debian", {*PROCESSES, "curl", "wget"}),
        (f"debian@{SHA}", {*PROCESSES, "curl", "wget"}),
        ("debian:12-slim", {*PROCESSES, "curl", "wget"}),
        ("nginx", {*PROCESSES, "wget"}),
        (f"nginx@{SHA}", {*PROCESSES, "wget"}),
        ("nginxinc/nginx-unprivileged:1.29", {*PROCESSES, "wget"}),
        *((f"{image}:1-alpine3.22", {"bash"}) for image in ("nginx", "node", "python", "redis")),
        ("nginxinc/nginx-unprivileged:1-alpine-slim", {"bash"}),
        *((image, set()) for image in ("node", "python:3.13-slim", "redis:8", f"redis@{SHA}")),
        *((f"{image}:3", {"bash", "curl"}) for image in ("alpine", "busybox")),
        ("gcr.io/distroless/static", NOTHING_AT_ALL),
        ("gcr.io/distroless/java17-debian12:nonroot", NOTHING_AT_ALL),
        (f"gcr.io/distroless/static@{SHA}", NOTHING_AT_ALL),
        ("gcr.io/distroless/static:debug", set()),
        ("gcr.io/distroless/static:debug-nonroot", set()),
        ("gcr.io/distroless/static:latest-debug-amd64", set()),
        ("registry.k8s.io/pause:3.10", NOTHING_AT_ALL),
        ("registry.k8s.io/coredns/coredns:v1.12.0", NOTHING_AT_ALL),
        ("registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.17.0", NOTHING_AT_ALL),
        ("registry.k8s.io/metrics-server/metrics-server:v0.8.0", NOTHING_AT_ALL),
        ("envoyproxy/envoy:distroless-v1.36.0", NOTHING_AT_ALL),
        *((f"envoyproxy/envoy:{tag}", set()) for tag in ("v1.36.0", "distroles", "v1-distroless")),
        ("gcr.io/distroless-x/static", set()),
        ("gcr.io/distroless-x/static:debug", set()),
        ("docker.io/library/pause", set()),
        ("ubuntu", set()),
        (f"{HOST}/nginx", set()),
    ],
)
def test_the_table(image: str, expected: set[str]) -> None:
    assert lacks(image, IMAGES) == expected


def test_each_entry_of_the_table_is_named_as_a_reference_is() -> None:
    assert len(IMAGES) == 17
    for entry in IMAGES:
        reference = parse_reference(entry.name.replace("*", "x"))
        assert reference is not None
        assert reference.name == entry.name.replace("*", "x")
