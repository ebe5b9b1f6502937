"""Lives for programs; docs/trace.schema.json describes it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any, Final

from .clocks import SECOND
from .findings import findings
from .life import Bounds, Life, Limit, Mark, Row, Span, Time

VERSION: Final = 1


def document(lives: Iterable[Life]) -> dict[str, Any]:
    return {"version": VERSION, "lives": [_life(each) for each in lives]}


def _life(life: Life) -> dict[str, Any]:
    zero = datetime.datetime.fromtimestamp(life.zero // SECOND, datetime.timezone.utc)
    return {
        "namespace": life.namespace,
        "name": life.name,
        "uid": life.uid,
        "node": life.node,
        "state": life.state,
        "phase": life.phase,
        "gracePeriodSeconds": life.grace,
        "zero": f"{zero:%Y-%m-%dT%H:%M:%S}.{life.zero % SECOND:06d}Z",
        "rows": [_row(each) for each in life.rows],
        "findings": [each._asdict() for each in findings(life)],
        "gaps": [
            {"begin": _figure(each.begin), "end": _figure(each.end), "why": each.why, "missed": each.is_missed}
            for each in life.gaps
        ],
        "clocks": {
            "nodeAhead": _bounds(life.node_ahead),
            "clientAhead": _bounds(life.client_ahead),
            "nodeShownEarlier": _figure(life.shifted),
        },
        "notes": list(life.notes),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "role": row.role,
        "image": row.image,
        "spans": [_span(each) for each in row.spans],
        "marks": [_mark(each) for each in row.marks],
        "limit": _limit(row.limit),
    }


def _span(span: Span) -> dict[str, Any]:
    return {
        "what": span.what,
        "how": span.how,
        "begin": _time(span.begin),
        "end": _time(span.end) if span.end else None,
        "seconds": _bounds(span.seconds),
    }


def _mark(mark: Mark) -> dict[str, Any]:
    return {"what": mark.what, "text": mark.text, "trouble": mark.is_trouble, "at": _time(mark.at)}


def _limit(limit: Limit | None) -> dict[str, Any] | None:
    return limit and {"seconds": limit.seconds, "begin": _time(limit.begin), "end": _time(limit.end)}


def _time(time: Time) -> dict[str, Any]:
    return {
        "earliest": _figure(time.earliest),
        "latest": _figure(time.latest),
        "earliestBy": list(time.earliest_by),
        "latestBy": list(time.latest_by),
    }


def _bounds(bounds: Bounds) -> dict[str, Any]:
    return {"least": _figure(bounds.least), "most": _figure(bounds.most)}


def _figure(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
