"""What the node is made of, and how each part is made: Go modules pinned here, packages of the machine's own Debian.

| entry | what |
|---|---|
| kubernetes | the five programs of Kubernetes, one `go build` |
| pulumi | the Pulumi CLI, where there is none on PATH |
| provider | Pulumi's plugin for Kubernetes, where it is neither installed nor to be downloaded |
| pause | the program of the container that holds a Pod's namespaces |
| node | a Debian root filesystem with etcd, containerd, runc, the CNI plugins, iptables; the images nginx and pause |
"""

import datetime
import gzip
import hashlib
import io
import json
import platform
import re
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from sandbox import cache
from sandbox.errors import SandboxError

HERE: Final = Path(__file__).parent
TOOLS: Final = HERE / "tools"
GIB: Final = 1 << 30

KUBERNETES_PROGRAMS: Final = ("kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubelet")
NODE_PACKAGES: Final = (
    "ca-certificates",
    "conntrack",
    "containerd",
    "containernetworking-plugins",
    "etcd-server",
    "iproute2",
    "ipset",
    "iptables",
    "kmod",
    "mount",
    "procps",
    "python3",
    "runc",
)
# As the official image: bash, coreutils, curl and nginx; neither procps nor psmisc, so no `ps` and no `killall`.
NGINX_PACKAGES: Final = ("curl", "nginx-light")
NGINX_CONFIG: Final = """\
server {
    listen 80;
    server_name localhost;
    location / {
        root /usr/share/nginx/html;
        index index.html index.htm;
    }
}
"""
# Without what only a debugger reads: a sixth less of work, a third less of size (docs/sandbox.md has the figures).
GO_FLAGS: Final = ("-trimpath", "-mod=readonly", "-gcflags=all=-dwarf=false")
# Generated packages that a program has and hardly runs are compiled without optimization: nothing that serves a
# request of the API server, or that the kubelet does for a Pod.
GENERATED: Final = {
    "kubernetes": ("k8s.io/client-go/applyconfigurations", "k8s.io/client-go/informers", "k8s.io/client-go/listers"),
    "pulumi": (  # the SDKs of the clouds, for backends and secrets that are kept there
        "cloud.google.com/go",
        "github.com/Azure/azure-sdk-for-go",
        "github.com/aws/aws-sdk-go-v2/service",
        "github.com/envoyproxy/go-control-plane",
        "google.golang.org/api",
    ),
    "provider": (  # the first is more than half of all the work; only charts and YAML files use it
        "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes",
        "cloud.google.com/go",
        "github.com/Azure/azure-sdk-for-go",
        "github.com/aws/aws-sdk-go-v2/service",
        "github.com/envoyproxy/go-control-plane",
        "google.golang.org/api",
        "k8s.io/client-go/applyconfigurations",
        "k8s.io/client-go/informers",
        "k8s.io/client-go/listers",
    ),
}
# GOGC: the compiler collects its garbage less often, and takes a few hundred MB more.
GO_ENV: Final = {"CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off", "GOGC": "400"}
APT_OPTIONS: Final = ('Acquire::Languages "none"', 'APT::Install-Recommends "false"')
DPKG_OPTIONS: Final = (
    *(f"path-exclude=/usr/share/{each}/*" for each in ("man", "doc", "locale", "info")),
    # What of the node's packages no node runs, a quarter of their size.
    *(f"path-exclude=/usr/bin/{each}" for each in ("containerd-shim", "containerd-shim-runc-v1", "ctr")),
    "path-exclude=/usr/lib/cni/*",
    *(f"path-include=/usr/lib/cni/{each}" for each in ("bridge", "host-local", "loopback")),
)


def _pinned(module: str, path: str) -> str:
    """The version of `path` that sandbox/tools/`module` pins."""
    found = re.search(rf"^\s*(?:require )?{re.escape(path)} (v\S+)", (TOOLS / module / "go.mod").read_text(), re.M)
    assert found, f"sandbox/tools/{module}/go.mod does not require {path}"
    return found[1]


def release() -> dict[str, str]:
    """What the distribution says of itself in os-release; of another system that is nothing but a name."""
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {"ID": platform.system()}


