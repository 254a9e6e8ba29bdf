"""The tables beside the log: made once, whoever comes first, and spelled for both databases."""

from __future__ import annotations

import subprocess
import sys

from sqlalchemy import inspect
from sqlalchemy.pool import NullPool

from application.log.beside import open_engine

START = """
import sys
from application.credentials import Credentials
from application.log.beside import open_engine
from datetime import UTC, datetime
credentials = Credentials(open_engine(sys.argv[1]), lambda: datetime.now(UTC))
credentials.create_tables()
print(credentials.session(credentials.open_session("alice", 7)).account_id)
"""


def test_four_processes_that_start_at_once_all_find_the_tables(url: str) -> None:
    command = [sys.executable, "-W", "ignore", "-c", START, url]
    starting = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    ended = [process.communicate(timeout=60) for process in starting]
    assert [output for output, _ in ended] == ["alice\n"] * 4, ended
    engine = open_engine(url)
    assert set(inspect(engine).get_table_names()) == {"passwords", "sessions", "password_links", "sign_in_attempts"}
    engine.dispose()


def test_a_file_is_opened_with_write_ahead_logging_and_a_short_wait_for_other_writers(url: str) -> None:
    engine = open_engine(url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 2000
    assert not isinstance(engine.pool, NullPool)
    engine.dispose()
