"""How many cases are generated: all where CI is set, a tenth for somebody who waits, and where FEWER_CASES is set too.

Under CI, Hypothesis makes the same ones each time: its own profile `ci`.
"""

import os

IN_FULL = bool(os.environ.get("CI")) and not os.environ.get("FEWER_CASES")


def examples(count: int) -> int:
    return count if IN_FULL else count // 10
