"""The distributions as people install them: into an empty environment, with the dependencies that they ask for.

Needs the network (an index of Python packages); the last test needs the Pulumi CLI, which the sandbox builds.
"""

import functools
import http.server
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kubernetes_lifecycle.pack import POLICIES
from sandbox.engine import find_cli
from tests import distributions
from tests.policies.test_published import policies, serving
from tests.unit.test_distributions import IMPORT_ALL

ROOT = distributions.ROOT
ADDRESS = "https://…/lifecycle-demo@v0.1.0"
DEMO = """
import pulumi
class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        if args.typ == "kubernetes:core/v1:Pod":
            print(args.inputs["spec"]["containers"][0]["lifecycle"]["preStop"])
        return args.name, args.inputs
    def call(self, args):
        return {}
pulumi.runtime.set_mocks(Mocks())
from lifecycle_demo import LifecycleDemo, hooks
@pulumi.runtime.test
def check():
    LifecycleDemo("web", {"image": "ghcr.io/acme/web:1.4", "pre_stop": hooks.sleep(10)})
check()
"""
MANIFEST = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: "acme/web:latest"}]}
"""


@dataclass(frozen=True)
class Environment:
    """An environment that had nothing in it, outside the checkout."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def run(self, *args: str | Path, **env: str) -> "subprocess.CompletedProcess[str]":
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PULUMI_"))}
        done = subprocess.run(
            args, cwd=self.folder.parent, env={**plain, **env}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done


def documented() -> list[str]:
    """The addresses that README and docs tell to install, as they are written there, each once."""
    texts = [(ROOT / each).read_text() for each in ("docs/other-stacks.md", "docs/policies.md", "docs/start.md")]
    texts.append((ROOT / "examples/policy-pack/requirements.txt").read_text())
    pattern = rf"[\w-]+ @ git\+{re.escape(ADDRESS)}#subdirectory=\w+"
    return sorted({found for text in texts for found in re.findall(pattern, text)})


def wheels_or_sdists(kind: str) -> Callable[[Path], list[str]]:
    return lambda folder: [str(each) for each in distributions.built(folder)[kind]]


def by_git(folder: Path) -> list[str]:
    """From a local repository, served on loopback: pip takes no `name @ git+file:///…`."""
    here = distributions.repository(folder / "lifecycle-demo")
    handler = functools.partial(Quiet, directory=str(here.parent))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/lifecycle-demo/.git"
    return [each.replace(ADDRESS, address) for each in documented()]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


WAYS = {"wheels": wheels_or_sdists("wheel"), "sdists": wheels_or_sdists("sdist"), "git": by_git}


@pytest.fixture(scope="module", params=WAYS)
def environment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """All distributions in one environment, as each way has them."""
    folder = tmp_path_factory.mktemp(request.param)
    made = Environment(folder / "environment")
    subprocess.run([sys.executable, "-m", "venv", made.folder], check=True)
    made.run(made.python, "-Im", "pip", "install", "--quiet", *WAYS[request.param](folder))
    yield made
    shutil.rmtree(made.folder)


def test_the_addresses_are_those_of_the_documentation() -> None:
    assert [each.partition("#")[2] for each in documented()] == ["subdirectory=policies", "subdirectory=components"]
    lines = re.findall(r'pip install ((?:"[^"]+"\s*)+)', (ROOT / "docs/policies.md").read_text())
    assert [shlex.split(each) for each in lines if "@" in each] == [documented()]


def test_every_module_can_be_imported(environment: Environment) -> None:
    """But those for tests, which ask for an extra of their own."""
    names = [each for each in distributions.modules() if each != "kubernetes_lifecycle.pack.testing"]
    done = environment.run(environment.python, "-Ic", IMPORT_ALL, str(environment.folder), *names)
    assert done.stdout == f"{len(names)}\n"


def test_the_component_under_mocks(environment: Environment) -> None:
    done = environment.run(environment.python, "-Ic", DEMO)
    assert done.stdout == "{'sleep': {'seconds': 10.0}}\n" or done.stdout == "{'sleep': {'seconds': 10}}\n"


def test_a_pack_of_ones_own(environment: Environment) -> None:
    """examples/policy-pack in a folder of its own, on a manifest, by `pulumi policy analyze`."""
    pack, bin_ = environment.folder.parent / "pack", environment.folder.parent / "bin"
    shutil.copytree(ROOT / "examples/policy-pack", pack)
    (pack / "PulumiPolicy.yaml").write_text(
        f"runtime: {{name: python, options: {{virtualenv: {environment.folder}}}}}\n"
    )
    bin_.mkdir()
    analyzer = bin_ / "pulumi-analyzer-policy-python"  # for a CLI without its language host, which brings its own
    analyzer.write_text(f'#!/bin/sh\nexec "{environment.python}" -Iu -m pulumi.policy "$1" "$2"\n')
    analyzer.chmod(0o755)
    (pack.parent / "web.yaml").write_text(MANIFEST)
    state = environment.run(environment.python, "-Im", "kubernetes_lifecycle.pack.manifests", "web.yaml").stdout
    (pack.parent / "state.json").write_text(state)
    command = [find_cli(), "policy", "analyze", "--policy-pack", pack, "--file", "state.json", "--json"]
    env = {**os.environ, "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}", "PULUMI_HOME": str(pack.parent / "home")}
    done = subprocess.run(command, cwd=pack.parent, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    said = "\n".join(each["policyEvent"]["message"] for each in events if "policyEvent" in each)
    assert "[pre-stop-required]" in said, done.stdout
    assert "spec.containers[0].image: acme/web:latest has no version" in said


def test_the_pack_as_it_is_published(tmp_path: Path) -> None:
    """Alone in its folder, with what its own requirements bring, which are no distribution of ours."""
    folder = distributions.pack(tmp_path / "pack")
    made = Environment(folder / ".venv")
    subprocess.run([sys.executable, "-m", "venv", made.folder], check=True)
    made.run(made.python, "-Im", "pip", "install", "--quiet", "-r", folder / "requirements.txt")
    listed = made.run(made.python, "-Im", "pip", "list", "--format", "freeze").stdout.lower()
    assert not re.search("lifecycle|pulumi.kubernetes", listed)
    with serving(folder) as channel:
        assert policies(channel) == [each.name for each in POLICIES]


MANIFEST_WITH_HOOK = MANIFEST.replace(
    'image: "acme/web:latest"', 'image: "acme/web:latest", lifecycle: {preStop: {tcpSocket: {port: 80}}}'
)


@pytest.mark.parametrize("way", ["wheel", "sdist", "git"])
def test_the_command_alone(way: str, tmp_path: Path) -> None:
    """In an empty environment: no Pulumi, at most 30 MB, and it works under both of its names."""
    made = Environment(tmp_path / "environment")
    subprocess.run([sys.executable, "-m", "venv", made.folder], check=True)
    before = size(made.folder)
    if way == "git":
        here = distributions.repository(tmp_path / "lifecycle-demo")
        wanted = f"git+file://{here}"
    else:
        (file,) = distributions.command(tmp_path / "made")[way]
        wanted = str(file)
    made.run(made.python, "-Im", "pip", "install", "--quiet", wanted)
    listed = made.run(made.python, "-Im", "pip", "list", "--format", "freeze").stdout.lower()
    assert not re.search("pulumi|grpc|protobuf", listed)
    assert size(made.folder) - before <= 30_000_000
    (tmp_path / "web.yaml").write_text(MANIFEST_WITH_HOOK)
    for name in ("lifecycle", "kubectl-lifecycle"):
        done = subprocess.run(
            [made.folder / "bin" / name, "check", "web.yaml"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1, done.stderr
        assert "error [tcpsocket-hook] Pod web, container web" in done.stdout


def size(folder: Path) -> int:
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
