"""The tables beside the log: credentials, uses of tokens, who was last there, repeated requests, and who is told.

Every moment is stored as whole seconds since 1970, UTC: the same integer, and the same arithmetic, on SQLite and on
PostgreSQL; a day is the installation's. A table holds digests and hashes, never a token or a password; the secret of a
second factor is the one secret here, since codes are made from it. Names and addresses stand in `sign_ins` alone, for a
stated time, and an address beside the session that it opened.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Date, Engine, Index, Integer, LargeBinary, MetaData, String, Table, inspect
from sqlalchemy.exc import DatabaseError
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
    Column("address", String),
    Column("confirmed_at", BigInteger),
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

second_factors = Table(
    "second_factors",
    _metadata,
    Column("account_id", String, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("secret", String),
    Column("waiting", String),
    Column("last_step", BigInteger, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    _metadata,
    Column("digest", String, primary_key=True),
    Column("account_id", String, nullable=False),
    Column("since", BigInteger, nullable=False),
    Index("recovery_codes_of_account", "account_id"),
)

calendar_addresses = Table(
    "calendar_addresses",
    _metadata,
    Column("account_id", String, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("digest", String, nullable=False, unique=True),
    Column("made_at", BigInteger, nullable=False),
)

account_languages = Table(
    "account_languages",
    _metadata,
    Column("account_id", String, primary_key=True),
    Column("tag", String, nullable=False),
)

sign_ins = Table(
    "sign_ins",
    _metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("outcome", String, nullable=False),
    Column("account_id", String),
    Column("name", String),
    Column("address", String, nullable=False),
    Index("sign_ins_at", "at"),
    Index("sign_ins_of_account", "account_id"),
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

last_seen = Table(
    "last_seen",
    _metadata,
    Column("account_id", String, primary_key=True),
    Column("day", Date, nullable=False),
    Index("last_seen_day", "day"),
)
"""Gone with whoever is erased, in the same transaction (application/log/mapper.py)."""

last_seen_days = Table(
    "last_seen_days",
    _metadata,
    Column("day", Date, primary_key=True),
)

idempotency_keys = Table(
    "idempotency_keys",
    _metadata,
    Column("command_id", String, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("begun_at", BigInteger, nullable=False),
    Column("answer", LargeBinary),
    Index("idempotency_keys_begun_at", "begun_at"),
)

receivers = Table(
    "receivers",
    _metadata,
    Column("receiver_id", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("types", String, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("stopped", String),
    Column("failures", Integer, nullable=False),
    Column("failing_since", BigInteger),
    Column("next_at", BigInteger, nullable=False),
    Column("delivered_at", BigInteger),
    Column("problem", String),
    Column("lease", String),
    Column("leased_at", BigInteger, nullable=False),
)
"""Webhooks, and the mail if there is any: who is told, and how far that has got."""

notices = Table(
    "notices",
    _metadata,
    Column("receiver_id", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("at", BigInteger, nullable=False),
)
"""The warnings that a receiver was told: each key once."""


def create_tables(engine: Engine) -> None:
    """Makes the tables and the later columns that are not there yet; two processes may do it at once."""
    with engine.begin() as connection:
        for table in _metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))
    for table in _metadata.sorted_tables:
        present = _columns(engine, table)
        for column in table.columns:
            if column.name not in present:
                _add_column(engine, table, column)


def _columns(engine: Engine, table: Table) -> set[str]:
    return {column["name"] for column in inspect(engine).get_columns(table.name)}


def _add_column(engine: Engine, table: Table, column: Column[Any]) -> None:  # Any: of whatever type
    kind = column.type.compile(engine.dialect)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}")
    except DatabaseError:
        if column.name not in _columns(engine, table):  # else another process was quicker
            raise


def seconds(moment: datetime) -> int:
    """A moment as the tables store it."""
    return int(moment.timestamp())
