"""A file in a container, read by `cat` through the API server: any other way needs rights on the node."""

import json
import re
import time
from typing import Any, Final, NamedTuple

from kubernetes import client
from kubernetes.client.exceptions import ApiException
from kubernetes.stream import stream
from kubernetes.stream.ws_client import ERROR_CHANNEL, STDERR_CHANNEL, STDOUT_CHANNEL
from websocket import ABNF, WebSocketException, WebSocketTimeoutException

from ..cluster.access import Cluster
from ..cluster.errors import ClusterError, ForbiddenError, Need

MAX_BYTES: Final = 1 << 20
"""Of a file that is longer no more is read."""


class File(NamedTuple):
    """What `cat` brought."""

    text: str
    failed: str
    """What it said where it failed; empty where it did not."""
    is_whole: bool


def read(cluster: Cluster, pod: str, container: str, path: str, seconds: float) -> File:
    """Raises ClusterError where no `cat` could be run, or did not end in time."""
    core = client.CoreV1Api(cluster.api)
    try:
        told = stream(
            core.connect_get_namespaced_pod_exec,
            pod,
            cluster.namespace,
            container=container,
            command=["cat", "--", path],
            stdout=True,
            stderr=True,
            stdin=False,
            tty=False,
            _preload_content=False,
        )
    except ApiException as error:
        raise _refused(cluster, str(error.reason)) from None
    try:
        return _read(told, f"container {container}", path, time.monotonic() + max(seconds, 5))
    except (WebSocketException, OSError) as error:
        raise ClusterError(f"{cluster.server}: the connection broke while {path} was read: {error}") from None
    finally:
        told.close()


def _read(told: Any, where: str, path: str, deadline: float) -> File:
    """Frame by frame: the client's own loop goes on as long as there is more, and /dev/zero has no end."""
    channels: dict[int, bytearray] = {each: bytearray() for each in (STDOUT_CHANNEL, STDERR_CHANNEL, ERROR_CHANNEL)}
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise ClusterError(f"{where}: `cat {path}` did not end in time")
        told.sock.settimeout(left)
        try:
            code, frame = told.sock.recv_data_frame(True)
        except WebSocketTimeoutException:
            continue
        if code == ABNF.OPCODE_CLOSE:
            break
        if frame.data and frame.data[0] in channels:
            channels[frame.data[0]] += frame.data[1:]
        if any(len(each) > MAX_BYTES for each in channels.values()):
            return File(_text(channels[STDOUT_CHANNEL][:MAX_BYTES]), "", is_whole=False)
    text, said, status = map(_text, channels.values())
    return File(text, _failure(status, said, where), is_whole=True)


def _text(data: bytearray) -> str:
    return data.decode(errors="replace")


def _failure(status: str, said: str, where: str) -> str:
    """Why `cat` failed; empty where it did not. Raises ClusterError where there was none to run."""
    try:
        about = json.loads(status or "{}")
    except ValueError:
        about = {"message": status}
    if about.get("status") == "Success":
        return ""
    message = " ".join(str(about.get("message") or "").split())
    if about.get("reason") == "NonZeroExitCode":
        return " ".join(said.split()) or message
    if "executable file not found" in message or "no such file or directory" in message:
        raise ClusterError(f"{where} has no cat, so its files cannot be read from outside. Leave out --expect-file.")
    raise ClusterError(f"{where}: `cat` could not be run: {message or 'the connection ended without a reason'}")


def _refused(cluster: Cluster, reason: str) -> ClusterError:
    """Of the words in which the client says that no websocket came about."""
    if verb := re.search(r'cannot (\w+) resource \\?"pods/exec', reason):
        return ForbiddenError(Need(verb[1], "", "pods/exec", cluster.namespace))
    told = re.search(r'"message":"((?:[^"\\]|\\.)*)"', reason)
    text = json.loads(f'"{told[1]}"') if told else " ".join(reason.split())
    return ClusterError(f"{cluster.server}: exec: {text}")
