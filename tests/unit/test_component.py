"""LifecycleDemo under Pulumi mocks: what it registers, and what it refuses."""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from lifecycle_demo import LifecycleDemo, LifecycleDemoError, hooks
from lifecycle_demo.component import REPLACES
from lifecycle_demo.pod import camel_case
from tests.unit.recording import run

COMPONENT = "lifecycle:index:LifecycleDemo"
POD = "kubernetes:core/v1:Pod"


def test_without_arguments_it_is_the_pod_of_the_page() -> None:
    pod = run(lambda: LifecycleDemo("lifecycle-demo") and None).inputs(POD)

    assert pod == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "lifecycle-demo",
            "labels": {"app.kubernetes.io/name": "lifecycle-demo"},
        },
        "spec": {
            "containers": [
                {
                    "name": "lifecycle-demo-container",
                    "image": "nginx",
                    "lifecycle": {
                        "postStart": {
                            "exec": {
                                "command": [
                                    "/bin/sh",
                                    "-c",
                                    "echo Hello from the postStart handler > /usr/share/message",
                                ]
                            }
                        },
                        "preStop": {
                            "exec": {
                                "command": [
                                    "/bin/sh",
                                    "-c",
                                    "old=$(cat /proc/1/task/1/children); nginx -s reload && for pid in $old; "
                                    "do while kill -0 $pid 2>/dev/null; do sleep 0.1; done; done",
                                ]
                            }
                        },
                    },
                }
            ],
            "terminationGracePeriodSeconds": 30.0,
        },
    }


def test_the_pod_is_its_child_and_outlasts_the_grace_period_on_delete() -> None:
    recorder = run(
        lambda: LifecycleDemo("web", {"termination_grace_period_seconds": 45, "pre_stop": hooks.sleep(10)}) and None
    )

    request = recorder.requests[POD]
    assert request.parent.endswith("$lifecycle:index:LifecycleDemo::web")
    assert request.customTimeouts.delete == "105s"


def test_registered_outputs() -> None:
    recorder = run(lambda: LifecycleDemo("web", {"name": "shop", "namespace": "acme"}) and None)

    (outputs,) = [o for urn, o in recorder.outputs.items() if COMPONENT in urn]
    outputs.pop("pod")
    assert outputs == {
        "podName": "shop",
        "namespace": "acme",
        "gracePeriodSeconds": 30.0,
        "verifyCommand": "kubectl exec --namespace acme shop -- cat /usr/share/message",
    }


@pytest.mark.parametrize(("seconds", "grace"), [(5, 30.0), (10, 30.0), (11, 31.0), (60, 80.0)])
def test_the_grace_period_is_derived_from_the_longest_sleep(seconds: int, grace: float) -> None:
    recorder = run(lambda: LifecycleDemo("web", {"pre_stop": hooks.sleep(seconds)}) and None)

    assert recorder.inputs(POD)["spec"]["terminationGracePeriodSeconds"] == grace


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        (hooks.shell("echo a"), {"exec": {"command": ["/bin/sh", "-c", "echo a"]}}),
        (hooks.command("/drain", "now"), {"exec": {"command": ["/drain", "now"]}}),
        (hooks.sleep(3), {"sleep": {"seconds": 3.0}}),
        (hooks.http_get("/q", port=8080), {"httpGet": {"path": "/q", "port": 8080.0}}),
        (
            hooks.http_get(port_name="http", scheme="HTTPS", headers={"X-A": "b"}),
            {
                "httpGet": {
                    "path": "/",
                    "port": "http",
                    "scheme": "HTTPS",
                    "httpHeaders": [{"name": "X-A", "value": "b"}],
                }
            },
        ),
    ],
)
def test_each_handler_in_kubernetes_shape(handler: Any, expected: dict[str, Any]) -> None:
    ports = [{"name": "http", "container_port": 80}]
    pod = run(lambda: LifecycleDemo("web", {"pre_stop": handler, "ports": ports}) and None).inputs(POD)

    assert pod["spec"]["containers"][0]["lifecycle"]["preStop"] == expected


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(LifecycleDemoError) as raised:
        LifecycleDemo(
            "web",
            {
                "post_start": {"sleep": {"seconds": 1}, "http_get": {"port": 0}},
                "pre_stop": hooks.sleep(50),
                "termination_grace_period_seconds": 30,
            },
        )

    assert str(raised.value).splitlines() == [
        "LifecycleDemo 'web': 3 invalid arguments",
        "  post_start.sleep: Forbidden: may not specify more than 1 handler type [hook-one-handler]. "
        "Keep one of exec, httpGet and sleep.",
        "  post_start.http_get.port: Invalid value: 0: must be between 1 and 65535, inclusive "
        "[httpget-port]. Give the port's number, or a name that the container's ports declare.",
        "  pre_stop.sleep: Invalid value: 50: must be non-negative and less than "
        "terminationGracePeriodSeconds (30) [sleep-bounds]. "
        "Shorten the sleep, or raise terminationGracePeriodSeconds above it.",
    ]
    assert [error["property_path"] for error in raised.value.errors or []] == [
        "post_start.sleep",
        "post_start.http_get.port",
        "pre_stop.sleep",
    ]
    assert isinstance(raised.value, pulumi.RunError)  # ends a program without a stack trace


