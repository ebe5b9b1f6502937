"""What the node is told: addresses, the parts with their command lines, and the files they read. Data, no doing."""

import json
import platform
from typing import Any, Final

from sandbox.certificates import Identity

NODE_ADDRESS: Final = "192.0.2.2"  # TEST-NET-1: of meaning inside the node's own network namespace only
GATEWAY: Final = "192.0.2.1"
POD_CIDR: Final = "10.244.0.0/16"
POD_GATEWAY: Final = "10.244.0.1"
SERVICE_CIDR: Final = "10.96.0.0/16"
API_SERVICE: Final = "10.96.0.1"
CONFIG: Final = "/etc/sandbox"  # where the node sees the files of this sandbox
API: Final = "https://127.0.0.1:6443"

IDENTITIES: Final = {
    "admin": Identity("lifecycle-sandbox-admin", "system:masters"),
    "apiserver": Identity(
        "kube-apiserver",
        names=("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"),
        addresses=("127.0.0.1", NODE_ADDRESS, API_SERVICE),
    ),
    "apiserver-kubelet": Identity("kube-apiserver-kubelet-client", "system:masters"),
    "kubelet": Identity("system:node:localhost", "system:nodes", names=("localhost",), addresses=("127.0.0.1",)),
    "controller-manager": Identity("system:kube-controller-manager", names=("localhost",), addresses=("127.0.0.1",)),
    "scheduler": Identity("system:kube-scheduler", names=("localhost",), addresses=("127.0.0.1",)),
    "proxy": Identity("system:kube-proxy"),
}
# Which identity gets a kubeconfig inside the node; the admin's is written for the outside.
INNER_KUBECONFIGS: Final = ("kubelet", "controller-manager", "scheduler", "proxy")

# Debian 12's etcd (3.4) takes itself for untested on arm64, and ends unless it is told that this is known.
ETCD: Final = "env ETCD_UNSUPPORTED_ARCH=arm64 etcd" if platform.machine() == "aarch64" else "etcd"

NETWORK: Final = (
    "ip link set lo up",
    # The kubelet and the API server look for a device with an address and a default route.
    "ip link add uplink type bridge",
    f"ip address add {NODE_ADDRESS}/24 dev uplink",
    "ip link set uplink up",
    f"ip route add default via {GATEWAY}",
)

CONTAINERD: Final = """\
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = [
  "io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.tracing.processor.v1.otlp",
]
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "sandbox.local/pause:sandbox"
  # Where CAP_SYS_RESOURCE is withheld, runc dies of a score lower than its own.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d"
"""

# Every registry's name leads to the node's own registry: an image is there, or the pull says "not found".
REGISTRY: Final = """\
server = "http://127.0.0.1:5000"
[host."http://127.0.0.1:5000"]
  capabilities = ["pull", "resolve"]
"""


def spec(cgroup_root: str) -> dict[str, Any]:
    """node.json, as guest/init.py reads it."""
    return {
        "network": [command.split() for command in NETWORK],
        "files": _files(cgroup_root),
        "parts": [
            {"name": name, "argv": command.split(), "needs_api": needs_api, **extra}
            for name, needs_api, command, extra in _parts()
        ],
    }


