"""Names, paths and configurations that someone else has chosen: no shell reads them, and none is taken for an option.

Each would make a file `touched` if anything ran it. Also who may read what the sandbox writes, and what a process list
shows.
"""

import json
import os
import re
import shlex
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from commands import lifecycle

from lifecycle_cli.image import credentials
from lifecycle_demo.failures import _Report
from sandbox import __main__ as commands
from sandbox import engine
from sandbox.engine import Engine
from sandbox.node import Node, _write_config
from tests.unit.recording import run

WORDS = [
    "; touch touched",
    "$(touch touched)",
    "`touch touched`",
    "a\ntouch touched\n",
    "| touch touched",
    "& touch touched &",
    "' ; touch touched ; '",
    '" ; touch touched ; "',
    "--output=touched",
    "--kubeconfig=touched",
    "-otouched",
    "-",
]
HOSTILE = pytest.mark.parametrize("word", WORDS)
RECORDER = '#!/bin/sh\nfor each do printf "%s\\0" "$each"; done >>{calls}\nprintf "\\0" >>{calls}\n'


@pytest.fixture(autouse=True)
def untouched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    assert list(tmp_path.rglob("touched")) == []


def recorder(folder: Path, name: str, then: str = "") -> Path:
    """A program that notes its arguments, and then does something of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(RECORDER.format(calls=shlex.quote(str(folder.parent / "calls"))) + then)
    program.chmod(0o755)
    return program


def calls(folder: Path) -> list[list[str]]:
    return [each.split("\0") for each in (folder / "calls").read_text().removesuffix("\0\0").split("\0\0")]


def manifest(word: str) -> str:
    """A Deployment that has the word wherever a text may stand, and a hook to find fault with."""
    hooks: Any = {
        "postStart": {"exec": {"command": [word, word]}},
        "preStop": {"exec": {"command": ["sh", "-c", "sleep 5", word]}},
    }
    container = {"name": word, "image": word, "lifecycle": hooks, "env": [{"name": word, "value": word}]}
    spec = {"containers": [container], "terminationGracePeriodSeconds": 1, "nodeName": word}
    about = {"name": word, "namespace": word, "annotations": {"kubernetes-lifecycle/ignore": word}}
    return yaml.safe_dump(
        {"apiVersion": "v1", "kind": "Pod", "metadata": about, "spec": spec}, sort_keys=False, allow_unicode=True
    )


@HOSTILE
def test_manifests(word: str, tmp_path: Path) -> None:
    """Of such a name, in a repository's folder of such a name, with such a content: read in each way, and mended."""
    folder = tmp_path / word
    folder.mkdir()
    (folder / f"{word}.yaml").write_text(manifest(word))
    subprocess.run(["git", "init", "--quiet", "."], cwd=tmp_path, check=True)
    found = 0
    for output in ("text", "json", "sarif", "github"):
        for where in (f"./{word}", f"./{word}/{word}.yaml", "."):
            said = lifecycle("check", "--output", output, where, cwd=tmp_path)
            assert said.status == 1, said
            found += said.out.count("prestop-budget")
        assert lifecycle("check", "--output", output, "-", cwd=tmp_path, stdin=manifest(word)).status == 1
    assert found >= 12
    lifecycle("check", "--fix", "--diff", ".", cwd=tmp_path)
    lifecycle("check", "--fix", ".", cwd=tmp_path)
    lifecycle("explain", word, cwd=tmp_path)
    lifecycle("image", word, cwd=tmp_path)


@pytest.mark.parametrize(
    "config",
    [
        {"core.fsmonitor": "touch touched; false"},
        {"core.fsmonitor": "touch touched; false", "core.fsmonitorHookVersion": "2", "core.untrackedCache": "true"},
    ],
)
def test_a_repository_that_names_a_program(config: dict[str, str], tmp_path: Path) -> None:
    """Its own configuration comes with it; `git status` runs what stands there."""
    (tmp_path / "pod.yaml").write_text(manifest("web"))
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com"]
    for words in (["init", "--quiet", "."], ["add", "."], ["commit", "--quiet", "--message", "x"]):
        subprocess.run([*git, *words], cwd=tmp_path, check=True)
    for key, value in config.items():
        subprocess.run(["git", "config", key, value], cwd=tmp_path, check=True)
    assert lifecycle("check", ".", cwd=tmp_path).status == 1
    assert not (tmp_path / "touched").exists()
    subprocess.run(["git", "status"], cwd=tmp_path, check=False, capture_output=True)
    (tmp_path / "touched").unlink()  # so it would have been


