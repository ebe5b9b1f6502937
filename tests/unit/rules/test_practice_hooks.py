"""The group `practice` in one hook, rule by rule; what comes of it is shown on a real node (tests/cluster/proofs)."""

from typing import Any

import pytest

from lifecycle_rules import UNKNOWN, Group, check
from lifecycle_rules.images import Image

APP = "spec.containers[0]"
SIDECAR = "spec.initContainers[0]"
PENDING = "while the Pod is Pending and the next container does not start"
TOO_EARLY = "stops the sidecar at the start of the termination, while the app containers still run"
PRE_AND_POST = pytest.mark.parametrize("event", ["postStart", "preStop"])
NO_HOOKS: list[Any] = [None, UNKNOWN, [], ["preStop"], "preStop", 5, True]
JOB: Any = {"spec": {"restartPolicy": "Never"}}


def check_pod(
    lifecycle: Any, *, kind: str = "Pod", spec: Any = None, sidecar: bool = False, options: Any = None, **container: Any
) -> list[tuple[str, str, str]]:
    """What is found in one container with this lifecycle, `container` its other fields, `spec` those of its pod."""
    own = {"name": "c", "lifecycle": lifecycle, **container}
    containers = {"initContainers": [{**own, "restartPolicy": "Always"}]} if sidecar else {"containers": [own]}
    all_found = check(kind, {"spec": {**containers, **(spec or {})}}, **(options or {}))
    return [(each.rule.id, each.path, each.message) for each in all_found if each.rule.group is Group.PRACTICE]


def found(event: str, hook: Any, **where: Any) -> list[tuple[str, str, str]]:
    return check_pod({event: hook}, **where)


def messages(rule: str, event: str, hook: Any, below: str, **where: Any) -> list[str]:
    """What one rule says of a hook, at the one path where it may say it."""
    path = f"{SIDECAR if where.get('sidecar') else APP}.lifecycle.{event}.{below}"
    of_rule = [each for each in found(event, hook, **where) if each[0] == rule]
    assert {each for _, each, _ in of_rule} <= {path}
    return [message for _, _, message in of_rule]


def command(*words: Any) -> dict[str, Any]:
    return {"exec": {"command": list(words)}}


def shell(script: str) -> dict[str, Any]:
    return command("/bin/sh", "-c", script)


@pytest.mark.parametrize(("sidecar", "path"), [(False, APP), (True, SIDECAR)])
def test_an_empty_lifecycle(sidecar: bool, path: str) -> None:
    assert check_pod({}, sidecar=sidecar) == [("lifecycle-empty", f"{path}.lifecycle", "it holds no hook")]


@pytest.mark.parametrize("lifecycle", [*NO_HOOKS, {"preStop": None}, {"preStop": UNKNOWN}, {"postStart": UNKNOWN}])
def test_a_lifecycle_that_is_not_empty_or_not_known(lifecycle: Any) -> None:
    assert check_pod(lifecycle) == []


@PRE_AND_POST
@pytest.mark.parametrize(
    ("words", "place"),
    [
        (["/bin/sh", "-c", "jstack 1 > /var/log/threads", "sleep 2m"], 3),
        (["sh", "-c", "drain; exit 0", "sh", "/usr/bin/curl -f localhost"], 4),
        (["sh", "-ec", "drain && exit", UNKNOWN, " rm\t/tmp/x; drain"], 4),
        (["bash", "-o", "pipefail", "-c", "a | b", "nginx -s quit", "sleep 5"], 5),
        (["sh", "-c", "echo $HOME $$ $? ${A} $(b) > /tmp/x", "sleep 5"], 3),
        (["sh", "-c", "information; before > /tmp/x", "sleep 5"], 3),
    ],
)
def test_a_second_command_behind_a_script(event: str, words: list[Any], place: int) -> None:
    shell = words[0].rpartition("/")[2]
    what = f"never runs: {shell} runs only the script before it, which does not use it"
    assert messages("exec-words-lost", event, command(*words), f"exec.command[{place}]") == [what]


@PRE_AND_POST
@pytest.mark.parametrize(
    "words",
    [
        ["sh", "-c", "drain; exit", "drain hook"],  # a name for $0
        ["sh", "-c", "drain; exit", "--"],
        ["sh", "-c", "drain; exit", "sleep"],
        ["sh", "-c", "drain; exit", "sleeping well"],
        ["sh", "-c", "drain; exit", UNKNOWN],
        ["sh", "-c", "drain; exit"],
        ["sh", "-c", UNKNOWN, "sleep 5"],
        ["sh", "-c", "drain", "sleep 5"],  # exec-sh-c-split
        ["sh", "/drain.sh", "a", "sleep 5"],
        ["drain", "-c", "a b", "sleep 5"],
        *(
            ["sh", "-c", script, "sleep 5", "curl -f localhost"]
            for script in (
                *('exec "$@"', "eval $*", "eval $0", "echo; sh -c $1", '"${1}"', "${@:2}", "test $# -gt 0", "${#} a"),
                *("for each; do $each; done", "shift; run", "while getopts a: b; do :; done", "echo $BASH_ARGV"),
                *(". /env; run", "source /env; run", "run; . /env"),
            )
        ),
    ],
)
def test_words_behind_a_script_that_are_no_commands_or_may_be_used(event: str, words: list[Any]) -> None:
    assert messages("exec-words-lost", event, command(*words), "exec.command") == []


@PRE_AND_POST
@pytest.mark.parametrize("name", ["exec", "httpGet", "sleep", "tcpSocket"])
@pytest.mark.parametrize("below", NO_HOOKS)
def test_a_hook_or_an_action_of_the_wrong_shape(event: str, name: str, below: Any) -> None:
    """A hook of None is none; each of the rest is present, and neither a mapping nor a finding."""
    assert found(event, below) == []
    assert found(event, {name: below}, image="nginx", **JOB) == []


