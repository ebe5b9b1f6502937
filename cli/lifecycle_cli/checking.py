"""Judges files: a few in this process, many in several at once, and always in the order in which they were named."""

from __future__ import annotations

import datetime
import os
import sys
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from kubernetes_lifecycle.documents import Chunk
from kubernetes_lifecycle.not_judged import Ledger

from .configuration import Configuration
from .judging import Exempted, Finding, Judge, Outcome, fingerprint_of
from .paths import Named
from .reading import Unreadable, chunks_of, read

if TYPE_CHECKING:
    from concurrent.futures import Future

    from .inspecting import Inspector

ALONE: Final = 1 << 18  # characters that this process judges itself: others take longer to start
BATCH: Final = 1 << 18  # characters that another process is given at once


class Problem(NamedTuple):
    """What could not be judged."""

    file: str
    line: int
    """0 where it is the file as a whole."""
    column: int
    what: str


@dataclass
class Report:
    """What came of a run."""

    findings: list[Finding] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    exempted: list[Exempted] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Of exemptions that exempt nothing, and of what is excluded."""
    read: list[str] = field(default_factory=list)
    """The files."""
    objects: int = 0
    others: int = 0
    """Documents that are no Kubernetes objects, in folders."""
    templates: int = 0
    """Files that are templates, in folders."""
    known: int = 0
    """Findings that a baseline has, which are not among these."""
    gone: list[str] = field(default_factory=list)
    """What a baseline has and was not found any more."""
    fixes: Mapping[str, Sequence[tuple[int, int, str]]] = field(default_factory=dict)
    """For each fingerprint, the lines of its fix: the first, the one after the last, and the new text."""


_Part = tuple[Named, Chunk | Unreadable | None]  # None: the file ends here
_Came = Outcome | Unreadable | None


class Checker:
    """Judges files, and makes the report."""

    def __init__(
        self,
        configuration: Configuration,
        today: datetime.date | None = None,
        inspector: Inspector | None = None,
    ) -> None:
        self.report = Report()
        self._configuration = configuration
        self._today = today or datetime.date.today()
        self._judge = Judge(configuration, self._today, inspector)
        self._unread: set[str] = set()
        self._is_alone = inspector is not None  # what one has read is not another's
        self._seen: Counter[str] = Counter()
        self._objects = self._others = self._problems = 0  # of the file that is being read
        self._is_template = False

    def check(self, files: Iterable[Named]) -> Iterator[str]:
        """Yields each file's name when it is judged."""
        for named, came in self._judged(_parts(files)):
            if came is None:
                self._end(named)
                yield named.path
            elif isinstance(came, Unreadable):
                self._unreadable(named, came)
            else:
                self._add(came)
        self.report.notes += self._judge.ledger.of_configuration()

    def _judged(self, parts: Iterator[_Part]) -> Iterator[tuple[Named, _Came]]:
        size = 0
        for named, part in parts:
            yield named, came(self._judge, named, part)
            size += len(part.text) if isinstance(part, Chunk) else 0
            if size > ALONE and not self._is_alone and _processors() > 1:
                yield from self._side_by_side(parts)
                return

    def _side_by_side(self, parts: Iterator[_Part]) -> Iterator[tuple[Named, _Came]]:
        import multiprocessing  # takes longer than a small check does
        from concurrent.futures import ProcessPoolExecutor

        workers = min(_processors(), 8)
        context = multiprocessing.get_context("fork")
        waiting: deque[tuple[Sequence[_Part], Future[tuple[list[_Came], Ledger]]]] = deque()
        given = (self._configuration, self._today)
        with ProcessPoolExecutor(workers, context, initializer=_begin, initargs=given) as pool:
            for batch in _batches(parts):
                waiting.append((batch, pool.submit(_batch, batch)))
                if len(waiting) > 2 * workers:
                    yield from self._result(*waiting.popleft())
            while waiting:
                yield from self._result(*waiting.popleft())

    def _result(
        self, batch: Sequence[_Part], future: Future[tuple[list[_Came], Ledger]]
    ) -> Iterator[tuple[Named, _Came]]:
        from concurrent.futures.process import BrokenProcessPool

        try:
            found, ledger = future.result()
        except BrokenProcessPool:
            for named, part in batch:
                line = part.line if isinstance(part, Chunk) else 0
                yield (
                    named,
                    Unreadable(named.path, "the process that read it ended unexpectedly", line) if part else None,
                )
            return
        self._judge.ledger.merge(ledger)
        yield from zip((named for named, _ in batch), found, strict=True)

    def _add(self, outcome: Outcome) -> None:
        self._objects += outcome.objects
        self._others += outcome.others
        self.report.exempted += outcome.exempted
        for image in outcome.unread:
            if image.problem not in self._unread:  # said once, however many hooks it has
                self._unread.add(image.problem)
                self.report.problems.append(Problem(image.source, image.line, 0, image.problem))
        self.report.notes += outcome.notes
        for each in outcome.findings:
            self._seen[each.identity] += 1
            fingerprint = fingerprint_of(each.identity, self._seen[each.identity])
            self.report.findings.append(each._replace(fingerprint=fingerprint))

    def _unreadable(self, named: Named, what: Unreadable) -> None:
        if what.is_template and not named.is_named:
            self._is_template = True
            return
        self._problems += 1
        self.report.problems.append(Problem(what.source, what.line, what.column, what.problem))

    def _end(self, named: Named) -> None:
        """Of a file: what is no object is counted in a folder, and wrong where the file itself was named."""
        report = self.report
        report.read.append(named.path)
        report.objects += self._objects
        report.templates += self._is_template
        if not named.is_named:
            report.others += self._others
        elif not self._objects and not self._problems:
            what = "it has no Kubernetes object with apiVersion and kind" if self._others else "it is empty"
            report.problems.append(Problem(named.path, 0, 0, what))
        self._objects = self._others = self._problems = 0
        self._is_template = False


def came(judge: Judge, named: Named, part: Chunk | Unreadable | None) -> _Came:
    """What comes of a part of a file; of an empty document, nothing."""
    if not isinstance(part, Chunk):
        return part
    document = read(named.path, part)
    if isinstance(document, Unreadable):
        return document
    return judge.judge(document)


def _parts(files: Iterable[Named]) -> Iterator[_Part]:
    for named in files:
        for part in chunks_of(named.path):
            yield named, part
        yield named, None


def _batches(parts: Iterator[_Part]) -> Iterator[Sequence[_Part]]:
    held: list[_Part] = []
    size = 0
    for named, part in parts:
        held.append((named, part))
        size += len(part.text) if isinstance(part, Chunk) else 100
        if size > BATCH:
            yield held
            held, size = [], 0
    if held:
        yield held


def _processors() -> int:
    """Those that this process may use; 1 where no other can be made of it in no time."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


_judges: list[Judge] = []  # of a process that judges for another: its one


def _begin(configuration: Configuration, today: datetime.date) -> None:
    _judges.append(Judge(configuration, today))


def _batch(parts: Sequence[_Part]) -> tuple[list[_Came], Ledger]:
    (judge,) = _judges
    judge.begin()
    return [came(judge, named, part) for named, part in parts], judge.ledger