KUBERNETES_VERSION: Final = _pinned("kubernetes", "k8s.io/kubernetes")
PULUMI_VERSION: Final = _pinned("pulumi", "github.com/pulumi/pulumi/pkg/v3")
PROVIDER_MODULE: Final = "github.com/pulumi/pulumi-kubernetes/provider/v4"
PROVIDER_VERSION: Final = _pinned("provider", PROVIDER_MODULE)  # a commit's: vX.Y.Z-<its time>-<its hash>
PROVIDER_DATE: Final = datetime.datetime.strptime(PROVIDER_VERSION.split("-")[1], "%Y%m%d%H%M%S").date()
PROVIDER: Final = "pulumi-resource-kubernetes"


def kubernetes() -> cache.Entry:
    major, minor, _ = KUBERNETES_VERSION.lstrip("v").split(".")
    stamps = {"gitVersion": KUBERNETES_VERSION, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    flags = " ".join(
        f"-X {package}.{name}={value}"
        for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
        for name, value in stamps.items()
    )
    packages = tuple(f"k8s.io/kubernetes/cmd/{program}" for program in KUBERNETES_PROGRAMS)
    return _go_entry("kubernetes", KUBERNETES_VERSION, flags, packages, 8 * GIB, work=540)


def pulumi() -> cache.Entry:
    flags = f"-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={PULUMI_VERSION}"
    packages = ("github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",)
    return _go_entry("pulumi", PULUMI_VERSION, flags, packages, 5 * GIB, work=270)


def provider() -> cache.Entry:
    """The official provider, of the last version whose module is served; a main of ours serves it, as its own would."""
    folder = TOOLS / "provider"
    files = [folder / each for each in ("go.mod", "go.sum", "main.go")]
    flags = f"-X main.version={PROVIDER_VERSION.lstrip('v')}"
    # The module's schema names no version, and its release's would: that of the SDK which a generated one depends on.
    sdk = version("pulumi-kubernetes")

    def build(made: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="provider.") as work:
            for each in files:
                shutil.copy(each, work)
            cache.run(["go", "mod", "download", PROVIDER_MODULE], cwd=Path(work), env=GO_ENV)
            where = cache.run(["go", "list", "-m", "-f", "{{.Dir}}", PROVIDER_MODULE], cwd=Path(work), env=GO_ENV)
            source = Path(where.strip()) / "cmd" / PROVIDER
            schema = json.loads((source / "schema.json").read_text())
            (Path(work) / "schema.json").write_text(json.dumps({**schema, "version": sdk}))
            shutil.copyfile(source / "terraform-mapping.json", Path(work) / "terraform-mapping.json")
            go_build(Path(work), made / PROVIDER, flags, (".",), GENERATED["provider"])

    pins = b"".join(each.read_bytes() for each in files)
    made_from = pins + repr((flags, sdk, GENERATED["provider"], GO_FLAGS)).encode()
    return cache.Entry("provider", PROVIDER_VERSION, made_from, build, 6 * GIB, ("go",), work=460)


def pause() -> cache.Entry:
    """The program of the container that holds a Pod's namespaces; the one part of the images that is not Debian's."""
    folder = TOOLS / "pause"
    made_from = b"".join(each.read_bytes() for each in sorted(folder.iterdir())) + repr(GO_FLAGS).encode()

    def build(made: Path) -> None:
        go_build(folder, made, "", (".",))

    return cache.Entry("pause", "", made_from, build, GIB >> 5, ("go",), seconds=1)


def node() -> cache.Entry:
    """The node's root filesystem, and its images as the registry serves them: both of this machine's release."""
    about = release()
    made_from = repr((about["ID"], NODE_PACKAGES, NGINX_PACKAGES, NGINX_CONFIG, APT_OPTIONS, DPKG_OPTIONS)).encode()
    made_from += pause().made_from

    def build(folder: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="node.", dir=folder.parent) as work:
            apt = _Packages(Path(work))
            apt.unpack(folder / "root", "directory", NODE_PACKAGES)
            apt.unpack(Path(work) / "nginx.tar", "tar", NGINX_PACKAGES)
            (folder / "images").mkdir()
            _images(folder / "images", Path(work))

    name = f"node-{about.get('VERSION_CODENAME', about['ID'])}"  # so that a newer one of one release replaces it alone
    return cache.Entry(name, "", made_from, build, GIB, ("apt-get", "dpkg-deb", "perl"), seconds=50)


def _images(folder: Path, work: Path) -> None:
    """nginx, also with the stop signal of images that name none, and pause."""
    pause_root = work / "pause.tar"
    with tarfile.open(pause_root, "w") as tar:
        tar.add(cache.ensure(pause()) / "pause", "pause")
    pause_layers = _pack(pause_root)
    _image(folder, "pause", ("sandbox",), pause_layers, config={"Entrypoint": ["/pause"]})

    root = work / "nginx.tar"
    with tarfile.open(root) as tar:
        status = tar.extractfile("./var/lib/dpkg/status")
        assert status
        version = _nginx_version(status.read().decode())
    site = work / "site.tar"
    _nginx_layout(site)
    config = {
        "Cmd": ["nginx", "-g", "daemon off;"],
        "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", f"NGINX_VERSION={version}"],
        "ExposedPorts": {"80/tcp": {}},
        "StopSignal": "SIGQUIT",
    }
    layers = _pack(root, site)
    _image(folder, "library/nginx", ("latest", version.rpartition(".")[0], version), layers, config=config)
    # As images are that do not name a stop signal: the runtime sends SIGTERM, and nginx drops what it serves.
    _image(folder, "library/nginx-sigterm", ("latest",), layers, config={**config, "StopSignal": "SIGTERM"})


