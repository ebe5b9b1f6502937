"""What `lifecycle check --fix` writes: the API server takes it."""

import json
from pathlib import Path

import pytest
import yaml
from cluster import Cluster
from workloads import COLLECTIONS

from lifecycle_cli.configuration import configuration
from lifecycle_cli.fixing import fixed

FAILURE = Path(__file__).parents[1] / "policies" / "remediation" / "failure"
CONFIG = "pre-stop-required: {enforcementLevel: mandatory, addDrainSeconds: 25}\n"


@pytest.mark.parametrize("name", sorted(each.stem for each in FAILURE.glob("*.yaml")))
def test_the_api_server_takes_what_was_fixed(name: str, tmp_path: Path, cluster: Cluster) -> None:
    text = (FAILURE / f"{name}.yaml").read_text()
    collection = COLLECTIONS[yaml.safe_load(text)["kind"]]
    version = collection.partition("/namespaces")[0].removeprefix("apis/").removeprefix("api/")
    (tmp_path / "lifecycle.yaml").write_text(CONFIG)
    path = tmp_path / "a.yaml"
    path.write_text(f"apiVersion: {version}\n{text}")
    result = fixed(str(path), configuration(tmp_path / "lifecycle.yaml", "default", None, [], []))
    assert result is not None
    assert result.after != result.before
    assert [each.why_not for each in result.fixes if each.why_not] == []
    body = yaml.safe_load(result.after)
    client = cluster.api
    answer = client.rest_client.pool_manager.request(
        "POST",
        f"{client.configuration.host}/{collection.format(cluster.namespace)}?dryRun=All&fieldValidation=Strict",
        body=json.dumps({**body, "metadata": {"name": "x"}}),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status == 201, answer.data
