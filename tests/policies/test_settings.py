"""The configuration: what it changes, and what of it is wrong."""

from collections.abc import Mapping
from typing import Any

import pytest
from pods import BARE, HOOKED, POD, TOKENS, exec_pod, of_kind, pod, rule_of
from pulumi_policy import EnforcementLevel

from kubernetes_lifecycle.pack import SettingsError, build_policies
from kubernetes_lifecycle.pack.serving import with_levels
from kubernetes_lifecycle.pack.testing import ConfigurationError, Pack, Resource
from kubernetes_lifecycle.settings import SCHEMAS, Settings
from lifecycle_rules import ENDPOINTS, UNKNOWN

BREAKS_EFFECTIVE = {**HOOKED, "lifecycle": {**HOOKED["lifecycle"], "preStop": {"tcpSocket": {"port": 80}}}}


def analyzed(config: Mapping[str, Any], properties: Mapping[str, Any], token: str = POD) -> list[tuple[str, str, str]]:
    found = Pack(build_policies(), config).analyze(token, properties)
    return [(each.policy, each.level, each.message) for each in found if each.policy != "shutdown-practice"]


@pytest.mark.parametrize(
    ("config", "lines"),
    [
        ({"hook-accepted": "advisory"}, ["no policy is named 'hook-accepted'; did you mean 'hooks-accepted'?"]),
        (
            {"grace-budget": {"shutdownSecond": 5}},
            ["grace-budget: no key is named 'shutdownSecond'; did you mean 'shutdownSeconds'?"],
        ),
        (
            {"hooks-effective": {"rules": {"tcp-socket": "off"}}},
            ["hooks-effective: rules: no rule is named 'tcp-socket'; did you mean 'tcpsocket-hook'?"],
        ),
        (
            {"exemptions": {"rules": {"exec-sleep": "off"}}},
            ["exemptions: no key is named 'rules'; choose from: excluded, exempt, honorAnnotations"],
        ),
        (
            {"pre-stop-required": {"kinds": ["Deployments", "pod", "Rollout"]}},
            [
                "pre-stop-required: kinds: no kind is named 'Deployments'; did you mean 'Deployment'?",
                "pre-stop-required: kinds: no kind is named 'pod'; did you mean 'Pod'?",
            ],
        ),
        (
            {"hooks-accepted": {"kubernetesVersion": "2.0"}},
            ["hooks-accepted: '2.0' is not a Kubernetes version that the rules know; give 1.28 or later"],
        ),
        (
            {
                "exemptions": {
                    "exempt": [
                        {"rule": "exec-sleeps", "reason": "x"},
                        {"rule": "exec-sleep", "reason": " "},
                        {"rule": "exec-sleep", "reason": "x", "expires": "31.01.2027"},
                        {"rule": "exec-sleep", "reason": "x", "expires": "20270131"},
                    ]
                }
            },
            [
                "exemptions: exempt: no rule is named 'exec-sleeps'; did you mean 'exec-sleep'?",
                "exemptions: exempt: exec-sleep: the reason is empty; say why the rule does not apply",
                "exemptions: exempt: exec-sleep: expires: '31.01.2027' is not a date; write it like 2027-01-31",
                "exemptions: exempt: exec-sleep: expires: '20270131' is not a date; write it like 2027-01-31",
            ],
        ),
    ],
)
def test_what_is_wrong_is_said_at_once(config: Any, lines: list[str]) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Pack(build_policies(), config)
    assert str(raised.value).splitlines() == ["the configuration of kubernetes-lifecycle is wrong:", *lines]


@pytest.mark.parametrize(
    "given",
    ["mandatory", {"shutdownSeconds": 5}, {"rules": {"grace-maximum": "off"}}, {"enforcementLevel": "advisory"}],
)
def test_a_policy_that_a_pack_does_not_have(given: Any) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Pack(build_policies(["hooks-effective", "exemptions"]), {"grace-budget": given})
    assert str(raised.value).splitlines()[1:] == [
        "grace-budget: this pack does not have this policy; it has: exemptions, hooks-effective"
    ]


@pytest.mark.parametrize(
    ("config", "wrong"),
    [
        (
            {"hooks-effective": {"rules": {"tcpsocket-hook": "offf"}}},
            "hooks-effective: rules.tcpsocket-hook: 'offf' is",
        ),
        ({"pre-stop-required": {"roles": ["application"]}}, "pre-stop-required: roles.0: 'application' is not one of"),
        ({"grace-budget": {"shutdownSeconds": "ten"}}, "grace-budget: shutdownSeconds: 'ten' is not of type 'integer'"),
        ({"exemptions": {"exempt": [{"rule": "*"}]}}, "exemptions: exempt.0: 'reason' is a required property"),
        ({"exemptions": {"excluded": {"namespace": ["x"]}}}, "exemptions: excluded: Additional properties are not all"),
        ({"grace-budget": "warn"}, "grace-budget: no level is named 'warn'; choose from: advisory, mandatory, "),
    ],
)
def test_what_the_engine_refuses(config: Any, wrong: str) -> None:
    """By the schemas; it has words of its own for it."""
    with pytest.raises(ConfigurationError) as raised:
        Pack(build_policies(), config)
    assert str(raised.value).startswith(wrong)


