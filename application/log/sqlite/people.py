"""SQLite: people's keys beside the log, and the traces of erased names."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from threading import Lock
from typing import Any
from uuid import UUID

from application.log.failures import storing
from application.log.mapper import ERASED
from application.log.place import file_at
from application.log.sqlite.connection import LOCK_TIMEOUT, writing
from application.log.stored import Clearing


class SQLitePeople:
    """What lies beside the log about people (see application.log.stored.People). Any thread may ask."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None

    def keys_of(self, ids: list[str]) -> Mapping[str, bytes]:
        rows = self._rows(
            "SELECT account_id, CAST(key AS BLOB) FROM person_keys "
            "WHERE account_id IN (SELECT value FROM json_each(?))",
            json.dumps(ids),
        )
        return dict(rows)

    def has_traces(self) -> bool:
        return bool(self._rows("SELECT 1 FROM erased_names LIMIT 1"))

    def traces_among(self, traces: Iterable[bytes]) -> set[bytes]:
        sought = list(traces)
        marks = ", ".join("?" * len(sought))
        rows = self._rows(f"SELECT CAST(trace AS BLOB) FROM erased_names WHERE trace IN ({marks})", *sought)  # noqa: S608
        return {trace for (trace,) in rows}

    def keep_traces(self, traces: Iterable[bytes]) -> None:
        with storing(), closing(writing(self._database)) as connection:
            connection.executemany("INSERT OR IGNORE INTO erased_names VALUES (?)", [(trace,) for trace in traces])

    def drop_traces(self, traces: Iterable[bytes]) -> None:
        with storing(), closing(writing(self._database)) as connection:
            connection.executemany("DELETE FROM erased_names WHERE trace = ?", [(trace,) for trace in traces])

    def erased_in(self, installation_id: UUID) -> list[str]:
        rows = self._rows(
            "SELECT json_extract(CAST(state AS TEXT), '$.account_id') FROM stored_events "
            "WHERE originator_id = ? AND topic = ? ORDER BY originator_version",
            installation_id.hex,
            ERASED,
        )
        return [account_id for (account_id,) in rows if isinstance(account_id, str)]

    def drop_keys(self, ids: Iterable[str]) -> None:
        with storing(), closing(writing(self._database)) as connection:
            connection.executemany("DELETE FROM person_keys WHERE account_id = ?", [(id_,) for id_ in ids])

    def erased_after(self, installation_id: UUID, position: int) -> tuple[int, bool]:
        ((newest, erased),) = self._rows(
            "SELECT coalesce(max(originator_version), 0), total(topic = ?) "
            "FROM stored_events WHERE originator_id = ? AND originator_version > ?",
            ERASED,
            installation_id.hex,
            position,
        )
        return newest, bool(erased)

    def clear_files(self) -> Clearing:
        with storing(), closing(writing(self._database)) as connection:
            is_held_up, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return Clearing.HELD_UP if is_held_up else Clearing.CLEAR

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _rows(
        self, query: str, *values: str | bytes | int
    ) -> list[tuple[Any, ...]]:  # Any: each query has its own columns
        """The rows of a query, asked of the file that stands there now."""
        with self._lock:
            file = file_at(self._database)
            if self._connection is None or file not in (None, self._file):
                if self._connection is not None:
                    self._connection.close()
                self._file, self._connection = (
                    file,
                    sqlite3.connect(
                        self._database, timeout=LOCK_TIMEOUT, isolation_level=None, check_same_thread=False
                    ),
                )
            return self._connection.execute(query, values).fetchall()
