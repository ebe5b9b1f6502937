"""LifecycleDemo against the real API server: what it takes the server takes, and what it refuses it says itself.

Hypothesis generates the arguments, right, nearly right and absurd; LIFECYCLE_CASES sets how many (2,000 unless set),
the seed is fixed. Then a hundred that are right go through the real engine to the node and back.
"""

import contextlib
import gc
import json
import logging
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pulumi
import pytest
from arguments import EDGES, Args, Case, Later, cases, made, right, running
from cluster import Cluster
from hypothesis import HealthCheck, Phase, given, settings
from test_stack import Stack, counts

from lifecycle_demo import LifecycleDemo, LifecycleDemoArgs, LifecycleDemoError, component, hooks, starts
from tests.engine.checkout import Checkout, Said
from tests.unit.recording import Recorder, run

CASES = int(os.environ.get("LIFECYCLE_CASES", "2000"))
SETS = 100
BATCH = 25  # Pods at once: a small node has no room for all of them
POD = "kubernetes:core/v1:Pod"
SECRET = "4dabf18193072939515e22adb298388d"  # the key by which Pulumi marks a secret
generated = settings(
    max_examples=CASES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)

# What once was wrong, by name: the smallest arguments that show it.
MENDED: dict[str, Case] = {
    "the host's processes and a shared namespace": Case(
        "web", {"share_process_namespace": True, "pod_spec": {"host_pid": True}}, True
    ),
    "one port twice on the host's network": Case(
        "web", {"ports": [{"container_port": 8080}] * 2, "pod_spec": {"host_network": True}}, True
    ),
    "the host's processes and users of the Pod's own": Case(
        "web", {"pod_spec": {"host_pid": True, "host_users": False}}, True
    ),
    "a container for debugging": Case(
        "web", {"pod_spec": {"ephemeral_containers": [{"name": "a", "image": "b"}]}}, True
    ),
    "a made-up name begins with the resource's": Case(
        "My_App", {"generate_name": True, "container": {"name": "main"}}, True
    ),
    "a number below what 64 bits hold": Case("web", {"termination_grace_period_seconds": -(10**30)}, True),
    "a number that rounds to one above what 64 bits hold": Case(
        "web", {"termination_grace_period_seconds": 2**63 - 1}, True
    ),
    "the number of a port below what 32 bits hold": Case("web", {"post_start": hooks.http_get(port=-(10**30))}, True),
    "a further container whose image is None": Case("web", {"containers": [{"name": "a", "image": None}]}, True),
    "a further container whose name is None": Case("web", {"containers": [{"name": None, "image": "a"}]}, True),
    "a port that is None": Case("web", {"ports": [{"container_port": None}]}, True),
    "an Output of a number in a command": Case("web", {"command": [Later(5)]}, True),
    "an Output of text for a command": Case("web", {"args": Later("a")}, True),
    "an Output of text for a truth value": Case("web", {"share_process_namespace": Later("a")}, True),
    "an Output of a mapping for text": Case("web", {"annotations": {"a": Later({})}}, True),
    "an Output of None for an image": Case("web", {"image": Later(None)}, True),
    "an Output of a list for text": Case("web", {"image": Later(["a"])}, True),
    "an Output of a set": Case("web", {"args": [Later({"a"})]}, True),
    "an Output of half a surrogate pair": Case("web", {"args": [Later("\ud800")]}, True),
    "an Output of infinity": Case("web", {"command": [Later(float("inf"))]}, True),
    "an Output of no text for a name": Case("web", {"name": Later(5)}, True),
    "an Output of text for a time": Case("web", {"shutdown_seconds": Later("a")}, True),
    "an Output of None for a grace period": Case("web", {"termination_grace_period_seconds": Later(None)}, True),
    "bytes for a list": Case("web", {"args": b""}, True),
    "a key of what passes through that is not a string": Case("web", {"container": {"resources": {1: "a"}}}, False),
    "a value of what passes through that is no data": Case("web", {"container": {"stdin": {1}}}, False),
    "a list for a single value in what passes through": Case("web", {"container": {"working_dir": ["a"]}}, True),
    "an Output of a list for a single value in what passes through": Case(
        "web", {"container": {"working_dir": Later(["a"])}}, True
    ),
    "an Output of a mapping whose keys are no text": Case("web", {"image": Later({1: 2})}, True),
    "half a surrogate pair in what passes through": Case(
        "web", {"container": {"env_from": [{"prefix": "\ud800"}]}}, False
    ),
}