def test_an_initial_configuration_keeps_each_level() -> None:
    """pulumi-policy sends `advisory` for a policy that is given a key and no level."""
    policies = build_policies(["grace-budget", "shutdown-practice"])
    config = {"grace-budget": {"shutdownSeconds": 5}, "shutdown-practice": "mandatory", "exemptions": {"exempt": []}}
    assert with_levels(config, policies) == {
        "grace-budget": {"enforcementLevel": EnforcementLevel.MANDATORY, "shutdownSeconds": 5},
        "shutdown-practice": {"enforcementLevel": EnforcementLevel.MANDATORY},
        "exemptions": {"enforcementLevel": EnforcementLevel.ADVISORY, "exempt": []},
    }
    profile = with_levels({"all": "disabled", "grace-budget": {"shutdownSeconds": 5}}, policies)
    assert {name: each["enforcementLevel"].value for name, each in profile.items()} == {
        "all": "disabled",
        "grace-budget": "disabled",
    }
    with pytest.raises(SettingsError) as raised:
        with_levels({"grace-budget": {"enforcementLevel": "off"}}, policies)
    assert str(raised.value) == (
        "grace-budget: no level is named 'off'; choose from: advisory, mandatory, remediate, disabled"
    )


def test_the_engines_own_names_and_those_of_others_are_left_alone() -> None:
    Pack(build_policies(), {"all": "advisory"})


def test_the_level_of_a_policy_and_of_all() -> None:
    levels = {each.policy: each.level for each in Pack(build_policies(), {"all": "advisory"}).analyze(POD, pod(BARE))}
    assert set(levels.values()) == {"advisory"}
    assert Pack(build_policies(), {"all": "disabled"}).analyze(POD, pod(BARE)) == []


@pytest.mark.parametrize(("level", "levels"), [("off", []), ("advisory", ["advisory"]), ("mandatory", ["mandatory"])])
def test_the_level_of_a_rule(level: str, levels: list[str]) -> None:
    found = analyzed({"hooks-effective": {"rules": {"tcpsocket-hook": level}}}, pod(BREAKS_EFFECTIVE))
    assert [each for _, each, _ in found] == levels


def test_a_mandatory_rule_of_an_advisory_policy() -> None:
    config = {"shutdown-practice": {"rules": {"exec-sleep": "mandatory"}}}
    found = Pack(build_policies(), config).analyze(POD, exec_pod("sleep", "5"))
    assert {each.level for each in found if "[exec-sleep]" in each.message} == {"mandatory"}


def test_kinds_and_roles_of_required_hooks() -> None:
    sidecar = {"name": "s", "restartPolicy": "Always"}
    properties = pod(BARE, initContainers=[sidecar, {"name": "i"}])
    off = {"post-start-required": "disabled"}
    assert analyzed({**off, "pre-stop-required": {"kinds": ["Deployment"]}}, properties) == []
    ((_, _, message),) = analyzed({**off, "pre-stop-required": {"roles": ["sidecar"]}}, properties)
    assert message.startswith("spec.initContainers[0].lifecycle.preStop: container 's' has no preStop hook")


def test_a_kind_that_is_asked_only_by_name() -> None:
    """A Job, a custom resource's template; a patch leaves out what it does not change."""
    rollout = of_kind("Deployment", BARE)
    for token, properties, kind in (
        (TOKENS["Job"], of_kind("Job", BARE, restartPolicy="Never"), "Job"),
        ("kubernetes:argoproj.io/v1alpha1:Rollout", rollout, "Rollout"),
    ):
        assert analyzed({"post-start-required": "disabled"}, properties, token) == []
        named = {"post-start-required": "disabled", "pre-stop-required": {"kinds": [kind]}}
        assert [policy for policy, _, _ in analyzed(named, properties, token)] == ["pre-stop-required"]
        assert analyzed(named, properties, f"{token}Patch") == []


def test_the_time_that_is_left_to_the_processes() -> None:
    config = {"grace-budget": {"shutdownSeconds": 26}}
    assert analyzed(config, pod(HOOKED)) == [
        (
            "grace-budget",
            "mandatory",
            (
                "spec.terminationGracePeriodSeconds: 30 leaves container 'c' 25 s after its preStop, but "
                "shutdownSeconds is 26 [shutdown-seconds]. Raise terminationGracePeriodSeconds, or shorten the preStop."
            ),
        )
    ]
    assert analyzed({"grace-budget": {"shutdownSeconds": 25}}, pod(HOOKED)) == []


