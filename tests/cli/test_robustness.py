"""Files that are none, names that are no text, and inputs that are too large, too deep, or without an end."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from commands import API, COMMAND, environment, lifecycle

from tests.generated import IN_FULL

FOUND = "14:13: error [sleep-bounds] Deployment api, container api"
NUL = "it is not text: it has a NUL character"
DEEP = "its nesting is too deep to read"
LARGE = "its aliases make it larger than any object can be"
BOMB = "k: &a0 [x]\n" + "".join(f"m{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 40))
MERGES = "k: &a0 {x: y}\n" + "".join(
    f"m{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}], k{n}: v}}\n" for n in range(1, 40)
)


def zeros(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2 << 30)


def socket_at(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # a socket's name is short
    socket.socket(socket.AF_UNIX).bind(path.name)
    os.chdir(before)


# What is made, and what is said of it, by the file's name. They lie in one folder, with a good one.
ODD: dict[str, tuple[Any, str]] = {
    "bomb.yaml": (BOMB, f"bomb.yaml:1:1: not judged: {LARGE}"),
    "bytes.yaml": (bytes(range(256)), "bytes.yaml: not judged: it is not UTF-8 text: byte 0x80"),
    "dangling.yaml": (lambda path: path.symlink_to("missing"), "dangling.yaml: not judged: no such file or folder"),
    "deep.json": ("[" * 100_000, f"deep.json:1:1: not judged: {DEEP}"),
    "deep.yaml": ("- " * 1_000_000, f"deep.yaml:1:401: not judged: {DEEP}"),
    "fifo.yaml": (lambda path: os.mkfifo(path), "fifo.yaml: not judged: it is not a regular file"),
    "infinite.json": ('{"a": 1e999}', "infinite.json:1:1: not judged: 1e999 is too large a number"),
    "latin.yaml": (API.replace("api", "\xe9").encode("latin-1"), "latin.yaml: not judged: it is not UTF-8 text"),
    "loop.yaml": (lambda path: path.symlink_to("loop.yaml"), "loop.yaml: not judged: too many levels of symbolic"),
    "merges.yaml": (f"{MERGES}spec: {{<<: 1}}\n", "merges.yaml:41:8: not judged: the merged value is not a mapping"),
    "self.yaml": ("a: &a {<<: *a}\n", "self.yaml:1:4: not judged: a mapping merges itself"),
    "socket.yaml": (socket_at, "socket.yaml: not judged: it is not a regular file"),
    "tabs.yaml": (API.replace("    spec", "\tspec"), "tabs.yaml:7:1: not judged: while scanning for the next token, "),
    "tag.yaml": ("a: !!null [b]\n", "tag.yaml:1:1: not judged: a value does not fit its type"),
    "utf-16.yaml": (API.encode("utf-16"), "utf-16.yaml: not judged: it is not UTF-8 text: byte 0xff"),
    "zeros.yaml": (zeros, f"zeros.yaml:1: not judged: {NUL}"),
    "bom.yaml": (f"\ufeff{API}", f"bom.yaml:{FOUND}"),
    "colon:1.yaml": (API, f"colon:1.yaml:{FOUND}"),
    "cr.yaml": (API.replace("\n", "\r").encode(), f"cr.yaml:{FOUND}"),
    "crlf.yaml": (API.replace("\n", "\r\n").encode(), f"crlf.yaml:{FOUND}"),
    "line\nend.yaml": (API, f"line\\nend.yaml:{FOUND}"),
    "next\x85.yaml": (
        API.replace("name: api\n  ", 'name: "a\x85b"\n  '),
        "next\\x85.yaml:14:13: error [sleep-bounds] Deployment api, container a b",
    ),
    "no-text\udcff.yaml": (API, f"no-text\\udcff.yaml:{FOUND}"),
    "yaml.yml/self.yaml": (lambda path: path.symlink_to("."), ""),
    "yaml.yml/up.yaml": (lambda path: path.symlink_to(".."), ""),
    "half.json": (
        '{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "\\ud800", "ports": [{}]}]}}',
        "half.json:1:1: error [pre-stop-required] Pod without a name, container \ufffd",
    ),
    "escape.yaml": (
        API.replace("- name: api", '- name: "\\e[31m"'),
        "escape.yaml:14:13: error [sleep-bounds] Deployment api, container \\x1b[31m",
    ),
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    for name, (what, _) in ODD.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        if isinstance(what, str | bytes):
            path.write_bytes(what.encode() if isinstance(what, str) else what)
        else:
            what(path)
    return folder


def test_each_is_said_and_the_rest_is_judged(odd: Path) -> None:
    said = lifecycle("check", ".", cwd=odd, PYTHONIOENCODING="utf-8:strict")
    assert (said.status, said.err) == (2, "")
    lines = [line.removeprefix("./") for line in said.out.split("\n")]
    for name, (_, start) in ODD.items():
        assert any(line.startswith(start) for line in lines), name
    assert len([line for line in lines if ": not judged: " in line]) == sum("not judged" in s for _, s in ODD.values())
    assert len([line for line in lines if "[sleep-bounds]" in line]) == sum("[sleep" in s for _, s in ODD.values())


@pytest.mark.parametrize("output", ["json", "sarif", "github", "junit"])
def test_in_each_form(output: str, odd: Path) -> None:
    said = lifecycle("check", "--output", output, ".", cwd=odd, PYTHONIOENCODING="utf-8:strict")
    assert (said.status, said.err) == (2, "")
    assert "crlf.yaml" in said.out


@pytest.mark.parametrize("name", [name for name, (_, start) in ODD.items() if "not judged" in start])
def test_by_its_name(name: str, odd: Path) -> None:
    said = lifecycle("check", name, cwd=odd)
    assert (said.status, said.err) == (2, "")
    assert said.out.startswith(ODD[name][1])


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("", "no such file or folder"),
        ("missing", "no such file or folder"),
        ("/dev/null/api.yaml", "not a directory"),
        ("n" * 300, "file name too long"),
        ("/dev/zero", "it is not a regular file"),
        ("/proc/self/mem", "input/output error"),
    ],
)
def test_what_is_no_file(path: str, what: str, tmp_path: Path) -> None:
    said = lifecycle("check", path, cwd=tmp_path)
    assert said == (2, f"{path}: not judged: {what}\n1 file, 0 objects: no findings; 1 not judged\n", "")


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("setpriv"), reason="needs root, to be somebody else")
@pytest.mark.parametrize("has_git", [False, True])
def test_what_one_may_not_read(has_git: bool) -> None:
    folder = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    try:
        (folder / "shut").mkdir()
        (folder / "shut.yaml").write_text(API)
        (folder / "open.yaml").write_text(API)
        if has_git:
            subprocess.run(["git", "init", "--quiet", folder], check=True)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, 65534, 65534)
        for name in ("shut", "shut.yaml"):
            (folder / name).chmod(0)
        # as nobody, who may not read the interpreter's own folder: so the modules are loaded before
        program = (
            "import encodings.utf_8_sig, locale, os, shutil, subprocess, sys, yaml_rs\n"
            "import lifecycle_cli.checking, lifecycle_cli.main, lifecycle_cli.outputs.text, lifecycle_cli.paths\n"
            "os.setgroups([]); os.setgid(65534); os.setuid(65534); os.environ['HOME'] = '/'\n"
            "sys.exit(lifecycle_cli.main.main(['check', 'shut', 'shut/api.yaml', '.']))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, env=environment()
        )
        assert (done.returncode, done.stderr) == (2, "")
        lines = done.stdout.splitlines()
        assert f"open.yaml:{FOUND}" in lines
        assert "shut.yaml: not judged: permission denied" in lines
        assert "shut/: not judged: it is an unreadable folder" in lines
        assert "shut/api.yaml: not judged: permission denied" in lines
    finally:
        shutil.rmtree(folder)


def test_a_file_that_vanishes(tmp_path: Path) -> None:
    """While others are read, one is removed, again and again."""
    for number in range(40):
        (tmp_path / f"{number:02}.yaml").write_text(API)
    process = subprocess.Popen(
        [*COMMAND, "check", "."],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    time.sleep(0.2)
    for number in range(40):
        (tmp_path / f"{number:02}.yaml").unlink()
    out, err = process.communicate()
    assert err == ""
    assert process.returncode in (0, 1, 2)
    assert out.splitlines()[-1].endswith("no findings") or "40 files" in out.splitlines()[-1]


def peak(args: list[str], stdin: Any, cwd: Path) -> tuple[int, float, str]:
    """Status, the largest process' memory in MiB, and the last line."""
    program = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True)\n"
        "print(done.stdout.splitlines()[-1])\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10, done.returncode)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *COMMAND, *args],
        stdin=stdin,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment(),
        check=True,
    )
    assert done.stderr == ""
    *_, last, numbers = done.stdout.splitlines()
    megabytes, status = numbers.split()
    return int(status), float(megabytes), last


