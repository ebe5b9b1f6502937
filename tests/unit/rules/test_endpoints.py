"""The rule httpget-method, and the table of endpoints that it goes by."""

from typing import Any

import pytest

from lifecycle_rules import ENDPOINTS, UNKNOWN, Endpoint, check
from lifecycle_rules.endpoints import MAX_PATH, plain

from .test_practice_hooks import PRE_AND_POST, command, messages, shell

ENVOY = "envoyproxy/envoy:v1.33.0"
OTHERS = "ghcr.io/acme/app:1"
ANY_ANSWER = "nothing happens, and the kubelet counts any answer as success"


def get(path: Any, port: Any = 9901, **fields: Any) -> dict[str, Any]:
    return {"httpGet": {"path": path, "port": port, **fields}}


def said(hook: Any, image: Any = OTHERS, event: str = "preStop", **where: Any) -> list[str]:
    below = "httpGet.path" if isinstance(hook, dict) and "httpGet" in hook else "exec.command"
    return messages("httpget-method", event, hook, below, image=image, **where)


def says(product: str, path: str, method: str = "POST") -> list[str]:
    return [f"{product} acts on {path} only by {method}, but the hook sends GET: {ANY_ANSWER}"]


@PRE_AND_POST
@pytest.mark.parametrize(
    "path",
    ["/drain_listeners", "/drain_listeners?graceful", "/drain_listeners/", "drain_listeners", "/drain_listeners#a"],
)
def test_a_path_that_tells_by_itself(event: str, path: str) -> None:
    assert said(get(path, 8080), event=event) == says("Envoy", "/drain_listeners")
    assert said(get(path, 8080), event=event, sidecar=True) == says("Envoy", "/drain_listeners")


@pytest.mark.parametrize(
    ("path", "port", "image", "product", "shown", "method"),
    [
        ("/healthcheck/fail", 9901, ENVOY, "Envoy", "/healthcheck/fail", "POST"),
        ("/quitquitquit", 10000, "acme.example/edge-envoy:2", "Envoy", "/quitquitquit", "POST"),
        ("/quitquitquit", 15020, "istio/proxyv2:1.24.0", "Istio's agent", "/quitquitquit", "POST"),
        ("/quitquitquit", 15020, OTHERS, "Istio's agent", "/quitquitquit", "POST"),
        ("/drain", 15020, OTHERS, "Istio's agent", "/drain", "POST"),
        ("/quitquitquit", 15000, OTHERS, "Envoy", "/quitquitquit", "POST"),
        ("/quitquitquit", 9901, OTHERS, "Envoy", "/quitquitquit", "POST"),
        ("/shutdown", 4191, OTHERS, "Linkerd's proxy", "/shutdown", "POST"),
        ("/shutdown", 4191, "cr.l5d.io/linkerd/proxy:edge-25.6.1", "Linkerd's proxy", "/shutdown", "POST"),
        ("/actuator/shutdown", 8080, OTHERS, "Spring Boot", "/actuator/shutdown", "POST"),
        ("/api/actuator/shutdown", 8080, OTHERS, "Spring Boot", "/actuator/shutdown", "POST"),
        ("/actuator/serviceregistry?status=DOWN", 80, OTHERS, "Spring Cloud", "/actuator/serviceregistry", "POST"),
        ("/-/quit", 9090, "prom/prometheus:v3.4.0", "Prometheus", "/-/quit", "POST or PUT"),
        ("/prom/-/reload", 9090, "quay.io/prometheus/prometheus", "Prometheus", "/-/reload", "POST or PUT"),
        ("/-/reload", 9093, "prom/alertmanager", "Alertmanager", "/-/reload", "POST"),
        ("/-/quit", 9091, "prom/pushgateway", "Pushgateway", "/-/quit", "POST or PUT"),
        ("/-/reload", 9115, "prom/blackbox-exporter", "the blackbox exporter", "/-/reload", "POST"),
        ("/v1/agent/leave", 8500, "hashicorp/consul:1.21", "Consul", "/v1/agent/leave", "PUT"),
        ("/v1/sys/step-down", 8200, OTHERS, "Vault", "/v1/sys/step-down", "POST or PUT"),
        ("/v1.0/shutdown", 3500, OTHERS, "Dapr", "/v1.0/shutdown", "POST"),
        ("/stop", 2019, "caddy:2", "Caddy", "/stop", "POST"),
        ("/se/grid/node/drain", 5555, "selenium/node-chrome", "Selenium Grid", "/se/grid/node/drain", "POST"),
        ("/v1/info/state", 8080, "trinodb/trino:470", "Trino", "/v1/info/state", "PUT"),
        ("/druid/worker/v1/disable", 8091, OTHERS, "Druid", "/druid/worker/v1/disable", "POST"),
        ("/api/v2/reload", 2020, "fluent/fluent-bit:4.0", "Fluent Bit", "/api/v2/reload", "POST or PUT"),
        ("/shutdown", 9358, OTHERS, "Agones", "/shutdown", "POST"),
        (
            *("/_cluster/voting_config_exclusions?node_names=a", 9200, OTHERS),
            *("Elasticsearch", "/_cluster/voting_config_exclusions", "POST"),
        ),
        ("/v1/brokers/3/maintenance", 9644, OTHERS, "Redpanda", "/v1/brokers/*/maintenance", "PUT"),
    ],
)
def test_the_endpoints_of_a_product(path: str, port: int, image: str, product: str, shown: str, method: str) -> None:
    assert said(get(path, port), image) == says(product, shown, method)