def test_the_time_that_is_left_without_a_hook() -> None:
    config = {"all": "disabled", "grace-budget": {"enforcementLevel": "mandatory", "shutdownSeconds": 31}}
    ((_, _, message),) = analyzed(config, pod(BARE))
    assert message.startswith(
        "spec.terminationGracePeriodSeconds: 30 leaves container 'c' 30 s, but shutdownSeconds is 31 [shutdown-seconds]"
    )


def test_the_longest_grace_period() -> None:
    config = {"grace-budget": {"maximumGracePeriodSeconds": 60}}
    assert analyzed(config, pod(HOOKED, terminationGracePeriodSeconds=61)) == [
        (
            "grace-budget",
            "mandatory",
            "spec.terminationGracePeriodSeconds: 61 is more than maximumGracePeriodSeconds, 60 "
            "[grace-maximum]. Lower terminationGracePeriodSeconds, and with it the preStop.",
        )
    ]
    assert analyzed(config, pod(HOOKED, terminationGracePeriodSeconds=60)) == []


@pytest.mark.parametrize("command", [["sleep", "5"], ["/bin/sh", "-c", "sleep 5"]])
def test_the_shortest_drain_of_a_program(command: list[str]) -> None:
    """One that only sleeps: what else a script does may drain as well."""

    def rules(*words: str) -> set[str]:
        found = Pack(build_policies(), {"shutdown-practice": {"drainSeconds": 6}}).analyze(POD, exec_pod(*words))
        return {rule_of(each.message) for each in found if each.policy == "shutdown-practice"}

    assert "drain-seconds" in rules(*command)
    assert "drain-seconds" not in rules("/bin/sh", "-c", "/drain; sleep 5")


def test_the_shortest_drain() -> None:
    found = Pack(build_policies(), {"shutdown-practice": {"drainSeconds": 6}}).analyze(POD, pod(HOOKED))
    assert (
        "spec.containers[0].lifecycle.preStop.sleep.seconds: sleeps 5 s, but drainSeconds is 6 [drain-seconds]. "
        "Sleep longer, and raise terminationGracePeriodSeconds with it."
    ) in [each.message for each in found]
    found = Pack(build_policies(), {"shutdown-practice": {"drainSeconds": 5}}).analyze(POD, pod(HOOKED))
    assert not [each for each in found if "[drain-seconds]" in each.message]


def test_the_version_of_the_cluster() -> None:
    assert analyzed({}, pod(HOOKED)) == []
    assert {policy for policy, _, _ in analyzed({"hooks-accepted": {"kubernetesVersion": "1.28"}}, pod(HOOKED))} == {
        "hooks-accepted"
    }


def test_what_images_lack() -> None:
    config = {"shutdown-practice": {"images": [{"name": "ghcr.io/acme/*", "lacks": ["curl"]}]}}
    properties = exec_pod("curl", "localhost/drain")
    properties["spec"]["containers"][0]["image"] = "ghcr.io/acme/web:1"
    messages = [each.message for each in Pack(build_policies(), config).analyze(POD, properties)]
    assert [each for each in messages if "is known to have no curl" in each]
    properties["spec"]["containers"][0]["image"] = "acme/web:1"
    config = {"shutdown-practice": {"images": [{"name": "acme/web", "lacks": ["curl"]}]}}
    messages = [each.message for each in Pack(build_policies(), config).analyze(POD, properties)]
    assert [each for each in messages if "is known to have no curl" in each]


def test_what_images_lack_by_version() -> None:
    entry = {"name": "acme/web", "tag": "latest|#", "since": "2", "before": "3", "lacks": ["curl"], "source": "us"}
    config = {"shutdown-practice": {"images": [entry]}}
    properties = exec_pod("curl", "localhost/drain")
    for tag, is_said in (("2.1", True), ("latest", True), ("1.9", False), ("3.0", False), ("2.1-debug", False)):
        properties["spec"]["containers"][0]["image"] = f"acme/web:{tag}"
        messages = [each.message for each in Pack(build_policies(), config).analyze(POD, properties)]
        assert any("is known to have no curl" in each for each in messages) == is_said


def test_a_version_of_an_image_that_is_none() -> None:
    images = [{"name": "acme/web", "since": "new", "lacks": []}, {"name": "b", "before": "1", "tag": "x", "lacks": []}]
    with pytest.raises(SettingsError) as raised:
        Settings.parse({"shutdown-practice": {"images": images}})
    assert str(raised.value) == (
        "shutdown-practice: images: acme/web: since: 'new' is not a version; write it like 1.8.5\n"
        "shutdown-practice: images: b: before: the tag 'x' has no # for the version"
    )


