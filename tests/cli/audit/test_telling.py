"""One workload: its sentences, and its picture on terminals of every kind."""

from pathlib import Path

import pytest
from audit.objects import Json, container, event, pod, service, spec, workload
from audit.test_table import SHOP, audit

from lifecycle_cli.audit.ending import ending
from lifecycle_cli.audit.picture import picture
from lifecycle_cli.audit.sentences import SENTENCES, sentences
from lifecycle_cli.audit.style import Style
from lifecycle_cli.audit.workloads import Workload
from lifecycle_rules import PodSpec

SLEEPS = {"sleep": {"seconds": 4}}
CHAIN = spec(
    container("app", SLEEPS),
    container("helper", {"exec": {"command": ["drain"]}}),
    initContainers=[
        container("first", restartPolicy="Always"),
        container("second", SLEEPS, restartPolicy="Always"),
        container("setup"),
    ],
    grace=10,
)


def end_of(pod: Json) -> list[tuple[str, str, str, str]]:
    stops = ending(PodSpec("spec", pod, "Pod")).stops
    return [(each.name, str(each.signal), str(each.left), str(each.kill)) for each in stops]


def test_all_that_a_chain_of_containers_waits_for() -> None:
    assert end_of(CHAIN) == [
        ("app", "4s", "6s", "10s"),
        ("helper", "0-10s", "2-10s", "10-12s"),
        ("second", "4-10s", "2-6s", "10-12s"),
        ("first", "4-10s", "2-6s", "10-12s"),
    ]


@pytest.mark.parametrize(
    ("pre_stop", "grace", "expected"),
    [
        (None, 30, ("0s", "30s", "30s")),
        ({"sleep": {"seconds": 29}}, 30, ("29s", "2s", "31s")),
        ({"sleep": {"seconds": 30}}, 30, ("30s", "2s", "32s")),
        ({"exec": {"command": ["sleep", "2.5"]}}, 30, ("2.5s", "28s", "30.5s")),
        ({"exec": {"command": ["sleep", "60"]}}, 30, ("30s", "2s", "32s")),
        ({"exec": {"command": ["sleep", "60"]}}, 0, ("1s", "2s", "3s")),
        ({"tcpSocket": {"port": 1}}, 30, ("0s", "30s", "30s")),
    ],
)
def test_the_kubelets_arithmetic(pre_stop: Json | None, grace: int, expected: tuple[str, str, str]) -> None:
    assert [each[1:] for each in end_of(spec(container("app", pre_stop), grace=grace))] == [expected]


CHAIN_DRAWN = """\
        0s      2s      4s      6s       8s      10s     12s
        ├───────┼───────┼───────┼────────┼───────┼───────┼
app     ━━━━━━━━━━━━━━━━▼────────────────────────✕
helper  ┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅────────✕
second  ━━━━━━━━━━━━━━━━┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄────────✕
first   ················┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄────────✕

━ preStop   ┅ preStop, or what follows   · runs on
┄ runs on, or ends when the others have   ▼ stop signal
─ what is left   ✕ killed"""
PLAIN_DRAWN = """\
     0s              5s              10s
     |---------------+---------------+
app  =============v------------------X

= preStop   v stop signal
- what is left   X killed"""


def test_the_picture() -> None:
    assert "\n".join(picture(ending(PodSpec("spec", CHAIN, "Pod")), Style(False, 60))) == CHAIN_DRAWN


def test_a_picture_in_ascii_and_in_colour() -> None:
    end = ending(PodSpec("spec", spec(container("app", SLEEPS), grace=10), "Pod"))
    assert "\n".join(picture(end, Style(False, 40, is_plain=True))) == PLAIN_DRAWN
    coloured = list(picture(end, Style(True, 40)))
    assert "\x1b[34;1m━" in coloured[2] and "\x1b[31;1m✕\x1b[0m" in coloured[2]


