"""The command line of `lifecycle rollout`."""

import argparse
from pathlib import Path
from typing import Any, Final

from ..cluster import extra
from ..cluster.arguments import add_connection
from ..verify.arguments import seconds

_EXAMPLES: Final = """\
examples:
  lifecycle rollout deploy/web --url http://web.shop.example/ --rate 50 --duration 120
  lifecycle rollout deploy/web --url http://10.96.4.2/ --rate 200 --duration 60 --requests 10000 --yes
  lifecycle rollout sts/db --url http://db.example/ping --rate 20 --duration 300 --no-keep-alive
  lifecycle rollout deploy/web --url http://web.example/ --long-url http://web.example/report --long-rate 2 \\
      --rate 50 --duration 120
  lifecycle rollout deploy/web --url http://web.example/ --rate 50 --duration 600 --watch-only
  lifecycle rollout deploy/web --url http://web.example/ --rate 50 --duration 120 --yes -o json --svg rollout.svg

It sends traffic from this machine to --url, at --rate, until the rollout is done, and for --duration at most. Send it
only to servers of your own.

exit status:
  0  no request was lost
  1  requests were lost
  2  it could not be judged: no permission, no answer, no rollout, or this client could not keep its rate
"""


def add(commands: Any) -> None:
    rollout = commands.add_parser(
        "rollout",
        help="roll a workload under load, and count the lost requests",
        description=(
            "Restarts a workload as `kubectl rollout restart` does (it asks first), sends requests meanwhile, and "
            "reports how many were lost, when in the life of which Pod, and what would have saved them."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    rollout.set_defaults(run=lambda args: extra.run("..rollout.command", args), command="rollout")
    rollout.add_argument("target", metavar="KIND/NAME", help="a Deployment, StatefulSet or DaemonSet, e.g. deploy/web")
    rollout.add_argument("--yes", action="store_true", help="restart without asking")
    rollout.add_argument(
        "--watch-only", action="store_true", help="do not restart: wait for a rollout that somebody else starts"
    )
    rollout.add_argument(
        "--settle",
        metavar="SECONDS",
        type=seconds,
        default=3.0,
        help="keep sending this long after the rollout (default: 3)",
    )
    rollout.add_argument(
        "--calm", metavar="SECONDS", type=seconds, default=2.0, help="send this long before the rollout (default: 2)"
    )
    load = rollout.add_argument_group("load")
    load.add_argument("--url", required=True, help="the URL to request")
    load.add_argument("--rate", metavar="N", type=float, required=True, help="requests per second")
    load.add_argument(
        "--duration", metavar="SECONDS", type=float, required=True, help="the longest time for the whole run"
    )
    load.add_argument(
        "--requests",
        metavar="N",
        type=int,
        default=0,
        help="keep sending after the rollout until N requests were sent",
    )
    load.add_argument(
        "--connections",
        metavar="N",
        type=int,
        default=100,
        help="the most open connections of each kind (default: 100)",
    )
    load.add_argument(
        "--keep-alive",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="send all requests over kept connections, or none (default: half of them)",
    )
    load.add_argument(
        "--timeout", metavar="SECONDS", type=seconds, default=5.0, help="timeout of a request (default: 5)"
    )
    load.add_argument("--long-url", metavar="URL", default="", help="the URL of requests that take long")
    load.add_argument("--long-rate", metavar="N", type=float, default=1.0, help="long requests per second (default: 1)")
    load.add_argument(
        "--long-timeout",
        metavar="SECONDS",
        type=seconds,
        default=30.0,
        help="timeout of a long request (default: 30)",
    )
    load.add_argument("--insecure", action="store_true", help="do not verify the server's certificate")
    form = rollout.add_argument_group("report")
    form.add_argument(
        "-o",
        "--output",
        choices=("text", "json"),
        default="text",
        help="output format; docs/rollout.schema.json describes json (default: text)",
    )
    form.add_argument("--svg", metavar="FILE", type=Path, help="draw the lost requests above the Pods' lives")
    add_connection(rollout)
