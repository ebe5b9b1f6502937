"""The program at the top of the repository, run under mocks."""

import runpy
from pathlib import Path

import pulumi
import pytest

from tests.unit.recording import run

PROGRAM = str(Path(__file__).parents[2] / "__main__.py")
POD = "kubernetes:core/v1:Pod"


def program() -> None:
    runpy.run_path(PROGRAM)


def test_the_default_config_gives_the_pod_of_the_page() -> None:
    pod = run(program).inputs(POD)

    assert pod["metadata"]["name"] == "lifecycle-demo"
    assert pod["spec"]["containers"][0]["name"] == "lifecycle-demo-container"


def test_config_reaches_the_pod() -> None:
    pod = run(
        program,
        {"lifecycle-demo:preStop": "sleep 1", "lifecycle-demo:terminationGracePeriodSeconds": "12"},
    ).inputs(POD)

    assert pod["spec"]["terminationGracePeriodSeconds"] == 12.0
    assert pod["spec"]["containers"][0]["lifecycle"]["preStop"]["exec"]["command"] == [
        "/bin/sh",
        "-c",
        "sleep 1",
    ]


def test_a_grace_period_of_nothing_is_not_the_default() -> None:
    pod = run(program, {"lifecycle-demo:terminationGracePeriodSeconds": "0"}).inputs(POD)

    assert pod["spec"]["terminationGracePeriodSeconds"] == 0


def test_an_unknown_config_key_is_an_error() -> None:
    with pytest.raises(pulumi.RunError) as raised:
        run(program, {"lifecycle-demo:preStopp": "x"})

    assert str(raised.value) == (
        "unknown config key preStopp: this program takes image, name, namespace, postStart, preStop, "
        "terminationGracePeriodSeconds. Remove it with `pulumi config rm preStopp`."
    )
