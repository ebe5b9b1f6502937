"""A download that is under way when nginx is deleted."""

import subprocess
import sys
import time

from cluster import Cluster

from lifecycle_demo import hooks
from sandbox.rollout import inside

from .observe import create
from .proof import Spec

SIZE = 2_000_000
BYTES_PER_SECOND = 500_000
DOWNLOAD_SECONDS = SIZE / BYTES_PER_SECOND  # nginx lets the first second's worth go at once: 3 s and a little in truth
# Throttled by nginx itself, so that a download is always under way when the Pod is deleted.
SLOW_FILE = hooks.shell(
    f"head -c {SIZE} /dev/zero > /usr/share/nginx/html/slow;"
    f" sed -i 's/location/limit_rate {BYTES_PER_SECOND}; location/' /etc/nginx/conf.d/default.conf;"
    " until nginx -s reload; do sleep 0.1; done"
)
FETCH = """
import http.client, sys, urllib.request
got = 0
try:
    with urllib.request.urlopen(sys.argv[1], timeout=5) as answer:
        while block := answer.read1():
            got += len(block)
except (OSError, http.client.HTTPException):
    pass
print(got)
"""


def fetch(cluster: Cluster, url: str) -> "subprocess.Popen[str]":
    """A request from the node's network; prints how many bytes of the body came."""
    return subprocess.Popen(
        [*inside(cluster.node), sys.executable, "-c", FETCH, url], stdout=subprocess.PIPE, text=True
    )


def download(cluster: Cluster, name: str, spec: Spec) -> str:
    """Whether a download of 3 s comes whole though the Pod is deleted after 1 s."""
    (app,) = spec["containers"]
    slow = {**app, "lifecycle": {"postStart": SLOW_FILE, **app.get("lifecycle", {})}}
    create(cluster, name, {**spec, "containers": [slow]})
    time.sleep(1)  # for the reload: until then the old workers, without the throttle, may answer
    with fetch(cluster, f"http://{cluster.pod(name).status.pod_ip}/slow") as under_way:
        time.sleep(1)
        cluster.delete(name)
        got, _ = under_way.communicate()
    return "the download came whole" if int(got) == SIZE else "the download was cut off"
