"""Rules that are not held against an object: each with a reason, and none silently."""

import datetime
from collections.abc import Mapping
from typing import Any

import pytest
from pods import BARE, HOOKED, POD, of_kind, pod, rule_of

from kubernetes_lifecycle.pack import build_policies
from kubernetes_lifecycle.pack.testing import Pack, Resource, Violation
from lifecycle_rules import UNKNOWN

KEY = "kubernetes-lifecycle/ignore"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
TODAY = datetime.date.today()
YESTERDAY, TOMORROW = TODAY - datetime.timedelta(1), TODAY + datetime.timedelta(1)
PATH = "spec.template.spec.containers[0].lifecycle"


def config(*exempt: Mapping[str, str], **further: Any) -> dict[str, Any]:
    return {"post-start-required": "disabled", "exemptions": {"exempt": [*exempt], **further}}


def web(container: Mapping[str, Any] = BARE, annotation: Any = None, of_template: Any = None) -> Resource:
    properties = of_kind("Deployment", container)
    properties["metadata"] = {"name": "web", "namespace": "shop"}
    if annotation is not None:
        properties["metadata"]["annotations"] = {KEY: annotation}
    if of_template is not None:
        properties["spec"]["template"]["metadata"]["annotations"] = {KEY: of_template}
    return Resource(DEPLOYMENT, properties)