def _go_entry(
    name: str, version: str, flags: str, packages: tuple[str, ...], needs_bytes: int, work: float
) -> cache.Entry:
    folder = TOOLS / name
    pins = b"".join((folder / each).read_bytes() for each in ("go.mod", "go.sum"))

    def build(made: Path) -> None:
        go_build(folder, made, flags, packages, GENERATED[name])

    made_from = pins + repr((flags, packages, GENERATED[name], GO_FLAGS)).encode()
    return cache.Entry(name, version, made_from, build, needs_bytes, ("go",), work=work)


def go_build(
    module: Path, output: Path, flags: str, packages: tuple[str, ...], generated: tuple[str, ...] = ()
) -> None:
    """Static programs; `-mod=readonly` holds the build to the checksums of go.sum.

    The packages below those of `generated` are compiled without optimization.
    """
    if not shutil.which("go"):
        raise SandboxError("go: not on PATH. Install Go 1.21 or later (Debian: golang-go); it fetches the rest.")
    # go writes several programs into a folder only where the path says that it is one
    target = f"{output}/" if output.is_dir() else str(output)
    unoptimized = [f"-gcflags={each}/...=-dwarf=false -N -l" for each in generated]
    command = ["go", "build", *GO_FLAGS, *unoptimized, "-ldflags", f"-s -w {flags}", "-o", target, *packages]
    cache.run(command, cwd=module, env=GO_ENV)


