"""What the level `remediate` mends, and all that it leaves alone. tests/cluster applies what it makes to a node."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pods import BARE, HOOKED, POD, TOKENS, exec_pod, of_kind, pod
from pulumi_policy import ResourceValidationArgs, Secret
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.policy import PolicyResourceOptions
from pulumi_policy.secret import Secret as Held

from kubernetes_lifecycle.pack import build_policies
from kubernetes_lifecycle.pack.testing import Pack, Resource, wire
from lifecycle_rules import UNKNOWN

HERE = Path(__file__).parent / "remediation"
CASES = sorted(each.stem for each in (HERE / "failure").glob("*.yaml"))
REMEDIATE: dict[str, Any] = {
    "pre-stop-required": {"enforcementLevel": "remediate", "addDrainSeconds": 25},
    "post-start-required": "disabled",
    "grace-budget": "remediate",
    "shutdown-practice": "remediate",
}


def loaded(folder: str, name: str) -> Resource:
    properties = yaml.safe_load((HERE / folder / f"{name}.yaml").read_text())
    return Resource(TOKENS[properties.pop("kind")], properties)


def remediated(properties: Mapping[str, Any], config: Mapping[str, Any] = REMEDIATE) -> Any:
    return Pack(build_policies(), config).remediate(Resource(POD, properties))


@pytest.mark.parametrize("name", CASES)
def test_it_becomes_what_it_should(name: str) -> None:
    pack = Pack(build_policies(), REMEDIATE)
    after = loaded("mutated", name)
    assert pack.remediate(loaded("failure", name)) == after.properties
    assert pack.remediate(after) is None
    assert pack.analyze(*after[:2]) == []


def test_each_case_has_both_files() -> None:
    assert sorted(each.stem for each in (HERE / "mutated").glob("*.yaml")) == CASES


@pytest.mark.parametrize(
    "properties",
    [
        pod(HOOKED),
        exec_pod("/bin/sh", "-c", "while true; do sleep 1; done"),
        exec_pod("sleep", UNKNOWN),
        exec_pod("/bin/sh", "-c", "sleep 45", terminationGracePeriodSeconds=UNKNOWN),
        exec_pod("/bin/sh", "-c", "sleep 1.5"),
        exec_pod("/bin/sh", "-c", "touch /tmp/x; sleep 45", terminationGracePeriodSeconds=0),
        pod(BARE),
    ],
)
def test_what_is_left_alone(properties: Any) -> None:
    """What is right, never ends, is not known, is no whole second, never runs, or does not serve."""
    assert remediated(properties) is None


def test_nothing_without_the_level() -> None:
    assert Pack(build_policies()).remediate(loaded("failure", "exec-sleep")) is None


def test_a_grace_period_beyond_the_longest_that_is_allowed() -> None:
    config = {"grace-budget": {"enforcementLevel": "remediate", "maximumGracePeriodSeconds": 64}}
    assert remediated(exec_pod("/bin/sh", "-c", "touch /tmp/x; sleep 45"), config) is None
    config["grace-budget"]["maximumGracePeriodSeconds"] = 65
    assert remediated(exec_pod("/bin/sh", "-c", "touch /tmp/x; sleep 45"), config) is not None


def test_what_is_exempt_stays() -> None:
    properties = exec_pod("sleep", "5")
    properties["metadata"]["annotations"] = {"kubernetes-lifecycle/ignore": "exec-sleep=the image is frozen"}
    assert remediated(properties) is None


@pytest.mark.parametrize("level", ["advisory", "mandatory"])
def test_a_rule_with_a_level_of_its_own_is_not_mended(level: str) -> None:
    config = {"shutdown-practice": {"enforcementLevel": "remediate", "rules": {"exec-sleep": level}}}
    assert remediated(exec_pod("sleep", "5"), config) is None
    found = Pack(build_policies(), config).analyze(POD, exec_pod("sleep", "5"))
    assert {each.level for each in found if "[exec-sleep]" in each.message} == {level}


SERVES = {"name": "c", "ports": [{"containerPort": 80}]}
DRAIN = {"pre-stop-required": {"enforcementLevel": "remediate", "addDrainSeconds": 40}}


@pytest.mark.parametrize(
    ("kind", "spec", "further"),
    [
        ("Pod", {"terminationGracePeriodSeconds": 0}, {}),
        ("Deployment", {"terminationGracePeriodSeconds": -1}, {}),
        ("Pod", {"terminationGracePeriodSeconds": UNKNOWN}, {}),
        ("Pod", {}, {"grace-budget": {"maximumGracePeriodSeconds": 59}}),
    ],
)
def test_a_drain_without_its_grace_period(kind: str, spec: Any, further: Any) -> None:
    """The API server would refuse what sleeps longer than the grace period."""
    resource = Resource(TOKENS[kind], of_kind(kind, {**SERVES, "readinessProbe": {}}, **spec))
    assert Pack(build_policies(), {**DRAIN, **further}).remediate(resource) is None
    spec["terminationGracePeriodSeconds"] = 50
    resource = Resource(TOKENS[kind], of_kind(kind, {**SERVES, "readinessProbe": {}}, **spec))
    after = Pack(build_policies(), {**DRAIN, "grace-budget": {"maximumGracePeriodSeconds": 50}}).remediate(resource)
    assert after is not None


GRACE = {"grace-budget": "remediate"}


@pytest.mark.parametrize(
    ("token", "properties", "config", "rule"),
    [
        # a server that now waits for its clients, and is Ready before it answers
        (TOKENS["Deployment"], of_kind("Deployment", SERVES), DRAIN, "serve-no-readiness"),
        # longer than drains and Pulumi wait for
        (POD, exec_pod("/bin/sh", "-c", "drain; sleep 590"), GRACE, "grace-too-long"),
    ],
)
def test_what_would_break_another_rule(token: str, properties: Any, config: Any, rule: str) -> None:
    assert Pack(build_policies(), config).remediate(Resource(token, properties)) is None
    without = {"shutdown-practice": {"rules": {rule: "off"}}, "safe-replacement": "disabled"}
    assert Pack(build_policies(), {**config, **without}).remediate(Resource(token, properties)) is not None


def test_a_hook_of_ages() -> None:
    """Its grace period would be no integer that the API server reads."""
    config = {**GRACE, "shutdown-practice": "disabled", "safe-replacement": "disabled"}
    assert remediated(exec_pod("sleep", f"{2**63 - 8}"), config) is None


@pytest.mark.parametrize(
    "properties",
    [
        pod({"name": "c", "lifecycle": {"preStop": {"sleep": {"seconds": -5}}}}, terminationGracePeriodSeconds=10),
        pod(
            {"name": "c", "lifecycle": {"postStart": {"sleep": {"seconds": 45}}, "preStop": {"sleep": {"seconds": 1}}}},
            terminationGracePeriodSeconds=15,
        ),
    ],
)
def test_what_would_mend_nothing(properties: Any) -> None:
    assert remediated(properties, GRACE) is None


def test_a_program_in_a_patch_stays() -> None:
    """The live object may have it from another manager, and would then have two handlers."""
    deployment = of_kind(
        "Deployment", exec_pod("sleep", "5")["spec"]["containers"][0], terminationGracePeriodSeconds=30
    )
    pack = Pack(build_policies(), REMEDIATE)
    assert pack.remediate(Resource("kubernetes:apps/v1:DeploymentPatch", deployment)) is None
    assert pack.remediate(Resource("kubernetes:apps/v1:Deployment", deployment)) is not None


def test_keys_that_are_no_names() -> None:
    """Of a custom resource's pools, and a template beside one whose path reads like its own."""
    spec = {"terminationGracePeriodSeconds": 10, **exec_pod("/bin/sh", "-c", "drain; sleep 45")["spec"]}
    fleet = {"spec": {"pools": {"eu-1.large": {"template": {"spec": spec}}}}}
    after = Pack(build_policies(), GRACE).remediate(Resource("kubernetes:x/v1:Fleet", fleet))
    assert after["spec"]["pools"]["eu-1.large"]["template"]["spec"]["terminationGracePeriodSeconds"] == 65
    sleeps = {"terminationGracePeriodSeconds": 30, **exec_pod("sleep", "5")["spec"]}
    twins = {"a": {"template": {"spec": sleeps}}, "a.template": {"spec": sleeps}}
    found = Pack(build_policies(), {"shutdown-practice": "remediate"}).remediate(Resource("kubernetes:x/v1:Y", twins))
    hooks = [
        each["containers"][0]["lifecycle"]["preStop"]
        for each in (found["a"]["template"]["spec"], found["a.template"]["spec"])
    ]
    assert hooks == [{"sleep": {"seconds": 5}}] * 2


