"""Layers that are put on each other, and the programs that a container then has."""

import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.cli.image.building import file, folder, hard_link, member, symlink


@dataclass(frozen=True)
class Case:
    name: str
    layers: Sequence[Sequence[tarfile.TarInfo]]
    programs: Mapping[str, str]
    """What PATH finds by name, and the file that it is."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """Paths and the files that they are; empty for those that cannot be run."""


CASES = (
    Case("one file", [[folder("bin"), file("bin/sh")]], {"sh": "/bin/sh"}, {"/bin/sh": "/bin/sh", "/bin/bash": ""}),
    Case(
        "names with a dot or a slash before", [[file("./bin/sh"), file("/bin/ls")]], {"sh": "/bin/sh", "ls": "/bin/ls"}
    ),
    Case(
        "whiteout",
        [[file("bin/sh"), file("bin/curl"), file("opt/tool/run")], [file("bin/.wh.curl"), file(".wh.opt")]],
        {"sh": "/bin/sh"},
        {"/bin/curl": "", "/opt/tool/run": ""},
    ),
    Case(
        "whiteout of a link takes the link alone",
        [[file("usr/bin/dash"), symlink("bin", "usr/bin")], [file(".wh.bin")]],
        {"dash": "/usr/bin/dash"},
        {"/bin/dash": ""},
    ),
    Case(
        "whiteout, and the file again in a third layer",
        [[file("bin/sh")], [file("bin/.wh.sh")], [file("bin/sh")]],
        {"sh": "/bin/sh"},
    ),
    Case(
        "opaque folder",
        [[file("bin/sh"), file("bin/sub/x")], [folder("bin"), file("bin/.wh..wh..opq"), file("bin/app")]],
        {"app": "/bin/app"},
        {"/bin/sub/x": ""},
    ),
    Case(
        "opaque marker behind the files of its own layer, which stay",
        [[file("bin/sh")], [folder("bin"), file("bin/app"), file("bin/.wh..wh..opq")]],
        {"app": "/bin/app"},
    ),
    Case(
        "link of a folder",
        [[folder("usr/bin"), symlink("bin", "usr/bin"), file("usr/bin/dash"), symlink("usr/bin/sh", "dash")]],
        {"dash": "/usr/bin/dash", "sh": "/usr/bin/dash"},
        {"/bin/sh": "/usr/bin/dash", "/bin/../bin/./sh": "/usr/bin/dash", "/bin": "", "/bin/": ""},
    ),
    Case(
        "a folder in an upper layer hides the link",
        [[symlink("bin", "usr/bin"), file("usr/bin/sh")], [folder("bin"), file("bin/app")]],
        {"app": "/bin/app", "sh": "/usr/bin/sh"},
        {"/bin/sh": "", "/bin/app": "/bin/app"},
    ),
    Case(
        "a file behind a link of its own layer",
        [[symlink("bin", "usr/bin"), folder("usr/bin"), file("bin/sh")]],
        {"sh": "/usr/bin/sh"},
        {"/bin/sh": "/usr/bin/sh"},
    ),
    Case(
        "hard link",
        [[file("bin/busybox"), hard_link("bin/sh", "bin/busybox")]],
        {"busybox": "/bin/busybox", "sh": "/bin/sh"},
    ),
    Case(
        "hard link to a link",
        [[file("bin/dash"), symlink("bin/sh", "dash"), hard_link("sbin/sh", "bin/sh")]],
        {"dash": "/bin/dash", "sh": "/bin/dash"},
        {"/sbin/sh": ""},
    ),
    Case(
        "hard link whose first name a later layer takes away",
        [[file("bin/a"), hard_link("bin/b", "bin/a")], [file("bin/.wh.a")]],
        {"b": "/bin/b"},
    ),
    Case(
        "busybox",
        [[file("bin/busybox"), *(symlink(f"bin/{each}", "/bin/busybox") for each in ("sh", "ash", "wget", "["))]],
        {each: "/bin/busybox" for each in ("busybox", "sh", "ash", "wget", "[")},
    ),
    Case(
        "a ring of links, one to itself, one that leads nowhere",
        [
            [
                symlink("bin/a", "b"),
                symlink("bin/b", "a"),
                symlink("bin/c", "c"),
                symlink("bin/d", "gone"),
                file("bin/e"),
            ]
        ],
        {"e": "/bin/e"},
        {"/bin/a": "", "/bin/c": "", "/bin/d": "", "/bin/a/x": ""},
    ),
    Case(
        "a chain of links, the last of which is too many for Linux",
        [[file("bin/f0"), *(symlink(f"bin/f{each}", f"f{each - 1}") for each in range(1, 42))]],
        {f"f{each}": "/bin/f0" for each in range(41)},
        {"/bin/f40": "/bin/f0", "/bin/f41": ""},
    ),
    Case(
        "relative links out of the root, which end there",
        [[file("opt/run"), symlink("bin/run", "../../../../opt/run"), symlink("bin/up", ".."), symlink("top", "/")]],
        {"run": "/opt/run"},
        {"/bin/up/opt/run": "/opt/run", "/top/top/opt/run": "/opt/run", "/../../opt/run": "/opt/run"},
    ),
    Case(
        "alternatives: links of links, absolute and relative",
        [
            [
                symlink("usr/bin/awk", "/etc/alternatives/awk"),
                symlink("etc/alternatives/awk", "../../bin/mawk"),
                symlink("bin", "usr/bin"),
                file("usr/bin/mawk"),
            ]
        ],
        {"awk": "/usr/bin/mawk", "mawk": "/usr/bin/mawk"},
    ),
    Case(
        "a folder replaced by a file, and a file by a folder",
        [[file("bin/x/y"), file("bin/z")], [file("bin/x"), folder("bin/z"), file("bin/z/y")]],
        {"x": "/bin/x"},
        {"/bin/x/y": "", "/bin/z": "", "/bin/z/y": "/bin/z/y"},
    ),
    Case(
        "a file replaced by a link, and a link by a file",
        [[file("bin/a"), symlink("bin/b", "a"), file("bin/c")], [symlink("bin/a", "c"), file("bin/b")]],
        {"a": "/bin/c", "b": "/bin/b", "c": "/bin/c"},
    ),
    Case(
        "not executable, executable by others alone, and made so later",
        [[file("bin/data", 0o644), file("bin/odd", 0o641), file("bin/late", 0o600)], [file("bin/late", 0o700)]],
        {"odd": "/bin/odd", "late": "/bin/late"},
        {"/bin/data": ""},
    ),
    Case(
        "what is no file",
        [
            [
                member("bin/pipe", tarfile.FIFOTYPE),
                member("bin/null", tarfile.CHRTYPE),
                folder("bin/folder"),
                file("bin/sh"),
            ]
        ],
        {"sh": "/bin/sh"},
        {"/bin/pipe": "", "/bin/folder": ""},
    ),
    Case(
        "PATH in order: the first name that can be run",
        [[file("usr/local/bin/sh", 0o644), symlink("usr/sbin/sh", "gone"), file("usr/bin/sh"), file("bin/sh")]],
        {"sh": "/usr/bin/sh"},
    ),
    Case(
        "the same name twice in one layer: the last one counts",
        [[file("bin/sh", 0o644), file("bin/sh"), file("bin/ls"), file("bin/ls", 0o644)]],
        {"sh": "/bin/sh"},
    ),
    Case(
        "whiteouts of what is not there, and notes of aufs",
        [[file("bin/.wh.gone"), file("bin/sh"), file(".wh..wh.aufs"), file("none/.wh..wh..opq")]],
        {"sh": "/bin/sh"},
    ),
    Case(
        "a whiteout beside a folder of its name",
        [[file("bin/sub/a"), file("bin/sh")], [file(".wh.bin"), folder("bin"), file("bin/app")]],
        {"app": "/bin/app", "sh": "/bin/sh"},
        {"/bin/sub/a": "/bin/sub/a"},
    ),
    Case(
        "a link that leads elsewhere later in its own layer",
        [[symlink("bin", "x/1"), file("bin/a"), symlink("bin", "x/2"), file("bin/b")]],
        {"b": "/x/2/b"},
        {"/x/1/a": "/x/1/a", "/bin/a": ""},
    ),
    Case("nothing", [[]], {}, {"/": "", "": "", "sh": ""}),
)
