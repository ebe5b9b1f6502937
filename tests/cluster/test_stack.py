"""The program's whole life on a real node: up, no change, replace, refresh, destroy, and an `up` that was killed."""

import json
import os
import shlex
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from cluster import Cluster, until

from sandbox import node as nodes
from sandbox.node import Node
from tests.engine.checkout import Checkout, Said, ended

RUN = """
import sys
from pathlib import Path
from sandbox.engine import engine
cli, kubeconfig, operation = sys.argv[1:]
sys.exit(engine(Path.cwd(), Path(cli), Path(kubeconfig), Path.cwd()).run(operation))
"""
POD = "lifecycle-demo"


class Stack:
    """A checkout's stack, with its Pod in the test's own namespace."""

    def __init__(self, checkout: Checkout, cluster: Cluster) -> None:
        self.checkout = checkout
        self.cluster = cluster
        checkout.configure("namespace", cluster.namespace)

    def start(self, operation: str) -> "subprocess.Popen[str]":
        """`python -m sandbox pulumi …` against the node, under way."""
        return self.checkout.start(
            "-c", RUN, str(self.checkout.bin / "pulumi"), str(self.cluster.node.kubeconfig), operation
        )

    def run(self, operation: str) -> Said:
        return ended(self.start(operation))

    def up(self) -> Said:
        said = self.run("up")
        assert said.status == 0, said
        return said

    def pods(self) -> list[Any]:
        return list(self.cluster.core.list_namespaced_pod(self.cluster.namespace).items)

    def exported(self) -> dict[str, Any]:
        said = self.checkout.sandbox("pulumi", "stack", "export")
        return dict(json.loads(said.out[said.out.index("{") :])["deployment"])

    def in_state(self) -> list[str]:
        """The UIDs of the Pods in the state."""
        return [
            each["outputs"]["metadata"]["uid"]
            for each in self.exported().get("resources", [])
            if each["type"] == "kubernetes:core/v1:Pod"
        ]

    def leftovers(self) -> list[Path]:
        """Processes that were started for the checkout; those of a killed run get a moment to end."""
        time.sleep(1)
        command = str(self.checkout.root).encode()
        return [each for each in Path("/proc").glob("[0-9]*") if command in _command(each)]


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


@pytest.fixture
def stack(tmp_path: Path, cluster: Cluster) -> Stack:
    return Stack(Checkout(tmp_path), cluster)


def uids(stack: Stack) -> list[str]:
    return [each.metadata.uid for each in stack.pods()]


def counts(said: Said) -> list[str]:
    """The summary of the last operation: how many resources of each kind of change."""
    lines = said.out.rpartition("Resources:\n")[2].partition("\n\n")[0]
    return [line.strip() for line in lines.splitlines()]


def kill_while_creating(stack: Stack) -> str:
    """Starts `up`, and SIGKILLs it while its new Pod's postStart runs; the Pod's UID."""
    before = set(uids(stack))
    process = stack.start("up")
    new = until(lambda: set(uids(stack)) - before, "a new Pod")
    until(lambda: stack.cluster.status(POD), "its container")
    os.killpg(process.pid, signal.SIGKILL)
    assert ended(process).status == -signal.SIGKILL
    return new.pop()


def test_up_then_no_change(stack: Stack) -> None:
    """The Pod is Ready, the message reads back by the very `verify_command`; what follows finds nothing to do."""
    said = stack.up()
    assert said.lacks("✅ kubernetes-lifecycle@v0.1.0") == []
    assert counts(said) == ["+ 3 created"]
    assert stack.cluster.status(POD).ready

    command = f"kubectl exec --namespace {stack.cluster.namespace} {POD} -- cat /usr/share/message"
    assert said.lacks("pod_name            : " + json.dumps(POD), f'verify_command      : "{command}"') == []
    _, *words = shlex.split(command)
    shown = subprocess.run(nodes.kubectl(stack.cluster.node, words), capture_output=True, text=True, check=True)
    assert shown.stdout == "Hello from the postStart handler\n"

    before = uids(stack)
    preview, again = stack.run("preview"), stack.up()
    assert preview.status == 0
    assert counts(preview) == counts(again) == ["3 unchanged"]
    assert uids(stack) == stack.in_state() == before


