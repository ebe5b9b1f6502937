"""The group `accepted`, field by field; that its words are the API server's own is shown on a real one."""

from typing import Any

import pytest

from lifecycle_rules import UNKNOWN, Group, check
from lifecycle_rules.catalogue import HOOK_FIELD_TYPE

SIGNAL = "spec.containers[0].lifecycle.stopSignal"
LINUX = (
    "SIGABRT SIGALRM SIGBUS SIGCHLD SIGCLD SIGCONT SIGFPE SIGHUP SIGILL SIGINT SIGIO SIGIOT SIGKILL SIGPIPE SIGPOLL "
    "SIGPROF SIGPWR SIGQUIT SIGRTMAX SIGRTMAX-1 SIGRTMAX-10 SIGRTMAX-11 SIGRTMAX-12 SIGRTMAX-13 SIGRTMAX-14 SIGRTMAX-2 "
    "SIGRTMAX-3 SIGRTMAX-4 SIGRTMAX-5 SIGRTMAX-6 SIGRTMAX-7 SIGRTMAX-8 SIGRTMAX-9 SIGRTMIN SIGRTMIN+1 SIGRTMIN+10 "
    "SIGRTMIN+11 SIGRTMIN+12 SIGRTMIN+13 SIGRTMIN+14 SIGRTMIN+15 SIGRTMIN+2 SIGRTMIN+3 SIGRTMIN+4 SIGRTMIN+5 "
    "SIGRTMIN+6 SIGRTMIN+7 SIGRTMIN+8 SIGRTMIN+9 SIGSEGV SIGSTKFLT SIGSTOP SIGSYS SIGTERM SIGTRAP SIGTSTP SIGTTIN "
    "SIGTTOU SIGURG SIGUSR1 SIGUSR2 SIGVTALRM SIGWINCH SIGXCPU SIGXFSZ"
)
NO_SYSTEM = "Forbidden: may not be set for containers with empty `spec.os.name`"
INIT = "Forbidden: may not be set for init containers without restartPolicy=Always"
EPHEMERAL = "Forbidden: cannot be set for an Ephemeral Container"
MORE = "Forbidden: may not specify more than 1 handler type"
CHARACTERS = "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
HEADER = (
    "a valid HTTP header must consist of alphanumeric characters or '-' "
    "(e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"
)


def found(spec: dict[str, Any], kind: str = "Pod", *features: str) -> list[tuple[str, str, str]]:
    all_found = check(kind, {"spec": spec}, features=features)
    judged = [each for each in all_found if each.rule is not HOOK_FIELD_TYPE]  # test_fields.py has types
    return [(each.rule.id, each.path, each.message) for each in judged if each.rule.group is Group.ACCEPTED]


def http(**action: Any) -> dict[str, Any]:
    return {"containers": [{"name": "c", "lifecycle": {"preStop": {"httpGet": {"port": 80, **action}}}}]}


@pytest.mark.parametrize(
    ("port", "words"),
    [
        (True, []),  # of a type that the server cannot decode
        (False, []),
        (None, ["Invalid value: 0: must be between 1 and 65535, inclusive"]),
        (0.0, ["Invalid value: 0: must be between 1 and 65535, inclusive"]),
        (-1, ["Invalid value: -1: must be between 1 and 65535, inclusive"]),
        (1, []),
        (65535.0, []),
        (65536, ["Invalid value: 65536: must be between 1 and 65535, inclusive"]),
        (1 << 63, []),
        (80.5, []),
        (UNKNOWN, []),
        ([80], []),
        ("8080", ['Invalid value: "8080": must contain at least one letter (a-z)']),
        ("", [f'Invalid value: "": {CHARACTERS}', 'Invalid value: "": must contain at least one letter (a-z)']),
        ("abcdefghijklmno", []),
        ("abcdefghijklmnop", ['Invalid value: "abcdefghijklmnop": must be no more than 15 characters']),
        ("éééééééa", [f'Invalid value: "éééééééa": {CHARACTERS}']),
        (
            "ééééééééa",
            [
                'Invalid value: "ééééééééa": must be no more than 15 characters',
                f'Invalid value: "ééééééééa": {CHARACTERS}',
            ],
        ),
        ("A", [f'Invalid value: "A": {CHARACTERS}', 'Invalid value: "A": must contain at least one letter (a-z)']),
        ("a--b", ['Invalid value: "a--b": must not contain consecutive hyphens']),
        ("-a", ['Invalid value: "-a": must not begin or end with a hyphen']),
        ("a-", ['Invalid value: "a-": must not begin or end with a hyphen']),
        ('a"\\', [f'Invalid value: "a\\"\\\\": {CHARACTERS}']),
    ],
)
@pytest.mark.parametrize("action", ["httpGet", "tcpSocket"])
def test_a_port(action: str, port: Any, words: list[str]) -> None:
    spec = {"containers": [{"name": "c", "lifecycle": {"postStart": {action: {"port": port}}}}]}
    path = f"spec.containers[0].lifecycle.postStart.{action}.port"
    assert found(spec) == [("httpget-port", path, each) for each in words]


