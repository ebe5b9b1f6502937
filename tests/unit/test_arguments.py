"""Arguments to the Pod: what passes through, what is given twice, and the caller's own path in every message."""

from typing import Any, get_args, get_type_hints

import pulumi
import pulumi_kubernetes as k8s
import pytest

from lifecycle_demo import LifecycleDemo, LifecycleDemoArgs, LifecycleDemoError, hooks, pod_template, shape
from lifecycle_demo.spelling import camel_case, snake_case
from tests.unit.recording import run

POD = "kubernetes:core/v1:Pod"


def spec_of(args: Any) -> Any:
    return run(lambda: LifecycleDemo("web", args) and None).inputs(POD)["spec"]


def errors(args: Any, name: str = "web") -> list[tuple[str, str]]:
    with pytest.raises(LifecycleDemoError) as raised:
        LifecycleDemo(name, args)
    return [(each["property_path"], each["reason"]) for each in raised.value.errors or []]


def test_every_argument_reaches_the_pod() -> None:
    port: Any = {"container_port": 80, "name": "http", "protocol": "TCP"}
    args: Any = {
        "image": "acme/web:1",
        "command": ["/web"],
        "args": ["--port", "80"],
        "env": {"A": "b", "C": ""},
        "ports": [port],
        "post_start": hooks.command("/start"),
        "pre_stop": hooks.http_get("/drain", port_name="http"),
        "shutdown_seconds": 40,
        "share_process_namespace": True,
        "containers": [
            {"name": "log", "image": "acme/log", "pre_stop": hooks.sleep(3), "ports": [{"container_port": 1}]}
        ],
        "sidecars": [{"name": "proxy", "image": "envoy", "env": {"X": "y"}, "container": {"tty": True}}],
        "container": {"image_pull_policy": "Never", "readinessProbe": {"http_get": {"port": 80}}, "name": "main"},
        "pod_spec": {"node_selector": {"a_b": "c"}, "hostIPC": True},
        "name": "shop",
        "namespace": "acme",
        "labels": {"a": "b"},
        "annotations": {"c/d": "e f"},
        "fail_fast": False,
    }
    assert run(lambda: LifecycleDemo("web", args) and None).inputs(POD) == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "shop", "namespace": "acme", "labels": {"a": "b"}, "annotations": {"c/d": "e f"}},
        "spec": {
            "containers": [
                {
                    "name": "main",
                    "image": "acme/web:1",
                    "command": ["/web"],
                    "args": ["--port", "80"],
                    "env": [{"name": "A", "value": "b"}, {"name": "C", "value": ""}],
                    "ports": [{"containerPort": 80, "name": "http", "protocol": "TCP"}],
                    "lifecycle": {
                        "postStart": {"exec": {"command": ["/start"]}},
                        "preStop": {"httpGet": {"path": "/drain", "port": "http"}},
                    },
                    "imagePullPolicy": "Never",
                    "readinessProbe": {"httpGet": {"port": 80}},
                },
                {
                    "name": "log",
                    "image": "acme/log",
                    "ports": [{"containerPort": 1}],
                    "lifecycle": {"preStop": {"sleep": {"seconds": 3}}},
                },
            ],
            "initContainers": [
                {
                    "name": "proxy",
                    "image": "envoy",
                    "env": [{"name": "X", "value": "y"}],
                    "tty": True,
                    "restartPolicy": "Always",
                }
            ],
            "terminationGracePeriodSeconds": 43,
            "shareProcessNamespace": True,
            "nodeSelector": {"a_b": "c"},
            "hostIPC": True,
        },
    }


def test_none_is_as_absent() -> None:
    args: Any = dict.fromkeys(["image", "env", "ports", "post_start", "pod_spec", "containers", "labels", "name"])
    assert spec_of(args) == spec_of({})
    assert spec_of({"pod_spec": {"volumes": None}, "container": {"tty": None}}) == spec_of({})
    further: Any = {"name": "a", "image": "b", "pre_stop": None, "container": None}
    assert spec_of({"containers": [further]})["containers"][1] == {"name": "a", "image": "b"}