@pytest.mark.parametrize(
    ("path", "port", "image"),
    [
        ("/quitquitquit", 8080, OTHERS),
        ("/quitquitquit", 9091, "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2"),
        ("/shutdown", 8090, "ghcr.io/projectcontour/contour:v1.30.0"),
        ("/shutdown", 8080, OTHERS),
        ("/stop", 8080, OTHERS),
        ("/stop", 2019, OTHERS),
        ("/stop", 8080, "caddy:2"),
        ("/logging", 9901, OTHERS),
        ("/drain", 8080, OTHERS),
        ("/-/reload", 9090, OTHERS),
        ("/-/reload", 8429, "victoriametrics/vmagent"),
        ("/ingester/shutdown", 3100, "grafana/loki:3"),
        ("/v1/agent/leave", 8500, OTHERS),
        ("/v1/info/state", 8080, OTHERS),
        ("/stats", 9901, ENVOY),
        ("/ready", 15021, OTHERS),
        ("/actuator/health", 8080, OTHERS),
        ("/actuator/shutdowns", 8080, OTHERS),
        ("/drain_listeners/all", 9901, ENVOY),
        ("/Drain_Listeners", 9901, ENVOY),
        ("/quitquitquit", 9901, "not an image"),
        *[(path, 9901, ENVOY) for path in (None, UNKNOWN, 5, ["/drain_listeners"], "", "/", "/" + "a" * 5000)],
    ],
)
def test_what_may_well_take_a_get(path: Any, port: int, image: str) -> None:
    declared = [{"name": "admin", "containerPort": port}]
    assert said(get(path, port), image, ports=declared) == []


@pytest.mark.parametrize("port", [9901, "admin", 9901.0])
def test_the_container_that_declares_the_port_is_the_server(port: Any) -> None:
    ports = [UNKNOWN, {"name": "admin", "containerPort": 9901}]
    assert said(get("/quitquitquit", port), ENVOY, ports=ports) == says("Envoy", "/quitquitquit")
    assert said(get("/quitquitquit", port), OTHERS, ports=ports) == []
    assert said(get("/quitquitquit", port), UNKNOWN, ports=ports) == []


