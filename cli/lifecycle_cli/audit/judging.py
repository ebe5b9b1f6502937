"""The judgement of `check`, on objects of a cluster: the same configuration, the same exemptions."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any, Final

from kubernetes_lifecycle.exemptions import ANNOTATION
from kubernetes_lifecycle.judgement import Judgement
from kubernetes_lifecycle.not_judged import Ledger
from kubernetes_lifecycle.objects import Object, Values
from lifecycle_rules import pod_specs
from lifecycle_rules.versions import LATEST, OLDEST, Kubernetes

from ..configuration import Configuration
from .workloads import Finding

_MINOR: Final = re.compile(r"v?1\.(\d{1,3})(?:\.(\d+))?", re.ASCII)  # and what a distributor puts behind it


class Judging:
    """Judges objects one after the other, and notes what is exempt."""

    def __init__(self, configuration: Configuration, today: datetime.date | None = None) -> None:
        self._configuration = configuration
        self._today = today or datetime.date.today()
        self.ledger = Ledger(configuration.settings, self._today)
        self.exempted: list[str] = []
        self.notes: list[str] = []

    def judge(self, kind: str, obj: Mapping[str, Any]) -> tuple[list[Finding], int]:
        """The findings that are held against it, and how many are exempt."""
        metadata = obj.get("metadata")
        name = metadata.get("name") if isinstance(metadata, dict) else None
        value = {**obj, "kind": kind}
        held = Object(f"{kind}/{name}", kind, name if isinstance(name, str) else "", Values(value))
        if self.ledger.excludes(held):
            return [], 0
        settings = self._configuration.settings
        judgement = Judgement.of(held, settings, self._today)
        if judgement.exempted or settings.exemptions or _is_annotated(value):  # the ledger looks at every value
            self.exempted += (f"{kind}/{name}: {each}" for each in self.ledger.exempted(held, judgement))
            self.notes += (f"{kind}/{name}: {each}" for each in self.ledger.misspelt(held, judgement))
        violations = [each for of in judgement.violations.values() for each in of]
        found = [
            Finding(
                each.rule.id,
                self._configuration.level(each.rule),
                each.path,
                f"{each.what}{each.expired}",
                each.rule.fix,
                each.container,
            )
            for each in violations
            if each.rule.id in self._configuration.selected
        ]
        return found, len(judgement.exempted)


def _is_annotated(obj: Mapping[str, Any]) -> bool:
    """Whether an exemption may stand in it: in its own annotations, or in those of a pod template."""
    return any(
        ANNOTATION in annotations
        for path in ("", *(pod.path for pod in pod_specs(str(obj.get("kind", "")), obj)))
        for _, annotations in Object("", "", "", Values(dict(obj))).annotations(path)
    )


def known_version(told: str) -> tuple[str, str]:
    """The version by which a cluster is judged, and what to say of it: nothing, if the rules know it.

    `1.33.4-eks-1234` is 1.33.4; one that is too old, or no version, is taken for the nearest that the rules know.
    """
    found = _MINOR.match(told)
    if found is None:
        what = f"the cluster's version, {told or 'which it does not report'}, cannot be parsed: judged as {LATEST}"
        return LATEST, what
    version = found[0].removeprefix("v")
    try:
        Kubernetes.parse(version)
    except ValueError:
        what = f"the cluster is Kubernetes {version}; the rules know only {OLDEST} and later: judged as {OLDEST}"
        return OLDEST, what
    return version, ""
