"""Rolls a workload under load: which requests were lost, when in the life of which Pod, and what would have saved them.

plan.py      how many requests, when, and over which connections: bounded before the first is sent
load.py      sends them from a process of its own, and reports how each ended
lives.py     what happens to the Pods
blame.py     which Pod a lost request belongs to
saving.py    what would have saved it
session.py   all of it together, second by second
"""
