"""Group `budget`: what is left to a process that takes 4 s to end."""

from .effective import PROBED, SHARED
from .observe import exit_codes, left_in_the_volume, stored
from .proof import Proof, pod, shell


def ends_after(seconds: int) -> list[str]:
    """PID 1 that finishes its work when it gets its stop signal, and then ends with 0."""
    return ["bash", "-c", f"trap 'sleep {seconds}; exit 0' QUIT; while :; do sleep 0.1; done"]


SLOW = {"command": ends_after(4)}
FOR_EVER = "while true; do sleep 1; done"
BUDGET = {
    "prestop-budget": Proof(
        exit_codes,
        fails=pod({"sleep": {"seconds": 3}}, grace=3, **SLOW),
        failed="app ended with 137",
        works=pod({"sleep": {"seconds": 3}}, grace=15, **SLOW),
        worked="app ended with 0",
    ),
    "probe-grace-vs-prestop": Proof(
        left_in_the_volume,
        fails={
            **pod(
                shell("sleep 4; touch /shared/done"),
                **{**PROBED, "livenessProbe": {**PROBED["livenessProbe"], "terminationGracePeriodSeconds": 2}},
            ),
            **SHARED,
        },
        failed="the hook did not come to its end",
        works={
            **pod(
                shell("sleep 4; touch /shared/done"),
                **{**PROBED, "livenessProbe": {**PROBED["livenessProbe"], "terminationGracePeriodSeconds": 10}},
            ),
            **SHARED,
        },
        worked="the hook came to its end",
    ),
    "prestop-unbounded": Proof(
        exit_codes,
        fails=pod(shell(FOR_EVER), grace=5, **SLOW),
        failed="app ended with 137",
        works=pod(shell(f"timeout 2 sh -c '{FOR_EVER}'"), grace=15, **SLOW),
        worked="app ended with 0",
    ),
    "grace-negative": Proof(
        stored,
        fails=pod(grace=-1),
        failed="stored with terminationGracePeriodSeconds 1, lifecycle none",
        works=pod(grace=45),
        worked="stored with terminationGracePeriodSeconds 45, lifecycle none",
    ),
}