def test_endpoints_of_ones_own() -> None:
    hook = {"httpGet": {"path": "/admin/stop", "port": 8081}}
    container = {"name": "c", "image": "ghcr.io/acme/web:1", "lifecycle": {"preStop": hook}}

    def messages(*entries: Any) -> list[str]:
        pack = Pack(build_policies(), {"shutdown-practice": {"endpoints": list(entries)}})
        return [each.message for each in pack.analyze(POD, pod(container)) if "[httpget-method]" in each.message]

    entry = {"path": "/admin/stop", "method": "POST"}
    assert len(messages(entry)) == 1
    (message,) = messages({**entry, "image": "ghcr.io/acme/*", "port": 8081, "product": "our API"})
    assert " our API acts on /admin/stop only by POST, but the hook sends GET: " in message
    assert messages() == messages({**entry, "port": 80}) == messages({**entry, "image": "nginx"}) == []
    assert Settings.parse({}).endpoints is ENDPOINTS, "the table itself, which is found by path at once"


@pytest.mark.parametrize(
    ("excluded", "reason"),
    [
        ({"namespaces": ["kube-*"]}, "excluded by its namespace, kube-system"),
        ({"kinds": ["Daemon*"]}, "excluded by its kind, DaemonSet"),
        ({"kinds": ["DaemonSet"]}, "excluded by its kind, DaemonSet"),
        ({"names": ["x"]}, "excluded by its name, web"),
        ({"names": ["web"]}, "excluded by its name, web"),
    ],
)
def test_what_is_excluded(excluded: Any, reason: str) -> None:
    resource = Resource("kubernetes:apps/v1:DaemonSet", of_kind("DaemonSet", BARE))
    resource.properties["metadata"]["namespace"] = "kube-system"
    pack = Pack(build_policies(), {"exemptions": {"excluded": excluded}})
    answer = pack.answer(resource)
    assert answer.violations == []
    assert set(answer.not_applicable.values()) == {reason}
    assert [each.message for each in pack.analyze_stack(resource)] == [f"1 object is {reason}"]


def test_a_patch_is_excluded_by_the_kind_of_what_it_patches() -> None:
    pack = Pack(build_policies(), {"exemptions": {"excluded": {"kinds": ["DaemonSet"]}}})
    answer = pack.answer(Resource("kubernetes:apps/v1:DaemonSetPatch", of_kind("DaemonSet", BREAKS_EFFECTIVE)))
    assert set(answer.not_applicable.values()) == {"excluded by its kind, DaemonSetPatch"}


def test_items_of_a_list_are_excluded_each_for_itself() -> None:
    """The list itself is in no namespace."""
    items = [{**pod(BREAKS_EFFECTIVE), "metadata": {"namespace": each}} for each in ("shop", "kube-system", None)]
    resource = Resource("kubernetes:core/v1:PodList", {"items": items})

    def judged(*namespaces: str) -> tuple[list[str], list[str]]:
        pack = Pack(build_policies(["hooks-effective", "exemptions"]), excluding(*namespaces))
        found = [each.message.partition(".")[0] for each in pack.analyze(*resource[:2])]
        return found, [each.message for each in pack.analyze_stack(resource)]

    assert judged("kube-*") == (["items[0]", "items[2]"], ["1 object is excluded by its namespace, kube-system"])
    assert judged("default") == (["items[0]", "items[1]"], ["1 object is excluded by its namespace, default"])
    assert judged("*") == ([], ["1 object is excluded by its namespace, which is not known"])


def excluding(*namespaces: str) -> dict[str, Any]:
    return {"exemptions": {"excluded": {"namespaces": [*namespaces]}}}


def test_a_namespace_that_is_not_known_yet_is_excluded_only_with_all() -> None:
    for properties in ({**pod(BARE), "metadata": UNKNOWN}, {**pod(BARE), "metadata": {"namespace": UNKNOWN}}):
        assert Pack(build_policies(), excluding("default")).analyze(POD, properties) != []
        assert Pack(build_policies(), excluding("*")).analyze(POD, properties) == []


def test_containers_that_are_excluded() -> None:
    config = {"exemptions": {"excluded": {"containers": ["istio-*"]}}}
    proxy = {"name": "istio-proxy", "lifecycle": {"preStop": {"tcpSocket": {"port": 1}}}}
    properties = {"spec": {"containers": [HOOKED, proxy]}}
    assert analyzed(config, properties) == []
    assert analyzed({}, properties) != []
    said = Pack(build_policies(), config).analyze_stack(Resource(POD, properties))
    assert [each.message for each in said] == ["1 container is excluded by its name, istio-proxy"]


def test_the_schemas_describe_every_key() -> None:
    for policy, properties in SCHEMAS.items():
        for key, schema in properties.items():
            assert schema["description"].endswith("."), (policy, key)
            assert "default" in schema, (policy, key)
