"""For programs: the rows as JSON or YAML (docs/audit.schema.json)."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..cluster.errors import Need
from . import summary
from .figures import Bounds, Hook
from .workloads import STATIC, Row, Workload

VERSION = 1


def report(
    workloads: Sequence[Workload], unknown: Counter[str], missing: Sequence[Need], about: Mapping[str, Any]
) -> dict[str, Any]:
    """All of it."""
    return {
        "version": VERSION,
        **about,
        "workloads": [_workload(each) for each in workloads],
        "summary": summary.data(workloads, unknown),
        "notSeen": [
            {"verb": each.verb, "resource": each.resource, "namespace": each.namespace, "rule": each.rule()}
            for each in missing
        ],
    }


def written(output: str, found: Mapping[str, Any]) -> str:
    if output == "json":
        return json.dumps(found, indent=2) + "\n"
    import yaml

    return str(yaml.safe_dump(json.loads(json.dumps(found)), sort_keys=False, allow_unicode=True))


def _workload(each: Workload) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "namespace": each.namespace,
        "name": each.name,
        "listed": not each.owner,
        "static": each.state == STATIC,
        "pods": None if each.has_unseen_pods else each.pods,
        "ready": None if each.has_unseen_pods else each.ready,
        "gracePeriodSeconds": each.grace,
        "services": [
            {
                "name": name,
                "endpoints": found.of,
                "ready": None if "EndpointSlice" in each.unseen else found.ready,
            }
            for name, found in each.services.items()
        ],
        "containers": [_row(row, each) for row in each.rows.values()],
        "findings": [
            {
                "rule": found.rule,
                "level": found.level,
                "path": found.path,
                "container": found.container,
                "message": found.what,
                "fix": found.fix,
            }
            for found in each.findings
        ],
        "exempted": each.exempted,
    }


def _row(row: Row, workload: Workload) -> dict[str, Any]:
    stop = row.stop
    return {
        "name": row.name,
        "role": row.role.value,
        "injected": row.injected,
        "path": row.path,
        "postStart": _hook(row.post_start),
        "preStop": _hook(row.pre_stop),
        "stopSignalSeconds": _bounds(stop.signal) if stop else None,
        "leftSeconds": _bounds(stop.left) if stop else None,
        "killSeconds": _bounds(stop.kill) if stop else None,
        "readiness": row.readiness or None,
        "restarts": None if workload.has_unseen_pods else row.restarts,
        "hookFailures": {
            reason: {"count": each.times, "last": each.last or None} for reason, each in row.failures.items()
        },
    }


def _hook(hook: Hook | None) -> dict[str, Any] | None:
    if hook is None:
        return None
    return {
        "action": hook.action,
        "seconds": _bounds(hook.takes),
        "failsBy": hook.failing or None,
        "source": hook.source,
    }


def _bounds(bounds: Bounds) -> dict[str, Any]:
    """`most` is null where nothing is known to end it."""
    least, most = (None if each == math.inf else int(each) if each == int(each) else each for each in bounds)
    return {"least": least, "most": most}
