"""`python -m benchmarks`, and `make bench`: runs all benchmarks, and writes docs/benchmarks.md with its pictures.

Each part runs in a process of its own and keeps its figures in build/bench/NAME.json. The page is made of the newest
figures of each part: so a single one can be measured anew.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks import figures, page, picture
from benchmarks.command import QUICK_RAW, RAW, ROOT
from benchmarks.figures import Part
from benchmarks.measure import say

# In the order of the page. The cheap ones are those that need no root and end in a minute with the smallest sizes.
PARTS: Final = ("component", "policies", "check", "audit", "rules", "start", "cold")
CHEAP: Final = ("component", "policies", "check", "audit", "rules")
PAGE: Final = "benchmarks.md"
PICTURES: Final = "pictures"
FAILED: Final = 1


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="NAME", help=f"of {', '.join(PARTS)}")
    parser.add_argument(
        "--page", action="store_true", help="measure nothing; make the page of the figures that are there"
    )
    quick = f"only see that they run: {', '.join(CHEAP)}, at the smallest sizes; nothing is written into docs/"
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="for figures and page, in place of build/bench and docs"
    )
    args = parser.parse_args(argv)
    out = args.out or (QUICK_RAW if args.quick else None)
    raw, docs = out or RAW, out or ROOT / "docs"
    wanted = args.only or (CHEAP if args.quick else PARTS)
    failed = [] if args.page else [name for name in wanted if not _measure(name, raw, args.quick)]
    if failed:
        say(f"failed: {', '.join(failed)}")
        return FAILED
    shown = wanted if args.quick else PARTS
    absent = [each for each in shown if not figures.file(raw, each).exists()]
    if absent and not args.page:
        say(
            f"{docs / PAGE} stays as it is: {raw} has no figures of {', '.join(absent)} yet. `--page` makes it without."
        )
        return 0
    write([figures.read(figures.file(raw, each)) for each in shown if each not in absent], docs, absent)
    say(f"written: {docs / PAGE}")
    return 0


def _measure(name: str, raw: Path, quick: bool) -> bool:
    say(f"== {name}")
    command = [sys.executable, "-m", f"benchmarks.{name}", "--raw", str(raw), *(["--quick"] if quick else [])]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def write(parts: Sequence[Part], docs: Path, absent: Sequence[str] = ()) -> None:
    """The page and its pictures."""
    (docs / PICTURES).mkdir(parents=True, exist_ok=True)
    for part in parts:
        if part.curve:
            (docs / PICTURES / page.picture_file(part)).write_text(picture.drawn(part.curve))
    (docs / PAGE).write_text(page.page(parts, PICTURES, absent))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
