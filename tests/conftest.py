"""For every suite: Ctrl-C works, also in a run that a shell put into the background and that inherited it ignored.

And there is an event loop, as in a Pulumi program: Pulumi makes futures for it before one runs, which Python warns of
from 3.12 on and refuses in 3.14. It is each worker's own, where the tests run in several processes.
"""

import asyncio
import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
asyncio.set_event_loop(asyncio.new_event_loop())
