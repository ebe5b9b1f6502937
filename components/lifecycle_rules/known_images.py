"""What widely used images lack, by what their publishers say: their Dockerfiles, their documentation, their issues.

Certain rather than broad. An entry names only programs that are in none of the images that it takes; its tags are those
whose Dockerfiles were read, so a variant such as `-debug` or `-alpine` is taken only where it is named. A path in a
source is the publisher's Dockerfile, or what stands for one, in the repository before it.
"""

from typing import Final

from .images import Image
from .shell import SHELLS

_HTTP: Final = frozenset({"curl", "wget"})
_PROCESSES: Final = frozenset({"killall", "pgrep", "pidof", "pkill", "ps", "top"})
_TOOLS: Final = frozenset(
    {"[", "awk", "cat", "chmod", "chown", "cp", "cut", "date", "echo", "env", "expr", "false", "find", "grep", "head"}
    | {"hostname", "id", "kill", "ln", "ls", "mkdir", "mv", "nc", "nohup", "printf", "rm", "sed", "seq", "sleep"}
    | {"sort", "stat", "tail", "tee", "test", "timeout", "touch", "tr", "true", "usleep", "wc", "xargs"}
)
_BUILTINS: Final = frozenset({"[", "echo", "false", "kill", "printf", "test", "true"})  # of each shell
# One static program, or a language's runtime, and nothing else.
_NO_SHELL: Final = SHELLS | _TOOLS | _HTTP | _PROCESSES
# Debian's base image has no procps, psmisc, curl or wget; `pidof` comes with sysvinit-utils.
_DEBIAN: Final = _HTTP | _PROCESSES - {"pidof"}
# BusyBox has sh, ps, killall and wget, and neither of these.
_BUSYBOX: Final = frozenset({"bash", "curl"})
_BASH: Final = frozenset({"bash"})
_NOTHING: Final[frozenset[str]] = frozenset()

_RELEASES: Final = "latest|#"
_ALPINE: Final = "alpine*|#-alpine*"
_DEBIAN_TAGS: Final = "latest|#|bullseye|bookworm|trixie|#-bullseye|#-bookworm|#-trixie"


def _each(
    names: str, lacks: frozenset[str], tag: str = "", since: str = "", before: str = "", *, source: str
) -> tuple[Image, ...]:
    """The same entry for what one publisher has under several names."""
    return tuple(Image(name, lacks, tag, since, before, source) for name in names.split())


def _kubernetes(names: str, lacks: frozenset[str], *, since: str = "", source: str) -> tuple[Image, ...]:
    """Kubernetes' registry has the images of the one before it under their names."""
    both = " ".join(f"{registry}/{name}" for registry in ("k8s.gcr.io", "registry.k8s.io") for name in names.split())
    return _each(both, lacks, since=since, source=source)


def _dotnet(lacks: frozenset[str], tag: str, since: str = "", before: str = "", *, source: str) -> tuple[Image, ...]:
    names = " ".join(f"mcr.microsoft.com/dotnet/{name}" for name in ("aspnet", "runtime", "runtime-deps"))
    return _each(names, lacks, tag, since, before, source=source)


_SIDECARS: Final = " ".join(
    f"sig-storage/{name}"
    for name in (
        "csi-attacher",
        "csi-node-driver-registrar",
        "csi-provisioner",
        "csi-resizer",
        "csi-snapshotter",
        "livenessprobe",
        "snapshot-controller",
    )
)
_CERT_MANAGER: Final = " ".join(
    f"quay.io/jetstack/cert-manager-{name}" for name in ("acmesolver", "cainjector", "controller", "webhook")
)
_COLLECTORS: Final = " ".join(
    f"{registry}/{name}"
    for registry in ("docker.io/otel", "ghcr.io/open-telemetry/opentelemetry-collector-releases")
    for name in ("opentelemetry-collector", "opentelemetry-collector-contrib")
)
_ISTIO: Final = " ".join(
    f"{registry}/{name}"
    for registry in ("docker.io/istio", "gcr.io/istio-release", "registry.istio.io/release")
    for name in ("pilot", "proxyv2")
)
_PROMETHEUS: Final = " ".join(
    f"{registry}/{name}"
    for registry in ("docker.io/prom", "quay.io/prometheus")
    for name in ("alertmanager", "blackbox-exporter", "node-exporter", "prometheus", "pushgateway")
)
_VPA: Final = " ".join(f"autoscaling/vpa-{name}" for name in ("admission-controller", "recommender", "updater"))

