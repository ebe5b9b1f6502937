"""The forms of a report: each is what its readers take, whatever the file and the object are named."""

import json
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from commands import lifecycle, on_a_terminal

from lifecycle_rules.catalogue import RULES

ODD = 'od,d:%\n<&".yaml'
TEXT = """\
apiVersion: v1
kind: Pod
metadata: {name: "a%0A::b, <c>&\\u0001"}
spec:
  containers:
  - {name: "x\\n::error::y\\"", image: "nginx:1", lifecycle: {preStop: {sleep: {seconds: 40}}}}
"""
PATH = "spec.containers[0].lifecycle.preStop.sleep"
WHAT = "Invalid value: 40: must be non-negative and less than terminationGracePeriodSeconds (30)"
FORMS = ("text", "json", "sarif", "github", "junit")
(RULE,) = [each for each in RULES if each.id == "sleep-bounds"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ODD).write_text(TEXT)
    (tmp_path / "broken.yaml").write_text("a: [\n")
    return tmp_path


def said(folder: Path, output: str, *paths: str, status: int = 1) -> str:
    done = lifecycle("check", "--output", output, *paths, cwd=folder)
    assert (done.status, done.err) == (status, "")
    return done.out


def test_github(folder: Path) -> None:
    assert said(folder, "github", ".", status=2).splitlines() == [
        f'::error file=od%2Cd%3A%25%0A<&".yaml,line=6,col=71,endColumn=90,title=sleep-bounds%3A {RULE.title}'
        f"::Pod a%250A::b, <c>&\x01: {PATH}: {WHAT}. {RULE.fix}",
        "::error file=broken.yaml,line=2,title=not judged::"
        "while parsing a flow node, did not find expected node content",
        "2 files, 1 object: 1 error; 1 not judged",
    ]


def test_junit_is_xml(folder: Path) -> None:
    suites = ElementTree.fromstring(said(folder, "junit", ".", status=2))
    assert suites.attrib == {"name": "lifecycle check", "tests": "2", "failures": "1", "errors": "1"}
    found, not_judged = suites
    assert found.attrib == {"name": ODD, "tests": "1", "failures": "1", "errors": "0"}
    (case,) = found
    assert case.attrib == {
        "classname": ODD,
        "name": f"sleep-bounds Pod a%0A::b, <c>&\ufffd {PATH}",
        "file": ODD,
        "line": "6",
    }
    (failure,) = case
    assert failure.attrib == {"type": "error", "message": WHAT}
    assert failure.text == f"{ODD}:6:71: {WHAT}\nKubernetes: {RULE.why}\nFix: {RULE.fix}"
    ((error,),) = not_judged
    assert error.attrib == {"message": "while parsing a flow node, did not find expected node content"}


def test_json(folder: Path) -> None:
    document = json.loads(said(folder, "json", ".", status=2))
    fingerprint = document["findings"][0]["fingerprint"]
    assert document == {
        "version": 1,
        "findings": [
            {
                "file": ODD,
                "line": 6,
                "column": 71,
                "level": "error",
                "rule": "sleep-bounds",
                "title": RULE.title,
                "kind": "Pod",
                "namespace": "",
                "name": "a%0A::b, <c>&\x01",
                "container": 'x\n::error::y"',
                "path": PATH,
                "message": WHAT,
                "why": RULE.why,
                "fix": RULE.fix,
                "fingerprint": fingerprint,
            }
        ],
        "notJudged": [
            {
                "file": "broken.yaml",
                "line": 2,
                "column": 1,
                "what": "while parsing a flow node, did not find expected node content",
            }
        ],
        "exempted": [],
        "notes": [],
        "summary": {
            "files": 2,
            "objects": 1,
            "findings": {"error": 1, "warning": 0, "info": 0},
            "exempted": 0,
            "notJudged": 1,
            "inBaseline": 0,
            "goneFromBaseline": 0,
            "withoutObject": 0,
            "templates": 0,
        },
    }
    assert len(fingerprint) == 32


def sarif(text: str) -> Any:
    """A log, which is valid by the published schema too where SARIF_SCHEMA names a copy of it."""
    log = json.loads(text)
    if schema := os.environ.get("SARIF_SCHEMA"):
        read = json.loads(Path(schema).read_text())
        jsonschema.validators.validator_for(read)(read).validate(log)
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])
    return run


