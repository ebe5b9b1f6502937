"""Broken documents and random bytes: each gives findings, or a message with a place; none ends the process."""

import datetime
import os
import random
from pathlib import Path

from commands import lifecycle
from yamls import documents

from kubernetes_lifecycle.documents import Chunk
from lifecycle_cli.configuration import configuration
from lifecycle_cli.fixing import fixed
from lifecycle_cli.judging import Judge
from lifecycle_cli.reading import Unreadable, read
from tests.generated import examples


def test_broken_documents() -> None:
    settings = configuration(None, "strict", None, [], [])
    judge = Judge(settings, datetime.date(2026, 1, 1))
    judged = refused = findings = 0
    for text in documents(3, examples(20_000)):
        document = read("a.yaml", Chunk(7, text))
        lines = text.count("\n") + text.count("\r") + text.count("\x85") + text.count("\u2028") + 1
        if isinstance(document, Unreadable):
            refused += 1
            assert 7 <= document.line <= 7 + lines, text
            assert document.column >= 1
            assert document.problem
            continue
        judged += 1
        for each in judge.judge(document).findings:
            findings += 1
            assert 7 <= each.line <= 7 + lines
            assert each.source in text
            assert each.column <= max(len(each.source), 1)
    assert judged > refused / 10
    assert refused > judged / 10
    assert findings > judged / 20


def test_broken_documents_from_files(tmp_path: Path) -> None:
    """With --fix before: the command itself, on a folder of them."""
    for number, text in enumerate(documents(4, examples(2_000))):
        (tmp_path / f"{number:05}.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    said = lifecycle("check", "--diff", ".", cwd=tmp_path)
    assert said.status in (1, 2)
    assert "Traceback" not in said.err
    said = lifecycle("check", "--fix", ".", cwd=tmp_path)
    assert said.status == 2
    assert "Traceback" not in said.err
    assert f"{examples(2_000):,} files, " in said.out.splitlines()[-1]


def test_random_bytes(tmp_path: Path) -> None:
    of = random.Random(5)
    for number in range(examples(2_000)):
        size = of.choice((0, 1, 10, 100, 1000, 10_000))
        some = bytes(range(32, 127)) + b"\n\n\n    ::--"  # without zeros, and what is no UTF-8, one comes further
        data = of.randbytes(size) if number % 2 else bytes(of.choice(some) for _ in range(size))
        (tmp_path / f"{number}.yaml").write_bytes(data)
    said = lifecycle("check", ".", cwd=tmp_path)
    assert (said.status, said.err) == (2, "")
    *lines, last = said.out.splitlines()
    assert last.startswith(f"{examples(2_000):,} files, 0 objects: no findings; ")
    assert all(": not judged: " in each for each in lines)
    assert len(lines) > examples(2_000) / 2


def test_a_fix_of_random_bytes_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(os.urandom(1000))
    assert fixed(str(path), configuration(None, "default", None, [], [])) is None
