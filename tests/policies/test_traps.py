"""The traps of pulumi-policy that an author of policies steps into without a word; each test fails where one is."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import given, settings
from hypothesis import strategies as st
from pods import BARE, HOOKED, POD, TOKENS, exec_pod, pod, rule_of
from pulumi.runtime.rpc import UNKNOWN as WIRE_UNKNOWN
from pulumi_policy import Secret
from pulumi_policy.deserialize import SPECIAL_ASSET_SIG, SPECIAL_SIG_KEY, deserialize_properties
from pulumi_policy.proxy import unknown_checking_proxy
from test_accepted import specs
from workloads import workload

from kubernetes_lifecycle.pack import build_policies
from kubernetes_lifecycle.pack.testing import Pack, Resource, wire
from kubernetes_lifecycle.pack.values import of_message, of_proxies
from kubernetes_lifecycle.rules import POLICY_OF
from lifecycle_rules import RULES, UNKNOWN, check
from tests.generated import examples

POLICIES = Path(__file__).parents[2] / "policies"


def message_of(properties: Any) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    json_format.ParseDict(wire(properties), struct)
    return struct


@pytest.mark.parametrize("of", ["message", "proxies", "remediation"])
def test_values_are_plain_data(of: str) -> None:
    """No proxies, no floats for whole numbers, no sentinel for what is not known, no asset.

    A remediation's proxies raise on nothing, and hand the sentinel on as a text.
    """
    asset = {SPECIAL_SIG_KEY: SPECIAL_ASSET_SIG, "text": "x"}
    properties = {"a": [1, 1.5, True, None, "x", {"b": UNKNOWN}], "c": UNKNOWN, "d": asset, "e": [], "f": {}}
    struct = message_of(properties)
    proxies = unknown_checking_proxy(
        deserialize_properties(json_format.MessageToDict(struct), proxy_secrets=of == "remediation")
    )
    plain = (of_message(struct) if of == "message" else of_proxies(proxies)).plain
    assert plain == {"a": [1, 1.5, True, None, "x", {"b": UNKNOWN}], "c": UNKNOWN, "d": UNKNOWN, "e": [], "f": {}}
    assert [type(each) for each in plain["a"]] == [int, float, bool, type(None), str, dict]
    assert WIRE_UNKNOWN not in str(plain)


def test_a_list_is_compared_as_a_list() -> None:
    """A proxy's is equal to no other."""
    found = Pack(build_policies()).analyze(POD, exec_pod("sleep", "5"))
    assert [each for each in found if "[exec-sleep]" in each.message]


def test_calls_at_the_same_time_do_not_mix() -> None:
    """The engine asks of several resources at once, in four threads."""
    pack = Pack(build_policies())
    resources = [Resource(POD, pod(BARE if n % 2 else HOOKED), name=f"web-{n}") for n in range(400)]
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(pack.answer, resources))
    for number, answer in enumerate(answers):
        assert ("pre-stop-required" in {each.policy for each in answer.violations}) == bool(number % 2)


def test_nothing_is_printed_before_the_port() -> None:
    """The engine takes the first line for it (pulumi-policy#170)."""
    with subprocess.Popen([sys.executable, "-u", str(POLICIES)], stdout=subprocess.PIPE, text=True) as pack:
        assert pack.stdout is not None
        line = pack.stdout.readline()
        pack.terminate()
    assert line.strip().isdigit()


def test_the_pack_starts_without_the_kubernetes_sdk() -> None:
    """It is a quarter of a second, at each start."""
    code = (
        "import sys, kubernetes_lifecycle.pack; print([each for each in sys.modules if each.startswith('pulumi_kub')])"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=POLICIES, capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"


keys = st.text(max_size=8) | st.sampled_from(["spec", "template", "containers", "lifecycle", "preStop", "metadata"])
garbage = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.just(UNKNOWN),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(keys, below, max_size=4) | below.map(Secret),
    max_leaves=30,
)