@PRE_AND_POST
def test_there_is_nothing_more_to_say_of_a_tcp_socket(event: str) -> None:
    assert found(event, {"tcpSocket": {"port": 80, "host": "drain.acme.svc"}}, **JOB) == []


@pytest.mark.parametrize(
    "spec",
    [
        {"initContainers": [{"name": "c", "lifecycle": {}}]},
        {"ephemeralContainers": [{"name": "c", "lifecycle": {}}]},
        {"containers": [{"name": "c", "lifecycle": {"preStop": {"sleep": {"seconds": 0}, "httpGet": {"port": 0}}}}]},
        {"containers": [{"name": "c", "lifecycle": {"preStop": {"sleep": {"seconds": 0}}, "poststart": {}}}]},
    ],
)
def test_what_the_api_server_refuses_is_no_matter_of_practice(spec: Any) -> None:
    assert {each.rule.group for each in check("Pod", {"spec": spec})} == {Group.ACCEPTED}


def test_a_finding_names_its_container_and_those_of_the_start_come_first() -> None:
    containers = [
        {"name": "a", "lifecycle": {"preStop": {"sleep": {}}, "postStart": {"sleep": {}}}},
        {"name": "b", "lifecycle": {}},
    ]
    deployment = {"spec": {"template": {"spec": {"containers": containers}}}}
    assert [(each.path, each.container) for each in check("Deployment", deployment)] == [
        ("spec.template.spec.containers[0].lifecycle.postStart.sleep.seconds", "a"),
        ("spec.template.spec.containers[0].lifecycle.preStop.sleep.seconds", "a"),
        ("spec.template.spec.containers[1].lifecycle", "b"),
    ]


def test_all_that_is_to_say_of_one_hook() -> None:
    hook = shell("echo a; curl x; until curl x; do sleep 1; done & mkdir /data/a")
    where = {"image": "debian", "volumeMounts": [{"mountPath": "/data"}], **JOB}
    path = f"{APP}.lifecycle.postStart.exec"
    assert [(rule, where) for rule, where, _ in found("postStart", hook, **where)] == [
        ("exec-tool-missing", f"{path}.command"),
        ("hook-stdout-lost", f"{path}.command"),
        ("poststart-unbounded", f"{path}.command"),
        ("poststart-background", f"{path}.command"),
        ("poststart-not-idempotent", f"{path}.command"),
        ("poststart-in-job", path),
    ]


@PRE_AND_POST
@pytest.mark.parametrize("seconds", [{}, {"seconds": None}, {"seconds": 0}, {"seconds": 0.0}, {"seconds": -0.0}])
def test_a_sleep_of_no_time(event: str, seconds: Any) -> None:
    path = f"{APP}.lifecycle.{event}.sleep.seconds"
    assert found(event, {"sleep": seconds}) == [
        ("sleep-zero", path, "a sleep of 0 s does nothing: the hook returns at once")
    ]


@PRE_AND_POST
@pytest.mark.parametrize("seconds", [1, 1.0, 5, 0.5, "0", "", [], {}, UNKNOWN])
def test_a_sleep_of_some_time(event: str, seconds: Any) -> None:
    assert found(event, {"sleep": {"seconds": seconds}}) == []


@pytest.mark.parametrize("seconds", [6, 6.0, 30])
def test_a_sleep_at_the_start(seconds: float) -> None:
    path = f"{APP}.lifecycle.postStart.sleep.seconds"
    expected = [("poststart-sleep", path, f"takes {int(seconds)} s, {PENDING}")]
    assert found("postStart", {"sleep": {"seconds": seconds}}) == expected
    assert [each for each in found("preStop", {"sleep": {"seconds": seconds}}) if each[0] == "poststart-sleep"] == []


@pytest.mark.parametrize("seconds", [5, 5.5, 6.5, "6", UNKNOWN, [6]])
def test_a_sleep_at_the_start_that_is_short_or_not_known(seconds: Any) -> None:
    assert found("postStart", {"sleep": {"seconds": seconds}}) == []


@PRE_AND_POST
@pytest.mark.parametrize(
    ("hook", "seconds"),
    [
        (command("sleep", "5"), 5),
        (command("/bin/sleep", "1"), 1),
        (command("sleep", "2", "3.0"), 5),
        (shell("sleep 5"), 5),
        (shell("exec sleep 0.5 0.5"), 1),
        (shell("timeout 3 sleep 10"), 3),
        (command("sleep", "0.1m"), 6),
    ],
)
def test_a_program_for_a_sleep(event: str, hook: Any, seconds: int) -> None:
    message = (
        f"needs a program in the image to sleep {seconds} s; `sleep: {{seconds: {seconds}}}` does the same without one"
    )
    assert messages("exec-sleep", event, hook, "exec.command") == [message]


@PRE_AND_POST
@pytest.mark.parametrize(
    "hook",
    [
        command("sleep", "0.5"),
        command("sleep", "1.5"),
        command("sleep", "0"),
        command("sleep", "infinity"),
        command("sleep", UNKNOWN),
        command(UNKNOWN, "5"),
        command("drain", "5"),
        shell("sleep $N"),
        command("timeout", "5", "tail", "-f", "/dev/null"),
        shell("sleep 2; sleep 3"),
        shell("sleep 5 && drain"),
        shell("sleep 5 > /tmp/x"),
        shell("while true; do sleep 5; done"),
    ],
)
def test_a_program_that_a_sleep_is_no_match_for(event: str, hook: Any) -> None:
    assert messages("exec-sleep", event, hook, "exec.command") == []