@pytest.mark.parametrize("port", [UNKNOWN, "admin"])
def test_a_port_that_is_not_known(port: Any) -> None:
    ports = [{"name": "web", "containerPort": UNKNOWN}, {"name": "other"}, UNKNOWN]
    assert said(get("/quitquitquit", port), ENVOY, ports=ports) == []
    assert said(get("/drain_listeners", port), ENVOY, ports=ports, kind="PodPatch") == says("Envoy", "/drain_listeners")


def of_two(own: Any, other: Any, hook: Any) -> list[str]:
    """What is said of the hook in the first of two containers."""
    containers = [{"name": "a", "lifecycle": {"preStop": hook}, **own}, {"name": "b", **other}]
    found = check("Pod", {"spec": {"containers": containers}})
    return [each.message for each in found if each.rule.id == "httpget-method"]


def test_a_server_beside_the_container() -> None:
    declares, hook = {"ports": [{"containerPort": 9901}]}, get("/healthcheck/fail", 9901)
    assert of_two({"image": OTHERS}, {"image": ENVOY, **declares}, hook) == says("Envoy", "/healthcheck/fail")
    assert of_two({"image": OTHERS}, {"image": ENVOY}, hook) == says("Envoy", "/healthcheck/fail")
    assert of_two({"image": OTHERS, **declares}, {"image": ENVOY}, hook) == []
    assert of_two({"image": ENVOY}, {"image": OTHERS, **declares}, hook) == []
    assert of_two({"image": OTHERS}, {"image": ENVOY}, get("/healthcheck/fail", 9902)) == []
    assert of_two({"image": OTHERS}, {"image": OTHERS}, hook) == []


def test_a_path_may_be_so_long() -> None:
    path = f"/{'a' * (MAX_PATH - 19)}/actuator/shutdown"
    assert said(get(path)) == says("Spring Boot", "/actuator/shutdown")
    assert said(get(f"{path}/")) == []


def test_a_server_in_a_sidecar() -> None:
    hook = get("/healthcheck/fail", 9901)
    for policy, expected in (("Always", says("Envoy", "/healthcheck/fail")), (None, [])):
        before = [5, {"name": "b", "image": ENVOY, "ports": [{"containerPort": 9901}], "restartPolicy": policy}]
        assert said(hook, spec={"initContainers": before}) == expected


def test_an_injected_server_is_none_where_a_container_declares_its_port() -> None:
    declares = {"image": OTHERS, "ports": [{"containerPort": 15020}]}
    assert of_two({"image": OTHERS}, {"image": OTHERS}, get("/quitquitquit", 15020)) != []
    assert of_two({"image": OTHERS}, declares, get("/quitquitquit", 15020)) == []
    assert of_two(declares, {"image": OTHERS}, get("/quitquitquit", 15020)) == []


def test_a_request_that_leaves_the_pod() -> None:
    assert said(get("/quitquitquit", 15020, host="10.0.0.1")) == []
    assert said(get("/quitquitquit", 15020, host=UNKNOWN)) == []
    assert said(get("/quitquitquit", 15020, host="127.0.0.1")) == [], "the node's own, where the Pod has an address"
    assert said(get("/drain_listeners", 9901, host="10.0.0.1")) == says("Envoy", "/drain_listeners")
    spec = {"hostNetwork": True}
    assert said(get("/quitquitquit", 15020, host="127.0.0.1"), spec=spec) == says("Istio's agent", "/quitquitquit")


@PRE_AND_POST
@pytest.mark.parametrize(
    ("hook", "program"),
    [
        (command("curl", "http://localhost:9901/drain_listeners?graceful"), "curl"),
        (command("/usr/bin/wget", "-qO-", "127.0.0.1:9901/drain_listeners"), "wget"),
        (shell("sleep 1; curl -sf localhost:9901/drain_listeners/ || true"), "curl"),
        (shell("curl -X GET localhost:9901/drain_listeners; sleep 20"), "curl"),
        (shell("curl http://edge.svc:9901/drain_listeners"), "curl"),
        (shell("for i in 1 2; do curl localhost:9901/drain_listeners; done"), "curl"),
    ],
)
def test_a_program_that_sends_get(event: str, hook: Any, program: str) -> None:
    words = f"Envoy acts on /drain_listeners only by POST, but {program} sends GET: nothing happens"
    assert said(hook, event=event) == [words]


