"""Runs the Pulumi program, by official parts: installed, downloaded, or built from their Go modules.

One of them is not to be had as a module, the language host of Python; where none is on PATH, this process stands in.
Everything lives under `.sandbox/`: Pulumi's home, the file backend. The user's own
Pulumi home, login and Kubernetes context are neither read nor written.
"""

import json
import os
import runpy
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar, Final

import yaml

from sandbox import cache, parts, recovery
from sandbox.certificates import private_folder
from sandbox.errors import SandboxError
from sandbox.progress import say

STACK: Final = "sandbox"
PLUGIN: Final = parts.PROVIDER
NO_DOWNLOAD: Final = "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"  # Pulumi's own switch
DOWNLOAD_SECONDS: Final = 120
DOWNLOAD_BYTES: Final = 1 << 28
PASSPHRASE: Final = "sandbox"  # the state is thrown away with the sandbox, and holds no one's secrets


@dataclass(frozen=True)
class Engine:
    """A Pulumi CLI with a home, a backend and the plugins that a program needs."""

    OPERATIONS: ClassVar = ("preview", "up", "refresh", "destroy")

    root: Path  # the checkout
    program: Path  # the folder of the program's Pulumi.yaml
    cli: Path
    env: dict[str, str]
    language_host: Path | None

    def run(self, operation: str, args: Sequence[str] = ()) -> int:
        """Runs one of OPERATIONS, with the policies where a program runs; the exit status is Pulumi's own."""
        flags = self._flags(operation)
        if operation != "preview" and (status := self._recover()):
            return status
        if operation in ("preview", "up"):
            flags += ["--policy-pack", str(self._pack), "--policy-pack-config", str(self._pack_config)]
            if not self.language_host:
                return self._inline(operation, args)
        return self.pulumi(operation, *flags, *args)

    def pulumi(self, *args: str) -> int:
        """Runs the CLI in the program's folder; its exit status."""
        return subprocess.run([self.cli, *args], cwd=self.program, env=self.env, check=False).returncode

    def output(self, name: str) -> str:
        """One stack output, as text."""
        return self._stack("output", name)

    @property
    def project(self) -> str:
        return str(yaml.safe_load((self.program / "Pulumi.yaml").read_text())["name"])

    @property
    def _pack(self) -> Path:
        return self.root / "policies"

    @property
    def _pack_config(self) -> Path:
        return self._pack / "demo.json"

    def _stack(self, *args: str, stdin: str = "") -> str:
        done = subprocess.run(
            [self.cli, "stack", *args, "--stack", STACK],
            cwd=self.program,
            env=self.env,
            check=True,
            input=stdin,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def _recover(self) -> int:
        """Before the state changes: goes on where a run was killed, and drops what only a former node had."""
        backend = self.root / ".sandbox" / "backend"
        where = backend, self.project, STACK
        if not recovery.clear_locks(*where):
            return 0  # another run is under way: Pulumi says so itself
        if recovery.interrupted(*where):
            say("the last run was interrupted: checking what it left")
            recovery.forget(backend, self.project)
            self._resolve()
        cluster = Path(self.env["KUBECONFIG"])
        if recovery.unseen(backend, self.project, cluster):
            say("the state may differ from the node: refreshing it")
            if status := self.pulumi("refresh", *self._flags("refresh")):
                return status
        recovery.remember(backend, self.project, cluster)
        return 0

    def _resolve(self) -> None:
        content = json.loads(self._stack("export"))
        deployment, unknown = recovery.resolved(content["deployment"])
        self._stack("import", stdin=json.dumps({**content, "deployment": deployment}))
        for urn in unknown:
            say(f"{urn}: it is unknown whether it was created. If it was, remove it by hand.")

    @staticmethod
    def _flags(operation: str) -> list[str]:
        flags = ["--stack", STACK, "--non-interactive", "--color", _color()]
        return flags if operation == "preview" else [*flags, "--yes", "--skip-preview"]

    def _inline(self, operation: str, args: Sequence[str]) -> int:
        """The same `__main__.py`, with this process as its language host."""
        from pulumi import automation as auto

        if args:
            raise SandboxError(
                f"pulumi {operation} {' '.join(args)}: without pulumi-language-python on PATH the program runs inside "
                f"this process, and `{operation}` takes no options. Leave them out."
            )
        os.environ.update(self.env)  # the Automation API looks for the CLI on this process's own PATH
        main = str(self.program / "__main__.py")
        # As the language host has it: a program's files and modules are found from its own folder.
        os.chdir(self.program)
        sys.path.insert(0, str(self.program))

        def program() -> None:
            runpy.run_path(main)

        stack = auto.select_stack(
            STACK,
            project_name=self.project,
            program=program,
            opts=auto.LocalWorkspaceOptions(work_dir=str(self.program)),  # beside a program, `work_dir` is not heeded
        )
        options: dict[str, Any] = {
            "on_output": say,
            "on_error": lambda line: print(line, file=sys.stderr),
            "color": _color(),
            "policy_packs": [str(self._pack)],
            "policy_pack_configs": [str(self._pack_config)],
        }
        try:
            stack.preview(**options) if operation == "preview" else stack.up(**options)
        except auto.CommandError:
            return 1  # what went wrong is on the screen already
        return 0


def may_build() -> list[cache.Entry]:
    """What is to be built where it is not installed: the CLI, and the provider if it cannot be downloaded either."""
    cli = [] if shutil.which("pulumi") else [parts.pulumi()]
    return [*cli, *([] if _installed(version("pulumi-kubernetes")) else [parts.provider()])]


def find_cli() -> Path:
    """The Pulumi CLI on PATH, or one built from its Go module."""
    found = shutil.which("pulumi")
    return Path(found) if found else cache.ensure(parts.pulumi()) / "pulumi"


def engine(root: Path, cli: Path, kubeconfig: Path | None, program: Path) -> Engine:
    """An engine for one program, with its state under `root/.sandbox`; `kubeconfig` None means there is no cluster.

    Raises SandboxError where `program` is not the folder of a Pulumi program.
    """
    if not (program / "Pulumi.yaml").is_file():
        raise SandboxError(f"{program}: it has no Pulumi.yaml. Name the folder of a Pulumi program.")
    state = root / ".sandbox"
    home, bin_, backend = state / "pulumi", state / "bin", state / "backend"
    for folder in (state, home, bin_, backend):
        private_folder(folder)

    host = shutil.which("pulumi-language-python") or _beside(cli, "pulumi-language-python")
    if not host:
        say("stand-in: the program runs inside this process (no pulumi-language-python on PATH)")
        # The engine passes runtime options of PulumiPolicy.yaml (`-virtualenv=…`) to an analyzer on PATH
        # behind the two words that the SDK's own host takes: the engine's address and the pack.
        _script(
            bin_ / "pulumi-analyzer-policy-python",
            f'{shlex.quote(sys.executable)} -u -m pulumi.policy "$1" "$2"',
        )
    provided = _provide(home, cli)
    env = {
        **os.environ,
        **provided,
        "PATH": os.pathsep.join([str(bin_), str(cli.parent), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PULUMI_HOME": str(home),
        "PULUMI_STACK": STACK,
        "PULUMI_BACKEND_URL": backend.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        NO_DOWNLOAD: "true",
        "KUBECONFIG": str(kubeconfig or os.devnull),
    }
    made = Engine(root, program.resolve(), cli, env, Path(host) if host else None)
    selected = subprocess.run(
        [cli, "stack", "select", "--create", STACK, "--non-interactive"],
        cwd=made.program,
        env=env,
        check=False,
        capture_output=True,
        text=True,
    )
    if selected.returncode:
        raise SandboxError(f"{program}: Pulumi cannot create a stack there.\n{selected.stderr.strip()}")
    return made


def _provide(home: Path, cli: Path) -> dict[str, str]:
    """Puts the plugin for Kubernetes into Pulumi's home, and says which it is; what it adds to the environment."""
    release = version("pulumi-kubernetes")
    env: dict[str, str] = {}
    if plugin := _installed(release):
        said = f"installed ({plugin})"
    elif plugin := _downloaded(release, home, cli):
        said = f"{release}, downloaded"
    else:
        plugin = cache.ensure(parts.provider()) / PLUGIN
        said = f"{parts.PROVIDER_VERSION} (of {parts.PROVIDER_DATE}), built from its Go module"
        # It says of itself what it is, which is older than what the SDK asks for. Without this switch of Pulumi's
        # own the engine would say so in every operation.
        env["PULUMI_DEV"] = "true"
    own = home / "plugins" / f"resource-kubernetes-v{release}" / PLUGIN
    own.parent.mkdir(parents=True, exist_ok=True)
    _script(own, f'{shlex.quote(str(plugin))} "$@"')  # by itself it would outlive a killed engine for minutes
    say(f"provider: kubernetes {said}")
    return env


def _installed(release: str) -> Path | None:
    users = Path(os.environ.get("PULUMI_HOME", Path.home() / ".pulumi"))
    found = shutil.which(PLUGIN) or users / "plugins" / f"resource-kubernetes-v{release}" / PLUGIN
    return Path(found) if Path(found).exists() else None


def _downloaded(release: str, home: Path, cli: Path) -> Path | None:
    """The official plugin from the cache, downloaded if need be; None where that fails, or Pulumi is told not to."""
    if os.environ.get(NO_DOWNLOAD, "false") != "false":
        return None

    def build(folder: Path) -> None:
        bound = ["timeout", f"{DOWNLOAD_SECONDS}"] if shutil.which("timeout") else []  # macOS has none
        cache.run(
            [*bound, cli, "plugin", "install", "resource", "kubernetes", release],
            env={"PULUMI_HOME": str(folder), "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )

    entry = cache.Entry("plugin-kubernetes", release, b"", build, DOWNLOAD_BYTES)
    failed = home / f"no-{entry.title}"  # asked once for each sandbox, not for each command
    if failed.exists() and not entry.folder.exists():
        return None
    try:
        return cache.ensure(entry) / "plugins" / f"resource-kubernetes-v{release}" / PLUGIN
    except SandboxError:
        failed.touch()
        say(f"provider: the official plugin {release} could not be downloaded; building it from its Go module instead")
        return None


def _color() -> str:
    return "always" if sys.stdout.isatty() else "never"


def _beside(cli: Path, name: str) -> str | None:
    found = cli.resolve().parent / name
    return str(found) if found.exists() else None


def _script(path: Path, command: str) -> None:
    """A program of one command, quoted for a shell, that ends with the engine, however that ends."""
    bound = "setpriv --pdeathsig TERM -- " if shutil.which("setpriv") else ""
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\nexec {bound}{command}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
