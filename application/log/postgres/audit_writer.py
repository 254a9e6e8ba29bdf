"""PostgreSQL: keeping checkpoints and alarms beside the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from uuid import UUID

from application.log.failures import storing
from application.log.postgres.connection import Connection, connect
from application.log.stored import LogAlarm, StoredCheckpoint


class PostgresAuditWriter:
    """Keeps checkpoints and alarms beside the log, on a connection of its own. Raises Busy, StorageFailed."""

    def __init__(self, url: str) -> None:
        self._url = url

    @contextmanager
    def alone(self, installation_id: UUID) -> Iterator[PostgresSigning]:
        """Alone among those who sign, until this ends; then all or nothing is kept.

        Others may record meanwhile: a checkpoint over n events stays true when event n + 1 comes.
        """
        with storing(), closing(connect(self._url)) as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sign {installation_id}"])
            yield PostgresSigning(connection, installation_id)

    def keep_alarm(self, installation_id: UUID, alarm: LogAlarm) -> bool:
        """Keep an alarm, unless there is one at the same position; gives whether it is new."""
        with storing(), closing(connect(self._url)) as connection:
            cursor = connection.execute(
                "INSERT INTO log_alarms VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING", [installation_id, *alarm]
            )
            return cursor.rowcount == 1


class PostgresSigning:
    """What is signed so far, as nobody else can change it now, and the next checkpoint beside it."""

    def __init__(self, connection: Connection, installation_id: UUID) -> None:
        self._connection, self._id = connection, installation_id

    def signed(self) -> dict[int, bytes]:
        """The root of every checkpoint, by its size."""
        rows = self._connection.execute("SELECT size, root FROM checkpoints WHERE originator_id = %s", [self._id])
        return dict(rows.fetchall())

    def keep(self, checkpoint: StoredCheckpoint, vkey: str) -> None:
        """Keep a checkpoint, and the public key that opens it."""
        self._connection.execute("INSERT INTO log_keys VALUES (%s, %s) ON CONFLICT DO NOTHING", [self._id, vkey])
        self._connection.execute("INSERT INTO checkpoints VALUES (%s, %s, %s, %s, %s)", [self._id, *checkpoint])