@pytest.mark.parametrize(
    "script",
    [
        "curl -X POST localhost:9901/drain_listeners",
        "curl -d '' localhost:9901/drain_listeners",
        "curl -I localhost:9901/drain_listeners",
        "curl $OPTIONS localhost:9901/drain_listeners",
        'curl "localhost:$PORT/drain_listeners"',
        "wget --post-data= localhost:9901/drain_listeners",
        "curl -X POST localhost:9901/drain_listeners || wget localhost:9901/drain_listeners",
        "curl localhost:8080/quitquitquit",
        "curl http://web.svc:15020/quitquitquit",
        "echo localhost:9901/drain_listeners",
        "curl",
    ],
)
def test_a_program_that_sends_another_or_is_not_certain(script: str) -> None:
    assert said(shell(script)) == []


def test_a_program_asks_the_server_in_its_pod() -> None:
    hook = command("curl", "localhost:15020/quitquitquit")
    assert said(hook) == ["Istio's agent acts on /quitquitquit only by POST, but curl sends GET: nothing happens"]
    assert said(hook, ports=[{"containerPort": 15020}]) == []


def test_a_sidecar_that_does_not_stop_itself_by_get() -> None:
    for hook, below in (
        (get("/quitquitquit", 15020), "httpGet.path"),
        (command("curl", "localhost:15020/quitquitquit"), "exec.command"),
    ):
        assert messages("sidecar-self-stop", "preStop", hook, below, image=OTHERS, sidecar=True) == []
        assert len(said(hook, sidecar=True)) == 1


def test_endpoints_of_ones_own() -> None:
    def own(*entries: Endpoint, image: str = OTHERS, port: int = 8080) -> list[str]:
        options = {"endpoints": (*ENDPOINTS, *entries)}
        return said(get("/stop?now", port), image, ports=[{"containerPort": port}], options=options)

    assert own(Endpoint("/stop", "PUT")) == says("the server", "/stop", "PUT")
    assert own(Endpoint("/stop", "PUT", "acme")) == says("acme", "/stop", "PUT")
    assert own(Endpoint("/s*p", "PUT", image="ghcr.io/acme/*", port=8080)) == says("the server", "/s*p", "PUT")
    assert own(Endpoint("/stop", "PUT", image="nginx"), image="nginx:1") == says("the server", "/stop", "PUT")
    assert own(Endpoint("/stop", "PUT", port=8080)) == says("the server", "/stop", "PUT")
    assert own(Endpoint("/stop", "PUT", port=8081)) == []
    assert own(Endpoint("/stop", "PUT", image="ghcr.io/other/*")) == []
    assert own(Endpoint("/stop", "PUT", image="ghcr.io/acme/*", port=8081)) == []
    assert own(Endpoint("/stop/", "PUT")) == own() == []
    assert said(get("/drain_listeners"), options={"endpoints": []}) == []


def test_the_table_says_where_each_entry_stands() -> None:
    assert [each for each in ENDPOINTS if not (each.product and each.source.startswith("https://"))] == []
    assert [each for each in ENDPOINTS if each.path != plain(each.path) and not each.path.startswith("*/")] == []
    assert [each for each in ENDPOINTS if "GET" in each.method] == []
    assert len(set(ENDPOINTS)) == len(ENDPOINTS)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", "/"),
        ("/", "/"),
        ("a", "/a"),
        ("/a/?b/c", "/a"),
        ("//a//", "/a"),
        ("/a#b?c", "/a"),
        ("?a", "/"),
        ("/X/", "/X"),
    ],
)
def test_a_plain_path(path: str, expected: str) -> None:
    assert plain(path) == expected
