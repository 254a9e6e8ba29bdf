"""PostgreSQL: a snapshot of the view beside the log."""

from __future__ import annotations

from contextlib import closing
from uuid import UUID

import psycopg

from application.log.failures import storing
from application.log.mapper import ERASED
from application.log.postgres.connection import COPYING_SECONDS, Connection, connect
from application.log.stored import StoredSnapshot

_OF = b"FROM view_snapshots WHERE originator_id = %s ORDER BY position DESC LIMIT 1"

READING_SECONDS = 5.0
"""How long the answer may take: 28 MB of a million users, for which a process waits that starts."""

HOLD = b"SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
"""An erasure, and a new snapshot, take turns from here to their end: one of them sees what the other has done."""


def held_as(installation_id: UUID | str) -> str:
    return f"snapshot {UUID(str(installation_id))}"


class PostgresSnapshots:
    """Keeps the newest snapshot of each installation (see application.log.stored.Snapshots)."""

    def __init__(self, url: str) -> None:
        self._url = url

    def newest(self, installation_id: UUID) -> tuple[int, bytes] | None:
        with closing(connect(self._url)) as connection:
            row = connection.execute(b"SELECT position, fold_version " + _OF, [installation_id]).fetchone()
        return (row[0], row[1]) if row else None

    def read(self, installation_id: UUID) -> StoredSnapshot | None:
        with closing(connect(self._url)) as connection:
            connection.seconds = READING_SECONDS
            row = connection.execute(
                b"SELECT position, fold_version, leaf, body " + _OF, [installation_id], binary=True
            ).fetchone()
        return StoredSnapshot(*row) if row else None

    def keep(self, installation_id: UUID, snapshot: StoredSnapshot) -> bool:
        with storing(), closing(self._patient()) as connection, connection.transaction():
            connection.execute("INSERT INTO view_snapshots VALUES (%s, %s, %s, %s, %b)", [installation_id, *snapshot])
            # Not before the long part: whoever erases waits for this.
            connection.execute(HOLD, [held_as(installation_id)])
            if connection.execute(
                "SELECT 1 FROM stored_events WHERE originator_id = %s AND originator_version > %s "
                "AND topic = %s LIMIT 1",
                [installation_id, snapshot.position, ERASED],
            ).fetchone():
                raise psycopg.Rollback
            connection.execute(
                "DELETE FROM view_snapshots WHERE originator_id = %s AND position <> %s",
                [installation_id, snapshot.position],
            )
            return True
        return False

    def drop(self, installation_id: UUID) -> None:
        with storing(), closing(self._patient()) as connection:
            connection.execute("DELETE FROM view_snapshots WHERE originator_id = %s", [installation_id])

    def _patient(self) -> Connection:
        connection = connect(self._url)
        connection.seconds = COPYING_SECONDS
        return connection
