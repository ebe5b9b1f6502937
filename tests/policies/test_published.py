"""The pack in a folder that stands by itself: `pulumi policy publish` archives it, an organization's runs unpack it.

What an account is needed for is left: the upload, and the download by another run.
"""

import re
import subprocess
import sysconfig
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
import yaml
from google.protobuf import empty_pb2, json_format
from pods import BARE, POD, pod
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from kubernetes_lifecycle.pack import POLICIES
from tests import distributions

SECONDS = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return distributions.pack(tmp_path_factory.mktemp("published") / "pack")


@contextmanager
def serving(folder: Path) -> Iterator[grpc.Channel]:
    """The pack as the engine starts it, by its own environment."""
    command = [str(folder / ".venv/bin/python"), "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(folder)]
    env = {"PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
                yield channel
        finally:
            process.kill()


def policies(channel: grpc.Channel) -> list[str]:
    """What publishing asks a pack for; the version is PulumiPolicy.yaml's: the SDK says 0.0.1 of every pack."""
    info = analyzer_pb2_grpc.AnalyzerStub(channel).GetAnalyzerInfo(empty_pb2.Empty(), timeout=SECONDS)
    assert info.name == "kubernetes-lifecycle"
    return [each.name for each in info.policies]


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[grpc.Channel]:
    """In an environment that has nothing of the checkout's; tests/installed has one with what the folder asks for."""
    venv.create(folder / ".venv", with_pip=False)
    at = str(folder / ".venv")
    purelib = Path(sysconfig.get_path("purelib", vars={"base": at, "platbase": at}))
    (purelib / "lent.pth").write_text(sysconfig.get_path("purelib"))
    with serving(folder) as channel:
        yield channel


def test_nothing_in_it_leads_out_of_it(folder: Path) -> None:
    about = yaml.safe_load((folder / "PulumiPolicy.yaml").read_text())
    assert about["runtime"] == {"name": "python", "options": {"virtualenv": ".venv"}}
    assert about["version"] == "0.1.0"
    needed = (folder / "requirements.txt").read_text().splitlines()
    assert [re.split(r"[<>=]", each)[0] for each in needed] == [
        "pulumi",
        "pulumi-policy",
        "PyYAML",
        "tree-sitter",
        "tree-sitter-bash",
    ]
    assert all(re.fullmatch(r"[\w-]+[<>=0-9.,]+", each) for each in needed)
    assert [each for each in folder.rglob("*") if each.is_symlink() and ".venv" not in each.parts] == []
    assert {each.name for each in folder.iterdir() if each.is_dir()} - {".venv"} == {
        "kubernetes_lifecycle",
        "lifecycle_rules",
    }


def test_what_publishing_asks_it(served: grpc.Channel) -> None:
    assert policies(served) == [each.name for each in POLICIES]


def test_it_judges(served: grpc.Channel) -> None:
    request = analyzer_pb2.AnalyzeRequest(type=POD, urn=f"urn:pulumi:dev::shop::{POD}::web", name="web")
    json_format.ParseDict(pod(BARE), request.properties)
    answer = analyzer_pb2_grpc.AnalyzerStub(served).Analyze(request, timeout=SECONDS)
    assert [each.policyName for each in answer.diagnostics] == ["pre-stop-required"]


def test_not_in_the_checkout() -> None:
    """Pulumi's archive leaves out what a .gitignore above names, and ours names dist/: it would be empty."""
    to = distributions.ROOT / "dist" / "pack"
    with pytest.raises(ValueError) as raised:
        distributions.pack(to)
    assert str(raised.value) == f"{to}: it is in the checkout. Name a folder elsewhere."
    assert not to.exists()
