"""`--fix`: only the lines that change differ, what is not safe is left and said, and a second run changes nothing."""

import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from commands import lifecycle
from yamls import broken, manifests

from kubernetes_lifecycle.documents import DocumentError, chunks, load
from kubernetes_lifecycle.remediation import Edit, applied
from lifecycle_cli.configuration import Configuration, configuration
from lifecycle_cli.fixing import Fixed, fixed
from lifecycle_cli.reading import parsed
from tests.generated import examples

ROOT = Path(__file__).parents[1]
FAILURE = ROOT / "policies" / "remediation" / "failure"
DRAINING = "pre-stop-required: {enforcementLevel: mandatory, addDrainSeconds: 25}\n"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Configuration:
    """With all three remediations."""
    file = tmp_path_factory.mktemp("configuration") / "lifecycle.yaml"
    file.write_text(DRAINING)
    return configuration(file, "default", None, [], [])


def fixed_text(text: str, settings: Configuration, folder: Path) -> Fixed | None:
    path = folder / "a.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return fixed(str(path), settings)


def proven(text: str, settings: Configuration, folder: Path) -> int:
    """The number of fixes, after it was proven that they are all that changed."""
    result = fixed_text(text, settings, folder)
    if result is None:
        return 0
    made = [each for each in result.fixes if not each.why_not]
    assert (result.before == text) and (result.after != text) == bool(made)
    before, after = list(chunks([text.removeprefix("\ufeff")])), list(chunks([result.after.removeprefix("\ufeff")]))
    for old, new in zip(before, after, strict=True):
        of = [Edit(fix.path, fix.value) for fix in made if fix.line == old.line]
        if not of:
            assert new.text == old.text
        else:
            value = parsed(old.text)
            for edit in of:
                value = applied([edit], value)
            assert parsed(new.text) == value == load(new.text)
    assert not comments(text) - comments(result.after)
    again = fixed_text(result.after, settings, folder)
    assert again is None or all(each.why_not for each in again.fixes)
    lines, left = result.after.split("\n"), text.split("\n")
    for start, end, new in reversed(list(result.replacements())):
        left[start - 1 : end - 1] = new.removesuffix("\n").split("\n") if new else []
    assert left == lines or result.after.endswith("\n") != text.endswith("\n")
    assert sum(end - start for start, end, _ in result.replacements()) <= 12 * len(made)
    return len(made)


def comments(text: str) -> "Counter[str]":
    return Counter(re.findall(r"(?<!\S)#[^\r\n]*", text))


def failures() -> list[str]:
    """The objects of tests/policies/remediation/failure, which need a version and a name here."""
    return [
        f"apiVersion: {'v1' if 'kind: Pod' in text else 'apps/v1'}\n{text}metadata: {{name: x}}\n"
        for text in (each.read_text() for each in sorted(FAILURE.glob("*.yaml")))
        for text in [re.sub(r"^metadata:.*\n", "", text, flags=re.MULTILINE)]
    ]


def test_all_good_and_bad_manifests(settings: Configuration, tmp_path: Path) -> None:
    for file in (ROOT / "manifests" / "good").glob("*.yaml"):
        proven(file.read_text(), settings, tmp_path)
    counts = [proven(text, settings, tmp_path) for text in failures()]
    assert all(counts)
    assert sum(counts) == 13


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def variants(of: random.Random, text: str) -> Iterator[str]:
    """The same object, written in other ways."""
    value = load(text)
    for indent in (2, 3, 4):
        block = yaml.dump(value, Dumper=_Dumper, default_flow_style=False, indent=indent, sort_keys=False, width=1000)
        yield block
        yield block.replace("\n", "\r\n")
        yield "\n".join(f"{line} # {n}" if of.random() < 0.3 else line for n, line in enumerate(block.split("\n")))
        yield "\n".join(f"{line}\n# {n}" if of.random() < 0.3 else line for n, line in enumerate(block.split("\n")))
        yield "\n".join(f"{line}  \n" if of.random() < 0.3 else line for line in block.split("\n"))
        yield re.sub(r"(?m)^( *(?:- )?)(\w+):(?=[ \n])", r'\1"\2":', block)
        yield f"{block}---\n{block}"
        yield block.rstrip("\n")
        items = "- " + block.rstrip("\n").replace("\n", "\n  ")
        yield f"apiVersion: v1\nkind: List\nitems:\n{items}\n{items}\n"
        yield f"apiVersion: v1\nkind: List\nitems:\n    {items}\n".replace("\n", "\n    ").rstrip(" ")
    yield yaml.dump(value, Dumper=_Dumper, default_flow_style=True, width=80)
    yield yaml.dump(value, Dumper=_Dumper, default_flow_style=None, width=80)
    yield __import__("json").dumps(value)
    yield __import__("json").dumps(value, indent=2)
    yield __import__("json").dumps(value, indent="\t")
    yield f"\ufeff{text}"
    yield text.replace(": ", ":\t").replace("kind:\t", "kind: ")
    yield text.replace("lifecycle:", "lifecycle: &hook")