def test_what_the_api_server_refuses(stack: Stack) -> None:
    """The provider's preview is a dry run, in which a refusal (status 403) is shown, and fails nothing; `up` fails."""
    namespace = stack.cluster.namespace
    quota = {"metadata": {"name": "cpu"}, "spec": {"hard": {"limits.cpu": "1"}}}
    stack.cluster.core.create_namespaced_resource_quota(namespace, quota)
    until(lambda: stack.cluster.core.read_namespaced_resource_quota("cpu", namespace).status.hard, "the quota's status")
    words = f'pods "{POD}" is forbidden: failed quota: cpu: must specify limits.cpu for: {POD}-container'
    preview = stack.run("preview")
    assert (preview.status, f"creation failed: {words}" in preview.out) == (0, True), preview
    said = stack.run("up")
    assert said.status == 1, said
    assert f"was not successfully created by the Kubernetes API server: {words}" in said.out
    assert stack.pods() == []


def test_a_changed_hook_replaces_the_pod(stack: Stack) -> None:
    """A Pod's hooks cannot be changed in place: the old Pod is gone before the new one is made."""
    stack.up()
    old = uids(stack)
    stack.checkout.configure("preStop", "sleep 1")
    said = stack.up()
    assert counts(said) == ["+-1 replaced", "2 unchanged"]
    assert said.out.index("Pod lifecycle-demo deleted original") < said.out.index("creating replacement")
    assert uids(stack) == stack.in_state() != old


@pytest.mark.parametrize("is_generated", [False, True], ids=["fixed name", "generated name"])
def test_the_preview_of_a_replacement(is_generated: bool, stack: Stack) -> None:
    """Of a fixed name the provider cannot make one while the old Pod is there (pulumi-kubernetes#3984)."""
    if is_generated:
        program = stack.checkout.root / "__main__.py"
        generated = 'args["generate_name"] = True\ndel args["name"]\ndemo = '
        program.write_text(program.read_text().replace("demo = ", generated))
    stack.up()
    stack.checkout.configure("preStop", "sleep 1")
    said = stack.run("preview")
    assert said.status == (0 if is_generated else 1), said
    assert "+-1 to replace" in counts(said)
    why = f'Pod "{POD}" is invalid: spec: Forbidden: pod updates may not change fields other than'
    assert (why in said.out) == (not is_generated)


def test_refresh_sees_what_was_deleted(stack: Stack) -> None:
    """A Pod that someone deleted is gone from the state after a refresh, and `up` makes it anew."""
    stack.up()
    stack.cluster.delete(POD, grace=0)
    assert counts(stack.run("refresh")) == ["- 1 deleted", "2 unchanged"]
    assert stack.in_state() == []
    assert counts(stack.up()) == ["+ 1 created", "2 unchanged"]
    assert uids(stack) == stack.in_state() != []


def test_a_failing_post_start(stack: Stack) -> None:
    """`up` fails, and the component says why; with a hook that works the next `up` replaces the Pod."""
    program = stack.checkout.root / "__main__.py"
    impatient = 'args["annotations"] = {"pulumi.com/timeoutSeconds": "4"}\ndemo = '
    program.write_text(program.read_text().replace("demo = ", impatient))
    stack.checkout.configure("postStart", "echo no such luck >&2; exit 3")
    said = stack.run("up")
    assert said.status == 1, said
    assert f"the postStart of container {POD}-container failed: Exec lifecycle hook" in said.out
    assert 'message: "no such luck\\n"' in said.out
    failed = uids(stack)
    assert stack.in_state() == failed  # not an orphan, though it never was Ready

    stack.checkout.configure("postStart", "true")
    assert counts(stack.up()) == ["+-1 replaced", "2 unchanged"]
    assert uids(stack) == stack.in_state() != failed


