"""The group `effective`, rule by rule; that such hooks fail is shown on a real kubelet."""

from typing import Any

import pytest

from lifecycle_rules import UNKNOWN, Group, check
from lifecycle_rules.catalogue import HOOK_FIELD_TYPE

STOPS = "the kubelet reports FailedPreStopHook, and sends the stop signal at once"
FILE = "takes the script as the name of a file, because there is no -c before it"
RESTARTS = "the kubelet reports FailedPostStartHook, and kills and restarts the container, again and again"


def found(
    hook: Any, *, event: str = "preStop", kind: str = "Pod", container: Any = None, **spec: Any
) -> list[tuple[str, str, str]]:
    """All but practice and types (test_fields.py)."""
    obj = {"spec": {"containers": [{"name": "c", "lifecycle": {event: hook}, **(container or {})}], **spec}}
    prefix = f"spec.containers[0].lifecycle.{event}."
    judged = [each for each in check(kind, obj) if each.rule is not HOOK_FIELD_TYPE]
    all_found = [each for each in judged if each.rule.group is not Group.PRACTICE]
    return [(each.rule.id, each.path.removeprefix(prefix), each.message) for each in all_found]


def command(*words: Any) -> dict[str, Any]:
    return {"exec": {"command": list(words)}}


def test_tcp_socket() -> None:
    assert found({"tcpSocket": {"port": 80}}, event="postStart") == [
        ("tcpsocket-hook", "tcpSocket", f"the kubelet has no tcpSocket handler for hooks: {RESTARTS}")
    ]


@pytest.mark.parametrize(
    ("words", "rule", "below", "wrong"),
    [
        (["", "a"], "exec-empty-arg0", "[0]", "the program's name is empty"),
        ([" "], "exec-empty-arg0", "[0]", "the program's name is empty"),
        (
            ["sleep 10"],
            "exec-single-string",
            "",
            "there is no program named 'sleep 10', because no shell splits it into words",
        ),
        (
            ["/bin/sh -c 'rm /tmp/x'"],
            "exec-single-string",
            "",
            "there is no program named \"/bin/sh -c 'rm /tmp/x'\", because no shell splits it into words",
        ),
        (
            ["/usr/sbin/nginx", "-s", "quit", "&&", "sleep", "5"],
            "exec-shell-syntax",
            "[3]",
            "nginx gets '&&' as an argument, because no shell interprets it",
        ),
        (
            ["echo", "$(NAME)"],
            "exec-var-literal",
            "[1]",
            "echo gets '$(NAME)' as literal text, because the kubelet expands no variables in hooks",
        ),
        (
            ["$DRAIN", "now"],
            "exec-var-literal",
            "[0]",
            "there is no program named '$DRAIN', because the kubelet expands no variables",
        ),
        (
            ["curl", "http://${HOST}/drain"],
            "exec-var-literal",
            "[1]",
            "curl gets '${HOST}' as literal text, because the kubelet expands no variables in hooks",
        ),
        (
            ["drain", "--to=$HOST:80"],
            "exec-var-literal",
            "[1]",
            "drain gets '$HOST' as literal text, because the kubelet expands no variables in hooks",
        ),
        (
            ["drain", UNKNOWN, "a", "${A_1}b", "$c"],
            "exec-var-literal",
            "[3]",
            "drain gets '${A_1}' as literal text, because the kubelet expands no variables in hooks",
        ),
        (
            ["drain", UNKNOWN, "a|b", "|", "b", ";"],
            "exec-shell-syntax",
            "[3]",
            "drain gets '|' as an argument, because no shell interprets it",
        ),
        (
            [" drain"],
            "exec-single-string",
            "",
            "there is no program named ' drain', because no shell splits it into words",
        ),
        (
            ["a\tb"],
            "exec-single-string",
            "",
            "there is no program named 'a\\tb', because no shell splits it into words",
        ),
        (
            ["/opt/my app/drain -x /y"],
            "exec-single-string",
            "",
            "there is no program named '/opt/my app/drain -x /y', because no shell splits it into words",
        ),
        (
            ["sh", "-c", "./a_b-1.sh", UNKNOWN],
            "exec-sh-c-split",
            "[3]",
            "sh -c runs './a_b-1.sh' without the words after it",
        ),
        (["/bin/sh", "-c", "sleep", "5"], "exec-sh-c-split", "[3]", "sh -c runs 'sleep' without the words after it"),
        (
            ["bash", "-l", "-ec", "/drain", "now"],
            "exec-sh-c-split",
            "[4]",
            "bash -ec runs '/drain' without the words after it",
        ),
        *(
            (words, "exec-shell-without-c", f"[{place}]", f"{shell} {FILE}")
            for words, place, shell in (
                (["/bin/sh", "sleep 10; kill -USR1 $(pidof haproxy)"], 1, "sh"),
                (["bash", "sleep 10"], 1, "bash"),
                (["bash", "nginx -s quit"], 1, "bash"),
                (["sh", "rm /tmp/x && exit"], 1, "sh"),
                (["sh", "rm -f /tmp/x"], 1, "sh"),
                (["sh", "touch /a\n/b"], 1, "sh"),
                (["sh", "cat /a > /b"], 1, "sh"),
                (["sh", "drain `cat /a`"], 1, "sh"),
                (["sh", "drain $(cat /a)"], 1, "sh"),
                (["sh", "-e", "-x", "sleep 5", "now"], 3, "sh"),
                (["ash", "-eo", "pipefail", "sleep 5"], 3, "ash"),
                (["bash", "--", "sleep 5"], 2, "bash"),
                (["sh", "sleep 5", UNKNOWN], 1, "sh"),
            )
        ),
    ],
)
def test_a_command_that_cannot_work(words: list[str], rule: str, below: str, wrong: str) -> None:
    assert found(command(*words)) == [(rule, f"exec.command{below}", f"{wrong}: {STOPS}")]
    assert found(command(*words), event="postStart") == [(rule, f"exec.command{below}", f"{wrong}: {RESTARTS}")]


