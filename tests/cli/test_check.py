"""`lifecycle check` as people call it: what it says of which file, and with which exit status."""

import json
import re
import subprocess
import sys
from pathlib import Path

import commands
import pytest
import yaml
from commands import COMMAND, Said, environment, lifecycle, on_a_terminal, started

from kubernetes_lifecycle.rules import POLICY_OF
from lifecycle_cli.explaining import page

API = commands.API.replace("  name: api\nspec", "  name: api\n  namespace: shop\nspec")
GOOD = API.replace("seconds: 40", "seconds: 5")
VALUES = "replicas: 2\nimage: nginx\n"
TEMPLATE = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "api.yaml").write_text(API)
    return tmp_path


def rules(said: Said) -> list[str]:
    return re.findall(r"^\S+: (?:error|warning|info) \[([a-z0-9-]+)\]", said.out, re.MULTILINE)


def test_a_finding_stands_at_its_line_with_reason_and_fix(folder: Path) -> None:
    said = lifecycle("check", "api.yaml", cwd=folder)
    assert (said.status, said.err) == (1, "")
    assert said.out.splitlines() == [
        "api.yaml:15:13: error [sleep-bounds] Deployment shop/api, container api",
        "    spec.template.spec.containers[0].lifecycle.preStop.sleep: Invalid value: 40: must be non-negative and "
        "less than terminationGracePeriodSeconds (30)",
        "    Kubernetes: The API server refuses a sleep that is negative, or longer than terminationGracePeriodSeconds "
        "(30 when unset).",
        "    Fix: Shorten the sleep, or raise terminationGracePeriodSeconds above it.",
        "",
        "1 file, 1 object: 1 error",
    ]


def test_nothing_wrong(folder: Path) -> None:
    (folder / "api.yaml").write_text(GOOD)
    assert lifecycle("check", "api.yaml", cwd=folder) == Said(0, "1 file, 1 object: no findings\n", "")


def test_standard_input_with_many_documents(folder: Path) -> None:
    said = lifecycle("check", "-", cwd=folder, stdin=f"{GOOD}---\n# nothing\n---\n{API}")
    assert said.status == 1
    assert said.out.splitlines()[0] == "-:34:13: error [sleep-bounds] Deployment shop/api, container api"
    assert said.out.splitlines()[-1] == "1 file, 2 objects: 1 error"


def test_a_list_and_json(folder: Path) -> None:
    items = [yaml.safe_load(API), yaml.safe_load(GOOD)]
    (folder / "list.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=2))
    said = lifecycle("check", "list.json", cwd=folder)
    line = said.out.splitlines()[0]
    number = int(line.split(":")[1])
    assert line.endswith("error [sleep-bounds] Deployment shop/api, container api")
    assert (folder / "list.json").read_text().splitlines()[number - 1].strip() == '"sleep": {'
    assert said.out.splitlines()[-1] == "1 file, 2 objects: 1 error"


def test_a_folder_is_searched_and_what_is_no_object_is_counted(folder: Path) -> None:
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "good.yml").write_text(GOOD)
    (folder / "deep" / "values.yaml").write_text(VALUES)
    (folder / "deep" / "template.yaml").write_text(TEMPLATE)
    (folder / "deep" / "notes.txt").write_text("no manifest")
    (folder / "deep" / ".hidden").mkdir()
    (folder / "deep" / ".hidden" / "bad.yaml").write_text(API)
    said = lifecycle("check", ".", cwd=folder)
    assert said.status == 1
    assert said.out.splitlines()[-1] == (
        "4 files, 2 objects: 1 error; 1 document without a Kubernetes object; 1 template left out"
    )


