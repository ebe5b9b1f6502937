"""Objects followed as they change, through ended watches and restarted API servers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from . import PAGE
from .errors import ClusterError, ForbiddenError, GoneError

if TYPE_CHECKING:  # a recording is read without the client
    from .access import Cluster

_AGAIN_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 5.0)  # between tries
_EXPIRED: Final = 410


def _steady() -> float:
    """Seconds that no correction of the clock touches; where there is such a clock, those of a laptop's sleep, too."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


_START: Final = time.time() - _steady()


def now() -> float:
    """This machine's time as it was when the process began, in s since 1970: no correction since makes it jump."""
    return _START + _steady()


class Listed(NamedTuple):
    """All objects there are: at first, and wherever changes may have been missed. What is not among them is gone."""

    kind: str
    objects: list[dict[str, Any]]
    seen: float


class Changed(NamedTuple):
    """A change that the API server reported."""

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
    since: float = 0.0
    """When it was last heard; what happened after may be missed."""


class Heard(NamedTuple):
    """It answers again, and nothing was missed: the watch went on where it had stopped."""

    kind: str
    seen: float


Told = Listed | Changed | Lost | Heard


class Follower(threading.Thread):
    """Tells of one kind of objects until `stop`; `seen` is `now()` when it was told.

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
        self._heard = 0.0

    def stop(self) -> None:
        """At once for the caller; the thread ends with its request."""
        self._stopped.set()

    def run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            try:
                self._follow(is_back=failures > 0)
                failures = 0
            except GoneError as error:  # the versions it went by: what was missed is in a new list
                self._version = ""
                self._lose(error)
                self._stopped.wait(_AGAIN_SECONDS[0])
            except ForbiddenError as error:
                self.failed = error
                self._lose(error)
                return
            except ClusterError as error:
                if not failures:
                    self._lose(error)
                self._stopped.wait(_AGAIN_SECONDS[min(failures, len(_AGAIN_SECONDS) - 1)])
                failures += 1

    def _lose(self, error: ClusterError) -> None:
        self._say(Lost(self._kind, str(error), now(), self._heard))

    def _say(self, told: Told) -> None:
        if not self._stopped.is_set():
            self._tell(told)

    def _follow(self, *, is_back: bool) -> None:
        """A list where one is due, and one watch until the server ends it, as it does every few minutes."""
        if not self._version:
            self._list()
        elif is_back:
            self._cluster.version()  # raises as long as it does not answer
            self._say(Heard(self._kind, now()))
        began = now()
        for change in self._cluster.watch(self._kind, self._namespace, self._version, **self._options):
            if self._stopped.is_set():
                return
            self._heard = now()
            if change.type == "ERROR":
                raise self._error(change.object)
            self._version = change.object["metadata"]["resourceVersion"]
            if change.type != "BOOKMARK":
                self._say(Changed(self._kind, change.type, change.object, self._heard))
        self._stopped.wait(max(0.0, began + _AGAIN_SECONDS[0] - now()))  # one that ends at once is not asked in a row

    @staticmethod
    def _error(status: dict[str, Any]) -> ClusterError:
        text = str(status.get("message") or status.get("reason") or "the watch failed")
        return GoneError(text, None) if status.get("code") == _EXPIRED else ClusterError(text)

    def _list(self) -> None:
        objects: list[dict[str, Any]] = []
        going_on = None
        while True:  # all pages of one state of the cluster: the watch goes on from there
            found = self._cluster.page(self._kind, self._namespace, limit=PAGE, _continue=going_on, **self._options)
            objects += found.get("items") or ()
            going_on = found["metadata"].get("continue")
            if not going_on:
                break
        self._version = found["metadata"]["resourceVersion"]
        self._heard = now()
        self._say(Listed(self._kind, objects, self._heard))
