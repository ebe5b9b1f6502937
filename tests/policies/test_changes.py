"""What a preview would do to Pods that run, told from the output of `pulumi preview --json`."""

import json
from pathlib import Path
from typing import Any

import pytest

from kubernetes_lifecycle.pack.changes import PreviewError, ended, main, markdown

URN = "urn:pulumi:dev::shop::"


def step(op: str, kind: str, name: str, **more: Any) -> dict[str, Any]:
    token = f"kubernetes:{kind}"
    state = {"type": token, "urn": f"{URN}{token}::{name}"}
    which = {"oldState": state} if op == "delete" else {"newState": state}
    return {"op": op, "urn": state["urn"], **which, **more}


def preview(*steps: dict[str, Any]) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for each in steps:
        counts[each["op"]] = counts.get(each["op"], 0) + 1
    return {"steps": list(steps), "changeSummary": counts}


REASON = {"replaceReasons": ["spec.containers[0].image"]}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (step("replace", "core/v1:Pod", "web", **REASON), ("Pod", "web", "replaced", ("spec.containers[0].image",))),
        (step("delete", "core/v1:Pod", "web"), ("Pod", "web", "deleted", ())),
        (step("delete", "apps/v1:Deployment", "web"), ("Deployment", "web", "deleted", ())),
        (step("replace", "batch/v1:Job", "once"), ("Job", "once", "replaced", ())),
        (step("replace", "apps/v1:StatefulSetPatch", "db"), ("StatefulSet", "db", "replaced", ())),
    ],
)
def test_what_ends(given: dict[str, Any], found: tuple[Any, ...]) -> None:
    assert ended(preview(given)) == [found]


@pytest.mark.parametrize(
    "given",
    [
        step("create", "core/v1:Pod", "web"),
        step("update", "core/v1:Pod", "web"),
        step("same", "core/v1:Pod", "web"),
        step("update", "apps/v1:Deployment", "web"),
        step("replace", "core/v1:ConfigMap", "web"),
        step("delete", "core/v1:Service", "web"),
        {"op": "delete", "urn": f"{URN}aws:ecs/service:Job::x", "oldState": {"type": "aws:ecs/service:Job"}},
        {"op": "delete", "urn": f"{URN}pulumi:providers:kubernetes::x", "oldState": None},
    ],
)
def test_what_goes_on(given: dict[str, Any]) -> None:
    assert ended(preview(given)) == []


def test_markdown() -> None:
    given = preview(
        step("replace", "core/v1:Pod", "web", **REASON),
        step("delete", "apps/v1:Deployment", "api"),
        step("same", "core/v1:Pod", "b"),
    )
    assert markdown(given) == (
        "1 to replace, 1 to delete\n"
        "\n"
        "| ends | how | because of |\n"
        "|---|---|---|\n"
        "| Pod `web` | replaced | `spec.containers[0].image` |\n"
        "| Deployment `api` | deleted |  |\n"
    )
    assert markdown(preview(step("same", "core/v1:Pod", "b"))) == "No changes.\n"


@pytest.mark.parametrize("given", [[], {}, {"steps": None}, {"steps": [], "changeSummary": {}}, {"steps": []}])
def test_what_is_no_finished_preview(given: Any) -> None:
    with pytest.raises(PreviewError, match=r"^not the output of a finished `pulumi preview --json`$"):
        ended(given)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "preview.json"
    file.write_text(json.dumps(preview(step("create", "core/v1:Pod", "web"))))
    assert (main([str(file)]), *capsys.readouterr()) == (0, "1 to create\n", "")
    file.write_text(json.dumps(preview(step("delete", "core/v1:Pod", "web"))))
    assert main([str(file)]) == 1
    capsys.readouterr()
    file.write_text("error: no stack selected")
    assert (main([str(file)]), *capsys.readouterr()) == (2, "", f"{file}: Expecting value: line 1 column 1 (char 0)\n")
    file.write_text("{}")
    assert (main([str(file)]), *capsys.readouterr()) == (
        2,
        "",
        f"{file}: not the output of a finished `pulumi preview --json`\n",
    )
    gone = tmp_path / "gone"
    assert (main([str(gone)]), *capsys.readouterr()) == (2, "", f"{gone}: No such file or directory\n")
