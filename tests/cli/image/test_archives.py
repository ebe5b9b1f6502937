"""Archives and layouts: what docker, podman, skopeo and buildx write, and what is said of anything else."""

import gzip
import io
import json
import random
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lifecycle_cli.image import Contents, ImageError, Platform, read
from lifecycle_cli.image import work as bounds
from lifecycle_cli.image.layers import TRY_AGAIN
from tests.cli.image import building
from tests.cli.image.building import GZIP, PLAIN, ZSTD, Image, archive, digest, file, layer, layout, saved, symlink

WEB = Image([layer(file("bin/sh")), layer(file("bin/web"))], PLAIN)
ARM = Image([layer(file("bin/arm"))], platform="linux/arm64")
SAVE = "Write it with `docker save NAME` or `skopeo copy`."
NEITHER = "it has neither manifest.json nor index.json, so it is not an image archive"
DAMAGED = "it is not an image archive, or it is damaged"
NO_REFERENCE = "it is neither an image reference nor the path of an archive"


def of(content: bytes, tmp_path: Path, platform: Platform | None = None) -> Contents:
    (tmp_path / "web.tar").write_bytes(content)
    return read(f"{tmp_path}/web.tar", platform)


def fault(content: bytes, tmp_path: Path) -> str:
    with pytest.raises(ImageError) as raised:
        of(content, tmp_path)
    said = str(raised.value)
    assert said.startswith(f"{tmp_path}/web.tar: ") and "\n" not in said
    return said.removeprefix(f"{tmp_path}/web.tar: ")


@pytest.mark.parametrize("pack", [bytes, GZIP.pack, ZSTD.pack])
@pytest.mark.parametrize("packing", [PLAIN, GZIP])
def test_docker_save(packing: building.Packing, pack: object, tmp_path: Path) -> None:
    image = Image(WEB.layers, packing)
    assert callable(pack)
    found = of(pack(archive(saved(image, "acme/web:1", "acme/web:latest"))), tmp_path)
    assert set(found.programs) == {"sh", "web"}
    assert (found.digest, found.names) == (digest(image.config), ("acme/web:1", "acme/web:latest"))
    assert (found.entry()["name"], found.entry()["tag"]) == ("docker.io/acme/web", "1")


def test_docker_save_since_25(tmp_path: Path) -> None:
    """A layout, with manifest.json beside it for older readers."""
    blobs = [f"blobs/{digest(each).replace(':', '/')}" for each in (WEB.config, *WEB.packed)]
    old = [{"Config": blobs[0], "RepoTags": ["acme/web:1"], "Layers": blobs[1:]}]
    notes = {"io.containerd.image.name": "docker.io/acme/web:1", "org.opencontainers.image.ref.name": "1"}
    one = {**building.descriptor(WEB.manifest, f"{building.OCI}.manifest.v1+json"), "annotations": notes}
    files = {**layout(WEB, manifests=[one]), "manifest.json": building.as_json(old)}
    found = of(archive(files), tmp_path)
    assert (set(found.programs), found.digest) == ({"sh", "web"}, digest(WEB.manifest))
    assert found.names == ("acme/web:1", "docker.io/acme/web:1")
    del files["index.json"]
    assert of(archive(files), tmp_path).digest == digest(WEB.config)


def test_layers_that_images_share_are_links(tmp_path: Path) -> None:
    files = saved(WEB, "acme/web:1")
    first = next(iter(files))
    files["shared/layer.tar"] = files.pop(first)
    assert "sh" in of(archive(files, symlink(first, "../shared/layer.tar")), tmp_path).programs
    ring = [symlink(first, f"../{first}")]
    assert fault(archive(files, *ring), tmp_path) == f"layer 1 of 2 is not in the archive. {SAVE}"


def test_a_layout(tmp_path: Path) -> None:
    notes = {"org.opencontainers.image.ref.name": "ghcr.io/acme/web:1"}
    one = {**building.descriptor(WEB.manifest, f"{building.OCI}.manifest.v1+json"), "annotations": notes}
    files = layout(WEB, manifests=[one])
    for found in (read(str(building.write_folder(files, tmp_path / "a"))), of(archive(files), tmp_path)):
        assert (set(found.programs), found.digest) == ({"sh", "web"}, digest(WEB.manifest))
        assert (found.entry()["name"], found.entry()["tag"]) == ("ghcr.io/acme/web", "1")


