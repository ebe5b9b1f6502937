"""`python -m sandbox preview` on the real engine, as its user sees it: no cluster, no root, no credentials."""

import os
import shutil
from pathlib import Path

import pytest
import yaml

from sandbox import checks, parts
from tests.engine.checkout import Checkout, Said, tree

PASSED = "✅ kubernetes-lifecycle@v0.1.0"
REFUSED = (
    "❌ kubernetes-lifecycle@v0.1.0",
    "- [mandatory] [severity: high]  pre-stop-required  (kubernetes:core/v1:Pod: web)",
    (
        "spec.containers[0].lifecycle.preStop: container 'web' has no preStop hook [pre-stop-required]. Add a preStop "
        "handler that lets the container finish its work, e.g. `sleep: {seconds: 5}` for a server behind a Service."
    ),
    "- [mandatory] [severity: low]  post-start-required  (kubernetes:core/v1:Pod: web)",
    "spec.containers[0].lifecycle.postStart: container 'web' has no postStart hook [post-start-required]. Add a "
    "postStart handler that prepares what the container needs before it is Ready.",
)
RESOURCES = (
    "+  pulumi:pulumi:Stack lifecycle-demo-sandbox create",
    "+  lifecycle:index:LifecycleDemo lifecycle-demo create",
    "+  kubernetes:core/v1:Pod lifecycle-demo create",
)
OUTPUTS = (
    "grace_period_seconds: 30",
    'namespace           : "default"',
    'pod_name            : "lifecycle-demo"',
    'verify_command      : "kubectl exec --namespace default lifecycle-demo -- cat /usr/share/message"',
)
INLINE = "stand-in: the program runs inside this process (no pulumi-language-python on PATH)"
PROVIDER = f"provider: kubernetes {parts.PROVIDER_VERSION} (of {parts.PROVIDER_DATE}), built from its Go module"
UNREACHABLE = "error: configured Kubernetes cluster is unreachable: unable to load Kubernetes client configuration "


def assert_passes(said: Said) -> None:
    assert said.status == 0, said
    assert said.lacks(PASSED, *OUTPUTS, "+ 3 to create") == []
    assert [each for each in RESOURCES if each not in said.out] == []


def assert_refused(said: Said) -> None:
    assert said.status == 1, said
    assert said.lacks(*REFUSED) == []


def test_the_program_passes_its_own_policies(checkout: Checkout) -> None:
    """Status 0, every resource and output, the pack's verdict; first of all it says what runs the program."""
    said = checkout.sandbox("preview")
    assert_passes(said)
    assert said.out.splitlines()[:3] == [INLINE, f"{parts.provider().title}: in the cache", PROVIDER]
    assert "is expected to have version" not in said.out
    assert said.err == ""
    assert not list(checkout.home.iterdir())  # no token and an empty home: nothing more was needed, or made


def test_a_pod_without_hooks_is_refused(checkout: Checkout) -> None:
    """Status 1, and each hook that a container lacks by its path, with what to do; no stack trace."""
    said = checkout.sandbox("preview", "examples/no-pre-stop")
    assert_refused(said)
    assert said.err == ""
    assert "Traceback" not in said.out


def test_up_is_refused_before_anything_is_created(checkout: Checkout) -> None:
    """A mandatory policy stops `up` too: no Pod gets into the state, and none is asked for."""
    for each in ("__main__.py", "Pulumi.yaml"):
        shutil.copy(checkout.root / "examples/no-pre-stop" / each, checkout.root)
    (checkout.root / "Pulumi.yaml").write_text(
        (checkout.root / "Pulumi.yaml").read_text().replace("../../.venv", ".venv")
    )
    said = checkout.sandbox("pulumi", "up")
    assert_refused(said)
    assert UNREACHABLE not in said.out  # what a Pod would have met that had got as far as the provider
    state = checkout.sandbox("pulumi", "stack", "export").out
    assert "kubernetes:core/v1:Pod" not in state