GOOD = API.replace("seconds: 40", "seconds: 5")
STREAM = 100 << 20 if IN_FULL else 2 << 20


def test_a_long_stream_in_bounded_memory(tmp_path: Path) -> None:
    stream = tmp_path / "stream.yaml"
    count = STREAM // len(GOOD)
    with stream.open("w") as file:
        for number in range(count):
            file.write(f"---\n{GOOD.replace('name: api', f'name: api-{number}')}")
    with stream.open() as file:
        status, megabytes, last = peak(["check", "-"], file, tmp_path)
    assert (status, last) == (0, f"1 file, {count:,} objects: no findings")
    assert megabytes < 150


def test_one_large_document(tmp_path: Path) -> None:
    size = 30 << 20 if IN_FULL else 3 << 20
    line = "    some words of a file that somebody mounts, and of which nothing is judged: 1\n"
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  a: |\n" + line * (size // len(line))
    (tmp_path / "map.yaml").write_text(text)
    status, megabytes, last = peak(["check", "map.yaml"], None, tmp_path)
    assert (status, last) == (0, "1 file, 1 object: no findings")
    assert megabytes < 60 + 16 * (size >> 20)


def test_a_folder_of_many_small_files(tmp_path: Path) -> None:
    count = 5000 if IN_FULL else 500
    for number in range(count):
        (tmp_path / f"{number}.yaml").write_text(API)
    (tmp_path / "broken.yaml").write_text("a: [")
    status, megabytes, last = peak(["check", "."], None, tmp_path)
    assert (status, last) == (2, f"{count + 1:,} files, {count:,} objects: {count:,} errors; 1 not judged")
    assert megabytes < 200


