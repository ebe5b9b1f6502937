"""Every rule on a real node: what breaks it, what keeps it, and what becomes of each."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from cluster import Cluster
from proofs import PROOFS, Proof
from proofs.observe import SECRET
from workloads import workload

from lifecycle_rules import RULES, check


def test_every_rule_has_its_proof_or_says_why_it_has_none() -> None:
    """A new rule without a proof fails here; so does a proof whose rule is gone."""
    unproven = [rule.id for rule in RULES if rule.id not in PROOFS]
    assert unproven == [rule.id for rule in RULES if rule.unproven and rule.id not in PROOFS]
    assert set(PROOFS) <= {rule.id for rule in RULES}


def fired(proof: Proof, spec: object) -> set[str]:
    return {each.rule.id for each in check(proof.kind, workload(proof.kind, spec))}


@pytest.mark.parametrize("rule", PROOFS)
def test_on_the_node(cluster: Cluster, rule: str) -> None:
    """Both run at the same time; what is seen of each is asserted word by word."""
    proof = PROOFS[rule]
    assert rule in fired(proof, proof.fails)
    assert rule not in fired(proof, proof.works)

    cluster.core.create_namespaced_secret(
        cluster.namespace, {"metadata": {"name": SECRET["name"]}, "stringData": {SECRET["key"]: SECRET["value"]}}
    )
    with ThreadPoolExecutor(2) as pool:
        failed = pool.submit(proof.observe, cluster, "fails", proof.fails)
        worked = pool.submit(proof.observe, cluster, "works", proof.works)
    assert (failed.result(), worked.result()) == (proof.failed, proof.worked)
