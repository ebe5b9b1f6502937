"""The command line of `lifecycle verify`."""

import argparse
from typing import Any, Final

from ..cluster import extra
from ..cluster.arguments import add_connection

_EXAMPLES: Final = """\
examples:
  lifecycle verify lifecycle-demo
  lifecycle verify lifecycle-demo --expect-file /usr/share/message --expect-text 'Hello from the postStart handler'
  lifecycle verify web -n shop -c nginx --expect-file /etc/nginx/conf.d/default.conf --expect-text 'listen 8080'

exit status:
  0  every container is Running and Ready, and the file has the text
  1  a container is not, or the file lacks the text; standard output shows what is there
  2  it could not be checked: no such Pod, no permission, no answer, or no cat in the container
"""


def add(commands: Any) -> None:
    verify = commands.add_parser(
        "verify",
        help="check that a Pod runs and that its postStart hook worked",
        description="Waits until every container of a Pod is Running and Ready, then looks into a file in one of them.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verify.set_defaults(run=lambda args: extra.run("..verify.command", args), command="verify")
    verify.add_argument("pod", metavar="POD", help="the Pod's name")
    verify.add_argument("--expect-file", metavar="PATH", help="a file that must exist in the container")
    verify.add_argument("--expect-text", metavar="TEXT", help="text that the file must hold; needs --expect-file")
    verify.add_argument("--timeout", metavar="SECONDS", type=seconds, default=60.0, help="wait this long (default: 60)")
    group = add_connection(verify)
    group.add_argument(
        "-c", "--container", metavar="NAME", help="the container that has the file (default: the Pod's first)"
    )


def seconds(text: str) -> float:
    """A time of 0 to 3,600 s."""
    try:
        given = float(text.removesuffix("s"))
    except ValueError:
        given = -1.0
    if not 0 <= given <= 3600:
        raise argparse.ArgumentTypeError(f"{text}: not a time; give seconds from 0 to 3600")
    return given