@pytest.mark.parametrize(
    ("kubernetes", "features", "is_found"),
    [
        ("1.28", ["PodLifecycleSleepAction"], False),
        ("1.29", [], False),
        ("1.29", ["PodLifecycleSleepAction"], True),
        ("1.30", [], True),
    ],
)
def test_the_sleep_action_is_advised_where_there_is_one(kubernetes: str, features: list[str], is_found: bool) -> None:
    options = {"kubernetes": kubernetes, "features": features}
    assert len(found("preStop", command("sleep", "5"), options=options)) == is_found


TABLE: Any = {"images": [Image("docker.io/acme/app", frozenset({"curl", "wget", "bash", "which"}))]}


def missing(hook: Any, image: Any = "acme/app:1", event: str = "preStop") -> list[str]:
    return messages("exec-tool-missing", event, hook, "exec.command", image=image, options=TABLE)


@PRE_AND_POST
@pytest.mark.parametrize(
    ("hook", "program"),
    [
        (command("curl", "x"), "curl"),
        (command("/usr/bin/curl", UNKNOWN), "curl"),
        (command("bash", "-c", "curl x"), "bash"),
        (command("timeout", "3", "wget", "x"), "wget"),
        (shell("wget x && curl x"), "wget"),
        (shell("set -e; wget x; sleep 5"), "wget"),
        (shell("exec curl x"), "curl"),
        (shell("sleep 5 && sh -c 'curl x'"), "curl"),
        (shell("which curl && curl x"), "which"),
        (shell("type curl; wget x"), "wget"),
        (shell("(wget x) || true; curl x"), "curl"),
        (shell("echo curl; curl x"), "curl"),
    ],
)
def test_a_program_that_the_image_lacks(event: str, hook: Any, program: str) -> None:
    assert missing(hook, event=event) == [f"image acme/app:1 is known to have no {program}: the hook fails"]


@PRE_AND_POST
def test_a_program_that_a_volume_has(event: str) -> None:
    tools: Any = {"image": "acme/app:1", "options": TABLE, "volumeMounts": [{"mountPath": "/tools/"}]}
    for hook in (shell("/tools/bin/curl x"), command("/tools/curl", "x")):
        assert messages("exec-tool-missing", event, hook, "exec.command", **tools) == []
    other = messages("exec-tool-missing", event, command("/toolsX/curl", "x"), "exec.command", **tools)
    assert other == ["image acme/app:1 is known to have no curl: the hook fails"]


@pytest.mark.parametrize(
    ("mount", "hook"),
    [
        ("/usr/bin", command("curl", "x")),
        ("/usr/", command("curl", "x")),
        ("/bin/curl", command("curl", "x")),
        ("/bin/curl", command("/bin/curl", "x")),
        ("/opt/curl", command("/opt/curl", "x")),
        ("/usr/bin", command("/bin/curl", "x")),
        ("/tools", shell("PATH=$PATH:/tools; curl x")),
        ("/tools", shell("until /tools/curl x; do sleep 1; done")),
    ],
)
def test_a_volume_on_the_search_path(mount: str, hook: Any) -> None:
    mounted: Any = {"image": "acme/app:1", "options": TABLE, "volumeMounts": [{"mountPath": mount}]}
    assert messages("exec-tool-missing", "preStop", hook, "exec.command", **mounted) == []
    elsewhere = {**mounted, "volumeMounts": [{"mountPath": "/data"}]}
    if "PATH" not in str(hook):
        assert messages("exec-tool-missing", "preStop", hook, "exec.command", **elsewhere) != []


def test_a_search_path_of_the_container_s_own() -> None:
    own: Any = {"image": "acme/app:1", "options": TABLE, "env": [{"name": "PATH", "value": "/tools"}]}
    words = "image acme/app:1 is known to have no curl: the hook fails"
    assert messages("exec-tool-missing", "preStop", command("curl"), "exec.command", **own) == [words]
    own["volumeMounts"] = [{"mountPath": "/tools"}]
    assert messages("exec-tool-missing", "preStop", command("curl"), "exec.command", **own) == []
    assert messages("exec-tool-missing", "preStop", command("/opt/curl"), "exec.command", **own) == [words]


@pytest.mark.parametrize(
    "pod", [{"os": {"name": "windows"}}, {"nodeSelector": {"kubernetes.io/os": "windows"}}, {"os": {"name": "linux"}}]
)
def test_the_table_is_of_images_for_linux(pod: Any) -> None:
    container = {"name": "app", "image": "acme/app:1", "lifecycle": {"preStop": command("curl", "x")}}
    findings = check("Pod", {"spec": {**pod, "containers": [container]}}, **TABLE)
    assert ["exec-tool-missing"] * ("linux" in str(pod)) == [each.rule.id for each in findings]


@PRE_AND_POST
@pytest.mark.parametrize(
    "script",
    [
        "until curl -s x; do sleep 1; done",
        "until curl -s x > /dev/null 2>&1; do sleep 1; done",
        "until timeout 2 curl -s x; do sleep 1; done",
        "until drain && curl -s x; do sleep 1; done",
        "while ! curl -s x; do sleep 1; done",
        "while ! curl -s x | grep -q idle; do sleep 1; done",
        "until curl -s x | tee /y | grep -l idle; do sleep 1; done",
        "for i in $(seq 1 60); do curl -s x | grep -q idle && break; sleep 1; done",
        "for i in 1 2 3; do curl -s x && break || sleep 1; done",
        "while true; do curl -s x && break; sleep 1; done",
        "touch /x && until curl -s x; do sleep 1; done; drain",
    ],
)
def test_a_loop_that_waits_for_a_program_that_the_image_lacks(event: str, script: str) -> None:
    words = "image acme/app:1 is known to have no curl: the loop waits for it in vain"
    assert missing(shell(script), event=event) == [words]