@pytest.mark.parametrize("image", ["Nginx", "nginx:", "nginx latest", "nginx:a b", "http://nginx", ""])
def test_a_malformed_image_is_refused(image: str) -> None:
    with pytest.raises(LifecycleDemoError) as raised:
        LifecycleDemo("web", {"image": image})

    assert raised.value.errors == [
        {
            "property_path": "image",
            "reason": f"{image!r} is not an image reference; write [registry/]name[:tag][@digest] in lower case",
        }
    ]


@pytest.mark.parametrize(
    "image",
    ["nginx", "nginx:1.27-alpine", "ghcr.io/acme/web:1.4", "localhost:5000/a/b", "a/b@sha256:" + "0" * 64],
)
def test_image_references_that_are_accepted(image: str) -> None:
    pod = run(lambda: LifecycleDemo("web", {"image": image}) and None).inputs(POD)

    assert pod["spec"]["containers"][0]["image"] == image


@pytest.mark.parametrize(
    ("image", "is_nginx"),
    [
        ("nginx", True),
        ("nginx:1.29-alpine", True),
        ("docker.io/library/nginx@sha256:" + "0" * 64, True),
        ("acme/nginx", False),
        ("ghcr.io/library/nginx", False),
        ("redis", False),
    ],
)
def test_the_default_hooks_are_those_of_the_image(image: str, is_nginx: bool) -> None:
    (container,) = run(lambda: LifecycleDemo("web", {"image": image}) and None).inputs(POD)["spec"]["containers"]

    if is_nginx:
        assert "nginx -s reload" in container["lifecycle"]["preStop"]["exec"]["command"][2]
        assert "/usr/share/message" in container["lifecycle"]["postStart"]["exec"]["command"][2]
    else:
        assert container["lifecycle"] == {"preStop": {"sleep": {"seconds": 5.0}}}


def test_of_an_own_hook_the_other_default_stays() -> None:
    pod = run(lambda: LifecycleDemo("web", {"pre_stop": hooks.sleep(1)}) and None).inputs(POD)
    assert set(pod["spec"]["containers"][0]["lifecycle"]) == {"postStart", "preStop"}


def test_an_empty_handler_is_not_the_default_one() -> None:
    with pytest.raises(LifecycleDemoError) as raised:
        LifecycleDemo("web", {"pre_stop": {}})
    assert [error["property_path"] for error in raised.value.errors or []] == ["pre_stop"]


@pytest.mark.parametrize(
    ("args", "create", "delete"),
    [
        (lambda: {}, "", "90s"),
        (lambda: {"post_start": hooks.sleep(20)}, "620s", "90s"),
        (lambda: {"post_start": hooks.shell("sleep 1.5")}, "602s", "90s"),
        (lambda: {"termination_grace_period_seconds": 3600}, "", "3660s"),
        (lambda: {"termination_grace_period_seconds": pulumi.Output.from_input(3600)}, "", "24h"),
        (lambda: {"pre_stop": hooks.sleep(pulumi.Output.from_input(40))}, "", "24h"),
    ],
)
def test_the_timeouts_outlast_the_hooks(args: Callable[[], Any], create: str, delete: str) -> None:
    """An Output is made where its event loop is: outside of one, Python 3.14 refuses it."""
    timeouts = run(lambda: LifecycleDemo("web", args()) and None).requests[POD].customTimeouts
    assert (timeouts.create, timeouts.delete, timeouts.update) == (create, delete, "")


def test_the_callers_timeouts_go_before_ours() -> None:
    opts = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="5m", update="1m"))
    timeouts = run(lambda: LifecycleDemo("web", {}, opts) and None).requests[POD].customTimeouts
    assert (timeouts.create, timeouts.delete, timeouts.update) == ("5m", "90s", "1m")


def test_the_options_of_the_component() -> None:
    def program() -> None:
        parent = pulumi.ComponentResource("acme:index:Shop", "shop")
        before = k8s.core.v1.ConfigMap("before")
        LifecycleDemo(
            "web",
            {},
            pulumi.ResourceOptions(
                parent=parent,
                protect=True,
                depends_on=[before],
                aliases=[pulumi.Alias(name="old")],
                retain_on_delete=True,
            ),
        )

    requests = run(program).requests
    component, pod = requests[COMPONENT], requests[POD]
    assert component.parent.endswith("acme:index:Shop::shop")
    assert component.protect and component.retainOnDelete
    assert [each.rpartition("::")[2] for each in component.dependencies] == ["before"]
    assert [each.spec.name for each in component.aliases] == ["old"]
    assert pod.parent.endswith("$lifecycle:index:LifecycleDemo::web")
    assert pod.protect  # a child has it of its parent; the engine hands on retainOnDelete
    assert pod.name == "web"


