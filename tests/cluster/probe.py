"""Asks one address twenty times a second until its standard input ends; prints the longest wait for an answer, in s.

Run by itself, for it runs in the node's network: python probe.py PORT. It ends by itself after two minutes.
"""

import http.client
import select
import sys
import time

PAUSE = 0.05
TIMEOUT = 0.5
SECONDS = 120


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("GET", "/", headers={"Connection": "close"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main(port: int) -> None:
    start = last = time.monotonic()
    longest = 0.0
    while time.monotonic() - start < SECONDS and not select.select([sys.stdin], [], [], PAUSE)[0]:
        if answers(port):
            last, before = time.monotonic(), last
            longest = max(longest, last - before)
    print(max(longest, time.monotonic() - last))


if __name__ == "__main__":
    main(int(sys.argv[1]))
