"""The nine policies, called as the engine calls them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pods import BARE, HOOKED, POD, TOKENS, exec_pod, of_kind, pod
from proofs import PROOFS
from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from workloads import workload

from kubernetes_lifecycle.pack import POLICIES, build_policies
from kubernetes_lifecycle.pack.testing import Pack, Resource, Violation
from kubernetes_lifecycle.rules import BY_POLICY, POLICY_OF
from lifecycle_rules import RULES, UNKNOWN, check
from lifecycle_rules.versions import LATEST

ROOT = Path(__file__).parents[2]
PRE_STOP = (
    "container 'c' has no preStop hook [pre-stop-required]. Add a preStop handler that lets the container finish its "
    "work, e.g. `sleep: {seconds: 5}` for a server behind a Service."
)
POST_START = (
    "container 'c' has no postStart hook [post-start-required]. "
    "Add a postStart handler that prepares what the container needs before it is Ready."
)
PATHS = {
    "Pod": "spec",
    **dict.fromkeys(
        ("ReplicationController", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"), "spec.template.spec"
    ),
}
# No node shows it with its default gates.
UNPROVEN: Any = {
    "stopsignal-os": (
        "Pod",
        {"containers": [{**HOOKED, "lifecycle": {"stopSignal": "SIGQUIT"}}]},
        {"featureGates": ["ContainerStopSignals"]},
    ),
    "poststart-sleep-pending": (
        "Pod",
        {"containers": [{**HOOKED, "lifecycle": {"postStart": {"sleep": {"seconds": 5}}}}]},
        {"kubernetesVersion": "1.32.1"},
    ),
}


def pack(config: Mapping[str, Any] | None = None) -> Pack:
    return Pack(build_policies(), config)


def said(found: list[Violation], policy: str) -> list[str]:
    return [each.message for each in found if each.policy == policy]


@pytest.mark.parametrize("kind", PATHS)
def test_a_long_running_container_without_hooks(kind: str) -> None:
    path = f"{PATHS[kind]}.containers[0].lifecycle"
    found = pack({"post-start-required": "advisory"}).analyze(TOKENS[kind], of_kind(kind, BARE))
    required = [each for each in found if each.policy.endswith("-required")]
    assert required == [
        Violation("pre-stop-required", "mandatory", f"{path}.preStop: {PRE_STOP}"),
        Violation("post-start-required", "advisory", f"{path}.postStart: {POST_START}"),
    ]


@pytest.mark.parametrize("kind", TOKENS)
def test_a_container_with_both_hooks(kind: str) -> None:
    found = pack().analyze(TOKENS[kind], of_kind(kind, HOOKED))
    assert [each for each in found if each.policy != "shutdown-practice"] == []


@pytest.mark.parametrize("kind", ["Job", "CronJob", "PodTemplate"])
def test_what_ends_by_itself_or_does_not_run_needs_none(kind: str) -> None:
    found = pack().analyze(TOKENS[kind], of_kind(kind, BARE))
    assert [each for each in found if each.policy.endswith("-required")] == []


@pytest.mark.parametrize(
    ("policy", "is_asked"), [("Always", True), ("OnFailure", False), ("Never", False), (UNKNOWN, False)]
)
def test_a_pod_that_is_not_restarted_needs_none(policy: Any, is_asked: bool) -> None:
    """It ends by itself, as the tests of a Helm chart do."""
    found = pack({"post-start-required": "advisory"}).analyze(POD, pod(BARE, restartPolicy=policy))
    assert bool(said(found, "pre-stop-required")) is bool(said(found, "post-start-required")) is is_asked


def test_the_containers_of_a_job_where_the_configuration_asks() -> None:
    config = {"pre-stop-required": {"kinds": ["Job"]}}
    found = pack(config).analyze(TOKENS["Job"], of_kind("Job", BARE, restartPolicy="Never"))
    assert len(said(found, "pre-stop-required")) == 1


@pytest.mark.parametrize("lifecycle", [UNKNOWN, {"preStop": UNKNOWN}, {"preStop": {"exec": {"command": UNKNOWN}}}])
def test_an_unknown_hook_is_present(lifecycle: Any) -> None:
    found = pack().analyze(POD, pod({"name": "c", "lifecycle": lifecycle}))
    assert said(found, "pre-stop-required") == []


def test_a_part_of_an_object_lacks_nothing() -> None:
    """What a Patch does not say may be there already; what it says is judged."""
    wrong = {"name": "c", "lifecycle": {"preStop": {"tcpSocket": {"port": 80}}}}
    found = pack().analyze("kubernetes:apps/v1:DeploymentPatch", of_kind("Deployment", wrong))
    assert [each.policy for each in found] == ["hooks-effective"]


def test_the_items_of_a_list() -> None:
    items = {"items": [of_kind("Pod", HOOKED), of_kind("Pod", BARE)]}
    found = pack().analyze("kubernetes:core/v1:PodList", items)
    assert said(found, "pre-stop-required") == [f"items[1].spec.containers[0].lifecycle.preStop: {PRE_STOP}"]


def test_a_custom_resource() -> None:
    wrong = {"name": "c", "lifecycle": {"preStop": {"tcpSocket": {"port": 80}}}}
    found = pack().analyze("kubernetes:argoproj.io/v1alpha1:Rollout", of_kind("Deployment", wrong))
    assert [(each.policy, each.message.partition(":")[0]) for each in found] == [
        ("hooks-effective", "spec.template.spec.containers[0].lifecycle.preStop.tcpSocket")
    ]


@pytest.mark.parametrize("token", ["aws:s3/bucket:Bucket", "lifecycle:index:LifecycleDemo", "pulumi:pulumi:Stack"])
def test_what_is_not_kubernetes(token: str) -> None:
    answer = pack().answer(Resource(token, {}))
    assert answer.violations == []
    assert answer.not_applicable == {
        each.name: "not a Kubernetes resource"
        for each in POLICIES
        if each.name not in ("exemptions", "post-start-required")  # the second is off
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_is_its_policys(rule: Any) -> None:
    """What the rules say of the example that breaks it, in the words of the policies: all of it, and no more."""
    proof = PROOFS.get(rule.id)
    kind, spec, cluster = (proof.kind, proof.fails, {}) if proof else UNPROVEN[rule.id]
    version, gates = cluster.get("kubernetesVersion", LATEST), cluster.get("featureGates", [])
    obj = workload(kind, spec)
    expected = [
        (POLICY_OF[each.rule.id], f"{each.path}: {each.message} [{each.rule.id}]. {each.rule.fix}")
        for each in check(kind, obj, kubernetes=version, features=gates)
    ]
    of_groups = [name for name in BY_POLICY if not name.endswith("-required") and name != "safe-replacement"]
    found = pack({"hooks-accepted": cluster}).analyze(TOKENS[kind], obj)
    assert sorted((each.policy, each.message) for each in found if each.policy in of_groups) == sorted(expected)
    assert POLICY_OF[rule.id] in {policy for policy, _ in expected}


def test_whole_numbers_are_integers() -> None:
    found = pack().analyze(POD, pod({**HOOKED, "lifecycle": {"preStop": {"sleep": {"seconds": 50}}}}))
    assert said(found, "hooks-accepted") == [
        "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 50: must be non-negative and less than "
        "terminationGracePeriodSeconds (30) [sleep-bounds]. "
        "Shorten the sleep, or raise terminationGracePeriodSeconds above it."
    ]


def test_what_is_unknown_hides_nothing_else() -> None:
    """And leaves a mandatory policy mandatory: the SDK's own proxies would end it, as advice."""
    wrong = {
        "image": UNKNOWN,
        "name": UNKNOWN,
        "env": UNKNOWN,
        "lifecycle": {"preStop": {"tcpSocket": {"port": UNKNOWN}}},
    }
    found = pack().analyze(POD, {"metadata": UNKNOWN, "spec": {"containers": [wrong], "volumes": UNKNOWN}})
    assert ("hooks-effective", "mandatory") in {(each.policy, each.level) for each in found}
    assert [each for each in found if "can't run policy" in each.message] == []


