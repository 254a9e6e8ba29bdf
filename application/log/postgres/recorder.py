"""PostgreSQL: events written in one statement; their leaves are written by the database itself (see schema.sql)."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import (
    ApplicationRecorder,
    InfrastructureFactory,
    IntegrityError,
    Notification,
    NotSupportedError,
    StoredEvent,
    Subscription,
)
from eventsourcing.utils import Environment
from psycopg import errors

from application.log.failures import ReplyLost, one_line
from application.log.mapper import HELD_FOR_ACCOUNT, erased_people, new_keys
from application.log.postgres.connection import STORING_SECONDS, Connection, Line
from application.log.postgres.snapshots import HOLD, held_as
from application.log.stored import LAST

INSERT_EVENTS = """
    INSERT INTO stored_events (originator_id, originator_version, topic, state)
    SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::bytea[])
"""

INSERT_EVENTS_AND_KEYS = f"""
    WITH keys AS (INSERT INTO person_keys (account_id, key) SELECT * FROM unnest(%s::text[], %s::bytea[]))
    {INSERT_EVENTS}
"""
"""One statement is one transaction: the events, their leaves, and the keys of the people who are new in them (P1)."""

SELECT_EVENTS = """
    SELECT originator_version, topic, state FROM stored_events
    WHERE originator_id = %s AND originator_version > %s AND originator_version <= %s ORDER BY originator_version
"""

Columns = tuple[list[UUID | str], list[int], list[str], list[bytes]]
"""Events by column: originators, positions, topics, states."""

NOBODY_FOLLOWS = "positions are versions; nobody follows this log by the library's notifications"


class Recorder(ApplicationRecorder):
    """Inserts and selects events by one connection of its own; commands of a process take turns (see acting.py)."""

    def __init__(self, url: str) -> None:
        self._line = Line(url, _hurry)
        self._lock = Lock()

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        **_: Any,  # Any: as the library has it
    ) -> None:
        """All of the events or none. Raises IntegrityError if another has stored at a position of theirs, ReplyLost."""
        if not stored_events:
            return
        ids, positions, topics, states = zip(
            *((e.originator_id, e.originator_version, e.topic, e.state) for e in stored_events), strict=True
        )
        columns = list(ids), list(positions), list(topics), list(states)
        new, erased = new_keys(stored_events), erased_people(stored_events)
        with self._lock, self._line.open() as connection:
            try:
                if erased:
                    with connection.transaction():
                        connection.execute(HOLD, [held_as(ids[0])])
                        _insert(connection, columns, new)
                        _forget(connection, erased)
                        connection.execute("DELETE FROM view_snapshots WHERE originator_id = %s", [ids[0]])
                else:
                    _insert(connection, columns, new)
            except errors.UniqueViolation as error:
                if error.diag.constraint_name == "stored_events_pkey":
                    raise IntegrityError(str(error)) from error
                raise
            except psycopg.OperationalError as error:
                if connection.closed:  # it may be stored, and may even be stored later, by a server that stood still
                    raise ReplyLost(one_line(error)) from error
                raise

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        statement = SELECT_EVENTS + (" DESC" if desc else "") + (" LIMIT %s" if limit is not None else "")
        values = [originator_id, gt or 0, LAST if lte is None else lte, *([] if limit is None else [limit])]
        with self._lock, self._line.open() as connection:
            rows = connection.execute(statement, values, binary=True).fetchall()
        return [StoredEvent(originator_id, position, topic or "", state or b"") for position, topic, state in rows]

    def close(self) -> None:
        with self._lock:
            self._line.close()

    # What the library asks of a recorder that others follow

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        raise NotSupportedError(NOBODY_FOLLOWS)

    def max_notification_id(self) -> int | None:
        raise NotSupportedError(NOBODY_FOLLOWS)

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        raise NotSupportedError(NOBODY_FOLLOWS)


def _hurry(connection: Connection) -> None:
    connection.seconds = STORING_SECONDS


def _insert(connection: Connection, columns: Columns, new: Sequence[tuple[str, bytes]]) -> None:
    if new:
        accounts, keys = zip(*new, strict=True)
        connection.execute(INSERT_EVENTS_AND_KEYS, [list(accounts), list(keys), *columns], prepare=True)
    else:
        connection.execute(INSERT_EVENTS, columns, prepare=True)


def _forget(connection: Connection, erased: list[str]) -> None:
    """Delete the keys and the credentials of the people whom these events erase (P2)."""
    for table in HELD_FOR_ACCOUNT:
        connection.execute(f"DELETE FROM {table} WHERE account_id = ANY(%s)".encode(), [erased])


class Factory(InfrastructureFactory[Any]):  # Any: the library names a tracking recorder, of which we use none
    """Gives the library our recorder."""

    def __init__(self, env: Environment, url: str) -> None:
        super().__init__(env)
        self._recorder = Recorder(url)

    def aggregate_recorder(self, purpose: str = "events") -> Recorder:
        return self._recorder

    def application_recorder(self) -> Recorder:
        return self._recorder

    def tracking_recorder(self, tracking_recorder_class: type[Any] | None = None) -> Any:  # Any: see above
        raise NotSupportedError(NOBODY_FOLLOWS)

    def process_recorder(self) -> Any:  # Any: see above
        raise NotSupportedError(NOBODY_FOLLOWS)

    def close(self) -> None:
        self._recorder.close()
