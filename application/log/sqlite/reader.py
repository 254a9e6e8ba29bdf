"""SQLite: reading the log and what lies beside it, on connections of their own."""

from __future__ import annotations

import json
import mmap
import sqlite3
from collections.abc import Generator, Iterator, Sequence
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from application.log.failures import LogUnreadable
from application.log.place import file_at
from application.log.sqlite.connection import LOCK_TIMEOUT
from application.log.sqlite.wal_index import head_of_index
from application.log.stored import LAST, LogAlarm, LogVersion, Record, StoredCheckpoint, paired
from domain.refusals import Problem

_STORED = "originator_version, CAST(topic AS TEXT), CAST(coalesce(state, x'') AS BLOB)"
"""Position, topic and state, the latter as what they were written as, whatever somebody made of their column's type."""


class SQLiteReader:
    """Reads the log on a connection of its own, so that no reader ever waits behind a writer.

    Used by one thread at a time; the caller holds a lock.
    """

    def __init__(self, database: str) -> None:
        self._database = database
        self._replaced = 0
        self._is_asked_often = False
        self._connect()

    def _connect(self) -> None:
        self._index: mmap.mmap | None = None
        self._file = file_at(self._database)
        self._connection = sqlite3.connect(
            self._database, uri=True, timeout=LOCK_TIMEOUT, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA query_only = 1")
        # What is damaged must be shown as such, and not as a failure to read.
        self._connection.text_factory = lambda text: text.decode(errors="replace")

    def close(self) -> None:
        self._connection.close()

    def version(self, _installation_id: UUID) -> LogVersion:
        """Something that changes whenever another connection has committed anything, or the file is another one.

        An open connection goes on reading a file that was renamed or written over, as if nothing had happened.
        """
        file = file_at(self._database)
        if file not in (None, self._file):
            self._connection.close()
            self._connect()
            self._replaced += 1
        if self._index is not None:
            return b"%d " % self._replaced + self._index[:]
        number: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if self._is_asked_often:
            self._index = head_of_index(self._database)  # which SQLite has opened by now
        return number + (self._replaced << 32)

    def tells_at_once(self) -> bool:
        """Always: from now on by the WAL index, which is not opened for those who look a few times."""
        self._is_asked_often = True
        return True

    def installation_ids(self) -> list[UUID]:
        """The installations whose logs this database holds, also if their first event was removed.

        Raises LogUnreadable.
        """
        ids = [*self._originators("merkle_leaves", "position")]
        try:
            return [UUID(id_) for id_ in ids or self._originators("stored_events", "originator_version")]
        except ValueError:
            raise LogUnreadable(1, Problem("names_no_installation")) from None

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
        topics: Sequence[str] = (),
        also: Sequence[int] = (),
        containing: Sequence[str] = (),
    ) -> Iterator[StoredEvent]:
        """The stored events at positions after + 1 to upto whose state contains the texts.

        If topics are named, those of the topics, and those at the positions `also`.
        """
        conditions = "originator_id = ? AND originator_version > ? AND originator_version <= ?"
        values: list[object] = [  # object: what sqlite3 binds
            installation_id.hex,
            after,
            LAST if upto is None else upto,
        ]
        if topics:
            kinds = ", ".join("?" * len(topics))
            conditions += f" AND (topic IN ({kinds}) OR originator_version IN (SELECT value FROM json_each(?)))"  # noqa: S608
            values.extend((*topics, json.dumps(list(also))))  # one value: there may be many positions
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
            (installation_id.hex, after, LAST if upto is None else upto),
        )

    def records(
        self, installation_id: UUID, *, after: int = 0, upto: int | None = None
    ) -> Generator[Record, None, None]:
        """Every position that has an event or a leaf, oldest first, in one snapshot of the database."""
        self._connection.execute("BEGIN")
        try:
            yield from paired(
                self.events(installation_id, after=after, upto=upto),
                self.leaves(installation_id, after=after, upto=upto),
            )
        finally:
            self._connection.execute("COMMIT")

    def at_and_after(self, installation_id: UUID, position: int) -> list[Record]:
        """The event at the position and the next one after it, each with its leaf, as far as they are there.

        One short statement: it is asked at the first login check after any write, and each step of SQLite lets go of
        Python's lock, for which all other threads wait.
        """
        rows = self._connection.execute(
            f"SELECT {_STORED}, CAST(leaf AS BLOB) FROM stored_events AS event "  # noqa: S608
            "LEFT JOIN merkle_leaves AS leaf "
            "ON leaf.originator_id = event.originator_id AND leaf.position = originator_version "
            "WHERE event.originator_id = ? AND originator_version >= ? ORDER BY originator_version LIMIT 2",
            (installation_id.hex, position),
        )
        return [Record(at, topic or "", state, leaf) for at, topic, state, leaf in rows.fetchall()]

    def checkpoints(self, installation_id: UUID, *, size: int | None = None) -> list[StoredCheckpoint]:
        """The checkpoints signed so far, the smallest first; only the one over `size` events if that is said."""
        of_size, values = ("", []) if size is None else ("AND size = ?", [size])
        rows = self._connection.execute(
            "SELECT CAST(size AS INTEGER), CAST(root AS BLOB), CAST(note AS TEXT), CAST(taken_at AS TEXT) "  # noqa: S608
            f"FROM checkpoints WHERE originator_id = ? {of_size} ORDER BY size",
            (installation_id.hex, *values),
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
