"""Image references, and the table of what images lack."""

import re
from typing import Any

import pytest

from lifecycle_rules import IMAGES, UNKNOWN, Image, check
from lifecycle_rules.images import DEFAULT_REGISTRY, MAX_REFERENCE, Reference, _table, lacks, parse_reference

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
        (f"acme/app@{SHA}", frozenset()),
        (f"acme/other@{SHA}", CURL),
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


def test_an_image_named_by_digest_alone_lacks_what_it_lacks_whatever_its_tag() -> None:
    every, debug = Image("acme/*", CURL | WGET), Image("acme/app", WGET | BASH, tag="*debug*")
    assert lacks(f"acme/app@{SHA}", (every,)) == CURL | WGET
    assert lacks(f"acme/app@{SHA}", (every, debug)) == WGET
    assert lacks(f"acme/app@{SHA}", (debug, every)) == CURL | WGET, "the later one takes them all"
    assert lacks(f"acme/app@{SHA}", (debug,)) == frozenset(), "it may have another tag"
    assert lacks(f"acme/app:debug@{SHA}", (every, debug)) == WGET | BASH


@pytest.mark.parametrize(
    ("pattern", "taken", "others"),
    [
        (
            "#",
            ["1", "v1", "1.8.5", "v1.22.0.0", "20251127"],
            ["", "v", "1.", "1.8.5-debug", "x1", "1.8.5rc1", "latest"],
        ),
        ("#-alpine*", ["1-alpine", "v1.2-alpine3.22"], ["alpine", "1.2", "1-fpm-alpine", "x1-alpine"]),
        ("edge-#", ["edge-25.1.2"], ["edge-", "25.1.2", "stable-25.1.2"]),
        ("latest|#|#-slim", ["latest", "1.2", "1.2-slim"], ["latest-slim", "slim", "1.2-fat", "latest|#"]),
        ("#-*-[ab]?", ["1.2-x-a1", "1-x-y-b2"], ["1.2-a1", "1.2-x-c1"]),
        ("#-rc.#", ["1-rc.1", "v1.2-rc.v3"], ["1-rc.", "1-rc.x", "1"]),
        ("*", ["1", "x", "latest"], []),
        ("", ["1", "x", "latest"], []),
    ],
)
def test_the_pattern_of_a_tag(pattern: str, taken: list[str], others: list[str]) -> None:
    table = (Image("acme/app", CURL, tag=pattern),)
    assert [tag for tag in (*taken, *others) if tag and lacks(f"acme/app:{tag}", table)] == taken


