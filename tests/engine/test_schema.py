"""The component's inferred schema beside the provider's: what it takes and gives of Kubernetes' types is there."""

import json
from importlib.metadata import version

from lifecycle_demo.plugin import Provider
from tests.engine.checkout import Checkout

POD = f"/kubernetes/v{version('pulumi-kubernetes')}/schema.json#/resources/kubernetes:core%2Fv1:Pod"


def test_the_engine_binds_it(checkout: Checkout) -> None:
    """By the CLI's own check, which loads the provider for each reference; one that leads nowhere is found."""
    assert checkout.sandbox("preview").status == 0  # with which the provider is in its place
    schema = json.loads(Provider("0.1.0").schema or "")
    text = json.dumps(schema)
    assert POD in text
    (checkout.root / "schema.json").write_text(text)
    said = checkout.sandbox("pulumi", "schema", "check", "schema.json")
    assert said.status == 0, said
    (checkout.root / "schema.json").write_text(text.replace(POD, POD.replace("Pod", "Pob")))
    said = checkout.sandbox("pulumi", "schema", "check", "schema.json")
    assert said.status != 0
    assert "Pob" in said.out + said.err
