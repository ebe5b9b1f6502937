"""For every suite: Ctrl-C works, also in a run that a shell put into the background and that inherited it ignored."""

import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