@pytest.mark.parametrize("width", [1, 20, 40, 79, 80, 120, 500])
def test_a_picture_fits(width: int) -> None:
    for grace in (0, 1, 30, 3_600, 10**6):
        end = ending(PodSpec("spec", {**CHAIN, "terminationGracePeriodSeconds": grace}, "Pod"))
        lines = list(picture(end, Style(False, width)))
        assert max(map(len, lines[1:])) <= max(width, 41)


def test_no_containers_no_picture() -> None:
    assert list(picture(ending(PodSpec("spec", {}, "Pod")), Style(False, 80))) == []


def test_what_is_told(tmp_path: Path) -> None:
    said = audit(tmp_path, "deploy/api")
    assert said.status == 0
    assert said.out.splitlines()[:9] == [
        "deploy/api in shop: 2 Pods, 1 ready; 1 container; the grace period is 40 s",
        "",
        "When one of its Pods is deleted",
        "     0 s  The Pod is no longer ready in the EndpointSlices of Service api.",
        "     0 s  The Deployment creates another Pod at once, and does not wait until this one ends.",
        "     0 s  The preStop hook of api begins, and sleeps for 10 s.",
        "    10 s  api gets its stop signal: SIGTERM, unless its image sets another. It has 30 s to end.",
        "    40 s  Whatever still runs in api is killed (exit code 137).",
        " 10-40 s  The Pod is gone when the last of its containers has ended.",
    ]


def test_a_service_that_publishes_what_is_not_ready_and_failures(tmp_path: Path) -> None:
    objects = (*SHOP, service("db", "db", publishNotReadyAddresses=True), service("other", "db"))
    failed = [event("FailedPreStopHook", "db-0", "db"), event("FailedPostStartHook", "db-0", "db", 2)]
    out = audit(tmp_path, "sts/db", "--explain", objects=(*objects, *failed)).out
    assert "The Pod stays ready in the EndpointSlices of Service db: publishNotReadyAddresses is set." in out
    assert "The Pod is no longer ready in the EndpointSlices of Service other." in out
    assert "The preStop hook of db failed once, from the events that still exist, the last " in out
    assert "The postStart hook of db failed 2 times, from the events that still exist, the last " in out
    assert "(events FailedPostStartHook)" in out


def test_services_that_may_not_be_read_are_not_said_to_be_none(tmp_path: Path) -> None:
    assert SENTENCES["no-service"] in audit(tmp_path, "sts/db").out
    assert SENTENCES["no-service"] not in audit(tmp_path, "sts/db", forbidden={"services"}).out


@pytest.mark.parametrize(
    ("made", "id"),
    [
        (pod("x", phase="Succeeded"), "gone-ended"),
        (pod("x", phase="Failed"), "gone-ended"),
        (pod("x", pod=spec(nodeName="")), "gone-unscheduled"),
        (pod("x", ("Node", "one")), "static"),
    ],
)
def test_a_pod_of_which_nothing_ends(tmp_path: Path, made: Json, id: str) -> None:
    out = audit(tmp_path, "po/x", objects=(made,)).out
    assert SENTENCES[id] in out
    assert "stop signal" not in out


def test_a_pod_of_a_workload_by_its_own_name(tmp_path: Path) -> None:
    lines = audit(tmp_path, "po/db-0").out.splitlines()
    assert lines[0] == "po/db-0 in shop: 1 container; the grace period is 30 s"
    assert lines[2] == "When it is deleted"


def test_what_a_terminal_would_act_on_is_printed(tmp_path: Path) -> None:
    objects = (workload("Deployment", "api", spec(container("a\x1b[31m"))),)
    for args in (["deploy/api"], [], ["--explain"]):
        out = audit(tmp_path, *args, objects=objects).out
        assert "\x1b" not in out and "a\\x1b[31m" in out


def test_sentences_never_raise_and_have_their_sources() -> None:
    specs: list[object] = [{}, {"containers": None}, {"containers": [{"lifecycle": {"preStop": {"exec": 3}}}]}, CHAIN]
    for each in specs:
        found = PodSpec("spec", each, "Pod")  # type: ignore[arg-type]
        for sentence in sentences(Workload("Pod", "shop", "x", "spec", 30, {}, {}), found):
            assert sentence.text and sentence.source