def test_what_git_ignores_is_left_out(folder: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    (folder / ".gitignore").write_text("rendered/\n")
    (folder / "rendered").mkdir()
    (folder / "rendered" / "bad.yaml").write_text(API)
    assert lifecycle("check", ".", cwd=folder).out.splitlines()[-1] == "1 file, 1 object: 1 error"
    named = lifecycle("check", "rendered/bad.yaml", cwd=folder)
    assert named.out.splitlines()[-1] == "1 file, 1 object: 1 error"


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("values.yaml", VALUES, "values.yaml: not judged: it has no Kubernetes object with apiVersion and kind"),
        (
            "template.yaml",
            TEMPLATE,
            "template.yaml:4:10: not judged: it is a template; render it first, e.g. helm template CHART | lifecycle "
            "check -",
        ),
        ("empty.yaml", "# nothing\n", "empty.yaml: not judged: it is empty"),
        ("none.yaml", None, "none.yaml: not judged: no such file or folder"),
        (
            "broken.yaml",
            "a: [1\nb: 2\n",
            "broken.yaml:2:2: not judged: while parsing a flow sequence, did not find expected ',' or ']'",
        ),
        ("nul.yaml", "a: 1\n\0\n", "nul.yaml:2: not judged: it is not text: it has a NUL character"),
    ],
)
def test_a_named_file_that_cannot_be_judged(name: str, text: str | None, what: str, folder: Path) -> None:
    """It goes before what was found elsewhere: status 2."""
    if text is not None:
        (folder / name).write_text(text)
    said = lifecycle("check", "api.yaml", name, cwd=folder)
    assert said.status == 2
    assert what in said.out.splitlines()
    assert said.out.splitlines()[-1] == "2 files, 1 object: 1 error; 1 not judged"


def test_one_broken_document_hides_no_other(folder: Path) -> None:
    (folder / "all.yaml").write_text(f"{GOOD}---\na: [1\n---\n{API}")
    said = lifecycle("check", "all.yaml", cwd=folder)
    assert said.status == 2
    assert rules(said) == ["sleep-bounds"]
    assert (
        said.out.splitlines()[-2]
        == "all.yaml:19:1: not judged: while parsing a flow sequence, did not find expected ',' or ']'"
    )


@pytest.mark.parametrize(("level", "status"), [("error", 0), ("warning", 1), ("info", 1)])
def test_fail_on(level: str, status: int, folder: Path) -> None:
    (folder / "api.yaml").write_text(
        GOOD.replace("        readinessProbe: {httpGet: {port: 80}}\n", "        ports: [{containerPort: 80}]\n")
    )
    said = lifecycle("check", "--fail-on", level, "api.yaml", cwd=folder)
    assert (said.status, rules(said)) == (status, ["serve-no-readiness"])


def test_select_and_ignore(folder: Path) -> None:
    bare = API[: API.index("        readinessProbe")] + "        ports: [{containerPort: 80}]\n"
    (folder / "api.yaml").write_text(f"{API}---\n{bare}")
    assert rules(lifecycle("check", "api.yaml", cwd=folder)) == ["sleep-bounds", "pre-stop-required"]
    assert rules(lifecycle("check", "--select", "hooks-accepted", "api.yaml", cwd=folder)) == ["sleep-bounds"]
    assert rules(lifecycle("check", "--ignore", "sleep-bounds,prestop-budget", "api.yaml", cwd=folder)) == [
        "pre-stop-required"
    ]
    said = lifecycle("check", "--select", "sleep-bound", "api.yaml", cwd=folder)
    meant = "no rule or policy is named 'sleep-bound'; did you mean 'sleep-bounds'?"
    assert said == Said(2, "", f"lifecycle: --select: {meant}\n")
    (folder / ".lifecycle.yaml").write_text("shutdown-practice: disabled\n")  # which is not to blame
    said = lifecycle("check", "--ignore", "sleep-bound", "api.yaml", cwd=folder)
    assert said == Said(2, "", f"lifecycle: --ignore: {meant}\n")


