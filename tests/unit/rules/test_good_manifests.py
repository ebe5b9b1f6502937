"""Manifests that a careful engineer would run: what is found in them is a false alarm, or a hint that was seen."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from lifecycle_rules import Finding, Group, check, containers, pod_specs

FOLDER = Path(__file__).parents[2] / "manifests" / "good"
FILES = sorted(path.name for path in FOLDER.glob("*.yaml"))
PRACTICE: dict[str, set[str]] = {
    "coredns.yaml": {"serve-no-delay"},
    "ingress-nginx-controller.yaml": {"wedge-grace"},
    "job-two-steps-side-by-side.yaml": {"prestop-in-job"},
    "keycloak-https-hook.yaml": {"httpget-https"},
    "rabbitmq-statefulset.yaml": {"grace-too-long"},
    "traefik-own-grace.yaml": {"serve-no-delay"},
    "training-job-checkpoint-on-eviction.yaml": {"prestop-in-job"},
    "video-transcoder.yaml": {"grace-too-long"},
}


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text()))


def found(name: str) -> list[Finding]:
    return [finding for obj in documents(name) for finding in check(obj["kind"], obj)]


def is_hooked(obj: dict[str, Any]) -> bool:
    all_containers = [each for pod in pod_specs(obj["kind"], obj) for each in containers(pod)]
    return any(isinstance(each.hook(event), dict) for each in all_containers for event in ("postStart", "preStop"))


@pytest.mark.parametrize("name", FILES)
def test_there_is_nothing_wrong_with(name: str) -> None:
    wrong = [(each.rule.id, each.path, each.message) for each in found(name) if each.rule.group is not Group.PRACTICE]
    assert wrong == []


@pytest.mark.parametrize("name", FILES)
def test_hints_are_as_they_were_seen(name: str) -> None:
    hints = {each.rule.id for each in found(name) if each.rule.group is Group.PRACTICE}
    assert hints == PRACTICE.get(name, set())


def test_there_are_enough_of_them() -> None:
    with_pods = [obj for name in FILES for obj in documents(name) if list(pod_specs(obj["kind"], obj))]
    assert len(with_pods) >= 60
    assert sum(map(is_hooked, with_pods)) >= 40


def test_what_is_listed_is_there() -> None:
    assert sorted(PRACTICE.keys() - set(FILES)) == []
