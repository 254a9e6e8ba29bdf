"""SQLite: the library's recorder, which writes a Merkle leaf beside every event."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import Any
from uuid import UUID

from eventsourcing.persistence import InterfaceError, StoredEvent
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteFactory,
)
from eventsourcing.utils import Environment

from application.log.failures import DoesNotFollow, HistoryRemoved
from application.log.mapper import HELD_FOR_ACCOUNT, erased_people, new_keys
from application.log.place import File, file_at
from application.log.sqlite.connection import ERASING, LOCK_TIMEOUT
from application.proof.verify_export import leaf

APPEND_ONLY_TABLES = {
    "stored_events": ("originator_version", "NEW.rowid > 0 AND rowid = NEW.rowid"),
    "merkle_leaves": ("position",),
    "checkpoints": ("size",),
    "log_alarms": ("position",),
    "log_keys": ("vkey",),
}
"""Each with the column that, beside the originator's id, is its primary key, and by what else a row can be replaced."""


AT_ONCE = 50
INSERT_MANY_EVENTS = f"INSERT INTO stored_events VALUES {', '.join(['(?, ?, ?, ?)'] * AT_ONCE)}"  # noqa: S608

INSERT_LEAF = "INSERT INTO merkle_leaves VALUES (?1, ?2, ?3)"

INSERT_LEAVES = """
    WITH RECURSIVE nth(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM nth WHERE n + 1 < length(?3) / 32)
    INSERT INTO merkle_leaves SELECT ?1, ?2 + n, substr(?3, 1 + 32 * n, 32) FROM nth
"""
"""The leaves of one aggregate's new events, which follow one another: the first position, and all leaves in one."""


INSERT_KEY = "INSERT INTO person_keys VALUES (?, ?)"


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
        statements.append(
            "CREATE TABLE IF NOT EXISTS log_keys (originator_id TEXT, vkey TEXT, "
            "PRIMARY KEY (originator_id, vkey)) WITHOUT ROWID"
        )
        statements.append(
            "CREATE TABLE IF NOT EXISTS person_keys (account_id TEXT PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID"
        )
        statements.append("CREATE TABLE IF NOT EXISTS erased_names (trace BLOB PRIMARY KEY) WITHOUT ROWID")
        statements.append(
            "CREATE TABLE IF NOT EXISTS view_snapshots (originator_id TEXT, position INTEGER, "
            "fold_version BLOB NOT NULL, leaf BLOB NOT NULL, body BLOB NOT NULL, PRIMARY KEY (originator_id, position))"
        )
        for table, (key, *others) in APPEND_ONLY_TABLES.items():
            is_there = " OR ".join(
                f"EXISTS (SELECT 1 FROM {table} WHERE {condition})"  # noqa: S608
                for condition in (f"originator_id = NEW.originator_id AND {key} = NEW.{key}", *others)
            )
            statements += [
                f"CREATE TRIGGER IF NOT EXISTS {table}_refuse_{verb.lower()} BEFORE {verb} ON {table} {condition}"
                "BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END"
                for verb, condition in (
                    ("UPDATE", ""),
                    ("DELETE", ""),
                    # INSERT OR REPLACE would delete without asking the trigger above.
                    ("INSERT", f"WHEN {is_there} "),
                )
            ]
        return statements

    def _insert_events(
        self,
        c: SQLiteCursor,
        stored_events: Sequence[StoredEvent],
        *,
        after: bytes | None = None,
        **_: Any,  # Any: as the library has it
    ) -> Sequence[int] | None:
        """The events, many in one statement, then their leaves in one: that makes up for most of what leaves cost.

        Raises DoesNotFollow if they do not follow the event with the leaf `after`, if that is said.
        """
        rows, leaves = [], defaultdict[str, list[bytes]](list)
        for event in stored_events:
            id_ = event.originator_id
            originator = id_.hex if isinstance(id_, UUID) else id_
            position, topic, state = event.originator_version, event.topic, event.state
            rows.append((originator, position, topic, state))
            leaves[originator].append(leaf(originator, position, topic, state))
        many = len(rows) - len(rows) % AT_ONCE
        for start in range(0, many, AT_ONCE):
            c.execute(INSERT_MANY_EVENTS, list(chain.from_iterable(rows[start : start + AT_ONCE])))
        c.executemany(self.insert_events_statement, rows[many:])
        if after is not None:  # asked once nobody else can write any more
            _ask_follows(c, stored_events[0], after)
        c.execute("SELECT last_insert_rowid()")
        last: int = c.fetchone()[0]
        first_positions = {originator: position for originator, position, *_ in reversed(rows)}
        try:
            for originator, of_one in leaves.items():
                statement = INSERT_LEAVES if len(of_one) > 1 else INSERT_LEAF
                c.execute(statement, (originator, first_positions[originator], b"".join(of_one)))
        except sqlite3.IntegrityError as error:
            # Not a conflict, which the events above would have met: their positions were free and their leaves are not.
            raise HistoryRemoved(str(error)) from error
        _keep_keys(c, stored_events)
        return range(last - len(rows) + 1, last + 1)


