"""`lifecycle image`: what is in an image, for a person or a program to read, and the entry for the configuration."""

import argparse
import json
import sys
import textwrap
from typing import Any, Final

from lifecycle_rules.shell import SHELLS

from .contents import INTEREST, UNNAMED, Contents
from .errors import ImageError, line
from .manifests import Platform
from .reader import STDIN, read

DONE: Final = 0
NOT_READ: Final = 2
_WIDTH: Final = 85


def run(args: argparse.Namespace) -> int:
    """The exit status: 0, or 2 for an image that could not be read, which standard error then says."""
    platform = Platform.parse(args.platform) if args.platform else None
    if args.platform and not platform:
        wrong = f"{args.platform!r} is not a platform; write it like linux/amd64"
        print(f"lifecycle image: --platform: {wrong}", file=sys.stderr)
        return NOT_READ
    try:
        contents = read(args.image, platform)
    except ImageError as error:
        print(f"lifecycle image: {error}", file=sys.stderr)
        return NOT_READ
    print(json.dumps(as_json(contents), indent=2) if args.output == "json" else text(contents))
    return DONE


def as_json(contents: Contents) -> dict[str, Any]:
    return {
        "reference": contents.reference,
        "names": contents.names,
        "digest": contents.digest,
        "platform": contents.platform,
        "entrypoint": contents.entrypoint,
        "command": contents.command,
        "user": contents.user,
        "workingDir": contents.working_dir,
        "stopSignal": contents.stop_signal,
        "path": contents.path,
        "programs": {name: each._asdict() for name, each in contents.programs.items()},
        "entry": contents.entry(),
    }


def text(contents: Contents) -> str:
    """Three paragraphs: what it is, what it has and lacks, and the entry."""
    starts = [*contents.entrypoint, *contents.command]
    has = INTEREST - contents.lacks()
    entry = contents.entry()
    about = {
        "digest": contents.digest,
        "starts": " ".join(map(_word, starts)) or "nothing by itself",
        "user": contents.user or "root",
        "stop signal": contents.stop_signal,
        "PATH": ":".join(contents.path),
    }
    programs = {
        "shells": [_with_file(contents, each) for each in sorted(has & SHELLS)],
        "tools": sorted(has - SHELLS),
        "lacks": entry["lacks"],
    }
    if contents.built_in & INTEREST:
        programs["built in"] = [
            ", ".join(sorted(contents.built_in & INTEREST)) + " (not files, but built into its shells)"
        ]
    lines = [
        f"{_title(contents)} ({line(contents.platform)})",
        *(f"  {key:<13}{line(value)}" for key, value in about.items()),
        "",
        *(each for key, words in programs.items() for each in _row(key, words)),
        f"  Programs in PATH: {len(contents.programs):,} (--output json lists them)",
        "",
        "For `images` of shutdown-practice in the configuration:",
        f"  {json.dumps(entry)}",
    ]
    if entry["name"] == UNNAMED:
        lines.append(f"  The archive does not name its image: replace {UNNAMED} by the name.")
    elif "tag" not in entry:
        lines.append("  Without a tag, the entry applies to every tag of that name: add the tag that you mean.")
    return "\n".join(lines)


def _title(contents: Contents) -> str:
    return "standard input" if contents.reference == STDIN else line(contents.reference)


def _row(key: str, words: list[str]) -> list[str]:
    rows = textwrap.wrap(", ".join(words) or "none", _WIDTH, break_long_words=False, break_on_hyphens=False)
    return [f"  {'' if index else key:<13}{row}" for index, row in enumerate(rows)]


def _with_file(contents: Contents, name: str) -> str:
    """`sh (/usr/bin/dash)` where the name is a link to a file of another name."""
    found = contents.find(name)
    if not found or found.file.rpartition("/")[2] == name:
        return name
    return f"{name} ({line(found.file)})"


def _word(word: str) -> str:
    return json.dumps(word) if not word or " " in word else word
