"""A workload rolled under a load of one's own: what was lost, when in the life of which Pod, what would have saved it.

plan.py      how many requests, when, and over which connections: bounded before the first is sent
load.py      sends them, in a process of its own, and tells how each ended
lives.py     what is seen of the Pods
blame.py     which Pod a lost request belongs to
saving.py    what would have saved it
session.py   all of it together, second by second
"""