@pytest.mark.parametrize(
    ("limits", "holds", "not_"),
    [
        (
            {"since": "1.8.5"},
            ["1.8.5", "v1.8.5", "1.8.6", "1.8.5.1", "1.10", "2.0.0", "1.8", "1", "10"],
            ["1.8.4", "1.7"],
        ),
        ({"since": "v1.8.5"}, ["1.8.5", "v1.9.0"], ["1.8.4", "v1.8.0"]),
        ({"before": "1.9.3"}, ["1.9.2", "1.8", "1.8.99", "0"], ["1.9.3", "1.9", "1", "2", "1.10.0"]),
        ({"since": "1.2", "before": "2"}, ["1.2", "1.2.0", "1.99", "1"], ["1.1", "1.1.9", "2", "2.0.0"]),
        ({"since": "10"}, ["10", "10.0.1", "100"], ["9", "9.9"]),
    ],
)
def test_the_versions_of_which_an_entry_holds(limits: dict[str, str], holds: list[str], not_: list[str]) -> None:
    """A tag that leaves parts out is the newest of its line."""
    table = (Image("acme/app", CURL, **limits),)
    assert [tag for tag in (*holds, *not_) if lacks(f"acme/app:{tag}", table)] == holds
    assert not any(lacks(f"acme/app{each}", table) for each in ("", ":latest", ":main", ":1.8.5-debug", f"@{SHA}"))
    also_latest = (Image("acme/app", CURL, tag="latest|#", **limits),)
    assert lacks("acme/app", also_latest) == lacks(f"acme/app:{holds[0]}", also_latest) == CURL
    assert lacks(f"acme/app:{not_[0]}", also_latest) == frozenset()


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"since": "new"}, "acme/app: since: 'new' is not a version; write it like 1.8.5"),
        ({"before": "1.x"}, "acme/app: before: '1.x' is not a version; write it like 1.8.5"),
        ({"since": "1.8.5-rc1"}, "acme/app: since: '1.8.5-rc1' is not a version; write it like 1.8.5"),
        ({"since": "1" * 5000}, f"acme/app: since: '{'1' * 5000}' is not a version; write it like 1.8.5"),
        ({"since": "1", "tag": "latest"}, "acme/app: since: the tag 'latest' has no # for the version"),
        ({"before": "1", "tag": "*"}, "acme/app: before: the tag '*' has no # for the version"),
    ],
)
def test_a_limit_that_limits_nothing(limits: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        Image("acme/app", CURL, **limits)


def test_a_table_is_found_by_its_entries() -> None:
    entry, other = Image("acme/app", CURL), Image("acme/app", WGET)
    for _ in range(3):
        for number in range(20):
            assert lacks("acme/app", (Image(f"acme/{number}", BASH), entry)) == CURL
        assert lacks("acme/app", (entry, other)) == WGET
        assert lacks("acme/app", (other, entry)) == CURL
        assert lacks("acme/app", (entry,)) == CURL
    assert _table((entry, other)) is _table((entry, other))
    many = (entry,)
    assert all(lacks(f"acme/app:{number}", many) == CURL for number in range(3000))


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
PROCESSES = {"killall", "pgrep", "pkill", "ps", "top"}
DEBIAN = {*PROCESSES, "curl", "wget"}
BUSYBOX = {"bash", "curl"}
BUILTINS = {"[", "echo", "false", "kill", "printf", "test", "true"}
TOOLS = {
    *("awk", "cat", "chmod", "chown", "cp", "cut", "date", "env", "expr", "find", "grep", "head", "hostname", "id"),
    *("ln", "ls", "mkdir", "mv", "nc", "nohup", "rm", "sed", "seq", "sleep", "sort", "stat", "tail", "tee", "timeout"),
    *("touch", "tr", "usleep", "wc", "xargs"),
}
EVERYTHING = {*SHELLS, *BUILTINS, *TOOLS, *DEBIAN, "pidof"}
MESH = "public.ecr.aws/appmesh/aws-appmesh-envoy"
DOTNET = "mcr.microsoft.com/dotnet"


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("debian", DEBIAN),
        ("debian:12-slim", DEBIAN),
        ("debian:9.13", DEBIAN),
        ("debian:trixie-20251117-slim", DEBIAN),
        *((f"debian{each}", {"curl", "wget"}) for each in (":8", ":jessie-slim", f"@{SHA}")),
        *((f"ubuntu{each}", {"curl", "wget"}) for each in ("", ":24.04", ":noble", ":jammy-20251013")),
        *((f"ubuntu{each}", set()) for each in (":14.04", ":trusty", f"@{SHA}")),
        *((f"{image}{tag}", BUSYBOX) for image in ("alpine", "busybox") for tag in (":3", "", f"@{SHA}")),
        ("registry.access.redhat.com/ubi9/ubi-micro:9.6", {"curl", "wget"}),
        ("registry.access.redhat.com/ubi9/ubi-minimal", set()),
        ("cgr.dev/chainguard/static", EVERYTHING),
        ("cgr.dev/chainguard/static:latest-dev", set()),
        ("cgr.dev/chainguard/wolfi-base", set()),
        ("gcr.io/distroless/static", EVERYTHING),
        ("gcr.io/distroless/java17-debian12:nonroot", EVERYTHING),
        ("gcr.io/distroless/python3-debian13", EVERYTHING),
        ("gcr.io/distroless/python3-debian12", EVERYTHING - {"sh", "dash"} - BUILTINS),
        *((f"gcr.io/distroless/static:{tag}", set()) for tag in ("debug", "debug-nonroot", "latest-debug-amd64")),
        (f"gcr.io/distroless/static@{SHA}", set()),
        ("gcr.io/distroless-x/static", set()),
        *((f"{DOTNET}/{each}:8.0", DEBIAN) for each in ("aspnet", "runtime", "runtime-deps")),
        (f"{DOTNET}/aspnet:9.0.11-bookworm-slim-amd64", DEBIAN),
        *(
            (f"{DOTNET}/aspnet:{tag}", {"curl", "wget"})
            for tag in ("10.0", "latest", "8.0-jammy", "8.0.22-noble-amd64")
        ),
        (f"{DOTNET}/aspnet:9.0-alpine3.22", BUSYBOX),
        *(
            (f"{DOTNET}/aspnet:{tag}", EVERYTHING)
            for tag in (
                "9.0-noble-chiseled",
                "8.0-jammy-chiseled-composite-extra",
                "8.0-azurelinux3.0-distroless-amd64",
            )
        ),
        *(
            (f"{DOTNET}/aspnet:{tag}", set())
            for tag in ("3.1", "8.0-azurelinux3.0", "10.0-bookworm-slim", "8.0-nanoserver-ltsc2022")
        ),
        *((f"{DOTNET}/{each}", set()) for each in ("sdk:8.0", f"aspnet@{SHA}", "sdk:8.0-noble")),
        *((f"golang:{tag}", BUSYBOX) for tag in ("alpine", "1.25-alpine3.22")),
        *((f"{image}:1-alpine3.22", {"bash"}) for image in ("nginx", "node", "python", "redis", "php")),
        *((image, DEBIAN) for image in ("node:22-slim", "node:22.1-bookworm-slim", "python:3.13-slim-trixie")),
        ("ruby:3.4-slim", {"curl", "wget"}),
        *((image, set()) for image in ("node", "node:22", "python:3.13", "python:2.7-slim", "ruby:3.4", "golang:1.25")),
        *((f"nginx{tag}", {*PROCESSES, "wget"}) for tag in ("", ":1.29", ":stable-perl", ":1.29-bookworm", ":1")),
        ("nginx:1.12.2", {"wget"}),
        (f"nginx@{SHA}", set()),
        *((f"nginx:{tag}", BUSYBOX) for tag in ("alpine-slim", "1.29-alpine3.22-slim")),
        ("nginxinc/nginx-unprivileged:1.29", {*PROCESSES, "wget"}),
        ("nginxinc/nginx-unprivileged:1-alpine", {"bash"}),
        ("nginxinc/nginx-unprivileged:1-alpine-slim", BUSYBOX),
        *((f"httpd{tag}", DEBIAN) for tag in ("", ":2.4", ":2.4.65-trixie")),
        *((f"httpd{tag}", set()) for tag in (":2.4.25", ":2.2", f"@{SHA}")),
        *((f"haproxy:{tag}", DEBIAN) for tag in ("lts", "3.2", "2.8.15-bookworm")),
        *((f"{image}:1.20-alpine", BUSYBOX) for image in ("haproxy", "golang")),
        *((f"traefik:{tag}", BUSYBOX) for tag in ("v3.5", "3.5.6")),
        *((f"traefik:{tag}", set()) for tag in ("v1.7", "v3.5-windowsservercore-ltsc2022")),
        ("caddy:2.10-alpine", {"bash"}),
        ("envoyproxy/envoy:distroless-v1.36.0", EVERYTHING),
        *((f"envoyproxy/envoy:{tag}", {"curl", "wget"}) for tag in ("v1.36.0", "v1.10.0", "v1.37-latest")),
        *(
            (f"envoyproxy/envoy:{tag}", set())
            for tag in ("distroles", "v1-distroless", "v1.36.0-debug", "tools-v1.36.0")
        ),
        *((f"{MESH}:{tag}-prod", EVERYTHING) for tag in ("v1.22.0.0", "v1.22.2.0")),
        *((f"{MESH}:{tag}", set()) for tag in ("v1.21.1.2-prod", "v1.22.2.1-prod", "v1.29.9.0-prod", "v1.22.0.0")),
        ("840364872350.dkr.ecr.us-west-2.amazonaws.com/aws-appmesh-envoy:v1.22.0.0-prod", EVERYTHING),
        *((f"{each}/proxyv2:1.27.1-distroless", EVERYTHING) for each in ("istio", "gcr.io/istio-release")),
        *((f"istio/proxyv2:{tag}", set()) for tag in ("1.27.1", "1.27.1-debug")),
        *((f"cr.l5d.io/linkerd/proxy:{tag}", EVERYTHING - {"sleep"}) for tag in ("stable-2.14.10", "edge-25.10.7")),
        *((f"cr.l5d.io/linkerd/proxy:{tag}", set()) for tag in ("stable-2.10.2", "edge-25.12.1", "edge-21.5.3")),
        ("ghcr.io/nginx/nginx-gateway-fabric:2.2.1", EVERYTHING),
        *((f"ghcr.io/nginx/nginx-gateway-fabric{each}", set()) for each in (":2.2.1-ubi", "/nginx:2.2.1")),
        ("ghcr.io/llm-d/llm-d-router-endpoint-picker:v0.10.0", EVERYTHING),
        ("ghcr.io/llm-d/llm-d-router-endpoint-picker:v0.11.0-rc.1", EVERYTHING),
        ("ghcr.io/llm-d/llm-d-inference-scheduler:v0.7.1", set()),
        *((f"postgrest/postgrest:{tag}", EVERYTHING) for tag in ("v12.0.2", "v14.1", "latest")),
        *((f"postgrest/postgrest:{tag}", set()) for tag in ("v7.0.1", "devel", "v12.0.2-arm")),
        *((f"quay.io/keycloak/keycloak:{tag}", {"curl", "wget"}) for tag in ("26.3", "21.0.1", "latest")),
        ("quay.io/keycloak/keycloak:20.0.5", set()),
        ("quay.io/oauth2-proxy/oauth2-proxy:v7.6.0", EVERYTHING),
        *((f"quay.io/oauth2-proxy/oauth2-proxy:{tag}", set()) for tag in ("v7.5.1", "v7.12.0-alpine")),
        *((f"postgres:{tag}", {"curl", "wget"}) for tag in ("17", "16.10-bookworm", "latest")),
        ("postgres:17-alpine", {"curl"}),
        *((f"mariadb:{tag}", {"curl", "wget"}) for tag in ("11.8", "lts", "10.11-jammy")),
        ("mariadb:11.8-ubi9", set()),
        ("redis:7.2", DEBIAN),
        *((image, set()) for image in ("redis:8", "redis", f"redis@{SHA}", "redis:5.0")),
        *((f"memcached:{tag}", DEBIAN) for tag in ("1.6", "1", "1.6.39-trixie", "latest")),
        ("rabbitmq:4.1-management", {"curl", "wget"}),
        *((f"rabbitmq:{tag}", set()) for tag in ("4.1-alpine", "4.1-management-alpine", "3.13")),
        *((f"nats:{tag}", EVERYTHING) for tag in ("2.11", "2.11.9-scratch", "latest")),
        ("nats:2.11-alpine3.22", BUSYBOX),
        ("nats:2.11-nanoserver", set()),
        ("gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.18.2", EVERYTHING),
        *((f"gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.18.2-{each}", set()) for each in ("alpine", "bookworm")),
        *((f"{each}/prometheus:v3.7.3", BUSYBOX) for each in ("prom", "quay.io/prometheus")),
        ("prom/prometheus:v3.10.0-distroless", EVERYTHING),
        (f"prom/prometheus@{SHA}", set()),
        ("fluent/fluent-bit:4.2.0", EVERYTHING),
        *((f"fluent/fluent-bit:{tag}", set()) for tag in ("4.2.0-debug", "1.8.15")),
        ("grafana/loki:3.6.0", EVERYTHING),
        ("grafana/loki:3.5.8", set()),
        ("grafana/tempo:2.9.3", EVERYTHING),
        ("grafana/tempo:2.9.0", set()),
        ("grafana/mimir:2.13.0", EVERYTHING),
        ("grafana/mimirtool:2.17.1", set()),
        ("oliver006/redis_exporter:v1.77.0", EVERYTHING),
        ("oliver006/redis_exporter:v1.77.0-alpine", set()),
        ("otel/opentelemetry-collector-contrib:0.140.1", EVERYTHING),
        ("registry.k8s.io/pause:3.10", EVERYTHING),
        ("registry.k8s.io/kube-apiserver:v1.34.1", EVERYTHING),
        ("registry.k8s.io/kube-proxy:v1.34.1", set()),
        *((f"coredns/coredns:{tag}", EVERYTHING) for tag in ("1.8.5", "1.8.4", "1.1.4", "latest")),
        *((f"coredns/coredns:{tag}", set()) for tag in ("1.1.3", "1.0.6")),
        *((f"registry.k8s.io/coredns/coredns{each}", EVERYTHING) for each in (":v1.12.0", f"@{SHA}")),
        ("registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.17.0", EVERYTHING),
        ("registry.k8s.io/metrics-server/metrics-server:v0.8.0", EVERYTHING),
        ("registry.k8s.io/external-dns/external-dns:v0.13.5", set()),
        ("registry.k8s.io/sig-storage/livenessprobe:v2.17.0", EVERYTHING),
        ("k8s.gcr.io/sig-storage/csi-node-driver-registrar:v2.2.0", EVERYTHING),
        ("registry.k8s.io/sig-storage/nfsplugin:v4.12.0", set()),
        ("registry.k8s.io/autoscaling/cluster-autoscaler:v1.34.0", EVERYTHING),
        ("quay.io/metallb/speaker:v0.14.5", set()),
        ("quay.io/metallb/speaker:v0.15.2", EVERYTHING),
        ("quay.io/jetstack/cert-manager-webhook:v1.19.1", EVERYTHING),
        ("ghcr.io/external-secrets/external-secrets:v1.0.0", EVERYTHING),
        ("ghcr.io/external-secrets/external-secrets:v1.0.0-ubi", set()),
        ("docker.io/library/pause", set()),
        (f"{HOST}/nginx", set()),
        (f"{HOST}/coredns/coredns:1.8.5", set()),
        ("bitnami/postgresql:17", set()),
    ],
)
def test_the_table(image: str, expected: set[str]) -> None:
    assert lacks(image, IMAGES) == expected