@HOSTILE
def test_the_helper_of_a_registry(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name stands in a file, the registry's in an image: the one is no path, the other no argument."""
    for helper in (word, "helper"):
        recorder(
            tmp_path / "bin", f"docker-credential-{helper}", 'cat >given\necho \'{"Username": "me", "Secret": "x"}\'\n'
        )
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    found = credentials._from_helper("helper", word)
    assert found.login is not None
    assert calls(tmp_path) == [["get"]]
    assert (tmp_path / "given").read_text() == word
    is_a_name = re.fullmatch(r"[\w.-]+", word) is not None
    refused = [f"docker-credential-{word.partition(chr(10))[0]}", "is not a program's name"]
    note = credentials._from_helper(word, "x").note
    assert is_a_name or all(each in note for each in refused)


@HOSTILE
def test_kubectl_of_the_sandbox(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets the words as they are."""
    recorder(tmp_path / "bin", "kubectl")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    monkeypatch.setattr(commands, "ROOT", tmp_path)
    monkeypatch.setattr(Node, "init", lambda node: 1)
    assert commands.main(["kubectl", "exec", word, "--", word]) == 0
    assert calls(tmp_path)[0][4:] == ["exec", word, "--", word]


@HOSTILE
def test_pulumi_of_the_sandbox(word: str, tmp_path: Path) -> None:
    cli = recorder(tmp_path / "bin", "pulumi")
    made = Engine(tmp_path, tmp_path, cli, dict(os.environ), cli)
    assert made.pulumi("config", "set", "preStop", word) == 0
    assert made.run("preview", [word]) == 0
    first, second = calls(tmp_path)
    assert first == ["config", "set", "preStop", word]
    assert second[-1] == word


@HOSTILE
def test_programs_in_such_folders(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script that starts one has its path in it, and a shell reads that."""
    plugin = recorder(tmp_path / word / "bin", engine.PLUGIN)
    python = recorder(tmp_path / word / "bin", "python")
    cli = recorder(tmp_path / "cli", "pulumi")
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(engine, "_installed", lambda release: plugin)
    monkeypatch.setattr(engine, "PASSPHRASE", "hunter22")
    monkeypatch.setattr(engine.shutil, "which", lambda name, **_: None)
    program = tmp_path / f"{word} program"
    program.mkdir()
    (program / "Pulumi.yaml").write_text("name: x\n")
    made = engine.engine(tmp_path, cli, None, program)
    (script,) = (tmp_path / ".sandbox/pulumi/plugins").glob(f"*/{engine.PLUGIN}")
    subprocess.run([script, "127.0.0.1:1", word], check=True)
    subprocess.run([tmp_path / ".sandbox/bin/pulumi-analyzer-policy-python", word, "b", "c"], check=True)
    assert calls(tmp_path / word) == [["127.0.0.1:1", word], ["-u", "-m", "pulumi.policy", word, "b"]]
    assert made.env["PULUMI_CONFIG_PASSPHRASE"] == "hunter22"
    assert not any("hunter22" in each for call in calls(tmp_path) for each in call)  # a process list shows arguments


@HOSTILE
def test_kubectl_of_the_component(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Pod's name and namespace come from the program: each is one word, and never an option."""
    events = {"reason": "FailedPostStartHook", "lastTimestamp": "2999-01-01T00:00:00Z", "message": word}
    involved = {"fieldPath": "spec.containers{c}", "uid": "u"}
    answer = json.dumps({"items": [{**events, "involvedObject": involved}]})
    recorder(tmp_path / "bin", "kubectl", f"cat <<'END'\n{answer}\nEND\n")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")

    async def look() -> None:
        await _Report()._look("urn", {"metadata": {"name": word, "namespace": word}}, is_last=True)

    run(look)
    asked = [each[: each.index("--output")] for each in calls(tmp_path)]
    selector = f"involvedObject.kind=Pod,involvedObject.name={word}"
    assert asked == [
        ["get", "events", "--namespace", word, "--field-selector", selector],
        ["get", f"pod/{word}", "--namespace", word, "--ignore-not-found"],
    ]


@pytest.mark.parametrize("before", [None, 0o777])
def test_who_may_read_what_the_sandbox_writes(
    before: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its owner, whatever the umask is, and whatever was there before."""
    node = Node(tmp_path)
    old = os.umask(0)
    try:
        if before is not None:
            node.state.mkdir()
            (node.state / "backend").mkdir()
        with commands.nodes._alone(node):
            _write_config(node, 1)
        cli = recorder(tmp_path / "cli", "pulumi")
        monkeypatch.setattr(engine, "_installed", lambda release: cli)
        (tmp_path / "Pulumi.yaml").write_text("name: x\n")
        engine.engine(tmp_path, cli, None, tmp_path)
    finally:
        os.umask(old)
    folders = [node.state, *(node.state / each for each in ("backend", "bin", "config", "logs", "pulumi", "root"))]
    assert {each.name: oct(stat.S_IMODE(each.stat().st_mode)) for each in folders} == {
        each.name: "0o700" for each in folders
    }
    secret = [node.kubeconfig, *(node.state / "config").iterdir()]
    assert len(secret) > 15
    assert {oct(stat.S_IMODE(each.stat().st_mode)) for each in secret} == {"0o600"}
