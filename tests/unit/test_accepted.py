"""The group `accepted`, field by field; that its words are the API server's own is shown on a real one."""

from typing import Any

import pytest

from lifecycle_rules import UNKNOWN, Group, check

INIT = "Forbidden: may not be set for init containers without restartPolicy=Always"
EPHEMERAL = "Forbidden: cannot be set for an Ephemeral Container"
MORE = "Forbidden: may not specify more than 1 handler type"
CHARACTERS = "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
HEADER = (
    "a valid HTTP header must consist of alphanumeric characters or '-' "
    "(e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"
)


def found(spec: dict[str, Any], kind: str = "Pod") -> list[tuple[str, str, str]]:
    all_found = check(kind, {"spec": spec})
    return [(each.rule.id, each.path, each.message) for each in all_found if each.rule.group is Group.ACCEPTED]


def http(**action: Any) -> dict[str, Any]:
    return {"containers": [{"name": "c", "lifecycle": {"preStop": {"httpGet": {"port": 80, **action}}}}]}


@pytest.mark.parametrize(
    ("port", "words"),
    [
        (True, []),  # of a type that the server cannot decode
        (None, ["Invalid value: 0: must be between 1 and 65535, inclusive"]),
        (0.0, ["Invalid value: 0: must be between 1 and 65535, inclusive"]),
        (-1, ["Invalid value: -1: must be between 1 and 65535, inclusive"]),
        ("8080", ['Invalid value: "8080": must contain at least one letter (a-z)']),
        ("", [f'Invalid value: "": {CHARACTERS}', 'Invalid value: "": must contain at least one letter (a-z)']),
        ("abcdefghijklmno", []),
        ("abcdefghijklmnop", ['Invalid value: "abcdefghijklmnop": must be no more than 15 characters']),
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
    headers = [{"name": "X-A"}, {"name": "X_A"}, {}, {"name": UNKNOWN}, UNKNOWN]
    path = "spec.containers[0].lifecycle.preStop.httpGet.httpHeaders"
    assert found(http(httpHeaders=headers)) == [
        ("httpget-header-name", path, f'Invalid value: "X_A": {HEADER}'),
        ("httpget-header-name", path, f'Invalid value: "": {HEADER}'),
    ]
    assert found(http(httpHeaders=UNKNOWN)) == []


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
    ],
)
def test_an_unknown_handler_is_not_counted(hook: dict[str, Any], expected: list[str]) -> None:
    path = "spec.containers[0].lifecycle.preStop"
    spec = {"containers": [{"name": "c", "lifecycle": {"preStop": hook}}]}
    assert found(spec) == [("hook-one-handler", path + below, MORE) for below in expected]
