"""SQLite: the library's recorder with a Merkle leaf beside every event, and a reader on connections of its own."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID

from eventsourcing.persistence import DataError, InterfaceError, StoredEvent
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteFactory,
)
from eventsourcing.utils import Environment

from application.audit.merkle import leaf
from application.recorders.topics import LogUnreadable
from application.unavailable import storing

LOCK_TIMEOUT = 2
"""Seconds that a writer waits for another process's write."""

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
        **_: Any,
    ) -> Sequence[int] | None:
        """The events, many in one statement, then their leaves in one: that makes up for most of what leaves cost."""
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
        c.execute("SELECT last_insert_rowid()")
        last: int = c.fetchone()[0]
        first_positions = {originator: position for originator, position, *_ in reversed(rows)}
        try:
            for originator, of_one in leaves.items():
                statement = INSERT_LEAVES if len(of_one) > 1 else INSERT_LEAF
                c.execute(statement, (originator, first_positions[originator], b"".join(of_one)))
        except sqlite3.IntegrityError as error:
            # Not a conflict, which the events above would have met: their positions were free and their leaves are not.
            raise DataError("an event was removed from the history; “seatledger audit export” shows which") from error
        return range(last - len(rows) + 1, last + 1)


class ConnectionPool(SQLiteConnectionPool):
    """Connections that keep their prepared statements.

    The library asks sqlite3 for a cache of `True`, which is one statement; so each would be prepared anew every time,
    and with it its triggers, which costs a single write more than the leaf does.
    """

    def _create_connection(self) -> SQLiteConnection:
        try:
            connection = sqlite3.connect(
                self.db_name,
                uri=True,
                timeout=self.lock_timeout or LOCK_TIMEOUT,
                isolation_level=None,
                check_same_thread=False,
            )
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
        made = self.datastore.pool
        self.datastore.pool = ConnectionPool(db_name=made.db_name, lock_timeout=made.lock_timeout)


class Record(NamedTuple):
    """What is stored at a position: the event and its leaf; None where one of them is missing."""

    position: int
    topic: str | None
    state: bytes
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


_STORED = "originator_version, CAST(topic AS TEXT), CAST(coalesce(state, x'') AS BLOB)"
"""Position, topic and state, the latter as what they were written as, whatever somebody made of their column's type."""


_NONE: tuple[int, bytes | None] = (2**63, None)
"""What follows the last leaf."""


class LogReader:
    """Reads the log on a connection of its own, so that no reader ever waits behind a writer.

    Used by one thread at a time; the caller holds a lock.
    """

    def __init__(self, database: str) -> None:
        self._connection = sqlite3.connect(
            database, uri=True, timeout=LOCK_TIMEOUT, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA query_only = 1")
        # What is damaged must be shown as such, and not as a failure to read.
        self._connection.text_factory = lambda text: text.decode(errors="replace")

    def close(self) -> None:
        self._connection.close()

    def version(self) -> int:
        """A number that changes whenever another connection has committed anything."""
        number: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return number

    def installation_ids(self) -> list[UUID]:
        """The installations whose logs this database holds, also if their first event was removed.

        Raises LogUnreadable.
        """
        found = [*self._originators("merkle_leaves", "position")]
        try:
            return [UUID(id_) for id_ in found or self._originators("stored_events", "originator_version")]
        except ValueError:
            raise LogUnreadable(1, "names no installation: it was altered.") from None

    def _originators(self, table: str, place: str) -> Iterator[str]:
        """The ids that have something at position 1; each is looked for in the index, past all of the one before."""
        next_one = f"SELECT min(originator_id) FROM {table} WHERE originator_id > ?"  # noqa: S608
        is_first = f"SELECT 1 FROM {table} WHERE originator_id = ? AND {place} = 1"  # noqa: S608
        id_ = ""
        while (id_ := self._connection.execute(next_one, (id_,)).fetchone()[0]) is not None:
            if self._connection.execute(is_first, (id_,)).fetchone():
                yield str(id_)

    def newest_position(self, installation_id: UUID) -> int:
        """The position of the newest event; 0 if there is none."""
        rows = self._connection.execute(
            "SELECT max(originator_version) FROM stored_events WHERE originator_id = ?", (installation_id.hex,)
        )
        return int(rows.fetchone()[0] or 0)

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
            f"SELECT {_STORED} FROM stored_events WHERE {conditions} "  # noqa: S608
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

    def records(
        self, installation_id: UUID, *, after: int = 0, upto: int | None = None
    ) -> Generator[Record, None, None]:
        """Every position that has an event or a leaf, oldest first, in one snapshot of the database."""
        bounds = (installation_id.hex, after, 2**62 if upto is None else upto)
        self._connection.execute("BEGIN")
        try:
            stored = self._connection.execute(
                f"SELECT {_STORED} FROM stored_events "  # noqa: S608
                "WHERE originator_id = ? AND originator_version > ? AND originator_version <= ? "
                "ORDER BY originator_version",
                bounds,
            )
            leaves = self.leaves(installation_id, after=after, upto=upto)
            position, leaf = next(leaves, _NONE)
            for at, topic, state in stored:
                while position < at:
                    yield Record(position, None, b"", leaf)
                    position, leaf = next(leaves, _NONE)
                if position == at:
                    yield Record(at, topic or "", state, leaf)
                    position, leaf = next(leaves, _NONE)
                else:
                    yield Record(at, topic or "", state, None)
            while position < _NONE[0]:
                yield Record(position, None, b"", leaf)
                position, leaf = next(leaves, _NONE)
        finally:
            self._connection.execute("COMMIT")

    def checkpoints(self, installation_id: UUID) -> list[StoredCheckpoint]:
        """The checkpoints signed so far, the smallest first."""
        rows = self._connection.execute(
            "SELECT CAST(size AS INTEGER), CAST(root AS BLOB), CAST(note AS TEXT), CAST(taken_at AS TEXT) "
            "FROM checkpoints WHERE originator_id = ? ORDER BY size",
            (installation_id.hex,),
        )
        return [StoredCheckpoint(*row) for row in rows]

    def log_keys(self, installation_id: UUID) -> list[str]:
        """The public keys (vkeys) of all log keys that ever signed."""
        rows = self._connection.execute(
            "SELECT CAST(vkey AS TEXT) FROM log_keys WHERE originator_id = ?", (installation_id.hex,)
        )
        return [vkey for (vkey,) in rows]

    def alarms(self, installation_id: UUID) -> list[LogAlarm]:
        """What was found to be wrong with the log, by position."""
        rows = self._connection.execute(
            "SELECT position, message, found_at FROM log_alarms WHERE originator_id = ? ORDER BY position",
            (installation_id.hex,),
        )
        return [LogAlarm(*row) for row in rows]


class AuditWriter:
    """Keeps checkpoints and alarms beside the log, on a connection of its own. Raises Busy, StorageFailed."""

    def __init__(self, database: str) -> None:
        self._database = database

    @contextmanager
    def alone(self, installation_id: UUID) -> Iterator[Signing]:
        """Alone with the log: nobody else signs or writes before this ends, and then all or nothing is kept."""
        with storing(), closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Signing(connection, installation_id)
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
        return sqlite3.connect(self._database, timeout=LOCK_TIMEOUT, isolation_level=None)


class Signing:
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