@pytest.mark.parametrize("operator", ["&&", "||", "|", ";", "&", ">", ">>", "<", "2>", "2>&1", ">&2", "&>"])
def test_an_operator_without_a_shell(operator: str) -> None:
    wrong = f"drain gets {operator!r} as an argument, because no shell interprets it"
    expected = ("exec-shell-syntax", "exec.command[1]", f"{wrong}: {STOPS}")
    assert found(command("/opt/drain", operator, "x")) == [expected]
    for program in ("[", "/usr/bin/[", "expr", "find", "test"):
        assert found(command(program, operator, "x")) == []
    literal = "drain gets '$A' as literal text, because the kubelet expands no variables in hooks"
    assert found(command("drain", operator, "$A")) == [
        expected,
        ("exec-var-literal", "exec.command[2]", f"{literal}: {STOPS}"),
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["/opt/my app/drain"],  # a folder may have a space in its name
        ["/bin/sh", "-c", "nginx -s quit && sleep 5 > /dev/null; echo $HOME $(NAME)"],
        ["/bin/sh", "-c", 'exec "$@"', "drain", "a", "b"],
        ["/bin/sh", "-c", "echo $0", "a"],
        ["bash", "/scripts/drain.sh", "-c", "x", "y"],
        ["bash", "/opt/my app/drain.sh", "a b"],
        ["sh", "C:\\my app\\drain.sh"],
        ["sh", "drain;now"],
        ["sh", "drain.sh", "sleep 5"],
        ["sh", "-s", "sleep 5; exit"],
        ["sh", "-es", "--", "a b"],
        ["sh", "-e"],
        ["sh", "-o", "a b"],
        ["sh", ""],
        ["sh", None, "a b"],
        ["sh", "-c"],
        ["sh"],
        ["sh", UNKNOWN, "x"],
        ["sh", "-c", UNKNOWN, "x"],
        ["find", "/tmp", "-exec", "rm", "{}", ";"],
        ["expr", "1", "|", "0"],
        ["test", "a", "<", "b"],
        ["grep", "a|b", "x&&y"],
        ["awk", "{ print $1 }"],
        ["echo", "$", "${", "$()", "$(1)", "$-", "(a)", "{a}", "$((A))"],
        ["a b", UNKNOWN],
        ["a b", "c"],
        ["a-b"],
        ["drain", ["&&"], {"$A": 1}, None, 5],
        ["sh", "-c", "drain"],
        ["sh", "-c", "sleep 5", "6"],
        ["sh", "-c", "a;b", "c"],
        ["sh", "-c", "$A", "b"],
        ["sh", "-c", "", "b"],
        ["sh", "&&", "$A"],
        ["echo", "costs $5"],
        ["cut", "-d", ";", "-f", "1"],
        ["env", "-S", "drain $HOME"],
        [UNKNOWN],
        [UNKNOWN, "&&", "$(X)"],
        ["drain"],
    ],
)
def test_a_command_that_may_work(words: list[Any]) -> None:
    assert found(command(*words)) == []