@pytest.mark.parametrize(
    "script",
    [
        "while curl -s x; do sleep 1; done",
        "until curl -s x | wc -l; do sleep 1; done",
        "until curl -s x | grep -c idle; do sleep 1; done",
        "until curl -s x | grep -L idle; do sleep 1; done",
        "until curl -s x | grep $HOW idle; do sleep 1; done",
        "until drain || curl -s x; do sleep 1; done",
        "until ! curl -s x; do sleep 1; done",
        "until ! curl -s x | grep -q idle; do sleep 1; done",
        "until ! drain | wget x; do sleep 1; done",
        "if drain; then until curl -s x; do sleep 1; done; fi",
        "case $A in a) until curl -s x; do sleep 1; done;; esac",
        "[ -e /x ] && until curl -s x; do sleep 1; done",
        "drain || until curl -s x; do sleep 1; done",
        "exit 0; until curl -s x; do sleep 1; done",
        "command -v curl || exit 0; until curl -s x; do sleep 1; done",
        "type /usr/bin/curl > /tools; until curl -s x; do sleep 1; done",
        "wait_for() { until curl -s x; do sleep 1; done; }; drain",
        "curl() { drain; }; until curl -s x; do sleep 1; done",
        "until $CLIENT -s x; do sleep 1; done",
        "until :; do curl -s x; done",
        "for i in 1 2 3; do curl -s x && exit; sleep 1; done",
    ],
)
def test_a_loop_that_may_end(script: str) -> None:
    assert missing(shell(script)) == []


@PRE_AND_POST
def test_a_program_that_the_image_lacks_in_the_middle(event: str) -> None:
    """The steps behind it run, and the hook does not fail with it."""
    words = "image acme/app:1 is known to have no wget: this step does nothing"
    assert missing(shell("wget x; sleep 5"), event=event) == [words]


@pytest.mark.parametrize(
    "hook",
    [
        command("drain", "curl"),
        shell("true || curl x"),
        shell("[ -e /x ] && curl x"),
        shell("test -e /x && drain && curl x"),
        shell("! drain && curl x"),
        shell("command -v curl || exit 0; curl x"),
        shell("command -V curl || exit 0; curl x"),
        shell("curl() { drain; }; curl x"),
        shell("apk add -q curl && curl x"),
        shell("apt-get install -y curl && curl x"),
        command(UNKNOWN, "curl"),
        command(),
        {"exec": {"command": UNKNOWN}},
        shell("curl x || true"),
        shell("if curl x; then wget x; fi"),
        shell("curl x | tee /tmp/x"),
        shell("curl x &"),
        shell("! curl x"),
        shell("while curl x; do sleep 1; done"),
        shell("type curl || exit 0; curl x"),
        shell("hash wget curl; wget x; curl x"),
        shell("type curl > /dev/null && curl x"),
        shell("curl x; if"),
        shell("$CURL x"),
    ],
)
def test_a_program_that_may_be_there_or_may_be_missed(hook: Any) -> None:
    assert missing(hook) == []


def test_a_program_that_is_asked_for_with_which() -> None:
    hook = shell("which killall || exit 0; killall nginx")
    assert messages("exec-tool-missing", "preStop", hook, "exec.command", image="nginx") == []


@pytest.mark.parametrize("image", [None, UNKNOWN, "", 5, ["acme/app"], "acme/other", "ACME/app"])
def test_an_image_of_which_nothing_is_known(image: Any) -> None:
    assert missing(command("curl", "x"), image) == []


def test_the_table_of_images_that_the_rules_bring_along() -> None:
    hook = command("killall", "-0", "nginx")
    expected = ["image nginx:1.29 is known to have no killall: the hook fails"]
    assert messages("exec-tool-missing", "preStop", hook, "exec.command", image="nginx:1.29") == expected
    assert found("preStop", hook, image="nginx:1.29", options={"images": ()}) == []


def http(**action: Any) -> dict[str, Any]:
    return {"httpGet": {"port": 80, **action}}


@PRE_AND_POST
def test_https(event: str) -> None:
    words = "the kubelet verifies no certificate, and falls back to plain HTTP if the server answers in it"
    assert messages("httpget-https", event, http(scheme="HTTPS"), "httpGet.scheme") == [words]
    for scheme in (None, "", "HTTP", UNKNOWN, 5, ["HTTPS"]):
        assert messages("httpget-https", event, http(scheme=scheme), "httpGet.scheme") == []


@PRE_AND_POST
@pytest.mark.parametrize("host", ["drain.acme.svc", "10.0.0.1", "localhost", " "])
@pytest.mark.parametrize("spec", [{}, {"hostNetwork": False}, {"hostNetwork": None}])
def test_a_host_that_pod_security_refuses(event: str, host: str, spec: Any) -> None:
    words = f'a namespace that enforces the Pod Security level baseline refuses the host "{host}"'
    assert messages("httpget-host", event, http(host=host), "httpGet.host", spec=spec) == [words]


@pytest.mark.parametrize(
    ("host", "where"),
    [
        *((host, {}) for host in (None, "", UNKNOWN, 5, ["a"])),
        ("a", {"spec": {"hostNetwork": True}}),  # which the level baseline refuses as it is
        ("a", {"spec": {"hostNetwork": UNKNOWN}}),
        ("a", {"spec": {"hostNetwork": "no"}}),
        ("a", {"kind": "PodPatch"}),
        ("a", {"options": {"kubernetes": "1.33"}}),
    ],
)
def test_a_host_that_pod_security_does_not_refuse(host: Any, where: Any) -> None:
    assert messages("httpget-host", "preStop", http(host=host), "httpGet.host", **where) == []


def test_pod_security_refuses_hosts_from_1_34_on() -> None:
    where = {"options": {"kubernetes": "1.34"}}
    assert len(messages("httpget-host", "preStop", http(host="a"), "httpGet.host", **where)) == 1