def test_numbers_of_other_languages_are_whole() -> None:
    args: Any = {
        "ports": [{"container_port": 80.0}],
        "pre_stop": hooks.sleep(3),
        "termination_grace_period_seconds": 40.0,
    }
    assert spec_of(args)["terminationGracePeriodSeconds"] == 40
    assert errors({"pre_stop": {"sleep": {"seconds": 1.5}}}) == [
        ("pre_stop.sleep.seconds", "1.5 is not a whole number")
    ]


TWICE = "; keep one of the two"


@pytest.mark.parametrize(
    ("args", "path", "reason"),
    [
        ({"image": "a", "container": {"image": "b"}}, "container.image", f"conflicts with image{TWICE}"),
        ({"container": {"image": "b"}}, "container.image", f"conflicts with image{TWICE}"),
        ({"env": {"A": "b"}, "container": {"env": []}}, "container.env", f"conflicts with env{TWICE}"),
        ({"container": {"lifecycle": {}}}, "container.lifecycle", f"conflicts with post_start and pre_stop{TWICE}"),
        (
            {"containers": [{"name": "a", "image": "b", "container": {"lifecycle": {}}}]},
            "containers[0].container.lifecycle",
            f"conflicts with containers[0].post_start and containers[0].pre_stop{TWICE}",
        ),
        (
            {"sidecars": [{"name": "a", "image": "b", "container": {"restart_policy": "Never"}}]},
            "sidecars[0].container.restart_policy",
            f"conflicts with sidecars[0]{TWICE}",
        ),
        ({"pod_spec": {"containers": []}}, "pod_spec.containers", f"conflicts with containers{TWICE}"),
        (
            {"sidecars": [{"name": "a", "image": "b"}], "pod_spec": {"init_containers": []}},
            "pod_spec.init_containers",
            f"conflicts with sidecars{TWICE}",
        ),
        (
            {"share_process_namespace": False, "pod_spec": {"shareProcessNamespace": True}},
            "pod_spec.shareProcessNamespace",
            f"conflicts with share_process_namespace{TWICE}",
        ),
        (
            {"termination_grace_period_seconds": 40, "pod_spec": {"termination_grace_period_seconds": 40}},
            "pod_spec.termination_grace_period_seconds",
            f"conflicts with termination_grace_period_seconds{TWICE}",
        ),
        (
            {"pod_spec": {"hostPID": True, "host_pid": True}},
            "pod_spec.host_pid",
            "hostPID is given twice, in snake case and in camel case; keep one",
        ),
        ({"name": "a", "generate_name": True}, "generate_name", "conflicts with name; keep one of the two"),
    ],
)
def test_a_field_that_is_set_twice(args: Any, path: str, reason: str) -> None:
    assert (path, reason) in errors(args)


def test_what_no_argument_says_may_pass_through() -> None:
    spec = spec_of(
        {"container": {"env": [{"name": "A", "value_from": {"field_ref": {"field_path": "metadata.name"}}}]}}
    )
    assert spec["containers"][0]["env"] == [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]
    assert spec_of({"pod_spec": {"terminationGracePeriodSeconds": 77}})["terminationGracePeriodSeconds"] == 77
    init: Any = [{"name": "i", "image": "b"}]
    assert spec_of({"pod_spec": {"init_containers": init}})["initContainers"] == init


