"""SQLite: how a database is opened to be written."""

from __future__ import annotations

import sqlite3

LOCK_TIMEOUT = 2
"""Seconds that a writer waits for another process's write."""

ERASING = "PRAGMA secure_delete = ON"
"""What is deleted is overwritten: without it, SQLite keeps nearly every deleted key in the file (P5)."""


def writing(database: str) -> sqlite3.Connection:
    """A connection that writes, and leaves nothing in the file of what it deletes."""
    connection = sqlite3.connect(database, timeout=LOCK_TIMEOUT, isolation_level=None)
    connection.execute(ERASING)
    return connection