@pytest.mark.parametrize("token", ["aws:s3/bucket:Bucket", POD, "kubernetes:x/v1:Y"])
def test_what_is_right_is_not_read_by_pulumi_policy(token: str) -> None:
    """Which raises on what is nested deeper than protobuf's own reader likes."""
    deep: Any = "x"
    for _ in range(250):
        deep = {"a": deep}
    assert Pack(build_policies(), REMEDIATE).remediate(Resource(token, {**pod(HOOKED), "more": deep})) is None


def test_a_cluster_without_the_sleep_action() -> None:
    old = {**REMEDIATE, "hooks-accepted": {"kubernetesVersion": "1.28"}}
    assert remediated(exec_pod("sleep", "5"), old) is None
    assert remediated(pod({**BARE, "ports": [{"containerPort": 80}]}), old) is None


def test_what_is_not_known_stays_so() -> None:
    properties = exec_pod("sleep", "5")
    properties["spec"]["containers"][0]["image"] = UNKNOWN
    after = remediated(properties)
    assert after["spec"]["containers"][0]["image"] is UNKNOWN
    assert after["spec"]["containers"][0]["lifecycle"]["preStop"] == {"sleep": {"seconds": 5}}


def test_what_is_secret_stays_so() -> None:
    """Also where it is mended within."""
    properties = exec_pod("sleep", "5")
    properties["spec"]["containers"][0]["env"] = [{"name": "PASSWORD", "value": Secret("hunter22")}]
    properties["spec"]["containers"] = Secret(properties["spec"]["containers"])
    after = remediated(properties)["spec"]["containers"]
    assert isinstance(after, Held)
    assert after.value[0]["lifecycle"]["preStop"] == {"sleep": {"seconds": 5}}
    assert after.value[0]["env"][0]["value"].value == "hunter22"