@pytest.mark.parametrize(
    ("args", "path"),
    [
        (
            {"containers": [{"name": "a", "image": "b", "pre_stop": hooks.http_get(port=0)}]},
            "containers[0].pre_stop.http_get.port",
        ),
        (
            {"sidecars": [{"name": "a", "image": "b", "post_start": hooks.http_get(port=1, headers={"a b": "c"})}]},
            "sidecars[0].post_start.http_get.http_headers",
        ),
        ({"pre_stop": hooks.http_get(port_name="UPPER")}, "pre_stop.http_get.port_name"),
        ({"pre_stop": hooks.command()}, "pre_stop.exec.command"),
        (
            {"container": {"livenessProbe": {"exec": {"command": ["a"]}, "termination_grace_period_seconds": 0}}},
            "container.livenessProbe.termination_grace_period_seconds",
        ),
        (
            {
                "pod_spec": {
                    "init_containers": [
                        {"name": "i", "image": "b", "lifecycle": {"preStop": {"sleep": {"seconds": 1}}}}
                    ]
                }
            },
            "pod_spec.init_containers[0].lifecycle",
        ),
        ({"pod_spec": {"host_network": True}, "pre_stop": hooks.http_get(port=1)}, "pre_stop.http_get"),
        ({"pre_stop": hooks.sleep(40), "pod_spec": {"terminationGracePeriodSeconds": 30}}, "pre_stop.sleep"),
        ({"pod_spec": {"terminationGracePeriodSeconds": -1}}, "pod_spec.terminationGracePeriodSeconds"),
        ({"termination_grace_period_seconds": -1}, "termination_grace_period_seconds"),
        ({"name": "A"}, "name"),
        ({"namespace": "a.b"}, "namespace"),
        ({"labels": {"a": "-"}}, "labels.a"),
        ({"labels": {"a b": "c"}}, "labels"),
        ({"annotations": {"/a": "c"}}, "annotations"),
        ({"env": {"A=B": "c"}}, "env"),
        ({"ports": [{"container_port": 0}]}, "ports[0].container_port"),
        ({"ports": [{"container_port": 1, "name": "abcdefghijklmnop"}]}, "ports[0].name"),
        ({"ports": [{"container_port": 1, "name": "a"}, {"container_port": 2, "name": "a"}]}, "ports[1].name"),
        ({"ports": [{"container_port": 1, "protocol": "tcp"}]}, "ports[0].protocol"),
        ({"containers": [{"name": "web-container", "image": "b"}]}, "containers[0].name"),
        ({"sidecars": [{"name": "a_b", "image": "b"}]}, "sidecars[0].name"),
        ({"sidecars": [{"name": "a", "image": "B"}]}, "sidecars[0].image"),
        ({"container": {"name": "B"}}, "container.name"),
        ({"container": {"ports": [{"containerPort": 0}]}, "image": "a"}, "container.ports[0].containerPort"),
        ({"shutdown_seconds": -1}, "shutdown_seconds"),
        ({"share_process_namespace": True, "pod_spec": {"host_pid": True}}, "share_process_namespace"),
        ({"pod_spec": {"host_ipc": True, "host_users": False}}, "pod_spec.host_ipc"),
        ({"pod_spec": {"ephemeral_containers": [{"name": "a", "image": "b"}]}}, "pod_spec.ephemeral_containers"),
        ({"ports": [{"container_port": 80}] * 2, "pod_spec": {"host_network": True}}, "ports[1].container_port"),
        (
            {"shutdown_seconds": 30, "pre_stop": hooks.sleep(5), "termination_grace_period_seconds": 34},
            "shutdown_seconds",
        ),
        ({"pod_spec": {"host_netwrk": True}}, "pod_spec.host_netwrk"),
        ({"container": {"volumeMount": []}}, "container.volumeMount"),
        ({"sidecars": [{"name": "a", "image": "b", "container": {"x": 1}}]}, "sidecars[0].container.x"),
    ],
)
def test_a_message_names_the_argument_as_its_caller_wrote_it(args: Any, path: str) -> None:
    assert {each for each, _ in errors(args)} == {path}


