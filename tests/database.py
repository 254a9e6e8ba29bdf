"""What tests know of SQLite, in this one place: what the database says, and what whoever holds the file can do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from application.log.sqlite import recorder
from application.log.sqlite.audit_writer import SQLiteAuditWriter as AuditWriter
from application.log.sqlite.recorder import APPEND_ONLY_TABLES, LOCK_TIMEOUT

__all__ = [
    "APPEND_ONLY_TABLES",
    "DAMAGE",
    "DATABASES",
    "FAILURE",
    "LOCK_TIMEOUT",
    "AuditWriter",
    "Connection",
    "Refusal",
    "attacking",
    "back_up",
    "connect",
    "connected",
    "recorder",
    "sqlite",
]

Connection = sqlite3.Connection
Refusal = sqlite3.IntegrityError
"""How the database refuses what its triggers and keys forbid."""

FAILURE = sqlite3.OperationalError("disk I/O error")
"""What a failing disk looks like."""

DAMAGE = sqlite3.DatabaseError("database disk image is malformed")


def sqlite(directory: Path) -> str:
    """The URL of a database in that directory."""
    return f"sqlite:///{directory / 'seatledger.sqlite'}"


DATABASES = {"sqlite": sqlite}
"""Every database that Seatledger runs on, by what makes the URL of one for a directory."""


def connect(path: str | Path) -> sqlite3.Connection:
    """A connection of one's own; each statement is committed at once, unless one begins a transaction."""
    return sqlite3.connect(path, isolation_level=None)


@contextmanager
def connected(path: str | Path) -> Iterator[sqlite3.Connection]:
    """The same, closed in the end."""
    with closing(connect(path)) as connection:
        yield connection


@contextmanager
def attacking(path: str | Path) -> Iterator[sqlite3.Connection]:
    """Somebody with access to the file, who removes what refuses changes; a fresh start puts it back."""
    with connected(path) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for table in APPEND_ONLY_TABLES:
            for verb in ("insert", "update", "delete"):
                connection.execute(f"DROP TRIGGER IF EXISTS {table}_refuse_{verb}")
        yield connection


def back_up(path: str | Path, to: str | Path) -> None:
    """A copy as SQLite's online backup makes it."""
    with connected(path) as source, connected(to) as target:
        source.backup(target)
