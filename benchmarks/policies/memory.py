"""`python -m benchmarks.policies.memory RESOURCES`: the peak of a process that judges so many, one after the other.

As JSON, in MiB: after the first 1,000, and after all. They are called as the engine calls them, but for the call about
the whole stack at the end, for which the engine sends all of it in one message.
"""

import json
import subprocess
import sys
from typing import Final

from benchmarks.rules.manifests import Supply
from benchmarks.rules.memory import peak_rss
from kubernetes_lifecycle.pack import build_policies
from kubernetes_lifecycle.pack.manifests import token
from kubernetes_lifecycle.pack.testing import Pack, Resource

FIRST: Final = 1000


def measured(resources: int) -> tuple[float, float]:
    command = [sys.executable, "-m", __spec__.name, str(resources)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    first, after_all = json.loads(done.stdout)
    return first, after_all


def judge(pack: Pack, supply: Supply, count: int) -> float:
    for _ in range(count):
        (each,) = supply.take(1)
        resource = Resource(token(each), each, name=each["metadata"]["name"])
        pack.remediate(resource)
        pack.answer(resource)
    return peak_rss() / 2**20


if __name__ == "__main__":
    pack, supply = Pack(build_policies()), Supply()
    print(json.dumps([judge(pack, supply, FIRST), judge(pack, supply, int(sys.argv[1]) - FIRST)]))
