"""Which cluster kubectl is asked, by what the Pod's provider was given; and what becomes of an answer."""

import asyncio
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from lifecycle_demo.clusters import Cluster
from tests.unit.recording import run

KUBECONFIG = "apiVersion: v1\nusers: [{name: me, user: {token: hunter22}}]\n"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(pulumi.log, "debug", lines.append)
    return lines


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kubectl that says its arguments; a kubeconfig that it is given is copied beside it, with its mode."""
    program = tmp_path / "kubectl"
    program.write_text(
        '#!/bin/sh\nset -- "$@"; words="$*"\n'
        f'while [ $# -gt 0 ]; do [ "$1" = --kubeconfig ] && cp -p "$2" {tmp_path}/given; shift; done\n'
        'printf \'{"words": "%s"}\' "$words"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def asked(
    provider: Callable[[], k8s.Provider] | None = None, config: dict[str, str] | None = None, times: int = 1
) -> Any:
    """What the cluster says; the provider is made in the program."""
    answers: list[Any] = []

    async def ask() -> None:
        cluster = Cluster(provider and provider())
        answers.extend([await cluster.ask("get", "pod") for _ in range(times)])

    run(ask, config)
    assert all(each == answers[0] for each in answers)
    return answers[0]


def flags(*args: Any, **kwargs: Any) -> list[str]:
    words: list[str] = asked(*args, **kwargs)["words"].split()
    assert words[:6] == ["get", "pod", "--output", "json", "--request-timeout", "5s"]
    return words[6:]


def test_the_default_provider(kubectl: Path) -> None:
    assert flags() == []
    config = {"kubernetes:context": "prod", "kubernetes:cluster": "eu", "kubernetes:kubeconfig": f"{kubectl}/kubectl"}
    assert flags(config=config) == ["--kubeconfig", f"{kubectl}/kubectl", "--context", "prod", "--cluster", "eu"]


def test_a_provider_of_the_callers(kubectl: Path) -> None:
    """It has its own settings, and none of the default provider's."""
    config = {"kubernetes:context": "prod"}
    assert flags(lambda: k8s.Provider("a", kubeconfig=f"{kubectl}/kubectl", context="dev"), config) == [
        *("--kubeconfig", f"{kubectl}/kubectl", "--context", "dev")
    ]
    assert flags(lambda: k8s.Provider("a", cluster=pulumi.Output.from_input("eu")), config) == ["--cluster", "eu"]


def test_a_path_in_the_home_folder(kubectl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(kubectl))
    assert flags(lambda: k8s.Provider("a", kubeconfig="~/kubectl")) == ["--kubeconfig", f"{kubectl}/kubectl"]


@pytest.mark.parametrize("is_own", [False, True], ids=["default", "the caller's"])
def test_a_kubeconfig_as_text(is_own: bool, kubectl: Path) -> None:
    """It is in a file for its owner only, and only while kubectl runs."""
    own = (lambda: k8s.Provider("a", kubeconfig=pulumi.Output.secret(KUBECONFIG))) if is_own else None
    flag, written = flags(own, None if is_own else {"kubernetes:kubeconfig": KUBECONFIG})
    assert flag == "--kubeconfig"
    assert not Path(written).parent.exists()
    assert (kubectl / "given").read_text() == KUBECONFIG
    assert stat.S_IMODE((kubectl / "given").stat().st_mode) == 0o600


def test_what_is_not_known_is_said_once(kubectl: Path, said: list[str]) -> None:
    async def not_known() -> Any:
        later: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        unknown: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        later.set_result(None)
        unknown.set_result(False)
        provider = k8s.Provider("a")
        provider.__dict__["kubeconfig"] = pulumi.Output(set(), later, unknown)
        cluster = Cluster(provider)
        assert [await cluster.ask("get", "pod") for _ in range(2)] == [{}, {}]

    run(not_known)
    assert said.count("the provider's settings are unknown: cannot look up whether a hook failed") == 1


def test_a_provider_that_renders_has_no_cluster(kubectl: Path, said: list[str]) -> None:
    assert asked(config={"kubernetes:renderYamlToDirectory": "out"}, times=2) == {}
    words = "the provider only renders YAML: cannot look up whether a hook failed"
    assert said.count(words) == 1


def test_without_kubectl(tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert asked(times=2) == {}
    assert said.count("no kubectl on PATH: cannot look up whether a hook failed") == 1


@pytest.mark.parametrize(("says", "answer"), [("echo nonsense", {}), ("echo", {}), ("echo '[]'", [])])
def test_an_answer_that_is_none(says: str, answer: Any, kubectl: Path) -> None:
    (kubectl / "kubectl").write_text(f"#!/bin/sh\n{says}\n")
    assert asked() == answer


def test_an_error_does_not_repeat_a_kubeconfig(kubectl: Path, said: list[str]) -> None:
    (kubectl / "kubectl").write_text('#!/bin/sh\ncat "$8" >&2\nexit 3\n')
    assert asked(config={"kubernetes:kubeconfig": KUBECONFIG}) == {}
    assert [each for each in said if each.startswith("kubectl")] == ["kubectl get pod: exit status 3"]
    (kubectl / "kubectl").write_text("#!/bin/sh\necho no such cluster >&2\nexit 1\n")
    assert asked() == {}
    assert "kubectl get pod: no such cluster" in said


def test_a_kubeconfig_that_is_an_object(kubectl: Path) -> None:
    config: Any = {"apiVersion": "v1"}
    flags(lambda: k8s.Provider("a", kubeconfig=config))
    assert json.loads((kubectl / "given").read_text()) == config