# Later entries go before earlier ones.
IMAGES: Final = (
    # Distributions, and bases of others' images.
    *_each("alpine", _BUSYBOX, source="alpinelinux/docker-alpine Dockerfile"),
    *_each("busybox", _BUSYBOX, source="docker-library/busybox Dockerfile.template"),
    *_each("debian", _HTTP, source="debuerreotype/debuerreotype scripts/.slimify-includes"),
    *_each(  # before Debian 9 procps was in its smallest set of packages
        "debian",
        _DEBIAN,
        "latest|stable*|testing*|unstable*|sid*|stretch*|buster*|bullseye*|bookworm*|trixie*|forky*|#|#-slim",
        since="9",
        source="https://github.com/nginxinc/docker-nginx/issues/179",
    ),
    *_each(
        "ubuntu",
        _HTTP,
        "latest|rolling|devel|xenial*|bionic*|focal*|jammy*|noble*|resolute*|#",
        since="16.04",
        source="https://hub.docker.com/_/ubuntu",
    ),
    *_each(
        "registry.access.redhat.com/ubi8/ubi-micro registry.access.redhat.com/ubi9/ubi-micro",
        _HTTP,
        source="keycloak/keycloak#17438",
    ),
    *_each("gcr.io/distroless/*", _NO_SHELL, source="GoogleContainerTools/distroless README.md"),
    # Python's had dash for os.system until the Debian 13 images (distroless#229).
    *_each(
        "gcr.io/distroless/python*",
        _NO_SHELL - {"dash", "sh"} - _BUILTINS,
        source="GoogleContainerTools/distroless#229",
    ),
    *_each("gcr.io/distroless/python3-debian13", _NO_SHELL, source="GoogleContainerTools/distroless python3/README.md"),
    *_each("gcr.io/distroless/*", _NOTHING, "*debug*", source="GoogleContainerTools/distroless README.md"),
    *_each(
        "cgr.dev/chainguard/static", _NO_SHELL, "latest|latest-glibc", source="https://images.chainguard.dev/static"
    ),
    # .NET, which is Debian until 9 and Ubuntu since 10 where a tag does not say more; the SDK has curl and wget.
    *_dotnet(_DEBIAN, "#|#-bookworm-slim*|#-bullseye-slim*", "5.0", "10.0", source="dotnet/dotnet-docker#2379"),
    *_dotnet(_HTTP, _RELEASES, "10.0", source="dotnet/dotnet-docker src/runtime-deps/10.0/noble/amd64/Dockerfile"),
    *_dotnet(
        _HTTP,
        "#-focal*|#-jammy*|#-noble*|#-resolute*",
        "5.0",
        source="dotnet/dotnet-docker src/runtime-deps/8.0/noble/amd64/Dockerfile",
    ),
    *_dotnet(
        _BUSYBOX, "#-alpine*", "6.0", source="dotnet/dotnet-docker src/runtime-deps/8.0/alpine3.23/amd64/Dockerfile"
    ),
    *_dotnet(
        _NO_SHELL,
        "#-*-chiseled*|#-*-distroless*",
        source="dotnet/dotnet-docker src/runtime-deps/8.0/noble-chiseled/amd64/Dockerfile",
    ),
    # Languages. The tags without `slim` and `alpine` are made from images with curl and wget in them.
    *_each("golang", _BUSYBOX, _ALPINE, source="docker-library/golang Dockerfile-linux.template"),
    *_each("node", _DEBIAN, "#-slim|#-*-slim", since="18", source="nodejs/docker-node Dockerfile-slim.template"),
    *_each("node", _BASH, "*alpine*", source="nodejs/docker-node Dockerfile-alpine.template"),
    *_each("php", _BASH, "*alpine*", source="docker-library/php Dockerfile-linux.template"),
    *_each(
        "python", _DEBIAN, "#-slim|#-slim-*", since="3.10", source="docker-library/python Dockerfile-linux.template"
    ),
    *_each("python", _BASH, "*alpine*", source="docker-library/python Dockerfile-linux.template"),
    *_each("ruby", _HTTP, "#-slim|#-slim-*", since="3.2", source="docker-library/ruby Dockerfile.template"),
    # Servers. Debian's nginx brings curl along; it had procps until it came from Debian 9.
    *_each("nginx", frozenset({"wget"}), source="nginxinc/docker-nginx stable/debian/Dockerfile"),
    *_each(
        "nginx",
        _DEBIAN - {"curl"},
        "latest|mainline|mainline-*|stable|stable-*|perl|otel|bullseye*|bookworm*|trixie*|#|#-*",
        since="1.13.1",
        source="https://github.com/nginxinc/docker-nginx/issues/179",
    ),
    *_each("nginx", _BASH, "*alpine*", source="nginxinc/docker-nginx stable/alpine/Dockerfile"),
    *_each("nginx", _BUSYBOX, "*alpine*-slim", source="nginxinc/docker-nginx stable/alpine-slim/Dockerfile"),
    *_each(
        "nginxinc/nginx-unprivileged",
        _DEBIAN - {"curl"},
        source="nginx/docker-nginx-unprivileged stable/debian/Dockerfile",
    ),
    *_each(
        "nginxinc/nginx-unprivileged",
        _BASH,
        "*alpine*",
        source="nginx/docker-nginx-unprivileged stable/alpine/Dockerfile",
    ),
    *_each(
        "nginxinc/nginx-unprivileged",
        _BUSYBOX,
        "*alpine*-slim",
        source="nginx/docker-nginx-unprivileged stable/alpine-slim/Dockerfile",
    ),
    *_each("httpd", _DEBIAN, _DEBIAN_TAGS, since="2.4.37", source="docker-library/httpd 2.4/Dockerfile"),
    *_each("httpd", _BUSYBOX, _ALPINE, since="2.4.37", source="docker-library/httpd 2.4/alpine/Dockerfile"),
    *_each("haproxy", _DEBIAN, f"lts|{_DEBIAN_TAGS}", since="2.1", source="docker-library/haproxy Dockerfile.template"),
    *_each("haproxy", _BUSYBOX, _ALPINE, source="docker-library/haproxy 3.2/alpine/Dockerfile"),
    *_each(
        "traefik",
        _BUSYBOX,
        "latest|#|v#-alpine",
        since="2.0.0",
        source="traefik/traefik-library-image v3.5/alpine/Dockerfile",
    ),
    *_each(
        "caddy", _BASH, "latest|alpine|#|#-alpine", since="2.0.0", source="caddyserver/caddy-docker Dockerfile.tmpl"
    ),
    *_each("envoyproxy/envoy", _HTTP, "#|#-latest", since="1.10", source="projectcontour/contour#1254"),
    *_each(
        "envoyproxy/envoy", _NO_SHELL, "distroless-*", source="envoyproxy/envoy distribution/docker/Dockerfile-envoy"
    ),
    # From v1.22.2.1 on it has a shell and `sleep` again, for the controller's own preStop.
    *_each(
        "public.ecr.aws/appmesh/aws-appmesh-envoy *.amazonaws.com/aws-appmesh-envoy",
        _NO_SHELL,
        "#-prod",
        since="1.22.0.0",
        before="1.22.2.1",
        source="aws/aws-app-mesh-controller-for-k8s#605",
    ),
    *_each(
        _ISTIO,
        _NO_SHELL,
        "*-distroless",
        source="https://istio.io/latest/docs/ops/configuration/security/harden-docker-images/",
    ),
    # The first of them had no `sleep`; the proxy has a base of its own since November 2025.
    *_each(
        "cr.l5d.io/linkerd/proxy ghcr.io/linkerd/proxy",
        _NO_SHELL - {"sleep"},
        "stable-#",
        since="2.11.0",
        source="linkerd/linkerd2#6723",
    ),
    *_each(
        "cr.l5d.io/linkerd/proxy ghcr.io/linkerd/proxy",
        _NO_SHELL - {"sleep"},
        "edge-#",
        since="21.6.3",
        before="25.11",
        source="linkerd/linkerd2#6723",
    ),
    *_each(
        "cr.l5d.io/linkerd/controller ghcr.io/linkerd/controller",
        _NO_SHELL,
        "stable-#",
        since="2.0.0",
        source="linkerd/linkerd2 controller/Dockerfile",
    ),
    *_each(
        "ghcr.io/nginx/nginx-gateway-fabric ghcr.io/nginxinc/nginx-gateway-fabric",
        _NO_SHELL,
        "edge|latest|#",
        source="nginx/nginx-gateway-fabric build/Dockerfile",
    ),
    *_each("ghcr.io/projectcontour/contour", _NO_SHELL, "#", since="1.0.0", source="projectcontour/contour Dockerfile"),
    *_each(
        "ghcr.io/llm-d/llm-d-inference-scheduler ghcr.io/llm-d/llm-d-router-endpoint-picker",
        _NO_SHELL,
        "#|#-rc.#",
        since="0.8.0",
        source="llm-d/llm-d-router#2960",
    ),
    *_each(
        "registry.k8s.io/gateway-api-inference-extension/epp",
        _NO_SHELL,
        source="kubernetes-sigs/gateway-api-inference-extension Dockerfile",
    ),
    # PostgREST's image is its program and what that links; those for ARM were Ubuntu's for a while.
    *_each("postgrest/postgrest", _NO_SHELL, _RELEASES, since="8.0.0", source="PostgREST/postgrest#3633"),
    *_each("quay.io/keycloak/keycloak", _HTTP, "latest|nightly|#", since="21.0.0", source="keycloak/keycloak#17438"),
    *_each(
        "quay.io/oauth2-proxy/oauth2-proxy",
        _NO_SHELL,
        _RELEASES,
        since="7.6.0",
        source="oauth2-proxy/oauth2-proxy Dockerfile",
    ),
    *_each("hashicorp/vault", _BUSYBOX, _RELEASES, since="1.12", source="hashicorp/docker-vault#168"),
    *_each(
        "ghcr.io/dexidp/dex docker.io/dexidp/dex",
        _BUSYBOX,
        "latest|#|#-alpine",
        since="2.31.0",
        source="dexidp/dex Dockerfile",
    ),
    *_each(
        "ghcr.io/dexidp/dex docker.io/dexidp/dex",
        _NO_SHELL,
        "#-distroless",
        since="2.31.0",
        source="dexidp/dex Dockerfile",
    ),
    # Data. The entrypoints of the Alpine variants of PostgreSQL and RabbitMQ bring bash along.
    *_each("postgres", _HTTP, _DEBIAN_TAGS, since="14", source="docker-library/postgres Dockerfile-debian.template"),
    *_each(
        "postgres",
        frozenset({"curl"}),
        _ALPINE,
        since="14",
        source="docker-library/postgres Dockerfile-alpine.template",
    ),
    *_each(
        "mariadb",
        _HTTP,
        "latest|lts|#|#-focal|#-jammy|#-noble",
        since="10.6",
        source="MariaDB/mariadb-docker Dockerfile.template",
    ),
    *_each(
        "redis",
        _DEBIAN,
        "#|#-bullseye|#-bookworm",
        since="6.2",
        before="8",
        source="docker-library/redis 7.2/debian/Dockerfile",
    ),
    *_each("redis", _BASH, "*alpine*", source="docker-library/redis 7.2/alpine/Dockerfile"),
    *_each(
        "valkey/valkey", _DEBIAN, _DEBIAN_TAGS, since="7.2", source="valkey-io/valkey-container Dockerfile.template"
    ),
    *_each("valkey/valkey", _BUSYBOX, _ALPINE, since="7.2", source="valkey-io/valkey-container Dockerfile.template"),
    *_each("memcached", _DEBIAN, _DEBIAN_TAGS, since="1.6", source="docker-library/memcached 1/debian/Dockerfile"),
    *_each("memcached", _BUSYBOX, _ALPINE, since="1.6", source="docker-library/memcached 1/alpine/Dockerfile"),
    *_each(
        "rabbitmq",
        _HTTP,
        "latest|management|#|#-management",
        since="4.0",
        source="docker-library/rabbitmq Dockerfile-ubuntu.template",
    ),
    *_each(
        "nats",
        _NO_SHELL,
        "latest|linux|scratch|#|#-linux|#-scratch",
        since="2.0",
        source="nats-io/nats-docker 2.11.x/scratch/Dockerfile",
    ),
    *_each("nats", _BUSYBOX, _ALPINE, since="2.0", source="nats-io/nats-docker 2.11.x/alpine3.22/Dockerfile"),
    *_each(
        "gcr.io/cloud-sql-connectors/cloud-sql-proxy",
        _NO_SHELL,
        _RELEASES,
        source="GoogleCloudPlatform/cloud-sql-proxy README.md",
    ),
    *_each(
        "gcr.io/cloudsql-docker/gce-proxy",
        _NO_SHELL,
        _RELEASES,
        since="1.16",
        source="GoogleCloudPlatform/cloud-sql-proxy Dockerfile",
    ),
    # Metrics, logs and traces.
    *_each(
        _PROMETHEUS,
        _BUSYBOX,
        "latest|latest-busybox|#|#-busybox",
        since="0.20.0",
        source="prometheus/prometheus Dockerfile",
    ),
    *_each(_PROMETHEUS, _NO_SHELL, "*-distroless", source="prometheus/prometheus Dockerfile.distroless"),
    *_each(
        "quay.io/prometheus-operator/prometheus-config-reloader quay.io/prometheus-operator/prometheus-operator",
        _BUSYBOX,
        "#",
        since="0.37.0",
        source="prometheus-operator/prometheus-operator cmd/prometheus-config-reloader/Dockerfile",
    ),
    *_each("quay.io/thanos/thanos", _BUSYBOX, "#", source="thanos-io/thanos Dockerfile"),
    *_each(
        "docker.io/oliver006/redis_exporter ghcr.io/oliver006/redis_exporter quay.io/oliver006/redis_exporter",
        _NO_SHELL,
        _RELEASES,
        since="1.31.4",
        source="oliver006/redis_exporter README.md",
    ),
    *_each("quay.io/brancz/kube-rbac-proxy", _NO_SHELL, "#", since="0.6.0", source="brancz/kube-rbac-proxy Dockerfile"),
    *_each(
        "cr.fluentbit.io/fluent/fluent-bit docker.io/fluent/fluent-bit",
        _NO_SHELL,
        _RELEASES,
        since="1.9.0",
        source="fluent/fluent-bit dockerfiles/Dockerfile",
    ),
    # Loki's and Tempo's first images from distroless were its debug variant, with BusyBox.
    *_each("grafana/loki", _NO_SHELL, _RELEASES, since="3.6.0", source="grafana/loki cmd/loki/Dockerfile"),
    *_each("grafana/tempo", _NO_SHELL, _RELEASES, since="2.9.3", source="grafana/tempo cmd/tempo/Dockerfile"),
    *_each("grafana/mimir", _NO_SHELL, _RELEASES, since="2.13.0", source="grafana/mimir#8204"),
    *_each("grafana/mimirtool", _NO_SHELL, _RELEASES, since="2.17.2", source="grafana/mimir#13231"),
    *_each(
        _COLLECTORS,
        _NO_SHELL,
        _RELEASES,
        since="0.42.0",
        source="open-telemetry/opentelemetry-collector-releases distributions/otelcol-contrib/Dockerfile",
    ),
    # Kubernetes and what runs beside it.
    *_kubernetes("pause", _NO_SHELL, source="kubernetes/kubernetes build/pause/Dockerfile"),
    *_kubernetes(
        "kube-apiserver kube-scheduler",
        _NO_SHELL,
        since="1.19.0",
        source="kubernetes/kubernetes#90674",
    ),
    *_each(
        "gcr.io/etcd-development/etcd quay.io/coreos/etcd",
        _NO_SHELL,
        "#",
        since="3.5.7",
        source="etcd-io/etcd Dockerfile",
    ),
    # coredns/helm#43 names 1.8.5; it is so since Alpine went, in 1.1.4.
    *_each("coredns/coredns", _NO_SHELL, _RELEASES, since="1.1.4", source="coredns/coredns#2984"),
    *_kubernetes("coredns/coredns", _NO_SHELL, source="coredns/helm#43"),
    *_kubernetes(
        "kube-state-metrics/kube-state-metrics",
        _NO_SHELL,
        source="kubernetes/kube-state-metrics Dockerfile",
    ),
    *_kubernetes("metrics-server/metrics-server", _NO_SHELL, source="kubernetes-sigs/metrics-server Dockerfile"),
    *_kubernetes(
        "external-dns/external-dns",
        _NO_SHELL,
        since="0.13.6",
        source="kubernetes-sigs/external-dns .ko.yaml",
    ),
    *_kubernetes(_SIDECARS, _NO_SHELL, source="kubernetes-csi/csi-driver-host-path#175"),
    *_kubernetes(
        "autoscaling/cluster-autoscaler",
        _NO_SHELL,
        since="1.16.0",
        source="kubernetes/autoscaler#1787",
    ),
    *_kubernetes(
        _VPA,
        _NO_SHELL,
        since="0.9.0",
        source="kubernetes/autoscaler vertical-pod-autoscaler/pkg/recommender/Dockerfile",
    ),
    *_each(
        "quay.io/metallb/controller quay.io/metallb/speaker",
        _NO_SHELL,
        "#",
        since="0.14.6",
        source="metallb/metallb speaker/Dockerfile",
    ),
    *_each(_CERT_MANAGER, _NO_SHELL, "#", since="1.0.0", source="cert-manager/cert-manager make/base_images.mk"),
    *_each(
        "ghcr.io/external-secrets/external-secrets oci.external-secrets.io/external-secrets/external-secrets",
        _NO_SHELL,
        "#",
        since="0.3.9",
        source="external-secrets/external-secrets Dockerfile",
    ),
    *_each(
        "ghcr.io/kyverno/kyverno reg.kyverno.io/kyverno/kyverno",
        _NO_SHELL,
        "#",
        since="1.9.0",
        source="kyverno/kyverno .ko.yaml",
    ),
    *_each(
        "openpolicyagent/gatekeeper", _NO_SHELL, "#", since="3.1.0", source="open-policy-agent/gatekeeper Dockerfile"
    ),
    *_each("velero/velero", _NO_SHELL, _RELEASES, since="1.7.0", source="vmware-tanzu/velero Dockerfile"),
    *_each(
        "ghcr.io/kedacore/keda ghcr.io/kedacore/keda-metrics-apiserver",
        _NO_SHELL,
        "#",
        since="2.0.0",
        source="kedacore/keda Dockerfile",
    ),
    *_each(
        "docker.io/daprio/daprd ghcr.io/dapr/daprd",
        _NO_SHELL,
        _RELEASES,
        since="1.0.0",
        source="dapr/dapr docker/Dockerfile",
    ),
    *_each(
        "quay.io/argoproj/argo-rollouts",
        _NO_SHELL,
        _RELEASES,
        since="1.0.0",
        source="argoproj/argo-rollouts Dockerfile",
    ),
    *_each(
        "quay.io/argoproj/argocli quay.io/argoproj/workflow-controller",
        _NO_SHELL,
        _RELEASES,
        since="3.0.0",
        source="argoproj/argo-workflows Dockerfile",
    ),
)
