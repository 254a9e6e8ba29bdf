"""How the server refuses what a role may not do."""

from __future__ import annotations

import psycopg
import pytest

NOT_ALLOWED = "42501"

LOG_TABLES = ("stored_events", "merkle_leaves", "checkpoints", "log_alarms", "log_keys")


def state_of(connection: psycopg.Connection, statement: str) -> str | None:
    """The SQLSTATE with which a statement is refused."""
    with pytest.raises(psycopg.Error) as refused:
        connection.execute(statement.encode())
    return refused.value.sqlstate