@pytest.mark.parametrize(
    ("args", "path", "reason"),
    [
        ("x", "arguments", "'x' is not a mapping of arguments"),
        (None, "arguments", "None is not a mapping of arguments"),
        ({1: "x"}, "arguments", "the key 1 is not a string"),
        ({"image": 5}, "image", "5 is not a string"),
        ({"args": b"a"}, "args", "b'a' is not a list"),
        ({"ports": [{"container_port": None}]}, "ports[0].container_port", "is missing"),
        ({"containers": [{"name": None, "image": "a"}]}, "containers[0].name", "is missing"),
        (
            {"termination_grace_period_seconds": 2**63},
            "termination_grace_period_seconds",
            f"{2**63} is not a whole number",
        ),
        ({"container": {"stdin": {1}}}, "container.stdin", "{1} is not true or false"),
        (
            {"container": {"stdinn": {1}}},
            "container.stdinn",
            "{1} is not a string, number, list or mapping that Pulumi can carry",
        ),
        ({"container": {"working_dir": ["/"]}}, "container.working_dir", "['/'] is not a string"),
        (
            {"container": {"resources": {"limits": {"cpu": ["1"]}}}},
            "container.resources.limits.cpu",
            "['1'] is not a string or a number",
        ),
        ({"container": {"envFrom": {"prefix": "A"}}}, "container.envFrom", "{'prefix': 'A'} is not a list"),
        (
            {"pod_spec": {"tolerations": [{"tolerationSeconds": 1.5}]}},
            "pod_spec.tolerations[0].tolerationSeconds",
            "1.5 is not a whole number",
        ),
        (
            {"container": {"readiness_probe": {"exec": {"comand": ["a"]}}}},
            "container.readiness_probe.exec.comand",
            "unknown field; did you mean command?",
        ),
        (
            {"pod_spec": {"security_context": {"fs_group": 1, "fsGroup": 2}}},
            "pod_spec.security_context.fsGroup",
            "fsGroup is given twice, in snake case and in camel case; keep one",
        ),
        ({"container": {"resources": {1: "a"}}}, "container.resources", "the key 1 is not a string"),
        ({"image": "\ud800"}, "image", "'\\ud800' has half a surrogate pair, which is not a character"),
        ({"ports": "80"}, "ports", "'80' is not a list"),
        ({"ports": [80]}, "ports[0]", "80 is not a mapping"),
        ({"ports": [{}]}, "ports[0].container_port", "is missing"),
        (
            {"pre_stop": hooks.http_get(port=80, port_name="http")},
            "pre_stop.http_get.port_name",
            "conflicts with port; keep one of the two",
        ),
        ({"pre_stop": hooks.http_get(port=1.5)}, "pre_stop.http_get.port", "1.5 is not a string or a whole number"),  # type: ignore[arg-type]
        (
            {"container": {"readinessProbe": {"httpGet": {"port": -(10**30)}}}},
            "container.readinessProbe.httpGet.port",
            f"{-(10**30)} is not a string or a whole number",
        ),
        ({"ports": [{"container_port": True}]}, "ports[0].container_port", "True is not a whole number"),
        ({"command": [None]}, "command[0]", "is missing"),
        ({"command": "a b"}, "command", "'a b' is not a list"),
        ({"env": ["A=b"]}, "env", "['A=b'] is not a mapping"),
        ({"env": {1: "b"}}, "env", "the key 1 is not a string"),
        ({"generate_name": "yes"}, "generate_name", "'yes' is not true or false"),
        ({"sidecars": [{"image": "a"}]}, "sidecars[0].name", "is missing"),
        ({"container": "x"}, "container", "'x' is not a mapping"),
        (
            {"pre_stop": {"exec": {"comand": ["a"]}}},
            "pre_stop.exec.comand",
            "unknown field; did you mean command?",
        ),
    ],
)
def test_arguments_of_the_wrong_shape(args: Any, path: str, reason: str) -> None:
    assert (path, reason) in errors(args)


