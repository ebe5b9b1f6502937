"""Arguments of LifecycleDemo for Hypothesis: sets that are right, and sets of which something is wrong.

What is known later stands in a set as a mark (`Later` and its like), because an Output belongs to the program that
makes it; `made` puts the Outputs in.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pulumi
from hypothesis import strategies as st

from lifecycle_demo import hooks

Args = dict[str, Any]


@dataclass(frozen=True)
class Later:
    """An Output that is known while the program runs."""

    value: Any


@dataclass(frozen=True)
class Secret:
    """A secret Output."""

    value: Any


@dataclass(frozen=True)
class Soon:
    """What Python awaits."""

    value: Any


@dataclass(frozen=True)
class Never:
    """An Output that a preview does not know."""

    value: Any = None


@dataclass(frozen=True)
class Case:
    resource: str
    args: Any
    promised: bool
    """Whether the server must take what the component takes: not where nonsense passes through."""

    @property
    def is_preview(self) -> bool:
        return has(self.args, Never)


async def _soon(value: Any) -> Any:
    return value


def made(value: Any) -> Any:
    """With Outputs for the marks; a program calls it."""
    if isinstance(value, Later):
        return _brought(value.value, pulumi.Output.from_input(None))
    if isinstance(value, Secret):
        return _brought(value.value, pulumi.Output.secret(None))
    if isinstance(value, Soon):
        return _soon(made(value.value))
    if isinstance(value, Never):
        return pulumi.Output.from_input(pulumi.UNKNOWN)
    if type(value) is dict:
        return {key: made(each) for key, each in value.items()}
    return [made(each) for each in value] if type(value) is list else value


def _brought(value: Any, by: pulumi.Output[None]) -> Any:
    """An Output of any value, secret as `by` is; `from_input` takes no mapping whose keys are not text."""
    is_plain = not any(has(value, mark) for mark in (Later, Secret, Soon, Never))
    return by.apply(lambda _: value if is_plain else pulumi.Output.from_input(made(value)))


def has(value: Any, mark: type) -> bool:
    if isinstance(value, mark):
        return True
    if isinstance(value, Later | Secret | Soon):
        return has(value.value, mark)
    if isinstance(value, Mapping):
        return any(has(each, mark) for each in value.values())
    return any(has(each, mark) for each in value) if isinstance(value, list) else False


# What Kubernetes does not spell in plain camel case.
ODD = {
    "azure_disk_uri": "diskURI",
    "dataset_uuid": "datasetUUID",
    "disk_uri": "diskURI",
    "downward_api": "downwardAPI",
    "host_ipc": "hostIPC",
    "host_pid": "hostPID",
    "pd_id": "pdID",
    "scale_io": "scaleIO",
    "set_hostname_as_fqdn": "setHostnameAsFQDN",
    "storage_policy_id": "storagePolicyID",
    "target_wwns": "targetWWNs",
    "volume_id": "volumeID",
}
USERS_KEYS = ("node_selector", "limits", "requests", "match_labels", "labels", "annotations", "volume_attributes")


def camel(value: Any) -> Any:
    """With keys as Kubernetes spells them; those of users stay."""
    if isinstance(value, list):
        return [camel(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        ODD.get(key) or re.sub(r"_([a-z])", lambda found: found[1].upper(), key): (
            each if key in USERS_KEYS else camel(each)
        )
        for key, each in value.items()
    }


def in_either_case(field: Args) -> st.SearchStrategy[Args]:
    """As Pulumi's Python spells it, and as Kubernetes does."""
    return st.sampled_from([field, camel(field)])


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Args]:
    return st.fixed_dictionaries({}, optional=fields)