def test_a_configuration_is_found_upwards(folder: Path) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "api.yaml").write_text(GOOD)
    (folder / ".lifecycle.yaml").write_text(
        "shutdown-practice: {drainSeconds: 10, rules: {drain-seconds: mandatory}}\n"
    )
    assert rules(lifecycle("check", "deep/api.yaml", cwd=folder)) == ["drain-seconds"]
    assert rules(lifecycle("check", "--no-config", "deep/api.yaml", cwd=folder)) == []
    (folder / "other.json").write_text('{"shutdown-practice": "disabled"}')
    assert rules(lifecycle("check", "--config", "other.json", "deep/api.yaml", cwd=folder)) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("pre-stop-requird: off\n", "no policy is named 'pre-stop-requird'; did you mean 'pre-stop-required'?"),
        (
            "grace-budget: of\n",
            "grace-budget: no level is named 'of'; choose from: advisory, mandatory, remediate, disabled",
        ),
        ("grace-budget: {shutdownSeconds: ten}\n", "grace-budget.shutdownSeconds: 'ten' is not of type 'integer'"),
        (
            "hooks-accepted: {kubernetesVersion: 1.30}\n",
            "hooks-accepted.kubernetesVersion: 1.3 is not of type 'string'; write it in quotes",
        ),
        ("- a\n", "it is not a mapping of policies"),
        ("a: [\n", "did not find expected node content"),
        (
            "hooks-accepted: {kubernetesVersion: '1.2'}\n",
            "hooks-accepted: '1.2' is not a Kubernetes version that the rules know; give 1.28 or later",
        ),
    ],
)
def test_a_wrong_configuration(text: str, wrong: str, folder: Path) -> None:
    (folder / "c.yaml").write_text(text)
    said = lifecycle("check", "--config", "c.yaml", "api.yaml", cwd=folder)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("lifecycle: c.yaml") and wrong in said.err


def test_profiles(folder: Path) -> None:
    bare = API[: API.index("        readinessProbe")]
    (folder / "api.yaml").write_text(bare)
    levels = {
        profile: lifecycle("check", "--profile", profile, "api.yaml", cwd=folder)
        for profile in ("advisory", "default", "strict")
    }
    assert {name: (said.status, said.out.splitlines()[-1]) for name, said in levels.items()} == {
        "advisory": (0, "1 file, 1 object: 1 warning"),
        "default": (1, "1 file, 1 object: 1 error"),
        "strict": (1, "1 file, 1 object: 1 error, 1 info"),
    }


def test_the_version_of_the_cluster(folder: Path) -> None:
    (folder / "api.yaml").write_text(GOOD)
    assert rules(lifecycle("check", "--kubernetes", "1.28", "api.yaml", cwd=folder)) == [
        "hook-one-handler",
        "hook-known-field",
    ]
    said = lifecycle("check", "--kubernetes", "1.2", "api.yaml", cwd=folder)
    assert said == Said(
        2, "", "lifecycle: --kubernetes: '1.2' is not a Kubernetes version that the rules know; give 1.28 or later\n"
    )


def test_an_annotation_exempts_and_is_counted(folder: Path) -> None:
    exempt = API.replace(
        "  namespace: shop\n",
        '  namespace: shop\n  annotations: {kubernetes-lifecycle/ignore: "sleep-bounds=we know"}\n',
    )
    (folder / "api.yaml").write_text(exempt)
    said = lifecycle("check", "api.yaml", cwd=folder)
    assert said == Said(0, "1 file, 1 object: no findings; 1 exempt\n", "")
    shown = lifecycle("check", "--show-exempted", "api.yaml", cwd=folder).out.splitlines()
    assert shown[0] == (
        "api.yaml:1: exempt: spec.template.spec.containers[0].lifecycle.preStop.sleep: [sleep-bounds] is exempt by "
        "the annotation of the object: we know"
    )
    (folder / "api.yaml").write_text(exempt.replace("sleep-bounds=", "sleep-zero="))
    note = (
        "note: api.yaml: metadata.annotations[kubernetes-lifecycle/ignore]: the exemption of sleep-zero for everything "
        "matches nothing: we know"
    )
    assert note in lifecycle("check", "api.yaml", cwd=folder).out.splitlines()


def test_on_a_terminal_the_line_is_underlined(folder: Path) -> None:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said := on_a_terminal("check", "api.yaml", cwd=folder))
    assert "\x1b[31;1merror\x1b[0m" in said
    assert plain.splitlines()[1:3] == [
        "  15 |             sleep:",
        "     |             ^^^^^^",
    ]
    assert "\x1b[" not in on_a_terminal("check", "api.yaml", cwd=folder, NO_COLOR="1")


def test_what_a_terminal_would_act_on_is_not_printed(folder: Path) -> None:
    (folder / "api.yaml").write_text(API.replace("name: api\n  namespace", 'name: "a\\e[31mb"\n  namespace'))
    assert "\x1b" not in lifecycle("check", "api.yaml", cwd=folder).out