ALL = """\
unknown argument; choose from:
annotations, args, command, container, containers, env, fail_fast, generate_name, image,
labels, name, namespace, pod_spec, ports, post_start, pre_stop, report_deletion,
share_process_namespace, shutdown_seconds, sidecars, termination_grace_period_seconds"""


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ({"pre_stopp": 1}, "unknown argument; did you mean pre_stop?"),
        ({"preStop": 1}, "unknown argument; did you mean pre_stop?"),
        ({"terminationGracePeriod": 1}, "unknown argument; did you mean termination_grace_period_seconds?"),
        ({"readinessProbe": 1}, "unknown argument; it is a Kubernetes field; put it into container"),
        ({"node_selector": 1}, "unknown argument; it is a Kubernetes field; put it into pod_spec"),
        ({"ports": [{"container_port": 1, "xyzzy": 1}]}, "unknown field; choose from: container_port, name, protocol"),
        ({"xyzzy": 1}, ALL),
    ],
)
def test_a_misspelt_argument(args: Any, reason: str) -> None:
    """The name that is meant, or where it goes; all names only where neither is to be had, and not on one line."""
    assert [each for _, each in errors(args)] == [reason]


def test_a_list_of_names_is_indented_below_its_argument() -> None:
    with pytest.raises(LifecycleDemoError) as raised:
        LifecycleDemo("web", {"xyzzy": 1})  # type: ignore[typeddict-unknown-key]
    first, *rest = str(raised.value).splitlines()[1:]
    assert first == "  xyzzy: unknown argument; choose from:"
    assert rest == [f"    {line}" for line in ALL.splitlines()[1:]]


NOTHING_TO_RUN = "the script has no command, so the hook does nothing; add a command, or remove the hook"


@pytest.mark.parametrize("script", ["", " ", "\n\t\n", "# later", "  # a\n\n# b\n", "#"])
def test_a_script_without_a_command_is_refused(script: str) -> None:
    assert errors({"pre_stop": hooks.shell(script)}) == [("pre_stop.exec.command[2]", NOTHING_TO_RUN)]
    args: Any = {"sidecars": [{"name": "a", "image": "b", "post_start": hooks.command("bash", "-euc", script, "x")}]}
    assert errors(args) == [("sidecars[0].post_start.exec.command[2]", NOTHING_TO_RUN)]


@pytest.mark.parametrize("script", [":", "true", "# a\ntrue", "#a; b\n:", "\u00a0", "\r", "a#b", "$1"])
def test_a_script_with_a_command_is_not(script: str) -> None:
    spec_of({"pre_stop": hooks.shell(script)})
    spec_of({"pre_stop": hooks.command("/drain", "-c", "")})


def test_what_was_right_once_is_not_what_only_looks_so() -> None:
    """Arguments of one content are read once; a truth value is no number, and one argument is not another."""
    spec_of({"pre_stop": {"sleep": {"seconds": 1}}, "labels": {"a": "b"}})
    assert errors({"pre_stop": {"sleep": {"seconds": True}}}) == [
        ("pre_stop.sleep.seconds", "True is not a whole number")
    ]
    assert ("container.a", "unknown field") in errors({"container": {"a": "b"}})
    spec_of({"container": {"tty": True}})
    assert errors({"container": {"tty": 1}}) == [("container.tty", "1 is not true or false")]
    for number in range(1100):  # more than are kept
        assert not list(shape.faults({"labels": {"a": str(number)}}, LifecycleDemoArgs))
    assert errors({"container": {"tty": 1}}) == [("container.tty", "1 is not true or false")]


def test_the_prefix_of_an_annotation_may_have_capitals() -> None:
    pod = run(lambda: LifecycleDemo("web", {"annotations": {"A.b/c": "x"}}) and None).inputs(POD)
    assert pod["metadata"]["annotations"] == {"A.b/c": "x"}
    assert [path for path, _ in errors({"labels": {"A.b/c": "x"}})] == ["labels"]


def test_a_wrong_name_is_said_once() -> None:
    words = (
        "is not a valid name: use lower case letters, digits, '-' and '.', at most 253, with a letter or digit at both "
        "ends"
    )
    assert errors({"name": "A"}) == [("name", f"'A' {words}")]
    assert errors({}, "My_App") == [("name", f"'My_App' {words}")]
    made_up: Any = {"generate_name": True, "container": {"name": "main"}}
    assert errors(made_up, "My_App") == [("generate_name", f"'My_App-00000000' {words}")]


