"""A record of known findings. `check` counts only findings that it does not hold.

It is sorted, with one line for each finding, so that a review can read its changes.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from .checking import Report
from .judging import Finding, fingerprint_of
from .paths import relative

VERSION: Final = 1


class BaselineError(Exception):
    """What is wrong with a baseline, with its name."""


def write(path: Path, report: Report) -> int:
    """Records the findings of a report; the number of them."""
    folder = path.absolute().parent
    entries = sorted(
        (
            {
                "file": file,
                "rule": each.rule.id,
                "object": each.object,
                "container": each.container,
                "fingerprint": fingerprint,
            }
            for each, (file, fingerprint) in _keyed(report.findings, folder)
        ),
        key=lambda entry: tuple(entry.values()),
    )
    lines = ",\n".join(f"    {json.dumps(each)}" for each in entries)
    body = f"[\n{lines}\n  ]" if entries else "[]"
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(f'{{\n  "version": {VERSION},\n  "findings": {body}\n}}\n', encoding="utf-8")
        new.replace(path)
    except OSError as error:
        raise BaselineError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    return len(entries)


def apply(path: Path, report: Report, selected: Collection[str]) -> None:
    """Takes out of a report what the baseline has, and notes what of it is gone. Raises BaselineError.

    Only what was looked for can be gone: the rules that are held, in the files that were read or are not there now.
    """
    folder = path.absolute().parent
    known = Counter(map(_key_of_entry, entries := _read(path)))
    left: list[Finding] = []
    for each, key in _keyed(report.findings, folder):
        if known[key]:
            known[key] -= 1
            report.known += 1
        else:
            left.append(each)
    report.findings = left
    read = {relative(each, folder) for each in report.read}
    for entry in entries:
        key = _key_of_entry(entry)
        is_looked_for = entry["rule"] in selected and (entry["file"] in read or not (folder / entry["file"]).exists())
        if known[key] and is_looked_for:
            known[key] -= 1
            container = f", container {entry['container']}" if entry["container"] else ""
            report.gone.append(f"{entry['file']}: {entry['object']}{container} [{entry['rule']}]")


def _keyed(findings: Iterable[Finding], folder: Path) -> Iterator[tuple[Finding, tuple[str, str]]]:
    """Each with its file and a fingerprint within it, which the other files that are checked have no part in."""
    seen: Counter[tuple[str, str]] = Counter()
    for each in findings:
        file = relative(each.file, folder)
        seen[file, each.identity] += 1
        yield each, (file, fingerprint_of(each.identity, seen[file, each.identity]))


def _key_of_entry(entry: dict[str, str]) -> tuple[str, str]:
    return entry["file"], entry["fingerprint"]


_FIELDS: Final = ("file", "rule", "object", "container", "fingerprint")


def _read(path: Path) -> list[dict[str, str]]:
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BaselineError(f"{path}: {(error.strerror or str(error)).lower()}; --write-baseline makes one") from None
    except (ValueError, RecursionError):
        raise BaselineError(f"{path}: not a baseline; --write-baseline makes one") from None
    entries = document.get("findings") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not all(
        isinstance(each, dict) and all(isinstance(each.get(field), str) for field in _FIELDS) for each in entries
    ):
        raise BaselineError(f"{path}: not a baseline; --write-baseline makes one")
    if document.get("version") != VERSION:
        raise BaselineError(
            f"{path}: version {document.get('version')} of a baseline is unknown; write it again with --write-baseline"
        )
    return entries