@pytest.mark.parametrize(
    "path",
    [
        *("/health", "/healthcheck", "/healthz", "/live", "/liveness", "/livez", "/ready", "/readiness", "/readyz"),
        *("healthz", "/api/v1/Ready", "/healthz/", "/healthz//", "/healthz?full=/x", "/HEALTHZ/?a?b"),
    ],
)
def test_a_path_whose_status_is_not_looked_at(path: str) -> None:
    hook = http(path=path, host="a")
    words = [f"any answer from {path} counts as success, even 404 and 500"]
    assert messages("httpget-status", "postStart", hook, "httpGet.path") == words
    assert messages("httpget-status", "preStop", hook, "httpGet.path") == []


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "/",
        "?",
        "/drain",
        "/healthz/now",
        "/x-healthz",
        "/healthX",
        "/healthz2",
        "/drain?/healthz",
        UNKNOWN,
        5,
        ["/ready"],
    ],
)
def test_a_path_that_is_no_health_check(path: Any) -> None:
    assert messages("httpget-status", "postStart", http(path=path), "httpGet.path") == []


HTTP_PORT: Any = {"ports": [UNKNOWN, "x", {"containerPort": 8080}, {"name": "http", "containerPort": 80.0}]}
MORE: Any = {"initContainers": [{"name": "server", "restartPolicy": "Always"}]}
ASKS_ITSELF = (
    "the server may not listen yet, and the kubelet asks only once: if that fails, the kubelet restarts the container"
)


@pytest.mark.parametrize(
    ("action", "where"),
    [
        ({"port": 80}, {}),
        ({"port": 80.0, "host": None}, {}),
        ({"port": 80, "host": ""}, {}),
        ({"port": 80}, {"ports": UNKNOWN}),
        ({"port": 80}, {"ports": [{"containerPort": 8080}]}),
        ({"port": 80}, {**HTTP_PORT, "spec": MORE}),
        ({"port": 80.0}, {**HTTP_PORT, "spec": MORE}),
        ({"port": 8080}, {**HTTP_PORT, "spec": MORE}),
        ({"port": "http"}, {**HTTP_PORT, "spec": MORE}),
        ({"port": "http"}, {**HTTP_PORT, "kind": "PodPatch"}),
        ({"port": 80}, {"spec": {"initContainers": []}}),
    ],
)
def test_a_request_at_the_start_to_the_container_itself(action: Any, where: Any) -> None:
    assert messages("poststart-httpget-self", "postStart", {"httpGet": action}, "httpGet.port", **where) == [
        ASKS_ITSELF
    ]
    assert messages("poststart-httpget-self", "preStop", {"httpGet": action}, "httpGet.port", **where) == []


@pytest.mark.parametrize(
    ("action", "where"),
    [
        ({"port": 80, "host": "registry.acme.svc"}, HTTP_PORT),
        ({"port": 80, "host": UNKNOWN}, HTTP_PORT),
        ({"port": UNKNOWN}, HTTP_PORT),
        ({"port": UNKNOWN}, {}),
        ({"port": "web"}, HTTP_PORT),
        ({"port": "web"}, {"ports": UNKNOWN}),
        ({"port": 80}, {"spec": MORE}),
        ({"port": 80}, {"spec": {"initContainers": [{"name": "setup"}]}}),
        ({"port": 80}, {"spec": MORE, "ports": UNKNOWN}),
        ({"port": 80}, {"spec": MORE, "ports": [UNKNOWN, {"containerPort": UNKNOWN}]}),
        ({"port": 81}, {**HTTP_PORT, "spec": MORE}),
        ({"port": 80}, {"kind": "PodPatch"}),
        ({"port": 80}, {"sidecar": True, "spec": {"containers": [{"name": "app"}]}}),
    ],
)
def test_a_request_at_the_start_to_another_or_to_one_not_known(action: Any, where: Any) -> None:
    assert messages("poststart-httpget-self", "postStart", {"httpGet": action}, "httpGet.port", **where) == []


def test_the_only_container_of_a_custom_resource_may_get_others() -> None:
    def of(**container: Any) -> list[str]:
        own = {"name": "c", "lifecycle": {"postStart": http()}, **container}
        return [each.rule.id for each in check("Rollout", {"spec": {"template": {"spec": {"containers": [own]}}}})]

    assert of() == []
    assert of(ports=[{"containerPort": 80}]) == ["poststart-httpget-self"]


@PRE_AND_POST
@pytest.mark.parametrize(
    "hook",
    [
        command("echo", "done"),
        command("/bin/echo", UNKNOWN),
        shell("printf done"),
        shell("drain | echo a"),
        shell("echo a > /tmp/x; echo b"),
        shell("if a; then echo b; fi"),
        shell("sh -c 'echo a'"),
        shell("echo a >&2"),
        shell("echo a 2> /dev/null"),
    ],
)
def test_what_a_hook_prints(event: str, hook: Any) -> None:
    words = "what it prints goes neither to the container's log nor into an event"
    assert messages("hook-stdout-lost", event, hook, "exec.command") == [words]


@PRE_AND_POST
@pytest.mark.parametrize(
    "hook",
    [
        command("drain", "echo"),
        command(UNKNOWN, "done"),
        shell("echo a > /proc/1/fd/1"),
        shell("echo a | tee /tmp/x > /dev/null"),
        shell("{ echo a; echo b; } > /tmp/x 2>&1"),
        shell("cat /etc/hosts"),
        shell("printf -v a b"),
        shell("echo a; if"),
    ],
)
def test_what_a_hook_writes_elsewhere(event: str, hook: Any) -> None:
    assert messages("hook-stdout-lost", event, hook, "exec.command") == []


NO_LIMIT = "has no limit: while it waits, the Pod is not Ready and cannot be deleted, whatever its grace period"