class Names(pulumi.runtime.Mocks):
    """Answers with a name alone: an echo of nonsense would be more than any provider gives."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return f"{args.name}-id", {"metadata": {"name": args.name, "namespace": "default"}}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return {}, None


@pytest.fixture
def judge(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator["Judge"]:
    # Pulumi's resource hooks have no part in the Pod; and where they are, an error of Python elsewhere may end Python.
    monkeypatch.setattr(component, "resource_hooks", lambda *_, **__: None)
    # What an error leaves behind is told of when it is thrown away, at any time: also while pytest reads a source,
    # and Python 3.11 cannot read two at once. Here nobody listens, and it is thrown away with the test.
    monkeypatch.setattr(logging.getLogger("asyncio"), "disabled", True)
    yield Judge(cluster)
    gc.collect()


class Judge:
    """What becomes of arguments: the component's verdict, and the API server's of what the component takes."""

    WRONG = ("error of Python", "no Pod", "refused by the server")

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def of(self, case: Case) -> tuple[str, str]:
        """What became of the arguments, and the words that were said."""
        recorders: list[Recorder] = []

        def with_names(recorder: Recorder) -> None:
            recorder.mocks = Names()
            recorders.append(recorder)

        try:
            run(
                lambda: LifecycleDemo(case.resource, made(case.args)) and None,
                preview=case.is_preview,
                made=with_names,
            )
        except LifecycleDemoError as error:
            return "refused by the component", str(error)
        except Exception as error:
            with contextlib.suppress(Exception):
                run(lambda: None)  # what is still under way would else fail the next case
            return "error of Python", f"{type(error).__name__}: {error}"
        if POD not in recorders[0].requests:
            return "no Pod", ""
        if case.is_preview:
            return "not known yet", ""
        if not case.promised:
            return "not promised", ""
        try:
            pod = opened(recorders[0].inputs(POD))
        except ValueError as error:  # JSON has no such number
            return "error of Python", str(error)
        said = self._refusal(case.resource, pod)
        return ("refused by the server", said) if said else ("accepted", "")

    def _refusal(self, resource: str, pod: Any) -> str:
        metadata = pod["metadata"]
        # The namespace of a case need not be there: whether it could be is asked for itself.
        if (name := metadata.pop("namespace", None)) is not None:
            status, said = self._posted("namespaces", {"kind": "Namespace", "metadata": {"name": name}})
            if status not in (201, 409):
                return str(said["message"])
        metadata.setdefault("name", f"{resource}-0a1b2c3d")  # as the provider makes one up
        status, said = self._posted(f"namespaces/{self._cluster.namespace}/pods", pod)
        return "" if status == 201 else str(said["message"])

    def _posted(self, path: str, body: Any) -> tuple[int, Any]:
        """The answer to a dry run."""
        api = self._cluster.api
        answer = api.rest_client.pool_manager.request(
            "POST",
            f"{api.configuration.host}/api/v1/{path}?dryRun=All&fieldValidation=Strict",
            body=json.dumps(body),
            headers={"Content-Type": "application/json"},
        )
        return answer.status, json.loads(answer.data)


def opened(value: Any) -> Any:
    """As the provider reads it: secrets without their marks, whole numbers as such."""
    if isinstance(value, list):
        return [opened(each) for each in value]
    if isinstance(value, dict):
        return opened(value.get("value")) if SECRET in value else {key: opened(each) for key, each in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def test_each_argument_has_its_edges() -> None:
    """A new argument without generated values fails here."""
    assert set(EDGES) == set(LifecycleDemoArgs.__annotations__)


# Where the component refuses some arguments, nobody awaits the others.
@pytest.mark.filterwarnings("ignore:coroutine '_soon' was never awaited:RuntimeWarning")
def test_any_arguments_make_a_pod_that_the_server_takes_or_the_components_own_error(judge: Judge) -> None:
    """Never an error of Python, never a Pod that the server refuses."""
    met: Counter[str] = Counter()

    @generated
    @given(cases)
    def each(case: Case) -> None:
        became, words = judge.of(case)
        met[became] += 1
        assert became not in Judge.WRONG, f"{became}: {words}"

    each()
    # The generator is no good where all is refused, or all taken.
    assert met["accepted"] > CASES / 5 < met["refused by the component"], met
    assert met["not promised"] and met["not known yet"], met


def test_arguments_that_are_right_are_not_refused(judge: Judge) -> None:
    @settings(generated, max_examples=CASES // 4)
    @given(right())
    def each(args: Args) -> None:
        became, words = judge.of(Case("web", args, True))
        assert became == "accepted", f"{became}: {words}"

    each()


@pytest.mark.parametrize("case", MENDED.values(), ids=MENDED)
def test_what_once_was_wrong(judge: Judge, case: Case) -> None:
    became, words = judge.of(case)
    assert became not in Judge.WRONG, words


# The program of a stack: arguments as its author writes them, with the marks of `arguments` for Outputs.
PROGRAM = """
import pulumi
from lifecycle_demo import LifecycleDemo, hooks

