"""What the image reader says of an image, and what a container of it has: by the node's containerd and the kernel."""

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cluster import Cluster, until
from images import registry, served

from lifecycle_cli.image import Contents, read
from sandbox import cache, parts
from sandbox.node import Node
from tests.cli.image import building
from tests.cli.image.building import Image, layer
from tests.cli.image.cases import CASES

ROOTFS = "run/containerd/io.containerd.runtime.v2.task/k8s.io/{}/rootfs"
# In the root that a container has, as the kernel follows its links: what runs by name, and what each path is.
LOOK = """
import json, os, sys
os.chroot(sys.argv[1])
os.chdir("/")
def file(path):
    if not os.path.isfile(path) or not os.stat(path).st_mode & 0o111:
        return ""
    return os.path.realpath(path)
programs = {}
for folder in sys.argv[2].split(":"):
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        if name not in programs and file(f"{folder}/{name}"):
            programs[name] = file(f"{folder}/{name}")
print(json.dumps([programs, [file(each) for each in json.load(sys.stdin)]]))
"""
# With the container's own ls, and its shell's own test; the first folder of PATH goes before the others.
LIST = r"""
for folder in $(echo $PATH | tr : " "); do
    [ -d $folder ] && ls -1 $folder/ | while read -r name; do
        [ -f "$folder/$name" ] && [ -x "$folder/$name" ] && echo "$name $folder/$name $(readlink -f "$folder/$name")"
    done
done
true
"""


@pytest.mark.parametrize("image", ["nginx", "nginx-sigterm"])
def test_the_programs_are_those_that_ls_shows(image: str, cluster: Cluster) -> None:
    cluster.node.init()  # a cluster that is not looked into has images of its own
    with registry(cache.ensure(parts.node()) / "images") as host:
        found = read(f"{host}/library/{image}:latest")
    cluster.run("web", {"image": image})
    listed: dict[str, tuple[str, str]] = {}
    for line in cluster.exec("web", "sh", "-c", LIST).splitlines():
        name, path, file = line.split(" ")
        listed.setdefault(name, (path, file))
    assert len(listed) > 300
    assert {name: tuple(each) for name, each in found.programs.items()} == listed
    for path in ("/bin/sh", "/usr/sbin/nginx", "/etc/nginx/nginx.conf", "/bin/none", "/usr/share/../bin/env"):
        said = cluster.exec("web", "sh", "-c", f"test -f {path} && test -x {path} && echo yes || true")
        assert found.can_run(path) is (said == "yes\n"), path
    assert ":".join(found.path) == cluster.exec("web", "printenv", "PATH").strip()


@pytest.fixture
def cases(node: Node, tmp_path: Path) -> Iterator[list[Contents]]:
    """Each case with /pause in its lowest layer, in a registry of the node's; and what is read of it."""
    blobs = (cache.ensure(parts.node()) / "images/v2/pause/blobs").iterdir()
    lowest = gzip.decompress(max(blobs, key=lambda file: file.stat().st_size).read_bytes())
    found = []
    for number, case in enumerate(CASES):
        packing = (building.GZIP, building.PLAIN, building.ZSTD)[number % 3]
        image = Image([lowest, *(layer(*each) for each in case.layers)], packing)
        below = tmp_path / "v2" / "case" / str(number)
        building.write_folder({f"blobs/{key}": content for key, content in image.blobs.items()}, below)
        names = ("latest", building.digest(image.manifest))
        building.write_folder({f"manifests/{name}": image.manifest for name in names}, below)
        found.append(read(str(building.write_folder(building.layout(image), tmp_path / "layouts" / str(number)))))
    with served(node, tmp_path, "cases.local"):
        yield found


def test_layers_are_put_on_each_other_as_containerd_does(cases: list[Contents], cluster: Cluster) -> None:
    """Each case is a container of one Pod; what its root has is looked up through the kernel."""
    containers = [
        {
            "name": f"c{number}",
            "image": f"cases.local/case/{number}",
            "command": ["/pause"],
            "imagePullPolicy": "Always",
        }
        for number in range(len(CASES))
    ]
    spec: dict[str, Any] = {"containers": containers, "terminationGracePeriodSeconds": 0}
    cluster.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "cases"}, "spec": spec})
    cluster.ready("cases", 120)
    statuses = until(lambda: cluster.pod("cases").status.container_statuses, "the containers' statuses")
    roots = {each.name: each.container_id.removeprefix("containerd://") for each in statuses}
    for number, (case, read_of_it) in enumerate(zip(CASES, cases, strict=True)):
        root = Path(f"/proc/{cluster.node.init()}/root") / ROOTFS.format(roots[f"c{number}"])
        done = subprocess.run(
            [sys.executable, "-c", LOOK, str(root), ":".join(read_of_it.path)],
            input=json.dumps([*case.paths]),
            capture_output=True,
            text=True,
            check=True,
        )
        programs, paths = json.loads(done.stdout)
        assert programs == case.programs == {name: each.file for name, each in read_of_it.programs.items()}, case.name
        assert paths == [*case.paths.values()] == [read_of_it.resolve(each) for each in case.paths], case.name