def one(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


# A shell that ends at once when it is told to: PID 1 has no default for SIGTERM.
WAITS = ["/bin/sh", "-c", 'trap "exit 0" TERM; sleep 1000 & wait']
DIGEST = "sha256:" + "0123456789abcdef" * 4
words = st.text("aZ9-_ .,:;/\\\"'$(){}é\n\t", max_size=12)
# Of each field that passes through: values that start, and others that the API server takes.
STARTS_CONTAINER: Mapping[str, tuple[Any, ...]] = {
    "resources": (
        {"requests": {"cpu": "1m", "memory": "1Mi"}},
        {"requests": {"cpu": "2m"}, "limits": {"memory": "256Mi"}},
        {"limits": {"ephemeral-storage": "1Gi"}, "requests": {"cpu": "1m", "ephemeral-storage": "1Mi"}},
    ),
    "image_pull_policy": ("IfNotPresent", "Never"),
    "working_dir": ("/tmp", "/"),
    "tty": (True, False),
    "stdin": (True, False),
    "stdin_once": (True,),
    "termination_message_path": ("/dev/termination-log", "/tmp/message"),
    "termination_message_policy": ("File", "FallbackToLogsOnError"),
    "liveness_probe": (
        {"exec": {"command": ["true"]}, "period_seconds": 30},
        {"exec": {"command": ["true"]}, "initial_delay_seconds": 5, "failure_threshold": 9, "timeout_seconds": 5},
    ),
    "readiness_probe": ({"exec": {"command": ["true"]}, "period_seconds": 1, "success_threshold": 2},),
    "startup_probe": ({"exec": {"command": ["/bin/true"]}, "failure_threshold": 30, "period_seconds": 1},),
    "security_context": (
        {"allow_privilege_escalation": False},
        {"capabilities": {"drop": ["NET_RAW"], "add": ["SYS_TIME"]}},
        {"run_as_user": 0, "run_as_group": 0},
        {"privileged": True},
    ),
    "env_from": (
        [{"config_map_ref": {"name": "absent", "optional": True}}],
        [{"secret_ref": {"name": "absent", "optional": True}, "prefix": "A_"}],
    ),
    "resize_policy": ([{"resource_name": "cpu", "restart_policy": "NotRequired"}],),
}
CONTAINER: Mapping[str, tuple[Any, ...]] = {
    **STARTS_CONTAINER,
    "image_pull_policy": ("IfNotPresent", "Never", "Always"),
    "liveness_probe": (
        *STARTS_CONTAINER["liveness_probe"],
        {"grpc": {"port": 9, "service": "a"}},
        {"tcp_socket": {"port": 80}, "termination_grace_period_seconds": 300},
    ),
    "readiness_probe": ({"http_get": {"port": 80, "path": "/", "scheme": "HTTP"}}, {"tcp_socket": {"port": "http"}}),
    "startup_probe": ({"http_get": {"port": 80, "http_headers": [{"name": "A", "value": "b"}]}},),
    "security_context": (
        *STARTS_CONTAINER["security_context"],
        {"read_only_root_filesystem": True, "run_as_non_root": True},
        {"se_linux_options": {"level": "s0:c1,c2"}, "seccomp_profile": {"type": "RuntimeDefault"}},
        {"app_armor_profile": {"type": "RuntimeDefault"}, "proc_mount": "Default"},
    ),
}
STARTS_POD: Mapping[str, tuple[Any, ...]] = {
    "active_deadline_seconds": (100_000,),
    "automount_service_account_token": (True, False),
    "dns_config": ({"nameservers": ["192.0.2.1"], "searches": ["a.b"], "options": [{"name": "ndots", "value": "2"}]},),
    "dns_policy": ("Default", "ClusterFirst"),
    "enable_service_links": (True, False),
    "host_aliases": ([{"ip": "192.0.2.1", "hostnames": ["a", "b"]}],),
    "host_ipc": (True, False),
    "host_network": (True, False),
    "hostname": ("shop",),
    "node_selector": ({"kubernetes.io/os": "linux"},),
    "os": ({"name": "linux"},),
    "restart_policy": ("Always", "OnFailure", "Never"),
    "security_context": (
        {"fs_group": 1, "fs_group_change_policy": "OnRootMismatch"},
        {"supplemental_groups": [1, 2], "run_as_user": 0},
    ),
    "subdomain": ("sub",),
    "tolerations": (
        [{"key": "a_b", "operator": "Exists", "effect": "NoExecute", "toleration_seconds": 5}],
        [{"operator": "Exists"}],
    ),
    "affinity": (
        {
            "pod_anti_affinity": {
                "preferred_during_scheduling_ignored_during_execution": [
                    {
                        "weight": 1,
                        "pod_affinity_term": {
                            "topology_key": "kubernetes.io/hostname",
                            "label_selector": {"match_labels": {"a_b": "c"}},
                        },
                    }
                ]
            }
        },
    ),
    "topology_spread_constraints": (
        [{"max_skew": 1, "topology_key": "absent", "when_unsatisfiable": "ScheduleAnyway"}],
    ),
}
POD: Mapping[str, tuple[Any, ...]] = {
    **STARTS_POD,
    "host_pid": (True, False),
    "host_users": (True, False),
    "image_pull_secrets": ([{"name": "a"}],),
    "node_selector": ({"a_b": "c", "d.e/f": ""},),
    "preemption_policy": ("PreemptLowerPriority",),
    "priority_class_name": ("system-node-critical",),
    "readiness_gates": ([{"condition_type": "a.b/c"}],),
    "resources": ({"requests": {"cpu": "1"}, "limits": {"cpu": "4"}},),
    "scheduler_name": ("mine",),
    "scheduling_gates": ([{"name": "a.b/c"}],),
    "set_hostname_as_fqdn": (True, False),
    "security_context": (
        *STARTS_POD["security_context"],
        {"supplemental_groups_policy": "Merge", "seccomp_profile": {"type": "RuntimeDefault"}},
    ),
    "termination_grace_period_seconds": (300, 3600),
}
STARTS_VOLUMES: tuple[Args, ...] = (
    {"empty_dir": {}},
    {"empty_dir": {"medium": "Memory", "size_limit": "1Mi"}},
    {"config_map": {"name": "absent", "optional": True, "default_mode": 0o440}},
    {"secret": {"secret_name": "absent", "optional": True}},
    {"downward_api": {"items": [{"path": "labels", "field_ref": {"field_path": "metadata.labels"}}]}},
    {"host_path": {"path": "/tmp", "type": "Directory"}},
    {
        "projected": {
            "sources": [
                {"downward_api": {"items": [{"path": "n", "field_ref": {"field_path": "metadata.name"}}]}},
                {"config_map": {"name": "absent", "optional": True}},
            ]
        }
    },
)
VOLUMES: tuple[Args, ...] = (
    *STARTS_VOLUMES,
    {"aws_elastic_block_store": {"volume_id": "a", "fs_type": "ext4"}},
    {"azure_disk": {"disk_name": "a", "disk_uri": "/subscriptions/a", "kind": "Managed"}},
    {"csi": {"driver": "a.b", "volume_attributes": {"a_b": "c"}, "node_publish_secret_ref": {"name": "a"}}},
    {"fc": {"target_wwns": ["50060e801049cfd1"], "lun": 0}},
    {"flocker": {"dataset_uuid": "a"}},
    {"gce_persistent_disk": {"pd_name": "a"}},
    {"iscsi": {"target_portal": "a", "iqn": "iqn.2001-04.com.example:a", "lun": 0, "chap_auth_discovery": False}},
    {"nfs": {"server": "a", "path": "/", "read_only": True}},
    {"persistent_volume_claim": {"claim_name": "a"}},
    {"photon_persistent_disk": {"pd_id": "a"}},
    {"scale_io": {"gateway": "a", "system": "b", "secret_ref": {"name": "c"}, "volume_name": "d"}},
    {"vsphere_volume": {"volume_path": "a", "storage_policy_id": "b", "storage_policy_name": "c"}},
)


@st.composite
def _handler(draw: st.DrawFn, *, runs: bool, serves: bool, names: list[str], starts: bool) -> Any:
    """A hook that works: over HTTP only where something answers, and that not before the server has started."""
    found = [
        hooks.shell("true"),
        hooks.shell("echo 'a b' > /dev/null; exit 0"),
        hooks.command("/bin/true"),
        hooks.command("/bin/sh", "-c", "true é"),
        hooks.sleep(draw(st.integers(0, 2))),
    ]
    if serves and not (runs and starts):
        found += [hooks.http_get(port=80), hooks.http_get("/a?b=c", port=80, scheme="HTTP", headers={"X-A": "b c"})]
        found += [hooks.http_get(port_name=name) for name in names]
    return draw(st.sampled_from(found))


@st.composite
def _passing(draw: st.DrawFn, fields: Mapping[str, tuple[Any, ...]], most: int = 4) -> Args:
    """Some of the fields, each in snake case or in camel case."""
    chosen = draw(st.lists(st.sampled_from(sorted(fields)), max_size=most, unique=True))
    found: Args = {}
    for key in chosen:
        found.update(draw(in_either_case({key: draw(st.sampled_from(fields[key]))})))
    return found


@st.composite
def _container(
    draw: st.DrawFn, *, runs: bool, on_host: bool, is_first: bool, volumes: list[str], shares: bool, port: int = 80
) -> Args:
    """What a container has, the first one or a further one."""
    args: Args = {}
    waits = runs and not is_first
    if waits or draw(st.booleans()):
        args["command"] = WAITS if runs else draw(st.lists(words, min_size=1, max_size=3))
    if (not runs or "command" in args) and draw(st.booleans()):
        args["args"] = draw(st.lists(words, max_size=3))
    serves = not on_host and "command" not in args if runs else not on_host
    if draw(st.booleans()):
        names = st.sampled_from(["A", "a_b", "A.B", "a-b", "PATH_OF", "9x"] if runs else ["A", "a b", "!", "9", "~ ,"])
        args["env"] = draw(st.dictionaries(names, words, max_size=3))
    names_of_ports: list[str] = []
    if not (runs and on_host) and draw(st.booleans()):
        args["ports"] = [{"container_port": port, **draw(some(name=one("http", "a-1"), protocol=one("TCP")))}]
        if draw(st.booleans()):
            args["ports"].append({"container_port": port + 1, **draw(some(protocol=one("TCP", "UDP", "SCTP")))})
        names_of_ports = [args["ports"][0]["name"]] if "name" in args["ports"][0] else []
    # The default hooks are nginx's: of what else runs in its image they would fail.
    ours = "command" in args or shares or not is_first
    handlers: Args = {"runs": runs, "serves": serves and port == 80, "names": names_of_ports}
    if (runs and ours and is_first) or draw(st.booleans()):
        args["post_start"] = draw(_handler(**handlers, starts=True))
    if (runs and ours and is_first) or draw(st.booleans()):
        args["pre_stop"] = draw(_handler(**handlers, starts=False))
    if draw(st.booleans()):
        passing: Args = draw(_passing(STARTS_CONTAINER if runs else CONTAINER))
        if "env" not in args and draw(st.booleans()):
            passing["env"] = [{"name": "P", "value_from": {"field_ref": {"field_path": "metadata.name"}}}]
        if draw(st.booleans()) and volumes:
            mounts = [{"name": name, "mount_path": f"/mnt/{name}", "read_only": False} for name in volumes]
            passing.update(draw(in_either_case({"volume_mounts": mounts})))
        if is_first and draw(st.booleans()):
            passing["name"] = "main"
        args["container"] = passing
    return args


@st.composite
def right(draw: st.DrawFn, *, runs: bool = False) -> Args:
    """Arguments that the API server takes; with `runs`, the Pod starts, its hooks work, and it ends within seconds."""
    args: Args = {}
    spec: Args = {}
    if draw(st.booleans()):
        spec = draw(_passing(STARTS_POD if runs else POD))
        if spec.get("host_users", spec.get("hostUsers")) is False:  # not together with any of the host's namespaces
            spec = {key: each for key, each in spec.items() if not re.match("host_?(network|pid|ipc)$", key, re.I)}
        if not runs and draw(st.booleans()):
            spec["init_containers"] = [{"name": "init", "image": "nginx", "command": ["true"]}]
    volumes: list[str] = []
    if draw(st.booleans()) and spec:
        found = [
            {"name": f"v{index}", **each}
            for index, each in enumerate(
                draw(st.lists(st.sampled_from(STARTS_VOLUMES if runs else VOLUMES), max_size=3))
            )
        ]
        volumes = [each["name"] for each in found]
        spec.update(draw(in_either_case({"volumes": found})))
    on_host = spec.get("host_network", spec.get("hostNetwork", False))
    if runs and draw(st.booleans()):
        args["image"] = draw(one("nginx", "docker.io/library/nginx", "nginx:latest"))
    elif not runs and draw(st.booleans()):
        args["image"] = draw(one("nginx", "nginx:1.27-alpine", "ghcr.io/acme/web:1.4", f"reg.a:5000/b/c_d@{DIGEST}"))
    # not together with the host's processes
    shares = draw(st.booleans()) and not spec.get("host_pid", spec.get("hostPID"))
    if shares or draw(st.booleans()):
        args["share_process_namespace"] = shares
    parts: Args = {"runs": runs, "on_host": on_host, "volumes": volumes, "shares": shares}
    args.update(draw(_container(**parts, is_first=True)))
    if runs and on_host and "command" not in args:  # port 80 of the node is one Pod's
        args.update(command=WAITS, post_start=hooks.command("/bin/true"), pre_stop=hooks.sleep(1))
    for name, prefix in (("containers", "app"), ("sidecars", "side")):
        if name == "sidecars" and ("init_containers" in spec):
            continue
        if draw(st.booleans()):
            first = 82 if name == "containers" else 92  # on the host each port is one container's
            args[name] = [
                {"name": f"{prefix}{index}", "image": "nginx", **draw(_container(**parts, is_first=False, port=port))}
                for index, port in enumerate(range(first, first + 2 * draw(st.integers(0, 1 if runs else 2)), 2))
            ]
    if runs:
        args["termination_grace_period_seconds"] = draw(one(4, 5, 6))
        for each in (args, *args.get("containers", ()), *args.get("sidecars", ())):
            if "pre_stop" not in each and each is args:
                each["pre_stop"] = hooks.nginx_graceful()
    elif not {"termination_grace_period_seconds", "terminationGracePeriodSeconds"} & spec.keys():
        args.update(draw(some(termination_grace_period_seconds=one(60, 3600, 60.0))))
    if draw(st.booleans()) and "termination_grace_period_seconds" not in args:
        args["shutdown_seconds"] = draw(one(0, 1, 20, 30.0))
    if runs and draw(st.booleans()):
        args["shutdown_seconds"] = draw(one(0, 1, 2))
    if spec:
        args["pod_spec"] = spec
    if draw(st.booleans()):
        args["labels"] = draw(
            st.dictionaries(one("a", "a_b", "a.b/c_D", "x" * 63), one("", "b", "B_c.d", "y" * 63), max_size=3)
        )
    if draw(st.booleans()):
        args["annotations"] = draw(st.dictionaries(one("a", "a.b/c", "A_B"), words, max_size=3))
    if draw(st.booleans()):
        args["report_deletion"] = False if runs else draw(st.booleans())
    if draw(st.booleans()):
        args["fail_fast"] = draw(st.booleans())
    if runs:
        args.update(draw(one({}, {}, {"name": "named"}, {"generate_name": True}, {"generate_name": False})))
    else:
        args.update(draw(some(namespace=one("default", "acme", "n" * 63))))
        named = draw(some(name=one("shop", "a.b", "0", "a" * 253), generate_name=st.booleans()))
        args.update({"name": named["name"]} if len(named) == 2 else named)
    return args


KNOWN_AT_ONCE = ("fail_fast", "generate_name", "report_deletion")  # when the program runs, so no Outputs


@st.composite
def running(draw: st.DrawFn) -> Args:
    """Arguments of a Pod that starts; of the values that may be Outputs some are."""
    args: Args = draw(right(runs=True))
    for path in list(paths(args)):
        value = at(args, path)
        is_leaf = not isinstance(value, dict | list) and path[0] not in KNOWN_AT_ONCE
        if is_leaf and draw(st.integers(0, 9)) == 0:
            args = replaced(args, path, draw(one(Later, Secret, Soon))(value))
    return args


TEXTS = (
    *(
        "",
        " ",
        "a",
        "A",
        "Ab",
        "a b",
        "a\n",
        "\n",
        "\x00",
        "a\x00b",
        "\x1b[0m",
        "\x7f",
        "é",
        "\u017f",
        "İ",
        "\uff11",
        "😀",
    ),
    *("\ud800", "a\udfff", "-a", "a-", ".", "..", "a.b", "a..b", "a_b", "a/b", "/", "a=b", "a:b", "http", "80", "-1"),
    *("TCP", "tcp", "HTTP", "FTP", "$(A)", "{{a}}", "%s", "null", "true", "nginx", "nginx:", "sleep inf", "/a b"),
    *("a" * length for length in (15, 16, 53, 54, 63, 64, 253, 254, 5000)),
    *("-" * 63, "a." * 126 + "a", "a." * 126 + "ab", "a" * 64 + "/b", "a" * 253 + "/b", "a" * 254 + "/b"),
)
NUMBERS = (
    *(-(10**300), -(2**63) - 1, -(2**63), -(2**31), -1, 0, 1, 2, 29, 30, 31, 80, 65535, 65536, 2**31 - 1, 2**31),
    *(2**53, 2**53 + 1, 2**63 - 1024, 2**63 - 1, 2**63, 2**64, 10**30, 10**300),
    *(-0.0, 0.5, 1.0, 1.5, 80.0, 1e18, 1e19, 1e300, float("inf"), float("-inf"), float("nan")),
)
OTHERS: tuple[Any, ...] = (
    *(None, True, False, [], {}, (), [None], [[]], {"a": None}, {"": ""}, {1: 2}, {None: None}, {"a": {"b": []}}),
    *(b"", b"a", bytearray(b""), set(), {"a"}, frozenset(), range(0), range(2), deque(), deque(["a"]), 1j, ...),
    *(Decimal(5), datetime(2020, 1, 1), MappingProxyType({}), MappingProxyType({"a": "b"}), object, len, ("a",)),
)
texts = st.sampled_from(TEXTS) | st.text(max_size=20)
anything: st.SearchStrategy[Any] = st.one_of(
    texts,
    st.sampled_from(NUMBERS),
    st.sampled_from(OTHERS),
    st.lists(texts, max_size=3),
    st.dictionaries(texts, texts, max_size=3),
)
marks = st.sampled_from([Later, Later, Later, Secret, Secret, Soon, Never])


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value in a set of arguments."""
    if path:
        yield path
    items = value.items() if type(value) is dict else enumerate(value) if type(value) is list else ()
    for key, each in items:
        yield from paths(each, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


def passes_through(path: tuple[Any, ...]) -> bool:
    return path[0] == "pod_spec" or path[0] == "container" or path[2:3] == ("container",)


def _near(value: Any) -> st.SearchStrategy[Any]:
    """Mostly of the same type, so that more than the type is judged."""
    if isinstance(value, bool):
        return anything
    if isinstance(value, str):
        return st.one_of(texts, texts, st.just(value.upper()), st.just(f"{value} "), anything)
    if isinstance(value, int | float):
        near = st.sampled_from(NUMBERS)
        return st.one_of(near, near, st.just(value + 1), st.just(value - 1), anything)
    return anything


@st.composite
def _changed(draw: st.DrawFn, args: Args) -> tuple[Args, bool]:
    """With one thing changed; whether that is still promised to be taken or refused in our words."""
    found = list(paths(args))
    if not found:
        return {"image": draw(anything)}, True
    path = draw(st.sampled_from(found))
    value = at(args, path)
    ways = ["near", "near", "near", "near", "mark", "mark", "mark of another", "without"]
    if type(value) is dict:
        ways += ["stranger", "stranger"]
    if type(value) is list and value:
        ways += ["twice"] * 3
    way = draw(st.sampled_from(ways))
    promised = not passes_through(path) or way == "mark"
    if way == "near":
        new = draw(_near(value))
    elif way == "mark":
        new = draw(marks)(value)
    elif way == "mark of another":
        new = draw(marks)(draw(_near(value)))
    elif way == "stranger":
        new = {**value, draw(texts | st.just(1)): draw(anything)}
        # A further field of what passes through is as its other nonsense.
        promised = promised and path not in (("container",), ("pod_spec",))
    elif way == "twice":
        new = [*value, draw(st.sampled_from(value))]
    else:
        new = None
        if draw(st.booleans()) and not isinstance(path[-1], int):
            parent = at(args, path[:-1])
            new = {key: each for key, each in parent.items() if key != path[-1]}
            path = path[:-1]
    return replaced(args, path, new), promised


@st.composite
def _wrong(draw: st.DrawFn) -> Case:
    """Right arguments, of which one to three things are changed."""
    args, promised = draw(right()), True
    for _ in range(draw(st.integers(1, 3))):
        args, still = draw(_changed(args))
        promised = promised and still
    return Case(draw(resources), args, promised)


def listed(each: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(each, max_size=3)


later = st.builds(lambda mark, value: mark(value), marks, anything)
leaves = texts | texts | later | anything
numbers = st.sampled_from(NUMBERS) | st.sampled_from(NUMBERS) | later | anything
ports = listed(
    some(container_port=numbers, name=leaves, protocol=one("TCP", "UDP", "SCTP", "tcp", "") | leaves) | anything
)
handlers = some(
    exec=some(command=listed(leaves) | leaves),
    http_get=some(
        path=leaves,
        port=numbers,
        port_name=leaves,
        scheme=one("HTTP", "HTTPS", "http", "") | leaves,
        http_headers=listed(some(name=leaves, value=leaves) | anything),
    ),
    sleep=some(seconds=numbers) | anything,
)
variables = st.dictionaries(texts, leaves, max_size=3) | anything
# For each argument: values around its limits, and beside them.
EDGES: dict[str, st.SearchStrategy[Any]] = {
    "image": leaves,
    "command": listed(leaves) | leaves,
    "args": listed(leaves) | leaves,
    "env": variables,
    "ports": ports | anything,
    "post_start": handlers | anything,
    "pre_stop": handlers | anything,
    "termination_grace_period_seconds": numbers,
    "shutdown_seconds": numbers,
    "share_process_namespace": st.booleans() | leaves,
    "containers": listed(
        some(name=leaves, image=leaves, env=variables, ports=ports, pre_stop=handlers, command=listed(leaves))
    )
    | anything,
    "sidecars": listed(some(name=leaves, image=leaves, post_start=handlers, args=listed(leaves) | leaves)) | anything,
    "container": _passing(CONTAINER),
    "pod_spec": _passing(POD),
    "name": leaves,
    "generate_name": st.booleans() | leaves,
    "report_deletion": st.booleans() | leaves,
    "fail_fast": st.booleans() | leaves,
    "namespace": leaves,
    "labels": variables,
    "annotations": variables | st.integers(-1, 1).map(lambda more: {"a": "b" * (256 * 1024 - 1 + more)}),
}
resources = one(*["web"] * 12, "My_App", "a b", "a" * 63, "a" * 64, "a" * 244, "a" * 245, "a.b", "0", "é", "a_b")


@st.composite
def _at_the_edges(draw: st.DrawFn) -> Case:
    keys = draw(st.lists(st.sampled_from(sorted(EDGES)), min_size=1, max_size=3, unique=True))
    return Case(draw(resources), {key: draw(EDGES[key]) for key in keys}, promised=True)


# A third each: right but for one to three things, at the edges of one to three arguments, and the rest.
cases = st.one_of(
    _wrong(),
    _wrong(),
    _at_the_edges(),
    _at_the_edges(),
    st.builds(lambda resource, args: Case(resource, args, promised=True), resources, right()),
    st.builds(lambda args: Case("web", args, promised=True), anything),
)