def test_config_reaches_the_program(checkout: Checkout) -> None:
    """What `pulumi config set` writes, the next preview uses."""
    checkout.configure("namespace", "elsewhere")
    checkout.configure("terminationGracePeriodSeconds", "12")
    said = checkout.sandbox("preview")
    assert said.status == 0, said
    assert (
        said.lacks(
            "grace_period_seconds: 12",
            'namespace           : "elsewhere"',
            'verify_command      : "kubectl exec --namespace elsewhere lifecycle-demo -- cat /usr/share/message"',
        )
        == []
    )


WRONG_CONFIG = {
    "an unknown key": (
        "preStopp",
        "sleep 3",
        "error: unknown config key preStopp: this program takes image, name, namespace, postStart, preStop, "
        "terminationGracePeriodSeconds. Remove it with `pulumi config rm preStopp`.",
    ),
    "a malformed image": (
        "image",
        "Nginx:::",
        "error: LifecycleDemo 'lifecycle-demo': 1 invalid argument\n"
        "      image: 'Nginx:::' is not an image reference; write [registry/]name[:tag][@digest] in lower case",
    ),
    "not a number": (
        "terminationGracePeriodSeconds",
        "soon",
        "error: validating stack config: Stack 'sandbox' with configuration key 'terminationGracePeriodSeconds' "
        "must be of type 'integer'",
    ),
}


@pytest.mark.parametrize(("key", "value", "message"), WRONG_CONFIG.values(), ids=WRONG_CONFIG)
@pytest.mark.parametrize("command", [("preview",), ("pulumi", "up")], ids=" ".join)
def test_wrong_config_is_one_clear_error(
    command: tuple[str, ...], key: str, value: str, message: str, checkout: Checkout
) -> None:
    """Status 1 and what to change, without a stack trace."""
    checkout.configure(key, value)
    said = checkout.sandbox(*command)
    assert said.status == 1, said
    assert message in said.out + said.err, said
    assert "Traceback" not in said.out + said.err, said
    assert "kubernetes:core/v1:Pod" not in said.out, said


@pytest.mark.parametrize(
    ("program", "status", "verdict"),
    [(".", 0, "passed"), ("examples/no-pre-stop", 1, "failed with status 1")],
    ids=["passes", "is refused"],
)
def test_the_step_summary(program: str, status: int, verdict: str, checkout: Checkout) -> None:
    """A GitHub run shows the verdict after what earlier steps wrote; the manifest is the program's own, or none."""
    summary = checkout.folder / "summary.md"
    summary.write_text("### before\n")
    assert checkout.sandbox("preview", program, GITHUB_STEP_SUMMARY=str(summary)).status == status
    title, fence, rest = summary.read_text().partition("```yaml\n")
    assert title.startswith(f"### before\n### `pulumi preview` with policies: {verdict}\n\n")
    assert bool(fence) == (program == ".")
    if fence:
        pod = yaml.safe_load(rest.removesuffix("```\n"))
        assert (pod["kind"], pod["metadata"]["name"]) == ("Pod", "lifecycle-demo")
        assert set(pod["spec"]["containers"][0]["lifecycle"]) == {"postStart", "preStop"}


def test_the_users_own_login_and_cluster_are_left_alone(checkout: Checkout) -> None:
    """A broken login, another backend, a production kubeconfig: none is read, none is written, no file is added."""
    for name in (".pulumi/credentials.json", ".kube/config"):
        (checkout.home / name).parent.mkdir()
        (checkout.home / name).write_text("not to be read")
    before = tree(checkout.home), checkout.files()
    said = checkout.sandbox(
        "preview",
        KUBECONFIG=str(checkout.home / ".kube" / "config"),
        PULUMI_ACCESS_TOKEN="pul-none",
        PULUMI_BACKEND_URL="https://127.0.0.1:1",
        PULUMI_CONFIG_PASSPHRASE_FILE=str(checkout.home / "none"),
        PULUMI_HOME=str(checkout.home / ".pulumi"),
        PULUMI_STACK="production",
    )
    assert_passes(said)
    assert tree(checkout.home) == before[0]
    assert checkout.files() - before[1] == {".sandbox", "Pulumi.sandbox.yaml"}
    assert (checkout.root / ".sandbox").stat().st_mode & 0o777 == 0o700


