"""What is secret is judged, and no message repeats it."""

from typing import Any

import pytest
from pods import POD, exec_pod, pod
from pulumi_policy import ResourceValidationArgs, Secret
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.policy import PolicyResourceOptions
from pulumi_policy.proxy import unknown_checking_proxy

from kubernetes_lifecycle.pack import build_policies
from kubernetes_lifecycle.pack.testing import Pack, Resource, wire

SCRIPT = "curl -u admin:hunter22 localhost/drain; sleep 90"
CASES = {
    "the word of a command": exec_pod("/bin/sh", "-c", Secret(SCRIPT)),
    "the command": exec_pod(*["x"])
    | pod({"name": "c", "lifecycle": {"preStop": {"exec": {"command": Secret(["/bin/sh", "-c", SCRIPT])}}}}),
    "the hook": pod({"name": "c", "lifecycle": Secret({"preStop": {"exec": {"command": ["/bin/sh", "-c", SCRIPT]}}})}),
    "the spec": {"spec": Secret(exec_pod("/bin/sh", "-c", SCRIPT)["spec"])},
}


@pytest.mark.parametrize("properties", CASES.values(), ids=CASES)
def test_a_secret_is_judged_and_not_repeated(properties: Any) -> None:
    found = Pack(build_policies()).analyze(POD, properties)
    assert {"grace-budget", "hook-secrets"} <= {each.policy for each in found}
    for each in found:
        assert not [word for word in ("hunter22", "admin", "90", "curl", "drain") if word in each.message], each.message


def test_a_secret_that_another_field_s_message_repeats() -> None:
    """The image is quoted by the rule about the hook's programs."""
    container = {"name": "c", "lifecycle": {"preStop": {"exec": {"command": ["/bin/sh", "-c", "sleep 5"]}}}}
    open_image = Pack(build_policies()).analyze(POD, pod({**container, "image": "gcr.io/distroless/static"}))
    hidden = Pack(build_policies()).analyze(POD, pod({**container, "image": Secret("gcr.io/distroless/static")}))
    assert any("gcr.io/distroless/static" in each.message for each in open_image)
    assert [each.policy for each in hidden] == [each.policy for each in open_image]
    assert not any("distroless/static" in each.message for each in hidden)


def test_an_empty_and_a_short_secret_hide_no_other_message() -> None:
    tcp = {"name": "c", "lifecycle": {"preStop": {"tcpSocket": {"port": 80}}}}
    plain = Pack(build_policies()).analyze(POD, pod(tcp))
    env = [{"name": "EMPTY", "value": Secret("")}, {"name": "NONE", "value": Secret(None)}]
    assert Pack(build_policies()).analyze(POD, pod({**tcp, "env": env})) == plain


KEY = "kubernetes-lifecycle/ignore"
HOOKED = {"name": "c", "lifecycle": {"preStop": {"sleep": {"seconds": 5}}}}


@pytest.mark.parametrize(
    ("properties", "config"),
    [
        (
            {**pod(HOOKED), "metadata": {"namespace": Secret("hunter22")}},
            {"exemptions": {"excluded": {"namespaces": ["hunt*"]}}},
        ),
        (
            {**pod({"name": "c"}), "metadata": {"annotations": Secret({KEY: "pre-stop-required=hunter22"})}},
            {},
        ),
        (
            {**pod({"name": "c"}), "metadata": {"annotations": {KEY: Secret("hunter22\nexec-sleep@hunter22=x")}}},
            {},
        ),
        (
            {**pod({"name": "c"}), "metadata": {"annotations": {KEY: Secret("* until 2020-01-01=hunter22")}}},
            {},
        ),
        (pod({"name": Secret("hunter22\n")}), {}),
        (pod({"name": Secret('it\'s "hunter22"')}), {}),
    ],
)
def test_no_word_about_an_exemption_or_a_name_repeats_a_secret(properties: Any, config: Any) -> None:
    pack = Pack(build_policies(), config)
    resource = Resource(POD, properties)
    answer = pack.answer(resource)
    said = [*answer.violations, *pack.analyze_stack(resource)]
    assert said
    for message in [*(each.message for each in said), *answer.not_applicable.values()]:
        assert "hunter22" not in message


def test_the_time_that_a_secret_hook_leaves_is_not_told() -> None:
    config = {"grace-budget": {"shutdownSeconds": 10}}
    container = {"name": "c", "lifecycle": {"preStop": {"sleep": {"seconds": Secret(25)}}}}
    (message,) = [each.message for each in Pack(build_policies(["grace-budget"]), config).analyze(POD, pod(container))]
    assert message.startswith("spec.terminationGracePeriodSeconds: The grace period leaves the processes enough time")


def test_a_policy_that_is_not_told_what_is_secret_repeats_nothing() -> None:
    """Under pulumi-policy's own PolicyPack."""
    (policy,) = build_policies(["grace-budget"])
    props = unknown_checking_proxy(deserialize_properties(wire(exec_pod("/bin/sh", "-c", SCRIPT))))
    options = PolicyResourceOptions(False, [], None, [], None, [])  # type: ignore[arg-type]
    found: list[str] = []
    args = ResourceValidationArgs(POD, props, "urn", "web", options, None, {})
    policy.validate(args, lambda message, urn=None: found.append(message))  # type: ignore[attr-defined]
    assert found == [
        (
            "spec.containers[0].lifecycle.preStop.exec.command: A preStop leaves the container time within the grace "
            "period [prestop-budget]. Shorten the hook, or raise terminationGracePeriodSeconds to the hook's time plus "
            "the time that the process needs to end."
        )
    ]