def test_an_image_under_two_names(tmp_path: Path) -> None:
    made = building.descriptor(WEB.manifest, f"{building.OCI}.manifest.v1+json")
    named = [{**made, "annotations": {"io.containerd.image.name": each}} for each in ("a/b:1", "a/b:2")]
    assert of(archive(layout(WEB, manifests=named)), tmp_path).names == ("a/b:1", "a/b:2")


def test_a_bare_tag_is_no_name(tmp_path: Path) -> None:
    notes = {"org.opencontainers.image.ref.name": "latest"}
    one = {**building.descriptor(WEB.manifest, f"{building.OCI}.manifest.v1+json"), "annotations": notes}
    found = of(archive(layout(WEB, manifests=[one])), tmp_path)
    assert (found.names, found.entry()["name"]) == ((), "REGISTRY/NAME")


def test_platforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    files = layout(WEB, ARM, manifests=[WEB.in_index, ARM.in_index])
    assert "web" in of(archive(files), tmp_path).programs
    assert "arm" in of(archive(files), tmp_path, Platform.parse("linux/arm64")).programs
    # Saved by a Docker that had pulled one of the platforms alone.
    content = building.index(WEB, ARM)
    files = layout(ARM, manifests=[building.descriptor(content, f"{building.OCI}.index.v1+json")])
    files[f"blobs/{digest(content).replace(':', '/')}"] = content
    assert of(archive(files), tmp_path).platform == "linux/arm64"
    assert read(str(building.write_folder(files, tmp_path / "a"))).platform == "linux/arm64"
    with pytest.raises(ImageError, match="it has no manifest for linux/amd64, only for linux/arm64"):
        of(archive(files), tmp_path, Platform.parse("linux/amd64"))
    with pytest.raises(ImageError, match="it is for linux/amd64, not for linux/arm64"):
        of(archive(saved(WEB)), tmp_path, Platform.parse("linux/arm64"))


def test_several_images(tmp_path: Path) -> None:
    files = {**saved(WEB, "a:1"), **saved(ARM, "b:1")}
    both = [json.loads(saved(each, name)["manifest.json"])[0] for each, name in ((WEB, "a:1"), (ARM, "b:1"))]
    files["manifest.json"] = building.as_json(both)
    assert fault(archive(files), tmp_path) == "it holds 2 images: a:1, b:1. Save one by itself."
    assert fault(archive(layout(WEB, ARM)), tmp_path) == "it holds 2 images. Save one by itself."
    files["manifest.json"] = b"[]"
    assert fault(archive(files), tmp_path) == f"it holds no image. {SAVE}"


def test_what_is_missing(tmp_path: Path) -> None:
    files = saved(WEB)
    del files[next(each for each in files if each.endswith("/layer.tar"))]
    assert fault(archive(files), tmp_path) == f"layer 1 of 2 is not in the archive. {SAVE}"
    files = saved(WEB)
    config = next(each for each in files if len(each) == 69)
    del files[config]
    assert fault(archive(files), tmp_path) == f"it has no {config}, which its manifest.json names. {SAVE}"
    for content in (WEB.config, WEB.packed[1]):
        files = layout(WEB)
        del files[f"blobs/{digest(content).replace(':', '/')}"]
        what = "its config" if content == WEB.config else "layer 2 of 2"
        said = f"it lacks {what}, {digest(content)}. Save it again, with all of its layers. {SAVE}"
        folder = building.write_folder(files, tmp_path / what)
        with pytest.raises(ImageError) as raised:
            read(f"{folder}/")
        assert str(raised.value) == f"{folder}/: {said}"
        if content == WEB.config:
            assert fault(archive(files), tmp_path) == said
        else:
            assert fault(archive(files), tmp_path) == f"layer 2 of 2 is not in the archive. {SAVE}"