def test_a_provider_goes_to_the_pod() -> None:
    def program() -> None:
        provider = k8s.Provider("other", context="other")
        LifecycleDemo("web", {}, pulumi.ResourceOptions(provider=provider))

    assert "pulumi:providers:kubernetes::other::" in run(program).requests[POD].provider


def test_what_kubernetes_cannot_change_in_place_replaces_the_pod() -> None:
    request = run(lambda: LifecycleDemo("web") and None).requests[POD]
    assert {"spec.containers", "spec.initContainers", "spec.os", "spec.tolerations"} <= set(request.replaceOnChanges)
    assert request.deleteBeforeReplace  # two Pods cannot have one name
    generated = run(lambda: LifecycleDemo("web", {"generate_name": True}) and None).requests[POD]
    assert not generated.deleteBeforeReplaceDefined
    assert generated.replaceOnChanges == request.replaceOnChanges


def test_the_fields_of_a_pod_that_it_may_change() -> None:
    """A field that is new in the SDK must be looked at: can Kubernetes change it in place, does the provider know?"""
    fields = {camel_case(name) for name, value in vars(k8s.core.v1.PodSpecArgs).items() if isinstance(value, property)}
    mutable = {"activeDeadlineSeconds", "ephemeralContainers", "schedulingGates"}
    known_to_the_provider = {
        *("affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy", "enableServiceLinks", "hostAliases"),
        *("hostIPC", "hostNetwork", "hostPID", "hostname", "hostnameOverride", "imagePullSecrets", "nodeName"),
        *("nodeSelector", "priority", "priorityClassName", "restartPolicy", "schedulerName", "securityContext"),
        *("serviceAccount", "serviceAccountName", "shareProcessNamespace", "subdomain"),
        *("terminationGracePeriodSeconds", "volumes"),
    }
    ours = {each.removeprefix("spec.") for each in REPLACES}
    assert fields - mutable - known_to_the_provider - ours == set()


@pytest.mark.parametrize(
    ("args", "command"),
    [
        ({}, "kubectl exec --namespace default web -- cat /usr/share/message"),
        ({"namespace": "acme", "name": "w"}, "kubectl exec --namespace acme w -- cat /usr/share/message"),
        ({"image": "redis"}, "kubectl get events --namespace default --field-selector involvedObject.name=web"),
        (
            {"post_start": hooks.sleep(1)},
            "kubectl get events --namespace default --field-selector involvedObject.name=web",
        ),
    ],
)
def test_the_command_that_shows_what_the_hooks_did(args: Any, command: str) -> None:
    recorder = run(lambda: LifecycleDemo("web", args) and None)
    (outputs,) = [o for urn, o in recorder.outputs.items() if COMPONENT in urn]
    assert outputs["verifyCommand"] == command


def registered(program: Callable[[], Any], **options: Any) -> Any:
    recorder = run(program, **options)
    (outputs,) = [o for urn, o in recorder.outputs.items() if COMPONENT in urn]
    return outputs


def test_outputs_that_are_not_known_or_secret_are_registered_so() -> None:
    """And those that are asked for are the same: an Output each, which waits for the Pod."""
    mark = "4dabf18193072939515e22adb298388d"
    unknown = registered(
        lambda: LifecycleDemo("web", {"name": pulumi.Output.from_input(pulumi.UNKNOWN)}) and None, preview=True
    )
    for name in ("podName", "namespace", "verifyCommand"):
        assert unknown[name] == "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    secret = registered(lambda: LifecycleDemo("web", {"name": pulumi.Output.secret("shop")}) and None)
    assert mark in secret["podName"] and mark in secret["verifyCommand"]
    assert secret["podName"]["value"] == "shop"
    seen: list[Any] = []

    def program() -> None:
        demo = LifecycleDemo("web", {"namespace": "acme", "pre_stop": hooks.sleep(40)})
        told = pulumi.Output.all(demo.pod_name, demo.namespace, demo.grace_period_seconds, demo.verify_command)
        told.apply(seen.append)
        assert demo.pod_name is demo.pod_name
        demo.pod.apply(lambda pod: seen.append(type(pod)))

        async def depends() -> None:
            seen.append({type(each).__name__ for each in await demo.pod_name.resources()})

        pulumi.Output.from_input(None).apply(lambda _: depends())

    run(program)
    command = "kubectl exec --namespace acme web -- cat /usr/share/message"
    assert ["web", "acme", 60, command] in seen
    assert {"Pod"} in seen and k8s.core.v1.Pod in seen


def test_a_generated_name() -> None:
    pod = run(lambda: LifecycleDemo("web", {"generate_name": True}) and None).inputs(POD)
    assert "name" not in pod["metadata"]
    assert pod["spec"]["containers"][0]["name"] == "web-container"


def test_the_arguments_are_in_the_pod_alone() -> None:
    """A second copy of them, as the component's own inputs, would double the state."""
    recorder = run(lambda: LifecycleDemo("web", {"image": "nginx:1", "pre_stop": hooks.sleep(1)}) and None)
    assert recorder.inputs(COMPONENT) == {}
