"""SQLite: the library's recorder with a Merkle leaf beside every event, and a reader on connections of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteCursor, SQLiteFactory

from application.audit.merkle import leaf

LOCK_TIMEOUT = 2
"""Seconds that a writer waits for another process's write."""

APPEND_ONLY_TABLES = {
    "stored_events": "originator_version",
    "merkle_leaves": "position",
    "checkpoints": "size",
    "log_alarms": "position",
}
"""Each with the column that, beside the originator's id, is its primary key."""


class Recorder(SQLiteApplicationRecorder):
    """Writes leaf n in the transaction of event n; refuses that anything written is changed (A2)."""

    def construct_create_table_statements(self) -> list[str]:
        statements = super().construct_create_table_statements()
        statements.append(
            "CREATE TABLE IF NOT EXISTS merkle_leaves (originator_id TEXT, position INTEGER, leaf BLOB NOT NULL, "
            "PRIMARY KEY (originator_id, position)) WITHOUT ROWID"
        )
        statements.append(
            "CREATE TABLE IF NOT EXISTS checkpoints (originator_id TEXT, size INTEGER, root BLOB NOT NULL, "
            "note TEXT NOT NULL, taken_at TEXT NOT NULL, PRIMARY KEY (originator_id, size)) WITHOUT ROWID"
        )
        statements.append(
            "CREATE TABLE IF NOT EXISTS log_alarms (originator_id TEXT, position INTEGER, message TEXT NOT NULL, "
            "found_at TEXT NOT NULL, PRIMARY KEY (originator_id, position)) WITHOUT ROWID"
        )
        for table, position in APPEND_ONLY_TABLES.items():
            same = f"originator_id = NEW.originator_id AND {position} = NEW.{position}"
            is_there = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "  # noqa: S608
            statements += [
                f"CREATE TRIGGER IF NOT EXISTS {table}_refuse_{verb.lower()} BEFORE {verb} ON {table} {{}}"
                "BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END".format(condition)
                for verb, condition in (
                    ("UPDATE", ""),
                    ("DELETE", ""),
                    # INSERT OR REPLACE would delete without asking the trigger above.
                    ("INSERT", is_there),
                )
            ]
        return statements

    def _insert_events(
        self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        notification_ids = super()._insert_events(c, stored_events, **kwargs)
        c.executemany(
            "INSERT INTO merkle_leaves VALUES (?, ?, ?)",
            [
                (event.originator_id.hex, event.originator_version, leaf_of(event))
                for event in stored_events
                if isinstance(event.originator_id, UUID)
            ],
        )
        return notification_ids


def leaf_of(event: StoredEvent) -> bytes:
    """The Merkle leaf of a stored event: over its stored fields, the same bytes on every database."""
    return leaf(event.originator_id, event.originator_version, event.topic, event.state)


class Factory(SQLiteFactory):
    """Makes our recorder where the library would make its own."""

    application_recorder_class = Recorder


class Record(NamedTuple):
    """What is stored at a position: the event and its leaf; None where one of them is missing."""

    position: int
    event: StoredEvent | None
    leaf: bytes | None


class StoredCheckpoint(NamedTuple):
    """A checkpoint as kept beside the log; `taken_at` is RFC 3339."""

    size: int
    root: bytes
    note: str
    taken_at: str


class LogAlarm(NamedTuple):
    """Something wrong with the log itself: the first wrong position, what it is, and when it was found."""

    position: int
    message: str
    found_at: str


_STORED = "CAST(e.topic AS TEXT), CAST(coalesce(e.state, x'') AS BLOB)"
"""Topic and state as what they were written as, whatever somebody has made of their column's type."""


class LogReader:
    """Reads the log on a connection of its own, so that no reader ever waits behind a writer.

    Used by one thread at a time; the caller holds a lock.
    """

    def __init__(self, database: str) -> None:
        self._connection = sqlite3.connect(
            database, uri=True, timeout=LOCK_TIMEOUT, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA query_only = 1")

    def close(self) -> None:
        self._connection.close()

    def version(self) -> int:
        """A number that changes whenever another connection has committed anything."""
        number: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return number

    def installation_ids(self) -> list[UUID]:
        """The installations whose logs this database holds."""
        rows = self._connection.execute("SELECT originator_id FROM stored_events WHERE originator_version = 1")
        return [UUID(originator_id) for (originator_id,) in rows]

    def events(
        self,
        installation_id: UUID,
        *,
        after: int = 0,
        upto: int | None = None,
        newest_first: bool = False,
        topic: str | None = None,
        containing: Sequence[str] = (),
    ) -> Iterator[StoredEvent]:
        """The stored events at positions after + 1 to upto: all, or those of a topic, whose state contains texts."""
        conditions = "originator_id = ? AND originator_version > ? AND originator_version <= ?"
        values: list[object] = [installation_id.hex, after, 2**62 if upto is None else upto]
        if topic is not None:
            conditions += " AND topic = ?"
            values.append(topic)
        for text in containing:
            conditions += " AND instr(state, ?)"
            values.append(text.encode())
        rows = self._connection.execute(
            f"SELECT originator_version, {_STORED} FROM stored_events e WHERE {conditions} "  # noqa: S608
            f"ORDER BY originator_version {'DESC' if newest_first else 'ASC'}",
            values,
        )
        for position, stored_topic, state in rows:
            yield StoredEvent(installation_id, position, stored_topic, state)

    def leaves(self, installation_id: UUID, *, after: int = 0, upto: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Position and leaf, as stored, oldest first."""
        yield from self._connection.execute(
            "SELECT position, CAST(leaf AS BLOB) FROM merkle_leaves "
            "WHERE originator_id = ? AND position > ? AND position <= ? ORDER BY position",
            (installation_id.hex, after, 2**62 if upto is None else upto),
        )

    def records(self, installation_id: UUID, *, after: int = 0, upto: int | None = None) -> Iterator[Record]:
        """Every position that has an event or a leaf, oldest first, in one snapshot of the database."""
        bounds = (installation_id.hex, after, 2**62 if upto is None else upto)
        rows = self._connection.execute(
            f"SELECT e.originator_version, {_STORED}, CAST(l.leaf AS BLOB) "  # noqa: S608
            "FROM stored_events e LEFT JOIN merkle_leaves l "
            "ON l.originator_id = e.originator_id AND l.position = e.originator_version "
            "WHERE e.originator_id = ? AND e.originator_version > ? AND e.originator_version <= ? UNION ALL "
            "SELECT l.position, NULL, NULL, CAST(l.leaf AS BLOB) FROM merkle_leaves l LEFT JOIN stored_events e "
            "ON l.originator_id = e.originator_id AND l.position = e.originator_version "
            "WHERE l.originator_id = ? AND l.position > ? AND l.position <= ? AND e.topic IS NULL "
            "ORDER BY 1",
            (*bounds, *bounds),
        )
        for position, topic, state, stored_leaf in rows:
            event = None if topic is None else StoredEvent(installation_id, position, topic, state)
            yield Record(position, event, stored_leaf)

    def checkpoints(self, installation_id: UUID) -> list[StoredCheckpoint]:
        """The checkpoints signed so far, the smallest first."""
        rows = self._connection.execute(
            "SELECT size, root, note, taken_at FROM checkpoints WHERE originator_id = ? ORDER BY size",
            (installation_id.hex,),
        )
        return [StoredCheckpoint(*row) for row in rows]

    def alarms(self, installation_id: UUID) -> list[LogAlarm]:
        """What was found to be wrong with the log, by position."""
        rows = self._connection.execute(
            "SELECT position, message, found_at FROM log_alarms WHERE originator_id = ? ORDER BY position",
            (installation_id.hex,),
        )
        return [LogAlarm(*row) for row in rows]


class AuditWriter:
    """Keeps checkpoints and alarms beside the log; each write is one statement on a connection of its own."""

    def __init__(self, database: str) -> None:
        self._database = database

    def keep_checkpoint(self, installation_id: UUID, checkpoint: StoredCheckpoint) -> None:
        """Keep a checkpoint; one of the same size stays as it is."""
        self._keep("INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?)", installation_id, *checkpoint)

    def keep_alarm(self, installation_id: UUID, alarm: LogAlarm) -> None:
        """Keep an alarm; one at the same position stays as it is."""
        self._keep("INSERT INTO log_alarms VALUES (?, ?, ?, ?)", installation_id, *alarm)

    def _keep(self, statement: str, installation_id: UUID, *values: object) -> None:
        with closing(sqlite3.connect(self._database, timeout=LOCK_TIMEOUT, isolation_level=None)) as connection:
            try:
                connection.execute(statement, (installation_id.hex, *values))
            except sqlite3.IntegrityError:
                return  # another process was first