def test_each_entry_of_the_table_is_named_as_a_reference_is_and_has_a_source() -> None:
    assert len({entry.name for entry in IMAGES}) > 100
    for entry in IMAGES:
        name = entry.full_name.replace("*", "x")
        reference = parse_reference(name)
        assert reference is not None
        assert reference.name == name
        assert SOURCE.fullmatch(entry.source), entry


SOURCE = re.compile(r"[\w.-]+/[\w.-]+(#\d+| [\w./-]+)|https://[\w./-]+")


def test_an_entry_that_takes_nothing_of_what_an_earlier_one_says_is_not_in_the_table() -> None:
    said = [(entry.full_name, entry.tag, entry.since, entry.before) for entry in IMAGES]
    assert len(said) == len(set(said))


CASES: list[tuple[str, list[str], str]] = [
    ("coredns/coredns:1.8.5", ["/usr/bin/sleep", "15"], "sleep: the hook fails"),
    (f"{MESH}:v1.22.0.0-prod", ["/bin/sh", "-c", "sleep 20"], "sh: the hook fails"),
    ("postgrest/postgrest:v12.0.2", ["sleep", "10"], "sleep: the hook fails"),
    (
        f"{DOTNET}/aspnet:8.0",
        [
            "/bin/sh",
            "-c",
            "for i in $(seq 1 60); do wget -qO- http://localhost:8080/drain | grep -q idle && break; done",
        ],
        "wget: the loop waits for it in vain",
    ),
]


@pytest.mark.parametrize(("image", "command", "expected"), CASES)
def test_what_public_reports_ask_for(image: str, command: list[str], expected: str) -> None:
    container = {"name": "app", "image": image, "lifecycle": {"preStop": {"exec": {"command": command}}}}
    found = check("Pod", {"spec": {"containers": [container]}})
    messages = [each.message for each in found if each.rule.id == "exec-tool-missing"]
    assert messages == [f"image {image} is known to have no {expected}"]
