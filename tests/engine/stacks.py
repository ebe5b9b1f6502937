"""Two stacks on one backend: `python -m tests.engine.stacks FOLDER ARGS…`; prints the Pod of the second one as JSON.

The first exports hooks and more, the second has them of a StackReference; ARGS name exports, each as the argument of
the same name.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pulumi
from pulumi import automation as auto

from lifecycle_demo import LifecycleDemo, hooks
from tests.engine.checkout import official_env

EXPORTS: dict[str, Any] = {
    "pre_stop": hooks.sleep(45),
    "post_start": {"httpGet": {"path": "/warm", "port": "http"}},  # as another language exports it
    "ports": [{"containerPort": 8080, "name": "http"}],
    "sidecars": [{"name": "proxy", "image": "acme/proxy", "pre_stop": hooks.command("/drain", "hunter2")}],
    "labels": {"app": "shop"},
    "shutdown_seconds": -1,
}
SECRET = "sidecars"


def base() -> None:
    for name, value in EXPORTS.items():
        pulumi.export(name, pulumi.Output.secret(value) if name == SECRET else value)


def app(names: list[str]) -> None:
    stack = pulumi.StackReference("organization/base/test")
    args: Any = {name: stack.require_output(name) for name in names}
    LifecycleDemo("web", {"image": "acme/web", **args})


def main(folder: Path, names: list[str]) -> None:
    env = official_env(folder)
    os.environ.update(env)
    for project, program in (("base", base), ("app", lambda: app(names))):
        work = folder / project
        work.mkdir()
        options = auto.LocalWorkspaceOptions(work_dir=str(work), env_vars=env)
        stack = auto.create_or_select_stack("test", project_name=project, program=program, opts=options)
        if project == "base":
            stack.up()
        else:
            stack.preview(on_event=_tell)


def _tell(event: auto.events.EngineEvent) -> None:
    pre = event.resource_pre_event
    if pre and pre.metadata.type == "kubernetes:core/v1:Pod" and pre.metadata.new:
        print(json.dumps(pre.metadata.new.inputs))


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), sys.argv[2:])
    except auto.CommandError as error:
        sys.exit(str(error))