namespace = pulumi.Config().require("namespace")


def Later(value):
    return pulumi.Output.from_input(value).apply(lambda known: known)


def Secret(value):
    return pulumi.Output.secret(value)


async def Soon(value):
    return value


"""


@pytest.fixture
def stack(tmp_path: Path, cluster: Cluster) -> Stack:
    checkout = Checkout(tmp_path)
    # The policies are not what is tested: they say what they like, and stop nothing.
    (checkout.root / "policies" / "demo.json").write_text(json.dumps({"all": "advisory"}))
    return Stack(checkout, cluster)


def program(stack: Stack, args: Mapping[str, str]) -> None:
    """Makes the stack's program: a LifecycleDemo for each resource's name, with its arguments in Python's words."""
    lines = [f'LifecycleDemo({name!r}, {{**{each}, "namespace": namespace}})' for name, each in args.items()]
    (stack.checkout.root / "__main__.py").write_text(PROGRAM + "\n".join(lines) + "\n")


def succeeds(stack: Stack, operation: str) -> Said:
    said = stack.run(operation)
    assert said.status == 0, f"{operation}: {said.out[-6000:]}\n{said.err[-3000:]}"
    return said


def live(stack: Stack) -> dict[str, Any]:
    """The Pods as the API server has them, by the names of their resources."""
    listed = stack.cluster.kubectl("get", "pods", "--output", "json")
    pods = {each["metadata"]["uid"]: each for each in json.loads(listed)["items"]}
    resources = [each for each in stack.exported()["resources"] if each["type"] == POD]
    return {each["urn"].rpartition("::")[2]: pods.pop(each["outputs"]["metadata"]["uid"]) for each in resources}


def registered(name: str, args: Any) -> Any:
    """What the component registers."""
    return opened(run(lambda: LifecycleDemo(name, made(args)) and None).inputs(POD))


