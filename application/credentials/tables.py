"""The tables beside the log that hold credentials, and the use of API tokens.

Every moment is stored as whole seconds since 1970, UTC: the same integer, and the same arithmetic, on SQLite and on
PostgreSQL; a day is the installation's. A table holds digests and hashes, never a token, a password, a login name or an
address.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, Date, Engine, Index, Integer, MetaData, String, Table
from sqlalchemy.schema import CreateIndex, CreateTable

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


token_uses = Table(
    "token_uses",
    _metadata,
    Column("token_id", String, primary_key=True),
    Column("day", Date, nullable=False),
)

token_notices = Table(
    "token_notices",
    _metadata,
    Column("day", Date, primary_key=True),
)


def create_tables(engine: Engine) -> None:
    """Makes the tables that are not there yet; two processes may do it at once."""
    with engine.begin() as connection:
        for table in _metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))


def seconds(moment: datetime) -> int:
    """A moment as the tables store it."""
    return int(moment.timestamp())
