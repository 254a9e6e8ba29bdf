"""PostgreSQL: people's keys beside the log, and the traces of erased names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any
from uuid import UUID

import psycopg

from application.log.failures import storing
from application.log.postgres.connection import Line


class PostgresPeople:
    """What lies beside the log about people (see application.log.stored.People). Any thread may ask."""

    def __init__(self, url: str) -> None:
        self._line = Line(url)
        self._lock = Lock()

    def keys_of(self, ids: list[str]) -> Mapping[str, bytes]:
        return dict(self._rows("SELECT account_id, key FROM person_keys WHERE account_id = ANY(%s)", ids))

    def has_traces(self) -> bool:
        return bool(self._rows("SELECT 1 FROM erased_names LIMIT 1"))

    def has_trace(self, trace: bytes) -> bool:
        return bool(self._rows("SELECT 1 FROM erased_names WHERE trace = %s", trace))

    def keep_traces(self, traces: Iterable[bytes]) -> None:
        self._write("INSERT INTO erased_names SELECT unnest(%s::bytea[]) ON CONFLICT DO NOTHING", list(traces))

    def drop_traces(self, traces: Iterable[bytes]) -> None:
        self._write("DELETE FROM erased_names WHERE trace = ANY(%s::bytea[])", list(traces))

    def erased_in(self, installation_id: UUID) -> list[str]:
        rows = self._rows(
            "SELECT convert_from(state, 'UTF8')::json ->> 'account_id' FROM stored_events "
            "WHERE originator_id = %s AND topic = 'seatledger:PersonErased' ORDER BY originator_version",
            installation_id,
        )
        return [account_id for (account_id,) in rows if isinstance(account_id, str)]

    def drop_keys(self, ids: Iterable[str]) -> None:
        self._write("DELETE FROM person_keys WHERE account_id = ANY(%s)", list(ids))

    def erased_after(self, installation_id: UUID, position: int) -> tuple[int, bool]:
        ((newest, erased),) = self._rows(
            "SELECT coalesce(max(originator_version), 0), coalesce(bool_or(topic = 'seatledger:PersonErased'), false) "
            "FROM stored_events WHERE originator_id = %s AND originator_version > %s",
            installation_id,
            position,
        )
        return int(newest), bool(erased)

    def clear_files(self) -> bool:
        """Write the keys' table anew, which frees the old one's blocks; False where the owner alone may do that.

        The right to do it (MAINTAIN) can be given to a program from PostgreSQL 17 on.
        """
        with storing(), self._lock, self._line.open() as connection:
            may, *_ = connection.execute(
                "SELECT pg_has_role(relowner, 'USAGE') OR (current_setting('server_version_num')::int >= 170000 "
                "AND aclcontains(relacl, makeaclitem(current_user::regrole, relowner, 'MAINTAIN', false))) "
                "FROM pg_class WHERE oid = 'person_keys'::regclass"
                if connection.info.server_version >= 170000
                else "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'person_keys'::regclass"
            ).fetchone() or (False,)
            if not may:
                return False
            try:
                connection.execute("VACUUM FULL person_keys")
            except psycopg.errors.LockNotAvailable:
                return False
            return True

    def close(self) -> None:
        with self._lock:
            self._line.close()

    def _rows(
        self, query: str, *values: str | bytes | int | UUID | list[str]
    ) -> list[tuple[Any, ...]]:  # Any: each query has its own columns
        with self._lock, self._line.open() as connection:
            return connection.execute(query.encode(), values, binary=True, prepare=True).fetchall()

    def _write(self, statement: str, values: list[str] | list[bytes]) -> None:
        with storing(), self._lock, self._line.open() as connection:
            connection.execute(statement.encode(), [values])
