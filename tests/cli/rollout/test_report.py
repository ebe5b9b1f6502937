"""What is shown of a rollout: the summary word by word, JSON by its schema, the picture."""

import io
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from commands import ROOT

from lifecycle_cli.rollout.answers import FAILURES, Answer
from lifecycle_cli.rollout.command import status
from lifecycle_cli.rollout.lives import Lives
from lifecycle_cli.rollout.picture import drawn
from lifecycle_cli.rollout.plan import Plan
from lifecycle_cli.rollout.report import Result, Rows
from lifecycle_cli.rollout.session import Seen

from .objects import deployment, endpoints, pod

START = 1_700_000_000.0
PLAN = Plan("http://web/", 10, 60, 5, 0.5, 5)


def seen(*lost: Answer) -> Seen:
    """Ten requests a second for 12 s, of which `lost` were; one Pod replaced by another."""
    lives = Lives()
    lives.list_pods([pod("web-old")], START - 1)
    lives.list_slices([endpoints("web-old")], START - 1)
    lives.see_pod(pod("web-new", ready=False), START + 2)
    lives.see_pod(pod("web-new"), START + 3)
    lives.see_slice(endpoints("web-old", "web-new"), START + 3.1, is_gone=False)
    lives.see_pod(pod("web-old", deleted=True), START + 3.2)
    lives.see_slice(endpoints("web-new", terminating=("web-old",)), START + 3.25, is_gone=False)
    lives.see_pod(pod("web-old", deleted=True, ended=0), START + 3.6)
    lives.see_slice(endpoints("web-new"), START + 3.7, is_gone=False)
    lives.lose_pod(pod("web-old", deleted=True, ended=0), START + 4.5)
    dues = [number / 10 for number in range(120)]
    good = [Answer("fresh", due, due, due + 0.002, "answered", 200, False, "") for due in dues]
    return Seen(start=START, answers=[*good, *lost], lives=lives, restarted=START + 2, done=START + 4.5)


def refused(at: float) -> Answer:
    return Answer("fresh", at, at, at + 0.001, "refused", 0, False, "ECONNREFUSED")


def result(of: Seen) -> Result:
    return Result.of("Deployment shop/web", "Deployment", deployment(), PLAN, of)


SUMMARY = Path(__file__).with_name("summary.txt")


def test_the_summary() -> None:
    assert result(seen(refused(3.4), refused(3.5), refused(3.599))).as_text() == SUMMARY.read_text()


def test_the_json_is_of_its_schema() -> None:
    schema = json.loads((ROOT / "docs" / "rollout.schema.json").read_text())
    for of in (seen(), seen(refused(3.4), refused(30.0)), Seen(start=START)):
        document = json.loads(json.dumps(result(of).as_json()))
        jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
        assert document["total"]["lost"] == len(document["losses"])


@pytest.mark.parametrize(
    ("lost", "changes", "expected"),
    [
        ((), {}, 0),
        ((refused(3.4),), {}, 1),
        ((refused(1.0),), {"restarted": None}, 2),
        ((), {"problems": ["no rollout began"]}, 2),
        ((), {"held": 50}, 2),
        ((refused(3.4),), {"held": 50, "problems": ["x"]}, 1),
    ],
)
def test_the_exit_status(lost: tuple[Answer, ...], changes: dict[str, Any], expected: int) -> None:
    of = seen(*lost)
    for name, value in changes.items():
        setattr(of, name, value)
    if "restarted" in changes:
        of.problems.append("requests failed before anything was restarted")
    assert status(of, result(of)) == expected


def test_the_picture_is_well_formed_and_says_what_it_shows() -> None:
    root = ET.fromstring(drawn(result(seen(refused(3.4), refused(3.5)))))
    texts = ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "Deployment shop/web" in texts
    assert "122 requests, 2 lost; seconds after the first one" in texts
    assert any(text.startswith("old …eb-old, 2 lost") for text in texts)
    assert any(text.startswith("new …eb-new") for text in texts)
    ET.fromstring(drawn(result(Seen(start=START))))


def test_the_picture() -> None:
    """Word by word: after a change, look at what it draws, and write it anew."""
    picture = drawn(result(seen(refused(3.4), refused(3.5))))
    assert picture == Path(__file__).with_name("picture.svg").read_text()


def test_the_rows_of_the_seconds() -> None:
    out = io.StringIO()
    rows, of = Rows(out), seen(refused(3.4))
    of.answers.sort(key=lambda each: each.ended)
    for second in (2, 3):
        rows.row(of, second)
    two, three = (line.split() for line in out.getvalue().splitlines())
    assert two == ["2", "s", "10", "0", "2.0", "2.0"]
    assert three == ["3", "s", "11", "1", "2.0", "2.0", "1", "refused"]


def test_the_page_has_every_kind_of_loss() -> None:
    rows = re.findall(r"^\| ([\w ]+) \| [^|]+ \|$", (ROOT / "docs" / "rollout.md").read_text(), re.MULTILINE)
    assert [each for each in rows if each != "kind"][: len(FAILURES)] == list(FAILURES)