def kubeconfig(server: str, ca: str, certificate: str, key: str, name: str = "lifecycle-sandbox") -> dict[str, Any]:
    """A kubeconfig; `ca`, `certificate` and `key` are paths, or base64 text where the field's name ends in -data."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": server, **_field("certificate-authority", ca)}}],
        "users": [{"name": name, "user": {**_field("client-certificate", certificate), **_field("client-key", key)}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
    }


def inner_kubeconfig(identity: str) -> dict[str, Any]:
    return kubeconfig(API, f"{CONFIG}/ca.crt", f"{CONFIG}/{identity}.crt", f"{CONFIG}/{identity}.key")


def _field(name: str, value: str) -> dict[str, str]:
    return {name if value.startswith("/") else f"{name}-data": value}


def _parts() -> list[tuple[str, bool, str, dict[str, bool]]]:
    """Name, whether it waits for the API server, command line, and what else init.py is told."""
    return [
        ("registry", False, "python3 -I -S /opt/guest/registry.py /opt/images", {}),
        ("forward", False, "python3 -I -S /opt/guest/forward.py", {"listens": True}),
        ("containerd", False, "containerd --config /etc/containerd/config.toml --log-level info", {}),
        (
            "etcd",
            False,
            f"{ETCD} --data-dir /var/lib/etcd/data --unsafe-no-fsync --logger zap "
            "--listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 "
            "--listen-peer-urls http://127.0.0.1:2380",
            {},
        ),
        (
            "kube-apiserver",
            False,
            "kube-apiserver --etcd-servers http://127.0.0.1:2379 --secure-port 6443 "
            f"--advertise-address {NODE_ADDRESS} --service-cluster-ip-range {SERVICE_CIDR} "
            f"--client-ca-file {CONFIG}/ca.crt --tls-cert-file {CONFIG}/apiserver.crt "
            f"--tls-private-key-file {CONFIG}/apiserver.key --authorization-mode Node,RBAC "
            "--enable-admission-plugins NodeRestriction --allow-privileged "
            f"--kubelet-certificate-authority {CONFIG}/ca.crt "
            f"--kubelet-client-certificate {CONFIG}/apiserver-kubelet.crt "
            f"--kubelet-client-key {CONFIG}/apiserver-kubelet.key --kubelet-preferred-address-types Hostname "
            f"--service-account-issuer {API} --service-account-key-file {CONFIG}/service-account.key "
            f"--service-account-signing-key-file {CONFIG}/service-account.key",
            {},
        ),
        (
            "kube-controller-manager",
            True,
            "kube-controller-manager --leader-elect=false --use-service-account-credentials "
            f"--kubeconfig {CONFIG}/controller-manager.kubeconfig "
            f"--authentication-kubeconfig {CONFIG}/controller-manager.kubeconfig "
            f"--authorization-kubeconfig {CONFIG}/controller-manager.kubeconfig --bind-address 127.0.0.1 "
            f"--tls-cert-file {CONFIG}/controller-manager.crt --tls-private-key-file {CONFIG}/controller-manager.key "
            f"--root-ca-file {CONFIG}/ca.crt --service-account-private-key-file {CONFIG}/service-account.key",
            {},
        ),
        (
            "kube-scheduler",
            True,
            f"kube-scheduler --leader-elect=false --kubeconfig {CONFIG}/scheduler.kubeconfig "
            f"--authentication-kubeconfig {CONFIG}/scheduler.kubeconfig "
            f"--authorization-kubeconfig {CONFIG}/scheduler.kubeconfig --bind-address 127.0.0.1 "
            f"--tls-cert-file {CONFIG}/scheduler.crt --tls-private-key-file {CONFIG}/scheduler.key",
            {},
        ),
        (
            "kubelet",
            True,
            # A loopback --node-ip is refused; without one the API server finds the node by its name.
            f"kubelet --config /etc/kubernetes/kubelet.json --kubeconfig {CONFIG}/kubelet.kubeconfig "
            "--hostname-override localhost",
            {},
        ),
        ("kube-proxy", True, "kube-proxy --config /etc/kubernetes/proxy.json", {}),
    ]


def _files(cgroup_root: str) -> dict[str, str]:
    return {
        "/etc/containerd/config.toml": CONTAINERD,
        "/etc/containerd/certs.d/_default/hosts.toml": REGISTRY,
        "/etc/cni/net.d/10-bridge.conflist": json.dumps(_cni()),
        "/etc/kubernetes/kubelet.json": json.dumps(_kubelet(cgroup_root)),
        "/etc/kubernetes/proxy.json": json.dumps(_proxy()),
    }


def _cni() -> dict[str, Any]:
    bridge = {
        "type": "bridge",
        "bridge": "pods",
        "isGateway": True,
        "ipMasq": True,
        "hairpinMode": True,
        "ipam": {
            "type": "host-local",
            "ranges": [[{"subnet": POD_CIDR, "gateway": POD_GATEWAY}]],
            "routes": [{"dst": "0.0.0.0/0"}],
            "dataDir": "/run/cni",
        },
    }
    return {"cniVersion": "0.4.0", "name": "pods", "plugins": [bridge]}


def _kubelet(cgroup_root: str) -> dict[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": "127.0.0.1",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{CONFIG}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": cgroup_root,
        # Nobody answers there, and says so at once: a lookup fails quickly, and no Pod gets a MissingClusterDNS event.
        "clusterDNS": [POD_GATEWAY],
        "clusterDomain": "cluster.local",
        "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
        "enforceNodeAllocatable": [],
        # The machine's memory and disk are not the node's to judge by: a full disk must not evict the demo.
        "evictionHard": {
            signal: "0%"
            for signal in (
                "imagefs.available",
                "imagefs.inodesFree",
                "memory.available",
                "nodefs.available",
                "nodefs.inodesFree",
            )
        },
        "failCgroupV1": False,
        "failSwapOn": False,
        "imageGCHighThresholdPercent": 100,
        "resolvConf": "/etc/resolv.conf",
        "tlsCertFile": f"{CONFIG}/kubelet.crt",
        "tlsPrivateKeyFile": f"{CONFIG}/kubelet.key",
    }


def _proxy() -> dict[str, Any]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "bindAddress": NODE_ADDRESS,
        "clientConnection": {"kubeconfig": f"{CONFIG}/proxy.kubeconfig"},
        "clusterCIDR": POD_CIDR,
        # nf_conntrack_max is the whole machine's: zero leaves it as it is.
        "conntrack": {"maxPerCore": 0, "min": 0},
        "hostnameOverride": "localhost",
        "mode": "iptables",
    }
