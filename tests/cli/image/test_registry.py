"""A registry: logins, digests, platforms, redirects, and what is said of each fault."""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lifecycle_cli.image import ImageError, Platform, inspected, read
from tests.cli.image import building, serving
from tests.cli.image.building import GZIP, PLAIN, Image, digest, file, layer
from tests.cli.image.serving import IDENTITY, TOKEN, USER, Registry

WEB = Image([layer(file("bin/sh")), layer(file("bin/web"))])
ARM = Image([layer(file("bin/arm"))], platform="linux/arm64")
TRY_AGAIN = "It changed in transit or in storage: try again. If that does not help, push or save the image again."


@pytest.fixture
def registry() -> Iterator[Registry]:
    with serving.serving(Registry()) as registry:
        registry.put(WEB, "1")
        yield registry


def name(registry: Registry, which: str = ":1") -> str:
    return f"{registry.address.removeprefix('http://')}/acme/web{which}"


def fault(reference: str) -> str:
    with pytest.raises(ImageError) as raised:
        read(reference)
    said = str(raised.value)
    assert said.startswith(f"{reference}: ") and "\n" not in said
    return said.removeprefix(f"{reference}: ")


def login(home: Path, config: dict[str, Any]) -> None:
    (home / ".docker").mkdir(exist_ok=True)
    (home / ".docker/config.json").write_text(json.dumps(config))


def auth(username: str = USER[0], secret: str = USER[1]) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{username}:{secret}".encode()).decode()}