@pytest.mark.parametrize("scheme", [None, "", "HTTP", "HTTPS", UNKNOWN, 1])
def test_a_scheme_that_is_taken(scheme: Any) -> None:
    assert found(http(scheme=scheme)) == []


def test_a_scheme_in_small_letters() -> None:
    path = "spec.containers[0].lifecycle.preStop.httpGet.scheme"
    words = 'Unsupported value: "https": supported values: "HTTP", "HTTPS"'
    assert found(http(scheme="https")) == [("httpget-scheme", path, words)]


def test_header_names() -> None:
    headers = [{"name": "X-A"}, {"name": "-aZ09"}, {"name": "X_A"}, {}, {"name": UNKNOWN}, UNKNOWN, "X_A", {"name": 5}]
    path = "spec.containers[0].lifecycle.preStop.httpGet.httpHeaders"
    assert found(http(httpHeaders=headers)) == [
        ("httpget-header-name", path, f'Invalid value: "X_A": {HEADER}'),
        ("httpget-header-name", path, f'Invalid value: "": {HEADER}'),
    ]
    for strange in (UNKNOWN, None, "X_A", 5):
        assert found(http(httpHeaders=strange)) == []


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (None, "Required value"),
        ([], "Required value"),
        ((), "Required value"),
        ("drain", "must be a list of strings"),
        ({}, "must be a list of strings"),
        (UNKNOWN, ""),
        ([UNKNOWN], ""),
        (("a",), ""),
    ],
)
@pytest.mark.parametrize("event", ["postStart", "preStop"])
def test_a_command(command: Any, refused: str, event: str) -> None:
    spec = {"containers": [{"name": "c", "lifecycle": {event: {"exec": {"command": command}}}}]}
    path = f"spec.containers[0].lifecycle.{event}.exec.command"
    assert found(spec) == ([("exec-command-list", path, refused)] if refused else [])


@pytest.mark.parametrize(
    ("lifecycle", "refused"),
    [(None, False), (UNKNOWN, False), ({"stopSignal": "SIGTERM"}, False), ({}, True), ({"preStop": UNKNOWN}, True)],
)
def test_a_lifecycle_where_none_may_be(lifecycle: Any, refused: bool) -> None:
    container = {"name": "c", "lifecycle": lifecycle}
    spec = {"initContainers": [container], "ephemeralContainers": [container]}
    assert found(spec) == refused * [
        ("lifecycle-on-init", "spec.initContainers[0].lifecycle", INIT),
        ("lifecycle-on-ephemeral", "spec.ephemeralContainers[0].lifecycle", EPHEMERAL),
    ]


def test_a_sidecar_is_judged_as_an_app_container() -> None:
    spec = {"initContainers": [{"name": "c", "restartPolicy": "Always", "lifecycle": {"preStop": {}}}]}
    path = "spec.initContainers[0].lifecycle.preStop"
    assert found(spec) == [("hook-one-handler", path, "Required value: must specify a handler type")]


@pytest.mark.parametrize(
    ("probe", "grace", "words"),
    [
        ("livenessProbe", 0, ["Invalid value: 0: must be greater than 0"]),
        ("startupProbe", -1.0, ["Invalid value: -1: must be greater than 0"]),
        ("livenessProbe", 1, []),
        ("readinessProbe", 5, ["Invalid value: 5: must not be set for readinessProbes"]),
        (
            "readinessProbe",
            0,
            ["Invalid value: 0: must be greater than 0", "Invalid value: 0: must not be set for readinessProbes"],
        ),
        ("readinessProbe", None, []),
        ("livenessProbe", UNKNOWN, []),
        ("readinessProbe", UNKNOWN, []),
    ],
)
def test_a_probes_own_grace_period(probe: str, grace: Any, words: list[str]) -> None:
    spec = {"containers": [{"name": "c", probe: {"terminationGracePeriodSeconds": grace}}]}
    path = f"spec.containers[0].{probe}.terminationGracePeriodSeconds"
    assert found(spec) == [("probe-grace", path, each) for each in words]


