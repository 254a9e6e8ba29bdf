"""SQLite: keeping checkpoints and alarms beside the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from uuid import UUID

from application.log.failures import storing
from application.log.sqlite.connection import writing
from application.log.stored import LogAlarm, StoredCheckpoint


class SQLiteAuditWriter:
    """Keeps checkpoints and alarms beside the log, on a connection of its own. Raises Busy, StorageFailed."""

    def __init__(self, database: str) -> None:
        self._database = database

    @contextmanager
    def alone(self, installation_id: UUID) -> Iterator[SQLiteSigning]:
        """Alone with the log: nobody else signs or writes before this ends, and then all or nothing is kept."""
        with storing(), closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield SQLiteSigning(connection, installation_id)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def keep_alarm(self, installation_id: UUID, alarm: LogAlarm) -> bool:
        """Keep an alarm, unless there is one at the same position; gives whether it is new."""
        with storing(), closing(self._connect()) as connection:
            try:
                connection.execute("INSERT INTO log_alarms VALUES (?, ?, ?, ?)", (installation_id.hex, *alarm))
            except sqlite3.IntegrityError:
                return False
        return True

    def _connect(self) -> sqlite3.Connection:
        return writing(self._database)


class SQLiteSigning:
    """What is signed so far, as nobody can change it now, and the next checkpoint beside it."""

    def __init__(self, connection: sqlite3.Connection, installation_id: UUID) -> None:
        self._connection, self._id = connection, installation_id.hex

    def signed(self) -> dict[int, bytes]:
        """The root of every checkpoint, by its size."""
        rows = self._connection.execute(
            "SELECT CAST(size AS INTEGER), CAST(root AS BLOB) FROM checkpoints WHERE originator_id = ?", (self._id,)
        )
        return dict(rows.fetchall())

    def keep(self, checkpoint: StoredCheckpoint, vkey: str) -> None:
        """Keep a checkpoint, and the public key that opens it."""
        known = self._connection.execute(
            "SELECT 1 FROM log_keys WHERE originator_id = ? AND vkey = ?", (self._id, vkey)
        ).fetchone()
        if not known:
            self._connection.execute("INSERT INTO log_keys VALUES (?, ?)", (self._id, vkey))
        self._connection.execute("INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?)", (self._id, *checkpoint))
