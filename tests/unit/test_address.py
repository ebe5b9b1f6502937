"""The repository's address is written in one place; what cannot read it there agrees with it."""

import json
import re
from pathlib import Path

import pytest

from kubernetes_lifecycle.pack import build_policies
from lifecycle_rules import address

ROOT = Path(__file__).parents[2]
ADDRESS = "https://github.com/acme/lifecycle-demo"
TEMPLATE = "lifecycle-demo @ git+{}@v0.1.0#subdirectory=components"
POD = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: c, lifecycle: {}}]}
"""


def sarif(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    from lifecycle_cli.main import main

    (tmp_path / "pod.yaml").write_text(POD)
    main(["check", "--no-config", "--output", "sarif", str(tmp_path / "pod.yaml")])
    driver: dict[str, object] = json.loads(capsys.readouterr().out)["runs"][0]["tool"]["driver"]
    return driver


def test_before_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No address at all: half of one would be a link that leads nowhere."""
    monkeypatch.setattr(address, "REPOSITORY", "")
    assert {each.url for each in build_policies()} == {None}
    driver = sarif(tmp_path, capsys)
    assert "informationUri" not in driver
    assert not any("helpUri" in each for each in driver["rules"])  # type: ignore[attr-defined]


def test_once_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(address, "REPOSITORY", ADDRESS)
    for each in build_policies():
        assert each.url == f"{ADDRESS}/blob/HEAD/docs/policies.md#{each.name}"
    driver = sarif(tmp_path, capsys)
    assert driver["informationUri"] == ADDRESS
    assert [each["helpUri"] for each in driver["rules"]] == [  # type: ignore[attr-defined]
        f"{ADDRESS}/blob/HEAD/docs/rules.md#lifecycle-empty",
        f"{ADDRESS}/blob/HEAD/docs/policies.md",  # of pre-stop-required, which is the pack's own
    ]


def test_the_template_s_requirement() -> None:
    """With the documentation's placeholder, as long as there is no address."""
    lines = (ROOT / "template/requirements.txt").read_text().splitlines()
    assert TEMPLATE.format(address.REPOSITORY or "https://…/lifecycle-demo") in lines


def test_no_other_file_of_code_has_it() -> None:
    for folder in ("components", "policies", "cli", "sandbox"):
        for file in (ROOT / folder).rglob("*.py"):
            if file.name != "address.py":
                assert not re.search(r"https://\S+/lifecycle-demo\b(?!@)", file.read_text()), file
