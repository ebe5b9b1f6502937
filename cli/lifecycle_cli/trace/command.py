"""`lifecycle trace`: which Pods, what is seen of them live or in a recording, and what is written of it."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from .. import version
from ..cluster.extra import lacks
from .document import document
from .life import Life
from .lives import Lives
from .plain import Lines, explained, summary
from .recording import Asked, Observation, Recorder, RecordingError, read

if TYPE_CHECKING:
    from ..cluster.access import Cluster
    from .observing import Observer

SEEN, NOT_SEEN, WRONG = 0, 1, 2
_GARBAGE: Final = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, IndexError, RecursionError)
_LINGER_SECONDS: Final = 1.5  # events come after what they tell of, some after the Pod is gone
_LOST_SECONDS: Final = 60.0  # for which the API server may be away


class View(Protocol):
    """Shows lives as they change."""

    def show(self, lives: list[Life]) -> None: ...
    def wait_seconds(self) -> float | None:
        """When it wants to be shown again, though nothing changed; None for never."""

    def close(self) -> None: ...


class PlainView:
    """Lines, on standard output, or on standard error where that is for the document."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._lines = Lines()
        self._write = write

    def show(self, lives: list[Life]) -> None:
        for line in self._lines.of(lives):
            self._write(line)

    def wait_seconds(self) -> float | None:
        return None

    def close(self) -> None:
        pass


class Target(NamedTuple):
    """The Pods that are meant."""

    name: str
    """Of the one Pod, for the API server to choose; empty for more, or for others."""
    selector: str
    is_wanted: Callable[[Mapping[str, Any]], bool]
    text: str
    most: int = 0
    """How many there will be; 0 for all that come."""
    pods: tuple[dict[str, Any], ...] = ()
    """Those that were there."""


class _Stopped(Exception):
    """It ended before the end was seen; the text says why, the status is the command's."""

    def __init__(self, text: str, status: int = NOT_SEEN) -> None:
        super().__init__(text)
        self.status = status


def run(args: argparse.Namespace) -> int:
    problem = _wrong_arguments(args)
    if problem:
        return _say(problem, WRONG)
    try:
        return _replay(args) if args.replay else _live(args)
    except BrokenPipeError:  # the reader has seen enough
        raise
    except (RecordingError, OSError) as error:
        return _say(_text(error), WRONG)


def _wrong_arguments(args: argparse.Namespace) -> str:
    given = [bool(args.pods), bool(args.selector), bool(args.next_of), bool(args.replay)]
    if sum(given) != 1:
        return "name Pods, or use one of -l, --next-of and --replay"
    if args.delete and (args.next_of or args.replay):
        return f"--delete: cannot be used with {'--next-of' if args.next_of else '--replay'}"
    if args.record and args.replay:
        return "--record: cannot be used with --replay"
    if args.delete and not args.yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
        return "--delete: there is no terminal to ask on; --yes deletes without asking"
    return ""


def _replay(args: argparse.Namespace) -> int:
    """The lines at once, and the same summary as it was."""
    lives, view = Lives(), _plain_view(args)
    _, observations = read(args.replay)
    for number, observation in enumerate(observations, 2):
        try:
            lives.take(observation)
            view.show(lives.lives())
        except _GARBAGE:
            raise RecordingError(f"{args.replay}:{number}: not an observation of a Pod") from None
    return _report(args, lives, None)


def _live(args: argparse.Namespace) -> int:
    try:
        import kubernetes  # noqa: F401
        import rich  # noqa: F401
    except ModuleNotFoundError as error:  # a replay needs neither
        return _say(lacks(str(error.name)), WRONG)
    from ..cluster.access import Cluster
    from ..cluster.errors import ClusterError

    try:
        cluster = Cluster.connect(args.kubeconfig, args.context, args.namespace)
        return _Live(args, cluster).run()
    except ClusterError as error:
        return _say(str(error), WRONG)


