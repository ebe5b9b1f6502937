"""The Pulumi CLI: the one on PATH, or one that is built once and kept."""

import shutil
from pathlib import Path

from sandbox import cache, parts


def cli() -> Path:
    found = shutil.which("pulumi")
    return Path(found) if found else cache.ensure(parts.pulumi()) / "pulumi"