def judged(resource: Resource, configured: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The rules that are held against it, and what is said of exemptions."""
    pack = Pack(build_policies(), configured)
    violations = pack.answer(resource).violations
    held = [rule_of(each.message) for each in violations if each.policy != "shutdown-practice"]
    return held, [each.message for each in pack.analyze_stack(resource)]


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"rule": "*"},
        {"kind": "Deployment"},
        {"namespace": "sh*"},
        {"name": "web"},
        {"container": "c"},
        {"kind": "D*", "namespace": "shop", "name": "w?b", "container": "*"},
    ],
)
def test_what_the_configuration_exempts(entry: dict[str, str]) -> None:
    held, said = judged(web(), config({"rule": "pre-stop-required", "reason": "a batch worker", **entry}))
    assert held == []
    assert said == [f"{PATH}.preStop: [pre-stop-required] is exempt by the configuration: a batch worker"]


@pytest.mark.parametrize(
    ("entry", "described"),
    [
        ({"kind": "Pod"}, "pre-stop-required for kind Pod"),
        ({"namespace": "prod"}, "pre-stop-required for namespace prod"),
        ({"name": "we"}, "pre-stop-required for name we"),
        ({"container": "d"}, "pre-stop-required for container d"),
        ({"rule": "exec-sleep"}, "exec-sleep for everything"),
    ],
)
def test_an_exemption_that_matches_nothing(entry: dict[str, str], described: str) -> None:
    held, said = judged(web(), config({"rule": "pre-stop-required", "reason": "a batch worker", **entry}))
    assert held == ["pre-stop-required"]
    assert said == [f"the exemption of {described} matches nothing: a batch worker"]


@pytest.mark.parametrize("place", ["annotation", "of_template"])
def test_what_an_annotation_exempts(place: str) -> None:
    by = "the annotation of the object" if place == "annotation" else "the annotation of spec.template"
    held, said = judged(web(**{place: "pre-stop-required=the mesh drains it"}), config())
    assert held == []
    assert said == [f"{PATH}.preStop: [pre-stop-required] is exempt by {by}: the mesh drains it"]


def test_an_annotation_for_one_container_until_a_day() -> None:
    properties = {"metadata": {"annotations": {KEY: f"pre-stop-required@c until {TODAY}=soon gone"}}}
    properties["spec"] = {"containers": [BARE, {"name": "d"}]}
    held, said = judged(Resource(POD, properties), config())
    assert held == ["pre-stop-required"]
    assert said == [
        "spec.containers[0].lifecycle.preStop: [pre-stop-required] is exempt by the annotation of the object, "
        f"until {TODAY}: soon gone"
    ]


def test_several_lines() -> None:
    lines = "pre-stop-required = a = b\n\n  sleep-zero=why not\n"
    held, said = judged(web({"name": "c", "lifecycle": {"preStop": {"sleep": {"seconds": 0}}}}, lines), config())
    assert held == []
    assert said == [
        f"{PATH}.preStop.sleep.seconds: [sleep-zero] is exempt by the annotation of the object: why not",
        f"metadata.annotations[{KEY}]: the exemption of pre-stop-required for everything matches nothing: a = b",
    ]


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (
            "pre-stop-required",
            "'pre-stop-required' cannot be parsed; write rule-id[@container][ until YYYY-MM-DD]=reason",
        ),
        (
            "pre-stop-required=",
            "'pre-stop-required=' cannot be parsed; write rule-id[@container][ until YYYY-MM-DD]=reason",
        ),
        ("pre-stop=x", "no rule is named 'pre-stop'; write a rule's id, or *"),
        ("pre-stop-required until soon=x", "'soon' is not a date; write it like 2027-01-31"),
        (
            f"pre-stop-required until {YESTERDAY}=x",
            f"the exemption of pre-stop-required for everything ended on {YESTERDAY}: x",
        ),
    ],
)
def test_an_annotation_that_exempts_nothing(line: str, wrong: str) -> None:
    held, said = judged(web(annotation=line), config())
    assert held == ["pre-stop-required"]
    assert said == [f"metadata.annotations[{KEY}]: {wrong}"]


@pytest.mark.parametrize("value", [UNKNOWN, None, ""])
def test_an_annotation_that_says_nothing(value: Any) -> None:
    resource = web()
    resource.properties["metadata"]["annotations"] = {KEY: value}
    assert judged(resource, config()) == (["pre-stop-required"], [])


@pytest.mark.parametrize("value", [5, True, ["pre-stop-required=x"]])
def test_an_annotation_that_is_no_text(value: Any) -> None:
    resource = web()
    resource.properties["metadata"]["annotations"] = {KEY: value}
    said = f"metadata.annotations[{KEY}]: is not a string; write rule-id[@container][ until YYYY-MM-DD]=reason"
    assert judged(resource, config()) == (["pre-stop-required"], [said])


def test_an_annotation_of_another_name() -> None:
    resource = web()
    resource.properties["metadata"]["annotations"] = {"kubernetes-lifecycle/ingore": "*=it is misspelt"}
    said = f"metadata.annotations[kubernetes-lifecycle/ingore]: unknown annotation, which exempts nothing; write {KEY}"
    assert judged(resource, config()) == (["pre-stop-required"], [said])


def test_an_annotation_where_there_are_no_pods() -> None:
    properties = {"metadata": {"annotations": {KEY: "exec-sleep=x\nbogus"}}, "data": {}}
    said = Pack(build_policies(), config()).analyze_stack(Resource("kubernetes:core/v1:ConfigMap", properties))
    assert [each.message for each in said] == [
        f"metadata.annotations[{KEY}]: 'bogus' cannot be parsed; write rule-id[@container][ until YYYY-MM-DD]=reason",
        f"metadata.annotations[{KEY}]: the exemption of exec-sleep for everything matches nothing: x",
    ]


def test_an_annotation_of_many_spaces_and_lines() -> None:
    """It is read in no time; where it was not, this would last minutes."""
    spaces = f"pre-stop-required={' ' * 200_000}"
    held, said = judged(web(annotation=f"{spaces}\n" + "pre-stop-required=x\n" * 5_000), config())
    assert held == []
    assert len(said) == 2  # of the first line that it is not understood


@pytest.mark.parametrize("needs_it_first", [True, False])
def test_an_exemption_that_one_object_needs_and_another_does_not(needs_it_first: bool) -> None:
    """Whatever their order."""
    needs = web(annotation="pre-stop-required=mesh")
    other = web(HOOKED, annotation="pre-stop-required=mesh")._replace(name="other")
    pack = Pack(build_policies(), config())
    said = pack.analyze_stack(*((needs, other) if needs_it_first else (other, needs)))
    assert sorted((each.urn, each.message) for each in said) == sorted(
        [
            (needs.urn, f"{PATH}.preStop: [pre-stop-required] is exempt by the annotation of the object: mesh"),
            (
                other.urn,
                f"metadata.annotations[{KEY}]: the exemption of pre-stop-required for everything matches nothing: mesh",
            ),
        ]
    )


def test_several_exemptions_of_one_finding() -> None:
    """It is told of once, and none of them matches nothing."""
    entry = {"rule": "pre-stop-required", "reason": "a batch worker"}
    both = config(entry, {**entry, "rule": "*", "reason": "anything"})
    assert judged(web(annotation="pre-stop-required=mesh"), both) == (
        [],
        [f"{PATH}.preStop: [pre-stop-required] is exempt by the configuration: a batch worker"],
    )


def test_what_may_match_once_it_is_known_is_not_said_to_match_nothing() -> None:
    properties = of_kind("Deployment", {**BARE, "lifecycle": UNKNOWN})
    properties["metadata"] = {"name": "web", "annotations": {KEY: "pre-stop-required=mesh"}}
    entry = {"rule": "tcpsocket-hook", "reason": "x"}
    assert judged(Resource(DEPLOYMENT, properties), config(entry)) == ([], [])


def test_the_items_of_a_list_are_exempt_each_for_itself() -> None:
    items = [{**pod(BARE), "metadata": {"name": each, "namespace": f"of-{each}"}} for each in ("a", "b")]
    resource = Resource("kubernetes:core/v1:PodList", {"items": items})
    for entry in ({"kind": "Pod", "name": "a"}, {"namespace": "of-a"}):
        pack = Pack(build_policies(), config({"rule": "pre-stop-required", "reason": "x", **entry}))
        held = [each.message.partition(".")[0] for each in pack.analyze(*resource[:2]) if "[pre-stop" in each.message]
        assert held == ["items[1]"]


def test_a_patch_is_exempt_by_the_kind_of_what_it_patches() -> None:
    tcp = {"name": "c", "lifecycle": {"preStop": {"tcpSocket": {"port": 80}}}}
    patch = Resource("kubernetes:apps/v1:DeploymentPatch", of_kind("Deployment", tcp))
    for kind in ("Deployment", "DeploymentPatch"):
        assert judged(patch, config({"rule": "tcpsocket-hook", "kind": kind, "reason": "x"}))[0] == []


def test_a_template_under_a_key_that_is_no_name() -> None:
    tcp = {"containers": [{"name": "c", "lifecycle": {"preStop": {"tcpSocket": {"port": 80}}}}]}
    template = {"metadata": {"annotations": {KEY: "tcpsocket-hook=known"}}, "spec": tcp}
    resource = Resource("kubernetes:x.io/v1:Fleet", {"spec": {"pools": {"eu-1.large": {"template": template}}}})
    held, said = judged(resource, config())
    assert held == []
    assert said == [
        'spec.pools["eu-1.large"].template.spec.containers[0].lifecycle.preStop.tcpSocket: [tcpsocket-hook] is exempt '
        'by the annotation of spec.pools["eu-1.large"].template: known'
    ]


def test_annotations_can_be_locked() -> None:
    held, said = judged(web(annotation="pre-stop-required=x"), config(honorAnnotations=False))
    assert held == ["pre-stop-required"]
    assert said == [f"metadata.annotations[{KEY}]: is not honoured: honorAnnotations is false"]


def test_the_last_day() -> None:
    entry = {"rule": "pre-stop-required", "reason": "until the rewrite"}
    assert judged(web(), config({**entry, "expires": str(TODAY)}))[0] == []
    held, said = judged(web(), config({**entry, "expires": str(YESTERDAY)}))
    assert held == ["pre-stop-required"]
    assert said == [f"the exemption of pre-stop-required for everything ended on {YESTERDAY}: until the rewrite"]
    found = Pack(build_policies(), config({**entry, "expires": str(YESTERDAY)})).answer(web()).violations
    (message,) = [each.message for each in found if each.policy == "pre-stop-required"]
    assert message.endswith(f" The exemption 'until the rewrite' ended on {YESTERDAY}.")


def test_one_that_holds_goes_before_one_that_ended() -> None:
    ended = {"rule": "pre-stop-required", "reason": "old", "expires": str(YESTERDAY)}
    held, _ = judged(web(), config(ended, {"rule": "*", "reason": "new", "expires": str(TOMORROW)}))
    assert held == []


def test_a_name_that_is_not_known_yet() -> None:
    """Only a pattern that takes anything fits it; the name in the program is known."""
    unnamed = Resource(POD, {**pod(BARE), "metadata": {"name": UNKNOWN, "namespace": UNKNOWN}})
    entry = {"rule": "pre-stop-required", "reason": "x"}
    assert judged(unnamed, config({**entry, "namespace": "shop"}))[0] == ["pre-stop-required"]
    assert judged(unnamed, config(entry))[0] == []
    assert judged(unnamed, config({**entry, "name": "web"}))[0] == []


def test_an_item_of_a_list_has_annotations_of_its_own() -> None:
    exempt = {**pod(BARE), "metadata": {"annotations": {KEY: "pre-stop-required=x"}}}
    resource = Resource("kubernetes:core/v1:PodList", {"items": [exempt, pod(BARE)]})
    pack = Pack(build_policies(), config())
    violations = [each for each in pack.answer(resource).violations if each.policy == "pre-stop-required"]
    assert [each.message.partition(":")[0] for each in violations] == ["items[1].spec.containers[0].lifecycle.preStop"]
    assert [each.message for each in pack.analyze_stack(resource)] == [
        "items[0].spec.containers[0].lifecycle.preStop: [pre-stop-required] is exempt by the annotation of items[0]: x"
    ]


def test_what_no_policy_sees_is_named_once() -> None:
    tcp = {"containers": [{"name": "c", "lifecycle": {"preStop": {"tcpSocket": {"port": 80}}}}]}
    values = {"podTemplate": {"spec": tcp}}  # looks like an object, and is none
    release = Resource("kubernetes:helm.sh/v3:Release", {"chart": "nginx", "values": values}, name="ingress")
    pack = Pack(build_policies())
    assert pack.answer(release).violations == []
    assert pack.analyze_stack(release, Resource(POD, pod(HOOKED))) == [
        Violation(
            "exemptions",
            "advisory",
            "ingress: Helm renders its objects, so no policy sees them. Use kubernetes:helm.sh/v4:Chart to have them "
            "checked.",
            release.urn,
        )
    ]
