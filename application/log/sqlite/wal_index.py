"""SQLite: the head of a database's WAL index, which every commit changes, read without asking SQLite.

`PRAGMA data_version` begins and ends a read transaction to compare that head (https://sqlite.org/walformat.html,
section 2.1): three calls of the system and a third of a login check. One read of the same bytes says the same.
"""

from __future__ import annotations

import os
import struct
import sys

from application.log.place import File, file_at

HEAD = 96
"""Bytes of the head: two copies of 48, which a writer changes before its commit is done."""

_FORMAT = 3_007_000
"""The number with which the known format begins; of any other, SQLite itself is asked."""

_open: dict[File, int] = {}
"""The descriptors of indexes, as long as this process lives.

None is ever closed: that would let go of all locks that SQLite has on the same file in this process (POSIX).
"""


def index_of(database: str) -> int | None:
    """A descriptor of the index beside a database that is open in this process; None if it cannot serve.

    Not on Windows, where what is written to a mapped file need not be what is read from it.
    """
    place = f"{database}-shm"
    file = None if sys.platform == "win32" else file_at(place)
    if file is None:
        return None
    if file not in _open:
        _open[file] = os.open(place, os.O_RDONLY)
    head = head_of(_open[file])
    return _open[file] if len(head) == HEAD and struct.unpack_from("=I", head)[0] == _FORMAT else None


def head_of(index: int) -> bytes:
    """The head of an index, which is another one after every commit."""
    return os.pread(index, HEAD, 0)
