"""Between the wire and plain objects: nothing secret may show, nothing unknown may become a value."""

import pytest
from google.protobuf import struct_pb2

from sandbox.provider.values import (
    UNKNOWN,
    Secret,
    contains_secret,
    contains_unknown,
    decode,
    decode_map,
    encode,
    encode_map,
    from_object,
    mark_secrets,
    plain,
    secret,
    to_object,
    without_nulls,
)

SIGNATURE = "4dabf18193072939515e22adb298388d"


@pytest.mark.parametrize(
    "value",
    [None, True, 0, 3, 0.5, "text", [], {}, [1, [2]], {"a": {"b": [None]}}, UNKNOWN, Secret("x"), {"a": Secret([1])}],
)
def test_what_goes_out_comes_back(value: object) -> None:
    assert decode(encode(value)) == value


def test_whole_numbers_are_integers() -> None:
    """The wire knows only doubles; the API server refuses `80.0` for a port."""
    decoded = decode(struct_pb2.Value(number_value=80.0))
    assert decoded == 80
    assert isinstance(decoded, int)


@pytest.mark.parametrize("marker", ["04da6b54-80e4-46f7-96ec-b56ff0331ba9", "dd056dcd-154b-4c76-9bd3-c8f88648b5ff"])
def test_every_unknown_is_unknown(marker: str) -> None:
    assert decode(struct_pb2.Value(string_value=marker)) is UNKNOWN


def test_an_output_value_without_a_value_is_unknown_and_keeps_its_secrecy() -> None:
    fields = {
        SIGNATURE: struct_pb2.Value(string_value="d0e6a833031e9bbcd3f4e8bde6ca49a4"),
        "secret": struct_pb2.Value(bool_value=True),
    }
    decoded = decode(struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields)))
    assert decoded == Secret(UNKNOWN)
    assert contains_unknown(decoded)


def test_a_secret_says_nothing_when_printed() -> None:
    assert repr({"password": Secret("hush")}) == "{'password': Secret(...)}"


def test_secret_is_secret_once() -> None:
    assert secret(Secret("x")) == Secret("x")
    assert secret({"a": Secret("x")}) == Secret({"a": "x"})


def test_what_is_secret_in_the_inputs_is_secret_in_the_outputs() -> None:
    inputs = {"spec": {"host": "h", "password": Secret("hush")}}
    outputs = {"spec": {"host": "h", "password": "hush", "port": 1}}
    assert mark_secrets(outputs, inputs) == {"spec": {"host": "h", "password": Secret("hush"), "port": 1}}


def test_one_secret_in_a_list_hides_the_list() -> None:
    """The API server may reorder it."""
    assert mark_secrets({"env": ["a", "hush"]}, {"env": [Secret("hush")]}) == {"env": Secret(["a", "hush"])}


def test_what_a_kubernetes_secret_holds_is_secret_without_being_said() -> None:
    outputs = {"kind": "Secret", "data": {"a": "aHVzaA=="}, "type": "Opaque"}
    assert mark_secrets(outputs, {}) == {"kind": "Secret", "data": Secret({"a": "aHVzaA=="}), "type": "Opaque"}


def test_a_field_named_data_elsewhere_is_not() -> None:
    assert mark_secrets({"kind": "ConfigMap", "data": {"a": "b"}}, {}) == {"kind": "ConfigMap", "data": {"a": "b"}}


def test_arguments_left_out_do_not_reach_the_api_server() -> None:
    assert without_nulls({"a": None, "b": [{"c": None, "d": 0}]}) == {"b": [{"d": 0}]}


def test_fields_that_no_sdk_can_write() -> None:
    inputs = {"schema": [{"x_kubernetes_preserve_unknown_fields": True, "x_other": 1}]}
    obj = {"schema": [{"x-kubernetes-preserve-unknown-fields": True, "x_other": 1}]}
    assert to_object(inputs) == obj
    assert from_object(obj) == inputs


def test_plain_and_contains() -> None:
    value = {"a": [Secret({"b": UNKNOWN})]}
    assert plain(value) == {"a": [{"b": UNKNOWN}]}
    assert contains_unknown(value)
    assert contains_secret(value)
    assert not contains_secret(plain(value))


def test_maps() -> None:
    assert decode_map(encode_map({"a": 1, "b": Secret("x")})) == {"a": 1, "b": Secret("x")}
