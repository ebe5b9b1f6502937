"""`python -m tests.cli.audit.recording KUBECONFIG NAMESPACE`: what a cluster answers to `lifecycle audit`, as JSON.

docs/audit.md is made on the objects that it printed of the sandbox's node (shop.json).
"""

import json
import sys
from typing import Any

from lifecycle_cli.cluster.access import RESOURCES, Cluster
from tests.cli.audit.api import PLURALS

_LEFT_OUT = ("managedFields", "resourceVersion", "generation", "uid", "selfLink")


def plain(obj: dict[str, Any]) -> dict[str, Any]:
    """Without what no command looks at."""
    metadata = {key: value for key, value in obj["metadata"].items() if key not in _LEFT_OUT}
    annotations = metadata.get("annotations", {})
    annotations.pop("kubectl.kubernetes.io/last-applied-configuration", None)
    return {**obj, "metadata": metadata}


def main(kubeconfig: str, namespace: str) -> None:
    cluster = Cluster.connect(kubeconfig, None, namespace)
    kinds = [each for each in RESOURCES if each in PLURALS.values()]
    found = {kind: [plain(each) for each in cluster.list(kind, namespace)] for kind in kinds}
    found["Event"] = [each for each in found["Event"] if "Hook" in each["reason"]]
    print(json.dumps([{"kind": kind, **each} for kind, of in found.items() for each in of], indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