def test_written_in_other_ways(settings: Configuration, tmp_path: Path) -> None:
    of = random.Random(1)
    made = tried = 0
    for text in failures():
        for each in variants(of, text):
            tried += 1
            made += proven(each, settings, tmp_path) > 0
    assert made > 0.8 * tried


def test_broken_ones(settings: Configuration, tmp_path: Path) -> None:
    of = random.Random(2)
    whole = [*manifests(), *failures() * 20]
    made = 0
    for _ in range(examples(6_000)):
        made += proven(broken(of, of.choice(whole)), settings, tmp_path)
    assert made > examples(6_000) / 8


HEAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 60
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (  # with comments above, behind and between
            """\
      containers:
      # the one that serves
      - name: web  # its name
        # its image
        image: ghcr.io/acme/web:1 # pinned
        ports: [{containerPort: 80}]
        readinessProbe: {httpGet: {port: 80}}
""",
            """\
      containers:
      # the one that serves
      - name: web  # its name
        lifecycle:
          preStop:
            sleep:
              seconds: 25
        # its image
        image: ghcr.io/acme/web:1 # pinned
        ports: [{containerPort: 80}]
        readinessProbe: {httpGet: {port: 80}}
""",
        ),
        (  # an empty lifecycle
            """\
      containers:
      - name: web
        image: ghcr.io/acme/web:1
        lifecycle: {}   # none yet
        ports: [{containerPort: 80}]
        readinessProbe: {httpGet: {port: 80}}
""",
            """\
      containers:
      - name: web
        image: ghcr.io/acme/web:1
        lifecycle: {preStop: {sleep: {seconds: 25}}}   # none yet
        ports: [{containerPort: 80}]
        readinessProbe: {httpGet: {port: 80}}
""",
        ),
        (  # a lifecycle without a value, as charts render it
            """\
      containers:
      - name: web
        image: ghcr.io/acme/web:1
        lifecycle:   # none yet
        ports: [{containerPort: 80}]
        readinessProbe: {httpGet: {port: 80}}
""",
            """\
      containers:
      - name: web
        image: ghcr.io/acme/web:1
        lifecycle:   # none yet
          preStop:
            sleep:
              seconds: 25
        ports: [{containerPort: 80}]
        readinessProbe: {httpGet: {port: 80}}
""",
        ),
        (  # a text in several lines, with a comment between, and one behind
            """\
      containers:
      - name: web
        image: ghcr.io/acme/web:1
        lifecycle:
          preStop:
            exec:
              # drains
              command: [/bin/sh, -c, "sleep 7"]
          # of the hooks
        ports:
        - containerPort: 80
""",
            """\
      containers:
      - name: web
        image: ghcr.io/acme/web:1
        lifecycle:
          preStop:
              # drains
            sleep:
              seconds: 7
          # of the hooks
        ports:
        - containerPort: 80
""",
        ),
        (  # in a block scalar
            """\
      containers:
      - name: web
        image: ghcr.io/acme/web:1
        lifecycle:
          preStop:
            exec:
              command:
                - sh
                - -c
                - |-
                  sleep 7

              # behind
        ports:
        - containerPort: 80
""",
            """\
      containers:
      - name: web
        image: ghcr.io/acme/web:1
        lifecycle:
          preStop:
            sleep:
              seconds: 7

              # behind
        ports:
        - containerPort: 80
""",
        ),
    ],
)
def test_texts(before: str, after: str, settings: Configuration, tmp_path: Path) -> None:
    for end in ("\n", "\r\n"):
        result = fixed_text((HEAD + before).replace("\n", end), settings, tmp_path)
        assert result is not None
        assert result.after == (HEAD + after).replace("\n", end)
        assert proven((HEAD + before).replace("\n", end), settings, tmp_path) == 1