@pytest.mark.parametrize(
    "hook",
    [
        command("sleep", "infinity"),
        command("tail", "-f", "/dev/null"),
        shell("while true; do sleep 1; done"),
        shell("until curl localhost; do sleep 1; done"),
        shell("while ! curl localhost; do sleep 1; done"),
        shell("until curl a && curl b; do sleep 1; sleep 2; done"),
        shell("if curl a; then until curl b; do sleep 1; done; fi; sleep 9"),
        shell("until curl a; do until curl b; do sleep 1; done; done"),
    ],
)
def test_a_start_without_a_limit(hook: Any) -> None:
    path = f"{APP}.lifecycle.postStart.exec.command"
    assert [each for each in found("postStart", hook) if each[0] != "exec-sleep"] == [
        ("poststart-unbounded", path, NO_LIMIT)
    ]
    assert messages("poststart-unbounded", "preStop", hook, "exec.command") == []


@pytest.mark.parametrize(
    "hook",
    [
        shell("timeout 30 sh -c 'until curl a; do sleep 1; done'"),
        shell("until curl a; do sleep 1 || break; done"),
        shell("until curl a; do exit 1; done"),
        shell("until curl a; do kill 1; done"),
        shell("until curl a; do let N+=1; done"),
        shell("until curl a; do read line; done"),
        shell("until curl a; do return; done"),
        shell("until curl a; do test -e /x; done"),
        shell("until curl a; do command [ -e /x ]; done"),
        shell("giveup() { exit 1; }; until curl a; do giveup; done"),
        shell("(sleep 25; kill $$) > /dev/null 2>&1 & until curl a; do sleep 1; done"),
        shell("wait_for() { until curl a; do sleep 1; done; }; true"),
        shell("until curl a; do ''; done"),
        shell("until curl a; do N=1; done"),
        shell("until test -e /x; do sleep 1; done"),
        shell("until curl $URL; do sleep 1; done"),
        shell("until curl a; do sleep $N; done"),
        shell("until $CURL; do sleep 1; done"),
        shell("until curl a; do if b; then c; fi; done"),
        shell("until [ -e /x ]; do sleep 1; done"),
        shell("until curl a; do sleep 1; ((n++)); done"),
        shell("for each in a b; do curl a; done"),
        shell("until curl a; do sleep 1; done; if"),
        command("until", "curl"),
        command("sleep", UNKNOWN),
    ],
)
def test_a_start_that_may_have_a_limit(hook: Any) -> None:
    assert messages("poststart-unbounded", "postStart", hook, "exec.command") == []


@pytest.mark.parametrize(
    ("hook", "seconds"),
    [(command("sleep", "6"), "6"), (command("sleep", "5.5"), "5.5"), (shell("sleep 3; register; sleep 3"), "6")],
)
def test_a_start_that_sleeps(hook: Any, seconds: str) -> None:
    assert messages("poststart-sleep", "postStart", hook, "exec.command") == [f"takes {seconds} s, {PENDING}"]
    assert messages("poststart-sleep", "preStop", hook, "exec.command") == []


@pytest.mark.parametrize("hook", [command("sleep", "5"), command("sleep", UNKNOWN), shell("sleep 9 || sleep $N &")])
def test_a_start_that_sleeps_little(hook: Any) -> None:
    assert messages("poststart-sleep", "postStart", hook, "exec.command") == []


@pytest.mark.parametrize(
    "script",
    [
        "agent &",
        "agent & register",
        "agent > /dev/null &",
        "agent 2> /dev/null &",
        "agent < /dev/null &",
        "(agent > /dev/null 2>&1; other) &",
        "while a; do agent & b; done",
        "agent > /dev/null 2>&1 & other &",
    ],
)
def test_what_a_start_leaves_behind_with_its_output(script: str) -> None:
    words = "the runtime waits until the process in the background has closed the hook's output"
    assert messages("poststart-background", "postStart", shell(script), "exec.command") == [words]
    assert messages("poststart-background", "preStop", shell(script), "exec.command") == []


@pytest.mark.parametrize(
    "script",
    [
        "agent",
        "agent > /dev/null 2>&1 &",
        "agent &> /dev/null &",
        "(agent; other) > /dev/null 2>&1 &",
        "agent > /dev/null 2>&1",
        "agent & wait",
        "agent & sleep 1; kill $!",
        "agent && register",
        "true; if",
        "[ -e /x ]",
    ],
)
def test_what_a_start_leaves_behind_without_its_output(script: str) -> None:
    assert messages("poststart-background", "postStart", shell(script), "exec.command") == []


MOUNTS: list[Any] = [
    *(UNKNOWN, {"mountPath": UNKNOWN}, {"mountPath": "/"}, {"mountPath": "//"}),
    *({"mountPath": path} for path in ("/data", "/m/", "/X", "/mntX")),
]


def again(hook: Any, mounts: Any = MOUNTS, event: str = "postStart") -> list[str]:
    return messages("poststart-not-idempotent", event, hook, "exec.command", volumeMounts=mounts)