def test_a_command_that_is_not_known() -> None:
    assert found({"exec": {"command": UNKNOWN}}) == []


@pytest.mark.parametrize(
    ("system", "programs"),
    [
        ("linux", ["cmd", "cmd.exe", "powershell", "powershell.exe", "CMD.EXE", "PowerShell"]),
        ("windows", ["/bin/sh", "/bin/bash", "/bin/ash", "/bin/dash", "/usr/bin/env", "/Bin/SH"]),
    ],
)
def test_a_program_of_another_system(system: str, programs: list[str]) -> None:
    for program in programs:
        wrong = f"a {system} container has no {program}: {STOPS}"
        hook = command(program, "-c", "a", "&&", "$A")
        assert found(hook, os={"name": system}) == [("exec-os-mismatch", "exec.command[0]", wrong)]
        other = {"linux": "windows", "windows": "linux"}[system]
        for os in (None, UNKNOWN, {}, system, {"name": None}, {"name": UNKNOWN}, {"name": [system]}, {"name": other}):
            assert found(command(program, "-c", "a b"), os=os) == []


@pytest.mark.parametrize(
    ("system", "program"), [("linux", "/bin/sh"), ("linux", "C:/cmd.exe"), ("windows", "sh"), ("windows", "cmd.exe")]
)
def test_a_program_of_its_own_system(system: str, program: str) -> None:
    assert found(command(program, "/c", "a b"), os={"name": system}) == []


@pytest.mark.parametrize("event", ["postStart", "preStop"])
@pytest.mark.parametrize("value", [None, UNKNOWN, [], ["a"], "a", 5, True])
def test_a_hook_of_the_wrong_shape(event: str, value: Any) -> None:
    assert found(value, event=event) == []
    for hook in ({"tcpSocket": value}, {"httpGet": value}, {"exec": value}):
        assert [rule for rule, _, _ in found(hook, event=event)] == ["hook-one-handler"] * (value is None)


def test_the_hooks_of_a_sidecar_and_both_events() -> None:
    hooks = {"preStop": {"tcpSocket": {"port": 80}}, "postStart": {"tcpSocket": {"port": 80}}}
    sidecar = {"name": "s", "restartPolicy": "Always", "lifecycle": hooks}
    path = "spec.template.spec.initContainers[0].lifecycle"
    all_found = check("Deployment", {"spec": {"template": {"spec": {"initContainers": [sidecar]}}}})
    assert [(each.path, each.container) for each in all_found] == [
        (f"{path}.postStart.tcpSocket", "s"),
        (f"{path}.preStop.tcpSocket", "s"),
    ]


PORTS = {"ports": [{"name": "http", "containerPort": 80}]}