SLEEP = "{exec: {command: [sleep, '7']}}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "hook: &hook {exec: {command: [sleep, '7']}}\n"
            f"{HEAD}      containers:\n      - name: a\n        lifecycle: {{preStop: *hook}}\n",
            "it is an alias, and its value is somewhere else",
        ),
        (
            f"base: &base {{preStop: {SLEEP}}}\n"
            f"{HEAD}      containers:\n      - name: a\n        lifecycle:\n          <<: *base\n",
            "changing this field would change other fields too",
        ),
        (
            f"{HEAD}      containers:\n      - name: a\n        args: ['{{{{ x }}}}']\n"
            f"        lifecycle: {{preStop: {SLEEP}}}\n",
            "the file may be a template, because it has {{ }}",
        ),
        (
            f"{HEAD}      containers:\n      - name: a\n        lifecycle:\n          preStop:\n            exec:\n"
            "              command: [sleep, '7'] # seven\n",
            "a comment follows on a line that the fix would remove",
        ),
        (
            f"{HEAD}      containers:\n      - name: a\n        lifecycle:\n"
            f"          preStop: {SLEEP}\n          preStop: {SLEEP}\n",
            "it has preStop twice",
        ),
    ],
)
def test_what_is_not_safe_is_said_and_left(text: str, why: str, settings: Configuration, tmp_path: Path) -> None:
    result = fixed_text(text, settings, tmp_path)
    assert result is not None
    assert [each.why_not for each in result.fixes] == [why]
    assert result.after == result.before == text


def test_a_hook_is_not_written_without_its_grace_period(tmp_path: Path) -> None:
    """A sleep that is longer than the grace period would be refused by the API server."""
    text = (
        "base: &base {terminationGracePeriodSeconds: 5}\n"
        f"{HEAD[: HEAD.index('      term')]}      <<: *base\n"
        "      containers:\n      - name: a\n        ports: [{containerPort: 80}]\n"
        "        readinessProbe: {httpGet: {port: 80}}\n"
    )
    (tmp_path / "lifecycle.yaml").write_text(DRAINING)
    settings = configuration(tmp_path / "lifecycle.yaml", "default", None, [], [])
    result = fixed_text(text, settings, tmp_path)
    assert result is None or result.after == text or "45" in result.after


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / ".lifecycle.yaml").write_text(DRAINING)
    path = tmp_path / "web.yaml"
    text = f"{HEAD}      containers:\n      - name: web\n        image: nginx:1\n"
    text += f"        lifecycle:\n          preStop: {SLEEP}\n"
    path.write_text(text)
    path.chmod(0o640)
    to = 'spec.template.spec.containers[0].lifecycle.preStop = {"sleep": {"seconds": 7}}'
    said = lifecycle("check", "--diff", "web.yaml", cwd=tmp_path)
    assert said == (
        1,
        "--- a/web.yaml\n+++ b/web.yaml\n@@ -9,4 +9,4 @@\n       - name: web\n         image: nginx:1\n"
        "         lifecycle:\n"
        f"-          preStop: {SLEEP}\n+          preStop: {{sleep: {{seconds: 7}}}}\n",
        "",
    )
    assert path.read_text() == text
    (tmp_path / "link.yaml").symlink_to("web.yaml")
    said = lifecycle("check", "--fix", "link.yaml", cwd=tmp_path)
    assert (said.status, said.err) == (0, f"link.yaml:1: fixed: {to}\n")
    assert path.read_text() == text.replace(SLEEP, "{sleep: {seconds: 7}}")
    assert (tmp_path / "link.yaml").is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert lifecycle("check", "--fix", "web.yaml", cwd=tmp_path).err == ""
    assert sorted(each.name for each in tmp_path.iterdir()) == [".lifecycle.yaml", "link.yaml", "web.yaml"]


def test_odd_files_are_left(tmp_path: Path) -> None:
    """One that never ends, and one that is large: the check says of each what it is."""
    os.mkfifo(tmp_path / "fifo.yaml")
    with (tmp_path / "zeros.yaml").open("wb") as file:
        file.truncate(2 << 30)
    said = lifecycle("check", "--fix", ".", cwd=tmp_path)
    assert (said.status, said.err) == (2, "")
    assert "fifo.yaml: not judged: it is not a regular file\n" in said.out


def test_a_broken_text_is_no_document(settings: Configuration, tmp_path: Path) -> None:
    with pytest.raises(DocumentError):
        load("a: [")
    assert fixed_text("a: [", settings, tmp_path) is None
