"""Factories for hook handlers. Each makes exactly one action, so nobody can write a handler with two.

There is no factory for tcpSocket: the API server accepts such a hook and the kubelet never runs it.
"""

from collections.abc import Mapping
from typing import Any, Final

import pulumi

from .actions import HttpGetAction
from .args import Handler

DRAIN_SECONDS: Final = 5


def command(*argv: pulumi.Input[str]) -> Handler:
    """Run `argv` inside the container, without a shell: no `$VAR`, no `&&`."""
    return {"exec": {"command": list(argv)}}


def shell(script: pulumi.Input[str]) -> Handler:
    """Run `script` with the container's /bin/sh, which the image must have."""
    return command("/bin/sh", "-c", script)


def sleep(seconds: pulumi.Input[int]) -> Handler:
    """Wait `seconds` in the kubelet. The container keeps serving and needs no program for it (Kubernetes 1.30)."""
    return {"sleep": {"seconds": seconds}}


def http_get(
    path: pulumi.Input[str] = "/",
    *,
    port: pulumi.Input[int] | None = None,
    port_name: pulumi.Input[str] | None = None,
    scheme: pulumi.Input[str] | None = None,
    headers: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
) -> Handler:
    """Send a GET request to the container's own address. Give `port` or `port_name`.

    The kubelet sends it once and does not retry. Any answer counts as success, even a 500.
    """
    action: HttpGetAction = {"path": path}
    if port is not None:
        action["port"] = port
    if port_name is not None:
        action["port_name"] = port_name
    if scheme is not None:
        action["scheme"] = scheme
    if isinstance(headers, Mapping):
        if headers:
            action["http_headers"] = _headers(headers)
    elif headers is not None:
        later: pulumi.Output[Any] = pulumi.Output.from_input(headers)
        action["http_headers"] = later.apply(_headers)
    return {"http_get": action}


def _headers(values: Any) -> Any:
    """As a list; what an Output brings in place of a mapping stays, for the component to refuse."""
    is_mapping = isinstance(values, Mapping)
    return [{"name": name, "value": value} for name, value in values.items()] if is_mapping else values


def drain_delay(seconds: pulumi.Input[int] = DRAIN_SECONDS) -> Handler:
    """Keep serving for `seconds`, until no proxy sends requests any more: the default preStop of all images but nginx.

    The Service drops an endpoint when its Pod's deletion begins, and each node learns of it a moment later. Without a
    delay, a rollout loses the requests in between. docs/rollout.md has the measurements, and the reason for 5 s.
    """
    return sleep(seconds)


def page_post_start() -> Handler:
    """The postStart of the Kubernetes page. It writes the message that the page's reader looks for."""
    return shell("echo Hello from the postStart handler > /usr/share/message")


def page_pre_stop() -> Handler:
    """The preStop of the Kubernetes page, word for word.

    Its loop never waits: the nginx image has no `killall`, so the loop ends at once.
    """
    return shell("nginx -s quit; while killall -0 nginx; do sleep 1; done")


def nginx_graceful(drain_seconds: int = 0) -> Handler:
    """Let nginx finish its requests while it keeps serving: the default preStop for nginx.

    Behind a Service, give `drain_seconds`, e.g. DRAIN_SECONDS: nginx then serves as before for that long, until no
    proxy sends it new connections. Without it, an idle nginx ends at once and loses late requests (docs/rollout.md).

    A reload gives nginx new worker processes, and each old one ends with its last request; the hook waits
    for the old ones. PID 1 outlives the hook, so the kubelet never reports FailedPreStopHook, and no
    download is cut, whatever the image's stop signal is. It needs /bin/sh in the image and
    nginx as PID 1, as in the official image. docs/nginx-shutdown.md compares the variants.
    """
    drain = f"sleep {drain_seconds}; " if drain_seconds else ""
    return shell(
        f"{drain}old=$(cat /proc/1/task/1/children); nginx -s reload"
        " && for pid in $old; do while kill -0 $pid 2>/dev/null; do sleep 0.1; done; done"
    )
