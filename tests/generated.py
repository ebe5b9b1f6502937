"""How many cases Hypothesis makes: all where CI is set, as .ci/run has it; a tenth for somebody who waits."""

import os


def examples(count: int) -> int:
    return count if os.environ.get("CI") else count // 10
