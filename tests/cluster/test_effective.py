"""The group `effective` on a real kubelet: what each rule forbids fails there, and what it advises works.

A rule without both is an error: `test_every_rule_has_its_proof` compares them with the catalogue.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
from cluster import Cluster, until

from lifecycle_rules import RULES, Group, check

HTTP = [{"name": "http", "containerPort": 80}]


@dataclass(frozen=True)
class Proof:
    """A preStop that the kubelet cannot carry out, and one like it that it can."""

    fails: dict[str, Any]
    works: dict[str, Any]
    container: dict[str, Any] = field(default_factory=dict)
    spec: dict[str, Any] = field(default_factory=dict)


def command(*words: str) -> dict[str, Any]:
    return {"exec": {"command": list(words)}}


PROOFS = {
    "tcpsocket-hook": Proof({"tcpSocket": {"port": 80}}, {"httpGet": {"port": 80}}),
    "httpget-named-port": Proof({"httpGet": {"port": "web"}}, {"httpGet": {"port": "http"}}, {"ports": HTTP}),
    "httpget-hostnetwork": Proof(
        {"httpGet": {"port": 80}}, {"httpGet": {"port": 80, "host": "127.0.0.1"}}, spec={"hostNetwork": True}
    ),
    "httpget-localhost": Proof({"httpGet": {"port": 80, "host": "localhost"}}, {"httpGet": {"port": 80}}),
    "exec-empty-arg0": Proof(command(""), command("true")),
    "exec-single-string": Proof(command("sleep 1"), command("sleep", "1")),
    "exec-shell-syntax": Proof(
        command("nginx", "-s", "reload", "&&", "sleep", "1"), command("/bin/sh", "-c", "nginx -s reload && sleep 1")
    ),
    "exec-sh-c-split": Proof(command("sh", "-c", "sleep", "1"), command("sh", "-c", "sleep 1")),
    "exec-var-literal": Proof(
        command("sleep", "$(SECONDS_TO_DRAIN)"),
        command("/bin/sh", "-c", 'sleep "$SECONDS_TO_DRAIN"'),
        {"env": [{"name": "SECONDS_TO_DRAIN", "value": "1"}]},
    ),
}


def test_every_rule_has_its_proof() -> None:
    assert sorted(PROOFS) == sorted(rule.id for rule in RULES if rule.group is Group.EFFECTIVE)


@pytest.mark.parametrize("rule", PROOFS)
def test_on_the_kubelet(cluster: Cluster, rule: str) -> None:
    proof = PROOFS[rule]
    # In this order: an event of the first is there by the time that of the second is.
    for name, hook, expected in (("works", proof.works, set()), ("fails", proof.fails, {rule})):
        container = {**proof.container, "lifecycle": {"preStop": hook}}
        spec = {"containers": [{"name": "c", "image": "nginx", **container}], **proof.spec}
        assert {each.rule.id for each in check("Pod", {"spec": spec})} == expected

        cluster.run(name, container, **proof.spec)
        cluster.delete(name)

    until(lambda: "FailedPreStopHook" in cluster.reasons("fails"), "the event of the failed hook", 10)
    assert "FailedPreStopHook" not in cluster.reasons("works")
