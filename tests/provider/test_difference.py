"""What changed, and what only looks as if it had."""

import pytest

from sandbox.provider.difference import (
    Change,
    Difference,
    amount,
    differences,
    ignored,
    parse_path,
    path_text,
    prune,
    same,
    without_read_only,
)
from sandbox.provider.values import UNKNOWN

UPDATE = Difference(Change.UPDATE, False)


def test_what_the_api_server_fills_in_is_no_difference() -> None:
    inputs = {"spec": {"containers": [{"name": "c"}], "volumes": [{"name": "v", "emptyDir": {}}]}}
    live = {
        "spec": {
            "containers": [{"name": "c", "imagePullPolicy": "Always"}],
            "volumes": [{"name": "v", "emptyDir": {}}, {"name": "kube-api-access-x"}],
            "dnsPolicy": "ClusterFirst",
        },
        "status": {},
    }
    assert prune(live, inputs) == inputs


def test_what_someone_else_changed_shows() -> None:
    assert prune({"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}) == {"spec": {"replicas": 1}}


def test_what_someone_else_removed_shows() -> None:
    assert prune({"data": {}}, {"data": {"a": "b"}}) == {"data": {}}


@pytest.mark.parametrize("live", [{}, {"rules": None}])
def test_an_empty_value_that_the_api_server_drops_is_still_there(live: dict[str, object]) -> None:
    assert prune(live, {"rules": []}) == {"rules": []}


def test_amounts_keep_the_programs_way_to_write_them() -> None:
    inputs = {"resources": {"limits": {"cpu": "1000m", "memory": "1024Mi"}}}
    assert prune({"resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}, inputs) == inputs


def test_text_that_looks_like_an_amount_is_text_elsewhere() -> None:
    assert not same("1000m", "1", ("data", "a"))


@pytest.mark.parametrize(
    ("one", "other"), [("1", 1), ("0.5", "500m"), ("1Ki", "1024"), ("1e3", "1k"), ("2G", "2000M"), ("1Gi", "1024Mi")]
)
def test_equal_amounts(one: object, other: object) -> None:
    assert amount(one) == amount(other)


@pytest.mark.parametrize("text", ["", "x", "1Zi", "m"])
def test_no_amount(text: str) -> None:
    assert amount(text) is None


def test_true_is_not_one() -> None:
    assert not same(True, 1)


def test_string_data_is_compared_with_what_the_secret_now_holds() -> None:
    inputs = {"kind": "Secret", "stringData": {"a": "hush", "b": "gone"}}
    assert prune({"kind": "Secret", "data": {"a": "b3RoZXI="}}, inputs) == {
        "kind": "Secret",
        "stringData": {"a": "other"},
    }


def test_detailed_differences() -> None:
    old = {"metadata": {"labels": {"a": "1", "b.c/d": "2"}}, "spec": {"containers": [{"image": "i"}, {"image": "j"}]}}
    new = {"metadata": {"labels": {"a": "2", "e": "3"}}, "spec": {"containers": [{"image": "k"}]}}
    assert differences(old, new, ["spec.containers[*].image"]) == {
        "metadata.labels.a": UPDATE,
        'metadata.labels["b.c/d"]': Difference(Change.DELETE, False),
        "metadata.labels.e": Difference(Change.ADD, False),
        "spec.containers[0].image": Difference(Change.UPDATE, True),
        "spec.containers[1]": Difference(Change.DELETE, False),
    }


def test_what_only_up_will_know_may_have_changed() -> None:
    assert differences({"data": {"a": "b"}}, {"data": {"a": UNKNOWN}}, []) == {"data.a": UPDATE}
    assert differences({"data": {"a": "b"}}, {"data": UNKNOWN}, []) == {"data": UPDATE}


def test_nothing_changed() -> None:
    assert differences({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, []) == {}


def test_paths_read_back() -> None:
    path = ("metadata", "annotations", 'a.b/c"d', 0, "x")
    assert path_text(path) == 'metadata.annotations["a.b/c\\"d"][0].x'
    assert parse_path(path_text(path)) == ["metadata", "annotations", 'a.b/c"d', "0", "x"]


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("spec.replicas", "spec.replicas", True),
        ("spec.template.spec", "spec", True),
        ("spec", "spec.replicas", False),
        ("spec.containers[1].image", "spec.containers[*].image", True),
        ("spec.containers[1].name", "spec.containers[*].image", False),
        ('metadata.labels["a.b"]', 'metadata.labels["a.b"]', True),
    ],
)
def test_ignore_changes(path: str, pattern: str, expected: bool) -> None:
    assert ignored(path, [pattern]) is expected


def test_metadata_that_only_the_api_server_writes() -> None:
    obj = {"metadata": {"name": "a", "uid": "u", "resourceVersion": "1", "labels": {"uid": "mine"}}}
    assert without_read_only(obj) == {"metadata": {"name": "a", "labels": {"uid": "mine"}}}
