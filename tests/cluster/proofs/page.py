"""docs/rules.md, made of the catalogue and the proofs: `make docs` writes it, and a test compares."""

import re
from collections.abc import Iterator
from functools import partial

import yaml
from workloads import workload

from lifecycle_rules import RULES, Group, Rule, check
from lifecycle_rules.versions import GATES, LATEST, OLDEST
from sandbox.parts import KUBERNETES_VERSION

from . import PROOFS
from .proof import Proof, Spec

GROUPS = {
    Group.ACCEPTED: "The API server would refuse it. The paths and the words are its own. Besides the examples below, "
    "10,000 generated workloads of nine kinds get the same verdict from the rules and from a real API server. Before "
    "Kubernetes 1.34 the API server does not validate the template of a StatefulSet. It refuses each of its Pods "
    "instead, with the words that the rules use.",
    Group.EFFECTIVE: "The API server accepts it, and the kubelet can never carry it out.",
    Group.BUDGET: "The hook's time against the grace period, if the time is known: the sleep action, and `sleep` "
    "and `timeout` with a number in a command or a script. Any other time is unknown, and the rules do not guess it.",
    Group.SECRETS: "It shows a secret to people who may not see it. The rules judge only literal values, and no "
    "message repeats one.",
    Group.PRACTICE: "It works, but not well, or not always: rules of experience. A heuristic says that it is one.",
}
LEFT_OUT = {
    "A hook whose program is a relative path": "It runs: the runtime starts it in the container's `workingDir`, or "
    "in `/`. The comment in the API's types, that the working directory is `/`, is wrong for containerd.",
    "A drain delay that is too short": "How long a cluster takes to learn that a Pod ends differs. On this "
    "node 3 s was enough for one Deployment, and too short when three rolled at the same time.",
    "A preStop that cleans up after a crash": "It does not run then, but only names would tell whether a script is "
    "meant for that. `prestop-in-job` covers the case that is certain.",
    "A hook that was changed in a running Pod": "The API server refuses the change, but a single object does not "
    "show it.",
}
ISSUE = re.compile(r"([a-z-]+)#(\d+)")


def page() -> str:
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# The rules"
    yield ""
    yield (
        f"`lifecycle_rules.check` knows {len(RULES)} rules. {len(PROOFS)} of them are proven on a real node, "
        f"Kubernetes {KUBERNETES_VERSION.lstrip('v')} with containerd: one Pod breaks the rule, another keeps it, and "
        "the proof records what happens to both. `make test-cluster` runs all proofs and compares the records word by "
        "word. A rule that cannot be proven this way says why. `make docs` writes this page from the catalogue and "
        "the proofs."
    )
    yield ""
    yield "An `error` cannot work, a `warning` will cause trouble some day, and an `info` is good to know."
    for group, about in GROUPS.items():
        rules = [rule for rule in RULES if rule.group is group]
        yield from ("", f"## {group.value}", "", about, "", "| rule | severity | what |", "|---|---|---|")
        for rule in rules:
            yield f"| [{rule.id}](#{rule.id}) | {rule.severity.value} | {rule.title} |"
        for rule in rules:
            yield from _rule(rule)
    yield from _versions()
    yield from ("", "## Left out", "", "These often count as mistakes, but are not rules here:", "")
    for what, reason in LEFT_OUT.items():
        yield f"- **{what}.** {reason}"


def _rule(rule: Rule) -> Iterator[str]:
    yield from ("", f"### {rule.id}", "", f"**{rule.title}.** {rule.why}", "")
    yield f"*Fix:* {rule.fix}"
    yield from ("", "Source: " + ", ".join(_link(source) for source in rule.sources) + ".")
    if rule.unproven:
        yield from ("", f"*Not shown on the node:* {rule.unproven}")
    proof = PROOFS.get(rule.id)
    if proof is None:
        return
    found = next(each for each in check(proof.kind, workload(proof.kind, proof.fails)) if each.rule is rule)
    yield from ("", "Breaks it:", "", *_spec(proof.fails), "")
    yield f"> `{found.path}`: {found.message}"
    yield from ("", "Keeps it:", "", *_spec(proof.works), "")
    as_kind = "" if proof.kind == "Pod" else f" (The rule is one of a {proof.kind}'s; the Pods are those it makes.)"
    yield f"On the node: {_looked_at(proof)}{as_kind}"
    yield from ("", "| | seen |", "|---|---|")
    yield f"| breaks it | {_cell(proof.failed)} |"
    yield f"| keeps it | {_cell(proof.worked)} |"


def _spec(spec: Spec) -> Iterator[str]:
    text = yaml.safe_dump({"spec": spec}, sort_keys=False, default_flow_style=None, width=110)
    return iter(("```yaml", *text.rstrip().splitlines(), "```"))


def _looked_at(proof: Proof) -> str:
    """The first line of what the observation says of itself."""
    observe = proof.observe.func if isinstance(proof.observe, partial) else proof.observe
    text = str(observe.__doc__).strip().splitlines()[0]
    return text[0].lower() + text[1:]


def _cell(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


def _link(source: str) -> str:
    issue = ISSUE.fullmatch(source)
    if issue:
        return f"[{source}](https://github.com/kubernetes/{issue[1]}/issues/{issue[2]})"
    if source.startswith("https://"):
        return f"<{source}>"
    where, _, anchor = source.partition("#")
    if where.endswith(".go"):
        name, lines = where.rpartition("/")[2], anchor.removeprefix("L").replace("-L", "-")
        return f"[{name}:{lines}](https://github.com/kubernetes/kubernetes/blob/{KUBERNETES_VERSION}/{source})"
    return f"[{where}](https://kubernetes.io/docs/{where}/{'#' + anchor if anchor else ''})"


def _versions() -> Iterator[str]:
    yield from ("", "## Other versions of Kubernetes", "")
    yield (
        f'`check(kind, obj, kubernetes="1.30")` judges for that version, {OLDEST} or later; a newer version than '
        f"{LATEST} counts as {LATEST}. With a patch release, as in `1.32.3`, the rules report a defect only for the "
        "releases that have it. Without one, they report every defect that the minor version may have. `features` "
        "lists the gates that the cluster turns on in addition to the default ones. "
        "Besides 1.37, the group `accepted` was compared with API servers of 1.29, 1.30 and 1.32, once: 1,500 "
        "generated workloads with the default gates, and 1,000 with the sleep gates on (1.29, 1.32) and with "
        "ContainerStopSignals on (1.37). The rest is from the source of each version."
    )
    yield from ("", "| feature gate | since | on by default since |", "|---|---|---|")
    for gate in GATES:
        yield f"| {gate.name} | 1.{gate.known} | {f'1.{gate.on}' if gate.on else 'not yet'} |"
