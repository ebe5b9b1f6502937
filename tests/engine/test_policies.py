"""The policy pack on the real engine, as its user sees it: verdicts, configuration, unknown values, secrets."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubernetes_lifecycle.pack.manifests import state
from tests.engine.checkout import ROOT, SECONDS, Checkout, Said, need, official_env

PASSED = "✅ kubernetes-lifecycle@v0.1.0"
NOT_SEEN = "Helm renders its objects, so no policy sees them. Use kubernetes:helm.sh/v4:Chart to have them checked."
PROGRAM = """
import pulumi
import pulumi_kubernetes as k8s
made = k8s.core.v1.ConfigMap("made", data={{"a": "b"}})
secret = pulumi.Output.secret
web = {{"name": "web", "image": "nginx", {container}}}
k8s.core.v1.Pod("web", metadata={{"name": "web"}}, spec={{"containers": [web]}})
"""
OURS = "the configuration of kubernetes-lifecycle is wrong:\n"
TCP = '"lifecycle": {"pre_stop": {"tcp_socket": {"port": 80}}}, '
TCP_SAID = (
    "spec.containers[0].lifecycle.preStop.tcpSocket: the kubelet has no tcpSocket handler for hooks: the kubelet "
    "reports FailedPreStopHook, and sends the stop signal at once [tcpsocket-hook]. Use exec, httpGet or sleep."
)


def preview(checkout: Checkout, container: str, config: Any = None) -> Said:
    (checkout.root / "__main__.py").write_text(PROGRAM.format(container=container))
    given = config if config is not None else {"post-start-required": "disabled"}
    (checkout.root / "policies/demo.json").write_text(json.dumps(given))
    return checkout.sandbox("preview")


def violations(said: Said) -> list[tuple[str, str]]:
    """Level and policy, as the engine lists them."""
    return re.findall(r"^ *- \[(\w+)\](?: \[severity: \w+\])? +([\w-]+) ", said.out, re.MULTILINE)


def test_a_hook_that_cannot_run(checkout: Checkout) -> None:
    said = preview(checkout, TCP)
    assert said.status == 1, said
    assert violations(said) == [("mandatory", "hooks-effective")]
    assert said.lacks(TCP_SAID) == []


@pytest.mark.parametrize("profile", ["advisory", "default", "strict"])
def test_the_program_passes_each_profile(profile: str, checkout: Checkout) -> None:
    (checkout.root / "policies/demo.json").write_text((ROOT / f"policies/{profile}.json").read_text())
    said = checkout.sandbox("preview")
    assert said.status == 0, said
    assert said.lacks(PASSED) == []


def test_the_profile_advisory_stops_nothing(checkout: Checkout) -> None:
    said = preview(checkout, TCP, json.loads((ROOT / "policies/advisory.json").read_text()))
    assert said.status == 0, said
    assert ("advisory", "hooks-effective") in violations(said)
    assert {level for level, _ in violations(said)} == {"advisory"}


def test_the_level_of_a_rule(checkout: Checkout) -> None:
    config = {"post-start-required": "disabled", "hooks-effective": {"rules": {"tcpsocket-hook": "advisory"}}}
    said = preview(checkout, TCP, config)
    assert said.status == 0, said
    assert violations(said) == [("advisory", "hooks-effective")]


@pytest.mark.parametrize(
    ("config", "wrong"),
    [
        ({"hook-effective": "advisory"}, f"{OURS}no policy is named 'hook-effective'; did you mean 'hooks-effective'?"),
        (
            {"grace-budget": {"shutdownSecond": 5}},
            f"{OURS}grace-budget: no key is named 'shutdownSecond'; did you mean 'shutdownSeconds'?",
        ),
        (
            {"grace-budget": {"shutdownSeconds": "5"}},
            "grace-budget: shutdownSeconds: Invalid type. Expected: integer, given: string",
        ),
        (
            {"hooks-effective": {"rules": {"tcp-socket": "off"}}},
            f"{OURS}hooks-effective: rules: no rule is named 'tcp-socket'; did you mean 'tcpsocket-hook'?",
        ),
    ],
)
def test_a_configuration_that_is_wrong(config: Any, wrong: str, checkout: Checkout) -> None:
    """It ends the operation before anything is judged, or created; the engine takes a misspelt name without a word."""
    said = preview(checkout, TCP, config)
    assert said.status == 1, said
    assert wrong in said.out + said.err
    assert "Traceback" not in said.out + said.err


def test_exemptions(checkout: Checkout) -> None:
    entry = {"rule": "tcpsocket-hook", "name": "web", "reason": "the port is gone with the next release"}
    config = {
        "post-start-required": "disabled",
        "exemptions": {"exempt": [entry, {"rule": "*", "name": "x", "reason": "y"}]},
    }
    said = preview(checkout, TCP, config)
    assert said.status == 0, said
    assert violations(said) == [("advisory", "exemptions")] * 2
    assert "[tcpsocket-hook] is exempt by the configuration: the port is gone with the next release" in said.out
    assert "the exemption of * for name x matches nothing: y" in said.out


def test_an_unknown_value_hides_nothing(checkout: Checkout) -> None:
    """What a preview does not know yet is not judged; a mandatory verdict on the rest stays one."""
    env = '"env": [{"name": "UID", "value": made.metadata.uid}], '
    said = preview(checkout, TCP + env)
    assert said.status == 1, said
    assert violations(said) == [("mandatory", "hooks-effective")]
    assert "can't run policy" not in said.out


def test_a_secret_is_judged_and_not_shown(checkout: Checkout) -> None:
    script = "curl -u admin:hunter22 localhost; sleep 90"
    said = preview(
        checkout, f'"lifecycle": {{"pre_stop": {{"exec": {{"command": ["/bin/sh", "-c", secret("{script}")]}}}}}}, '
    )
    assert said.status == 1, said
    assert {("mandatory", "grace-budget"), ("mandatory", "hook-secrets")} <= set(violations(said))
    assert "hunter22" not in said.out + said.err


def analyze(checkout: Checkout, pack: str, *objects: Any, config: Path | None = None) -> Said:
    """`pulumi policy analyze` of a recorded state: without program, provider or cluster."""
    (checkout.folder / "state.json").write_text(json.dumps(state(objects)))
    file = str(checkout.folder / "state.json")
    given = ["--policy-pack-config", str(config)] if config else []
    return checkout.sandbox("pulumi", "policy", "analyze", "--policy-pack", pack, *given, "--file", file)


def pod(name: str, **container: Any) -> dict[str, Any]:
    containers = [{"name": "web", "image": "nginx:latest", **container}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": containers}}


def test_a_recorded_state(checkout: Checkout) -> None:
    said = analyze(checkout, "policies", pod("web", lifecycle={"preStop": {"tcpSocket": {"port": 80}}}))
    assert said.status == 1, said
    assert violations(said) == [("mandatory", "hooks-effective")]
    assert said.lacks(TCP_SAID) == []


def test_every_kind_of_object(checkout: Checkout) -> None:
    """Patches, lists and custom resources are judged, and what Helm renders in the cluster is named as not seen."""
    spec = pod("web", lifecycle={"preStop": {"tcpSocket": {"port": 80}}})["spec"]
    patch = {"apiVersion": "apps/v1", "kind": "DeploymentPatch", "spec": {"template": {"spec": spec}}}
    rollout = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "spec": {"template": {"spec": spec}}}
    pods = {"apiVersion": "v1", "kind": "PodList", "items": [{"spec": spec}]}
    release = {"apiVersion": "helm.sh/v3", "kind": "Release", "metadata": {"name": "app"}}
    said = analyze(checkout, "policies", patch, rollout, pods, release)
    assert said.status == 1, said
    effective = [each for each in violations(said) if each[0] == "mandatory"]
    assert effective == [("mandatory", "hooks-effective")] * 3
    assert said.lacks(f"spec.template.{TCP_SAID}", f"items[0].{TCP_SAID}", f"app: {NOT_SEEN}") == []


def test_a_recorded_state_that_is_right(checkout: Checkout) -> None:
    hooks = {"preStop": {"sleep": {"seconds": 5}}, "postStart": {"exec": {"command": ["/bin/true"]}}}
    said = analyze(checkout, "policies", pod("web", lifecycle=hooks))
    assert said.status == 0, said
    assert violations(said) == []


def test_a_pack_of_ones_own(checkout: Checkout) -> None:
    """Some policies of ours, with their configuration, and one more; what others would say is not said."""
    hooks = {"preStop": {"tcpSocket": {"port": 80}}}
    exempt = pod("bare", image="nginx:1.29")
    exempt["metadata"]["annotations"] = {"kubernetes-lifecycle/ignore": "pre-stop-required=a batch worker"}
    exempt["spec"]["terminationGracePeriodSeconds"] = 9
    said = analyze(checkout, "examples/policy-pack", pod("hooked", lifecycle=hooks), exempt)
    assert said.status == 1, said
    assert sorted(violations(said)) == [
        ("advisory", "exemptions"),
        ("mandatory", "grace-budget"),
        ("mandatory", "hooks-effective"),
        ("mandatory", "no-latest"),
    ]
    assert (
        said.lacks(
            TCP_SAID,
            "spec.containers[0].image: nginx:latest has no version",
            "spec.terminationGracePeriodSeconds: 9 leaves container 'web' 9 s, but shutdownSeconds is 10 "
            "[shutdown-seconds]. Raise terminationGracePeriodSeconds, or shorten the preStop.",
            "spec.containers[0].lifecycle.preStop: [pre-stop-required] is exempt by the annotation of the object: "
            "a batch worker",
        )
        == []
    )


def test_the_initial_configuration_of_a_pack_and_a_file(checkout: Checkout) -> None:
    """The file says otherwise, key by key; a policy that the pack does not have is an error."""
    config = checkout.folder / "config.json"
    bare = pod("bare", image="nginx:1.29", lifecycle={"preStop": {"sleep": {"seconds": 5}}})
    for given, status in (
        ({"grace-budget": {"shutdownSeconds": 26}}, 1),
        ({"grace-budget": {"shutdownSeconds": 25}}, 0),
        ({"grace-budget": {"maximumGracePeriodSeconds": 29}}, 1),
    ):
        config.write_text(json.dumps(given))
        said = analyze(checkout, "examples/policy-pack", bare, config=config)
        assert said.status == status, said
        assert violations(said) == [("mandatory", "grace-budget")] * status
    config.write_text('{"hook-secrets": "mandatory"}')
    said = analyze(checkout, "examples/policy-pack", bare, config=config)
    wrong = "hook-secrets: this pack does not have this policy; it has: exemptions, grace-budget, hooks-effective, "
    assert said.status == 1, said
    assert f"{OURS}{wrong}pre-stop-required" in said.out + said.err


def test_manifests_that_another_tool_renders(checkout: Checkout) -> None:
    """docs/policies.md's own commands."""
    commands = section("Manifests without a program").replace("lifecycle-demo/policies", "policies")
    (checkout.root / "manifests.yaml").write_text(yaml.safe_dump(pod("web")))
    to_state, to_verdict = commands.splitlines()
    made = subprocess.run(
        ["sh", "-c", to_state],
        cwd=checkout.root,
        env={**checkout.env, "PATH": f"{sys.prefix}/bin:{checkout.env['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    said = checkout.sandbox(*to_verdict.split())
    assert said.status == 1, said
    assert ("mandatory", "pre-stop-required") in violations(said)


def section(title: str) -> str:
    """The shell commands in a section of docs/policies.md."""
    page = (ROOT / "docs/policies.md").read_text()
    return page.partition(f"## {title}\n")[2].partition("```sh\n")[2].partition("```")[0]


def test_the_commands_for_another_project(tmp_path: Path) -> None:
    """docs/policies.md's own, against a clone: the pack gets an environment, and refuses the other project's Pod."""
    need("pulumi-language-python")
    origin, project = tmp_path / "lifecycle-demo", tmp_path / "project"
    published(origin)
    project.mkdir()
    runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
    (project / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "other", "runtime": runtime}))
    (project / "__main__.py").write_text(PROGRAM.format(container=TCP))
    env = official_env(tmp_path)
    subprocess.run(["pulumi", "stack", "init", "ci"], cwd=project, env=env, check=True, capture_output=True)
    commands = section("In other projects").replace("https://…/lifecycle-demo", origin.as_uri())
    done = subprocess.run(
        ["sh", "-ec", commands], cwd=project, env=env, capture_output=True, text=True, timeout=SECONDS
    )
    said = Said(done.returncode, done.stdout, done.stderr)
    assert said.status == 1, said
    assert said.lacks(TCP_SAID) == []


def published(origin: Path) -> None:
    """The checkout as a repository with a release."""

    def git(*words: str, folder: Path = origin) -> str:
        words = ("git", "-c", "user.name=test", "-c", "user.email=test@example.com", *words)
        return subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True).stdout

    for name in git("ls-files", "--cached", "--others", "--exclude-standard", folder=ROOT).splitlines():
        if (ROOT / name).is_file():
            (origin / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, origin / name)
    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "release")
    git("tag", "v0.1.0")
