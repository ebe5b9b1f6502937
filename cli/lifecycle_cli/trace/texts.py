"""Times and bounds in words: a figure where it is one, both bounds where they are."""

from __future__ import annotations

import datetime
from typing import Final

from .clocks import SECOND
from .life import Bounds, Life, Time

DASH: Final = "\N{EN DASH}"
EXACT: Final = 0.06  # seconds within which two bounds are one figure
NOT_KNOWN: Final = "not known"


def seconds(time: Time) -> str:
    """Since the life's zero."""
    return duration(Bounds(time.earliest, time.latest))


def duration(bounds: Bounds) -> str:
    """`1.80 s`, `2.0-2.8 s`, `2.0 s or more`, `up to 2.8 s`."""
    least, most = bounds
    if least is None and most is None:
        return NOT_KNOWN
    if least is None:
        return f"up to {_figure(most or 0.0, 1)} s"
    if most is None:
        return f"{_figure(least, 1)} s or more"
    if most - least <= EXACT:
        return f"{_figure(least, 2)} s"
    if least == 0 or _figure(least, 1) == "0.0":
        return f"up to {_figure(most, 1)} s"
    digits = _digits(most - least)
    return f"{_figure(least, digits)}{DASH}{_figure(most, digits)} s"


def clock(life: Life, time: Time) -> str:
    """The time of day in UTC: `11:14:47.869`, `11:14:47.0–48.2`, `by 11:14:48.2`."""
    earliest, latest = time.earliest, time.latest
    if latest is None and earliest is None:
        return NOT_KNOWN
    if latest is None:
        return f"from {_day(life, earliest or 0.0, 1)}"
    if earliest is None:
        return f"by {_day(life, latest, 1)}"
    if latest - earliest <= EXACT:
        return _day(life, earliest, 3)
    digits = _digits(latest - earliest)
    first, last = _day(life, earliest, digits), _day(life, latest, digits)
    return f"{first}{DASH}{last[6:] if first[:6] == last[:6] else last}"


def _day(life: Life, at: float, digits: int) -> str:
    moment = datetime.datetime.fromtimestamp((life.zero + round(at * SECOND)) / SECOND, datetime.timezone.utc)
    text = moment.strftime("%H:%M:%S.%f")
    return text[: 9 + digits]


def _digits(width: float) -> int:
    """So many that bounds so far apart differ."""
    return 1 if width >= 0.2 else 2


def _figure(value: float, digits: int) -> str:
    return f"{value:.{digits}f}"


def who(life: Life) -> str:
    return f"{life.namespace}/{life.name}"