def test_a_delete_timeout_shorter_than_the_grace_period() -> None:
    path = "spec.terminationGracePeriodSeconds"
    fix = "[delete-timeout]. Set customTimeouts.delete above terminationGracePeriodSeconds."
    long = pod(HOOKED, terminationGracePeriodSeconds=700)
    assert said(pack().analyze(POD, long), "safe-replacement") == [
        f"{path}: 700 s, but customTimeouts.delete, which is not set, defaults to 600 s {fix}"
    ]
    assert said(pack().analyze(POD, pod(HOOKED), delete_seconds=30), "safe-replacement") == [
        f"{path}: 30 s, but customTimeouts.delete is 30 s {fix}"
    ]
    assert said(pack().analyze(POD, long, delete_seconds=760), "safe-replacement") == []


@pytest.mark.parametrize(
    ("metadata", "is_found"),
    [
        ({"name": "web", "annotations": {"pulumi.com/skipAwait": "true"}}, True),
        ({"name": "web", "annotations": {"pulumi.com/skipAwait": "false"}}, False),
        ({"name": "web-1a2b", "annotations": {"pulumi.com/skipAwait": "true", "pulumi.com/autonamed": "true"}}, False),
        ({"generateName": "web-", "annotations": {"pulumi.com/skipAwait": "true"}}, False),
        ({"name": "web"}, False),
    ],
)
def test_a_named_pod_that_is_not_awaited(metadata: Any, is_found: bool) -> None:
    found = said(pack().analyze(POD, {**pod(HOOKED), "metadata": metadata}), "safe-replacement")
    assert found == (
        [
            "metadata.annotations[pulumi.com/skipAwait]: Pod 'web' has a fixed name, and Pulumi does not wait for its "
            "deletion [skip-await-named]. Remove pulumi.com/skipAwait, or let Pulumi choose metadata.name."
        ]
        if is_found
        else []
    )


