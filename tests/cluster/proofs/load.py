"""Requests to one address, each on a connection of its own, until told to stop; prints how they ended, as JSON.

Run by itself, for it runs in the node's network: python load.py PORT. It counts from the first answer on, for
kube-proxy may not know the Service yet. It stops at the end of its standard input, and by itself after 30 s or
12,000 requests.
"""

import http.client
import itertools
import json
import sys
import threading
import time
from collections import Counter

THREADS = 4
SECONDS = 30
REQUESTS = 12_000
PAUSE = 0.01  # between a thread's requests: 30 s of them stay below REQUESTS
TIMEOUT = 2


def ask(port: int) -> str:
    """How one request ended: "ok", or the kind of its failure."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("GET", "/", headers={"Connection": "close"})
        answer = connection.getresponse()
        answer.read()
        return "ok" if answer.status == 200 else "other"
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "timeout"
    except (ConnectionResetError, http.client.RemoteDisconnected):
        return "reset"
    except (OSError, http.client.HTTPException):
        return "other"
    finally:
        connection.close()


def main(port: int) -> None:
    ends: list[str] = []
    numbers = itertools.count()
    deadline = time.monotonic() + SECONDS
    stop = threading.Event()
    while ask(port) != "ok" and time.monotonic() < deadline:
        time.sleep(0.1)

    def client() -> None:
        while not stop.is_set() and time.monotonic() < deadline and next(numbers) < REQUESTS:
            ends.append(ask(port))
            time.sleep(PAUSE)

    threads = [threading.Thread(target=client) for _ in range(THREADS)]
    for each in threads:
        each.start()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    for each in threads:
        each.join()
    print(json.dumps(Counter(ends)))


if __name__ == "__main__":
    main(int(sys.argv[1]))
