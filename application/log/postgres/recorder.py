"""PostgreSQL: events written in one statement; their leaves are written by the database itself (see schema.sql)."""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack
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
from psycopg import errors, pq
from psycopg.generators import execute

from application.log.failures import DoesNotFollow, ReplyLost, one_line
from application.log.mapper import HELD_FOR_ACCOUNT, erased_people, new_keys
from application.log.postgres.connection import STORING_SECONDS, Connection, Line
from application.log.postgres.snapshots import HOLD, held_as
from application.log.stored import LAST

INSERT_EVENTS = b"""
    WITH follows AS (
        SELECT WHERE $1::bytea IS NULL
        OR EXISTS (SELECT FROM merkle_leaves WHERE originator_id = $2::uuid AND position = $3::bigint AND leaf = $1)
        AND NOT EXISTS (SELECT FROM merkle_leaves WHERE originator_id = $2 AND position = $3 + 1)
    ),
    keys AS (
        INSERT INTO person_keys (account_id, key) SELECT * FROM unnest($4::text[], $5::bytea[])
        WHERE EXISTS (SELECT FROM follows)
    )
    INSERT INTO stored_events (originator_id, originator_version, topic, state)
    SELECT * FROM unnest($6::uuid[], $7::bigint[], $8::text[], $9::bytea[]) WHERE EXISTS (SELECT FROM follows)
"""
"""One statement is one transaction: events, if they follow the one with that leaf, their leaves, and the keys of the
people who are new in them (P1). Where another was quicker, that is no error in the server's log, but in a race."""

UUIDS, BIGINTS, TEXTS, BYTEAS = 2950, 20, 25, 17
"""The numbers by which every PostgreSQL knows these types."""

SELECT_EVENTS = """
    SELECT originator_version, topic, state FROM stored_events
    WHERE originator_id = %s AND originator_version > %s AND originator_version <= %s ORDER BY originator_version
"""

NOBODY_FOLLOWS = "positions are versions; nobody follows this log by the library's notifications"


class Recorder(ApplicationRecorder):
    """Inserts and selects events by one connection of its own; commands of a process take turns (see acting.py)."""

    def __init__(self, url: str) -> None:
        self._line = Line(url, _prepare)
        self._lock = Lock()

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        after: bytes | None = None,
        **_: Any,  # Any: as the library has it
    ) -> None:
        """All of the events or none; none if they do not follow the event with the leaf `after`, if that is said.

        Raises IntegrityError if another has stored at a position of theirs, DoesNotFollow, ReplyLost.
        """
        if not stored_events:
            return
        originator, erased = stored_events[0].originator_id, erased_people(stored_events)
        values = _values(stored_events, after)
        with self._lock, self._line.open() as connection:
            try:
                if erased:
                    with connection.transaction():
                        connection.execute(HOLD, [held_as(originator)])
                        _insert(connection, values)
                        _forget(connection, erased)
                        connection.execute("DELETE FROM view_snapshots WHERE originator_id = %s", [originator])
                else:
                    _insert(connection, values)
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


def _prepare(connection: Connection) -> None:
    connection.seconds = STORING_SECONDS
    connection.pgconn.prepare(b"insert", INSERT_EVENTS)


def _values(stored_events: Sequence[StoredEvent], after: bytes | None) -> list[bytes | None]:
    """What the statement is given, each value as the server sends it, too."""
    positions, new = [event.originator_version for event in stored_events], new_keys(stored_events)
    ids = [UUID(str(event.originator_id)).bytes for event in stored_events]
    return [
        after,
        ids[0],
        _bigint(positions[0] - 1),
        _array(TEXTS, [account_id.encode() for account_id, _ in new]),
        _array(BYTEAS, [key for _, key in new]),
        _array(UUIDS, ids),
        _array(BIGINTS, list(map(_bigint, positions))),
        _array(TEXTS, [event.topic.encode() for event in stored_events]),
        _array(BYTEAS, [event.state for event in stored_events]),
    ]


def _bigint(number: int) -> bytes:
    return number.to_bytes(8, "big", signed=True)


def _array(element: int, items: Sequence[bytes]) -> bytes:
    """An array of one dimension, which begins at 1, in PostgreSQL's binary form."""
    if not items:
        return pack("!iii", 0, 0, element)
    return pack("!iiiii", 1, 0, element, len(items), 1) + b"".join(pack("!i", len(item)) + item for item in items)


def _insert(connection: Connection, values: list[bytes | None]) -> None:
    """By the driver's lowest layer: its adaptation of lists takes as long as all else that a command does."""
    connection.pgconn.send_query_prepared(b"insert", values, param_formats=[1] * len(values))
    (result,) = connection.wait(execute(connection.pgconn))
    if result.status != pq.ExecStatus.COMMAND_OK:
        raise errors.error_from_result(result)
    if result.command_tuples == 0:
        raise DoesNotFollow


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
