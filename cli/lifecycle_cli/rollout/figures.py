"""Numbers of many answers: by second, by traffic, and whether the client kept its rate. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from .answers import Answer

_LATE_SECONDS: Final = 0.5  # of the p99: later than that, a gap hides what an even load would have met
_HELD_SHARE: Final = 0.01


class Figures(NamedTuple):
    """Of a set of answers. Times in seconds; None where nothing was answered."""

    sent: int
    lost: Counter[str]
    """By kind."""
    p50: float | None
    p99: float | None

    @property
    def total_lost(self) -> int:
        return sum(self.lost.values())


def figures(answers: Sequence[Answer]) -> Figures:
    took = sorted(each.ended - each.sent for each in answers if not each.is_lost)
    lost = Counter(each.kind for each in answers if each.is_lost)
    return Figures(len(answers), lost, quantile(took, 0.5), quantile(took, 0.99))


def quantile(ordered: Sequence[float], share: float) -> float | None:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None


def by_second(answers: Iterable[Answer]) -> dict[int, list[Answer]]:
    """By the second in which each ended, without gaps between the first and the last."""
    found: dict[int, list[Answer]] = {}
    for each in answers:
        found.setdefault(int(each.ended), []).append(each)
    return {each: found.get(each, []) for each in range(min(found), max(found) + 1)} if found else {}


def unkept(answers: Sequence[Answer], held: int) -> str:
    """Why the client did not keep its rate; empty where it did. Then what it says of 0 lost requests holds."""
    late = quantile(sorted(each.sent - each.due for each in answers), 0.99) or 0.0
    reasons = []
    if late > _LATE_SECONDS:
        reasons.append(f"1 request in 100 was sent more than {late:.1f} s late")
    if held > _HELD_SHARE * (len(answers) + held):
        reasons.append(f"{held} requests were not sent, because all --connections were busy")
    return " and ".join(reasons)


def as_json(of: Figures) -> dict[str, Any]:
    """Latency in milliseconds."""
    return {
        "sent": of.sent,
        "lost": of.total_lost,
        "lostByKind": dict(sorted(of.lost.items())),
        "p50Milliseconds": None if of.p50 is None else round(of.p50 * 1000, 2),
        "p99Milliseconds": None if of.p99 is None else round(of.p99 * 1000, 2),
    }