@pytest.mark.parametrize(
    ("action", "container", "spec", "expected"),
    [
        (
            {"port": "web"},
            PORTS,
            {},
            ("httpget-named-port", "httpGet.port", f"container 'c' has no port named 'web': {STOPS}"),
        ),
        (
            {"port": "web"},
            {},
            {"initContainers": [{"name": "s", "restartPolicy": "Always", "ports": [{"name": "web"}]}]},
            ("httpget-named-port", "httpGet.port", f"container 'c' has no port named 'web': {STOPS}"),
        ),
        (
            {"port": 80},
            {},
            {"hostNetwork": True},
            (
                "httpget-hostnetwork",
                "httpGet",
                f"a Pod with hostNetwork has no address of its own for the kubelet to call: {STOPS}",
            ),
        ),
        (
            {"port": 80, "host": ""},
            {},
            {"hostNetwork": True},
            (
                "httpget-hostnetwork",
                "httpGet",
                f"a Pod with hostNetwork has no address of its own for the kubelet to call: {STOPS}",
            ),
        ),
        (
            {"port": "web"},
            {"ports": [{"containerPort": 80}, {"name": None}]},
            {},
            ("httpget-named-port", "httpGet.port", f"container 'c' has no port named 'web': {STOPS}"),
        ),
        *(
            (
                {"port": 80, "host": host},
                {},
                {},
                (
                    "httpget-localhost",
                    "httpGet.host",
                    f"the kubelet sends the request, so {host!r} is the node, not the container: {STOPS}",
                ),
            )
            for host in ("localhost", "LocalHost", "LOCALHOST.", "127.0.0.1", "127.9.9.9", "::1", "[::1]")
        ),
    ],
)
def test_a_request_that_cannot_arrive(action: Any, container: Any, spec: Any, expected: tuple[str, str, str]) -> None:
    assert found({"httpGet": action}, container=container, **spec) == [expected]


def test_a_request_that_cannot_arrive_for_two_reasons() -> None:
    rules = [rule for rule, _, _ in found({"httpGet": {"port": "web"}}, event="postStart", hostNetwork=True)]
    assert rules == ["httpget-named-port", "httpget-hostnetwork"]


@pytest.mark.parametrize(
    ("action", "container", "spec"),
    [
        ({"port": "http"}, PORTS, {}),
        ({"port": "web"}, {"ports": UNKNOWN}, {}),
        ({"port": "web"}, {"ports": [UNKNOWN]}, {}),
        ({"port": "web"}, {"ports": [{"name": UNKNOWN}]}, {}),
        ({"port": UNKNOWN}, {}, {}),
        ({"port": 80, "host": "127.0.0.1"}, {}, {"hostNetwork": True}),
        ({"port": 80, "host": "localhost"}, {}, {"hostNetwork": UNKNOWN}),
        ({"port": 80}, {}, {"hostNetwork": UNKNOWN}),
        ({"port": 80, "host": UNKNOWN}, {}, {"hostNetwork": True}),
        ({"port": 80, "host": UNKNOWN}, {}, {}),
        ({"port": 80, "host": "drain.acme.svc"}, {}, {"hostNetwork": None}),
        ({"port": 80, "host": "10.0.0.1"}, {}, {"hostNetwork": False}),
        ({"port": "web"}, {"ports": [5]}, {}),
        ({"port": "web"}, {}, {"kind": "PodPatch"}),
        ({"port": 80, "host": "localhost"}, {}, {"kind": "PodPatch"}),
        ({"port": 80}, {}, {"kind": "PodPatch"}),
        *(
            ({"port": 80, "host": host}, {}, {})
            for host in (
                "",
                None,
                5,
                ["localhost"],
                "localhost.local",
                "x.localhost",
                "0.0.0.0",
                "::",
                "X::1",
                "128.0.0.1",
            )
        ),
    ],
)
def test_a_request_that_may_arrive(action: Any, container: Any, spec: Any) -> None:
    assert found({"httpGet": action}, container=container, **spec) == []


def test_what_the_api_server_refuses_never_gets_to_the_kubelet() -> None:
    assert [rule for rule, _, _ in found({"httpGet": {"port": 0, "host": "localhost"}})] == ["httpget-port"]


def test_a_plain_init_container_has_no_hooks_to_judge() -> None:
    hook = {"preStop": {"tcpSocket": {"port": 80}}}
    spec = {"spec": {"initContainers": [{"name": "i", "lifecycle": hook}]}}
    assert [each.rule.id for each in check("Pod", spec)] == ["lifecycle-on-init"]
