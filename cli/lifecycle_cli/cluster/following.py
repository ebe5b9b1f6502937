"""Objects followed as they change, through ended watches and restarted API servers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from .access import Cluster
from .errors import ClusterError, ForbiddenError, GoneError

_AGAIN_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 5.0)  # between tries


class Listed(NamedTuple):
    """All objects there are: at first, and wherever changes may have been missed. What is not among them is gone."""

    kind: str
    objects: list[dict[str, Any]]
    seen: float


class Changed(NamedTuple):
    """A change that the API server told of."""

    kind: str
    type: str
    """`ADDED`, `MODIFIED`, or `DELETED`, with the object as it last was."""
    object: dict[str, Any]
    seen: float


class Lost(NamedTuple):
    """The API server cannot be heard; what happens now may be missed. `Heard` or `Listed` ends it."""

    kind: str
    why: str
    seen: float


class Heard(NamedTuple):
    """It answers again, and nothing was missed: the watch went on where it had stopped."""

    kind: str
    seen: float


Told = Listed | Changed | Lost | Heard


class Follower(threading.Thread):
    """Tells of one kind of objects until `stop`; `seen` is this machine's time.time(), when it was told.

    What cannot be had at all (no rights) ends it: `failed` is then why. `tell` is called from this thread.
    """

    def __init__(
        self, cluster: Cluster, kind: str, namespace: str | None, tell: Callable[[Told], object], **options: Any
    ) -> None:
        super().__init__(name=f"watch {kind}", daemon=True)
        self.failed: ClusterError | None = None
        self._cluster = cluster
        self._kind = kind
        self._namespace = namespace
        self._tell = tell
        self._options = options
        self._stopped = threading.Event()
        self._version = ""  # from where the watch goes on; empty: from a new list

    def stop(self) -> None:
        """At once for the caller; the thread ends with its request."""
        self._stopped.set()

    def run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            try:
                self._follow(is_back=failures > 0)
                failures = 0
            except GoneError:
                self._version = ""
            except ForbiddenError as error:
                self.failed = error
                self._say(Lost(self._kind, str(error), time.time()))
                return
            except ClusterError as error:
                if not failures:
                    self._say(Lost(self._kind, str(error), time.time()))
                self._stopped.wait(_AGAIN_SECONDS[min(failures, len(_AGAIN_SECONDS) - 1)])
                failures += 1

    def _say(self, told: Told) -> None:
        if not self._stopped.is_set():
            self._tell(told)

    def _follow(self, *, is_back: bool) -> None:
        if not self._version:
            self._list()
        elif is_back:
            self._cluster.version()  # raises as long as it does not answer
            self._say(Heard(self._kind, time.time()))
        for change in self._cluster.watch(self._kind, self._namespace, self._version, **self._options):
            if self._stopped.is_set():
                return
            if change.type == "ERROR":
                self._version = ""  # too old, most often: what was missed is in a new list
                return
            self._version = change.object["metadata"]["resourceVersion"]
            if change.type != "BOOKMARK":
                self._say(Changed(self._kind, change.type, change.object, time.time()))

    def _list(self) -> None:
        objects: list[dict[str, Any]] = []
        going_on = None
        while True:  # all pages of one state of the cluster: the watch goes on from there
            found = self._cluster.page(self._kind, self._namespace, limit=500, _continue=going_on, **self._options)
            objects += found.get("items") or ()
            going_on = found["metadata"].get("continue")
            if not going_on:
                break
        self._version = found["metadata"]["resourceVersion"]
        self._say(Listed(self._kind, objects, time.time()))
