"""What benchmarks/ makes of its figures: verdicts, the page, curves. The figures themselves are in tests/engine.

`python -m tests.unit.test_benchmarks` writes the golden page and picture anew, from benchmarks/*.json beside this.
"""

import dataclasses
import itertools
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import __main__ as bench
from benchmarks import command, figures, page, picture
from benchmarks.cold.__main__ import _make_removable
from benchmarks.figures import Column, Curve, Goal, Line, Part, Row, Table
from benchmarks.start.scratch import ENVIRONMENT, NODE, UP, VERIFIED, Ran, phases

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "benchmarks"
PAGE = GOLDEN / "page.md"
CURVE = GOLDEN / "curve.svg"


def parts() -> list[Part]:
    return [figures.read(GOLDEN / f"{name}.json") for name in ("webs", "cars")]


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        (Goal("a file", [0.2, 0.25, 0.9], 0.25, "Never.", unit="s"), "Reached: a file: 0.25 s, of at most 0.25 s."),
        (
            Goal("a file", [0.2, 0.26, 0.9], 0.25, "The disk is slow.", unit="s"),
            "**Missed**: a file: 0.26 s, of at most 0.25 s. The disk is slow.",
        ),
        (
            Goal("a ratio", [1.052], 1.05, "It is close."),
            "**Missed**: a ratio: 1.052, of at most 1.050. It is close.",
        ),
        (
            Goal("objects a second", [10_000], 10_000, "Never.", ",.0f", is_least=True),
            "Reached: objects a second: 10,000, of at least 10,000.",
        ),
        (
            Goal("objects a second", [9_999.0], 10_000, "Each is read.", ",.0f", is_least=True),
            "**Missed**: objects a second: 9,999, of at least 10,000. Each is read.",
        ),
    ],
)
def test_a_verdict_is_computed(goal: Goal, said: str) -> None:
    assert page.verdict(goal) == said


def test_the_page_is_made_of_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "HERE", GOLDEN)
    assert page.page(parts(), absent=["ships"]) == PAGE.read_text()


def test_what_all_parts_share_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "HERE", GOLDEN)
    webs, cars = parts()
    said = page.page([webs, dataclasses.replace(cars, when="2026-11-27 09:00")])
    assert "Measured on 2026-11-27: 2 cores, 24 GiB, Linux x86_64, Python 3.11.7.\n" in said
    assert said.count("24 GiB") == 1


def test_a_template_names_what_can_stand_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(page, "HERE", tmp_path)
    (tmp_path / "cars").mkdir()
    (tmp_path / "cars" / "page.md").write_text("{tabel driven}\n")
    with pytest.raises(ValueError, match=re.escape("cars/page.md: {tabel driven} is nothing that can stand there")):
        page.section(parts()[1])


def test_a_curve_is_drawn_from_its_figures() -> None:
    (curve,) = (each.curve for each in parts() if each.curve)
    assert picture.drawn(curve) == CURVE.read_text()
    assert ElementTree.parse(CURVE).getroot().get("role") == "img"


