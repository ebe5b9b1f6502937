"""docs/recipes on a real node: each manifest as its page has it, and the end of one of its Pods.

The images are invented, so nginx stands in for them, with scripts where the manifest names a program. Hooks, probes,
grace periods and containers are the page's own. tests/cli/trace/recordings/recipe-* are from here:
LIFECYCLE_RECORDINGS names a folder into which the tests leave theirs.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
import yaml
from cluster import Cluster, until
from tracing import is_in_order, recorded, start

from lifecycle_cli.trace.findings import findings

RECIPES = Path(__file__).resolve().parents[2] / "docs" / "recipes"
FILES = "stand-in"  # the ConfigMap of the programs
WEB = "server { listen 8080; location / { return 200; } }\n"
RUNS = "#!/bin/sh\ntrap 'sleep {seconds}; exit 0' TERM QUIT\nwhile :; do sleep 0.1; done\n"


class Recipe(NamedTuple):
    app: str
    """The value of its Pods' label `app`, or of `job-name`."""
    programs: dict[str, str]
    """What stands in the image at these paths."""
    order: list[tuple[str, str]]
    """Rows and marks of the trace, after the Pod is Ready."""
    commands: Mapping[str, str] = MappingProxyType({})
    """The path that a container runs, where the manifest leaves it to the image."""


def served(container: str) -> list[tuple[str, str]]:
    """The hook as a whole, then the stop signal, then the end."""
    return [(container, each) for each in ("preStop-began", "preStop-ended", "stop-signal", "exited")]


CASES = {
    "web": Recipe("web", {"/etc/nginx/conf.d/default.conf": WEB}, served("web")),
    "load-balancer": Recipe("shop", {"/etc/nginx/conf.d/default.conf": WEB}, served("shop")),
    "worker": Recipe(
        "worker",
        {
            "/worker": '#!/bin/sh\ncase "$1" in drain) sleep 12;; esac\n',
            "/entrypoint": RUNS.format(seconds=1),
        },
        served("worker"),
        {"worker": "/entrypoint"},
    ),
    "database": Recipe(
        "db",
        {
            "/usr/local/bin/psql": "#!/bin/sh\nsleep 4\n",
            "/usr/local/bin/pg_isready": "#!/bin/sh\n",
            "/entrypoint": RUNS.format(seconds=2),
        },
        served("db"),
        {"db": "/entrypoint"},
    ),
    "sidecars": Recipe(
        "api",
        {"/etc/nginx/conf.d/default.conf": WEB, "/entrypoint": RUNS.format(seconds=1)},
        [*served("api"), ("proxy", "stop-signal"), ("proxy", "exited")],
        {"proxy": "/entrypoint"},
    ),
    "job": Recipe(
        "migrate",
        {"/api": "#!/bin/sh\nsleep 3\n", "/entrypoint": RUNS.format(seconds=1)},
        [("migrate", "exited"), ("proxy", "stop-signal"), ("proxy", "exited"), ("", "completed")],
        {"proxy": "/entrypoint"},
    ),
    "daemonset": Recipe(
        "agent",
        {"/agent": "#!/bin/sh\nsleep 3\n", "/entrypoint": RUNS.format(seconds=1)},
        served("agent"),
        {"agent": "/entrypoint"},
    ),
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(each, marks=() if each in CASES else pytest.mark.skip(reason="needs a Windows node"))
        for each in sorted(each.stem for each in RECIPES.glob("*.md"))
    ],
)
def test_a_pod_of_the_recipe_ends_as_its_page_says(cluster: Cluster, name: str, tmp_path: Path) -> None:
    recipe = CASES[name]
    recording = Path(os.environ.get("LIFECYCLE_RECORDINGS", tmp_path)) / f"recipe-{name}.jsonl"
    files = {key(path): text for path, text in recipe.programs.items()}
    cluster.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": FILES}, "data": files})
    workload, *others = manifests(name)
    cluster.apply(stand_in(workload, recipe), *others)
    label = f"{'job-name' if name == 'job' else 'app'}={recipe.app}"
    pods = until(lambda: cluster.core.list_namespaced_pod(cluster.namespace, label_selector=label).items, "its Pods")
    pod = pods[0].metadata.name
    tracing = start(cluster, [pod, "--json", "--timeout", "120s", "--record", str(recording)])
    if name != "job":
        cluster.ready(pod)
        cluster.kubectl("delete", workload["kind"], workload["metadata"]["name"], "--wait=false")
    _, err = tracing.communicate(timeout=150)
    assert tracing.returncode == 0, err

    life = recorded(recording)
    is_in_order(life, recipe.order)
    assert findings(life) == []


def manifests(name: str) -> list[dict[str, Any]]:
    (block,) = re.findall(r"```yaml\n(.*?)```", (RECIPES / f"{name}.md").read_text(), re.DOTALL)
    return list(yaml.safe_load_all(block))


def key(path: str) -> str:
    """The program's in the ConfigMap."""
    return path.strip("/").replace("/", ".")


def stand_in(manifest: dict[str, Any], recipe: Recipe) -> dict[str, Any]:
    """The workload with images and volumes that the node has."""
    spec = manifest["spec"]["template"]["spec"]
    volumes = [{"name": FILES, "configMap": {"name": FILES, "defaultMode": 0o755}}]
    volumes += [
        {"name": each["metadata"]["name"], "emptyDir": {}} for each in manifest["spec"].pop("volumeClaimTemplates", ())
    ]
    spec["volumes"] = volumes
    for container in [*spec["containers"], *spec.get("initContainers", ())]:
        container["image"] = "nginx"
        container.setdefault("volumeMounts", []).extend(
            {"name": FILES, "mountPath": path, "subPath": key(path)} for path in recipe.programs
        )
        if container["name"] in recipe.commands:
            container["command"] = [recipe.commands[container["name"]]]
    return manifest