def test_no_program_there(checkout: Checkout) -> None:
    """The folder is named, and what is missing in it."""
    said = checkout.sandbox("preview", "examples")
    assert (said.status, said.out) == (1, "")
    assert said.err == "examples: it has no Pulumi.yaml. Name the folder of a Pulumi program.\n"


def test_options_of_up_need_the_language_host(checkout: Checkout) -> None:
    """An option that cannot be honoured is refused, not dropped."""
    said = checkout.sandbox("pulumi", "up", "--refresh")
    assert said.status == 1
    assert said.err == (
        "pulumi up --refresh: without pulumi-language-python on PATH the program runs inside this process, "
        "and `up` takes no options. Leave them out.\n"
    )


def test_up_without_a_cluster(checkout: Checkout) -> None:
    """Status 1, and what to point at a cluster."""
    said = checkout.sandbox("pulumi", "up")
    assert said.status == 1, said
    assert said.lacks(f"{UNREACHABLE}from kubeconfig file. Make sure you have:") == []


def test_demo_where_no_node_can_run(checkout: Checkout) -> None:
    """It names what is missing, does the part that can be done, and ends with a status of its own: 3."""
    said = checkout.sandbox("demo", PATH=str(checkout.bin))  # as on a machine without `unshare` and the rest
    assert said.status == 3, said
    why, done, rest = said.out.partition(
        "\n\nThis still works here: the preview with the policies, and the manifest.\n\n"
    )
    assert why.startswith(f"{checks.here()}\nThe sandbox cannot run on this machine:\n  - ") and done, said
    assert why.endswith(
        "With a cluster of your own (kind, minikube, or any kubeconfig) the program runs without the sandbox:\n"
        "    pulumi stack init dev && pulumi up --policy-pack policies --policy-pack-config policies/demo.json"
    )
    preview, shown, manifest = rest.partition("\nThe Pod, as the component declares it:\n\n")
    assert shown and PASSED in preview, said
    assert yaml.safe_load(manifest)["metadata"]["name"] == "lifecycle-demo"


def test_demo_where_no_node_can_run_and_the_policies_refuse(checkout: Checkout) -> None:
    """A refusal is not hidden behind the 3: the status is the preview's own."""
    checkout.configure("image", "Nginx:::")
    said = checkout.sandbox("demo", PATH=str(checkout.bin))
    assert said.status == 1, said


@pytest.fixture
def official(checkout: Checkout) -> Checkout:
    """The checkout of a user who has the official Python language host."""
    host = shutil.which("pulumi-language-python")
    if not host:
        pytest.skip("needs the official pulumi-language-python on PATH")
    checkout.env["PATH"] += os.pathsep + str(Path(host).parent)
    return checkout


def test_with_the_official_language_host(official: Checkout) -> None:
    """The same preview by the literal CLI, and nothing says that the program stands in."""
    said = official.sandbox("preview")
    assert_passes(said)
    assert INLINE not in said.out
    short = official.sandbox("pulumi", "preview", "--suppress-outputs")  # which only the CLI itself can honour
    assert short.status == 0
    assert short.lacks(*OUTPUTS) == list(OUTPUTS)


def test_the_official_language_host_refuses_the_same(official: Checkout) -> None:
    """The same policies, the same messages, the same status."""
    assert_refused(official.sandbox("preview", "examples/no-pre-stop"))


@pytest.mark.parametrize(("key", "value", "message"), WRONG_CONFIG.values(), ids=WRONG_CONFIG)
def test_wrong_config_with_the_official_language_host(key: str, value: str, message: str, official: Checkout) -> None:
    """The same words, without a stack trace."""
    official.configure(key, value)
    said = official.sandbox("preview")
    assert said.status == 1, said
    assert message in said.out + said.err, said
    assert "Traceback" not in said.out + said.err, said
