"""A checkout of a test's own, and the commands of its user: state, home and PATH are shared with no one."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pytest

from sandbox import cache as builds
from sandbox import parts
from sandbox.engine import find_cli

ROOT: Final = Path(__file__).parents[2]
cli: Final = cache(find_cli)  # cached, for it says each time where it is from
PARTS: Final = ("pulumi", "pulumi-language-python", "pulumi-resource-kubernetes")
SECONDS: Final = 300


@cache
def provider() -> Path:
    """The official provider: the one on PATH, or the one that the sandbox builds."""
    found = shutil.which(parts.PROVIDER)
    return Path(found) if found else builds.ensure(parts.provider()) / parts.PROVIDER


def need(*programs: str) -> None:
    """Skips the test where a program that cannot be built here is not on PATH, and says which."""
    missing = [each for each in programs if shutil.which(each) is None]
    if missing:
        pytest.skip(f"needs on PATH {', '.join(missing)}")


def official_env(state: Path, kubeconfig: Path | str = os.devnull) -> dict[str, str]:
    """For the official parts, without the sandbox: the test's own state, and no cluster unless one is given."""
    plugin = state / "home" / "plugins" / f"resource-kubernetes-v{version('pulumi-kubernetes')}" / parts.PROVIDER
    plugin.parent.mkdir(parents=True, exist_ok=True)
    plugin.unlink(missing_ok=True)
    plugin.symlink_to(provider())
    return {
        **os.environ,
        "PATH": os.pathsep.join([str(cli().parent), os.environ["PATH"]]),
        "PULUMI_HOME": str(state / "home"),  # where `pulumi install` finds the plugin, and asks for no other
        "PULUMI_DEV": "true",  # a provider that was built may say that it is older than the SDK
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "KUBECONFIG": str(kubeconfig),
    }


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    def lacks(self, *lines: str) -> list[str]:
        """Those that are no line of the output, indented or not; where a pack lies is left off, Pulumi shortens it."""
        said = {line.strip().partition(" (local: ")[0] for line in self.out.splitlines()}
        return [each for each in lines if each not in said]


@dataclass
class Checkout:
    """A copy of the program, the policies and the sandbox; `home` and `bin` belong to its user."""

    folder: Path
    env: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        provider()  # built before a test's time runs
        for each in (self.home, self.bin):
            each.mkdir()
        for each in ("sandbox", "policies", "examples"):
            ignored = shutil.ignore_patterns("__pycache__", "Pulumi.sandbox.yaml")
            shutil.copytree(ROOT / each, self.root / each, ignore=ignored)
        for each in ("__main__.py", "Pulumi.yaml"):
            shutil.copy(ROOT / each, self.root)
        (self.root / ".venv").symlink_to(sys.prefix)
        wrapper = self.bin / "pulumi"  # a link would lead to the official parts beside the CLI
        wrapper.write_text(f'#!/bin/sh\nexec "{cli()}" "$@"\n')
        wrapper.chmod(0o755)
        others = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "GITHUB_", "KUBE", "PYTHON"))}
        self.env = {
            **others,
            "HOME": str(self.home),
            "LIFECYCLE_SANDBOX_CACHE": str(builds.root()),
            "PATH": os.pathsep.join([str(self.bin), *without_parts(os.environ["PATH"])]),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",  # no test waits for a network
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    @property
    def root(self) -> Path:
        return self.folder / "a checkout"  # a name with a space, as people have them

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    def sandbox(self, *args: str, **env: str) -> Said:
        """`python -m sandbox …`, to its end."""
        return ended(self.start("-m", "sandbox", *args, **env))

    def start(self, *args: str, **env: str) -> "subprocess.Popen[str]":
        """Python under way in the checkout, in a process group of its own."""
        return subprocess.Popen(
            [str(self.root / ".venv" / "bin" / "python"), *args],
            cwd=self.root,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def configure(self, key: str, value: str) -> None:
        said = self.sandbox("pulumi", "config", "set", key, value)
        assert said.status == 0, said

    def files(self) -> set[str]:
        """What lies in the checkout, one level deep: the sandbox's state is one entry of it."""
        return {each.name for each in self.root.iterdir()}


def ended(process: "subprocess.Popen[str]") -> Said:
    """What a process said, once it has ended; its whole group is killed if it does not."""
    try:
        out, err = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return Said(process.returncode, out, err)


def without_parts(path: str) -> Iterator[str]:
    """The folders of a PATH that hold no part of Pulumi."""
    for each in path.split(os.pathsep):
        if not any((Path(each) / part).exists() for part in PARTS):
            yield each


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, with its content."""
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}
