"""How nginx ends under each preStop that people write for it: the experiment behind the component's default.

docs/nginx-shutdown.md compares what is seen here. The downloads are throttled by nginx itself, so that
one is always under way when the Pod is deleted.
"""

import threading
import time
from dataclasses import dataclass
from typing import Any

import pytest
from cluster import Cluster
from proofs.shutdown import DOWNLOAD_SECONDS, SIZE, SLOW_FILE, fetch

from lifecycle_demo import hooks

GRACE_SECONDS = 30

# The official image tells the runtime to stop it by SIGQUIT, on which nginx finishes what it serves;
# the second image is the same but for that: SIGTERM, the runtime's default, on which nginx drops it.
IMAGES = ("nginx", "nginx-sigterm")
HOOKS: dict[str, Any] = {
    "none": None,
    "the page's": hooks.page_pre_stop(),
    "quit": hooks.command("nginx", "-s", "quit"),
    "quit and wait": hooks.shell("nginx -s quit; while kill -0 1; do sleep 0.1; done"),
    "sleep 2": hooks.sleep(2),
}


@dataclass(frozen=True)
class Ending:
    """What was seen of a Pod that was deleted while a download was under way."""

    whole: bool
    failed_hook: bool
    seconds: float
    served_new: bool  # a request that came while the download was under way was answered


def end(cluster: Cluster, image: str, hook: Any) -> Ending:
    lifecycle = {"postStart": SLOW_FILE} | ({"preStop": hook} if hook else {})
    cluster.run("web", {"image": image, "lifecycle": lifecycle}, terminationGracePeriodSeconds=GRACE_SECONDS)
    time.sleep(1)  # for the reload: until then the old workers, without the throttle, may answer
    address = cluster.pod("web").status.pod_ip
    with fetch(cluster, f"http://{address}/slow") as download:
        time.sleep(1)
        late: list[bool] = []
        asker = threading.Timer(1, lambda: late.append(_answers(cluster, address)))
        asker.start()
        seconds = cluster.delete("web")
        asker.join()
        got, _ = download.communicate()
    return Ending(int(got) == SIZE, "FailedPreStopHook" in cluster.reasons("web"), seconds, late[0])


@pytest.mark.parametrize("image", IMAGES)
def test_the_default_finishes_what_it_serves(cluster: Cluster, image: str) -> None:
    """The download arrives whole, no hook fails, the Pod goes with it, and new requests are served till then."""
    seen = end(cluster, image, hooks.nginx_graceful())

    assert seen.whole
    assert not seen.failed_hook
    assert seen.served_new
    assert seen.seconds < DOWNLOAD_SECONDS + 5 < GRACE_SECONDS


def test_the_default_does_not_wait_without_need(cluster: Cluster) -> None:
    """With nothing under way the Pod goes at once."""
    cluster.run("idle", {"lifecycle": {"preStop": hooks.nginx_graceful()}})

    assert cluster.delete("idle") < 5
    assert "FailedPreStopHook" not in cluster.reasons("idle")


# name of the hook: whether the download arrived whole under SIGQUIT and under SIGTERM, and whether the hook failed
OTHERS = {
    "none": (True, False, False),
    "the page's": (True, False, False),
    "quit": (True, False, False),
    "quit and wait": (True, True, True),
    "sleep 2": (True, False, False),
}


@pytest.mark.parametrize("name", OTHERS)
def test_the_others_depend_on_the_image_or_fail(cluster: Cluster, name: str) -> None:
    """Each of the usual ways either drops the download where the image's stop signal is SIGTERM, or fails."""
    quit_signal, term_signal = (end(cluster, image, HOOKS[name]) for image in IMAGES)

    assert (quit_signal.whole, term_signal.whole, term_signal.failed_hook) == OTHERS[name]


def _answers(cluster: Cluster, address: str) -> bool:
    with fetch(cluster, f"http://{address}/") as request:
        got, _ = request.communicate()
    return int(got) > 0