@pytest.mark.parametrize(
    ("hook", "program", "target"),
    [
        (command("mkdir", "/data/a"), "mkdir", "/data/a"),
        (command("/bin/mkdir", "-m", "700", "/m/a/"), "mkdir", "/m/a/"),
        (command("mkdir", "/X/a"), "mkdir", "/X/a"),
        (command("mkdir", "/mntX/a"), "mkdir", "/mntX/a"),
        (command("ln", "-s", "/opt/a", "/data/a"), "ln", "/data/a"),
        (command("ln", "-sp", "/opt/a", "/data/a"), "ln", "/data/a"),
        (command("mkdir", "-f", "/data/p"), "mkdir", "/data/p"),
        (command("mkdir", "", "/data/a", "/tmp/a"), "mkdir", "/data/a"),
        (command("mkdir", "/data/a", "/data/b"), "mkdir", "/data/a"),
        (command("mkdir", "/data/", "/data/b"), "mkdir", "/data/b"),
        (shell("mkdir /data/a && register"), "mkdir", "/data/a"),
        (shell("mkdir -p /data/a && mkdir /data/b && mkdir /data/c"), "mkdir", "/data/b"),
        (shell("mkdir /tmp/a && ln a /data/b"), "ln", "/data/b"),
        (shell("mkdir $DIR && mkdir /data/b"), "mkdir", "/data/b"),
        (shell("mkdir /data/a || true; mkdir /data/b"), "mkdir", "/data/b"),
        (shell("cd /data && mkdir /data/b"), "mkdir", "/data/b"),
        (shell("register; mkdir /data/a"), "mkdir", "/data/a"),
        (shell("set -e; mkdir /data/a; register"), "mkdir", "/data/a"),
        (shell("set -o errexit; mkdir /data/a; register"), "mkdir", "/data/a"),
        (command("bash", "-o", "errexit", "-c", "mkdir /data/a; register"), "mkdir", "/data/a"),
        (shell("set -x -ue; mkdir /data/a; register"), "mkdir", "/data/a"),
        (command("sh", "-e", "-c", "mkdir /data/a; register"), "mkdir", "/data/a"),
        (command("sh", "-xec", "mkdir /data/a; register"), "mkdir", "/data/a"),
    ],
)
def test_a_start_that_fails_the_second_time(hook: Any, program: str, target: str) -> None:
    words = f"{program} fails at the container's next start, because {target} is then already in the volume"
    assert again(hook) == [words]
    assert again(hook, event="preStop") == []


@pytest.mark.parametrize(
    "hook",
    [
        command("mkdir", "-p", "/data/a"),
        command("mkdir", "--parents", "/data/a"),
        command("mkdir", "-vp", "/data/a"),
        command("ln", "-sf", "/opt/a", "/data/a"),
        command("ln", "--force", "-s", "/opt/a", "/data/a"),
        command("mkdir", "/data"),
        command("mkdir", "/database/a"),
        command("mkdir", "/tmp/data/a"),
        command("mkdir", "/etc/a"),
        command("/data/mkdir", "/tmp/a"),
        command("touch", "/data/a"),
        command("mkdir", UNKNOWN, "/data/a"),
        command(UNKNOWN, "/data/a"),
        command("mkdir"),
        shell("mkdir -p /data/a && touch /data/b"),
        shell("mkdir /data/$NAME"),
        shell("mkdir /data/a; register"),
        shell("mkdir /data/a; set; set $OPTIONS; set -x; set +e; set e; set -E; set --e; set -e-; true"),
        shell("mkdir /data/a -e; register"),
        command("sh", "-c", "mkdir /data/a; register", "-e"),
        command("sh", "-x", "-c", "mkdir /data/a; register"),
        command("env", "-e", "sh", "-c", "mkdir /data/a; register"),
        shell("mkdir /data/a || true"),
        shell("test -d /data/a || mkdir -p /data/a"),
        shell("if test -d /data/a; then true; else mkdir /data/a; fi"),
        shell("! mkdir /data/a"),
        shell("mkdir /data/a &"),
        shell("set -e; mkdir /data/a || true"),
    ],
)
def test_a_start_that_can_run_again(hook: Any) -> None:
    assert again(hook) == []


@pytest.mark.parametrize("mounts", [None, UNKNOWN, [], {}, "/data", ["/data"], [{}], [{"mountPath": ["/data"]}]])
def test_a_start_in_a_container_without_a_volume(mounts: Any) -> None:
    assert again(command("mkdir", "/data/a"), mounts) == []


IN_JOB = {
    "postStart": "with restartPolicy {} a Pod can be Succeeded even if its postStart failed",
    "preStop": "never runs when the container ends by itself, only when the Pod is deleted before that",
}


@PRE_AND_POST
@pytest.mark.parametrize("name", ["exec", "httpGet"])
@pytest.mark.parametrize("policy", ["Never", "OnFailure"])
def test_a_hook_in_a_job(event: str, name: str, policy: str) -> None:
    hook = {name: {"exec": {"command": ["drain"]}, "httpGet": {"port": 80, "host": "a"}}[name]}
    spec = {"restartPolicy": policy, "containers": [{"name": "c", "lifecycle": {event: hook}}]}
    all_found = check("Job", {"spec": {"template": {"spec": spec}}}, kubernetes="1.33")
    path = f"spec.template.spec.containers[0].lifecycle.{event}.{name}"
    assert [(each.rule.id, each.path, each.message) for each in all_found] == [
        (f"{event.lower()}-in-job", path, IN_JOB[event].format(policy))
    ]


@PRE_AND_POST
@pytest.mark.parametrize("policy", [None, "", "Always", "never", UNKNOWN, True, ["Never"], {"Never": 1}])
def test_a_hook_in_what_goes_on(event: str, policy: Any) -> None:
    assert found(event, command("drain"), spec={"restartPolicy": policy}) == []


@PRE_AND_POST
def test_a_sidecars_hooks_and_a_sleep_are_as_good_in_a_job(event: str) -> None:
    assert found(event, command("drain"), sidecar=True, **JOB) == []
    assert found(event, http(host="a"), sidecar=True, options={"kubernetes": "1.33"}, **JOB) == []
    assert found(event, {"sleep": {"seconds": 5}}, **JOB) == []