class _Live:
    def __init__(self, args: argparse.Namespace, cluster: Cluster) -> None:
        self._args = args
        self._cluster = cluster
        self._lives = Lives()
        self._recorder: Recorder | None = None
        self._asked: set[str] = set()

    def run(self) -> int:
        from .observing import Observer

        args, cluster = self._args, self._cluster
        target = self._target()
        if args.delete and not args.yes and not self._agrees(target):
            return _say("nothing deleted", NOT_SEEN)
        if args.record:
            about = {"tool": f"lifecycle {version()}", "namespace": cluster.namespace, "of": target.text}
            self._recorder = Recorder(args.record, about)
        observer = Observer(cluster, cluster.namespace, target.is_wanted, target.name, target.selector)
        if target.pods:  # they may be gone before they are followed
            observer.begin(target.pods)
        view = self._view(target)
        stopped: _Stopped | None = None
        try:
            observer.start()
            self._follow(observer, view, target)
        except _Stopped as why:
            stopped = why
        except KeyboardInterrupt:
            stopped = _Stopped("stopped by Ctrl-C")
        finally:
            observer.stop()
            view.close()
            if self._recorder:
                self._recorder.close()
        if observer.events.failed:
            _say(f"{observer.events.failed}; without events, fewer times are known and bounds are wider", WRONG)
        return _report(args, self._lives, stopped)

    def _view(self, target: Target) -> View:
        if self._args.plain or self._args.output == "json" or not sys.stdout.isatty():
            return _plain_view(self._args)
        from .screen import Screen

        return Screen(target.text)

    def _follow(self, observer: Observer, view: View, target: Target) -> None:
        args = self._args
        deadline = time.monotonic() + args.timeout if args.timeout else None
        over_since = lost_since = None
        while True:
            waits = [view.wait_seconds()]
            now = time.monotonic()
            waits += [
                None if since is None else since + most - now
                for since, most in ((over_since, _LINGER_SECONDS), (lost_since, _LOST_SECONDS), (deadline, 0.0))
            ]
            wait = min((each for each in waits if each is not None), default=None)
            told = observer.wait(None if wait is None else max(0.0, wait))
            for each in told:
                self._take(each)
            lives = self._lives.lives()
            view.show(lives)
            if args.delete:
                self._delete(lives)
            now = time.monotonic()
            if observer.pods.failed:
                raise _Stopped(str(observer.pods.failed), WRONG)
            lost_since = self._lost(now, lost_since)
            if lost_since is not None and now - lost_since >= _LOST_SECONDS:
                raise _Stopped(f"the API server did not answer for {_LOST_SECONDS:.0f} s: {self._why()}", WRONG)
            over_since = (
                (over_since if over_since is not None and not told else now) if self._is_over(lives, target) else None
            )
            if over_since is not None and now - over_since >= _LINGER_SECONDS:
                return
            if deadline is not None and now >= deadline:
                raise _Stopped(f"--timeout: not finished after {args.timeout:g} s")

    def _take(self, told: Observation) -> None:
        if self._recorder:
            self._recorder.take(told)
        self._lives.take(told)

    @staticmethod
    def _is_over(lives: list[Life], target: Target) -> bool:
        return bool(lives) and len(lives) >= target.most and all(each.state in ("gone", "completed") for each in lives)

    def _lost(self, now: float, since: float | None) -> float | None:
        is_lost = self._lives.lost("Pod") is not None
        return (since if since is not None else now) if is_lost else None

    def _why(self) -> str:
        return self._lives.lost("Pod") or ""

    # Which Pods.

    def _target(self) -> Target:
        from ..cluster.errors import ClusterError

        args, cluster = self._args, self._cluster
        if args.next_of:
            from .workloads import next_of

            return next_of(cluster, args.next_of)
        if args.selector:
            cluster.page("Pod", cluster.namespace, limit=1, label_selector=args.selector)  # raises what is wrong, now
            return Target("", args.selector, lambda _: True, f"Pods with {args.selector}")
        names = [each.rpartition("/")[2] if each.startswith(("pod/", "pods/", "po/")) else each for each in args.pods]
        pods = []
        for name in dict.fromkeys(names):
            try:
                pods.append(cluster.get("Pod", name, cluster.namespace))
            except ClusterError as error:
                if type(error).__name__ == "NotFoundError":
                    raise ClusterError(f"{error}; --next-of follows a Pod that does not exist yet") from None
                raise
        wanted = frozenset(names)
        return Target(
            names[0] if len(wanted) == 1 else "",
            "",
            lambda pod: pod["metadata"].get("name") in wanted,
            ", ".join(dict.fromkeys(names)),
            len(wanted),
            tuple(pods),
        )

    # Deleting.

    def _agrees(self, target: Target) -> bool:
        try:
            answer = input(f"Delete {target.text} in namespace {self._cluster.namespace}? [y/N] ")
        except EOFError:
            return False
        return answer.strip().lower() in ("y", "yes")

    def _delete(self, lives: list[Life]) -> None:
        """Those that were there from the first."""
        from ..cluster.errors import NotFoundError
        from ..cluster.following import now

        first, self._asked_all = not getattr(self, "_asked_all", False), bool(lives)
        if not first:
            return
        for life in lives:
            if life.state in ("gone", "terminating"):
                continue
            sent = now()
            try:
                self._cluster.delete("Pod", life.name, life.namespace, body={"preconditions": {"uid": life.uid}})
            except NotFoundError:
                continue
            self._take(Asked(life.uid, sent, now()))


def _plain_view(args: argparse.Namespace) -> View:
    out = sys.stderr if args.output == "json" else sys.stdout
    return PlainView(lambda line: print(line, file=out, flush=True))


def _report(args: argparse.Namespace, lives: Lives, stopped: _Stopped | None) -> int:
    found = lives.lives(anew=True)
    if args.output == "json":
        json.dump(document(found), sys.stdout, indent=2)
        print()
    else:
        for line in _blocks(found, summary):
            print(line)
        if args.explain:
            for line in _blocks(found, explained):
                print(line)
    if args.svg:
        from .svg import svg

        args.svg.write_text(svg(found, args.svg_theme), encoding="utf-8")
    if stopped:
        return _say(str(stopped), stopped.status)
    return SEEN if found else _say("no Pod was seen", NOT_SEEN)


def _blocks(lives: Iterable[Life], lines: Callable[[Life], Iterator[str]]) -> Iterator[str]:
    for life in lives:
        yield ""
        yield from lines(life)


def _say(text: str, status: int) -> int:
    print(f"lifecycle trace: {text}", file=sys.stderr)
    return status


def _text(error: Exception) -> str:
    if isinstance(error, OSError):
        path = Path(str(error.filename)) if error.filename else ""
        return f"{path}: {(error.strerror or str(error)).lower()}"
    return str(error)
