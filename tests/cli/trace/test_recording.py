"""What a recording holds, and what it does not."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from lifecycle_cli.cluster.following import Changed, Heard, Listed, Lost
from lifecycle_cli.trace.observing import Choice
from lifecycle_cli.trace.recording import Asked, Clock, Recorder, read

POD = {
    "metadata": {
        "name": "web",
        "uid": "a",
        "managedFields": [{"manager": "kubelet"}],
        "annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": "hunter2",
            "kubernetes-lifecycle/ignore": "sleep-zero=as it is",
        },
    },
    "spec": {
        "containers": [
            {
                "name": "c",
                "env": [
                    {"name": "PASSWORD", "value": "hunter2"},
                    {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "token"}}},
                ],
            }
        ],
        "initContainers": [{"name": "i", "env": [{"name": "PASSWORD", "value": "hunter2"}]}],
    },
}


def test_no_value_of_a_variable_and_no_annotation_of_others() -> None:
    choice = Choice(lambda _: True)
    for told in (Listed("Pod", [POD], 1.0), Changed("Pod", "MODIFIED", POD, 2.0)):
        (found,) = choice.of(told)
        text = json.dumps(found)
        assert "hunter2" not in text and "managedFields" not in text
        assert "kubernetes-lifecycle/ignore" in text and "secretKeyRef" in text and "PASSWORD" in text
    assert "hunter2" in json.dumps(POD), "the object itself is as it was"


def test_what_is_written_is_read_and_is_the_users_own(tmp_path: Path) -> None:
    told = [
        Clock(1.0, 1.1, 1),
        Listed("Pod", [POD], 2.0),
        Changed("Event", "ADDED", {"metadata": {}}, 3.0),
        Lost("Pod", "gone", 4.0, 3.0),
        Heard("Pod", 5.0),
        Asked("a", 6.0, 7.0),
    ]
    file = tmp_path / "x.jsonl"
    recorder = Recorder(file, {"of": "web"})
    for each in told:
        recorder.take(each)
    recorder.close()
    about, found = read(file)
    assert about == {"format": "lifecycle-trace", "version": 1, "of": "web"}
    assert list(found) == told
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_only_what_is_about_the_pods_that_are_meant() -> None:
    choice = Choice(lambda pod: pod["metadata"]["name"] == "web")
    other = {"metadata": {"name": "api", "uid": "b"}}

    def event(name: str, uid: str) -> Changed:
        return Changed("Event", "ADDED", {"metadata": {"name": name}, "involvedObject": {"uid": uid}}, 1.0)

    assert list(choice.of(event("early", "a"))) == []  # its Pod is not known yet
    assert list(choice.of(Changed("Pod", "ADDED", other, 1.0))) == []
    assert list(choice.of(event("of another", "b"))) == []
    _, early = choice.of(Changed("Pod", "ADDED", POD, 1.0))
    assert isinstance(early, Changed) and early.object["metadata"]["name"] == "early"
    (late,) = choice.of(event("late", "a"))
    assert isinstance(late, Changed) and late.object["metadata"]["name"] == "late"