@pytest.mark.parametrize(
    ("kind", "grace", "words"),
    [
        ("Pod", -5, "must be non-negative and less than terminationGracePeriodSeconds (1)"),
        ("Deployment", -5, "must be non-negative and less than terminationGracePeriodSeconds (-5)"),
    ],
)
def test_a_negative_grace_period_is_one_second_in_a_pod_only(kind: str, grace: int, words: str) -> None:
    spec: dict[str, Any] = {
        "terminationGracePeriodSeconds": grace,
        "containers": [{"name": "c", "lifecycle": {"preStop": {"sleep": {"seconds": 2}}}}],
    }
    spec = spec if kind == "Pod" else {"template": {"spec": spec}}
    ((rule, _, message),) = found(spec, kind)
    assert (rule, message) == ("sleep-bounds", f"Invalid value: 2: {words}")


@pytest.mark.parametrize(
    ("hook", "expected"),
    [
        # An unknown handler may turn out to be none.
        ({"exec": UNKNOWN, "sleep": {"seconds": 31}}, []),
        ({"sleep": {"seconds": 31}, "tcpSocket": UNKNOWN}, []),
        ({"exec": UNKNOWN, "httpGet": {"port": 80}, "sleep": {"seconds": 1}}, [".sleep"]),
        ({"exec": {"command": ["a"]}, "sleep": UNKNOWN}, []),
        ({"exec": {"command": ["a"]}, "sleep": None, "httpGet": None}, []),
        (
            {"exec": {"command": ["a"]}, "sleep": {}, "tcpSocket": {}, "httpGet": {}},
            [".httpGet", ".tcpSocket", ".sleep"],
        ),
        ({"exec": "x", "sleep": {"seconds": 31}}, [".sleep"]),
        ({"exec": UNKNOWN, "sleep": None}, []),
        ({"httpGet": "x"}, []),
        ({"httpGet": []}, []),
    ],
)
def test_an_unknown_handler_is_not_counted(hook: dict[str, Any], expected: list[str]) -> None:
    path = "spec.containers[0].lifecycle.preStop"
    spec = {"containers": [{"name": "c", "lifecycle": {"preStop": hook}}]}
    assert found(spec) == [("hook-one-handler", path + below, MORE) for below in expected]


def signalled(signal: Any, kind: str = "Pod", **spec: Any) -> list[tuple[str, str, str]]:
    lifecycle = {"stopSignal": signal, "preStop": {"exec": {"command": ["drain"]}}}
    return found({"containers": [{"name": "c", "lifecycle": lifecycle}], **spec}, kind, "ContainerStopSignals")


def test_the_signals_of_a_system() -> None:
    linux = ", ".join(f'"{each}"' for each in LINUX.split())
    for system, known in (("linux", linux), ("windows", '"SIGKILL", "SIGTERM"')):
        for signal in (
            "SIGNONE",
            "TERM",
            "sigterm",
            "",
            "SIGRTMIN+0",
            "SIGRTMIN+16",
            "SIGRTMAX-0",
            "SIGRTMAX-15",
            "SIGINFO",
        ):
            words = f'Unsupported value: "{signal}": supported values: {known}'
            assert signalled(signal, os={"name": system}) == [("stopsignal-os", SIGNAL, words)]
    for signal in LINUX.split():
        assert signalled(signal, os={"name": "linux"}) == []
        refused = signal not in ("SIGKILL", "SIGTERM")
        assert len(signalled(signal, os={"name": "windows"})) == refused


def test_a_stop_signal_without_a_system() -> None:
    """Of a patch the system may be there already; an `os` without a name the server refuses for that."""
    assert signalled("SIGNONE", os=None) == [("stopsignal-os", SIGNAL, NO_SYSTEM)]
    assert signalled("SIGNONE", "PodPatch", os=None) == []
    assert [rule for rule, _, _ in signalled("SIGNONE", "PodPatch", os={"name": "linux"})] == ["stopsignal-os"]


@pytest.mark.parametrize(
    ("signal", "os"),
    [
        *((None, os) for os in (None, {"name": "linux"})),
        *((signal, {"name": "linux"}) for signal in (UNKNOWN, 15, ["SIGNONE"], {"a": 1})),
        *((signal, None) for signal in (UNKNOWN, 15)),
        *(
            ("SIGNONE", os)
            for os in (
                UNKNOWN,
                {},
                {"name": None},
                {"name": UNKNOWN},
                {"name": "plan9"},
                {"name": ["linux"]},
                5,
                "linux",
            )
        ),
    ],
)
def test_a_stop_signal_that_is_not_judged(signal: Any, os: Any) -> None:
    assert signalled(signal, os=os) == []


@pytest.mark.parametrize("lifecycle", [None, UNKNOWN, "SIGTERM", ["SIGTERM"]])
def test_a_lifecycle_without_a_stop_signal(lifecycle: Any) -> None:
    assert found({"containers": [{"name": "c", "lifecycle": lifecycle}]}, "Pod", "ContainerStopSignals") == []


