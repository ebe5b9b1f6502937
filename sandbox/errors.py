"""The one error that ends a command with a sentence instead of a stack trace."""

from typing import Final

FAILED: Final = 1
CANNOT_RUN_HERE: Final = 3  # the machine lacks something; 2 is argparse's own, for a wrong command line


class SandboxError(Exception):
    """What is wrong, where, and how to mend it. `status` is the exit status of the command."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status
