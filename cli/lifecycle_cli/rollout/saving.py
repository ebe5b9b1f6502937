"""What would have saved the lost requests. Pure; the node has borne out every sentence (docs/rollout.md)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from lifecycle_rules import check

from .answers import CUT, NO_SERVER, STATUS_5XX, Answer
from .blame import Blame
from .lives import ASKED
from .plan import FRESH, KEPT, LONG

_RULES: Final = (
    "serve-no-delay",
    "serve-no-readiness",
    "prestop-budget",
    "prestop-margin",
    "prestop-signal-return",
    "pid1-shell",
    "wedge-grace",
)
"""Those of the rules that bear on requests lost while a Pod stops or starts."""


class Saving(NamedTuple):
    """One cure."""

    of: int
    """How many of the lost requests."""
    rules: tuple[str, ...]
    """Those that ask for it."""
    text: str
    least_pre_stop: int | None = None
    """Seconds for which the Pod must go on serving after its deletion is asked; None where that is not the cure."""


def savings(workload: Mapping[str, Any], kind: str, blamed: Sequence[Blame], answers: Sequence[Answer]) -> list[Saving]:
    """The most saving first."""
    spoken = {each.rule.id for each in check(kind, workload)}
    rules = tuple(each for each in _RULES if each in spoken)
    by_server = [each for each in blamed if each.answer.kind == STATUS_5XX]
    ending = [each for each in blamed if each.life and not each.is_start and each not in by_server]
    new = [each for each in ending if each.answer.traffic == FRESH or not each.answer.is_reused]
    fresh = [each for each in new if each.answer.traffic != LONG or not _was_under_way(each)]
    long = [each for each in ending if each.answer.traffic == LONG and each not in fresh]
    kept = [each for each in ending if each.answer.traffic == KEPT and each.answer.is_reused]
    starting = [each for each in blamed if each.is_start and each not in by_server]
    nobody = [each for each in blamed if not each.life and each not in by_server]
    found = []
    if fresh:
        last = max(each.since[ASKED] for each in fresh)
        least = max(1, math.ceil(last))
        found.append(
            Saving(
                len(fresh),
                rules,
                f"new connections still came {last:.2f} s after the Pod's deletion was requested: a preStop that goes "
                f"on serving for at least {least} s covers what was seen here (`sleep: {{seconds: {least}}}`; the "
                f"default of hooks.drain_delay() is 5)",
                least,
            )
        )
    if long:
        took = max((each.ended - each.sent for each in answers if each.traffic == LONG and not each.is_lost), default=0)
        least = max(1, math.ceil(took + 0.5))
        found.append(
            Saving(
                len(long),
                rules,
                "requests were cut while the process served them: on its stop signal the process must finish its "
                "requests"
                + (f", which took up to {took:.1f} s here, or the preStop must wait that long" if took else "")
                + "; the grace period must cover the preStop and the longest request",
                least if took else None,
            )
        )
    if kept:
        found.append(
            Saving(
                len(kept),
                rules,
                "a kept connection was closed by the stopping server just as the client used it again: end it by "
                "`Connection: close` while the preStop drains (nginx: keepalive_time below the delay; "
                "keepalive_min_timeout since 1.27.4), or let clients send a GET again (RFC 9110, 9.2.2)",
            )
        )
    if starting:
        found.append(
            Saving(
                len(starting),
                tuple(each for each in rules if each == "serve-no-readiness"),
                "a new Pod counted as ready before it answered: its readinessProbe must send the request that the "
                "clients send",
            )
        )
    if by_server:
        found.append(
            Saving(
                len(by_server),
                (),
                "the server answered with 5xx: something that it needs stopped before it, or was not up yet",
            )
        )
    if nobody:
        found.append(Saving(len(nobody), (), "no Pod was starting or ending then: the rollout did not cause these"))
    return sorted(found, key=lambda each: -each.of)


def _was_under_way(blamed: Blame) -> bool:
    """It had been sent before the Pod's deletion was requested, or an answer had begun."""
    took = blamed.answer.ended - blamed.answer.sent
    if blamed.answer.kind in NO_SERVER:
        return False
    return blamed.answer.kind == CUT or took > 0.5 or blamed.since.get(ASKED, 0) - took < 0