class _Packages:
    """Root filesystems of this machine's own Debian release, made without installing anything on the machine.

    mmdebstrap is unpacked in a folder, not installed; apt works on lists and archives of its own, fetched once.
    Of the machine's sources only the distribution's own are taken, not those of third parties.
    """

    def __init__(self, work: Path) -> None:
        self._sources = work / "sources.list"
        self._tool = work / "tool" / "usr" / "bin"
        lists, archives = work / "lists", work / "archives"
        for each in (lists / "partial", archives / "partial"):
            each.mkdir(parents=True)
        given = (f"Dir::State::Lists={lists}", f"Dir::Cache::Archives={archives}", "APT::Sandbox::User=root")
        options = [flag for option in given for flag in ("-o", option)]
        cache.run(["apt-get", *options, "--quiet", "update"])
        cache.run(["apt-get", *options, "--quiet", "download", "mmdebstrap"], cwd=work)
        (package,) = work.glob("mmdebstrap_*.deb")
        cache.run(["dpkg-deb", "--extract", package, work / "tool"])
        line = "deb [trusted=$(TRUSTED)] $(REPO_URI) $(RELEASE) $(COMPONENT)"
        origin = f"Origin: {release()['ID'].title()}"
        found = subprocess.run(
            ["apt-get", *options, "indextargets", "--format", line, "Created-By: Packages", origin],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        # an index says either that it is trusted as it is, or nothing, and then its signature is checked
        self._sources.write_text(found.replace("[trusted=$(TRUSTED)] ", ""))

    def unpack(self, target: Path, form: str, packages: tuple[str, ...]) -> None:
        command: list[str | Path] = [
            "perl",
            self._tool / "mmdebstrap",
            "--quiet",
            "--mode=root",
            "--variant=essential",
            f"--format={form}",
            *(f"--aptopt={each}" for each in APT_OPTIONS),
            *(f"--dpkgopt={each}" for each in DPKG_OPTIONS),
            f"--include={','.join(packages)}",
            release()["VERSION_CODENAME"],
            target,
            self._sources,
        ]
        cache.run(command, env={"PATH": f"{self._tool}:/usr/sbin:/usr/bin:/sbin:/bin"})


def _nginx_version(status: str) -> str:
    """`1.22.1`, of the version that dpkg's status file gives: `1.22.1-9+deb12u9`."""
    found = re.search(r"^Package: nginx-light\n(?:.+\n)*?Version: ([\d.]+)", status, re.M)
    assert found, "nginx-light is not in the image's package list"
    return found[1]


def _nginx_layout(layer: Path) -> None:
    """What the official image has where Debian's package has it elsewhere: conf.d/default.conf and the html folder."""
    texts = {
        "etc/nginx/conf.d/default.conf": NGINX_CONFIG,
        "usr/share/nginx/html/index.html": "<!DOCTYPE html>\n<title>nginx</title>\n<h1>nginx</h1>\n",
        "etc/nginx/sites-enabled/.wh.default": "",  # a whiteout: the layer below has this file, the image has not
    }
    links = {"var/log/nginx/access.log": "/dev/stdout", "var/log/nginx/error.log": "/dev/stderr"}
    with tarfile.open(layer, "w") as tar:
        for path, text in texts.items():
            entry = tarfile.TarInfo(path)
            entry.mode, entry.size = 0o644, len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
        for path, target in links.items():
            entry = tarfile.TarInfo(path)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            tar.addfile(entry)


@dataclass(frozen=True)
class _Layer:
    diff_id: str  # the digest of the tar; a registry knows a layer by that of the packed file
    packed: Path
    described: dict[str, Any]


def _pack(*tars: Path) -> list[_Layer]:
    layers = []
    for tar in tars:
        packed = tar.with_suffix(".tar.gz")
        with tar.open("rb") as plain, gzip.open(packed, "wb", compresslevel=1) as out:
            shutil.copyfileobj(plain, out, 1 << 20)
        layers.append(_Layer(_sha256(tar), packed, _described(packed, "application/vnd.oci.image.layer.v1.tar+gzip")))
        tar.unlink()
    return layers


def _image(folder: Path, name: str, tags: tuple[str, ...], layers: list[_Layer], *, config: dict[str, Any]) -> None:
    """An image in the shape the OCI distribution API serves it: `v2/<name>/{blobs,manifests}/…`."""
    base = folder / "v2" / name
    blobs, manifests = base / "blobs", base / "manifests"
    blobs.mkdir(parents=True)
    manifests.mkdir(parents=True)
    for layer in layers:
        (blobs / layer.described["digest"]).hardlink_to(layer.packed)
    image = {
        "architecture": _architecture(),
        "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
    }
    plain_config = folder / "config.json"
    plain_config.write_text(json.dumps(image))
    about = _described(plain_config, "application/vnd.oci.image.config.v1+json")
    plain_config.rename(blobs / about["digest"])
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": about,
        "layers": [layer.described for layer in layers],
    }
    text = json.dumps(manifest)
    digest = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    for reference in (digest, *tags):
        (manifests / reference).write_text(text)


def _architecture() -> str:
    """The processor as an image's configuration names it, which is as Go does."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def _described(blob: Path, media_type: str) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": _sha256(blob), "size": blob.stat().st_size}


def _sha256(path: Path) -> str:
    return f"sha256:{cache.digest(path)}"