def test_names_in_both_cases() -> None:
    """Ours of the API server's words are those of Pulumi's SDK, for each field that may pass through."""
    for form in (k8s.core.v1.PodSpecArgs, k8s.core.v1.ContainerArgs):
        names = [name for name, value in vars(form).items() if isinstance(value, property)]
        assert len(names) > 20
        for name in names:
            assert snake_case(camel_case(name)) == name
            assert camel_case(camel_case(name)) == camel_case(name)
            pod = run(lambda name=name: k8s.core.v1.Pod("p", spec={name: "x"}) and None).inputs(POD)  # type: ignore[misc]
            if form is k8s.core.v1.PodSpecArgs:
                assert list(pod["spec"]) == [camel_case(name)]


def test_the_container_is_named_after_the_pod_also_where_that_is_long() -> None:
    assert spec_of({"name": "a.b"})["containers"][0]["name"] == "a-b-container"
    assert spec_of({"name": "a" * 253})["containers"][0]["name"] == "a" * 53 + "-container"


def test_a_template_is_the_same_pod_without_a_name() -> None:
    template = pod_template("web", {"pre_stop": hooks.sleep(40), "labels": {"app": "web"}})
    assert template["metadata"] == {"labels": {"app": "web"}}
    assert template["spec"] == {**spec_of({"pre_stop": hooks.sleep(40)}), "terminationGracePeriodSeconds": 60}
    assert pod_template("web")["metadata"] == {"labels": {"app.kubernetes.io/name": "web"}}
    for name in ("name", "namespace", "generate_name"):
        with pytest.raises(LifecycleDemoError, match=f"{name}: belongs to a Pod; a template cannot have it"):
            pod_template("web", {name: True if name == "generate_name" else "a"})  # type: ignore[misc]
    with pytest.raises(LifecycleDemoError, match=r"1 invalid argument\n  pre_stop\.sleep: Invalid"):
        pod_template("web", {"pre_stop": hooks.sleep(40), "termination_grace_period_seconds": 30})


@pytest.mark.parametrize(
    "passed",
    [
        {"resources": {"limits": {"cpu": 0.5, "memory": "64Mi"}, "requests": {"cpu": 1}}},
        {"liveness_probe": {"http_get": {"port": 80}}, "readinessProbe": {"httpGet": {"port": "http"}}},
        {"startup_probe": {"exec": {"command": ["true"]}}, "livenessProbe": {"exec_": {"command": ["true"]}}},
        {"volume_mounts": [{"name": "a", "mountPath": "/a", "read_only": True}], "tty": None},
    ],
)
def test_what_passes_through_in_a_right_shape(passed: dict[str, Any]) -> None:
    """Quantities may be numbers, ports have a number or a name, and either case is right at each depth."""
    assert not list(shape.faults({"container": passed}, LifecycleDemoArgs))


def test_every_field_that_may_pass_through_is_known_in_both_cases() -> None:
    """Also those that Kubernetes does not spell in plain camel case."""
    met: set[str] = set()

    def walk(form: Any) -> None:
        for name, each in vars(form).items():
            if isinstance(each, property):
                kubernetes = each.fget._pulumi_name  # type: ignore[union-attr]
                assert {snake_case(kubernetes), snake_case(camel_case(name))} == {name.rstrip("_"), name}, name
                met.add(kubernetes)
                inner(get_type_hints(each.fget, localns={"Output": pulumi.Output, "T": Any})["return"])

    def inner(hint: Any) -> None:
        if isinstance(hint, type) and hint.__module__.startswith("pulumi_kubernetes") and hint not in seen:
            seen.add(hint)
            walk(hint)
        for each in get_args(hint):
            inner(each)

    seen: set[Any] = set()
    inner(k8s.core.v1.PodSpecArgs)
    assert {"hostPID", "setHostnameAsFQDN", "diskURI", "targetWWNs", "exec"} <= met
