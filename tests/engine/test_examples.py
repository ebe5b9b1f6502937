"""The programs in examples/ on the real engine, with the policies; those that need official parts, where they are."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.engine.checkout import SECONDS, Checkout, need, official_env

PASSED = "✅ kubernetes-lifecycle@v0.1.0"
# What each needs on PATH beside the CLI. `pulumi install` makes an SDK from the schemas of the component and of its
# provider, for which the provider's plugin must be there, too.
LANGUAGES = {
    "yaml": ("pulumi-language-yaml",),
    "typescript": ("pulumi-language-nodejs", "node", "npm"),
    "python-package-add": (),
}


def test_an_example_that_passes_the_policies(checkout: Checkout) -> None:
    said = checkout.sandbox("preview", "examples/own-image")
    assert said.status == 0, said
    assert said.lacks(PASSED, "+ 3 to create") == []


def test_an_example_that_passes_them_with_an_exemption(checkout: Checkout) -> None:
    said = checkout.sandbox("preview", "examples/workloads")
    assert said.status == 0, said
    assert (
        said.lacks(
            "+ 5 to create",
            "- [advisory] [severity: low]  exemptions  (kubernetes:batch/v1:Job: migrate)",
            "spec.template.spec.containers[0].lifecycle.preStop.exec: [prestop-in-job] is exempt by the annotation of "
            "spec.template: for a Job that is deleted",
        )
        == []
    )
    assert said.out.count("[advisory]") == 1


def test_the_example_that_is_rolled(checkout: Checkout) -> None:
    said = checkout.sandbox("preview", "examples/rollout")
    assert said.status == 0, said
    exempt = "is exempt by the annotation of spec.template: it is here to show what is lost without one"
    lifecycle = "spec.template.spec.containers[0].lifecycle"
    assert (
        said.lacks(
            "+ 11 to create",
            f"{lifecycle}.preStop: [serve-no-delay] {exempt}",
            f"{lifecycle}.preStop: [pre-stop-required] {exempt}",
            f"{lifecycle}.postStart: [post-start-required] {exempt}",
        )
        == []
    )


@pytest.mark.parametrize("name", LANGUAGES)
def test_an_example_in_another_language(name: str, checkout: Checkout, tmp_path: Path) -> None:
    """`pulumi install` makes the SDK from the component's inferred schema, and the preview has the component's Pod."""
    need("pulumi-language-python", *LANGUAGES[name])
    root = checkout.root
    shutil.copytree(Path(__file__).parents[2] / "components", root / "components")
    env = official_env(tmp_path)
    said = ""
    for command in (["install"], ["stack", "init", "test"], ["preview"]):
        words = ["pulumi", *command, "--non-interactive"]
        done = subprocess.run(
            words, cwd=root / "examples" / name, env=env, capture_output=True, text=True, timeout=SECONDS
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
    assert "lifecycle:index:LifecycleDemo web create" in said
    assert "kubernetes:core/v1:Pod web create" in said
