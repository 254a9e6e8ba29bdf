"""PostgreSQL: people's keys beside the log, and the traces of erased names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from threading import Lock
from typing import Any
from uuid import UUID

from psycopg import errors

from application.log.failures import storing
from application.log.mapper import ERASED
from application.log.postgres.connection import Connection, Line, connect
from application.log.postgres.schema import HAS_ITS_OWN
from application.log.stored import Clearing

CLEARING_SECONDS = 20.0
"""How long the server may take to write the keys' table anew."""

MAINTAINS = (
    "SELECT has_table_privilege('person_keys', 'MAINTAIN') AND has_table_privilege('view_snapshots', 'MAINTAIN')"
)

OWNS = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'person_keys'::regclass"

READS_BEFORE = """
    SELECT EXISTS (
        SELECT FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND age(backend_xmin) > 0
        AND (datname = current_database() OR datname IS NULL)
    ) OR EXISTS (SELECT FROM pg_replication_slots WHERE age(xmin) > 0)
"""
"""Whether anybody, a standby too, reads the database as it was before the newest write; rows of then are kept for them,
also by a table that is written anew."""


class PostgresPeople:
    """What lies beside the log about people (see application.log.stored.People). Any thread may ask."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._line = Line(url)
        self._lock = Lock()

    def keys_of(self, ids: list[str]) -> Mapping[str, bytes]:
        return dict(self._rows("SELECT account_id, key FROM person_keys WHERE account_id = ANY(%s)", ids))

    def has_traces(self) -> bool:
        return bool(self._rows("SELECT 1 FROM erased_names LIMIT 1"))

    def traces_among(self, traces: Iterable[bytes]) -> set[bytes]:
        rows = self._rows("SELECT trace FROM erased_names WHERE trace = ANY(%s::bytea[])", list(traces))
        return {trace for (trace,) in rows}

    def keep_traces(self, traces: Iterable[bytes]) -> None:
        self._write("INSERT INTO erased_names SELECT unnest(%s::bytea[]) ON CONFLICT DO NOTHING", list(traces))

    def drop_traces(self, traces: Iterable[bytes]) -> None:
        self._write("DELETE FROM erased_names WHERE trace = ANY(%s::bytea[])", list(traces))

    def erased_in(self, installation_id: UUID) -> list[str]:
        rows = self._rows(
            "SELECT convert_from(state, 'UTF8')::json ->> 'account_id' FROM stored_events "
            "WHERE originator_id = %s AND topic = %s ORDER BY originator_version",
            installation_id,
            ERASED,
        )
        return [account_id for (account_id,) in rows if isinstance(account_id, str)]

    def drop_keys(self, ids: Iterable[str]) -> None:
        self._write("DELETE FROM person_keys WHERE account_id = ANY(%s)", list(ids))

    def erased_after(self, installation_id: UUID, position: int) -> tuple[int, bool]:
        ((newest, erased),) = self._rows(
            "SELECT coalesce(max(originator_version), 0), coalesce(bool_or(topic = %s), false) "
            "FROM stored_events WHERE originator_id = %s AND originator_version > %s",
            ERASED,
            installation_id,
            position,
        )
        return int(newest), bool(erased)

    def clear_files(self) -> Clearing:
        """Write the tables of keys and snapshots anew, which frees their old blocks; rows that somebody may still read
        go along.

        On a connection of its own: a large table takes seconds, and nobody who reads names waits for the server's word.
        """
        with storing(), closing(connect(self._url)) as connection:
            connection.seconds = CLEARING_SECONDS
            if not _holds(connection, MAINTAINS if connection.info.server_version >= HAS_ITS_OWN else OWNS):
                return Clearing.OWNER_ALONE
            if _holds(connection, READS_BEFORE):
                return Clearing.HELD_UP
            try:
                connection.execute("VACUUM FULL person_keys, view_snapshots")
            except errors.LockNotAvailable:
                return Clearing.HELD_UP
            return Clearing.CLEAR

    def close(self) -> None:
        with self._lock:
            self._line.close()

    def _rows(
        self, query: str, *values: str | bytes | int | UUID | list[str] | list[bytes]
    ) -> list[tuple[Any, ...]]:  # Any: each query has its own columns
        with self._lock:
            return self._line.ask(
                lambda connection: connection.execute(query.encode(), values, binary=True, prepare=True).fetchall()
            )

    def _write(self, statement: str, values: list[str] | list[bytes]) -> None:
        with storing(), self._lock, self._line.open() as connection:
            connection.execute(statement.encode(), [values])


def _holds(connection: Connection, question: str) -> bool:
    row = connection.execute(question.encode()).fetchone()
    return bool(row and row[0])
