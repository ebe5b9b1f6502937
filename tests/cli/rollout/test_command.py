"""The command line, as far as it needs no cluster."""

import subprocess
import sys
from pathlib import Path

import pytest
from commands import environment, lifecycle

LOAD = ("--url", "http://127.0.0.1:1/", "--rate", "1", "--duration", "1")


@pytest.mark.parametrize("missing", ["--url", "--rate", "--duration"])
def test_it_does_not_run_without_a_limit(tmp_path: Path, missing: str) -> None:
    at = LOAD.index(missing)
    said = lifecycle("rollout", "deploy/web", *LOAD[:at], *LOAD[at + 2 :], cwd=tmp_path)
    assert said.status == 2
    assert said.err.endswith(f"lifecycle rollout: error: the following arguments are required: {missing}\n")


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("web", *LOAD), "'web' is not a kind; name a workload as KIND/NAME, e.g. deploy/web"),
        (("job/web", *LOAD), "job/web: give deploy/NAME, sts/NAME or ds/NAME"),
        (("deploy/web", *LOAD, "--rate", "6000"), "--rate: 6000: give more than 0 and at most 5,000"),
        (
            ("deploy/web", *LOAD, "--kubeconfig", "nowhere"),
            "nowhere: no such kubeconfig",
        ),
    ],
)
def test_one_line_and_status_2(tmp_path: Path, args: tuple[str, ...], text: str) -> None:
    said = lifecycle("rollout", *args, cwd=tmp_path)
    assert (said.status, said.out, said.err) == (2, "", f"lifecycle rollout: {text}\n")


WITHOUT = "import sys; sys.modules[{!r}] = None; from lifecycle_cli.main import run; run()"


@pytest.mark.parametrize("missing", ["kubernetes", "rich", "websocket"])
def test_what_is_not_installed_is_named_with_how_to_install_it(tmp_path: Path, missing: str) -> None:
    """`verify` reads files by a websocket, and shows no table; `rollout` has rows, and needs no websocket."""
    commands = {"verify": ["verify", "web"], "rollout": ["rollout", "deploy/web", *LOAD]}
    for name in {"rich": ["rollout"], "websocket": ["verify"]}.get(missing, commands):
        done = subprocess.run(
            [sys.executable, "-c", WITHOUT.format(missing), *commands[name]],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment(KUBECONFIG="nowhere"),
            check=False,
        )
        text = f'lifecycle {name}: {missing} is not installed; install it with: pip install "lifecycle-cli[cluster]"\n'
        assert (done.returncode, done.stderr) == (2, text)


def test_verify_too(tmp_path: Path) -> None:
    said = lifecycle("verify", "web", "--expect-text", "x", cwd=tmp_path)
    assert (said.status, said.err) == (
        2,
        "lifecycle verify: --expect-text: name the file to look into with --expect-file PATH\n",
    )
    said = lifecycle("verify", "web", "--kubeconfig", "nowhere", cwd=tmp_path)
    text = "nowhere: no such kubeconfig"
    assert (said.status, said.err) == (2, f"lifecycle verify: {text}\n")


@pytest.mark.parametrize("given", ["-1", "3601", "x"])
def test_a_time_out_is_bounded(tmp_path: Path, given: str) -> None:
    said = lifecycle("verify", "web", f"--timeout={given}", cwd=tmp_path)
    assert said.status == 2
    assert f"argument --timeout: {given}: not a time; give seconds from 0 to 3600" in said.err
