"""The tables beside the log, in the same database: how they are reached, and what each database spells its own way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, Table, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DisconnectionError

from application.log.place import file_at
from application.log.sqlite.connection import ERASING

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

    from application.log.postgres.connection import Connection

BUSY_TIMEOUT = 2
"""Seconds that a write waits for another writer of the same SQLite file; the log's own writers wait as long."""


def open_engine(url: str) -> Engine:
    """Opens an SQLite database (`sqlite:///path`) for the tables beside the log.

    Statements' parameters are digests and hashes: they are kept out of every error text, and so out of every log.
    """
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT})
    event.listen(engine, "connect", _write_ahead)
    path = str(engine.url.database)

    def note_file(_connection: Any, record: Any) -> None:  # Any: as in _write_ahead
        record.info["file"] = file_at(path)

    def ask_file(_connection: Any, record: Any, _proxy: Any) -> None:  # Any: as in _write_ahead
        """A connection to a file that was replaced since is let go, and another one is made."""
        if file_at(path) not in (None, record.info["file"]):
            raise DisconnectionError

    event.listen(engine, "connect", note_file)
    event.listen(engine, "checkout", ask_file)
    return engine


def open_postgres_engine(connect: Callable[[], Connection]) -> Engine:
    """Opens a PostgreSQL database for the tables beside the log, by connections that `connect` makes."""
    engine = create_engine(
        "postgresql+psycopg://", creator=connect, hide_parameters=True, pool_size=8, max_overflow=0, pool_timeout=2
    )

    def begin_transactions(connection: Connection, _record: Any) -> None:  # Any: as in _write_ahead
        """What is done together is committed together; the log's own connections commit each statement."""
        connection.autocommit = False

    def ask_alive(connection: Connection, _record: Any, _proxy: Any) -> None:  # Any: as in _write_ahead
        """A connection on which the server has hung up is let go, and another one is made."""
        if connection.is_dead():
            raise DisconnectionError

    event.listen(engine, "connect", begin_transactions)
    event.listen(engine, "checkout", ask_alive)
    return engine


def insert(engine: Engine, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say ON CONFLICT; both databases spell it alike, SQLAlchemy keeps one for each."""
    if engine.dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # it imports asyncio, which takes a while

    return postgresql.insert(table)


def _write_ahead(connection: Any, _record: Any) -> None:  # Any: SQLAlchemy's event hands over whatever driver it has
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(ERASING)