@pytest.mark.parametrize("sizes", [[1], [1, 2], [1_000, 1_001, 100_000]])
@pytest.mark.parametrize("most", [0.003, 1, 99, 1e6])
def test_any_curve_can_be_drawn(sizes: list[int], most: float) -> None:
    lines = [Line(f"line {number}", "blue", [(size, [most, most / 2]) for size in sizes]) for number in range(4)]
    drawn = ElementTree.fromstring(picture.drawn(Curve("A title", "About it", "sizes", lines)))
    texts = [each for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    names = sorted(float(each.get("y", "")) for each in texts if (each.text or "").startswith("line "))
    assert len(names) == 4
    assert all(below - above >= picture._GAP - 0.11 for above, below in itertools.pairwise(names))
    dots = [float(each.get("cy", "")) for each in drawn.iter("{http://www.w3.org/2000/svg}circle")]
    assert all(picture._TOP <= each <= picture._TOP + picture._PLOT for each in dots)


def test_figures_are_kept_as_they_are(tmp_path: Path) -> None:
    for part in parts():
        part.write(tmp_path)
        assert figures.read(figures.file(tmp_path, part.name)) == part


def test_no_figure_is_an_empty_cell() -> None:
    table = Table(["what"], [Column("s", spread=True), Column("MiB")], [Row(["one"], [[], [2.0]])])
    assert page.table_of(table) == "| what | s | MiB |\n| --- | ---: | ---: |\n| one |  | 2.00 |\n"


def test_each_benchmark_is_on_the_page() -> None:
    """And has its words beside it."""
    assert sorted(each.parent.name for each in ROOT.glob("benchmarks/*/__main__.py")) == sorted(bench.PARTS)
    assert sorted(each.parent.name for each in ROOT.glob("benchmarks/*/page.md")) == sorted(bench.PARTS)


def test_where_figures_go_is_not_in_the_command() -> None:
    assert command._without_raw(["--sizes", "10", "--raw", "/tmp/a b", "--quick"]) == ["--sizes", "10", "--quick"]
    assert command._without_raw(["--quick"]) == ["--quick"]


def test_a_page_is_not_made_of_some_parts_by_chance(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever measures one part in a fresh clone keeps the page of all the others."""
    for each in bench.PARTS[1:]:
        dataclasses.replace(parts()[1], name=each).write(tmp_path)
    monkeypatch.setattr(bench, "_measure", lambda *_: True)
    assert bench.main(["--out", str(tmp_path), "--only", "rules"]) == 0
    assert capsys.readouterr().err == (
        f"{tmp_path / 'benchmarks.md'} stays as it is: {tmp_path} has no figures of component yet. "
        "`--page` makes it without.\n"
    )
    assert not (tmp_path / "benchmarks.md").exists()
    assert bench.main(["--out", str(tmp_path), "--page"]) == 0
    assert "Not measured yet: `python -m benchmarks.component`.\n" in (tmp_path / "benchmarks.md").read_text()
    assert capsys.readouterr().err == f"written: {tmp_path / 'benchmarks.md'}\n"


def test_the_phases_of_a_demo() -> None:
    """A build's own time is not the phase's in which it falls."""
    lines = [
        (2.0, "environment: .venv"),
        (30.0, "machine: Debian GNU/Linux 13 (trixie), x86_64, cgroup v2, Python 3.13.5 (checked: Debian 12)"),
        (50.0, "kubernetes-v1.37.2 … 20 s"),
        (383.0, "kubernetes-v1.37.2: 350.5 s"),
        (383.1, "pause: in the cache"),
        (400.0, "node: up and Ready: 8.0 s"),
        (400.1, "node: Ready after 8.0 s (https://127.0.0.1:40667)"),
        (600.0, "pulumi-v3.259.0: 179.0 s"),
        (640.1, "As on the page: the Pod runs, and its postStart handler has written the message."),
    ]
    ran = phases(lines, 645.0)
    assert ran == Ran(
        645.0,
        {
            ENVIRONMENT: 30.0,
            NODE: pytest.approx(400.1 - 30 - 350.5),
            UP: pytest.approx(640.1 - 400.1 - 179),
            VERIFIED: pytest.approx(4.9),
        },
        {"kubernetes-v1.37.2": 350.5, "pulumi-v3.259.0": 179.0},
    )
    assert sum(ran.phases.values()) + sum(ran.builds.values()) == pytest.approx(ran.whole)


def test_what_go_downloads_can_be_removed(tmp_path: Path) -> None:
    module = tmp_path / "GOMODCACHE" / "module@v1"
    module.mkdir(parents=True)
    module.chmod(0o500)
    _make_removable(tmp_path)
    assert module.stat().st_mode & 0o777 == 0o700


if __name__ == "__main__":
    page.HERE = GOLDEN  # type: ignore[misc]
    PAGE.write_text(page.page(parts(), absent=["ships"]))
    CURVE.write_text("".join(picture.drawn(each.curve) for each in parts() if each.curve))
