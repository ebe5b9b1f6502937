"""Endpoints that need another method than GET, the only one that an httpGet hook sends: a table that a caller can
extend.

    check("Pod", pod, endpoints=(*ENDPOINTS, Endpoint("/stop", "POST", "acme", port=8081)))

Each entry comes from the product's own documentation or source. Endpoints that accept GET too are left out: the Cloud
SQL proxy's /quitquitquit, Loki's and Mimir's /ingester/shutdown, /-/reload of VictoriaMetrics and Grafana Alloy, and
those of Contour's shutdown-manager and Fluentd. If other servers may have the same path, the image or the port decides.
"""

import functools
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from .images import Image, parse_reference

MAX_PATH: Final = 2048  # characters; longer ones are none of the table's


@dataclass(frozen=True)
class Endpoint:
    """An entry of the table. If it has an `image` or a `port`, they must match too."""

    path: str
    """The path without a query; `*` matches any characters."""
    method: str
    """The method that the endpoint expects, or several, as in `POST or PUT`."""
    product: str = ""
    image: str = ""
    """The server's image, as in `Image.name`. The server is the container that declares the port. If none does, it is
    the hook's own container or, for an entry with a `port`, any container of the Pod."""
    port: int = 0
    is_injected: bool = False
    """Whether a mesh injects the server, so that no manifest shows it. The `port` is then the server's own if no
    container declares it."""
    source: str = ""

    @property
    def shown(self) -> str:
        """The path as a message has it."""
        return self.path.removeprefix("*")


class Server(NamedTuple):
    """What a Pod shows of the server that a request goes to."""

    port: object
    declared: tuple[str, ...] = ()
    """The images of the containers that declare the port."""
    own: tuple[str, ...] = ()
    """The image of the hook's container."""
    pod: tuple[str, ...] = ()
    """The images of all containers."""
    is_local: bool = True
    """False where the request leaves the Pod."""