def test_destroy_waits_for_the_pre_stop(stack: Stack) -> None:
    """`destroy` ends when the Pod has: not before its preStop handler. Then nothing is left, here or in the state."""
    stack.checkout.configure("preStop", "sleep 4")
    stack.up()
    start = time.monotonic()
    said = stack.run("destroy")
    assert said.status == 0, said
    assert time.monotonic() - start > 4
    assert counts(said) == ["- 3 deleted"]
    assert stack.pods() == []
    assert "FailedPreStopHook" not in stack.cluster.reasons(POD)
    assert stack.exported().get("resources", []) == []


def test_a_killed_up_goes_on(stack: Stack) -> None:
    """SIGKILL while the Pod is made: the next `up` takes that Pod in and waits for it; no second one, no orphan."""
    stack.checkout.configure("postStart", "sleep 6")
    killed = kill_while_creating(stack)
    assert stack.in_state() == []
    assert stack.leftovers() == []

    said = stack.up()
    assert said.lacks("the last run was interrupted: checking what it left") == []
    assert counts(said) == ["~ 1 updated", "2 unchanged"]
    assert stack.cluster.status(POD).ready
    assert uids(stack) == stack.in_state() == [killed]
    assert counts(stack.up()) == ["3 unchanged"]
    assert stack.run("destroy").status == 0
    assert stack.pods() == []


def test_a_killed_replacement_goes_on(stack: Stack) -> None:
    """SIGKILL between the old Pod and the new: `destroy` right after leaves neither."""
    stack.up()
    stack.checkout.configure("postStart", "sleep 6")
    kill_while_creating(stack)
    said = stack.run("destroy")
    assert said.status == 0, said
    assert counts(said) == ["- 3 deleted"]
    assert stack.pods() == []


def test_a_killed_up_whose_pod_is_gone(stack: Stack) -> None:
    """What was being made when `up` was killed may be gone by the next one: then that makes it anew."""
    stack.checkout.configure("postStart", "sleep 3")
    kill_while_creating(stack)
    stack.cluster.delete(POD, grace=0)
    assert counts(stack.up()) == ["+ 1 created", "2 unchanged"]
    assert uids(stack) == stack.in_state() != []


@pytest.mark.parametrize("tenths", range(5, 55, 5))
def test_an_up_killed_at_any_moment(tenths: int, stack: Stack) -> None:
    """From before the engine starts until the Pod is Ready: the next `up` ends with one Pod, which the state knows."""
    stack.checkout.configure("postStart", "sleep 1")
    process = stack.start("up")
    time.sleep(tenths / 10)
    os.killpg(process.pid, signal.SIGKILL)
    ended(process)
    stack.up()
    assert stack.cluster.status(POD).ready
    assert uids(stack) == stack.in_state()
    assert len(uids(stack)) == 1
    assert stack.run("destroy").status == 0
    assert stack.pods() == []


def test_a_run_under_way_is_not_disturbed(stack: Stack) -> None:
    """Two at once: the second ends with Pulumi's own words about the lock, the first goes on to its end."""
    stack.checkout.configure("postStart", "sleep 4")
    first = stack.start("up")
    until(lambda: uids(stack), "the Pod")
    second = stack.run("up")
    assert second.status == 1
    assert "the stack is currently locked by 1 lock(s)" in second.out + second.err
    assert ended(first).status == 0
    assert counts(stack.up()) == ["3 unchanged"]


MESSAGE = "/usr/share/message: Hello from the postStart handler"


@pytest.mark.sandbox
def test_a_node_that_was_killed_and_its_stack(tmp_path: Path, node: Node) -> None:
    """After a reboot, or a SIGKILL of the node, a second `demo` makes on the new node what the old one had."""
    checkout = Checkout(tmp_path)
    own = Node(checkout.root)
    try:
        first = checkout.sandbox("demo")
        assert first.status == 0, first
        assert first.lacks(MESSAGE) == []
        init = own.init()
        assert init
        os.kill(init, signal.SIGKILL)
        second = checkout.sandbox("demo")
        assert second.status == 0, second
        assert second.lacks("the state may differ from the node: refreshing it") == []
        assert second.lacks(MESSAGE) == []
    finally:
        assert checkout.sandbox("down").status == 0