def test_what_is_changed(tmp_path: Path) -> None:
    evil = layer(file("bin/sh"), file("bin/evil"))
    again = f"{TRY_AGAIN}."
    files = saved(WEB)
    name = next(iter(files))
    files[name] = evil
    assert fault(archive(files), tmp_path) == (
        f"layer 1 of 2 unpacks to the wrong digest: {digest(evil)} instead of {digest(WEB.layers[0])}, "
        f"which its config names. {again}"
    )
    files = saved(WEB)
    config = next(each for each in files if len(each) == 69)
    files[config] = files[config].replace(b"amd64", b"arm64")
    assert fault(archive(files), tmp_path).startswith(
        f"its config has the wrong digest: {digest(files[config])} instead"
    )
    files = layout(WEB)
    blob = f"blobs/{digest(WEB.packed[0]).replace(':', '/')}"
    files[blob] = files[blob][:-512] + bytes(511) + b"x"
    for make in (lambda: of(archive(files), tmp_path), lambda: read(str(building.write_folder(files, tmp_path / "b")))):
        with pytest.raises(ImageError, match="layer 1 of 2 has the wrong digest: sha256:"):
            make()
    files[blob] = files[blob][:1000]
    with pytest.raises(ImageError, match=r"layer 1 of 2 ends after 1,000 of 10,240 bytes\. It changed in transit"):
        of(archive(files), tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", NEITHER),
        (layer(file("bin/sh")), NEITHER),
        (b"not a tar", f"{DAMAGED}: a tar archive in it is damaged: it ends in the middle of a header"),
        (archive(saved(WEB))[:6000], f"{DAMAGED}: a tar archive in it is damaged: it ends in the middle of a file"),
        (gzip.compress(archive(saved(WEB)))[:-30], f"{DAMAGED}: a layer ends in the middle of its gzip data"),
    ],
    ids=["empty", "docker export", "text", "truncated", "truncated gzip"],
)
def test_what_is_no_archive(content: bytes, said: str, tmp_path: Path) -> None:
    assert fault(content, tmp_path) == f"{said}. {SAVE}"


@pytest.mark.parametrize(
    "content",
    [b"{}", b"[3]", b"[{}]", b'[{"Config": 3}]', b'[{"Config": "x", "Layers": [3]}]', b"[" * 100_000, b"{", b"\xff"],
)
def test_a_manifest_json_that_is_none(content: bytes, tmp_path: Path) -> None:
    assert fault(archive({"manifest.json": content, "x": b"{}"}), tmp_path)
    assert fault(archive({"index.json": content, "x": b"{}"}), tmp_path)


def test_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "web.tar").write_bytes(archive(saved(WEB)))
    (tmp_path / "Web").write_bytes(archive(saved(WEB)))
    building.write_folder(layout(WEB), tmp_path / "layout")
    for each in ("web.tar", "./web.tar", "./Web", "layout/", "./layout"):
        assert "web" in read(each).programs
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "web" in read("~/web.tar").programs
    as_in_a_pod = "Name an image as in a Pod, e.g. nginx:1.27."
    for text, said in {
        "gone.tar": "it cannot be read: No such file or directory. Check the path and its permissions.",
        "./": f"the folder is not an image layout: it has no index.json. {SAVE}",
        "Web": f"{NO_REFERENCE}. To read a file of that name, write ./Web.",
        "Web:1": f"{NO_REFERENCE}. {as_in_a_pod}",
        "": f"{NO_REFERENCE}. {as_in_a_pod}",
        "/dev/null": f"{NEITHER}. {SAVE}",
    }.items():
        with pytest.raises(ImageError) as raised:
            read(text)
        assert str(raised.value) == f"{text}: {said}"


def test_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "web.tar").write_bytes(archive(saved(WEB)))
    with (tmp_path / "web.tar").open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        assert "web" in read("-").programs


def test_garbage_is_never_a_traceback(tmp_path: Path) -> None:
    """Whole archives with bytes changed, cut out or put in, and bytes at random."""
    chance = random.Random(22)
    image = Image(
        [layer(file("bin/sh"), symlink("bin/a", "sh"), form=tarfile.PAX_FORMAT), layer(file("bin/.wh.a"))], ZSTD
    )
    wholes = [archive(saved(image, "a:1")), gzip.compress(archive(layout(image))), ZSTD.pack(archive(layout(WEB)))]
    read_well = 0
    for _ in range(600):
        content = bytearray(chance.choice(wholes))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(content))
            cut = chance.choice([0, 1, chance.randrange(600)])
            content[at : at + cut] = chance.randbytes(chance.choice([0, 1, 1, chance.randrange(600)]))
        try:
            of(bytes(content), tmp_path)
            read_well += 1
        except ImageError as error:
            assert "\n" not in str(error)
    assert read_well < 400
    for size in range(0, 5000, 50):
        with pytest.raises(ImageError):
            of(chance.randbytes(size), tmp_path)


