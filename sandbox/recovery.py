"""What a killed Pulumi run, or a killed node, leaves in a file backend, put in order before the next run.

A killed run leaves its lock, which stops every later one; and creations that were under way, of which
neither the state nor a repeated `up` knows whether they came to pass: the object would be an orphan.
A killed node, or a reboot, leaves a state with objects that the next node does not have.
"""

import hashlib
import json
import os
import socket
from pathlib import Path
from typing import Any


def clear_locks(backend: Path, project: str, stack: str) -> bool:
    """Removes locks of this machine whose process is gone; False where one is held."""
    for lock in backend.glob(f".pulumi/locks/*/{project}/{stack}/*.json"):
        holder = json.loads(lock.read_text())
        if holder["hostname"] != socket.gethostname() or _runs(holder["pid"]):
            return False
        lock.unlink(missing_ok=True)
    return True


def interrupted(backend: Path, project: str, stack: str) -> bool:
    """Whether operations were under way when the last run ended."""
    state = backend / ".pulumi" / "stacks" / project / f"{stack}.json"
    return state.exists() and '"pending_operations"' in state.read_text()


def resolved(deployment: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The deployment with each object whose creation was under way as its own, for a refresh to keep or to drop.

    Only a refresh may follow: what is added has an ID and no outputs yet. The URNs are of those whose
    ID nobody can tell: they are left out.
    """
    resources: list[dict[str, Any]] = deployment.get("resources", [])
    unknown = []
    for operation in deployment.get("pending_operations", []):
        resource = operation["resource"]
        if operation["type"] != "creating":
            continue  # a refresh sees what became of it
        if identity := _identity(resource):
            resources = [*_superseded(resources, resource["urn"]), {**resource, "id": identity}]
        else:
            unknown.append(resource["urn"])
    return {**deployment, "resources": resources, "pending_operations": []}, unknown


def _superseded(resources: list[dict[str, Any]], urn: str) -> list[dict[str, Any]]:
    """Without what was deleted to be replaced; what the replacement was to outlive is the next run's to delete."""
    kept = [each for each in resources if each["urn"] != urn or not each.get("pendingReplacement")]
    return [{**each, "delete": True} if each["urn"] == urn else each for each in kept]


def unseen(backend: Path, project: str, kubeconfig: Path) -> bool:
    """Whether the state may hold objects that do not exist: it was put in order, or made on another node.

    Each node has certificates of its own, and nothing of the one before.
    """
    mark = _mark(backend, project)
    seen = mark.read_text() if mark.exists() else None
    return seen == "" or (seen is not None and _is_cluster(kubeconfig) and seen != _fingerprint(kubeconfig))


def forget(backend: Path, project: str) -> None:
    """From here on the state is `unseen`, until a refresh has succeeded and `remember` says so."""
    _mark(backend, project).write_text("")


def remember(backend: Path, project: str, kubeconfig: Path) -> None:
    """The state is of this node."""
    if _is_cluster(kubeconfig):
        _mark(backend, project).write_text(_fingerprint(kubeconfig))


def _mark(backend: Path, project: str) -> Path:
    return backend / f"{project}.node"


def _is_cluster(kubeconfig: Path) -> bool:
    return kubeconfig.is_file()  # os.devnull, which stands for none, is not


def _fingerprint(kubeconfig: Path) -> str:
    return hashlib.sha256(kubeconfig.read_bytes()).hexdigest()


def _identity(resource: dict[str, Any]) -> str | None:
    """The ID that the Kubernetes provider gives to an object."""
    if not resource["type"].startswith("kubernetes:"):
        return None
    metadata = resource.get("inputs", {}).get("metadata", {})
    return "/".join(filter(None, [metadata.get("namespace"), metadata["name"]])) if metadata.get("name") else None


def _runs(pid: int) -> bool:
    if Path("/proc/self").exists():
        try:
            name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
        except OSError:
            return False
        return "pulumi" in name and rest.split()[0] != "Z"  # another program may have got the number since
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
