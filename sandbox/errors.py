"""The one error that ends a command with a sentence instead of a stack trace."""

from collections.abc import Sequence
from typing import Final

FAILED: Final = 1
CANNOT_RUN_HERE: Final = 3  # the machine lacks something; 2 is argparse's own, for a wrong command line


class SandboxError(Exception):
    """What is wrong, where, and how to fix it. `status` is the exit status of the command."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status


OWN_CLUSTER: Final = """\
With a cluster of your own (kind, minikube, or any kubeconfig) the program runs without the sandbox:
    pulumi stack init dev && pulumi up --policy-pack policies --policy-pack-config policies/demo.json"""


def cannot_run_here(faults: Sequence[str]) -> SandboxError:
    """The error of a machine that lacks something, with all that is missing, and what can be done without."""
    lines = "".join(f"\n  - {each}" for each in faults)
    return SandboxError(f"The sandbox cannot run on this machine:{lines}\n{OWN_CLUSTER}", CANNOT_RUN_HERE)
