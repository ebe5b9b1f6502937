"""All that is wrong with arguments: at once where they are known, and when they become known where they are Outputs."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pulumi

from lifecycle_rules import UNKNOWN, Group, check, hook_seconds

from . import shape, values
from .args import LifecycleDemoArgs
from .errors import LifecycleDemoError
from .hooks import page_post_start
from .pod import draft, in_kubernetes_words, present, renamed
from .shape import Fault
from .spelling import camel_case

DEFAULT_GRACE_SECONDS: Final = 30  # Kubernetes' own default
SHUTDOWN_SECONDS: Final = 20  # what the processes have after the hooks, where nobody says otherwise


class CheckedPod:
    """The Pod of the arguments: right as far as they are known, and not created before the rest is right, too."""

    def __init__(self, resource: str, args: LifecycleDemoArgs, *, is_template: bool = False) -> None:
        """Raises LifecycleDemoError with all that is wrong."""
        self._resource = resource
        misshapen = list(shape.faults(args, LifecycleDemoArgs))
        if not all(isinstance(each, shape.Spare) for each in misshapen):  # then the rest cannot be read
            self._refuse(misshapen)
        self._noted: list[Fault] = []
        self.args: Mapping[str, Any] = shape.guarded(args, LifecycleDemoArgs, self._noted)
        self._draft, faults = draft(resource, self.args, is_template=is_template)
        everything = {
            "metadata": self._draft.metadata,
            "spec": self._draft.spec,
            "shutdown": self.args.get("shutdown_seconds"),
        }
        known = _plain(everything)
        made_up = f"{resource}-00000000" if self.args.get("generate_name") else None
        faults += values.of_name(made_up, "generate_name")
        self._refuse([*faults, *misshapen, *self._faults(known)])
        outputs = _outputs(everything)
        self.metadata: Mapping[str, Any] = self._draft.metadata
        self.grace_seconds: pulumi.Input[int] = self._when_right(everything, outputs) if outputs else _grace(known)
        self.spec: Mapping[str, Any] = {**self._draft.spec, "terminationGracePeriodSeconds": self.grace_seconds}
        hook = _hook(_containers(known)[0], "postStart")
        self.writes_message = hook == in_kubernetes_words(renamed(page_post_start()))
        self.post_start_seconds: float = sum(filter(math.isfinite, _seconds(known, "postStart")))

    def _refuse(self, faults: "Iterator[Fault] | Sequence[Fault]") -> None:
        found = list(faults)
        if found:
            raise LifecycleDemoError(self._resource, found)

    def _when_right(self, everything: Any, outputs: Sequence[tuple[str, pulumi.Output[Any]]]) -> pulumi.Output[int]:
        """The grace period, for which the Pod waits: it comes when all that is known by then is right."""
        secret: pulumi.Output[list[bool]] = pulumi.Output.all(*[_is_secret(each) for _, each in outputs])

        def judge(given: Mapping[str, Any]) -> None:
            hidden = [path for (path, _), is_secret in zip(outputs, given["secret"], strict=True) if is_secret]
            self._refuse(self._noted or self._faults(_plain(given["everything"]), hidden))

        both = pulumi.Output.from_input({"everything": everything, "secret": secret})
        judged = pulumi.Output.unsecret(both.apply(judge, run_with_unknowns=True))
        given = everything["spec"].get("terminationGracePeriodSeconds")
        if given is None:
            needed = pulumi.Output.from_input(everything).apply(lambda all_of: _grace(_plain(all_of)))
            given = pulumi.Output.unsecret(needed)
        return pulumi.Output.all(given, judged).apply(lambda each: int(each[0]))

    def _faults(self, everything: Mapping[str, Any], hidden: Sequence[str] = ()) -> list[Fault]:
        """What is wrong in what is known; of a field that touches a secret no word that could repeat it."""
        spec = {**everything["spec"], "terminationGracePeriodSeconds": _grace(everything)}
        pod = {"metadata": everything["metadata"], "spec": spec}
        first = {self._draft.argument(path): (path, wrong) for path, wrong in reversed(list(values.faults(pod)))}
        found = [(path, wrong, "is not what Kubernetes takes there") for path, wrong in reversed(first.values())]
        for each in check("Pod", pod):
            if each.rule.group is not Group.PRACTICE:  # that is advice
                mend = f"[{each.rule.id}]. {each.rule.fix}"
                found.append((each.path, f"{each.message} {mend}", f"{each.rule.title} {mend}"))
        faults = [
            (self._draft.argument(path), secretly if _touches(path, hidden) else openly)
            for path, openly, secretly in found
        ]
        return [*faults, *_of_shutdown(everything)]


def _of_shutdown(everything: Mapping[str, Any]) -> Iterator[Fault]:
    """The time to end, beside the grace period where both are given."""
    grace, shutdown = everything["spec"].get("terminationGracePeriodSeconds"), everything["shutdown"]
    longest = max(filter(math.isfinite, _seconds(everything, "preStop")), default=0)
    if not isinstance(shutdown, int):
        return
    if shutdown < 0:
        yield "shutdown_seconds", "is negative, and no time is"
    elif isinstance(grace, int) and longest + shutdown > grace:
        what = "is more than termination_grace_period_seconds leaves after the longest pre_stop"
        yield "shutdown_seconds", f"{what}; raise that, or give only one of the two"


def _touches(path: str, hidden: Sequence[str]) -> bool:
    """Whether a secret is in the field, or the field in a secret."""
    return any(path.startswith(each) or each.startswith(path) for each in hidden)


def _grace(everything: Mapping[str, Any]) -> Any:
    """The grace period that is given, or the one that the hooks need, in seconds; UNKNOWN where it is not known."""
    given, shutdown = everything["spec"].get("terminationGracePeriodSeconds"), everything["shutdown"]
    if given is not None:
        return given
    if shutdown is UNKNOWN or _has_unknown([_hook(each, "preStop") for each in _containers(everything)]):
        return UNKNOWN
    longest = max(filter(math.isfinite, _seconds(everything, "preStop")), default=0)
    return max(DEFAULT_GRACE_SECONDS, math.ceil(longest) + (SHUTDOWN_SECONDS if shutdown is None else shutdown))


def _seconds(everything: Mapping[str, Any], event: str) -> list[float]:
    """How long the hooks take at least, each for itself."""
    return [hook_seconds(_hook(each, event))[0] for each in _containers(everything)]


def _containers(everything: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    lists = [everything["spec"].get(field) for field in ("containers", "initContainers")]
    return [each for found in lists if isinstance(found, list) for each in found if isinstance(each, Mapping)]


def _hook(container: Mapping[str, Any], event: str) -> object:
    lifecycle = container.get("lifecycle")
    return lifecycle.get(event) if isinstance(lifecycle, Mapping) else None


def _has_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_unknown, value.values()))
    return any(map(_has_unknown, value)) if isinstance(value, list) else value is UNKNOWN


def _plain(everything: Mapping[str, Any]) -> dict[str, Any]:
    """As data in Kubernetes' own words, with UNKNOWN for what is not known."""
    plain = _known(present(everything))
    return {"shutdown": None, **plain, "spec": in_kubernetes_words(plain["spec"])}


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _known(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_known(each) for each in value]
    return UNKNOWN if isinstance(value, pulumi.Output) or pulumi.contains_unknowns(value) else value


def _is_secret(output: pulumi.Output[Any]) -> pulumi.Output[bool]:
    is_secret: Any = output.is_secret()
    return pulumi.Output.from_input(is_secret)


def _outputs(value: Any, path: str = "") -> list[tuple[str, pulumi.Output[Any]]]:
    """The Outputs in a pod, with their paths in Kubernetes' words."""
    if isinstance(value, pulumi.Output):
        return [(path, value)]
    if isinstance(value, dict):
        is_spec = path.startswith("spec")
        pairs = [(f"{path}.{camel_case(key) if is_spec else key}".lstrip("."), each) for key, each in value.items()]
    elif isinstance(value, list):
        pairs = [(f"{path}[{index}]", each) for index, each in enumerate(value)]
    else:
        return []
    return [found for where, each in pairs for found in _outputs(each, where)]
