"""What layers make of each other; tests/cluster/test_image.py shows the same cases to containerd."""

import tarfile
from pathlib import Path

import pytest

from lifecycle_cli.image import Contents, ImageError, read
from tests.cli.image import building
from tests.cli.image.building import GZIP, PLAIN, ZSTD, Image, Packing, file, folder, hard_link, layer, symlink
from tests.cli.image.cases import CASES, Case


def contents(image: Image, tmp_path: Path) -> Contents:
    return read(f"{building.write_folder(building.layout(image), tmp_path / 'layout')}/")


@pytest.mark.parametrize("packing", [PLAIN, GZIP, ZSTD], ids=lambda each: each.name)
@pytest.mark.parametrize("case", CASES, ids=lambda each: each.name)
def test_the_programs(case: Case, packing: Packing, tmp_path: Path) -> None:
    found = contents(Image([layer(*each) for each in case.layers], packing), tmp_path)
    assert {name: each.file for name, each in found.programs.items()} == case.programs
    for path, target in case.paths.items():
        assert found.resolve(path) == target, path


@pytest.mark.parametrize(
    ("layers", "path", "target"),
    [
        ([[file("bin/a")], [hard_link("bin/b", "bin/a")]], "/bin/b", "/bin/b"),
        ([[symlink("bin", "usr/bin"), file("usr/bin/a")], [hard_link("b", "bin/a")]], "/b", "/b"),
        ([[file("a", 0o644)], [hard_link("b", "a")]], "/b", ""),
        ([[file("x"), symlink("a", "x")], [hard_link("b", "a")]], "/b", "/x"),
        ([[file("a")], [hard_link("b", "a"), file("b", 0o644)]], "/b", ""),
        ([[file("a")], [file("a"), file(".wh.a")]], "/a", "/a"),
        ([[file("t/a")], [file("t/b"), file(".wh.t")]], "/t/a", "/t/a"),
        ([[file("t/a")], [file(".wh.t"), file("t/b")]], "/t/b", "/t/b"),
    ],
)
def test_what_containerd_refuses_and_others_unpack(
    layers: list[list[tarfile.TarInfo]], path: str, target: str, tmp_path: Path
) -> None:
    """Hard links to lower layers, and whiteouts beside what they name."""
    assert contents(Image([layer(*each) for each in layers]), tmp_path).resolve(path) == target


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names(form: int, tmp_path: Path) -> None:
    deep = "opt/" + "/".join(["a" * 60] * 3)
    members = [file(f"{deep}/run"), symlink("bin/run", f"/{deep}/run")]
    if form != tarfile.USTAR_FORMAT:
        members += [file(f"{deep}/{'n' * 120}/{'é' * 90}"), symlink("bin/far", f"/{deep}/{'n' * 120}/{'é' * 90}")]
        members += [hard_link("bin/hard", f"{deep}/{'n' * 120}/{'é' * 90}")]
    else:
        members[1] = symlink("bin/run", "../opt/run")
        members.append(hard_link("opt/run", "bin/true"))
        members.insert(0, file("bin/true"))
    found = contents(Image([layer(*members, form=form)]), tmp_path)
    assert found.resolve(f"/{deep}/run") == f"/{deep}/run"
    if form == tarfile.USTAR_FORMAT:
        assert found.resolve("/bin/run") == "/opt/run"
    else:
        assert found.resolve("/bin/far") == f"/{deep}/{'n' * 120}/{'é' * 90}"
        assert found.can_run("/bin/hard")


def header(member: tarfile.TarInfo, size: int, extended: bool = False) -> bytes:
    member.size = size
    found = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    found[482] = extended
    found[148:156] = b" " * 8
    found[148:156] = b"%06o\0 " % sum(found)
    return bytes(found)


def test_headers_of_old_archives(tmp_path: Path) -> None:
    """Folders that a slash marks, sizes of what has no content, and GNU's files with holes."""
    data = b"x".ljust(512, b"\0")
    members = [
        header(building.member("bin/", tarfile.AREGTYPE), 0),
        header(file("bin/sh"), 1) + data,
        header(hard_link("bin/ash", "bin/sh"), 1),
        header(symlink("bin/dash", "sh"), 1),
        header(folder("opt"), 1),
        header(building.member("bin/holes", b"S"), 1, extended=True),
        bytes(504) + b"\1" + bytes(7),
        bytes(512),
        data,
        header(file("bin/last"), 1) + data,
    ]
    found = contents(Image([b"".join(members) + bytes(1024)]), tmp_path)
    assert set(found.programs) == {"ash", "dash", "holes", "last", "sh"}


