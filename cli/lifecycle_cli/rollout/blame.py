"""Which Pod a lost request belongs to. Pure.

The client knows the Service's address alone: which Pod a connection led to, kube-proxy keeps for itself. So this is a
finding, not a fact, and says how sure it is: `only` where no other Pod was starting or ending, `nearest` where several
were, and it is the one whose end lies closest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from .answers import CUT, NO_SERVER, Answer
from .lives import ASKED, ENDED, GONE, SERVING, WITHDRAWN, Life

ONLY, NEAREST, NONE = "only", "nearest", "none"
_SLACK_SECONDS: Final = 0.1
"""A mark is seen later than what it marks: by so much as a rule."""
_MOST_SLACK_SECONDS: Final = 0.5
"""By so much at most, for no watch is slower that is of use: where nothing else explains a loss."""
_NEWS_SECONDS: Final = 15.0
"""So long after its end a Pod may still be sent requests: kube-proxy's longest usual sync, and a margin."""
_START_SECONDS: Final = 5.0
"""So long after it was called ready a Pod that does not yet serve may be found out."""
_AT_ONCE_SECONDS: Final = 0.5
"""A new connection that fails so soon was never served: refused, or reset with the queue of a socket that is closed."""
SINCE: Final = (ASKED, WITHDRAWN, ENDED)


class Blame(NamedTuple):
    """Of one lost request. Times in seconds."""

    answer: Answer
    life: Life | None
    certainty: str
    """`only`, `nearest` or `none`."""
    is_start: bool
    """The Pod was starting; else it was ending."""
    since: dict[str, float]
    """How long after each mark the connection was begun or, of one that was served, ended; below 0: before it."""


def blames(answers: Iterable[Answer], lives: Iterable[Life], start: float) -> list[Blame]:
    """Of those answers that are lost; `start` is time.time() of the answers' 0."""
    known = list(lives)
    return [_blame(each, known, start) for each in answers if each.is_lost]


def _blame(answer: Answer, lives: Sequence[Life], start: float) -> Blame:
    # a new connection is led to its Pod when it is begun, once and for all
    at = start + (answer.sent if _is_new(answer) else answer.ended)
    ending = _ending(lives, at, _SLACK_SECONDS) or _ending(lives, at, _MOST_SLACK_SECONDS)
    starting = [
        life
        for life in lives
        if not life.is_old
        and ASKED not in life.marks
        and SERVING in life.marks
        and -_MOST_SLACK_SECONDS <= at - life.marks[SERVING] <= _START_SECONDS
    ]
    if _is_new(answer):  # it was refused by one that had got its stop signal, where there is such a one
        ending = [each for each in ending if at >= _stop(each) - _MOST_SLACK_SECONDS] or ending
    found = ending or starting
    if not found:
        return Blame(answer, None, NONE, False, {})
    life = min(found, key=lambda each: abs(at - _turn(each, answer)))
    since = {each: round(at - life.marks[each], 3) for each in SINCE if each in life.marks}
    return Blame(answer, life, ONLY if len(found) == 1 else NEAREST, not ending, since)


def _ending(lives: Sequence[Life], at: float, slack: float) -> list[Life]:
    return [
        life
        for life in lives
        if ASKED in life.marks and life.marks[ASKED] - slack <= at <= life.marks.get(GONE, at) + _NEWS_SECONDS
    ]


def _turn(life: Life, answer: Answer) -> float:
    """When the Pod began or ceased to be good for such a request, as far as is known.

    A server refuses new connections from its stop signal on, and finishes what it serves: of those that were refused
    the Pod whose stop signal came last is the nearest, of the others the one whose containers ended.
    """
    marks = life.marks
    if ASKED not in marks:
        return marks[SERVING]
    return _stop(life) if _is_new(answer) else marks.get(ENDED, _stop(life))


def _stop(life: Life) -> float:
    """When a container of a Pod that is being deleted gets its stop signal, at the earliest."""
    return life.marks[ASKED] + life.pre_stop


def _is_new(answer: Answer) -> bool:
    """It failed for want of a server, not while it was served."""
    if answer.is_reused or answer.kind == CUT:
        return False
    return answer.kind in NO_SERVER or answer.ended - answer.sent < _AT_ONCE_SECONDS