def test_a_reader_that_has_seen_enough(odd: Path) -> None:
    command = f"{' '.join(COMMAND)} check . | head -1"
    done = subprocess.run(["sh", "-c", command], cwd=odd, capture_output=True, text=True, env=environment())
    assert done.stderr == ""
    assert re.fullmatch(r"\S+: error .*\n", done.stdout)


@pytest.mark.parametrize("args", [("check", "bom.yaml"), ("rules",)])
def test_an_output_that_takes_nothing(args: tuple[str, ...], odd: Path) -> None:
    """It ends as what could not be done, and not as a finding."""
    for redirection, message in (("> /dev/full", "no space left on device"), (">&-", "standard output is closed")):
        command = f"{' '.join(COMMAND)} {' '.join(args)} {redirection}"
        done = subprocess.run(["sh", "-c", command], cwd=odd, capture_output=True, text=True, env=environment())
        assert (done.returncode, done.stderr) == (2, f"lifecycle: {message}\n")


def test_an_input_that_is_closed(tmp_path: Path) -> None:
    command = f"{' '.join(COMMAND)} check - <&-"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, env=environment())
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.startswith("-: not judged: standard input is closed\n")


def test_interrupted(tmp_path: Path) -> None:
    """Ctrl-C ends it with the status that shells know, and no traceback."""
    import signal

    os.mkfifo(tmp_path / "in")
    process = subprocess.Popen(
        [*COMMAND, "check", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=environment()
    )
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    with contextlib.suppress(BrokenPipeError):
        _, err = process.communicate()
    assert (process.returncode, err) == (130, b"")
