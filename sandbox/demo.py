"""`demo` and `preview`: the program on the real engine, and the page's own verification steps."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import yaml

from sandbox import checks
from sandbox import node as nodes
from sandbox.engine import Engine, engine, find_cli, may_build
from sandbox.errors import CANNOT_RUN_HERE, SandboxError
from sandbox.node import Node
from sandbox.progress import say

MESSAGE_FILE: Final = "/usr/share/message"
MESSAGE: Final = "Hello from the postStart handler"
REFUSED: Final = "examples/no-pre-stop"
SUMMARY: Final = "GITHUB_STEP_SUMMARY"  # where a GitHub workflow wants Markdown that it shows with the run

UP: Final = """
The Pod runs on a node of its own. Look around:
    {python} -m sandbox kubectl exec -it {pod} -- /bin/bash
    {python} -m sandbox kubectl describe pod {pod}
See the policies refuse a Pod without a preStop hook:
    {python} -m sandbox preview {refused}
Change the Pod (Pulumi.yaml has the keys), and bring it up again:
    {python} -m sandbox pulumi config set preStop 'sleep 3'
    {python} -m sandbox pulumi up
Stop the node, and remove everything:
    make down"""


def demo(node: Node) -> int:
    """The main job, from nothing: node, `pulumi up` with the policy pack, and the page's own verification."""
    say(checks.here())
    try:
        nodes.up(node, also=may_build())
    except SandboxError as error:
        if error.status != CANNOT_RUN_HERE:
            raise
        return _without_a_node(node, error)
    made = _engine(node, node.kubeconfig)
    if status := made.run("up"):
        return status
    pod = made.output("pod_name")
    say("\nAs on the page: the Pod runs, and its postStart handler has written the message.\n")
    with _traced(node, pod):  # beside the check: either takes most of its time to start
        verify(node, pod)
    say(UP.format(python=_interpreter(node.root), pod=pod, refused=REFUSED))
    return 0


def preview(node: Node, program: Path) -> int:
    """A program with the policies, without a cluster and without credentials: what CI shows for a change."""
    status = _engine(node, None, program).run("preview")
    if summary := os.environ.get(SUMMARY):
        verdict = "passed" if status == 0 else f"failed with status {status}"
        with open(summary, "a") as file:
            file.write(f"### `pulumi preview` with policies: {verdict}\n\n")
            if program.resolve() == node.root:  # of another program the component's manifest says nothing
                file.write(f"```yaml\n{manifest()}```\n")
    return status


def pulumi(node: Node, args: list[str]) -> int:
    """The Pulumi CLI on the sandbox's own backend; `preview`, `up`, `refresh`, `destroy` as in the demo."""
    made = _engine(node, node.kubeconfig if node.init() else None)
    if args and args[0] in Engine.OPERATIONS:
        return made.run(args[0], args=args[1:])
    return made.pulumi(*args)


def manifest() -> str:
    """The Pod that the component declares without arguments, as YAML."""
    from lifecycle_demo import pod_template  # a second to import, with Pulumi's SDK: only this needs it

    template = pod_template("lifecycle-demo")
    metadata = {"name": "lifecycle-demo", **template["metadata"]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
    return yaml.safe_dump(pod, sort_keys=False, width=1000)


def verify(node: Node, pod: str) -> None:
    """The page's own check of its Pod, shown. Raises SandboxError where what the page promises is not there.

    By the command `lifecycle` where it is installed beside this Python, which is how others do it; else by kubectl.
    """
    if program := _lifecycle():
        args = ["verify", pod, "--expect-file", MESSAGE_FILE, "--expect-text", MESSAGE]
        _shown("lifecycle", args, [program, *args, "--kubeconfig", str(node.kubeconfig)], MESSAGE)
        return
    for args, expected in ((["get", "pod", pod], "Running"), (["exec", pod, "--", "cat", MESSAGE_FILE], MESSAGE)):
        _shown("kubectl", args, nodes.kubectl(node, args), expected)


@contextmanager
def _traced(node: Node, pod: str) -> Iterator[None]:
    """Shows the life of the Pod so far, at the end of the block, where the command is installed."""
    if not (program := _lifecycle()):
        yield
        return
    args = ["trace", pod, "--timeout", "0.5s"]
    command = [program, *args, "--plain", "--kubeconfig", str(node.kubeconfig)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as trace:
        try:
            yield
        except BaseException:
            trace.kill()
            raise
        told, _ = trace.communicate()
    say(f"\nIts life so far, as Kubernetes reports it:\n\n$ lifecycle {shlex.join(args)}\n{told.rstrip()}")


def _lifecycle() -> str | None:
    return shutil.which("lifecycle", path=str(Path(sys.executable).parent))


def _shown(name: str, args: list[str], command: list[str], expected: str) -> None:
    say(f"$ {name} {shlex.join(args)}")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    say((done.stdout + done.stderr).rstrip())
    if done.returncode or expected not in done.stdout:
        raise SandboxError(f"{name} {shlex.join(args)}: expected {expected!r} in its output. See `make status`.")


def _without_a_node(node: Node, why: SandboxError) -> int:
    """What can be done anywhere: the preview with the policies, and the manifest. Exit status 3 where it passes."""
    say(f"{why}\n\nThis still works here: the preview with the policies, and the manifest.\n")
    status = preview(node, node.root)
    say(f"\nThe Pod, as the component declares it:\n\n{manifest()}")
    return status or CANNOT_RUN_HERE


def _engine(node: Node, kubeconfig: Path | None, program: Path | None = None) -> Engine:
    made = engine(node.root, find_cli(), kubeconfig, program or node.root)
    say("")
    return made


def _interpreter(root: Path) -> str:
    """This Python, as one calls it in the checkout."""
    program = Path(sys.executable)
    return str(program.relative_to(root)) if program.is_relative_to(root) else str(program)
