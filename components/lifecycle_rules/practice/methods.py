"""Practice in requests: a GET where the endpoint does what it does by another method."""

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..catalogue import HTTPGET_METHOD
from ..endpoints import Endpoint, Server, plain, refusing, with_path
from ..model import Container, PodSpec, items, whole
from ..requests import TOOLS, Request, is_local, paths, requests
from ..script import Script
from .hook import Fault, Hook


def http_get(hook: Hook) -> Iterable[Fault]:
    found = refused(hook)
    if not found:
        return ()
    what = "nothing happens, and the kubelet counts any answer as success"
    return ((HTTPGET_METHOD, ".path", f"{_asks(found)}, but the hook sends GET: {what}"),)


def refused(hook: Hook) -> Endpoint | None:
    """The endpoint of an httpGet action that is known to do nothing by GET."""
    path = hook.action.get("path")
    entries = with_path(path, hook.tables.endpoints) if isinstance(path, str) else ()
    if not entries:
        return None
    host, port = hook.action.get("host"), whole(hook.action.get("port"))
    if not (host is None or isinstance(host, str)):
        return None
    if isinstance(port, str):
        port = _named(port, hook.container)
    in_the_pod = isinstance(port, int) and (not host or (is_local(host) and hook.pod.host_network is True))
    return refusing(entries, _server(port, hook.container, hook.pod, in_the_pod))


def by_program(hook: Hook) -> Iterable[Fault]:
    """Of what curl and wget ask for."""
    if not any(with_path(path, hook.tables.endpoints) for path in _paths(hook.script)):  # as most
        return ()
    for program, request in _gets(hook.script):
        found = _refused(request, hook)
        if found:
            return ((HTTPGET_METHOD, ".command", f"{_asks(found)}, but {program} sends GET: nothing happens"),)
    return ()


@functools.lru_cache(maxsize=1024)
def _paths(script: Script) -> frozenset[str]:
    """The paths that it may ask for."""
    if script.programs.isdisjoint(TOOLS):
        return frozenset()
    return frozenset(path for step in script.steps if step.program in TOOLS for path in paths(step.words))


@functools.lru_cache(maxsize=1024)
def _gets(script: Script) -> tuple[tuple[str, Request], ...]:
    """The GETs of a script, each with its program, where it asks for nothing at the same path by another method."""
    asked = [(step.program, each) for step in script.steps for each in requests(step.words)]
    rightly = {plain(each.path) for _, each in asked if each.method != "GET"}
    return tuple((program, each) for program, each in asked if plain(each.path) not in rightly)


def _refused(request: Request, hook: Hook) -> Endpoint | None:
    entries = with_path(request.path, hook.tables.endpoints)
    return refusing(entries, _server(request.port, hook.container, hook.pod, request.is_local)) if entries else None


def _asks(endpoint: Endpoint) -> str:
    return f"{endpoint.product or 'the server'} acts on {endpoint.shown} only by {endpoint.method}"


def _server(port: object, container: Container, pod: PodSpec, in_the_pod: bool) -> Server:
    if not in_the_pod:
        return Server(port, is_local=False)
    declared, images = [], []
    for each in _running(pod):
        image = _image(each)
        images.append(image)
        for declares in items(each.get("ports")):
            if isinstance(declares, dict) and declares.get("containerPort") == port:
                declared.append(image)
    return Server(port, tuple(declared), (_image(container.spec),), tuple(images))


def _running(pod: PodSpec) -> Iterator[Mapping[str, Any]]:
    """The app and sidecar containers."""
    for each in items(pod.spec.get("containers")):
        if isinstance(each, dict):
            yield each
    for each in items(pod.spec.get("initContainers")):
        if isinstance(each, dict) and each.get("restartPolicy") == "Always":
            yield each


def _image(spec: Mapping[str, Any]) -> str:
    """Empty for one that is not known, which no pattern fits."""
    image = spec.get("image")
    return image if isinstance(image, str) else ""


def _named(name: str, container: Container) -> object:
    for each in items(container.spec.get("ports")):
        if isinstance(each, dict) and each.get("name") == name:
            return whole(each.get("containerPort"))
    return None
