"""The component as Pulumi's component host sees it."""

import json

from pulumi.provider.experimental.component import ComponentProvider

from lifecycle_demo import LifecycleDemo


def test_the_inferred_schema_has_every_argument_and_output() -> None:
    schema = json.loads(ComponentProvider([LifecycleDemo], "lifecycle").schema)
    resource = schema["resources"]["lifecycle:index:LifecycleDemo"]

    assert set(resource["inputProperties"]) == {
        "annotations",
        "image",
        "labels",
        "name",
        "namespace",
        "ports",
        "postStart",
        "preStop",
        "terminationGracePeriodSeconds",
    }
    assert set(resource["properties"]) == {"gracePeriodSeconds", "namespace", "pod", "podName", "verifyCommand"}
    assert set(schema["types"]["lifecycle:index:Handler"]["properties"]) == {"exec", "httpGet", "sleep"}