FAILS = """
import os
import pulumi
from lifecycle_demo import LifecycleDemo, hooks
fails = {"post_start": hooks.shell("echo out; exit 3"), "pre_stop": hooks.sleep(1)}
stops = {"pre_stop": hooks.shell(f"exit {os.environ['STATUS']}"), "generate_name": bool(os.environ.get("GENERATE"))}
LifecycleDemo(
    "web",
    {
        "image": "nginx",
        "namespace": os.environ["NAMESPACE"],
        "termination_grace_period_seconds": 5,
        **(fails if os.environ["STATUS"] == "start" else {**stops, "report_deletion": bool(os.environ.get("REPORT"))}),
    },
    pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="15s")),
)
"""


def run_failing(stack: Stack, status: str, **env: str) -> Said:
    stack.checkout.env.update(STATUS=status, NAMESPACE=stack.cluster.namespace, **env)
    (stack.checkout.root / "__main__.py").write_text(FAILS)
    return stack.run("up")


def test_a_post_start_that_fails_is_told_of(stack: Stack) -> None:
    """With what it was, its exit code and its output, which the provider's own error may have lost by then."""
    said = run_failing(stack, "start")
    assert said.status == 1, said
    warning = f"warning: Pod {stack.cluster.namespace}/web: the postStart of container web-container failed: "
    (line,) = {line.strip() for line in said.out.splitlines() if line.strip().startswith(warning)}
    assert "Exec lifecycle hook ([/bin/sh -c echo out; exit 3])" in line
    assert "exited with 3" in line
    assert 'message: "out\\n"' in line


def test_a_pre_stop_that_fails_is_told_of_when_its_pod_is_replaced(stack: Stack) -> None:
    warning = (
        f"warning: Pod {stack.cluster.namespace}/web: the preStop of container web-container failed: PreStopHook failed"
    )
    assert run_failing(stack, "3").lacks(warning) == [warning]
    said = run_failing(stack, "4")
    assert said.status == 0, said
    assert said.lacks(warning) == []
    again = run_failing(stack, "4")
    assert counts(again) == ["3 unchanged"]
    assert again.lacks(warning) == [warning]


def test_a_pre_stop_that_fails_is_told_of_when_a_pod_of_a_generated_name_is_deleted(stack: Stack) -> None:
    """Only where it is asked for: it takes delete hooks."""
    assert run_failing(stack, "3", GENERATE="1", REPORT="1").status == 0
    (pod,) = stack.pods()
    said = run_failing(stack, "4")
    name = f"{stack.cluster.namespace}/{pod.metadata.name}"
    warning = f"warning: Pod {name}: the preStop of container web-container failed: PreStopHook failed"
    assert said.lacks(warning) == []


STARTS = """
import os
from pathlib import Path
import pulumi
import pulumi_kubernetes as k8s
from lifecycle_demo import LifecycleDemo, hooks
kubeconfig = pulumi.Output.secret(Path(os.environ["THEIRS"]).read_text())
namespace = {"namespace": os.environ["NAMESPACE"]}
provider = k8s.Provider("theirs", kubeconfig=kubeconfig)
web = LifecycleDemo(
    "web",
    {
        "image": "nginx",
        **namespace,
        "post_start": hooks.shell(
            "n=$(($(cat /starts/n) + 1)); echo $n > /starts/n; echo start $n; test $n -gt " + os.environ["FAILURES"]
        ),
        "pre_stop": hooks.sleep(1),
        "termination_grace_period_seconds": 5,
        "container": {"volume_mounts": [{"name": "starts", "mount_path": "/starts"}]},
        "pod_spec": {"volumes": [{"name": "starts", "empty_dir": {}}]},
    },
    pulumi.ResourceOptions(provider=provider),
)
data = {"pod": web.pod_name}
k8s.core.v1.ConfigMap("after", metadata=namespace, data=data, opts=pulumi.ResourceOptions(provider=provider))
"""


def run_starting(stack: Stack, failures: int) -> Said:
    """`up` with a provider of the program's own; the default one's cluster is none."""
    theirs = str(stack.cluster.node.kubeconfig)
    stack.checkout.env.update(NAMESPACE=stack.cluster.namespace, THEIRS=theirs, FAILURES=str(failures))
    program = STARTS + 'os.environ["KUBECONFIG"] = os.devnull\n'
    (stack.checkout.root / "__main__.py").write_text(program)
    return stack.run("up")


