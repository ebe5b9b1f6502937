"""The group `budget` on a real kubelet: what becomes of a hook that takes all the time there is."""

from typing import Any

import pytest
from cluster import Cluster, until

from lifecycle_rules import RULES, Group, check

PROVEN = {"prestop-budget", "probe-grace-vs-prestop"}
# PID 1 that ends on its stop signal only after 4 s, as a server that finishes its requests does.
SLOW = ["bash", "-c", "trap 'sleep 4; touch /outside/finished; exit 0' QUIT; while :; do sleep 0.1; done"]


def test_every_rule_has_its_proof() -> None:
    assert {rule.id for rule in RULES if rule.group is Group.BUDGET} == PROVEN


def rules(container: dict[str, Any], **spec: Any) -> set[str]:
    return {each.rule.id for each in check("Pod", {"spec": {"containers": [{"name": "c", **container}], **spec}})}


@pytest.mark.parametrize(
    ("hook", "grace", "finished"),
    [
        ({"sleep": {"seconds": 3}}, 3, False),  # accepted by the API server, though equal
        ({"exec": {"command": ["sleep", "9"]}}, 3, False),
        ({"sleep": {"seconds": 3}}, 12, True),
        ({"exec": {"command": ["sleep", "3"]}}, 12, True),
    ],
)
def test_what_is_left_of_the_grace_period(cluster: Cluster, hook: Any, grace: int, finished: bool) -> None:
    """A hook that takes it all leaves the container 2 s; one that leaves time lets it finish."""
    container = {"command": SLOW, "lifecycle": {"preStop": hook}}
    assert rules(container, terminationGracePeriodSeconds=grace) == (set() if finished else {"prestop-budget"})

    cluster.share("web", container, terminationGracePeriodSeconds=grace)
    _, last = cluster.last_seen("web")

    assert last.state.terminated.exit_code == (0 if finished else 137)
    assert (cluster.outside / "finished").exists() is finished


@pytest.mark.parametrize(("grace", "ended"), [(2, False), (10, True)])
def test_a_failing_probe_brings_its_own_grace_period(cluster: Cluster, grace: int, ended: bool) -> None:
    """The Pod's 30 s are of no help: the hook has the probe's."""
    container = {
        "command": ["sh", "-c", "sleep infinity"],
        "lifecycle": {"preStop": {"exec": {"command": ["sh", "-c", "sleep 4; touch /outside/ended"]}}},
        "livenessProbe": {
            "exec": {"command": ["false"]},
            "failureThreshold": 1,
            "periodSeconds": 1,
            "terminationGracePeriodSeconds": grace,
        },
    }
    assert rules(container) == (set() if ended else {"probe-grace-vs-prestop"})

    cluster.share("web", container, ready=False)
    until(lambda: (status := cluster.status("web")) and status.restart_count, "the restart")

    assert (cluster.outside / "ended").exists() is ended