def test_a_hook_that_is_secret_stays_so() -> None:
    properties = exec_pod("sleep", "5")
    hook = properties["spec"]["containers"][0]["lifecycle"]["preStop"]
    properties["spec"]["containers"][0]["lifecycle"]["preStop"] = Secret(hook)
    after = remediated(properties)["spec"]["containers"][0]["lifecycle"]["preStop"]
    assert isinstance(after, Held)
    assert after.value == {"sleep": {"seconds": 5}}


@pytest.mark.parametrize(
    "properties",
    [
        exec_pod("sleep", Secret("5")),
        exec_pod("/bin/sh", "-c", Secret("touch /tmp/x; sleep 45")),
        pod({**BARE, "lifecycle": Secret({"preStop": {"exec": {"command": ["sleep", "45"]}}})}),
        {"spec": {"containers": Secret(exec_pod("sleep", "45")["spec"]["containers"])}},
        {
            "spec": {
                "containers": [
                    {**BARE, "ports": [{"containerPort": 80}]},
                    {"name": "other", "lifecycle": {"preStop": {"exec": {"command": ["sleep", Secret("45")]}}}},
                ]
            }
        },
    ],
)
def test_nothing_is_written_that_tells_a_secret(properties: Any) -> None:
    """A number of seconds that stands in a secret."""
    assert remediated(properties) is None


def test_under_another_pack() -> None:
    """Without `serve` nobody says what is secret, and what is not known is a text."""
    (policy,) = build_policies(["shutdown-practice"])
    options = PolicyResourceOptions(False, [], None, [], None, [])  # type: ignore[arg-type]

    def after(*command: Any) -> Any:
        props = deserialize_properties(wire(exec_pod(*command)), True)
        return policy.remediate(ResourceValidationArgs(POD, props, "urn", "web", options, None, {}))  # type: ignore[attr-defined]

    assert after("sleep", "5") is None
    assert after("sleep", UNKNOWN) is None


def test_what_one_policy_writes_the_next_one_sees() -> None:
    """And each is told to the engine under its own name: one that changes nothing returns nothing."""
    properties = exec_pod("sleep", "45")
    both = remediated(properties)
    assert both["spec"]["terminationGracePeriodSeconds"] == 65
    assert both["spec"]["containers"][0]["lifecycle"]["preStop"] == {"sleep": {"seconds": 45}}
    only_sleep = {"shutdown-practice": "remediate"}
    assert remediated(properties, only_sleep) is None  # the API server would refuse the sleep


def test_a_policy_that_mends_nothing_is_mandatory_at_that_level() -> None:
    """The SDK says of its remediation that it does not apply, and holds the violation."""
    pack = Pack(build_policies(), {"all": "remediate"})
    assert (
        pack.remediate(Resource(POD, pod({"name": "c", "lifecycle": {"preStop": {"tcpSocket": {"port": 80}}}}))) is None
    )
    found = pack.analyze(POD, pod({"name": "c", "lifecycle": {"preStop": {"tcpSocket": {"port": 80}}}}))
    assert ("hooks-effective", "mandatory") in {(each.policy, each.level) for each in found}
    assert {each.level for each in found} == {"mandatory"}


def test_judging_writes_nothing() -> None:
    """What a policy writes while it judges is lost without a word."""
    properties = exec_pod("sleep", "45")
    pack = Pack(build_policies(), REMEDIATE)
    assert pack.analyze(POD, properties) == pack.analyze(POD, properties)
    assert properties == exec_pod("sleep", "45")
