"""`lifecycle check --inspect-images`: what a hook's image lacks is looked up in it, and said as the fact that it is."""

from pathlib import Path

import pytest
from commands import lifecycle

from tests.cli.image import building, serving
from tests.cli.image.building import Image

BUSYBOX = Image(
    [
        building.layer(
            building.file("bin/busybox"), *(building.symlink(f"bin/{each}", "busybox") for each in ("sh", "sleep"))
        )
    ]
)
POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: web}}
spec:
  containers:
  - name: web
    image: {image}
    lifecycle:
      preStop:
        exec: {{command: {command}}}
"""
SELECT = ("--no-config", "--select", "exec-tool-missing", "--fail-on", "warning")


@pytest.fixture
def host() -> object:
    with serving.serving(serving.Registry()) as registry:
        registry.put(BUSYBOX, "1")
        yield registry.address.removeprefix("http://")


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        ('["sh", "-c", "curl -s localhost/drain"]', "curl"),
        ('["bash", "-c", "sleep 5"]', "bash"),
        ('["our-own-drain"]', "our-own-drain"),
        ('["sh", "-c", "sleep 5"]', ""),
        ('["sh", "-c", "kill -TERM 1; sleep 5"]', ""),
        ('["/bin/busybox", "sleep", "5"]', ""),
    ],
)
def test_what_the_image_has(command: str, missing: str, host: str, tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD.format(image=f"{host}/repository:1", command=command))
    assert lifecycle("check", *SELECT, "pod.yaml", cwd=tmp_path).status == 0
    said = lifecycle("check", *SELECT, "--inspect-images", "pod.yaml", cwd=tmp_path, HOME=str(tmp_path))
    if not missing:
        assert (said.status, said.out) == (0, "1 file, 1 object: no findings\n")
        return
    assert said.status == 1
    assert said.out.splitlines()[1] == (
        f"    spec.containers[0].lifecycle.preStop.exec.command: image {host}/repository:1 was read, and has no "
        f"{missing}: the hook fails"
    )


def test_an_image_that_cannot_be_read_is_said_once(host: str, tmp_path: Path) -> None:
    pod = POD.format(image=f"{host}/repository:2", command='["sh", "-c", "sleep 5"]')
    (tmp_path / "pods.yaml").write_text(f"{pod}---\n{pod}")
    said = lifecycle("check", *SELECT, "--inspect-images", "pods.yaml", cwd=tmp_path, HOME=str(tmp_path))
    assert said.status == 2
    first, summary = said.out.splitlines()
    assert first.startswith(f"pods.yaml:1: not judged: image {host}/repository:2: ")
    assert summary == "1 file, 2 objects: no findings; 1 not judged"


def test_without_it_no_connection_is_opened(host: str, tmp_path: Path) -> None:
    with serving.serving(serving.Registry()) as registry:
        registry.put(BUSYBOX, "1")
        image = f"{registry.address.removeprefix('http://')}/repository:1"
        (tmp_path / "pod.yaml").write_text(POD.format(image=image, command='["curl"]'))
        assert lifecycle("check", "--no-config", "pod.yaml", cwd=tmp_path).status == 0
        assert registry.asked == []