def helper(home: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = home / "bin/docker-credential-here"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def test_a_tag_and_a_digest(registry: Registry) -> None:
    found = read(name(registry))
    assert set(found.programs) == {"sh", "web"}
    assert (found.digest, found.names) == (digest(WEB.manifest), (name(registry),))
    assert found.entry() == {"name": name(registry, ""), "tag": "1", "lacks": found.entry()["lacks"]}
    by_digest = read(name(registry, f":other@{digest(WEB.manifest)}"))
    assert (by_digest.programs, by_digest.entry()["tag"]) == (found.programs, "other")
    assert "tag" not in read(name(registry, f"@{digest(WEB.manifest)}")).entry()


@pytest.mark.parametrize("kind", ["basic", "token"])
def test_a_login(kind: str, registry: Registry, home: Path) -> None:
    registry.login = kind
    login(home, {"auths": {f"https://{name(registry, '').partition('/')[0]}/v2/": auth()}})
    assert "web" in read(name(registry)).programs
    assert registry.asked[0].authorization == ""  # only to whom asks for it
    if kind == "token":
        assert {each.authorization for each in registry.asked if "/token" not in each.path} == {"", f"Bearer {TOKEN}"}


def test_a_login_by_the_very_name_goes_before_one_of_its_host(registry: Registry, home: Path) -> None:
    registry.login = "basic"
    host = name(registry, "").partition("/")[0]
    login(home, {"auths": {f"https://{host}/v1/": auth("bob"), host: auth()}})
    assert "web" in read(name(registry)).programs


def test_docker_config_names_the_folder(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry.login = "basic"
    host = name(registry, "").partition("/")[0]
    (tmp_path / "config.json").write_text(json.dumps({"auths": {host: {"username": USER[0], "password": USER[1]}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    assert "web" in read(name(registry)).programs


@pytest.mark.parametrize("entry", [{"identitytoken": IDENTITY}, {"registrytoken": TOKEN}])
def test_tokens_in_the_configuration(entry: dict[str, str], registry: Registry, home: Path) -> None:
    registry.login = "token"
    login(home, {"auths": {name(registry, "").partition("/")[0]: entry}})
    assert "web" in read(name(registry)).programs


@pytest.mark.parametrize("key", ["credsStore", "credHelpers"])
def test_a_helper(key: str, registry: Registry, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry.login = "token"
    host = name(registry, "").partition("/")[0]
    answer = json.dumps({"ServerURL": host, "Username": USER[0], "Secret": USER[1]})
    helper(home, monkeypatch, f'test "$1" = get && test "$(cat)" = {host} && echo \'{answer}\'')
    login(home, {key: "here" if key == "credsStore" else {host: "here"}})
    assert "web" in read(name(registry)).programs


def test_a_helper_with_an_identity_token(registry: Registry, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry.login = "token"
    helper(home, monkeypatch, f"""echo '{json.dumps({"Username": "<token>", "Secret": IDENTITY})}'""")
    login(home, {"credsStore": "here"})
    assert "web" in read(name(registry)).programs


@pytest.mark.parametrize("kind", ["basic", "token"])
def test_no_login(kind: str, registry: Registry) -> None:
    registry.login = kind
    host = name(registry, "").partition("/")[0]
    assert fault(name(registry)) == (
        f"{host} has no such image, or asks for a login (UNAUTHORIZED: authentication required). "
        f"Log in with `docker login {host}`, or check the name."
    )


@pytest.mark.parametrize(
    ("kind", "said"), [("basic", "authentication required"), ("token", "incorrect username or password")]
)
def test_a_refused_login(kind: str, said: str, registry: Registry, home: Path) -> None:
    registry.login = kind
    host = name(registry, "").partition("/")[0]
    login(home, {"auths": {host: auth(secret="wr0ng")}})
    found = fault(name(registry))
    assert found == (
        f"{host} refuses the login from {home}/.docker/config.json (UNAUTHORIZED: {said}). "
        f"Log in again with `docker login {host}`."
    )
    assert "wr0ng" not in found


@pytest.mark.parametrize(
    ("script", "note"),
    [
        ("echo credentials not found in native keychain; exit 1", ""),
        ("echo the keychain is locked; exit 1", "; docker-credential-here failed: the keychain is locked"),
        ("echo no JSON", "; docker-credential-here gave no login"),
        ("echo '[]'", "; docker-credential-here gave no login"),
        ('echo \'{"Username": 1, "Secret": 2}\'', "; docker-credential-here gave no login"),
        ("", "; docker-credential-here gave no login"),
    ],
)
def test_a_helper_without_a_login(
    script: str, note: str, registry: Registry, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is no fault by itself: most images are public."""
    helper(home, monkeypatch, script)
    login(home, {"credsStore": "here"})
    assert "web" in read(name(registry)).programs
    registry.login = "token"
    assert f"(UNAUTHORIZED: authentication required){note}. Log in" in fault(name(registry))


@pytest.mark.parametrize(
    ("config", "note"),
    [
        ('{"credsStore": "none-here"}', "docker-credential-none-here, which {file} names, is not installed"),
        ('{"credsStore": "../here"}', "docker-credential-../here is not a program's name"),
        ("{", "{file} could not be read: it is not JSON"),
        ("[]", ""),
        ('{"auths": [], "credHelpers": 3, "credsStore": {}}', ""),
        ('{"auths": {"127.0.0.1": 3}}', ""),
        ('{"auths": {"127.0.0.1": {"auth": "%%"}}}', ""),
    ],
)
def test_a_configuration_that_gives_no_login(config: str, note: str, registry: Registry, home: Path) -> None:
    login(home, {})
    file = home / ".docker/config.json"
    file.write_text(config.replace("127.0.0.1", name(registry, "").partition("/")[0]))
    registry.login = "basic"
    note = f"; {note.replace('{file}', str(file))}" if note else ""
    assert f"(UNAUTHORIZED: authentication required){note}. Log in" in fault(name(registry))


def test_what_is_not_there(registry: Registry) -> None:
    host = name(registry, "").partition("/")[0]
    found = "has no such image (MANIFEST_UNKNOWN: manifest unknown). Check the name and the tag."
    assert fault(name(registry, ":2")) == f"{host} {found}"
    del registry.blobs[digest(WEB.packed[1])]
    lost = "does not have layer 2 of 2 (BLOB_UNKNOWN: blob unknown). Push the image again."
    assert fault(name(registry)) == f"{host} {lost}"


def test_nobody_there() -> None:
    with serving.serving(Registry()) as registry:
        pass
    host = name(registry, "").partition("/")[0]
    assert fault(name(registry)) == f"{host} cannot be reached: Connection refused. Check the name and the network."


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (429, "accepts no more requests for now. Wait, or log in with `docker login {host}`."),
        (503, "answers 503 Service Unavailable for its manifest. Try again later."),
        (418, "answers 418 I'm a Teapot for its manifest. Try again later."),
        (302, "answers 302 Found for its manifest. Try again later."),
    ],
)
def test_other_answers(status: int, found: str, registry: Registry) -> None:
    registry.status = status
    host = name(registry, "").partition("/")[0]
    assert fault(name(registry)) == f"{host} {found.replace('{host}', host)}"


def test_a_wrong_digest_of_a_layer(registry: Registry) -> None:
    other = GZIP.pack(layer(file("bin/sh"), file("bin/evil")))
    right = WEB.packed[1]
    registry.blobs[digest(right)] = other[: len(right)].ljust(len(right), b"\0")
    wrong = digest(registry.blobs[digest(right)])
    found = f"layer 2 of 2 has the wrong digest: {wrong} instead of {digest(right)}. {TRY_AGAIN}"
    assert fault(name(registry)) == found


def test_a_truncated_layer(registry: Registry) -> None:
    right = WEB.packed[0]
    registry.blobs[digest(right)] = right[:100]
    assert fault(name(registry)) == f"layer 1 of 2 ends after 100 of {len(right)} bytes. {TRY_AGAIN}"


def test_a_connection_that_ends_in_a_layer(registry: Registry) -> None:
    """Content-Length says more than comes."""
    right = WEB.packed[0]
    registry.blobs[digest(right)] = _Short(right[:100], len(right))
    assert fault(name(registry)) == f"layer 1 of 2 ends after 100 of {len(right)} bytes. {TRY_AGAIN}"


def test_a_connection_that_ends_in_a_chunk(registry: Registry) -> None:
    registry.chunked = True
    found = fault(name(registry))  # how much of the last chunk is seen depends on the Python
    assert found.startswith("layer 1 of 2 ends after ") and found.endswith(
        f"of {len(WEB.packed[0])} bytes. {TRY_AGAIN}"
    )


class _Short(bytes):
    def __new__(cls, content: bytes, said: int) -> "_Short":
        found = super().__new__(cls, content)
        found.said = said
        return found

    said: int

    def __len__(self) -> int:
        return self.said


def test_a_layer_that_is_longer(registry: Registry) -> None:
    right = WEB.packed[0]
    registry.blobs[digest(right)] = right + bytes(200_000)
    assert fault(name(registry)) == f"layer 1 of 2 is longer than {len(right)} bytes. {TRY_AGAIN}"


def test_wrong_digests_of_documents(registry: Registry) -> None:
    registry.blobs[digest(WEB.config)] = WEB.config.replace(b"amd64", b"arm64")
    wrong = digest(registry.blobs[digest(WEB.config)])
    said = f"its config has the wrong digest: {wrong} instead of {digest(WEB.config)}. {TRY_AGAIN}"
    assert fault(name(registry)) == said
    registry.blobs[digest(WEB.manifest)] = WEB.manifest + b" "
    wrong = digest(WEB.manifest + b" ")
    said = f"its manifest has the wrong digest: {wrong} instead of {digest(WEB.manifest)}. {TRY_AGAIN}"
    assert fault(name(registry)) == said
    assert fault(name(registry, f"@{digest(WEB.manifest)}")) == said
    registry.says = wrong  # which is true, and not what was asked for
    assert fault(name(registry, f"@{digest(WEB.manifest)}")) == said


def test_a_layer_that_is_not_the_one_of_the_config(registry: Registry) -> None:
    image = Image([layer(file("bin/sh"))])
    image.config = image.config.replace(digest(image.layers[0]).encode(), digest(b"").encode())
    manifest = json.loads(image.manifest)
    manifest["config"] = building.descriptor(image.config, f"{building.OCI}.config.v1+json")
    image.manifest = building.as_json(manifest)
    registry.put(image, "2")
    found = f"layer 1 of 1 unpacks to the wrong digest: {digest(image.layers[0])} instead of {digest(b'')}, "
    assert fault(name(registry, ":2")) == f"{found}which its config names. {TRY_AGAIN}"


def test_a_damaged_layer_with_the_right_digest(registry: Registry) -> None:
    image = Image([layer(file("bin/sh"))], PLAIN)
    for number, (content, what) in enumerate(
        [
            (GZIP.pack(image.layers[0])[:-20], "a layer ends in the middle of its gzip data"),
            (building.ZSTD.pack(image.layers[0])[:-9], "a layer ends in the middle of its zstd data"),
            (GZIP.pack(image.layers[0])[:30] + bytes(99), "a layer is damaged: Error -3 while decompressing data: "),
            (image.layers[0][:700], "a tar archive in it is damaged: it ends in the middle of a file"),
            (b"\xfd7zXZ\0" + bytes(600), "a tar archive in it is damaged: a header's checksum is wrong"),
            (b"\xfd7zXZ\0" + bytes(3 << 20), "a tar archive in it is damaged: a header's checksum is wrong"),
            (b"no tar", "a tar archive in it is damaged: it ends in the middle of a header"),
        ]
    ):
        image.packed = [content]
        manifest = json.loads(image.manifest)
        manifest["layers"] = [building.descriptor(content, PLAIN.media_type)]
        image.manifest = building.as_json(manifest)
        registry.put(image, f"d{number}")
        assert fault(name(registry, f":d{number}")).startswith(f"layer 1 of 1: {what}")


def test_a_redirect_gets_no_login(registry: Registry, home: Path) -> None:
    with serving.serving(Registry(blobs=registry.blobs)) as other:
        registry.blobs_at = other.address
        registry.login = "token"
        login(home, {"auths": {name(registry, "").partition("/")[0]: auth()}})
        assert "web" in read(name(registry)).programs
        assert [each.authorization for each in other.asked] == ["", "", ""]
    assert {each.authorization for each in registry.asked if "/blobs/" in each.path} == {f"Bearer {TOKEN}"}


def test_a_login_is_not_for_whom_a_redirect_leads_to(registry: Registry, home: Path) -> None:
    """Not when it asks for one, either."""
    with serving.serving(Registry(blobs=registry.blobs, login="basic")) as other:
        registry.blobs_at = other.address
        login(home, {"auths": {name(registry, "").partition("/")[0]: auth()}})
        there = other.address.removeprefix("http://")
        said = "(UNAUTHORIZED: authentication required)"
        assert fault(name(registry)) == f"{there} answers 401 Unauthorized for its config {said}. Try again later."
        assert [each.authorization for each in other.asked] == [""]


@pytest.mark.parametrize(
    "location", ["http://example.invalid/x", "file:///etc/passwd", "ftp://127.0.0.1/x", "http://[x"]
)
def test_a_redirect_to_what_is_not_encrypted(location: str, registry: Registry) -> None:
    registry.status, registry.headers = 307, {"Location": location}
    host = name(registry, "").partition("/")[0]
    assert fault(name(registry)) == f"{host} redirects to {location}, which is not https. Try again later."


def test_redirects_without_an_end(registry: Registry) -> None:
    registry.status, registry.headers = 307, {"Location": "/v2/again"}
    host = name(registry, "").partition("/")[0]
    assert fault(name(registry)) == f"{host} redirects more than 3 times. Try again later."
    assert len(registry.asked) == 4


@pytest.mark.parametrize(
    ("challenge", "said"),
    [
        (
            'Bearer realm="http://example.invalid/token"',
            "issues its tokens at http://example.invalid/token, which is not https",
        ),
        ('Bearer realm="http://[::1"', "issues its tokens at http://[::1, which is not https"),
        ("Bearer", "has no such image, or asks for a login"),
        ("Negotiate", "has no such image, or asks for a login"),
        ('Basic realm="a", Bearer realm="file:///x"', "issues its tokens at file:///x, which is not https"),
        ("", "has no such image, or asks for a login"),
    ],
)
def test_challenges(challenge: str, said: str, registry: Registry) -> None:
    registry.status, registry.headers = 401, {"WWW-Authenticate": challenge}
    assert fault(name(registry)).startswith(f"{name(registry, '').partition('/')[0]} {said}. ")


def test_platforms(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    v6 = Image([layer(file("bin/v6"))], platform="linux/arm/v6")
    v7 = Image([layer(file("bin/v7"))], platform="linux/arm/v7")
    windows = Image([layer(file("cmd.exe"))], platform="windows/amd64")
    note = {**building.descriptor(b"{}", "x"), "platform": {"os": "unknown", "architecture": "unknown"}}
    images = [windows, ARM, v6, v7, WEB]
    for each in images:
        registry.put(each)
    registry.put_index(building.index(*images, also=[note]), "many")
    for machine, program in [("x86_64", "web"), ("aarch64", "arm"), ("armv7l", "v7"), ("riscv64", "web")]:
        monkeypatch.setattr("platform.machine", lambda machine=machine: machine)
        assert program in read(name(registry, ":many")).programs
    for asked, program in [
        ("linux/arm64", "arm"),
        ("linux/arm64/v8", "arm"),
        ("linux/arm", "v7"),
        ("linux/arm/v6", "v6"),
    ]:
        found = read(name(registry, ":many"), Platform.parse(asked))
        assert list(found.programs) == [program]
    assert (found.platform, found.digest) == ("linux/arm", digest(v6.manifest))
    with pytest.raises(ImageError, match=r"it has no manifest for linux/s390x, only for linux/amd64, linux/arm/v6, "):
        read(name(registry, ":many"), Platform.parse("linux/s390x"))
    with pytest.raises(ImageError, match="it is for windows/amd64, and only images for Linux can be read"):
        read(name(registry, ":many"), Platform.parse("windows/amd64"))
    with pytest.raises(ImageError, match=r"it is for linux/amd64, not for linux/arm64\. Leave --platform out"):
        read(name(registry), Platform.parse("linux/arm64"))


def test_what_is_no_image(registry: Registry) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"schemaVersion": 1, "fsLayers": []}, "its manifest is of the old schema 1."),
        ({}, "its manifest names no layers."),
        ({"layers": 3}, "its manifest is malformed."),
        ({"layers": [{"digest": digest(b""), "size": 3, "mediaType": "x+encrypted"}]}, "its layers are encrypted."),
        (
            {"layers": [{"digest": "md5:1", "size": 3}]},
            "its manifest names md5:1, which is not a sha256 or sha512 digest.",
        ),
        ({"layers": [], "config": {"digest": 3}}, "its manifest is malformed."),
        ({"manifests": []}, "it has no manifest for linux/"),
        ({"manifests": {}}, "its manifest is malformed."),
    ]
    for number, (manifest, said) in enumerate(cases):
        registry.put_index(building.as_json(manifest), f"m{number}")
        assert fault(name(registry, f":m{number}")).startswith(said)
    for number, (content, said) in enumerate(
        [(b"<html>", "its manifest is not JSON."), (b"[" * 100_000, "its manifest is not JSON.")]
    ):
        registry.put_index(content, f"h{number}")
        assert fault(name(registry, f":h{number}")).startswith(said)
    registry.put_index(b" " * (5 << 20), "long")
    assert fault(name(registry, ":long")).startswith("its manifest has more than 4,194,304 bytes.")
    chart = building.as_json({"name": "chart"})
    registry.blobs[digest(chart)] = chart
    kind = "application/vnd.cncf.helm.config.v1+json"
    registry.put_index(building.as_json({"layers": [], "config": building.descriptor(chart, kind)}), "chart")
    assert fault(name(registry, ":chart")) == (
        f"it is not a container image but {kind}: its config names no layers. Name the image that the Pod runs."
    )


def test_indexes_in_indexes(registry: Registry) -> None:
    content = building.index(WEB)
    for _ in range(5):
        registry.put_index(content, "deep")
        kind = f"{building.OCI}.index.v1+json"
        content = building.as_json({"manifests": [building.descriptor(content, kind)]})
    registry.put_index(content, "deeper")
    assert fault(name(registry, ":deeper")).startswith("its manifest names no layers.")
    registry.put_index(building.as_json({"manifests": [building.descriptor(building.index(WEB), kind)]}), "two")
    assert "web" in read(name(registry, ":two")).programs


def test_an_index_without_platforms(registry: Registry) -> None:
    note = {**building.descriptor(b"{}", "x"), "platform": {"os": "unknown", "architecture": "unknown"}}
    one = building.descriptor(WEB.manifest, f"{building.OCI}.manifest.v1+json")
    registry.put_index(building.as_json({"manifests": [note, one]}), "one")
    assert "web" in read(name(registry, ":one")).programs
    registry.put_index(building.as_json({"manifests": [note]}), "none")
    assert fault(name(registry, ":none")).startswith("it has no manifest for linux/")


def test_the_cache(registry: Registry, home: Path) -> None:
    first = inspected(name(registry))
    assert registry.paths[0] == "HEAD /v2/acme/web/manifests/1"
    registry.asked.clear()
    assert inspected(name(registry)) == first
    assert registry.paths == ["HEAD /v2/acme/web/manifests/1"]
    registry.asked.clear()
    again = inspected(name(registry, f"@{digest(WEB.manifest)}"))
    assert (again.programs, again.reference) == (first.programs, name(registry, f"@{digest(WEB.manifest)}"))
    assert registry.paths == []
    (kept,) = (home / ".cache/lifecycle/images").iterdir()
    assert not any(each.stat().st_mode & 0o77 for each in (kept, kept.parent))
    registry.tags["1"] = digest(ARM.manifest)
    registry.put(ARM)
    assert "arm" in inspected(name(registry)).programs
    registry.says_digest = False
    registry.asked.clear()
    assert "arm" in inspected(name(registry)).programs
    assert registry.paths == ["HEAD /v2/acme/web/manifests/1", "GET /v2/acme/web/manifests/1"]


def test_the_cache_is_by_platform(registry: Registry) -> None:
    registry.put(ARM)
    registry.put_index(building.index(WEB, ARM), "many")
    assert "web" in inspected(name(registry, ":many"), Platform.parse("linux/amd64")).programs
    assert "arm" in inspected(name(registry, ":many"), Platform.parse("linux/arm64")).programs


def test_another_platform_is_not_kept_as_the_one_that_is_asked_for(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    registry.put(ARM)
    registry.put_index(building.index(ARM), "arm")
    assert "arm" in inspected(name(registry, ":arm")).programs
    with pytest.raises(ImageError, match="it has no manifest for linux/amd64, only for linux/arm64"):
        inspected(name(registry, ":arm"), Platform.parse("linux/amd64"))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"version": 1}',
        '{"version": 0}',
        "[" * 100_000,
        '{"version":1,"executables":{"a":[1]},"links":{}}',
    ],
)
def test_a_damaged_cache_is_read_anew(content: str, registry: Registry, home: Path) -> None:
    first = inspected(name(registry))
    (kept,) = (home / ".cache/lifecycle/images").iterdir()
    whole = kept.read_text()
    kept.write_text(content)
    assert inspected(name(registry)) == first
    assert kept.read_text() == whole


def test_a_cache_that_cannot_be_written(registry: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert "web" in inspected(name(registry)).programs


def test_inspected_takes_no_path(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="it is neither an image reference nor the path of an archive"):
        inspected(f"{tmp_path}/x.tar")


def test_a_login_is_never_shown(registry: Registry, home: Path) -> None:
    from lifecycle_cli.image import credentials

    host = name(registry, "").partition("/")[0]
    login(home, {"auths": {host: auth()}})
    assert repr(credentials.find(host).login) == f"Login('ann', source='{home}/.docker/config.json')"


@pytest.mark.parametrize("key", ["https://index.docker.io/v1/", "index.docker.io", "docker.io", "https://docker.io"])
def test_the_login_of_docker_hub(key: str, home: Path) -> None:
    from lifecycle_cli.image import credentials

    login(home, {"auths": {key: auth(), "other.io": auth("bob")}})
    found = credentials.find("docker.io").login
    assert found and found.username == "ann"
    assert credentials.find("ghcr.io").login is None


@pytest.mark.parametrize("reference", ["127.0.0.1:99999/x", "localhost:0/x", "[::1]:1/x"])
def test_hosts_that_are_none(reference: str) -> None:
    assert fault(reference).endswith(("Check the name and the network.", "Check the name."))
