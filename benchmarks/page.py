"""The figures as Markdown: tables, verdicts, a benchmark's section by its template, and the whole page.

A benchmark's words stand in `page.md` beside it. A line `{table NAME}` there becomes the table, `{curve}` its picture,
`{notes}` what it says of itself.
"""

import re
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks.figures import Goal, Part, Table, Values

HERE: Final = Path(__file__).parent
HEAD: Final = """\
# What it costs

`make bench` measures everything below and writes this page. [benchmarks/](../benchmarks/README.md) says what is
compared with what, and how to run a single part.
"""
_SLOT: Final = re.compile(r"^\{(?P<what>\w+)(?: (?P<name>[\w-]+))?\}\n", re.MULTILINE)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], labels: int = 1) -> str:
    """The first columns are words, the others figures."""
    lines = [head, ["---" if number < labels else "---:" for number in range(len(head))], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def figure(value: float, form: str, unit: str) -> str:
    """`1,030 µs`, `0.57`."""
    return f"{value:{form}} {unit}".rstrip()


def cell(values: Values, form: str, unit: str, *, with_spread: bool) -> str:
    """The median, with the lowest and the highest where they are asked for and there is more than one value."""
    if not values:
        return ""
    said = figure(statistics.median(values), form, unit)
    if with_spread and len(values) > 1:
        said += f" ({min(values):{form}} to {max(values):{form}})"
    return said


def table_of(of: Table) -> str:
    rows = [
        [
            *row.labels,
            *(
                cell(values, column.form, column.unit, with_spread=column.spread)
                for column, values in zip(of.columns, row.cells, strict=True)
            ),
        ]
        for row in of.rows
    ]
    return table([*of.labels, *(each.head for each in of.columns)], rows, len(of.labels))


def _shown(goal: Goal) -> tuple[str, str]:
    """The figure and the limit, with so many digits that a difference shows."""
    whole, _, digits = goal.form.rstrip("f").partition(".")
    forms = [f"{whole}.{int(digits) + more}f" for more in range(4)]
    said = [(figure(goal.figure, form, goal.unit), figure(goal.limit, form, goal.unit)) for form in forms]
    return next((each for each in said if each[0] != each[1]), said[0])


def verdict(goal: Goal) -> str:
    """One sentence; where the goal is missed, with the cause."""
    measured, limit = _shown(goal)
    said = f"{goal.what}: {measured}, of {'at least' if goal.is_least else 'at most'} {limit}"
    return f"Reached: {said}." if goal.is_reached else f"**Missed**: {said}. {goal.cause}"


def section(part: Part, pictures: str | None = None) -> str:
    """The part by its template. `pictures` is the folder of the pictures, as the page names it; None: without."""
    template = (HERE / part.name / "page.md").read_text()

    def fill(slot: re.Match[str]) -> str:
        match slot["what"]:
            case "table":
                return table_of(part.tables[slot["name"]]) if slot["name"] in part.tables else ""
            case "notes":
                return _lines([*part.notes, *(" ".join(each.split()) for each in part.missing)])
            case "goals":
                return _lines([f"- {verdict(each)}" for each in part.goals])
            case "curve":
                return _picture(part, pictures) if part.curve and pictures is not None else ""
        raise ValueError(f"{part.name}/page.md: {slot[0].strip()} is nothing that can stand there")

    return re.sub(r"\n{3,}", "\n\n", _SLOT.sub(fill, template)).strip() + "\n"


def picture_file(part: Part) -> str:
    return f"bench-{part.name}.svg"


def page(parts: Sequence[Part], pictures: str = "pictures", absent: Sequence[str] = ()) -> str:
    """The whole page, the parts in this order; `absent` are those without figures."""
    return "\n".join(_page(parts, pictures, absent))


def _page(parts: Sequence[Part], pictures: str, absent: Sequence[str]) -> Iterator[str]:
    yield HEAD
    same = {(part.when.split()[0], part.machine) for part in parts}
    is_one_machine = len(same) == 1
    if is_one_machine:
        day, machine = same.pop()
        yield f"Measured on {day}: {machine}.\n"
    if absent:
        yield f"Not measured yet: {', '.join(f'`python -m benchmarks.{each}`' for each in absent)}.\n"
    goals = [(part, goal) for part in parts for goal in part.goals]
    reached = sum(goal.is_reached for _, goal in goals)
    yield f"{reached} of {len(goals)} goals are reached.\n"
    yield table(
        ["goal", "measured", "of", ""],
        [
            [
                f"[{part.name}](#{part.name}): {goal.what}",
                _shown(goal)[0],
                f"{'≥' if goal.is_least else '≤'} {_shown(goal)[1]}",
                "reached" if goal.is_reached else "**missed**",
            ]
            for part, goal in goals
        ],
    )
    for part in parts:
        yield f"## {part.name}\n"
        yield section(part, pictures)
        said = [f"`{part.command}`", f"load {part.load:.1f} at the start"]
        if part.repeats > 1:
            said.append(f"median of {part.repeats} (lowest to highest)")
        if not is_one_machine:
            said[:0] = [part.when, part.machine]
        yield f"{'; '.join(said)}.\n"


def _picture(part: Part, pictures: str) -> str:
    assert part.curve
    return f"![{part.curve.title}: {part.curve.about}]({pictures}/{picture_file(part)})\n"


def _lines(lines: Sequence[str]) -> str:
    return "".join(f"{each}\n" for each in lines)
