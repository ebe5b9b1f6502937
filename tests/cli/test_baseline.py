"""A baseline: what it has is not held against anybody, wherever its line goes; what is gone is said."""

import json
from pathlib import Path

import pytest
from commands import API, Said, lifecycle

GONE = "lifecycle.known: no longer found: api.yaml: Deployment api, container api [sleep-bounds]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "api.yaml").write_text(API)
    said = check(tmp_path, "--write-baseline")
    assert said == (
        0,
        "1 file, 1 object: no findings; 1 in the baseline\n",
        "lifecycle.known: 1 finding recorded\n",
    )
    return tmp_path


def check(folder: Path, *args: str, path: str = ".") -> Said:
    return lifecycle("check", "--baseline", "lifecycle.known", *args, path, cwd=folder)


def last(said: Said) -> str:
    return said.out.splitlines()[-1]


def test_it_is_sorted_and_has_a_line_for_each(folder: Path) -> None:
    (folder / "b.yaml").write_text(API.replace("name: api", "name: b"))
    (folder / "a.yaml").write_text(API.replace("name: api", "name: a"))
    assert check(folder, "--write-baseline").err == "lifecycle.known: 3 findings recorded\n"
    text = (folder / "lifecycle.known").read_text()
    entries = json.loads(text)["findings"]
    assert [each["file"] for each in entries] == ["a.yaml", "api.yaml", "b.yaml"]
    assert [line.count('"fingerprint"') for line in text.splitlines()] == [0, 0, 0, 1, 1, 1, 0, 0][: text.count("\n")]
    assert check(folder, "--write-baseline").err == "lifecycle.known: 3 findings recorded\n"
    assert (folder / "lifecycle.known").read_text() == text


@pytest.mark.parametrize(
    "text",
    [
        f"# a comment\n\n{API}",
        f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\n---\n{API}",
        API.replace("\n", "\r\n"),
        API.replace(
            "      - name: api", "      - {name: first, lifecycle: {preStop: {sleep: {seconds: 5}}}}\n      - name: api"
        ),
    ],
)
def test_a_moved_line_is_known(text: str, folder: Path) -> None:
    (folder / "api.yaml").write_bytes(text.encode())
    said = check(folder)
    assert (said.status, said.err) == (0, "")
    assert last(said).endswith(": no findings; 1 in the baseline")


def test_from_another_folder(folder: Path) -> None:
    """Files are named from the baseline's folder on."""
    (folder / "sub").mkdir()
    said = lifecycle("check", "--baseline", "../lifecycle.known", "../api.yaml", cwd=folder / "sub")
    assert said == (0, "1 file, 1 object: no findings; 1 in the baseline\n", "")


def test_a_renamed_file_is_new_and_the_old_one_is_gone(folder: Path) -> None:
    (folder / "api.yaml").rename(folder / "web.yaml")
    said = check(folder)
    assert (said.status, said.err) == (1, GONE)
    assert last(said) == "1 file, 1 object: 1 error"


def test_what_is_mended_is_gone(folder: Path) -> None:
    (folder / "api.yaml").write_text(API.replace("40", "5"))
    assert check(folder) == (0, "1 file, 1 object: no findings\n", GONE)


def test_what_was_not_looked_for_is_not_gone(folder: Path) -> None:
    (folder / "web.yaml").write_text(API.replace("40", "5"))
    assert check(folder, path="web.yaml") == (0, "1 file, 1 object: no findings\n", "")
    assert check(folder, "--ignore", "sleep-bounds") == (0, "2 files, 2 objects: no findings\n", "")


def test_a_second_of_the_same_is_new(folder: Path) -> None:
    """In the same file, in another, and of the same object."""
    (folder / "api.yaml").write_text(f"{API}---\n{API}")
    said = check(folder)
    assert (said.status, last(said)) == (1, "1 file, 2 objects: 1 error; 1 in the baseline")
    (folder / "api.yaml").write_text(API)
    (folder / "other.yaml").write_text(API)
    said = check(folder)
    assert (said.status, last(said)) == (1, "2 files, 2 objects: 1 error; 1 in the baseline")


def test_the_same_object_in_two_files_in_whatever_order(folder: Path) -> None:
    """A fingerprint is one finding's: those of the second file stay the second's, when it is checked alone, too."""
    (folder / "other.yaml").write_text(API)
    assert check(folder, "--write-baseline").err == "lifecycle.known: 2 findings recorded\n"
    for path in (".", "api.yaml", "other.yaml"):
        said = check(folder, path=path)
        assert (said.status, said.err) == (0, ""), path


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (None, "no such file or directory; --write-baseline makes one"),
        ("", "not a baseline; --write-baseline makes one"),
        ("[" * 100_000, "not a baseline; --write-baseline makes one"),
        ("{}", "not a baseline; --write-baseline makes one"),
        ('{"version": 1, "findings": [{}]}', "not a baseline; --write-baseline makes one"),
        ('{"version": 2, "findings": []}', "version 2 of a baseline is unknown; write it again with --write-baseline"),
        (b"\xff\xfe", "not a baseline; --write-baseline makes one"),
    ],
)
def test_what_is_no_baseline(text: str | bytes | None, wrong: str, folder: Path) -> None:
    path = folder / "lifecycle.known"
    path.unlink()
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert check(folder) == (2, "", f"lifecycle: lifecycle.known: {wrong}\n")


def test_it_is_not_written_where_that_is_not_possible(folder: Path) -> None:
    said = lifecycle("check", "--baseline", "missing/a.json", "--write-baseline", ".", cwd=folder)
    assert said == (2, "", "lifecycle: missing/a.json: no such file or directory\n")


def test_what_could_not_be_judged_stays_so(folder: Path) -> None:
    (folder / "broken.yaml").write_text("a: [")
    said = check(folder)
    assert (said.status, said.err) == (2, "")
    assert last(said) == "2 files, 1 object: no findings; 1 not judged; 1 in the baseline"