def test_sarif(folder: Path) -> None:
    run = sarif(said(folder, "sarif", ".", status=2))
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("sleep-bounds", "error")
    assert result["message"] == {"text": f"Pod a%0A::b, <c>&\x01: {PATH}: {WHAT}. {RULE.fix}"}
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "od%2Cd%3A%25%0A%3C%26%22.yaml"},
        "region": {"startLine": 6, "startColumn": 71, "endColumn": 91},
    }
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["locations"][0]["physicalLocation"]["region"] == {"startLine": 2, "startColumn": 1}


def test_sarif_without_findings_and_of_standard_input(tmp_path: Path) -> None:
    good = TEXT.replace("40", "5")
    done = lifecycle("check", "--output", "sarif", "-", cwd=tmp_path, stdin=good)
    assert (done.status, done.err) == (0, "")
    run = sarif(done.out)
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    done = lifecycle("check", "--output", "sarif", "-", cwd=tmp_path, stdin=TEXT)
    (result,) = sarif(done.out)["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "stdin.yaml"}


def test_a_fingerprint_survives_a_moved_line_and_is_no_others(tmp_path: Path) -> None:
    def prints(text: str) -> list[str]:
        done = lifecycle("check", "--output", "sarif", "-", cwd=tmp_path, stdin=text)
        return [each["partialFingerprints"]["lifecycleFinding/v1"] for each in sarif(done.out)["results"]]

    (first,) = prints(TEXT)
    assert prints(f"# moved\n\n---\n{TEXT}") == [first]
    twice = prints(f"{TEXT}---\n{TEXT}")
    assert twice[0] == first
    assert len(set(twice)) == 2


def test_a_fix_in_sarif_is_what_fix_writes(tmp_path: Path) -> None:
    hook = "lifecycle: {preStop: {exec: {command: [sleep, '5']}}}"
    path = tmp_path / "a.yaml"
    path.write_bytes(TEXT.replace("lifecycle: {preStop: {sleep: {seconds: 40}}}", hook).replace("\n", "\r\n").encode())
    run = sarif(said(tmp_path, "sarif", "a.yaml", status=0))
    (result,) = run["results"]
    ((replacement,),) = [change["replacements"] for change in result["fixes"][0]["artifactChanges"]]
    region = replacement["deletedRegion"]
    lines = path.read_bytes().decode().split("\n")
    lines[region["startLine"] - 1 : region["endLine"] - 1] = replacement["insertedContent"]["text"].split("\n")[:-1]
    assert lifecycle("check", "--fix", "a.yaml", cwd=tmp_path).status == 0
    assert path.read_bytes().decode() == "\n".join(lines)


@pytest.mark.parametrize("output", ["text", "sarif"])
@pytest.mark.parametrize(
    ("args", "status"),
    [
        (["good.yaml"], 0),
        (["found.yaml"], 1),
        (["broken.yaml"], 2),
        (["good.yaml", "found.yaml"], 1),
        (["good.yaml", "broken.yaml"], 2),
        (["found.yaml", "broken.yaml"], 2),
        (["--fail-on", "info", "good.yaml"], 0),
        (["--ignore", "sleep-bounds", "found.yaml"], 0),
    ],
)
def test_exit_status(output: str, args: list[str], status: int, tmp_path: Path) -> None:
    (tmp_path / "found.yaml").write_text(TEXT)
    (tmp_path / "good.yaml").write_text(TEXT.replace("40", "5"))
    (tmp_path / "broken.yaml").write_text("a: [\n")
    said(tmp_path, output, *args, status=status)


def test_names_do_not_act_on_a_terminal(tmp_path: Path) -> None:
    name = "a\x1b[2J.yaml"
    (tmp_path / name).write_text(TEXT.replace('name: "x', 'name: "\\e[2J'))
    (tmp_path / "b\x1b[2J.yaml").write_text("a: [\n")
    for shown in (on_a_terminal("check", ".", cwd=tmp_path), said(tmp_path, "text", ".", status=2)):
        assert "\x1b[2J" not in shown
        assert "a\\x1b[2J.yaml" in shown
        assert "b\\x1b[2J.yaml" in shown
        assert "container \\x1b[2J" in shown


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colours_where_they_are_not_wanted(env: dict[str, str], folder: Path) -> None:
    if "TERM" not in env:  # which `on_a_terminal` gives
        assert "\x1b" not in on_a_terminal("check", ".", cwd=folder, **env)
    assert "\x1b" in on_a_terminal("check", ".", cwd=folder)
    assert "\x1b" not in said(folder, "text", ".", status=2)


def test_an_encoding_without_these_characters(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(TEXT.replace('name: "x', 'name: "日本'))
    for output in FORMS:
        done = lifecycle("check", "--output", output, ".", cwd=tmp_path, PYTHONIOENCODING="ascii")
        assert (done.status, done.err) == (1, "")