def test_links_are_kept_where_they_lead_to_programs(tmp_path: Path) -> None:
    members = [file("opt/bin/sh"), file("share/doc", 0o644), symlink("bin", "opt/bin"), symlink("o", "opt")]
    members += [symlink("d", "share"), symlink("opt/bin/ash", "sh"), symlink("opt/doc", "../share/doc")]
    found = contents(Image([layer(*members)]), tmp_path)
    assert found.links == {"/bin": "/opt/bin", "/o": "/opt", "/opt/bin/ash": "/opt/bin/sh"}


def test_many_frames(tmp_path: Path) -> None:
    """As stargz and pigz write them: one gzip member, or one zstd frame, behind the other, and frames without data."""
    plain = layer(file("bin/sh"), file("bin/big"), content=bytes(3_000_000))
    skipped = b"\x50\x2a\x4d\x18\x04\x00\x00\x00note"
    ways = [
        lambda text: (
            b"".join(GZIP.pack(text[at : at + 500_000]) for at in range(0, len(text), 500_000)) + bytes(200_000)
        ),
        lambda text: (
            skipped + b"".join(ZSTD.pack(text[at : at + 500_000]) + skipped for at in range(0, len(text), 500_000))
        ),
    ]
    for number, way in enumerate(ways):
        image = Image([plain], Packing("many", f"{building.OCI}.layer.v1.tar", way))
        assert contents(image, tmp_path / str(number)).can_run("/bin/big")


def test_the_config_says_where_path_leads(tmp_path: Path) -> None:
    members = [file("bin/sh"), file("opt/app/run"), file("opt/app/sh"), symlink("app", "opt/app")]
    runs = {
        "Env": ["HOME=/root", "PATH=/app:relative::/bin"],
        "Entrypoint": ["/app/run"],
        "Cmd": ["--port", "80"],
        "User": "1000:1000",
        "StopSignal": "SIGQUIT",
        "WorkingDir": "/opt",
    }
    found = contents(Image([layer(*members)], runs=runs), tmp_path)
    assert found.path == ("/app", "relative", "/bin")
    assert found.find("sh") == ("/app/sh", "/opt/app/sh")
    assert found.find("sh", ["/usr/bin", "/bin/"]) == ("/bin/sh", "/bin/sh")
    assert found.find("bash") is None
    assert found.find("app/run") == ("app/run", "/opt/app/run")
    assert (found.entrypoint, found.command, found.user) == (("/app/run",), ("--port", "80"), "1000:1000")
    assert (found.stop_signal, found.working_dir, found.platform) == ("SIGQUIT", "/opt", "linux/amd64")
    assert found.lacks(["sh", "bash", "run"]) == {"bash"}


def test_what_no_config_says(tmp_path: Path) -> None:
    found = contents(Image([layer(file("bin/sh"))]), tmp_path)
    assert found.path == ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
    assert (found.stop_signal, found.user, found.working_dir) == ("SIGTERM", "", "/")


def test_what_is_built_into_a_shell_is_not_lacking_in_the_entry(tmp_path: Path) -> None:
    found = contents(Image([layer(file("bin/sh"))]), tmp_path / "a")
    assert {"kill", "echo"} <= found.lacks() and "kill" in found.built_in
    assert not {"kill", "echo", "sh"} & {*found.entry()["lacks"]}
    assert {"bash", "drain"} <= {*found.entry(also=["drain", "sh"])["lacks"]}
    without = contents(Image([layer(file("bin/app"))]), tmp_path / "b")
    assert {"kill", "echo", "sh"} <= {*without.entry()["lacks"]}


@pytest.mark.parametrize(
    ("members", "what"),
    [
        ([file("a"), file("a/b")], "/a is a folder, and a part of it is a file"),
        ([symlink("a", "b"), symlink("b", "a"), file("a/c")], "the links in /a form a loop"),
        ([symlink("a", "."), file("a/a"), file("a/b")], "/a is a folder, and a part of it is a file"),
        ([hard_link("a", "b")], "a hard link names /b, which is not a file"),
        ([folder("b"), hard_link("a", "b")], "a hard link names the folder b"),
        ([hard_link("a", "/")], "'/' is not a file that a link could name"),
        ([file("a/.wh...")], "a whiteout names '..'"),
        ([file(".wh.")], "a whiteout names 'nothing'"),
        ([building.member("a", b"Z")], "a is neither a file nor a folder nor a link"),
        ([file("a/" * 3000 + "b")], "it has a path of 6001 characters"),
    ],
)
def test_what_no_runtime_unpacks(members: list[tarfile.TarInfo], what: str, tmp_path: Path) -> None:
    with pytest.raises(ImageError) as raised:
        contents(Image([layer(*members)]), tmp_path)
    how = "Build the image again, or ask its publisher to do so."
    assert str(raised.value) == (f"{tmp_path}/layout/: layer 1 of 1: no container runtime unpacks it: {what}. {how}")
