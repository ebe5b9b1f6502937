"""docs/configuration.md, made of the policies' schemas and rules: `make docs` writes it, and a test compares."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from kubernetes_lifecycle.pack.policies import POLICIES
from kubernetes_lifecycle.rules import BY_POLICY
from kubernetes_lifecycle.settings import SCHEMAS
from lifecycle_rules import RULES

ABOUT: Final = """\
# The configuration of the policy pack

A file for `--policy-pack-config` gives each policy a level (`advisory`, `mandatory`, `remediate`, `disabled`), or an
object with the keys below and, optionally, `enforcementLevel`. `all` is the level of policies without their own:

```json
{
  "all": "mandatory",
  "shutdown-practice": "advisory",
  "grace-budget": {"enforcementLevel": "remediate", "shutdownSeconds": 10}
}
```

[The policies](policies.md) has an example of each. `make docs` writes this page from the pack's schemas and rules.

## Keys

A pattern is a name, or contains `*`, `?` or `[…]`. It is case-sensitive, and a value that is not known yet matches only
`*`. An object without a namespace is in `default`. A pattern for its name matches the name in the cluster or in the
program.
"""
OF_RULES: Final = """
## Rules

A policy's key `rules` gives single rules their own level: `off`, `advisory` or `mandatory`. Every other rule has its
policy's level. If a policy is `disabled`, none of its rules is judged. At `remediate`, a rule with its own level is not
remediated.

| policy | rules |
|---|---|
"""
OF_THE_PACK: Final = """
The pack's own rules:

| rule | what | why |
|---|---|---|
"""


def page() -> str:
    return ABOUT + "\n".join(["", *_keys(), OF_RULES.rstrip("\n"), *_rules(), OF_THE_PACK.rstrip("\n"), *_own()]) + "\n"


def _keys() -> Iterator[str]:
    yield "| policy | key | default | what |"
    yield "|---|---|---|---|"
    for policy in POLICIES:
        for key, schema in SCHEMAS[policy.name].items():
            if key != "rules":
                yield (
                    f"| [{policy.name}](policies.md#{policy.name}) | `{key}`, {_type(schema)} "
                    f"| `{json.dumps(schema['default'])}` | {schema['description']} |"
                )


def _type(schema: Mapping[str, Any]) -> str:
    if schema["type"] == "array":
        return f"list of {_type(schema['items'])}s"
    return {"boolean": "true or false", "integer": "number"}.get(schema["type"], schema["type"])


def _rules() -> Iterator[str]:
    shown = {rule.id: f"[{rule.id}](rules.md#{rule.id})" for rule in RULES}
    for policy in POLICIES:
        if rules := BY_POLICY.get(policy.name):
            names = ", ".join(shown.get(rule.id, rule.id) for rule in rules)
            yield f"| [{policy.name}](policies.md#{policy.name}) | {names} |"


def _own() -> Iterator[str]:
    for rules in BY_POLICY.values():
        for rule in rules:
            if rule not in RULES:
                yield f"| {rule.id} | {rule.title} | {rule.why} |"


if __name__ == "__main__":
    print(page(), end="")
