"""The tables beside the log: made once, whoever comes first, and spelled for both databases."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.pool import NullPool

from application.credentials import Credentials
from application.credentials.tables import create_tables
from application.log.beside import open_engine
from tests.database import sqlite

TABLES = {
    "passwords",
    "sessions",
    "password_links",
    "sign_in_attempts",
    "sign_ins",
    "second_factors",
    "recovery_codes",
} | {
    "token_uses",
    "token_notices",
    "idempotency_keys",
    "calendar_addresses",
    "last_seen",
    "last_seen_days",
    "receivers",
    "notices",
}

START = """
import sys
from application.credentials import Credentials
from application.credentials.tables import create_tables
from application.log.beside import open_engine
from datetime import UTC, datetime
engine = open_engine(sys.argv[1])
create_tables(engine)
credentials = Credentials(engine, lambda: datetime.now(UTC))
print(credentials.session(credentials.open_session("alice", 7)).account_id)
"""


def test_four_processes_that_start_at_once_all_find_the_tables(tmp_path: Path) -> None:
    url = sqlite(tmp_path)["database"]
    command = [sys.executable, "-W", "ignore", "-c", START, url]
    starting = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    ended = [process.communicate(timeout=60) for process in starting]
    assert [output for output, _ in ended] == ["alice\n"] * 4, ended
    engine = open_engine(url)
    assert set(inspect(engine).get_table_names()) == TABLES
    engine.dispose()


def test_a_file_is_opened_with_write_ahead_logging_and_a_short_wait_for_other_writers(tmp_path: Path) -> None:
    url = sqlite(tmp_path)["database"]
    engine = open_engine(url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 2000
    assert not isinstance(engine.pool, NullPool)
    engine.dispose()


def test_columns_that_a_later_version_added_are_added_to_the_tables_of_an_earlier_one(tmp_path: Path) -> None:
    url = sqlite(tmp_path)["database"]
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE sessions (digest VARCHAR PRIMARY KEY, account_id VARCHAR NOT NULL, since BIGINT NOT NULL, "
            "opened_at BIGINT NOT NULL, seen_at BIGINT NOT NULL)"
        )
    credentials = Credentials(engine, lambda: datetime(2026, 10, 1, tzinfo=UTC))
    for _ in range(2):
        create_tables(engine)
    credentials.open_session("alice", 7, "192.0.2.1")
    assert [session.address for session in credentials.sessions_of("alice", 7)] == ["192.0.2.1"]
    engine.dispose()
