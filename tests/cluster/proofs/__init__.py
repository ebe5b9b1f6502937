"""For every rule a Pod that breaks it and one that keeps it, and what becomes of each on a real node.

docs/rules.md shows them: both specs, and what was seen word by word. test_rules.py runs them.
"""

from .accepted import ACCEPTED
from .budget import BUDGET
from .effective import EFFECTIVE
from .practice import PRACTICE
from .proof import Proof
from .secrets import SECRETS

PROOFS = {**ACCEPTED, **EFFECTIVE, **BUDGET, **SECRETS, **PRACTICE}

__all__ = ["PROOFS", "Proof"]