@settings(max_examples=examples(500), deadline=None, derandomize=True)
@given(
    st.sampled_from([POD, "kubernetes:apps/v1:DeploymentPatch", "kubernetes:core/v1:PodList", "kubernetes:x/v1:Y"]),
    st.dictionaries(keys, garbage, max_size=4),
    st.dictionaries(st.sampled_from(["metadata", "items", "spec"]), garbage),
)
def test_garbage_is_findings_or_nothing(token: str, properties: dict[str, Any], further: dict[str, Any]) -> None:
    """An exception in a pack ends the user's whole deployment."""
    pack = Pack(build_policies(), {"exemptions": {"exempt": [{"rule": "*", "name": "x*", "reason": "x"}]}})
    pack.analyze(token, {**properties, **further})
    pack.analyze_stack(Resource(token, {**properties, **further}))


def test_what_is_nested_deeper_than_any_workload() -> None:
    deep: Any = {"containers": [BARE]}
    for _ in range(60):
        deep = [{"template": {"spec": deep}}]
    Pack(build_policies()).analyze("kubernetes:x/v1:Y", {"spec": deep})


def sprinkled(value: Any, draw: Any) -> Any:
    """With unknown values and secrets here and there."""
    chance = draw(st.integers(0, 29))
    if chance == 0:
        return UNKNOWN
    if isinstance(value, dict):
        value = {key: sprinkled(each, draw) for key, each in value.items()}
    elif isinstance(value, list):
        value = [sprinkled(each, draw) for each in value]
    return Secret(value) if chance == 1 else value


def in_clear(value: Any) -> Any:
    if isinstance(value, Secret):
        return in_clear(value.value)
    if isinstance(value, dict):
        return {key: in_clear(each) for key, each in value.items()}
    return [in_clear(each) for each in value] if isinstance(value, list) else value


SHAPES = ("", "Patch", "List", "custom")


@st.composite
def stacks(draw: Any) -> list[Resource]:
    """Of every kind that is known, as such, as a patch, in a list, and as an operator has one."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        kind, shape = draw(st.sampled_from(sorted(TOKENS))), draw(st.sampled_from(SHAPES))
        made = workload(kind, draw(specs))
        if shape == "List":
            made = {"items": [made, workload(kind, draw(specs))]}
        elif shape == "custom":
            made = {"apiVersion": "x.io/v1", "kind": kind, "spec": {"pools": {"a.b": {"template": made}}}}
        token = f"kubernetes:x.io/v1:{kind}" if shape == "custom" else f"{TOKENS[kind]}{shape}"
        found.append(Resource(token, {key: sprinkled(each, draw) for key, each in made.items()}, f"web-{number}"))
    return found


@settings(max_examples=examples(1000), deadline=None, derandomize=True)
@given(stacks())
def test_the_verdicts_are_those_of_the_rules(stack: list[Resource]) -> None:
    """Of a thousand stacks: whatever a resource is, and what of it is not known yet, or secret."""
    known = {each.id for each in RULES}
    for resource in stack:
        kind = resource.type.rpartition(":")[2]
        plain = in_clear(resource.properties)
        expected = [(POLICY_OF[each.rule.id], each.path, each.rule.id) for each in check(kind, plain)]
        found = PACK.analyze(*resource[:2], name=resource.name)
        of_rules = [
            (each.policy, each.message.partition(": ")[0], rule_of(each.message))
            for each in found
            if rule_of(each.message) in known
        ]
        assert sorted(of_rules) == sorted(expected)
    PACK.analyze_stack(*stack)
    REMEDIATING.analyze_stack(*stack)
    for resource in stack:
        REMEDIATING.remediate(resource)


@settings(max_examples=examples(200), deadline=None, derandomize=True)
@given(stacks())
def test_without_a_secret_the_words_are_those_of_the_rules(stack: list[Resource]) -> None:
    known = {each.id for each in RULES}
    for resource in stack:
        plain = in_clear(resource.properties)
        expected = [
            (POLICY_OF[each.rule.id], f"{each.path}: {each.message} [{each.rule.id}]. {each.rule.fix}")
            for each in check(resource.type.rpartition(":")[2], plain)
        ]
        found = PACK.analyze(resource.type, plain, name=resource.name)
        assert sorted((each.policy, each.message) for each in found if rule_of(each.message) in known) == sorted(
            expected
        )


PACK = Pack(build_policies())
REMEDIATING = Pack(build_policies(), {"all": "remediate", "pre-stop-required": {"addDrainSeconds": 5}})
