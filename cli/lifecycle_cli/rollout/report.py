"""What is shown: rows while it runs, a summary after it, and the same as data."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TextIO

from rich.console import Console
from rich.text import Text

from .answers import Answer
from .blame import ONLY, Blame, blames
from .figures import Figures, as_json, by_second, figures, unkept
from .lives import ASKED, MARKS, Life
from .plan import TRAFFIC, Plan
from .saving import Saving, savings
from .session import Seen

_HEAD: Final = "   sent    lost   p50 ms   p99 ms   how they were lost"
_TRAFFIC_WORDS: Final = {
    "fresh": "a connection each",
    "kept": "kept connections",
    "long": "long requests",
}


class Rows:
    """While it runs: a row for each second, a line for each thing that befalls a Pod. They scroll; nothing flickers."""

    def __init__(self, out: TextIO) -> None:
        self._console = Console(file=out, highlight=False, soft_wrap=True)
        self._shown = 0

    def begin(self, what: str, plan: Plan) -> None:
        self._console.print(
            f"{what}: {plan.rate:g} requests/s to {plan.url} for {plan.seconds:g} s at most", markup=False
        )
        self._console.print(Text(f"{'second':>9}{_HEAD}", "bold"))

    def row(self, seen: Seen, second: int) -> None:
        """Of the answers that came in that second. They are in the order of their end."""
        answers = seen.answers
        while self._shown and answers[self._shown - 1].ended >= second:
            self._shown -= 1
        while self._shown < len(answers) and answers[self._shown].ended < second:
            self._shown += 1
        end = self._shown
        while end < len(answers) and answers[end].ended < second + 1:
            end += 1
        of = figures(answers[self._shown : end])
        self._shown = end
        self._console.print(Text(f"{second:>7} s{_cells(of)}", "bold red" if of.total_lost else ""))

    def note(self, line: str) -> None:
        self._console.print(line, style="dim", markup=False)

    def interrupted(self, seen: Seen) -> None:
        lost = sum(each.is_lost for each in seen.answers)
        goes_on = "; the rollout itself goes on" if seen.restarted is not None else "; nothing was restarted"
        self._console.print(f"interrupted after {len(seen.answers):,} requests, {lost:,} lost{goes_on}", markup=False)


def _cells(of: Figures) -> str:
    p50, p99 = ("-" if each is None else f"{each * 1000:.1f}" for each in (of.p50, of.p99))
    how = ", ".join(f"{count:,} {kind}" for kind, count in of.lost.most_common())
    return f"{of.sent:>7,}{of.total_lost:>8,}{p50:>9}{p99:>9}   {how}".rstrip()


@dataclass
class Result:
    """What came of a rollout, with the findings."""

    what: str
    kind: str
    plan: Plan
    seen: Seen
    blamed: list[Blame]
    savings: list[Saving]
    unkept: str

    @classmethod
    def of(cls, what: str, kind: str, workload: dict[str, Any], plan: Plan, seen: Seen) -> Result:
        seen.answers.sort(key=lambda each: each.ended)
        blamed = blames(seen.answers, seen.lives, seen.start)
        cures = savings(workload, kind, blamed, seen.answers)
        return cls(what, kind, plan, seen, blamed, cures, unkept(seen.answers, seen.held))

    def as_text(self) -> str:
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        answers, seen = self.seen.answers, self.seen
        total = figures(answers)
        seconds = max((each.ended for each in answers), default=0.0)
        share = f" ({total.total_lost / total.sent:.2%})" if total.total_lost else ""
        yield ""
        yield f"{self.what}: {total.sent:,} requests in {seconds:.1f} s, {total.total_lost:,} lost{share}"
        yield ""
        yield f"{'':18}{_HEAD}"
        for traffic, words in _TRAFFIC_WORDS.items():
            if of := [each for each in answers if each.traffic == traffic]:
                yield f"{words:18}{_cells(figures(of))}"
        yield ""
        for life in sorted(seen.lives, key=lambda each: (not each.is_old, min(each.marks.values()))):
            yield from self._life(life)
        if self.savings:
            yield ""
            yield "What would have saved them (found by time; the client cannot see which Pod a connection led to):"
        for each in self.savings:
            rules = f" [{', '.join(each.rules)}]" if each.rules else ""
            yield f"    {each.of:,} lost: {each.text}{rules}"
        if self.unkept:
            yield ""
            yield f"This client did not keep its rate: {self.unkept}. Lower --rate, or use a less busy machine."

    def _life(self, life: Life) -> Iterator[str]:
        yield f"{'old' if life.is_old else 'new'} Pod {life.name}: {_marks(life, self.seen.start)}"
        mine = [each for each in self.blamed if each.life is life]
        for is_start in (False, True):
            of = [each for each in mine if each.is_start == is_start]
            if not of:
                continue
            kinds = Counter(each.answer.kind for each in of)
            words = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
            sure = sum(each.certainty == ONLY for each in of)
            may_be = (
                "" if sure == len(of) else f"; {len(of) - sure} of them may belong to another Pod that was ending then"
            )
            if is_start:
                yield f"    {len(of):,} lost in its first seconds: {words}{may_be}"
                continue
            times = [each.since[ASKED] for each in of]
            when = f"{min(times):.2f} to {max(times):.2f} s after its deletion was requested"
            yield f"    {len(of):,} lost, {when}: {words}{may_be}"

    def as_json(self) -> dict[str, Any]:
        """docs/rollout.schema.json. Times in seconds after `start`."""
        seen = self.seen
        answers = seen.answers
        losses = [_loss(each) for each in self.blamed]
        return {
            "workload": self.what,
            "url": self.plan.url,
            "start": _iso(seen.start),
            "restarted": _relative(seen.restarted, seen.start),
            "done": _relative(seen.done, seen.start),
            "plan": {**self.plan._asdict(), "most": self.plan.most},
            "total": as_json(figures(answers)),
            "traffic": {
                each: as_json(figures(of))
                for each in TRAFFIC
                if (of := [answer for answer in answers if answer.traffic == each])
            },
            "seconds": [{"second": second, **as_json(figures(of))} for second, of in by_second(answers).items()],
            "pods": [self._pod(life) for life in seen.lives],
            "losses": losses,
            "savings": [
                {"of": each.of, "rules": list(each.rules), "text": each.text, "leastPreStop": each.least_pre_stop}
                for each in self.savings
            ],
            "heldBack": seen.held,
            "rateNotKept": self.unkept or None,
            "problems": seen.problems,
        }

    def _pod(self, life: Life) -> dict[str, Any]:
        return {
            "name": life.name,
            "uid": life.uid,
            "address": life.address,
            "isOld": life.is_old,
            "marks": {each: _relative(life.marks[each], self.seen.start) for each in MARKS if each in life.marks},
            "exitCodes": life.exits,
            "lost": sum(each.life is life for each in self.blamed),
        }


def _marks(life: Life, start: float) -> str:
    words = []
    for each in MARKS:
        if each not in life.marks:
            continue
        at = life.marks[each]
        if each == "created" and life.is_old:
            continue
        if ASKED in life.marks and at > life.marks[ASKED]:
            words.append(f"{each} +{at - life.marks[ASKED]:.2f}")
        elif at >= start:
            words.append(f"{each} at {at - start:.2f} s")
    codes = ", ".join(f"{name} {code}" for name, code in life.exits.items())
    return (", ".join(words) or "there all the time") + (f" (exit code of {codes})" if codes else "")


def _loss(of: Blame) -> dict[str, Any]:
    answer: Answer = of.answer
    return {
        "traffic": answer.traffic,
        "sent": round(answer.sent, 4),
        "ended": round(answer.ended, 4),
        "kind": answer.kind,
        "detail": answer.detail,
        "isReused": answer.is_reused,
        "pod": of.life.name if of.life else None,
        "certainty": of.certainty,
        "isStart": of.is_start,
        "since": of.since,
    }


def _relative(at: float | None, start: float) -> float | None:
    return None if at is None else round(at - start, 3)


def _iso(at: float) -> str:
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).isoformat(timespec="milliseconds")
