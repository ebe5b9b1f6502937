"""The command says what the policy pack says, object by object: on all manifests that are in this repository."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import ROOT
from workloads import workload

from kubernetes_lifecycle.documents import chunks, load
from kubernetes_lifecycle.pack import build_policies
from kubernetes_lifecycle.pack.manifests import token
from kubernetes_lifecycle.pack.testing import Pack
from kubernetes_lifecycle.profiles import PROFILES
from lifecycle_cli.checking import Checker
from lifecycle_cli.configuration import PULUMIS, configuration
from lifecycle_cli.paths import Named

FILES = sorted((ROOT / "tests/manifests/good").glob("*.yaml"))


def objects(file: Path) -> Iterator[Any]:
    for chunk in chunks([file.read_text()]):
        value = load(chunk.text)
        if value is not None:
            yield value


def of_the_pack(file: Path, profile: str) -> Counter[str]:
    pack = Pack(build_policies(), PROFILES[profile])
    found = (each for obj in objects(file) for each in pack.analyze(token(obj), obj))
    return Counter(each.message for each in found if each.policy not in PULUMIS)


def of_the_command(file: Path, profile: str) -> Counter[str]:
    checker = Checker(configuration(None, profile, None, [], []))
    list(checker.check([Named(str(file), True)]))
    assert checker.report.problems == []
    return Counter(f"{each.path}: {each.what} [{each.rule.id}]. {each.rule.fix}" for each in checker.report.findings)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_same_findings(file: Path, profile: str) -> None:
    assert of_the_command(file, profile) == of_the_pack(file, profile)


def test_the_same_findings_in_what_breaks_the_rules(tmp_path: Path) -> None:
    """Each proof's Pod that breaks its rule."""
    import json

    from proofs import PROOFS

    found = 0
    for number, (rule, proof) in enumerate(PROOFS.items()):
        obj = workload(proof.kind, proof.fails)
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps({"apiVersion": "v1", "kind": proof.kind, **obj}))
        said = of_the_command(file, "default")
        assert said == of_the_pack(file, "default"), rule
        found += sum(said.values())
    assert found > len(PROOFS)