def test_many_documents_are_judged_side_by_side_and_told_in_order(folder: Path) -> None:
    """More than one process reads; what is said is what one alone says."""
    filler = "".join(f"    - {{name: V{number}, value: '{'x' * 100}'}}\n" for number in range(20))
    spec = f"spec:\n  containers:\n  - name: c\n    image: nginx\n    env:\n{filler}"
    documents = [f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p{number}}}\n{spec}" for number in range(1000)]
    (folder / "all.yaml").write_text("---\n".join(documents))
    assert (folder / "all.yaml").stat().st_size > 2 << 20
    said = started("check", "all.yaml", cwd=folder)
    names = re.findall(r"Pod (p\d+),", said.out)
    assert names == [f"p{number}" for number in range(1000)]
    alone = subprocess.run(
        ["taskset", "--cpu-list", "0", *COMMAND, "check", "all.yaml"],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    assert alone.stdout == said.out


def test_explain_and_rules(folder: Path) -> None:
    said = lifecycle("explain", "prestop-budget", cwd=folder)
    assert said.status == 0
    assert said.out.splitlines()[:2] == [
        "prestop-budget: A preStop leaves the container time within the grace period",
        "error, policy grace-budget",
    ]
    assert "app ended with 137" in said.out
    assert lifecycle("explain", "prestop-budge", cwd=folder) == Said(
        2, "", "lifecycle: no rule is named 'prestop-budge'; did you mean 'prestop-budget'?\n"
    )
    of_secrets = [rule for rule, policy in POLICY_OF.items() if policy == "hook-secrets"]
    assert lifecycle("explain", "hook-secrets", cwd=folder) == Said(
        2, "", f"lifecycle: 'hook-secrets' is a policy; name one of its rules: {', '.join(of_secrets)}\n"
    )
    assert lifecycle("explain", "pre-stop-required", cwd=folder).status == 0
    listed = json.loads(lifecycle("rules", "--output", "json", cwd=folder).out)
    assert {each["id"]: each["policy"] for each in listed} == dict(POLICY_OF)
    assert len(lifecycle("rules", cwd=folder).out.splitlines()) == len(POLICY_OF)


def test_every_rule_has_a_page(folder: Path) -> None:
    for rule in POLICY_OF:
        assert page(rule).startswith(f"{rule}: ")


def test_the_version_help_and_completion(folder: Path) -> None:
    assert re.fullmatch(r"lifecycle \d+\.\d+\.\d+\n", lifecycle("--version", cwd=folder).out)
    assert "exit status:" in lifecycle("check", "--help", cwd=folder).out
    assert lifecycle(cwd=folder).status == 2
    script = lifecycle("completion", "bash", cwd=folder).out
    (folder / "completion").write_text(script)
    subprocess.run(["bash", "-n", "completion"], cwd=folder, check=True)
    assert "--write-baseline" in script


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--fix", "-"], "--fix: changes files, and not standard input; name the files"),
        (["--diff", "api.yaml", "-"], "--diff: compares files, and not standard input; name the files"),
        (["--write-baseline", "api.yaml"], "--write-baseline: name the file to write with --baseline FILE"),
    ],
)
def test_what_does_not_go_together(args: list[str], message: str, folder: Path) -> None:
    assert lifecycle("check", *args, cwd=folder) == Said(2, "", f"lifecycle: {message}\n")


def test_it_needs_no_pulumi(folder: Path) -> None:
    code = (
        "import sys; from lifecycle_cli.main import main; main(['check', 'api.yaml']); "
        "print([each for each in sys.modules if each.split('.')[0] in ('pulumi', 'grpc', 'pulumi_policy')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, env=environment(), check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_option_that_a_command_does_not_have(tmp_path: Path) -> None:
    said = lifecycle("check", "--frmat", "json", "deploy", cwd=tmp_path)
    usage, *_, last = said.err.splitlines()
    assert said.status == 2
    assert usage.startswith("usage: lifecycle check [-h]")
    assert last == (
        "lifecycle check: error: unrecognized arguments: --frmat; `lifecycle check --help` lists what it takes"
    )
