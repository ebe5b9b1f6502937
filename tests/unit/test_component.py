"""LifecycleDemo under Pulumi mocks: what it registers, and what it refuses."""

from typing import Any

import pulumi
import pytest

from lifecycle_demo import LifecycleDemo, LifecycleDemoError, hooks
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
        "[httpget-port]. Give the number of the port, or the name that the container's ports declare.",
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


def test_a_misspelt_argument_is_refused() -> None:
    with pytest.raises(LifecycleDemoError, match=r"pre_stopp: unknown argument; LifecycleDemo takes annotations,"):
        LifecycleDemo("web", {"pre_stopp": hooks.sleep(1)})  # type: ignore[typeddict-unknown-key]


def test_outputs_as_arguments_are_not_judged_before_they_are_known() -> None:
    def program() -> None:
        LifecycleDemo("web", {"pre_stop": hooks.sleep(pulumi.Output.from_input(7))})

    pod = run(program).inputs(POD)
    assert pod["spec"]["containers"][0]["lifecycle"]["preStop"] == {"sleep": {"seconds": 7.0}}