def test_all_findings_of_a_container_name_it() -> None:
    probe = {"terminationGracePeriodSeconds": 0}
    get = {"httpGet": {"port": 80, "httpHeaders": [{"name": "a", "value": "b", "x": 1}]}}
    lifecycle = {"postStart": get, "preStop": {}, "stopSignal": "SIGTERM"}
    refused = {"name": "c", "lifecycle": lifecycle, "livenessProbe": probe}
    init = {"name": "i", "lifecycle": {"preStop": {}}, "livenessProbe": probe}
    spec = {"containers": [{}, refused], "initContainers": [init], "ephemeralContainers": [{**init, "name": "e"}]}
    all_found = check("Deployment", {"spec": {"template": {"spec": spec}}}, features=["ContainerStopSignals"])
    assert [(each.path.removeprefix("spec.template.spec."), each.container) for each in all_found] == [
        ("containers[1].lifecycle.postStart.httpGet.httpHeaders[0].x", "c"),
        ("containers[1].lifecycle.preStop", "c"),
        ("containers[1].lifecycle.stopSignal", "c"),
        ("containers[1].livenessProbe.terminationGracePeriodSeconds", "c"),
        ("initContainers[0].lifecycle", "i"),
        ("ephemeralContainers[0].lifecycle", "e"),
    ]


def test_a_sleep_may_be_as_long_as_the_grace_period() -> None:
    """The server's words say less, its code does not."""
    for seconds, grace in ((30, None), (5, 5.0), (1.0, 1), (0, 0)):
        sleep = {"name": "c", "lifecycle": {"preStop": {"sleep": {"seconds": seconds}}}}
        assert found({"containers": [sleep], "terminationGracePeriodSeconds": grace}) == []


@pytest.mark.parametrize("grace", [UNKNOWN, None, "5", 5.5, [], 1 << 63])
def test_a_sleep_of_a_grace_period_that_is_not_judged(grace: Any) -> None:
    sleep = {"name": "c", "lifecycle": {"preStop": {"sleep": {"seconds": 3600}}}}
    assert len(found({"containers": [sleep], "terminationGracePeriodSeconds": grace})) == (grace is None)
    assert found({"containers": [sleep], "terminationGracePeriodSeconds": grace}, "PodPatch") == []


@pytest.mark.parametrize(
    ("kind", "grace", "seen"),
    [("Pod", 0, 0), ("Pod", -1, 1), ("PodPatch", -1.0, 1), ("PodPatch", 0.0, 0), ("Job", -1, -1)],
)
def test_the_grace_period_that_a_sleep_is_held_against(kind: str, grace: float, seen: int) -> None:
    sleep = {"name": "c", "lifecycle": {"preStop": {"sleep": {"seconds": 2}}}}
    spec: dict[str, Any] = {"containers": [sleep], "terminationGracePeriodSeconds": grace}
    ((_, path, message),) = found(spec if kind != "Job" else {"template": {"spec": spec}}, kind)
    assert path.endswith("containers[0].lifecycle.preStop.sleep")
    assert message.endswith(f" must be non-negative and less than terminationGracePeriodSeconds ({seen})")


@pytest.mark.parametrize("probe", ["livenessProbe", "readinessProbe", "startupProbe"])
@pytest.mark.parametrize("value", [None, UNKNOWN, [], "x", {}, {"terminationGracePeriodSeconds": UNKNOWN}])
def test_a_probe_without_a_grace_period(probe: str, value: Any) -> None:
    assert found({"containers": [{"name": "c", probe: value}]}) == []


def test_the_probes_of_one_container() -> None:
    grace = {"terminationGracePeriodSeconds": 0}
    spec = {"containers": [{"name": "c", "startupProbe": grace, "readinessProbe": UNKNOWN, "livenessProbe": grace}]}
    paths = [path.removeprefix("spec.containers[0].") for _, path, _ in found(spec)]
    assert paths == [f"{each}Probe.terminationGracePeriodSeconds" for each in ("liveness", "startup")]
    odd = {"livenessProbe": {"terminationGracePeriodSeconds": "0"}}
    assert found({"containers": [{"name": "c", **odd}]}) == []


def test_a_secret_is_shown_in_what_is_refused_too() -> None:
    hook = {"exec": {"command": ["curl", "-H", "Authorization: Bearer s3cr3t-t0ken", "x"]}, "sleep": {"seconds": 5}}
    spec = {"initContainers": [{"name": "i", "lifecycle": {"preStop": hook}}]}
    assert [each.rule.id for each in check("Pod", {"spec": spec})] == ["lifecycle-on-init", "hook-secret-argv"]
