"""What the command says of a rule: its page in the terminal, and the list of all."""

import json
import re
from importlib.resources import files
from typing import Final

from kubernetes_lifecycle.rules import BY_POLICY, POLICY_OF
from kubernetes_lifecycle.settings import unknown
from lifecycle_rules import Rule

_ALL: Final[dict[str, Rule]] = {rule.id: rule for rules in BY_POLICY.values() for rule in rules}


def page(name: str) -> str:
    """The rule's page as text. Raises LookupError, which lists the rules, for an unknown id or a policy."""
    rule = _ALL.get(name)
    if rule is None and name in BY_POLICY:
        ids = ", ".join(each.id for each in BY_POLICY[name])
        raise LookupError(f"{name!r} is a policy; name one of its rules: {ids}")
    if rule is None:
        raise LookupError(unknown("rule", name, _ALL))
    head = f"{rule.id}: {rule.title}\n{rule.severity.value}, policy {POLICY_OF[rule.id]}\n"
    section = _sections().get(rule.id)
    if section is None:  # one of the pack's own, which no proof shows
        return f"{head}\n{rule.why}\n\nFix: {rule.fix}\n"
    return f"{head}\n{_plain(section)}\n"


def _sections() -> dict[str, str]:
    text = files("lifecycle_cli").joinpath("rules.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^### ([a-z0-9-]+)\n(.*?)(?=^##|\Z)", text, re.DOTALL | re.MULTILINE))


def _plain(text: str) -> str:
    """Without Markdown's marks: code is indented, a link shows its address."""
    lines: list[str] = []
    is_code = False
    for line in text.strip().splitlines():
        if line.startswith("```"):
            is_code = not is_code
            continue
        if is_code:
            lines.append(f"    {line}" if line else "")
            continue
        line = re.sub(r"\[([^\]]+)\]\((https?://[^)]+)\)", r"\1 <\2>", line)
        line = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", line)
        lines.append(re.sub(r"\*\*?([^*]+)\*\*?", r"\1", line).replace("`", ""))
    return "\n".join(lines)


def table(output: str) -> str:
    """All rules with level, policy and title."""
    if output == "json":
        found = [
            {
                "id": rule.id,
                "policy": POLICY_OF[rule.id],
                "group": rule.group.value,
                "severity": rule.severity.value,
                "title": rule.title,
                "why": rule.why,
                "fix": rule.fix,
            }
            for rule in _ALL.values()
        ]
        return json.dumps(found, indent=2) + "\n"
    width = max(map(len, _ALL))
    policies = max(map(len, BY_POLICY))
    return "".join(
        f"{rule.id:{width}}  {rule.severity.value:7}  {POLICY_OF[rule.id]:{policies}}  {rule.title}\n"
        for rule in _ALL.values()
    )
