"""Names: made up once, kept over updates, made anew by a replacement."""

import re

import pytest

from sandbox.provider.naming import (
    generates_name,
    is_autonamed,
    is_named,
    keep_old_name,
    object_id,
    parse_id,
    random_name,
    with_name,
)
from sandbox.provider.values import UNKNOWN, Secret


def test_a_made_up_name_is_eight_hex_digits_after_the_prefix() -> None:
    assert re.fullmatch(r"web-[0-9a-f]{8}", random_name("web-", b""))
    assert re.fullmatch(r"web-[0-9a-f]{8}", random_name("web-", b"seed"))


def test_the_same_seed_gives_the_same_name_and_another_seed_another() -> None:
    assert random_name("web-", b"seed") == random_name("web-", b"seed")
    assert random_name("web-", b"seed") != random_name("web-", b"other")
    assert random_name("web-", b"") != random_name("web-", b"")


def test_the_mark_stands_beside_the_programs_own_annotations() -> None:
    inputs = {"kind": "Pod", "metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}}}
    assert with_name(inputs, "web-1") == {
        "kind": "Pod",
        "metadata": {
            "labels": {"a": "b"},
            "annotations": {"c": "d", "pulumi.com/autonamed": "true"},
            "name": "web-1",
        },
    }


def test_a_made_up_name_is_kept() -> None:
    old = with_name({}, "web-1")
    kept = keep_old_name({"metadata": {"labels": {"a": "b"}}}, old)
    assert kept["metadata"]["name"] == "web-1"
    assert is_autonamed(kept)


def test_a_name_of_the_program_wins() -> None:
    assert keep_old_name({"metadata": {"name": "mine"}}, with_name({}, "web-1")) == {"metadata": {"name": "mine"}}


def test_a_name_the_program_gave_before_is_not_kept_as_made_up() -> None:
    assert keep_old_name({"metadata": {}}, {"metadata": {"name": "mine"}}) == {"metadata": {}}


@pytest.mark.parametrize(
    ("inputs", "named"),
    [
        ({}, False),
        ({"metadata": {}}, False),
        ({"metadata": {"name": ""}}, False),
        ({"metadata": {"name": "web"}}, True),
        ({"metadata": {"name": UNKNOWN}}, True),
        ({"metadata": Secret({"name": "web"})}, True),
        ({"metadata": UNKNOWN}, False),
    ],
)
def test_is_named(inputs: dict[str, object], named: bool) -> None:
    assert is_named(inputs) is named


def test_generate_name_counts_only_without_a_name() -> None:
    assert generates_name({"metadata": {"generateName": "web-"}})
    assert not generates_name({"metadata": {"generateName": "web-", "name": "web-1"}})


def test_ids() -> None:
    assert object_id({"metadata": {"name": "web", "namespace": "shop"}}) == "shop/web"
    assert object_id({"metadata": {"name": "admin"}}) == "admin"
    assert parse_id("shop/web") == ("shop", "web")
    assert parse_id("admin") == ("", "admin")


@pytest.mark.parametrize("text", ["", "shop/", "a/b/c"])
def test_what_is_no_id(text: str) -> None:
    with pytest.raises(ValueError, match="is no id of a Kubernetes object; write `name` or `namespace/name`"):
        parse_id(text)
