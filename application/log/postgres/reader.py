"""PostgreSQL: reading the log and what lies beside it, on connections of their own."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from functools import partial
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from psycopg import errors, pq
from psycopg.abc import QueryNoTemplate
from psycopg.generators import execute
from psycopg.rows import TupleRow

from application.log.postgres.connection import QUICK_SECONDS, Connection, Line
from application.log.stored import LAST, LogAlarm, LogVersion, Record, StoredCheckpoint, paired

PAGE, FIRST_PAGE = 1000, 125
"""How many rows are asked for at once: without a limit, the planner reads the whole table to find one new event. At
first fewer of them, since most who read want a page or what is new."""

UNLOOKED = 0.05
"""Seconds for which a connection that has answered is taken to be there; see Line."""

NEWEST = b"""
    (SELECT position, leaf FROM merkle_leaves WHERE originator_id = $1 ORDER BY position DESC LIMIT 1) UNION ALL
    (SELECT originator_version, xidsend(xmin) FROM stored_events WHERE originator_id = $1
     ORDER BY originator_version DESC LIMIT 1)
"""
"""What changes whenever the end of the log does: the newest leaf, and the newest event with the transaction that wrote
it. Both, as somebody may remove or alter the one beside the other."""


class PostgresReader:
    """Reads the log on a connection of its own. Used by one thread at a time; the caller holds a lock."""

    def __init__(self, url: str) -> None:
        self._line = Line(url, _prepare, unlooked=UNLOOKED)

    def close(self) -> None:
        self._line.close()

    def version(self, installation_id: UUID) -> LogVersion:
        """What is other whenever the log is."""
        return self._line.ask(partial(_newest, installation_id))

    def tells_at_once(self) -> bool:
        return False

    def installation_ids(self) -> list[UUID]:
        """The installations whose logs this database holds, also if their first event was removed."""
        rows = self._rows(
            "SELECT DISTINCT originator_id FROM merkle_leaves WHERE position = 1 ORDER BY 1"
        ) or self._rows("SELECT DISTINCT originator_id FROM stored_events WHERE originator_version = 1 ORDER BY 1")
        return [id_ for (id_,) in rows]

    def newest_position(self, installation_id: UUID) -> int:
        """The position of the newest event; 0 if there is none."""
        ((newest,),) = self._rows(
            "SELECT max(originator_version) FROM stored_events WHERE originator_id = %s", installation_id
        )
        return int(newest or 0)

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
        conditions, values = "", list[list[str] | list[int] | bytes]()
        if topics:
            conditions += " AND (topic = ANY(%s) OR originator_version = ANY(%s::bigint[]))"
            values.extend((list(topics), list(also)))
        for text in containing:
            conditions += " AND position(%s::bytea IN state) > 0"
            values.append(text.encode())
        first, last, most = after, LAST if upto is None else upto, FIRST_PAGE
        query = (
            "SELECT originator_version, topic, state FROM stored_events "
            "WHERE originator_id = %s AND originator_version > %s AND originator_version <= %s"
            f"{conditions} ORDER BY originator_version {'DESC' if newest_first else 'ASC'} LIMIT %s"
        )
        while rows := self._rows(query, installation_id, first, last, *values, most):
            for position, topic, state in rows:
                yield StoredEvent(installation_id, position, topic, state)
            if len(rows) < most:
                return
            most = min(2 * most, PAGE)
            first, last = (first, rows[-1][0] - 1) if newest_first else (rows[-1][0], last)

    def leaves(self, installation_id: UUID, *, after: int = 0, upto: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Position and leaf, as stored, oldest first."""
        last = LAST if upto is None else upto
        while rows := self._rows(
            "SELECT position, leaf FROM merkle_leaves WHERE originator_id = %s AND position > %s AND position <= %s "
            f"ORDER BY position LIMIT {PAGE}",
            installation_id,
            after,
            last,
        ):
            yield from rows
            if len(rows) < PAGE:
                return
            after = rows[-1][0]

    def records(
        self, installation_id: UUID, *, after: int = 0, upto: int | None = None
    ) -> Generator[Record, None, None]:
        """Every position that has an event or a leaf, oldest first, in one snapshot of the database."""
        with self._line.open() as connection:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield from paired(
                    self.events(installation_id, after=after, upto=upto),
                    self.leaves(installation_id, after=after, upto=upto),
                )
            finally:
                if not connection.closed:
                    connection.execute("COMMIT")

    def at_and_after(self, installation_id: UUID, position: int) -> list[Record]:
        """The event at the position and the next one after it, each with its leaf, as far as they are there."""
        rows = self._rows(
            "SELECT originator_version, topic, state, leaf FROM stored_events AS event LEFT JOIN merkle_leaves AS leaf "
            "ON leaf.originator_id = event.originator_id AND leaf.position = originator_version "
            "AND leaf.position >= %s "
            "WHERE event.originator_id = %s AND originator_version >= %s ORDER BY originator_version LIMIT 2",
            position,  # said of the leaves too: the planner does not conclude it, and would read all of them
            installation_id,
            position,
        )
        return [Record(*row) for row in rows]

    def checkpoints(self, installation_id: UUID, *, size: int | None = None) -> list[StoredCheckpoint]:
        """The checkpoints signed so far, the smallest first; only the one over `size` events if that is said."""
        of_size, values = ("", []) if size is None else ("AND size = %s", [size])
        rows = self._rows(
            f"SELECT size, root, note, taken_at FROM checkpoints WHERE originator_id = %s {of_size} ORDER BY size",
            installation_id,
            *values,
        )
        return [StoredCheckpoint(*row) for row in rows]

    def log_keys(self, installation_id: UUID) -> list[str]:
        """The public keys (vkeys) of all log keys that ever signed."""
        return [vkey for (vkey,) in self._rows("SELECT vkey FROM log_keys WHERE originator_id = %s", installation_id)]

    def alarms(self, installation_id: UUID) -> list[LogAlarm]:
        """What was found to be wrong with the log, by position."""
        rows = self._rows(
            "SELECT position, message, found_at FROM log_alarms WHERE originator_id = %s ORDER BY position",
            installation_id,
        )
        return [LogAlarm(*row) for row in rows]

    def _rows(self, query: str, *values: UUID | int | str | bytes | list[str] | list[int]) -> list[TupleRow]:
        statement: QueryNoTemplate = query.encode()
        with self._line.open() as connection:
            return connection.cursor(binary=True).execute(statement, values, prepare=True).fetchall()


BY_KEY = b"SET enable_bitmapscan = off; SET enable_sort = off"
"""Every question here is for some rows by their key. Right after an import or a move the server knows nothing of the
tables, and would read all of them and sort them, eight times as long for a page of the history as by the index."""


def _prepare(connection: Connection) -> None:
    connection.execute(BY_KEY)
    connection.pgconn.prepare(b"newest", NEWEST)


def _newest(installation_id: UUID, connection: Connection) -> LogVersion:
    """Asked at every login check: by the driver's lowest layer, which takes a quarter of what a cursor does."""
    connection.pgconn.send_query_prepared(b"newest", [installation_id.hex.encode()], result_format=1)
    (result,) = connection.wait(execute(connection.pgconn), timeout=QUICK_SECONDS)
    if result.status != pq.ExecStatus.TUPLES_OK:
        raise errors.error_from_result(result)
    rows = range(result.ntuples)
    return b"".join(result.get_value(row, column) or b"" for row in rows for column in (0, 1))
