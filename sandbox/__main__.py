"""`python -m sandbox`: a throw-away Kubernetes node for this checkout."""

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

from sandbox import cache
from sandbox import node as nodes
from sandbox.errors import FAILED, SandboxError
from sandbox.node import Node
from sandbox.progress import say

ROOT = Path(__file__).resolve().parent.parent
INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it
PIPE_CLOSED = 141  # 128 + SIGPIPE


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="start the node (builds whatever the cache lacks)")
    up.add_argument("--port", type=_port, default=0, help="the API server's port on 127.0.0.1 (default: a free one)")
    commands.add_parser(
        "demo", help="start the node, run `pulumi up` with the policies, and verify as the Kubernetes page does"
    )
    preview = commands.add_parser(
        "preview", help="run `pulumi preview` with the policies: no cluster, root or credentials needed"
    )
    preview.add_argument("program", nargs="?", type=Path, default=ROOT, help="the program's folder (default: this one)")
    rollout = commands.add_parser("rollout", help="roll examples/rollout under load, and print the lost requests")
    rollout.add_argument(
        "--rollouts", type=int, default=10, help="rollouts of each Deployment with a preStop (default: 10)"
    )
    rollout.add_argument(
        "--without", type=int, default=3, help="rollouts of the Deployment without a preStop (default: 3)"
    )
    rollout.add_argument(
        "--requests", type=int, default=10_000, help="the fewest requests in each rollout (default: 10,000)"
    )
    rollout.add_argument("--rate", type=float, default=500, help="requests per second (default: 500)")
    rollout.add_argument("--sweep", type=int, metavar="N", help="instead, do N rollouts of each delay from 0 to 10 s")
    rollout.add_argument("--ways", nargs="*", help="only these Deployments")
    commands.add_parser("pulumi", help="run the Pulumi CLI on the sandbox's stack", add_help=False)
    commands.add_parser("status", help="show whether the node runs, and where")
    commands.add_parser("kubectl", help="run kubectl against the node", add_help=False)
    logs = commands.add_parser("logs", help="print a part's log, or list the parts")
    logs.add_argument("part", nargs="?")
    commands.add_parser("down", help="stop the node and remove everything it left")
    commands.add_parser("clean", help="empty the build cache, except for what a running node uses")
    # What follows these is for the program they run: argparse would take a leading option for one of ours.
    own = argv[:1] if argv[:1] in (["kubectl"], ["pulumi"]) else argv
    args = parser.parse_args(own, argparse.Namespace(args=argv[1:]))
    node = Node(ROOT)
    try:
        return _run(args, node)
    except SandboxError as error:
        print(error, file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader, `head` perhaps, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED


def _port(text: str) -> int:
    if text.isdecimal() and int(text) < 1 << 16:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text}: not a port; give a number from 0 to 65535")


def _run(args: argparse.Namespace, node: Node) -> int:
    if os.pathsep in str(node.root):
        raise SandboxError(
            f"{node.root}: PATH and KUBECONFIG cannot name a folder with {os.pathsep!r} in its name. Move the checkout."
        )
    if args.command == "up":
        nodes.up(node, args.port)
        return 0
    if args.command == "clean":
        return _clean()
    _require_access(node)
    if args.command in ("demo", "preview", "pulumi", "rollout"):
        return _program(args, node)
    if args.command == "down":
        nodes.down(node)
    elif args.command == "status":
        return _status(node)
    elif args.command == "kubectl":
        return _kubectl(node, args.args)
    elif args.command == "logs":
        return _logs(node, args.part)
    return 0


def _program(args: argparse.Namespace, node: Node) -> int:
    from sandbox import demo, rollout, sweep  # what they need takes a moment to import

    if args.command == "rollout":
        return sweep.sweep(node, args) if args.sweep else rollout.rollout(node, args)
    if args.command == "demo":
        return demo.demo(node)
    if args.command == "preview":
        return demo.preview(node, args.program)
    return demo.pulumi(node, args.args)


def _status(node: Node) -> int:
    if node.init():
        say(f"up: {nodes.server(node)}, kubeconfig {node.kubeconfig}")
        return 0
    why = node.ended() or (node.kubeconfig.exists() and "it was killed, or the machine was restarted")
    say(f"down: the node ended: {why} (logs in {node.logs})" if why else "down")
    return FAILED


def _kubectl(node: Node, args: list[str]) -> int:
    _require_up(node)
    return subprocess.run(nodes.kubectl(node, args), check=False).returncode


def _logs(node: Node, part: str | None) -> int:
    found = sorted(each.stem for each in node.logs.glob("*.log"))
    if not found:
        raise SandboxError(f"{node.logs}: no logs. Start the node with `python -m sandbox up`.")
    if part is None:
        say("\n".join(found))
    elif part in found:
        say((node.logs / f"{part}.log").read_text(errors="replace"))
    else:
        raise SandboxError(f"{part}: no such part. Choose from: {', '.join(found)}.")
    return 0


def _clean() -> int:
    where = cache.root()
    freed, kept = cache.clean()
    say(f"{where}: {freed / 1e6:.0f} MB freed")
    if kept:
        say(f"kept, because a running node uses it: {', '.join(kept)}")
    return 0


def _require_access(node: Node) -> None:
    """Another user's node cannot be seen from here, and must not be called down for it."""
    for each in (node.state, node.kubeconfig):
        if os.access(each, os.F_OK) and not os.access(each, os.R_OK | os.W_OK):
            raise SandboxError(f"{each}: it belongs to another user. Run this as that user, or with sudo.")


def _require_up(node: Node) -> None:
    if not node.init():
        raise SandboxError("The node is not up. Start it with `python -m sandbox up`.")


def _end(status: int) -> None:
    """Ends this process. An interrupted one by the signal itself, as shells and make expect.

    CPython does so in any case, now and then: under `-m` it remembers a KeyboardInterrupt that came while a library
    being imported ran eval or exec, although it was caught here.
    """
    if status == INTERRUPTED:
        sys.stdout.flush()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)
    sys.exit(status)


if __name__ == "__main__":
    _end(main(sys.argv[1:]))