@pytest.mark.parametrize(
    ("hook", "program"),
    [
        (command("nginx", "-s", "quit"), "nginx"),
        (command("/usr/sbin/nginx", "-c", "/nginx.conf", "-s", "stop"), "nginx"),
        (command("kill", "1"), "kill"),
        (command("kill", "1", UNKNOWN), "kill"),
        (command("killall", "-TERM", "server"), "killall"),
        (shell("pkill -QUIT server"), "pkill"),
        (shell("touch /x; exec kill -TERM 1"), "kill"),
        (shell("kill 1; echo"), "kill"),
        (command("kill", "-s", "QUIT", "1"), "kill"),
        (command("kill", "-n", "15", "1"), "kill"),
        (command("pkill", "--signal", "SIGINT", "server"), "pkill"),
        (command("pkill", "--signal=SIGTERM", "-f", "server"), "pkill"),
        (command("kill", "-SIGWINCH", "1"), "kill"),
        (command("kill", "-9", "1"), "kill"),
        (shell("kill $PID"), "kill"),
        (shell("nginx -s quit; kill -TERM 1"), "kill"),
        (shell("echo || kill 1"), "kill"),
        (shell("kill 1 > /dev/null"), "kill"),
    ],
)
def test_a_signal_that_nobody_waits_for(hook: Any, program: str) -> None:
    words = f"returns as soon as {program} has sent its signal, and the stop signal follows at once"
    assert messages("prestop-signal-return", "preStop", hook, "exec.command") == [words]
    assert messages("prestop-signal-return", "postStart", hook, "exec.command") == []


@pytest.mark.parametrize(
    "hook",
    [
        command("nginx", "-s", "reload"),
        command("nginx", "-s", UNKNOWN),
        command("nginx", "quit"),
        command("nginx", "-t", "stop"),
        command("server", "-s", "quit"),
        command(UNKNOWN, "-s", "quit"),
        command("kill"),
        command("kill", "-0", "1"),
        command("kill", "-l", "TERM"),
        command("kill", "-s0", "1"),
        shell("kill -TERM 1; sleep 5"),
        shell("sleep 5; kill -TERM 1"),
        shell("pidwait server & kill -TERM 1"),
        shell("server & wait; kill -TERM 1"),
        shell("tail --pid=1 & kill -TERM 1"),
        shell("while a; do b; done; kill 1"),
        shell("until a; do b; done; kill 1"),
        shell("if a; then b; fi; kill 1"),
        shell("if a; then kill 1; fi"),
        shell("drain; kill 1"),
        shell("killall -0 server && kill 1"),
        command("kill", UNKNOWN, "1"),
        command("kill", "-s", "0", "1"),
        command("kill", "-s", "HUP", "1"),
        command("kill", "-s", UNKNOWN, "1"),
        command("kill", "-s"),
        command("kill", "-USR1", "1"),
        command("killall", "-w", "server"),
        command("killall", "--wait", "server"),
        command("kill", "--list"),
        command("pkill", "-f", "-0", "server"),
        command("pkill", "-P", "1"),
        command("kill", "-n", "1", "1"),
        command("pkill", "--signal", "HUP", "server"),
        shell("f() { drain; }; kill 1"),
        shell("kill 1; if"),
        command("drain"),
    ],
)
def test_a_signal_that_is_waited_for_or_none(hook: Any) -> None:
    assert messages("prestop-signal-return", "preStop", hook, "exec.command") == []


def self_stop(hook: Any, below: str = "exec.command", *, event: str = "preStop", sidecar: bool = True) -> list[str]:
    found_here = messages("sidecar-self-stop", event, hook, below, sidecar=sidecar)
    assert messages("prestop-signal-return", event, hook, below, sidecar=True) == []
    return found_here


@pytest.mark.parametrize(
    ("hook", "programs"),
    [
        (command("kill", "-TERM", "1"), ["kill"]),
        (command("killall", "envoy"), ["killall"]),
        (shell("sleep 5; pkill envoy"), ["pkill"]),
        (shell("nginx -s quit; sleep 5; kill 1; echo"), ["nginx", "kill"]),
        (command("curl", "-XPOST", "localhost:15020/quitquitquit"), ["curl"]),
        (command("wget", UNKNOWN, "http://localhost:9091/quitquitquit?now"), ["wget"]),
        (shell("kill 1; curl /quitquitquit; /bin/wget /quitquitquit/"), ["kill", "curl", "wget"]),
    ],
)
def test_a_sidecar_that_stops_itself(hook: Any, programs: list[str]) -> None:
    assert self_stop(hook) == [f"{each} {TOO_EARLY}" for each in programs]
    assert self_stop(hook, event="postStart") == self_stop(hook, sidecar=False) == []


@pytest.mark.parametrize(
    "hook",
    [
        command("kill", "-TERM", "55"),
        command("kill", "-1", "55"),
        command("kill", UNKNOWN),
        command("kill", "-0", "1"),
        command("nginx", "-s", "reload"),
        command("curl", "localhost/quitquitquitter"),
        command("curl", "localhost/quit"),
        command("curl", "localhost?quitquitquit"),
        command("curl", UNKNOWN),
        command("/quitquitquit/curl", "localhost"),
        command("echo", "/quitquitquit"),
        command(UNKNOWN, "/quitquitquit"),
    ],
)
def test_a_sidecar_that_does_not_stop_itself(hook: Any) -> None:
    assert self_stop(hook) == []


@pytest.mark.parametrize("path", ["/quitquitquit", "/a/quitquitquit?now", "/quitquitquit/"])
def test_a_request_that_stops_a_sidecar(path: str) -> None:
    assert self_stop(http(path=path), "httpGet.path") == [f"{path} {TOO_EARLY}"]
    assert self_stop(http(path=path), "httpGet.path", event="postStart") == []
    assert self_stop(http(path=path), "httpGet.path", sidecar=False) == []


@pytest.mark.parametrize("path", [None, "", "/", "quitquitquit", "/quitquitquitter", UNKNOWN, 5, ["/quitquitquit"]])
def test_a_request_that_does_not_stop_a_sidecar(path: Any) -> None:
    assert self_stop(http(path=path), "httpGet.path") == []