def last_words(stack: Stack, said: Said, times: int) -> str:
    """The line with which `up` fails after so many failures, up to the reason, which is returned."""
    name = f"Pod {stack.cluster.namespace}/web"
    begins = f"error: {name}: the postStart of container web-container failed {times} times, so Pulumi stops waiting. "
    diagnostics = said.out.partition("\nDiagnostics:\n")[2]
    (line,) = (each.strip() for each in diagnostics.splitlines() if each.strip().startswith(begins))
    return line.partition(" The last failure: ")[2]


def test_a_post_start_that_fails_again_and_again(stack: Stack) -> None:
    """`up` ends within a minute of the third failure, and so does the next one; the state knows the Pod throughout."""
    start = time.monotonic()
    said = run_starting(stack, 99)
    assert said.status == 1, said
    assert time.monotonic() - start < 15 + 60  # the first restart comes at once, the second 10 s later
    assert 'message: "start 3\\n"' in last_words(stack, said, 3)
    warning = f"warning: Pod {stack.cluster.namespace}/web: the postStart of container web-container failed: Exec "
    assert warning in said.out
    (failed,) = uids(stack)
    assert stack.in_state() == [failed]
    assert "ConfigMap after" not in said.out  # what needs the Pod is not made

    again = run_starting(stack, 99)
    assert again.status == 1, again
    assert "so Pulumi stops waiting." in again.out
    assert counts(again)[0] == "4 unchanged"
    assert uids(stack) == stack.in_state() == [failed]

    mended = run_starting(stack, 0)
    assert mended.status == 0, mended
    assert counts(mended)[:2] == ["+ 1 created", "+-1 replaced"]
    assert uids(stack) == stack.in_state() != [failed]


def test_a_post_start_that_fails_twice(stack: Stack) -> None:
    """The third start goes well, and the update with it."""
    said = run_starting(stack, 2)
    assert said.status == 0, said
    assert stack.cluster.status("web").restart_count == 2


def test_a_post_start_that_goes_well_after_the_update(stack: Stack) -> None:
    """Kubernetes goes on trying: the next `up` sees that the Pod is Ready, and goes on where the first one ended."""
    assert "start 3" in last_words(stack, run_starting(stack, 3), 3)
    until(lambda: stack.cluster.status("web").ready, "the fourth start", 90)
    said = run_starting(stack, 3)
    assert said.status == 0, said
    assert counts(said) == ["+ 1 created", "4 unchanged"]


SECRET = """
import os
import pulumi
from lifecycle_demo import LifecycleDemo, hooks
word = pulumi.Output.secret("hunter22-of-a-test")
script = pulumi.Output.concat("echo ", word, " > /tmp/drained")
LifecycleDemo(
    "web",
    {
        "image": "nginx",
        "namespace": os.environ["NAMESPACE"],
        "env": {"PASSWORD": word},
        "pre_stop": hooks.shell(script),
        "termination_grace_period_seconds": 5,
    },
)
"""


def test_a_secret_is_nowhere_to_be_read(stack: Stack) -> None:
    """Not in what a preview or an update says, and not in the state; the Pod has it."""
    stack.checkout.env.update(NAMESPACE=stack.cluster.namespace)
    (stack.checkout.root / "__main__.py").write_text(SECRET)
    (stack.checkout.root / "policies/demo.json").write_text('{"all": "advisory"}')
    said = [stack.run("preview"), stack.up(), stack.run("preview")]
    assert [each.status for each in said] == [0, 0, 0]
    assert counts(said[2]) == ["3 unchanged"]
    exported = json.dumps(stack.exported())
    assert "hunter22-of-a-test" not in exported + "".join(each.out + each.err for each in said)
    assert '"ciphertext"' in exported
    (container,) = stack.pods()[0].spec.containers
    assert container.env[0].value == "hunter22-of-a-test"
    assert container.lifecycle.pre_stop._exec.command[2] == "echo hunter22-of-a-test > /tmp/drained"
