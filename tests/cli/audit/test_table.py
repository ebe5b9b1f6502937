"""`lifecycle audit` over a cluster: its rows, what it counts, and with which exit status."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from audit.api import served
from audit.objects import (
    Json,
    container,
    endpoint_slice,
    event,
    meta,
    pod,
    replica_set,
    service,
    spec,
    template,
    workload,
)
from commands import ROOT, Said, lifecycle

SLEEPS = {"sleep": {"seconds": 10}}
NOBODY = {"kind": "Role", "name": "x"}
SHOP = (
    workload("Deployment", "api", spec(container("api", SLEEPS, ports=[{"containerPort": 80}]), grace=40)),
    replica_set("api-5d9c7b6f4", "api"),
    pod("api-5d9c7b6f4-x2x4z", ("ReplicaSet", "api-5d9c7b6f4"), spec(container("api")), app="api", restarts=2),
    pod("api-5d9c7b6f4-b5b6c", ("ReplicaSet", "api-5d9c7b6f4"), spec(container("api")), app="api", ready=False),
    service("api", "api"),
    workload("StatefulSet", "db", spec(container("db", {"exec": {"command": ["pg_ctl", "stop"]}}))),
    pod("db-0", ("StatefulSet", "db"), spec(container("db")), app="db"),
)


def audit(tmp_path: Path, *args: str, objects: tuple[Json, ...] = SHOP, **how: object) -> Said:
    with served(tmp_path, *objects, **how) as api:
        return lifecycle("audit", "--no-config", "--kubeconfig", str(api.kubeconfig), *args, cwd=tmp_path)


def cells(said: Said) -> list[dict[str, str]]:
    """The rows of a table, by its heads; columns are three spaces apart."""
    head, *rows = said.out.split("\n\n")[0].splitlines()
    starts = [at for at in range(len(head)) if head[at] != " " and (at == 0 or head[at - 1] == " ")]
    ends = [*starts[1:], None]
    return [{head[a:b].strip(): row[a:b].strip() for a, b in zip(starts, ends, strict=True)} for row in rows]


def test_the_table(tmp_path: Path) -> None:
    said = audit(tmp_path)
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == [
        "WORKLOAD     CONTAINER   READY   POSTSTART   PRESTOP     GRACE   LEFT    READINESS   SERVICES   RESTARTS   FAILED   FINDINGS",  # noqa: E501
        "deploy/api   api         1/2     <none>      sleep 10s   40s     30s     <none>      api 0/2    2          <none>   serve-no-readiness",  # noqa: E501
        "sts/db       db          1/1     <none>      exec ?      30s     2-30s   <none>      <none>     0          <none>   <none>",  # noqa: E501
        "",
        "2 workloads, 2 containers, 3 Pods: 1 is behind a Service, with a preStop hook",
        "failed hooks, from the events that still exist: none",
        "most frequent rules: serve-no-readiness 1",
    ]


def test_owners_are_resolved(tmp_path: Path) -> None:
    objects = (
        workload("CronJob", "report"),
        {**workload("Job", "report-29403"), "metadata": meta("report-29403", ("CronJob", "report"))},
        pod("report-29403-x2x4z", ("Job", "report-29403")),
        workload("Job", "migrate"),
        workload("DaemonSet", "agent"),
        workload("ReplicationController", "old"),
        workload("ReplicaSet", "alone"),
        pod("alone-x2x4z", ("ReplicaSet", "alone")),
        pod("canary-7f6b5-x2x4z", ("Rollout", "canary")),
        pod("canary-7f6b5-z2x4z", ("Rollout", "canary")),
        pod("etcd-one", ("Node", "one")),
        pod("debug"),
    )
    rows = {row["WORKLOAD"]: row["READY"] for row in cells(audit(tmp_path, objects=objects))}
    assert rows == {
        "cj/report": "1/1",
        "job/migrate": "0/0",
        "ds/agent": "0/0",
        "rc/old": "0/0",
        "rs/alone": "1/1",
        "rollout/canary": "2/2",
        "po/etcd-one": "1/1",
        "po/debug": "1/1",
    }


def test_the_owner_of_a_replica_set_may_be_of_another_kind(tmp_path: Path) -> None:
    made = {**workload("ReplicaSet", "x"), "metadata": meta("canary-7f6b5", ("Rollout", "canary"))}
    objects = (made, pod("canary-7f6b5-x2x4z", ("ReplicaSet", "canary-7f6b5")))
    assert [row["WORKLOAD"] for row in cells(audit(tmp_path, objects=objects))] == ["rollout/canary"]


def test_a_container_that_was_injected_has_a_row(tmp_path: Path) -> None:
    proxy = container("proxy", {"tcpSocket": {"port": 1}}, restartPolicy="Always")
    whole = spec(container("app", SLEEPS), initContainers=[proxy, container("init")])
    objects = (workload("StatefulSet", "db", spec(container("app", SLEEPS))), pod("db-0", ("StatefulSet", "db"), whole))
    said = audit(tmp_path, "-o", "wide", objects=objects)
    assert [(row["CONTAINER"], row["ROLE"], row["PRESTOP"]) for row in cells(said)] == [
        ("app", "app", "sleep 10s"),
        ("proxy", "injected", "tcpSocket fails"),
    ]
    assert (cells(said)[1]["FINDINGS"], said.status) == ("tcpsocket-hook", 1)


def test_services_are_those_that_select_and_those_with_slices(tmp_path: Path) -> None:
    by_hand = {"kind": "Service", "metadata": meta("by-hand"), "spec": {"ports": [{"port": 80}]}}
    external = service("external", "db", type="ExternalName")
    objects = (
        *SHOP,
        endpoint_slice("api", {"api-5d9c7b6f4-x2x4z": True, "api-5d9c7b6f4-b5b6c": False}),
        endpoint_slice("by-hand", {"db-0": True}),
        by_hand,
        external,
    )
    rows = {row["WORKLOAD"]: row["SERVICES"] for row in cells(audit(tmp_path, objects=objects))}
    assert rows == {"deploy/api": "api 1/2", "sts/db": "by-hand 1/1"}


def test_two_slices_of_one_service_are_one_endpoint_each_pod(tmp_path: Path) -> None:
    """Of IPv4 and of IPv6."""
    objects = (*SHOP, endpoint_slice("db", {"db-0": True}), endpoint_slice("db", {"db-0": True}))
    assert cells(audit(tmp_path, objects=objects))[1]["SERVICES"] == "db 1/1"


def test_failures_in_the_events_also_of_pods_that_are_gone(tmp_path: Path) -> None:
    objects = (
        *SHOP,
        workload("DaemonSet", "agent"),
        event("FailedPreStopHook", "api-5d9c7b6f4-x2x4z", "api", 3, "2026-11-27T09:00:00Z"),
        event("FailedPreStopHook", "api-5d9c7b6f4-b2b2b", "api", 1, "2020-11-27T10:00:00Z"),
        event("FailedPostStartHook", "agent-c4c5d"),
        event("FailedPreStopHook", "db-7", "db"),
        event("FailedPreStopHook", "somebody-else", "app", 2),
        event("BackOff", "db-0", "db"),
    )
    said = audit(tmp_path, "-o", "json", objects=objects)
    report = json.loads(said.out)
    failed = {each["name"]: each["containers"][0]["hookFailures"] for each in report["workloads"]}
    stamp = "2026-11-27T10:00:00Z"
    assert failed == {
        "agent": {"FailedPostStartHook": {"count": 1, "last": stamp}},
        "api": {"FailedPreStopHook": {"count": 4, "last": "2026-11-27T09:00:00Z"}},
        "db": {"FailedPreStopHook": {"count": 1, "last": stamp}},
    }
    assert report["summary"]["hookFailures"] == {"FailedPreStopHook": 7, "FailedPostStartHook": 1}


def test_an_event_of_a_series(tmp_path: Path) -> None:
    made = event("FailedPreStopHook", "db-0", "db")
    made |= {"count": None, "lastTimestamp": None, "series": {"count": 5, "lastObservedTime": "2026-11-27T10:30:00Z"}}
    report = json.loads(audit(tmp_path, "-o", "json", objects=(*SHOP, made)).out)
    failed = report["workloads"][1]["containers"][0]["hookFailures"]
    assert failed == {"FailedPreStopHook": {"count": 5, "last": "2026-11-27T10:30:00Z"}}


@pytest.mark.parametrize(
    ("pre_stop", "grace", "shown", "left"),
    [
        (None, 30, "<none>", "30s"),
        ({"sleep": {"seconds": 30}}, 30, "sleep 30s", "2s"),
        ({"sleep": {}}, 30, "sleep 0s", "30s"),
        ({"exec": {"command": ["sleep", "5.5"]}}, 30, "exec 5.5s", "25s"),
        ({"exec": {"command": ["sh", "-c", "sleep 5; drain"]}}, 30, "exec 5s+", "2-25s"),
        ({"exec": {"command": ["drain"]}}, 1, "exec ?", "2s"),
        ({"exec": {"command": ["sleep", "infinity"]}}, 30, "exec never ends", "2s"),
        ({"httpGet": {"port": 80}}, 60, "httpGet ?", "2-60s"),
        ({"httpGet": {"port": "web"}}, 60, "httpGet fails", "60s"),
        ({"tcpSocket": {"port": 80}}, 60, "tcpSocket fails", "60s"),
        ({}, 60, "? ?", "2-60s"),
        (None, 0, "<none>", "2s"),
        ({"sleep": {"seconds": 5}}, -1, "sleep 5s", "2s"),
    ],
)
def test_how_long_a_hook_takes_and_what_it_leaves(
    tmp_path: Path, pre_stop: Json | None, grace: int, shown: str, left: str
) -> None:
    said = audit(tmp_path, objects=(workload("Deployment", "api", spec(container("app", pre_stop), grace=grace)),))
    assert [(row["PRESTOP"], row["LEFT"]) for row in cells(said)] == [(shown, left)]


def test_the_same_judgement_as_check(tmp_path: Path) -> None:
    """Exemptions by annotation and by configuration, levels, --select and --ignore."""
    bad = workload("Deployment", "bad", spec(container("app", {"exec": {"command": ["sleep", "60"]}})))
    annotated = workload("Deployment", "annotated")
    annotated["spec"]["template"] = template("annotated", spec(), **{"kubernetes-lifecycle/ignore": "*=it is a test"})
    objects = (bad, annotated, workload("Deployment", "bare"))
    assert [row["FINDINGS"] for row in cells(audit(tmp_path, objects=objects))] == [
        "<none>",
        "prestop-budget,exec-sleep",
        "pre-stop-required",
    ]
    for option, expected in (
        (["--select", "exec-sleep"], ["<none>", "exec-sleep", "<none>"]),
        (["--ignore", "grace-budget,pre-stop-required"], ["<none>", "exec-sleep", "<none>"]),
    ):
        said = audit(tmp_path, *option, objects=objects)
        assert [row["FINDINGS"] for row in cells(said)] == expected
        assert said.status == 0  # what is left is a warning
    assert audit(tmp_path, "--select", "exec-sleep", "--fail-on", "warning", objects=objects).status == 1
    assert audit(tmp_path, "--fail-on", "never", objects=objects).status == 0
    config = tmp_path / "c.yaml"
    config.write_text("grace-budget: off\nexemptions: {exempt: [{rule: exec-sleep, reason: so it is, name: bad}]}\n")
    with served(tmp_path, *objects) as api:
        said = lifecycle("audit", "--config", str(config), "--kubeconfig", str(api.kubeconfig), cwd=tmp_path)
    assert [row["FINDINGS"] for row in cells(said)] == ["<none>", "<none>", "pre-stop-required"]
    assert said.out.splitlines()[-1] == "most frequent rules: pre-stop-required 1; 2 findings exempt"


def test_the_version_is_the_clusters(tmp_path: Path) -> None:
    objects = (workload("Deployment", "api", spec(container("app", {"sleep": {"seconds": 5}}))),)
    for version, finding, note in (
        ("v1.37.2", "<none>", ""),
        ("v1.28.3-gke.100", "hook-known-field", ""),
        ("v1.99.0", "<none>", ""),
        (
            "v1.20.1",
            "hook-known-field",
            "note: the cluster is Kubernetes 1.20.1; the rules know only 1.28 and later: judged as 1.28\n",
        ),
        ("unknown", "<none>", "note: the cluster's version, unknown, cannot be parsed: judged as 1.37\n"),
    ):
        said = audit(tmp_path, objects=objects, version=version)
        found = cells(said)[0]["FINDINGS"].split(",")[0]
        assert (found, said.err) == (finding, note), version
    assert cells(audit(tmp_path, "--kubernetes", "1.28", objects=objects))[0]["FINDINGS"].startswith("hook-known-field")


def test_kinds_and_labels(tmp_path: Path) -> None:
    names = lambda *args: [row["WORKLOAD"] for row in cells(audit(tmp_path, *args, objects=(*SHOP, pod("debug"))))]  # noqa: E731
    assert names("deploy") == ["deploy/api"]
    assert names("statefulsets.apps", "deployment") == ["deploy/api", "sts/db"]
    assert names("po", "-l", "app=debug") == ["po/debug"]
    assert names("-l", "app=api") == ["deploy/api"]
    assert names("-l", "app=debug") == ["po/debug"]
    assert names("pods") == ["po/api-5d9c7b6f4-b5b6c", "po/api-5d9c7b6f4-x2x4z", "po/db-0", "po/debug"]
    assert names("sts/db", "deploy/api") == ["deploy/api", "sts/db"]


def test_pods_of_what_was_asked_for_are_counted(tmp_path: Path) -> None:
    for args in (["deploy"], ["-l", "app=api"], ["deploy/api", "-o", "wide"]):
        (row,) = cells(audit(tmp_path, *args))
        assert (row["READY"], row["RESTARTS"]) == ("1/2", "2"), args


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("name", ["deploy/api", "sts/db"]),
        ("left", ["sts/db", "deploy/api"]),
        ("grace", ["deploy/api", "sts/db"]),
        ("restarts", ["deploy/api", "sts/db"]),
        ("failures", ["sts/db", "deploy/api"]),
        ("findings", ["deploy/api", "sts/db"]),
    ],
)
def test_the_order(tmp_path: Path, order: str, expected: list[str]) -> None:
    objects = (*SHOP, event("FailedPreStopHook", "db-0", "db"))
    assert [row["WORKLOAD"] for row in cells(audit(tmp_path, "--sort", order, objects=objects))] == expected


def test_json_keeps_to_its_schema_and_yaml_says_the_same(tmp_path: Path) -> None:
    schema = json.loads((ROOT / "docs" / "audit.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    objects = (*SHOP, workload("Deployment", "bare"), event("FailedPreStopHook", "db-0", "db"))
    said = audit(tmp_path, "-o", "json", objects=objects, forbidden={"services"})
    report = json.loads(said.out)
    jsonschema.validate(report, schema)
    assert report["notSeen"][0]["resource"] == "services"
    other = yaml.safe_load(audit(tmp_path, "-o", "yaml", objects=objects, forbidden={"services"}).out)
    assert {**other, "server": ""} == {**report, "server": ""}


def test_nothing_is_found(tmp_path: Path) -> None:
    assert audit(tmp_path, objects=()) == Said(0, "", "No resources found in shop namespace.\n")
    assert audit(tmp_path, "-A", objects=()) == Said(0, "", "No resources found.\n")


def test_all_namespaces_have_a_column(tmp_path: Path) -> None:
    assert cells(audit(tmp_path, "-A"))[0]["NAMESPACE"] == "shop"


def test_garbage_is_no_error(tmp_path: Path) -> None:
    objects = (
        {"kind": "Deployment", "metadata": meta("a"), "spec": None},
        {"kind": "Deployment", "metadata": meta("b"), "spec": {"template": {"spec": {"containers": "x"}}}},
        {"kind": "Pod", "metadata": meta("c"), "spec": {"containers": [3]}, "status": []},
        {"kind": "Service", "metadata": meta("d"), "spec": []},
        {
            "kind": "EndpointSlice",
            "metadata": meta("e", labels={"kubernetes.io/service-name": "x"}),
            "endpoints": [None],
        },
        {"kind": "Event", "metadata": meta("f"), "reason": "FailedPreStopHook", "involvedObject": 7},
    )
    assert audit(tmp_path, objects=objects).status == 0