def _ask_follows(c: SQLiteCursor, first: StoredEvent, after: bytes) -> None:
    originator = first.originator_id.hex if isinstance(first.originator_id, UUID) else first.originator_id
    c.execute(
        "SELECT 1 FROM merkle_leaves WHERE originator_id = ? AND position = ? AND leaf = ?",
        (originator, first.originator_version - 1, after),
    )
    if c.fetchone() is None:
        raise DoesNotFollow


def _keep_keys(c: SQLiteCursor, stored_events: Sequence[StoredEvent]) -> None:
    """The keys of the people who are new in these events (P1); those who are erased lose theirs, and credentials (P2),
    and a snapshot of the view goes, which may name them (P5).

    In the transaction of the events: there is no moment at which a name can be read that the log says to be erased.
    """
    keys = new_keys(stored_events)
    if len(keys) == 1:
        c.execute(INSERT_KEY, keys[0])
    elif keys:
        c.executemany(INSERT_KEY, keys)
    erased = [(account_id,) for account_id in erased_people(stored_events)]
    if not erased:
        return
    c.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    present = {name for (name,) in c.fetchall()}
    c.execute("DELETE FROM view_snapshots WHERE originator_id = ?", (UUID(str(stored_events[0].originator_id)).hex,))
    for table in HELD_FOR_ACCOUNT:
        if table in present:
            c.executemany(f"DELETE FROM {table} WHERE account_id = ?", erased)  # noqa: S608


class ConnectionPool(SQLiteConnectionPool):
    """Connections that keep their prepared statements.

    The library asks sqlite3 for a cache of `True`, which is one statement; so each would be prepared anew every time,
    and with it its triggers, which costs a single write more than the leaf does.

    Connections to a file that was replaced since are let go: what they wrote, nobody would ever read.
    """

    _file: File | None = None

    def get_connection(self, timeout: float | None = None, *, is_writer: bool | None = None) -> SQLiteConnection:
        file = file_at(self.db_name)
        if file not in (None, self._file):
            with self._put_condition:
                while self._pool:
                    self._pool.pop().close()
            self._file, self.is_journal_mode_wal = file, False
        return super().get_connection(timeout, is_writer=is_writer)

    def _create_connection(self) -> SQLiteConnection:
        try:
            connection = sqlite3.connect(
                self.db_name,
                uri=True,
                timeout=self.lock_timeout or LOCK_TIMEOUT,
                isolation_level=None,
                check_same_thread=False,
            )
            connection.execute(ERASING)
            if not self.is_journal_mode_wal:
                connection.execute("PRAGMA journal_mode = WAL")
                self.is_journal_mode_wal = True
        except sqlite3.Error as error:
            raise InterfaceError(error) from error
        connection.row_factory = sqlite3.Row
        return SQLiteConnection(connection, max_age=self.max_age)


class Factory(SQLiteFactory):
    """Makes our recorder and our connections where the library would make its own."""

    application_recorder_class = Recorder

    def __init__(self, env: Environment) -> None:
        super().__init__(env)
        pool = self.datastore.pool
        self.datastore.pool = ConnectionPool(db_name=pool.db_name, lock_timeout=pool.lock_timeout)
