"""The tables beside the log that hold credentials, and the engine that reaches them.

Every moment is stored as whole seconds since 1970, UTC: the same integer, and the same arithmetic, on SQLite and on
PostgreSQL. A table holds digests and hashes, never a token, a password, a login name or an address.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Engine, Index, Integer, MetaData, String, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

BUSY_TIMEOUT = 2
"""Seconds that a write waits for another writer of the same SQLite file; the log's own writers wait as long."""

CLOCK_SKEW = 300
"""Seconds by which a stored moment may lie ahead of the clock before we say that the clock was set back."""

_metadata = MetaData()

passwords = Table(
    "passwords",
    _metadata,
    Column("account_id", String, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("hash", String, nullable=False),
)

sessions = Table(
    "sessions",
    _metadata,
    Column("digest", String, primary_key=True),
    Column("account_id", String, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Index("sessions_of_account", "account_id"),
)

password_links = Table(
    "password_links",
    _metadata,
    Column("account_id", String, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("digest", String, nullable=False, unique=True),
    Column("made_at", BigInteger, nullable=False),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    _metadata,
    Column("bucket", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("free_at", BigInteger, nullable=False),
)


def open_engine(url: str) -> Engine:
    """Opens the database of the event log (`sqlite:///path` or `postgresql://...`) for the tables beside it.

    Statements' parameters are digests and hashes: they are kept out of every error text, and so out of every log.
    """
    if not url.startswith("sqlite"):
        return create_engine(url, hide_parameters=True)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT})
    event.listen(engine, "connect", _write_ahead)
    return engine


def create_tables(engine: Engine) -> None:
    """Makes the tables that are not there yet; two processes may do it at once."""
    with engine.begin() as connection:
        for table in _metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))


def insert(engine: Engine, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say ON CONFLICT; both databases spell it alike, SQLAlchemy keeps one for each."""
    return sqlite.insert(table) if engine.dialect.name == "sqlite" else postgresql.insert(table)


def seconds(moment: datetime) -> int:
    """A moment as the tables store it."""
    return int(moment.timestamp())


def _write_ahead(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