def with_path(path: str, table: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
    """The entries of the table that a path fits."""
    if len(path) > MAX_PATH:
        return ()
    index = _KNOWN if table is ENDPOINTS else _index(table)
    return index.with_path(path)


def refusing(entries: tuple[Endpoint, ...], server: Server) -> Endpoint | None:
    """The one of these entries that a GET meets which goes to this server; None where there is none."""
    for each in entries:
        if _is_of(each, server):
            return each
    return None


def _is_of(entry: Endpoint, server: Server) -> bool:
    if not (entry.image or entry.port):
        return True
    if not server.is_local or entry.port not in (0, server.port):
        return False
    if entry.is_injected:
        return not server.declared
    images = server.declared or (server.pod if entry.port else server.own)
    return not entry.image or any(_fits(image, entry.image) for image in images)


def plain(path: str) -> str:
    """A path without its query, its fragment, and the slashes at its end; with the one at its beginning."""
    return f"/{path.partition('?')[0].partition('#')[0].strip('/')}"


class _Index:
    """The table by path: what was asked for once is found at once, with its query and without."""

    def __init__(self, table: tuple[Endpoint, ...]) -> None:
        self._table = table
        self.with_path = functools.lru_cache(maxsize=1024)(self._with_path)
        self._with_plain_path = functools.lru_cache(maxsize=1024)(self._search)

    def _with_path(self, path: str) -> tuple[Endpoint, ...]:
        return self._with_plain_path(plain(path))

    def _search(self, path: str) -> tuple[Endpoint, ...]:
        return tuple(each for each in self._table if fnmatchcase(path, each.path))


_index: Final = functools.lru_cache(maxsize=8)(_Index)


@functools.lru_cache(maxsize=1024)
def _fits(image: str, pattern: str) -> bool:
    reference = parse_reference(image)
    return reference is not None and fnmatchcase(reference.name, Image(pattern, frozenset()).full_name)


def _of(
    product: str, source: str, method: str, *paths: str, images: tuple[str, ...] = (), ports: tuple[int, ...] = ()
) -> tuple[Endpoint, ...]:
    """Paths that tell by themselves; or that others may have too, by the image, and by the image and a port."""
    places = [(image, port) for port in (0, *ports) for image in images] or [("", 0)]
    return tuple(Endpoint(path, method, product, *place, source=source) for path in paths for place in places)


def _injected(product: str, source: str, method: str, *paths: str, port: int) -> tuple[Endpoint, ...]:
    """Paths of a server that a mesh injects."""
    return tuple(Endpoint(path, method, product, port=port, is_injected=True, source=source) for path in paths)


_ENVOY: Final = "https://www.envoyproxy.io/docs/envoy/latest/operations/admin"
_ADMIN: Final = (
    *("/cpuprofiler", "/healthcheck/fail", "/healthcheck/ok", "/heapprofiler", "/logging", "/quitquitquit"),
    *("/reopen_logs", "/reset_counters", "/runtime_modify"),
)
_ISTIO: Final = "https://github.com/istio/istio/blob/master/pilot/cmd/pilot-agent/status/server.go"
_LINKERD: Final = "https://github.com/linkerd/linkerd2-proxy/blob/main/linkerd/app/admin/src/server.rs"
_SPRING: Final = "https://docs.spring.io/spring-boot/api/rest/actuator/shutdown.html"
_SPRING_CLOUD: Final = (
    "https://docs.spring.io/spring-cloud-commons/reference/spring-cloud-commons/common-abstractions.html"
)
_CONSUL: Final = "https://developer.hashicorp.com/consul/api-docs/agent"
_CONSULS: Final = ("*consul", "*/consul-enterprise")

ENDPOINTS: Final = (
    *_of("Envoy", _ENVOY, "POST", "/drain_listeners"),
    *_of("Envoy", _ENVOY, "POST", *_ADMIN, images=("*envoy",), ports=(9901,)),
    *_injected("Envoy", _ENVOY, "POST", "/quitquitquit", port=9901),  # Kuma's
    *_injected("Envoy", _ENVOY, "POST", *_ADMIN, port=15000),  # Istio's
    *_injected("Istio's agent", _ISTIO, "POST", "/drain", "/quitquitquit", port=15020),
    *_of("Istio's agent", _ISTIO, "POST", "/drain", "/quitquitquit", images=("*/proxyv2",)),
    *_injected("Linkerd's proxy", _LINKERD, "POST", "/shutdown", port=4191),
    *_of("Linkerd's proxy", _LINKERD, "POST", "/shutdown", images=("*linkerd/proxy",)),
    *_of("Spring Boot", _SPRING, "POST", "*/actuator/shutdown"),
    *_of("Spring Cloud", _SPRING_CLOUD, "POST", "*/actuator/service-registry", "*/actuator/serviceregistry"),
    *_of(
        "Prometheus",
        "https://prometheus.io/docs/prometheus/latest/management_api/",
        "POST or PUT",
        *("*/-/quit", "*/-/reload"),
        images=("*/prometheus",),
    ),
    *_of(
        "Alertmanager",
        "https://prometheus.io/docs/alerting/latest/management_api/",
        "POST",
        "*/-/reload",
        images=("*/alertmanager",),
    ),
    *_of(
        "Pushgateway",
        "https://github.com/prometheus/pushgateway/blob/master/main.go",
        "POST or PUT",
        "*/-/quit",
        images=("*/pushgateway",),
    ),
    *_of(
        "the blackbox exporter",
        "https://github.com/prometheus/blackbox_exporter/blob/master/main.go",
        "POST",
        "*/-/reload",
        images=("*/blackbox-exporter", "*/blackbox_exporter"),
    ),
    *_of(
        "Consul",
        _CONSUL,
        "PUT",
        *("/v1/agent/leave", "/v1/agent/maintenance", "/v1/agent/reload", "/v1/agent/service/deregister/*"),
        images=_CONSULS,
        ports=(8500, 8501),
    ),
    *_of(
        "Vault",
        "https://developer.hashicorp.com/vault/api-docs/system/step-down",
        "POST or PUT",
        *("/v1/sys/seal", "/v1/sys/step-down"),
    ),
    *_injected("Dapr", "https://docs.dapr.io/reference/api/shutdown_api/", "POST", "/v1.0/shutdown", port=3500),
    *(  # at its other ports, a site may have these paths
        Endpoint(path, "POST", "Caddy", "*/caddy", 2019, source="https://caddyserver.com/docs/api")
        for path in ("/load", "/stop")
    ),
    *_of(
        "Selenium Grid",
        "https://www.selenium.dev/documentation/grid/advanced_features/endpoints/",
        "POST",
        *("/se/grid/distributor/node/*/drain", "/se/grid/node/drain"),
    ),
    *_of(
        "Trino",
        "https://trino.io/docs/current/admin/graceful-shutdown.html",
        "PUT",
        "/v1/info/state",
        images=("*/presto", "*/prestodb", "*/trino"),
    ),
    *_of(
        "Druid",
        "https://druid.apache.org/docs/latest/api-reference/service-status-api",
        "POST",
        *("/druid/worker/v1/disable", "/druid/worker/v1/enable"),
    ),
    *_of(
        "Fluent Bit",
        "https://docs.fluentbit.io/manual/administration/hot-reload",
        "POST or PUT",
        "/api/v2/reload",
        images=("*fluent-bit",),
        ports=(2020,),
    ),
    *_injected(
        "Agones",
        "https://agones.dev/site/docs/guides/client-sdks/rest/",
        "POST",
        *("/allocate", "/health", "/ready", "/reserve", "/shutdown"),
        port=9358,
    ),
    *_of(
        "Elasticsearch",
        "https://www.elastic.co/guide/en/elasticsearch/reference/8.18/voting-config-exclusions.html",
        "POST",
        *("/_cluster/voting_config_exclusions", "/_cluster/voting_config_exclusions/*"),
    ),
    *_of(
        "Redpanda",
        "https://docs.redpanda.com/api/doc/admin/operation/operation-start_broker_maintenance",
        "PUT",
        "/v1/brokers/*/maintenance",
    ),
)
_KNOWN: Final = _Index(ENDPOINTS)
