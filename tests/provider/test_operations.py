"""The provider's answers to the engine where there is no cluster: what every offline preview rests on."""

from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2 as proto

from sandbox.provider.cluster import Unreachable, connect
from sandbox.provider.engine_log import EngineLog
from sandbox.provider.provider import Provider, Refused
from sandbox.provider.values import UNKNOWN, Secret, decode_map, encode_map


def urn(token: str = "kubernetes:core/v1:Pod", name: str = "web") -> str:
    return f"urn:pulumi:dev::shop::lifecycle:index:LifecycleDemo${token}::{name}"


def pod(metadata: Any = None, image: str = "nginx:1") -> dict[str, Any]:
    spec = {"containers": [{"name": "c", "image": image}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {} if metadata is None else metadata, "spec": spec}


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    monkeypatch.setenv("KUBECONFIG", "/dev/null")
    made = Provider(EngineLog())
    made.configure(proto.ConfigureRequest())
    return made


def check(provider: Provider, news: dict[str, Any], olds: dict[str, Any] | None = None) -> dict[str, Any]:
    request = proto.CheckRequest(urn=urn(), news=encode_map(news), olds=encode_map(olds or {}), randomSeed=b"seed")
    return decode_map(provider.check(request).inputs)


def diff(provider: Provider, live: dict[str, Any], old: dict[str, Any], new: dict[str, Any]) -> proto.DiffResponse:
    state = {**live, "__inputs": old, "__initialApiVersion": "v1", "__fieldManager": "m"}
    return provider.diff(proto.DiffRequest(urn=urn(), id="default/web", olds=encode_map(state), news=encode_map(new)))


def test_a_pod_without_a_name_gets_one_and_a_namespace(provider: Provider) -> None:
    checked = check(provider, pod())
    assert checked["metadata"]["name"].startswith("web-")
    assert checked["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}
    assert checked["metadata"]["namespace"] == "default"
    assert check(provider, pod(), checked) == checked


def test_a_name_that_is_not_known_yet_is_left_alone(provider: Provider) -> None:
    assert check(provider, pod({"name": UNKNOWN}))["metadata"] == {"name": UNKNOWN, "namespace": "default"}
    assert check(provider, pod(UNKNOWN)) == pod(UNKNOWN)


def test_secrets_stay_secret_through_check(provider: Provider) -> None:
    checked = check(provider, pod({"name": "web", "labels": {"a": Secret("hush")}}))
    assert checked["metadata"]["labels"] == {"a": Secret("hush")}


def test_what_has_no_namespace_gets_none(provider: Provider) -> None:
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"}}
    assert check(provider, role)["metadata"] == {"name": "r"}


@pytest.mark.parametrize(
    ("token", "inputs", "message"),
    [
        ("kubernetes:helm.sh/v3:Release", {}, "does not serve kubernetes:helm.sh/v3:Release; the official plugin"),
        ("kubernetes:core/v1:PodList", {"kind": "PodList"}, "PodList is not a resource of its own"),
        ("kubernetes:core/v1:PodPatch", {"kind": "Pod"}, "does not patch objects of others"),
        ("kubernetes:core/v1:Pod", {"kind": "Pod", "metadata": {"generateName": "a-"}}, "cannot go with server-side"),
    ],
)
def test_what_is_not_served_is_refused_with_a_reason(
    provider: Provider, token: str, inputs: dict[str, Any], message: str
) -> None:
    with pytest.raises(Refused, match=message):
        provider.check(proto.CheckRequest(urn=urn(token), news=encode_map({"apiVersion": "v1", **inputs})))


def test_a_custom_kind_may_end_in_list(provider: Provider) -> None:
    inputs = {"apiVersion": "example.com/v1", "kind": "AllowList", "metadata": {"name": "a"}}
    request = proto.CheckRequest(urn=urn("kubernetes:example.com/v1:AllowList"), news=encode_map(inputs))
    assert decode_map(provider.check(request).inputs)["metadata"] == {"name": "a", "namespace": "default"}


def test_a_preview_repeats_the_inputs_unknowns_and_all(provider: Provider) -> None:
    inputs = pod({"name": UNKNOWN})
    answer = provider.create(proto.CreateRequest(urn=urn(), properties=encode_map(inputs), preview=True))
    assert answer.id == ""
    assert decode_map(answer.properties) == inputs


def test_up_says_what_to_do(provider: Provider) -> None:
    with pytest.raises(Refused, match=r"no Kubernetes cluster: the kubeconfig /dev/null names no cluster\. Point KUBE"):
        provider.create(proto.CreateRequest(urn=urn(), properties=encode_map(pod({"name": "web"}))))


def test_a_named_pod_is_deleted_before_it_is_replaced(provider: Provider) -> None:
    meta = {"name": "web", "namespace": "default"}
    answer = diff(provider, pod(meta), pod(meta), pod(meta, image="nginx:2"))
    assert answer.changes == proto.DiffResponse.DIFF_SOME
    assert list(answer.replaces) == ["spec.containers[0].image"]
    assert answer.deleteBeforeReplace
    assert answer.detailedDiff["spec.containers[0].image"].kind == proto.PropertyDiff.UPDATE_REPLACE


def test_a_pod_with_a_made_up_name_is_not(provider: Provider) -> None:
    meta = {"name": "web-1", "namespace": "default", "annotations": {"pulumi.com/autonamed": "true"}}
    answer = diff(provider, pod(meta), pod(meta), pod(meta, image="nginx:2"))
    assert list(answer.replaces) == ["spec.containers[0].image"]
    assert not answer.deleteBeforeReplace


def test_nor_one_that_moves_to_another_namespace(provider: Provider) -> None:
    old, new = {"name": "web", "namespace": "default"}, {"name": "web", "namespace": "shop"}
    answer = diff(provider, pod(old), pod(old), pod(new))
    assert list(answer.replaces) == ["metadata.namespace"]
    assert not answer.deleteBeforeReplace


def test_writing_the_default_namespace_down_changes_nothing(provider: Provider) -> None:
    live = {"name": "web", "namespace": "default"}
    answer = diff(provider, pod(live), pod({"name": "web"}), pod(live))
    assert answer.changes == proto.DiffResponse.DIFF_NONE


def test_no_cluster_without_a_kubeconfig_even_if_the_user_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    with pytest.raises(Unreachable, match="KUBECONFIG is not set"):
        connect("", "")


def test_a_broken_kubeconfig_is_said_to_be_broken() -> None:
    with pytest.raises(Unreachable, match="the provider's `kubeconfig` cannot be used"):
        connect("apiVersion: v1\nkind: Config\n", "")


def test_names_may_be_the_engines_choice(provider: Provider) -> None:
    options = proto.CheckRequest.AutonamingOptions
    request = proto.CheckRequest(urn=urn(), news=encode_map(pod()), autonaming=options(proposed_name="web-dev"))
    assert decode_map(provider.check(request).inputs)["metadata"]["name"] == "web-dev"
    request.autonaming.mode = options.DISABLE
    with pytest.raises(Refused, match=r"set `metadata\.name`"):
        provider.check(request)


def test_an_option_that_would_choose_another_cluster_is_not_ignored() -> None:
    with pytest.raises(Refused, match="set `context` instead"):
        Provider(EngineLog()).configure(proto.ConfigureRequest(variables={"kubernetes:config:cluster": "prod"}))
