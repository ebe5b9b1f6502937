"""What stands between the command and a cluster: no rights, no answer, no kubeconfig; one line each, and status 2."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from audit.api import kubeconfig, served
from audit.objects import pod, workload
from audit.test_table import SHOP, audit, cells
from commands import COMMAND, Said, environment, lifecycle

from lifecycle_cli.cluster import PAGE
from lifecycle_cli.cluster.access import Cluster
from lifecycle_cli.cluster.errors import GoneError

NOWHERE = "http://127.0.0.1:9"


def rule(group: str, resource: str, verb: str = "list") -> str:
    return f'{{apiGroups: ["{group}"], resources: ["{resource}"], verbs: ["{verb}"]}}'


def test_what_may_not_be_seen_is_named_and_the_rest_is_shown(tmp_path: Path) -> None:
    said = audit(tmp_path, forbidden={"replicasets", "events", "endpointslices"})
    assert said.status == 2
    assert said.err.splitlines() == [
        f"not seen: may not list replicasets in namespace shop: add this rule to a Role: {rule('apps', 'replicasets')}",
        "not seen: may not list endpointslices in namespace shop: add this rule to a Role: "
        + rule("discovery.k8s.io", "endpointslices"),
        f"not seen: may not list events in namespace shop: add this rule to a Role: {rule('', 'events')}",
    ]
    assert [row["WORKLOAD"] for row in cells(said)] == ["deploy/api", "sts/db"]
    assert [row["READY"] for row in cells(said)] == ["1/2", "1/1"]
    assert [row["SERVICES"] for row in cells(said)] == ["api ?/2", "<none>"]
    assert {row["FAILED"] for row in cells(said)} == {"?"}


def test_of_all_namespaces_it_is_a_cluster_role(tmp_path: Path) -> None:
    said = audit(tmp_path, "-A", forbidden={"pods"})
    assert (
        said.err
        == f"not seen: may not list pods in all namespaces: add this rule to a ClusterRole: {rule('', 'pods')}\n"
    )
    assert [row["READY"] for row in cells(said)] == ["?", "?"]


def test_no_rights_at_all(tmp_path: Path) -> None:
    everything = {"deployments", "statefulsets", "daemonsets", "replicationcontrollers", "cronjobs", "replicasets"}
    everything |= {"jobs", "services", "endpointslices", "pods", "events", "/version"}
    said = audit(tmp_path, forbidden=everything)
    assert (said.status, said.out) == (2, "")
    assert len(said.err.splitlines()) == len(everything) + 1  # and a note of the version that is taken
    assert (
        'may not get /version: add this rule to a ClusterRole: {nonResourceURLs: ["/version"], verbs: ["get"]}'
        in said.err
    )


def test_a_workload_that_may_not_be_read(tmp_path: Path) -> None:
    said = audit(tmp_path, "deploy/api", forbidden={"deployments"})
    need = f"may not get deployments in namespace shop: add this rule to a Role: {rule('apps', 'deployments', 'get')}"
    assert said == Said(2, "", f"not seen: {need}\n")


def test_a_workload_that_there_is_not(tmp_path: Path) -> None:
    assert audit(tmp_path, "deploy/nope") == Said(2, "", 'lifecycle audit: deployments.apps "nope" not found\n')


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["api"], "'api' is not a kind; name a workload as KIND/NAME, e.g. deploy/api"),
        (["deployy/api"], "no kind of workload is named 'deployy'; did you mean deploy?"),
        (["svc/api"], "no kind of workload is named 'svc'; choose from: cj, deploy, ds, job, po, rc, rs, sts"),
        (["deploy/"], "'deploy/' does not name a workload; write it as deploy/NAME"),
        (["deploy/a", "sts"], "name either workloads or kinds, not both"),
        (["deploy/a", "-A"], "-A: a named workload is in one namespace; use -n"),
        (["deploy/a", "-l", "x=y"], "-l: a named workload is in one namespace; use -n"),
    ],
)
def test_what_names_nothing(tmp_path: Path, args: list[str], message: str) -> None:
    assert audit(tmp_path, *args) == Said(2, "", f"lifecycle audit: {message}\n")


def test_a_wrong_rule_or_configuration_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    with served(tmp_path) as api:
        said = lifecycle("audit", "--select", "nope", "--kubeconfig", str(api.kubeconfig), cwd=tmp_path)
        assert said.err.startswith("lifecycle audit: --select: no rule or policy is named 'nope'")
        assert (said.status, api.asked) == (2, [])


def test_a_kubeconfig_that_points_nowhere(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path / "config", NOWHERE)
    said = lifecycle("audit", "--kubeconfig", str(file), cwd=tmp_path)
    assert said == Said(2, "", f"lifecycle audit: {NOWHERE} (context test) does not answer: Connection refused\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no such kubeconfig"),
        ("", "not a usable kubeconfig: Invalid kube-config."),
        ("{", "not a usable kubeconfig: while parsing a flow node"),
        ("a: 1", "not a usable kubeconfig: Invalid kube-config file."),
        ("[]", "not a usable kubeconfig: "),
    ],
)
def test_a_kubeconfig_that_is_none(tmp_path: Path, text: str | None, message: str) -> None:
    file = tmp_path / "config"
    if text is not None:
        file.write_text(text)
    for said in (
        lifecycle("audit", "--kubeconfig", str(file), cwd=tmp_path),
        lifecycle("audit", cwd=tmp_path, KUBECONFIG=str(file)),
    ):
        assert (said.status, said.out) == (2, "")
        (line,) = said.err.splitlines()
        assert line.startswith(f"lifecycle audit: {file}: {message}")


def test_a_context_that_there_is_not(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path / "config", NOWHERE)
    said = lifecycle("audit", "--kubeconfig", str(file), "--context", "prod", cwd=tmp_path)
    (line,) = said.err.splitlines()
    assert line.startswith(f"lifecycle audit: {file}: not a usable kubeconfig: ") and "prod" in line


def test_a_credential_plugin_that_is_missing(tmp_path: Path) -> None:
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin", "interactiveMode": "Never"}
    file = kubeconfig(tmp_path / "config", NOWHERE, {"exec": plugin})
    said = lifecycle("audit", "--kubeconfig", str(file), cwd=tmp_path)
    (line,) = said.err.splitlines()
    begin = f"lifecycle audit: {file}: user bob: the credential plugin no-such-plugin gave no credentials: "
    assert said.status == 2 and line.startswith(begin)


def test_impersonation_is_sent_or_refused(tmp_path: Path) -> None:
    with served(tmp_path, *SHOP) as api:
        server = api.kubeconfig.read_text().split("server: ")[1].split()[0]
        user = {"as": "eve", "as-uid": "7", "as-groups": ["dev"], "as-user-extra": {"scope": ["x"]}}
        kubeconfig(api.kubeconfig, server, user)
        lifecycle("audit", "--kubeconfig", str(api.kubeconfig), cwd=tmp_path)
        wanted = {
            "Impersonate-User": "eve",
            "Impersonate-Uid": "7",
            "Impersonate-Group": "dev",
            "Impersonate-Extra-scope": "x",
        }
        assert all(wanted.items() <= each.items() for each in api.headers)
        kubeconfig(api.kubeconfig, server, {"as": "eve", "as-groups": ["dev", "ops"]})
        said = lifecycle("audit", "--kubeconfig", str(api.kubeconfig), cwd=tmp_path)
    message = "user bob: as-groups has more than one value, which cannot be sent; use another user"
    assert said == Said(2, "", f"lifecycle audit: {api.kubeconfig}: {message}\n")


def test_the_kubeconfig_is_not_written(tmp_path: Path) -> None:
    with served(tmp_path, *SHOP) as api:
        api.kubeconfig.chmod(0o400)
        before = api.kubeconfig.read_bytes()
        assert lifecycle("audit", "--kubeconfig", str(api.kubeconfig), cwd=tmp_path).status == 0
        assert api.kubeconfig.read_bytes() == before


@pytest.mark.parametrize("after", range(12))
def test_a_cluster_that_dies_half_way(tmp_path: Path, after: int) -> None:
    said = audit(tmp_path, dies_after=after)
    assert (said.status, said.out) == (2, "")
    (line,) = said.err.splitlines()
    assert " (context test) does not answer: " in line


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize("args", [(), ("deploy/api",)])
def test_what_answers_is_no_api_server(args: tuple[str, ...], status: int, tmp_path: Path) -> None:
    with served(tmp_path, *SHOP, answers=b"<html>Log in</html>", answers_with=status) as api:
        said = lifecycle("audit", *args, "--kubeconfig", str(api.kubeconfig), cwd=tmp_path)
        server = api.kubeconfig.read_text().split("server: ")[1].split()[0]
    assert said == Said(
        2, "", f"lifecycle audit: {server} (context test): the server that answers is not a Kubernetes API server\n"
    )


def test_a_server_without_tls(tmp_path: Path) -> None:
    with served(tmp_path, *SHOP) as api:
        server = api.kubeconfig.read_text().split("server: ")[1].split()[0].replace("http:", "https:")
        file = kubeconfig(tmp_path / "config", server)
        said = lifecycle("audit", "--kubeconfig", str(file), cwd=tmp_path)
    why = "wrong version number|record layer failure"  # by the release of OpenSSL
    assert (said.status, said.out) == (2, "")
    assert re.fullmatch(rf"lifecycle audit: {server} \(context test\) does not answer: ({why})\n", said.err)


def test_pages(tmp_path: Path) -> None:
    pods = [pod(f"p{number:03}") for number in range(25)]
    with served(tmp_path, *pods, page=10) as api:
        said = lifecycle("audit", "--kubeconfig", str(api.kubeconfig), "-o", "json", cwd=tmp_path)
        asked = [each for each in api.asked if "/pods" in each]
    assert said.out.count('"kind": "Pod"') == 25
    assert [each.partition("?")[2] for each in asked] == [
        f"limit={PAGE}",
        f"continue=10&limit={PAGE}",
        f"continue=20&limit={PAGE}",
    ]


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_list_that_is_gone_goes_on_and_has_nothing_twice(tmp_path: Path, goes_on: bool) -> None:
    pods = [pod(f"p{number:03}", restarts=1) for number in range(25)]
    with served(tmp_path, *pods, page=10, gone=[False, True, False], goes_on=goes_on) as api:
        cluster = Cluster.connect(str(api.kubeconfig), None, None)
        names = [each["metadata"]["name"] for each in cluster.list("Pod", "shop")]
    assert names == [f"p{number:03}" for number in range(25)]


def test_a_list_that_is_gone_each_time_is_an_error(tmp_path: Path) -> None:
    pods = [pod(f"p{number:03}") for number in range(25)]
    with served(tmp_path, *pods, page=10, gone=[True] * 50, goes_on=False) as api:
        cluster = Cluster.connect(str(api.kubeconfig), None, None)
        with pytest.raises(GoneError):
            list(cluster.list("Pod", "shop"))
        assert len(api.asked) < 20


def test_only_metadata_is_asked_of_replica_sets(tmp_path: Path) -> None:
    with served(tmp_path, *SHOP) as api:
        lifecycle("audit", "--kubeconfig", str(api.kubeconfig), cwd=tmp_path)
        accepted = {
            path.split("/")[6].partition("?")[0]: headers["Accept"]
            for path, headers in zip(api.asked, api.headers, strict=True)
            if path.startswith("/apis/apps")
        }
    assert "PartialObjectMetadataList" in accepted["replicasets"]
    assert "PartialObjectMetadataList" not in accepted["deployments"]


def test_without_the_client_it_says_how_to_install_it(tmp_path: Path) -> None:
    hides = "import sys; sys.modules['kubernetes'] = None; from lifecycle_cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", hides, "audit"], capture_output=True, text=True, check=False, env=environment()
    )
    assert done.returncode == 2
    text = 'lifecycle audit: kubernetes is not installed; install it with: pip install "lifecycle-cli[cluster]"\n'
    assert done.stderr == text


def test_ctrl_c_ends_it_at_once_and_says_nothing(tmp_path: Path) -> None:
    with served(tmp_path, *SHOP, stuck=threading.Event()) as api:
        process = subprocess.Popen(
            [*COMMAND, "audit", "--kubeconfig", str(api.kubeconfig)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        )
        deadline = time.monotonic() + 30
        while not any("/pods" in each for each in api.asked):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (130, b"", b"")


def test_a_cron_job_of_which_no_jobs_are_seen(tmp_path: Path) -> None:
    objects = (workload("CronJob", "report"), pod("report-29403-x2x4z", ("Job", "report-29403")))
    said = audit(tmp_path, objects=objects, forbidden={"jobs"})
    assert [(row["WORKLOAD"], row["READY"]) for row in cells(said)] == [("cj/report", "?"), ("job/report-29403", "1/1")]


def test_a_peer_that_is_gone_without_a_word_is_noticed(tmp_path: Path) -> None:
    with served(tmp_path) as api:
        cluster = Cluster.connect(str(api.kubeconfig), None, None)
        cluster.version()
        pools = cluster.api.rest_client.pool_manager.pools
        pool = pools[next(iter(pools.keys()))]
        used = next(each for each in iter(pool.pool.get_nowait, 0) if each is not None)
        assert used.sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        used.close()
