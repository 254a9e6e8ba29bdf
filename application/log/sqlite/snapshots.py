"""SQLite: a snapshot of the view beside the log."""

from __future__ import annotations

from contextlib import closing
from uuid import UUID

from application.log.failures import storing
from application.log.mapper import ERASED
from application.log.sqlite.connection import writing
from application.log.stored import StoredSnapshot

_OF = "FROM view_snapshots WHERE originator_id = ? ORDER BY position DESC LIMIT 1"


class SQLiteSnapshots:
    """Keeps the newest snapshot of each installation (see application.log.stored.Snapshots)."""

    def __init__(self, database: str) -> None:
        self._database = database

    def newest(self, installation_id: UUID) -> tuple[int, bytes] | None:
        with closing(writing(self._database)) as connection:
            row = connection.execute(
                f"SELECT CAST(position AS INTEGER), CAST(fold_version AS BLOB) {_OF}", [installation_id.hex]
            ).fetchone()
        return (row[0], row[1]) if row else None

    def read(self, installation_id: UUID) -> StoredSnapshot | None:
        with closing(writing(self._database)) as connection:
            row = connection.execute(
                "SELECT CAST(position AS INTEGER), CAST(fold_version AS BLOB), CAST(leaf AS BLOB), "
                f"CAST(body AS BLOB) {_OF}",
                [installation_id.hex],
            ).fetchone()
        return StoredSnapshot(*row) if row else None

    def keep(self, installation_id: UUID, snapshot: StoredSnapshot) -> bool:
        id_ = installation_id.hex
        with storing(), closing(writing(self._database)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            with connection:  # ends it, with all of it or nothing
                if connection.execute(
                    "SELECT 1 FROM stored_events WHERE originator_id = ? AND originator_version > ? "
                    "AND topic = ? LIMIT 1",
                    [id_, snapshot.position, ERASED],
                ).fetchone():
                    return False
                connection.execute("DELETE FROM view_snapshots WHERE originator_id = ?", [id_])
                connection.execute("INSERT INTO view_snapshots VALUES (?, ?, ?, ?, ?)", [id_, *snapshot])
        return True

    def drop(self, installation_id: UUID) -> None:
        with storing(), closing(writing(self._database)) as connection:
            connection.execute("DELETE FROM view_snapshots WHERE originator_id = ?", [installation_id.hex])