def test_documents_of_any_shape(tmp_path: Path) -> None:
    """Each value in each document replaced by each of some others, with digests that are right."""
    others = [None, True, 0, -1, 1e300, "", "\0", "sha256:" + "0" * 64, [], [[]], [{}], {}, {"a": []}, ["PATH=/\ud800"]]
    kinds = ("config", "manifest", "index", "manifest.json")
    read_well = 0
    for kind in kinds:
        for at in range(len(list(_places(_document(WEB, kind))))):
            for other in others:
                image = Image(WEB.layers, PLAIN, {"Env": ["PATH=/bin"], "Cmd": ["/bin/web"], "User": "1"})
                found = _document(image, kind)
                holder, key = list(_places(found))[at]
                holder[key] = other
                files = _files(image, kind, found)
                try:
                    of(archive(files), tmp_path)
                    read_well += 1
                except ImageError as error:
                    assert "\n" not in str(error)
    assert read_well > 100


def _document(image: Image, kind: str) -> Any:
    content = {
        "config": image.config,
        "manifest": image.manifest,
        "index": building.index(image),
        "manifest.json": saved(image, "a:1")["manifest.json"],
    }[kind]
    return json.loads(content)


def _places(found: Any) -> Iterator[tuple[Any, Any]]:
    keys = range(len(found)) if isinstance(found, list) else list(found) if isinstance(found, dict) else ()
    for key in keys:
        yield found, key
        yield from _places(found[key])


def _files(image: Image, kind: str, found: Any) -> dict[str, bytes]:
    content = building.as_json(found)
    if kind == "manifest.json":
        return {**saved(image), "manifest.json": content}
    if kind == "index":
        return {**layout(image), "index.json": content}
    if kind == "config":
        manifest = json.loads(image.manifest)
        manifest["config"] = building.descriptor(content, manifest["config"]["mediaType"])
        image.config, content = content, building.as_json(manifest)
    image.manifest = content
    return layout(image)


def test_headers_with_garbage_and_a_right_checksum(tmp_path: Path) -> None:
    chance = random.Random(23)
    for _ in range(600):
        content = bytearray(
            layer(file("bin/sh"), symlink("bin/" + "a/" * 60 + "b", "sh"), form=chance.choice([0, 1, 2]))
        )
        for _ in range(chance.randint(1, 3)):
            block = chance.randrange(len(content) // 512) * 512
            at = block + chance.choice([0, 100, 124, 148, 156, 157, 257, 345, 482])
            content[at : at + chance.randrange(12)] = chance.randbytes(chance.randrange(12))
            content[block + 148 : block + 156] = b" " * 8
            content[block + 148 : block + 156] = b"%06o\0 " % sum(content[block : block + 512])
        try:
            of(archive(saved(Image([bytes(content)]))), tmp_path)
        except ImageError as error:
            assert "\n" not in str(error)


def test_what_no_real_image_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_UNPACKED", 1 << 20)
    zeros = Image([layer(file("zeros"), content=bytes(2 << 20))])
    said = "its layers unpack to more than 0 GiB. Ask its publisher what it contains."
    assert fault(archive(layout(zeros)), tmp_path) == said
    monkeypatch.undo()
    monkeypatch.setattr(bounds, "_UNITS", 20_000)
    names = Image([layer(*(file(f"bin/{each}") for each in range(1000)))])
    said = "it has more files and links than any real image. Ask its publisher what it contains."
    assert fault(archive(layout(names)), tmp_path) == said
    ring = [symlink(f"bin/{each}", "a/../" * 30 + f"{each + 1}") for each in range(99)]
    links = Image([layer(file("bin/a/b"), *ring, file("bin/99"))])
    assert fault(archive(layout(links)), tmp_path) == said


def test_a_layer_is_not_held(tmp_path: Path) -> None:
    """Of 300 MB of zeros and 300 MB at random, unpacked and packed."""
    import tracemalloc

    big = io.BytesIO()
    with tarfile.open(fileobj=big, mode="w:gz", compresslevel=1) as tar:
        found = file("bin/zeros")
        found.size = 300 << 20
        with open("/dev/zero", "rb") as zeros:
            tar.addfile(found, zeros)  # type: ignore[arg-type]
    content = big.getvalue()
    plain = building.digest(b"")
    files = layout(Image([b""], building.Packing("big", "x", lambda _: content)))
    building.write_folder(files, tmp_path / "big")
    del files
    tracemalloc.start()
    with pytest.raises(ImageError, match=f"instead of {plain}, which its config names"):
        read(f"{tmp_path}/big/")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 << 20
