"""The policy pack on the real engine, as its user sees it: verdicts, configuration, unknown values, secrets."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.engine.checkout import ROOT, Checkout, Said

PASSED = "✅ kubernetes-lifecycle@v0.1.0"
PROGRAM = """
import pulumi
import pulumi_kubernetes as k8s
made = k8s.core.v1.ConfigMap("made", data={{"a": "b"}})
secret = pulumi.Output.secret
web = {{"name": "web", "image": "nginx", {container}}}
k8s.core.v1.Pod("web", metadata={{"name": "web"}}, spec={{"containers": [web]}})
"""
TCP = '"lifecycle": {"pre_stop": {"tcp_socket": {"port": 80}}}, '
TCP_SAID = "spec.containers[0].lifecycle.preStop.tcpSocket: "


def preview(checkout: Checkout, container: str, config: Any = None) -> Said:
    (checkout.root / "__main__.py").write_text(PROGRAM.format(container=container))
    given = config if config is not None else {"post-start-required": "disabled"}
    (checkout.root / "policies/demo.json").write_text(json.dumps(given))
    return checkout.sandbox("preview")


def violations(said: Said) -> list[tuple[str, str]]:
    """Level and policy, as the engine lists them."""
    lines = [line.split() for line in said.out.splitlines() if line.strip().startswith("- [")]
    return [(line[1].strip("[]"), line[4]) for line in lines]


def test_a_hook_that_cannot_run(checkout: Checkout) -> None:
    said = preview(checkout, TCP)
    assert said.status == 1, said
    assert violations(said) == [("mandatory", "hooks-effective")]
    (line,) = [each for each in said.out.splitlines() if TCP_SAID in each]
    assert "[tcpsocket-hook]. " in line


@pytest.mark.parametrize("profile", ["advisory", "default", "strict"])
def test_the_program_passes_each_profile(profile: str, checkout: Checkout) -> None:
    (checkout.root / "policies/demo.json").write_text((ROOT / f"policies/{profile}.json").read_text())
    said = checkout.sandbox("preview")
    assert said.status == 0, said
    assert said.lacks(PASSED) == []


def test_the_profile_advisory_stops_nothing(checkout: Checkout) -> None:
    said = preview(checkout, TCP, json.loads((ROOT / "policies/advisory.json").read_text()))
    assert said.status == 0, said
    assert ("advisory", "hooks-effective") in violations(said)
    assert {level for level, _ in violations(said)} == {"advisory"}


def test_the_level_of_a_rule(checkout: Checkout) -> None:
    config = {"post-start-required": "disabled", "hooks-effective": {"rules": {"tcpsocket-hook": "advisory"}}}
    said = preview(checkout, TCP, config)
    assert said.status == 0, said
    assert violations(said) == [("advisory", "hooks-effective")]


@pytest.mark.parametrize(
    ("config", "wrong"),
    [
        ({"hook-effective": "advisory"}, "no policy is named 'hook-effective'; did you mean 'hooks-effective'?"),
        (
            {"grace-budget": {"shutdownSecond": 5}},
            "grace-budget: no key is named 'shutdownSecond'; did you mean 'shutdownSeconds'?",
        ),
        (
            {"grace-budget": {"shutdownSeconds": "5"}},
            "grace-budget: shutdownSeconds: Invalid type. Expected: integer, given: string",
        ),
        (
            {"hooks-effective": {"rules": {"tcp-socket": "off"}}},
            "hooks-effective: rules: no rule is named 'tcp-socket'; did you mean 'tcpsocket-hook'?",
        ),
    ],
)
def test_a_configuration_that_is_wrong(config: Any, wrong: str, checkout: Checkout) -> None:
    """It ends the operation before anything is judged, or created; the engine takes a misspelt name without a word."""
    said = preview(checkout, TCP, config)
    assert said.status not in (0, None), said
    assert wrong in said.out + said.err
    assert "Traceback" not in said.out + said.err


def test_exemptions(checkout: Checkout) -> None:
    entry = {"rule": "tcpsocket-hook", "name": "web", "reason": "the port is gone with the next release"}
    config = {
        "post-start-required": "disabled",
        "exemptions": {"exempt": [entry, {"rule": "*", "name": "x", "reason": "y"}]},
    }
    said = preview(checkout, TCP, config)
    assert said.status == 0, said
    assert violations(said) == [("advisory", "exemptions")] * 2
    assert "[tcpsocket-hook] is exempt by the configuration: the port is gone with the next release" in said.out
    assert "the exemption of * for name x matches nothing: y" in said.out


def test_an_unknown_value_hides_nothing(checkout: Checkout) -> None:
    """What a preview does not know yet is not judged; a mandatory verdict on the rest stays one."""
    env = '"env": [{"name": "UID", "value": made.metadata.uid}], '
    said = preview(checkout, TCP + env)
    assert said.status == 1, said
    assert violations(said) == [("mandatory", "hooks-effective")]
    assert "can't run policy" not in said.out


def test_a_secret_is_judged_and_not_shown(checkout: Checkout) -> None:
    script = "curl -u admin:hunter22 localhost; sleep 90"
    said = preview(
        checkout, f'"lifecycle": {{"pre_stop": {{"exec": {{"command": ["/bin/sh", "-c", secret("{script}")]}}}}}}, '
    )
    assert said.status == 1, said
    assert {("mandatory", "grace-budget"), ("mandatory", "hook-secrets")} <= set(violations(said))
    assert "hunter22" not in said.out + said.err


def test_a_recorded_state(checkout: Checkout, tmp_path: Path) -> None:
    """`pulumi policy analyze` judges it without program, provider or cluster."""
    properties = {
        "metadata": {"name": "web"},
        "spec": {
            "containers": [{"name": "web", "image": "nginx", "lifecycle": {"preStop": {"tcpSocket": {"port": 80}}}}]
        },
    }
    urn = "urn:pulumi:dev::p::kubernetes:core/v1:Pod::web"
    pod = {"urn": urn, "custom": True, "id": "default/web", "type": "kubernetes:core/v1:Pod"}
    stack = {"urn": "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev", "custom": False, "type": "pulumi:pulumi:Stack"}
    state = {
        "version": 3,
        "deployment": {
            "manifest": {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""},
            "resources": [stack, {**pod, "inputs": properties, "outputs": properties, "parent": stack["urn"]}],
        },
    }
    (tmp_path / "state.json").write_text(json.dumps(state))
    said = checkout.sandbox(
        "pulumi", "policy", "analyze", "--policy-pack", "policies", "--file", str(tmp_path / "state.json")
    )
    assert said.status not in (0, None), said
    assert TCP_SAID in said.out + said.err
