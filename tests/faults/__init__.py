"""Faults (TRUST.md, C1 to C7): real servers on a real database, killed, stopped and cut off while clients write.

`python -m tests.faults` runs them at a middle size and prints a table. One harness: a Site has a store, its servers and
clients with a journal of what they sent and were told. One judge compares that with what is stored. A fault is a few
lines in faults.py.
"""