def test_the_table() -> None:
    """Names and levels are a contract with those who configure the pack."""
    assert {each.name: each.level.value for each in POLICIES} == {
        "pre-stop-required": "mandatory",
        "post-start-required": "disabled",
        "hooks-accepted": "mandatory",
        "hooks-effective": "mandatory",
        "grace-budget": "mandatory",
        "hook-secrets": "mandatory",
        "shutdown-practice": "advisory",
        "safe-replacement": "advisory",
        "exemptions": "advisory",
    }


def test_each_policy_says_all_that_the_sdk_takes() -> None:
    for policy in build_policies():
        for each in (policy.description, policy.display_name, policy.severity, policy.remediation_steps):
            assert each
        assert policy.framework is not None
        assert policy.tags == ["kubernetes", "lifecycle-hooks", "graceful-shutdown"]
        assert policy.config_schema is not None


def test_single_policies_for_another_pack() -> None:
    (only,) = build_policies(["hooks-effective"])
    assert (only.name, only.enforcement_level) == ("hooks-effective", EnforcementLevel.MANDATORY)
    found = Pack([only]).analyze(POD, exec_pod("nginx", "-s", "quit", "&&", "sleep", "5"))
    assert {each.policy for each in found} == {"hooks-effective"}


@pytest.mark.parametrize("name", ["our-own", "exemptions", "hook-secrets"])
def test_a_policy_of_somebody_elses_has_the_properties_whatever_its_name_is(name: str) -> None:
    """Ours do without, and are told by what they are."""
    seen: list[str] = []

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        seen.extend(args.props["spec"])

    def validate_stack(args: StackValidationArgs, report: ReportViolation) -> None:
        web, _ = args.resources
        seen.extend([*web.props["spec"], web.parent.name, web.dependencies[0].name, str(web.opts.protect)])

    resource = Resource(POD, pod(BARE))
    db = Resource(POD, pod(BARE), "db")
    Pack([*build_policies(["grace-budget"]), ResourceValidationPolicy(name, "x", validate)]).analyze(*resource[:2])
    stack = Pack([*build_policies(["grace-budget"]), StackValidationPolicy(name, "x", validate_stack)])
    stack.analyze_stack(resource._replace(parent=db.urn, dependencies=[db.urn], protect=True), db)
    assert seen == ["containers", "containers", "db", "db", "True"]


def test_a_name_that_is_no_policys() -> None:
    with pytest.raises(ValueError) as raised:
        build_policies(["hooks-efective"])
    assert str(raised.value).startswith("no policy is named 'hooks-efective'; choose from: pre-stop-required, ")


def test_a_kind_of_another_group_is_not_kubernetes_own() -> None:
    """Volcano's Job has a list of templates. Where the program gives no apiVersion, the token says whose Job it is."""
    container = {"name": "c", "image": "a", "lifecycle": {"preStop": {"exec": {"command": ["sleep 1"]}}}}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    properties = {"metadata": {"name": "train"}, "spec": {"template": template, "tasks": [{"template": template}]}}
    paths = {}
    for group in ("batch.volcano.sh/v1alpha1", "batch/v1"):
        found = Pack(build_policies()).analyze(f"kubernetes:{group}:Job", properties)
        lines = {line for each in found for line in each.message.splitlines() if ".lifecycle.preStop.exec" in line}
        paths[group] = sorted({line.partition(".spec.containers")[0] for line in lines})
    assert paths == {
        "batch.volcano.sh/v1alpha1": ["spec.tasks[0].template", "spec.template"],
        "batch/v1": ["spec.template"],
    }


def test_a_post_start_is_asked_for_only_where_the_configuration_does() -> None:
    assert said(pack().analyze(POD, pod(BARE)), "post-start-required") == []
    for name in ("advisory", "default"):
        config = json.loads((ROOT / f"policies/{name}.json").read_text())
        assert said(pack(config).analyze(POD, pod(BARE)), "post-start-required") == []
    for name, level in (("strict", "advisory"), ("demo", "mandatory")):
        config = json.loads((ROOT / f"policies/{name}.json").read_text())
        found = [each for each in pack(config).analyze(POD, pod(BARE)) if each.policy == "post-start-required"]
        assert found == [
            Violation("post-start-required", level, f"spec.containers[0].lifecycle.postStart: {POST_START}")
        ]


@pytest.mark.parametrize(
    ("fields", "is_asked"),
    [
        ({}, False),
        ({"ports": []}, False),
        ({"ports": [{"containerPort": 80}]}, True),
        ({"ports": UNKNOWN}, True),
        ({"readinessProbe": {"httpGet": {"port": 80}}}, True),
        ({"readinessProbe": UNKNOWN}, True),
        ({"livenessProbe": {"httpGet": {"port": 80}}}, False),
    ],
)
def test_where_serving(fields: dict[str, Any], is_asked: bool) -> None:
    found = pack({"pre-stop-required": {"where": "serving"}}).analyze(POD, pod({**BARE, **fields}))
    assert said(found, "pre-stop-required") == (
        [f"spec.containers[0].lifecycle.preStop: {PRE_STOP}"] if is_asked else []
    )
    assert said(pack().analyze(POD, pod({**BARE, **fields})), "pre-stop-required") != []
