"""SQLite: the head of a database's WAL index, which every commit changes, read without asking SQLite.

`PRAGMA data_version` begins and ends a read transaction to compare that head (https://sqlite.org/walformat.html,
section 2.1): three calls of the system and a third of a login check. The same bytes, in the memory that SQLite's own
connections share, say the same.
"""

from __future__ import annotations

import mmap
import os
import struct
import sys

from application.log.place import File, file_at

HEAD = 96
"""Bytes of the head: two copies of 48, which a writer changes before its commit is done."""

_FORMAT = 3_007_000
"""The number with which the known format begins; of any other, SQLite itself is asked."""

_heads: dict[File, mmap.mmap | None] = {}
"""The heads of indexes, as long as this process lives; None for a file that is too short to be one.

No descriptor is ever closed, ours nor that which `mmap` keeps: that would let go of all locks that SQLite has on the
same file in this process (POSIX).
"""


def head_of_index(database: str) -> mmap.mmap | None:
    """The head of the index beside a database that is open in this process; None if it cannot serve.

    It is mapped, as SQLite maps it: a `read` lets go of Python's lock, which takes longer than the reading. While its
    database is open here, SQLite truncates no index. Not on Windows, where what is mapped need not be what was written.
    """
    place = f"{database}-shm"
    file = None if sys.platform == "win32" else file_at(place)
    if file is None:
        return None
    if file not in _heads:
        _heads[file] = _mapped(place)
    head = _heads[file]
    return head if head is not None and struct.unpack_from("=I", head)[0] == _FORMAT else None


def _mapped(place: str) -> mmap.mmap | None:
    descriptor = os.open(place, os.O_RDONLY)
    is_whole = os.fstat(descriptor).st_size >= HEAD
    return mmap.mmap(descriptor, HEAD, access=mmap.ACCESS_READ) if is_whole else None