def lost(wanted: Any, found: Any, path: str = "") -> list[str]:
    """The fields of `wanted` that `found` has not, or has otherwise; an empty one the server may leave off."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return [each for key in wanted for each in lost(wanted[key], found.get(key), f"{path}.{key}")]
    if isinstance(wanted, list) and isinstance(found, list):
        pairs = enumerate(zip_longest(wanted, found[: len(wanted)]))  # the server adds volumes, mounts, tolerations
        return [each for index, pair in pairs for each in lost(*pair, f"{path}[{index}]")]
    if wanted == found or (not wanted and not found):
        return []
    return [f"{path}: {wanted!r} became {found!r}"]


def sets() -> list[Args]:
    """The same hundred in each run."""
    found: list[Args] = []

    @settings(generated, max_examples=SETS, phases=[Phase.generate])
    @given(running())
    def each(args: Args) -> None:
        found.append(args)

    each()
    return found


def test_a_hundred_go_to_the_node_and_back(stack: Stack) -> None:
    """Each field is in the Pod that the API server has, a second preview finds nothing to do, and nothing is left."""
    every = sets()
    assert len(every) == SETS
    for start in range(0, SETS, BATCH):
        batch = {f"g{index}": args for index, args in enumerate(every[start : start + BATCH], start)}
        for name, args in batch.items():
            if "name" in args:  # each has its own
                args["name"] = f"{name}.named"
        program(stack, {name: repr(args) for name, args in batch.items()})
        succeeds(stack, "up")
        pods = live(stack)
        assert set(pods) == set(batch)
        for name, args in batch.items():
            assert lost(registered(name, args), pods[name]) == [], args
        assert counts(succeeds(stack, "preview")) == [f"{2 * len(batch) + 1} unchanged"]
        succeeds(stack, "destroy")
        assert stack.pods() == []


WAITS = """["/bin/sh", "-c", 'trap "exit 0" TERM; sleep 1000 & wait']"""
# Of each argument: the caller's line, and what of the Pod says so.
LINES: dict[str, tuple[str, Any]] = {
    "image": ('{"image": "docker.io/library/nginx"}', {"spec": {"containers": [{"image": "docker.io/library/nginx"}]}}),
    "command": (
        '{"command": ["nginx", "-g", "daemon off;"]}',
        {"spec": {"containers": [{"command": ["nginx", "-g", "daemon off;"]}]}},
    ),
    "args": (
        '{"args": ["nginx", "-g", "daemon off; # $(A) é"]}',
        {"spec": {"containers": [{"args": ["nginx", "-g", "daemon off; # $(A) é"]}]}},
    ),
    "env": (
        '{"env": {"A": "b", "c d": Secret("$(A)")}}',
        {"spec": {"containers": [{"env": [{"name": "A", "value": "b"}, {"name": "c d", "value": "$(A)"}]}]}},
    ),
    "ports": (
        '{"ports": [{"container_port": 80, "name": "http"}, {"container_port": Later(53), "protocol": "UDP"}]}',
        {
            "spec": {
                "containers": [
                    {
                        "ports": [
                            {"containerPort": 80, "name": "http", "protocol": "TCP"},
                            {"containerPort": 53, "protocol": "UDP"},
                        ]
                    }
                ]
            }
        },
    ),
    "post_start": (
        '{"post_start": hooks.shell("true")}',
        {"spec": {"containers": [{"lifecycle": {"postStart": {"exec": {"command": ["/bin/sh", "-c", "true"]}}}}]}},
    ),
    "pre_stop": (
        '{"pre_stop": hooks.http_get("/a", port=80, scheme="HTTP", headers={"X-A": "b"})}',
        {
            "spec": {
                "containers": [
                    {
                        "lifecycle": {
                            "preStop": {
                                "httpGet": {
                                    "path": "/a",
                                    "port": 80,
                                    "scheme": "HTTP",
                                    "httpHeaders": [{"name": "X-A", "value": "b"}],
                                }
                            }
                        }
                    }
                ]
            }
        },
    ),
    "termination_grace_period_seconds": (
        '{"termination_grace_period_seconds": 41}',
        {"spec": {"terminationGracePeriodSeconds": 41}},
    ),
    "shutdown_seconds": (
        '{"shutdown_seconds": 33, "pre_stop": hooks.sleep(Later(9))}',
        {"spec": {"terminationGracePeriodSeconds": 42}},
    ),
    "share_process_namespace": (
        '{"share_process_namespace": True, "post_start": hooks.shell("true")}',
        {"spec": {"shareProcessNamespace": True}},
    ),
    "containers": (
        '{"containers": [{"name": "a", "image": "nginx", "command": '
        + WAITS
        + ', "env": {"A": "b"}, "pre_stop": hooks.sleep(1), "container": {"tty": True}}]}',
        {
            "spec": {
                "containers": [
                    {"image": "nginx"},
                    {
                        "name": "a",
                        "image": "nginx",
                        "env": [{"name": "A", "value": "b"}],
                        "lifecycle": {"preStop": {"sleep": {"seconds": 1}}},
                        "tty": True,
                    },
                ]
            }
        },
    ),
    "sidecars": (
        '{"sidecars": [{"name": "s", "image": "nginx", "command": '
        + WAITS
        + ', "post_start": hooks.command("true"), "ports": [{"container_port": 81}]}]}',
        {
            "spec": {
                "initContainers": [
                    {
                        "name": "s",
                        "image": "nginx",
                        "restartPolicy": "Always",
                        "lifecycle": {"postStart": {"exec": {"command": ["true"]}}},
                        "ports": [{"containerPort": 81, "protocol": "TCP"}],
                    }
                ]
            }
        },
    ),
    "container": (
        '{"container": {"name": "main", "resources": {"requests": {"cpu": "1m"}}, "imagePullPolicy": "Never", '
        '"readiness_probe": {"http_get": {"port": 80}, "periodSeconds": 1}}}',
        {
            "spec": {
                "containers": [
                    {
                        "name": "main",
                        "resources": {"requests": {"cpu": "1m"}},
                        "imagePullPolicy": "Never",
                        "readinessProbe": {"httpGet": {"port": 80}, "periodSeconds": 1},
                    }
                ]
            }
        },
    ),
    "pod_spec": (
        '{"pod_spec": {"volumes": [{"name": "v", "emptyDir": {}}, {"name": "w", "downward_api": {"items": '
        '[{"path": "n", "field_ref": {"field_path": "metadata.name"}}]}}], "hostname": "shop", "host_ipc": True}, '
        '"container": {"volume_mounts": [{"name": "v", "mount_path": "/v"}]}}',
        {
            "spec": {
                "volumes": [
                    {"name": "v", "emptyDir": {}},
                    {
                        "name": "w",
                        "downwardAPI": {"items": [{"path": "n", "fieldRef": {"fieldPath": "metadata.name"}}]},
                    },
                ],
                "containers": [{"volumeMounts": [{"name": "v", "mountPath": "/v"}]}],
                "hostname": "shop",
                "hostIPC": True,
            }
        },
    ),
    "name": ('{"name": Later("shop.a")}', {"metadata": {"name": "shop.a"}}),
    "generate_name": ('{"generate_name": True}', {}),
    "report_deletion": ('{"report_deletion": True}', {}),
    "fail_fast": (
        '{"post_start": hooks.shell("true"), "fail_fast": True, "annotations": {"a": "b"}}',
        {"metadata": {"annotations": {"a": "b", "pulumi.com/waitFor": starts.CONDITION}}},
    ),
    "namespace": ("{}", {}),
    "labels": ('{"labels": {"a.b/c_d": "E_f", "g": ""}}', {"metadata": {"labels": {"a.b/c_d": "E_f", "g": ""}}}),
    "annotations": (
        '{"annotations": {"a.b/c_d": "{é}\\n"}}',
        {"metadata": {"annotations": {"a.b/c_d": "{é}\n"}}},
    ),
}


def test_each_argument_from_the_callers_line_to_the_pod(stack: Stack) -> None:
    """One Pod per argument, all in one stack; the namespace is every Pod's."""
    assert set(LINES) == set(LifecycleDemoArgs.__annotations__)
    program(stack, {name.replace("_", "-"): line for name, (line, _) in LINES.items()})
    succeeds(stack, "up")
    pods = live(stack)
    for name, (line, wanted) in LINES.items():
        pod = pods[name.replace("_", "-")]
        assert lost(wanted, pod) == [], line
        assert pod["metadata"]["namespace"] == stack.cluster.namespace
    assert re.fullmatch("generate-name-[0-9a-z]{8}", pods["generate-name"]["metadata"]["name"])
    (said,) = (each for each in stack.exported()["resources"] if each["urn"].endswith("Pod::report-deletion"))
    assert ["lifecycle-demo:deleted"] in said["resourceHooks"].values()
    assert counts(succeeds(stack, "preview")) == [f"{2 * len(LINES) + 1} unchanged"]
